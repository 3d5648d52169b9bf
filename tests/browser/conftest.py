"""A real browser before the real system. One stack serves every browser test; each person has a context of her own."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from clinic.roles import Role
from complaints.demo.people import PASSWORD, PEOPLE
from tests.browser.house import House
from tests.browser.stack import Stack
from tests.browser.watch import Watch

Language = Literal["zh", "en"]
SignIn = Callable[..., Page]
OpenHouse = Callable[..., House]
PICTURES = Path(os.environ.get("BROWSER_PICTURES", settings.BASE_DIR / ".local" / "test" / "pictures"))
LOCALES = {"zh": "zh-CN", "en": "en-GB"}

# Playwright keeps an event loop in this thread; nothing here shares Django's connections with it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system with the demo hospital: PostgreSQL, Valkey, page workers, streams, Celery, one door."""
    running = Stack(
        tmp_path_factory.mktemp("browser") / "state",
        os.environ.get("DATABASE_URL", ""),
        os.environ.get("REDIS_URL", ""),
    )
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, which talks to nobody but us."""
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-domain-reliability",
            "--disable-sync",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        ],
    }


@pytest.fixture(scope="session")
def _signed_in() -> dict[tuple[str, str], Any]:
    """Cookies of people who signed in before, so that each does it once a run."""
    return {}


@pytest.fixture
def open_house(stack: Stack, _signed_in: dict[tuple[str, str], Any]) -> OpenHouse:
    """Return what opens a branch of the test's own, with its people and its board; see `scenes.open_house`."""

    def open_one(**wishes: Any) -> House:
        house = House.opened(stack, **wishes)
        for login_name, session in house.sessions.items():
            for language in LOCALES:
                _signed_in[login_name, language] = {"cookies": [_cookie(session)], "origins": []}
        return house

    return open_one


@pytest.fixture
def sign_in_made(sign_in: SignIn, _signed_in: dict[tuple[str, str], Any]) -> SignIn:
    """Return the window of somebody whom a scene made: `sign_in_made(house, login_name)`, else as `sign_in`."""

    def open_window(house: House, login_name: str, *, language: Language = "zh", **wishes: Any) -> Page:
        if (login_name, language) not in _signed_in:
            session = house.make("sign_in_as", login_name=login_name)["session"]
            _signed_in[login_name, language] = {"cookies": [_cookie(session)], "origins": []}
        return sign_in(login_name, language=language, **wishes)

    return open_window


def _cookie(session: str) -> dict[str, str]:
    return {"name": settings.SESSION_COOKIE_NAME, "value": session, "domain": "localhost", "path": "/"}


@pytest.fixture
def sign_in(
    stack: Stack, browser: Browser, request: pytest.FixtureRequest, _signed_in: dict[tuple[str, str], Any]
) -> Iterator[SignIn]:
    """Return a person's own browser window, at her first page.

    `sign_in("consultant1")` or `sign_in(Role.RECEPTION)` (the first of that role), with `language`, `theme`, `width`,
    `height`; `fresh=True` types name and password again. `page.watch` is a Watch. Failed tests leave pictures.
    """
    contexts: list[BrowserContext] = []
    pages: list[tuple[str, Page]] = []

    def open_window(
        who: str | Role,
        *,
        language: Language = "zh",
        theme: Literal["light", "dark"] = "light",
        width: int = 1440,
        height: int = 900,
        fresh: bool = False,
    ) -> Page:
        login_name = first_of(who) if isinstance(who, Role) else who
        known = None if fresh else _signed_in.get((login_name, language))
        context = browser.new_context(
            base_url=stack.url,
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            color_scheme=theme,
            viewport={"width": width, "height": height},
            storage_state=known,
        )
        contexts.append(context)
        page = context.new_page()
        page.watch = Watch(page)  # type: ignore[attr-defined]
        pages.append((login_name, page))
        page.goto("/")
        if known is None:
            page.locator("input[name=username]").fill(login_name)
            page.locator("input[name=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            _signed_in[login_name, language] = context.storage_state()
        return page

    yield open_window
    report = request.node.stash.get(REPORT, None)
    if report is not None and report.failed:
        for number, (login_name, page) in enumerate(pages):
            if page.is_closed():
                continue
            take_picture(page, f"failed-{request.node.name}-{number}-{login_name}")
        request.node.add_report_section("teardown", "logs of the stack", stack.logs())
    for context in contexts:
        context.close()


REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixture know how its test ended."""
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


def first_of(role: Role) -> str:
    """Return the login name of the demo's first person of a role."""
    return next(person.login_name for person in PEOPLE if person.role is role and not person.left)


def take_picture(page: Page, name: str) -> Path:
    """Save a picture of the whole page; return where."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = PICTURES / f"{''.join(c if c.isalnum() or c in '-_' else '-' for c in name)}.png"
    page.screenshot(path=file, full_page=True)
    return file
