"""What a desk supervisor may do with a reason, by keyboard, and that a consultant sees it and may not do it (R5)."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.keyboard import begin, choose, reach, seat, submit, tab_to

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAME, WHY, WHY_ORDER = "皇甫指定", "顾客只会说英语", "晨会调整"


def test_r5_an_override_and_another_order_with_their_reasons(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(arrived=["皇甫先来"])
    third = house.consultants[2]
    room = sign_in(house.consultants[0].login_name, language="en")
    room.goto(f"/triage/boards/{house.board}/")
    expect(room.locator("body")).to_have_attribute("data-connection", "live")
    expect(room.locator(".seats tbody tr")).to_have_count(4)
    page = sign_in(house.login_name("desk_supervisor"), language="zh")
    keys = page.keyboard
    expect(page.locator("body")).to_have_attribute("data-connection", "live")

    begin(page, NAME)
    submit(page)
    keys.press("o")
    choose(page, "#override-consultant", third.name)
    tab_to(page, "#override-reason")
    keys.type(WHY)
    assert page.watch.faults("zh") == []  # type: ignore[attr-defined]
    keys.press("Enter")
    expect(page.locator("#proposal .settled")).to_contain_text(third.name)
    visit = house.visit(NAME)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("K9", "counted", third.pk)
    expect(page.locator(".board-lines")).to_contain_text(WHY)
    expect(room.locator("#board-log")).to_contain_text(WHY)
    # The rotation was not asked: it is still the second one's turn.
    expect(seat(page, 2).locator(".pointer")).to_have_count(1)

    reach(page, page.locator(".board-panel h2 a"), 60)
    keys.press("Enter")
    page.wait_for_url(f"**/triage/boards/{house.board}/")
    reach(page, page.locator("details.reorder:has(.order-list) > summary"), 60)
    keys.press("Enter")
    for colleague, place in zip(house.consultants, (4, 3, 1, 2), strict=True):
        tab_to(page, f"#place-{colleague.pk}")
        keys.type(str(place))
    tab_to(page, "#order-reason")
    keys.type(WHY_ORDER)
    assert page.watch.faults("zh") == []  # type: ignore[attr-defined]
    keys.press("Enter")
    new = [house.consultants[place] for place in (2, 3, 1, 0)]
    for window in (page, room):
        for place, colleague in enumerate(new, start=1):
            expect(seat(window, place)).to_contain_text(colleague.name)
        expect(window.locator("#board-log")).to_contain_text(WHY_ORDER)
        # It is her turn still, in her new place.
        expect(seat(window, 3).locator(".pointer")).to_have_count(1)
    assert page.watch.faults("zh") == []  # type: ignore[attr-defined]
    assert room.watch.faults("en") == []  # type: ignore[attr-defined]

    assert room.locator(".seat-button, .reorder, form[action*='/boards/']").count() == 0
    token = room.evaluate("() => JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    for address in ("seat-state", "check-in", "order", "close", "reopen"):
        answer = room.request.post(
            f"/triage/boards/{house.board}/{address}/", headers={"X-CSRFToken": token, "Referer": room.url}
        )
        assert answer.status == 403, address
    house.stack.manage("check_ledger")
