"""From an empty database to the first visitor given out: one command, then the screens alone."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from reception.models import Visit

pytestmark = pytest.mark.django_db
PASSWORD = "harbour-lantern-42"


def begin(**given: str) -> None:
    options = {"name": "滨江院区", "name_en": "Riverside", "manager": "boss"} | given
    call_command("begin", **options)


def sign_in(login_name: str) -> Client:
    client = Client()
    answer = client.post(reverse("clinic:sign_in"), {"username": login_name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_a_hospital_begins_from_nothing(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setenv("MANAGER_PASSWORD", PASSWORD)
    begin()
    manager = sign_in("boss")
    assert manager.get(reverse("clinic:home"), follow=True).status_code == 200
    today = Branch.objects.get().today(now).isoformat()
    for login_name, role in (("desk", "reception"), ("xin", "consultant")):
        given = {"login_name": login_name, "display_name": login_name, "password": PASSWORD, "active_from": today}
        assert manager.post(reverse("clinic:staff_new"), given | {"roles": [role]}).status_code == 302

    desk, consultant = sign_in("desk"), Staff.objects.get(login_name="xin")
    assert desk.get(reverse("reception:desk")).status_code == 200
    assert desk.get(reverse("triage:desk_board")).status_code == 200
    assert (
        desk.post(
            reverse("triage:open_board"), {"desk": "front", "seat": consultant.pk, "presence": "here", "place": 1}
        ).status_code
        == 302
    )
    given = {"name": "曾", "gender": "female", "purpose": "consult", "request_key": "0" * 32}
    assert desk.post(reverse("reception:arrival_create"), given).status_code == 302
    visit = Visit.objects.get()
    assert desk.post(reverse("triage:confirm", args=[visit.pk]), {"sequence": 1}).status_code == 200
    visit.refresh_from_db()
    assert visit.consultant == consultant


def test_nothing_is_begun_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    for password, given in (("short", {}), (PASSWORD, {"time_zone": "Mars/Base"}), (PASSWORD, {"name": ""})):
        monkeypatch.setenv("MANAGER_PASSWORD", password)
        with pytest.raises(CommandError):
            begin(**given)
    assert not Branch.objects.exists()
    monkeypatch.setenv("MANAGER_PASSWORD", PASSWORD)
    begin()
    with pytest.raises(CommandError, match="code"):
        begin(manager="other")
    with pytest.raises(CommandError, match="login name"):
        begin(code="west")
    assert Branch.objects.count() == 1
