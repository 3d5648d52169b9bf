"""The pages of appointments and pre-reports, as agents and the desk use them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch
from clinic.roles import Role
from reception import services
from reception.models import Appointment, PreReport, SlotCapacity, Visit
from tests.conftest import MakeClient, MakeStaff
from tests.factories.appointments import TOMORROW, book, pre_report
from tests.factories.reception import ProjectFactory, VisitorFactory, make_clerk

HTMX = {"HX-Request": "true"}
HOSTILE = ("曾", "O'Brien <b>", "苏" * 50)

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


@pytest.fixture
def agent(client_as: MakeClient) -> Client:
    return client_as(Role.PHONE_AGENT)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def booking(**changes: Any) -> dict[str, Any]:
    return {
        "booked_text": "苏晚",
        "phone": "139 1111 2222",
        "projects": "",
        "day": TOMORROW.isoformat(),
        "starts": "10:00",
        "request_key": str(uuid4()),
    } | changes


def send(client: Client, **changes: Any) -> Any:
    return client.post(reverse("reception:booking_create"), booking(**changes), headers=HTMX)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_appointment_is_booked_and_stands_in_the_calendar(desk: Client, name: str) -> None:
    project = ProjectFactory()
    answer = send(desk, booked_text=name, projects=str(project.pk), note="<i>怕疼</i>")
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "appointments-changed"
    made = Appointment.objects.get()
    assert (made.name, str(made.phone), made.group) == (name, "+8613911112222", "surgery")
    page = text_of(desk.get(reverse("reception:calendar"), {"day": TOMORROW.isoformat()}))
    assert f'id="slip-{made.pk}"' in page
    assert "<b>" not in page.replace("<b>1</b>", "")
    assert "13911112222" not in page
    assert "139****2222" in text_of(desk.get(reverse("reception:appointment", args=[made.pk]), headers=HTMX))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"booked_text": "苏" * 51}, "At most 50 characters; this has 51"),
        ({"booked_text": " "}, "Say who it is"),
        ({"phone": "12"}, "too short"),
        ({"day": ""}, "required"),
        ({"day": "9999-12-31"}, "Check the year"),
        ({"starts": "10:07"}, "not one of the available choices"),
        ({"starts": "09:00", "day": "2026-03-10"}, "This time is over"),
        ({"projects": "999"}, "not offered any more"),
    ],
)
def test_a_wrong_form_comes_back_as_typed_with_the_reason(desk: Client, wrong: dict[str, str], said: str) -> None:
    answer = send(desk, **{"note": "带闺蜜"} | wrong)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "带闺蜜" in text_of(answer)
    assert not Appointment.objects.exists()


def test_the_second_clerk_is_offered_the_next_times_and_a_supervisor_a_reason(
    desk: Client, client_as: MakeClient, branch: Branch
) -> None:
    for number in range(4):
        book(branch, name=f"占位{number}")
    answer = send(desk)
    assert answer.status_code == 409
    assert 'data-take-time="10:30"' in text_of(answer)
    assert "overbook_reason" not in text_of(answer)
    supervisor = client_as(Role.DESK_SUPERVISOR)
    assert "overbook_reason" in text_of(send(supervisor))
    assert send(supervisor, overbook_reason="院长同意").status_code == 200


def test_sent_twice_it_is_booked_once(desk: Client) -> None:
    key = str(uuid4())
    assert [send(desk, request_key=key).status_code for _ in range(2)] == [200, 200]
    assert send(desk, request_key=key, starts="11:00").status_code == 409
    assert Appointment.objects.count() == 1


def test_an_agent_works_on_her_own_and_nobody_elses(agent: Client, desk: Client, branch: Branch) -> None:
    send(agent)
    mine, other = Appointment.objects.get(), book(branch, name="别人的")
    assert mine.agent == agent.staff  # type: ignore[attr-defined]
    for pk, status in ((mine.pk, 200), (other.pk, 404)):
        assert agent.get(reverse("reception:appointment", args=[pk]), headers=HTMX).status_code == status
    answer = {"what": "confirmed", "seen": other.version}
    assert agent.post(reverse("reception:appointment_answer", args=[other.pk]), answer).status_code == 404
    assert send(agent, instead_of=other.pk, starts="12:00").status_code == 404
    assert "别人的" not in text_of(agent.get(reverse("reception:calendar"), {"day": TOMORROW.isoformat()}))
    assert agent.post(reverse("reception:close_appointments"), {"day": "2026-03-11"}).status_code == 403
    assert agent.get(reverse("reception:capacity")).status_code == 403


def test_the_phone_is_shown_to_who_calls_and_that_is_recorded(
    agent: Client, client_as: MakeClient, branch: Branch
) -> None:
    send(agent)
    one, report = Appointment.objects.get(), PreReport.objects.get()
    stranger = client_as(Role.PHONE_AGENT)
    for name, thing in (("appointment_phone", one), ("pre_report_phone", report)):
        address = reverse(f"reception:{name}", args=[thing.pk])
        assert stranger.post(address, {"reason": "call_back"}, headers=HTMX).status_code == 404
        assert agent.post(address, headers=HTMX).status_code == 422
        assert "+86 139 1111 2222" in text_of(agent.post(address, {"reason": "call_back"}, headers=HTMX))
        assert AuditEntry.objects.filter(
            action="reception.reveal_phone", object_type=thing._meta.model_name, object_id=str(thing.pk)
        ).exists()
    assert AuditEntry.objects.filter(action="reception.reveal_phone").count() == 2


def test_an_answer_on_an_old_screen_says_what_changed(desk: Client, branch: Branch) -> None:
    one = book(branch)
    say = reverse("reception:appointment_answer", args=[one.pk])
    first = {"what": "confirmed", "seen": one.version, "from": "list"}
    assert desk.post(say, first, headers=HTMX).headers["HX-Trigger"] == "appointments-changed"
    late = desk.post(say, {"what": "cancelled", "text": "x", "seen": one.version}, headers=HTMX)
    assert late.status_code == 409
    assert "changed this appointment meanwhile" in text_of(late)
    one.refresh_from_db()
    assert one.state == "confirmed"


def test_a_reason_that_is_too_long_is_refused_with_its_number(desk: Client, branch: Branch) -> None:
    one = book(branch)
    say = reverse("reception:appointment_answer", args=[one.pk])
    said = {"what": "cancelled", "text": "忙" * 201, "seen": one.version}
    answer = desk.post(say, said, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#messages")
    assert "201" in text_of(answer)
    assert desk.post(say, said | {"text": "忙" * 200}, headers=HTMX).status_code == 200
    assert one.entries.get(kind="cancelled").text == "忙" * 200


@pytest.mark.parametrize(
    ("kind", "most"), [("answered", 500), ("follow_up", 500), ("promised", 200), ("passed", 500), ("closed", 500)]
)
def test_too_many_words_about_a_lead_stay_on_the_page(
    agent: Client, staff_with: MakeStaff, now: datetime, kind: str, most: int
) -> None:
    staff, other = agent.staff, staff_with(Role.PHONE_AGENT)  # type: ignore[attr-defined]
    report = pre_report(staff.branch, staff, promised="回电", promise_due_at=now + timedelta(hours=2))
    entry = reverse("reception:pre_report_entry", args=[report.pk])
    sent = {"kind": kind, "text": "话" * (most + 1), "seen": "1", "due_on": "2026-03-12", "to": other.pk}
    answer = agent.post(entry, sent)
    assert answer.status_code == 422
    assert str(most + 1) in text_of(answer) and f'value="{sent["text"]}"' in text_of(answer)
    assert f'href="#{kind.replace("_", "-")}-text"' in text_of(answer)
    assert agent.post(entry, sent | {"text": "话" * most}).status_code == 302
    assert report.entries.get().text == "话" * most


def test_the_day_before_list_is_the_next_working_days_and_is_answered_there(desk: Client, branch: Branch) -> None:
    empty = text_of(desk.get(reverse("reception:day_before")))
    assert "Nobody is expected on this day" in empty
    one = book(branch, phone="+8613911112222")
    page = text_of(desk.get(reverse("reception:day_before")))
    assert f'id="before-{one.pk}"' in page and "2026-03-12" in page
    desk.post(reverse("reception:appointment_message", args=[one.pk]), {"seen": one.version, "from": "list"})
    one.refresh_from_db()
    assert one.messaged_at is not None


def test_everybody_of_the_day_before_list_is_messaged_after_a_word_about_who_is_left_out(
    desk: Client, client_as: MakeClient, branch: Branch
) -> None:
    book(branch, phone="+8613911112222")
    book(branch, name="无<号>", at="11:00")
    day = TOMORROW.isoformat()
    address = reverse("reception:day_before_messages") + f"?day={day}"
    assert f"{reverse('reception:day_before_messages')}?day={day}" in text_of(desk.get(reverse("reception:day_before")))
    page = text_of(desk.get(address))
    assert "Send 1 message" in page and "no phone number" in page and "无&lt;号&gt;" in page
    assert client_as(Role.CONSULTANT).post(address).status_code == 403
    answer = desk.post(address, follow=True)
    assert answer.redirect_chain == [(f"{reverse('reception:day_before')}?day={day}", 302)]
    assert "1 message is on its way" in text_of(answer)
    assert "Nobody was left" in text_of(desk.post(address, follow=True))
    assert "has the message already" in text_of(desk.get(address))


def test_who_did_not_come_is_listed_until_she_is_booked_again(desk: Client, branch: Branch) -> None:
    one = book(branch, day=TOMORROW - timedelta(days=1), at="14:00")
    assert desk.post(reverse("reception:close_appointments"), {"day": "2026-03-11"}).status_code == 302
    page = text_of(desk.get(reverse("reception:no_shows")))
    assert f"instead_of={one.pk}" in page
    form = text_of(desk.get(reverse("reception:booking_new"), {"instead_of": one.pk}, headers=HTMX))
    assert "Another time for 苏晚" in form
    assert send(desk, instead_of=one.pk, seen=2, booked_text="", phone="").status_code == 200
    assert f"instead_of={one.pk}" not in text_of(desk.get(reverse("reception:no_shows")))


def test_capacity_is_set_on_its_page(client_as: MakeClient) -> None:
    supervisor = client_as(Role.DESK_SUPERVISOR)
    said = {"group": "laser", "weekdays": ["3"], "begins": "10:00", "ends": "12:00", "capacity": "7"}
    assert supervisor.post(reverse("reception:capacity"), said).status_code == 302
    assert SlotCapacity.objects.filter(group="laser", weekday=3, capacity=7).count() == 4
    wrongs: tuple[dict[str, Any], ...] = (
        {"capacity": "-1"},
        {"capacity": "100"},
        {"weekdays": []},
        {"ends": "10:00"},
        {"group": "x"},
    )
    for wrong in wrongs:
        assert supervisor.post(reverse("reception:capacity"), said | wrong).status_code == 422
    assert supervisor.get(reverse("reception:capacity"), {"group": "x"}).status_code == 200


def test_the_arrival_form_shows_and_prefills_what_she_was_expected_for(
    desk: Client, branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    visitor, project = VisitorFactory(), ProjectFactory()
    one = book(branch, day=branch.today(now), at="10:30", visitor=visitor, projects=[project], now=now)
    pre_report(branch, staff_with(Role.PHONE_AGENT), visitor=visitor, now=now - timedelta(days=2))
    form = text_of(desk.get(reverse("reception:arrival_new"), {"visitor": visitor.pk}, headers=HTMX))
    assert "Has an appointment today" in form
    assert f'name="projects" value="{project.pk}"' in form
    assert reverse("triage:claims") in form
    sent = {"visitor": visitor.pk, "purpose": "consult", "projects": "", "note": "", "request_key": str(uuid4())}
    create = reverse("reception:arrival_create")
    said = text_of(desk.post(create, sent | {"appointment": str(one.pk)}, headers=HTMX))
    assert "Expected at 10:30." in said
    one.refresh_from_db()
    assert one.visit == Visit.objects.get()
    again = text_of(desk.post(create, sent | {"appointment": str(one.pk)}, headers=HTMX))
    assert "Expected at 10:30." in again and Visit.objects.count() == 1


@pytest.mark.parametrize(("chosen", "state"), [(None, "arrived"), ("", "booked")])
def test_somebody_new_is_matched_by_phone_unless_the_clerk_says_otherwise(
    desk: Client, branch: Branch, now: datetime, chosen: str | None, state: str
) -> None:
    one = book(branch, day=branch.today(now), at="10:30", phone="+8613911112222", now=now)
    shown = text_of(desk.post(reverse("reception:expected"), {"phone": "139-1111-2222"}, headers=HTMX))
    assert f'value="{one.pk}"' in shown
    sent = {
        "name": "苏晚", "phone": "13911112222", "gender": "female", "purpose": "consult", "projects": "", "note": "",
        "request_key": str(uuid4()),
    }  # fmt: skip
    if chosen is not None:
        sent["appointment"] = chosen
    assert desk.post(reverse("reception:arrival_create"), sent, headers=HTMX).status_code == 200
    one.refresh_from_db()
    assert one.state == state


def test_an_appointment_that_was_cancelled_meanwhile_is_said_and_nothing_typed_is_lost(
    desk: Client, branch: Branch, now: datetime
) -> None:
    visitor = VisitorFactory()
    one = book(branch, day=branch.today(now), at="10:30", visitor=visitor, now=now)
    services.answer_appointment(appointment=one, what="cancelled", text="x", staff=make_clerk(branch), now=now)
    sent = {
        "visitor": visitor.pk, "purpose": "consult", "projects": "", "note": "靠窗", "request_key": str(uuid4()),
        "appointment": str(one.pk),
    }  # fmt: skip
    answer = desk.post(reverse("reception:arrival_create"), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "“Cancelled” now" in text_of(answer) and "靠窗" in text_of(answer)
    assert not Visit.objects.exists()


def test_an_agent_records_follows_up_and_books_an_enquiry(agent: Client) -> None:
    assert "Nobody waits to be booked" in text_of(agent.get(reverse("reception:pre_reports")))
    sent = {
        "booked_text": "苏晚", "phone": "13911112222", "said": "问价 <b>", "promised": "发价目表",
        "due_on": "2026-03-11", "due_at": "17:00", "projects": "", "request_key": str(uuid4()),
    }  # fmt: skip
    for wrong in ({"due_on": ""}, {"due_on": "", "promised": ""}):
        assert agent.post(reverse("reception:pre_report_new"), sent | wrong).status_code == 422
    answer = agent.post(reverse("reception:pre_report_new"), sent)
    report = PreReport.objects.get()
    assert answer.headers["Location"] == reverse("reception:pre_report", args=[report.pk])
    page = text_of(agent.get(answer.headers["Location"]))
    assert "问价 &lt;b&gt;" in page and "139****2222" in page
    entry = reverse("reception:pre_report_entry", args=[report.pk])
    assert agent.post(entry, {"kind": "answered", "text": "已发", "seen": "1"}).status_code == 302
    stale = agent.post(entry, {"kind": "follow_up", "text": "还没写完的话", "seen": "1"})
    assert stale.status_code == 409
    assert "还没写完的话" in text_of(stale) and 'name="seen" value="2"' in text_of(stale)
    form = text_of(agent.get(reverse("reception:booking_new"), {"pre_report": report.pk}, headers=HTMX))
    assert f'value="{report.pk}"' in form
    assert send(agent, pre_report=report.pk, booked_text="苏晚", phone="").status_code == 200
    report.refresh_from_db()
    assert (report.state, str(Appointment.objects.get().phone)) == ("booked", "+8613911112222")


@pytest.mark.parametrize(("at", "hour"), [("", 18), ("09:30", 9.5)])
def test_a_promise_is_due_at_the_time_given_or_at_six(agent: Client, at: str, hour: float) -> None:
    sent = {
        "booked_text": "苏晚", "promised": "发价目表", "due_on": "2026-03-12", "due_at": at, "projects": "",
        "request_key": str(uuid4()),
    }  # fmt: skip
    assert agent.post(reverse("reception:pre_report_new"), sent).status_code == 302
    report = PreReport.objects.get()
    midnight = datetime(2026, 3, 12, tzinfo=report.branch.zone)
    assert report.promise_due_at == midnight + timedelta(hours=hour)
    later = {"kind": "promised", "text": "回电", "due_on": "2026-03-13", "due_at": at, "seen": "1"}
    assert agent.post(reverse("reception:pre_report_entry", args=[report.pk]), later).status_code == 302
    report.refresh_from_db()
    assert report.promise_due_at == midnight + timedelta(days=1, hours=hour)


@pytest.mark.parametrize(("at", "hour"), [("", 12), ("09:30", 9.5)])
def test_a_call_back_is_due_at_the_time_given_or_at_noon(desk: Client, branch: Branch, at: str, hour: float) -> None:
    one = book(branch)
    said = {"what": "cancelled", "text": "改期", "seen": one.version, "call_on": "2026-03-20", "call_at": at}
    say = reverse("reception:appointment_answer", args=[one.pk])
    assert desk.post(say, said | {"call_on": "", "call_at": "09:30"}, headers=HTMX).status_code == 422
    assert desk.post(say, said, headers=HTMX).status_code == 200
    assert PreReport.objects.get().promise_due_at == datetime(2026, 3, 20, tzinfo=branch.zone) + timedelta(hours=hour)


def test_a_lead_passed_on_is_gone_from_her_list(agent: Client, staff_with: MakeStaff, other_branch: Branch) -> None:
    staff = agent.staff  # type: ignore[attr-defined]
    report = pre_report(staff.branch, staff)
    other = staff_with(Role.PHONE_AGENT, branch=other_branch)
    entry = reverse("reception:pre_report_entry", args=[report.pk])
    assert agent.post(entry, {"kind": "passed", "seen": "1"}).status_code == 422
    answer = agent.post(entry, {"kind": "passed", "to": other.pk, "seen": "1"})
    assert answer.headers["Location"] == reverse("reception:pre_reports")
    assert agent.get(reverse("reception:pre_report", args=[report.pk])).status_code == 404


def test_the_count_in_the_rail_is_what_waits(agent: Client, now: datetime) -> None:
    count = reverse("reception:pre_report_count")
    assert text_of(agent.get(count)) == ""
    staff = agent.staff  # type: ignore[attr-defined]
    pre_report(
        staff.branch, staff, promised="回电", promise_due_at=now - timedelta(hours=1), now=now - timedelta(days=1)
    )
    assert text_of(agent.get(count)) == "1"


def test_the_pages_ask_the_database_the_same_at_one_row_and_at_fifty(
    desk: Client, branch: Branch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clerk, project = make_clerk(branch), ProjectFactory()
    pages = (
        (reverse("reception:calendar_panel") + f"?day={TOMORROW}", 7),
        (reverse("reception:day_before_panel"), 6),
        (reverse("reception:pre_reports_panel"), 5),
    )
    for number in range(50):
        at = ("09:00", "10:00", "11:30", "13:00", "14:00", "15:00", "16:00", "17:00")[number % 8]
        made = Appointment.objects.create(
            branch=branch, day=TOMORROW, starts=at, minutes=30, group="laser", weight=1, name=f"顾客{number}",
            agent=clerk, made_by=clerk, made_at="2026-03-11T02:30Z",
        )  # fmt: skip
        made.projects.add(project, through_defaults={"position": 0})
        pre_report(branch, clerk, name=f"顾客{number}", projects=[project])
        if number in (0, 49):
            for page, queries in pages:
                desk.get(page)
                with django_assert_num_queries(queries):
                    assert desk.get(page).status_code == 200
