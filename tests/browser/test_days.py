"""The register by keyboard: void and entered again; a day closed by four people in four windows; an amendment."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn, take_picture
from tests.browser.house import House
from tests.browser.keyboard import begin, reach, submit, tab_to

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def press(page: Page, selector: str) -> None:
    """Reach a button by Tab and press it."""
    page.locator("#main").focus()
    tab_to(page, selector, 60)
    page.keyboard.press("Enter")


def agree(page: Page) -> None:
    """Say yes to what is asked once more."""
    expect(page.locator("#confirm-dialog button[value=yes]")).to_be_focused()
    page.keyboard.press("Enter")


def visits(house: House) -> list[tuple[object, ...]]:
    return house.stack.rows(
        "select v.number, v.state, v.void_reason, r.number from reception_visit v"
        " left join reception_visit r on r.id = v.replaces_id where v.branch_id = %s order by v.number",
        house.branch,
    )


def test_a_wrong_entry_is_made_void_and_entered_again(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    desk = sign_in(house.login_name("reception"), language="en")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    begin(desk, "钱录错")
    tab_to(desk, "#projects-text")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    tab_to(desk, "#id_note")
    desk.keyboard.type("怕疼")
    submit(desk)
    desk.keyboard.press("Escape")
    row = desk.locator("#register tbody tr").first
    row.locator("details.menu > summary").focus()
    desk.keyboard.press("Enter")
    reach(desk, row.locator("input[name=reason]"))
    desk.keyboard.type("项目点错了")
    desk.keyboard.press("Enter")
    again = desk.locator("#messages a")
    expect(again).to_be_focused()
    expect(row).to_contain_text("项目点错了")
    desk.keyboard.press("Enter")
    expect(desk.locator("#arrival-form #id_note")).to_have_value("怕疼")
    expect(desk.locator("#arrival-form .picker-chips .chip")).to_have_count(1)
    submit(desk)
    assert visits(house) == [(1, "void", "项目点错了", None), (2, "registered", "", 1)]
    expect(desk.locator("#register tbody tr").nth(1)).to_contain_text("→ 002")
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_a_day_is_closed_by_four_people_and_amended_by_three_others(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    day = house.make("yesterday", names=["曾小满", "O'Brien <b>", "欧"])["day"]
    signers = {
        "consultants": house.consultants[0].login_name,
        "phone": house.login_name("agent"),
        "desk": house.login_name("desk_supervisor"),
        "marketing": house.login_name("manager"),
    }
    windows = {party: sign_in(login_name, language="en") for party, login_name in signers.items()}
    supervisor = windows["desk"]
    for party, page in windows.items():
        page.goto(f"/register/days/{day}/")
        expect(page.locator("body")).to_have_attribute("data-connection", "live")
        expect(page.locator(f"#sign-{party}")).to_be_visible()
    expect(windows["consultants"].locator("#day")).not_to_contain_text("曾小满")
    for party in ("consultants", "phone"):
        press(windows[party], f"#sign-{party}")
        expect(windows[party].locator("#messages")).to_contain_text("Signed for")
    expect(supervisor.locator(".party .state-free")).to_have_count(2)

    # Something changes after two have signed: both signatures are outdated, and it is said what differs.
    house.make("note", name="曾小满", text="companion")
    expect(supervisor.locator(".party-differs")).to_have_count(2)
    expect(supervisor.locator(".party-differs").first).to_contain_text("Companion")
    for party, page in windows.items():
        press(page, f"#sign-{party}")
        expect(page.locator("#messages")).to_contain_text("Signed for")
    expect(supervisor.locator("#close-day")).to_be_visible()
    press(supervisor, "#close-day")
    agree(supervisor)
    expect(supervisor.locator("#messages")).to_contain_text("The day is closed")
    for page in windows.values():
        expect(page.locator("#day")).to_contain_text("Register closed")
    take_picture(supervisor, "day-closed")

    author = sign_in(house.login_name("reception"), language="en")
    author.goto(f"/register/?day={day}")
    author.locator("#filter_q").fill("欧")
    author.locator("#filter_q").press("Enter")
    expect(author.locator("#register-sheet tbody tr")).to_have_count(1)
    author.locator("[id^=amend-]").focus()
    author.keyboard.press("Enter")
    tab_to(author, "#id_note", 40)
    author.keyboard.type("代朋友取资料")
    tab_to(author, "#id_reason", 40)
    author.keyboard.type("当天漏记")
    reach(author, author.locator("#main form .btn-primary"), 10)
    author.keyboard.press("Enter")
    expect(author.locator("#main")).to_contain_text("two others approve it")
    expect(author.locator("#approve-supervisor, #approve-head")).to_have_count(0)
    path = author.url
    supervisor.goto(path)
    press(supervisor, "#approve-supervisor")
    expect(supervisor.locator("#messages")).to_contain_text("The other approval is missing")
    expect(supervisor.locator("#approve-head")).to_have_count(0)
    head = sign_in(house.login_name("consulting_supervisor"), language="en")
    expect(head.locator("#notices")).to_contain_text("1 amendment waits for you")
    head.goto(path)
    press(head, "#approve-head")
    expect(head.locator("#messages")).to_contain_text("is amended")
    assert house.stack.rows(
        "select note from reception_visit v join reception_visitor p on p.id = v.visitor_id"
        " where p.name = '欧' and v.branch_id = %s",
        house.branch,
    ) == [("代朋友取资料",)]
    for page in (*windows.values(), author, head):
        assert page.watch.taken() == []  # type: ignore[attr-defined]
