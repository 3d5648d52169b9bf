#!/usr/bin/env python
"""Command line of the front desk system."""

import os
import sys


def main() -> None:
    """Run one management command, on the system `make up` started unless DATABASE_URL names another."""
    from clinic.launch.environment import use_last_system

    use_last_system()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
