"""The pages of the front desk, as the people who work there use them."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Project
from clinic.roles import Role
from reception import services
from reception.forms import CardForm
from reception.models import Display, Visit, Visitor
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import ProjectFactory, VisitFactory, VisitorFactory, make_clerk

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


def text_of(response: Any) -> str:
    return str(response.content.decode())


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


def test_the_register_shows_every_visit_with_its_state(desk: Client, staff_with: MakeStaff) -> None:
    consultant = staff_with(Role.CONSULTANT, display_name="周琳")
    VisitFactory(consultant=consultant, projects=[ProjectFactory(name_en="Nose")])
    VisitFactory()
    response = desk.get(reverse("reception:register_panel"))
    page = text_of(response)
    assert "周琳" in page
    assert "Nose" in page
    assert "data-since" in page
    assert [row.visit.number for row in response.context["rows"]] == [2, 1]
    counts = {tab["group"]: tab["count"] for tab in response.context["tabs"]}
    assert counts == {"": 2, "waiting": 2, "in_room": 0, "done": 0}


def test_the_register_is_filtered_by_state_and_day_and_paged(desk: Client, branch: Branch, now: datetime) -> None:
    VisitFactory.create_batch(51)
    gone = Visit.objects.get(number=7)
    services.record_progress(visit=gone, state="left", now=now)
    VisitFactory(visitor=gone.visitor, now=now - timedelta(days=3))
    panel = reverse("reception:register_panel")
    assert len(desk.get(panel).context["rows"]) == 50
    assert [row.visit.number for row in desk.get(panel, {"page": 2}).context["rows"]] == [1]
    assert [row.visit for row in desk.get(panel, {"group": "done"}).context["rows"]] == [gone]
    past = desk.get(panel, {"day": "2026-03-08"})
    assert len(past.context["rows"]) == 1
    assert "live-register" not in text_of(past)
    for odd in ({"day": "x"}, {"day": "2999-01-01"}, {"day": "2026-02-31"}, {"group": "x", "page": "x"}):
        assert desk.get(panel, odd).context["is_today"]


def test_another_branch_has_a_register_of_its_own(
    desk: Client, other_branch: Branch, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    visit = VisitFactory(branch=other_branch, staff=make_clerk(other_branch))
    assert desk.get(reverse("reception:register_panel")).context["rows"] == []
    answer = desk.post(reverse("reception:visit_void", args=[visit.pk]), {"reason": "x"})
    assert answer.status_code == 404
    theirs = client_as(staff_with(Role.RECEPTION, branch=other_branch))
    assert len(theirs.get(reverse("reception:register_panel")).context["rows"]) == 1


def test_a_wrong_entry_is_made_void_with_its_reason(desk: Client) -> None:
    visit = VisitFactory()
    void = reverse("reception:visit_void", args=[visit.pk])
    for reason, says in (("", "Say why"), ("\x00", "Say why"), ("太" * 201, "At most 200 characters; this has 201")):
        refused = desk.post(void, {"reason": reason}, headers=HTMX)
        assert refused.status_code == 422 and says in text_of(refused)
    response = desk.post(void, {"reason": "登记错人"}, headers=HTMX)
    assert "Enter again" in text_of(response)
    page = text_of(desk.get(reverse("reception:register_panel")))
    assert "登记错人" in page
    assert desk.post(void, {"reason": "again"}, headers=HTMX).status_code == 409


def test_the_phone_is_masked_until_it_is_shown_and_that_is_recorded(desk: Client) -> None:
    visitor = VisitorFactory(phone="13800138000")
    page = text_of(desk.get(reverse("reception:visitor", args=[visitor.pk])))
    assert "138****8000" in page
    assert "138 0013 8000" not in page
    reveal = reverse("reception:reveal_phone", args=[visitor.pk])
    assert "138 0013 8000" not in text_of(desk.get(reveal))
    assert "+86 138 0013 8000" in text_of(desk.post(reveal, {"reason": "identity"}))
    assert AuditEntry.objects.filter(action="reception.reveal_phone", object_id=str(visitor.pk)).count() == 1


def test_a_card_is_changed_and_its_earlier_values_are_shown_with_phones_masked(desk: Client) -> None:
    visitor = VisitorFactory(name="王小美", phone="13800138000")
    card = reverse("reception:visitor_card", args=[visitor.pk])
    page = text_of(desk.get(card))
    assert "138****8000" in page
    assert "13800138000" not in page
    seen = latest_history_id(visitor)
    fields = {"name": "王小妹", "gender": "female", "birth_on": "1990-02-01", "heard_from": "友", "seen": seen}
    assert desk.post(card, fields).status_code == 302
    visitor.refresh_from_db()
    assert (visitor.name, str(visitor.phone)) == ("王小妹", "+8613800138000")
    stale = desk.post(card, fields | {"name": "王小姐"})
    assert stale.status_code == 409
    assert "changed this card meanwhile" in text_of(stale)
    assert 'value="王小姐"' in text_of(stale)
    again = stale.context["form"].data["seen"]
    assert desk.post(card, fields | {"name": "王小姐", "phone": "139 0013 9001", "seen": again}).status_code == 302
    history = text_of(desk.get(reverse("reception:visitor_history", args=[visitor.pk])))
    assert "王小美" in history
    assert "138****8000" in history
    assert "139****9001" in history
    last = latest_history_id(visitor)
    desk.post(card, fields | {"remove_phone": "on", "seen": last})
    visitor.refresh_from_db()
    assert not visitor.phone


def test_only_what_is_on_file_can_be_removed_from_the_card(desk: Client) -> None:
    without, with_phone = VisitorFactory(phone=""), VisitorFactory(phone="13800138000")
    for visitor, fields in ((without, set()), (with_phone, {"remove_phone"})):
        page = desk.get(reverse("reception:visitor_card", args=[visitor.pk]))
        assert {"remove_phone", "remove_id"} & set(page.context["form"].fields) == fields
    card = reverse("reception:visitor_card", args=[without.pk])
    sent = {"name": "王", "gender": "female", "seen": latest_history_id(without), "remove_phone": "on"}
    sent |= {"id_kind": "resident", "id_number": "11010519491231002X", "id_seen": 0}
    assert desk.post(card, sent).status_code == 302
    assert "remove_id" in desk.get(card).context["form"].fields


@pytest.mark.parametrize("age", ["121", "-1", "x", "1.5"])
def test_what_is_wrong_on_a_card_is_said_in_the_words_of_the_desk(age: str) -> None:
    sent = {"name": "", "gender": "", "birth_on": "x", "age": age}
    with override("zh-hans"):
        errors = CardForm(sent, today=date(2026, 3, 11), phone_on_file=False, id_on_file=False).errors
        assert list(errors["age"]) == ["年龄应为 0–120 岁的整数。"]
        assert list(errors["name"]) == ["请填写姓名，一个字也可以。"]
        assert list(errors["gender"]) == ["请填写此项。"]
        assert list(errors["birth_on"]) == ["请填写日期，如 2026-03-12。"]


@pytest.mark.parametrize("born", ["2999-01-01", "1800-01-01", "x"])
def test_a_birth_date_nobody_has_is_not_taken(desk: Client, born: str) -> None:
    visitor = VisitorFactory()
    card = reverse("reception:visitor_card", args=[visitor.pk])
    fields = {"name": "王", "gender": "female", "birth_on": born, "seen": latest_history_id(visitor)}
    assert desk.post(card, fields).status_code == 422


def test_visitors_are_listed_searched_and_paged(desk: Client, staff_with: MakeStaff) -> None:
    owner = staff_with(Role.CONSULTANT)
    VisitorFactory.create_batch(51)
    owned = VisitorFactory(name="曾小美", phone="13800138000", owner=owner)
    listed = reverse("reception:visitors")
    first = desk.get(listed)
    assert len(first.context["found"]) == 50
    assert first.context["page"].paginator.count == 52
    assert len(desk.get(listed, {"page": 2}).context["found"]) == 2
    assert desk.get(listed, {"owner": owner.pk}).context["found"] == [owned]
    assert desk.post(listed, {"q": "8000"}).context["found"] == [owned]
    assert "Nobody found" in text_of(desk.post(listed, {"q": "9999999"}))


def test_an_empty_list_of_visitors_says_so(desk: Client) -> None:
    assert "No visitor yet" in text_of(desk.get(reverse("reception:visitors")))


VISITOR_PAGES = ("visitor", "visitor_now", "visitor_history", "visitor_story")


def test_a_consultant_sees_her_own_visitors_and_nobody_elses(client_as: MakeClient) -> None:
    client = client_as(Role.CONSULTANT)
    own, foreign = VisitorFactory(owner=client.staff), VisitorFactory()  # type: ignore[attr-defined]
    for name in VISITOR_PAGES:
        assert client.get(reverse(f"reception:{name}", args=[own.pk])).status_code == 200
        assert client.get(reverse(f"reception:{name}", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("reception:visitors")).context["found"] == [own]
    assert client.post(reverse("reception:reveal_phone", args=[own.pk])).status_code == 403


@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        (Role.CONSULTANT, "desk", 403),
        (Role.MANAGER, "desk", 403),
        (Role.DESK_SUPERVISOR, "desk", 200),
        (Role.AUDITOR, "register", 200),
        (Role.MANAGER, "register", 200),
        (Role.CONSULTANT, "register", 403),
        (Role.NURSE, "visitors", 403),
        (Role.CUSTOMER_SERVICE, "visitors", 200),
    ],
)
def test_pages_are_for_those_who_work_on_them(client_as: MakeClient, role: Role, page: str, status: int) -> None:
    VisitFactory()
    assert client_as(role).get(reverse(f"reception:{page}")).status_code == status


def test_an_auditor_reads_the_register_without_a_way_into_the_cards(client_as: MakeClient) -> None:
    visit = VisitFactory()
    page = text_of(client_as(Role.AUDITOR).get(reverse("reception:register")))
    assert visit.visitor.name in page
    assert reverse("reception:visitor", args=[visit.visitor_id]) not in page


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


@pytest.mark.parametrize("rows", [1, 50])
def test_finding_and_listing_ask_the_same_at_one_row_and_at_fifty(
    desk: Client, rows: int, staff_with: MakeStaff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    VisitorFactory.create_batch(rows, owner=staff_with(Role.CONSULTANT))
    desk.get(reverse("reception:visitors"))
    with django_assert_num_queries(4):
        desk.post(reverse("reception:find"), {"q": "王"})
    with django_assert_num_queries(6):
        desk.get(reverse("reception:visitors"))
    with django_assert_num_queries(6):
        desk.post(reverse("reception:visitors"), {"q": "王"})


@pytest.mark.parametrize("rows", [1, 15])
def test_a_visitors_page_asks_the_same_however_often_she_came(
    desk: Client, rows: int, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor, wish = VisitorFactory(), ProjectFactory()
    for days in range(rows, 0, -1):
        VisitFactory(visitor=visitor, projects=[wish], now=now - timedelta(days=days))
    desk.get(reverse("reception:visitor", args=[visitor.pk]))
    with django_assert_num_queries(13):
        desk.get(reverse("reception:visitor", args=[visitor.pk]))


def test_a_visitors_page_loads_her_story_once_and_leaves_it_to_keep_itself_up_to_date(desk: Client) -> None:
    visitor = VisitorFactory()
    page = text_of(desk.get(reverse("reception:visitor", args=[visitor.pk])))
    address = reverse("reception:visitor_story", args=[visitor.pk])
    assert page.count(f'hx-get="{address}" hx-trigger="load" ') == 1
    story = text_of(desk.get(address))
    assert story.count(f'hx-trigger="live-visitor-{visitor.pk} from:body') == 1


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


@pytest.mark.parametrize(
    ("sent_to", "listed_at"),
    [("display_pair", "displays"), ("kiosk_start", "kiosks"), ("interference_record", "interference")],
)
def test_after_a_refused_form_the_pages_of_the_list_are_there(
    sent_to: str,
    listed_at: str,
    client_as: MakeClient,
    staff_with: MakeStaff,
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
) -> None:
    supervisor = staff_with(Role.DESK_SUPERVISOR)
    for module in ("displays", "intake", "days"):
        monkeypatch.setattr(f"reception.views.{module}.PAGE", 1)
    for number in range(2):
        Display.objects.create(
            token_hash=f"{number}", asked_at=now, branch=supervisor.branch, paired_at=now, paired_by=supervisor
        )
        services.start_kiosk(label=f"{number}", staff=supervisor, now=now)
        services.record_interference(
            person=staff_with(Role.CONSULTANT), kind="operated", note="x", staff=supervisor, now=now
        )
    client = client_as(supervisor)
    answer = client.post(reverse(f"reception:{sent_to}"), {})
    assert answer.status_code == 422
    following = re.search(r'rel="next" href="([^"]+)"', text_of(answer))
    assert following is not None
    assert following[1].startswith(reverse(f"reception:{listed_at}"))
    assert client.get(following[1]).status_code == 200
