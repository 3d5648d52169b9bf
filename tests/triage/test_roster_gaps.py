"""What the shift roster says on the boards: who is missing in the coming days, who is preselected, who is here now."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, BranchDay, Department, Shift, Staff
from clinic.roles import Role
from tests.conftest import MakeClient, MakeStaff
from triage import services
from triage.models import Policy, TeamMember
from triage.selectors.gaps import gaps_of
from triage.selectors.screens import expected_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
TODAY = date(2026, 3, 11)


@pytest.fixture
def surgery(branch: Branch) -> Department:
    return Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)


def say(person: Staff, *kinds: str, first: date = TODAY) -> None:
    Shift.objects.bulk_create(
        Shift(branch=person.branch, staff=person, day=first + timedelta(days=number), kind=kind)
        for number, kind in enumerate(kinds)
        if kind
    )


def gaps(branch: Branch, **said: Any) -> list[tuple[str, int | None, list[int]]]:
    found = gaps_of(branch, first=TODAY, **said)
    return [(one.desk, one.team, [(day - TODAY).days for day in one.days]) for one in found]


@pytest.mark.parametrize(
    ("consultant", "doctor", "nurse", "lacks"),
    [
        ("", "", "", []),
        ("early", "early", "early", []),
        ("duty", "late", "", []),
        ("off", "whole", "", ["front"]),
        ("leave", "", "whole", ["front", "surgery"]),
        ("whole", "off", "whole", ["surgery"]),
        ("", "leave", "off", ["surgery"]),
        ("early", "", "", []),
    ],
)
def test_which_desk_lacks_whom(
    branch: Branch,
    surgery: Department,
    staff_with: MakeStaff,
    consultant: str,
    doctor: str,
    nurse: str,
    lacks: list[str],
) -> None:
    say(staff_with(Role.CONSULTANT), consultant)
    say(staff_with(Role.DOCTOR, department=surgery), doctor)
    say(staff_with(Role.NURSE, department=surgery), nurse)
    assert [desk for desk, _team, _days in gaps(branch)] == lacks
    assert [desk for desk, _team, _days in gaps(branch, desk="surgery")] == [one for one in lacks if one != "front"]


def test_only_open_days_of_people_who_work_here_count(
    branch: Branch, other_branch: Branch, surgery: Department, staff_with: MakeStaff
) -> None:
    doctor = staff_with(Role.DOCTOR, department=surgery, active_until=TODAY + timedelta(days=4))
    say(doctor, "off", "off", "whole", "off", "off", "off", "off")
    say(staff_with(Role.CONSULTANT, branch=other_branch), "off")
    BranchDay.objects.create(branch=branch, day=TODAY + timedelta(days=1), kind="closed", name="停业")
    assert gaps(branch) == [("surgery", None, [0, 3, 4])]
    assert gaps(branch, number=1) == [("surgery", None, [0])]


def test_a_team_without_anybody_is_named(branch: Branch, staff_with: MakeStaff) -> None:
    Policy.objects.create(branch=branch, version=1, starts_on=date(2020, 1, 1), preset="teams")
    first, second, doctor = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT), staff_with(Role.DOCTOR)
    for team, position, one in ((1, 1, first), (2, 1, second), (2, 2, doctor)):
        TeamMember.objects.create(branch=branch, team=team, position=position, staff=one)
    say(first, "early", "early", "off")
    say(second, "off", "off", "off")
    say(doctor, "late", "off", "off")
    assert gaps(branch) == [("front", None, [2]), ("front", 2, [1])]


@pytest.mark.parametrize("rows", [1, 50])
def test_the_warning_costs_the_same_for_one_and_for_fifty(
    branch: Branch,
    surgery: Department,
    staff_with: MakeStaff,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
) -> None:
    for _number in range(rows):
        say(staff_with(Role.DOCTOR, department=surgery), *["off"] * 7)
    client = client_as(Role.RECEPTION)
    address = reverse("triage:roster_gaps")
    client.get(address)
    with django_assert_num_queries(8):
        drawn = client.get(address).content.decode()
    assert "Surgery: no doctor" in drawn and drawn.count("chip") == 7


@pytest.mark.parametrize(
    "asked", ["?first=2026-03-09", "?first=2026-03-02", "?desk=front", "?desk=x", "?first=2026-02-31"]
)
def test_the_warning_answers_whatever_is_asked(
    surgery: Department, staff_with: MakeStaff, client_as: MakeClient, asked: str
) -> None:
    say(staff_with(Role.DOCTOR, department=surgery), "off")
    drawn = client_as(Role.AUDITOR).get(reverse("triage:roster_gaps") + asked)
    assert drawn.status_code == 200
    assert ("no doctor" in drawn.content.decode()) is (asked in ("?first=2026-03-09", "?first=2026-02-31"))


@pytest.mark.parametrize("opening", ["check_in", "roster", "continue"])
def test_who_is_rostered_is_preselected(branch: Branch, staff_with: MakeStaff, opening: str) -> None:
    Policy.objects.create(
        branch=branch, version=1, starts_on=date(2020, 1, 1), preset="standard", settings={"opening": opening}
    )
    kinds = ("early", "off", "late", "", "duty", "leave")
    people = [staff_with(Role.CONSULTANT, name_key=f"a{number}") for number in range(len(kinds))]
    usual = {one.presence for one in expected_on(branch, "front", TODAY)}
    assert usual == {"later" if opening == "check_in" else "here"}, "without a roster everything is as before"
    for one, kind in zip(people, kinds, strict=True):
        say(one, kind)
    expected = expected_on(branch, "front", TODAY)
    assert {one.staff.pk: one.presence for one in expected} == dict(
        zip([one.pk for one in people], ("here", "off", "later", "later", "here", "off"), strict=True)
    )
    assert [one.came for one in expected if one.came] == ([1, 2] if opening == "check_in" else [])


def test_the_board_says_when_the_last_one_goes_out(
    branch: Branch, surgery: Department, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    clerk = staff_with(Role.RECEPTION)
    first, second = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    front = services.open_board(
        branch=branch, day=TODAY, consultants=[first, second], present=[first, second], staff=clerk, now=now
    )
    doctor, nurse = staff_with(Role.DOCTOR, department=surgery), staff_with(Role.NURSE, department=surgery)
    theirs = services.open_board(
        branch=branch,
        desk=surgery.code,
        day=TODAY,
        consultants=[doctor, nurse],
        present=[doctor, nurse],
        staff=clerk,
        now=now,
    )
    client = client_as(clerk)

    def told(board: Any) -> bool:
        drawn = client.get(reverse("triage:board_panel", args=[board.pk])).content.decode()
        return "nobody-here" in drawn

    def put(board: Any, who: Staff, state: str) -> None:
        services.set_seat_state(board=board, consultant=who, state=state, staff=clerk, now=now)

    assert not told(front) and not told(theirs)
    put(front, first, "out")
    assert not told(front)
    put(front, second, "off")
    assert told(front)
    put(front, first, "on")
    assert not told(front)
    put(theirs, doctor, "out")
    assert told(theirs), "a nurse is here, and no doctor"
