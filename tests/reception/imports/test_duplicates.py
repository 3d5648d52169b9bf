"""R14: who is on file already, twice in the file, or taken in meanwhile."""

from datetime import datetime

from django.urls import reverse

from clinic.models import Job, Staff
from reception.models import (
    StagedRow,
    Visitor,
)
from reception.selectors.find import find_visitors
from reception.selectors.visitors import card_history
from reception.services.import_write import write_import
from reception.services.imports import run_import
from tests.conftest import MakeClient
from tests.factories.imports import (
    as_csv,
    checked,
    imported,
    rows,
)
from tests.factories.reception import VisitorFactory
from tests.reception.imports.scenes import State, named


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
