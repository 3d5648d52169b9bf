"""Every address is declared to the gate, and the gate lets in whom the declaration names and nobody else."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.urls.converters import IntConverter, StringConverter, UUIDConverter

from clinic import navigation
from clinic.access import Access, access_of, public, requires, signed_in
from clinic.roles import CAPABILITIES, Capability, Role

SAMPLES = {IntConverter: "999999999", StringConverter: "x", UUIDConverter: "00000000-0000-0000-0000-000000000000"}


def _patterns(resolver: URLResolver) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            route = str(pattern.pattern)
            for name, converter in pattern.pattern.converters.items():
                sample = SAMPLES.get(type(converter), "1")
                for written in (f"<{name}>", *(f"<{kind}:{name}>" for kind in ("int", "str", "uuid", "slug", "path"))):
                    route = route.replace(written, sample)
            yield f"/{route}", pattern


PUBLIC = {
    "/sign-in/",
    "/sign-out/",
    "/preferences/",
    "/healthz/",
    # The card a visitor fills in herself: by a code, or at a kiosk.
    "/card/x/",
    "/kiosk/",
    "/kiosk/card/",
    # A screen in the waiting room, by what it was paired with.
    "/display/",
    "/display/calls/",
}
ADDRESSES = list(_patterns(get_resolver()))
IDS = [address for address, _pattern in ADDRESSES]


@pytest.mark.parametrize(("address", "pattern"), ADDRESSES, ids=IDS)
def test_every_address_is_declared(address: str, pattern: URLPattern) -> None:
    assert isinstance(access_of(pattern.callback), Access), f"{address} is not declared to the gate"


@pytest.mark.parametrize(("address", "pattern"), ADDRESSES, ids=IDS)
def test_a_stranger_is_sent_to_sign_in_everywhere_but_on_public_pages(
    address: str, pattern: URLPattern, db: None, client: Client
) -> None:
    access = access_of(pattern.callback)
    assert access
    if access.anonymous:
        assert address in PUBLIC, "a new public page: is that meant?"
    else:
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_in_exactly_where_it_has_a_capability(role: Role, client_as, db: None) -> None:  # type: ignore[no-untyped-def]
    client = client_as(role)
    for address, pattern in ADDRESSES:
        access = access_of(pattern.callback)
        assert access
        if access.anonymous:
            continue
        allowed = not access.any_of or bool(access.any_of & CAPABILITIES[role])
        # Asked for as a part: the status is the same, and no page is drawn around what is refused or not there.
        refused = client.get(address, headers={"HX-Request": "true"}).status_code == 403
        assert refused is not allowed, f"{role} at {address}"


def test_an_undeclared_view_is_refused_to_everybody(client_as, settings) -> None:  # type: ignore[no-untyped-def]
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    urls = type("urls", (), {"urlpatterns": [path("forgotten/", forgotten), *get_resolver().url_patterns]})
    settings.ROOT_URLCONF = urls
    client = client_as(Role.MANAGER)
    answer = client.get("/forgotten/")
    assert answer.status_code == 403
    assert b"secret" not in answer.content


def test_requires_without_a_capability_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="capability"):
        requires()


def test_declarations_say_whom_they_let_in(staff_with) -> None:  # type: ignore[no-untyped-def]
    clerk = staff_with(Role.RECEPTION)

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert access_of(public(view)) == Access(anonymous=True)
    in_only, boards = access_of(signed_in(view)), access_of(requires(Capability.OPERATE_DESK_BOARD)(view))
    reports = access_of(requires(Capability.READ_REPORTS)(view))
    assert in_only and boards and reports
    assert [a.allows(None) for a in (in_only, boards, reports)] == [False, False, False]
    assert [a.allows(clerk) for a in (in_only, boards, reports)] == [True, True, False]


def test_a_fragment_of_an_ended_session_reloads_its_page(db: None, client: Client) -> None:
    answer = client.get("/live-ticket/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Refresh"] == "true"


def test_everything_in_the_rail_and_the_notices_exists() -> None:
    names = {item.url_name for item in navigation.ITEMS} | {
        item.count_url_name for item in navigation.ITEMS if item.count_url_name
    }
    names |= {notice.url_name for notice in navigation.NOTICES}
    assert {name for name in names if not navigation.address(name)} == set()


@pytest.mark.parametrize("item", navigation.ITEMS, ids=lambda item: item.url_name)
def test_whoever_sees_an_item_of_the_rail_may_open_it(item: navigation.Item) -> None:
    access = access_of(get_resolver().resolve(navigation.address(item.url_name)).func)
    assert access
    assert not access.any_of or item.any_of <= access.any_of
