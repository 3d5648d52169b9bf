"""The weekly report of follow-ups: recounted by other means, frozen, corrected beside, built once (R6, R7)."""

import random
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction

from clinic.models import Branch, BranchDay, Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.weeks import Week, digest
from consultations.models import Treatment
from followups import tasks
from followups.models import CallAttempt, CallBack, CallRules, FollowUpReport, UrgentReview
from followups.selectors import latest_follow_up_reports
from followups.selectors.figures import (
    AHEAD,
    CALLED,
    CLOSED,
    FLOW,
    RESULTS,
    REVIEWS,
    SCORES,
    TIMELY,
    TRIES,
    calls_behind,
)
from followups.services import (
    build_call_backs,
    build_follow_up_report,
    build_missing_follow_up_reports,
    record_attempt,
    write_call_days,
)
from followups.services.days import first_call_day
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, a_call, a_doctor, a_project

pytestmark = pytest.mark.django_db
BEGIN = date(2026, 1, 5)  # a Monday, in week 2
END = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR, display_name="陈静")


def ten_weeks(branch: Branch, agents: list[Staff]) -> None:
    """Let ten weeks of calls be made, late, early, not at all, or closed, from a seed; some on the edges of weeks."""
    chance = random.Random(11)
    for day in (date(2026, 1, 24), date(2026, 1, 25), date(2026, 2, 16), date(2026, 2, 17)):
        BranchDay.objects.create(branch=branch, day=day, kind="closed", name="休")
    write_call_days(branch)
    projects = [a_project(branch, kind) for kind in (Department.Kind.SURGERY, Department.Kind.LASER)]
    for number in range(90):
        treated_on = BEGIN + timedelta(days=chance.randrange(-40, 66))
        filed = datetime(treated_on.year, treated_on.month, treated_on.day, 4, tzinfo=UTC)
        OperationFactory.create(
            branch=branch, treated_on=treated_on, project=projects[number % 3 == 0], recorded_at=filed
        )
    build_call_backs(branch=branch, now=datetime(2025, 11, 20, tzinfo=UTC))
    for call in CallBack.objects.order_by("id"):
        agent = chance.choice(agents)
        lateness = chance.choice([-6, -2, 0, 0, 0, 0, 1, 2, 3, 5, 12, None])
        if lateness is None:
            continue
        hour = chance.choice([1, 3, 8, 16, 15.99])  # 16:00 UTC is midnight here
        at = datetime(call.call_on.year, call.call_on.month, call.call_on.day, tzinfo=UTC)
        at += timedelta(days=lateness, hours=hour)
        if at > END:
            continue
        _make(call, agent, at, chance)
    left = CallBack.objects.filter(state="open", due_on__range=(BEGIN, END.date()))
    for treatment_id, due_on in chance.sample(sorted(left.values_list("treatment_id", "due_on")), 12):
        Treatment.objects.filter(pk=treatment_id).update(state="cancelled", cancel_reason="病")
        at = datetime(due_on.year, due_on.month, due_on.day, 3, tzinfo=UTC)
        build_call_backs(treatment_ids=[treatment_id], now=at + timedelta(days=chance.randrange(-6, 20)))


def _make(call: CallBack, agent: Staff, at: datetime, chance: random.Random) -> None:
    for _try in range(chance.choice([0, 0, 0, 1, 2])):
        result = chance.choice(["no_answer", "busy"])
        record_attempt(call_back=call, result=result, staff=agent, now=at - timedelta(hours=chance.randrange(1, 30)))
    result = chance.choices(["reached", "refused", "wrong_number", "later"], [80, 6, 6, 8])[0]
    more: dict[str, Any] = {}
    if result == "reached":
        more["recovery"] = "abnormal" if chance.random() < 0.1 else "normal"
        more["satisfaction"] = chance.choice([None, 1, 2, 3, 4, 5, 5])
    if result == "later":
        more["call_on"] = first_call_day(call.branch, call.branch.today(at) + timedelta(days=2))
    record_attempt(call_back=call, result=result, staff=agent, now=at, **more)


