"""Who is expected at the demo hospital, who was and did not come, and what the phone agents wrote down."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Role
from complaints.demo.story import Story
from reception import services, slots
from reception.models import Appointment, PreReport, Visit, Visitor
from reception.services import Wish, record_arrival

SAID = (
    "问双眼皮多少钱，想先来看看",
    "看了朋友圈活动，想约周末",
    "担心恢复期，想问几天能上班",
    "之前在别家做过，想修复",
    "问光子嫩肤能不能和水光一起做",
    "学生，想暑假做",
)
PROMISED = ("把价目表和医生简介发给她", "问清医生排期后回电", "确认活动价后答复")
NOTES = ("怕疼", "带闺蜜一起来", "只能上午", "")


class Expected:
    """Books what stands in the calendar of yesterday, today and the days after, as the agents and the desk did."""

    def __init__(self, story: Story, now: datetime) -> None:
        self.story, self.now = story, now
        self.dice, self.hospital, self.branch = story.dice, story.hospital, story.hospital.branch
        self.agents = self.hospital.by_role[Role.PHONE_AGENT]
        self.clerk = self.hospital.one(Role.RECEPTION)
        seen = [one for one in story.visitors if one.phone and one.last_visit_on != story.today]
        self.callers = [one for one in seen if one.last_visit_on is None]
        self.known = [one for one in seen if one.last_visit_on is not None]

    def tell(self) -> int:
        """Write it all; return how many appointments there are."""
        self._leads()
        self._two_agents()
        self._came_today()
        today = self.story.today
        self._fill(today - timedelta(days=1), 4, times=(9, 17))
        services.close_appointments_of(
            branch=self.branch, day=today - timedelta(days=1), staff=None, now=self.story.instant(today, 0, 20)
        )
        local = self.now.astimezone(self.branch.zone)
        self._fill(today, 11, times=(max(local.hour + 1, 9), 17))
        self._fill(today + timedelta(days=1), 22, times=(9, 17))
        self._fill(today + timedelta(days=2), 9, times=(9, 17))
        self._fill(today + timedelta(days=3), 5, times=(9, 17))
        self._asked_already(today + timedelta(days=1))
        return Appointment.objects.filter(branch=self.branch).count()

    def _book(self, day: date, starts: time, who: Visitor, at: datetime, agent: Staff) -> Appointment | None:
        """Book as somebody would have; None when there is no room or the house is closed then."""
        wish = Wish(
            day=day,
            starts=starts,
            projects=self.story.some_projects(),
            urgent=self.dice.random() < 0.05,
            note=self.dice.choice(NOTES),
        )
        try:
            return services.book_appointment(
                branch=self.branch, wish=wish, visitor=who, agent=agent, staff=agent, now=at
            )
        except Refused:
            return None

    def _fill(self, day: date, number: int, *, times: tuple[int, int]) -> None:
        first, last = times
        if first > last:
            return
        before = self.story.instant(day - timedelta(days=1), 15, self.dice.uniform(0, 120))
        for _ in range(number):
            starts = slots.clock(60 * self.dice.randint(first, last) + self.dice.choice((0, 30)))
            pool = self.callers if self.dice.random() < 0.5 and len(self.callers) > 1 else self.known
            who = pool.pop(self.dice.randrange(len(pool)))
            agent = self.dice.choice([*self.agents, self.clerk])
            self._book(day, starts, who, min(before, self.now - timedelta(minutes=5)), agent)

    def _came_today(self) -> None:
        """Some of those who are here today had an appointment."""
        today = [visit for visit in self.story.visits if visit.day == self.story.today]
        for visit in self.dice.sample(today, min(9, len(today))):
            fresh = Visit.objects.select_related("visitor", "branch").get(pk=visit.pk)
            if fresh.state == Visit.State.VOID:
                continue
            minute = slots.minute_of(fresh.arrived_at.astimezone(self.branch.zone).time())
            starts = slots.clock(max(minute - self.dice.randrange(20), 0) // slots.HALF_HOUR * slots.HALF_HOUR)
            before = self.story.instant(self.story.today - timedelta(days=1), 16, 0)
            agent = self.dice.choice(self.agents)
            booked = self._book(fresh.day, starts, fresh.visitor, before, agent)
            if booked is not None:
                record_arrival(appointment=booked, visit=fresh, staff=fresh.registered_by, now=fresh.arrived_at)

    def _leads(self) -> None:
        """Enquiries that are not booked yet; of two the promised answer is late."""
        for number in range(12):
            agent = self.agents[number % len(self.agents)]
            at = self.now - timedelta(days=self.dice.randrange(1, 40), minutes=self.dice.randrange(300))
            who = self.callers.pop() if self.callers and number % 2 else None
            promised = self.dice.choice(PROMISED) if number % 3 == 0 else ""
            due_on = self.story.today + timedelta(days=(-1, 1, 2, 3)[number // 3])
            due_at = self.story.instant(due_on, 17) if promised else None
            report = services.record_pre_report(
                branch=self.branch,
                agent=agent,
                visitor=who,
                name="" if who else self.story.new_name(),
                phone="" if who else self.story.new_phone(),
                projects=self.story.some_projects(),
                said=self.dice.choice(SAID),
                promised=promised,
                promise_due_at=due_at,
                staff=agent,
                now=min(at, due_at - timedelta(days=1)) if due_at else at,
            )
            if number % 4 == 1:
                self._follow_up(report, agent, self.now - timedelta(hours=self.dice.randrange(2, 20)))

    def _two_agents(self) -> None:
        """Two agents wrote the same person down; the first of them also followed her up."""
        if len(self.callers) < 1:
            return
        who = self.callers.pop()
        first, second = self.agents[:2]
        for agent, days in ((first, 24), (second, 9)):
            report = services.record_pre_report(
                branch=self.branch,
                agent=agent,
                visitor=who,
                projects=self.story.some_projects(),
                said=self.dice.choice(SAID),
                staff=agent,
                now=self.now - timedelta(days=days),
            )
            if agent is first:
                self._follow_up(report, agent, self.now - timedelta(days=3))
        self._book(self.story.today + timedelta(days=1), time(10, 30), who, self.now - timedelta(hours=1), second)

    def _follow_up(self, report: PreReport, agent: Staff, at: datetime) -> None:
        services.follow_up_pre_report(
            report=report, kind="follow_up", text="回电，仍在考虑，下周再联系", staff=agent, now=at
        )

    def _asked_already(self, day: date) -> None:
        """The day-before list is half done."""
        expected = list(Appointment.objects.filter(branch=self.branch, day=day).order_by("pk"))
        for number, one in enumerate(expected[: len(expected) // 2]):
            services.answer_appointment(
                appointment=one,
                what="not_reached" if number % 5 == 4 else "confirmed",
                staff=one.agent,
                now=self.now - timedelta(minutes=40 - min(number, 30)),
            )
        for one in expected[-3:]:
            # Some of them want no messages.
            with suppress(Refused):
                services.ask_for_message(appointment=one, staff=one.agent, now=self.now - timedelta(minutes=8))
