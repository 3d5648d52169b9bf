"""Somebody is not well: her doctor's open screen says so at once. A complaint from the card lets her calls wait."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Language, OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
WORDS = {
    "zh": {
        "name": "淳于发热",
        "unhappy": "濮阳不满",
        "waits": "1 项紧急复核待您答复",
        "left": "剩",
        "advice": "电话指导",
        "answered": "厉医生已答复",
        "told": "已告知顾客",
        "waiting": "待医生答复",
        "paused": "结案前，该顾客的回访暂停",
        "pending": "本投诉结案前暂停",
        "late": "逾期1天",
    },
    "en": {
        "name": "Fern Feverish",
        "unhappy": "Una Unhappy",
        "waits": "1 urgent review waits for you",
        "left": "left",
        "advice": "Advice by telephone",
        "answered": "厉医生 has answered",
        "told": "Visitor told",
        "waiting": "Waits for the doctor",
        "paused": "Her calls wait until complaint",
        "pending": "wait until this complaint is closed",
        "late": "1 day late",
    },
}


def _live(page: Page, path: str) -> Page:
    """Open a page and note that it is not to be loaded again."""
    page.goto(path)
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    page.evaluate("window.unreloaded = true")
    return page


def _unreloaded(page: Page) -> bool:
    return bool(page.evaluate("window.unreloaded === true"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_is_not_well_reaches_the_doctors_open_screen(
    language: Language, open_house: OpenHouse, sign_in_made: SignIn
) -> None:
    words = WORDS[language]
    house = open_house()
    made = house.make("open_calls", name=words["name"])
    doctor = _live(
        sign_in_made(house, made["operating"], language=language, width=768, height=1024), "/department/mine/"
    )
    expect(doctor.locator("#notices .notice")).to_have_count(0)
    plain = doctor.title()

    agent = sign_in_made(house, made["calls"], language=language)
    agent.goto(f"/call-backs/{made['call']}/")
    expect(agent.locator("body")).to_have_attribute("data-connection", "live")
    agent.keyboard.press("Enter")
    expect(agent.locator("#attempt")).to_be_visible()
    agent.wait_for_load_state("load")
    agent.keyboard.press("1")
    agent.keyboard.press("a")
    agent.locator("[name=notes]").fill("发烧三十九度，切口渗液")
    agent.locator("#attempt .btn-primary").click()
    card = agent.locator("#card-reviews")
    expect(card).to_contain_text(words["waiting"])
    expect(agent.locator("body")).to_have_attribute("data-connection", "live")
    agent.evaluate("window.unreloaded = true")

    # The doctor has touched nothing: the notice is there, its clock runs, and the title counts.
    notice = doctor.locator("#notices .notice")
    expect(notice).to_contain_text(words["waits"])
    clock = notice.locator("time[data-until-then]")
    expect(clock).to_contain_text(words["left"])
    shown = clock.inner_text()
    expect(clock).not_to_have_text(shown)
    expect(doctor).to_have_title(f"(1) {plain}")
    assert _unreloaded(doctor)
    assert doctor.watch.faults(language) == []  # type: ignore[attr-defined]
    notice.locator("button").click()
    expect(doctor).to_have_title(plain)
    expect(notice).to_contain_text(words["waits"])

    # She reads what was said, chooses by key and answers.
    notice.locator(".btn-primary").click()
    expect(doctor.locator("main")).to_contain_text("切口渗液")
    expect(doctor.locator("#review-state time[data-until-then]")).to_be_visible()
    assert doctor.watch.faults(language) == []  # type: ignore[attr-defined]
    doctor.keyboard.press("2")
    expect(doctor.locator("[name=come_on]")).to_be_visible()
    doctor.keyboard.press("3")
    expect(doctor.locator("[name=come_on]")).to_be_hidden()
    doctor.locator("[name=note]").fill("先冰敷，今晚再电话随访")
    doctor.locator("#answer .btn-primary").click()
    expect(doctor.locator("#reviews-list")).to_contain_text(words["advice"])
    assert doctor.watch.faults(language) == []  # type: ignore[attr-defined]

    # The agent's open card says what to tell her.
    expect(card).to_contain_text("先冰敷，今晚再电话随访")
    expect(agent.locator("#notices .notice")).to_contain_text(words["answered"])
    assert _unreloaded(agent)
    assert agent.watch.faults(language) == []  # type: ignore[attr-defined]
    agent.keyboard.press("v")
    expect(agent.locator("#card-reviews")).to_contain_text(words["told"])
    expect(agent.locator("#notices .notice")).to_have_count(0)
    rows = house.stack.rows("select concern, settled_note from followups_callback where id = %s", made["call"])
    assert rows[0][0] == "" and "先冰敷" in rows[0][1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_complaint_from_the_card_lets_her_calls_wait(
    language: Language, open_house: OpenHouse, sign_in_made: SignIn
) -> None:
    words = WORDS[language]
    house = open_house()
    made = house.make("open_calls", name=words["unhappy"])
    supervisor = _live(sign_in_made(house, made["call-supervisor"], language=language), "/call-backs/?tab=overdue")
    late = supervisor.locator("#worklist tr", has_text=words["unhappy"])
    expect(late).to_contain_text(words["late"])

    agent = sign_in_made(house, made["calls"], language=language)
    agent.goto(f"/call-backs/{made['call']}/")
    agent.keyboard.press("Enter")
    expect(agent.locator("#attempt")).to_be_visible()
    agent.wait_for_load_state("load")
    for key in ("1", "1", "g"):
        agent.keyboard.press(key)
    agent.locator("#attempt [value=complaint]").click()
    complaint = agent.locator("#open-complaint")
    complaint.locator("[name=text]").fill("效果不满意，要求修复")
    complaint.locator("[name=category][value=effect]").check()
    complaint.locator("[name=level][value=general]").check()
    assert agent.watch.faults(language) == []  # type: ignore[attr-defined]
    complaint.locator(".btn-primary").click()
    expect(agent.locator("#story")).to_contain_text(words["pending"])

    # On the supervisor's open list her call is gone; it stands among what waits, with the number.
    expect(late).to_have_count(0)
    assert _unreloaded(supervisor)
    number, pk = house.stack.rows(
        "select c.number, c.id from complaints_complaint c join reception_visitor v on v.id = c.visitor_id"
        " where v.name = %s and c.branch_id = %s",
        words["unhappy"],
        house.branch,
    )[0]
    waiting = _live(supervisor, "/call-backs/paused/").locator("#paused tr", has_text=words["unhappy"])
    expect(waiting).to_contain_text(number)
    assert supervisor.watch.faults(language) == []  # type: ignore[attr-defined]
    agent.goto(f"/call-backs/{made['late']}/")
    expect(agent.locator("body")).to_have_attribute("data-connection", "live")
    agent.evaluate("window.unreloaded = true")
    expect(agent.locator("#card-reviews")).to_contain_text(words["paused"])
    assert agent.watch.faults(language) == []  # type: ignore[attr-defined]

    # It is closed, and her call is back, late as it is.
    other = sign_in_made(house, made["call-supervisor"], language=language)
    other.goto(f"/complaints/{pk}/")
    other.keyboard.press("Enter")
    decide = other.locator("#decide")
    decide.locator("[name=decision]").fill("免费修复一次")
    decide.locator(".btn-primary").click()
    close = other.locator("#close")
    close.locator("[name=satisfied]").first.check()
    close.locator(".btn-primary").click()
    expect(waiting).to_have_count(0)
    assert _unreloaded(supervisor)
    expect(agent.locator("#card-reviews")).not_to_contain_text(words["paused"])
    supervisor.goto("/call-backs/?tab=overdue")
    expect(late).to_contain_text(words["late"])
    assert other.watch.faults(language) == []  # type: ignore[attr-defined]
