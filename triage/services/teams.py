"""Teams of a desk: written down anew as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Branch, Department, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.turns import one_at_a_time
from triage.models import TeamMember
from triage.selectors.teams import team_places, version_of


@dataclass(frozen=True, slots=True)
class Seating:
    """A person's place: team and place in it count from 1; `sister` takes her visitors while she is off."""

    staff: Staff
    team: int
    position: int
    sister: Staff | None = None


@transaction.atomic
def set_teams(
    *, branch: Branch, desk: str, seatings: Iterable[Seating], expected: str, staff: Staff, now: datetime
) -> None:
    """Write down who is in which team of a desk; from the next opening on, boards of team rules seat them so.

    `expected` is the version the page was drawn from (see `version_of`). Teams and places are numbered without gaps, in
    the order given; equal places keep the order they are sent in. Raises Stale `teams_moved` when somebody changed them
    meanwhile, Refused `not_hers` for somebody who cannot sit at this desk, `elsewhere` for a member of another desk's
    team, `sister_wrong` for a sister who is in no team or is she herself.
    """
    one_at_a_time(f"teams {branch.pk}")
    before = team_places(branch, desk, branch.today(now))
    if version_of(before) != expected:
        raise Stale(
            _("Somebody else has changed the teams meanwhile. Look at them again, then make your change."),
            code="teams_moved",
        )
    rows = _numbered(branch, desk, list(seatings))
    _possible(rows, {place.staff.pk for place in before})
    _nowhere_else(branch, desk, rows)
    members = TeamMember.objects.filter(branch=branch, desk=desk)
    was = _as_told(members)
    members.delete()
    for row in rows:
        row.save(force_insert=True)
    audit.record(
        action="triage.set_teams",
        now=now,
        staff=staff,
        branch=branch,
        target=branch,
        detail={"desk": desk, "before": was, "after": _as_told(rows)},
    )


def _numbered(branch: Branch, desk: str, seatings: list[Seating]) -> list[TeamMember]:
    rows = []
    numbers = sorted({one.team for one in seatings})
    for number, team in enumerate(numbers, start=1):
        members = sorted([one for one in seatings if one.team == team], key=lambda one: one.position)
        rows += [
            TeamMember(branch=branch, desk=desk, team=number, position=position, staff=one.staff, sister=one.sister)
            for position, one in enumerate(members, start=1)
        ]
    return rows


def _possible(rows: list[TeamMember], candidates: set[int]) -> None:
    seated = {row.staff_id for row in rows}
    for row in rows:
        if row.staff_id not in candidates:
            raise Refused(_("%(name)s cannot sit at this desk.") % {"name": row.staff}, code="not_hers")
        if row.sister_id is not None and (row.sister_id not in seated or row.sister_id == row.staff_id):
            raise Refused(
                _("%(name)s: who takes her visitors while she is off has to be another person with a place in a team.")
                % {"name": row.staff},
                code="sister_wrong",
            )


def _nowhere_else(branch: Branch, desk: str, rows: list[TeamMember]) -> None:
    elsewhere = TeamMember.objects.filter(staff__in=[row.staff_id for row in rows]).select_related("staff")
    other = elsewhere.exclude(branch=branch, desk=desk).first()
    if other is None:
        return
    department = Department.objects.filter(branch=other.branch_id, code=other.desk).first()
    raise Refused(
        _("%(name)s has a place in a team of another desk: %(desk)s. Take her out of it there first.")
        % {"name": other.staff, "desk": department or _("Front desk")},
        code="elsewhere",
    )


def _as_told(rows: Iterable[TeamMember]) -> list[list[int]]:
    teams: dict[int, list[int]] = {}
    for row in rows:
        teams.setdefault(row.team, []).append(row.staff_id)
    return list(teams.values())
