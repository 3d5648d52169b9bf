"""A review with the surgeon in theatre, at the desk of a department: she waits with a time, then agrees to another."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Language, OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAME = {"zh": "司马复查", "en": "Rita Review"}
WORDS = {
    "zh": {"theatre": "进手术室", "told": "已告知", "called": "叫号", "numbing": "敷麻"},
    "en": {
        "theatre": "in theatre since",
        "told": "was told",
        "called": "Called",
        "numbing": "numbing",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_review_with_the_surgeon_in_theatre(language: Language, open_house: OpenHouse, sign_in_made: SignIn) -> None:
    words, name = WORDS[language], NAME[language]
    house = open_house()
    made = house.make("open_department", in_theatre="东方手术", reviews=[name])
    desk = sign_in_made(house, made["clerk"], language=language)
    keys = desk.keyboard
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    room = sign_in_made(house, made["people"][1], language=language, width=768, height=1024)
    room.goto("/department/mine/")
    expect(room.locator("body")).to_have_attribute("data-connection", "live")

    # Taken in by one key, asked about by the next: her surgeon is in theatre.
    expect(desk.locator("#desk-day")).to_contain_text(name)
    keys.press("t")
    waiting = desk.locator(".case", has_text=name)
    expect(waiting).to_contain_text(words["theatre"])
    keys.press("g")
    asked = desk.locator("#desk-asked")
    expect(asked).to_contain_text(words["theatre"])
    expect(asked.locator(".btn-primary")).to_be_focused()
    assert desk.watch.faults(language) == []  # type: ignore[attr-defined]

    # She waits, and is told when.
    keys.press("Enter")
    expect(asked.locator(".settled")).to_be_visible()
    expect(waiting).to_contain_text(words["told"])
    assert house.visit(name)["rule"] == "A1"

    # It takes too long: she agrees to another, who hears of it at once and receives her.
    keys.press("a")
    expect(asked.locator(".settled")).to_contain_text("秦医生")
    expect(waiting).to_contain_text(words["called"])
    mine = room.locator(".case", has_text=name)
    expect(mine).to_be_visible()
    assert room.watch.faults(language) == []  # type: ignore[attr-defined]

    # The numbing time is told on whatever page the desk is, until somebody has seen it.
    desk.goto("/treatments/")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    house.make("nearly_numb", name=name)
    notice = desk.locator(".notice", has_text=words["numbing"])
    expect(notice).to_be_visible()
    notice.locator("button").first.focus()
    keys.press("Enter")
    expect(notice).to_have_count(0)

    desk.goto("/department/")
    mine.locator(".btn-primary").focus()
    room.keyboard.press("Enter")
    expect(desk.locator("[aria-labelledby=inside-title]")).to_contain_text(name)
    # The desk may hear of it before the doctor's own list is drawn anew.
    done = mine.locator("button[hx-post*='/finish/']")
    expect(done).to_be_visible()
    done.focus()
    room.keyboard.press("Enter")
    expect(desk.locator("[aria-labelledby=done-title]")).to_contain_text(name)
    assert house.visit(name)["state"] == "finished"
    for window in (desk, room):
        assert window.watch.faults(language) == []  # type: ignore[attr-defined]
