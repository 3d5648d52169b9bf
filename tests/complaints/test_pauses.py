"""While a complaint that came from a call is open her calls wait; when the last is closed they come back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused
from clinic.roles import Role
from complaints.models import Complaint
from complaints.services import close_complaint, decide_complaint, open_complaint, take_complaint
from consultations.models import Treatment
from followups import selectors
from followups.models import CallBack, CallBar, UrgentReview
from followups.selectors import Tab
from followups.services import (
    bar_calls,
    build_call_backs,
    lift_bar,
    pause_calls,
    put_back,
    record_attempt,
    resume_calls,
    settle_concern,
    take_card,
)
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, a_call, another_project

pytestmark = pytest.mark.django_db
PAUSED = ("cancelled", "complaint")


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR)


@pytest.fixture
def call(branch: Branch, now: datetime) -> CallBack:
    return a_call(branch, now=now)


def complain(staff: Staff, now: datetime, **about: Any) -> Complaint:
    return open_complaint(
        branch=staff.branch,
        channel="call_back",
        category="effect",
        level="general",
        text="不满意",
        staff=staff,
        now=now,
        **about,
    )


def close(complaint: Complaint, staff: Staff, now: datetime) -> None:
    taken = take_complaint(complaint=complaint, staff=staff, now=now)
    decided = decide_complaint(complaint=taken, decision="免费复查", staff=staff, now=now)
    close_complaint(complaint=decided, satisfied=True, staff=staff, now=now)


def states(call: CallBack) -> dict[str, tuple[str, str]]:
    rows = CallBack.objects.filter(treatment=call.treatment_id)
    return {row.code: (row.state, row.state_reason) for row in rows}


def test_a_complaint_from_the_card_lets_her_calls_wait_until_it_is_closed(
    call: CallBack, supervisor: Staff, now: datetime
) -> None:
    record_attempt(call_back=call, result="reached", recovery="normal", satisfaction=1, staff=supervisor, now=now)
    before = states(call)
    days = dict(CallBack.objects.values_list("pk", "call_on"))
    made = complain(supervisor, now, call_back=call)
    assert set(states(call).values()) == {("done", "reached"), PAUSED}
    bar = CallBar.objects.get()
    assert (bar.reason, bar.about, bar.visitor, bar.ended_at) == ("complaint", made.number, call.visitor, None)
    for row in CallBack.objects.filter(state="cancelled"):
        assert (row.paused, row.state_word, row.closed_at) == (True, "Paused", now)
        assert row.get_state_reason_display() == "Waits until her complaint is closed"
    (pause,) = selectors.with_calls(list(selectors.pauses_standing(supervisor.branch)), supervisor.branch)
    assert (pause.bar.about, pause.calls) == (made.number, 3)
    close(made, supervisor, now + timedelta(days=2))
    assert states(call) == before
    assert dict(CallBack.objects.values_list("pk", "call_on")) == days
    assert not selectors.pauses_standing(supervisor.branch).exists()
    assert AuditEntry.objects.filter(action="followups.resume_calls").count() == 1


def test_what_fell_into_the_pause_comes_back_overdue_and_first(
    branch: Branch, call: CallBack, supervisor: Staff, now: datetime
) -> None:
    made = complain(supervisor, now, treatment=call.treatment)
    assert list(selectors.worklist(staff=supervisor, tab=Tab.TODAY, now=now)) == []
    later = now + timedelta(days=4)
    assert build_call_backs(now=later) == 0
    others = [a_call(branch, now=later, treated_on=date(2026, 3, day)) for day in (7, 13)]
    close(made, supervisor, later)
    shown = list(selectors.worklist(staff=supervisor, tab=Tab.TODAY, now=later))
    assert shown[0].pk == call.pk and {one.pk for one in shown} == {call.pk, *(one.pk for one in others)}
    assert (shown[0].call_on, shown[0].due_on) == (date(2026, 3, 11), date(2026, 3, 11))
    assert shown[0] in selectors.worklist(staff=supervisor, tab=Tab.OVERDUE, now=later)


@pytest.mark.parametrize("link", ["visitor", "none"])
def test_a_complaint_about_something_else_lets_nothing_wait(
    call: CallBack, supervisor: Staff, now: datetime, link: str
) -> None:
    made = complain(supervisor, now, **({"visitor": call.visitor} if link == "visitor" else {}))
    assert PAUSED not in states(call).values() and not CallBar.objects.exists()
    close(made, supervisor, now)
    assert PAUSED not in states(call).values()


def test_of_two_complaints_the_last_one_closed_lets_them_come_back(
    call: CallBack, supervisor: Staff, now: datetime
) -> None:
    first, second = (complain(supervisor, now, call_back=call) for _number in range(2))
    close(first, supervisor, now)
    assert set(states(call).values()) == {PAUSED}
    close(second, supervisor, now)
    assert set(states(call).values()) == {("open", "")}


@pytest.mark.parametrize("reason", ["do_not_call", "deceased"])
@pytest.mark.parametrize("complaint_first", [True, False])
def test_what_is_for_good_comes_before_a_complaint(
    call: CallBack, supervisor: Staff, now: datetime, reason: str, complaint_first: bool
) -> None:
    def bar() -> CallBar:
        return bar_calls(visitor=call.visitor, reason=reason, branch=supervisor.branch, staff=supervisor, now=now)

    if complaint_first:
        made, stands = complain(supervisor, now, call_back=call), bar()
    else:
        stands, made = bar(), complain(supervisor, now, call_back=call)
    assert set(states(call).values()) == {("cancelled", reason)}
    lift_bar(bar=stands, staff=supervisor, now=now)
    assert set(states(call).values()) == {PAUSED}
    bar()
    close(made, supervisor, now)
    assert set(states(call).values()) == {("cancelled", reason)}


def test_deceased_comes_before_do_not_call(call: CallBack, supervisor: Staff, now: datetime) -> None:
    for reason in ("do_not_call", "deceased"):
        bar_calls(visitor=call.visitor, reason=reason, branch=supervisor.branch, staff=supervisor, now=now)
    assert set(states(call).values()) == {("cancelled", "deceased")}


def test_a_pause_is_not_lifted_or_set_by_hand(call: CallBack, supervisor: Staff, now: datetime) -> None:
    made = complain(supervisor, now, call_back=call)
    with pytest.raises(Refused, match="complaint_open") as refusal:
        lift_bar(bar=CallBar.objects.get(), staff=supervisor, now=now)
    assert made.number in str(refusal.value.message)
    with pytest.raises(Refused, match="reason_unknown"):
        bar_calls(visitor=call.visitor, reason="complaint", branch=supervisor.branch, staff=supervisor, now=now)
    assert set(states(call).values()) == {PAUSED}


def test_what_the_supervisor_has_to_see_to_stays_with_her(call: CallBack, supervisor: Staff, now: datetime) -> None:
    record_attempt(call_back=call, result="wrong_number", staff=supervisor, now=now)
    made = complain(supervisor, now, call_back=call)
    assert states(call)["day-2"] == PAUSED
    assert list(selectors.worklist(staff=supervisor, tab=Tab.SUPERVISOR, now=now)) == [call]
    with pytest.raises(Refused, match="closed"):
        put_back(call_back=call, call_on=date(2026, 3, 12), staff=supervisor, now=now)
    close(made, supervisor, now)
    row = CallBack.objects.get(pk=call.pk)
    assert (row.state, row.concern, row.concern_at) == ("open", "wrong_number", now)
    other = complain(supervisor, now, call_back=call)
    settle_concern(call_back=call, note="号码已更正", staff=supervisor, now=now)
    close(other, supervisor, now)
    row = CallBack.objects.get(pk=call.pk)
    assert (row.state, row.concern, row.settled_note) == ("open", "", "号码已更正")


def test_a_review_does_not_wait(call: CallBack, supervisor: Staff, now: datetime) -> None:
    record_attempt(call_back=call, result="reached", recovery="abnormal", staff=supervisor, now=now)
    complain(supervisor, now, call_back=call)
    review = UrgentReview.objects.get()
    assert selectors.review_notice(review.treatment.doctor).asked == [review]
    assert CallBack.objects.get(pk=call.pk).concern == "abnormal"


def test_a_held_card_is_taken_out_of_the_hand_and_said_so(call: CallBack, supervisor: Staff, now: datetime) -> None:
    take_card(call_back=call, staff=supervisor, now=now)
    complain(supervisor, now, treatment=call.treatment)
    with pytest.raises(Refused, match="closed") as refusal:
        record_attempt(call_back=call, result="no_answer", staff=supervisor, now=now)
    assert "Waits until her complaint is closed" in str(refusal.value.message)


def test_a_number_of_another_house_ends_nothing_here(
    call: CallBack, other_branch: Branch, supervisor: Staff, now: datetime
) -> None:
    made = complain(supervisor, now, call_back=call)
    assert resume_calls(about=made.number, branch=other_branch, staff=supervisor, now=now) == 0
    assert set(states(call).values()) == {PAUSED}
    assert resume_calls(about=made.number, branch=call.branch, staff=supervisor, now=now) == 4
    assert resume_calls(about=made.number, branch=call.branch, staff=supervisor, now=now) == 0


def test_a_treatment_filed_during_the_pause_waits_as_well(
    branch: Branch, call: CallBack, supervisor: Staff, now: datetime
) -> None:
    made = complain(supervisor, now, call_back=call)
    newer = a_call(branch, now=now, visitor=call.visitor, project=another_project(branch, 7))
    assert set(states(newer).values()) == {PAUSED}
    Treatment.objects.filter(pk=call.treatment_id).update(state="cancelled", cancel_reason="感冒")
    build_call_backs(now=now)
    assert set(states(call).values()) == {("cancelled", "treatment_cancelled")}
    close(made, supervisor, now)
    assert set(states(newer).values()) == {("open", "")}
    assert set(states(call).values()) == {("cancelled", "treatment_cancelled")}


@pytest.mark.django_db(transaction=True)
def test_opened_closed_and_built_at_once_ends_as_in_turn(
    branch: Branch, call: CallBack, supervisor: Staff, now: datetime
) -> None:
    OperationFactory.create_batch(3, branch=branch)
    first = complain(supervisor, now, call_back=call)
    assert (
        at_once(
            lambda: close(first, supervisor, now),
            lambda: complain(supervisor, now, call_back=call),
            lambda: build_call_backs(now=now),
            lambda: build_call_backs(visitor_ids=[call.visitor_id], now=now),
            lambda: complain(supervisor, now, treatment=call.treatment),
        )
        == ["ok"] * 5
    )
    assert set(states(call).values()) == {PAUSED}
    assert CallBar.objects.filter(ended_at=None).count() == 2
    for one in Complaint.objects.exclude(state="closed"):
        close(one, supervisor, now)
    assert set(states(call).values()) == {("open", "")}
    assert build_call_backs(now=now) == 0


# --- any order of opening, closing and building ends in the same states ---

STEPS = st.lists(
    st.tuples(st.sampled_from(("open", "close", "build", "bar", "lift", "reached")), st.integers(0, 3), st.booleans()),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_course_of_complaints_ends_as_its_last_state_says(
    branch: Branch, supervisor: Staff, now: datetime, steps: list[tuple[str, int, bool]]
) -> None:
    with transaction.atomic():
        calls = [a_call(branch, now=now), a_call(branch, now=now)]
        opened: list[set[str]] = [set(), set()]
        barred: list[CallBar | None] = [None, None]
        made: list[set[str]] = [set(), set()]
        for moment, (what, which, often) in enumerate(steps):
            at, who = now + timedelta(hours=moment), which % 2
            about = f"C2026-{which:04d}"
            visitor = calls[who].visitor
            for _twice in range(1 + often):
                if what == "open":
                    pause_calls(visitor=visitor, about=about, branch=branch, staff=supervisor, now=at)
                    opened[who].add(about)
                elif what == "close":
                    resume_calls(about=about, branch=branch, staff=supervisor, now=at)
                    opened[who].discard(about)
                elif what == "build":
                    build_call_backs(visitor_ids=[visitor.pk] if which > 1 else None, now=at)
                elif what == "bar":
                    barred[who] = bar_calls(
                        visitor=visitor, reason="do_not_call", branch=branch, staff=supervisor, now=at
                    )
            bar = barred[who]
            if what == "lift" and bar is not None:
                lift_bar(bar=bar, staff=supervisor, now=at)
                barred[who] = None
            call = CallBack.objects.get(pk=calls[who].pk)
            if what == "reached" and call.state == "open":
                record_attempt(call_back=call, result="reached", recovery="normal", staff=supervisor, now=at)
                made[who].add(call.code)
        end = now + timedelta(days=1)
        for who, call in enumerate(calls):
            rest = ("cancelled", "do_not_call") if barred[who] else PAUSED if opened[who] else ("open", "")
            for code, state in states(call).items():
                assert state == (("done", "reached") if code in made[who] else rest)
        assert build_call_backs(now=end) == 0
        transaction.set_rollback(True)
