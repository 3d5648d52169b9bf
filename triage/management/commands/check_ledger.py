"""Fold every ledger and compare it to its board."""

import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from triage.selectors.integrity import check_boards


class Command(BaseCommand):
    """Prints a line a board; exit status 1 when one differs."""

    help = "Fold the ledger of each board, compare it to the board, verify its chain of hashes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a day and a branch to look at, everything otherwise."""
        parser.add_argument("--day", type=date.fromisoformat, help="only this day, YYYY-MM-DD")
        parser.add_argument("--branch", default="", help="only the branch with this code")

    def handle(self, *args: Any, day: date | None, branch: str, **options: Any) -> None:
        """Check and tell."""
        boards = wrong = 0
        for finding in check_boards(day=day, branch=branch):
            boards += 1
            wrong += bool(finding.problems)
            self.stdout.write(str(finding), self.style.ERROR if finding.problems else None)
        self.stdout.write(f"{boards} boards checked, {wrong} differ")
        if wrong:
            sys.exit(1)
