"""Rows of text out of an uploaded file: .xlsx, or CSV in UTF-8, GB18030 or Excel's UTF-16. Pure.

A byte that is wrong in the file's encoding stays in its cell as a lone surrogate: so it is named by row and column.
"""

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

MOST_BYTES = 40 * 1024 * 1024
# What an .xlsx may unpack to, and how far its cells may reach: a few bytes can promise a sheet of gigabytes.
MOST_UNPACKED = 400 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 200_000
MOST_COLUMNS = 100
# A sheet may be so large whatever is in it, and beyond that so many times as large as what is written in it.
ANY_AREA = 500_000
MOST_AREA_A_CELL = 50

_PIECE = 1024 * 1024
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,4})([0-9]{1,8})["']""")
# What some programs write: a cell without its place stands behind the one before it.
_UNPLACED = re.compile(rb"""<(?:\w+:)?c(?=[\s/>])(?![^>]*\br\s*=)""")
_ROW = re.compile(rb"""<row\b[^>]*?\br\s*=\s*["']([0-9]{1,8})["']""")


class Unreadable(ValueError):
    """The file cannot be read; `message` is a translated sentence that says what to do."""

    def __init__(self, message: Promise | str) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and its rows below, each with its number as a spreadsheet shows it (the header is row 1).

    `expected` is about how many rows there are, for a progress bar.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]
    encoding: str
    expected: int


def read_table(file: IO[bytes]) -> Table:
    """Return the first sheet of an .xlsx, or a CSV, with its rows still to be read. Raises Unreadable."""
    start = file.read(8)
    file.seek(0)
    if not start:
        raise Unreadable(_("The file is empty. Export it again from the old system."))
    if start.startswith(b"PK"):
        return _sheet(file)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("This is an old or a locked Excel file. Open it and save it as .xlsx without a password."))
    return _text(file.read())


def _sheet(file: IO[bytes]) -> Table:
    _measure(file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = (book.get_sheet_by_name(name) for name in visible)
        sheet = next((one for one in sheets if one.height), None)
    except CalamineError as error:
        raise Unreadable(_("This Excel file is damaged or locked. Open it and save it again as .xlsx.")) from error
    if sheet is None or sheet.start is None:
        raise Unreadable(_("The file has no rows. Export it again from the old system."))
    rows = ([_written(cell) for cell in row] for row in sheet.iter_rows())
    # Empty rows above the header count: rows are named as Excel numbers them.
    return _table(enumerate(rows, start=sheet.start[0] + 1), "xlsx", sheet.height)


def _measure(file: IO[bytes]) -> None:
    """Raise Unreadable for a file that unpacks to more than it may, or is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unreadable(_("This Excel file is too large when unpacked. Save the visitors' sheet alone."))
            for part in parts:
                sheet = part.filename.startswith("xl/worksheets/")
                kept, extent = b"", _Extent()
                with archive.open(part) as content:
                    while piece := content.read(_PIECE):
                        if sheet:
                            _reach(kept + piece, extent)
                            kept = piece[-40:]
                if extent.area > max(ANY_AREA, extent.cells * MOST_AREA_A_CELL):
                    raise Unreadable(
                        _(
                            "The sheet reaches far beyond what is written in it. Delete the empty rows and columns,"
                            " and save it again."
                        )
                    )
    except Unreadable:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Unreadable(_("This Excel file is damaged or locked. Open it and save it again as .xlsx.")) from error
    finally:
        file.seek(0)


@dataclass(slots=True)
class _Extent:
    """How far a sheet reaches and how many cells are written in it."""

    rows: int = 0
    columns: int = 0
    cells: int = 0

    @property
    def area(self) -> int:
        return self.rows * self.columns


def _reach(xml: bytes, extent: _Extent) -> None:
    # The reader sets aside room for every cell up to the last one, whether there is something in it or not.
    places = _CELL.findall(xml)
    unplaced = [len(_UNPLACED.findall(row)) for row in xml.split(b"<row")]
    columns = [_column_number(column) for column in {column for column, _row in places}]
    rows = [int(row) for row in {row for _column, row in places} | set(_ROW.findall(xml))]
    extent.rows = max(extent.rows, *rows, 0)
    extent.columns = max(extent.columns, *columns, *unplaced)
    extent.cells += len(places) + sum(unplaced)
    if extent.rows > MOST_ROWS + 1000 or extent.columns > MOST_COLUMNS:
        raise Unreadable(_too_far())


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _too_far() -> str:
    return _("A sheet may have %(rows)d rows and %(columns)d columns. Split the file, or delete what lies far out.") % {
        "rows": MOST_ROWS,
        "columns": MOST_COLUMNS,
    }


def _written(cell: object) -> str:
    """Return a cell as a person would have written it: whole numbers without a dot, days as YYYY-MM-DD."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date | time | timedelta):
        return cell.isoformat() if not isinstance(cell, timedelta) else str(cell)
    return str(cell)


def _text(raw: bytes) -> Table:
    start = raw[:4096]
    controls = sum(one < 32 and one not in b"\t\r\n" for one in start)
    if controls * 20 > len(start) and raw[:2] not in _UTF_16:
        raise Unreadable(_("This is not a table. Save the visitors as .xlsx or as CSV."))
    text, encoding = _decoded(raw)
    csv.field_size_limit(MOST_BYTES)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return _table(enumerate(reader, start=1), encoding, text.count("\n"))


def _decoded(raw: bytes) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8, unless that does not fit and GB18030 does.

    A file whose first line is Chinese in UTF-8 is UTF-8 with wrong bytes, even where GB18030 would read them as
    other characters.
    """
    if raw[:2] in _UTF_16:
        return raw.decode("utf-16", "replace"), "UTF-16"
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    first = raw.split(b"\n", 1)[0]
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        in_utf8 = not first.decode("utf-8").isascii()
    except UnicodeDecodeError:
        in_utf8 = False
    if in_utf8:
        return raw.decode("utf-8", "surrogateescape"), "UTF-8"
    try:
        return raw.decode("gb18030"), "GB18030"
    except UnicodeDecodeError:
        return raw.decode("gb18030", "surrogateescape"), "GB18030"


def _table(rows: Iterator[tuple[int, list[str]]], encoding: str, expected: int) -> Table:
    """Take the first row that says anything for the header. Raises Unreadable without one, or without rows below."""
    for _number, cells in rows:
        header = ["".join(one for one in cell if unicodedata.category(one) != "Cf").strip() for cell in cells]
        while header and not header[-1]:
            header.pop()
        if header:
            break
    else:
        raise Unreadable(_("The file has no rows. Export it again from the old system."))
    if len(header) > MOST_COLUMNS:
        raise Unreadable(_too_far())
    if any(not (character.isprintable() or character.isspace()) for cell in header for character in cell):
        raise Unreadable(_("The first row cannot be read as column names. Save the file as .xlsx or as CSV in UTF-8."))
    return Table(header, rows, encoding, expected)


def is_empty(cells: list[str]) -> bool:
    """Say whether a row says nothing: it is left out, and no mistake."""
    return not any(cell.strip() for cell in cells)


def shown(text: str, most: int = 200) -> str:
    """Return a value as it can be stored and shown: wrong bytes as �, control characters as their pictures."""
    seen = text[:most].encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text[:most]
    return "".join(chr(0x2400 + ord(one)) if ord(one) < 0x20 else "␡" if one == "\x7f" else one for one in seen)
