"""Forms sent with htmx: what is held back, or answered with no, can be sent again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


@pytest.fixture
def treatment(open_house: OpenHouse, sign_in_made: SignIn) -> Page:
    """Return the page of a treatment that is planned for another day, opened by its doctor."""
    house = open_house()
    made = house.make("open_injections", name="Vera Later", bought_days_ago=90)
    page = sign_in_made(house, made["doctor"], language="en")
    page.goto(f"/treatments/{made['treatment']}/")
    page.watch.settle()  # type: ignore[attr-defined]
    page.get_by_text("Move or change").click()
    # The part is not drawn anew under the question.
    page.route("**/treatments/*/work/", lambda route: route.fulfill(status=204))
    page.locator("#id_treated_on").fill((timezone.now() + timedelta(days=3)).date().isoformat())
    page.locator("form:has(#id_treated_on) .btn").click()
    expect(page.locator("form[data-confirm] #next-stage")).to_be_visible()
    page.watch.settle()  # type: ignore[attr-defined]
    return page


@pytest.mark.parametrize("asked_by", ["data-confirm", "hx-confirm"])
def test_a_form_can_be_sent_after_its_question_was_answered_with_no(treatment: Page, asked_by: str) -> None:
    button, dialog = treatment.locator("#next-stage"), treatment.locator("#confirm-dialog")
    if asked_by == "hx-confirm":
        button.evaluate(
            "one => { one.form.setAttribute('hx-confirm', 'Sure?'); one.form.removeAttribute('data-confirm'); }"
        )
    button.click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(button.locator("xpath=ancestor::form")).not_to_have_attribute("data-sent", "yes")
    button.click()
    dialog.get_by_role("button", name="Yes").click()
    expect(treatment.locator(".way-now")).to_contain_text("Arrived")


def test_a_form_is_not_sent_while_the_screen_is_stale_and_says_so(treatment: Page) -> None:
    button, told = treatment.locator("#next-stage"), treatment.locator(".messages .message-warning")
    treatment.evaluate("document.body.classList.add('offline')")
    button.click()
    expect(told).to_be_visible()
    expect(treatment.locator("#confirm-dialog")).to_be_hidden()
    treatment.evaluate("document.body.classList.remove('offline')")
    button.click()
    treatment.locator("#confirm-dialog").get_by_role("button", name="Yes").click()
    expect(treatment.locator(".way-now")).to_contain_text("Arrived")


def test_a_form_can_be_sent_again_when_its_request_was_held_back(treatment: Page) -> None:
    button = treatment.locator("#next-stage")
    treatment.evaluate(
        "const hold = (event) => {"
        " if (event.detail.requestConfig.verb !== 'post') return;"
        " event.preventDefault();"
        " document.removeEventListener('htmx:beforeRequest', hold); };"
        "document.addEventListener('htmx:beforeRequest', hold)"
    )
    for _time in range(2):
        button.click()
        treatment.locator("#confirm-dialog").get_by_role("button", name="Yes").click()
    expect(treatment.locator(".way-now")).to_contain_text("Arrived")
