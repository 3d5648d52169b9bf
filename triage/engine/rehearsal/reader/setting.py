"""What stands when the day begins: projects, consultants, seats, the policy, yesterday's carry, known visitors."""

from collections.abc import Collection, Mapping
from typing import Any

import yaml

from ...credit import PreReport
from ...facts.people import Consultant, Person
from ...facts.words import Employment, Presence, Standing
from ...policy import Mistake as PolicyMistake
from ...policy import Policy, PolicyError, policy_from_json
from ..day import Carry, SeatAtOpening
from .mistakes import Mistake
from .pieces import Reader

CONSULTANT = (
    "id",
    "scope",
    "excluded",
    "dedicated",
    "stand_in",
    "state",
    "presence",
    "successor",
    "phone",
    "role",
    "sister",
)


def read_projects(reader: Reader, node: yaml.Node) -> None:
    """The most major first; an inner list ranks equal."""
    for rank, one in enumerate(reader.items(node), start=1):
        for project in reader.items(one) if isinstance(one, yaml.SequenceNode) else [one]:
            name = reader.text(project)
            if name in reader.projects:
                reader.wrong(project, f"project {name} stands here twice")
            reader.projects[name] = rank


def read_consultants(reader: Reader, node: yaml.Node) -> dict[str, str]:
    """Everybody by name; returns how each stands at opening."""
    states: dict[str, str] = {}
    rows: list[tuple[dict[str, yaml.Node], str]] = []
    for one in reader.items(node):
        row = reader.mapping(one, required=("id",), known=CONSULTANT, what="a consultant")
        if "id" not in row:
            continue
        name = reader.text(row["id"])
        if name in reader.consultants:
            reader.wrong(row["id"], f"consultant {name} stands here twice")
        reader.consultants[name] = Consultant(name)
        rows.append((row, name))
    for row, name in rows:
        state = reader.state(row["state"]) if "state" in row else "on"
        states[name] = reader.state(row["presence"]) if "presence" in row else state
        reader.consultants[name] = read_consultant(reader, row, name, state)
    return states


def read_consultant(reader: Reader, row: dict[str, yaml.Node], name: str, state: str) -> Consultant:
    """What is known about one consultant."""
    if "role" in row:
        reader.one_of(row["role"], ("doctor", "consultant"))
    if "successor" in row and state not in ("left", "moved"):
        reader.wrong(row["successor"], f"{name} has a successor but has neither left nor moved")
    return Consultant(
        id=name,
        scope=reader.project_list(row["scope"]) if "scope" in row else None,
        excluded=reader.project_list(row["excluded"]) if "excluded" in row else (),
        employment=Employment(state) if state in ("left", "moved") else Employment.HERE,
        successor=reader.consultant(row.get("successor")),
        stand_in=reader.consultant(row.get("stand_in")),
        dedicated=reader.project_list(row["dedicated"]) if "dedicated" in row else (),
        phone=reader.switch(row["phone"]) if "phone" in row else False,
        sister=reader.consultant(row.get("sister")),
    )


def read_seats(
    reader: Reader, node: yaml.Node, states: Mapping[str, str]
) -> tuple[tuple[SeatAtOpening, ...], tuple[tuple[str, ...], ...]]:
    """The seats in their order, and the teams they make on a team board."""
    seats: dict[str, SeatAtOpening] = {}
    teams: list[tuple[str, ...]] = []
    items = reader.items(node)
    grouped = [isinstance(one, yaml.SequenceNode) for one in items]
    if any(grouped) and not all(grouped):
        reader.wrong(node, "seats are all persons or all teams")
    for one in items:
        members = reader.items(one) if isinstance(one, yaml.SequenceNode) else [one]
        if not members:
            reader.wrong(one, "a team has at least one member")
            continue
        for member in members:
            name = reader.consultant(member)
            if name is None:
                continue
            if name in seats:
                reader.wrong(member, f"{name} has two seats")
            presence = {"off": Presence.OFF, "late": Presence.LATE}.get(states.get(name, "on"), Presence.ON)
            seats[name] = SeatAtOpening(name, presence)
        if isinstance(one, yaml.SequenceNode):
            teams.append(tuple(reader.text(member) for member in members))
    return tuple(seats.values()), tuple(teams)


