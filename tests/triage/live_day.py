"""A day through the services and the database with everything the desk can do.

A day is a list of happenings. Each is a word and a number that the details are drawn from, so that a day that went
wrong can be cut down to the few happenings that matter.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction

from clinic.models import Branch, Project, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services as consultations
from consultations.models import Consultation, Deal
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from tests.factories.triage import NINE, TODAY, Morning, VisitorFactory, make_consultant
from tests.triage.compared import (
    state_of_board,
)
from triage import services
from triage.engine import facts, ledger
from triage.models import Decision, LedgerEntry, Policy
from triage.selectors.corrections import Correction, Kind, kinds_for
from triage.selectors.facts import ChangedType, Said

# What happens, and how often beside the others.
WORDS = {
    "arrive": 10, "comes_again": 2, "again": 2, "say": 5, "check_in": 1, "reorder": 1, "accept": 2, "enter": 3,
    "finish": 4, "decline": 2, "leave": 3, "undo": 5, "name": 3, "correct": 9, "staff": 2, "card": 1,
    "project": 1, "void": 1,
}  # fmt: skip
PROJECTS = {"breast": 1, "liposuction": 2, "nose": 2, "eyes": 3, "skin": 4}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens, or is refused."""

    word: str
    number: int


@dataclass
class LiveDay:
    """A front desk with people of every kind; `last` is the newest visit something was decided about."""

    morning: Morning
    seated: list[Staff]
    others: list[Staff]
    agents: list[Staff]
    visits: list[Visit] = field(default_factory=list)
    known: list[Visitor] = field(default_factory=list)
    last: Visit | None = None

    @property
    def board(self) -> facts.Board:
        """The board as it stands."""
        return state_of_board(self.morning)

    def entries_since(self, sequence: int) -> list[ledger.Entry]:
        """What the ledger says happened after an entry."""
        rows = LedgerEntry.objects.filter(board=self.morning.board, sequence__gt=sequence).order_by("sequence")
        return [ledger.entry_from_json(body) for body in rows.values_list("body", flat=True)]

    def happen(self, happening: Happening) -> bool:
        """Let something happen; False when the desk refused it, and then nothing has changed."""
        chance = Random(happening.number)
        undoes, visits, known = happening.word == "undo", list(self.visits), list(self.known)
        self.morning.later(0.05 if undoes else chance.choice([0.1, 0.1, 0.5, 1, 3, 6, 11]))
        try:
            with transaction.atomic():
                _HAPPENINGS[happening.word](self, chance)
        except Refused:
            self.visits, self.known = visits, known
            return False
        return True

    # who and what

    def any_visit(self, chance: Random, *states: str) -> Visit:
        """A visit of today, in one of these states where there is one."""
        found = Visit.objects.filter(pk__in=[one.pk for one in self.visits], state__in=states or Visit.State.values)
        fitting = list(found.order_by("pk").select_related("visitor", "consultant", "branch"))
        if not fitting:
            raise Refused("nobody is there", code="nobody")
        return chance.choice(fitting)

    def any_wishes(self, chance: Random) -> list[Project]:
        codes = chance.sample(list(PROJECTS), chance.choice([0, 1, 1, 1, 2, 3]))
        return [self.morning.projects[code] for code in codes]

    def any_visitor(self, chance: Random) -> Visitor:
        """Somebody new, or somebody who was here before."""
        kind = chance.choice(["new"] * 6 + ["owned"] * 4 + ["lost"])
        card: dict[str, Any] = {"card_declined": chance.random() < 0.1}
        if kind != "new":
            owner = chance.choice([*self.seated, *self.seated, *self.others]) if kind == "owned" else None
            card["standing"] = chance.choice([Standing.NO_DEAL, Standing.DEPOSIT, Standing.PAID, Standing.TREATED])
            card["owner"] = owner
            consulted = {owner, chance.choice([owner, chance.choice(self.seated)])}
            card["consulted_by"] = sorted(one.pk for one in consulted if one is not None)
        if chance.random() < 0.15:
            card["birth_on"] = chance.choice([date(2012, 5, 1), date(1950, 5, 1), date(1990, 5, 1)])
        visitor: Visitor = VisitorFactory.create(registered_in=self.morning.branch, **card)
        return visitor

    def told(self, chance: Random) -> reception.Circumstances:
        """What the desk is told about an arrival."""
        told: reception.Circumstances = {"emergency": chance.random() < 0.05}
        told["claims_history"] = chance.random() < 0.1
        told["without_guardian"] = chance.random() < 0.5
        if chance.random() < 0.15:
            told["other_reason"] = chance.choice(Visit.OtherReason.values)
            if told["other_reason"] == Visit.OtherReason.FOR_FRIEND:
                friend: Visitor = VisitorFactory.create(registered_in=self.morning.branch)
                told["friend"] = friend
                self.known.append(friend)
        if chance.random() < 0.2:
            told["referrer"] = chance.choice([None, *self.known]) if self.known else None
            told["referral_by"] = chance.choice(Visit.ReferralBy.values)
        if chance.random() < 0.25:
            told["designated"] = chance.choice([*self.seated, *self.seated, *self.others])
            told["designated_by"] = chance.choice(["visitor", "visitor", *Visit.DesignatedBy.values])
            told["designated_turn"] = chance.choice(["", "free", "counted"])
        if chance.random() < 0.15:
            told["announced_by"] = chance.choice([*self.agents, self.seated[0]])
        if chance.random() < 0.1 and self.visits:
            told["group_lead"] = chance.choice([one for one in self.visits if one.group_lead_id is None])
        elif chance.random() < 0.1:
            told["group_wants"] = chance.choice(self.seated)
        return told

    def any_said(self, chance: Random) -> Said:
        changed = None
        if chance.random() < 0.1:
            kind = chance.choice([one for one in facts.VisitType if one is not facts.VisitType.OTHER])
            changed = ChangedType(kind, "旧系统")
        return Said(changed, refuses_wait=chance.random() < 0.2)

    # what happens

    def register(self, visitor: Visitor, chance: Random) -> Visit:
        """Register a visit."""
        visit = reception.register_arrival(
            visitor=visitor,
            branch=self.morning.branch,
            projects=self.any_wishes(chance),
            purpose=Visit.Purpose.REVIEW if chance.random() < 0.12 else Visit.Purpose.CONSULT,
            circumstances=self.told(chance),
            staff=self.morning.clerk,
            now=self.morning.now,
        )
        self.visits.append(visit)
        self.known.append(visitor)
        return visit

    def give(self, visit: Visit, chance: Random) -> None:
        """Give it out, as a rule."""
        if chance.random() < 0.9:
            self.morning.allocate(visit, said=self.any_said(chance))
            self.last = visit

    def arrive(self, chance: Random) -> None:
        self.give(self.register(self.any_visitor(chance), chance), chance)

    def comes_again(self, chance: Random) -> None:
        """Somebody of today comes a second time, or the friend somebody enquired for."""
        self.give(self.register(chance.choice(self.known or [self.any_visitor(chance)]), chance), chance)

    def again(self, chance: Random) -> None:
        visit = self.any_visit(chance, Visit.State.REGISTERED)
        self.morning.allocate(visit, said=self.any_said(chance))
        self.last = visit

    def say(self, chance: Random) -> None:
        state = chance.choice(["free", "free", "busy", "busy", "busy", "out", "on", "late", "off"])
        more: dict[str, Any] = {"free_in": chance.choice([None, 4, 9, 30])} if state == "busy" else {}
        if state == "out" and chance.random() < 0.5:
            more["until"] = self.morning.now + timedelta(minutes=20)
        self.morning.say(chance.choice(self.seated), state, **more)

    def check_in(self, chance: Random) -> None:
        person = chance.choice([*self.seated, *self.others])
        services.check_in(board=self.morning.board, consultant=person, staff=self.morning.clerk, now=self.morning.now)
        if person not in self.seated:
            self.seated.append(person)

    def reorder(self, chance: Random) -> None:
        order = [int(key) for key in self.board.keys]
        chance.shuffle(order)
        services.reorder_board(
            board=self.morning.board, order=order, reason="换班", staff=self.morning.clerk, now=self.morning.now
        )

    def accept(self, chance: Random) -> Consultation:
        visit = self.any_visit(chance, Visit.State.WAITING)
        assert visit.consultant is not None
        return consultations.accept_visit(visit=visit, staff=visit.consultant, now=self.morning.now)

    def enter(self, chance: Random) -> Consultation:
        visit = self.any_visit(chance, Visit.State.WAITING, Visit.State.ACCEPTED)
        assert visit.consultant is not None
        held = consultations.accept_visit(visit=visit, staff=visit.consultant, now=self.morning.now)
        return consultations.enter_room(consultation=held, staff=visit.consultant, now=self.morning.now)

    def finish(self, chance: Random) -> None:
        if chance.random() < 0.5:
            with suppress(Refused), transaction.atomic():
                self.enter(chance)
        visit = self.any_visit(chance, Visit.State.IN_ROOM)
        held = Consultation.objects.get(visit=visit, state=Consultation.State.IN_ROOM)
        staff, now = held.consultant, self.morning.now
        if chance.random() < 0.5:
            consultations.record_deal(
                consultation=held, kind=chance.choice(Deal.Kind.values),
                lines=[consultations.Line(self.morning.projects["eyes"], Decimal(1000))], staff=staff, now=now,
            )  # fmt: skip
        else:
            consultations.record_no_deal(consultation=held, reason="再想想", call_again_on=None, staff=staff, now=now)
        consultations.finish_consultation(consultation=held, staff=staff, now=now)

    def decline(self, chance: Random) -> None:
        visit = self.any_visit(chance, Visit.State.WAITING, Visit.State.ACCEPTED)
        services.record_decline(visit=visit, reason="不适", staff=self.morning.clerk, now=self.morning.now)
        self.last = visit

    def leave(self, chance: Random) -> None:
        visit = self.any_visit(chance, Visit.State.REGISTERED, Visit.State.WAITING, Visit.State.ACCEPTED)
        services.record_leave(visit=visit, staff=self.morning.clerk, now=self.morning.now)

    def void(self, chance: Random) -> None:
        visit = self.any_visit(chance, Visit.State.REGISTERED)
        reception.void_visit(visit=visit, reason="录错", staff=self.morning.clerk, now=self.morning.now)

    def undo(self, chance: Random) -> None:
        if self.last is None:
            raise Refused("nothing was decided", code="nobody")
        services.undo_allocation(visit=self.last, staff=self.morning.clerk, now=self.morning.now)

    def name(self, chance: Random) -> None:
        asked = [int(one.visit) for one in self.board.pending]
        visit = self.any_visit(chance, *Visit.OPEN_STATES)
        if asked and chance.random() < 0.7:
            visit = Visit.objects.get(pk=chance.choice(asked))
        services.name_consultant(
            visit=visit,
            consultant=chance.choice([*self.seated, *self.seated, *self.others, *self.agents]),
            by=chance.choice(["owner", "supervisor"]),
            reason=chance.choice(["", "点名"]),
            turn=chance.choice([None, None, "free", "counted"]),
            staff=self.morning.clerk,
            now=self.morning.now,
        )
        self.last = visit

    def correct(self, chance: Random) -> None:
        visit = self.any_visit(chance)
        kinds = kinds_for(visit, self.morning.clerk)
        if not kinds:
            raise Refused("nothing to correct", code="nobody")
        kind = chance.choice(kinds)
        named = chance.choice([*self.seated, *self.seated, *self.others])
        correct(
            self.morning,
            visit,
            kind,
            consultant=named if kind is not Kind.CHANGE_CONSULTANT or chance.random() < 0.5 else None,
            referrer=chance.choice(self.known),
            fault=chance.choice([None, *facts.Fault]),
        )
        self.last = visit

    def staff(self, chance: Random) -> None:
        """Something is changed about a consultant."""
        person = chance.choice(self.seated)
        what = chance.choice(["excluded", "scope", "dedicated", "stand_in", "gone"])
        some = [self.morning.projects[code] for code in chance.sample(list(PROJECTS), chance.choice([0, 1, 2]))]
        if what == "stand_in":
            Staff.objects.filter(pk=person.pk).update(stand_in=chance.choice([None, *self.seated]))
        elif what == "gone":
            gone = chance.choice(self.others)
            Staff.objects.filter(pk=gone.pk).update(successor=chance.choice([None, *self.seated]))
        else:
            getattr(person, what).set(some)

    def card(self, chance: Random) -> None:
        """Something is changed in the records of a visitor."""
        visitor = chance.choice(self.known or [self.any_visitor(chance)])
        if chance.random() < 0.5:
            born = chance.choice([None, date(2012, 5, 1), date(1950, 5, 1)])
            reception.change_visitor(visitor=visitor, birth_on=born, staff=self.morning.clerk, now=self.morning.now)
        else:
            owner = chance.choice(self.seated)
            reception.record_standing(visitor=visitor, standing=Standing.PAID, owner=owner, consulted_by=owner)

    def project(self, chance: Random) -> None:
        """A project is offered no longer, or again, or ranks otherwise."""
        one = self.morning.projects[chance.choice(list(PROJECTS))]
        Project.objects.filter(pk=one.pk).update(offered=chance.random() < 0.5, rank=chance.choice([1, 2, 3]))


