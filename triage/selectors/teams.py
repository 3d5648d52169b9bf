"""Teams of a desk: who belongs to which, in what order, and whose place a sister takes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from clinic.models import Branch, Staff
from clinic.roles import Capability, Role
from clinic.selectors.people import working_at
from triage.engine.policy import Policy as Rules
from triage.models import TeamMember
from triage.selectors.boards import FRONT, roster_of

SETS_TEAMS = (Capability.MANAGE_STAFF, Capability.ANSWER_ESCALATIONS)
Teams = tuple[tuple[Staff, ...], ...]


def rotates_teams(rules: Rules) -> bool:
    """Say whether boards opened under these rules seat teams."""
    return rules.preset == "teams"


def has_teams(branch: Branch) -> bool:
    """Say whether any desk of a branch has a team written down."""
    return TeamMember.objects.filter(branch=branch).exists()


def teams_of(branch: Branch, desk: str, day: date) -> Teams:
    """Return the teams of a desk in the order of their numbers, each with those of it who work here on a day."""
    members = TeamMember.objects.filter(branch=branch, desk=desk).select_related("staff")
    teams: dict[int, list[Staff]] = {}
    for member in members.order_by("team", "position"):
        if member.staff.works_on(day) and member.staff.branch_id == branch.pk:
            teams.setdefault(member.team, []).append(member.staff)
    return tuple(tuple(team) for team in teams.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A person who may be in a team of a desk: the team's number and her place in it, None where she is in none."""

    staff: Staff
    doctor: bool
    team: int | None = None
    position: int | None = None
    sister_id: int | None = None


def team_places(branch: Branch, desk: str, day: date) -> list[Place]:
    """Return everybody who may be in a team of a desk, those who are first, in the order of the teams."""
    members = {one.staff_id: one for one in TeamMember.objects.filter(branch=branch, desk=desk)}
    doctors = set(Staff.objects.filter(groups__name=Role.DOCTOR.value, branch=branch).values_list("pk", flat=True))
    places = []
    for one in team_candidates(branch, desk, day):
        place, member = Place(one, one.pk in doctors), members.get(one.pk)
        if member is not None:
            place = replace(place, team=member.team, position=member.position, sister_id=member.sister_id)
        places.append(place)
    return sorted(places, key=lambda one: (one.team is None, one.team or 0, one.position or 0))


def team_candidates(branch: Branch, desk: str, day: date) -> QuerySet[Staff]:
    """Return who may be in a team of a desk, in the order of their names: its roster; at the front desk doctors too."""
    if desk != FRONT:
        return roster_of(branch, desk, day)
    roles = [Role.CONSULTANT.value, Role.DOCTOR.value]
    return working_at(branch, day).filter(groups__name__in=roles).distinct().order_by("name_key", "pk")


def may_set_teams(staff: Staff) -> bool:
    """Say whether a person writes down who sits in which team: a manager, or the consulting supervisor."""
    return any(staff.may(one) for one in SETS_TEAMS)


def version_of(places: Iterable[Place]) -> str:
    """Return what a page is compared by: another string as soon as anybody's place is another."""
    said = [f"{one.staff.pk}.{one.team}.{one.position}.{one.sister_id}" for one in places if one.team is not None]
    return "-".join(said)
