"""A visitor's story in time order, gathered from every room: each adds its sources by `settings.STORY`.

All rooms are asked in one statement what is next, newest first; only what stands on the page is then read by its room.
What matters now is gathered the same way, by `settings.MATTERS`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    DateTimeField,
    F,
    Func,
    Model,
    QuerySet,
    TextChoices,
    TimeField,
    Value,
)
from django.db.models.expressions import Expression
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff

PAGE = 50
# A page that has been open all day and is drawn anew shows no more than this at once.
MOST = 250
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(TextChoices):
    """What a story can be narrowed to."""

    VISIT = "visit", _("Visits")
    CONSULTATION = "consultation", _("Consultations")
    DEAL = "deal", _("Deals")
    TREATMENT = "treatment", _("Treatments")
    CALL = "call", pgettext_lazy("kind of story", "Calls")
    COMPLAINT = "complaint", _("Complaints")
    APPOINTMENT = "appointment", _("Appointments")
    CONSENT = "consent", pgettext_lazy("kind of story", "Consents and forms")
    HAND_OVER = "hand_over", pgettext_lazy("kind of story", "Owner")
    CARD = "card", _("Card")
    MESSAGE = "message", _("Messages")


ICONS: dict[str, str] = {
    Kind.VISIT: "door-open",
    Kind.CONSULTATION: "person-badge",
    Kind.DEAL: "currency-yen",
    Kind.TREATMENT: "clipboard-pulse",
    Kind.CALL: "telephone",
    Kind.COMPLAINT: "chat-square-text",
    Kind.APPOINTMENT: "calendar3",
    Kind.CONSENT: "shield-check",
    Kind.HAND_OVER: "arrow-left-right",
    Kind.CARD: "card-checklist",
    Kind.MESSAGE: "send",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the order of a story: its instant, then its source, then its key."""

    at: datetime
    source: str
    pk: int

    @property
    def text(self) -> str:
        """Return the place as an address can carry it."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.source}.{self.pk}"


def place_in(text: str) -> Place | None:
    """Return the place a text names, None for anything else."""
    parts = text.split(".")
    if (
        len(parts) != 3
        or not (parts[0].isdecimal() and parts[1].isidentifier() and parts[2].isdecimal())
        or len(text) > 80
    ):
        return None
    try:
        return Place(_EPOCH + timedelta(microseconds=int(parts[0])), parts[1], min(int(parts[2]), 2**62))
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for whose story: the reader, the visitor's records (her own first), by which clock, on which day."""

    staff: Staff
    records: tuple[int, ...]
    zone: ZoneInfo
    now: datetime
    kind: str = ""
    answered: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def once(self, question: str, ask: Callable[[], bool]) -> bool:
        """Return the answer to what several sources want to know of this reader and visitor; it is asked once."""
        if question not in self.answered:
            self.answered[question] = ask()
        return self.answered[question]

    @property
    def visitor_id(self) -> int:
        """Return the visitor's own record."""
        return self.records[0]

    def end_of(self, day: str) -> Expression:
        """Return the last instant of the date in column `day`, by the branch's clock."""
        return self.at_time(day, Value(time.max, TimeField()))

    def at_time(self, day: str, at: str | Value) -> Expression:
        """Return the instant of a date and a time of the branch's clock, each a column."""
        local = Func(F(day), at, template="(%(expressions)s)", arg_joiner=" + ", output_field=DateTimeField())
        return Func(Value(self.zone.key), local, function="timezone", output_field=DateTimeField())


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, in words. `state` is a name the state tag knows; `dim`: it was taken back."""

    pk: int
    title: str
    lines: tuple[str, ...] = ()
    url: str = ""
    state: str = ""
    state_word: str = ""
    day_only: bool = False
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One table's part of the story.

    `rows`: what the reader may see of the visitor's, each row with its instant as `told_at`; `draw`: some of them, by
    key, in words; `tells_of`: the tables they are read from.
    """

    name: str
    kind: Kind
    tells_of: tuple[type[Model], ...]
    rows: Callable[[Asked], QuerySet[Any]]
    draw: Callable[[Asked, Sequence[int]], Iterable[Entry]]
    may: Callable[[Staff], bool] = lambda staff: True


