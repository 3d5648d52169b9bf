"""Begin a real hospital in an empty database: its first branch and manager. The rest is done on the screens."""

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.services.places import open_branch
from clinic.services.staff import create_staff


class Command(BaseCommand):
    """Asks for the manager's password, or takes it from MANAGER_PASSWORD."""

    help = "Create the first branch with departments, projects and opening hours, and a manager who can sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the names of the branch and of the manager."""
        parser.add_argument("--name", required=True, help="Chinese name of the branch")
        parser.add_argument("--name-en", required=True, help="English name of the branch")
        parser.add_argument("--code", default="main", help="short code of the branch")
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument("--manager", required=True, help="login name of the first manager")
        parser.add_argument("--manager-name", default="", help="how colleagues call her; else the login name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create both or nothing."""
        now, login_name = timezone.now(), options["manager"]
        password = os.environ.get("MANAGER_PASSWORD") or getpass(f"Password of {login_name}: ")
        branch = Branch(
            code=options["code"],
            name=options["name"],
            name_en=options["name_en"],
            time_zone=options["time_zone"],
        )
        manager = Staff(login_name=login_name, display_name=options["manager_name"] or login_name)
        try:
            branch.clean_fields()
            manager.clean_fields(exclude=["password", "branch", "active_from"])
            validate_password(password, manager)
            with transaction.atomic():
                opened = open_branch(
                    code=branch.code, name=branch.name, name_en=branch.name_en, time_zone=branch.time_zone, now=now
                )
                create_staff(
                    login_name=login_name,
                    display_name=manager.display_name,
                    branch=opened,
                    roles=[Role.MANAGER],
                    password=password,
                    active_from=opened.today(now),
                    now=now,
                )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except Refused as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(f"{opened} is open. Sign in as {login_name} and add the staff.")
