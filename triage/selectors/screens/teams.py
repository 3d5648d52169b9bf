"""The page on which the teams of a desk are written down."""

from datetime import datetime
from typing import Any

from clinic.models import Branch, Staff
from clinic.roles import Capability
from triage.selectors.boards import (
    FRONT,
    desks_seen_by,
)
from triage.selectors.policies import policy_of_day, rules_of
from triage.selectors.screens.parts import Context
from triage.selectors.teams import Place, rotates_teams


def desk_of_branch(branch: Branch, desk: str) -> str:
    """Return the desk asked for when the branch has it, else the front desk."""
    return desk if branch.departments.filter(code=desk).exists() else FRONT


def teams_page_of(staff: Staff, desk: str, form: Any, places: list[Place], now: datetime) -> Context:
    """The teams of a desk as they are, the form that changes them, and whether the rules in force seat teams."""
    policy = policy_of_day(staff.branch, staff.branch.today(now))
    teams: dict[int, list[Place]] = {}
    for place in places:
        if place.team is not None:
            teams.setdefault(place.team, []).append(place)
    names = {place.staff.pk: place.staff.display_name for place in places}
    return {
        "form": form,
        "desk": desk,
        "desks": desks_seen_by(staff, staff.branch),
        "teams": [
            {
                "members": [(place, names.get(place.sister_id or 0)) for place in team],
                "lacks_doctor": not any(place.doctor for place in team),
                "lacks_consultant": all(place.doctor for place in team),
            }
            for team in teams.values()
        ],
        "rotates": policy is not None and rotates_teams(rules_of(policy)),
        "manages": staff.may(Capability.MANAGE_POLICY),
    }
