"""What each screen of this room shows, put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Branch, Staff
from clinic.roles import Capability
from reception.models import Visit, Visitor
from triage.engine.decision import Refused
from triage.engine.explain import refusal
from triage.engine.facts import Board as State
from triage.engine.policy import Policy as Rules
from triage.engine.policy import preset
from triage.models import Board, Decision, LedgerEntry, Policy
from triage.selectors.boards import (
    FRONT,
    Row,
    board_of_day,
    board_rows,
    boards_seen_by,
    desks_operated_by,
    desks_seen_by,
    in_standing_order,
    names_of,
    roster_of,
    standing_order,
    state_of,
)
from triage.selectors.corrections import ASKS, RULE_OF, WITHOUT_REASON, Kind, kinds_for, preview
from triage.selectors.decisions import (
    UNDO_SECONDS,
    Told,
    decisions_about,
    decisions_of,
    happened_with,
    may_know_visitor,
    moved_since,
    open_questions,
    propose,
    told,
)
from triage.selectors.facts import CHANGEABLE_TYPES, NOTHING_SAID, Said
from triage.selectors.knobs import PRESET_NAMES, knobs_of
from triage.selectors.policies import policy_of_day, rules_of, words_for
from triage.selectors.teams import Place, rotates_teams, teams_of
from triage.selectors.words import Line, cause_words, engine_language, last_lines, lines_of, masked_name

Context = dict[str, Any]
LINES_ON_PANEL = 6
HERE = ("free", "busy", "in_room", "suspended")
CORRECTION_NAMES: Mapping[Kind, Promise] = {
    Kind.NOT_OFFERED: gettext_lazy("The project is not offered here"),
    Kind.CANNOT_DO: gettext_lazy("It cannot be done here"),
    Kind.REFERRAL: gettext_lazy("She was brought by a visitor"),
    Kind.CHANGE_CONSULTANT: gettext_lazy("She wants another consultant"),
    Kind.WAIT_OVER: gettext_lazy("She has waited too long: exchange"),
    Kind.REFUSE_WAIT: gettext_lazy("She does not want to wait"),
    Kind.MISALLOCATED: gettext_lazy("Allocated wrongly: she has an owner"),
    Kind.TRANSFER: gettext_lazy("The consultant passes her on"),
    Kind.WANTS_CONSULTATION: gettext_lazy("Came for a review, wants a consultation"),
}


def panel_of(board: Board, staff: Staff, now: datetime) -> Context:
    """A board beside the work: its seats, what is owed to whom, and what happened last. Two queries."""
    state = state_of(board)
    rows = board_rows(board, now, me=staff)
    names = {str(row.staff_id): row.name for row in rows}
    return {
        "board": board,
        "rows": rows,
        "turns": sum(row.turns for row in rows),
        "owed": _owed_lines(state, names),
        "debts": [(names.get(one.debtor, ""), names.get(one.creditor, "")) for one in state.debts],
        **_turn_under_way(board, state, names),
        "overdue": _overdue(board, state, names, now),
        "lines": last_lines(board, limit=LINES_ON_PANEL, names=names),
        "operates": board.closed_at is None and board.desk in desks_operated_by(staff),
        "as_of": now,
    }


@dataclass(frozen=True, slots=True)
class Overdue:
    """A first visit that has waited long enough for a busy consultant to be exchanged (K5)."""

    visit: Visit
    name: str
    since: datetime


def _overdue(board: Board, state: State, names: dict[str, str], now: datetime) -> list[Overdue]:
    """The longest wait first; one query when there is any."""
    limit = timedelta(minutes=rules_of(board.policy).max_wait_minutes)
    waits = {
        int(held.visit): (names.get(seat.consultant, ""), held.at)
        for seat in state.seats
        for held in seat.visits
        if not held.entered and now - held.at >= limit and (seat.stated_busy or seat.visits[0] is not held)
    }
    if not waits or board.closed_at is not None:
        return []
    visits = Visit.objects.select_related("visitor").in_bulk(waits)
    found = [Overdue(visits[pk], name, at) for pk, (name, at) in waits.items() if pk in visits]
    return sorted(found, key=lambda one: one.since)


def _turn_under_way(board: Board, state: State, names: dict[str, str]) -> Context:
    """How much of its turn the team at the pointer has had; nothing where a turn is one visitor."""
    size, pointer = rules_of(board.policy).turn_size, state.pointer()
    if size == 1 or not state.teams or pointer is None:
        return {"turn_size": None}
    return {"turn_size": size, "used": state.used, "turn_of": names.get(pointer, "")}


def _owed_lines(state: State, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(names.get(owed.seat, owed.seat), cause_words(owed.cause)) for owed in state.owed]


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody on the roster before the day is opened. `team`: the number of her team, None where seats are persons."""

    staff: Staff
    place: int
    team: int | None
    here: bool


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
        "sets_teams": staff.may(Capability.MANAGE_STAFF) or staff.may(Capability.ANSWER_ESCALATIONS),
    }


