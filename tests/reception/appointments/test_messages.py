"""Confirmation messages: one for each appointment, none to who wants none, to everybody of a day at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import AuditEntry, Branch, OutgoingMessage
from clinic.problems import Refused
from clinic.roles import Role
from reception import services, slots
from reception.models import Appointment, MessageRefusal
from reception.selectors import appointments as reads
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeStaff, make_branch
from tests.factories.appointments import TOMORROW, book
from tests.factories.reception import MORNING, VisitorFactory, make_clerk
from tests.reception.appointments.scenes import TODAY


def test_the_message_is_asked_for_once_in_her_language(branch: Branch, now: datetime) -> None:
    clerk = make_clerk(branch)
    chinese = book(branch, phone="+8613911112222")
    english = book(branch, name="O'Brien <b>", phone="+8613911113333", at="11:00")
    for one in (chinese, chinese, english):
        services.ask_for_message(appointment=one, staff=clerk, now=now)
    first, second = OutgoingMessage.objects.order_by("pk")
    assert (first.language, second.language) == ("zh-hans", "en")
    assert "滨江院区" in first.body and "苏晚" in first.body and "10:00" in first.body
    assert "Riverside" in second.body and "O'Brien <b>" in second.body
    assert chinese.entries.filter(kind="messaged").count() == 1


def test_who_wants_no_messages_gets_none(branch: Branch, now: datetime) -> None:
    clerk = make_clerk(branch)
    one = book(branch, phone="+8613911112222")
    for _ in range(2):
        services.refuse_messages(appointment=one, staff=clerk, now=now)
    assert MessageRefusal.objects.count() == 1
    for refused, code in ((one, "wants_none"), (book(branch, name="无号", at="11:00"), "no_phone")):
        with pytest.raises(Refused, match=code):
            services.ask_for_message(appointment=refused, staff=clerk, now=now)
    assert not OutgoingMessage.objects.exists()


def test_who_consented_to_no_messages_gets_none(branch: Branch, now: datetime) -> None:
    clerk, visitor = make_clerk(branch), VisitorFactory(phone="+8613911114444")
    one = book(branch, visitor=visitor)
    services.record_consents(visitor=visitor, answers={"messages": "refused"}, staff=clerk, now=now)
    with pytest.raises(Refused, match="wants_none"):
        services.ask_for_message(appointment=one, staff=clerk, now=now)
    assert reads.refused_messages([one]) == {"+8613911114444"}
    services.record_consents(visitor=visitor, answers={"messages": "given"}, staff=clerk, now=now)
    assert reads.refused_messages([one]) == set()
    services.ask_for_message(appointment=one, staff=clerk, now=now)
    assert OutgoingMessage.objects.count() == 1


def test_a_refusal_stays_hers_when_her_record_is_merged_into_another(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    supervisor, phone = staff_with(Role.DESK_SUPERVISOR), "+8613911115555"
    survivor, other = VisitorFactory(phone=""), VisitorFactory(phone=phone)
    services.record_consents(visitor=other, answers={"messages": "refused"}, staff=supervisor, now=now)
    seen = {one.pk: latest_history_id(one) for one in (survivor, other)}
    services.merge_visitors(
        survivor=survivor, other=other, keep={"phone": "other"}, seen=seen, staff=supervisor, now=now
    )
    survivor.refresh_from_db()
    assert not reads.may_send_messages(phone=phone)
    services.record_consents(visitor=survivor, answers={"messages": "given"}, staff=supervisor, now=now)
    assert reads.may_send_messages(phone=phone)
    services.record_consents(visitor=survivor, answers={"messages": "withdrawn"}, staff=supervisor, now=now)
    assert not reads.may_send_messages(phone=phone)


def test_everybody_who_can_have_the_message_and_has_none_is_sent_it_together(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    clerk = staff_with(Role.RECEPTION)
    phones = (f"+861391111{number:04d}" for number in range(100))
    wanted = [book(branch, name=name, at=at, phone=next(phones)) for name, at in (("苏晚", "10:00"), ("Ann", "11:00"))]
    has_one = book(branch, name="已发", at="12:00", phone=next(phones))
    services.ask_for_message(appointment=has_one, staff=clerk, now=now)
    confirmed = book(branch, name="已确认", at="13:00", phone=next(phones))
    services.answer_appointment(appointment=confirmed, what="confirmed", staff=clerk, now=now)
    unwilling = book(branch, name="不收", at="14:00", phone=next(phones))
    services.refuse_messages(appointment=unwilling, staff=clerk, now=now)
    numberless = book(branch, name="无号", at="15:00")
    for day in (TODAY, TOMORROW + timedelta(days=1)):
        book(branch, name="别日", day=day, at="16:00", phone=next(phones))
    found = reads.recipients_among(list(reads.day_before_list(clerk, TOMORROW)), now)
    assert list(found.wanted) == wanted
    assert {why: list(rows) for why, rows in found.left_out.items()} == {
        "sent": [has_one],
        "confirmed": [confirmed],
        "no_phone": [numberless],
        "wants_none": [unwilling],
    }
    assert [services.ask_for_messages(day=TOMORROW, staff=clerk, now=now) for _ in range(2)] == [2, 0]
    first, second = OutgoingMessage.objects.exclude(about=f"appointment {has_one.pk}").order_by("pk")
    assert "苏晚" in first.body and "10:00" in first.body
    assert (second.language, str(second.phone)[-4:]) == ("en", "0001")
    wanted[0].refresh_from_db()
    assert (wanted[0].messaged_at, wanted[0].version) == (now, 2)
    assert [entry.kind for entry in wanted[0].entries.all()] == ["booked", "messaged"]
    assert AuditEntry.objects.get(action="reception.ask_for_messages").detail["messages"] == 2


def test_an_agent_messages_her_own_and_nobody_whose_time_is_over(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    mine, other = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT)
    earlier = now - timedelta(days=1)
    book(branch, day=TODAY, at="10:30", staff=mine, phone="+8613911110001", now=earlier)
    own = book(branch, day=TODAY, at="11:00", staff=mine, phone="+8613911110002", now=earlier)
    hers = book(branch, day=TODAY, at="11:30", staff=other, phone="+8613911110003", now=earlier)
    assert services.ask_for_messages(day=TODAY, staff=mine, now=now) == 1
    assert OutgoingMessage.objects.get().about == f"appointment {own.pk}"
    clerk = staff_with(Role.RECEPTION)
    assert services.ask_for_messages(day=TODAY, agent=mine.pk, staff=clerk, now=now) == 0
    assert services.ask_for_messages(day=TODAY, agent=other.pk, staff=clerk, now=now) == 1
    assert OutgoingMessage.objects.latest("pk").about == f"appointment {hers.pk}"


def test_messages_to_everybody_ask_the_database_the_same_for_one_and_for_fifty(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    clerk = staff_with(Role.RECEPTION)
    clerk.capabilities  # noqa: B018 - read once a request
    asked = []
    for number in (1, 50):
        for one in range(number):
            at = f"{slots.clock(9 * 60 + 30 * (one % 17)):%H:%M}"
            Appointment.objects.create(
                branch=branch, day=TOMORROW, starts=at, minutes=30, group="laser", weight=1, name=f"顾客{one}",
                phone=f"+861391{number:02d}{one:05d}", agent=clerk, made_by=clerk, made_at=now,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert services.ask_for_messages(day=TOMORROW, staff=clerk, now=now) == number
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_message_everybody_at_once_each_visitor_hears_once() -> None:
    branch = make_branch()
    clerk = make_clerk(branch)
    clerk.groups.add(Group.objects.get_or_create(name=Role.RECEPTION.value)[0])
    for number in range(8):
        book(branch, name=f"顾客{number}", at=f"{9 + number:02d}:00", phone=f"+861391111000{number}")
    start = Barrier(4)

    def send(_number: int) -> int:
        try:
            start.wait()
            return services.ask_for_messages(day=TOMORROW, staff=clerk, now=MORNING)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clerks:
        assert sorted(clerks.map(send, range(4))) == [0, 0, 0, 8]
    assert OutgoingMessage.objects.count() == 8
