"""A leaver's three hundred visitors: shared out among three, one moved by hand, and taken back."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn, take_picture
from tests.browser.keyboard import reach

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

OWNERS = (
    "select s.display_name, count(*) from reception_visitor v join clinic_staff s on s.id = v.owner_id"
    " where v.registered_in_id = %s group by 1 order by 1"
)


def test_three_hundred_go_to_three_one_by_hand_and_come_back(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    made = house.make("leave", place=4, visitors=300)
    leaver, (first, second, third) = house.consultants[3], house.consultants[:3]
    hers = sign_in(first.login_name, language="zh")
    supervisor = sign_in(house.login_name("consulting_supervisor"), language="zh")
    supervisor.goto("/hand-overs/")
    row = supervisor.locator("tr", has_text=leaver.name)
    expect(row).to_contain_text("已离职")
    reach(supervisor, row.locator("a.btn"), most=60)
    supervisor.keyboard.press("Enter")
    supervisor.wait_for_url(f"**/hand-overs/people/{made['leaver']}/")

    for colleague in (first, second, third):
        supervisor.locator(f"input[name=to][value='{colleague.pk}']").focus()
        supervisor.keyboard.press("Space")
    supervisor.locator("input[name=rule][value=standing]").focus()
    supervisor.keyboard.press("Space")
    supervisor.keyboard.press("v")
    gets = supervisor.locator("[data-gets]")
    expect(gets).to_have_text(["100", "100", "100"])
    assert supervisor.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(supervisor, "hand-over-preview")
    assert house.stack.rows(OWNERS, house.branch) == [(leaver.name, 300)]

    # One is moved by hand: whom she goes to is looked up, and the others are shared out around her.
    supervisor.locator("#hand-over-q").fill("顾客007")
    supervisor.locator("button[value=show]").click()
    tick = supervisor.locator("input[name=moved]")
    expect(tick).to_have_count(1)
    tick.focus()
    supervisor.keyboard.press("Space")
    supervisor.locator("#move-to").select_option(str(third.pk))
    supervisor.locator("button[value=move]").click()
    expect(supervisor.locator("tr", has_text="顾客007")).to_contain_text("手工指定")
    expect(gets).to_have_text(["100", "100", "100"])

    supervisor.locator("#id_reason").fill("柳青离职")
    carry_out = supervisor.locator("button[value=carry_out]")
    carry_out.focus()
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#confirm-dialog")).to_contain_text("300")
    supervisor.locator("#confirm-dialog [value=yes]").focus()
    supervisor.keyboard.press("Enter")
    supervisor.wait_for_url(lambda url: "/people/" not in url)
    expect(supervisor.locator("#messages")).to_contain_text("已交接柳青的300位顾客")
    assert house.stack.rows(OWNERS, house.branch) == sorted((one.name, 100) for one in (first, second, third))
    moved = house.stack.rows(
        "select s.display_name from reception_visitor v join clinic_staff s on s.id = v.owner_id"
        " where v.registered_in_id = %s and v.name = '顾客007'",
        house.branch,
    )
    assert moved == [(third.name,)]
    assert supervisor.watch.faults("zh") == []  # type: ignore[attr-defined]

    # The new owner hears of it where she is, and puts the notice away.
    notice = hers.locator("#notices .notice", has_text="已交接给您")
    expect(notice).to_contain_text("100")
    notice.locator("button").click()
    expect(notice).to_have_count(0)

    supervisor.locator("#id_reason").fill("交错人了")
    supervisor.locator("form[action*=take-back] [data-confirm]").click()
    supervisor.locator("#confirm-dialog [value=yes]").click()
    expect(supervisor.locator("#messages")).to_contain_text("已收回300位顾客")
    expect(supervisor.locator("form[action*=take-back]")).to_have_count(0)
    assert house.stack.rows(OWNERS, house.branch) == [(leaver.name, 300)]
    assert supervisor.watch.faults("zh") == []  # type: ignore[attr-defined]