def expected_on(branch: Branch, desk: str, day: date) -> list[Expected]:
    """Return who is expected at a desk on a day, under the rules it will be opened with."""
    policy = policy_of_day(branch, day)
    return expected_at(branch, desk, day, rules_of(policy) if policy else preset("standard"))


def expected_at(branch: Branch, desk: str, day: date, rules: Rules) -> list[Expected]:
    """Return who is expected at a desk, in the order the opening starts from: teams, the fixed order, or names."""
    here = rules.opening != "check_in"
    teams = teams_of(branch, desk, day) if rotates_teams(rules) else ()
    if teams:
        people = [(one, number) for number, team in enumerate(teams, start=1) for one in team]
        return [Expected(one, place, team, here) for place, (one, team) in enumerate(people, start=1)]
    roster: Iterable[Staff] = roster_of(branch, desk, day)
    if rules.opening == "roster":
        roster = in_standing_order(roster, standing_order(branch, desk, day))
    return [Expected(one, place, None, here) for place, one in enumerate(roster, start=1)]


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


def rows_of(board: Board, now: datetime) -> list[Row]:
    """Return the seats of a board as rows."""
    return board_rows(board, now)


def board_page_of(board: Board, staff: Staff, now: datetime) -> Context:
    """One board's page."""
    is_open, today = board.closed_at is None, board.day == board.branch.today(now)
    supervises = staff.may(Capability.OVERRIDE_TRIAGE) and staff.branch_id == board.branch_id
    panel = panel_of(board, staff, now)
    return {
        **panel,
        "zone": board.branch.zone,
        "reorders": is_open and supervises,
        "seats": [row for row in panel["rows"] if row.leads],
        "unseated": _unseated(board, panel["rows"]) if panel["operates"] else [],
        "keeps_owed": rules_of(board.policy).carry_owed,
        "reopens": not is_open and supervises and today,
    }


def _unseated(board: Board, rows: list[Row]) -> list[Staff]:
    """Who belongs to the desk and has no seat on its board: a newcomer, or somebody without a team."""
    seated = {row.staff_id for row in rows}
    return [one for one in roster_of(board.branch, board.desk, board.day) if one.pk not in seated]


def entries_of(board: Board) -> QuerySet[LedgerEntry]:
    """Return a board's ledger, newest first."""
    return LedgerEntry.objects.filter(board=board).select_related("visit__visitor", "staff").order_by("-sequence")


def log_of(board: Board, page: Page[LedgerEntry]) -> Context:
    """A page of a board's ledger in words."""
    names = names_of({seat.consultant for seat in state_of(board).seats})
    return {"board": board, "page": page, "lines": lines_of(page.object_list, board.branch.zone, names)}


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


def proposal_of(visit: Visit, staff: Staff, now: datetime, said: Said = NOTHING_SAID) -> Context:
    """What is proposed for a visit, who is asked about it, or what has become of it: `state` says which."""
    context: Context = {"visit": visit, "staff": staff, "overrides": staff.may(Capability.OVERRIDE_TRIAGE)}
    board = board_of_day(visit.branch, FRONT, visit.day)
    context |= {"board": board, "sequence": board.sequence if board else 0}
    if visit.state in (Visit.State.FINISHED, Visit.State.LEFT, Visit.State.VOID):
        return {**context, "state": "over", "told": _latest(visit)}
    if visit.state != Visit.State.REGISTERED:
        return {**context, "state": "settled", "rows": _others_here(board, visit, now), **_undoable(visit, now)}
    if board is None or board.closed_at is not None:
        return {**context, "state": "no_board"}
    pending = state_of(board).pending_for(str(visit.pk))
    if pending is not None:
        rows = [row for row in board_rows(board, now) if row.state in HERE]
        return {**context, "state": "asked", "pending": pending, "rows": rows, **_undoable(visit, now)}
    settled = _undoable(visit, now)
    if visit.type_rule and settled["told"] is not None and not settled["told"].undone:
        return {**context, "state": "settled", **settled}
    proposed = propose(visit, now, said)
    if proposed is None:
        return {**context, "state": "no_board"}
    words = proposed.in_words
    return {
        **context,
        "state": "proposed",
        "proposal": proposed,
        "words": words,
        "seats": proposed.seats(words),
        "types": CHANGEABLE_TYPES,
        "rows": [row for row in board_rows(board, now) if row.state in HERE] if context["overrides"] else [],
    }


def _others_here(board: Board | None, visit: Visit, now: datetime) -> list[Row]:
    """Whom a supervisor may still give a visit to that waits with somebody (K9)."""
    if board is None or board.closed_at is not None or visit.state == Visit.State.IN_ROOM:
        return []
    return [row for row in board_rows(board, now) if row.state in HERE and row.staff_id != visit.consultant_id]


def _latest(visit: Visit) -> Told | None:
    found = decisions_of(visit)
    return found[0] if found else None


def _undoable(visit: Visit, now: datetime) -> Context:
    """The latest decision, and for how many seconds more it can be undone."""
    latest = _latest(visit)
    passed = (now - latest.decision.made_at).total_seconds() if latest and not latest.undone else UNDO_SECONDS
    return {"told": latest, "undo_seconds": max(0, int(UNDO_SECONDS - passed))}


