"""What is typed and not sent yet: it outlives what is drawn anew around it, and nothing throws it away unasked."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def press(page: Page, key: str) -> None:
    """Press a key of the page from where no field takes it."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


def test_beside_a_treatment(open_house: OpenHouse, sign_in_made: SignIn) -> None:
    house = open_house()
    made = house.make("open_injections", name="Tessa Typed", bought_days_ago=90)
    page = sign_in_made(house, made["nurse"], language="en")
    page.goto(f"/treatments/{made['treatment']}/")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    press(page, "n")
    expect(page.locator("#next-stage")).to_have_attribute("value", "preparing")
    press(page, "n")
    expect(page.locator("#stage-minutes")).to_be_visible()
    page.locator("#stage-room").fill("7B")
    page.locator("#stage-minutes").fill("35")
    page.locator("#step-wrong > summary").click()
    page.locator("#back_stage").select_option("ordered")
    page.locator("#back_reason").fill("the wrong visitor")
    steps = page.locator(".check-list > li")
    before = steps.count()
    added = page.locator("[id^=add-]").first.get_attribute("data-key")
    assert added
    press(page, added)
    expect(steps).to_have_count(before + 1)
    expect(page.locator("#stage-room")).to_have_value("7B")
    expect(page.locator("#stage-minutes")).to_have_value("35")
    expect(page.locator("#back_reason")).to_be_visible()
    expect(page.locator("#back_reason")).to_have_value("the wrong visitor")
    page.locator("#step-wrong button").click()
    expect(page.locator("#treatment-work")).to_contain_text("the wrong visitor")
    expect(page.locator("#step-wrong")).to_have_count(0)
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]


def test_folded_up_in_the_room(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(arrived=["Rosa Refused"])
    made = house.make("let_in", visit=house.visit("Rosa Refused")["id"])
    room = sign_in(house.consultants[0].login_name, language="en")
    room.goto(f"/consultations/{made['consultation']}/")
    expect(room.locator("body")).to_have_attribute("data-connection", "live")
    no_deal, dialog = room.locator("[data-kept=no_deal]"), room.locator("#confirm-dialog")
    room.keyboard.press("n")
    room.locator("#no_deal_reason").fill("Price")
    room.keyboard.press("Escape")
    room.keyboard.press("n")
    expect(no_deal).not_to_have_attribute("open", "")
    press(room, "f")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()

    # Another form is filed: the folded one keeps what stands in it.
    room.locator("[data-kept=product] > summary").click()
    room.locator("#product_note").fill("A mask")
    room.locator("#change-product .btn-primary").click()
    expect(room.locator("#outcome")).to_contain_text("A mask")
    no_deal.locator("summary").click()
    expect(room.locator("#no_deal_reason")).to_have_value("Price")
    assert room.watch.faults("en") == []  # type: ignore[attr-defined]

    # What came back refused is not saved, though nobody has typed since.
    room.locator("#plan_sessions").evaluate("field => { field.value = '0'; }")
    room.locator("#plan-form").evaluate("form => form.requestSubmit()")
    expect(room.locator("#plan-form .error-summary")).to_be_visible()
    expect(room.locator("#plan-form")).to_have_attribute("data-typed", "")


def test_escape_leaves_the_field_and_then_the_page(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    house.make("open_injections", name="Edda Escape", bought_days_ago=90)
    deal = house.stack.rows(
        "select d.id from consultations_deal d join reception_visitor v on v.id = d.visitor_id where v.name = %s",
        "Edda Escape",
    )[0][0]
    page = sign_in(house.login_name("consulting_supervisor"), language="en")
    page.goto(f"/deals/{deal}/correct/")
    reason = page.locator("#deal-form [name=reason]")
    reason.fill("a slip")
    page.keyboard.press("Escape")
    expect(reason).not_to_be_focused()
    expect(reason).to_have_value("a slip")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/deals/{deal}/")
