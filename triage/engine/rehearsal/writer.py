"""Writes a day as YAML that `read_day` reads back: the same events, the same decisions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import yaml

from ..facts.people import Consultant, Person
from ..facts.words import DesignatedBy, Employment, Presence, Purpose, Turn
from .day import (
    Arrive,
    CheckIn,
    Close,
    Correct,
    Day,
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

Row = dict[str, Any]


def write_day(day: Day) -> str:
    """The day as YAML, one line a consultant, a visitor and an event. Times are those of the day's own zone."""
    top: list[str] = [
        _line("day", str(day.day)),
        _line("desk", day.desk),
        _line("policy", day.policy.to_json()),
        _line("projects", _ranked(day)),
        _line("unoffered", sorted(_unoffered(day))),
    ]
    presence = {seat.consultant: seat.presence for seat in day.seats}
    top += _lines("consultants", [_consultant(one, presence.get(one.id)) for one in _everybody(day).values()])
    seats: list[Any] = [list(team) for team in day.teams] or [seat.consultant for seat in day.seats]
    top += [_line("seats", seats), _line("carry", _carry(day))]
    top += _lines("visitors", [_person(name, one) for name, one in day.persons.items()])
    reports = [
        {"visitor": visitor, "by": one.by, "on": str(one.on)}
        | ({"follow_up": str(one.follow_up)} if one.follow_up is not None else {})
        for visitor, several in day.pre_reports.items()
        for one in several
    ]
    top += _lines("pre_reports", reports)
    clock = _Clock(day)
    top += _lines("events", [{"at": clock.of(event.at)} | _event(event, clock) for event in day.events])
    return "\n".join(top) + "\n"


class _Clock:
    """Times as they stand in the file: of this day, none earlier than the one before it."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.latest: datetime | None = None

    def of(self, at: datetime) -> str:
        """The time of an event; work finished after midnight stands at the day's last moment."""
        self.latest = max(at, self.latest) if self.latest is not None else at
        return self.word(self.latest)

    def word(self, at: datetime) -> str:
        if at.date() > self.day.day:
            return "23:59:59.999999"
        return f"{at:%H:%M}" if at == at.replace(second=0, microsecond=0) else f"{at:%H:%M:%S.%f}"