def moved_of(visit: Visit, sequence: int) -> list[Line]:
    """Return what happened on the board since a proposal was made."""
    board = board_of_day(visit.branch, FRONT, visit.day)
    return moved_since(board, sequence) if board is not None and sequence >= 0 else []


def menu_of(visit: Visit, staff: Staff, *, at_desk: bool) -> Context:
    """What can be done with a visit of the register; `at_desk`: the page has a place for the proposal."""
    operates = staff.may(Capability.OPERATE_DESK_BOARD)
    leaves = operates and visit.state in (Visit.State.REGISTERED, Visit.State.WAITING, Visit.State.ACCEPTED)
    return {
        "visit": visit,
        "operates": operates,
        "leaves": leaves,
        "decided": bool(visit.type_rule),
        "at_desk": at_desk,
        "corrects": bool(kinds_for(visit, staff)),
    }


def corrections_of(visit: Visit, staff: Staff) -> Context:
    """Which corrections a person may make of a visit as it stands."""
    kinds = [(kind, RULE_OF[kind], CORRECTION_NAMES[kind]) for kind in kinds_for(visit, staff)]
    return {"visit": visit, "kinds": kinds}


def correction_of(visit: Visit, staff: Staff, now: datetime, form: Any) -> Context:
    """One correction: what it asks for, and once that is told, what it would do to the board.

    `form` is a bound CorrectionForm; `refused` says why the rules do not allow it.
    """
    board = board_of_day(visit.branch, FRONT, visit.day)
    context: Context = {
        "visit": visit,
        "board": board,
        "form": form,
        "rows": [row for row in board_rows(board, now) if row.state in HERE] if board else [],
    }
    if not form.is_valid() or form.correction.kind not in kinds_for(visit, staff):
        return {**context, "over": form.is_valid()}
    correction = form.correction
    asks = ASKS[correction.kind]
    context |= {
        "kind": correction.kind.value,
        "name": CORRECTION_NAMES[correction.kind],
        "rule": RULE_OF[correction.kind],
        "asks": asks,
        "needs_reason": correction.kind not in WITHOUT_REASON,
    }
    missing = (asks in ("owner", "to") and correction.consultant is None) or (
        asks == "referrer" and correction.referrer is None
    )
    if missing:
        return context
    try:
        found = preview(visit=visit, correction=correction, now=now)
    except Refused as error:
        names = names_of({seat.consultant for seat in state_of(board).seats}) if board else {}
        if correction.consultant is not None:
            names[str(correction.consultant.pk)] = correction.consultant.display_name
        return {**context, "refused": refusal(error, engine_language(), consultants=names)}
    if found is None:
        return {**context, "refused": _("The front desk's board of that day is not open.")}
    return {**context, "preview": found, "words": found.in_words, "sequence": found.sequence}


def why_of(visit: Visit, staff: Staff) -> Context:
    """Why this consultant: the latest decision in words."""
    return {"visit": visit, "told": _latest(visit), "knows": may_know_visitor(staff, visit)}


def decision_page_of(visit: Visit, staff: Staff) -> Context:
    """Every decision about a visit, and all that happened with it."""
    found = decisions_of(visit)
    knows = may_know_visitor(staff, visit)
    return {
        "visit": visit,
        "told": found[0] if found else None,
        "earlier": found[1:],
        "happened": happened_with(visit),
        "knows": knows,
        "visitor_name": visit.visitor.name if knows else masked_name(visit.visitor.name),
        "operates": staff.may(Capability.OPERATE_DESK_BOARD),
        "corrects": bool(kinds_for(visit, staff)),
    }


def questions_of(staff: Staff, now: datetime) -> Context:
    """What a person is asked, and the seats that are here to be named."""
    questions = open_questions(staff, now)
    rows = [row for row in board_rows(questions[0].board, now) if row.state in HERE] if questions else []
    return {"questions": questions, "rows": rows, "supervises": staff.may(Capability.ANSWER_ESCALATIONS)}


def decisions_list_of(visitor: Visitor) -> QuerySet[Decision]:
    """Return the decisions about a visitor's visits, newest first."""
    return decisions_about(visitor)


def visitor_panel_of(visitor: Visitor, page: Page[Decision]) -> Context:
    """A page of the decisions about a visitor."""
    pks: Iterable[int] = [one.pk for one in page.object_list]
    return {"visitor": visitor, "page": page, "told": told(Decision.objects.filter(pk__in=pks).order_by("-pk"))}


def policy_of(branch: Branch, now: datetime) -> Context:
    """The rules a branch runs by today, and the versions before and after."""
    policy = policy_of_day(branch, branch.today(now))
    return {
        "policy": policy,
        "preset": PRESET_NAMES[policy.preset if policy else "standard"],
        "knobs": knobs_of(rules_of(policy) if policy else preset("standard"), words_for(branch, branch.today(now))),
        "versions": list(Policy.objects.filter(branch=branch).select_related("created_by").order_by("-version")[:20]),
    }
