"""Why a visit went where it went, for those who receive visitors and see no board: of those whom they were given."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from clinic.roles import Role
from consultations import services as consulting
from reception.models import Visit
from tests.factories.triage import Morning
from tests.triage.test_teams import Teams
from triage import services
from triage.selectors.corrections import Correction, Kind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def teams(branch: Branch) -> Teams:
    return Teams(branch)


@pytest.fixture
def today(teams: Teams) -> Morning:
    """王医生 receives the first visitor, 李敏 the second."""
    teams.usual()
    return teams.open()


def given(today: Morning, to: Staff) -> Visit:
    visit = today.arrive("eyes")
    assert today.allocate(visit).consultant == to
    visit.refresh_from_db()
    return visit


def why(client: Client, visit: Visit) -> str:
    answer = client.get(reverse("triage:decision", args=[visit.pk]))
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_a_doctor_reads_why_she_was_given_a_visitor_and_comes_back(
    teams: Teams, today: Morning, client_as: Callable[..., Client]
) -> None:
    visit, doctor = given(today, teams.wang), client_as(teams.wang)
    queue = doctor.get(reverse("consultations:queue")).content.decode()
    assert reverse("triage:decision", args=[visit.pk]) in queue and "Why me?" in queue
    page = why(doctor, visit)
    assert "王医生 receives the visit" in page and visit.visitor.name in page
    assert f'href="{reverse("consultations:queue")}" data-key="q"' in page
    for name in ("proposal", "why", "visit_menu", "corrections"):
        assert doctor.get(reverse(f"triage:{name}", args=[visit.pk])).status_code == 403, name


def test_others_visitors_are_not_there(teams: Teams, today: Morning, client_as: Callable[..., Client]) -> None:
    given(today, teams.wang)
    visit = given(today, teams.li)
    for doctor in (teams.wang, teams.zhou):
        assert client_as(doctor).get(reverse("triage:decision", args=[visit.pk])).status_code == 404
    assert client_as(Role.NURSE).get(reverse("triage:decision", args=[visit.pk])).status_code == 403
    assert "李敏 receives the visit" in why(client_as(teams.chen), visit)


def test_whom_she_was_taken_from_reads_why_and_is_not_told_that_it_is_she(
    teams: Teams, today: Morning, client_as: Callable[..., Client]
) -> None:
    visit, doctor = given(today, teams.wang), client_as(teams.wang)
    held = consulting.accept_visit(visit=visit, staff=teams.wang, now=today.now)
    consulting.enter_room(consultation=held, staff=teams.wang, now=today.now)
    room = reverse("consultations:consultation", args=[held.pk])
    assert "Why me?" in doctor.get(room).content.decode()
    services.correct_visit(
        visit=visit,
        correction=Correction(Kind.CHANGE_CONSULTANT, reason="想换一位", consultant=teams.li),
        expected_sequence=None,
        staff=teams.clerk,
        now=today.later(),
    )
    shown = doctor.get(room).content.decode()
    assert "Why me?" not in shown and "Why this consultant?" in shown
    assert "李敏" in why(doctor, visit)


def test_the_board_is_offered_to_who_may_see_it(teams: Teams, today: Morning, client_as: Callable[..., Client]) -> None:
    visit = given(today, teams.wang)
    board = f'href="{reverse("triage:board", args=[today.board.pk])}"'
    assert board in why(client_as(teams.wang), visit) and board in why(client_as(teams.li), visit)
    teams.wang.team_place.delete()
    assert board not in why(client_as(teams.wang), visit)


def test_who_is_asked_for_her_opinion_is_led_to_no_page_that_is_not_hers(
    teams: Teams, today: Morning, client_as: Callable[..., Client]
) -> None:
    visit = given(today, teams.wang)
    held = consulting.accept_visit(visit=visit, staff=teams.wang, now=today.now)
    consulting.enter_room(consultation=held, staff=teams.wang, now=today.now)
    held.participants.create(staff=teams.zhou, part="doctor", asked_at=today.now, asked_by=teams.wang)
    room, address = reverse("consultations:consultation", args=[held.pk]), reverse("triage:decision", args=[visit.pk])
    asked = client_as(teams.zhou).get(room)
    assert asked.status_code == 200 and address not in asked.content.decode()
    held.participants.create(staff=teams.li, part="panel", asked_at=today.now, asked_by=teams.wang)
    shown = client_as(teams.li).get(room).content.decode()
    assert address in shown and "Why me?" not in shown and "Why this consultant?" in shown
