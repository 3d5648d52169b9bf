"""Command line: ``python -m clinic.launch up | down | reset | …``; the Makefile calls it."""

import argparse
import sys

from clinic.launch import backup, checks, system
from clinic.launch.paths import ROOT, State
from clinic.launch.supervisor import Failed


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    line = argparse.ArgumentParser(prog="python -m clinic.launch", description="Run, stop, save and check the system.")
    line.add_argument("--state", help="the folder that keeps everything (default: .local, or $LAUNCH_STATE)")
    commands = line.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="run the whole system until Ctrl-C")
    start.add_argument("--lan", action="store_true", help="HTTPS for the other PCs on the network")
    start.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    commands.add_parser("down", help="stop it from another terminal")
    commands.add_parser("reset", help="delete its data").add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("logs", help="follow the logs")
    manage = commands.add_parser("manage", help="a management command with the system's settings")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    for name, words in (("backup", "write the database to a file"), ("restore", "read it back")):
        more = commands.add_parser(name, help=words)
        more.add_argument("file")
        if name == "restore":
            more.add_argument("--yes", action="store_true", help="do not ask before replacing what is there")
    for name, words in (("test", "every check and test"), ("lint", "the checks alone"), ("bench", "the benchmarks")):
        more = commands.add_parser(name, help=words)
        more.add_argument("--only", help="the names of the steps to run, comma-separated")
        more.add_argument("arguments", nargs="*", help="for pytest")
    return line


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = parser().parse_args(arguments)
    state = State.chosen(options.state)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        match options.command:
            case "up":
                return system.up(state, lan=options.lan, demo=not options.no_demo)
            case "down":
                return system.down(state)
            case "reset":
                return system.reset(state, sure=options.yes)
            case "logs":
                return system.follow(state)
            case "manage":
                return system.manage(state, options.arguments)
            case "backup":
                return backup.backup(state, options.file)
            case "restore":
                return backup.restore(state, options.file, sure=options.yes)
            case _:
                own = State.chosen(options.state) if options.state else State(ROOT / ".local" / "test")
                return checks.run(options.command, own, options.arguments, only=options.only)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
