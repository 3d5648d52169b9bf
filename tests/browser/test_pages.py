"""Every page of every role: in both languages and themes, quiet, accessible, whole at 1024."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from clinic.roles import Role
from tests.browser.conftest import Language, SignIn, first_of
from tests.browser.stack import Stack
from tests.test_access_matrix import CLOSED, Address

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

# Other tests open branches of their own.
DEMO = "branch_id = (select id from clinic_branch where code = 'riverside')"
# Where the demo has what a person's pages are about; %s is her id. The newest of what is hers comes first.
OBJECTS = {
    "visit": f"select id from reception_visit where {DEMO} and consultant_id is not null"
    " order by consultant_id = %s desc, id desc",
    "visitor": f"select visitor_id from reception_visit where {DEMO} and consultant_id is not null"
    " order by consultant_id = %s desc, id desc",
    "board": f"select id from triage_board where {DEMO} and id <> -%s order by day desc",
    "consultation": f"select id from consultations_consultation where {DEMO}"
    " order by consultant_id = %s desc, state = 'in_room' desc, id desc",
    "opinion": "select id from consultations_participant where staff_id = %s order by answered_at nulls first, id",
    "owner_hint": f"select id from consultations_ownerhint where {DEMO} and id <> -%s order by id",
    "treatment": "select id from consultations_treatment order by doctor_id = %s desc, treated_on desc",
    "treatment_step": "select id from consultations_treatmentstep where id <> -%s order by id desc",
    "drug_use": "select id from consultations_druguse where id <> -%s order by id desc",
    "treatment_notice": "select id from consultations_treatmentnotice where staff_id = %s order by id",
    "drug": "select id from consultations_drug where id <> -%s order by id",
    "deal": f"select id from consultations_deal where {DEMO} order by made_by_id = %s desc, id desc",
    "payment": "select payment.id from consultations_payment payment join consultations_deal deal"
    f" on deal.id = payment.deal_id where {DEMO} order by deal.made_by_id = %s desc, payment.id desc",
    "level": "select id from clinic_membershiplevel where id <> -%s order by id",
    "call_back": "select id from followups_callback where state = 'open' order by held_by_id = %s desc, call_on",
    "complaint": "select id from complaints_complaint order by responsible_id = %s desc, id desc",
    "staff": "select id from clinic_staff where id <> %s order by id",
    "project": "select id from clinic_project where id <> -%s order by id",
    "department": "select id from clinic_department where id <> -%s order by id",
    "job": "select id from clinic_job where staff_id = %s",
    "log_entry": f"select id from reception_logentry where {DEMO} and id <> -%s order by id desc",
    "slip": "select id from reception_logentry where kind = 'call' and for_staff_id = %s order by id desc",
    "round_item": "select id from reception_rounditem where id <> -%s order by id desc",
    "file_request": f"select id from reception_filerequest where {DEMO} and id <> -%s order by id desc",
    "card": f"select id from reception_intakecard where {DEMO} and id <> -%s order by id desc",
    "invitation": f"select id from reception_intakeinvitation where {DEMO} and id <> -%s order by id desc",
    "kiosk": f"select id from reception_kioskdevice where {DEMO} and id <> -%s order by id desc",
    "appointment": "select id from reception_appointment order by agent_id = %s desc, id",
    "pre_report": "select id from reception_prereport order by agent_id = %s desc, id",
    "message": "select id from clinic_outgoingmessage where id <> -%s order by id",
    "rehearsal": "select id from triage_rehearsal where id <> -%s order by id",
    "case": f"select id from consultations_deskcase where {DEMO} order by staff_id = %s desc, id desc",
    "day": f"select day::text from reception_registersheet where {DEMO} and id <> -%s order by day desc",
    "amendment": f"select id from reception_amendment where {DEMO} and id <> -%s order by id desc",
    "import_batch": f"select id from reception_importbatch where {DEMO} and id <> -%s order by id",
    "display": f"select id from reception_display where {DEMO} and id <> -%s order by id",
    "photograph": "select id from consultations_photograph where removed_at is null order by taken_by_id = %s desc, id",
    "retention_list": f"select id from reception_retentionlist where {DEMO} and id <> -%s order by id",
    "plan_item": f"select item.id from consultations_planitem item join consultations_consultation c"
    f" on c.id = item.consultation_id where c.{DEMO} order by c.consultant_id = %s desc, item.id desc",
    "discount_request": f"select id from consultations_discountrequest where {DEMO}"
    " order by asked_by_id = %s desc, id desc",
    "retention_item": "select item.id from reception_retentionitem item join reception_retentionlist list"
    f" on list.id = item.list_id where {DEMO} and item.id <> -%s order by item.number desc, item.id",
    "hand_over": f"select id from consultations_handover where {DEMO} and undoes_id is null and id <> -%s"
    " order by id desc",
    "priority_list": f"select id from consultations_prioritylist where {DEMO} and id <> -%s order by id desc",
}
COMBINATIONS: list[tuple[Language, str]] = [("en", "light"), ("zh", "dark"), ("en", "dark")]


class Pages:
    """Which addresses are whole pages for a person, with objects of hers."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.found: dict[str, dict[str, str]] = {}
        self.judged: set[str] = set()

    def of(self, login_name: str, page: Page) -> dict[str, str]:
        """Return name → path of every page the person may open; asked once, with her own cookies."""
        if login_name not in self.found:
            self.found[login_name] = dict(self._whole_pages(login_name, page))
        return self.found[login_name]

    def _whole_pages(self, login_name: str, page: Page) -> Iterator[tuple[str, str]]:
        ((pk, role),) = self.stack.rows(
            "select s.id, g.name from clinic_staff s join clinic_staff_groups sg on sg.staff_id = s.id"
            " join auth_group g on g.id = sg.group_id where login_name = %s",
            login_name,
        )
        for address in CLOSED:
            if not address.allows(Role(role)):
                continue
            path = self._path(address, pk)
            if path is None:
                continue
            answer = page.context.request.get(path, max_redirects=0)
            if answer.status == 200 and "text/html" in answer.headers["content-type"] and "<html" in answer.text():
                yield address.name, path

    def _path(self, address: Address, pk: int) -> str | None:
        parts: dict[str, object] = {}
        for part, kind in address.objects.items():
            if kind == "week":
                ((parts["year"], parts["week"]),) = self.stack.rows(
                    "select year, week from complaints_weeklyreport order by 1 desc, 2 desc limit 1"
                )
                continue
            rows = self.stack.rows(f"{OBJECTS[kind]} limit 1", pk)
            if not rows:
                return None
            parts[part] = rows[0][0]
        return reverse(address.name, kwargs=parts)


