"""The second session of a package of injections, by keyboard: the desk, a nurse and the doctor, each at a screen."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.keyboard import reach, tab_to

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAME = {"zh": "司马再针", "en": "Vera Second"}
WORDS = {
    "zh": {
        "session": "第 2/3 次",
        "missing": "前还缺",
        "numbing": "敷麻",
        "inside": "治疗中",
        "unseen": "离院前须由",
        "seen": "已于",
        "watched": "已观察",
        "home": "已离院",
        "third": "第 3/3 次",
    },
    "en": {
        "session": "session 2 of 3",
        "missing": "Missing before",
        "numbing": "numbing",
        "inside": "Being treated",
        "unseen": "has to see the result",
        "seen": "saw the result",
        "watched": "Observed",
        "home": "Discharged",
        "third": "session 3 of 3",
    },
}


def press(page: Page, key: str) -> None:
    """Press a key of the page from where no field takes it."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_second_session_of_a_package(language: Language, open_house: OpenHouse, sign_in_made: SignIn) -> None:
    words, name = WORDS[language], NAME[language]
    house = open_house()
    made = house.make("open_injections", name=name, bought_days_ago=90)
    page = f"/treatments/{made['treatment']}/"
    desk = sign_in_made(house, made["clerk"], language=language)
    desk.goto("/department/")
    nurse = sign_in_made(house, made["nurse"], language=language, width=768, height=1024)
    nurse.goto(page)
    doctor = sign_in_made(house, made["doctor"], language=language)
    doctor.goto(page)
    for window in (desk, nurse, doctor):
        expect(window.locator("body")).to_have_attribute("data-connection", "live")
    work = nurse.locator("#treatment-work")
    expect(work).to_contain_text(words["session"])
    expect(work).to_contain_text(words["missing"])

    # One key at the desk: she waits there, and has arrived for the treatment.
    expect(desk.locator("#desk-day")).to_contain_text(name)
    press(desk, "t")
    expect(desk.locator(".case", has_text=name)).to_be_visible()
    expect(work.locator(".way-now")).to_contain_text("注射分诊台")

    # What is missing is signed, numbing cream put on; the desk sees it run.
    papers = nurse.locator("#papers")
    for _form in range(papers.locator("summary[data-key=g]").count()):
        before = papers.locator("summary[data-key=g]").count()
        note = papers.locator("details[open] [name=note]")
        # A panel that is being drawn anew does not hear the key: whoever sees nothing open presses it again.
        for _try in range(3):
            if not note.count():
                press(nurse, "g")
                nurse.wait_for_timeout(700)
        expect(note).to_be_focused()
        nurse.keyboard.press("Enter")
        expect(papers.locator("summary[data-key=g]")).to_have_count(before - 1)
    expect(work.locator(".missing")).to_have_count(0)
    press(nurse, "7")
    reach(nurse, work.locator("[name=minutes][value='20']"))
    nurse.keyboard.press("Enter")
    expect(work).to_contain_text(words["numbing"])
    expect(desk.locator(".case", has_text=name)).to_contain_text(words["numbing"])
    assert nurse.watch.faults(language) == []  # type: ignore[attr-defined]

    # In she goes: her doctor is busy at the desk from then.
    press(nurse, "n")
    expect(work.locator("#stage-room")).to_be_visible()
    press(nurse, "n")
    # The cream has not worked long enough: she is asked, and says that they begin all the same.
    expect(nurse.locator("#confirm-dialog")).to_be_visible()
    nurse.keyboard.press("Enter")
    expect(work.locator(".way-now")).to_contain_text(words["inside"])
    inside = desk.locator("[aria-labelledby=inside-title]")
    expect(inside).to_contain_text("沈医生")

    # A dose for each site; drug and batch stay.
    expect(doctor.locator("#drug-form")).to_be_visible()
    tab_to(doctor, "#drug_drug", 90)
    doctor.keyboard.press("ArrowDown")
    tab_to(doctor, "#drug_batch")
    doctor.keyboard.type("C3709")
    tab_to(doctor, "#drug_dose")
    for place, (dose, site) in enumerate((("25", "咬肌左"), ("25", "咬肌右")), start=1):
        reach(doctor, doctor.locator("#drug_dose"), 40, "Tab" if place == 1 else "Shift+Tab")
        doctor.keyboard.type(dose)
        tab_to(doctor, "#drug_site")
        doctor.keyboard.type(site)
        doctor.keyboard.press("Enter")
        expect(doctor.locator("[aria-labelledby=drugs-title] tbody tr")).to_have_count(place)
        expect(doctor.locator("#drug_batch")).to_have_value("C3709")
    assert doctor.watch.faults(language) == []  # type: ignore[attr-defined]

    # Done: the desk has the doctor back. Nobody goes home before the doctor has seen the result.
    press(doctor, "n")
    expect(desk.locator("[aria-labelledby=done-title]")).to_contain_text(name)
    expect(inside).to_have_count(0)
    expect(work).to_contain_text(words["unseen"])
    press(doctor, "r")
    expect(work).to_contain_text(words["seen"])

    # The next session is filed with its date.
    tab_to(nurse, "#next_next_visit_on", 90)
    later = (timezone.now() + timedelta(days=90)).date()
    nurse.locator("#next_next_visit_on").fill(later.isoformat())
    tab_to(nurse, "#next_file_session")
    nurse.keyboard.press("Space")
    tab_to(nurse, "form:has(#next_file_session) .btn")
    version = doctor.locator("#treatment-version").input_value()
    nurse.keyboard.press("Enter")
    expect(work).to_contain_text(words["third"])
    # The doctor goes on from what the nurse has written: before it is on his screen, his key would be refused as stale.
    expect(doctor.locator("#treatment-version")).not_to_have_value(version)

    stage = doctor.locator("#treatment-work h2").first
    for word in ("watched", "home"):
        press(doctor, "n")
        expect(stage).to_contain_text(words[word])
    assert house.stack.rows(
        "select session, state, stage from consultations_treatment where visitor_id = %s order by session",
        made["treated"],
    ) == [(1, "done", "discharged"), (2, "done", "discharged"), (3, "planned", "ordered")]
    for window in (desk, nurse, doctor):
        assert window.watch.faults(language) == []  # type: ignore[attr-defined]
