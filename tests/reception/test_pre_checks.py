"""The pre-check at the door: a suspected case is registered, set apart, reported, and not queued."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.infections import Answers
from reception.models import Isolation, PreCheck, Visit
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, VisitFactory

FEVER = Answers(Decimal("38.2"))
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION)


@pytest.fixture
def desk(client_as: MakeClient, clerk: Staff) -> Client:
    return client_as(clerk)


def page(response: Any) -> str:
    return str(response.content.decode())


def arrival(**said: Any) -> dict[str, Any]:
    return {"name": "曾小美", "gender": "female", "purpose": "consult", "request_key": str(uuid4())} | said


@pytest.mark.parametrize(
    ("answers", "suspected"),
    [
        (Answers(Decimal("37.2")), False),
        (Answers(Decimal("37.3")), True),
        (Answers(fever=True), True),
        (Answers(contact=True), True),
        (Answers(cough=True), False),
        (Answers(travel=True), False),
        (Answers(cough=True, travel=True), True),
        (Answers(), False),
    ],
)
def test_who_is_a_suspected_case(answers: Answers, suspected: bool) -> None:
    assert answers.suspected is suspected


def test_an_arrival_with_a_fever_is_registered_and_set_apart(desk: Client, clerk: Staff) -> None:
    where = reverse("reception:arrival_create")
    answer = desk.post(where, arrival(temperature="３８.２", cough="on"), headers=HTMX)
    assert answer.status_code == 200
    assert "Set apart" in page(answer)
    visit, check = Visit.objects.get(), PreCheck.objects.get()
    assert (visit.number, visit.state) == (1, "registered")
    assert visit.isolated_at is not None
    assert (check.temperature, check.cough, check.suspected, check.staff) == (Decimal("38.2"), True, True, clerk)
    assert AuditEntry.objects.filter(action="reception.set_apart", object_id=str(visit.pk)).count() == 1
    assert "Set apart" in page(desk.get(reverse("reception:register_panel")))


def test_sent_twice_it_is_reported_once(desk: Client) -> None:
    said = arrival(temperature="38.2")
    for _time in range(2):
        assert desk.post(reverse("reception:arrival_create"), said, headers=HTMX).status_code == 200
    assert PreCheck.objects.count() == Isolation.objects.count() == Visit.objects.count() == 1


def test_a_temperature_that_came_after_the_form_was_sent_is_not_lost(desk: Client) -> None:
    said = arrival()
    assert desk.post(reverse("reception:arrival_create"), said, headers=HTMX).status_code == 200
    again = desk.post(reverse("reception:arrival_create"), said | {"temperature": "38.2"}, headers=HTMX)
    assert again.status_code == 409
    assert 'value="38.2"' in page(again)
    assert "is not registered" in page(again)
    assert Visit.objects.count() == 1


def test_nothing_asked_is_nothing_written(desk: Client) -> None:
    desk.post(reverse("reception:arrival_create"), arrival(), headers=HTMX)
    assert Visit.objects.count() == 1
    assert not PreCheck.objects.exists()


@pytest.mark.parametrize("typed", ["99", "12", "hot", "36.55", "-1"])
def test_an_odd_temperature_is_told(desk: Client, typed: str) -> None:
    answer = desk.post(reverse("reception:arrival_create"), arrival(temperature=typed), headers=HTMX)
    assert answer.status_code == 422
    assert f'value="{typed}"' in page(answer)
    assert not Visit.objects.exists()


def test_the_supervisor_is_told_until_she_has_seen_it(
    client_as: MakeClient, desk: Client, clerk: Staff, other_branch: Branch, staff_with: MakeStaff
) -> None:
    visit = VisitFactory()
    services.record_pre_check(visit=visit, answers=FEVER, staff=clerk, now=MORNING)
    supervisor = client_as(Role.DESK_SUPERVISOR)
    notice = reverse("reception:isolation_notice")
    assert f"{visit}</strong>" in page(supervisor.get(notice))
    assert notice in page(supervisor.get(reverse("reception:desk")))
    elsewhere = client_as(staff_with(Role.DESK_SUPERVISOR, branch=other_branch))
    assert str(visit) not in page(elsewhere.get(notice))
    assert elsewhere.post(reverse("reception:isolation_seen", args=[visit.pk])).status_code == 404
    assert desk.get(notice).status_code == 403
    assert str(visit) not in page(supervisor.post(reverse("reception:isolation_seen", args=[visit.pk])))
    assert str(visit) not in page(supervisor.get(notice))
    seen = Isolation.objects.get()
    assert seen.seen_by == supervisor.staff  # type: ignore[attr-defined]
    assert seen.ended_at is None


def test_clearing_needs_a_reason_and_is_done_once(desk: Client, clerk: Staff) -> None:
    visit = VisitFactory()
    services.record_pre_check(visit=visit, answers=FEVER, staff=clerk, now=MORNING)
    where = reverse("reception:isolation_end", args=[visit.pk])
    assert desk.post(where, {"reason": "  "}).status_code == 422
    assert desk.post(where, {"reason": "梁医生复测 36.6"}).status_code == 302
    visit.refresh_from_db()
    assert visit.isolated_at is None
    assert Isolation.objects.get().ended_because == "梁医生复测 36.6"
    assert desk.post(where, {"reason": "再来"}).status_code == 409
    services.record_pre_check(visit=visit, answers=FEVER, staff=clerk, now=MORNING)
    assert Isolation.objects.count() == 2


def test_a_later_answer_without_suspicion_ends_nothing(clerk: Staff) -> None:
    visit = VisitFactory()
    services.record_pre_check(visit=visit, answers=FEVER, staff=clerk, now=MORNING)
    services.record_pre_check(visit=visit, answers=Answers(Decimal("36.5")), staff=clerk, now=MORNING)
    visit.refresh_from_db()
    assert visit.isolated_at is not None


def test_whoever_is_with_a_consultant_is_not_set_apart_behind_her_back(
    desk: Client, clerk: Staff, staff_with: MakeStaff
) -> None:
    visit = VisitFactory(consultant=staff_with(Role.CONSULTANT))
    answer = desk.post(reverse("reception:pre_check", args=[visit.pk]), {"temperature": "39"})
    assert answer.status_code == 409
    assert 'value="39"' in page(answer)
    assert not PreCheck.objects.exists()


def test_set_apart_nobody_is_given_the_visit(clerk: Staff, staff_with: MakeStaff) -> None:
    visit = VisitFactory()
    services.record_pre_check(visit=visit, answers=FEVER, staff=clerk, now=MORNING)
    with pytest.raises(Stale) as stale, transaction.atomic():
        services.record_allocation(
            visit=visit,
            visit_type="first",
            type_rule="C1",
            consultant_id=staff_with(Role.CONSULTANT).pk,
            rule="A12",
            turn="counted",
            now=MORNING,
        )
    assert stale.value.code == "isolated"
    visit.refresh_from_db()
    assert (visit.state, visit.consultant) == ("registered", None)


@pytest.mark.parametrize("times", [1, 50])
def test_queries_of_the_page(
    times: int, desk: Client, clerk: Staff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visit = VisitFactory()
    for _time in range(times):
        services.record_pre_check(visit=visit, answers=FEVER, staff=clerk, now=MORNING)
    desk.get(reverse("reception:pre_check", args=[visit.pk]))
    with django_assert_num_queries(5):
        desk.get(reverse("reception:pre_check", args=[visit.pk]))


@pytest.mark.parametrize("cases", [1, 50])
def test_queries_of_the_notice(
    cases: int, client_as: MakeClient, clerk: Staff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _case in range(cases):
        services.record_pre_check(visit=VisitFactory(), answers=FEVER, staff=clerk, now=MORNING)
    supervisor = client_as(Role.DESK_SUPERVISOR)
    with django_assert_num_queries(3):
        supervisor.get(reverse("reception:isolation_notice"), headers=HTMX)


def test_a_reason_is_needed_by_the_service_too(clerk: Staff) -> None:
    with pytest.raises(Refused):
        services.end_isolation(visit=VisitFactory(), reason="", staff=clerk, now=MORNING)
