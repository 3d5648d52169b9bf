"""Reminders the day before an appointment: once each, in the daytime, to who can have them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from clinic.message_texts import REMIND_APPOINTMENT
from clinic.models import AuditEntry, Branch, OutgoingMessage, Staff
from clinic.problems import Refused
from reception import tasks
from reception.models import Appointment, AppointmentEntry, Consent, ConsentText, MessageRefusal
from reception.services import (
    accept_messages_to,
    answer_appointment,
    ask_for_message,
    ask_for_messages,
    refuse_messages_to,
    register_visitor,
    remind_of_appointments,
)
from tests.at_once import AT_ONCE, at_once
from tests.factories.appointments import TOMORROW, book
from tests.factories.reception import make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(branch: Branch) -> Staff:
    return make_clerk(branch)


def phone(number: int) -> str:
    return f"1390000{number:04d}"


def test_who_is_expected_tomorrow_is_reminded_once(branch: Branch, clerk: Staff, now: datetime) -> None:
    made = book(branch, staff=clerk, phone=phone(1), name="苏晚")
    book(branch, staff=clerk, phone=phone(2), name="后天", day=TOMORROW + timedelta(days=1))
    book(branch, staff=clerk, name="没电话")
    assert remind_of_appointments(branch=branch, now=now) == 1
    assert remind_of_appointments(branch=branch, now=now) == 0
    said = OutgoingMessage.objects.get()
    assert (said.template, said.about, said.asked_by) == (REMIND_APPOINTMENT, made.message_about, None)
    assert "苏晚您好，提醒您明天" in said.body and "10:00" in said.body
    made.refresh_from_db()
    assert (made.messaged_at, made.version) == (now, 2)
    assert AppointmentEntry.objects.filter(appointment=made, kind="messaged", staff=None).count() == 1
    assert AuditEntry.objects.get(action="reception.remind_of_appointments").detail["messages"] == 1
    assert ask_for_messages(day=TOMORROW, staff=clerk, now=now) == 0


def test_in_english_for_an_english_name(branch: Branch, clerk: Staff, now: datetime) -> None:
    book(branch, staff=clerk, phone=phone(1), name="Ann Lee")
    remind_of_appointments(branch=branch, now=now)
    body = OutgoingMessage.objects.get().body
    assert body.startswith("Riverside: Ann Lee, a reminder that we expect you tomorrow")


def test_who_is_left_out(branch: Branch, clerk: Staff, now: datetime) -> None:
    written, confirmed, gone, unwilling = (
        book(branch, staff=clerk, phone=phone(number), name=f"客{number}") for number in range(4)
    )
    ask_for_message(appointment=written, staff=clerk, now=now)
    answer_appointment(appointment=confirmed, what="confirmed", staff=clerk, now=now)
    answer_appointment(appointment=gone, what="cancelled", text="有事", staff=clerk, now=now)
    MessageRefusal.objects.create(phone=unwilling.phone, refused_at=now, noted_by=clerk)
    assert remind_of_appointments(branch=branch, now=now) == 0
    assert OutgoingMessage.objects.count() == 1


def test_another_time_has_a_reminder_of_its_own(branch: Branch, clerk: Staff, now: datetime) -> None:
    first = book(branch, staff=clerk, phone=phone(1))
    remind_of_appointments(branch=branch, now=now)
    first.refresh_from_db()
    book(branch, staff=clerk, at="14:00", instead_of=first)
    assert remind_of_appointments(branch=branch, now=now) == 1
    assert OutgoingMessage.objects.count() == 2


@pytest.mark.parametrize(("hours", "sent"), [(-2, 0), (-1.5, 1), (0, 1), (9.5, 1), (9.6, 0), (12, 0)])
def test_only_in_the_daytime_of_the_branch(
    branch: Branch, clerk: Staff, now: datetime, hours: float, sent: int
) -> None:
    # It is half past ten.
    book(branch, staff=clerk, phone=phone(1))
    assert remind_of_appointments(branch=branch, now=now + timedelta(hours=hours)) == sent


def test_tomorrow_is_the_branchs_own(branch: Branch, clerk: Staff, now: datetime) -> None:
    branch.time_zone = "America/Los_Angeles"
    branch.save()
    # It is 19:30 of the day before there.
    book(branch, staff=clerk, phone=phone(1), day=date(2026, 3, 11))
    book(branch, staff=clerk, phone=phone(2), day=date(2026, 3, 12))
    assert remind_of_appointments(branch=branch, now=now) == 1
    assert Appointment.objects.get(messaged_at__isnull=False).day == date(2026, 3, 11)


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_and_then_by_many_at_once(branch: Branch, clerk: Staff, now: datetime) -> None:
    for number in range(12):
        book(branch, staff=clerk, phone=phone(number), name=f"客{number}", at=f"{9 + number // 2}:00".zfill(5))
    with pytest.raises(Killed), transaction.atomic():
        remind_of_appointments(branch=branch, now=now)
        raise Killed
    assert not OutgoingMessage.objects.exists()
    sent: list[int] = []
    jobs = [lambda: sent.append(remind_of_appointments(branch=branch, now=now)) for _number in range(AT_ONCE)]
    jobs.append(lambda: sent.append(ask_for_messages(day=TOMORROW, staff=clerk, now=now)))
    assert at_once(*jobs) == ["ok"] * (AT_ONCE + 1)
    assert (sum(sent), OutgoingMessage.objects.count()) == (12, 12)
    assert set(Appointment.objects.values_list("version", flat=True)) == {2}


def test_the_task_asks_every_branch(branch: Branch, other_branch: Branch, clerk: Staff, now: datetime) -> None:
    book(branch, staff=clerk, phone=phone(1))
    book(other_branch, staff=make_clerk(other_branch), phone=phone(2))
    assert tasks.remind_of_appointments() == 2
    assert tasks.remind_of_appointments() == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_queries(
    branch: Branch, clerk: Staff, now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        at = f"{9 + number // 4:02d}:{'00' if number % 2 else '30'}"
        book(branch, staff=clerk, phone=phone(number), name=f"客{number}", at=at)
    with django_assert_num_queries(14):
        assert remind_of_appointments(branch=branch, now=now) == rows


def test_a_visitor_refuses_messages_and_wants_them_again(branch: Branch, clerk: Staff, now: datetime) -> None:
    visitor = register_visitor(name="曾小满", phone="14500001234", branch=branch, staff=clerk, now=now)
    given: dict[str, Any] = {"visitor": visitor, "branch": branch, "staff": clerk, "now": now}
    for _number in range(2):
        refuse_messages_to(**given)
    assert MessageRefusal.objects.count() == 1
    for _number in range(2):
        accept_messages_to(**given)
    assert MessageRefusal.objects.count() == 0
    text = ConsentText.objects.filter(kind="messages").first() or ConsentText.objects.create(
        kind="messages", version=1, text="短信", text_en="Messages", starts_on=date(2020, 1, 1), made_at=now
    )
    Consent.objects.create(visitor=visitor, text=text, answer="withdrawn", via="desk", at=now)
    refuse_messages_to(**given)
    with pytest.raises(Refused) as refused:
        accept_messages_to(**given)
    assert refused.value.code == "no_consent"
    assert MessageRefusal.objects.count() == 1
    visitor.phone = ""
    visitor.save()
    with pytest.raises(Refused) as unknown:
        refuse_messages_to(**given)
    assert unknown.value.code == "no_phone"
