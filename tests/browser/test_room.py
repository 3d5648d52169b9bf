"""A busy consultant's day by keyboard: what she presses is seen at the desk, by the doctor, by the next consultant."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.keyboard import reach, seat, tab_to

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAMES = {"zh": ("司马早来", "司马晚来"), "en": ("Edith Marsh", "Olive Marsh")}
WORDS = {
    "zh": {
        "in_room": "在咨询室",
        "finished": "结束",
        "question": "鼻中隔能一起做吗？",
        "opinion": "可以同期做，先拍片。",
        "price": "价格",
        "waits": "已邀请",
        "first": "首诊",
        "wish": "想换一位有经验的",
    },
    "en": {
        "in_room": "In the room",
        "finished": "Finished",
        "question": "Can the septum be done with it?",
        "opinion": "Yes, at the same time; a scan first.",
        "price": "Price",
        "waits": "Asked",
        "first": "had her first",
        "wish": "wants somebody with more years",
    },
}


def live(page: Page, path: str = "") -> Page:
    """Go to a page, and wait until it hears what happens elsewhere."""
    if path:
        page.goto(path)
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    return page


def receive(room: Page) -> None:
    """Accept the next visitor and let her in."""
    expect(room.locator(".next-visitor")).to_be_visible()
    room.keyboard.press("a")
    room.wait_for_url("**/consultations/*/")
    room.wait_for_load_state("load")
    room.keyboard.press("e")
    expect(room.locator("#work-state [data-key=f]")).to_be_visible()


def faultless(*pages: tuple[Page, Language]) -> None:
    for page, language in pages:
        assert page.watch.faults(language) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_consultants_day_by_keyboard(open_house: OpenHouse, sign_in: SignIn, language: Language) -> None:
    words = WORDS[language]
    name, late = NAMES[language]
    house = open_house(arrived=[name, late])
    first, second, third = house.consultants[:3]
    desk = live(sign_in(house.login_name("reception"), language=language))
    doctor = live(sign_in(house.login_name("doctor"), language=language), "/queue/")
    room = live(sign_in(first.login_name, language=language), "/queue/")
    keys = room.keyboard
    row = desk.locator(f"#visit-{house.visit(name)['id']}")
    receive(room)
    expect(row).to_contain_text(words["in_room"])

    # A second opinion: asked in the room, announced to the doctor, answered on her own screen.
    keys.press("s")
    expect(room.locator("#ask_doctor")).to_be_focused()
    keys.press("ArrowDown")
    tab_to(room, "#ask_question")
    keys.type(words["question"])
    keys.press("Enter")
    expect(room.locator("#participants")).to_contain_text(words["waits"])
    expect(doctor.locator(".asked")).to_contain_text(words["question"])
    doctor.keyboard.press("p")
    doctor.wait_for_url("**/opinions/*/")
    doctor.wait_for_load_state("load")
    tab_to(doctor, "#id_opinion", 60)
    doctor.keyboard.type(words["opinion"])
    reach(doctor, doctor.locator("form[data-guarded] .btn-primary"))
    faultless((doctor, language))
    doctor.keyboard.press("Enter")
    doctor.wait_for_url("**/queue/")
    expect(doctor.locator(".asked")).to_have_count(0)
    expect(room.locator("#participants")).to_contain_text(words["opinion"])

    # A panel; who had the visitor first is marked.
    keys.press("p")
    members = room.locator("#panel_members input")
    expect(members.first).to_be_visible()
    reach(room, members.first)
    keys.press("Space")
    reach(room, room.locator("#panel_question"), 40)
    keys.press("Enter")
    expect(room.locator("#participants")).to_contain_text(words["first"])

    # What is typed and not sent outlives the outcome that is recorded beside it.
    keys.press("d")
    tab_to(room, "#id_lines-0-amount")
    keys.type("6800")
    # On a button the keys of the page are free.
    keys.press("Tab")
    keys.press("n")
    expect(room.locator("#no_deal_reason")).to_be_focused()
    keys.type(words["price"])
    faultless((room, language))
    keys.press("Enter")
    expect(room.locator("#outcome")).to_contain_text(words["price"])
    expect(room.locator("#id_lines-0-amount")).to_have_value("6800")

    # She finishes all the same: what stands unsaved is asked about first.
    keys.press("f")
    expect(room.locator("#confirm-dialog")).to_be_visible()
    keys.press("Enter")
    room.wait_for_url("**/queue/")
    expect(row).to_contain_text(words["finished"])

    # Free in five minutes, as the desk's board has it at once.
    live(room)
    keys.press("1")
    expect(seat(desk, 1)).to_contain_text("~5′")

    # Another visitor wants another consultant: the effects are read before they happen, then the next one has her.
    other = live(sign_in(second.login_name, language=language), "/queue/")
    waits = live(sign_in(third.login_name, language=language), "/queue/")
    receive(other)
    other.keyboard.press("6")
    expect(other.locator("#another_consultant")).to_be_focused()
    tab_to(other, "#another_reason")
    other.keyboard.type(words["wish"])
    other.keyboard.press("Enter")
    effects = other.locator("#change-another .change-effects")
    expect(effects).to_contain_text(third.name)
    expect(other.locator("#change-another .btn-primary")).to_be_focused()
    faultless((other, language))
    other.keyboard.press("Enter")
    other.wait_for_url("**/queue/")
    expect(waits.locator(".next-visitor")).to_contain_text(late)
    expect(desk.locator(f"#visit-{house.visit(late)['id']}")).to_contain_text(third.name)
    visit = house.visit(late)
    assert (visit["rule"], visit["turn"], visit["consultant"], visit["state"]) == ("K4", "counted", third.pk, "waiting")
    faultless((waits, language), (desk, language))


def test_two_forms_sent_at_once_are_both_carried_out(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(arrived=["司马双单"])
    room = live(sign_in(house.consultants[0].login_name, language="zh"), "/queue/")
    receive(room)
    room.keyboard.press("d")
    deal = room.locator("#deal-form")
    deal.locator("[name=kind][value=paid]").check()
    deal.locator("[name=lines-0-project]").select_option(index=1)
    deal.locator("[name=lines-0-amount]").fill("12,800")
    room.locator("summary[data-key=t]").click()
    treatment = room.locator("#treatment-form")
    treatment.locator("[name=project]").select_option(index=1)
    treatment.locator("[name=doctor]").select_option(index=1)
    treatment.locator("[name=treated_on]").fill((timezone.now() + timedelta(days=3)).date().isoformat())
    room.evaluate(
        "document.querySelectorAll('#deal-form .btn-primary, #treatment-form .btn-primary')"
        ".forEach((button) => button.click())"
    )
    expect(room.locator("#outcome .deal-amount")).to_contain_text("12,800")
    expect(room.locator("#treatments-filed tbody tr")).to_have_count(1)
    expect(room.locator("form[data-typed]")).to_have_count(0)
    faultless((room, "zh"))


def test_a_form_sent_behind_refreshes_that_are_no_news_any_more_is_carried_out(
    open_house: OpenHouse, sign_in: SignIn
) -> None:
    house = open_house(arrived=["司马排队"])
    room = live(sign_in(house.consultants[0].login_name, language="zh"), "/queue/")
    receive(room)
    head = room.locator("#work-state").get_attribute("hx-trigger") or ""
    news = head.split(" ")[0]

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            # Screens hear of other things while the answer is on its way: each asks for the head of the page.
            for _time in range(3):
                room.evaluate("name => htmx.trigger(document.body, name)", news)
                room.wait_for_timeout(200)
        route.continue_()

    room.route("**/deal/", slowly)
    for number in range(2):
        room.locator("details[data-kept=deal] > summary").click()
        deal = room.locator("#deal-form")
        deal.locator("[name=kind][value=paid]").check()
        deal.locator("[name=lines-0-project]").select_option(index=1 + number)
        deal.locator("[name=lines-0-amount]").fill("12,800")
        if number:
            room.locator("summary[data-key=t]").click()
            treatment = room.locator("#treatment-form")
            treatment.locator("[name=project]").select_option(index=1)
            treatment.locator("[name=doctor]").select_option(index=1)
            treatment.locator("[name=treated_on]").fill((timezone.now() + timedelta(days=3)).date().isoformat())
        room.evaluate(
            "document.querySelectorAll('#deal-form .btn-primary, #treatment-form .btn-primary')"
            ".forEach((button) => button.click())"
        )
        expect(room.locator("#outcome .deal-amount")).to_have_count(1 + number)
    expect(room.locator("#treatments-filed tbody tr")).to_have_count(1)
    faultless((room, "zh"))
