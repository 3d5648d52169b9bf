"""What is kept about one visitor, gathered from every room: each adds its sections by `settings.PERSONAL_DATA`."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.templatetags.desk import masked_phone

# What turns the direction of writing around, and with it what a reader believes to see.
DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose data is wanted: the records of one visitor; by which clock, and whether numbers are shown whole."""

    records: tuple[int, ...]
    zone: ZoneInfo
    whole_numbers: bool = False

    def time(self, at: datetime | None) -> str:
        """Return an instant as the clock of the branch shows it, nothing for none."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" if at is not None else ""

    def phone(self, phone: object) -> str:
        """Return a phone number, masked unless numbers are wanted whole."""
        if not phone:
            return ""
        return str(getattr(phone, "as_international", phone)) if self.whole_numbers else masked_phone(phone)


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of data as a table of words. `tells_of`: the tables it is read from."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    tells_of: tuple[type[Model], ...]


Gather: TypeAlias = Callable[[Wanted], list[Section]]


def sections_of(wanted: Wanted) -> list[Section]:
    """Return everything kept about a visitor, room by room; kinds of which there is nothing too.

    A constant number of queries, however much there is.
    """
    found: list[Section] = []
    for name in settings.PERSONAL_DATA:
        gather: Gather = import_string(name)
        found += [
            Section(one.title, one.head, [tuple(map(plain, row)) for row in one.rows], one.tells_of)
            for one in gather(wanted)
        ]
    return found


def hash_of_sections(sections: Iterable[Section]) -> str:
    """Return the SHA-256 of what sections say."""
    said = [[one.title, one.head, one.rows] for one in sections]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def day_words(day: date | None) -> str:
    """Return a day as it is written everywhere in the copy, nothing for none."""
    return day.isoformat() if day is not None else ""


def yes_or_no(value: bool) -> str:
    """Return a yes or a no in the reader's language."""
    return _("yes") if value else _("no")


def together(*parts: object) -> str:
    """Return what there is of some parts, one after the other."""
    return pgettext("between parts", "; ").join(str(part) for part in parts if part)


def plain(text: str) -> str:
    """Return a text without the characters that turn the direction of writing around."""
    return DIRECTIONS.sub("", text)