class Recount:
    """The same figures from the rows by Python, as somebody would count them by hand."""

    def __init__(self, branch: Branch, week: Week) -> None:
        self.zone = branch.zone
        self.first, self.last = week.first, week.last
        closed = {row.day: row for row in BranchDay.objects.filter(branch=branch)}
        self.calls = []
        for call in CallBack.objects.filter(branch=branch).select_related("treatment__project__department"):
            day = call.due_on
            while day in closed:
                day += timedelta(days=1)
            self.calls.append((call, day, self._day(call.closed_at)))
        self.tries = [
            one
            for one in CallAttempt.objects.filter(call_back__branch=branch).select_related("call_back")
            if self.first <= (self._day(one.at) or date.min) <= self.last
        ]

    def _day(self, at: datetime | None) -> date | None:
        return at.astimezone(self.zone).date() if at else None

    def _flow(self, calls: list[Any]) -> dict[str, int]:
        first, last = self.first, self.last
        return {
            "open_start": sum(day < first and (shut is None or shut >= first) for _call, day, shut in calls),
            "in": sum(first <= day <= last and (shut is None or shut >= first) for _call, day, shut in calls),
            "made": sum(self._made(row) and row[1] <= last for row in calls),
            "closed": sum(
                call.state == "cancelled" and day <= last and shut is not None and first <= shut <= last
                for call, day, shut in calls
            ),
            "open_end": sum(day <= last and (shut is None or shut > last) for _call, day, shut in calls),
        }

    def _made(self, row: Any) -> bool:
        call, _day, shut = row
        return call.state == "done" and shut is not None and self.first <= shut <= self.last

    def flow(self, kind: str = "") -> dict[str, int]:
        return self._flow([row for row in self.calls if kind in ("", row[0].treatment.project.department.kind)])

    def timely(self) -> dict[str, int]:
        shut_on = [row[1:] for row in self.calls if self._made(row) and row[1] <= self.last]
        made = [(shut - day).days for day, shut in shut_on if shut is not None]
        tried = set(
            CallAttempt.objects.filter(
                at__lt=datetime.combine(self.last + timedelta(days=1), datetime.min.time(), self.zone)
            ).values_list("call_back_id", flat=True)
        )
        left = [
            call.pk in tried for call, day, shut in self.calls if day <= self.last and (not shut or shut > self.last)
        ]
        return {
            "on_day": sum(late <= 0 for late in made),
            "late_1": sum(late == 1 for late in made),
            "late_3": sum(late in (2, 3) for late in made),
            "late_7": sum(4 <= late <= 7 for late in made),
            "late_more": sum(late > 7 for late in made),
            "early": sum(self._made(row) and row[1] > self.last for row in self.calls),
            "untried": left.count(False),
            "tried": left.count(True),
        }


