"""How a day and its rehearsal are compared, and what is written down about a visit."""

from collections.abc import Sequence
from typing import Any, Protocol

from reception.models import Visit
from tests.factories.triage import Morning
from triage.engine import facts
from triage.engine.rehearsal.compare import differences, play, seats_of
from triage.engine.rehearsal.lines import rehearse
from triage.engine.rehearsal.reader import read_day
from triage.engine.rehearsal.writer import write_day
from triage.models import Board, Decision
from triage.selectors.boards import state_of
from triage.selectors.integrity import check_board
from triage.selectors.rehearsal import past_day


class HasBoard(Protocol):
    """Whatever plays on a board."""

    board: Board


def brief(answer: Any) -> tuple[Any, ...]:
    """What two decisions are compared by."""
    previous = answer.previous
    return (
        answer.decision, answer.rule, answer.consultant, answer.turn, answer.turn_rule, answer.visit_type,
        answer.type_rule, answer.owner, answer.passed, answer.wait_minutes, answer.pointer_after, answer.ignored,
        answer.named_by, answer.guest, answer.asks, answer.debt is not None,
        (previous.seat, previous.fate, previous.turn, previous.stays, previous.exchanged) if previous else None,
    )  # fmt: skip


def standing(board: facts.Board) -> dict[str, Any]:
    """All that stands on a board, without the numbers of entries."""
    return {
        "seats": [
            (
                seat.consultant, seat.presence, seat.came, seat.suspended, seat.stated_busy, seat.free_at, seat.until,
                visitor_of(seat.waited_by), seat.counted, seat.make_ups, seat.receptions,
                [
                    (visitor_of(one.visit), one.turn, one.at, one.entered, one.rule, one.turn_rule, one.owner)
                    for one in seat.visits
                ],
            )
            for seat in (*board.seats, *board.guests)
        ],
        "pointers": board.pointers,
        "used": board.used,
        "owed": [(one.seat, one.cause, visitor_of(one.visit)) for one in board.owed],
        "pending": [(visitor_of(one.visit), one.rule, one.since, one.owner, one.before) for one in board.pending],
        "debts": [(one.debtor, one.creditor) for one in board.debts],
    }  # fmt: skip


def state_of_board(morning: Morning) -> facts.Board:
    """The board as it stands."""
    return state_of(Board.objects.get(pk=morning.board.pk))


def visitor_of(number: str | None) -> str | None:
    """A visit of a rehearsal is called by its visitor and a number of its own."""
    return number.partition("#")[0] if number is not None else None


def agrees(morning: HasBoard, *, least: int = 6) -> None:
    """The rehearsed day is the one that happened: decision by decision, and in all that stands on the board."""
    board = Board.objects.select_related("branch").get(pk=morning.board.pk)
    past = past_day(board)
    played = play(past.day)
    assert [(one.event, one.why) for one in played.skipped] == []
    others = {
        place: (past.day.events[place], brief(live), told)
        for place, live in past.decided.items()
        if (told := [brief(line.decision) for line in played.lines[place]]) != [brief(live)]
    }
    assert others == {}
    assert Decision.objects.filter(board=board).count() == len(past.decided) >= least
    assert differences(past, played) == []
    assert seats_of(played.player.board) == seats_of(past.board)
    assert standing(played.player.board) == standing(past.board)
    assert rehearse(read_day(write_day(past.day))) == rehearse(past.day)
    assert check_board(board).problems == ()


OF_A_VISIT = (
    "visit_type", "type_rule", "rule", "turn", "consultant", "owner", "purpose", "after_review", "other_reason",
    "referrer", "referral_by", "visitor__owner", "visitor__standing",
)  # fmt: skip


def written(visit: Visit) -> dict[str, Any]:
    """What is written down about a visit, beside when."""
    return register([visit])[visit.pk]


def register(visits: Sequence[Visit]) -> dict[int, dict[str, Any]]:
    """What is written down about visits, by id. What a consultant had accepted waits again once it was taken back."""
    rows = Visit.objects.filter(pk__in=[one.pk for one in visits]).values("pk", *OF_A_VISIT, "state")
    waits = {Visit.State.ACCEPTED.value: Visit.State.WAITING.value}
    return {row["pk"]: {**row, "state": waits.get(row["state"], row["state"])} for row in rows}


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What is not the same, both ways."""
    return {key: (one[key], other[key]) for key in one if one[key] != other[key]}
