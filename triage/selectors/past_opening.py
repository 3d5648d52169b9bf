"""How a past day would have been opened under other rules."""

from collections.abc import Mapping
from dataclasses import replace

from clinic.models import Staff
from triage.engine import facts, ledger
from triage.engine.opening import opening_entry
from triage.engine.policy import Policy as Rules
from triage.engine.rehearsal.day import Learn
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


class Seating:
    """Who sits on a board that was opened otherwise than it really was, and what the rules know of them."""

    def __init__(self, board: Board, opening: ledger.Opened) -> None:
        self.board, self.opening = board, opening
        self.members = {one for team in opening.teams for one in team}
        sisters = TeamMember.objects.filter(branch=board.branch_id, desk=board.desk, sister__isnull=False)
        self.sisters = {str(staff): str(sister) for staff, sister in sisters.values_list("staff_id", "sister_id")}

    def facts_of_everybody(self, known: Mapping[str, facts.Consultant]) -> dict[str, facts.Consultant]:
        """Return the facts of the day as a seat here makes them; who the day says nothing of is known as today."""
        missing = {int(seat.consultant) for seat in self.opening.seats if seat.consultant not in known}
        found = {str(one.pk): one.facts_for(self.board) for one in duties(missing)} if missing else {}
        return {name: self._seated(name, one) for name, one in {**found, **known}.items()}

    def known(self, event: Learn) -> Learn:
        """Return what was learnt on the day, as a seat here makes it."""
        return replace(event, consultants={name: self._seated(name, one) for name, one in event.consultants.items()})

    def _seated(self, name: str, one: facts.Consultant) -> facts.Consultant:
        if name not in self.members:
            return one
        # Whoever sits in a team receives here, be she of another department.
        moved = one.employment is facts.Employment.MOVED
        employment = facts.Employment.HERE if moved else one.employment
        return replace(one, employment=employment, sister=one.sister or self.sisters.get(name))