def test_figures_of_ten_weeks_recounted_by_hand(branch: Branch, staff_with: MakeStaff) -> None:
    agents = [staff_with(Role.CUSTOMER_SERVICE) for _ in range(3)]
    ten_weeks(branch, agents)
    carried, seen = None, Counter[str]()
    for number in range(11):
        week = Week.of(BEGIN).moved(number)
        body = build_follow_up_report(branch=branch, year=week.year, week=week.number, now=END).body
        by_hand, flow = Recount(branch, week), body["flow"]
        assert flow == by_hand.flow()
        assert carried in (None, flow["open_start"])
        assert flow["open_start"] + flow["in"] - flow["made"] - flow["closed"] == flow["open_end"]
        carried = flow["open_end"]
        assert body["timely"] == by_hand.timely()
        for row in body["by"]["kind"]:
            assert {name: row[name] for name in FLOW} == by_hand.flow(row["kind"])
        tries = by_hand.tries
        assert body["said"]["tries"] == len(tries) == sum(row["tries"] for row in body["by"]["staff"])
        assert body["said"]["called"] == len({one.call_back_id for one in tries})
        assert body["said"]["reached"] == len({one.call_back_id for one in tries if one.result == "reached"})
        assert body["results"] == {
            f"result_{result}": sum(one.result == result for one in tries) for result in CallAttempt.Result.values
        }
        assert body["scores"] == {
            f"score_{score}": sum(one.satisfaction == score for one in tries) for score in range(1, 6)
        }
        assert body["said"]["satisfied"] == body["scores"]["score_4"] + body["scores"]["score_5"]
        assert body["said"]["abnormal"] == len(body["abnormal"]) == sum(one.recovery == "abnormal" for one in tries)
        assert {row["staff"]: row["tries"] for row in body["by"]["staff"]} == Counter(one.staff_id for one in tries)
        for parts in ("kind", "step"):
            for name in (*FLOW, "on_day", "tries", "satisfied"):
                whole = body["timely"]["on_day"] if name == "on_day" else (flow | body["said"])[name]
                assert sum(row[name] for row in body["by"][parts]) == whole, (parts, name)
        assert sum(body["closed"].values()) == flow["closed"]
        assert len(body["weeks"]) == 5 and {name: body["weeks"][-1][name] for name in FLOW} == flow
        for name, value in (flow | body["timely"] | body["closed"] | body["ahead"] | body["said"]).items():
            seen[name] += value
    wanted = (*FLOW, *TIMELY, "closed_treatment_cancelled", "ahead_treatment_cancelled")
    assert not [name for name in wanted if not seen[name]]


def test_every_figure_opens_the_calls_it_counted(branch: Branch, staff_with: MakeStaff) -> None:
    agents = [staff_with(Role.CUSTOMER_SERVICE) for _ in range(2)]
    ten_weeks(branch, agents)
    week, opened = Week(2026, 6), 0
    body = build_follow_up_report(branch=branch, year=2026, week=6, now=END).body

    def behind(figure: str, **narrowed: Any) -> int:
        ids = calls_behind(branch=branch, week=week, figure=figure, now=END, **narrowed)
        assert ids is not None and len(set(ids)) == len(ids)
        return len(ids)

    for group, figures in (("flow", FLOW), ("timely", TIMELY), ("closed", CLOSED), ("ahead", AHEAD), ("said", CALLED)):
        for name in figures:
            assert behind(name) == body[group][name], name
            opened += body[group][name]
    for group, figures in (("said", TRIES), ("results", RESULTS), ("scores", SCORES), ("reviews", REVIEWS)):
        for name in figures:
            # One call may have been tried more than once.
            assert bool(behind(name)) == bool(body[group][name]) and behind(name) <= body[group][name], name
    for row in body["by"]["kind"]:
        assert behind("in", kind=row["kind"]) == row["in"]
    for row in body["by"]["step"]:
        assert behind("open_end", kind=row["kind"], code=row["code"]) == row["open_end"]
    for row in body["by"]["staff"]:
        assert behind("called", staff_id=row["staff"]) == row["called"]
    assert opened > 50
    assert calls_behind(branch=branch, week=week, figure="nonsense", now=END) is None


def test_a_complication_with_what_was_done(branch: Branch, now: datetime, staff_with: MakeStaff) -> None:
    agent, doctor = staff_with(Role.CUSTOMER_SERVICE), a_doctor(branch)
    call = a_call(branch, now=now)
    attempt = record_attempt(
        call_back=call, result="reached", recovery="abnormal", satisfaction=2, notes="左侧发热", staff=agent, now=now
    )
    review = UrgentReview.objects.get(attempt=attempt)
    monday = datetime(2026, 3, 16, 1, tzinfo=UTC)
    waiting = build_follow_up_report(branch=branch, year=2026, week=11, staff=agent, now=monday).body
    assert waiting["reviews"] == {"review_asked": 1, "review_in_time": 0, "review_late": 0, "review_waiting": 1}
    assert [case["answer"] for case in waiting["abnormal"]] == ["waiting"]
    review.answer, review.come_on = "come_on", date(2026, 3, 12)
    review.answered_at, review.answered_by = now + timedelta(minutes=40), doctor
    review.save()
    told = build_follow_up_report(branch=branch, year=2026, week=11, staff=agent, reason="补", now=monday).body
    assert told["reviews"] == {"review_asked": 1, "review_in_time": 0, "review_late": 1, "review_waiting": 0}
    assert told["abnormal"] == [
        {
            "call": call.pk,
            "at": "2026-03-11 10:30",
            "kind": "surgery",
            "project": "隆胸",
            "project_en": "Breast augmentation",
            "step": "术后第2天",
            "step_en": "Day 2 after surgery",
            "days": 2,
            "doctor": "李敏",
            "visitor": "王**",
            "notes": "左侧发热",
            "answer": "come_on",
            "come_on": "2026-03-12",
            "settled": "",
        }
    ]


