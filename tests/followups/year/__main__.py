"""Run the whole year on a database of its own: `.venv/bin/python -m tests.followups.year` (see README.md)."""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import replace

from clinic.launch.checks import servers_for_tests
from clinic.launch.paths import ROOT, State

INSIDE = "YEAR_INSIDE"


def main() -> int:
    """Start the servers of the tests, or inside them let the year pass; return the exit status."""
    line = argparse.ArgumentParser(prog="python -m tests.followups.year", description=__doc__)
    line.add_argument("--days", type=int, default=366)
    line.add_argument("--a-day", type=int, default=60, help="treatments a day")
    line.add_argument("--seed", type=int, default=7)
    asked = line.parse_args()
    if os.environ.get(INSIDE):
        return live(asked)
    with servers_for_tests(State.chosen()) as settings:
        command = [sys.executable, "-m", "tests.followups.year", *sys.argv[1:]]
        environment = {**os.environ, **settings, INSIDE: "1"}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def live(asked: argparse.Namespace) -> int:
    """Let the year pass in a database that is made for it and dropped afterwards."""
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    from tests.followups.year.simulation import Size, Year

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        began = time.monotonic()
        size = replace(Size(), days=asked.days, a_day=asked.a_day, seed=asked.seed)
        found = Year(size, say=lambda text: print(f"[{time.monotonic() - began:5.0f} s] {text}", flush=True)).run()
        print("\n".join(["", *found.lines(), f"{time.monotonic() - began:.0f} seconds"]), flush=True)
    finally:
        teardown_databases(databases, verbosity=0)
    return 1 if found.unaccounted else 0


if __name__ == "__main__":
    sys.exit(main())
