"""Play a day through the rules in memory."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from triage.engine.rehearsal import command


class Command(BaseCommand):
    """`manage.py rehearse DAY.yaml`: prints the decisions of a day as JSON lines."""

    help = "Plays a day of arrivals through the rules, in memory, and prints the decisions as JSON lines."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the command takes."""
        command.arguments(parser)

    def handle(self, **options: Any) -> None:
        """Play the day; end with status 2 when the file is not valid."""
        status = command.run(argparse.Namespace(**options), self.stdout, self.stderr)  # type: ignore[arg-type]
        if status:
            raise SystemExit(status)
