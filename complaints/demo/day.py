"""One day at the front desk, played through the triage engine minute by minute."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from clinic.models import Department, Project, Staff
from clinic.roles import Role
from complaints.demo import words
from complaints.demo.story import BoardDay, Decided, Story
from consultations.models import Consultation, Treatment
from reception.models import Standing, Visit, Visitor, VisitProject
from triage.engine import corrections
from triage.engine.allocate import allocate, entries_for
from triage.engine.decision import Decision, Namer, Outcome, Refused, Situation
from triage.engine.facts import Arrival, Consultant, Person, Presence, Purpose, SeatChange
from triage.engine.facts import Standing as EngineStanding
from triage.engine.ledger import CheckedIn, Closed, Entered, Entry, Finished, SeatState, apply
from triage.engine.naming import name
from triage.engine.opening import opening_entry
from triage.engine.policy import Policy

Action = Callable[[datetime], None]


@dataclass(slots=True)
class Room:
    """One consultant today: who waits for her, whom she receives."""

    waiting: list[Visit] = field(default_factory=list)
    visit: Visit | None = None
    consultation: Consultation | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who comes through the door: a known visitor, or (None) a new one."""

    at: datetime
    visitor: Visitor | None
    purpose: Visit.Purpose
    projects: tuple[Project, ...]


