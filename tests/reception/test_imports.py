"""R14, S11: files of visitors: every mistake named by row and column, all taken in or nothing, and taken back."""

import contextlib
import io
import random
from datetime import date, datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from clinic.models import AuditEntry, Branch, Job, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import jobs
from reception import services
from reception.importing.mistakes import Kind
from reception.models import (
    ImportBatch,
    ImportedRow,
    ImportMistake,
    ImportPiece,
    PastVisit,
    StagedRow,
    Visit,
    Visitor,
    VisitorKey,
)
from reception.selectors.find import find_visitors
from reception.selectors.imports import in_words, mistakes_of, rows_that_keep
from reception.selectors.visitors import card_history, latest_history_id
from reception.services.import_write import write_import
from reception.services.imports import discard_import, discard_outdated, match_import, run_import, undo_import
from reception.services.merging import merge_visitors
from reception.tasks import run_import_task
from tests.conftest import MakeClient, MakeStaff
from tests.factories.imports import (
    HEADER,
    PLANTS,
    USUAL,
    as_csv,
    as_xlsx,
    checked,
    checked_again,
    imported,
    rows,
    undone,
    upload,
    with_mistakes,
)
from tests.factories.reception import ProjectFactory, VisitFactory, VisitorFactory

State = ImportBatch.State
# As many as a suite can wait for; `make bench` takes 100,000.
ROWS = 20_000


@pytest.fixture
def manager(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.MANAGER, display_name="院长")


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="李敏", login_name="limin")


def named(batch: ImportBatch) -> set[tuple[int, int | None, str]]:
    return set(mistakes_of(batch).values_list("row", "column", "kind"))


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


# --- duplicates ---


def test_by_file_number_who_is_on_file_is_left_filled_in_or_clashes(
    manager: Staff, consultant: Staff, now: datetime
) -> None:
    made = rows(3, owner="李敏")
    known = VisitorFactory(name=made[0][1], phone="", file_number=made[0][0], heard_from="电梯")
    VisitorFactory(name="别人", phone="13700000000", file_number=made[1][0])
    left = checked(as_csv(made[:1] + made[2:]), manager, now)
    assert (left.new, left.filled, left.skipped, left.mistakes_found) == (1, 0, 1, 0)
    clash = checked(as_csv(made), manager, now)
    assert named(clash) == {(3, 0, "file_number_taken")}
    filled = imported(checked(as_csv(made[:1] + made[2:]), manager, now, on_duplicate="fill"), manager, now)
    assert (filled.new, filled.filled, filled.skipped) == (1, 1, 0)
    known.refresh_from_db()
    assert (str(known.phone), known.owner, known.heard_from) == ("+8613800000000", consultant, "电梯")
    assert known in find_visitors("13800000000")
    changes = {change.field: change.staff for change in card_history(known) if change.field == "phone"}
    assert changes == {"phone": "院长"}


def test_by_phone_and_name_a_family_on_one_phone_is_not_one_person(manager: Staff, now: datetime) -> None:
    made = rows(3)
    for row in made:
        row[0], row[2] = "", "13812345678"
    made[0][1], made[1][1], made[2][1] = "王小美", "王大明", "王"
    VisitorFactory(name="王 小美", phone="13812345678")
    batch = checked(as_csv(made), manager, now, identify_by="phone_name")
    assert (batch.new, batch.skipped) == (2, 1)
    assert StagedRow.objects.get(batch=batch, decision="skip").row == 2
    again = checked(as_csv(made), manager, now, identify_by="phone_name", on_duplicate="new")
    assert (again.new, again.skipped) == (3, 0)


def test_the_same_person_twice_in_the_file_is_a_mistake_unless_taken_as_new(manager: Staff, now: datetime) -> None:
    made = rows(2)
    made[0][0] = made[1][0] = ""
    made[1][1:3] = made[0][1:3]
    assert named(checked(as_csv(made), manager, now, identify_by="phone_name")) == {(3, 1, "person_twice")}
    batch = checked(as_csv(made), manager, now, identify_by="phone_name", on_duplicate="new")
    assert batch.new == 2


