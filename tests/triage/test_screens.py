"""The screens of this room: proposal and confirmation, the board by hand, questions, and why."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from clinic.models import Branch, Staff
from clinic.roles import Role
from reception.models import DeskDay, Standing, Visit
from tests.factories.triage import Morning, open_morning
from triage import services
from triage.models import Decision, LedgerEntry

HTMX = {"HX-Request": "true"}


def confirm(desk: Client, visit: Visit, sequence: int, **more: str) -> Any:
    data = {"sequence": sequence, **more}
    return desk.post(reverse("triage:confirm", args=[visit.pk]), data, headers=HTMX)


def test_a_proposal_says_who_and_why_and_carries_the_boards_number(desk: Client, today: Morning) -> None:
    today.say(today.consultants[0], "busy", free_in=40)
    visit = today.arrive("eyes")
    response = desk.get(reverse("triage:proposal", args=[visit.pk]))
    page = response.content.decode()

    assert "李敏" in page and "receives the visit" in page
    assert f'name="sequence" value="{response.context["sequence"]}"' in page
    assert "busy for about" in page and "a make-up is owed" in page
    assert "王欣: is owed a make-up turn" in page and "Will not wait" not in page
    assert 'data-key="Enter"' in page and 'data-key="Escape"' in page
    assert not Decision.objects.exists()


@pytest.mark.parametrize("by", ["visitor", "management", "division"])
def test_who_asked_for_somebody_busy_need_not_wait(desk: Client, today: Morning, by: str) -> None:
    asked_for = today.consultants[1]
    today.say(asked_for, "busy", free_in=40)
    visit = today.arrive("eyes")
    Visit.objects.filter(pk=visit.pk).update(designated=asked_for, designated_by=by)
    address = reverse("triage:proposal", args=[visit.pk])
    assert "Will not wait" in desk.get(address).content.decode()
    assert "Will not wait" not in desk.get(address, {"refuses_wait": 1}).content.decode()


@pytest.mark.parametrize(("limit", "waited", "late"), [(25, 24, False), (25, 26, True), (4, 5, True)])
def test_the_register_marks_who_waits_longer_than_the_days_rules_let_her(
    desk: Client, branch: Branch, now: datetime, limit: int, waited: int, late: bool
) -> None:
    morning = open_morning(branch, max_wait_minutes=limit)
    morning.now = now - timedelta(minutes=waited)
    morning.arrive("eyes")
    page = desk.get(reverse("reception:register_panel")).content.decode()
    assert f'data-late="{limit}"' in page
    assert ('class="ticking num late"' in page) is late
    # In what is read out as it changes the seconds are not.
    assert page.count('aria-live="off"') == page.count("data-since=") > 0


def test_the_register_marks_nobody_before_the_day_is_open(desk: Client, today: Morning, branch: Branch) -> None:
    DeskDay.objects.all().delete()
    today.later(-60)
    today.arrive("eyes")
    page = desk.get(reverse("reception:register_panel")).content.decode()
    assert 'data-late="0"' in page and 'class="ticking num late"' not in page


def test_a_proposal_speaks_chinese_too(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    with translation.override("zh-hans"):
        page = desk.get(reverse("triage:proposal", args=[visit.pk]), headers={"accept-language": "zh-hans"})

    assert "由王欣接诊" in page.content.decode()


def test_enter_allocates_and_undo_stands_in_the_message(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    today.board.refresh_from_db()
    response = confirm(desk, visit, today.board.sequence)
    page = response.content.decode()

    assert response.status_code == 200
    assert response.headers["HX-Trigger"] == "visit-settled"
    assert 'data-undo-seconds="' in page and reverse("triage:undo", args=[visit.pk]) in page
    visit.refresh_from_db()
    assert visit.consultant == today.consultants[0]

    undone = desk.post(reverse("triage:undo", args=[visit.pk]), headers=HTMX)
    assert undone.status_code == 200 and "the board is as before" in undone.content.decode()
    visit.refresh_from_db()
    assert visit.state == Visit.State.REGISTERED


def test_when_the_board_moved_a_new_proposal_and_what_changed_come_back(desk: Client, today: Morning) -> None:
    visit, other = today.arrive("eyes"), today.arrive("eyes")
    today.board.refresh_from_db()
    seen = today.board.sequence
    today.allocate(other)
    response = confirm(desk, visit, seen)
    page = response.content.decode()

    assert response.status_code == 409
    assert "The board has moved" in page and "→ 王欣" in page
    assert "李敏 receives the visit" in page
    assert not Decision.objects.filter(visit=visit).exists()
    today.board.refresh_from_db()
    assert confirm(desk, visit, today.board.sequence).status_code == 200


def test_a_second_enter_allocates_nothing_and_says_who_has_it(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    today.board.refresh_from_db()
    seen = today.board.sequence
    confirm(desk, visit, seen)
    response = confirm(desk, visit, seen)

    assert response.status_code == 409
    assert "is with 王欣 already" in response.content.decode()
    assert Decision.objects.filter(visit=visit).count() == 1


@pytest.mark.parametrize("sequence", ["", "-1", "abc", "9999999999999"])
def test_a_forged_sequence_is_stale(desk: Client, today: Morning, sequence: str) -> None:
    visit = today.arrive("eyes")

    assert desk.post(reverse("triage:confirm", args=[visit.pk]), {"sequence": sequence}).status_code == 409


def test_the_type_may_be_changed_with_a_reason_only(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes", owner=today.consultants[2])
    address = reverse("triage:proposal", args=[visit.pk])
    assert desk.get(address, {"visit_type": "return"}, headers=HTMX).status_code == 422
    page = desk.get(address, {"visit_type": "return", "type_reason": "旧系统里有"}).content.decode()
    assert "陈静 receives the visit" in page and "旧系统里有" in page

    today.board.refresh_from_db()
    confirm(desk, visit, today.board.sequence, visit_type="return", type_reason="旧系统里有")
    visit.refresh_from_db()
    assert (visit.visit_type, visit.consultant) == ("return", today.consultants[2])


def test_an_open_proposal_says_when_the_board_has_moved(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    page = desk.get(reverse("triage:proposal", args=[visit.pk]))
    asked = {"sequence": page.context["sequence"]}
    moved = reverse("triage:moved", args=[visit.pk])
    assert f"{moved}?sequence={asked['sequence']}" in page.content.decode()
    assert desk.get(moved, asked).status_code == 204
    assert desk.get(moved, {"sequence": "x"}).status_code == 204
    today.say(today.consultants[0], "busy", free_in=5)
    answer = desk.get(moved, asked)
    assert answer.status_code == 200 and "The board has moved since" in answer.content.decode()


def test_an_emergency_is_told_first_and_marked_wherever_she_stands(
    desk: Client, today: Morning, client_as: Callable[..., Client]
) -> None:
    visit = today.arrive("eyes")
    Visit.objects.filter(pk=visit.pk).update(emergency=True)
    proposal = desk.get(reverse("triage:proposal", args=[visit.pk])).content.decode()
    assert "take her to the doctor first" in proposal and "Emergency</span>" in proposal
    assert "Emergency</span>" in desk.get(reverse("reception:register_panel")).content.decode()
    today.allocate(visit)
    visit.refresh_from_db()
    assert visit.consultant is not None
    queue = client_as(visit.consultant).get(reverse("consultations:queue_panel")).content.decode()
    assert "Emergency</span>" in queue


def test_who_needs_nobody_does_not_wait_and_who_is_asked_about_is_told(desk: Client, today: Morning) -> None:
    treated, asked = today.arrive("eyes"), today.arrive("eyes")
    for visit, rule in ((treated, "A1"), (asked, "A14")):
        Visit.objects.filter(pk=visit.pk).update(rule=rule, type_rule="C1", visit_type="first")
    page = desk.get(reverse("reception:register_panel"))
    rows = {row.visit.pk: row for row in page.context["rows"]}
    assert rows[treated.pk].waiting_since is None and rows[asked.pk].waiting_since is not None
    assert "None needed" in page.content.decode() and "Name asked" in page.content.decode()


def test_earlier_visits_without_a_name_are_told_beside_a_proposal(desk: Client, today: Morning) -> None:
    for one in today.consultants:
        today.say(one, "out")
    earlier = today.arrive("eyes")
    today.allocate(earlier)
    today.say(today.consultants[0], "on")
    today.now += timedelta(minutes=5)
    visit = today.arrive("eyes")
    page = desk.get(reverse("triage:proposal", args=[visit.pk]))
    assert page.context["earlier"] == [earlier]
    assert "Earlier, and still without a name:" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("triage:leave", {"reason": "太" * 201}),
        ("triage:confirm", {"visit_type": "return", "type_reason": "太" * 201}),
    ],
)
def test_a_reason_that_is_too_long_is_called_too_long(
    desk: Client, today: Morning, name: str, sent: dict[str, str]
) -> None:
    visit = today.arrive("eyes")
    answer = desk.post(reverse(name, args=[visit.pk]), sent, headers=HTMX)
    assert answer.status_code == 422
    assert "at most 200 characters" in answer.content.decode()


def test_another_branchs_boards_and_visits_are_not_found(
    today: Morning, other_branch: Branch, client_as: Callable[..., Client], staff_with: Callable[..., Staff]
) -> None:
    visit = today.arrive("eyes")
    stranger = client_as(staff_with(Role.RECEPTION, branch=other_branch))
    for name, pk in [
        ("triage:board", today.board.pk),
        ("triage:board_panel", today.board.pk),
        ("triage:proposal", visit.pk),
        ("triage:why", visit.pk),
        ("triage:decision", visit.pk),
    ]:
        assert stranger.get(reverse(name, args=[pk])).status_code == 404, name
    assert stranger.post(reverse("triage:confirm", args=[visit.pk]), {"sequence": 1}).status_code == 404
    assert stranger.post(reverse("triage:seat_state", args=[today.board.pk]), {}).status_code == 404


def test_a_question_is_answered_by_the_supervisor_and_comes_back_to_the_desk(
    desk: Client, today: Morning, client_as: Callable[..., Client]
) -> None:
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    for one in today.consultants:
        today.say(one, "busy", free_in=30)
    visit = today.arrive("eyes")
    decision = today.allocate(visit)
    asked = reverse("triage:proposal", args=[visit.pk]) + f"?shown={decision.pk}&as=asked"
    assert desk.get(asked).status_code == 204
    assert supervisor.get(reverse("triage:escalation_count")).content == b"1"
    assert str(visit) in supervisor.get(reverse("triage:notice")).content.decode()
    page = supervisor.get(reverse("triage:escalations")).content.decode()
    assert "Who receives the visit?" in page and "about 30 min" in page.replace("29", "30")

    answer = supervisor.post(
        reverse("triage:name", args=[visit.pk]),
        {"consultant": today.consultants[2].pk, "by": "supervisor", "from": "questions"},
        headers=HTMX,
    )
    assert "Nobody waits for a name" in answer.content.decode()
    assert "陈静" in desk.get(asked).content.decode()
    assert supervisor.get(reverse("triage:escalation_count")).content == b""
    again = supervisor.post(
        reverse("triage:name", args=[visit.pk]), {"consultant": today.consultants[1].pk, "by": "supervisor"}
    )
    assert again.status_code == 409


def test_what_the_desk_has_confirmed_follows_what_becomes_of_it_and_takes_no_focus(
    desk: Client, today: Morning
) -> None:
    visit = today.arrive("eyes")
    decision = today.allocate(visit)
    shown = reverse("triage:proposal", args=[visit.pk]) + f"?shown={decision.pk}&as=settled"
    assert desk.get(shown).status_code == 204
    first, second = today.consultants[:2]
    services.record_decline(visit=visit, reason="不适", staff=first, now=today.later())
    moved = desk.get(shown).content.decode()
    assert second.display_name in moved
    assert "data-focus" not in moved
    assert "data-focus" in desk.get(reverse("triage:proposal", args=[visit.pk])).content.decode()


def test_a_consulting_supervisor_may_give_a_waiting_visit_to_another(
    today: Morning, client_as: Callable[..., Client]
) -> None:
    visit = today.arrive("eyes")
    today.allocate(visit)
    page = reverse("triage:decision", args=[visit.pk])
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    assert 'name="by" value="supervisor"' in supervisor.get(page).content.decode()
    assert 'name="by" value="supervisor"' not in client_as(Role.MANAGER).get(page).content.decode()
    today.serve(visit)
    assert 'name="by" value="supervisor"' not in supervisor.get(page).content.decode()


def test_an_owner_answers_for_her_own_visitor_and_nobody_elses(
    today: Morning, client_as: Callable[..., Client]
) -> None:
    owner, colleague = client_as(today.consultants[0]), client_as(today.consultants[1])
    today.say(today.consultants[0], "out")
    visit = today.arrive("eyes", standing=Standing.PAID, owner=today.consultants[0])
    today.allocate(visit)
    assert owner.get(reverse("triage:escalation_count")).content == b"1"
    assert colleague.get(reverse("triage:escalation_count")).content == b""

    named = {"consultant": today.consultants[3].pk, "by": "owner", "from": "questions"}
    address = reverse("triage:name", args=[visit.pk])
    assert colleague.post(address, named, headers=HTMX).status_code == 422
    assert owner.post(address, named, headers=HTMX).status_code == 200
    visit.refresh_from_db()
    assert visit.consultant == today.consultants[3]


def test_why_is_told_years_later_from_the_facts_as_they_were(
    desk: Client, today: Morning, client_as: Callable[..., Client]
) -> None:
    today.say(today.consultants[0], "busy")
    visit = today.arrive("eyes", name="王小美")
    today.allocate(visit)
    Staff.objects.filter(pk=today.consultants[1].pk).update(display_name="李敏（已改名）")
    page = desk.get(reverse("triage:decision", args=[visit.pk])).content.decode()

    assert "First visit: 李敏 receives the visit" in page
    assert "version 1" in page
    chinese = desk.get(reverse("triage:why", args=[visit.pk]), headers={"accept-language": "zh-hans"})
    assert "初诊：由李敏接诊" in chinese.content.decode()
    consultant = client_as(today.consultants[3])
    seen = consultant.get(reverse("triage:decision", args=[visit.pk])).content.decode()
    assert "李敏 receives the visit" in seen
    assert visit.visitor.name not in seen


def test_the_visitors_page_lists_her_decisions(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    address = reverse("reception:visitor_story", args=[visit.visitor_id])
    assert "receives the visit" not in desk.get(address).content.decode()
    today.allocate(visit)

    page = desk.get(address).content.decode()
    assert "王欣 receives the visit" in page
    assert reverse("triage:decision", args=[visit.pk]) in page


def test_the_register_menu_offers_what_is_possible(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    address = reverse("triage:visit_menu", args=[visit.pk])
    assert "Triage" in desk.get(address).content.decode()
    left = desk.post(reverse("triage:leave", args=[visit.pk]), headers=HTMX)
    assert "has left" in left.content.decode()
    assert "Has left" not in desk.get(address).content.decode()


def test_names_are_data(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes", name="O'Brien <b>x</b>")
    page = desk.get(reverse("triage:proposal", args=[visit.pk])).content.decode()

    assert "O&#x27;Brien &lt;b&gt;" in page and "<b>x</b>" not in page


def test_the_ledger_of_a_visit_is_told_with_reasons(desk: Client, today: Morning) -> None:
    visit = today.arrive("eyes")
    today.allocate(visit)
    services.record_decline(visit=visit, reason="过敏史不清", staff=today.consultants[0], now=today.later())
    page = desk.get(reverse("triage:decision", args=[visit.pk])).content.decode()

    assert "declined by 王欣" in page and "过敏史不清" in page and "suspended" in page
    assert LedgerEntry.objects.filter(visit=visit).count() == 3
