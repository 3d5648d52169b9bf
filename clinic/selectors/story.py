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
from django.db.models import (
    BigIntegerField,
    DateTimeField,
    F,
    Func,
    Model,
    Q,
    QuerySet,
    TextChoices,
    TextField,
    TimeField,
    Value,
)
from django.db.models.expressions import Expression
from django.db.models.functions import Cast
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
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[2].isdecimal()) or len(text) > 80:
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
_NEWEST = ("-told_at", "-told_by", "-told_key")
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


def _places(
    asked: Asked, found: Iterable[Source], before: Place | None, down_to: Place | None, limit: int
) -> list[Place]:
    parts = []
    for source in found:
        rows = source.rows(asked)
        if before is not None:
            rows = rows.filter(_older(source.name, before))
        if down_to is not None:
            rows = rows.exclude(_older(source.name, down_to))
        rows = rows.annotate(told_by=Value(source.name, TextField()), told_key=Cast("pk", BigIntegerField()))
        parts.append(rows.order_by(*_NEWEST).values_list("told_at", "told_by", "told_key")[:limit])
    if not parts:
        return []
    whole = parts[0].union(*parts[1:], all=True).order_by(*_NEWEST)[:limit] if len(parts) > 1 else parts[0]
    return [Place(*row) for row in whole]


def _older(source: str, place: Place) -> Q:
    if source < place.source:
        return Q(told_at__lte=place.at)
    earlier = Q(told_at__lt=place.at)
    return earlier | Q(told_at=place.at, pk__lt=place.pk) if source == place.source else earlier


def matters_of(asked: Asked) -> list[Matter]:
    """Return what matters now, the gravest first, room by room. A constant number of queries."""
    found = [matter for name in settings.MATTERS for matter in _gathered(name, asked)]
    return sorted(found, key=lambda matter: _TONES.index(matter.tone))


def _gathered(name: str, asked: Asked) -> list[Matter]:
    gather: Gather = import_string(name)
    return gather(asked)
