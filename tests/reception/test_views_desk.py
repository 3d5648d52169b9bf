"""The front desk's own page: found or new, taken in once, and told what is wrong with a form."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Project
from clinic.roles import Role
from reception.models import Visit, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.scenes import HTMX, text_of

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


def arrival(**changes: Any) -> dict[str, Any]:
    return {
        "name": "曾小美",
        "phone": "１３８ 0013 8000",
        "gender": "female",
        "purpose": "consult",
        "projects": "",
        "note": "",
        "request_key": str(uuid4()),
    } | changes


def register(client: Client, **changes: Any) -> Any:
    return client.post(reverse("reception:arrival_create"), arrival(**changes), headers=HTMX)


def test_an_empty_desk_says_what_to_do(desk: Client) -> None:
    page = text_of(desk.get(reverse("reception:desk")))
    assert "Nobody has come yet today" in page
    assert 'role="combobox"' in page


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("王小美", "name", "王小美"),
        ("138 0013", "phone", "138 0013"),
        ("８０００", "phone", "８０００"),
        ("O'Brien <b>", "name", "O&#x27;Brien &lt;b&gt;"),
    ],
)
def test_what_was_typed_to_find_her_is_in_the_form(desk: Client, typed: str, field: str, value: str) -> None:
    response = desk.post(reverse("reception:arrival_new"), {"q": typed}, headers=HTMX)
    page = text_of(response)
    assert page.count(f'value="{value}"') == 1
    assert f'name="{field}" value="{value}"' in page
    assert response.headers["HX-Replace-Url"] == "/desk/?new=1"


def test_results_while_typing_show_who_is_here(desk: Client) -> None:
    visit = VisitFactory(visitor=VisitorFactory(name="曾小美", phone="13800138000"))
    page = text_of(desk.post(reverse("reception:find"), {"q": "zxm"}))
    assert "曾小美" in page
    assert "138****8000" in page
    assert "13800138000" not in page
    assert str(visit) in page
    assert f"visitor={visit.visitor_id}" in page


def test_names_are_data(desk: Client) -> None:
    VisitorFactory(name="O'Brien <b>", phone="")
    page = text_of(desk.post(reverse("reception:find"), {"q": "obr"}))
    assert "<b>" not in page
    assert "O&#x27;Brien &lt;b&gt;" in page


def test_nobody_found_offers_somebody_new(desk: Client) -> None:
    page = text_of(desk.post(reverse("reception:find"), {"q": "<i>"}))
    assert "Take in somebody new" in page
    assert "&lt;i&gt;" in page


def test_somebody_new_is_registered_and_her_proposal_is_asked_for(desk: Client) -> None:
    projects = [ProjectFactory(), ProjectFactory()]
    numbers = f"{projects[1].pk},{projects[0].pk}"
    response = register(desk, projects=numbers, note="with a friend", card_declined="on")
    visit = Visit.objects.get()
    assert response.status_code == 200
    assert "001" in text_of(response)
    assert (visit.visitor.name, str(visit.visitor.phone), visit.note) == ("曾小美", "+8613800138000", "with a friend")
    assert [wish.project for wish in visit.wishes.all()] == projects[::-1]
    assert visit.visitor.card_declined
    assert response.headers["HX-Trigger"] == "register-changed"
    assert response.headers["HX-Replace-Url"] == "/desk/"


def test_sent_twice_it_is_registered_once(desk: Client) -> None:
    key = str(uuid4())
    first, second = (register(desk, request_key=key) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert Visit.objects.count() == Visitor.objects.count() == 1


def test_somebody_on_file_is_registered(desk: Client) -> None:
    visitor = VisitorFactory()
    form = desk.get(reverse("reception:arrival_new"), {"visitor": visitor.pk}, headers=HTMX)
    assert visitor.name in text_of(form)
    assert 'name="name"' not in text_of(form)
    assert register(desk, visitor=visitor.pk).status_code == 200
    assert Visit.objects.get().visitor == visitor


def test_a_wrong_form_comes_back_as_typed_with_the_reason(desk: Client) -> None:
    response = register(desk, phone="1380", name="王")
    assert response.status_code == 422
    page = text_of(response)
    assert "data-focus" in page
    assert "too short" in page
    assert 'value="1380"' in page
    assert not Visitor.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "\u200f"},
        {"name": "名" * 51},
        {"projects": "999"},
        {"projects": "x"},
        {"purpose": "party"},
        {"note": "x" * 201},
        {"request_key": "x"},
        {"gender": ""},
    ],
)
def test_nothing_wrong_is_registered(desk: Client, wrong: dict[str, str]) -> None:
    assert register(desk, **wrong).status_code == 422
    assert not Visitor.objects.exists()


def test_a_note_is_kept_without_what_nobody_sees(desk: Client) -> None:
    assert register(desk, note=" 靠窗\x00 \u202e坐 ").status_code == 200
    assert Visit.objects.get().note == "靠窗 坐"


def test_a_project_that_is_not_offered_is_not_taken(desk: Client) -> None:
    project = ProjectFactory(offered=False)
    assert register(desk, projects=str(project.pk)).status_code == 422


def test_a_possible_duplicate_is_asked_about_and_both_answers_work(desk: Client) -> None:
    known = VisitorFactory(name="曾母", phone="13800138000")
    question = register(desk)
    assert question.status_code == 409
    page = text_of(question)
    assert "This is her" in page
    assert "Another person" in page
    assert 'value="曾小美"' in page
    assert register(desk, another_person="1").status_code == 200
    assert Visitor.objects.count() == 2
    assert register(desk, visitor=known.pk).status_code == 200
    assert known.visits.count() == 1


def test_the_second_clerk_is_told_where_she_is(desk: Client) -> None:
    visit = VisitFactory()
    response = register(desk, visitor=visit.visitor_id)
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#messages"
    assert "is here already: number 001" in text_of(response)


@pytest.mark.parametrize("rows", [1, 50])
def test_the_desk_asks_the_database_the_same_at_one_row_and_at_fifty(
    desk: Client, rows: int, staff_with: MakeStaff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    consultant = staff_with(Role.CONSULTANT)
    VisitFactory.create_batch(rows, consultant=consultant, projects=ProjectFactory.create_batch(2))
    desk.get(reverse("reception:desk"))
    with django_assert_num_queries(6):
        desk.get(reverse("reception:desk"))
    with django_assert_num_queries(6):
        desk.get(reverse("reception:register_panel"))


def test_a_form_that_was_used_already_keeps_what_was_typed_and_can_be_sent_again(desk: Client) -> None:
    key = str(uuid4())
    register(desk, request_key=key)
    answer = register(desk, request_key=key, name="李敏", phone="", note="改了")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "This form has already registered 001 曾小美 at 10:30" in page
    assert 'value="李敏"' in page and 'value="改了"' in page
    fresh = re.search(r'name="request_key" value="([^"]+)"', page)
    assert fresh and fresh[1] != key
    assert register(desk, request_key=fresh[1], name="李敏", phone="", note="改了").status_code == 200
    assert list(Visit.objects.order_by("number").values_list("visitor__name", flat=True)) == ["曾小美", "李敏"]


def test_the_arrival_form_lists_what_is_offered_by_rank(desk: Client) -> None:
    second, first = ProjectFactory(rank=9, name="隆鼻"), ProjectFactory(rank=2, name="双眼皮")
    ProjectFactory(offered=False)
    page = text_of(desk.get(reverse("reception:arrival_new"), headers=HTMX))
    assert re.findall(r'data-value="(\d+)"', page) == [str(first.pk), str(second.pk)]
    assert re.search(r'data-found="[^"]*\bsyp\b', page)
    assert Project.objects.count() == 3
