"""How a past day would have been opened under other rules."""

from collections.abc import Mapping
from dataclasses import replace

from clinic.models import Staff
from triage.engine import facts, ledger
from triage.engine.opening import opening_entry
from triage.engine.policy import Policy as Rules
from triage.models import Board, TeamMember
from triage.selectors.boards import state_of
from triage.selectors.facts import duties
from triage.selectors.teams import rotates_teams, teams_of


def opening_under(
    board: Board, opened: ledger.Opened, own: Rules, rules: Rules, before: facts.Board | None
) -> ledger.Opened:
    """Return how the day would have been opened: as it was, where the same rules opened it on the same yesterday.

    `before` is how the day before ended (None: as it really did). A day of persons played under team rules seats the
    teams as they are written down now: who had no seat that day, a doctor say, is taken to have been there. A day of
    teams played under rules for persons seats their members.
    """
    teams = _teams_under(board, opened, rules)
    same = (own.opening, own.carry_owed, opened.teams) == (rules.opening, rules.carry_owed, teams)
    looks_back = rules.opening == "continue" or rules.carry_owed
    if same and not (looks_back and before is not None):
        return opened
    roster = [seat.consultant for seat in opened.seats]
    present = [seat.consultant for seat in opened.seats if seat.presence is facts.Presence.ON]
    if teams != opened.teams:
        present += [one for team in teams for one in team if one not in roster]
    if rules.opening == "roster" and own.opening != "roster":
        named = Staff.objects.filter(pk__in=[int(one) for one in roster]).order_by("name_key", "pk")
        roster = [str(pk) for pk in named.values_list("pk", flat=True)]
    if before is None and looks_back:
        last = Board.objects.filter(branch=board.branch_id, desk=board.desk, day__lt=board.day).order_by("-day").first()
        before = state_of(last) if last is not None else None
    return opening_entry(
        rules=rules,
        roster=roster,
        present=present,
        off=[seat.consultant for seat in opened.seats if seat.presence is facts.Presence.OFF],
        teams=teams,
        last=before,
        now=opened.at,
        by="",
    )


def _teams_under(board: Board, opened: ledger.Opened, rules: Rules) -> tuple[tuple[str, ...], ...]:
    if not rotates_teams(rules):
        return ()
    if opened.teams:
        return opened.teams
    return tuple(tuple(str(one.pk) for one in team) for team in teams_of(board.branch, board.desk, board.day))


def seated_as(
    board: Board, opening: ledger.Opened, known: Mapping[str, facts.Consultant]
) -> dict[str, facts.Consultant]:
    """Return what the rules know of everybody seated by an opening that was not the real one.

    `known` are the facts of the day. On a team board the sisters are those written down now; somebody the facts of the
    day say nothing of is known as she is today.
    """
    missing = {int(seat.consultant) for seat in opening.seats if seat.consultant not in known}
    found = {str(one.pk): one.facts_for(board, bool(opening.teams)) for one in duties(missing)} if missing else {}
    everybody = {**found, **known}
    if not opening.teams:
        return everybody
    members = TeamMember.objects.filter(branch=board.branch_id, desk=board.desk, sister__isnull=False)
    sisters = {str(staff): str(sister) for staff, sister in members.values_list("staff_id", "sister_id")}
    return {name: replace(one, sister=one.sister or sisters.get(name)) for name, one in everybody.items()}
