"""R14, S11: every mistake of a file is named by row and column, and what is no table is refused with a sentence."""

import contextlib
import io
import random
from datetime import date, datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from clinic.models import AuditEntry, Branch, Job, Staff
from clinic.problems import Refused
from clinic.roles import Role
from reception.importing.mistakes import Kind
from reception.models import (
    ImportBatch,
    ImportPiece,
    PastVisit,
    StagedRow,
    Visitor,
    VisitorKey,
)
from reception.selectors.find import find_visitors
from reception.selectors.imports import in_words, mistakes_of
from reception.services.imports import run_import
from tests.conftest import MakeClient
from tests.factories.imports import (
    HEADER,
    PLANTS,
    as_csv,
    as_xlsx,
    checked,
    imported,
    rows,
    undone,
    upload,
    with_mistakes,
)
from tests.factories.reception import ProjectFactory
from tests.reception.imports.scenes import ROWS, State, named


def test_20_000_rows_with_500_mistakes_then_corrected_imported_and_undone(
    manager: Staff, consultant: Staff, now: datetime
) -> None:
    project = ProjectFactory(name="双眼皮")
    right = rows(ROWS, owner="李敏", project=project.name)
    wrong, planted = with_mistakes(right, 500)
    assert len({kind for _row, _column, kind in planted}) >= 12

    first = checked(as_csv(wrong), manager, now)
    assert named(first) == planted
    assert (first.state, first.rows, first.mistakes_found, first.rows_wrong) == (State.CHECKED, ROWS, 500, 500)
    with pytest.raises(Refused) as refused:
        run_import(batch=first, staff=manager, now=now)
    assert refused.value.code == "import_mistakes"
    assert not Visitor.objects.exists()

    second = imported(checked(as_csv(right), manager, now), manager, now)
    assert (second.state, second.new, second.filled, second.skipped) == (State.DONE, ROWS, 0, 0)
    assert Visitor.objects.count() == ROWS
    assert Visitor.objects.filter(owner=consultant, registered_in=manager.branch).count() == ROWS
    assert PastVisit.objects.values("visitor").distinct().count() == ROWS
    someone = right[4321]
    (found,) = find_visitors(someone[0])
    assert (found.name, str(found.phone)) == (someone[1], f"+86{someone[2]}")
    assert found in find_visitors(someone[2])
    assert not StagedRow.objects.filter(batch=second).exists() and not ImportPiece.objects.filter(batch=second).exists()
    job = second.job
    assert job is not None
    assert (job.state, job.done, job.total) == (Job.State.DONE, ROWS, ROWS)

    undone(second, manager, now)
    assert second.state == State.UNDONE
    assert not Visitor.objects.exists() and not VisitorKey.objects.exists() and not PastVisit.objects.exists()


@pytest.mark.parametrize("kind", PLANTS, ids=str)
def test_each_mistake_is_named_by_row_column_and_value(
    kind: Kind, manager: Staff, consultant: Staff, now: datetime
) -> None:
    made = rows(5, owner="李敏")
    column, plant = PLANTS[kind]
    plant(made, 3)
    batch = checked(as_csv(made), manager, now)
    assert named(batch) == {(5, column, kind.value)}
    (told,) = in_words(batch, mistakes_of(batch))
    assert told.wrong and told.advice
    assert told.column == ("" if column is None else f"{'ABCDEFGHIJKL'[column]} {HEADER[column]}")