@dataclass(frozen=True, slots=True)
class Told:
    """An entry at its place."""

    place: Place
    kind: Kind
    entry: Entry

    @property
    def at(self) -> datetime:
        """Return its instant."""
        return self.place.at

    @property
    def icon(self) -> str:
        """Return the picture of its kind."""
        return ICONS[self.kind]

    @property
    def key(self) -> str:
        """Return what names it on the page."""
        return f"story-{self.place.source}-{self.place.pk}"


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a story, newest first. `older`: where it goes on, empty at its end; `last`: where this part ends."""

    entries: list[Told] = field(default_factory=list)
    older: str = ""

    @property
    def last(self) -> str:
        """Return the place of the oldest entry."""
        return self.entries[-1].place.text if self.entries else ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What matters about a visitor now. `tone` is one of those of the states."""

    tone: str
    icon: str
    title: str
    text: str = ""
    url: str = ""


Gather: TypeAlias = Callable[[Asked], list[Matter]]
_TONES = ("late", "waiting", "in-room", "free", "off")


def sources() -> Iterator[Source]:
    """Return the sources of all rooms."""
    for name in settings.STORY:
        yield from import_string(name)


def kinds_for(staff: Staff) -> list[Kind]:
    """Return what somebody's story can have in it, in the order of the chips."""
    found = {source.kind for source in sources() if source.may(staff)}
    return [kind for kind in Kind if kind in found]


def story_of(asked: Asked, *, before: Place | None = None, down_to: Place | None = None, fresh: bool = False) -> Page:
    """Return the newest entries, at most PAGE; older than `before`, or down to a place (it too) and then at most MOST.

    `fresh`: the page is drawn anew, MOST at most. One statement for the order, and those of each source on the page.
    """
    limit = MOST if down_to is not None or fresh else PAGE
    asked_of = {
        source.name: source for source in sources() if source.may(asked.staff) and asked.kind in ("", source.kind.value)
    }
    places = _places(asked, asked_of.values(), before, down_to, limit + 1)
    shown = places[:limit]
    wanted: dict[str, list[int]] = {}
    for place in shown:
        wanted.setdefault(place.source, []).append(place.pk)
    drawn = {(name, entry.pk): entry for name, pks in wanted.items() for entry in asked_of[name].draw(asked, pks)}
    told = [
        Told(place, asked_of[place.source].kind, drawn[place.source, place.pk])
        for place in shown
        if (place.source, place.pk) in drawn
    ]
    return Page(told, shown[-1].text if len(places) > limit else "")


# Only text of the ORM and of this module is put in; whatever comes from outside is a parameter.
_PART = """(
    select told_at, %s::text collate "C" as told_by, told_key::bigint as told_key
    from ({rows}) as rows (told_at, told_key) {where} order by told_at desc, told_key desc limit {limit}
)"""
_WHOLE = "select * from ({parts}) as told order by told_at desc, told_by desc, told_key desc limit {limit}"


def _places(
    asked: Asked, found: Iterable[Source], before: Place | None, down_to: Place | None, limit: int
) -> list[Place]:
    """Return the newest places of these sources, in one statement.

    Each room says by the ORM which rows it has; only what holds them together is written here, because to have the ORM
    resolve and clone twenty of them for an order they share took most of the time.
    """
    parts: list[str] = []
    given: list[Any] = []
    bound, place = ("<", before) if before is not None else (">=", down_to)
    for source in found:
        try:
            sql, params = source.rows(asked).order_by().values_list("told_at", "pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        given += [source.name, *params]
        where = ""
        if place is not None:
            where = f'where (told_at, %s::text collate "C", told_key) {bound} (%s, %s, %s)'
            given += [source.name, place.at, place.source, place.pk]
        parts.append(_PART.format(rows=sql, where=where, limit=limit))
    if not parts:
        return []
    whole = _WHOLE.format(parts=" union all ".join(parts), limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(whole, given)
        return [Place(*row) for row in cursor.fetchall()]


def matters_of(asked: Asked) -> list[Matter]:
    """Return what matters now, the gravest first, room by room. A constant number of queries."""
    found = [matter for name in settings.MATTERS for matter in _gathered(name, asked)]
    return sorted(found, key=lambda matter: _TONES.index(matter.tone))


def _gathered(name: str, asked: Asked) -> list[Matter]:
    gather: Gather = import_string(name)
    return gather(asked)
