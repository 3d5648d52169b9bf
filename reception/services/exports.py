"""The register leaves the system as a spreadsheet: recorded with who and what for, then written."""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.services import audit
from reception.selectors.exports import spreadsheet_head, spreadsheet_rows
from reception.selectors.sheets import Row

WIDTHS = {0: 6, 2: 14, 6: 26, 15: 22}


@transaction.atomic
def export_register(
    *,
    branch: Branch,
    day: date,
    rows: Sequence[Row],
    why: str,
    whole_phones: bool = False,
    staff: Staff,
    now: datetime,
) -> BytesIO:
    """Return the entries of a day as an Excel file, after recording who takes it, what for, and whether with phones.

    What visitors and clerks typed is text in it and never a formula. Raises Refused `why` without a purpose.
    """
    if not why.strip():
        raise Refused(_("Say what the export is for: it is recorded."), code="why")
    audit.record(
        action="reception.export_register",
        now=now,
        staff=staff,
        branch=branch,
        detail={"day": day.isoformat(), "why": why.strip(), "entries": len(rows), "whole_phones": whole_phones},
    )
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, options) as book:
        sheet = book.add_worksheet(day.isoformat())
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        clock = book.add_format({"num_format": "hh:mm"})
        sheet.write_row(0, 0, spreadsheet_head(), head)
        for place, cells in enumerate(spreadsheet_rows(rows=rows, branch=branch, whole_phones=whole_phones), start=1):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell, clock)
                elif isinstance(cell, int):
                    sheet.write_number(place, column, cell)
                elif cell:
                    sheet.write_string(place, column, cell)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(spreadsheet_head()) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        for column, width in WIDTHS.items():
            sheet.set_column(column, column, width)
        sheet.set_footer(f"&L{branch.name.replace('&', '&&')} {day.isoformat()}&R&P / &N")
    file.seek(0)
    return file
