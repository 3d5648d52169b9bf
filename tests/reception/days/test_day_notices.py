"""Days nobody closed are reminded of; interference is recorded (R5)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from clinic.models import Branch, OutboxEvent, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    DayClose,
    Interference,
    Party,
)
from reception.selectors.days import unclosed_days
from reception.tasks import remind_of_unclosed_days
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, VisitFactory
from tests.reception.days.scenes import (
    BEFORE,
    EVENING,
    TODAY,
    YESTERDAY,
    finished,
    sign,
)

pytestmark = pytest.mark.usefixtures("now")


def test_days_that_are_over_and_not_closed_are_reminded_of(
    branch: Branch,
    other_branch: Branch,
    closed: Callable[..., DayClose],
    people: dict[Party, Staff],
    client_as: MakeClient,
) -> None:
    finished()
    finished(at=MORNING)
    assert unclosed_days(branch, MORNING) == [YESTERDAY]
    assert unclosed_days(branch, EVENING - timedelta(minutes=1)) == [YESTERDAY]
    assert unclosed_days(branch, EVENING) == [TODAY, YESTERDAY], "half an hour after the doors have closed"
    assert remind_of_unclosed_days() == 1
    assert OutboxEvent.objects.filter(topics=[f"days-{branch.pk}"]).count() == 1
    supervisor, agent = client_as(people[Party.DESK]), client_as(people[Party.PHONE])
    notice = reverse("reception:day_notice")
    assert "2026-03-10" in supervisor.get(notice).content.decode()
    assert "2026-03-10" not in agent.get(notice).content.decode()
    count = reverse("reception:day_count")
    assert (supervisor.get(count).content, agent.get(count).content) == (b"1", b"1")
    sign(branch, YESTERDAY, Party.PHONE, people[Party.PHONE])
    assert (supervisor.get(count).content, agent.get(count).content) == (b"1", b"")
    with transaction.atomic():
        for party, staff in people.items():
            if party != Party.PHONE:
                sign(branch, YESTERDAY, party, staff)
        services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    assert supervisor.get(count).content == b""
    assert remind_of_unclosed_days() == 0
    late = VisitFactory(now=BEFORE)
    services.void_visit(visit=late, reason="登记错人", staff=people[Party.DESK], now=BEFORE)
    assert unclosed_days(branch, MORNING) == [YESTERDAY], "who was registered after the closing is signed by nobody"
    assert (supervisor.get(count).content, agent.get(count).content) == (b"1", b"1")
    assert "2026-03-10" in supervisor.get(notice).content.decode()
    sign(branch, YESTERDAY, Party.PHONE, people[Party.PHONE])
    assert (supervisor.get(count).content, agent.get(count).content) == (b"1", b"")


def test_interference_is_recorded_by_the_supervisor_with_a_running_count(
    client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch
) -> None:
    desk = client_as(Role.DESK_SUPERVISOR)
    consultant = staff_with(Role.CONSULTANT, display_name="O'Brien <b>")
    address, record = reverse("reception:interference"), reverse("reception:interference_record")
    for count in (1, 2):
        form = desk.get(address).context["form"]
        sent = {
            "person": consultant.pk,
            "kind": "operated",
            "note": "动了电脑",
            "request_key": form["request_key"].value(),
        }
        for _twice in range(2):
            assert desk.post(record, sent).status_code == 302
        page = desk.get(address).content.decode()
        assert f'<td class="num">{count}</td>' in page
    assert "O&#x27;Brien &lt;b&gt;" in page
    for wrong in (
        {"person": desk.staff.pk, "note": "x"},  # type: ignore[attr-defined]
        {"person": staff_with(Role.CONSULTANT, branch=other_branch).pk, "note": "x"},
        {"person": consultant.pk, "note": " "},
    ):
        answer = desk.post(record, sent | wrong)
        assert answer.status_code == 422
    auditor = client_as(Role.AUDITOR)
    assert auditor.get(address).status_code == 200
    assert auditor.post(record, sent).status_code == 403
    assert client_as(Role.CONSULTANT).get(address).status_code == 403
    assert "O&#x27;Brien &lt;b&gt;" in desk.get(reverse("reception:day", args=[TODAY])).content.decode()


def test_other_interference_under_a_used_key_is_told_and_can_be_recorded_then(
    client_as: MakeClient, staff_with: MakeStaff
) -> None:
    desk = client_as(Role.DESK_SUPERVISOR)
    one, other = (staff_with(Role.CONSULTANT, display_name=name) for name in ("王欣", "李敏"))
    address, key = reverse("reception:interference_record"), str(uuid4())
    sent = {"person": one.pk, "kind": "operated", "note": "动了电脑", "request_key": key}
    assert desk.post(address, sent).status_code == 302
    for changes in ({"person": other.pk}, {"kind": "order"}, {"note": "又动了电脑"}):
        answer = desk.post(address, sent | changes)
        assert answer.status_code == 409
        assert "already recorded 王欣, time 1" in answer.content.decode()
    assert Interference.objects.get().note == "动了电脑"
    fresh = answer.context["form"]["request_key"].value()
    assert desk.post(address, sent | changes | {"request_key": fresh}).status_code == 302
    assert Interference.objects.count() == 2
