"""Steps of plans that are messages: once each on their day, by phone where that cannot be, and nothing is lost."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from clinic.message_texts import CALL_BACK
from clinic.models import Branch, BranchDay, OutgoingMessage, Staff
from clinic.roles import Role
from clinic.senders import NotSentError
from clinic.services import messages
from consultations.models import Treatment
from followups import tasks
from followups.models import CallBack, CallRules
from followups.plans import Step, Words
from followups.selectors import Tab, tab_counts, worklist
from followups.services import (
    bar_calls,
    build_call_backs,
    follow_failed_messages,
    publish_plan,
    put_back,
    record_attempt,
    send_step_messages,
    take_next,
    write_call_days,
)
from followups.services.step_messages import AT_ONCE as AT_MOST
from reception.models import Consent, ConsentText, MessageRefusal
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeStaff
from tests.factories.followups import FollowedVisitorFactory, OperationFactory, a_project

pytestmark = pytest.mark.django_db
ZH = Words("短信", "{visitor}您好，{project}后第{days}天，请注意防晒。{staff}", "好", "坏")
EN = Words("Message", "Dear {visitor}, it is day {days} after {project}. {staff}", "good", "bad")


class Lost:
    """A gateway that takes nothing."""

    def send(self, message: OutgoingMessage) -> None:
        raise NotSentError("空号", final=True)


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR)


@pytest.fixture(autouse=True)
def _a_plan_with_a_message(branch: Branch, supervisor: Staff, now: datetime) -> None:
    """Make the plan of the project: a message on day 2, a call on day 5."""
    steps = [Step("m2", 2, "days", 0, ZH, EN, kind="message"), Step("d5", 5, "days", 0, ZH, EN)]
    first = now - timedelta(days=30)
    publish_plan(project=a_project(branch), steps=steps, starts_on=branch.today(first), staff=supervisor, now=first)


def a_message(branch: Branch, now: datetime, **visitor: Any) -> CallBack:
    """Return the call by message of an operation two days ago."""
    who = FollowedVisitorFactory.create(registered_in=branch, **visitor)
    done = OperationFactory.create(branch=branch, visitor=who, treated_on=branch.today(now) - timedelta(days=2))
    build_call_backs(treatment_ids=[done.pk], now=now)
    return CallBack.objects.get(treatment=done, code="m2")


def again(call: CallBack) -> CallBack:
    return CallBack.objects.get(pk=call.pk)


def test_the_message_goes_out_on_its_day_once(branch: Branch, now: datetime) -> None:
    call = a_message(branch, now)
    assert send_step_messages(branch=branch, now=now - timedelta(days=1)) == 0
    assert send_step_messages(branch=branch, now=now) == 1
    assert send_step_messages(branch=branch, now=now) == 0
    row = again(call)
    assert (row.state, row.state_reason, row.closed_at, row.no_message) == ("done", "messaged", now, "")
    made = OutgoingMessage.objects.get()
    assert (made.about, made.template, made.phone, made.asked_by, made.language) == (
        f"call-back {call.pk} v1", CALL_BACK, call.visitor.phone, None, "zh-hans",
    )  # fmt: skip
    assert made.body == "【滨江院区】王小美女士您好，隆胸后第2天，请注意防晒。滨江院区"
    assert build_call_backs(now=now) == 0


def test_in_the_language_of_her_name_and_never_too_long(branch: Branch, supervisor: Staff, now: datetime) -> None:
    a_message(branch, now, name="Ann Lee")
    send_step_messages(branch=branch, now=now)
    said = OutgoingMessage.objects.get()
    assert said.body == "Riverside: Dear Ann Lee, it is day 2 after Breast augmentation. Riverside"
    long = Words("长", "好" * 800, "好", "坏")
    publish_plan(
        project=a_project(branch),
        steps=[Step("m2", 2, "days", 0, long, long, kind="message")],
        starts_on=branch.today(now),
        staff=supervisor,
        now=now,
    )
    later = now + timedelta(days=2)
    done = OperationFactory.create(branch=branch, treated_on=branch.today(now))
    build_call_backs(treatment_ids=[done.pk], now=now)
    send_step_messages(branch=branch, now=later)
    assert len(OutgoingMessage.objects.latest("pk").body) == 500


@pytest.mark.parametrize(("hours", "sent"), [(-2, 0), (-1, 1), (0, 1), (2, 0), (3.5, 1), (9.4, 1), (10, 0), (13, 0)])
def test_only_within_the_hours_of_calling(branch: Branch, now: datetime, hours: float, sent: int) -> None:
    # It is half past ten; calls are made from 9:30 to 20:00, not between noon and two.
    CallRules.objects.create(branch=branch, rest_from=time(12), rest_until=time(14))
    a_message(branch, now)
    assert send_step_messages(branch=branch, now=now + timedelta(hours=hours)) == sent


def test_on_a_day_without_calls_it_waits(branch: Branch, now: datetime) -> None:
    call = a_message(branch, now)
    for ahead in range(3):
        BranchDay.objects.create(
            branch=branch, day=date(2026, 3, 11) + timedelta(days=ahead), kind="closed", name="停业"
        )
    write_call_days(branch)
    assert send_step_messages(branch=branch, now=now) == 0
    build_call_backs(now=now)
    assert again(call).call_on == date(2026, 3, 14)
    assert send_step_messages(branch=branch, now=now + timedelta(days=3)) == 1


def test_a_week_late_it_is_still_sent(branch: Branch, now: datetime) -> None:
    call = a_message(branch, now)
    assert send_step_messages(branch=branch, now=now + timedelta(days=7)) == 1
    assert again(call).state_reason == "messaged"


WHY = ["no_phone", "wants_none", "no_consent"]


@pytest.mark.parametrize("why", WHY)
def test_who_cannot_be_written_to_is_called(
    branch: Branch, supervisor: Staff, staff_with: MakeStaff, now: datetime, why: str
) -> None:
    call = a_message(branch, now, **({"phone": ""} if why == "no_phone" else {}))
    if why == "wants_none":
        MessageRefusal.objects.create(phone=call.visitor.phone, refused_at=now, noted_by=supervisor)
    if why == "no_consent":
        from reception.services.visitors import write_keys

        write_keys(call.visitor)
        text = ConsentText.objects.filter(kind="messages").first() or ConsentText.objects.create(
            kind="messages", version=1, text="短信", text_en="Messages", starts_on=date(2020, 1, 1), made_at=now
        )
        Consent.objects.create(visitor=call.visitor, text=text, answer="refused", via="desk", at=now)
    agent = staff_with(Role.CUSTOMER_SERVICE)
    # Nobody has to call while the message is still to go out.
    assert not worklist(staff=agent, tab=Tab.TODAY, now=now).exists()
    assert take_next(staff=agent, tab=Tab.TODAY, now=now) is None
    assert send_step_messages(branch=branch, now=now) == 1
    row = again(call)
    assert (row.state, row.no_message) == ("open", "no_phone" if why == "no_phone" else "wants_none")
    assert not OutgoingMessage.objects.exists()
    assert tab_counts(staff=agent, now=now)[Tab.TODAY] == 1
    assert take_next(staff=agent, tab=Tab.TODAY, now=now) == call
    record_attempt(call_back=call, result="reached", recovery="normal", staff=agent, now=now)
    assert again(call).state_reason == "reached"


def test_who_gets_no_calls_gets_no_message(branch: Branch, supervisor: Staff, now: datetime) -> None:
    call = a_message(branch, now)
    bar_calls(visitor=call.visitor, reason="deceased", branch=branch, staff=supervisor, now=now)
    assert send_step_messages(branch=branch, now=now) == 0
    assert again(call).state_reason == "deceased"


def test_a_message_that_is_given_up_comes_to_the_supervisor(
    branch: Branch, supervisor: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    call = a_message(branch, now)
    send_step_messages(branch=branch, now=now)
    with override_settings(MESSAGE_SENDER=f"{__name__}.Lost"):
        assert messages.send_message(message_id=OutgoingMessage.objects.get().pk, now=now) is False
    assert OutgoingMessage.objects.get().state == "failed"
    assert follow_failed_messages(branch=branch, now=now) == 1
    assert follow_failed_messages(branch=branch, now=now) == 0
    row = again(call)
    assert (row.state, row.state_reason, row.closed_at) == ("open", "", None)
    assert (row.concern, row.concern_at, row.no_message) == ("not_sent", now, "not_sent")
    assert tab_counts(staff=supervisor, now=now)[Tab.SUPERVISOR] == 1
    # It is not written once more by itself: the supervisor has it called.
    assert send_step_messages(branch=branch, now=now) == 0
    put_back(call_back=row, call_on=branch.today(now), staff=supervisor, now=now)
    assert follow_failed_messages(branch=branch, now=now) == 0
    assert take_next(staff=staff_with(Role.CUSTOMER_SERVICE), tab=Tab.TODAY, now=now) == call


def test_a_moved_treatment_does_not_write_twice(branch: Branch, now: datetime) -> None:
    call = a_message(branch, now)
    send_step_messages(branch=branch, now=now)
    Treatment.objects.update(treated_on=date(2026, 3, 10))
    build_call_backs(now=now)
    assert send_step_messages(branch=branch, now=now + timedelta(days=1)) == 0
    assert (again(call).state_reason, OutgoingMessage.objects.count()) == ("messaged", 1)


# --- twice, at once, killed ---


def test_the_task_sends_all_of_them_however_often(branch: Branch, now: datetime) -> None:
    number = AT_MOST + 5
    OperationFactory.create_batch(number, branch=branch, treated_on=date(2026, 3, 9))
    build_call_backs(now=now)
    assert tasks.send_messages_of_steps() == number
    assert tasks.send_messages_of_steps() == 0
    assert OutgoingMessage.objects.values("phone").count() == number
    assert set(CallBack.objects.filter(code="m2").values_list("state_reason", flat=True)) == {"messaged"}


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_the_same_messages_go_out_once(branch: Branch, now: datetime) -> None:
    OperationFactory.create_batch(7, branch=branch, treated_on=date(2026, 3, 9))
    build_call_backs(now=now)
    with pytest.raises(Killed), transaction.atomic():
        send_step_messages(branch=branch, now=now)
        raise Killed
    assert not OutgoingMessage.objects.exists()
    assert CallBack.objects.filter(code="m2", state="open").count() == 7
    assert send_step_messages(branch=branch, now=now) == 7
    assert OutgoingMessage.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_write_each_once(branch: Branch, now: datetime) -> None:
    OperationFactory.create_batch(20, branch=branch, treated_on=date(2026, 3, 9))
    build_call_backs(now=now)
    handled: list[int] = []
    jobs = [lambda: handled.append(send_step_messages(branch=branch, now=now)) for _number in range(AT_ONCE)]
    assert at_once(*jobs) == ["ok"] * AT_ONCE
    assert (sum(handled), OutgoingMessage.objects.count()) == (20, 20)
