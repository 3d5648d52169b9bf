"""A consultant calls three visitors who did not buy, by keyboard: a digit says the result, Enter opens the next."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Language, OpenHouse, SignIn, take_picture

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAMES = {
    "zh": ["欧阳未成交", "司徒再考虑", "上官要到院"],
    "en": ["Nora Undecided", "Tess Unanswered", "Cora Comesin"],
}
WORDS = {
    "zh": {"script": "现在方便说话吗", "booked": "请前台为她登记预约"},
    "en": {"script": "is it a good moment?", "booked": "ask the front desk to book her"},
}
TRIES = (
    "select v.name, c.state, t.result, t.notes from followups_ownercalltry t"
    " join followups_ownercall c on c.id = t.call_id join reception_visitor v on v.id = c.visitor_id"
    " where c.branch_id = %s order by t.id"
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_three_cards_by_keyboard(open_house: OpenHouse, sign_in: SignIn, language: Language) -> None:
    words, names = WORDS[language], NAMES[language]
    house = open_house()
    house.make("owe_calls", place=1, names=names)
    page = sign_in(house.consultants[0].login_name, language=language)
    page.goto("/call-backs/own/")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    expect(page.locator("#own-list tbody th")).to_have_text(names)
    expect(page.locator(".rail a[href='/call-backs/own/'] .rail-count")).to_have_text("3")
    assert page.watch.faults(language) == []  # type: ignore[attr-defined]
    take_picture(page, f"own-calls-list-{language}")
    keys = page.keyboard

    keys.press("n")
    expect(page.locator("h1")).to_contain_text(names[0])
    expect(page.locator(".script")).to_contain_text(words["script"])
    keys.press("p")
    expect(page.locator("#phone a[href^='tel:']")).to_be_visible()
    assert page.watch.faults(language) == []  # type: ignore[attr-defined]
    take_picture(page, f"own-calls-card-{language}")
    keys.press("2")
    expect(page.locator("#id_later_on")).to_be_visible()
    keys.press("t")
    keys.type("下月再来")
    keys.press("Tab")
    keys.press("Enter")

    expect(page.locator("h1")).to_contain_text(names[1])
    keys.press("3")
    expect(page.locator("[value=no_answer]")).to_be_checked()
    keys.press("Enter")

    expect(page.locator("h1")).to_contain_text(names[2])
    keys.press("1")
    keys.press("Enter")
    expect(page.locator("#card")).to_contain_text(words["booked"])
    assert page.watch.faults(language) == []  # type: ignore[attr-defined]
    keys.press("n")
    # Who did not answer is called again in the afternoon; nobody else is left.
    expect(page.locator("#own-list tbody th")).to_have_text([names[1]])
    assert house.stack.rows(TRIES, house.branch) == [
        (names[0], "done", "thinks", "下月再来"),
        (names[1], "open", "no_answer", ""),
        (names[2], "done", "comes", ""),
    ]
    supervisor = sign_in(house.login_name("consulting_supervisor"), language=language, width=1024)
    supervisor.goto("/call-backs/own/?tab=no_deal")
    expect(supervisor.locator("#own-list")).to_be_visible()
    assert supervisor.watch.faults(language) == []  # type: ignore[attr-defined]
    take_picture(supervisor, f"own-calls-supervisor-{language}")
