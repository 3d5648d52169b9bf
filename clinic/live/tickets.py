"""Tickets: a page proves to the stream process which topics it may hear. Signed, short-lived, no database."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

SALT = "clinic.live"
SECONDS_TO_CONNECT = 60
SECONDS_TO_RENEW = 24 * 3600


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose page it is, what it listens to, and when (milliseconds of Unix time) it was issued."""

    staff_id: int
    topics: tuple[str, ...]
    issued_ms: int


def issue(*, staff_id: int, topics: Iterable[str]) -> str:
    """Return a signed ticket for these topics; the stream process takes it for SECONDS_TO_CONNECT."""
    return signing.dumps([staff_id, int(time.time() * 1000), *sorted(set(topics))], salt=SALT, compress=True)


def read(text: str, *, max_age: int = SECONDS_TO_CONNECT) -> Ticket:
    """Return the ticket; raise `signing.BadSignature` when it was forged or is older than `max_age` seconds."""
    staff_id, issued_ms, *topics = signing.loads(text, salt=SALT, max_age=max_age)
    return Ticket(staff_id=staff_id, topics=tuple(topics), issued_ms=issued_ms)
