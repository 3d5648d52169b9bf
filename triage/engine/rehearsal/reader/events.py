"""What happens on the day, event by event."""

from collections.abc import Callable
from datetime import datetime

import yaml

from ...facts.people import Consultant
from ...facts.words import Fault, ReferralBy, SeatChange, Turn
from ..day import (
    CheckIn,
    Close,
    Correct,
    CorrectionKind,
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
from .arrivals import read_arrival
from .pieces import Reader
from .setting import CONSULTANT, read_consultant, read_person

NEEDS = {
    CorrectionKind.REFERRAL: "referrer",
    CorrectionKind.MISALLOCATED: "owner",
    CorrectionKind.TRANSFER: "to",
}
TAKES = {
    CorrectionKind.REFERRAL: ("referrer", "referral_by"),
    CorrectionKind.CHANGE_CONSULTANT: ("designates",),
    CorrectionKind.MISALLOCATED: ("owner", "fault"),
    CorrectionKind.TRANSFER: ("to",),
}


def read_event(reader: Reader, node: yaml.Node) -> Event | None:
    """One event; None when it is not one."""
    if not isinstance(node, yaml.MappingNode):
        reader.wrong(node, "an event is a mapping with `at` and what happens")
        return None
    kinds = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value in _EVENTS]
    if len(kinds) != 1:
        said = f"{' and '.join(kinds)} in one event" if kinds else "nothing happens here"
        reader.wrong(node, f"{said}: an event is one of {', '.join(_EVENTS)}")
        return None
    kind = kinds[0]
    read, required, known = _EVENTS[kind]
    row = reader.mapping(node, required=("at", *required), known=("at", kind, *required, *known), what=kind)
    at = reader.time(row["at"]) if "at" in row else None
    if at is None or not set(required) <= row.keys():
        return None
    return read(reader, row, at, node.start_mark.line + 1)


