"""A department's desk in the browser of its clerk, and what its doctors, nurses and others see of it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Department
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, DeskCase, Treatment
from reception.models import Visit
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.desk_scenes import Desk, open_desk
from tests.consultations.test_services_course import go
from tests.factories.treatments import make_ready
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db
NAME = "O'Brien <b>"
LONG = "曾" * 50


@pytest.fixture
def clerk(desk: Desk, client_as: MakeClient) -> Client:
    return client_as(desk.clerk)


def page(client: Client, name: str = "desk", *args: object, **query: str) -> str:
    answer = client.get(reverse(f"consultations:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def send(client: Client, name: str, *args: object, target: str = "desk-day", **data: object) -> Any:
    return client.post(
        reverse(f"consultations:{name}", args=args), data, headers={"HX-Request": "true", "HX-Target": target}
    )


def test_an_empty_desk_says_what_to_do(desk: Desk, clerk: Client) -> None:
    shown = page(clerk)
    assert "Nobody waits here" in shown and "Nobody is expected now" in shown
    assert reverse("triage:board_panel", args=[desk.board.pk]) in shown


def test_a_departments_doctor_sees_her_own_board_and_says_how_she_stands(desk: Desk, client_as: MakeClient) -> None:
    doctor = desk.people[0]
    hers = client_as(doctor)
    shown = page(hers, "queue")
    assert reverse("triage:board_panel", args=[desk.board.pk]) in shown
    assert "data-no-seat" not in shown and "not open yet" not in shown and "Nobody is waiting for you" not in shown
    answer = send(hers, "free_in", state="busy", minutes="20", target="my-seat")
    assert answer.status_code == 200 and "Busy" in answer.content.decode()
    desk.board.refresh_from_db()
    seat = state_of(desk.board).seat(str(doctor.pk))
    assert seat is not None and seat.stated_busy
    assert "Busy" in page(hers, "my_seat")


def test_a_doctor_of_a_desk_that_is_not_open_is_told_so_and_offered_nothing(
    branch: Branch, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    surgery = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    shown = page(client_as(staff_with(Role.DOCTOR, department=surgery)), "queue")
    assert "data-no-seat" in shown and "board is not open yet" in shown and "desk opens it" in shown


def test_without_a_board_the_desk_is_told_to_open_it(
    branch: Branch, client_as: MakeClient, staff_with: MakeStaff, now: datetime
) -> None:
    laser = Department.objects.get(branch=branch, kind="laser")
    client = client_as(staff_with(Role.DEPARTMENT_DESK, department=laser))
    assert "The board of this department is not open yet" in page(client)
    visit = open_desk(branch, now).arrive()
    clerk = client.staff  # type: ignore[attr-defined]
    case = services.take_in(visit=visit, department=laser, purpose="consult", staff=clerk, now=now)
    assert "Open the day on this department" in page(client, "case_proposal", case.pk)
    assert send(client, "give_case", case.pk, sequence=0).status_code == 422


def test_who_belongs_to_no_department_is_told_so(client_as: MakeClient, staff_with: MakeStaff, branch: Branch) -> None:
    for department in (None, Department.objects.get(branch=branch, kind="reception")):
        client = client_as(staff_with(Role.DEPARTMENT_DESK, department=department))
        assert "You belong to no department with a desk" in page(client)
        assert client.get(reverse("consultations:desk_panel")).status_code == 404


def test_taken_in_by_one_key_given_out_and_received(desk: Desk, clerk: Client) -> None:
    treatment = desk.operated(desk.people[1], desk.visitor(NAME))
    visit = desk.arrive(treatment.visitor)
    shown = page(clerk)
    assert "O&#x27;Brien &lt;b&gt;" in shown and "钱医生" in shown
    shown = send(clerk, "take_in", visit=visit.pk).content.decode()
    case = DeskCase.objects.get()
    assert reverse("consultations:case_proposal", args=[case.pk]) in shown
    assert send(clerk, "take_in", visit=visit.pk).status_code == 200
    assert DeskCase.objects.count() == 1
    asked = page(clerk, "case_proposal", case.pk)
    assert "who operated on her" in asked and "no turn used" in asked
    answer = send(clerk, "give_case", case.pk, sequence=desk.board.sequence)
    assert answer.status_code == 200 and "Undo" in answer.content.decode()
    assert "A1" in page(clerk, "case_why", case.pk)
    for name in ("call_case", "enter_case"):
        assert send(clerk, name, case.pk).status_code == 200
    assert "With somebody" in page(clerk)
    send(clerk, "finish_case", case.pk)
    assert "Done today" in page(clerk)
    visit.refresh_from_db()
    assert visit.state == Visit.State.FINISHED


def test_a_chosen_treatment_is_the_one_taken_in(desk: Desk, clerk: Client) -> None:
    visitor = desk.visitor()
    other = desk.operated(desk.people[0], visitor, days=2)
    second = Treatment.objects.create(
        visitor=visitor,
        branch=desk.branch,
        project=second_project(desk),
        doctor=desk.people[1],
        treated_on=desk.board.day,
        state="done",
        recorded_at=desk.now,
        recorded_by=desk.clerk,
    )
    visit = desk.arrive(visitor)
    assert f'value="{other.pk}"' in page(clerk) and f'value="{second.pk}"' in page(clerk)
    assert send(clerk, "take_in", visit=visit.pk, treatment=other.pk + 1000).status_code == 409
    send(clerk, "take_in", visit=visit.pk, treatment=other.pk)
    assert DeskCase.objects.get().doctor == desk.people[0]


def second_project(desk: Desk) -> Any:
    return desk.project.__class__.objects.create(
        code="second", name="双眼皮", name_en="Eyelids", department=desk.department, rank=6
    )


def test_wrong_forms_are_refused_with_words(desk: Desk, clerk: Client) -> None:
    case = desk.take_in()
    for name, data in (
        ("give_case", {}),
        ("agree_to_another", {"version": "x"}),
        ("wait_for_doctor", {}),
        ("name_for_case", {"reason": ""}),
        ("numbing", {"minutes": "999"}),
        ("numbing", {"minutes": "two"}),
        ("leave_case", {"reason": "x" * 201}),
    ):
        answer = send(clerk, name, case.pk, **data)
        assert answer.status_code == 422, name
    assert send(clerk, "take_in", visit="x").status_code == 422
    assert send(clerk, "take_in", visit=999_999).status_code == 404


def test_a_refused_override_keeps_what_was_typed(desk: Desk, clerk: Client) -> None:
    case = desk.take_in()
    desk.say(desk.people[1], "off")
    answer = send(clerk, "name_for_case", case.pk, consultant=desk.people[1].pk, reason="怕生", turn="")
    assert answer.status_code == 422 and "怕生" in answer.content.decode()
    for turn in ("counted", "free"):
        answer = send(clerk, "name_for_case", case.pk, consultant=desk.people[1].pk, reason="怕生", turn=turn)
        shown = answer.content.decode()
        assert answer.status_code == 422 and f'<option value="{turn}" selected>' in shown
        assert re.search(r'id="case-turn".*?</select>', shown, re.DOTALL)[0].count(" selected") == 1  # type: ignore[index]
    answer = send(clerk, "name_for_case", case.pk, consultant=desk.people[2].pk, reason="怕生", turn="free")
    assert answer.status_code == 200 and DeskCase.objects.get().staff == desk.people[2]


def test_two_screens_the_second_is_told_what_the_board_says_now(desk: Desk, clerk: Client) -> None:
    first, second = desk.take_in(), desk.take_in()
    seen = desk.board.sequence
    assert send(clerk, "give_case", first.pk, sequence=seen).status_code == 200
    answer = send(clerk, "give_case", second.pk, sequence=seen)
    assert answer.status_code == 409 and "钱医生" in answer.content.decode()


def test_in_theatre_the_desk_is_told_and_notes_what_she_wants(desk: Desk, clerk: Client) -> None:
    doctor = desk.people[0]
    inside = desk.work(services.enter_case, desk.give(desk.take_in(treatment=desk.operated(doctor))))
    case = desk.take_in(treatment=desk.operated(doctor, desk.visitor(LONG)))
    asked = page(clerk, "case_proposal", case.pk)
    assert "赵医生 in theatre since 10:30" in asked and "She agrees to another" in asked
    desk.board.refresh_from_db()
    send(clerk, "give_case", case.pk, sequence=desk.board.sequence)
    shown = page(clerk)
    assert "was told" in shown and "Call in" in shown and LONG in shown
    case.refresh_from_db()
    answer = send(clerk, "agree_to_another", case.pk, version=case.version)
    assert answer.status_code == 200 and "next in turn" in answer.content.decode()
    assert "noted by surgery分诊台" in page(clerk, "case_why", case.pk)
    assert inside.state == "with_staff"


def test_an_absent_doctor(desk: Desk, clerk: Client) -> None:
    desk.say(desk.people[0], "off")
    case = desk.take_in(treatment=desk.operated(desk.people[0]))
    assert "is not here: she waits for that doctor, or agrees to another" in page(clerk, "case_proposal", case.pk)
    assert "wants to wait" in send(clerk, "wait_for_doctor", case.pk, version=case.version).content.decode()
    case.refresh_from_db()
    asked = send(clerk, "agree_to_another", case.pk, version=case.version).content.decode()
    assert "the visit goes round" in asked and "Confirm" in asked


def test_numbing_is_told_on_every_page_until_it_is_seen(desk: Desk, clerk: Client) -> None:
    case = desk.take_in()
    assert page(clerk, "desk_notice").strip() == ""
    assert "numbing" in send(clerk, "numbing", case.pk, minutes=30).content.decode()
    assert "load delay:" in page(clerk, "desk_notice") and "data-unseen" not in page(clerk, "desk_notice")
    send(clerk, "numbing", case.pk, minutes=1)
    told = page(clerk, "desk_notice")
    assert f'data-unseen="numbing-{case.pk} "' in told
    assert reverse("consultations:desk_notice") in clerk.get(reverse("consultations:treatments")).content.decode()
    assert "data-unseen" not in send(clerk, "numbing_seen", case.pk, target="").content.decode()
    assert "numbing over since" not in send(clerk, "numbing", case.pk, minutes="").content.decode()


def test_whether_to_begin_under_numbing_is_asked_only_while_it_runs(desk: Desk, client_as: MakeClient) -> None:
    nurse = desk.people[2]
    treatment = make_ready(desk.operated(desk.people[0], days=0, state=Treatment.State.PLANNED))
    desk.arrive(treatment.visitor, visit_type=Visit.VisitType.OTHER, type_rule="C5")
    go(treatment, "arrived", "preparing", by=nurse, now=desk.later())
    case = DeskCase.objects.get(treatment=treatment)
    for minutes, asked in ((29, True), (31, False)):
        DeskCase.objects.filter(pk=case.pk).update(
            numbing_started_at=timezone.now() - timedelta(minutes=minutes), numbing_minutes=30
        )
        shown = page(client_as(nurse), "treatment_work", treatment.pk)
        assert ("Her numbing runs until" in shown) is asked and ("numbing over since" in shown) is not asked, minutes


def test_the_notice_at_the_rail_counts_who_waits(desk: Desk, clerk: Client) -> None:
    assert page(clerk, "desk_count") == ""
    desk.take_in()
    assert page(clerk, "desk_count") == "1"


# Those who receive


def test_a_doctor_sees_and_works_her_own_cases(desk: Desk, client_as: MakeClient) -> None:
    doctor = client_as(desk.people[0])
    assert "The desk has given nobody to you now" in page(doctor, "own_cases")
    case = desk.give(desk.take_in())
    other = desk.give(desk.take_in())
    assert reverse("consultations:own_cases_panel") in page(doctor, "queue")
    shown = page(doctor, "own_cases_panel")
    assert str(case.visit) in shown and page(doctor, "own_count") == "1"
    assert reverse("consultations:enter_case", args=[other.pk]) not in shown
    assert send(doctor, "enter_case", other.pk, target="own-cases").status_code == 404
    answer = send(doctor, "enter_case", case.pk, target="own-cases")
    assert answer.status_code == 200 and "With me" in answer.content.decode()
    assert send(doctor, "finish_case", case.pk, target="own-cases").status_code == 200
    assert "Done today" in page(doctor, "own_cases")
    for name in ("give_case", "leave_case", "agree_to_another", "undo_case", "take_in"):
        args = [] if name == "take_in" else [case.pk]
        assert send(doctor, name, *args).status_code == 403, name


def test_a_nurse_looks_at_the_desk_and_may_not_work_it(desk: Desk, client_as: MakeClient) -> None:
    desk.take_in()
    nurse = client_as(desk.people[2])
    shown = page(nurse)
    assert "Read-only" in shown and "Give out" not in shown and "Take in" not in shown
    assert "My cases" in shown


def test_every_control_of_the_lists_has_a_name_that_the_focus_finds_again(
    desk: Desk, clerk: Client, client_as: MakeClient
) -> None:
    desk.arrive(desk.operated(desk.people[1]).visitor)
    desk.arrive(desk.operated(desk.people[1]).visitor)
    desk.take_in()
    waits = desk.take_in(treatment=desk.operated(desk.people[0]))
    inside = desk.work(services.enter_case, desk.give(desk.take_in(treatment=desk.operated(desk.people[0]))))
    called = desk.give(waits)
    assert (inside.staff, called.staff) == (desk.people[0], desk.people[0])
    for client, name in ((clerk, "desk_panel"), (client_as(desk.people[0]), "own_cases_panel")):
        # Under an open menu the lists are not drawn anew.
        drawn = re.sub(r'<div class="menu-body">.*?</div>', "", page(client, name), flags=re.DOTALL)
        buttons = re.findall(r"<(?:button|summary)[^>]*>", drawn)
        ids = [re.search(r' id="([\w-]+)"', tag) for tag in buttons]
        assert len(ids) > 1 and all(ids), (name, buttons)
        assert len({found[1] for found in ids if found}) == len(ids), name


def focused(answer: Any) -> list[str]:
    """Return the names of what an answer takes the focus to."""
    tags = re.findall(r"<[^>]* data-focus[ >]", answer.content.decode())
    return [str(re.search(r' id="([\w-]+)"', tag)[1]) for tag in tags]  # type: ignore[index]


def test_the_focus_goes_on_with_whom_was_worked_on(desk: Desk, clerk: Client, client_as: MakeClient) -> None:
    doctor = desk.people[0]
    for client, target, own in ((clerk, "desk-day", "case"), (client_as(doctor), "own-cases", "own")):
        one, two = (desk.give(desk.take_in(treatment=desk.operated(doctor))) for _number in range(2))
        for name, goes_to in (
            ("call_case", f"{own}-enter-{one.pk}"),
            ("enter_case", f"{own}-done-{one.pk}"),
            # She is done: on to the next.
            ("finish_case", f"case-call-{two.pk}" if own == "case" else f"own-enter-{two.pk}"),
        ):
            assert focused(send(client, name, one.pk, target=target)) == [goes_to], name
        send(client, "enter_case", two.pk, target=target)
        nobody = send(client, "finish_case", two.pk, target=target)
        assert focused(nobody) == ["waiting-title" if own == "case" else "own-cases-title"]


def test_another_departments_cases_are_not_there(desk: Desk, client_as: MakeClient, now: datetime) -> None:
    laser = open_desk(desk.branch, now, kind="laser")
    case = desk.give(desk.take_in())
    stranger = client_as(laser.clerk)
    for name in ("case_proposal", "case_why"):
        assert stranger.get(reverse(f"consultations:{name}", args=[case.pk])).status_code == 404
    for name in ("give_case", "call_case", "enter_case", "finish_case", "leave_case", "numbing", "undo_case"):
        assert send(stranger, name, case.pk).status_code == 404, name
    assert str(case.visit) not in page(stranger, "desk_panel")


def test_why_this_doctor_on_the_boards_own_page(desk: Desk, clerk: Client, client_as: MakeClient) -> None:
    case = desk.give(desk.take_in())
    address = reverse("triage:board_visit", args=[desk.board.pk, case.visit_id])
    assert "A12" in clerk.get(address).content.decode()
    assert address in clerk.get(reverse("triage:board_log", args=[desk.board.pk])).content.decode()
    other = desk.arrive()
    assert clerk.get(reverse("triage:board_visit", args=[desk.board.pk, other.pk])).status_code == 404
    laser = client_as(open_desk(desk.branch, desk.now, kind="laser").clerk)
    assert laser.get(address).status_code == 404
    assert "Fairness" in clerk.get(reverse("triage:board_fairness", args=[desk.board.pk])).content.decode()


def test_those_who_wait_read_a_number_and_no_whole_name(desk: Desk, clerk: Client) -> None:
    desk.give(desk.take_in(desk.arrive(desk.visitor("欧阳娜娜"))))
    desk.take_in(desk.arrive(desk.visitor("司徒静")))
    shown = page(clerk, "desk_wall")
    assert "欧阳娜娜" not in shown and "欧*娜" in shown and "赵医生" in shown
    assert "about" in page(clerk, "desk_wall_rows")


def test_a_consultant_sends_her_visitor_on(desk: Desk, client_as: MakeClient, staff_with: MakeStaff) -> None:
    consultant = staff_with(Role.CONSULTANT)
    visit = desk.arrive(visit_type="first", purpose="consult", consultant=consultant, state="in_room")
    consultation = Consultation.objects.create(
        visit=visit,
        visitor=visit.visitor,
        consultant=consultant,
        branch=desk.branch,
        day=visit.day,
        offered_at=desk.now,
        state="in_room",
    )
    client = client_as(consultant)
    assert "surgery" in page(client, "sent_on", consultation.pk).lower()
    answer = send(client, "send_on", consultation.pk, department=desk.department.pk, target="sent-on")
    assert answer.status_code == 200 and "On her way" in answer.content.decode()
    assert "Sent on" in page(client_as(desk.clerk))
    assert send(client, "send_on", consultation.pk, department=0).status_code == 422
    stranger = client_as(staff_with(Role.CONSULTANT))
    assert send(stranger, "send_on", consultation.pk, department=desk.department.pk).status_code == 404


# What it costs


def cases(desk: Desk, count: int) -> Iterator[DeskCase]:
    """Let so many be expected, and as many wait, be with somebody and be done."""
    for number in range(count):
        doctor = desk.people[number % 3]
        desk.arrive(desk.operated(doctor).visitor)
        yield desk.take_in(treatment=desk.operated(doctor))
        inside = desk.take_in()
        DeskCase.objects.filter(pk=inside.pk).update(
            state="with_staff" if number % 2 else "done", staff=doctor, entered_at=desk.now, ended_at=desk.now
        )


@pytest.mark.parametrize("count", [1, 50])
def test_the_queries_of_the_desk(
    desk: Desk, clerk: Client, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    made = list(cases(desk, count))
    asked = desk.take_in()
    DeskCase.objects.filter(pk__in=[one.pk for one in made]).update(staff=desk.people[0])
    given = desk.give(desk.take_in())
    doctor = client_as(desk.people[0])
    for client, name, args, number in (
        (clerk, "desk", [], 10),
        (clerk, "desk_panel", [], 10),
        (clerk, "case_proposal", [asked.pk], 16),
        (clerk, "case_proposal", [given.pk], 15),
        (clerk, "case_why", [given.pk], 6),
        (clerk, "desk_notice", [], 4),
        (clerk, "desk_wall", [], 10),
        (clerk, "desk_count", [], 4),
        (doctor, "own_cases", [], 4),
        (doctor, "own_count", [], 3),
    ):
        with django_assert_num_queries(number):
            page(client, name, *args)
    visit = desk.arrive(desk.operated(desk.people[1]).visitor)
    with django_assert_num_queries(30):
        send(clerk, "take_in", visit=visit.pk)
    with django_assert_num_queries(10):
        clerk.get(reverse("triage:board_visit", args=[desk.board.pk, given.visit_id]))
