"""Messages to people outside: written once, sent once, tried again after pauses, given up with the reason."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test import override_settings
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from clinic.message_texts import CALL_BACK, CONFIRM_APPOINTMENT, TEXTS, language_for, text_of
from clinic.models import AuditEntry, Branch, OutboxEvent, OutgoingMessage
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.senders import NotSentError, require_sender
from clinic.services.messages import (
    PAUSES,
    TAKEN_FOR,
    Draft,
    due_messages,
    queue_message,
    queue_messages,
    send_message,
    try_again,
)
from clinic.tasks import send_due_messages
from tests.conftest import MakeClient, MakeStaff, make_branch

VALUES = {"hospital": "滨江", "name": "苏晚", "day": "3月12日", "time": "10:00", "phone": "021-5550-0100"}
GATEWAY = f"{__name__}.Gateway"


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(str(record.msg))


class Gateway:
    """A gateway that answers as it is told, and remembers what it took."""

    took: list[str] = []
    answers: list[Exception | None] = []

    def send(self, message: OutgoingMessage) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.took.append(str(message.key))


@pytest.fixture(autouse=True)
def _fresh_gateway() -> None:
    Gateway.took, Gateway.answers = [], []


def queue(branch: Branch, now: datetime, about: str = "appointment 1") -> OutgoingMessage:
    return queue_message(
        branch=branch, phone="+8613800138000", template=CONFIRM_APPOINTMENT, language="zh-hans", values=VALUES,
        about=about, staff=None, now=now,
    )  # fmt: skip


def test_every_template_is_written_in_both_languages() -> None:
    values = VALUES | {"text": "请按时换药"}
    asked = {CALL_BACK: {"hospital", "text"}}
    for template in TEXTS:
        for language in ("zh-hans", "en"):
            written = text_of(template, language, values)
            said = {name for name, value in values.items() if value in written}
            assert said == asked.get(template, set(VALUES)), (template, language)
    assert [language_for(name) for name in ("曾", "O'Brien <b>", "Li 敏", "123")] == [
        "zh-hans",
        "en",
        "zh-hans",
        "zh-hans",
    ]


def test_the_default_sender_shows_it_and_keeps_the_number_out_of_the_log(
    branch: Branch, now: datetime, client_as: MakeClient
) -> None:
    message = queue(branch, now)
    log, lines = logging.getLogger("clinic.senders"), Lines()
    log.addHandler(lines)
    assert send_message(message_id=message.pk, now=now)
    log.removeHandler(lines)
    logged = "".join(lines.said)
    assert "138****8000" in logged and "13800138000" not in logged and "苏晚" not in logged
    page = client_as(Role.RECEPTION).get(reverse("clinic:messages")).content.decode()
    assert "苏晚" in page and "138****8000" in page and "13800138000" not in page


@override_settings(MESSAGE_SENDER=GATEWAY)
def test_asked_for_twice_and_sent_twice_it_goes_out_once(
    branch: Branch, now: datetime, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    message = queue(branch, now)
    assert queue(branch, now + timedelta(minutes=1)) == message
    assert OutboxEvent.objects.filter(event="message_queued", payload={"message_id": message.pk}).count() == 1
    assert [send_message(message_id=message.pk, now=now) for _ in range(3)] == [True, False, False]
    assert Gateway.took == [str(message.key)]
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.tries) == ("sent", now, 1)


@override_settings(MESSAGE_SENDER=GATEWAY)
def test_a_failed_try_is_repeated_after_its_pause_and_not_before(branch: Branch, now: datetime) -> None:
    message = queue(branch, now)
    Gateway.answers = [NotSentError("gateway away"), None]
    assert not send_message(message_id=message.pk, now=now)
    soon = now + PAUSES[0] - timedelta(seconds=1)
    assert due_messages(now=soon) == [] and not send_message(message_id=message.pk, now=soon)
    then = now + PAUSES[0]
    assert due_messages(now=then) == [message.pk]
    assert send_message(message_id=message.pk, now=then)
    message.refresh_from_db()
    assert (message.tries, message.error) == (2, "")


@override_settings(MESSAGE_SENDER=GATEWAY)
def test_after_the_last_pause_or_a_final_no_somebody_has_to_look(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    worn, wrong = queue(branch, now), queue(branch, now, "appointment 2")
    Gateway.answers = [NotSentError("no such number", final=True)]
    send_message(message_id=wrong.pk, now=now)
    Gateway.answers = [NotSentError("gateway away")] * 9
    at = now
    for pause in (*PAUSES, timedelta(0)):
        send_message(message_id=worn.pk, now=at)
        at += pause
    for message, error in ((worn, "gateway away"), (wrong, "no such number")):
        message.refresh_from_db()
        assert (message.state, message.error) == ("failed", error)
    Gateway.answers = []
    staff = staff_with(Role.DESK_SUPERVISOR)
    try_again(message=worn, staff=staff, now=at)
    assert send_message(message_id=worn.pk, now=at)
    with pytest.raises(Stale, match="message_state"):
        try_again(message=worn, staff=staff, now=at)
    assert AuditEntry.objects.filter(action="clinic.try_message_again").count() == 1


def test_nobody_is_written_to_without_a_number(branch: Branch, now: datetime) -> None:
    with pytest.raises(Refused, match="no_phone"):
        queue_message(
            branch=branch, phone="", template=CONFIRM_APPOINTMENT, language="en", values=VALUES, about="x", staff=None,
            now=now,
        )  # fmt: skip


def test_the_list_is_the_branchs_own_and_asks_the_same_at_one_row_and_at_fifty(
    branch: Branch, other_branch: Branch, client_as: MakeClient, now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    desk = client_as(Role.RECEPTION)
    hers = queue(other_branch, now, "appointment of another house")
    queue(branch, now, "appointment 0")
    desk.get(reverse("clinic:messages"))
    for more in (0, 49):
        for number in range(more):
            queue(branch, now, f"appointment {number + 1}")
        with django_assert_num_queries(4):
            page = desk.get(reverse("clinic:messages"))
        assert len(page.context["rows"]) == more + 1
    assert desk.post(reverse("clinic:message_again", args=[hers.pk])).status_code == 404


class Hooked(Gateway):
    """A gateway in whose hands something happens."""

    during: Callable[[OutgoingMessage], None] = staticmethod(lambda _message: None)

    def send(self, message: OutgoingMessage) -> None:
        type(self).during(message)
        super().send(message)


HOOKED = f"{__name__}.Hooked"


@pytest.mark.django_db(transaction=True)
@override_settings(MESSAGE_SENDER=HOOKED)
def test_a_slow_gateway_holds_no_row_and_gets_a_message_from_one_worker(now: datetime) -> None:
    message = queue(make_branch(), now)
    seen: list[object] = []

    def during(taken: OutgoingMessage) -> None:
        seen.append((connection.in_atomic_block, due_messages(now=now), send_message(message_id=taken.pk, now=now)))
        with transaction.atomic():
            seen.append(OutgoingMessage.objects.select_for_update(nowait=True).get().taken_at)

    with patch.object(Hooked, "during", staticmethod(during)):
        assert send_message(message_id=message.pk, now=now)
    assert seen == [(False, [], False), now]
    assert Gateway.took == [str(message.key)]
    message.refresh_from_db()
    assert (message.state, message.taken_at, message.tries) == ("sent", None, 1)


@override_settings(MESSAGE_SENDER=HOOKED)
def test_what_a_dead_worker_had_taken_is_taken_over_after_a_time(branch: Branch, now: datetime) -> None:
    message = queue(branch, now)

    def dies(_message: OutgoingMessage) -> None:
        raise SystemExit

    with patch.object(Hooked, "during", staticmethod(dies)), pytest.raises(SystemExit):
        send_message(message_id=message.pk, now=now)
    soon, then = now + TAKEN_FOR - timedelta(seconds=1), now + TAKEN_FOR
    with patch.object(Hooked, "during", staticmethod(lambda _message: None)):
        assert due_messages(now=soon) == [] and not send_message(message_id=message.pk, now=soon)
        assert due_messages(now=then) == [message.pk] and send_message(message_id=message.pk, now=then)
    message.refresh_from_db()
    assert (message.state, message.tries, message.sent_at) == ("sent", 2, then)


@override_settings(MESSAGE_SENDER=HOOKED)
def test_a_sender_that_fails_in_any_way_is_given_up_after_the_last_pause(branch: Branch, now: datetime) -> None:
    message = queue(branch, now)

    def fails(_message: OutgoingMessage) -> None:
        raise ConnectionResetError("13800138000")

    with patch.object(Hooked, "during", staticmethod(fails)):
        for pause in (timedelta(), *PAUSES):
            now += pause
            assert due_messages(now=now) == [message.pk]
            assert not send_message(message_id=message.pk, now=now)
    message.refresh_from_db()
    assert (message.state, message.tries, message.next_try_at) == ("failed", len(PAUSES) + 1, None)
    assert "ConnectionResetError" in message.error
    assert "138" not in message.error


@override_settings(MESSAGE_SENDER=HOOKED)
def test_a_message_over_which_every_worker_dies_is_given_up(branch: Branch, now: datetime) -> None:
    message = queue(branch, now)

    def dies(_message: OutgoingMessage) -> None:
        raise SystemExit

    with patch.object(Hooked, "during", staticmethod(dies)):
        for _time in range(len(PAUSES) + 1):
            with pytest.raises(SystemExit):
                send_message(message_id=message.pk, now=now)
            now += TAKEN_FOR
        assert not send_message(message_id=message.pk, now=now)
    message.refresh_from_db()
    assert (message.state, message.tries) == ("failed", len(PAUSES) + 1)
    assert due_messages(now=now + TAKEN_FOR) == []


@override_settings(MESSAGE_SENDER=HOOKED)
def test_each_of_many_is_taken_when_its_turn_comes(branch: Branch, now: datetime) -> None:
    for number in range(2):
        queue(branch, now, f"appointment {number}")
    slow, taken_at = timedelta(minutes=11), []

    with time_machine.travel(now, tick=False) as clock:

        def during(taken: OutgoingMessage) -> None:
            taken_at.append(taken.taken_at)
            clock.shift(slow)

        with patch.object(Hooked, "during", staticmethod(during)):
            assert send_due_messages() == 2
    assert taken_at == [now, now + slow]


@pytest.mark.parametrize(("first", "second"), [(None, "away"), ("away", None), ("away", "gone")])
@override_settings(MESSAGE_SENDER=HOOKED)
def test_of_two_workers_that_had_it_the_one_that_sent_it_counts(
    first: str | None, second: str | None, branch: Branch, now: datetime
) -> None:
    message, later = queue(branch, now), now + TAKEN_FOR

    def during(taken: OutgoingMessage) -> None:
        if taken.tries == 1:
            Gateway.answers = [NotSentError(second) if second else None]
            send_message(message_id=taken.pk, now=later)
            Gateway.answers = [NotSentError(first) if first else None]

    with patch.object(Hooked, "during", staticmethod(during)):
        send_message(message_id=message.pk, now=now)
    message.refresh_from_db()
    if first and second:
        assert (message.state, message.error, message.next_try_at) == ("queued", "gone", later + PAUSES[1])
    else:
        assert (message.state, message.error, message.next_try_at) == ("sent", "", None)
    assert due_messages(now=later) == []


def test_the_newest_of_a_branch_are_read_by_an_index(branch: Branch, other_branch: Branch, now: datetime) -> None:
    OutgoingMessage.objects.bulk_create(
        OutgoingMessage(
            branch=branch if number < 200 else other_branch,
            phone="+8613800138000",
            template=CONFIRM_APPOINTMENT,
            language="en",
            about=str(number),
            next_try_at=now,
            asked_at=now,
        )
        for number in range(4_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze clinic_outgoingmessage")
    plan = OutgoingMessage.objects.filter(branch=branch)[:20].explain()
    assert "message_newest" in plan and "Sort" not in plan, plan


@pytest.mark.parametrize("path", ["clinic.senders.Nobody", "nowhere.at.all", "clinic.senders.NotSentError"])
def test_a_sender_that_cannot_be_used_stops_the_start_and_names_the_variable(path: str) -> None:
    with override_settings(MESSAGE_SENDER=path), pytest.raises(ImproperlyConfigured, match="MESSAGE_SENDER"):
        require_sender()


def test_many_are_queued_at_once_and_sent_by_one_task(branch: Branch, now: datetime) -> None:
    queue(branch, now)
    drafts = [
        Draft("+8613800138000", CONFIRM_APPOINTMENT, "zh-hans", VALUES, f"appointment {number}") for number in (1, 2, 3)
    ]
    OutboxEvent.objects.all().delete()
    assert [queue_messages(branch=branch, drafts=drafts, staff=None, now=now) for _ in range(2)] == [2, 0]
    assert [event.event for event in OutboxEvent.objects.all()] == ["messages_queued"]
    numberless = Draft("", CONFIRM_APPOINTMENT, "en", VALUES, "appointment 4")
    with pytest.raises(Refused, match="no_phone"):
        queue_messages(branch=branch, drafts=[*drafts, numberless], staff=None, now=now)
    assert OutgoingMessage.objects.count() == 3
    with override_settings(MESSAGE_SENDER=GATEWAY):
        assert send_due_messages() == 3
    assert len(set(Gateway.took)) == 3
