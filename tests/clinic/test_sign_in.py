"""Signing in and out, lock-out, the limits of a session (S6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from clinic.live import tickets
from clinic.models import AuditEntry, OutboxEvent, Staff
from clinic.roles import Role
from clinic.services import staff as services

PASSWORD = "a-long-enough-one"
MORNING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def sign_in(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> int:
    return client.post("/sign-in/", {"username": name, "password": password}, **extra).status_code


@pytest.fixture
def clerk(staff_with: Any) -> Staff:
    person: Staff = staff_with(Role.RECEPTION, login_name="clerk", password=PASSWORD)
    return person


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_signing_in_leads_where_the_person_wanted_to_go(client: Client, clerk: Staff) -> None:
    answer = client.get("/password/")
    assert answer.headers["Location"] == "/sign-in/?next=/password/"
    answer = client.post("/sign-in/", {"username": "clerk", "password": PASSWORD, "next": "/password/"})
    assert answer.headers["Location"] == "/password/"
    assert client.get("/password/").status_code == 200


def test_signing_in_never_leads_to_another_site(client: Client, clerk: Staff) -> None:
    answer = client.post("/sign-in/", {"username": "clerk", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_a_wrong_name_get_the_same_answer(client: Client, clerk: Staff) -> None:
    wrong = client.post("/sign-in/", {"username": "clerk", "password": "wrong"})
    unknown = client.post("/sign-in/", {"username": "nobody", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert wrong.content.startswith(b"<!doctype html>")
    assert b"Error:" in wrong.content.split(b"</title>")[0]


def test_what_happens_at_the_door_is_written_down_without_what_was_typed(client: Client, clerk: Staff) -> None:
    sign_in(client, "my-password-by-mistake", "wrong")
    sign_in(client, "clerk", "wrong")
    sign_in(client, "clerk")
    client.post("/sign-out/")
    assert actions() == ["clinic.sign_in_failed", "clinic.sign_in_failed", "clinic.sign_in", "clinic.sign_out"]
    unknown, known = AuditEntry.objects.order_by("id")[:2]
    assert (unknown.object_id, known.object_id) == ("", str(clerk.pk))
    assert not any("mistake" in str(entry.__dict__) for entry in AuditEntry.objects.all())


def test_five_failures_lock_the_name_at_that_address_for_a_quarter_of_an_hour(client: Client, clerk: Staff) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        statuses = [sign_in(client, "clerk", "wrong") for _ in range(5)]
        assert statuses == [422, 422, 422, 422, 429]
        locked = client.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
        assert locked.status_code == 429
        assert b"15 minutes" in locked.content
        assert sign_in(Client(), "clerk", REMOTE_ADDR="10.0.0.9") == 302
        clock.shift(timedelta(minutes=10))
        assert b"5 minutes" in client.post("/sign-in/", {"username": "clerk", "password": PASSWORD}).content
        clock.shift(timedelta(minutes=6))
        assert sign_in(client, "clerk") == 302
    assert "clinic.sign_in_locked" in actions()


def test_a_new_password_from_the_manager_ends_the_lock(client: Client, clerk: Staff, staff_with: Any) -> None:
    for _ in range(5):
        sign_in(client, "clerk", "wrong")
    services.reset_password(staff=clerk, password="another-long-one", by=staff_with(Role.MANAGER), now=timezone.now())
    assert sign_in(client, "clerk", "another-long-one") == 302


def test_nobody_signs_in_before_the_first_or_after_the_last_day(client: Client, clerk: Staff) -> None:
    today = clerk.branch.today(timezone.now())
    for first, last, status in [
        (today + timedelta(days=1), None, 422),
        (today - timedelta(days=9), today - timedelta(days=1), 422),
        (today, today, 302),
    ]:
        Staff.objects.filter(pk=clerk.pk).update(active_from=first, active_until=last)
        assert sign_in(Client(), "clerk") == status


def test_the_day_is_the_branchs_day(client: Client, clerk: Staff) -> None:
    with time_machine.travel(datetime(2026, 3, 11, 16, 30, tzinfo=UTC), tick=False):  # already the 12th in Shanghai
        Staff.objects.filter(pk=clerk.pk).update(active_until="2026-03-11")
        assert sign_in(client, "clerk") == 422


def test_an_idle_session_ends_and_says_why(client: Client, clerk: Staff, settings: Any) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, "clerk")
        clock.shift(timedelta(minutes=settings.SESSION_IDLE_MINUTES - 1))
        assert client.get("/password/").status_code == 200
        clock.shift(timedelta(minutes=settings.SESSION_IDLE_MINUTES - 1))
        assert client.get("/password/").status_code == 200
        clock.shift(timedelta(minutes=settings.SESSION_IDLE_MINUTES + 1))
        answer = client.get("/password/", follow=True)
        assert answer.redirect_chain[-1][0].startswith("/sign-in/")
        assert b"nothing was done" in answer.content


def test_what_a_page_refetches_on_its_own_keeps_no_session_alive(client: Client, clerk: Staff, settings: Any) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, "clerk")
        for _ in range(settings.SESSION_IDLE_MINUTES // 10):
            clock.shift(timedelta(minutes=10))
            client.get("/password/", headers={"X-Background": "1", "HX-Request": "true"})
        clock.shift(timedelta(minutes=1))
        assert client.get("/password/", headers={"X-Background": "1", "HX-Request": "true"}).status_code == 401


def test_a_session_ends_after_its_longest_time_however_busy(client: Client, clerk: Staff, settings: Any) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        sign_in(client, "clerk")
        for _ in range(settings.SESSION_ABSOLUTE_HOURS * 2):
            clock.shift(timedelta(minutes=30))
            assert client.get("/password/").status_code == 200
        clock.shift(timedelta(minutes=1))
        assert client.get("/password/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x", "abc\x00defghi", "é" * 8, "a" * 60])
def test_a_session_nobody_has_is_nobodys(client: Client, key: str) -> None:
    client.cookies["sessionid"] = key
    answer = client.get("/desk/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_signing_out_ends_the_persons_streams(client: Client, clerk: Staff) -> None:
    sign_in(client, "clerk")
    client.post("/sign-out/")
    assert OutboxEvent.objects.latest("id").topics == [f"sign-out-{clerk.pk}"]
    assert client.get("/password/").status_code == 302


def test_signing_out_by_a_link_is_not_possible(client: Client, clerk: Staff) -> None:
    sign_in(client, "clerk")
    assert client.get("/sign-out/").status_code == 405


def test_on_her_last_day_she_still_works(client: Client, clerk: Staff, staff_with: Any) -> None:
    sign_in(client, "clerk")
    now = timezone.now()
    services.end_employment(staff=clerk, last_day=clerk.branch.today(now), by=staff_with(Role.MANAGER), now=now)
    assert client.get("/password/").status_code == 200
    assert sign_in(Client(), "clerk") == 302


def test_whoever_has_left_is_out_of_every_browser_at_once(client: Client, clerk: Staff, staff_with: Any) -> None:
    sign_in(client, "clerk")
    now = timezone.now()
    yesterday = clerk.branch.today(now) - timedelta(days=1)
    services.end_employment(staff=clerk, last_day=yesterday, by=staff_with(Role.MANAGER), now=now)
    assert client.get("/password/").status_code == 302
    assert sign_in(Client(), "clerk") == 422
    assert OutboxEvent.objects.filter(topics__contains=[f"sign-out-{clerk.pk}"]).exists()


def test_changing_ones_password_signs_out_the_other_browsers_only(client: Client, clerk: Staff) -> None:
    elsewhere = Client()
    sign_in(client, "clerk")
    sign_in(elsewhere, "clerk")
    new = "quite-another-one"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password/", fields).status_code == 302
    assert client.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302
    assert sign_in(Client(), "clerk", new) == 302


@pytest.mark.parametrize("new", ["short", "1234567890"])
def test_weak_passwords_are_refused_with_the_reason(client: Client, clerk: Staff, new: str) -> None:
    sign_in(client, "clerk")
    answer = client.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert answer.status_code == 422
    assert b"error-summary" in answer.content


def test_a_ticket_is_renewed_for_its_owner_only(client: Client, clerk: Staff, staff_with: Any) -> None:
    sign_in(client, "clerk")
    mine = tickets.issue(staff_id=clerk.pk, topics=["board-1"])
    answer = client.post("/live-ticket/", {"ticket": mine})
    assert tickets.read(answer.json()["ticket"]).topics == ("board-1",)
    hers = tickets.issue(staff_id=staff_with(Role.MANAGER).pk, topics=["board-1"])
    assert client.post("/live-ticket/", {"ticket": hers}).status_code == 403
    assert client.post("/live-ticket/", {"ticket": "forged"}).status_code == 403


def test_a_ticket_is_not_renewed_for_ever(client: Client, clerk: Staff) -> None:
    with time_machine.travel(MORNING - timedelta(days=1, minutes=1), tick=False):
        old = tickets.issue(staff_id=clerk.pk, topics=["board-1"])
    with time_machine.travel(MORNING, tick=False):
        sign_in(client, "clerk")
        assert client.post("/live-ticket/", {"ticket": old}).status_code == 403
