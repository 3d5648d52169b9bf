"""`manage.py rehearse`: plays a day from a file and prints what the rules decide. Needs no database and no settings."""

import argparse
import sys
from pathlib import Path
from typing import TextIO

from ..policy import PRESETS
from .lines import rehearse
from .reader import NotADay, read_day


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("day", help="the day, a YAML file; - reads it from standard input")
    parser.add_argument("--explain", choices=("en", "zh"), help="add the reasons as sentences")
    parser.add_argument("--policy", choices=tuple(PRESETS), help="play it under this policy instead of the file's")


def run(options: argparse.Namespace, out: TextIO, problems: TextIO) -> int:
    """Play the day; return 0, or 2 when the file is not valid: then every mistake is listed and nothing is played."""
    try:
        text = sys.stdin.read() if options.day == "-" else Path(options.day).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.write(f"{options.day} cannot be read: {error}\n")
        return 2
    try:
        lines = rehearse(read_day(text, policy=options.policy), language=options.explain)
    except NotADay as error:
        problems.write("".join(f"{options.day}: {mistake}\n" for mistake in error.mistakes))
        return 2
    out.write("".join(f"{line}\n" for line in lines))
    return 0


def main(given: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="manage.py rehearse", description=__doc__)
    arguments(parser)
    return run(parser.parse_args(given), sys.stdout, sys.stderr)
