"""Notices of a waiting visitor: hers at every computer, passed on to the desk when nobody heeds them; calling again."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, UnheededNotice
from consultations.selectors.notices import UNHEEDED_AFTER, unheeded
from reception.models import Visit
from reception.selectors.displays import calls_of
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import ConsultationFactory, VisitFactory
from triage import services as triage
from triage.models import LedgerEntry
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
LATE = UNHEEDED_AFTER + timedelta(seconds=1)


def told(client: Client) -> str:
    answer = client.get(reverse("consultations:unheeded"), headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def at(instant: datetime) -> time_machine.travel:
    return time_machine.travel(instant, tick=False)


# --- the desk is told ---


def test_the_desk_is_told_when_nobody_looks_for_two_minutes(morning: Morning, client_as: MakeClient) -> None:
    Staff.objects.filter(pk=morning.first.pk).update(room="3 号室", phone_extension="8012")
    visit = morning.arrive()
    desk = client_as(morning.clerk)
    with at(morning.now + timedelta(seconds=30)):
        before = told(desk)
    assert "waits unseen" not in before
    assert 'hx-trigger="load delay:91s"' in before
    with at(morning.now + LATE):
        page = told(desk)
        assert f'<strong class="num">{visit}</strong>' in page and "waits unseen: 王欣" in page
        assert "3 号室" in page and 'href="tel:8012"' in page
        assert "load delay" not in page


def test_it_is_told_when_the_moment_comes_without_anybody_pressing_anything(
    morning: Morning, client_as: MakeClient
) -> None:
    morning.arrive()
    desk = client_as(morning.clerk)
    for seconds, wanted in ((0, 121), (60, 61), (119, 2)):
        with at(morning.now + timedelta(seconds=seconds)):
            assert f'hx-trigger="load delay:{wanted}s"' in told(desk)


@pytest.mark.parametrize("what", ["seen", "accept", "decline"])
def test_what_she_does_ends_it(morning: Morning, client_as: MakeClient, what: str) -> None:
    visit = morning.arrive()
    consultant, desk = client_as(morning.first), client_as(morning.clerk)
    with at(morning.now + LATE):
        assert "waits unseen" in told(desk)
        consultant.post(reverse(f"consultations:{what}", args=[visit.pk]), {"reason": "病了"}, headers=HTMX)
        assert "waits unseen" not in told(desk)


def test_seen_by_one_desk_is_seen_by_all(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    one, other = client_as(morning.clerk), client_as(Role.DESK_SUPERVISOR)
    address = reverse("consultations:unheeded_seen", args=[visit.pk])
    with at(morning.now + LATE):
        assert "waits unseen" not in one.post(address, headers=HTMX).content.decode()
        assert "waits unseen" not in told(other)
        assert other.post(address, headers=HTMX).status_code == 200
    assert UnheededNotice.objects.get().seen_by == morning.clerk
    assert AuditEntry.objects.filter(action="consultations.see_unheeded").count() == 1


def test_given_to_another_the_desk_is_told_again(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    then = morning.now + LATE
    services.note_unheeded_seen(visit=visit, staff=morning.clerk, now=then)
    triage.record_decline(visit=visit, reason="忙", consultant=morning.first, staff=morning.first, now=then)
    assert unheeded(morning.clerk, then + timedelta(minutes=1)).visits == []
    (again,) = unheeded(morning.clerk, then + LATE).visits
    assert again.consultant == morning.second


def test_what_she_saw_before_it_was_given_to_her_again_does_not_count(morning: Morning) -> None:
    visit = morning.arrive()
    services.acknowledge_visit(visit=visit, staff=morning.first, now=morning.now)
    assert unheeded(morning.clerk, morning.now + LATE).visits == []
    Visit.objects.filter(pk=visit.pk).update(allocated_at=morning.now + timedelta(minutes=10))
    assert unheeded(morning.clerk, morning.now + timedelta(minutes=10) + LATE).visits == [visit]


@pytest.mark.parametrize("state", [Visit.State.ACCEPTED, Visit.State.LEFT, Visit.State.FINISHED, Visit.State.VOID])
def test_who_does_not_wait_is_not_told(morning: Morning, state: str) -> None:
    VisitFactory.create(consultant=morning.first, state=state, arrived_at=morning.now)
    assert unheeded(morning.clerk, morning.now + LATE).visits == []


def test_yesterday_and_other_houses_are_not_told(
    morning: Morning, client_as: MakeClient, other_branch: Branch, staff_with: MakeStaff
) -> None:
    theirs = VisitFactory.create(consultant=staff_with(Role.CONSULTANT, branch=other_branch), arrived_at=morning.now)
    VisitFactory.create(consultant=morning.first, arrived_at=morning.now - timedelta(days=1))
    VisitFactory.create(consultant=morning.first, arrived_at=morning.now, isolated_at=morning.now)
    assert unheeded(morning.clerk, morning.now + LATE).visits == []
    address = reverse("consultations:unheeded_seen", args=[theirs.pk])
    assert client_as(morning.clerk).post(address, headers=HTMX).status_code == 404


def test_seen_too_late_says_what_she_does(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    morning.take(visit)
    answer = client_as(morning.clerk).post(reverse("consultations:unheeded_seen", args=[visit.pk]), headers=HTMX)
    assert answer.status_code == 409
    assert "is not waiting any more" in answer.content.decode()
    with pytest.raises(Stale, match="not_waiting"):
        services.note_unheeded_seen(visit=visit, staff=morning.clerk, now=morning.now)
    assert not UnheededNotice.objects.exists()


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.MANAGER, Role.PHONE_AGENT])
def test_only_the_desk_is_told(morning: Morning, client_as: MakeClient, role: Role) -> None:
    assert client_as(role).get(reverse("consultations:unheeded")).status_code == 403


@pytest.mark.parametrize("visits", [1, 50])
def test_telling_the_desk_asks_once(
    morning: Morning, client_as: MakeClient, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(visits):
        VisitFactory.create(consultant=morning.first, arrived_at=morning.now - timedelta(minutes=5))
    desk = client_as(morning.clerk)
    told(desk)
    with django_assert_num_queries(3):
        page = told(desk)
    assert page.count("waits unseen:") == min(visits, 3)
    assert ("47 more wait unseen" in page) is (visits == 50)


# --- the switches ---


def test_the_switches_are_hers_at_every_computer(morning: Morning, client_as: MakeClient) -> None:
    here, there = client_as(morning.first), client_as(morning.first)
    morning.arrive()
    assert 'data-notice-kinds="sound desktop title"' in there.get(reverse("consultations:queue")).content.decode()
    answer = here.post(reverse("consultations:notices"), {"title": "on"}, headers=HTMX)
    assert 'data-notice-kinds="title"' in answer.content.decode()
    for name in ("consultations:queue", "consultations:alert", "reception:visitors"):
        assert 'data-notice-kinds="title"' in there.get(reverse(name)).content.decode(), name
    morning.first.refresh_from_db()
    assert (morning.first.notice_sound, morning.first.notice_desktop, morning.first.notice_title) == (
        False,
        False,
        True,
    )
    morning.second.refresh_from_db()
    assert morning.second.notice_kinds == "sound desktop title"


def test_without_a_script_the_switches_lead_back(morning: Morning, client_as: MakeClient) -> None:
    answer = client_as(morning.first).post(reverse("consultations:notices"), {})
    assert answer["Location"] == reverse("consultations:queue")
    morning.first.refresh_from_db()
    assert morning.first.notice_kinds == ""


def test_a_departments_desk_has_the_switches_too(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    desk = staff_with(Role.DEPARTMENT_DESK, department=morning.nose.department)
    client = client_as(desk)
    answer = client.post(reverse("consultations:notices"), {"sound": "on"}, headers=HTMX)
    assert 'data-notice-kinds="sound"' in answer.content.decode()
    assert 'data-notice-kinds="sound"' in client.get(reverse("consultations:treatments")).content.decode()
    assert client.post(reverse("consultations:notices"), {})["Location"] == reverse("consultations:desk")


# --- lunch, and what has passed ---


@pytest.mark.parametrize(
    ("given", "back"), [({"state": "lunch"}, "11:15"), ({"state": "lunch", "until": "11:00"}, "11:00")]
)
def test_lunch_is_out_with_its_own_word(
    morning: Morning, client_as: MakeClient, given: dict[str, str], back: str
) -> None:
    client = client_as(morning.first)
    page = client.post(reverse("consultations:free_in"), given, headers=HTMX).content.decode()
    assert "Lunch" in page and f"until {back}" in page
    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None and seat.presence.value == "out"
    assert LedgerEntry.objects.latest("sequence").reason == "Lunch"
    visit = morning.arrive()
    assert visit.consultant == morning.second
    client.post(reverse("consultations:free_in"), {"state": "on"}, headers=HTMX)
    assert "Lunch" not in client.get(reverse("consultations:my_seat")).content.decode()


@pytest.mark.parametrize("given", [{"state": "out", "until": "10:40"}, {"state": "busy", "minutes": "10"}])
def test_what_she_said_and_has_passed_is_told(morning: Morning, client_as: MakeClient, given: dict[str, str]) -> None:
    client = client_as(morning.first)
    said = client.post(reverse("consultations:free_in"), given, headers=HTMX).content.decode()
    assert "That has passed" not in said and "load delay:" in said
    with at(morning.now + timedelta(minutes=12)):
        page = client.get(reverse("consultations:my_seat")).content.decode()
    assert "That has passed" in page and "load delay:" not in page


# --- called again ---


def test_called_again_she_is_the_newest_on_the_screens(morning: Morning, client_as: MakeClient) -> None:
    first, second = morning.arrive("张小美"), morning.arrive("李小丽")
    taken = morning.take(first)
    with at(morning.now + timedelta(minutes=1)):
        services.accept_visit(visit=second, staff=morning.second, now=morning.now + timedelta(minutes=1))
    day = morning.board.day
    before = calls_of(morning.branch, day)
    assert [one.number for one in before] == [str(second), str(first)]
    with at(morning.now + timedelta(minutes=2)):
        address = reverse("consultations:call", args=[taken.pk])
        page = client_as(morning.first).post(address, headers=HTMX).content.decode()
    assert "and again at 10:32" in page
    after = calls_of(morning.branch, day)
    assert [one.number for one in after] == [str(first), str(second)]
    assert after[0].key != before[1].key
    assert AuditEntry.objects.filter(action="consultations.call_visitor").count() == 1


def test_a_call_pressed_twice_is_one_call(morning: Morning) -> None:
    taken = morning.take(morning.arrive())
    later = morning.now + timedelta(minutes=1)
    services.call_visitor(consultation=taken, staff=morning.first, now=later)
    services.call_visitor(consultation=taken, staff=morning.first, now=later + timedelta(seconds=2))
    taken.visit.refresh_from_db()
    assert taken.visit.called_at == later


def test_nobody_is_called_into_a_room_that_is_taken(morning: Morning, client_as: MakeClient) -> None:
    taken = morning.take(morning.arrive("张小美"))
    inside = services.enter_room(consultation=taken, staff=morning.first, now=morning.now)
    given = {"consultant": morning.first, "state": Visit.State.WAITING, "branch": morning.branch}
    follows = morning.take(VisitFactory.create(day=morning.board.day, registered_by=morning.clerk, **given))
    client, until = client_as(morning.first), f"once {inside.visit} has left your room"
    for address in (reverse("consultations:queue"), reverse("consultations:consultation", args=[follows.pk])):
        assert until in client.get(address).content.decode(), address
    assert (
        reverse("consultations:call", args=[follows.pk])
        not in client.get(reverse("consultations:queue")).content.decode()
    )
    with pytest.raises(Refused, match="room_taken"):
        services.call_visitor(consultation=follows, staff=morning.first, now=morning.now + timedelta(minutes=1))
    morning.part(inside)
    for address in (reverse("consultations:queue"), reverse("consultations:consultation", args=[follows.pk])):
        assert until not in client.get(address).content.decode(), address
    services.call_visitor(consultation=follows, staff=morning.first, now=morning.now + timedelta(minutes=1))


def test_who_is_in_the_room_or_with_another_is_not_called(morning: Morning, client_as: MakeClient) -> None:
    taken = morning.enter(morning.arrive())
    address = reverse("consultations:call", args=[taken.pk])
    assert client_as(morning.first).post(address, headers=HTMX).status_code == 409
    assert client_as(morning.second).post(address, headers=HTMX).status_code == 404
    offered = ConsultationFactory.create(
        visit=VisitFactory.create(consultant=morning.second), state=Consultation.State.OFFERED
    )
    with pytest.raises(Stale, match="moved_on"):
        services.call_visitor(consultation=offered, staff=morning.second, now=morning.now)
