"""One day of the hospital after the other: treatments, mishaps, calls by agents who may be away, nights without Celery.

What happens to treatments is written as the desk writes it; calls are made, put off, settled and built by the room's
own services. Nothing here decides what a call is to be: that is the room's, and `reckoning.py` says it by hand.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random

from django.db import connection, transaction
from django.db.models import QuerySet

from clinic.models import Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations.models import Treatment
from consultations.services import cancel_treatment, change_treatment
from followups import selectors
from followups.models import CallBack, CallBar, UrgentReview
from followups.plans import PLANS, Step
from followups.selectors import Tab
from followups.services import (
    answer_review,
    build_call_backs,
    build_missing_follow_up_reports,
    pause_calls,
    publish_plan,
    put_back,
    record_attempt,
    resume_calls,
    settle_concern,
    take_card,
    tell_visitor,
    track_visitor,
    write_call_days,
)
from followups.services.days import first_call_day
from reception import services as reception
from reception.models import Visitor
from reception.selectors.visitors import latest_history_id
from tests.followups.year.hospital import KINDS, a_step, close, open_house, somebody
from tests.followups.year.reckoning import Known, Reconciliation, reconcile

# What a try leads to, for somebody who can be reached at all.
RESULTS = {
    "reached": 715, "no_answer": 140, "busy": 45, "later": 40, "refused": 28, "wrong_number": 18, "admitted": 8,
    "do_not_call": 5, "deceased": 1,
}  # fmt: skip
ENDS = {"reached", "refused", "do_not_call", "deceased"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the year is."""

    first: date = date(2027, 6, 1)
    days: int = 366  # with the 29th of February 2028
    a_day: int = 60
    agents: int = 6
    # What an agent manages in a day.
    calls: int = 60
    # How often Celery stops, on a day; it comes back after one to nine.
    stops: float = 0.02
    seed: int = 7


