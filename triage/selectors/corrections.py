"""What a correction would do, said before it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.models import Staff
from clinic.roles import Capability
from reception.models import Visit, Visitor
from triage.engine import corrections as rules
from triage.engine import decision as engine
from triage.engine import facts, ledger
from triage.engine.allocate import entries_for
from triage.engine.explain import Explanation
from triage.engine.rehearsal.day import CorrectionKind
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import FRONT, board_of_day, names_of, state_of
from triage.selectors.decisions import said_of
from triage.selectors.facts import Known, facts_of, person_of
from triage.selectors.words import explained, project_names

Kind = CorrectionKind
# In the order of the rulebook; what each is asked beside the reason.
ASKS: Mapping[Kind, str] = {
    Kind.NOT_OFFERED: "",
    Kind.CANNOT_DO: "",
    Kind.REFERRAL: "referrer",
    Kind.CHANGE_CONSULTANT: "designates",
    Kind.WAIT_OVER: "",
    Kind.REFUSE_WAIT: "",
    Kind.MISALLOCATED: "owner",
    Kind.TRANSFER: "to",
    Kind.WANTS_CONSULTATION: "",
}
RULE_OF: Mapping[Kind, str] = {
    Kind.NOT_OFFERED: "K1",
    Kind.CANNOT_DO: "K2",
    Kind.REFERRAL: "K3",
    Kind.CHANGE_CONSULTANT: "K4",
    Kind.WAIT_OVER: "K5",
    Kind.REFUSE_WAIT: "A4",
    Kind.MISALLOCATED: "K6",
    Kind.TRANSFER: "K7",
    Kind.WANTS_CONSULTATION: "C4",
}
# What explains itself; everything else is asked why.
WITHOUT_REASON = (Kind.WAIT_OVER, Kind.REFUSE_WAIT, Kind.WANTS_CONSULTATION)


@dataclass(frozen=True, slots=True)
class Correction:
    """What the desk, or the consultant of a visit, wants corrected.

    `consultant`: whom the visitor designates (K4), the owner (K6) or the receiver (K7).
    """

    kind: Kind
    consultant: Staff | None = None
    referrer: Visitor | None = None
    fault: facts.Fault | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a correction amounts to on the board as it is now, and what that does to the board, in sentences."""

    correction: Correction
    board: Board
    sequence: int
    answer: engine.Decision
    known: Known
    effects: tuple[str, ...]

    @property
    def in_words(self) -> Explanation:
        """Return the answer and its reasons in the reader's language."""
        return explained(self.answer, self.known.names, project_names(self.known.situation.arrival.projects))


def kinds_for(visit: Visit, staff: Staff) -> list[Kind]:
    """Return the corrections a person may make of a visit as it stands now.

    The desk makes them all; a consultant begins a few herself, of a visitor who is with her (R5).
    """
    found = {*_at_the_desk(visit, staff), *_in_her_room(visit, staff)}
    return [kind for kind in ASKS if kind in found]


def _in_her_room(visit: Visit, staff: Staff) -> list[Kind]:
    hers = visit.consultant_id == staff.pk and visit.state in (Visit.State.ACCEPTED, Visit.State.IN_ROOM)
    if not hers or not staff.may(Capability.WORK_OWN_QUEUE):
        return []
    found = [Kind.NOT_OFFERED, Kind.CANNOT_DO, Kind.CHANGE_CONSULTANT, Kind.TRANSFER]
    return [*found, Kind.REFERRAL] if visit.visit_type == Visit.VisitType.FIRST else found


def _at_the_desk(visit: Visit, staff: Staff) -> list[Kind]:
    if not staff.may(Capability.OPERATE_DESK_BOARD):
        return []
    found: list[Kind] = []
    with_somebody = visit.consultant_id is not None and visit.state in Visit.OPEN_STATES
    if with_somebody:
        found += [Kind.NOT_OFFERED, Kind.CANNOT_DO, Kind.CHANGE_CONSULTANT, Kind.TRANSFER]
        if visit.visit_type == Visit.VisitType.FIRST:
            found.append(Kind.REFERRAL)
        if visit.state in (Visit.State.WAITING, Visit.State.ACCEPTED):
            found += [Kind.WAIT_OVER, Kind.REFUSE_WAIT]
    if staff.may(Capability.OVERRIDE_TRIAGE) and visit.consultant_id is not None and visit.state != Visit.State.VOID:
        found.append(Kind.MISALLOCATED)
    review = visit.purpose == Visit.Purpose.REVIEW and visit.visit_type in ("", Visit.VisitType.REVIEW)
    if review and visit.state == Visit.State.REGISTERED:
        found.append(Kind.WANTS_CONSULTATION)
    return found


def preview(*, visit: Visit, correction: Correction, now: datetime, other_reason: str | None = None) -> Preview | None:
    """Return what a correction would do now; None while the front desk's board is not open. Writes nothing.

    `other_reason`: what the visit will say when it is carried out, in the place of what it says now (None: that).
    Raises the engine's Refused when the rules do not allow it.
    """
    board = board_of_day(visit.branch, FRONT, visit.day)
    if board is None or board.closed_at is not None:
        return None
    state = state_of(board)
    known, answer = judged(
        visit=visit, correction=correction, board=board, state=state, now=now, other_reason=other_reason
    )
    after = state
    for entry in entries_for(answer, at=now, by=""):
        after = ledger.apply(after, entry)
    names = known.names | names_of({seat.consultant for seat in state.seats})
    return Preview(correction, board, board.sequence, answer, known, tuple(effects(state, after, answer, names)))


