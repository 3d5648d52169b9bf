"""The frame of every page: who sees what, language, appearance, headers, messages, errors."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, path
from django.utils import translation

from clinic import navigation
from clinic.access import signed_in
from clinic.live import tickets, topics
from clinic.models import Staff
from clinic.names import sort_key
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.templatetags.desk import masked_phone
from clinic.views import say
from clinic.views.errors import server_error

View = Callable[[HttpRequest], HttpResponse]


@pytest.fixture
def at(settings: Any) -> Callable[[View], None]:
    """Put a view at /here/ for one test."""

    def put(view: View) -> None:
        patterns = [path("here/", signed_in(view)), *get_resolver("clinic.config.urls").url_patterns]
        handlers = {f"handler{code}": getattr(get_resolver("clinic.config.urls").urlconf_module, f"handler{code}")
                    for code in (400, 403, 404, 500)}  # fmt: skip
        settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": patterns, **handlers})

    return put


def ticket_of(answer: Any) -> tickets.Ticket:
    found = re.search(rb'data-live-ticket="([^"]+)"', answer.content)
    assert found
    return tickets.read(found[1].decode())


def test_everybody_begins_where_she_works(client_as: Any) -> None:
    for role in Role:
        client = client_as(role)
        answer = client.get("/")
        first = navigation.links_of(client.staff)[0]
        assert answer.headers["Location"] == first.url
        assert client.get(first.url).status_code == 200, role


def test_the_way_home_has_a_name_also_where_its_word_is_hidden(client_as: Any) -> None:
    assert (
        'class="rail-mark" href="/" aria-label="Front desk"' in client_as(Role.MANAGER).get("/staff/").content.decode()
    )


def test_who_has_no_role_is_told_what_to_do(client_as: Any, staff_with: Any) -> None:
    answer = client_as(staff_with()).get("/")
    assert answer.status_code == 200
    assert b"Ask your manager" in answer.content


def test_the_rail_marks_the_page_and_the_longest_address_wins(staff_with: Any) -> None:
    manager = staff_with(Role.MANAGER)
    marked = [link.url for link in navigation.links_of(manager, "/staff/new/") if link.current]
    assert marked == ["/staff/"]


def test_the_live_ticket_names_only_what_the_person_may_hear(client_as: Any, staff_with: Any) -> None:
    manager = staff_with(Role.MANAGER)
    ticket = ticket_of(client_as(manager).get("/staff/"))
    assert ticket.staff_id == manager.pk
    assert set(ticket.topics) == {
        topics.staff(manager.pk),
        topics.complaints(manager.branch_id),
        topics.days(manager.branch_id),
        topics.discounts(manager.branch_id),
    }


def test_the_shell_costs_the_same_for_one_role_and_for_all(
    client_as: Any, staff_with: Any, django_assert_num_queries: Any
) -> None:
    for person in (staff_with(Role.MANAGER), staff_with(*Role)):
        client = client_as(person)
        client.get("/password/")
        with django_assert_num_queries(2):  # the session; the person with branch and roles
            client.get("/password/")


@pytest.mark.parametrize(("accept", "word"), [("zh-CN", "登录"), ("en-GB", "Sign in")])
def test_before_signing_in_the_browser_says_which_language(db: None, client: Client, accept: str, word: str) -> None:
    assert word in client.get("/sign-in/", headers={"Accept-Language": accept}).content.decode()


def test_a_stranger_can_switch_the_language_and_stays_on_the_page(db: None, client: Client) -> None:
    answer = client.post("/preferences/", {"language": "zh-hans", "next": "/sign-in/?next=/staff/"})
    assert answer.headers["Location"] == "/sign-in/?next=/staff/"
    assert "登录" in client.get("/sign-in/").content.decode()


def test_the_persons_language_is_taken_at_sign_in(client: Client, staff_with: Any) -> None:
    staff_with(Role.MANAGER, login_name="mgr", password="a-long-enough-one", language="zh-hans")
    client.post("/sign-in/", {"username": "mgr", "password": "a-long-enough-one"})
    assert 'lang="zh-hans"' in client.get("/staff/").content.decode()


@pytest.mark.parametrize("place", ["x", "", "http://[", "//elsewhere", "javascript:1", "reception:desk"])
def test_preferences_lead_nowhere_else(client_as: Any, place: str) -> None:
    answer = client_as(Role.RECEPTION).post("/preferences/", {"theme": "dark", "next": place})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith("//")


def test_preferences_are_kept_one_by_one(client_as: Any) -> None:
    client = client_as(Role.RECEPTION)
    client.post("/preferences/", {"theme": "dark", "next": "/password/"})
    client.post("/preferences/", {"text_size": "larger"})
    client.post("/preferences/", {"theme": "pink", "text_size": "normal"})
    kept = Staff.objects.get(pk=client.staff.pk)
    assert (kept.theme, kept.text_size, kept.language) == ("dark", "larger", "")
    page = client.get("/password/").content.decode()
    assert 'data-theme="dark" data-text="larger" data-bs-theme="dark"' in page


def test_preferences_never_lead_to_another_site(client_as: Any) -> None:
    client = client_as(Role.RECEPTION)
    for where in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert client.post("/preferences/", {"theme": "dark", "next": where}).headers["Location"] == "/"


def test_s7_headers_of_every_page(client_as: Any, client: Client) -> None:
    for answer in (client.get("/sign-in/"), client_as(Role.MANAGER).get("/staff/"), client.get("/nowhere/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_pages_of_a_person_are_not_stored(client_as: Any) -> None:
    client = client_as(Role.MANAGER)
    for address in ("/staff/", "/", "/nowhere/"):
        assert "no-store" in client.get(address).headers["Cache-Control"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_error_pages_in_both_languages(client_as: Any, at: Any, status: int, language: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise {
            400: BadRequest(),
            403: PermissionDenied(),
            404: Http404(),
            409: Stale("changed by 李敏", code="moved"),
            422: Refused("not today", code="no"),
            500: RuntimeError("secret detail"),
        }[status]

    client = client_as(Role.MANAGER)
    client.raise_request_exception = False
    client.cookies["django_language"] = language
    at(view)
    answer = client.get("/here/")
    assert answer.status_code == status
    text = answer.content.decode()
    assert f'data-status="{status}"' in text
    words = {
        400: ("could not be read", "无法识别"),
        403: ("does not allow", "没有此权限"),
        404: ("nothing here", "没有您可以"),
        409: ("changed in the meantime", "已被他人更改"),
        422: ("cannot be done", "无法执行"),
        500: ("had a fault", "出现故障"),
    }
    assert words[status][language == "zh-hans"] in text
    assert "secret detail" not in text
    assert (status != 409) or "changed by 李敏" in text


def test_a_refusal_to_a_fragment_goes_into_the_message_area(client_as: Any, at: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise Stale("<b>moved</b>", code="moved")

    at(view)
    answer = client_as(Role.MANAGER).get("/here/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#messages"
    assert b"&lt;b&gt;moved" in answer.content
    assert b"<html" not in answer.content


def test_the_fault_page_needs_no_database(at: Any, client_as: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), translation.override("en"):
        answer = server_error(HttpRequest())
    assert answer.status_code == 500
    assert b"had a fault" in answer.content


def test_an_old_form_is_refused_with_the_way_out(client_as: Any) -> None:
    client = client_as(Role.MANAGER, enforce_csrf_checks=True)
    answer = client.post("/password/", {"old_password": "x"})
    assert answer.status_code == 403
    assert b"too old to be saved" in answer.content


def test_messages_travel_with_a_fragment_but_not_with_what_a_page_refetches(client_as: Any, at: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            say.done(request, "done <i>")
        return HttpResponse("<p>fragment</p>")

    at(view)
    client = client_as(Role.MANAGER)
    fragment = {"HX-Request": "true"}
    assert b"hx-swap-oob" not in client.get("/here/", headers=fragment).content
    answer = client.post("/here/", headers=fragment)
    assert b'hx-swap-oob="afterbegin:#messages"' in answer.content
    assert b"done &lt;i&gt;" in answer.content
    client.post("/here/")
    assert b"hx-swap-oob" not in client.get("/here/", headers=fragment | {"X-Background": "1"}).content
    assert b"hx-swap-oob" in client.get("/here/", headers=fragment).content


def test_a_message_in_markup_is_escaped(client_as: Any, at: Any) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        messages.info(request, "O'Brien <b>")
        return HttpResponse("x")

    at(view)
    answer = client_as(Role.MANAGER).get("/here/", headers={"HX-Request": "true"})
    assert b"O&#x27;Brien &lt;b&gt;" in answer.content


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812348000", "138****8000"), ("+86 138 1234 8000", "138****8000"), ("02155501234", "021****1234"),
     ("85251234", "85****234"), ("+85291234567", "+852 91****567"), ("+14155552671", "+1 41****671"),
     ("+447911123456", "+44 79****456"), ("+12", "**"),
     ("1234", "****"), ("", ""), (None, "")],
)  # fmt: skip
def test_s5_phones_are_masked(phone: object, shown: str) -> None:
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "key"),
    [("曾志强", "zeng zhi qiang"), ("单于飞", "chan yu fei"), ("单丽", "shan li"), ("欧阳娜娜", "ou yang na na"),
     ("O'Brien", "o'brien"), ("曾", "zeng"), ("", ""), ("王" * 50, ("wang " * 50)[:120].strip())],
)  # fmt: skip
def test_people_are_in_the_order_of_their_pinyin(name: str, key: str) -> None:
    assert sort_key(name).strip() == key


def test_while_the_database_is_away_the_page_says_what_to_do(at: Callable[[View], None], client_as: Any) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise OperationalError("connection refused")

    at(view)
    client = client_as(Role.RECEPTION)
    client.raise_request_exception = False
    answer = client.get("/here/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "The database is away" in answer.content.decode()
