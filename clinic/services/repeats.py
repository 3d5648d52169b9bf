"""A form that is sent twice: the same is done once, another one that carries the same key is noticed."""

import hashlib
import json
from collections.abc import Iterable

from django.db.models import Model


def content_of(**said: object) -> str:
    """Return the SHA-256 of what a request said. Rows count by their numbers, everything else as it is written."""
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Model):
        return value.pk
    return list(value) if isinstance(value, Iterable) else str(value)
