"""The pages of the register's days."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Branch, Department, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    Amendment,
    DayClose,
    Party,
    Visit,
)
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitorFactory
from tests.reception.days.scenes import (
    BEFORE,
    EVENING,
    TODAY,
    YESTERDAY,
    approve,
    finished,
    propose,
    sign,
)

pytestmark = pytest.mark.usefixtures("now")


def test_four_people_sign_on_their_screens_and_the_supervisor_closes(
    people: dict[Party, Staff], client_as: MakeClient, branch: Branch
) -> None:
    finished(people[Party.CONSULTANTS])
    page = reverse("reception:day", args=[YESTERDAY])
    for party, staff in people.items():
        client = client_as(staff)
        shown = client.get(page)
        assert [state.party for state, _lines in shown.context["verify"]] == [party]
        sent = {"party": party.value, "seen": shown.context["state"].hash}
        assert client.post(reverse("reception:day_sign", args=[YESTERDAY]), sent).status_code == 302
        again = client.post(reverse("reception:day_sign", args=[YESTERDAY]), sent)
        assert again.status_code == 409, "somebody who presses twice hears so"
    desk = client_as(people[Party.DESK])
    assert client_as(people[Party.PHONE]).post(reverse("reception:day_close", args=[YESTERDAY])).status_code == 403
    assert desk.post(reverse("reception:day_close", args=[YESTERDAY])).status_code == 302
    assert "Register closed" in desk.get(page).content.decode()
    rows = desk.get(reverse("reception:days")).context["rows"]
    assert [(row.day, row.closing is not None) for row in rows] == [(YESTERDAY, True)]


def test_who_may_not_read_the_register_verifies_with_masked_names(client_as: MakeClient, staff_with: MakeStaff) -> None:
    me, other = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    finished(me, visitor=VisitorFactory(name="曾小满"))
    finished(other, visitor=VisitorFactory(name="欧阳小雪"), note="秘密")
    page = client_as(me).get(reverse("reception:day", args=[YESTERDAY])).content.decode()
    assert "曾小满" in page
    assert "欧阳小雪" not in page and "欧*" in page and "秘密" not in page


def test_what_differs_is_told_without_what_she_may_not_read(
    branch: Branch, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    me, other = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    mine, hers = finished(me, note="我的"), finished(other, visitor=VisitorFactory(name="欧阳小雪"), note="秘密")
    sign(branch, YESTERDAY, Party.CONSULTANTS, me)
    Visit.objects.filter(pk=mine.pk).update(note="改了我的")
    Visit.objects.filter(pk=hers.pk).update(note="改了秘密")
    page = client_as(me).get(reverse("reception:day", args=[YESTERDAY])).content.decode()
    assert "2 differences" in page
    assert "<s>我的</s> → 改了我的" in page
    assert "秘密" not in page and "欧阳小雪" not in page


def test_a_closed_day_shows_its_sheet_as_it_was_last_amended_page_by_page(
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    client_as: MakeClient,
    staff_with: MakeStaff,
) -> None:
    author = staff_with(Role.RECEPTION)
    first, *_others = [finished(note=f"备注{number}") for number in range(1, 52)]
    page = reverse("reception:day", args=[YESTERDAY])
    desk = client_as(people[Party.DESK])
    assert "sheet-title" not in desk.get(page).content.decode()
    closed()
    finished(note="后来")
    amendment = propose(first, consulting, author, note="更正后")
    approve(amendment, "supervisor", people[Party.DESK])
    assert consulting.head is not None
    approve(amendment, "head", consulting.head)
    lines = [line.says["note"] for line in desk.get(page).context["page"]]
    assert (len(lines), lines[0], lines[1]) == (50, "更正后", "备注2")
    shown = desk.get(page, {"page": 2})
    assert [line.says["note"] for line in shown.context["page"]] == ["备注51"]
    assert f'hx-get="{page}?page=2"' in shown.content.decode()
    assert "备注2" not in client_as(people[Party.CONSULTANTS]).get(page).content.decode()


@pytest.mark.parametrize("day", ["x", "2026-02-31", "2026-03-12", "0001-01-01", "2026-3-1x"])
def test_a_day_that_is_none_is_not_there(client_as: MakeClient, day: str) -> None:
    desk = client_as(Role.DESK_SUPERVISOR)
    for name in ("day", "day_print", "day_export"):
        assert desk.get(reverse(f"reception:{name}", args=[day])).status_code == 404


def test_another_branch_has_days_and_amendments_of_its_own(
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
    other_branch: Branch,
    client_as: MakeClient,
) -> None:
    visit = finished()
    closed()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION))
    theirs = client_as(staff_with(Role.DESK_SUPERVISOR, branch=other_branch))
    assert theirs.get(reverse("reception:day", args=[YESTERDAY])).context["state"].rows == []
    assert theirs.get(reverse("reception:days")).context["rows"] == []
    for address in (
        reverse("reception:amendment", args=[amendment.pk]),
        reverse("reception:amendment_new", args=[visit.pk]),
    ):
        assert theirs.get(address).status_code == 404
    assert theirs.post(reverse("reception:approve_as_supervisor", args=[amendment.pk])).status_code == 404


def test_an_amendment_goes_over_three_screens(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, client_as: MakeClient
) -> None:
    visit = finished(note="旧备注")
    closed()
    desk = client_as(Role.RECEPTION)
    address = reverse("reception:amendment_new", args=[visit.pk])
    form = desk.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "make_void"}
    sent |= {"note": "新备注", "reason": "", "department": consulting.pk}
    wrong = desk.post(address, sent)
    assert wrong.status_code == 422 and "新备注" in wrong.content.decode(), "what was typed is kept"
    sent["reason"] = "录错"
    assert desk.post(address, sent).status_code == desk.post(address, sent).status_code == 302
    other = desk.post(address, sent | {"note": "又一个备注"})
    assert other.status_code == 409 and "already proposed" in other.content.decode()
    assert str(other.context["form"]["request_key"].value()) != str(sent["request_key"])
    amendment = Amendment.objects.get()
    page = reverse("reception:amendment", args=[amendment.pk])
    assert "two others approve it" in desk.get(page).content.decode()
    assert desk.post(reverse("reception:approve_as_supervisor", args=[amendment.pk])).status_code == 422
    supervisor, head = client_as(people[Party.DESK]), client_as(consulting.head)
    assert "1 amendment waits for you" in head.get(reverse("reception:day_notice")).content.decode()
    supervisor.post(reverse("reception:approve_as_supervisor", args=[amendment.pk]))
    assert supervisor.post(reverse("reception:approve_as_head", args=[amendment.pk])).status_code == 422
    head.post(reverse("reception:approve_as_head", args=[amendment.pk]))
    visit.refresh_from_db()
    assert visit.note == "新备注"
    assert "sheet version 2" in desk.get(page).content.decode()
    assert "录错" in desk.get(reverse("reception:day_print", args=[YESTERDAY])).content.decode()


def test_times_and_another_visitor_are_proposed_on_the_form(
    closed: Callable[..., DayClose], consulting: Department, people: dict[Party, Staff], client_as: MakeClient
) -> None:
    visit, right = finished(people[Party.CONSULTANTS]), VisitorFactory(name="欧阳小雪")
    closed()
    desk = client_as(Role.RECEPTION)
    address = reverse("reception:amendment_new", args=[visit.pk])
    form = desk.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields if name != "make_void"}
    assert (sent["arrived_at"], sent["entered_at"], sent["finished_at"], "left_at" in sent) == (
        "10:30", "10:35", "10:36", False,
    )  # fmt: skip
    sent |= {"reason": "登错人，时间也错", "department": consulting.pk}
    assert "Nobody has this file number" in desk.post(address, sent | {"visitor": "X1"}).content.decode()
    assert "These times cannot be" in desk.post(address, sent | {"entered_at": "10:20"}).content.decode()
    assert desk.post(address, sent | {"entered_at": "soon"}).status_code == 422
    assert not Amendment.objects.exists()
    answer = desk.post(address, sent | {"arrived_at": "10:10", "visitor": f" {right.file_number.lower()}"}, follow=True)
    page = answer.content.decode()
    assert "<s>10:30</s>" in page and "10:10" in page and f"欧阳小雪 {right.file_number}" in page
    assert set(Amendment.objects.get().after) == {"arrived_at", "visitor", "state", "void_reason"}


def test_a_head_without_the_register_reads_what_touches_her_department_and_no_more(
    branch: Branch,
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
    client_as: MakeClient,
) -> None:
    mine, other = finished(), finished()
    closed()
    doctor = staff_with(Role.DOCTOR)
    surgery = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    surgery.head = doctor
    surgery.save()
    author = staff_with(Role.RECEPTION)
    hers, theirs = propose(mine, surgery, author), propose(other, consulting, author)
    client = client_as(doctor)
    assert [one.pk for one, _changes, _waits in client.get(reverse("reception:amendments")).context["rows"]] == [
        hers.pk
    ]
    assert client.get(reverse("reception:amendment", args=[theirs.pk])).status_code == 404


def test_the_list_of_days_tells_whose_signature_is_outdated_and_who_came_after_the_closing(
    branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose], client_as: MakeClient
) -> None:
    visit, desk = finished(), client_as(people[Party.DESK])

    def told() -> tuple[str, list[bool]]:
        answer = desk.get(reverse("reception:days"))
        (row,) = answer.context["rows"]
        return answer.content.decode(), [valid for _party, signature, valid in row.signed if signature]

    sign(branch, YESTERDAY, Party.DESK, people[Party.DESK])
    page, valid = told()
    assert valid == [True] and "Changed since" not in page
    Visit.objects.filter(pk=visit.pk).update(note="改了")
    page, valid = told()
    assert valid == [False] and "Changed since" in page
    closed()
    page, valid = told()
    assert valid == [True] * 4 and "after closing" not in page
    finished()
    page, valid = told()
    assert valid == [False] * 4 and "1 registered after closing" in page
    day = reverse("reception:day", args=[YESTERDAY])
    shown = desk.get(day).content.decode()
    assert "1 registered after closing, signed by nobody" in shown and 'id="sign-desk"' in shown
    printed = desk.get(reverse("reception:day_print", args=[YESTERDAY])).content.decode()
    assert "1 registered after closing, signed by nobody" in printed and "Up to No. 001" in printed
    closed()
    page, valid = told()
    assert valid == [True] * 4 and "after closing" not in page


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_of_days_asks_the_same_for_one_day_with_changes_and_for_many(
    rows: int, branch: Branch, people: dict[Party, Staff], closed: Callable[..., DayClose], client_as: MakeClient
) -> None:
    for back in range(rows):
        for _late in range(2):
            finished(at=BEFORE - timedelta(days=back))
            if not _late:
                closed(YESTERDAY - timedelta(days=back))
    finished(at=MORNING)
    sign(branch, TODAY, Party.DESK, people[Party.DESK])
    desk = client_as(people[Party.DESK])
    desk.get(reverse("reception:days"))
    with CaptureQueriesContext(connection) as queries:
        desk.get(reverse("reception:days"))
    assert len(queries) == 15


@pytest.mark.parametrize("rows", [1, 50])
def test_the_pages_of_a_day_ask_the_same_at_one_row_and_at_fifty(
    rows: int,
    branch: Branch,
    people: dict[Party, Staff],
    consulting: Department,
    client_as: MakeClient,
    staff_with: MakeStaff,
) -> None:
    consultant = staff_with(Role.CONSULTANT)
    projects = ProjectFactory.create_batch(2)
    for _place in range(rows):
        finished(consultant, projects=projects)
    for party, staff in people.items():
        sign(branch, YESTERDAY, party, staff)
    services.close_day(branch=branch, day=YESTERDAY, staff=people[Party.DESK], now=EVENING)
    author = staff_with(Role.RECEPTION)
    for visit in Visit.objects.all():
        propose(visit, consulting, author)
    for _place in range(rows):
        services.record_interference(person=consultant, kind="other", note="x", staff=people[Party.DESK], now=BEFORE)
    desk = client_as(people[Party.DESK])
    at = [YESTERDAY]
    expected = {
        "register": 10,
        "days": 11,
        "day": 11,
        "day_print": 10,
        "amendments": 5,
        "interference": 5,
        "day_count": 6,
    }
    asked = {}
    for name in expected:
        args = at if name in ("day", "day_print") else None
        address = reverse(f"reception:{name}", args=args) + ("?day=2026-03-10" if name == "register" else "")
        desk.get(address)
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        asked[name] = len(queries)
    assert asked == expected
