"""What an amendment changes of an entry: void, other times, another visitor (R2, R4)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from clinic.models import Branch, Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from reception import services
from reception.models import (
    Amendment,
    DayClose,
    Party,
    Visit,
)
from reception.selectors.amendments import changes_of
from reception.selectors.days import day_state
from tests.conftest import MakeClient, MakeStaff
from tests.factories.appointments import book
from tests.factories.reception import ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.days.scenes import BEFORE, EVENING, YESTERDAY, approve, decided, finished, propose, refused

pytestmark = pytest.mark.usefixtures("now")


def test_a_wrong_entry_of_a_closed_day_is_made_void_by_amendment(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit = finished()
    closed()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION), note=None, make_void=True, reason="重复登记")
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    assert consulting.head is not None
    approve(amendment, services.HEAD, consulting.head)
    visit.refresh_from_db()
    assert (visit.state, visit.void_reason) == ("void", "重复登记")


def test_times_of_a_closed_day_are_amended(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    visit, author = finished(staff_with(Role.CONSULTANT)), staff_with(Role.RECEPTION)
    closed()
    right = {
        "arrived_at": BEFORE - timedelta(minutes=20),
        "entered_at": BEFORE,
        "finished_at": BEFORE + timedelta(hours=1),
    }
    for wrong in (
        {"arrived_at": BEFORE + timedelta(minutes=6)},
        {"arrived_at": BEFORE - timedelta(days=1)},
        {"finished_at": BEFORE - timedelta(minutes=1)},
        {"finished_at": EVENING + timedelta(minutes=1)},
        {"left_at": BEFORE + timedelta(hours=1)},
    ):
        with pytest.raises(Refused, match="times"), transaction.atomic():
            propose(visit, consulting, author, note=None, times=wrong)
    amendment = propose(visit, consulting, author, note=None, times=right)
    assert [(change.before, change.after) for change in changes_of(amendment)] == [
        ("10:30", "10:10"),
        ("10:35", "10:30"),
        ("10:36", "11:30"),
    ]
    half = Amendment.objects.filter(pk=amendment.pk)
    half.update(supervisor=people[Party.DESK], supervisor_at=EVENING)
    rows = Visit.objects.filter(pk=visit.pk)
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        rows.update(**right)
    with transaction.atomic():
        half.update(head=consulting.head, head_at=EVENING)
        with connection.cursor() as cursor:
            cursor.execute("set local time zone 'Asia/Shanghai'")
        changes: tuple[dict[str, Any], ...] = (
            {"arrived_at": right["finished_at"]},
            {"entered_at": None},
            {"left_at": right["finished_at"]},
            {"allocated_at": right["finished_at"]},
        )
        for change in changes:
            with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
                rows.update(**change)
        assert rows.update(**right) == 1, "the same instant, however a session writes it"
        transaction.set_rollback(True)
    assert consulting.head is not None
    done = approve(half.get(), services.HEAD, consulting.head)
    visit.refresh_from_db()
    assert {name: getattr(visit, name) for name in right} == right
    assert done.sheet is not None and done.sheet.rows[0]["arrived_at"] == "2026-03-10T02:10:00+00:00"
    assert day_state(branch, YESTERDAY, author).is_closed


def test_for_another_visitor_an_entry_becomes_void_and_is_entered_again_in_one_amendment(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    nose, consultant, author = ProjectFactory(), staff_with(Role.CONSULTANT), staff_with(Role.RECEPTION)
    visit, right = finished(consultant, projects=[nose]), VisitorFactory(name="欧阳小雪")
    wrong = visit.visitor
    closed()
    finished(note="迟")
    done = decided(propose(visit, consulting, author, visitor=right, note="本人", reason="登错人"), people, consulting)
    visit.refresh_from_db()
    assert (visit.visitor, visit.state, visit.void_reason, visit.note) == (wrong, "void", "登错人", "")
    entry = Visit.objects.get(replaces=visit)
    assert done.entered == entry
    assert (entry.visitor, entry.number, entry.state, entry.consultant) == (right, 3, "finished", consultant)
    assert (entry.note, entry.arrived_at, list(entry.projects.all())) == ("本人", visit.arrived_at, [nose])
    right.refresh_from_db()
    assert right.last_visit_on == YESTERDAY
    state = day_state(branch, YESTERDAY, author)
    assert [(row["number"], row["state"]) for row in state.rows] == [(1, "void"), (2, "left"), (3, "finished")]
    assert [one.number for one in state.late_visits] == [2], "what two have approved needs no other signature"
    for change in ({"note": "x"}, {"visitor": wrong}, {"state": "left"}):
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            Visit.objects.filter(pk=entry.pk).update(**change)
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        entry.wishes.all().delete()
    refused("replaced", lambda: propose(visit, consulting, author, visitor=VisitorFactory()))
    assert closed().last_number == 3
    again = decided(propose(entry, consulting, author, note="又改"), people, consulting)
    assert again.sheet is not None and [row["note"] for row in again.sheet.rows] == ["", "迟", "又改"]
    assert day_state(branch, YESTERDAY, author).is_closed


def test_the_appointment_goes_along_to_the_new_entry_and_what_stays_is_told(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
    client_as: MakeClient,
) -> None:
    wrong, right = VisitorFactory(name="曾小美", standing="paid"), VisitorFactory(name="欧阳小雪")
    booked = book(branch, visitor=wrong, day=YESTERDAY, at="10:30", now=BEFORE)
    visit, author = VisitFactory(visitor=wrong, appointment=booked, now=BEFORE), staff_with(Role.RECEPTION)
    services.ask_for_file(visit=visit, staff=author, now=BEFORE)
    services.record_progress(visit=visit, state="left", now=BEFORE)
    closed()
    done = decided(propose(visit, consulting, author, visitor=right, note=None), people, consulting)
    booked.refresh_from_db()
    assert (booked.visit, booked.visitor, booked.state) == (done.entered, right, "arrived")
    assert booked.entries.latest("pk").text == f"Entered again as {done.entered}"
    page = client_as(author).get(reverse("reception:amendment", args=[done.pk])).content.decode()
    assert "stays with the void entry" in page
    assert "Its file is “Asked for”" in page


def test_times_in_one_minute_are_in_no_order(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, author = finished(staff_with(Role.CONSULTANT)), staff_with(Role.RECEPTION)
    Visit.objects.filter(pk=visit.pk).update(
        arrived_at=BEFORE + timedelta(seconds=40),
        entered_at=BEFORE + timedelta(minutes=5, seconds=20),
        finished_at=BEFORE + timedelta(minutes=6, seconds=50),
    )
    closed()
    times = {"entered_at": BEFORE, "finished_at": BEFORE}
    decided(propose(visit, consulting, author, note=None, times=times), people, consulting)
    visit.refresh_from_db()
    assert visit.arrived_at == visit.entered_at == visit.finished_at == BEFORE + timedelta(seconds=40)
    with pytest.raises(Refused, match="times"), transaction.atomic():
        propose(visit, consulting, author, note=None, times={"entered_at": BEFORE - timedelta(minutes=1)})


def test_the_database_takes_as_entered_again_only_what_was_approved(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, right = finished(), VisitorFactory()
    closing = closed()
    other = finished()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION), visitor=right, note=None)
    half = Amendment.objects.filter(pk=amendment.pk)
    half.update(supervisor=people[Party.DESK], supervisor_at=EVENING)
    applied = {"closing": closing, "sheet": closing.sheet, "applied_at": EVENING}
    with transaction.atomic():
        half.update(head=consulting.head, head_at=EVENING)
        with pytest.raises(IntegrityError, match="what was approved"), transaction.atomic():
            half.update(entered=other, **applied)
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            Visit.objects.filter(pk=visit.pk).update(visitor=right)
        transaction.set_rollback(True)
