"""Rows that share a key, a key that is held, a series of photographs: what is meant for one goes to that one alone."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
VIEWS = "select view, stage from consultations_photograph where visitor_id = %s order by id"


def live(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    return page


def posted(page: Page) -> list[str]:
    """Return a list that grows by the address of every form the page sends from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url.partition("/department/")[2] or request.url)

    page.on("request", note)
    return sent


def test_a_discount_is_approved_in_the_row_somebody_stands_in(open_house: OpenHouse, sign_in: SignIn) -> None:
    names = ["Dora Discount", "Della Discount"]
    house = open_house(arrived=names)
    asked = house.make("ask_discounts", names=names)
    manager = live(sign_in(house.login_name("manager"), language="en"), "/discounts/")
    keys = manager.keyboard
    # The latest request stands first.
    second, first = (manager.locator(f"#discount-{asked[name]}") for name in names)
    # Refusing is thought of and thought better of, in the second row.
    second.locator("summary").focus()
    keys.press("r")
    expect(second.locator("input, textarea").last).to_be_focused()
    keys.press("Escape")
    keys.press("a")
    expect(second).to_have_count(0)
    expect(first).to_be_visible()
    state = house.stack.rows("select state from consultations_discountrequest where id = %s", asked[names[1]])
    assert state == [("waiting",)]
    # From elsewhere the key leads to a row, however long it is held, and only then approves.
    manager.evaluate("document.activeElement.blur()")
    sent = posted(manager)
    for _time in range(3):
        keys.down("a")
    expect(first.locator("[id^=approve-]")).to_be_focused()
    keys.up("a")
    assert sent == []
    keys.press("a")
    expect(first).to_have_count(0)
    assert manager.watch.faults("en") == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", ["t", "Enter"])
def test_a_held_key_takes_in_one_visitor(key: str, open_house: OpenHouse, sign_in_made: SignIn) -> None:
    house = open_house()
    names = [f"Hilda Held {key}", f"Heidi Held {key}"]
    made = house.make("open_department", in_theatre=f"Theda Theatre {key}", reviews=names)
    desk = live(sign_in_made(house, made["clerk"], language="en"), "/department/")
    waiting = desk.locator("[aria-labelledby=waiting-title] .case")
    expected = desk.locator("[aria-labelledby=expected-title] .case")
    expect(expected).to_have_count(2)
    sent = posted(desk)
    if key == "Enter":
        expected.first.locator("[id^=take-in-]").focus()
    desk.keyboard.down(key)
    expect(waiting).to_have_count(1)
    for _time in range(3):
        desk.keyboard.down(key)
    desk.keyboard.up(key)
    expect(expected).to_have_count(1)
    assert sent == ["take-in/"]
    assert desk.watch.faults("en") == []  # type: ignore[attr-defined]


def test_each_photograph_of_a_series_keeps_its_view(
    open_house: OpenHouse, sign_in_made: SignIn, tmp_path: Path
) -> None:
    house = open_house()
    made = house.make("open_injections", name="Serena Series", bought_days_ago=90)
    page = sign_in_made(house, made["nurse"], language="en")
    # A tablet: it offers its camera.
    page.add_init_script(
        "const asked = window.matchMedia;"
        "window.matchMedia = (query) => query === '(pointer: coarse)' ? { matches: true } : asked.call(window, query);"
    )
    live(page, f"/consultations/visitors/{made['treated']}/photographs/")
    files = []
    for place in range(6):
        files.append(tmp_path / f"{place}.jpg")
        Image.new("RGB", (64, 48), (40 * place, 90, 120)).save(files[-1])
    page.locator("[name=view][value=series]").check()
    told = page.locator("#photographs-outcomes .photographs-told")

    # The second of three does not go through, and is sent once more alone.
    tries: list[int] = []

    def lose_the_second(route: Route) -> None:
        tries.append(1)
        if len(tries) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/photographs/add/", lose_the_second)
    page.locator("#id_pictures").set_input_files(files[:3])
    page.locator("#photographs-form .btn-primary").click()
    expect(told).to_have_count(3)
    expect(page.locator("#id_pictures")).to_be_focused()
    page.locator("#photographs-form .btn-primary").click()
    expect(told).to_have_count(1)
    kept = [("front", "before"), ("right", "before"), ("left", "before")]
    assert house.stack.rows(VIEWS, made["treated"]) == kept

    # The camera gives one picture at a time; another stage begins the series anew.
    for place, stage in enumerate(("before", "before", "after")):
        page.locator(f"[name=stage][value={stage}]").check()
        page.locator("#id_camera").set_input_files(files[place + 3])
        kept.append((("front", "left", "front")[place], stage))
        expect(page.locator("#photographs [data-shot]")).to_have_count(len(kept))
    assert house.stack.rows(VIEWS, made["treated"]) == kept
