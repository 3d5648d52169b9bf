"""Plays a day: event by event through the same rules and the same ledger as the desk. Nothing is kept."""

from collections.abc import Callable, Iterator

from ...ledger.entry import LedgerError
from ..day import (
    Arrive,
    CheckIn,
    Close,
    Correct,
    DealMade,
    Decline,
    End,
    Enter,
    Event,
    Finish,
    Learn,
    Leave,
    Name,
    Reorder,
    Say,
)
from . import corrections, happenings
from .desk import Desk, Impossible, Line


class Player(Desk):
    """Plays a day at a desk, event by event."""

    def play(self) -> Iterator[Line]:
        """Play all events, yielding a line for each decision; raises Impossible."""
        for event in self.day.events:
            yield from self.happen(event)

    def happen(self, event: Event) -> list[Line]:
        """Play one event; raises Impossible when it cannot happen."""
        try:
            return _HAPPENINGS[type(event)](self, event)
        except LedgerError as error:
            raise Impossible(str(error)) from error


_HAPPENINGS: dict[type[Event], Callable[..., list[Line]]] = {
    Arrive: happenings.arrives,
    CheckIn: happenings.checks_in,
    Reorder: happenings.reorders,
    Learn: happenings.learns,
    End: happenings.ends,
    Say: happenings.says,
    Enter: happenings.enters,
    Finish: happenings.finishes,
    Decline: happenings.declines,
    Leave: happenings.leaves,
    Correct: corrections.corrects,
    Name: corrections.names,
    DealMade: happenings.buys,
    Close: happenings.closes,
}
