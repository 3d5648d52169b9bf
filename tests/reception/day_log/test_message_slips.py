"""Message slips: on the screen of whom they are for, answered, late."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import LogEntry, LogStep
from reception.selectors.day_log import (
    message_slips_of,
    still_open,
)
from tests.conftest import MakeClient, MakeStaff
from tests.reception.day_log.scenes import HTMX, slip, text_of

pytestmark = pytest.mark.usefixtures("now")


def test_a_slip_is_seen_and_answered_and_the_desk_sees_when(
    desk: Client, client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    entry = slip(branch, consultant, clerk, now)
    assert f"staff-{consultant.pk}" in OutboxEvent.objects.latest("pk").topics
    hers = client_as(consultant)
    notice = text_of(hers.get(reverse("reception:message_slip_notice")))
    assert "周女士" in notice and "138****8000" in notice and "13800138000" not in notice
    url = reverse("reception:message_slip_answer", args=[entry.pk])
    for _ in range(2):
        assert hers.post(url, {"what": "seen", "from": "notice"}, headers=HTMX).status_code == 200
    assert "周女士" not in text_of(hers.get(reverse("reception:message_slip_notice")))
    assert "Seen" in text_of(desk.get(reverse("reception:day_log_panel")))
    assert hers.post(url, {"what": "answered", "text": ""}, headers=HTMX).status_code == 422
    assert hers.post(url, {"what": "answered", "text": "改到周三"}, headers=HTMX).status_code == 200
    late = hers.post(url, {"what": "done"}, headers=HTMX)
    assert late.status_code == 409
    assert [step.what for step in entry.steps.all()] == ["seen", "answered"]
    panel = text_of(desk.get(reverse("reception:day_log_panel")))
    assert "改到周三" in panel and consultant.display_name in panel
    assert still_open(branch, now).counts == {}


def test_an_answer_that_is_too_long_is_refused_with_its_number(
    client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    url = reverse("reception:message_slip_answer", args=[slip(branch, consultant, clerk, now).pk])
    hers = client_as(consultant)
    answer = hers.post(url, {"what": "answered", "text": "好" * 501}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "501" in text_of(answer)
    assert hers.post(url, {"what": "answered", "text": "好" * 500}, headers=HTMX).status_code == 200
    assert LogStep.objects.get().text == "好" * 500


def test_a_slip_is_nobody_elses(
    client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    entry = slip(branch, consultant, clerk, now)
    colleague = client_as(Role.CONSULTANT)
    for name in ("message_slip_answer", "message_slip_phone"):
        assert colleague.post(reverse(f"reception:{name}", args=[entry.pk])).status_code == 404
    assert "周女士" not in text_of(colleague.get(reverse("reception:message_slips")))


def test_an_unanswered_slip_is_late_at_the_desk(branch: Branch, consultant: Staff, clerk: Staff, now: datetime) -> None:
    slip(branch, consultant, clerk, now - timedelta(minutes=31))
    slip(branch, consultant, clerk, now - timedelta(minutes=29))
    assert still_open(branch, now).late_slips == 1


def test_looking_at_a_number_is_recorded(
    desk: Client, client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    entry = slip(branch, consultant, clerk, now, phone="", text="打 13800138000 找她")
    assert "13800138000" not in text_of(desk.get(reverse("reception:day_log")))
    hers, ours = (reverse(f"reception:{name}", args=[entry.pk]) for name in ("message_slip_phone", "day_log_phone"))
    why = {"reason": "call_back"}
    assert "13800138000" in text_of(client_as(consultant).post(hers, why, headers=HTMX))
    assert "13800138000" not in text_of(desk.post(ours, headers=HTMX))
    assert "13800138000" in text_of(desk.post(ours, why, headers=HTMX))
    looked = AuditEntry.objects.filter(action="reception.reveal_log_phone").values_list("staff", flat=True)
    assert list(looked) == [clerk.pk, consultant.pk]
    assert client_as(Role.AUDITOR).post(reverse("reception:day_log_phone", args=[entry.pk])).status_code == 403


def test_the_slips_of_somebody_are_found_by_an_index(
    branch: Branch, clerk: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    other = staff_with(Role.CONSULTANT)
    LogEntry.objects.bulk_create(
        LogEntry(
            branch=branch,
            day=branch.today(now),
            at=now,
            kind="call",
            text=str(number),
            for_staff=clerk if number % 40 == 0 else other,
            written_by=clerk,
        )
        for number in range(4_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze reception_logentry")
    plan = message_slips_of(clerk)[:20].explain()
    assert "log_entry_slips" in plan, plan
    assert message_slips_of(clerk).count() == 100


@pytest.mark.parametrize("what", ["done", "answered"])
def test_what_is_asked_of_no_slip_is_refused(branch: Branch, clerk: Staff, now: datetime, what: str) -> None:
    noted = services.write_entry(branch=branch, kind="call", text="问地址", staff=clerk, now=now)
    with pytest.raises(Stale, match="settled"):
        services.settle_entry(entry=noted, what=what, text="x", staff=clerk, now=now)
    with pytest.raises(Refused, match="step"):
        services.settle_entry(entry=noted, what="returned", staff=clerk, now=now)
