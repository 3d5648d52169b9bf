"""Complaints and weekly reports, told in the order of time through the rooms' own services."""

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

from clinic.models import Department, Staff
from clinic.roles import Role
from complaints.demo import words
from complaints.demo.story import Story
from complaints.models import Complaint
from complaints.services import (
    assign_complaint,
    build_weekly_report,
    close_complaint,
    decide_complaint,
    open_complaint,
    take_complaint,
)
from followups.models import CallBack
from followups.services import build_follow_up_report
from reception.models import Visitor

WEEKS = 9
DEPARTMENT_OF = {
    "effect": Department.Kind.LASER,
    "medical": Department.Kind.SURGERY,
    "service": Department.Kind.CONSULTING,
    "price": Department.Kind.PHONE,
    "environment": Department.Kind.RECEPTION,
    "privacy": Department.Kind.RECEPTION,
    "other": Department.Kind.CUSTOMER_SERVICE,
}
Template = tuple[str, str, str, bool, str, str, str]


class Cases:
    """Every step of every complaint happens at its time, and each Monday's report counts what was so by then."""

    def __init__(self, story: Story, unhappy: list[CallBack], now: datetime) -> None:
        self.story, self.now, self.dice = story, now, story.dice
        self.branch = story.hospital.branch
        self.unhappy = unhappy
        self.service = story.hospital.by_role[Role.CUSTOMER_SERVICE]
        self.supervisor = story.hospital.one(Role.SERVICE_SUPERVISOR)
        self.departments = {each.kind: each for each in Department.objects.filter(branch=self.branch)}
        self._events: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self._order = count()

    def tell(self) -> None:
        """Let the weeks pass, and end with a major complaint that nobody has taken yet."""
        monday = self.story.today - timedelta(days=self.story.today.weekday(), weeks=WEEKS)
        for week in range(WEEKS + 1):
            first = monday + timedelta(weeks=week)
            for _ in range(self.dice.choices((3, 4, 5, 6, 7), weights=(1, 2, 3, 2, 1))[0]):
                at = self._working_time(first + timedelta(days=self.dice.randrange(7)))
                self._at(at, self._open)
            self._at(self.story.instant(first + timedelta(weeks=1), 6, 5), self._report)
        self._at(self.now - timedelta(minutes=25), self._open_major)
        while self._events and self._events[0][0] <= self.now:
            at, _, action = heapq.heappop(self._events)
            action(at)

    def _at(self, at: datetime, action: Callable[[datetime], object]) -> None:
        heapq.heappush(self._events, (at, next(self._order), action))

    def _report(self, at: datetime) -> None:
        year, week, _ = (self.branch.today(at) - timedelta(days=7)).isocalendar()
        build_weekly_report(branch=self.branch, year=year, week=week, now=at)
        build_follow_up_report(branch=self.branch, year=year, week=week, now=at)

    def _open(self, at: datetime) -> None:
        template = self.dice.choice(words.COMPLAINTS)
        category, level, channel, harm, text, wish, decision = template
        card = self._card(at) if channel == Complaint.Channel.CALL_BACK else None
        if channel == Complaint.Channel.CALL_BACK and card is None:
            channel = Complaint.Channel.CALL
        complaint = open_complaint(
            branch=self.branch,
            channel=channel,
            category=category,
            level=level,
            harm=harm,
            text=text,
            wish=wish,
            visitor=None if card or channel == Complaint.Channel.LETTER else self._visitor(at.date()),
            call_back=card,
            staff=self._taker_in(channel),
            now=at,
        )
        self._at(at + timedelta(minutes=self.dice.uniform(5, 240)), lambda at: self._take(at, complaint, decision))

    def _take(self, at: datetime, complaint: Complaint, decision: str) -> None:
        major = complaint.level == Complaint.Level.MAJOR
        taken = take_complaint(
            complaint=complaint, staff=self.supervisor if major else self.dice.choice(self.service), now=at
        )
        department = self.departments[DEPARTMENT_OF[complaint.category]]
        later = self._working_time(at.date() + timedelta(days=self.dice.randrange(2)), after=at)
        self._at(later, lambda at: self._assign(at, taken, department, decision))

    def _assign(self, at: datetime, complaint: Complaint, department: Department, decision: str) -> None:
        if complaint.taken_by is None:
            raise ValueError(f"{complaint} was never taken")
        assigned = assign_complaint(
            complaint=complaint, responsible=complaint.taken_by, department=department, staff=self.supervisor, now=at
        )
        later = self._working_time(at.date() + timedelta(days=self.dice.randrange(1, 5)), after=at)
        self._at(later, lambda at: self._decide(at, assigned, decision))

    def _decide(self, at: datetime, complaint: Complaint, decision: str) -> None:
        decided = decide_complaint(complaint=complaint, decision=decision, staff=complaint.responsible, now=at)
        later = self._working_time(at.date() + timedelta(days=self.dice.randrange(1, 4)), after=at)
        self._at(later, lambda at: self._close(at, decided))

    def _close(self, at: datetime, complaint: Complaint) -> None:
        satisfied = self.dice.random() < 0.85
        note = words.CLOSING_WORDS[self.dice.randrange(2)] if satisfied else words.CLOSING_WORDS[2]
        close_complaint(complaint=complaint, satisfied=satisfied, note=note, staff=self.supervisor, now=at)

    def _open_major(self, at: datetime) -> None:
        category, level, channel, harm, text, wish = words.OPEN_MAJOR
        card = self._card(at, days=30)
        open_complaint(
            branch=self.branch,
            channel=channel if card else Complaint.Channel.CALL,
            category=category,
            level=level,
            harm=harm,
            text=text,
            wish=wish,
            visitor=None if card else self._visitor(at.date()),
            call_back=card,
            staff=self.service[0],
            now=at,
        )

    def _card(self, at: datetime, days: int = 3) -> CallBack | None:
        """A call of the days before in which somebody was unhappy; each leads to one complaint at most."""
        for card in self.unhappy:
            closed_at = card.closed_at
            if closed_at is not None and timedelta(0) <= at - closed_at < timedelta(days=days):
                self.unhappy.remove(card)
                return card
        return None

    def _visitor(self, day: date) -> Visitor | None:
        """Somebody who was here in the days before; now and then nobody says who it was."""
        if self.dice.random() < 0.12:
            return None
        for visitor in self.dice.sample(self.story.visitors, 400):
            if visitor.last_visit_on is not None and 0 <= (day - visitor.last_visit_on).days < 20:
                return visitor
        return None

    def _taker_in(self, channel: str) -> Staff:
        if channel == Complaint.Channel.ON_SITE:
            return self.dice.choice(self.story.hospital.by_role[Role.RECEPTION])
        if channel == Complaint.Channel.DEPARTMENT:
            return self.dice.choice(self.story.hospital.by_role[Role.NURSE])
        return self.dice.choice(self.service)

    def _working_time(self, day: date, after: datetime | None = None) -> datetime:
        """An instant of a day in working hours; later than another where one is given."""
        at = self.story.instant(day, 9, self.dice.uniform(10, 520))
        return at if after is None or at > after else after + timedelta(minutes=self.dice.uniform(20, 90))