def judged(
    *,
    visit: Visit,
    correction: Correction,
    board: Board,
    state: facts.Board,
    now: datetime,
    other_reason: str | None = None,
) -> tuple[Known, engine.Decision]:
    """Return the facts, and what the rules make of the correction; raises the engine's Refused.

    `other_reason` as in `preview`.
    """
    more = {correction.consultant.pk} if correction.consultant is not None else set()
    if correction.referrer is not None and correction.referrer.owner_id is not None:
        more.add(correction.referrer.owner_id)
    known = facts_of(visit=visit, board=board, state=state, now=now, said=said_of(visit), also=frozenset(more))
    if other_reason is not None:
        other = facts.OtherReason(other_reason) if other_reason else None
        arrival = replace(known.situation.arrival, other=other)
        known = replace(known, situation=replace(known.situation, arrival=arrival))
    return known, _answer(known, correction, visit)


def _answer(known: Known, correction: Correction, visit: Visit) -> engine.Decision:
    situation, reason = known.situation, correction.reason
    named = str(correction.consultant.pk) if correction.consultant is not None else None
    match correction.kind:
        case Kind.NOT_OFFERED:
            return rules.not_offered(situation, reason=reason)
        case Kind.CANNOT_DO:
            return rules.cannot_do(situation, reason=reason)
        case Kind.REFERRAL:
            referrer = person_of(correction.referrer) if correction.referrer is not None else None
            referral = facts.Referral(facts.ReferralBy.VISITOR, referrer)
            return rules.referral_found(situation, referral=referral, reason=reason)
        case Kind.CHANGE_CONSULTANT:
            return rules.change_consultant(situation, designates=named, reason=reason)
        case Kind.WAIT_OVER:
            return rules.wait_over(situation, reason=reason)
        case Kind.REFUSE_WAIT:
            return rules.refuse_wait(situation, reason=reason)
        case Kind.MISALLOCATED:
            finished = _finished(visit) if situation.board.seat_of(str(visit.pk)) is None else None
            return rules.misallocated(
                situation, owner=named or "", fault=correction.fault, finished=finished, reason=reason
            )
        case Kind.TRANSFER:
            return rules.transfer(situation, to=named or "", reason=reason)
        case _:
            return rules.wants_consultation(situation)


def _finished(visit: Visit) -> engine.Previous | None:
    """Return who received a visit that is over, and the turn that still stands for it; None when nobody did."""
    last = Decision.objects.filter(visit=visit, board__desk=FRONT, consultant__isnull=False).order_by("-pk").first()
    if last is None or visit.consultant_id is None:
        return None
    team = engine.Decision.from_json(last.answer).team
    # Who left early has given the turn back already (T8).
    given_back = LedgerEntry.objects.filter(visit=visit, board__desk=FRONT, kind="left", body__returned=True).exists()
    turn = facts.Turn(visit.turn) if visit.turn and not given_back else facts.Turn.FREE
    return engine.Previous(seat=str(visit.consultant_id), fate=facts.Fate.FREE, turn=turn, team=team)


def effects(
    before: facts.Board, after: facts.Board, answer: engine.Decision, names: Mapping[str, str]
) -> Iterable[str]:
    """Say what changes on a board, seat by seat; that nothing does is said too."""
    said = 0
    for seat in before.seats:
        now = after.seat(seat.consultant)
        if now is None:
            continue
        who = {"name": names.get(seat.consultant, seat.consultant)}
        lost, gained = seat.turns - now.turns, now.turns - seat.turns
        owed = len(after.owed_to(seat.consultant)) - len(before.owed_to(seat.consultant))
        holds = answer.visit and now.holds(answer.visit) is not None
        held = seat.holds(answer.visit) is not None
        if held and not holds:
            yield _("%(name)s no longer has the visit.") % who
        if holds and not held:
            yield _("%(name)s receives the visit.") % who
        if gained > 0:
            yield _("%(name)s: one turn more.") % who
        if lost > 0:
            yield _("%(name)s: the turn no longer counts.") % who
        if owed > 0:
            yield ngettext(
                "%(name)s is owed %(count)s make-up turn more.", "%(name)s is owed %(count)s make-up turns more.", owed
            ) % {**who, "count": owed}
        if owed < 0:
            yield _("%(name)s: an owed turn is used.") % who
        said += bool(holds is not held or gained or lost or owed)
    for debt in after.debts:
        if debt not in before.debts:
            yield _("The next turn of %(debtor)s goes to %(creditor)s.") % {
                "debtor": names.get(debt.debtor, debt.debtor),
                "creditor": names.get(debt.creditor, debt.creditor),
            }
    if after.pointer() != before.pointer():
        yield _("Next in turn: %(name)s.") % {"name": names.get(after.pointer() or "", "")}
    elif said:
        yield _("Whose turn is next stays as it is.")
    else:
        yield _("Turns and the order of the board stay as they are.")
