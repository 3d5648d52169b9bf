"""The secrets of one system: made once, kept in a file only its owner reads."""

import json
import os
import secrets
from pathlib import Path

NAMES = {
    "SECRET_KEY": 64,
    "SUPERUSER_PASSWORD": 32,
    "OWNER_PASSWORD": 32,
    "APP_PASSWORD": 32,
    "VALKEY_PASSWORD": 32,
}


def write_private(path: Path, text: str) -> None:
    """Write a file whole, mode 600 from its first byte."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(path)


def secrets_of(path: Path) -> dict[str, str]:
    """Return the secrets in the file, adding those it lacks."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: secrets.token_urlsafe(size) for name, size in NAMES.items() if name not in known}
    if missing:
        known |= missing
        write_private(path, json.dumps(known, indent=1) + "\n")
    return known