def test_somebody_taken_in_since_the_check_stops_the_import(manager: Staff, now: datetime) -> None:
    made = rows(2)
    batch = checked(as_csv(made), manager, now)
    VisitorFactory(name="别人", file_number=made[1][0])
    run_import(batch=batch, staff=manager, now=now)
    write_import(job_id=batch.job_id or "", now=now)
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (State.CHECKED, "changed")
    assert Visitor.objects.count() == 1
    assert batch.job is not None and Job.objects.get(pk=batch.job.pk).state == Job.State.FAILED


def test_the_same_file_twice_is_told_and_asked(manager: Staff, client_as: MakeClient, now: datetime) -> None:
    content = as_csv(rows(2))
    imported(checked(content, manager, now), manager, now)
    again = checked(content, manager, now, identify_by="phone_name", on_duplicate="fill")
    assert (again.new, again.filled) == (0, 2)
    client = client_as(manager)
    address = reverse("reception:import_run", args=[again.pk])
    answer = client.post(address)
    assert answer.status_code == 422
    assert "院长" in answer.content.decode()
    assert client.post(address, {"same_again": "on"}).status_code == 302


# --- what is written ---


def test_history_comes_as_visits_of_before_with_standing_and_last_visit(
    manager: Staff, consultant: Staff, client_as: MakeClient, now: datetime
) -> None:
    nose = ProjectFactory(name="隆鼻")
    eyes = ProjectFactory(name="双眼皮")
    header = ["姓名", "到院记录", "过敏史", "年龄"]
    entry = "2024-03-01 隆鼻 李敏；2023/5/6 双眼皮、隆鼻 走了的人"
    batch = checked(
        as_csv([["王小美", entry, "青霉素", "34"]], header=header),
        manager,
        now,
        fields=["name", "visits", "medical_notes", "medical_notes"],
    )
    imported(batch, manager, now)
    visitor = Visitor.objects.get()
    assert visitor.last_visit_on == date(2024, 3, 1)
    assert visitor.standing == "no_deal"
    assert visitor.consulted_by == [consultant.pk]
    assert visitor.medical_notes == "过敏史: 青霉素\n年龄: 34"
    assert visitor.registered_at.date() == date(2023, 5, 6)
    assert not Visit.objects.exists()
    told = list(PastVisit.objects.values_list("day", "project_ids", "consultant", "consultant_name"))
    assert told == [
        (date(2024, 3, 1), [nose.pk], consultant.pk, "李敏"),
        (date(2023, 5, 6), [eyes.pk, nose.pk], None, "走了的人"),
    ]
    page = client_as(manager).get(reverse("reception:visitor_past", args=[visitor.pk])).content.decode()
    assert "走了的人" in page and "双眼皮、隆鼻" in page


def test_somebody_without_a_number_gets_a_new_one_and_is_found_by_it(manager: Staff, now: datetime) -> None:
    made = rows(1)
    made[0][0] = ""
    imported(checked(as_csv(made), manager, now), manager, now)
    visitor = Visitor.objects.get()
    assert visitor.file_number == f"F{visitor.pk:06d}"
    assert find_visitors(visitor.file_number) == [visitor]
    assert {(key.kind, key.key) for key in visitor.keys.filter(kind="file")} == {
        ("file", visitor.file_number.lower()),
        ("file", str(visitor.pk)),
    }


def test_an_imported_visitor_has_the_keys_of_one_registered_at_the_desk(manager: Staff, now: datetime) -> None:
    made = rows(1)
    made[0][1], made[0][2] = "单于 小美", "0755-8612 3456"
    imported(checked(as_csv(made), manager, now), manager, now)
    visitor = Visitor.objects.get()
    before = set(visitor.keys.values_list("kind", "key"))
    VisitorKey.objects.filter(visitor=visitor).delete()
    services.change_visitor(visitor=visitor, staff=manager, now=now, name="别人")
    services.change_visitor(visitor=visitor, staff=manager, now=now, name=made[0][1])
    assert before == set(visitor.keys.values_list("kind", "key"))


