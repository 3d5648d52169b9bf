"""`manage.py demo`: a demo hospital in an empty database."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from clinic.models import Staff
from complaints.demo.build import NotEmptyError, build_demo
from complaints.demo.crowd import add_crowd
from complaints.demo.people import PASSWORD, PEOPLE

LARGE = 1_000_000


class Command(BaseCommand):
    """Builds the demo hospital, or prints how to sign in to it."""

    help = "Fill an empty database with a believable hospital: four weeks of work and half of today."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Seed, size, and the instant that counts as now."""
        parser.add_argument("--seed", type=int, default=1, help="another seed tells another story (default 1)")
        parser.add_argument(
            "--size", choices=["small", "large"], default="small", help="large: 1,000,000 visitors to search among"
        )
        parser.add_argument("--now", metavar="TIME", help="instant to stop at, ISO 8601 (default: this moment)")
        parser.add_argument("--visitors", type=int, metavar="N", help="how many visitors --size large ends with")
        parser.add_argument("--logins", action="store_true", help="only print the logins of the demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, then print the logins."""
        if options["logins"]:
            self._print_logins()
            return
        began = time.monotonic()
        now = self._instant(options["now"])

        def say(line: str) -> None:
            self.stdout.write(f"{time.monotonic() - began:6.1f} s  {line}")

        try:
            story = build_demo(seed=options["seed"], now=now, say=say)
        except NotEmptyError:
            raise CommandError(
                "The database is not empty: the demo is only built in an empty one, so that nothing of yours is "
                "mixed with it. `make reset` empties the one of `make up`."
            ) from None
        if options["size"] == "large":
            wanted = options["visitors"] or LARGE
            add_crowd(story, number=max(wanted - len(story.visitors), 0), now=now, say=say)
        with connection.cursor() as cursor:
            cursor.execute("analyze")
        say("done")
        self._print_logins()

    @staticmethod
    def _instant(text: str | None) -> datetime:
        if text is None:
            return timezone.now()
        try:
            given = datetime.fromisoformat(text)
        except ValueError:
            raise CommandError(f"--now {text!r}: give an instant such as 2026-03-11T10:30+08:00") from None
        return given if given.tzinfo else given.replace(tzinfo=UTC)

    def _print_logins(self) -> None:
        """Print who can sign in, as a table; say so when the password has been changed since."""
        there = {one.login_name: one for one in Staff.objects.filter(login_name__in=[p.login_name for p in PEOPLE])}
        shown = [person for person in PEOPLE if person.login_name in there and not person.left]
        if not shown:
            raise CommandError("There is no demo hospital in this database. `manage.py demo` builds one.")
        self.stdout.write("")
        for person in shown:
            self.stdout.write(f"  {person.login_name:<23}{person.role.value.replace('_', ' '):<24}{person.name}")
        first = there[shown[0].login_name]
        if check_password(PASSWORD, first.password):
            self.stdout.write(f"\n  Password of everybody: {PASSWORD}")
        else:
            self.stdout.write("\n  The demo's password has been changed.")
