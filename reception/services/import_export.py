"""The rows of a file that have mistakes, as a spreadsheet to correct them in."""

import io
from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from clinic.models import Staff
from clinic.problems import Refused
from clinic.services import audit
from reception.importing.reading import Unreadable, read_table, shown
from reception.models import ImportBatch
from reception.selectors.imports import in_words, mistakes_of, open_file


@transaction.atomic
def mistakes_as_excel(*, batch: ImportBatch, staff: Staff, now: datetime) -> bytes:
    """Return an .xlsx of the rows with mistakes, as they stand in the file, each with what is wrong behind it.

    Everything is written as text: what begins with = stays what it is. Raises Refused `no_mistakes` when there are none
    or the file is gone.
    """
    told: dict[int, list[str]] = defaultdict(list)
    for one in in_words(batch, mistakes_of(batch)):
        told[one.row].append(f"{one.column}: {one.wrong}. {one.advice}" if one.column else f"{one.wrong}. {one.advice}")
    if not told or not batch.pieces.exists():
        raise Refused(_("There is no mistake to be taken out."), code="no_mistakes")
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with Workbook(content, options) as book, open_file(batch) as file:
        sheet = book.add_worksheet()
        table = read_table(file)
        sheet.write_row(0, 0, [_("Row"), *batch.header, _("Mistakes")])
        line = 0
        try:
            for number, cells in table.rows:
                if number not in told:
                    continue
                line += 1
                width = len(batch.header)
                values = [shown(cell, 2000) for cell in cells[:width]] + [""] * (width - len(cells))
                sheet.write_number(line, 0, number)
                for place, value in enumerate([*values, "\n".join(told[number])], start=1):
                    sheet.write_string(line, place, value)
        except Unreadable as error:
            raise Refused(error.message, code="file_unreadable") from error
    audit.record(
        action="reception.export_mistakes",
        now=now,
        staff=staff,
        branch=batch.branch,
        target=batch,
        detail={"rows": line},
    )
    return content.getvalue()