def test_the_history_of_a_card_says_that_it_was_imported_and_by_whom(manager: Staff, now: datetime) -> None:
    batch = imported(checked(as_csv(rows(1)), manager, now), manager, now)
    (event,) = Visitor.objects.get().events.select_related("pgh_context")  # type: ignore[attr-defined]
    assert event.pgh_label == "insert"
    assert event.pgh_context.metadata == {"staff": manager.pk, "at": now.isoformat(), "import": batch.pk}
    detail = AuditEntry.objects.get(action="reception.run_import").detail
    assert detail == {"file": "老系统.csv", "new": 1, "filled": 0, "skipped": 0}


def test_an_owner_is_looked_for_at_the_branch_first_and_namesakes_there_are_told_apart_by_login_name(
    manager: Staff, consultant: Staff, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    staff_with(Role.CONSULTANT, display_name="李敏", branch=other_branch)
    imported(checked(as_csv(rows(1, owner="李 敏")), manager, now), manager, now)
    assert Visitor.objects.get().owner == consultant
    staff_with(Role.CONSULTANT, display_name="李敏")
    assert named(checked(as_csv(rows(1, owner="李敏")), manager, now)) == {(2, 7, "owner_ambiguous")}
    assert checked(as_csv(rows(1, owner="limin")), manager, now).mistakes_found == 0


# --- undo ---


def test_an_import_is_kept_by_a_visit_and_by_a_change_and_says_which_rows(
    manager: Staff, client_as: MakeClient, now: datetime
) -> None:
    batch = imported(checked(as_csv(rows(4)), manager, now), manager, now)
    people = [row.visitor for row in ImportedRow.objects.order_by("row").select_related("visitor")]
    VisitFactory(visitor=people[1])
    services.change_visitor(visitor=people[3], staff=manager, now=now, vip=True)
    undone(batch, manager, now)
    assert (batch.state, batch.problem) == (State.DONE, "kept")
    kept, number = rows_that_keep(batch)
    assert ([one.row for one in kept], number) == ([3, 5], 2)
    assert Visitor.objects.count() == 4
    page = client_as(manager).get(reverse("reception:import", args=[batch.pk])).content.decode()
    assert people[1].name in page and people[3].name in page


@pytest.mark.parametrize("number", [1, 30])
def test_what_keeps_an_import_is_two_queries_more_and_read_only_where_it_is_shown(
    number: int,
    manager: Staff,
    client_as: MakeClient,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    batch = imported(checked(as_csv(rows(number)), manager, now), manager, now)
    for row in ImportedRow.objects.select_related("visitor"):
        VisitFactory(visitor=row.visitor)
    client, address = client_as(manager), reverse("reception:import", args=[batch.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as done:
        client.get(address)
    assert not any("reception_importedrow" in one["sql"] for one in done)
    undone(batch, manager, now)
    with django_assert_num_queries(len(done) + 2):
        page = client.get(address)
    assert (page.context["kept"], len(page.context["keep"])) == (number, min(number, 20))
    undo_import(batch=batch, staff=manager, now=now)
    for name in ("reception:import", "reception:import_state"):
        with CaptureQueriesContext(connection) as working:
            assert client.get(reverse(name, args=[batch.pk])).status_code == 200
        assert not any("reception_importedrow" in one["sql"] for one in working)


def test_what_was_filled_in_is_taken_back_and_nothing_else(manager: Staff, consultant: Staff, now: datetime) -> None:
    made = rows(1, owner="李敏")
    known = VisitorFactory(name=made[0][1], phone="", file_number=made[0][0], heard_from="电梯")
    before = Visitor.objects.values().get(pk=known.pk)
    keys = set(known.keys.values_list("kind", "key"))
    batch = imported(checked(as_csv(made), manager, now, on_duplicate="fill"), manager, now)
    assert Visitor.objects.values().get(pk=known.pk) != before
    undone(batch, manager, now)
    assert batch.state == State.UNDONE
    assert Visitor.objects.values().get(pk=known.pk) == before
    assert set(known.keys.values_list("kind", "key")) == keys


@pytest.mark.parametrize("same_phone", [True, False])
def test_what_was_filled_in_is_taken_back_without_the_keys_of_a_record_merged_into_hers(
    same_phone: bool, manager: Staff, now: datetime
) -> None:
    made = rows(1)
    known = VisitorFactory(name=made[0][1], phone="", file_number=made[0][0], heard_from="电梯")
    other = VisitorFactory(phone=made[0][HEADER.index("手机")] if same_phone else "13900139001")
    seen = {one.pk: latest_history_id(one) for one in (known, other)}
    merge_visitors(survivor=known, other=other, keep={}, seen=seen, staff=manager, now=now)
    keys = set(known.keys.values_list("kind", "key", "merged"))
    batch = imported(checked(as_csv(made), manager, now, on_duplicate="fill"), manager, now)
    known.refresh_from_db()
    assert known.phone
    undone(batch, manager, now)
    assert batch.state == State.UNDONE
    assert set(known.keys.values_list("kind", "key", "merged")) == keys


def test_an_import_on_which_another_one_built_is_kept(manager: Staff, now: datetime) -> None:
    made = rows(1)
    first = imported(checked(as_csv(made), manager, now), manager, now)
    made[0][5] = made[0][5] or "抖音"
    later = checked(as_csv([*made, *rows(2)[1:]]), manager, now, on_duplicate="fill")
    imported(later, manager, now)
    undone(first, manager, now)
    assert (first.state, first.problem) == (State.DONE, "kept")
    undone(later, manager, now)
    assert later.state == State.UNDONE
    undone(first, manager, now)
    assert first.state == State.UNDONE
    assert not Visitor.objects.exists()


def test_an_undo_in_between_makes_the_other_file_be_checked_again(manager: Staff, now: datetime) -> None:
    first = imported(checked(as_csv(rows(1)), manager, now), manager, now)
    other = checked(as_csv(rows(2)), manager, now)
    assert other.skipped == 1
    undone(first, manager, now)
    imported(other, manager, now)
    assert (other.state, other.problem) == (State.CHECKED, "changed")


# --- steps ---


def test_the_matching_is_guessed_remembered_and_said_otherwise(
    manager: Staff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(manager)
    first = upload(as_csv(rows(1)), manager, now)
    form = client.get(reverse("reception:import", args=[first.pk])).context["form"]
    assert tuple(form[f"column_{place}"].value() for place in range(len(HEADER))) == USUAL
    fields = ["", *USUAL[1:5], "", *USUAL[6:]]
    said = {f"column_{place}": field for place, field in enumerate(fields)}
    said |= {"identify_by": "phone_name", "on_duplicate": "fill"}
    assert client.post(reverse("reception:import", args=[first.pk]), said).status_code == 302
    # The columns in another order are the same columns.
    again = upload(as_csv([row[::-1] for row in rows(1)], header=HEADER[::-1]), manager, now)
    form = client.get(reverse("reception:import", args=[again.pk])).context["form"]
    assert [form[f"column_{place}"].value() for place in range(len(HEADER))] == fields[::-1]


def test_a_wrong_matching_comes_back_as_it_was_sent(manager: Staff, client_as: MakeClient, now: datetime) -> None:
    batch = upload(as_csv(rows(1)), manager, now)
    said = {"column_0": "phone", "column_2": "phone", "identify_by": "phone_name", "on_duplicate": "skip"}
    answer = client_as(manager).post(reverse("reception:import", args=[batch.pk]), said)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"column_2", "__all__"}
    assert answer.context["form"]["column_0"].value() == "phone"


def test_a_file_sent_twice_is_one_upload(client_as: MakeClient, branch: Branch) -> None:
    client = client_as(Role.MANAGER)
    said = {"request_key": "7b0e1f0a-0000-4000-8000-000000000001"}
    addresses = {
        client.post(reverse("reception:imports"), said | {"file": SimpleUploadedFile("a.csv", as_csv(rows(1)))}).url  # type: ignore[attr-defined]
        for _ in range(2)
    }
    assert len(addresses) == 1
    assert ImportBatch.objects.count() == 1


def test_another_file_under_a_used_key_is_told_and_can_be_sent_then(client_as: MakeClient, branch: Branch) -> None:
    client, address = client_as(Role.MANAGER), reverse("reception:imports")

    def send(name: str, count: int, key: str) -> HttpResponse:
        said = {"request_key": key, "file": SimpleUploadedFile(name, as_csv(rows(count)))}
        return client.post(address, said)  # type: ignore[return-value]

    key = "7b0e1f0a-0000-4000-8000-000000000001"
    assert send("a.csv", 1, key).status_code == 302
    for name, count in (("a.csv", 2), ("b.csv", 1)):
        answer = send(name, count, key)
        assert answer.status_code == 409
        assert "already uploaded “a.csv”" in answer.content.decode()
    assert ImportBatch.objects.get().file_name == "a.csv"
    assert send("b.csv", 1, str(answer.context["form"]["request_key"].value())).status_code == 302  # type: ignore[attr-defined]
    assert ImportBatch.objects.count() == 2


def test_what_is_done_cannot_be_done_again(manager: Staff, now: datetime) -> None:
    batch = imported(checked(as_csv(rows(1)), manager, now), manager, now)
    with pytest.raises(Stale) as stale:
        run_import(batch=batch, staff=manager, now=now)
    assert stale.value.code == "import_state"
    with pytest.raises(Stale):
        discard_import(batch=batch, staff=manager, now=now)
    with pytest.raises(Stale):
        match_import(batch=batch, fields=USUAL, identify_by="file_number", on_duplicate="skip", staff=manager, now=now)
    undone(batch, manager, now)
    with pytest.raises(Stale):
        undo_import(batch=batch, staff=manager, now=now)


def test_a_job_told_to_stop_leaves_the_file_checked_and_nothing_written(manager: Staff, now: datetime) -> None:
    batch = checked(as_csv(rows(2)), manager, now)
    run_import(batch=batch, staff=manager, now=now)
    assert batch.job is not None
    jobs.cancel(job=batch.job, staff=manager, now=now)
    run_import_task(job_id=str(batch.job_id))
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (State.CHECKED, "stopped")
    assert not Visitor.objects.exists()
    imported(batch, manager, now)
    assert Visitor.objects.count() == 2


def test_a_task_delivered_twice_imports_once(manager: Staff, now: datetime) -> None:
    batch = imported(checked(as_csv(rows(2)), manager, now), manager, now)
    run_import_task(job_id=str(batch.job_id))
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (State.DONE, "")
    assert Visitor.objects.count() == 2


def test_files_nobody_takes_in_are_thrown_away_after_a_week(manager: Staff, now: datetime) -> None:
    old = upload(as_csv(rows(1)), manager, now)
    ImportBatch.objects.filter(pk=old.pk).update(uploaded_at=now.replace(day=now.day - 8))
    fresh = upload(as_csv(rows(2)), manager, now)
    assert discard_outdated(now=now) == 1
    old.refresh_from_db()
    assert old.state == State.DISCARDED
    assert set(ImportPiece.objects.values_list("batch", flat=True)) == {fresh.pk}


def test_checked_once_more_the_earlier_mistakes_are_gone(manager: Staff, now: datetime) -> None:
    made = rows(2)
    made[0][3] = "甲"
    batch = checked(as_csv(made), manager, now)
    assert ImportMistake.objects.filter(batch=batch).count() == 1
    fields = [field if field != "gender" else "" for field in USUAL]
    checked_again(batch, manager, now, fields=fields, identify_by="file_number", on_duplicate="skip")
    assert (batch.mistakes_found, batch.new) == (0, 2)


# --- pages ---


@pytest.mark.parametrize("number", [1, 50])
def test_the_pages_ask_as_much_for_fifty_rows_as_for_one(
    number: int,
    manager: Staff,
    client_as: MakeClient,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = rows(number)
    right = checked(as_csv(made), manager, now)
    for row in made:
        row[3] = "甲"
    wrong = checked(as_csv(made), manager, now)
    client = client_as(manager)
    client.get(reverse("reception:imports"))
    with django_assert_num_queries(6):
        client.get(reverse("reception:import", args=[right.pk]))
    with django_assert_num_queries(7):
        client.get(reverse("reception:import", args=[wrong.pk]))
    with django_assert_num_queries(4):
        client.get(reverse("reception:imports"))


def test_another_branch_does_not_see_an_import(
    manager: Staff, client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    batch = upload(as_csv(rows(1)), manager, now)
    client = client_as(staff_with(Role.MANAGER, branch=other_branch))
    assert client.get(reverse("reception:import", args=[batch.pk])).status_code == 404
    assert client.post(reverse("reception:import_run", args=[batch.pk])).status_code == 404
