"""The whole of a day."""

from datetime import UTC, datetime, time

import yaml

from ...credit import PreReport
from ..day import Carry, Day
from .events import read_event
from .mistakes import Mistake, NotADay
from .pieces import Reader
from .setting import read_carry, read_consultants, read_policy, read_projects, read_report, read_seats, read_visitor


def read_day(text: str, *, policy: str | None = None) -> Day:
    """The day a YAML text describes; `policy` replaces the file's. Raises NotADay."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise NotADay([Mistake(mark.line + 1 if mark is not None else 1, str(problem))]) from None
    if not isinstance(root, yaml.MappingNode):
        raise NotADay([Mistake(1, "a day is a mapping with `day`, `seats` and `events`")])
    return _day(Reader(policy), root)


def _day(reader: Reader, root: yaml.MappingNode) -> Day:
    top = reader.mapping(
        root,
        required=("day", "seats"),
        known=(
            "day",
            "desk",
            "policy",
            "projects",
            "unoffered",
            "consultants",
            "seats",
            "carry",
            "visitors",
            "pre_reports",
            "events",
        ),
        what="a day",
    )
    if "day" in top:
        reader.date = reader.a_date(top["day"]) or reader.date
    desk = reader.text(top["desk"]) if "desk" in top else "front"
    if "projects" in top:
        read_projects(reader, top["projects"])
    for node in reader.items(top["unoffered"]) if "unoffered" in top else ():
        reader.unoffered.add(reader.text(node))
    states: dict[str, str] = {}
    if "consultants" in top:
        states = read_consultants(reader, top["consultants"])
    seats, teams = read_seats(reader, top["seats"], states) if "seats" in top else ((), ())
    policy = read_policy(reader, top.get("policy"), root)
    carry = (
        read_carry(reader, top["carry"], teams or tuple((one.consultant,) for one in seats))
        if "carry" in top
        else Carry()
    )
    for node in reader.items(top["visitors"]) if "visitors" in top else ():
        read_visitor(reader, node)
    reports: dict[str, tuple[PreReport, ...]] = {}
    for node in reader.items(top["pre_reports"]) if "pre_reports" in top else ():
        read_report(reader, node, reports)
    events = [read_event(reader, node) for node in reader.items(top["events"])] if "events" in top else []
    if reader.mistakes:
        raise NotADay(reader.mistakes)
    return Day(
        day=reader.date,
        opens_at=datetime.combine(reader.date, time(0), UTC),
        policy=policy,
        desk=desk,
        ranks=reader.projects,
        consultants=reader.consultants,
        seats=seats,
        teams=teams,
        carry=carry,
        persons=reader.persons,
        pre_reports=reports,
        events=tuple([one for one in events if one is not None]),
    )
