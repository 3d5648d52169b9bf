"""What the register of a day says, visit by visit: as it is signed, compared, frozen and printed."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch
from clinic.words import reads_chinese
from reception.models import Visit, VisitProject

Row = dict[str, Any]

TIMES = ("arrived_at", "allocated_at", "accepted_at", "entered_at", "finished_at", "left_at")
# What a row of a sheet says, in the order people read it, with its name on screens.
FIELDS: Mapping[str, Promise] = {
    "name": _("Name"),
    "file": _("File number"),
    "arrived_at": _("Arrived"),
    "type": _("Type"),
    "purpose": _("Purpose"),
    "projects": _("Projects"),
    "note": _("Note"),
    "consultant": _("Consultant"),
    "turn": _("Turn"),
    "state": _("State"),
    "allocated_at": _("Allocated"),
    "accepted_at": _("Accepted"),
    "entered_at": _("Entered the room"),
    "finished_at": _("Finished"),
    "left_at": _("Left"),
    "void_reason": _("Why void"),
    "replaces": _("Entered again for"),
    "heard_from": _("How they heard of us"),
    "announced_by": _("Announced by"),
    "referrer": _("Brought by"),
    "other_reason": _("Not a usual visit"),
    "emergency": _("Emergency"),
    "registered_by": _("Registered by"),
}
_CHOICES: Mapping[str, Mapping[str, Promise | str]] = {
    "type": dict(Visit.VisitType.choices),
    "purpose": dict(Visit.Purpose.choices),
    "state": dict(Visit.State.choices),
    "turn": dict(Visit.Turn.choices),
    "other_reason": dict(Visit.OtherReason.choices),
}


def visits_of_sheet(branch: Branch, day: date | None = None) -> QuerySet[Visit]:
    """Return the visits of a day in the order of their numbers, with all that a row of a sheet says; or of all days.

    Two queries however many visits.
    """
    visits = Visit.objects.filter(branch=branch)
    return (
        (visits if day is None else visits.filter(day=day))
        .select_related("visitor", "consultant", "announced_by", "designated", "referrer", "registered_by", "replaces")
        .prefetch_related(Prefetch("wishes", VisitProject.objects.select_related("project")))
        .order_by("number")
    )


def rows_of(visits: Iterable[Visit]) -> list[Row]:
    """Return what the register says of visits, as plain JSON: instants in UTC, people by id and by name."""
    return [_row(visit) for visit in visits]


def hash_of(rows: Sequence[Row]) -> str:
    """Return the SHA-256 of what a sheet says."""
    text = json.dumps(rows, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _row(visit: Visit) -> Row:
    row: Row = {
        "visit": visit.pk,
        "number": visit.number,
        "visitor": visit.visitor_id,
        "name": visit.visitor.name,
        "file": visit.visitor.file_number,
        "type": visit.visit_type,
        "purpose": visit.purpose,
        "projects": [[wish.project.name, wish.project.name_en] for wish in visit.wishes.all()],
        "note": visit.note,
        "consultant": visit.consultant.display_name if visit.consultant else "",
        "consultant_id": visit.consultant_id,
        "turn": visit.turn,
        "state": visit.state,
        "void_reason": visit.void_reason,
        "replaces": visit.replaces.number if visit.replaces else None,
        "heard_from": visit.visitor.heard_from,
        "announced_by": visit.announced_by.display_name if visit.announced_by else "",
        "announced_by_id": visit.announced_by_id,
        "by_phone": bool(
            visit.announced_by_id
            or visit.referral_by == Visit.ReferralBy.PRE_REPORT
            or visit.designated_by == Visit.DesignatedBy.THIRD_PARTY
        ),
        "referrer": visit.referrer.name if visit.referrer else "",
        "other_reason": visit.other_reason,
        "emergency": visit.emergency,
        "registered_by": visit.registered_by.display_name,
    }
    for name in TIMES:
        instant: datetime | None = getattr(visit, name)
        row[name] = instant.isoformat(timespec="seconds") if instant else None
    return row


def shown(field: str, value: Any, zone: ZoneInfo) -> str:
    """Return a value of a row as people read it, in their language and by the branch's clock."""
    if value in (None, "", False, []):
        return ""
    if field in TIMES:
        return datetime.fromisoformat(value).astimezone(zone).strftime("%H:%M")
    if field in _CHOICES:
        return str(_CHOICES[field].get(value, value))
    if field == "projects":
        return _(", ").join(pair[0 if reads_chinese() else 1] for pair in value)
    if field == "replaces":
        return f"{value:03d}"
    return str(_("yes")) if value is True else str(value)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row of a sheet as people read it; `waited` is minutes from the arrival to the room (or to leaving)."""

    row: Row
    zone: ZoneInfo

    @property
    def number(self) -> str:
        """The queue number people say."""
        return f"{self.row['number']:03d}"

    @property
    def is_void(self) -> bool:
        """Whether the entry is void."""
        return bool(self.row["state"] == Visit.State.VOID)

    @property
    def says(self) -> dict[str, str]:
        """Every field in words."""
        return {field: shown(field, self.row.get(field), self.zone) for field in FIELDS}

    @property
    def waited(self) -> int | None:
        """Minutes she waited; None when she did not come into a room and has not left."""
        until = self.row["entered_at"] or (self.row["left_at"] if not self.row["entered_at"] else None)
        if until is None or self.is_void:
            return None
        waited = datetime.fromisoformat(until) - datetime.fromisoformat(self.row["arrived_at"])
        return int(waited.total_seconds() // 60)


def lines_of(rows: Iterable[Row], zone: ZoneInfo) -> list[SheetLine]:
    """Return the rows of a sheet to be shown."""
    return [SheetLine(row, zone) for row in rows]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two sheets in one entry: a field from what to what, or (no `field`) an entry that is new."""

    number: str
    name: str
    field: str
    label: str
    before: str
    after: str


def differences(before: Sequence[Row], after: Sequence[Row], zone: ZoneInfo) -> list[Difference]:
    """Return what the later of two sheets of a day says otherwise, by number. Entries never vanish (R2)."""
    known = {row["visit"]: row for row in before}
    found: list[Difference] = []
    for row in after:
        number = f"{row['number']:03d}"
        old = known.get(row["visit"])
        if old is None:
            found.append(Difference(number, row["name"], "", "", "", ""))
            continue
        found += [
            Difference(
                number,
                row["name"],
                field,
                str(label),
                shown(field, old.get(field), zone),
                shown(field, row.get(field), zone),
            )
            for field, label in FIELDS.items()
            if old.get(field) != row.get(field)
        ]
    return found
