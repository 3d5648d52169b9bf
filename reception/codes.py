"""The codes on slips and cards, as a scanner types them: `FD1:V<visit>-<signature>` and `FD1:<file number>`.

A visit's code is signed, so that nobody makes one up; a card's is not, for what it says stands on it in print. The
letters are those a QR code packs closest.
"""

import base64
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from reception.keys import card_in

PREFIX = "FD1:"


@dataclass(frozen=True, slots=True)
class VisitCode:
    """The slip of a visit."""

    visit: int


@dataclass(frozen=True, slots=True)
class FileCode:
    """The card of a visitor."""

    file_number: str


def visit_code(visit_id: int) -> str:
    """Return the code on the slip of a visit."""
    return f"{PREFIX}V{visit_id}-{_signature(visit_id)}"


def file_code(file_number: str) -> str:
    """Return the code on the card of a visitor."""
    return f"{PREFIX}{file_number}"


def read_code(text: str) -> VisitCode | FileCode | None:
    """Return what a scanned text names; None when it is none of our codes, or a visit's whose signature is wrong.

    A keyboard set to Chinese types some of the signs in full width; that does not matter, nor do small letters in a
    visit's code.
    """
    rest = card_in(text)
    if rest is None:
        return None
    number, dash, signature = rest[1:].upper().partition("-")
    if rest[:1] in ("V", "v") and dash and number.isdecimal() and number.isascii() and len(number) <= 18:
        genuine = constant_time_compare(signature, _signature(int(number)))
        return VisitCode(int(number)) if genuine else None
    return FileCode(rest) if 0 < len(rest) <= 20 and rest.isprintable() else None


def _signature(visit_id: int) -> str:
    return base64.b32encode(salted_hmac("reception.codes", str(visit_id), algorithm="sha256").digest()[:5]).decode()
