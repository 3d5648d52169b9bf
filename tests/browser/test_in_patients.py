"""An in-patient by keyboard: admitted from her treatment's page, asked at her bed, discharged; the list follows."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.keyboard import reach, tab_to

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAME = "上官住院"


def test_admitted_and_discharged_by_keyboard(open_house: OpenHouse, sign_in_made: SignIn) -> None:
    house = open_house()
    made = house.make("open_injections", name=NAME, bought_days_ago=60)
    doctor = sign_in_made(house, made["doctor"])
    doctor.goto("/stays/")
    nurse = sign_in_made(house, made["nurse"], width=768, height=1024)
    nurse.goto(f"/treatments/{made['treatment']}/")
    for window in (doctor, nurse):
        expect(window.locator("body")).to_have_attribute("data-connection", "live")
    expect(doctor.locator("#stays")).not_to_contain_text(NAME)

    nurse.keyboard.press("w")
    expect(nurse.locator("#id_ward")).to_be_visible()
    tab_to(nurse, "#id_ward", 60)
    nurse.keyboard.type("3病区")
    tab_to(nurse, "#id_bed")
    nurse.keyboard.type("12")
    nurse.keyboard.press("Enter")
    work = nurse.locator("#stay-work")
    expect(work).to_contain_text("在院")
    expect(doctor.locator("#stays tbody tr")).to_contain_text([NAME])
    expect(nurse.locator("body")).to_have_attribute("data-connection", "live")

    # A finger hits a mark anywhere, and it is that mark.
    hit = """mark => { mark.scrollIntoView({block: "center"}); const box = mark.getBoundingClientRect();
        return document.elementFromPoint(box.left + 6, box.top + box.height / 2) === mark }"""
    assert nurse.locator("label[for=doctor-5]").evaluate(hit)

    # Five questions by arrow keys, then her signature.
    reach(nurse, nurse.locator("#doctor-5"), 80)
    for _question in range(5):
        nurse.keyboard.press("Space")
        nurse.keyboard.press("Tab")
    nurse.keyboard.type("护士很细心")
    tab_to(nurse, "#said_signed")
    nurse.keyboard.press("Space")
    nurse.keyboard.press("Enter")
    expect(work).to_contain_text("当面")
    expect(work).to_contain_text("5/5")
    expect(work).to_contain_text("护士很细心")

    nurse.evaluate("document.activeElement.blur()")
    nurse.keyboard.press("e")
    expect(nurse.locator("#ending")).to_be_focused()
    tab_to(nurse, "#discharge")
    nurse.keyboard.press("Enter")
    expect(work).to_contain_text("已出院")
    expect(doctor.locator("#stays")).not_to_contain_text(NAME)
    doctor.keyboard.press("3")
    expect(doctor.locator("#stays tbody")).to_contain_text(NAME)
    for window in (doctor, nurse):
        overflow = window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, "the page is wider than the window"
