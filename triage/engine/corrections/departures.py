"""T7 and T8: the consultant declines, or the visitor walks out."""

from datetime import datetime, timedelta

from ..decision import Refused
from ..facts.board import Board
from ..facts.words import Turn
from ..ledger.afterwards import Declined, Left
from ..policy import Policy


def decline(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Declined:
    """T7: the allocated consultant declines; the visit is then allocated again, with her in `Arrival.declined_by`.

    Raises Refused where the policy forbids it, and once the visitor is in the room.
    """
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        raise Refused("T7", "not_allocated")
    if policy.decline == "forbidden":
        raise Refused("T7", "forbidden", {"consultant": seat.consultant})
    if held.entered:
        raise Refused("T7", "in_room", {"consultant": seat.consultant})
    return Declined(at=at, by=by, reason=reason, visit=visit, seat=seat.consultant, turn=held.turn)


def leave(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Left:
    """T8: the visitor walks out. A turn is returned within `left_early_minutes` of allocation, unless she went in.

    Raises Refused when the visit is neither with a seat nor waiting for a name.
    """
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        if board.pending_for(visit) is None:
            raise Refused("T8", "not_allocated")
        return Left(at=at, by=by, reason=reason, visit=visit)
    early = at - held.at <= timedelta(minutes=policy.left_early_minutes)
    returned = early and not held.entered and held.turn is not Turn.FREE
    return Left(at=at, by=by, reason=reason, visit=visit, seat=seat.consultant, turn=held.turn, returned=returned)
