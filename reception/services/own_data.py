"""A visitor's own data leave the system as one document: gathered, recorded, then written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from xlsxwriter import Workbook

from clinic.models import Staff
from clinic.problems import Refused
from clinic.selectors.personal_data import Section, Wanted, hash_of_sections, plain, sections_of
from clinic.services import audit
from reception.models import Visitor
from reception.selectors.merging import records_of

# What Excel does not take in the name of a sheet, and how long one may be.
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_SHEET_NAME = 31
_WIDE = 60


class AskedHow(models.TextChoices):
    """How a visitor asked for the copy of her data."""

    IN_PERSON = "in_person", gettext_lazy("By herself, in person")
    IN_WRITING = "in_writing", gettext_lazy("By herself, in writing")
    AUTHORISED = "authorised", gettext_lazy("By her guardian or somebody she authorised, in writing")


@dataclass(frozen=True, slots=True)
class OwnData:
    """The copy of what is kept about a visitor. `number` is that of the audit entry, `hash` that of what is told."""

    visitor: Visitor
    sections: list[Section]
    number: int
    hash: str
    made_at: datetime
    made_by: Staff
    asked_how: str


@transaction.atomic
def hand_out_own_data(
    *, visitor: Visitor, how: str, why: str, kind: str, whole_numbers: bool = False, staff: Staff, now: datetime
) -> OwnData:
    """Return everything kept about a visitor in all rooms, after recording who takes it, what for, and its hash.

    Raises Refused `why` without a purpose, `how` when nobody says how she asked.
    """
    if not why.strip():
        raise Refused(_("Say what the export is for: it is recorded."), code="why")
    if how not in AskedHow.values:
        raise Refused(_("Say how the copy was asked for."), code="how")
    records = tuple(records_of(visitor).order_by("pk").values_list("pk", flat=True))
    sections = sections_of(Wanted(records, staff.branch.zone, whole_numbers))
    digest = hash_of_sections(sections)
    entry = audit.record(
        action="reception.export_own_data",
        now=now,
        staff=staff,
        target=visitor,
        detail={
            "how": how,
            "why": why.strip(),
            "kind": kind,
            "whole_numbers": whole_numbers,
            "records": len(records),
            "lines": sum(len(one.rows) for one in sections),
            "sha256": digest,
        },
    )
    return OwnData(visitor, sections, entry.pk, digest, now, staff, str(AskedHow(how).label))


def own_data_workbook(copy: OwnData) -> BytesIO:
    """Return the copy as an Excel workbook, a sheet for each kind of data; all cells are text and never a formula."""
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        cell = book.add_format({"text_wrap": True, "valign": "top"})
        branch = copy.made_by.branch
        front = [
            (_("Name"), plain(copy.visitor.name)),
            (_("File number"), copy.visitor.file_number),
            (_("Hospital"), str(branch)),
            (pgettext("copy of data", "Made"), f"{copy.made_at.astimezone(branch.zone):%Y-%m-%d %H:%M} {copy.made_by}"),
            (pgettext("copy of data", "Asked for"), copy.asked_how),
            (_("Record No."), str(copy.number)),
            (_("SHA-256 of what is told"), copy.hash),
        ]
        contents = [(one.title, str(len(one.rows))) for one in copy.sections]
        sheets: list[tuple[str, tuple[str, ...], Iterable[tuple[str, ...]]]] = [
            (_("Copy of personal data"), (_("What"), pgettext("copy of data", "As it stands")), [*front, *contents]),
            *((one.title, one.head, one.rows) for one in copy.sections),
        ]
        for number, (title, names, rows) in enumerate(sheets):
            sheet = book.add_worksheet(f"{number} {_NO_SHEET_NAME.sub(' ', title)}"[:_SHEET_NAME].strip())
            widths = [len(name) * 2 for name in names]
            for column, name in enumerate(names):
                sheet.write_string(0, column, name, head)
            for place, row in enumerate(rows, start=1):
                for column, text in enumerate(row):
                    sheet.write_string(place, column, text, cell)
                    widths[column] = max(widths[column], min(len(text) * 2, _WIDE))
            for column, width in enumerate(widths):
                sheet.set_column(column, column, max(width, 8))
            sheet.freeze_panes(1, 0)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.repeat_rows(0)
            sheet.fit_to_pages(1, 0)
            sheet.set_footer(f"&L{copy.visitor.file_number} {copy.hash[:16]}&R&P / &N")
    file.seek(0)
    return file