def read_policy(reader: Reader, node: yaml.Node | None, root: yaml.Node) -> Policy:
    """The policy of the file, or the one that takes its place."""
    data: Any = "standard"
    lines: dict[str, int] = {}
    if reader.policy_name is not None:
        data = reader.policy_name
    elif node is not None:
        data = reader.plain(node, lines, "")
    try:
        offered = (*reader.projects, *sorted(reader.unoffered))
        return policy_from_json(data, projects=offered, consultants=tuple(reader.consultants))
    except PolicyError as error:
        for one in error.mistakes:
            reader.mistakes.append(Mistake(_policy_line(reader, one, lines, node or root), f"policy: {one}"))
        return Policy()


def _policy_line(reader: Reader, mistake: PolicyMistake, lines: Mapping[str, int], node: yaml.Node) -> int:
    place = mistake.place
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place, node.start_mark.line + 1)


def read_carry(reader: Reader, node: yaml.Node, teams: Collection[tuple[str, ...]]) -> Carry:
    """What yesterday left behind; it names seats, or teams by their first member."""
    row = reader.mapping(node, known=("pointer", "used", "owed"), what="carry")
    keys = [team[0] for team in teams if team]
    pointer = reader.one_of(row["pointer"], keys) if "pointer" in row else None
    owed: list[str] = []
    if isinstance(row.get("owed"), yaml.SequenceNode):
        owed = [name for name in (reader.one_of(one, keys) for one in reader.items(row["owed"])) if name is not None]
    elif "owed" in row:
        for key, value in reader.pairs(row["owed"]):
            name = reader.one_of(key, keys)
            count = reader.number(value)
            owed += [name] * (count or 0) if name is not None else []
    return Carry(pointer, reader.number(row["used"]) or 0 if "used" in row else 0, tuple(owed))


def read_visitor(reader: Reader, node: yaml.Node) -> None:
    """A visitor who is in the records when the day begins."""
    person = read_person(reader, node)
    if person is None:
        return
    if person.id in reader.persons:
        reader.wrong(node, f"visitor {person.id} stands here twice")
    reader.persons[person.id] = person


def read_person(reader: Reader, node: yaml.Node) -> Person | None:
    """What the records say of a visitor; None when her name is missing."""
    row = reader.mapping(node, required=("id",), known=("id", "owner", "consulted_by", "standing"), what="a visitor")
    if "id" not in row:
        return None
    name = reader.text(row["id"])
    owner = reader.consultant(row.get("owner"))
    named = reader.items(row["consulted_by"]) if "consulted_by" in row else [row["owner"]] if owner is not None else []
    received = tuple([one for one in map(reader.consultant, named) if one is not None])
    standing = reader.choice(row["standing"], Standing) if "standing" in row else Standing.NO_DEAL
    return Person(name, standing or Standing.NO_DEAL, owner=owner, received_by=received)


def read_report(reader: Reader, node: yaml.Node, reports: dict[str, tuple[PreReport, ...]]) -> None:
    """A pre-report, put beside those about the same visitor."""
    row = reader.mapping(
        node, required=("visitor", "by", "on"), known=("visitor", "by", "on", "follow_up"), what="a pre-report"
    )
    if not {"visitor", "by", "on"} <= row.keys():
        return
    visitor, by, on = reader.text(row["visitor"]), reader.text(row["by"]), reader.a_date(row["on"])
    follow_up = reader.a_date(row["follow_up"]) if "follow_up" in row else None
    if on is not None:
        reports[visitor] = (*reports.get(visitor, ()), PreReport(by, on, follow_up))
