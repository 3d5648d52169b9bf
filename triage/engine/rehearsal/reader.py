"""Reads a day from YAML. Everything that is wrong with it is found in one go, each with its line."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from ..credit import PreReport
from ..facts import (
    Consultant,
    DesignatedBy,
    Designation,
    Employment,
    Fault,
    GroupPart,
    OtherReason,
    Person,
    Presence,
    Purpose,
    ReferralBy,
    SeatChange,
    Standing,
    Turn,
    VisitType,
)
from ..policy import Mistake as PolicyMistake
from ..policy import Policy, PolicyError, policy_from_json
from .day import (
    Arrive,
    Carry,
    CheckIn,
    Close,
    Correct,
    CorrectionKind,
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
    SeatAtOpening,
)

Choice = TypeVar("Choice", bound=StrEnum)
# YAML's switches, as a loader may have read them.
TRUE, FALSE = ("true", "yes", "on"), ("false", "no", "off")
# No number of a day has more digits; no place of a policy lies deeper.
DIGITS, DEPTH = 4, 3
STATES = ("on", "off", "late", "left", "moved")
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


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong: the line of the file, and a sentence."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


class NotADay(ValueError):
    """The file is not valid; `mistakes` lists everything that is wrong, in the order of the file."""

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(one) for one in self.mistakes))


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
    return _Reader(policy).day(root)


class _Reader:
    def __init__(self, policy: str | None) -> None:
        self.policy_name = policy
        self.mistakes: list[Mistake] = []
        self.consultants: dict[str, Consultant] = {}
        self.projects: dict[str, int] = {}
        self.unoffered: set[str] = set()
        self.persons: dict[str, Person] = {}
        self.known_visitors: set[str] = set()
        self.arrived: set[str] = set()
        self.date = date(1, 1, 1)
        self.latest: datetime | None = None

    # the whole ------------------------------------------------------------------------------------------------------

    def day(self, root: yaml.MappingNode) -> Day:
        top = self.mapping(
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
            self.date = self.a_date(top["day"]) or self.date
        desk = self.text(top["desk"]) if "desk" in top else "front"
        if "projects" in top:
            self.read_projects(top["projects"])
        for node in self.items(top["unoffered"]) if "unoffered" in top else ():
            self.unoffered.add(self.text(node))
        states: dict[str, str] = {}
        if "consultants" in top:
            states = self.read_consultants(top["consultants"])
        seats, teams = self.read_seats(top["seats"], states) if "seats" in top else ((), ())
        policy = self.read_policy(top.get("policy"), root)
        carry = (
            self.read_carry(top["carry"], teams or tuple((one.consultant,) for one in seats))
            if "carry" in top
            else Carry()
        )
        for node in self.items(top["visitors"]) if "visitors" in top else ():
            self.read_visitor(node)
        reports: dict[str, tuple[PreReport, ...]] = {}
        for node in self.items(top["pre_reports"]) if "pre_reports" in top else ():
            self.read_report(node, reports)
        events = [self.event(node) for node in self.items(top["events"])] if "events" in top else []
        if self.mistakes:
            raise NotADay(self.mistakes)
        return Day(
            day=self.date,
            opens_at=datetime.combine(self.date, time(0), UTC),
            policy=policy,
            desk=desk,
            ranks=self.projects,
            consultants=self.consultants,
            seats=seats,
            teams=teams,
            carry=carry,
            persons=self.persons,
            pre_reports=reports,
            events=tuple([one for one in events if one is not None]),
        )

    def read_projects(self, node: yaml.Node) -> None:
        """The most major first; an inner list ranks equal."""
        for rank, one in enumerate(self.items(node), start=1):
            for project in self.items(one) if isinstance(one, yaml.SequenceNode) else [one]:
                name = self.text(project)
                if name in self.projects:
                    self.wrong(project, f"project {name} stands here twice")
                self.projects[name] = rank

    def read_consultants(self, node: yaml.Node) -> dict[str, str]:
        states: dict[str, str] = {}
        rows: list[tuple[dict[str, yaml.Node], str]] = []
        for one in self.items(node):
            row = self.mapping(one, required=("id",), known=CONSULTANT, what="a consultant")
            if "id" not in row:
                continue
            name = self.text(row["id"])
            if name in self.consultants:
                self.wrong(row["id"], f"consultant {name} stands here twice")
            self.consultants[name] = Consultant(name)
            rows.append((row, name))
        for row, name in rows:
            state = self.state(row["state"]) if "state" in row else "on"
            states[name] = self.state(row["presence"]) if "presence" in row else state
            self.consultants[name] = self.read_consultant(row, name, state)
        return states

    def read_consultant(self, row: dict[str, yaml.Node], name: str, state: str) -> Consultant:
        if "role" in row:
            self.one_of(row["role"], ("doctor", "consultant"))
        if "successor" in row and state not in ("left", "moved"):
            self.wrong(row["successor"], f"{name} has a successor but has neither left nor moved")
        return Consultant(
            id=name,
            scope=self.project_list(row["scope"]) if "scope" in row else None,
            excluded=self.project_list(row["excluded"]) if "excluded" in row else (),
            employment=Employment(state) if state in ("left", "moved") else Employment.HERE,
            successor=self.consultant(row.get("successor")),
            stand_in=self.consultant(row.get("stand_in")),
            dedicated=self.project_list(row["dedicated"]) if "dedicated" in row else (),
            phone=self.switch(row["phone"]) if "phone" in row else False,
            sister=self.consultant(row.get("sister")),
        )

    def read_seats(
        self, node: yaml.Node, states: Mapping[str, str]
    ) -> tuple[tuple[SeatAtOpening, ...], tuple[tuple[str, ...], ...]]:
        seats: dict[str, SeatAtOpening] = {}
        teams: list[tuple[str, ...]] = []
        items = self.items(node)
        grouped = [isinstance(one, yaml.SequenceNode) for one in items]
        if any(grouped) and not all(grouped):
            self.wrong(node, "seats are all persons or all teams")
        for one in items:
            members = self.items(one) if isinstance(one, yaml.SequenceNode) else [one]
            if not members:
                self.wrong(one, "a team has at least one member")
                continue
            for member in members:
                name = self.consultant(member)
                if name is None:
                    continue
                if name in seats:
                    self.wrong(member, f"{name} has two seats")
                presence = {"off": Presence.OFF, "late": Presence.LATE}.get(states.get(name, "on"), Presence.ON)
                seats[name] = SeatAtOpening(name, presence)
            if isinstance(one, yaml.SequenceNode):
                teams.append(tuple(self.text(member) for member in members))
        return tuple(seats.values()), tuple(teams)

    def read_policy(self, node: yaml.Node | None, root: yaml.Node) -> Policy:
        data: Any = "standard"
        lines: dict[str, int] = {}
        if self.policy_name is not None:
            data = self.policy_name
        elif node is not None:
            data = self.plain(node, lines, "")
        try:
            offered = (*self.projects, *sorted(self.unoffered))
            return policy_from_json(data, projects=offered, consultants=tuple(self.consultants))
        except PolicyError as error:
            for one in error.mistakes:
                self.mistakes.append(Mistake(self.policy_line(one, lines, node or root), f"policy: {one}"))
            return Policy()

    def policy_line(self, mistake: PolicyMistake, lines: Mapping[str, int], node: yaml.Node) -> int:
        place = mistake.place
        while place and place not in lines:
            place = place.rpartition(".")[0]
        return lines.get(place, node.start_mark.line + 1)

    def read_carry(self, node: yaml.Node, teams: Collection[tuple[str, ...]]) -> Carry:
        row = self.mapping(node, known=("pointer", "used", "owed"), what="carry")
        keys = [team[0] for team in teams if team]
        pointer = self.one_of(row["pointer"], keys) if "pointer" in row else None
        owed: list[str] = []
        if isinstance(row.get("owed"), yaml.SequenceNode):
            owed = [name for name in (self.one_of(one, keys) for one in self.items(row["owed"])) if name is not None]
        elif "owed" in row:
            for key, value in self.pairs(row["owed"]):
                name = self.one_of(key, keys)
                count = self.number(value)
                owed += [name] * (count or 0) if name is not None else []
        return Carry(pointer, self.number(row["used"]) or 0 if "used" in row else 0, tuple(owed))

    def read_visitor(self, node: yaml.Node) -> None:
        person = self.read_person(node)
        if person is None:
            return
        if person.id in self.persons:
            self.wrong(node, f"visitor {person.id} stands here twice")
        self.persons[person.id] = person

    def read_person(self, node: yaml.Node) -> Person | None:
        row = self.mapping(node, required=("id",), known=("id", "owner", "consulted_by", "standing"), what="a visitor")
        if "id" not in row:
            return None
        name = self.text(row["id"])
        owner = self.consultant(row.get("owner"))
        named = (
            self.items(row["consulted_by"]) if "consulted_by" in row else [row["owner"]] if owner is not None else []
        )
        received = tuple([one for one in map(self.consultant, named) if one is not None])
        standing = self.choice(row["standing"], Standing) if "standing" in row else Standing.NO_DEAL
        return Person(name, standing or Standing.NO_DEAL, owner=owner, received_by=received)

    def read_report(self, node: yaml.Node, reports: dict[str, tuple[PreReport, ...]]) -> None:
        row = self.mapping(
            node, required=("visitor", "by", "on"), known=("visitor", "by", "on", "follow_up"), what="a pre-report"
        )
        if not {"visitor", "by", "on"} <= row.keys():
            return
        visitor, by, on = self.text(row["visitor"]), self.text(row["by"]), self.a_date(row["on"])
        follow_up = self.a_date(row["follow_up"]) if "follow_up" in row else None
        if on is not None:
            reports[visitor] = (*reports.get(visitor, ()), PreReport(by, on, follow_up))

    # events ---------------------------------------------------------------------------------------------------------

    def event(self, node: yaml.Node) -> Event | None:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "an event is a mapping with `at` and what happens")
            return None
        kinds = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value in _EVENTS]
        if len(kinds) != 1:
            said = f"{' and '.join(kinds)} in one event" if kinds else "nothing happens here"
            self.wrong(node, f"{said}: an event is one of {', '.join(_EVENTS)}")
            return None
        kind = kinds[0]
        read, required, known = _EVENTS[kind]
        row = self.mapping(node, required=("at", *required), known=("at", kind, *required, *known), what=kind)
        at = self.time(row["at"]) if "at" in row else None
        if at is None or not set(required) <= row.keys():
            return None
        return read(self, row, at, node.start_mark.line + 1)

    def arrive(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        several = isinstance(row["arrive"], yaml.SequenceNode)
        nodes = self.items(row["arrive"]) if several else [row["arrive"]]
        visitors = tuple(self.text(node) for node in nodes)
        group = self.switch(row["group"]) if "group" in row else False
        if several and len(visitors) > 1 and not group:
            self.wrong(row["arrive"], "several visitors arrive together: say `group: true`")
        if not visitors:
            self.wrong(row["arrive"], "nobody arrives")
        for twice in {one for one in visitors if visitors.count(one) > 1}:
            self.wrong(row["arrive"], f"{twice} arrives twice at once")
        self.arrived.update(visitors)
        other = self.choice(row["other"], OtherReason) if "other" in row else None
        if "friend" in row and other is not OtherReason.FOR_FRIEND:
            self.wrong(row["friend"], "`friend` goes with `other: for_friend`")
        free_projects = other is OtherReason.NOT_OFFERED
        designation = None
        if "designates" in row:
            by = self.choice(row["designated_by"], DesignatedBy) if "designated_by" in row else DesignatedBy.VISITOR
            turn = self.choice(row["turn"], Turn) if "turn" in row else Turn.FREE
            if "turn" in row and by is not DesignatedBy.MANAGEMENT:
                self.wrong(row["turn"], "`turn` is management's to say: it goes with `designated_by: management`")
            if turn is Turn.MAKE_UP:
                self.wrong(row["turn"], "a designation is `counted` or `free`")
            name = self.consultant(row["designates"])
            if name is not None and by is not None and turn is not None:
                refuses = self.switch(row["refuses_wait"]) if "refuses_wait" in row else False
                designation = Designation(name, by, turn, refuses_wait=refuses)
        else:
            for key in ("designated_by", "turn", "refuses_wait"):
                if key in row:
                    self.wrong(row[key], f"`{key}` goes with `designates`")
        part = self.choice(row["part"], GroupPart) if "part" in row else None
        if "part" in row and several:
            self.wrong(row["part"], "`part` is of one visitor of a group who arrives on her own")
        if "wants" in row and not group and part is None:
            self.wrong(row["wants"], "`wants` goes with `group: true`")
        if "referral_by" in row and "referrer" not in row:
            self.wrong(row["referral_by"], "`referral_by` goes with `referrer`")
        purpose = self.choice(row["purpose"], Purpose) if "purpose" in row else Purpose.CONSULT
        return Arrive(
            at=at,
            line=line,
            visitors=visitors,
            projects=self.project_list(row["projects"], anything=free_projects) if "projects" in row else (),
            purpose=purpose or Purpose.CONSULT,
            group=group,
            wants=self.consultant(row.get("wants")),
            designation=designation,
            referrer=self.text(row["referrer"]) if "referrer" in row else None,
            referral_by=self.choice(row["referral_by"], ReferralBy) if "referral_by" in row else None,
            other=other,
            friend=self.text(row["friend"]) if "friend" in row else None,
            emergency=self.switch(row["emergency"]) if "emergency" in row else False,
            claims_history=self.switch(row["claims_history"]) if "claims_history" in row else False,
            part=part,
            stated_type=self.choice(row["type"], VisitType) if "type" in row else None,
            stated_reason=self.text(row["reason"]) if "reason" in row else "",
            announced=self.switch(row["announced"]) if "announced" in row else False,
            agent=self.consultant(row.get("agent")),
            answered_by=self.consultant(row.get("answered_by")),
            age=self.number(row["age"]) if "age" in row else None,
            guardian=self.switch(row["guardian"]) if "guardian" in row else True,
            after_review=self.switch(row["after_review"]) if "after_review" in row else False,
            again=self.switch(row["again"]) if "again" in row else False,
            undecided=self.switch(row["undecided"]) if "undecided" in row else False,
        )

    def check_in(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        seat = self.consultant(row["check_in"])
        return CheckIn(at=at, line=line, seat=seat) if seat is not None else None

    def reorder(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        seats = [self.consultant(node) for node in self.items(row["reorder"])]
        return Reorder(at=at, line=line, seats=tuple([seat for seat in seats if seat is not None]))

    def learn(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        told = self.mapping(row["learn"], known=("visitors", "consultants", "projects"), what="learn")
        persons = [self.read_person(node) for node in self.items(told["visitors"])] if "visitors" in told else []
        consultants: dict[str, Consultant] = {}
        for node in self.items(told["consultants"]) if "consultants" in told else ():
            one = self.mapping(node, required=("id",), known=CONSULTANT, what="a consultant")
            name = self.consultant(one.get("id"))
            if name is not None:
                state = self.state(one["state"]) if "state" in one else "on"
                consultants[name] = self.read_consultant(one, name, state)
        ranks: dict[str, int | None] = {}
        for key, value in self.pairs(told["projects"]) if "projects" in told else ():
            ranks[self.text(key)] = None if value.tag.endswith(":null") else self.number(value)
        return Learn(
            at=at,
            line=line,
            persons={person.id: person for person in persons if person is not None},
            consultants=consultants,
            ranks=ranks,
        )

    def say(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        seat, word = self.consultant(row["seat"]), self.switched(row["is"])
        change = self.one_of(row["is"], tuple(SeatChange), given=word)
        free_in = self.number(row["free_in"]) if "free_in" in row else None
        if "free_in" in row and change != SeatChange.BUSY:
            self.wrong(row["free_in"], "`free_in` goes with `is: busy`")
        if "until" in row and change != SeatChange.OUT:
            self.wrong(row["until"], "`until` goes with `is: out`")
        until = self.clock(row["until"]) if "until" in row else None
        if seat is None or change is None:
            return None
        return Say(at=at, line=line, seat=seat, change=SeatChange(change), free_in=free_in, until=until)

    def decline(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        consultant = self.consultant(row.get("consultant"))
        return Decline(at=at, line=line, visitor=self.visitor(row["decline"]), consultant=consultant)

    def correct(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        kind = self.choice(row["as"], CorrectionKind)
        if kind is None:
            return None
        for key in row.keys() - {"at", "correct", "as", "reason", *TAKES.get(kind, ())}:
            self.wrong(row[key], f"`{key}` does not go with `as: {kind.value}`")
        needed = NEEDS.get(kind)
        if needed is not None and needed not in row:
            self.wrong(row["as"], f"`as: {kind.value}` needs `{needed}`")
        return Correct(
            at=at,
            line=line,
            visitor=self.visitor(row["correct"]),
            kind=kind,
            referrer=self.text(row["referrer"]) if "referrer" in row else None,
            referral_by=self.choice(row["referral_by"], ReferralBy) if "referral_by" in row else None,
            designates=self.consultant(row.get("designates")),
            owner=self.consultant(row.get("owner")),
            fault=self.choice(row["fault"], Fault) if "fault" in row else None,
            to=self.consultant(row.get("to")),
            reason=self.text(row["reason"]) if "reason" in row else "",
        )

    def name(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        by = self.one_of(row["by"], ("owner", "supervisor"))
        consultant = self.consultant(row["name"])
        turn = self.choice(row["turn"], Turn) if "turn" in row else None
        if "turn" in row and "reason" not in row:
            self.wrong(row["turn"], "`turn` goes with the `reason` of an override")
        if turn is Turn.MAKE_UP:
            self.wrong(row["turn"], "an override is `counted` or `free`")
        if by is None or consultant is None:
            return None
        reason = self.text(row["reason"]) if "reason" in row else ""
        if reason and by == "owner":
            self.wrong(row["reason"], "only the supervisor overrides")
        return Name(
            at=at, line=line, consultant=consultant, visitor=self.visitor(row["for"]), by=by, reason=reason, turn=turn
        )

    def deal(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        if "amount" in row:
            self.amount(row["amount"])
        return DealMade(at=at, line=line, visitor=self.visitor(row["deal"]))

    def close(self, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        if not self.switch(row["close"]):
            self.wrong(row["close"], "a day is closed with `close: true`")
        return Close(at=at, line=line)

    # pieces ---------------------------------------------------------------------------------------------------------

    def wrong(self, node: yaml.Node, text: str) -> None:
        self.mistakes.append(Mistake(node.start_mark.line + 1, text))

    def mapping(
        self, node: yaml.Node, *, known: Collection[str], what: str, required: Collection[str] = ()
    ) -> dict[str, yaml.Node]:
        """The entries of a mapping by key; unknown, doubled and missing keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} is a mapping")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self.wrong(key, f"{what} has no `{name}` (there are {', '.join(known)})")
            elif name in found:
                self.wrong(key, f"`{name}` stands here twice")
            else:
                found[name] = value
        for name in required:
            if name not in found:
                self.wrong(node, f"{what} needs `{name}`")
        return found

    def pairs(self, node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "this is a mapping of seats to numbers")
            return []
        return list(node.value)

    def items(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            if not (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
                self.wrong(node, "this is a list")
            return []
        return list(node.value)

    def text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.wrong(node, "a name or a word stands here")
            return ""
        return str(node.value)

    def visitor(self, node: yaml.Node) -> str:
        name = self.text(node)
        if name and name not in self.arrived:
            self.wrong(node, f"visitor {name} has not arrived")
        return name

    def consultant(self, node: yaml.Node | None) -> str | None:
        """A consultant's id; nothing or null is nobody."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return None
        name = self.text(node)
        if name and name not in self.consultants:
            self.wrong(node, f"consultant {name} does not exist")
            return None
        return name or None

    def project_list(self, node: yaml.Node, *, anything: bool = False) -> tuple[str, ...]:
        found = []
        for one in self.items(node):
            name = self.text(one)
            if name and name not in self.projects and name not in self.unoffered and not anything:
                self.wrong(one, f"project {name} does not exist")
            found.append(name)
        return tuple(found)

    def switched(self, node: yaml.Node) -> str:
        """`on` and `off` as words, also where a loader made switches of them."""
        word = self.text(node)
        return "on" if word.lower() in TRUE else "off" if word.lower() in FALSE else word

    def switch(self, node: yaml.Node) -> bool:
        word = self.text(node).lower()
        if word not in (*TRUE, *FALSE):
            self.wrong(node, f"{word} is neither true nor false")
        return word in TRUE

    def state(self, node: yaml.Node) -> str:
        return self.one_of(node, STATES, given=self.switched(node)) or "on"

    def one_of(self, node: yaml.Node, allowed: Collection[str], *, given: str | None = None) -> str | None:
        word = self.text(node) if given is None else given
        if word and word not in allowed:
            self.wrong(node, f"{word} is none of {', '.join(allowed)}")
        return word if word in allowed else None

    def choice(self, node: yaml.Node, kind: type[Choice]) -> Choice | None:
        word = self.one_of(node, [one.value for one in kind])
        return kind(word) if word is not None else None

    def number(self, node: yaml.Node) -> int | None:
        word = self.text(node)
        if not word.isdecimal():
            self.wrong(node, f"{word or 'this'} is not a whole number")
            return None
        if len(word) > DIGITS:
            self.wrong(node, f"{word} is too large a number")
            return None
        return int(word)

    def amount(self, node: yaml.Node) -> None:
        word = self.text(node)
        if not word.replace("_", "").replace(".", "", 1).isdecimal():
            self.wrong(node, f"{word} is not an amount")

    def a_date(self, node: yaml.Node) -> date | None:
        word = self.text(node)
        try:
            return date.fromisoformat(word)
        except ValueError:
            self.wrong(node, f"{word or 'this'} is not a date like 2026-03-02")
            return None

    def time(self, node: yaml.Node) -> datetime | None:
        """When an event happens. Events stand in their order, so none is earlier than the one before it."""
        at = self.clock(node)
        if at is None:
            return None
        if self.latest is not None and at < self.latest:
            self.wrong(node, f"{self.text(node)} is earlier than the event before it")
        self.latest = max(self.latest or at, at)
        return at

    def clock(self, node: yaml.Node) -> datetime | None:
        """A time of the day; days that really happened give seconds too."""
        word = self.text(node)
        try:
            hour, minute, *rest = word.split(":")
            seconds = float(rest[0]) if len(rest) == 1 else 0.0
            if len(rest) > 1 or not 0 <= seconds < 60:
                raise ValueError(word)
            return datetime.combine(self.date, time(int(hour), int(minute)), UTC) + timedelta(seconds=seconds)
        except ValueError:
            self.wrong(node, f"{word or 'this'} is not a time like 09:30")
            return None

    def plain(self, node: yaml.Node, lines: dict[str, int], place: str) -> Any:
        """A policy's node as plain data, with the line of every place in it."""
        lines[place] = node.start_mark.line + 1
        if place.count(".") > DEPTH:
            self.wrong(node, "a policy does not go that deep")
            return ""
        if isinstance(node, yaml.MappingNode):
            found = {}
            for key, value in node.value:
                inner = f"{place}.{key.value}" if place else str(key.value)
                found[str(key.value)] = self.plain(value, lines, inner)
            return found
        if isinstance(node, yaml.SequenceNode):
            # A policy lists words only: `off` in one is the cause of a pass, and no switch.
            return [
                self.switched(one) if one.tag.endswith(":bool") else self.plain(one, lines, f"{place}.{index}")
                for index, one in enumerate(node.value)
            ]
        if node.tag.endswith(":bool"):
            return str(node.value).lower() in TRUE
        if node.tag.endswith(":int") and str(node.value).isdecimal():
            return int(node.value)
        return str(node.value)


Read = Callable[[_Reader, dict[str, yaml.Node], datetime, int], Event | None]


def _about(kind: str, event: Callable[..., Event]) -> Read:
    def read(reader: _Reader, row: dict[str, yaml.Node], at: datetime, line: int) -> Event | None:
        return event(at=at, line=line, visitor=reader.visitor(row[kind]))

    return read


# Word → how it is read, what it needs beside it, what it takes beside it.
_EVENTS: dict[str, tuple[Read, tuple[str, ...], tuple[str, ...]]] = {
    "arrive": (
        _Reader.arrive,
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
            "again",
            "undecided",
        ),
    ),
    "check_in": (_Reader.check_in, (), ()),
    "reorder": (_Reader.reorder, (), ()),
    "learn": (_Reader.learn, (), ()),
    "end": (_about("end", End), (), ()),
    "seat": (_Reader.say, ("is",), ("free_in", "until")),
    "enter": (_about("enter", Enter), (), ()),
    "finish": (_about("finish", Finish), (), ()),
    "decline": (_Reader.decline, (), ("consultant",)),
    "leave": (_about("leave", Leave), (), ()),
    "correct": (
        _Reader.correct,
        ("as",),
        ("referrer", "referral_by", "designates", "owner", "fault", "to", "reason"),
    ),
    "name": (_Reader.name, ("for", "by"), ("reason", "turn")),
    "deal": (_Reader.deal, (), ("amount",)),
    "close": (_Reader.close, (), ()),
}
