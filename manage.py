#!/usr/bin/env python
"""Command line of the front desk system."""

import os
import sys


def main() -> None:
    """Run one management command, on the system `make up` started unless DATABASE_URL names another."""
    if sys.argv[1:2] == ["rehearse"]:
        # Needs no database, so it must not need one to be configured.
        from triage.engine.rehearsal.command import main as rehearse

        sys.exit(rehearse(sys.argv[2:]))
    from clinic.launch.environment import use_last_system

    use_last_system()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
