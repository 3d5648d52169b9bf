"""The shift roster: who writes whose line, what is kept, what the boards make of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, BranchDay, Department, OutboxEvent, Shift, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services.roster import Written, copy_last_week, write_roster
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeClient, MakeStaff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
# The Monday after the Wednesday of the fixture, and its own.
MONDAY, THIS = date(2026, 3, 16), date(2026, 3, 9)
NOTHING = ("",) * 7
WEEK = ("early", "early", "late", "whole", "duty", "off", "leave")


def department(branch: Branch, kind: str) -> Department:
    return Department.objects.get(branch=branch, kind=kind)


def week_of(person: Staff, monday: date = MONDAY) -> tuple[str, ...]:
    said = dict(Shift.objects.filter(staff=person).values_list("day", "kind"))
    return tuple(said.get(monday + timedelta(days=number), "") for number in range(7))


def write(
    by: Staff, person: Staff, *, now: datetime, monday: date = MONDAY, was: Any = NOTHING, wanted: Any = WEEK
) -> int:
    return write_roster(monday=monday, lines={person.pk: Written(was, wanted)}, staff=by, now=now)


def test_a_week_is_written_changed_and_emptied(staff_with: MakeStaff, now: datetime) -> None:
    manager, nurse = staff_with(Role.MANAGER), staff_with(Role.NURSE)
    assert write(manager, nurse, now=now) == 7
    assert week_of(nurse) == WEEK
    other = ("late", *WEEK[1:5], "", "leave")
    assert write(manager, nurse, now=now, was=WEEK, wanted=other) == 2
    assert week_of(nurse) == other
    assert write(manager, nurse, now=now, was=other, wanted=other) == 0
    detail = AuditEntry.objects.filter(action="clinic.write_roster").latest("pk").detail
    assert detail == {"first_day": "2026-03-16", "members": [nurse.pk], "rows": 2}
    assert OutboxEvent.objects.filter(topics__contains=[f"roster-{nurse.branch_id}"]).count() == 2


@pytest.mark.parametrize(
    ("writer", "person", "kind", "may"),
    [
        (Role.MANAGER, Role.LABORATORY, None, True),
        (Role.CONSULTING_SUPERVISOR, Role.CONSULTANT, None, True),
        (Role.CONSULTING_SUPERVISOR, Role.RECEPTION, None, False),
        (Role.DESK_SUPERVISOR, Role.RECEPTION, None, True),
        (Role.DESK_SUPERVISOR, Role.ASSISTANT, None, True),
        (Role.DESK_SUPERVISOR, Role.CONSULTANT, None, False),
        (Role.SERVICE_SUPERVISOR, Role.CUSTOMER_SERVICE, None, True),
        (Role.SERVICE_SUPERVISOR, Role.PHONE_AGENT, None, True),
        (Role.SERVICE_SUPERVISOR, Role.NURSE, None, False),
        (Role.DOCTOR, Role.NURSE, "surgery", True),
        (Role.DOCTOR, Role.NURSE, "laser", False),
        (Role.CONSULTANT, Role.CONSULTANT, None, False),
        (Role.AUDITOR, Role.CONSULTANT, None, False),
    ],
)
def test_who_writes_whose_line(
    branch: Branch, staff_with: MakeStaff, now: datetime, writer: Role, person: Role, kind: str | None, may: bool
) -> None:
    by = staff_with(writer)
    surgery = department(branch, "surgery")
    surgery.head = by if writer is Role.DOCTOR else None
    surgery.save()
    one = staff_with(person, department=department(branch, kind) if kind else None)
    if may:
        assert write(by, one, now=now) == 7
    else:
        with pytest.raises(Refused, match="not_yours"):
            write(by, one, now=now)
        assert week_of(one) == NOTHING


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"monday": THIS}, "day_over"),
        ({"monday": date(2026, 3, 17)}, "too_far"),
        ({"monday": date(2029, 3, 12)}, "too_far"),
        ({"wanted": ("night", *NOTHING[1:])}, "kind_unknown"),
        ({"leaves": date(2026, 3, 18)}, "not_here"),
        ({"of": "another branch"}, "not_yours"),
    ],
)
def test_what_cannot_be_written(
    staff_with: MakeStaff, other_branch: Branch, now: datetime, said: dict[str, Any], code: str
) -> None:
    elsewhere = {"branch": other_branch} if said.pop("of", "") else {}
    one = staff_with(Role.NURSE, active_until=said.pop("leaves", None), **elsewhere)
    with pytest.raises(Refused, match=code):
        write(staff_with(Role.MANAGER), one, now=now, **said)
    assert not Shift.objects.exists()


def test_days_of_this_week_that_are_over_stay(staff_with: MakeStaff, now: datetime) -> None:
    manager, nurse = staff_with(Role.MANAGER), staff_with(Role.NURSE)
    wanted = ("", "", *WEEK[2:])
    assert write(manager, nurse, now=now, monday=THIS, wanted=wanted) == 5
    with pytest.raises(Refused, match="day_over"):
        write(manager, nurse, now=now, monday=THIS, was=wanted, wanted=("early", *wanted[1:]))


def test_what_somebody_else_wrote_meanwhile_is_told(staff_with: MakeStaff, now: datetime) -> None:
    manager, nurse = staff_with(Role.MANAGER), staff_with(Role.NURSE)
    write(manager, nurse, now=now, wanted=("late", *NOTHING[1:]))
    with pytest.raises(Stale, match="changed"):
        write(manager, nurse, now=now, wanted=("early", *NOTHING[1:]))
    # Another day of the same line takes nothing away, and the same answer twice is one.
    assert write(manager, nurse, now=now, wanted=("", "early", *NOTHING[2:])) == 1
    assert write(manager, nurse, now=now, wanted=("late", *NOTHING[1:])) == 1
    assert week_of(nurse)[:2] == ("late", "early")


def test_last_week_is_copied_where_nothing_is_written(staff_with: MakeStaff, now: datetime) -> None:
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    first, leaver = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT, active_until=date(2026, 3, 17))
    nurse = staff_with(Role.NURSE)
    for one in (first, leaver, nurse):
        Shift.objects.bulk_create(
            Shift(branch=one.branch, staff=one, day=THIS + timedelta(days=number), kind=kind)
            for number, kind in enumerate(WEEK)
        )
    write(supervisor, first, now=now, wanted=("leave", *NOTHING[1:]))
    people = [first.pk, leaver.pk, nurse.pk]
    assert copy_last_week(monday=MONDAY, people=people, staff=supervisor, now=now) == 6 + 2
    assert week_of(first) == ("leave", *WEEK[1:])
    assert week_of(leaver) == (*WEEK[:2], *NOTHING[2:])
    assert week_of(nurse) == NOTHING, "she is not this supervisor's"
    assert copy_last_week(monday=MONDAY, people=people, staff=supervisor, now=now) == 0
    assert copy_last_week(monday=THIS, people=people, staff=supervisor, now=now) == 0


@pytest.mark.django_db(transaction=True)
def test_many_windows_write_one_day_once(staff_with: MakeStaff, now: datetime) -> None:
    manager, nurse = staff_with(Role.MANAGER), staff_with(Role.NURSE)
    kinds = ["early", "late", "whole", "duty", "off", "leave"]

    def save(number: int) -> Callable[[], object]:
        return lambda: write(manager, nurse, now=now, wanted=(kinds[number], *NOTHING[1:]))

    assert at_once(*map(save, range(AT_ONCE))) == ["changed"] * (AT_ONCE - 1) + ["ok"]
    assert Shift.objects.count() == 1


# --- pages ---


def page(client: Client, **asked: str) -> str:
    answer = client.get(reverse("clinic:roster"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_everybody_sees_it_and_her_own_line(staff_with: MakeStaff, client_as: MakeClient, now: datetime) -> None:
    nurse = staff_with(Role.NURSE)
    write(staff_with(Role.MANAGER), nurse, now=now, wanted=WEEK)
    drawn = page(client_as(nurse), week="2026-03-18", group="")
    assert "On duty" in drawn and "<select name=" not in drawn and 'class="mine"' in drawn
    Shift.objects.create(branch=nurse.branch, staff=nurse, day=date(2026, 3, 12), kind="duty")
    own = client_as(nurse).get(reverse("clinic:own_shifts")).content.decode()
    assert own.count("On duty") == 1 and "Early" in own and own.count("nothing written") == 4
    for role in (Role.AUDITOR, Role.LABORATORY, Role.PHONE_AGENT):
        assert nurse.display_name in page(client_as(role), week="2026-03-18", group="")


def test_a_week_is_entered_on_the_page(staff_with: MakeStaff, client_as: MakeClient, branch: Branch) -> None:
    consultant, nurse = staff_with(Role.CONSULTANT), staff_with(Role.NURSE)
    client = client_as(Role.CONSULTING_SUPERVISOR)
    drawn = page(client, week="2026-03-16", group="")
    assert drawn.count("<select name=") == 7
    address = reverse("clinic:roster") + "?week=2026-03-16&group="
    line = {"was": f"{consultant.pk}:,,,,,,", f"day-{consultant.pk}-0": "early", f"day-{consultant.pk}-6": "off"}
    answer = client.post(address, line)
    assert answer.status_code == 302 and "week=2026-03-16" in answer.headers["Location"]
    assert week_of(consultant) == ("early", "", "", "", "", "", "off")
    stale = client.post(address, line | {f"day-{consultant.pk}-0": "late"})
    assert stale.status_code == 409 and "by somebody else meanwhile" in stale.content.decode()
    assert '<option value="late" selected>' in stale.content.decode(), "what was typed stays"
    theirs = client.post(address, {"was": f"{nurse.pk}:,,,,,,", f"day-{nurse.pk}-0": "early"})
    assert theirs.status_code == 422 and week_of(nurse) == NOTHING
    for wrong in ("x", f"{nurse.pk}:,", f"{nurse.pk}:,,,,,,night", "9" * 30 + ":,,,,,,"):
        assert client.post(address, {"was": wrong}).status_code == 422
    copied = client.post(reverse("clinic:roster_copy") + "?week=2026-03-23&group=consultants")
    assert copied.status_code == 302 and week_of(consultant, date(2026, 3, 23))[0] == "early"
    assert client.post(reverse("clinic:roster_copy") + "?week=2099-03-23").status_code == 422
    printed = client.get(reverse("clinic:roster_print"), {"week": "2026-03-16", "group": ""}).content.decode()
    assert consultant.display_name in printed and "Early" in printed


@pytest.mark.parametrize("group", ["", "consultants", "9999999999999", "x"])
def test_a_group_narrows_the_page(staff_with: MakeStaff, client_as: MakeClient, branch: Branch, group: str) -> None:
    one, laser = staff_with(Role.CONSULTANT), staff_with(Role.NURSE, department=department(branch, "laser"))
    client = client_as(Role.MANAGER)
    drawn = page(client, group=group)
    assert one.display_name in drawn
    assert (laser.display_name in drawn) is (group != "consultants")
    assert one.display_name not in page(client, group=str(laser.department_id))


@pytest.mark.parametrize("rows", [1, 50])
def test_a_page_costs_the_same_for_one_and_for_fifty(
    staff_with: MakeStaff,
    client_as: MakeClient,
    branch: Branch,
    django_assert_num_queries: DjangoAssertNumQueries,
    now: datetime,
    rows: int,
) -> None:
    manager = staff_with(Role.MANAGER)
    laser = department(branch, "laser")
    for _number in range(rows):
        write(manager, staff_with(Role.NURSE, department=laser), now=now)
    client = client_as(manager)
    asked = {"week": "2026-03-16", "group": str(laser.pk)}
    page(client, **asked)
    # session, person, whose lines, number, people, their shifts, days and hours of the branch, departments
    with django_assert_num_queries(9):
        drawn = page(client, **asked)
    assert drawn.count('name="was"') == rows


def test_a_closed_day_is_marked(client_as: MakeClient, branch: Branch) -> None:
    BranchDay.objects.create(branch=branch, day=date(2026, 3, 18), kind="closed", name="停业")
    assert page(client_as(Role.MANAGER), week="2026-03-16").count("House closed") == 1