def test_targets_are_those_of_the_day_it_was_built(branch: Branch, now: datetime) -> None:
    CallRules.objects.create(branch=branch, target_reached=80, target_satisfied=70)
    report = build_follow_up_report(branch=branch, year=2026, week=10, now=now)
    CallRules.objects.update(target_reached=99)
    assert FollowUpReport.objects.get(pk=report.pk).body["targets"] == {"reached": 80, "satisfied": 70}


def test_what_is_due_later_in_a_running_week_has_not_come_due(branch: Branch, now: datetime) -> None:
    for day in (8, 9, 10, 12):  # day 2 falls on Tuesday, Wednesday (today), Thursday, Saturday
        a_call(branch, now=now, treated_on=date(2026, 3, day))
    report = build_follow_up_report(branch=branch, year=2026, week=11, now=now)
    assert (report.body["week"]["over"], report.body["flow"]["in"]) == (False, 2)
    after = build_follow_up_report(branch=branch, year=2026, week=11, now=datetime(2026, 3, 16, 1, tzinfo=UTC))
    assert (after.version, after.body["flow"]["in"]) == (2, 4)


def test_a_frozen_report_stays_as_it_was_and_its_hash_holds(branch: Branch, now: datetime) -> None:
    call = a_call(branch, now=now - timedelta(days=9), treated_on=date(2026, 3, 1))
    report = build_follow_up_report(branch=branch, year=2026, week=10, now=now)
    before = FollowUpReport.objects.values().get()
    CallBack.objects.filter(pk=call.pk).update(due_on=date(2026, 9, 9))
    assert FollowUpReport.objects.values().get() == before and before["body"]["flow"]["in"] == 1
    assert digest(before["body"]) == before["hash"] == report.hash
    with pytest.raises(Error, match="append"), transaction.atomic():
        FollowUpReport.objects.update(reason="x")
    with pytest.raises(Error, match="append"), transaction.atomic():
        FollowUpReport.objects.all().delete()


def test_a_correction_is_a_new_version_with_its_reason(branch: Branch, supervisor: Staff, now: datetime) -> None:
    first = build_follow_up_report(branch=branch, year=2026, week=10, now=now)
    with pytest.raises(Refused, match="reason_missing"):
        build_follow_up_report(branch=branch, year=2026, week=10, staff=supervisor, now=now)
    with pytest.raises(Refused, match="nothing_changed"):
        build_follow_up_report(branch=branch, year=2026, week=10, staff=supervisor, reason="补录", now=now)
    a_call(branch, now=now, treated_on=date(2026, 3, 1))
    sent = [
        build_follow_up_report(branch=branch, year=2026, week=10, staff=supervisor, reason="补录", now=now)
        for _ in "ab"
    ]
    assert sent[0] == sent[1]
    assert (first.version, sent[0].version, sent[0].reason, sent[0].built_by) == (1, 2, "补录", supervisor)
    assert build_follow_up_report(branch=branch, year=2026, week=10, now=now) == sent[0]
    assert list(latest_follow_up_reports(supervisor)) == [sent[0]]


@pytest.mark.parametrize(("year", "week", "code"), [(2026, 12, "not_begun"), (2025, 53, "no_such_week")])
def test_weeks_that_cannot_be_reported(branch: Branch, now: datetime, year: int, week: int, code: str) -> None:
    with pytest.raises(Refused, match=code):
        build_follow_up_report(branch=branch, year=year, week=week, now=now)