def test_several_mistakes_of_one_row_are_all_named(manager: Staff, now: datetime) -> None:
    made = rows(2)
    made[1][1], made[1][2], made[1][3] = "", "12", "x"
    batch = checked(as_csv(made), manager, now)
    assert named(batch) == {(3, 1, "name_missing"), (3, 2, "phone_length"), (3, 3, "gender_unknown")}
    assert (batch.mistakes_found, batch.rows_wrong) == (3, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str, manager: Staff, now: datetime) -> None:
    made = rows(3)
    made[0][1], made[1][1] = "曾", "O'Brien <b>"
    batch = imported(checked(as_csv(made, encoding=encoding), manager, now), manager, now)
    assert batch.new == 3
    assert {"曾", "O'Brien <b>"} <= set(Visitor.objects.values_list("name", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_wrong_byte_is_named_by_row_and_column(encoding: str, manager: Staff, now: datetime) -> None:
    made = rows(50)
    made[30][5] = "熟人推荐"
    content = as_csv(made, encoding=encoding)
    spoilt = content.replace("熟人".encode(encoding), b"\xff" + "人".encode(encoding))
    batch = checked(spoilt, manager, now)
    assert named(batch) == {(32, 5, "wrong_byte")}


def test_excel_numbers_days_and_formulas_are_read_as_they_are_meant(manager: Staff, now: datetime) -> None:
    made: list[list[object]] = [list(row) for row in rows(3)]
    made[0][2] = 13912345678
    made[0][4] = date(1990, 2, 1)
    made[1][1], made[1][6] = "=1+1", '=HYPERLINK("http://x")'
    made[2][1] = "\u202e王\u200f小美"
    batch = imported(checked(as_xlsx(made), manager, now), manager, now)
    assert batch.encoding == "xlsx"
    found = {one.file_number: one for one in Visitor.objects.all()}
    assert (str(found["HX0000000"].phone), found["HX0000000"].birth_on) == ("+8613912345678", date(1990, 2, 1))
    assert (found["HX0000001"].name, found["HX0000001"].medical_notes) == ("=1+1", '=HYPERLINK("http://x")')
    assert found["HX0000002"].name == "王小美"


def test_the_mistakes_come_out_as_excel_without_formulas(manager: Staff, client_as: MakeClient, now: datetime) -> None:
    made = rows(4)
    made[2][1], made[2][5] = "", "=cmd|' /C calc'!A0"
    batch = checked(as_csv(made), manager, now)
    answer = client_as(manager).post(reverse("reception:import_mistakes", args=[batch.pk]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    header, line = book.get_sheet_by_index(0).to_python()
    assert header[1:-1] == HEADER
    assert (line[0], line[1], line[6]) == (4, "HX0000002", "=cmd|' /C calc'!A0")
    assert "The name is missing" in str(line[-1])
    assert AuditEntry.objects.get(action="reception.export_mistakes").detail == {"rows": 1}


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0old", b"\x89PNG\r\n\x1a\n\x00\x00", b"\n\n\n"],
    ids=["empty", "broken", "xls", "picture", "blank"],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, client_as: MakeClient, branch: Branch) -> None:
    client = client_as(Role.MANAGER)
    key = "7b0e1f0a-0000-4000-8000-000000000001"
    file = SimpleUploadedFile("顾客.csv", content)
    answer = client.post(reverse("reception:imports"), {"file": file, "request_key": key})
    assert answer.status_code == 422
    assert b"field-wrong" in answer.content
    assert not ImportBatch.objects.exists()


def test_a_sheet_that_reaches_too_far_is_refused_before_it_is_opened(manager: Staff, now: datetime) -> None:
    content = io.BytesIO()
    with Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "姓名")
        sheet.write(1_000_000, 16_000, "x")
    with pytest.raises(Refused) as refused:
        upload(content.getvalue(), manager, now)
    assert refused.value.code == "file_unreadable"


@pytest.mark.parametrize("cell", ["CW2", "ZZ150000"])
def test_a_cell_far_to_the_right_is_refused_before_it_is_opened(cell: str, manager: Staff, now: datetime) -> None:
    content = io.BytesIO()
    with Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "姓名")
        sheet.write(cell, "x")
    with pytest.raises(Refused) as refused:
        upload(content.getvalue(), manager, now)
    assert "100 columns" in str(refused.value.message)


@pytest.mark.parametrize("between", [0, 3_000])
def test_a_sheet_that_is_almost_empty_is_refused_before_it_is_opened(
    between: int, manager: Staff, now: datetime
) -> None:
    content = io.BytesIO()
    with Workbook(content, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(between + 1):
            sheet.write(row, 0, "姓名")
        sheet.write(199_999, 99, "x")
    with pytest.raises(Refused, match="file_unreadable") as told:
        upload(content.getvalue(), manager, now)
    assert "far beyond what is written" in str(told.value.message)


def test_cells_that_do_not_say_where_they_stand_reach_no_further(manager: Staff, now: datetime) -> None:
    content = io.BytesIO()
    with ZipFile(io.BytesIO(as_xlsx(rows(1)))) as known, ZipFile(content, "w", ZIP_DEFLATED) as made:
        for part in known.namelist():
            inside = known.read(part)
            if part.startswith("xl/worksheets/"):
                before, after = inside.rsplit(b"</row>", 1)
                inside = before + b"<c><v>1</v></c>" * 200 + b"</row>" + after
            made.writestr(part, inside)
    with pytest.raises(Refused) as refused:
        upload(content.getvalue(), manager, now)
    assert "100 columns" in str(refused.value.message)


def test_a_spreadsheet_damaged_anywhere_is_refused_with_a_sentence(manager: Staff, now: datetime) -> None:
    whole, chance = as_xlsx(rows(3)), random.Random(7)
    for _time in range(60):
        content = bytearray(whole)
        for _byte in range(4):
            content[chance.randrange(len(content))] = chance.randrange(256)
        with contextlib.suppress(Refused), transaction.atomic():
            upload(bytes(content), manager, now)
