"""The register of a day as rows of a spreadsheet."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.models import Branch
from clinic.selectors.personal_data import DIRECTIONS
from clinic.templatetags.desk import masked_phone
from reception.models import Visit, Visitor
from reception.selectors.sheets import FIELDS, Row, lines_of

_COLUMNS = (
    "arrived_at", "name", "file", "type", "purpose", "projects", "consultant", "turn", "state", "allocated_at",
    "accepted_at", "entered_at", "finished_at", "left_at", "note", "void_reason", "replaces", "heard_from",
    "announced_by", "referrer", "other_reason", "registered_by",
)  # fmt: skip


def spreadsheet_head() -> list[str]:
    """Return the words over the columns."""
    names = [str(FIELDS[column]) for column in _COLUMNS]
    return [_("No."), *names, _("Minutes waited"), _("Phone")]


def spreadsheet_rows(
    *, rows: Sequence[Row], branch: Branch, whole_phones: bool
) -> Iterator[list[str | int | datetime | None]]:
    """Return the cells of each entry; times as they stand on the branch's clock, phones masked unless wanted whole."""
    zone = ZoneInfo(branch.time_zone)
    phones: dict[int, Any] = dict(
        Visitor.objects.filter(pk__in={row["visitor"] for row in rows}).values_list("pk", "phone")
    )
    for line in lines_of(rows, zone):
        says = line.says
        cells: list[str | int | datetime | None] = [line.row["number"]]
        for column in _COLUMNS:
            cells.append(
                _instant(line.row[column], zone) if column.endswith("_at") else DIRECTIONS.sub("", says[column])
            )
        phone = phones.get(line.row["visitor"])
        cells.append(line.waited)
        cells.append(phone.as_international if whole_phones and phone else masked_phone(phone))
        yield cells


def _instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None) if text else None


def registered(rows: Sequence[Row]) -> dict[str, int]:
    """Return the figures under a sheet: all entries, void ones, first visits, those who left unseen."""
    states = [row["state"] for row in rows]
    return {
        "all": len(rows),
        "void": states.count(Visit.State.VOID),
        "first": sum(row["type"] == Visit.VisitType.FIRST and row["state"] != Visit.State.VOID for row in rows),
        "left": states.count(Visit.State.LEFT),
    }