def test_missed_weeks_are_caught_up(branch: Branch, supervisor: Staff) -> None:
    monday = datetime(2026, 3, 8, 21, 59, tzinfo=UTC)  # 05:59 in Shanghai
    a_call(branch, now=monday - timedelta(days=17))
    # What somebody built by hand before does not hide the weeks before it.
    build_follow_up_report(branch=branch, year=2026, week=9, staff=supervisor, now=monday)
    assert [report.week for report in build_missing_follow_up_reports(branch=branch, now=monday)] == [8]
    six = monday + timedelta(minutes=1)
    assert [report.week for report in build_missing_follow_up_reports(branch=branch, now=six)] == [10]
    late = [report.week for report in build_missing_follow_up_reports(branch=branch, now=monday + timedelta(days=22))]
    assert late == [11, 12, 13]


def test_a_year_end_with_week_53(branch: Branch) -> None:
    now = datetime(2027, 1, 12, tzinfo=UTC)
    a_call(branch, now=datetime(2026, 12, 20, tzinfo=UTC), treated_on=date(2027, 1, 1))
    built = build_missing_follow_up_reports(branch=branch, now=now)
    assert [str(report) for report in built] == ["2026-W51 v1", "2026-W52 v1", "2026-W53 v1", "2027-W01 v1"]
    assert [report.body["flow"]["in"] for report in built] == [0, 0, 1, 0]  # due on Sunday 3 January
    assert [(week["year"], week["week"]) for week in built[-1].body["weeks"]] == [
        (2026, 50), (2026, 51), (2026, 52), (2026, 53), (2027, 1),
    ]  # fmt: skip


def test_a_week_in_which_the_clock_is_changed(other_branch: Branch, staff_with: MakeStaff) -> None:
    other_branch.time_zone = "Europe/Berlin"
    other_branch.save()
    agent = staff_with(Role.CUSTOMER_SERVICE, branch=other_branch)
    # The last Sunday of March has 23 hours: midnight after it is 22:00 UTC, midnight before its week 23:00.
    edges = [datetime(2026, 3, 22, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)]
    for edge in edges:
        for at in (edge - timedelta(seconds=1), edge):
            call = a_call(other_branch, now=at, treated_on=date(2026, 3, 1))
            record_attempt(call_back=call, result="reached", recovery="normal", staff=agent, now=at)
    made = [
        build_follow_up_report(branch=other_branch, year=2026, week=week, now=END).body["flow"]["made"]
        for week in (12, 13, 14)
    ]
    assert made == [1, 2, 1]


def test_each_branch_has_its_own_monday(branch: Branch) -> None:
    west = Branch.objects.create(code="la", name="洛杉矶", name_en="Los Angeles", time_zone="America/Los_Angeles")
    now = datetime(2026, 3, 8, 22, 30, tzinfo=UTC)  # Monday 06:30 in Shanghai, Sunday 15:30 in Los Angeles
    assert [report.week for report in build_missing_follow_up_reports(branch=branch, now=now)] == [10]
    assert [report.week for report in build_missing_follow_up_reports(branch=west, now=now)] == [9]


def test_the_task_run_twice_makes_one_report(branch: Branch, now: datetime) -> None:
    tasks.build_reports()
    tasks.build_reports()
    assert [str(report) for report in FollowUpReport.objects.all()] == ["2026-W10 v1"]


@pytest.mark.django_db(transaction=True)
def test_eight_builders_at_once_make_one_report(branch: Branch, now: datetime) -> None:
    a_call(branch, now=now - timedelta(days=20))
    start, built = threading.Barrier(8), []

    def build() -> None:
        try:
            start.wait()
            built.append(len(build_missing_follow_up_reports(branch=branch, now=now)))
        finally:
            connection.close()

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 8
    reports = list(FollowUpReport.objects.order_by("week").values_list("week", "version"))
    assert reports == [(8, 1), (9, 1), (10, 1)]
