"""The ledger entries a decision means."""

from datetime import datetime
from typing import Any

from ..decision import Decision, Outcome, Previous
from ..facts.board import Pending
from ..facts.words import Fate, Turn
from ..ledger.afterwards import Corrected, Released, Returned
from ..ledger.entry import Entry
from ..ledger.giving import Allocated, Escalated, Moved, Named, OwnerAsked


def entries_for(decision: Decision, *, at: datetime, by: str) -> tuple[Entry, ...]:
    """The ledger entries a confirmed decision means, in order; none when nothing on the board changes."""
    if decision.previous is not None:
        return _correcting(decision, decision.previous, at, by)
    if decision.decision is Outcome.ESCALATE:
        return (Escalated(at=at, by=by, visit=decision.visit, owner=decision.owner),)
    if decision.decision is Outcome.ASK_OWNER and decision.owner is not None:
        return (OwnerAsked(at=at, by=by, visit=decision.visit, owner=decision.owner),)
    if decision.consultant is None or decision.turn is None or decision.turn_rule is None:
        return ()
    given = _given(decision, at, by)
    if decision.named_by is not None:
        return (Named(**given, named_by=decision.named_by.value),)
    return (Allocated(**given),)


def _given(decision: Decision, at: datetime, by: str) -> dict[str, Any]:
    """What an entry says that gives a visit to a seat."""
    return {
        "at": at,
        "by": by,
        "reason": decision.reason,
        "visit": decision.visit,
        "seat": decision.consultant,
        "rule": decision.rule,
        "turn": decision.turn,
        "turn_rule": decision.turn_rule,
        "lane": decision.lane,
        "passed": decision.passed,
        "pointer_before": decision.pointer_before,
        "pointer_after": decision.pointer_after,
        "make_up": decision.make_up,
        "waits": decision.decision is Outcome.WAIT,
        "answers": decision.answers,
        "team": decision.team,
        "used_before": decision.used_before,
        "used_after": decision.used_after,
        "member_before": decision.member_before,
        "member_after": decision.member_after,
        "debt": decision.debt,
        "guest": decision.guest,
        "owner": decision.owner,
    }


def _correcting(decision: Decision, previous: Previous, at: datetime, by: str) -> tuple[Entry, ...]:
    """The entry of a correction: the visit moves, is with nobody, or stays and only its turn changes."""
    rule, visit, held = decision.rule, decision.visit, previous.held
    common: dict[str, Any] = {"at": at, "by": by, "reason": decision.reason, "rule": rule, "visit": visit}
    if held is None:
        return (Returned(**common, seat=previous.seat, turn=previous.turn or Turn.FREE, team=previous.team),)
    if previous.stays:
        disowned = decision.owner != held.owner
        whose: dict[str, Any] = (
            {"disowned": True, "owner": decision.owner, "owner_before": held.owner} if disowned else {}
        )
        returned = previous.fate is Fate.RETURNED
        return (
            Corrected(
                **common,
                **whose,
                seat=previous.seat,
                turn=held.turn,
                returned=returned,
                corrects=held.given or None,
            ),
        )
    if decision.consultant is None:
        asks = Pending(visit, decision.asks, at, decision.owner, previous.seat) if decision.asks else None
        return (
            Released(
                **common,
                seat=previous.seat,
                place=previous.place,
                held=held,
                waited=previous.waited,
                fate=previous.fate,
                asks=asks,
                corrects=held.given or None,
            ),
        )
    return (
        Moved(
            **_given(decision, at, by),
            left_seat=previous.seat,
            left_place=previous.place,
            held=held,
            waited=previous.waited,
            fate=previous.fate,
            exchanged=previous.exchanged,
            corrects=held.given or None,
        ),
    )
