"""How a day begins: who sits in which order, and what the day before leaves behind."""

from collections.abc import Collection, Sequence
from datetime import datetime

from .facts import Board, Presence
from .ledger import Opened, OpeningSeat
from .policy import Policy

Unit = tuple[str, ...]


def opening_entry(
    *,
    rules: Policy,
    roster: Sequence[str],
    present: Sequence[str] | None,
    last: Board | None,
    now: datetime,
    by: str,
    off: Collection[str] = (),
    teams: Sequence[Unit] = (),
) -> Opened:
    """Return the entry that opens a day: seats in the order the policy asks for. Ids are staff ids as strings.

    `present` are here already, in the order they came (None: nobody under `check_in`, everybody otherwise); `off` have
    the day off; the others are expected. `teams` makes it a team board: its seats are those of the teams, and `roster`
    is not asked. The order is then that of the teams; one comes as soon as somebody of it does.
    """
    units: list[Unit] = list(teams) or [(one,) for one in roster]
    here: Sequence[str]
    if rules.opening == "check_in":
        here = present or ()
    else:
        here = [one for unit in units for one in unit if one not in off] if present is None else present
    pointer, used = None, 0
    if rules.opening == "check_in":
        units.sort(key=lambda unit: min([here.index(one) for one in unit if one in here], default=len(here)))
    elif rules.opening == "continue" and last is not None:
        before = _units(last)
        units.sort(key=lambda unit: _place(unit, before))
        pointer = _next_here(before, last.pointer(), units)
        goes_on = rules.carry_owed and pointer is not None and _holds(units, last.pointer()) == pointer
        used = last.used if goes_on and last.used < rules.turn_size else 0
    seats = [OpeningSeat(one, *_presence(one, here, off)) for unit in units for one in unit]
    owed = [_holds(units, owed.seat) for owed in last.owed] if last is not None and rules.carry_owed else []
    return Opened(
        at=now,
        by=by,
        seats=tuple(seats),
        pointer=pointer,
        owed=tuple([one for one in owed if one is not None]),
        used=used,
        teams=tuple(units) if teams else (),
    )


def _presence(person: str, here: Collection[str], off: Collection[str]) -> tuple[Presence, bool]:
    if person in here:
        return Presence.ON, True
    return Presence.OFF if person in off else Presence.LATE, False


def _units(board: Board) -> list[Unit]:
    return list(board.teams) or [(seat.consultant,) for seat in board.seats]


def _place(unit: Unit, before: Sequence[Unit]) -> int:
    """Where the day before had the first of these persons; who was nowhere comes last."""
    places = [place for one in unit for place, earlier in enumerate(before) if one in earlier]
    return places[0] if places else len(before)


def _holds(units: Sequence[Unit], person: str | None) -> str | None:
    """The seat of the rotation a person belongs to today."""
    return next((unit[0] for unit in units if person in unit), None)


def _next_here(before: Sequence[Unit], pointer: str | None, units: Sequence[Unit]) -> str | None:
    """Where yesterday's pointer stands today: at its seat, or at the next one that has a seat today."""
    start = next((place for place, unit in enumerate(before) if unit[0] == pointer), None)
    if start is None:
        return None
    following = [*before[start:], *before[:start]]
    return next((key for unit in following for one in unit if (key := _holds(units, one)) is not None), None)
