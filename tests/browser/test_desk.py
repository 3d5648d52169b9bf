"""The front desk by keyboard: referral, designation, group, correction, undo, a stale proposal, an escalation."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.keyboard import begin, choose, confirm, open_seat, put_aside, reach, seat, submit, tab_to

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def test_referral_designation_and_group(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(known=["卓介绍人"])
    first, _second, busy = house.consultants[:3]
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    desk.keyboard.press("Escape")
    open_seat(desk, 3)
    desk.keyboard.press("Enter")
    expect(seat(desk, 3)).to_contain_text("忙碌")

    begin(desk, "林带新")
    tab_to(desk, "#referrer-text")
    desk.keyboard.type("卓介绍人")
    expect(desk.locator("#referrer-list [role=option]").first).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.locator("#arrival-form input[name=referrer]")).not_to_have_value("")
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(first.name)
    confirm(desk)
    visit = house.visit("林带新")
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A10", "free", first.pk)

    begin(desk, "林点名")
    choose(desk, "#id_designated", busy.name)
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(busy.name)
    desk.keyboard.press("r")
    expect(desk.locator("#proposal-answer")).not_to_contain_text(busy.name)
    confirm(desk)
    visit = house.visit("林点名")
    assert visit["rule"] == "A12"
    assert visit["consultant"] != busy.pk

    lead = f"{visit['number']:03d}"
    for name in ("林同来一", "林同来二"):
        begin(desk, name)
        tab_to(desk, ".arrival-more > summary", 25)
        desk.keyboard.press("Enter")
        choose(desk, "#id_group_lead", lead)
        reach(desk, desk.locator("#arrival-form .form-actions .btn-primary"))
        desk.keyboard.press("Enter")
        expect(desk.locator("#proposal-answer")).to_be_visible()
        confirm(desk)
        member = house.visit(name)
        assert (member["visit_type"], member["rule"], member["consultant"]) == ("other", "A1", None)
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_undo_a_stale_proposal_and_a_change_of_consultant(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    names = {one.pk: one.name for one in house.consultants}
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")

    begin(desk, "周撤销")
    submit(desk)
    confirm(desk)
    desk.keyboard.press("u")
    expect(desk.locator("#proposal-answer")).to_be_visible()
    assert house.visit("周撤销")["state"] == "registered"

    # The board moves while the proposal is on the screen: it is not carried out, the new one is shown.
    house.make("say", places=[4], state="busy")
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .alert-warning")).to_be_visible()
    assert house.visit("周撤销")["consultant"] is None
    confirm(desk)
    before = house.visit("周撤销")
    assert before["consultant"] in names

    put_aside(desk)
    row = desk.locator(f"#visit-{before['id']}")
    row.locator("details.menu > summary").focus()
    desk.keyboard.press("Enter")
    expect(row.locator(".menu-item", has_text="更正")).to_be_visible()
    row.locator(".menu-item", has_text="更正").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".correction-list")).to_be_visible()
    desk.locator(".correction-list button", has_text="更换咨询师").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".correction-effects li").first).to_be_visible()
    tab_to(desk, "#correction-reason")
    desk.keyboard.type("顾客要求更换")
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .settled")).to_be_visible()
    after = house.visit("周撤销")
    assert after["rule"] == "K4"
    assert after["turn"] in ("counted", "make_up")
    assert after["consultant"] in names
    assert after["consultant"] != before["consultant"]
    expect(row).to_contain_text(names[after["consultant"]])
    house.stack.manage("check_ledger")


def test_an_escalation_is_answered_on_another_screen(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    named = house.consultants[0]
    house.make("say", places=[1, 2, 3, 4], state="busy")
    supervisor = sign_in(house.login_name("consulting_supervisor"), language="zh")
    supervisor.goto("/triage/questions/")
    expect(supervisor.locator("body")).to_have_attribute("data-connection", "live")
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    begin(desk, "郑上报")
    submit(desk)
    confirm(desk)
    question = supervisor.locator(".question", has_text="郑上报")
    expect(question).to_be_visible()
    house.make("say", places=[1], state="free")
    button = question.locator(f"button[value='{named.pk}']")
    expect(button).to_contain_text("空闲")
    # The answer comes while the desk is typing something else, and does not take the keyboard away.
    desk.locator("#find").focus()
    button.focus()
    supervisor.keyboard.press("Enter")
    expect(question).to_have_count(0)
    expect(desk.locator("#proposal")).to_contain_text(named.name)
    expect(desk.locator("#find")).to_be_focused()
    visit = house.visit("郑上报")
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A14", "counted", named.pk)


def test_the_keys_of_the_arrival_form_work_in_its_fields_and_a_project_nobody_offers_is_said_so(
    open_house: OpenHouse, sign_in: SignIn
) -> None:
    house = open_house()
    desk = sign_in(house.login_name("reception"), language="zh")
    keys = desk.keyboard
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    begin(desk, "鲜于多栏")
    tab_to(desk, "#projects-text")
    keys.type("zzzz")
    expect(desk.locator("#projects-list")).to_contain_text("没有这个项目")
    keys.press("Enter")
    expect(desk.locator("#projects-list .picker-none")).to_be_visible()
    expect(desk.locator("#projects-text")).to_be_focused()
    keys.press("Escape")
    for key, fold, first in (
        ("Alt+m", ".arrival-more", "#id_birth_on"),
        ("Alt+b", ".arrival-pre-check", "#id_temperature"),
    ):
        keys.press(key)
        expect(desk.locator(f"{fold}[open]")).to_have_count(1)
        expect(desk.locator(first)).to_be_focused()
    keys.press("Alt+b")
    expect(desk.locator(".arrival-pre-check[open]")).to_have_count(0)
    expect(desk.locator(".arrival-pre-check > summary")).to_be_focused()
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]


def test_what_is_made_void_is_said_without_moving_the_page(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    begin(desk, "鲜于作废")
    submit(desk)
    put_aside(desk)
    row = desk.locator(f"#visit-{house.visit('鲜于作废')['id']}")
    row.locator("details.menu > summary").click()
    row.locator("[id^=void-]").fill("登错人")
    before = desk.locator("#find").bounding_box()
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages")).to_contain_text("已作废")
    assert desk.locator("#find").bounding_box() == before
