"""Regions that keep themselves up to date miss no change, however slow an answer is."""

import time

import pytest
from playwright.sync_api import Route, expect

from clinic.roles import Role
from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def test_r10_a_change_while_an_answer_is_on_its_way_is_fetched_again(stack: Stack, sign_in: SignIn) -> None:
    page = sign_in(Role.RECEPTION)
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    page.watch.settle()  # type: ignore[attr-defined]
    asked: list[float] = []

    def answer_late(route: Route) -> None:
        asked.append(time.monotonic())
        answer = route.fetch()
        if len(asked) == 1:
            # Made after the answer was drawn, heard before it arrives.
            stack.make("change_register")
            time.sleep(0.5)
        route.fulfill(response=answer)

    page.route("**/register/panel/**", answer_late)
    stack.make("change_register")
    for _ in range(100):
        if len(asked) > 1:
            break
        page.wait_for_timeout(100)
    assert len(asked) == 2
    page.wait_for_timeout(500)
    assert len(asked) == 2, "it goes on asking"
    page.unroute_all(behavior="ignoreErrors")
    assert page.watch.taken() == []  # type: ignore[attr-defined]


def test_e24_what_a_consultant_has_unfolded_stays_open_when_somebody_comes(
    open_house: OpenHouse, sign_in: SignIn
) -> None:
    house = open_house(arrived=["司马看完"])
    house.make("receive", visit=house.visit("司马看完")["id"])
    page = sign_in(house.consultants[0].login_name)
    page.goto("/queue/")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    summary = page.locator("#done-today > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#done-today table")).to_be_visible()
    house.make("say", places=[2, 3, 4], state="off")
    house.make("arrive", name="司马才来")
    expect(page.locator(".next-visitor")).to_contain_text("司马才来")
    expect(page.locator("#done-today table")).to_be_visible()
    expect(summary).to_be_focused()
    assert page.watch.taken() == []  # type: ignore[attr-defined]
