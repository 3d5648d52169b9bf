"""The settings of the system that ran last, for commands given by hand beside it."""

import os

from clinic.launch.paths import State


def use_last_system() -> None:
    """Take the settings of the system that ran last, unless the caller names a database."""
    file = State.chosen().environment
    if os.environ.get("DATABASE_URL") or not os.access(file, os.R_OK):
        return
    for line in file.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator:
            os.environ.setdefault(name, value)