def _check_in(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    seat = reader.consultant(row["check_in"])
    return CheckIn(at=at, line=line, seat=seat) if seat is not None else None


def _reorder(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    seats = [reader.consultant(node) for node in reader.items(row["reorder"])]
    return Reorder(at=at, line=line, seats=tuple([seat for seat in seats if seat is not None]))


def _learn(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    told = reader.mapping(row["learn"], known=("visitors", "consultants", "projects"), what="learn")
    persons = [read_person(reader, node) for node in reader.items(told["visitors"])] if "visitors" in told else []
    consultants: dict[str, Consultant] = {}
    for node in reader.items(told["consultants"]) if "consultants" in told else ():
        one = reader.mapping(node, required=("id",), known=CONSULTANT, what="a consultant")
        name = reader.consultant(one.get("id"))
        if name is not None:
            state = reader.state(one["state"]) if "state" in one else "on"
            consultants[name] = read_consultant(reader, one, name, state)
    ranks: dict[str, int | None] = {}
    for key, value in reader.pairs(told["projects"]) if "projects" in told else ():
        ranks[reader.text(key)] = None if value.tag.endswith(":null") else reader.number(value)
    return Learn(
        at=at,
        line=line,
        persons={person.id: person for person in persons if person is not None},
        consultants=consultants,
        ranks=ranks,
    )


def _say(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    seat, word = reader.consultant(row["seat"]), reader.switched(row["is"])
    change = reader.one_of(row["is"], tuple(SeatChange), given=word)
    free_in = reader.number(row["free_in"]) if "free_in" in row else None
    if "free_in" in row and change != SeatChange.BUSY:
        reader.wrong(row["free_in"], "`free_in` goes with `is: busy`")
    if "until" in row and change != SeatChange.OUT:
        reader.wrong(row["until"], "`until` goes with `is: out`")
    until = reader.clock(row["until"]) if "until" in row else None
    if seat is None or change is None:
        return None
    return Say(at=at, line=line, seat=seat, change=SeatChange(change), free_in=free_in, until=until)


def _decline(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    consultant = reader.consultant(row.get("consultant"))
    return Decline(at=at, line=line, visitor=reader.visitor(row["decline"]), consultant=consultant)


def _correct(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    kind = reader.choice(row["as"], CorrectionKind)
    if kind is None:
        return None
    for key in row.keys() - {"at", "correct", "as", "reason", *TAKES.get(kind, ())}:
        reader.wrong(row[key], f"`{key}` does not go with `as: {kind.value}`")
    needed = NEEDS.get(kind)
    if needed is not None and needed not in row:
        reader.wrong(row["as"], f"`as: {kind.value}` needs `{needed}`")
    return Correct(
        at=at,
        line=line,
        visitor=reader.visitor(row["correct"]),
        kind=kind,
        referrer=reader.text(row["referrer"]) if "referrer" in row else None,
        referral_by=reader.choice(row["referral_by"], ReferralBy) if "referral_by" in row else None,
        designates=reader.consultant(row.get("designates")),
        owner=reader.consultant(row.get("owner")),
        fault=reader.choice(row["fault"], Fault) if "fault" in row else None,
        to=reader.consultant(row.get("to")),
        reason=reader.text(row["reason"]) if "reason" in row else "",
    )


def _name(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    by = reader.one_of(row["by"], ("owner", "supervisor"))
    consultant = reader.consultant(row["name"])
    turn = reader.choice(row["turn"], Turn) if "turn" in row else None
    if "turn" in row and "reason" not in row:
        reader.wrong(row["turn"], "`turn` goes with the `reason` of an override")
    if turn is Turn.MAKE_UP:
        reader.wrong(row["turn"], "an override is `counted` or `free`")
    if by is None or consultant is None:
        return None
    reason = reader.text(row["reason"]) if "reason" in row else ""
    if reason and by == "owner":
        reader.wrong(row["reason"], "only the supervisor overrides")
    return Name(
        at=at, line=line, consultant=consultant, visitor=reader.visitor(row["for"]), by=by, reason=reason, turn=turn
    )


def _deal(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    if "amount" in row:
        reader.amount(row["amount"])
    return DealMade(at=at, line=line, visitor=reader.visitor(row["deal"]))


def _close(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
    if not reader.switch(row["close"]):
        reader.wrong(row["close"], "a day is closed with `close: true`")
    return Close(at=at, line=line)


Read = Callable[[Reader, dict[str, yaml.Node], datetime, int], Event | None]


def _about(kind: str, event: Callable[..., Event]) -> Read:
    def read(reader: Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        return event(at=at, line=line, visitor=reader.visitor(row[kind]))

    return read


# Word → how it is read, what it needs beside it, what it takes beside it.
_EVENTS: dict[str, tuple[Read, tuple[str, ...], tuple[str, ...]]] = {
    "arrive": (
        read_arrival,
        (),
        (
            "projects",
            "purpose",
            "referrer",
            "referral_by",
            "designates",
            "designated_by",
            "turn",
            "other",
            "friend",
            "group",
            "wants",
            "emergency",
            "claims_history",
            "refuses_wait",
            "part",
            "type",
            "reason",
            "announced",
            "agent",
            "answered_by",
            "age",
            "guardian",
            "after_review",
            "at_desk",
            "doctor",
            "agrees",
            "barred",
            "again",
            "undecided",
        ),
    ),
    "check_in": (_check_in, (), ()),
    "reorder": (_reorder, (), ()),
    "learn": (_learn, (), ()),
    "end": (_about("end", End), (), ()),
    "seat": (_say, ("is",), ("free_in", "until")),
    "enter": (_about("enter", Enter), (), ()),
    "finish": (_about("finish", Finish), (), ()),
    "decline": (_decline, (), ("consultant",)),
    "leave": (_about("leave", Leave), (), ()),
    "correct": (
        _correct,
        ("as",),
        ("referrer", "referral_by", "designates", "owner", "fault", "to", "reason"),
    ),
    "name": (_name, ("for", "by"), ("reason", "turn")),
    "deal": (_deal, (), ("amount",)),
    "close": (_close, (), ()),
}
