"""Calls worked by keyboard: ten cards one after the other, three keys each for the commonest result."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Language, OpenHouse, SignIn, take_picture

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NUMBER = 10
FAMILY = {"zh": "尉迟", "en": "申屠"}
WORDS = {
    "zh": {"none": "没有待回访", "inbound": "对方来电"},
    "en": {"none": "Nobody to call", "inbound": "She called"},
}


def opened(page: Page, names: list[str]) -> str:
    """Wait for a card that is to be worked; return whose it is."""
    expect(page.locator("#attempt")).to_be_visible()
    page.wait_for_load_state("load")
    heading = page.locator("h1").inner_text()
    return next(name for name in names if name in heading)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_agent_works_ten_cards_by_keyboard(open_house: OpenHouse, sign_in_made: SignIn, language: Language) -> None:
    names = [f"{FAMILY[language]}{sign}" for sign in "甲乙丙丁戊己庚辛壬癸"]
    house = open_house()
    login_name = house.make("due_calls", names=names)["agents"][0]
    page = sign_in_made(house, login_name, language=language)
    page.goto("/call-backs/")
    expect(page.locator("#worklist tbody tr")).to_have_count(NUMBER)
    page.keyboard.press("n")
    worked: list[str] = []
    for _ in range(NUMBER):
        name = opened(page, names)
        assert name not in worked
        if not worked:
            take_picture(page, f"call-card-{language}")
            assert page.watch.faults(language) == []  # type: ignore[attr-defined]
        worked.append(name)
        card = re.escape(page.url)
        keys = ["1", "g", "Enter"]
        if len(worked) == 2:
            # What is said about the card before does not lie over what saves this one; from a note it is saved, too.
            expect(page.locator("#messages .message-success")).to_be_visible()
            page.locator("#attempt [data-key='Enter']").click(trial=True, timeout=2000)
            keys = ["1", "g", "t", "O", "k", "Control+Enter"]
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(re.compile(f"^(?!{card}$)"))
    assert sorted(worked) == sorted(names)
    expect(page.locator("#worklist")).to_be_visible()
    expect(page.locator("#worklist tbody tr")).to_have_count(0)
    assert house.stack.rows(
        "select result, recovery, direction, count(*) from followups_callattempt a"
        " join followups_callback c on c.id = a.call_back_id where c.branch_id = %s group by 1, 2, 3",
        house.branch,
    ) == [("reached", "normal", "out", NUMBER)]


def test_an_answer_that_warns_makes_the_recovery_abnormal_and_she_calls_back(
    open_house: OpenHouse, sign_in_made: SignIn
) -> None:
    names = ["司徒子", "司徒丑"]
    house = open_house()
    page = sign_in_made(house, house.make("due_calls", names=names)["agents"][0], language="en")
    page.goto("/call-backs/")
    page.wait_for_load_state("load")
    page.keyboard.press("i")
    page.keyboard.type("司徒丑")
    page.keyboard.press("Enter")
    take = page.locator("#callers button", has_text="Take the card")
    expect(take).to_be_focused()
    page.keyboard.press("Enter")
    assert opened(page, names) == "司徒丑"
    expect(page.locator("#attempt")).to_contain_text("She called: it counts as no try.")
    page.keyboard.press("1")
    page.locator(".asked select").first.select_option("8")
    expect(page.locator(".for-warning")).to_be_visible()
    expect(page.locator("[name=recovery][value=abnormal]")).to_be_checked()
    take_picture(page, "call-card-warning")
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    expect(page.locator("#attempt .error-summary")).to_contain_text("An answer is not normal.")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("direction"))
    rows = house.stack.rows(
        "select a.result, a.recovery, a.direction, c.tries from followups_callattempt a"
        " join followups_callback c on c.id = a.call_back_id where c.branch_id = %s",
        house.branch,
    )
    assert rows == [("reached", "abnormal", "in", 0)]


def test_two_agents_never_hold_one_card(open_house: OpenHouse, sign_in_made: SignIn) -> None:
    rounds = 4
    names = [f"长孙{sign}" for sign in "甲乙丙丁戊己庚辛"]
    house = open_house()
    logins = house.make("due_calls", names=names, agents=("客服小周", "客服小吴"))["agents"]
    both = [sign_in_made(house, login, language="en") for login in logins]
    for page in both:
        page.goto("/call-backs/")
        page.wait_for_load_state("load")
    for page in both:
        page.keyboard.press("n")
    seen: list[str] = []
    for turn in range(rounds):
        held = [opened(page, names) for page in both]
        assert len({*seen, *held}) == len(seen) + 2, f"{held} after {seen}"
        seen += held
        if turn == 0:
            # Whoever opens a card in another's hand reads whose it is, and has nothing to fill in.
            mine = both[1].url
            both[1].goto(both[0].url)
            expect(both[1].locator("main")).to_contain_text("客服小周 is calling.")
            expect(both[1].locator("#attempt")).to_have_count(0)
            take_picture(both[1], "call-card-held")
            # She left her own, which freed it; nobody has taken it meanwhile.
            both[1].goto(mine)
            both[1].wait_for_load_state("load")
            both[1].keyboard.press("Enter")
            assert opened(both[1], names) == held[1]
        cards = [re.escape(page.url) for page in both]
        for key in ("1", "g", "Enter"):
            for page in both:
                page.keyboard.press(key)
        for page, card in zip(both, cards, strict=True):
            page.wait_for_url(re.compile(f"^(?!{card}$)"))
    assert sorted(seen) == sorted(names)
    for page in both:
        expect(page.locator("#worklist tbody tr")).to_have_count(0)
        assert page.watch.faults("en") == []  # type: ignore[attr-defined]
    assert house.stack.rows(
        "select s.login_name, count(distinct a.call_back_id), count(*) from followups_callattempt a"
        " join clinic_staff s on s.id = a.staff_id where s.login_name = any(%s) group by 1 order by 1",
        logins,
    ) == [(login, rounds, rounds) for login in sorted(logins)]
