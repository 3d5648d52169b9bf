"""Where the roster leaves a desk without a consultant or a doctor, and where nobody of those is there now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic.models import Branch, Department, Shift, Staff
from clinic.roles import Role
from clinic.selectors.people import working_at
from clinic.selectors.roster import closed_days, shifts_on
from triage.engine import facts
from triage.engine.facts import Presence
from triage.models import Board, TeamMember
from triage.selectors.boards import FRONT
from triage.selectors.policies import policy_of_day, rules_of
from triage.selectors.teams import rotates_teams

# Today and the days one can still do something about.
DAYS = 7
_DESKS = (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE)
_AT_DESKS = (Role.DOCTOR, Role.NURSE, Role.BEAUTICIAN)


@dataclass(frozen=True, slots=True)
class Gap:
    """A desk, or one of its teams, on whose days nobody is on the roster who receives or treats.

    `department`: None for the front desk; `team`: its number, None for the desk as a whole.
    """

    desk: str
    department: Department | None
    team: int | None
    days: list[date] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Person:
    department_id: int | None
    active_from: date
    active_until: date | None
    roles: set[str]

    def works_on(self, day: date) -> bool:
        return self.active_from <= day and (self.active_until is None or day <= self.active_until)


def gaps_of(branch: Branch, *, first: date, number: int = DAYS, desk: str = "") -> list[Gap]:
    """Return what the roster lacks on some days from `first`, of one desk or of all; eight queries at most.

    A day counts for a desk once the roster says anything of one of its people; closed days are left out. The front
    desk lacks a consultant, or a team everybody; a department lacks a doctor, or a team everybody.
    """
    days = [first + timedelta(days=step) for step in range(number)]
    people = _people(branch, days)
    said = shifts_on(list(people), days[0], days[-1])
    if not said:
        return []
    shut = closed_days(branch, days)
    teams = _teams(branch, first)
    found: list[Gap] = []
    for code, department in _desks(branch, desk):
        everybody, needed = _at(code, department, people, teams.get(code, {}))
        gap = Gap(code, department, None)
        of_teams = {team: Gap(code, department, team) for team in teams.get(code, {})}
        for day in (one for one in days if one not in shut):
            here = {pk for pk in everybody if people[pk].works_on(day)}
            if not any((pk, day) in said for pk in here):
                continue
            at_work = {pk for pk in here if said.get((pk, day)) in Shift.AT_WORK}
            if not at_work & needed:
                gap.days.append(day)
                continue
            for team, members in teams.get(code, {}).items():
                if not at_work & members:
                    of_teams[team].days.append(day)
        found += [one for one in (gap, *of_teams.values()) if one.days]
    return found


def _people(branch: Branch, days: list[date]) -> dict[int, _Person]:
    """Return who sits at desks in these days, with her roles; one query."""
    roles = [Role.CONSULTANT.value, *(role.value for role in _AT_DESKS)]
    rows = (
        Staff.objects.filter(branch=branch, groups__name__in=roles, active_from__lte=days[-1])
        .exclude(active_until__lt=days[0])
        .values_list("pk", "department_id", "active_from", "active_until", "groups__name")
    )
    people: dict[int, _Person] = {}
    for pk, department, since, until, role in rows:
        people.setdefault(pk, _Person(department, since, until, set())).roles.add(role)
    return people


def _teams(branch: Branch, day: date) -> dict[str, dict[int, set[int]]]:
    """Return the members of each team by desk; none where boards seat persons."""
    policy = policy_of_day(branch, day)
    if policy is None or not rotates_teams(rules_of(policy)):
        return {}
    teams: dict[str, dict[int, set[int]]] = {}
    members = TeamMember.objects.filter(branch=branch).order_by("desk", "team")
    for desk, team, staff in members.values_list("desk", "team", "staff"):
        teams.setdefault(desk, {}).setdefault(team, set()).add(staff)
    return teams


def _desks(branch: Branch, desk: str) -> list[tuple[str, Department | None]]:
    if desk == FRONT:
        return [(FRONT, None)]
    departments = branch.departments.filter(kind__in=_DESKS).order_by("code")
    if desk:
        return [(one.code, one) for one in departments.filter(code=desk)]
    return [(FRONT, None), *((one.code, one) for one in departments)]


def _at(
    desk: str, department: Department | None, people: Mapping[int, _Person], teams: Mapping[int, set[int]]
) -> tuple[set[int], set[int]]:
    """Return who sits at a desk, and of them those without whom it lacks somebody."""
    if department is None:
        consultants = {pk for pk, one in people.items() if Role.CONSULTANT.value in one.roles}
        seated = consultants.union(*teams.values()) & set(people)
        return seated, seated if teams else consultants
    of_it = {pk for pk, one in people.items() if one.department_id == department.pk and one.roles - {Role.CONSULTANT}}
    return of_it, {pk for pk in of_it if Role.DOCTOR.value in people[pk].roles}


def rostered(people: list[Staff], day: date) -> dict[int, str]:
    """Return what the roster says of people on a day, by person; empty when it says nothing of any. One query."""
    return {pk: kind for (pk, _day), kind in shifts_on([one.pk for one in people], day, day).items()}


@dataclass(frozen=True, slots=True)
class Absent:
    """Who is missing at an open board now: everybody who receives or treats, or all of some teams (by first member)."""

    all: bool
    teams: list[str]


def absent_at(board: Board, state: facts.Board) -> Absent | None:
    """Return who is missing at a board, None when nobody is or it is closed.

    At a department's board a doctor has to be there: one query more.
    """
    if board.closed_at is not None or not state.seats:
        return None
    here = {seat.consultant for seat in state.seats if seat.presence is Presence.ON}
    if board.desk != FRONT and here:
        doctors = working_at(board.branch, board.day).filter(pk__in=map(int, here), groups__name=Role.DOCTOR.value)
        treats = {str(pk) for pk in doctors.values_list("pk", flat=True)}
    else:
        treats = here
    teams = [team for team in state.keys if state.teams and not here & set(state.members(team))]
    if treats and not teams:
        return None
    return Absent(all=not treats, teams=teams if treats else [])