class Day:
    """Plays a day and leaves its rows in the story. Nothing later than `until` happens; None: until all have gone."""

    def __init__(
        self,
        story: Story,
        *,
        day: date,
        opens_at: datetime,
        consultants: Mapping[str, Consultant],
        policy: Policy,
        until: datetime | None = None,
        pace: float = 1.0,
    ) -> None:
        self.story, self.day, self.opens_at, self.until, self.pace = story, day, opens_at, until, pace
        self.dice = story.dice
        self.hospital = story.hospital
        self.consultants = consultants
        self.policy = policy
        self.people = {str(one.pk): one for one in self.hospital.by_role[Role.CONSULTANT]}
        self.rooms = {key: Room() for key in self.people}
        self.clerks = self.hospital.by_role[Role.RECEPTION]
        self.supervisor = self.hospital.one(Role.CONSULTING_SUPERVISOR)
        self.ranks = {project.code: project.rank for project in self.hospital.projects}
        self.record = BoardDay(day=day, opened_at=opens_at, opened_by=self.clerks[0])
        self.answers: dict[int, Decision] = {}
        self._events: list[tuple[datetime, int, Action]] = []
        self._order = count()

    def play(self, coming: list[Coming]) -> None:
        """Open the board, receive everybody, and close when it is a day of the past."""
        self.story.boards.append(self.record)
        self._open()
        for guest in coming:
            self._at(guest.at, lambda at, guest=guest: self._arrive(at, guest))  # type: ignore[misc]
        last = self.opens_at
        while self._events:
            last, _, action = heapq.heappop(self._events)
            if self.until is not None and last > self.until:
                return
            action(last)
        if self.until is None:
            closed_at = max(last, self.story.instant(self.day, 18)) + timedelta(minutes=self.dice.randrange(5, 25))
            self._say(Closed(at=closed_at, by=self._by(self.clerks[0])))
            self.record.closed_at = closed_at

    def off_today(self) -> list[str]:
        """Return the seats whose consultants have this day off: each has one day in six."""
        return [key for place, key in enumerate(self.people) if (place + self.day.toordinal()) % 6 == 0]

    def minutes(self, low: float, high: float) -> timedelta:
        """Return so many minutes, shorter on a day that has only just begun."""
        return timedelta(seconds=max(1, round(self.dice.uniform(low, high) * 60 * self.pace)))

    def _at(self, at: datetime, action: Action) -> None:
        heapq.heappush(self._events, (at, next(self._order), action))

    def _say(self, entry: Entry) -> None:
        self.record.board = apply(self.record.board, entry)
        self.record.entries.append(entry)

    @staticmethod
    def _by(staff: Staff) -> str:
        return str(staff.pk)

    def _seat_of(self, visit: Visit) -> str:
        return str(visit.consultant_id)

    # The board and the seats on it

    def _open(self) -> None:
        keys, off = list(self.people), self.off_today()
        here = [key for key in keys if key not in off]
        self.dice.shuffle(here)
        late = [key for key in here[-2:] if self.dice.random() < 0.3]
        present = [key for key in here if key not in late]
        clerk = self._by(self.clerks[0])
        self._say(
            opening_entry(rules=self.policy, roster=keys, present=present, last=None, now=self.opens_at, by=clerk)
        )
        for key in off:
            self._say(SeatState(at=self.opens_at, by=clerk, seat=key, change=SeatChange.OFF))
        for key in late:
            self._at(self.opens_at + self.minutes(25, 70), lambda at, key=key: self._check_in(at, key))  # type: ignore[misc]
        for key in present:
            leaves = self.opens_at + timedelta(seconds=round(self.dice.uniform(150, 250) * 60 * self.pace))
            self._at(leaves, lambda at, key=key: self._go_out(at, key))  # type: ignore[misc]

    def _check_in(self, at: datetime, key: str) -> None:
        self._say(CheckedIn(at=at, by=self._by(self.clerks[0]), seat=key))

    def _go_out(self, at: datetime, key: str) -> None:
        """Lunch, or an errand; not while somebody waits or is in the room."""
        seat = self.record.board.seat(key)
        if seat is None or seat.presence is not Presence.ON:
            return
        if seat.visits:
            self._at(at + self.minutes(8, 20), lambda at: self._go_out(at, key))
            return
        back = at + self.minutes(25, 45)
        reason = self.dice.choice(words.OUT_REASONS)
        self._say(SeatState(at=at, by=key, reason=reason, seat=key, change=SeatChange.OUT, until=back))
        self._at(back + self.minutes(-4, 6), lambda at: self._come_back(at, key))

    def _come_back(self, at: datetime, key: str) -> None:
        self._say(SeatState(at=at, by=key, seat=key, change=SeatChange.ON))
        self._next(at, key)

    # Arrival and allocation

    def _arrive(self, at: datetime, guest: Coming) -> None:
        clerk = self.dice.choice(self.clerks)
        visitor = guest.visitor or self.story.new_visitor(at, clerk)
        if visitor.last_visit_on == self.day:
            return
        visitor.last_visit_on = self.day
        self.record.visits += 1
        visit = Visit(
            pk=self.story.visit_ids.next(),
            branch=self.hospital.branch,
            day=self.day,
            number=self.record.visits,
            visitor=visitor,
            purpose=guest.purpose,
            note=self.dice.choice(words.VISIT_NOTES) if self.dice.random() < 0.12 else "",
            arrived_at=at,
            registered_by=clerk,
            state=Visit.State.REGISTERED,
        )
        self.story.visits.append(visit)
        self.story.wishes += [
            VisitProject(visit=visit, project=project, position=place) for place, project in enumerate(guest.projects)
        ]
        self._at(at + self.minutes(0.4, 1.6), lambda at: self._allocate(at, visit, guest.projects, ()))

    def _situation(
        self, at: datetime, visit: Visit, projects: tuple[Project, ...], declined: tuple[str, ...]
    ) -> Situation:
        visitor = visit.visitor
        codes = tuple(project.code for project in projects)
        return Situation(
            now=at,
            arrival=Arrival(visit=str(visit.pk), projects=codes, purpose=Purpose(visit.purpose), declined_by=declined),
            person=Person(
                id=str(visitor.pk),
                standing=EngineStanding(visitor.standing),
                owner=str(visitor.owner_id) if visitor.owner_id is not None else None,
            ),
            board=self.record.board,
            consultants=self._known(visitor.owner_id),
            policy=self.policy,
            ranks={code: self.ranks[code] for code in codes},
        )

    def _known(self, owner: int | None) -> dict[str, Consultant]:
        """Everybody on the board, and whoever the owner leads to when she has left."""
        known = {key: self.consultants[key] for key in self.people}
        key = str(owner) if owner is not None else None
        while key is not None and key not in known:
            known[key] = self.consultants[key]
            key = known[key].successor
        return known

    def _allocate(self, at: datetime, visit: Visit, projects: tuple[Project, ...], declined: tuple[str, ...]) -> None:
        clerk = visit.registered_by
        situation = self._situation(at, visit, projects, declined)
        answer = allocate(situation)
        self._carry_out(at, visit, situation, answer, clerk)
        visit.visit_type, visit.type_rule, visit.rule = answer.visit_type.value, answer.type_rule, answer.rule
        if answer.decision is Outcome.NONE:
            self._at(at + self.minutes(15, 45), lambda at: self._end_review(at, visit))
        elif answer.decision in (Outcome.ESCALATE, Outcome.ASK_OWNER):
            self._at(at + self.minutes(2, 6), lambda at: self._name(at, visit, projects, declined))
        elif self.until is None and self.dice.random() < 0.01:
            self._at(at + timedelta(seconds=7), lambda at: self._undo(at, visit, projects))
        else:
            self._hand_over(at, visit, answer)

    def _carry_out(self, at: datetime, visit: Visit, situation: Situation, answer: Decision, by: Staff) -> None:
        """Write the answer into the ledger, and keep it with its facts."""
        visit.owner = self.people.get(answer.owner) if answer.owner is not None else None
        entries = entries_for(answer, at=at, by=self._by(by))
        for entry in entries:
            self._say(entry)
        sequence = self.record.board.sequence if entries else None
        self.record.decided.append(Decided(visit, situation, answer, sequence, at, by))
        self.answers[visit.pk] = answer

    def _undo(self, at: datetime, visit: Visit, projects: tuple[Project, ...]) -> None:
        """K8: the clerk takes it back at once, unless something rests on it already."""
        try:
            entry = corrections.undo(
                self.record.entries,
                next(one.sequence for one in reversed(self.record.decided) if one.visit is visit) or 0,
                at=at,
                by=self._by(visit.registered_by),
                reason=self.dice.choice(words.UNDO_REASONS),
            )
        except Refused:
            self._hand_over(at, visit, self.answers[visit.pk])
            return
        self._say(entry)
        visit.version += 2
        self._at(at + self.minutes(0.5, 1.5), lambda at: self._allocate(at, visit, projects, ()))

    def _name(self, at: datetime, visit: Visit, projects: tuple[Project, ...], declined: tuple[str, ...]) -> None:
        """Her owner on the telephone (A8), or the supervisor (A14), names who receives the visit."""
        pending = self.record.board.pending_for(str(visit.pk))
        if pending is None:
            return
        here = [
            seat for seat in self.record.board.seats if seat.presence is Presence.ON and seat.consultant not in declined
        ]
        if not here:
            self._at(at + self.minutes(5, 10), lambda at: self._name(at, visit, projects, declined))
            return
        seat = min(here, key=lambda seat: (seat.suspended, seat.busy, len(seat.visits)))
        by_owner = pending.rule == "A8" and self.dice.random() < 0.5
        situation = self._situation(at, visit, projects, declined)
        answer = name(situation, consultant=seat.consultant, by=Namer.OWNER if by_owner else Namer.SUPERVISOR)
        self._carry_out(at, visit, situation, answer, visit.registered_by if by_owner else self.supervisor)
        visit.rule = answer.rule
        self._hand_over(at, visit, answer)

    def _hand_over(self, at: datetime, visit: Visit, answer: Decision) -> None:
        """The visit is on the consultant's screen."""
        key = answer.consultant or ""
        visit.state = Visit.State.WAITING
        visit.consultant = self.people[key]
        visit.turn = answer.turn.value if answer.turn else ""
        visit.allocated_at = at
        visit.version += 1
        self.rooms[key].waiting.append(visit)
        self._next(at, key)
        if self.dice.random() < 0.05:
            self._at(at + self.minutes(2, 20), lambda at: self._leave(at, visit))

    # In the rooms

    def _next(self, at: datetime, key: str) -> None:
        room = self.rooms[key]
        if room.visit is None and room.waiting:
            # Today they are a little slower, so that somebody waits whenever one looks.
            shortest, longest = (0.5, 5) if self.until is None else (3, 12)
            self._at(at + self.minutes(shortest, longest), lambda at: self._accept(at, key))

    def _accept(self, at: datetime, key: str) -> None:
        room = self.rooms[key]
        if room.visit is not None or not room.waiting:
            return
        visit = room.waiting.pop(0)
        offered_at = visit.allocated_at or at
        consultation = Consultation(
            pk=self.story.consultation_ids.next(),
            visit=visit,
            visitor=visit.visitor,
            consultant=self.people[key],
            branch=self.hospital.branch,
            day=self.day,
            offered_at=offered_at,
            acknowledged_at=at,
        )
        self.story.consultations.append(consultation)
        if self.until is None and self.dice.random() < 0.004 and visit.turn != Visit.Turn.FREE:
            self._decline(at, visit, consultation, key)
            return
        room.visit, room.consultation = visit, consultation
        consultation.state, consultation.accepted_at = Consultation.State.ACCEPTED, at
        visit.state, visit.accepted_at = Visit.State.ACCEPTED, at
        visit.version += 1
        self._at(at + self.minutes(1, 4), lambda at: self._enter(at, key))

    def _decline(self, at: datetime, visit: Visit, consultation: Consultation, key: str) -> None:
        """T7: she is suspended for the day, and the visit is allocated again."""
        reason = self.dice.choice(words.DECLINE_REASONS)
        consultation.state, consultation.decline_reason = Consultation.State.DECLINED, reason
        self._say(
            corrections.decline(self.record.board, self.policy, visit=str(visit.pk), at=at, by=key, reason=reason)
        )
        visit.state, visit.consultant, visit.turn, visit.allocated_at = Visit.State.REGISTERED, None, "", None
        visit.version += 1
        projects = tuple(wish.project for wish in self.story.wishes if wish.visit is visit)
        self._at(at + self.minutes(0.5, 2), lambda at: self._allocate(at, visit, projects, (key,)))

    def _enter(self, at: datetime, key: str) -> None:
        room = self.rooms[key]
        visit, consultation = room.visit, room.consultation
        if visit is None or consultation is None:
            return
        visit.state, visit.entered_at = Visit.State.IN_ROOM, at
        visit.version += 1
        consultation.state, consultation.entered_at = Consultation.State.IN_ROOM, at
        self._say(Entered(at=at, by=key, visit=str(visit.pk), seat=key))
        ends = at + self.minutes(14, 46)
        if self.dice.random() < 0.5:
            minutes = self.dice.randrange(4, 12)
            stated = ends - timedelta(seconds=round((minutes + self.dice.uniform(-3, 2)) * 60 * self.pace))
            if stated > at:
                self._at(stated, lambda at: self._free_soon(at, key, visit, minutes))
        self._at(ends, lambda at: self._finish(at, key))

    def _free_soon(self, at: datetime, key: str, visit: Visit, minutes: int) -> None:
        if self.rooms[key].visit is visit:
            self._say(
                SeatState(at=at, by=key, seat=key, change=SeatChange.BUSY, free_in=max(1, round(minutes * self.pace)))
            )

    def _finish(self, at: datetime, key: str) -> None:
        room = self.rooms[key]
        visit, consultation = room.visit, room.consultation
        if visit is None or consultation is None:
            return
        visitor = visit.visitor
        self._outcome(at, visit, consultation)
        owner = self.answers[visit.pk].owner
        if owner is not None:
            visitor.owner = self.people.get(owner, visitor.owner)
        if consultation.consultant_id not in visitor.consulted_by:
            visitor.consulted_by.append(consultation.consultant_id)
        visit.state, visit.finished_at = Visit.State.FINISHED, at
        visit.version += 1
        consultation.state, consultation.finished_at = Consultation.State.FINISHED, at
        consultation.version += 2
        self._say(Finished(at=at, by=key, visit=str(visit.pk), seat=key))
        room.visit = room.consultation = None
        self._next(at, key)

    def _outcome(self, at: datetime, visit: Visit, consultation: Consultation) -> None:
        dice = self.dice
        chance = {"first": 0.36, "return": 0.42}.get(visit.visit_type, 0.62)
        if dice.random() < 0.35:
            consultation.notes = dice.choice(words.CONSULTATION_NOTES)
        if dice.random() > chance:
            consultation.outcome = Consultation.Outcome.NO_DEAL
            consultation.no_deal_reason = dice.choice(words.NO_DEAL_REASONS)
            if dice.random() < 0.7:
                consultation.call_again_on = self.day + timedelta(days=dice.choice((3, 7, 14, 30)))
            if len(self.story.consultations) % 29 == 0:
                consultation.outcome = Consultation.Outcome.PRODUCT
                consultation.outcome_note = "医用面膜两盒"
                consultation.no_deal_reason, consultation.call_again_on = "", None
            self.story.rise(visit.visitor, Standing.NO_DEAL)
            return
        consultation.outcome = Consultation.Outcome.DEAL
        projects = [wish.project for wish in self.story.wishes[-200:] if wish.visit is visit]
        projects = projects or list(self.story.some_projects())
        deal = self.story.sell(consultation, projects, at - self.minutes(1, 6))
        for project in projects[: 1 if deal.kind == deal.Kind.DEPOSIT else None]:
            surgery = project.department.kind == Department.Kind.SURGERY
            days = dice.randrange(1, 15) if surgery else dice.choice((0, 0, 0, 1, 3, 7))
            treatment = self.story.treat(
                visit.visitor,
                project,
                self.day + timedelta(days=days),
                at - timedelta(seconds=20),
                consultation.consultant,
                consultation,
            )
            if treatment is not None and days == 0 and self.until is None:
                treatment.state = Treatment.State.DONE
                self.story.rise(visit.visitor, Standing.TREATED)

    def _end_review(self, at: datetime, visit: Visit) -> None:
        visit.state, visit.finished_at = Visit.State.FINISHED, at
        visit.version += 1

    def _leave(self, at: datetime, visit: Visit) -> None:
        """Tired of waiting; within some minutes of allocation the turn is returned (T8)."""
        if visit.state != Visit.State.WAITING or visit.consultant_id is None:
            return
        key = self._seat_of(visit)
        self.rooms[key].waiting.remove(visit)
        self._say(
            corrections.leave(
                self.record.board,
                self.policy,
                visit=str(visit.pk),
                at=at,
                by=self._by(visit.registered_by),
                reason=self.dice.choice(words.LEAVE_REASONS),
            )
        )
        visit.state, visit.left_at = Visit.State.LEFT, at
        visit.version += 1
