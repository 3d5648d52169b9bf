"""Somebody who comes again is found by her initials, her card is scanned, and two records of one person are merged."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.house import House
from tests.browser.keyboard import confirm, reach, submit

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def record(house: House, name: str) -> tuple[int, str]:
    """Return the number and the file number of somebody on file."""
    ((pk, file_number),) = house.stack.rows("select id, file_number from reception_visitor where name = %s", name)
    return int(pk), str(file_number)


def press(page: Page, selector: str) -> None:
    """Go to a button or link with the keyboard and press it."""
    reach(page, page.locator(selector), 60)
    page.keyboard.press("Enter")


def test_who_comes_again_is_found_by_initials_and_registered_by_keyboard_alone(
    open_house: OpenHouse, sign_in: SignIn
) -> None:
    house = open_house(known=["濮阳缇娜"])
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    desk.keyboard.press("/")
    expect(desk.locator("#find")).to_be_focused()
    desk.keyboard.type("pytn")
    expect(desk.locator("#find-list [role=option]").first).to_contain_text("濮阳缇娜")
    desk.keyboard.press("Enter")
    expect(desk.locator("#arrival-form h2")).to_have_text("濮阳缇娜")
    submit(desk)
    confirm(desk)
    visit = house.visit("濮阳缇娜")
    assert (visit["number"], visit["visit_type"], visit["consultant"]) == (1, "return", house.consultants[0].pk)
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_a_card_is_scanned_and_scanned_again(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(known=["澹台绮玉"])
    _pk, file_number = record(house, "澹台绮玉")
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    box = desk.locator("#find")

    def scan(code: str) -> None:
        # A scanner types at once and ends with Enter, before any answer can be there.
        box.focus()
        desk.keyboard.insert_text(code)
        desk.keyboard.press("Enter")

    scan(f"FD1:{file_number}")
    expect(desk.locator("#arrival-form h2")).to_have_text("澹台绮玉")
    desk.keyboard.press("Escape")
    expect(desk.locator("#arrival-form")).to_have_count(0)

    # Nobody has put the cursor into the box: what is scanned goes there all the same, and presses none of the keys.
    box.blur()
    expect(desk.locator("body")).to_be_focused()
    desk.keyboard.type(f"FD1:{file_number}")
    desk.keyboard.press("Enter")
    expect(desk.locator("#arrival-form h2")).to_have_text("澹台绮玉")
    submit(desk)
    confirm(desk)
    visit = house.visit("澹台绮玉")

    desk.keyboard.press("Escape")
    scan(f"ＦＤ１：{file_number}")
    expect(desk.locator("#arrival .used")).to_contain_text("001 澹台绮玉")
    expect(desk.locator("#arrival .used")).to_contain_text("望江院区")
    expect(box).to_have_value("")
    desk.goto(f"/visits/{visit['id']}/slip/")
    code = desk.locator(".slip-text").inner_text()
    desk.goto("/desk/")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    scan(code)
    expect(desk.locator("#arrival .used")).to_contain_text("001 澹台绮玉")
    expect(box).to_have_value("")
    scan("FD1:F99999999")
    expect(desk.locator("#found-none")).to_be_visible()
    expect(desk.locator("#arrival-form")).to_have_count(0)
    assert house.visit("澹台绮玉")["id"] == visit["id"]
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_two_records_are_merged_after_a_preview_and_the_merging_is_taken_back(
    open_house: OpenHouse, sign_in: SignIn
) -> None:
    house = open_house(known=["屈合衣", "屈合依"])
    (first, _number), (second, file_number) = record(house, "屈合衣"), record(house, "屈合依")
    page = sign_in(house.login_name("desk_supervisor"), language="zh")
    page.goto(f"/visitors/{first}/merge/")
    expect(page.locator("#merge-search")).to_be_focused()
    page.keyboard.type("屈合依")
    page.keyboard.press("Enter")
    press(page, f"#look-at-{second}")
    expect(page.locator(".merge-table")).to_contain_text("屈合依")
    reach(page, page.locator("[name=keep_name][value=survivor]"), 60)
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=keep_name][value=other]")).to_be_checked()
    press(page, "#merge-now")
    expect(page.locator("h1")).to_contain_text("屈合依")
    expect(page.locator(".merged")).to_contain_text(file_number)

    # The other's page leads to her and says so; both names find her, and it is said why.
    page.goto(f"/visitors/{second}/")
    expect(page).to_have_url(f"{house.stack.url}/visitors/{first}/")
    expect(page.locator("#messages")).to_contain_text(file_number)
    desk = sign_in(house.login_name("reception"), language="zh")
    desk.locator("#find").focus()
    desk.keyboard.type("屈合依")
    expect(desk.locator("#find-list [role=option]")).to_have_count(2)
    expect(desk.locator(f"#found-{first}")).to_contain_text("屈合依")

    press(page, f"#take-back-{second}")
    expect(page.locator("h1")).to_contain_text("屈合衣")
    expect(page.locator(".merged")).to_have_count(0)
    page.goto(f"/visitors/{second}/")
    expect(page.locator("h1")).to_contain_text("屈合依")
    assert page.watch.taken() == []  # type: ignore[attr-defined]
    assert desk.watch.taken() == []  # type: ignore[attr-defined]