@pytest.fixture(scope="session")
def pages(stack: Stack) -> Pages:
    """Return what each person can open, asked of the system as it runs."""
    return Pages(stack)


def _looked_at(page: Page, path: str, language: Language, *, accessibility: bool = True) -> list[str]:
    """Open a page and return everything that is wrong with it."""
    page.goto(path)
    found: list[str] = page.watch.faults(language, accessibility=accessibility)  # type: ignore[attr-defined]
    return [f"{urlsplit(path).path}: {trouble}" for trouble in found]


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role(role: Role, sign_in: SignIn, pages: Pages) -> None:
    page = sign_in(role)
    page.watch.settle()  # type: ignore[attr-defined]
    wrong = page.watch.taken()  # type: ignore[attr-defined]
    opened = pages.of(first_of(role), page)
    assert opened
    for name, path in opened.items():
        # The same page for another role is judged by axe once: that is what takes the time.
        wrong += _looked_at(page, path, "zh", accessibility=name not in pages.judged)
        pages.judged.add(name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("language", "theme"), COMBINATIONS)
def test_every_page_in_the_other_language_and_theme(
    language: Language, theme: str, sign_in: SignIn, pages: Pages
) -> None:
    seen: set[str] = set()
    wrong: list[str] = []
    for role in Role:
        page = sign_in(role, language=language, theme=theme)
        for name, path in pages.of(first_of(role), page).items():
            if name not in seen:
                seen.add(name)
                wrong += _looked_at(page, path, language)
        page.context.close()
    assert len(seen) > 20
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sign_in_page(language: Language, stack: Stack, sign_in: SignIn) -> None:
    page = sign_in(Role.RECEPTION, language=language)
    page.context.clear_cookies()
    wrong = _looked_at(page, "/sign-in/", language)
    assert not wrong, "\n".join(wrong)
