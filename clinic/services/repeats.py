"""A form that is sent twice: the same is done once, another one that carries the same key is noticed."""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from clinic.problems import Stale
from clinic.services.turns import one_at_a_time

_Row = TypeVar("_Row", bound=Model)


def content_of(**said: object) -> str:
    """Return the SHA-256 of what a request said. Rows count by their numbers, everything else as it is written."""
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def made_under(rows: QuerySet[_Row], request_key: UUID) -> _Row | None:
    """Return the row a request made, None when it made none; of two that carry the same key, the second waits here."""
    one_at_a_time(f"{rows.model._meta.label_lower} {request_key}")
    return rows.filter(request_key=request_key).first()


def made_before(
    rows: QuerySet[_Row], request_key: UUID | None, content: str, *, used_for: Callable[[_Row], str]
) -> _Row | None:
    """Return the row this very request made already; None when it is the first, or carries no key.

    `content` is `content_of` what it says now. Raises Stale `request_used`, with the sentence `used_for` says of the
    row and its number in `detail["made"]`, when the key was used for something else.
    """
    made = made_under(rows, request_key) if request_key is not None else None
    # A row of before contents were kept has none: it is taken for the same.
    if made is not None and made.request_content not in ("", content):  # type: ignore[attr-defined]
        raise Stale(used_for(made), code="request_used", detail={"made": made.pk})
    return made


def _plain(value: object) -> object:
    if isinstance(value, Model):
        return value.pk
    return list(value) if isinstance(value, Iterable) else str(value)
