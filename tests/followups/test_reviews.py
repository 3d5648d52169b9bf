"""Somebody who is not well reaches the doctor at once: who is asked, one answer, told, overdue once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from clinic.models import AuditEntry, Branch, Department, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations.services import change_treatment
from followups import selectors, tasks
from followups.models import CallBack, CallRules, UrgentReview
from followups.services import (
    answer_review,
    escalate_reviews,
    follow_doctor,
    record_attempt,
    see_review,
    settle_concern,
    tell_visitor,
)
from followups.services.reviews import whom_to_ask
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.factories.followups import a_call
from triage.services import open_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CUSTOMER_SERVICE, display_name="周琳")


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR)


@pytest.fixture
def surgery(branch: Branch) -> Department:
    return Department.objects.get(branch=branch, kind="surgery")


@pytest.fixture
def doctor(surgery: Department, staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DOCTOR, display_name="李敏", department=surgery)


@pytest.fixture
def head(surgery: Department, staff_with: MakeStaff) -> Staff:
    person = staff_with(Role.DOCTOR, display_name="陈主任", department=surgery)
    surgery.head = person
    surgery.save()
    return person


@pytest.fixture
def call(branch: Branch, doctor: Staff, now: datetime) -> CallBack:
    return a_call(branch, now=now, doctor=doctor)


def not_well(call: CallBack, agent: Staff, now: datetime, notes: str = "发烧38.9度") -> UrgentReview:
    made = record_attempt(call_back=call, result="reached", recovery="abnormal", notes=notes, staff=agent, now=now)
    return UrgentReview.objects.get(attempt=made)


def again(review: UrgentReview) -> UrgentReview:
    return UrgentReview.objects.get(pk=review.pk)


def leave(*people: Staff) -> None:
    Staff.objects.filter(pk__in=[one.pk for one in people]).update(active_until=date(2026, 3, 10))


def told() -> set[str]:
    return {topic for event in OutboxEvent.objects.all() for topic in event.topics}


# --- who is asked ---


def test_the_operating_doctor_is_asked_with_the_clock_of_the_branch(
    call: CallBack, branch: Branch, doctor: Staff, agent: Staff, now: datetime
) -> None:
    CallRules.objects.create(branch=branch, review_minutes=20)
    OutboxEvent.objects.all().delete()
    review = not_well(call, agent, now)
    assert (review.doctor, review.asked_by, review.visitor) == (doctor, agent, call.visitor)
    assert (review.asked_at, review.due_at) == (now, now + timedelta(minutes=20))
    assert (review.answer, review.escalated_at, review.instead) == ("", None, False)
    assert f"staff-{doctor.pk}" in told()
    assert selectors.number_asked(doctor) == 1
    assert selectors.review_notice(doctor).unseen == [review]
    assert CallBack.objects.get(pk=call.pk).concern == "abnormal"


@pytest.mark.parametrize(
    "said", [{"result": "reached", "recovery": "normal", "satisfaction": 1}, {"result": "no_answer"}]
)
def test_nobody_is_asked_about_who_is_well(call: CallBack, agent: Staff, now: datetime, said: dict[str, Any]) -> None:
    record_attempt(call_back=call, staff=agent, now=now, **said)
    assert not UrgentReview.objects.exists()


@pytest.mark.parametrize(
    ("away", "asked"),
    [
        ((), "doctor"),
        (("head",), "doctor"),
        (("doctor",), "head"),
        (("doctor", "head"), "department"),
        (("doctor", "head", "other"), "nobody"),
    ],
)
def test_whoever_works_today_is_asked(
    call: CallBack,
    doctor: Staff,
    head: Staff,
    surgery: Department,
    agent: Staff,
    supervisor: Staff,
    staff_with: MakeStaff,
    now: datetime,
    away: tuple[str, ...],
    asked: str,
) -> None:
    other = staff_with(Role.DOCTOR, department=surgery)
    laser = staff_with(Role.DOCTOR, department=Department.objects.get(branch=surgery.branch, kind="laser"))
    people = {"doctor": doctor, "head": head, "other": other}
    leave(*(people[name] for name in away))
    review = not_well(CallBack.objects.get(pk=call.pk), agent, now)
    assert review.doctor == people.get(asked)
    by_name = {name: bool(selectors.number_asked(Staff.objects.get(pk=one.pk))) for name, one in people.items()}
    if asked == "department":
        assert by_name["other"] and not selectors.number_asked(laser)
    # Nobody can be asked: the supervisor hears of it at once.
    assert (review.escalated_at == now) is (asked == "nobody")
    assert bool(selectors.review_notice(supervisor).overdue) is (asked == "nobody")


def test_who_is_off_on_todays_board_does_not_work_today(
    call: CallBack,
    branch: Branch,
    doctor: Staff,
    head: Staff,
    surgery: Department,
    staff_with: MakeStaff,
    now: datetime,
) -> None:
    desk = staff_with(Role.DEPARTMENT_DESK, department=surgery)
    branch = surgery.branch
    day = branch.today(now)
    board = open_board(branch=branch, desk=surgery.code, day=day, consultants=[doctor], staff=desk, now=now)
    assert whom_to_ask(call.treatment, now).doctor == doctor, "expected and not checked in yet"
    state = board.state
    state["seats"][0]["presence"] = "off"
    type(board).objects.filter(pk=board.pk).update(state=state)
    assert whom_to_ask(call.treatment, now).doctor == head


def test_a_second_abnormal_call_asks_again(call: CallBack, agent: Staff, doctor: Staff, now: datetime) -> None:
    first = not_well(call, agent, now)
    other = CallBack.objects.filter(visitor=call.visitor, state="open").first()
    assert other is not None
    second = not_well(other, agent, now + timedelta(minutes=5))
    assert {one.pk for one in selectors.review_notice(doctor).asked} == {first.pk, second.pk}


# --- the answer, and that it was told ---


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"answer": "come_now"}, ""),
        ({"answer": "come_on", "come_on": date(2026, 3, 11)}, ""),
        ({"answer": "advice", "note": "冰敷，暂停运动"}, ""),
        ({"answer": "hospital"}, ""),
        ({"answer": "normal"}, ""),
        ({"answer": ""}, "answer"),
        ({"answer": "shrug"}, "answer"),
        ({"answer": "come_on"}, "day"),
        ({"answer": "come_on", "come_on": date(2026, 3, 10)}, "day"),
        ({"answer": "come_now", "come_on": date(2026, 3, 12)}, "day"),
        ({"answer": "come_on", "come_on": date(2036, 3, 12)}, "too_far"),
        ({"answer": "advice", "note": "  "}, "note_missing"),
    ],
)
def test_what_a_doctor_may_answer(
    call: CallBack, agent: Staff, doctor: Staff, now: datetime, said: dict[str, Any], code: str
) -> None:
    review = not_well(call, agent, now)
    if code:
        with pytest.raises(Refused, match=code):
            answer_review(review=review, staff=doctor, now=now, **said)
        assert again(review).answered_at is None
        return
    answer_review(review=review, staff=doctor, now=now, **said)
    row = again(review)
    assert (row.answer, row.note, row.come_on) == (said["answer"], said.get("note", ""), said.get("come_on"))
    assert (row.answered_at, row.answered_by, row.unseen) == (now, doctor, False)


def test_an_answer_is_told_and_that_settles_the_call(
    call: CallBack, agent: Staff, supervisor: Staff, doctor: Staff, now: datetime
) -> None:
    review = not_well(call, agent, now)
    with pytest.raises(Refused, match="review_waits"):
        settle_concern(call_back=call, note="看过了", staff=supervisor, now=now)
    with pytest.raises(Refused, match="not_answered"):
        tell_visitor(review=review, staff=agent, now=now)
    OutboxEvent.objects.all().delete()
    answer_review(review=review, answer="come_now", note="马上来院换药", staff=doctor, now=now)
    assert {f"staff-{agent.pk}", f"staff-{supervisor.pk}", f"visitor-{call.visitor_id}"} <= told()
    assert selectors.review_notice(agent).answers == [review]
    with pytest.raises(Refused, match="review_waits"):
        settle_concern(call_back=call, note="看过了", staff=supervisor, now=now)
    assert CallBack.objects.get(pk=call.pk).concern == "abnormal", "it stays on the supervisor's list"
    tell_visitor(review=review, staff=agent, now=now)
    row = CallBack.objects.get(pk=call.pk)
    assert (row.concern, row.concern_at, row.settled_note) == ("", None, "Come in at once 马上来院换药")
    assert selectors.review_notice(agent).answers == []
    with pytest.raises(Stale, match="told"):
        tell_visitor(review=review, staff=supervisor, now=now)
    assert list(selectors.reviews_in_hand(agent)) == [] and list(selectors.reviews_over(agent)) == [review]


def test_only_the_doctor_and_the_head_answer(
    call: CallBack, agent: Staff, doctor: Staff, head: Staff, surgery: Department, staff_with: MakeStaff, now: datetime
) -> None:
    review = not_well(call, agent, now)
    for stranger in (agent, staff_with(Role.DOCTOR, department=surgery), staff_with(Role.MANAGER)):
        with pytest.raises(Refused, match="not_yours"):
            answer_review(review=review, answer="normal", staff=stranger, now=now)
    answer_review(review=review, answer="normal", staff=head, now=now)
    with pytest.raises(Stale, match="answered") as refusal:
        answer_review(review=review, answer="hospital", staff=doctor, now=now)
    assert "陈主任" in str(refusal.value.message) and "Normal at this time" in str(refusal.value.message)
    assert again(review).answer == "normal"


@pytest.mark.django_db(transaction=True)
def test_two_doctors_at_once_give_one_answer(
    call: CallBack, agent: Staff, doctor: Staff, head: Staff, now: datetime
) -> None:
    review = not_well(call, agent, now)

    def give(answer: str, person: Staff) -> Callable[[], object]:
        return lambda: answer_review(review=review, answer=answer, staff=person, now=now)

    pairs = [("come_now", doctor), ("normal", head)] * 3
    assert at_once(*(give(*one) for one in pairs)) == ["answered"] * 5 + ["ok"]
    row = again(review)
    assert (row.answer, row.answered_by) in [("come_now", doctor), ("normal", head)]
    assert AuditEntry.objects.filter(action="followups.answer_review").count() == 1


@pytest.mark.django_db(transaction=True)
def test_told_by_two_at_once_is_told_once(call: CallBack, agent: Staff, doctor: Staff, now: datetime) -> None:
    review = not_well(call, agent, now)
    answer_review(review=review, answer="normal", staff=doctor, now=now)
    assert at_once(*[lambda: tell_visitor(review=review, staff=agent, now=now)] * 4) == ["ok"] + ["told"] * 3


# --- seen, overdue, another doctor ---


def test_it_rings_until_it_is_seen_and_again_once_it_is_overdue(
    call: CallBack, agent: Staff, doctor: Staff, head: Staff, supervisor: Staff, now: datetime
) -> None:
    review = not_well(call, agent, now)
    see_review(review=review, staff=doctor, now=now + timedelta(minutes=1))
    see_review(review=review, staff=head, now=now + timedelta(minutes=2))
    assert again(review).seen_by == doctor
    notice = selectors.review_notice(doctor)
    assert notice.asked == [review] and notice.unseen == []
    assert escalate_reviews(now=now + timedelta(minutes=29, seconds=59)) == 0
    assert selectors.review_notice(head).overdue == []
    late = now + timedelta(minutes=30)
    OutboxEvent.objects.all().delete()
    assert escalate_reviews(now=late) == 1
    assert {f"staff-{one.pk}" for one in (doctor, head, supervisor)} <= told()
    assert again(review).escalated_at == late
    assert selectors.review_notice(doctor).unseen == [review]
    assert selectors.review_notice(head).overdue == selectors.review_notice(supervisor).overdue == [review]
    assert escalate_reviews(now=late + timedelta(minutes=1)) == 0
    answer_review(review=review, answer="come_now", staff=head, now=late)
    assert selectors.review_notice(head).overdue == selectors.review_notice(supervisor).overdue == []


@pytest.mark.django_db(transaction=True)
def test_the_task_twice_at_once_tells_once(
    branch: Branch, agent: Staff, doctor: Staff, supervisor: Staff, now: datetime
) -> None:
    for _number in range(5):
        not_well(a_call(branch, now=now, doctor=doctor), agent, now - timedelta(hours=1))
    assert at_once(*[tasks.escalate_overdue_reviews] * 4) == ["ok"] * 4
    tasks.escalate_overdue_reviews()
    assert AuditEntry.objects.filter(action="followups.escalate_review").count() == 5
    assert not UrgentReview.objects.filter(escalated_at=None).exists()


def test_it_follows_the_treatment_to_another_doctor_until_it_is_answered(
    call: CallBack, agent: Staff, doctor: Staff, surgery: Department, staff_with: MakeStaff, now: datetime
) -> None:
    other, third = (staff_with(Role.DOCTOR, department=surgery) for _number in range(2))
    review = not_well(call, agent, now)
    see_review(review=review, staff=doctor, now=now)
    clock = again(review).due_at
    change_treatment(treatment=call.treatment, doctor=other, staff=staff_with(Role.DEPARTMENT_DESK), now=now)
    event = OutboxEvent.objects.filter(event="treatment_filed").latest("pk")
    OutboxEvent.objects.all().delete()
    for _twice in range(2):
        tasks.follow_doctor_of_treatment(**event.payload)
    row = again(review)
    assert (row.doctor, row.seen_at, row.due_at) == (other, None, clock)
    assert {f"staff-{doctor.pk}", f"staff-{other.pk}"} <= told()
    assert selectors.number_asked(doctor) == 0 and selectors.number_asked(other) == 1
    answer_review(review=review, answer="normal", staff=other, now=now)
    change_treatment(treatment=call.treatment, doctor=third, staff=staff_with(Role.DEPARTMENT_DESK), now=now)
    assert follow_doctor(treatment_id=call.treatment_id, now=now) == 0
    assert again(review).doctor == other


def test_another_house_reads_and_answers_nothing(
    call: CallBack, agent: Staff, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    review = not_well(call, agent, now)
    surgery = Department.objects.get(branch=other_branch, kind="surgery")
    surgery.head = staff_with(Role.DOCTOR, branch=other_branch, department=surgery)
    surgery.save()
    for stranger in (surgery.head, staff_with(Role.SERVICE_SUPERVISOR, branch=other_branch)):
        assert not selectors.reviews_seen_by(stranger).exists()
        assert selectors.review_notice(stranger).overdue == []
    assert selectors.reviews_seen_by(agent).get() == review


def test_the_lists_are_read_by_their_indexes(call: CallBack, doctor: Staff, agent: Staff, now: datetime) -> None:
    not_well(call, agent, now)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan to off")
        asked = UrgentReview.objects.filter(doctor=doctor, answer="").explain()
        overdue = UrgentReview.objects.filter(branch=agent.branch, told_at=None).explain()
    assert "urgent_review_doctor" in asked and "urgent_review_waits" in overdue
