"""Today's desks, and how a desk's day is opened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from clinic.models import Branch, Shift, Staff
from triage.engine.policy import Policy as Rules
from triage.engine.policy import preset
from triage.selectors.boards import (
    boards_seen_by,
    desks_operated_by,
    desks_seen_by,
    in_standing_order,
    roster_of,
    standing_order,
)
from triage.selectors.gaps import rostered
from triage.selectors.policies import policy_of_day, rules_of
from triage.selectors.screens.parts import Context
from triage.selectors.teams import may_set_teams, rotates_teams, teams_of


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody on the roster before the day is opened. `team`: the number of her team, None where seats are persons.

    `presence`: here, later or off, as the form begins with; `came`: her place among those who are said to be here where
    the order of coming is asked for, None where nothing is known.
    """

    staff: Staff
    place: int
    team: int | None
    presence: str
    came: int | None = None


def opening_of(staff: Staff, desk: str, now: datetime) -> Context:
    """How a desk's day is opened: who is expected, in which order, and what the policy makes of it."""
    day = staff.branch.today(now)
    policy = policy_of_day(staff.branch, day)
    rules = rules_of(policy) if policy else preset("standard")
    expected = expected_at(staff.branch, desk, day, rules)
    teams = {one.team for one in expected}
    without = set()
    if None not in teams:
        seated = {one.staff.pk for one in expected}
        without = {one for one in roster_of(staff.branch, desk, day) if one.pk not in seated}
    return {
        "board": None,
        "branch_id": staff.branch_id,
        "desk": desk,
        "expected": expected,
        "by_teams": bool(expected) and None not in teams,
        "lacks_teams": rotates_teams(rules) and None in teams,
        "without_team": sorted(without, key=lambda one: (one.name_key, one.pk)),
        "opening": rules.opening,
        "operates": desk in desks_operated_by(staff),
        "sets_teams": may_set_teams(staff),
    }


def expected_on(branch: Branch, desk: str, day: date) -> list[Expected]:
    """Return who is expected at a desk on a day, under the rules it will be opened with."""
    policy = policy_of_day(branch, day)
    return expected_at(branch, desk, day, rules_of(policy) if policy else preset("standard"))


def expected_at(branch: Branch, desk: str, day: date, rules: Rules) -> list[Expected]:
    """Return who is expected at a desk, in the order the opening starts from: teams, the fixed order, or names.

    What the shift roster says of the day is said of each beforehand; where it says nothing of any, the rules say it.
    """
    teams = teams_of(branch, desk, day) if rotates_teams(rules) else ()
    if teams:
        people = [(one, number) for number, team in enumerate(teams, start=1) for one in team]
        return _as_rostered(people, day, rules)
    roster: Iterable[Staff] = roster_of(branch, desk, day)
    if rules.opening == "roster":
        roster = in_standing_order(roster, standing_order(branch, desk, day))
    return _as_rostered([(one, None) for one in roster], day, rules)


_PRESENCE = {
    Shift.Kind.EARLY: "here",
    Shift.Kind.WHOLE: "here",
    Shift.Kind.DUTY: "here",
    Shift.Kind.LATE: "later",
    Shift.Kind.OFF: "off",
    Shift.Kind.LEAVE: "off",
}


def _as_rostered(people: Sequence[tuple[Staff, int | None]], day: date, rules: Rules) -> list[Expected]:
    """Say of each how the form begins; one query."""
    said = rostered([one for one, _team in people], day)
    in_order = rules.opening == "check_in"
    usual = "later" if in_order or said else "here"
    expected, came = [], 0
    for place, (one, team) in enumerate(people, start=1):
        presence = _PRESENCE[Shift.Kind(said[one.pk])] if one.pk in said else usual
        came += presence == "here"
        expected.append(Expected(one, place, team, presence, came if in_order and presence == "here" else None))
    return expected


def desks_of(staff: Staff, now: datetime) -> list[Context]:
    """Return today's desks a person may look at: name, board if it is open, and whether she may open it."""
    day = staff.branch.today(now)
    opened = {board.desk: board for board in boards_seen_by(staff).filter(branch=staff.branch_id, day=day)}
    operated = desks_operated_by(staff)
    return [
        {
            "desk": desk,
            "department": department,
            "board": opened.get(desk),
            "opening": opening_of(staff, desk, now) if desk not in opened and desk in operated else None,
        }
        for desk, department in desks_seen_by(staff, staff.branch)
    ]
