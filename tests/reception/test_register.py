"""The register of a day as a page: looked through, put in order, printed and taken out as a spreadsheet."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from clinic.models import AuditEntry, Branch
from clinic.roles import Role
from reception import services
from reception.infections import Answers
from reception.models import Visit
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory, make_clerk
from tests.reception.scenes import HTMX, text_of

pytestmark = pytest.mark.usefixtures("now")
TODAY = date(2026, 3, 11)


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.DESK_SUPERVISOR)


@pytest.fixture
def clerk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


def numbers(client: Client, **asked: Any) -> list[int]:
    return [row.visit.number for row in client.post(reverse("reception:register"), asked).context["rows"]]


def test_the_register_is_looked_through_and_put_in_order(desk: Client, staff_with: MakeStaff) -> None:
    first, second = staff_with(Role.CONSULTANT, name_key="a"), staff_with(Role.CONSULTANT, name_key="b")
    VisitFactory(consultant=second, visitor=VisitorFactory(name="曾小满"))
    VisitFactory(consultant=first, visitor=VisitorFactory(name="O'Brien <b>"))
    VisitFactory(visitor=VisitorFactory(name="欧"))
    quick = VisitFactory(consultant=first)
    for visit, minutes in ((Visit.objects.get(number=1), 25), (quick, 5)):
        services.record_progress(visit=visit, state="left", now=MORNING + timedelta(minutes=minutes))
    assert numbers(desk) == [4, 3, 2, 1]
    assert numbers(desk, q="小满") == [1]
    assert numbers(desk, q="o'brien <") == [2]
    assert 3 in numbers(desk, q="3")
    assert 4 not in numbers(desk, q="003")
    assert numbers(desk, q="9" * 30) == []
    assert numbers(desk, consultant=first.pk) == [4, 2]
    assert numbers(desk, group="done") == [4, 1]
    assert numbers(desk, type="first") == [4, 2, 1]
    assert numbers(desk, sort="waited") == [1, 4, 3, 2]
    assert numbers(desk, sort="consultant") == [2, 4, 1, 3]
    assert numbers(desk, sort="first", group="waiting") == [2, 3]
    assert numbers(desk, sort="x", type="x", consultant="x", group="x", page="x") == [4, 3, 2, 1]
    page = desk.post(reverse("reception:register"), {"q": "nobody"}).content.decode()
    assert "No visit fits" in page


def test_every_time_of_a_visit_stands_in_its_row(desk: Client, staff_with: MakeStaff) -> None:
    visit = VisitFactory(consultant=staff_with(Role.CONSULTANT))
    for minutes, state in ((3, "accepted"), (11, "in_room"), (50, "finished")):
        services.record_progress(visit=visit, state=state, now=MORNING + timedelta(minutes=minutes))
    page = desk.get(reverse("reception:register")).content.decode()
    for said in ("10:30", "10:33", "10:41", "11:20", "11′"):
        assert said in page
    assert desk.get(reverse("reception:register_sheet")).content.decode().strip().startswith("<section")


def exported(client: Client, **sent: Any) -> list[list[Any]]:
    answer = client.post(reverse("reception:day_export", args=[TODAY]), {"why": "月度核对"} | sent)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="register-main-2026-03-11.xlsx"'
    file = BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


def test_s11_what_was_typed_is_text_in_the_spreadsheet(desk: Client) -> None:
    nasty = [
        "=1+1",
        "@SUM(A1)",
        "+cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "曾\u202e小满",
        "http://x.example",
        "😀",
    ]
    for note in nasty:
        VisitFactory(note=note, visitor=VisitorFactory(name="=HYPERLINK(1)"))
    head, *rows = exported(desk)
    at = {one: head.index(one) for one in ("Note", "Name", "Phone")}
    assert [row[at["Note"]] for row in rows] == [one.replace("\u202e", "") for one in nasty]
    assert {row[at["Name"]] for row in rows} == {"=HYPERLINK(1)"}
    assert all("****" in row[at["Phone"]] for row in rows)
    assert rows[0][head.index("Arrived")].strftime("%H:%M") == "10:30"


def test_e25_an_export_is_asked_for_once_and_recorded(desk: Client, client_as: MakeClient) -> None:
    VisitFactory(visitor=VisitorFactory(phone="13800138000"))
    address = reverse("reception:day_export", args=[TODAY])
    assert "What for?" in desk.get(address).content.decode()
    assert desk.post(address, {"why": " "}).status_code == 422
    assert not AuditEntry.objects.filter(action="reception.export_register").exists()
    head, row = exported(desk)
    assert row[head.index("Phone")] == "138****8000"
    head, row = exported(desk, phones="on")
    assert row[head.index("Phone")] == "+86 138 0013 8000"
    entries = AuditEntry.objects.filter(action="reception.export_register").order_by("pk")
    assert [entry.detail["whole_phones"] for entry in entries] == [False, True]
    assert {entry.detail["why"] for entry in entries} == {"月度核对"}
    head, row = exported(client_as(Role.AUDITOR), phones="on")
    assert row[head.index("Phone")] == "138****8000", "who may not see a phone does not get it in a file"
    assert client_as(Role.CONSULTANT).get(address).status_code == 403


def test_an_empty_day_is_exported_and_printed(desk: Client, now: datetime) -> None:
    assert len(exported(desk)) == 1
    assert "Nobody came on this day" in desk.get(reverse("reception:day_print", args=[TODAY])).content.decode()


def test_the_printed_sheet_has_every_entry_and_four_places_to_sign(desk: Client) -> None:
    void = VisitFactory(visitor=VisitorFactory(name="O'Brien <b>"))
    services.void_visit(visit=void, reason="登记错人", staff=desk.staff, now=MORNING)  # type: ignore[attr-defined]
    VisitFactory.create_batch(60)
    page = desk.get(reverse("reception:day_print", args=[TODAY])).content.decode()
    assert page.count('<td class="num">0') == 61, "all on one sheet, not a page of them"
    assert page.count('class="signature"') == 4
    assert "O&#x27;Brien &lt;b&gt;" in page and "登记错人" in page
    assert 'class="void"' in page


def test_who_is_set_apart_does_not_wait_and_has_a_tab_of_her_own(desk: Client) -> None:
    waiting, apart, over = VisitFactory.create_batch(3)
    assert 'id="register-apart"' not in desk.get(reverse("reception:register_panel")).content.decode()
    staff = desk.staff  # type: ignore[attr-defined]
    for visit in (apart, over):
        services.record_pre_check(visit=visit, answers=Answers(contact=True), staff=staff, now=MORNING)
    services.record_progress(visit=over, state="left", now=MORNING + timedelta(minutes=5))
    panel = desk.get(reverse("reception:register_panel"))
    assert {tab["group"]: tab["count"] for tab in panel.context["tabs"]} == {
        "": 3,
        "waiting": 1,
        "apart": 1,
        "in_room": 0,
        "done": 1,
    }
    assert "Set apart" in panel.content.decode()
    page = desk.get(reverse("reception:register"))
    assert (page.context["counts"]["waiting"], page.context["counts"]["apart"]) == (1, 1)
    for group, number in (("waiting", waiting.number), ("apart", apart.number), ("done", over.number)):
        assert numbers(desk, group=group) == [number]
        rows = desk.get(reverse("reception:register_panel"), {"group": group}).context["rows"]
        assert [row.visit.number for row in rows] == [number]
        assert [row.waiting_since is not None for row in rows] == [group == "waiting"]
    services.end_isolation(visit=apart, reason="体温正常", staff=staff, now=MORNING)
    assert numbers(desk, group="waiting") == [2, 1]
    empty = desk.get(reverse("reception:register_panel"), {"group": "apart"})
    assert "No visit in this state" in empty.content.decode()


def test_who_needs_no_consultant_does_not_wait_for_one(desk: Client) -> None:
    VisitFactory()
    review = VisitFactory()
    Visit.objects.filter(pk=review.pk).update(visit_type="review", rule="A1")
    panel = desk.get(reverse("reception:register_panel"), {"group": "nobody"})
    counts = {tab["group"]: tab["count"] for tab in panel.context["tabs"]}
    assert counts == {"": 2, "waiting": 1, "nobody": 1, "in_room": 0, "done": 0}
    assert [(row.visit, row.waiting_since) for row in panel.context["rows"]] == [(review, None)]


def test_the_register_shows_every_visit_with_its_state(clerk: Client, staff_with: MakeStaff) -> None:
    consultant = staff_with(Role.CONSULTANT, display_name="周琳")
    VisitFactory(consultant=consultant, projects=[ProjectFactory(name_en="Nose")])
    VisitFactory()
    response = clerk.get(reverse("reception:register_panel"))
    page = text_of(response)
    assert "周琳" in page
    assert "Nose" in page
    assert "data-since" in page
    assert [row.visit.number for row in response.context["rows"]] == [2, 1]
    counts = {tab["group"]: tab["count"] for tab in response.context["tabs"]}
    assert counts == {"": 2, "waiting": 2, "in_room": 0, "done": 0}


def test_the_register_is_filtered_by_state_and_day_and_paged(clerk: Client, branch: Branch, now: datetime) -> None:
    VisitFactory.create_batch(51)
    gone = Visit.objects.get(number=7)
    services.record_progress(visit=gone, state="left", now=now)
    VisitFactory(visitor=gone.visitor, now=now - timedelta(days=3))
    panel = reverse("reception:register_panel")
    assert len(clerk.get(panel).context["rows"]) == 50
    assert [row.visit.number for row in clerk.get(panel, {"page": 2}).context["rows"]] == [1]
    assert [row.visit for row in clerk.get(panel, {"group": "done"}).context["rows"]] == [gone]
    past = clerk.get(panel, {"day": "2026-03-08"})
    assert len(past.context["rows"]) == 1
    assert "live-register" not in text_of(past)
    for odd in ({"day": "x"}, {"day": "2999-01-01"}, {"day": "2026-02-31"}, {"group": "x", "page": "x"}):
        assert clerk.get(panel, odd).context["is_today"]


def test_another_branch_has_a_register_of_its_own(
    clerk: Client, other_branch: Branch, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    visit = VisitFactory(branch=other_branch, staff=make_clerk(other_branch))
    assert clerk.get(reverse("reception:register_panel")).context["rows"] == []
    answer = clerk.post(reverse("reception:visit_void", args=[visit.pk]), {"reason": "x"})
    assert answer.status_code == 404
    theirs = client_as(staff_with(Role.RECEPTION, branch=other_branch))
    assert len(theirs.get(reverse("reception:register_panel")).context["rows"]) == 1


def test_a_wrong_entry_is_made_void_with_its_reason(clerk: Client) -> None:
    visit = VisitFactory()
    void = reverse("reception:visit_void", args=[visit.pk])
    for reason, says in (("", "Say why"), ("\x00", "Say why"), ("太" * 201, "At most 200 characters; this has 201")):
        refused = clerk.post(void, {"reason": reason}, headers=HTMX)
        assert refused.status_code == 422 and says in text_of(refused)
    response = clerk.post(void, {"reason": "登记错人"}, headers=HTMX)
    assert "Enter again" in text_of(response)
    page = text_of(clerk.get(reverse("reception:register_panel")))
    assert "登记错人" in page
    assert clerk.post(void, {"reason": "again"}, headers=HTMX).status_code == 409
