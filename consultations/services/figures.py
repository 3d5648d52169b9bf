"""The figures leave the system as a spreadsheet: recorded with who and what for, then written."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from clinic.models import Staff
from clinic.problems import Refused
from clinic.services import audit
from consultations.selectors.figure_cells import HEAD, numbers_of
from consultations.selectors.figures import Period, Person


@transaction.atomic
def export_figures(*, period: Period, people: Sequence[Person], why: str, staff: Staff, now: datetime) -> BytesIO:
    """Return the figures of some days as an Excel file, after recording who takes it and what for.

    Amounts are yuan, rates per cent, waits minutes. Raises Refused `why` without a purpose.
    """
    if not why.strip():
        raise Refused(_("Say what the export is for: it is recorded."), code="why")
    audit.record(
        action="consultations.export_figures",
        now=now,
        staff=staff,
        branch=period.branch,
        detail={
            "first_day": period.first.isoformat(),
            "last_day": period.last.isoformat(),
            "why": why.strip(),
            "rows": len(people),
        },
    )
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, options) as book:
        sheet = book.add_worksheet(f"{period.first:%Y-%m-%d}")
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "#,##0.##"})
        sheet.write_row(0, 0, [_("Team"), _("Consultant"), *map(str, HEAD)], bold)
        for place, person in enumerate(people, start=1):
            if person.team:
                sheet.write_number(place, 0, person.team)
            sheet.write_string(place, 1, person.name)
            for column, value in enumerate(numbers_of(person.figures), start=2):
                if value is not None:
                    sheet.write_number(place, column, float(Decimal(value)), plain)
        sheet.freeze_panes(1, 2)
        sheet.set_column(1, 1, 16)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{period.branch.name.replace('&', '&&')} {period.first} – {period.last}&R&P / &N")
    file.seek(0)
    return file