def _dumped(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...")


def _line(key: str, value: Any) -> str:
    return f"{key}: {_dumped(value)}"


def _lines(key: str, rows: list[Row]) -> list[str]:
    return [f"{key}:", *(f"  - {_dumped(row)}" for row in rows)] if rows else [f"{key}: []"]


def _ranked(day: Day) -> list[Any]:
    """Projects from the most major, equal ones in an inner list."""
    by_rank: dict[int, list[str]] = {}
    for project, rank in sorted(day.ranks.items(), key=lambda pair: pair[1]):
        by_rank.setdefault(rank, []).append(project)
    return [one[0] if len(one) == 1 else one for one in by_rank.values()]


def _learnt(day: Day) -> list[Learn]:
    return [event for event in day.events if isinstance(event, Learn)]


def _unoffered(day: Day) -> set[str]:
    """Every project that is named somewhere and has no rank when the day begins."""
    named: set[str] = set(day.policy.priority)
    people = [*day.consultants.values(), *(one for event in _learnt(day) for one in event.consultants.values())]
    for one in people:
        named.update(one.scope or (), one.excluded, one.dedicated)
    for event in day.events:
        if isinstance(event, Arrive):
            named.update(event.projects)
    return named - day.ranks.keys()


def _everybody(day: Day) -> dict[str, Consultant]:
    """Every consultant who is named somewhere; of one nothing is known about, only the name."""
    named = [seat.consultant for seat in day.seats]
    named += [name for names in day.policy.priority.values() for name in names]
    persons = [*day.persons.values(), *(one for event in _learnt(day) for one in event.persons.values())]
    named += [name for one in persons for name in ((one.owner,) if one.owner else ()) + one.received_by]
    people = [*day.consultants.values(), *(one for event in _learnt(day) for one in event.consultants.values())]
    named += [name for one in people for name in (one.successor, one.stand_in, one.sister) if name]
    for event in day.events:
        named += [name for name in _named_by(event) if name]
    return {name: Consultant(name) for name in named} | dict(day.consultants)


def _named_by(event: Event) -> Iterable[str | None]:
    match event:
        case Arrive():
            designated = event.designation.consultant if event.designation is not None else None
            return (event.wants, designated, event.agent, event.answered_by)
        case CheckIn() | Say():
            return (event.seat,)
        case Decline() | Name():
            return (event.consultant,)
        case Correct():
            return (event.designates, event.owner, event.to)
        case Learn():
            return tuple(event.consultants)
        case _:
            return ()


def _consultant(one: Consultant, presence: Presence | None = None) -> Row:
    row: Row = {"id": one.id}
    gone = one.employment is not Employment.HERE
    state = one.employment.value if gone else (presence or Presence.ON).value
    if state != "on":
        row["state"] = state
    if gone and presence is not None:
        row["presence"] = presence.value
    if one.scope is not None:
        row["scope"] = list(one.scope)
    for key, projects in (("excluded", one.excluded), ("dedicated", one.dedicated)):
        if projects:
            row[key] = list(projects)
    names = {"stand_in": one.stand_in, "sister": one.sister, "successor": one.successor if gone else None}
    row |= {key: name for key, name in names.items() if name is not None}
    return row | {"phone": True} if one.phone else row


def _person(name: str, one: Person) -> Row:
    row: Row = {"id": name, "standing": one.standing.value, "consulted_by": list(one.received_by)}
    return row | {"owner": one.owner} if one.owner is not None else row


def _carry(day: Day) -> Row:
    row: Row = {"pointer": day.carry.pointer} if day.carry.pointer is not None else {}
    if day.carry.used:
        row["used"] = day.carry.used
    return row | {"owed": list(day.carry.owed)} if day.carry.owed else row


def _event(event: Event, clock: _Clock) -> Row:
    match event:
        case Arrive():
            return _arrive(event)
        case CheckIn():
            return {"check_in": event.seat}
        case Reorder():
            return {"reorder": list(event.seats)}
        case Learn():
            return {
                "learn": {
                    "visitors": [_person(name, one) for name, one in event.persons.items()],
                    "consultants": [_consultant(one) for one in event.consultants.values()],
                    "projects": dict(event.ranks),
                }
            }
        case Say():
            row: Row = {"seat": event.seat, "is": event.change.value}
            if event.free_in is not None:
                row["free_in"] = event.free_in
            return row | {"until": clock.word(event.until)} if event.until is not None else row
        case Enter():
            return {"enter": event.visitor}
        case Finish():
            return {"finish": event.visitor}
        case Leave():
            return {"leave": event.visitor}
        case End():
            return {"end": event.visitor}
        case Decline():
            return {"decline": event.visitor} | ({"consultant": event.consultant} if event.consultant else {})
        case Correct():
            return {"correct": event.visitor, "as": event.kind.value} | _given(
                event, ("referrer", "referral_by", "designates", "owner", "fault", "to", "reason")
            )
        case Name():
            row = {"name": event.consultant, "for": event.visitor, "by": event.by}
            return row | _given(event, ("reason", "turn"))
        case DealMade():
            return {"deal": event.visitor}
        case Close():
            return {"close": True}
        case _:
            raise TypeError(f"no word for {event!r}")


def _given(event: Event, keys: Iterable[str]) -> Row:
    """What was said beside the event, enumerations by their words."""
    found = {key: getattr(event, key) for key in keys}
    return {key: str(value) for key, value in found.items() if value}


def _arrive(event: Arrive) -> Row:
    row: Row = {"arrive": event.visitors[0] if len(event.visitors) == 1 else list(event.visitors)}
    row["projects"] = list(event.projects)
    if event.purpose is not Purpose.CONSULT:
        row["purpose"] = event.purpose.value
    if event.designation is not None:
        row |= {"designates": event.designation.consultant, "designated_by": event.designation.by.value}
        if event.designation.by is DesignatedBy.MANAGEMENT and event.designation.turn is not Turn.FREE:
            row["turn"] = event.designation.turn.value
        if event.designation.refuses_wait:
            row["refuses_wait"] = True
    flags = ("group", "emergency", "claims_history", "announced", "after_review", "again", "undecided")
    row |= {key: True for key in flags if getattr(event, key)}
    row |= _given(event, ("wants", "referrer", "referral_by", "other", "friend", "part", "agent", "answered_by"))
    if event.stated_type is not None:
        row |= {"type": event.stated_type.value}
    if event.stated_reason.strip():
        row["reason"] = event.stated_reason
    if event.age is not None:
        row["age"] = event.age
    if event.at_desk is not None:
        row["at_desk"] = event.at_desk.purpose.value
        if event.at_desk.doctor is not None:
            row["doctor"] = event.at_desk.doctor
        if event.at_desk.agrees:
            row["agrees"] = True
        if event.at_desk.barred:
            row["barred"] = list(event.at_desk.barred)
    return row if event.guardian else row | {"guardian": False}
