"""Say what is well and what is not, and what to do about it."""

import os
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.services.doctor import examine


class Command(BaseCommand):
    """For the operator; ends with status 1 when a line says fail."""

    help = "Examine the system: what is configured, reachable, migrated, running. Status 1 when something fails."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each finding, with what to do below each that is not ok."""
        styles = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fail": self.style.ERROR}
        failed = 0
        site_url, authority = os.environ.get("SITE_URL", ""), os.environ.get("SITE_AUTHORITY", "")
        for finding in examine(now=timezone.now(), site_url=site_url, authority=authority):
            failed += finding.state == "fail"
            self.stdout.write(f"{styles[finding.state](f'{finding.state:4}')}  {finding.name:10}  {finding.detail}")
            if finding.advice:
                self.stdout.write(f"{'':18}→ {finding.advice}")
        if failed:
            self.stdout.write(self.style.ERROR(f"{failed} to put right"))
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS("nothing to put right"))