@dataclass
class Year:
    """The hospital as its days go by."""

    size: Size
    say: Callable[[str], None] = print
    code: str = "year"
    dice: Random = field(init=False)
    known: Known = field(init=False)
    visitors: list[int] = field(default_factory=list)
    unreachable: set[int] = field(default_factory=set)
    # Treatments whose event waits for Celery.
    waiting: list[int] = field(default_factory=list)
    away: dict[int, date] = field(default_factory=dict)
    celery_back: date | None = None
    paused: list[tuple[date, CallBar]] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Open the house."""
        self.dice = Random(self.size.seed)
        self.last = self.size.first + timedelta(days=self.size.days - 1)
        self.branch, projects, self.known = open_house(self.code, self.size.first, self.last)
        self.projects: dict[str, list[Project]] = {}
        for one in projects:
            self.projects.setdefault(one.department.kind, []).append(one)
        self.doctor = somebody(self.branch, Role.DOCTOR, "doctor")
        self.supervisor = somebody(self.branch, Role.SERVICE_SUPERVISOR, "supervisor")
        self.agents = [somebody(self.branch, Role.CUSTOMER_SERVICE, f"agent{n}") for n in range(self.size.agents)]

    # --- the clock ---

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return an instant of the branch's clock."""
        return datetime.combine(day, time(hour, minute), self.branch.zone).astimezone(UTC)

    def run(self) -> Reconciliation:
        """Let the days pass, and reckon."""
        for number in range(self.size.days):
            day = self.size.first + timedelta(days=number)
            with transaction.atomic():
                self._day(day)
                # Nobody has a screen open, and Celery is played by the year itself.
                connection.run_on_commit.clear()
            if number % 30 == 29:
                with connection.cursor() as cursor:
                    cursor.execute("analyze")
                self.say(f"{day}: {self._so_far()}")
        with transaction.atomic():
            self._clear_the_desks(self.last)
            connection.run_on_commit.clear()
        found = reconcile(self.known, self.last)
        self.say(f"{self.last}: {self._so_far()}")
        return found

    def _so_far(self) -> str:
        return ", ".join(f"{name} {number:,}" for name, number in sorted(self.happened.items()))

    def _day(self, day: date) -> None:
        now = self.at(day, 9)
        celery = self._celery_runs(day)
        self._news(day, now)
        self._treatments(day, now)
        self._mishaps(day, now)
        self._visitors(day, now)
        if celery:
            self._events(now)
        if self._works(day):
            self._calls(day)
        if celery:
            self._events(self.at(day, 18))
            self._night(self.at(day + timedelta(days=1), 2, 30))
        else:
            # What Celery was to do is lost, not late: the night finds it.
            self.happened["events lost"] += len(self.waiting)
            self.happened["nights without Celery"] += 1
            self.waiting.clear()

    def _works(self, day: date) -> bool:
        return day in self.known.worked or (day not in self.known.closed and day.weekday() in self.known.week)

    # --- Celery ---

    def _celery_runs(self, day: date) -> bool:
        if self.celery_back is None and self.dice.random() < self.size.stops and day < self.last - timedelta(days=10):
            self.celery_back = day + timedelta(days=self.dice.choice([1, 1, 2, 3, 9]))
        if self.celery_back is not None and day >= self.celery_back:
            self.celery_back = None
        return self.celery_back is None

    def _events(self, now: datetime) -> None:
        if self.waiting:
            self.happened["calls built on the event"] += build_call_backs(treatment_ids=self.waiting, now=now)
            self.waiting.clear()

    def _night(self, now: datetime) -> None:
        write_call_days(self.branch)
        self.happened["calls built at night"] += build_call_backs(now=now)
        built = build_missing_follow_up_reports(branch=self.branch, now=now + timedelta(hours=4))
        self.happened["weekly reports"] += len(built)

    # --- what the hospital does ---

    def _news(self, day: date, now: datetime) -> None:
        """Change what holds for everybody: plans, and days on which the house is closed at short notice."""
        place = (day - self.size.first).days
        if place == self.size.days // 3:
            self._publish(day, now)
        if place in (self.size.days // 4, self.size.days // 2):
            for ahead in (1, 2):
                close(self.known, day + timedelta(days=ahead))
                self.happened["days closed at short notice"] += 1
            write_call_days(self.branch)
            build_call_backs(branch=self.branch, now=now)

    def _publish(self, day: date, now: datetime) -> None:
        starts_on = day + timedelta(days=3)
        after = {one.code: one for one in PLANS["surgery"]}
        steps: tuple[Step, ...]
        steps = (after["day-2"], a_step("week-1", 7, "days"), after["month-1"], after["month-3"], after["year-1"])
        publish_plan(department_kind="surgery", steps=steps, starts_on=starts_on, staff=self.supervisor, now=now)
        self.known.plans["surgery"].append((starts_on, steps))
        quiet, own = self.projects["laser"][0], self.projects["surgery"][0]
        publish_plan(project=quiet, steps=(), starts_on=starts_on, staff=self.supervisor, now=now)
        self.known.plans[quiet.pk] = [(starts_on, ())]
        steps = (a_step("day-1", 1, "days"), after["day-2"], a_step("month-2", 2, "months"))
        publish_plan(project=own, steps=steps, starts_on=starts_on, staff=self.supervisor, now=now)
        self.known.plans[own.pk] = [(starts_on, steps)]
        self.happened["plans changed"] += 3
        build_call_backs(now=now)

    def _treatments(self, day: date, now: datetime) -> None:
        """Carry out what was planned for today, and file the day's treatments: some done now, some planned ahead."""
        planned = Treatment.objects.filter(branch=self.branch, state="planned", treated_on=day)
        done = list(planned.values_list("pk", flat=True))
        planned.update(state="done", stage="discharged", done_at=now, discharged_at=now + timedelta(hours=5))
        again = [self.dice.choice(self.visitors) for _ in range(self.size.a_day // 10) if self.visitors]
        fresh = self._register(self.size.a_day - len(again), now)
        taken = set(
            Treatment.objects.filter(visitor_id__in=again)
            .exclude(state="cancelled")
            .values_list("visitor_id", "project_id", "treated_on")
        )
        rows = []
        for visitor in [*again, *fresh]:
            kind = self.dice.choice(KINDS)
            project = self.dice.choice(self.projects[kind])
            lead = self.dice.choice([0, 0, 0, 1, 3, 7, 14])
            treated_on = day + timedelta(days=lead)
            if (visitor, project.pk, treated_on) in taken:
                continue
            taken.add((visitor, project.pk, treated_on))
            comes = treated_on + timedelta(days=self.dice.randrange(10, 60)) if self.dice.random() < 0.6 else None
            rows.append(
                Treatment(
                    visitor_id=visitor,
                    branch=self.branch,
                    project=project,
                    doctor=self.doctor,
                    treated_on=treated_on,
                    state="planned" if lead else "done",
                    stage="ordered" if lead else "discharged",
                    done_at=None if lead else now,
                    discharged_at=None if lead else now + timedelta(hours=5),
                    recorded_at=now,
                    recorded_by=self.doctor,
                    next_visit_on=comes if kind != "surgery" else None,
                )
            )
        made = Treatment.objects.bulk_create(rows)
        self.happened["treatments"] += len(made)
        self.waiting += [*done, *(one.pk for one in made)]

    def _register(self, number: int, now: datetime) -> list[int]:
        begun = len(self.visitors)
        made = Visitor.objects.bulk_create(
            Visitor(
                file_number=f"Y{begun + place:06d}",
                name="王小美",
                phone=f"+86138{begun + place:08d}",
                gender="female",
                registered_at=now,
                registered_in=self.branch,
            )
            for place in range(number)
        )
        found = [one.pk for one in made]
        self.visitors += found
        self.unreachable |= {pk for pk in found if self.dice.random() < 0.015}
        return found

    def _mishaps(self, day: date, now: datetime) -> None:
        """Move, cancel and correct treatments as the desk does."""
        ahead = Treatment.objects.filter(branch=self.branch, state="planned", treated_on__gt=day)
        for treatment in self._some(ahead, 0.01):
            self._try(partial(self._move, treatment, day, now), "treatments moved")
        for treatment in self._some(ahead, 0.008):
            self._try(partial(self._cancel, treatment, now), "treatments cancelled")
        over = Treatment.objects.filter(
            branch=self.branch, state="done", treated_on__range=(day - timedelta(days=40), day - timedelta(days=1))
        )
        for treatment in self._some(over, 0.0006):
            self._try(partial(self._correct, treatment, day, now), "days of operation corrected")

    def _some(self, rows: QuerySet[Treatment], share: float) -> list[Treatment]:
        ids = [pk for pk in rows.order_by("pk").values_list("pk", flat=True) if self.dice.random() < share]
        return list(Treatment.objects.filter(pk__in=ids).order_by("pk"))

    def _try(self, work: Callable[[], None], what: str) -> None:
        try:
            with transaction.atomic():
                work()
        except (Refused, Stale):
            self.happened[f"{what}: refused"] += 1
            return
        self.happened[what] += 1

    def _move(self, treatment: Treatment, day: date, now: datetime) -> None:
        change_treatment(
            treatment=treatment, treated_on=day + timedelta(days=self.dice.randrange(1, 20)), staff=self.doctor, now=now
        )
        self.waiting.append(treatment.pk)

    def _cancel(self, treatment: Treatment, now: datetime) -> None:
        cancel_treatment(treatment=treatment, reason="感冒", staff=self.doctor, now=now)
        self.waiting.append(treatment.pk)

    def _correct(self, treatment: Treatment, day: date, now: datetime) -> None:
        earlier = treatment.treated_on - timedelta(days=self.dice.randrange(1, 4))
        change_treatment(treatment=treatment, treated_on=min(earlier, day), staff=self.doctor, now=now)
        self.waiting.append(treatment.pk)

    def _visitors(self, day: date, now: datetime) -> None:
        """Follow some visitors individually, pause others for a complaint, and make one record of two."""
        for begun, bar in [each for each in self.paused if each[0] <= day - timedelta(days=12)]:
            self.paused.remove((begun, bar))
            bar.refresh_from_db()
            resume_calls(about=bar.about, branch=self.branch, staff=self.supervisor, now=now)
            self.known.bars[self.known.record_of(bar.visitor_id)].discard("complaint")
        if not self.visitors:
            return
        if self.dice.random() < 0.3:
            visitor = self._one()
            track_visitor(visitor=visitor, reason="修复", branch=self.branch, staff=self.supervisor, now=now)
            self.known.tracked.add(visitor.pk)
            self.happened["visitors tracked"] += 1
        if self.dice.random() < 0.25:
            self._complain(self._one(), day, now)
        if self.dice.random() < 0.2:
            self._merge(self._one(), self._one(), now)

    def _one(self) -> Visitor:
        pk = self.known.record_of(self.dice.choice(self.visitors))
        return Visitor.objects.get(pk=pk)

    def _complain(self, visitor: Visitor, day: date, now: datetime) -> None:
        if "complaint" in self.known.bars.get(visitor.pk, set()):
            return
        self.happened["complaints"] += 1
        number = f"C{self.happened['complaints']:06d}"
        bar = pause_calls(visitor=visitor, about=number, branch=self.branch, staff=self.supervisor, now=now)
        self.known.bars.setdefault(visitor.pk, set()).add("complaint")
        self.paused.append((day, bar))

    def _merge(self, survivor: Visitor, other: Visitor, now: datetime) -> None:
        bars = [self.known.bars.get(one.pk, set()) for one in (survivor, other)]
        if survivor.pk == other.pk or (bars[0] & bars[1]):
            return
        seen = {one.pk: latest_history_id(one) for one in (survivor, other)}

        def make_one() -> None:
            reception.merge_visitors(survivor=survivor, other=other, keep={}, seen=seen, staff=self.supervisor, now=now)

        before = self.happened["records merged"]
        self._try(make_one, "records merged")
        if self.happened["records merged"] > before:
            self.known.merged[other.pk] = survivor.pk
            self.known.bars.setdefault(survivor.pk, set()).update(self.known.bars.pop(other.pk, set()))
            if other.pk in self.known.tracked:
                self.known.tracked.add(survivor.pk)

    # --- the calls ---

    def _present(self, day: date) -> list[Staff]:
        """Return the agents who are there; some are away for a day, some for a fortnight."""
        for agent in self.agents:
            if self.away.get(agent.pk, day) <= day and self.dice.random() < 0.03:
                self.away[agent.pk] = day + timedelta(days=self.dice.choice([1, 1, 1, 3, 14]))
                self.happened["absences of agents"] += 1
        return [agent for agent in self.agents if self.away.get(agent.pk, day) <= day]

    def _calls(self, day: date) -> None:
        present = self._present(day)
        self.happened["agent days"] += len(present)
        if not present:
            self.happened["days without any agent"] += 1
            return
        most = len(present) * self.size.calls
        most -= self._round(present, self.at(day, 10), most)
        self._round(present, self.at(day, 16, 30), most)
        self._supervise(self.at(day, 18), day)

    def _round(self, present: list[Staff], now: datetime, most: int) -> int:
        """Let the agents call from the top of the list; return how many calls they made."""
        cards = selectors.free_cards(staff=present[0], tab=Tab.TODAY, now=now)[: max(most, 0)]
        made = 0
        for place, card in enumerate(list(cards)):
            agent = present[place % len(present)]
            made += self._call(card, agent, now + timedelta(seconds=20 * place))
        return made

    def _call(self, card: CallBack, agent: Staff, now: datetime) -> int:
        chosen = self.dice.choices(list(RESULTS), list(RESULTS.values()))[0]
        result = "no_answer" if self.known.record_of(card.visitor_id) in self.unreachable else chosen
        more: dict[str, object] = {}
        if result == "reached":
            more["recovery"] = "abnormal" if self.dice.random() < 0.015 else "normal"
            more["satisfaction"] = self.dice.choices([None, 1, 2, 3, 4, 5], [20, 1, 2, 7, 30, 40])[0]
        if result == "later":
            wished_on = self.branch.today(now) + timedelta(days=self.dice.randrange(1, 5))
            more["call_on"] = first_call_day(self.branch, wished_on)
        try:
            if self.dice.random() < 0.1:
                take_card(call_back=card, staff=agent, now=now)
            record_attempt(call_back=card, result=result, staff=agent, now=now, **more)  # type: ignore[arg-type]
        except Stale:
            # Closed meanwhile: on another call she asked not to be called, or had died.
            self.happened["cards closed under the hand"] += 1
            return 0
        self.happened["tries"] += 1
        if result in ENDS:
            self.known.said[card.treatment_id, card.code] = result
        if result in ("do_not_call", "deceased"):
            self.known.bars.setdefault(self.known.record_of(card.visitor_id), set()).add(result)
        return 1

    def _supervise(self, now: datetime, day: date) -> None:
        """Settle what stands on the supervisor's list: a doctor answers, a number is found, or the call is ended."""
        for card in list(selectors.worklist(staff=self.supervisor, tab=Tab.SUPERVISOR, now=now)):
            review = UrgentReview.objects.filter(attempt__call_back=card, told_at=None).first()
            if review is not None:
                doctor = review.doctor or card.treatment.doctor
                answer_review(review=review, answer=UrgentReview.Answer.NORMAL, staff=doctor, now=now)
                tell_visitor(review=review, staff=self.supervisor, now=now)
                self.happened["urgent reviews answered"] += 1
                continue
            if card.state == "open" and self.dice.random() < 0.5 and card.concern != "unreached":
                put_back(call_back=card, call_on=day + timedelta(days=1), note="已更正", staff=self.supervisor, now=now)
                self.happened["put back by the supervisor"] += 1
                continue
            ends = card.state == "open"
            settle_concern(call_back=card, note="已处理", staff=self.supervisor, now=now)
            if ends:
                self.known.ended.add((card.treatment_id, card.code))
                self.happened["ended by the supervisor"] += 1

    def _clear_the_desks(self, day: date) -> None:
        """Have everything called by the last evening, so that what is open then lies ahead."""
        build_call_backs(now=self.at(day, 16))
        for minute in range(0, 60, 10):
            while self._round(self.agents, self.at(day, 19, minute), 10_000):
                pass
            self._supervise(self.at(day, 19, minute), day)
        build_call_backs(now=self.at(day, 20))
