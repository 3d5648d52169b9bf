"""A consultant declines on her own screen: what the desk and the supervisor see of it, and what the desk does then."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.keyboard import begin, choose, confirm, put_aside, reach, seat, submit, tab_to

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAMES = {"zh": ("司徒初来", "司徒又来"), "en": ("Stella Vane", "Susan Vane")}
WORDS = {
    "zh": {
        "reason": "是我表姐",
        "suspended": "暂停接诊",
        "declined": "拒接",
    },
    "en": {
        "reason": "she is my cousin",
        "suspended": "Suspended",
        "declined": "declined",
    },
}


def decline(room: Page, reason: str) -> None:
    """Decline the next visitor by keyboard."""
    expect(room.locator(".next-visitor")).to_be_visible()
    room.keyboard.press("d")
    expect(room.locator("#id_reason")).to_be_focused()
    room.keyboard.type(reason)
    room.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_declined_visit_goes_on_and_the_consultant_is_passed_over(
    open_house: OpenHouse, sign_in: SignIn, language: Language
) -> None:
    words = WORDS[language]
    name, next_name = NAMES[language]
    house = open_house()
    first, second, third = house.consultants[:3]
    room = sign_in(first.login_name, language=language)
    room.goto("/queue/")
    expect(room.locator("body")).to_have_attribute("data-connection", "live")
    desk = sign_in(house.login_name("reception"), language=language)
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")

    begin(desk, name)
    submit(desk)
    confirm(desk)
    row = desk.locator(f"#visit-{house.visit(name)['id']}")
    expect(row).to_contain_text(first.name)
    expect(room.locator(".next-visitor")).to_contain_text(name)
    assert room.watch.faults(language) == []  # type: ignore[attr-defined]
    decline(room, words["reason"])

    # Without a hand at the desk: the visit is with the next in turn, the turn is lost, she is passed over today.
    expect(row).to_contain_text(second.name)
    expect(desk.locator("#proposal .settled")).to_contain_text(second.name)
    expect(seat(desk, 1).locator(".seat-state")).to_contain_text(words["suspended"])
    expect(seat(desk, 1).locator(".turn-count")).to_have_text("0")
    expect(desk.locator(".board-lines")).to_contain_text(words["declined"])
    expect(desk.locator(".board-lines")).to_contain_text(words["reason"])
    assert desk.watch.faults(language) == []  # type: ignore[attr-defined]
    expect(room.locator(".next-visitor")).to_have_count(0)
    put_aside(desk)

    begin(desk, next_name)
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(third.name)
    confirm(desk)
    visit = house.visit(next_name)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A12", "counted", third.pk)


def test_where_declining_is_forbidden_she_is_refused_in_words_and_the_supervisor_is_told(
    open_house: OpenHouse, sign_in: SignIn
) -> None:
    name, reason = "Sidney Vane", "she is my cousin"
    house = open_house(rules={"decline": "forbidden"}, arrived=[name])
    first, second = house.consultants[:2]
    supervisor = sign_in(house.login_name("consulting_supervisor"), language="en")
    expect(supervisor.locator("body")).to_have_attribute("data-connection", "live")
    room = sign_in(first.login_name, language="en")
    room.goto("/queue/")
    decline(room, reason)
    expect(room.locator("#messages")).to_contain_text(
        "Visits may not be declined here. The consulting supervisor has been told."
    )
    visit = house.visit(name)
    assert (visit["state"], visit["consultant"]) == ("waiting", first.pk)
    troubles = room.watch.taken()  # type: ignore[attr-defined]
    assert [trouble for trouble in troubles if "422" not in trouble] == []
    assert room.watch.faults("en") == []  # type: ignore[attr-defined]

    # The supervisor sees it on whatever page she is, and gives the visit to another with a reason.
    notice = supervisor.locator("#notices .notice")
    expect(notice).to_contain_text("乔安 would decline this visit and may not")
    expect(notice).to_contain_text(reason)
    assert supervisor.watch.faults("en") == []  # type: ignore[attr-defined]
    reach(supervisor, notice.locator("a"), 40)
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#proposal summary")).to_be_visible()
    supervisor.wait_for_load_state("load")
    supervisor.keyboard.press("o")
    expect(supervisor.locator("#override-consultant")).to_be_focused()
    choose(supervisor, "#override-consultant", second.name)
    tab_to(supervisor, "#override-reason")
    supervisor.keyboard.type(reason)
    assert supervisor.watch.faults("en") == []  # type: ignore[attr-defined]
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#proposal .settled")).to_contain_text(second.name)
    expect(notice).to_have_count(0)
    visit = house.visit(name)
    assert (visit["rule"], visit["consultant"]) == ("K9", second.pk)
