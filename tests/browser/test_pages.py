"""Every page of every role: in both languages and themes, quiet, accessible, whole at 1024, in the rooms at 768."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from clinic.roles import Role
from tests.addresses import CLOSED
from tests.browser.conftest import Language, SignIn, first_of
from tests.browser.stack import Stack
from tests.browser.watch import DESK, TABLET
from tests.demo_places import path_of

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

# In the rooms a tablet is held upright.
ON_A_TABLET = {Role.CONSULTANT, Role.DOCTOR, Role.NURSE, Role.BEAUTICIAN}
COMBINATIONS: list[tuple[Language, str]] = [("en", "light"), ("zh", "dark"), ("en", "dark")]


class Pages:
    """Which addresses are whole pages for a person, with objects of hers."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.found: dict[str, dict[str, str]] = {}
        self.judged: set[str] = set()

    def of(self, login_name: str, page: Page) -> dict[str, str]:
        """Return name → path of every page the person may open; asked once, with her own cookies."""
        if login_name not in self.found:
            self.found[login_name] = dict(self._whole_pages(login_name, page))
        return self.found[login_name]

    def _whole_pages(self, login_name: str, page: Page) -> Iterator[tuple[str, str]]:
        ((pk, role),) = self.stack.rows(
            "select s.id, g.name from clinic_staff s join clinic_staff_groups sg on sg.staff_id = s.id"
            " join auth_group g on g.id = sg.group_id where login_name = %s",
            login_name,
        )
        for address in CLOSED:
            if not address.allows(Role(role)):
                continue
            path = path_of(address, pk, self.stack.rows)
            if path is None:
                continue
            answer = page.context.request.get(path, max_redirects=0)
            if answer.status == 200 and "text/html" in answer.headers["content-type"] and "<html" in answer.text():
                yield address.name, path


@pytest.fixture(scope="session")
def pages(stack: Stack) -> Pages:
    """Return what each person can open, asked of the system as it runs."""
    return Pages(stack)


def _looked_at(
    page: Page, path: str, language: Language, *, accessibility: bool = True, widths: tuple[int, ...] = (DESK,)
) -> list[str]:
    """Open a page and return everything that is wrong with it."""
    page.goto(path)
    found: list[str] = page.watch.faults(  # type: ignore[attr-defined]
        language, accessibility=accessibility, widths=widths
    )
    return [f"{urlsplit(path).path}: {trouble}" for trouble in found]


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role(role: Role, sign_in: SignIn, pages: Pages) -> None:
    page = sign_in(role)
    page.watch.settle()  # type: ignore[attr-defined]
    wrong = page.watch.taken()  # type: ignore[attr-defined]
    opened = pages.of(first_of(role), page)
    assert opened
    widths = (DESK, TABLET) if role in ON_A_TABLET else (DESK,)
    for name, path in opened.items():
        # The same page for another role is judged by axe once: that is what takes the time.
        wrong += _looked_at(page, path, "zh", accessibility=name not in pages.judged, widths=widths)
        pages.judged.add(name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("language", "theme"), COMBINATIONS)
def test_every_page_in_the_other_language_and_theme(
    language: Language, theme: str, sign_in: SignIn, pages: Pages
) -> None:
    seen: set[str] = set()
    wrong: list[str] = []
    # Judged by axe in Chinese and light above, here in English and dark: what it looks at has no third case.
    judged = (language, theme) == ("en", "dark")
    for role in Role:
        page = sign_in(role, language=language, theme=theme)
        for name, path in pages.of(first_of(role), page).items():
            if name not in seen:
                seen.add(name)
                wrong += _looked_at(page, path, language, accessibility=judged)
        page.context.close()
    assert len(seen) > 20
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sign_in_page(language: Language, stack: Stack, sign_in: SignIn) -> None:
    page = sign_in(Role.RECEPTION, language=language)
    page.context.clear_cookies()
    wrong = _looked_at(page, "/sign-in/", language)
    assert not wrong, "\n".join(wrong)