_HAPPENINGS = {word: getattr(LiveDay, word) for word in WORDS}


def correct(morning: Morning, visit: Visit, kind: Kind, *, staff: Staff | None = None, **more: Any) -> Decision:
    """Correct a visit, whatever the board says now."""
    more.setdefault("reason", "因故")
    return services.correct_visit(
        visit=visit,
        correction=Correction(kind, **more),
        expected_sequence=None,
        staff=staff or morning.clerk,
        now=morning.now,
    )


def open_day(branch: Branch, preset: str = "standard", **rules: Any) -> LiveDay:
    """Open a desk: five on the roster, of whom one is late; others left, moved or not on it; two phone agents.

    Yesterday there was a day, too, which left a pointer and an owed turn behind.
    """
    clerk = make_consultant(branch, "前台", Role.RECEPTION, Role.DESK_SUPERVISOR, Role.CONSULTING_SUPERVISOR)
    seated = [make_consultant(branch, name) for name in ("王欣", "李敏", "陈静", "周琳", "吴迟")]
    moved = make_consultant(branch, "转岗", Role.NURSE)
    left = make_consultant(branch, "离职", active_until=TODAY - timedelta(days=9))
    spare = make_consultant(branch, "机动")
    agents = [make_consultant(branch, name, Role.PHONE_AGENT) for name in ("网电一", "网电二")]
    Policy.objects.create(branch=branch, version=1, starts_on=TODAY - timedelta(days=1), preset=preset, settings=rules)
    morning = _yesterday(branch, clerk, seated)
    for code, rank in PROJECTS.items():
        morning.project(code, rank=rank)
    seated[1].excluded.add(morning.projects["breast"])
    seated[2].scope.set([morning.projects["eyes"], morning.projects["nose"], morning.projects["breast"]])
    seated[3].dedicated.add(morning.projects["skin"])
    Staff.objects.filter(pk=seated[0].pk).update(stand_in=seated[1])
    Staff.objects.filter(pk=left.pk).update(successor=seated[3])
    morning.board = services.open_board(
        branch=branch, day=TODAY, consultants=seated, present=seated[:4], staff=clerk, now=NINE
    )
    morning.now = NINE
    return LiveDay(morning, seated, [moved, left, spare], agents)


def _yesterday(branch: Branch, clerk: Staff, seated: Sequence[Staff]) -> Morning:
    day, now = TODAY - timedelta(days=1), NINE - timedelta(days=1)
    board = services.open_board(branch=branch, day=day, consultants=seated, present=seated, staff=clerk, now=now)
    morning = Morning(branch, clerk, list(seated), board, now)
    morning.say(seated[0], "busy")
    visit = reception.register_arrival(
        visitor=VisitorFactory.create(registered_in=branch), branch=branch, projects=[], staff=clerk, now=now
    )
    morning.allocate(visit)
    services.record_leave(visit=visit, staff=clerk, now=now + timedelta(minutes=30))
    return morning
