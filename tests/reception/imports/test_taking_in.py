"""R14: what an import writes, and taking it back."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    ImportedRow,
    PastVisit,
    Visit,
    Visitor,
    VisitorKey,
)
from reception.selectors.find import find_visitors
from reception.selectors.imports import rows_that_keep
from reception.selectors.visitors import latest_history_id
from reception.services.imports import undo_import
from reception.services.merging import merge_visitors
from tests.conftest import MakeClient, MakeStaff
from tests.factories.imports import (
    HEADER,
    as_csv,
    checked,
    imported,
    rows,
    undone,
)
from tests.factories.reception import ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.imports.scenes import State, named


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
    page = client_as(manager).get(reverse("reception:visitor_story", args=[visitor.pk])).content.decode()
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
