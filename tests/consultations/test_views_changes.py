"""The other outcomes in the browser: each shows what it does before it does it, and nothing typed is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Department
from clinic.roles import Role
from consultations import services
from consultations.forms.changes import CHANGES
from consultations.models import Consultation, OwnerHint
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from triage import services as triage
from triage.selectors.boards import board_of_day

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def change(client: Client, held: Consultation, kind: str, **given: Any) -> Any:
    """Send one of the forms; `step` is what the button pressed says."""
    held.refresh_from_db()
    said = {"kind": kind, "version": held.version, "step": "do", **given}
    return client.post(reverse("consultations:change", args=[held.pk]), said, headers=HTMX)


def sequence(morning: Morning) -> int:
    board = board_of_day(morning.branch, "front", morning.board.day)
    assert board is not None
    return board.sequence


@pytest.mark.parametrize("kind", CHANGES)
def test_each_form_opens_empty(morning: Morning, client_as: MakeClient, kind: str) -> None:
    held = morning.enter(morning.arrive())
    address = reverse("consultations:change", args=[held.pk])
    answer = client_as(morning.first).get(address, {"kind": kind}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="change-{kind}"' in page
    assert "error-summary" not in page


def test_the_room_offers_what_fits_the_state(morning: Morning, client_as: MakeClient) -> None:
    client = client_as(morning.first)
    visit = morning.arrive()
    held = morning.take(visit)
    address = reverse("consultations:consultation", args=[held.pk])

    def offered() -> set[str]:
        return set(re.findall(r'id="change-(\w+)"', client.get(address).content.decode()))

    assert offered() == {"another", "transfer", "referral", "owner"}
    held = morning.enter(visit)
    assert offered() == set(CHANGES)
    Visit.objects.filter(pk=visit.pk).update(visit_type=Visit.VisitType.RETURN)
    assert offered() == set(CHANGES) - {"referral"}
    morning.part(held)
    assert offered() == set()


def test_k4_says_what_it_does_before_it_is_done(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    looked = change(client, held, "another", reason="想换一位", step="look")
    page = looked.content.decode()
    assert looked.status_code == 200
    assert "李敏 receives the visit." in page and 'value="想换一位"' in page
    held.visit.refresh_from_db()
    assert held.visit.consultant == morning.first, "nothing was done yet"
    done = change(client, held, "another", reason="想换一位", sequence=sequence(morning), shown="")
    assert done["HX-Redirect"] == reverse("consultations:queue")
    held.visit.refresh_from_db()
    assert held.visit.consultant == morning.second
    assert "is with 李敏 now" in client.get(reverse("consultations:queue")).content.decode()


@pytest.mark.parametrize("kind", ["another", "transfer"])
def test_passed_on_before_she_came_in(morning: Morning, client_as: MakeClient, kind: str) -> None:
    held = morning.take(morning.arrive())
    client = client_as(morning.first)
    named = morning.second.pk
    done = change(client, held, kind, reason="临时有事", consultant=named, sequence=sequence(morning), shown=str(named))
    assert done.status_code in (200, 204) and done["HX-Redirect"] == reverse("consultations:queue")
    assert "is with 李敏 now" in client.get(reverse("consultations:queue")).content.decode()


def test_k4_whom_she_asks_for_was_changed_after_the_look(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    answer = change(
        client_as(morning.first), held, "another", reason="x", consultant=morning.second.pk, shown="",
        sequence=sequence(morning),
    )  # fmt: skip
    assert answer.status_code == 200
    assert f'name="shown" value="{morning.second.pk}"' in answer.content.decode()
    held.visit.refresh_from_db()
    assert held.visit.consultant == morning.first


def test_on_a_board_that_moved_it_is_shown_anew_and_what_was_typed_stays(
    morning: Morning, client_as: MakeClient
) -> None:
    held = morning.enter(morning.arrive())
    client, seen = client_as(morning.first), sequence(morning)
    triage.set_seat_state(
        board=morning.board, consultant=morning.second, state="out", staff=morning.clerk, now=morning.now
    )
    answer = change(client, held, "not_offered", reason="植发", sequence=seen, shown="")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The board has moved" in page and 'value="植发"' in page
    assert f'name="sequence" value="{sequence(morning)}"' in page
    again = change(client, held, "not_offered", reason="植发", sequence=sequence(morning), shown="")
    assert again.status_code == 200
    assert again["HX-Retarget"] == "#work"
    assert "Project not offered here" in again.content.decode()


def test_the_other_window_is_told_and_can_send_again(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client, version = client_as(morning.first), held.version
    assert change(client, held, "product", note="面膜").status_code == 200
    stale = change(client, held, "for_friend", name="刘芳", version=version)
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "It now says" in page and 'value="刘芳"' in page
    assert f'value="{version + 1}"' in page
    assert change(client, held, "for_friend", name="刘芳").status_code == 200
    held.refresh_from_db()
    assert held.outcome == "for_friend"


def test_what_is_shown_after_an_enquiry_for_a_friend_is_what_happens(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    assert change(client, held, "for_friend", name="刘芳").status_code == 200
    look = change(client, held, "another", reason="想换", step="look")
    assert f"{morning.second.display_name} receives the visit." in look.content.decode()
    change(client, held, "another", reason="想换", sequence=sequence(morning), shown="")
    held.visit.refresh_from_db()
    assert (held.visit.consultant, held.visit.visit_type) == (morning.second, "first")


def test_k2_needs_who_decided(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    address = reverse("consultations:change", args=[held.pk])
    empty = client.get(address, {"kind": "cannot_do"}, headers=HTMX).content.decode()
    assert "No treating department has a head yet" in empty
    Department.objects.filter(branch=morning.branch, kind="surgery").update(head=morning.doctor)
    wrong = change(client, held, "cannot_do", reason="凝血异常", sequence=sequence(morning), shown="")
    assert wrong.status_code == 422
    assert "error-summary" in wrong.content.decode() and 'value="凝血异常"' in wrong.content.decode()
    done = change(
        client, held, "cannot_do", reason="凝血异常", decided_by=morning.doctor.pk, sequence=sequence(morning), shown=""
    )
    assert "decided by 赵医生" in done.content.decode()


def test_k3_looks_one_up_by_the_whole_name_and_shows_no_number(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    referrer = reception.register_visitor(
        name="O'Brien <b>", phone="13912345678", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    Visitor.objects.filter(pk=referrer.pk).update(owner=morning.second, standing=Standing.TREATED)
    address = reverse("consultations:referrers", args=[held.pk])
    assert "O&#x27;Brien" not in client.post(address, {"text": "O'Brien"}, headers=HTMX).content.decode()
    found = client.post(address, {"text": "13912345678"}, headers=HTMX).content.decode()
    (named,) = re.findall(r'name="referrer" value="([^"]+)" checked', found)
    assert "13912345678" not in found and "139****5678" in found and "<b>" not in found
    assert client.get(address).status_code == 405
    unchosen = change(client, held, "referral", reason="她说的", step="look")
    assert unchosen.status_code == 422
    assert "Look the visitor up" in unchosen.content.decode()
    looked = change(client, held, "referral", reason="她说的", referrer=named, step="look").content.decode()
    assert "李敏 receives the visit." in looked and f'value="{named}" checked' in looked
    done = change(
        client, held, "referral", reason="她说的", referrer=named, shown=referrer.pk, sequence=sequence(morning)
    )
    assert done["HX-Redirect"] == reverse("consultations:queue")


def test_many_of_one_name_are_told_apart_by_phone(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    for _number in range(7):
        morning.register("王芳")
    page = client_as(morning.first).post(
        reverse("consultations:referrers", args=[held.pk]), {"text": "王芳"}, headers=HTMX
    )
    assert page.content.decode().count('type="radio"') == 5
    assert "Ask for the phone number" in page.content.decode()


def test_a_doctor_without_a_seat_is_asked_and_one_with_a_seat_receives(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    looked = change(client, held, "referred", reason="鼻中隔", consultant=morning.doctor.pk, step="look")
    assert "She has no seat on the front desk" in looked.content.decode()
    asked = change(client, held, "referred", reason="鼻中隔", consultant=morning.doctor.pk)
    assert asked.status_code == 200 and "Referred to a doctor" in asked.content.decode()
    seated = staff_with(Role.DOCTOR, Role.CONSULTANT, display_name="钱医生")
    triage.check_in(board=morning.board, consultant=seated, staff=morning.clerk, now=morning.now)
    looked = change(client, held, "referred", reason="鼻中隔", consultant=seated.pk, step="look")
    assert "钱医生 receives the visit." in looked.content.decode()
    done = change(
        client, held, "referred", reason="鼻中隔", consultant=seated.pk, shown=seated.pk, sequence=sequence(morning)
    )
    assert done["HX-Redirect"] == reverse("consultations:queue")


def test_k6_tells_the_supervisors_of_the_branch(
    morning: Morning, client_as: MakeClient, other_branch: Branch, staff_with: MakeStaff
) -> None:
    held = morning.enter(morning.arrive("O'Brien <b>"))
    client = client_as(morning.first)
    told = change(client, held, "owner", owner=morning.second.pk, reason="她说是李敏的")
    assert "The supervisor has been told" in told.content.decode()
    notice = reverse("consultations:owner_hints")
    supervisor = client_as(Role.DESK_SUPERVISOR)
    page = supervisor.get(notice).content.decode()
    assert "belongs to 李敏" in page and "她说是李敏的" in page and "<b>" not in page
    assert client_as(Role.CONSULTING_SUPERVISOR).get(notice).content.decode().count("她说是李敏的") == 1
    stranger = client_as(staff_with(Role.DESK_SUPERVISOR, branch=other_branch))
    assert "她说是李敏的" not in stranger.get(notice).content.decode()
    hint = OwnerHint.objects.get()
    settle = reverse("consultations:settle_owner_hint", args=[hint.pk])
    assert stranger.post(settle).status_code == 404
    assert client.post(settle).status_code == 403
    assert "她说是李敏的" not in supervisor.post(settle, headers=HTMX).content.decode()


def test_r5_the_forms_do_not_open_the_desk_to_a_consultant(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    for name in ("triage:corrections", "triage:correction"):
        assert client.get(reverse(name, args=[held.visit_id])).status_code == 403
    assert client.post(reverse("triage:correct", args=[held.visit_id]), {"kind": "not_offered"}).status_code == 403
    page = client.get(reverse("triage:decision", args=[held.visit_id])).content.decode()
    assert reverse("triage:corrections", args=[held.visit_id]) not in page


@pytest.mark.parametrize("name", ["change", "referrers", "ask", "panel"])
def test_anothers_consultation_does_not_exist_for_me(morning: Morning, client_as: MakeClient, name: str) -> None:
    held = morning.enter(morning.arrive())
    for other in (morning.second, morning.doctor):
        answer = client_as(other).post(
            reverse(f"consultations:{name}", args=[held.pk]), {"kind": "another", "reason": "x"}, headers=HTMX
        )
        assert answer.status_code == 404


def test_the_next_consultant_reads_and_does_not_write(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    services.write_record(
        consultation=held, typed={"notes": "想做鼻子"}, seen={"notes": ""}, staff=morning.first, now=morning.now
    )
    services.change_consultant(
        designated=None, reason="想换一位", consultation=held, staff=morning.first, now=morning.now
    )
    held.visit.refresh_from_db()
    second = client_as(morning.second)
    address = reverse("consultations:consultation", args=[held.pk])
    assert second.get(address).status_code == 404, "not accepted yet"
    taken = morning.take(held.visit)
    page = second.get(reverse("consultations:consultation", args=[taken.pk])).content.decode()
    assert "想做鼻子" in page and address in page
    earlier = second.get(address)
    assert earlier.status_code == 200
    assert 'data-kept="deal"' not in earlier.content.decode()
    assert second.post(reverse("consultations:no_deal", args=[held.pk]), {"reason": "x"}).status_code == 404


def test_a_visitor_given_back_is_gone_on_with_from_the_queue(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    services.change_consultant(
        designated=None, reason="想换一位", consultation=held, staff=morning.first, now=morning.now
    )
    held.visit.refresh_from_db()
    triage.undo_allocation(visit=held.visit, staff=morning.clerk, now=morning.now)
    client = client_as(morning.first)
    resume = reverse("consultations:resume", args=[held.visit_id])
    assert resume in client.get(reverse("consultations:queue")).content.decode()
    assert client_as(morning.second).post(resume).status_code in (404, 409)
    assert client.post(resume, headers=HTMX)["HX-Redirect"] == reverse("consultations:consultation", args=[held.pk])


@pytest.mark.parametrize(
    ("kind", "queries"), [("product", 4), ("cannot_do", 6), ("another", 7), ("referred", 6), ("owner", 5)]
)
@pytest.mark.parametrize("colleagues", [1, 50])
def test_a_form_costs_the_same_for_one_colleague_and_for_fifty(
    morning: Morning,
    client_as: MakeClient,
    staff_with: MakeStaff,
    django_assert_num_queries: DjangoAssertNumQueries,
    kind: str,
    queries: int,
    colleagues: int,
) -> None:
    held = morning.enter(morning.arrive())
    for _number in range(colleagues):
        person = staff_with(Role.DOCTOR, Role.CONSULTANT)
        triage.check_in(board=morning.board, consultant=person, staff=morning.clerk, now=morning.now)
    client = client_as(morning.first)
    address = reverse("consultations:change", args=[held.pk])
    client.get(address, {"kind": kind}, headers=HTMX)
    with django_assert_num_queries(queries):
        client.get(address, {"kind": kind}, headers=HTMX)
