"""Archive requests: asked when a visitor comes again, once a visit, and followed until the file is back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services.together import together
from reception import services
from reception.models import FileRequest, FileStep, Standing, Visit, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitFactory, VisitorFactory

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣")


@pytest.fixture
def keeper(client_as: MakeClient, branch: Branch) -> Client:
    return client_as(Role.FILE_ROOM)


def known(now: datetime) -> Visitor:
    """Return a visitor who was here a month ago."""
    visitor: Visitor = VisitorFactory(now=now - timedelta(days=31))
    VisitFactory(visitor=visitor, now=now - timedelta(days=31))
    return visitor


def give(visit: Visit, consultant: Staff, visit_type: str, now: datetime) -> None:
    services.record_allocation(
        visit=visit,
        visit_type=visit_type,
        type_rule="C2",
        consultant_id=consultant.pk,
        rule="A6",
        turn="free",
        now=now,
    )


def asked(now: datetime, consultant: Staff) -> FileRequest:
    visit = VisitFactory(visitor=known(now))
    give(visit, consultant, "return", now)
    return FileRequest.objects.get(visit=visit)


def step(client: Client, request: FileRequest, state: str) -> Any:
    return client.post(reverse("reception:file_step", args=[request.pk]), {"state": state}, headers=HTMX)


def test_words_that_are_too_long_are_refused_with_their_number(
    client_as: MakeClient, keeper: Client, consultant: Staff, now: datetime
) -> None:
    request = asked(now, consultant)
    step = reverse("reception:file_step", args=[request.pk])
    desk, ask = client_as(Role.RECEPTION), reverse("reception:file_ask", args=[request.visit_id])
    for client, url, typed, name, most in (
        (keeper, step, {"state": "found", "note": "架" * 101}, "note", 100),
        (desk, ask, {"where_to": "室" * 41}, "where_to", 40),
    ):
        answer = client.post(url, typed, headers=HTMX)
        assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#messages")
        assert str(most + 1) in answer.content.decode()
        assert client.post(url, typed | {name: typed[name][1:]}, headers=HTMX).status_code == 200
    assert set(FileStep.objects.values_list("note", flat=True)) == {"架" * 100, "室" * 40}


@pytest.mark.parametrize(
    ("visit_type", "number"), [("return", 1), ("review", 1), ("repurchase", 1), ("first", 0), ("other", 0)]
)
def test_who_comes_again_is_asked_for_when_her_visit_is_typed(
    branch: Branch, consultant: Staff, now: datetime, visit_type: str, number: int
) -> None:
    visit = VisitFactory(visitor=known(now))
    give(visit, consultant, visit_type, now)
    assert FileRequest.objects.count() == number
    topics = OutboxEvent.objects.latest("pk").topics
    assert (f"file-room-{branch.pk}" in topics) is bool(number)
    for request in FileRequest.objects.all():
        assert (request.visit, request.state, request.asked_at, request.asked_by) == (visit, "asked", now, None)


def test_given_to_another_consultant_she_is_not_asked_for_again(
    branch: Branch, consultant: Staff, now: datetime
) -> None:
    request = asked(now, consultant)
    services.record_file_step(request=request, state="found", staff=consultant, now=now)
    give(request.visit, consultant, "review", now + timedelta(minutes=5))
    assert FileRequest.objects.get().state == "found"


def test_a_review_asks_at_arrival(branch: Branch, now: datetime) -> None:
    visit = VisitFactory(visitor=known(now), purpose=Visit.Purpose.REVIEW)
    assert FileRequest.objects.get().visit == visit


def test_who_is_here_for_the_first_time_has_no_file(branch: Branch, consultant: Staff, now: datetime) -> None:
    visit = VisitFactory(purpose=Visit.Purpose.REVIEW)
    give(visit, consultant, "return", now)
    assert not FileRequest.objects.exists()
    with pytest.raises(Refused, match="no_file"):
        services.ask_for_file(visit=visit, staff=consultant, now=now)


def test_a_visitor_of_the_old_system_has_a_file(branch: Branch, consultant: Staff, now: datetime) -> None:
    visit = VisitFactory(visitor=VisitorFactory(standing=Standing.TREATED))
    give(visit, consultant, "review", now)
    assert FileRequest.objects.count() == 1


def test_a_void_entry_leaves_no_file(branch: Branch, consultant: Staff, now: datetime) -> None:
    visitor = VisitorFactory()
    services.void_visit(visit=VisitFactory(visitor=visitor), reason="x", staff=consultant, now=now)
    give(VisitFactory(visitor=visitor), consultant, "return", now)
    assert not FileRequest.objects.exists()


def test_asking_takes_no_trip_of_its_own_while_a_board_is_locked(
    branch: Branch, consultant: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    again, first = VisitFactory(visitor=known(now)), VisitFactory()
    for visit, visit_type in ((first, "first"), (again, "return")):
        with transaction.atomic(), django_assert_num_queries(2), together():
            give(visit, consultant, visit_type, now)
    assert FileRequest.objects.count() == 1


def test_asked_found_brought_delivered_and_back(
    keeper: Client, client_as: MakeClient, branch: Branch, consultant: Staff, now: datetime
) -> None:
    request = asked(now, consultant)
    desk = client_as(Role.RECEPTION)
    page = keeper.get(reverse("reception:file_room")).content.decode()
    assert request.visitor.file_number in page and "Found" in page
    photographs = reverse("consultations:photographs", args=[request.visitor_id])
    assert photographs in page
    redrawn = keeper.get(reverse("reception:file_room_panel"), headers=HTMX).content.decode()
    assert photographs in redrawn, "the list drawn anew leads to her photographs as the page does"
    assert keeper.get(reverse("reception:file_count")).content == b"1"
    assert step(keeper, request, "delivered").status_code == 409
    for state, said in (("found", "Found"), ("brought", "On its way"), ("delivered", "Delivered")):
        assert step(keeper, request, state).status_code == 200
        assert step(keeper, request, state).status_code == 200
        assert said in desk.get(reverse("reception:register_panel")).content.decode()
    assert keeper.get(reverse("reception:file_count")).content == b""
    out = keeper.get(reverse("reception:file_room"), {"group": "out"}).content.decode()
    assert request.visitor.file_number in out
    assert step(keeper, request, "returned").status_code == 200
    assert [one.state for one in FileStep.objects.all()] == ["found", "brought", "delivered", "returned"]
    assert {one.by for one in FileStep.objects.all()} == {keeper.staff}  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update reception_filestep set note = 'x'")


def test_a_file_that_is_not_found_may_turn_up(keeper: Client, branch: Branch, consultant: Staff, now: datetime) -> None:
    request = asked(now, consultant)
    for state in ("not_found", "found"):
        assert step(keeper, request, state).status_code == 200
    request.refresh_from_db()
    assert request.state == "found"
    assert keeper.get(reverse("reception:file_count")).content == b"1"


def test_asked_for_by_hand_from_the_visits_menu(client_as: MakeClient, branch: Branch, now: datetime) -> None:
    visit = VisitFactory(visitor=known(now))
    desk = client_as(Role.RECEPTION)
    menu = reverse("reception:visit_menu", args=[visit.pk])
    assert menu in desk.get(reverse("reception:desk")).content.decode()
    assert "Ask for the file" in desk.get(menu).content.decode()
    url = reverse("reception:file_ask", args=[visit.pk])
    assert desk.post(url, {"where_to": " 3 号咨询室"}, headers=HTMX).status_code == 200
    request = FileRequest.objects.get()
    assert request.asked_by == desk.staff  # type: ignore[attr-defined]
    assert request.where_to == "3 号咨询室"
    assert desk.post(url, headers=HTMX).status_code == 409
    assert desk.post(url, {"where_to": "手术室"}, headers=HTMX).status_code == 200
    request.refresh_from_db()
    assert (request.where_to, request.state) == ("手术室", "asked")
    assert "Ask for the file" not in desk.get(menu).content.decode()
    services.record_file_step(request=request, state="not_needed", staff=desk.staff, now=now)  # type: ignore[attr-defined]
    assert desk.post(url, headers=HTMX).status_code == 200
    assert FileRequest.objects.get().state == "asked"


def test_no_file_is_brought_for_a_visit_that_is_over(branch: Branch, consultant: Staff, now: datetime) -> None:
    request = asked(now, consultant)
    services.record_progress(visit=request.visit, state="left", now=now)
    with pytest.raises(Refused, match="visit_over"):
        services.ask_for_file(visit=request.visit, staff=consultant, now=now)


def test_another_branchs_files_are_not_there(
    client_as: MakeClient, staff_with: MakeStaff, branch: Branch, other_branch: Branch, consultant: Staff, now: datetime
) -> None:
    request = asked(now, consultant)
    theirs = client_as(staff_with(Role.FILE_ROOM, branch=other_branch))
    assert step(theirs, request, "found").status_code == 404
    assert request.visitor.file_number not in theirs.get(reverse("reception:file_room")).content.decode()


@pytest.mark.parametrize("rows", [1, 50])
def test_the_file_room_asks_the_same_at_one_row_and_at_fifty(
    keeper: Client,
    branch: Branch,
    consultant: Staff,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(rows):
        services.record_file_step(request=asked(now, consultant), state="found", staff=consultant, now=now)
    keeper.get(reverse("reception:file_room"))
    with django_assert_num_queries(6):
        keeper.get(reverse("reception:file_room"))
    with django_assert_num_queries(3):
        keeper.get(reverse("reception:file_count"))


def test_a_step_that_does_not_exist_is_refused(branch: Branch, consultant: Staff, now: datetime) -> None:
    with pytest.raises(Stale, match="file_state"):
        services.record_file_step(request=asked(now, consultant), state="eaten", staff=consultant, now=now)
