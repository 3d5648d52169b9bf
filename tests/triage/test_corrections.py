"""K1–K9 on the desk: each says beforehand what it does to the board, does just that, and can be taken back at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception.models import Standing, Visit
from tests.factories.triage import Morning, make_consultant
from triage import services
from triage.engine.facts import Fault
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import state_of
from triage.selectors.corrections import Correction, Kind, preview
from triage.selectors.decisions import replayed
from triage.selectors.integrity import check_board

HTMX = {"HX-Request": "true"}


@pytest.fixture
def supervisor(branch: Branch) -> Staff:
    return make_consultant(branch, "主管", Role.DESK_SUPERVISOR)


def correct(today: Morning, visit: Visit, kind: Kind, *, staff: Staff | None = None, **more: Any) -> Decision:
    more.setdefault("reason", "因故")
    return services.correct_visit(
        visit=visit,
        correction=Correction(kind, **more),
        expected_sequence=None,
        staff=staff or today.clerk,
        now=today.later(0.05),
    )


def refused(today: Morning, visit: Visit, kind: Kind, code: str, **more: Any) -> None:
    """It is refused for that cause, and the board is as it was."""
    before = board_of(today)
    with pytest.raises(Refused) as caught:
        correct(today, visit, kind, **more)
    assert caught.value.code == code
    assert board_of(today) == before


def board_of(today: Morning) -> Any:
    today.board.refresh_from_db()
    return state_of(today.board)


def owed_to(today: Morning) -> list[int]:
    return [int(one.seat) for one in board_of(today).owed]


def agrees(today: Morning) -> None:
    """The ledger folds to the board, and every decision is decided the same again where it was the rules' own."""
    board = Board.objects.select_related("branch").get(pk=today.board.pk)
    assert check_board(board).problems == ()


def given(today: Morning, *wishes: str, **more: Any) -> Visit:
    visit = today.arrive(*(wishes or ("eyes",)), **more)
    today.allocate(visit)
    visit.refresh_from_db()
    return visit


def test_k1_the_visit_stays_and_its_turn_comes_back(today: Morning) -> None:
    visit = given(today)
    first = today.consultants[0]
    decision = correct(today, visit, Kind.NOT_OFFERED)
    visit.refresh_from_db()
    assert (visit.visit_type, visit.rule, visit.owner, visit.consultant) == ("other", "K1", None, first)
    assert (visit.other_reason, visit.turn, decision.rule) == ("not_offered", "free", "K1")
    assert (today.turns()[0], owed_to(today)) == (0, [first.pk])
    agrees(today)


def test_k2_the_turn_stays_by_default(today: Morning) -> None:
    visit = given(today)
    correct(today, visit, Kind.CANNOT_DO)
    visit.refresh_from_db()
    assert (visit.visit_type, visit.turn, visit.owner) == ("other", "counted", today.consultants[0])
    assert (today.turns()[0], owed_to(today)) == (1, [])


def test_k3_a_referral_moves_to_the_referrers_owner(today: Morning) -> None:
    first, _second, third, _fourth = today.consultants
    friend = given(today, owner=third, standing=Standing.TREATED).visitor
    friend_visit = friend.visits.get()
    today.serve(friend_visit)
    visit = given(today)
    correct(today, visit, Kind.REFERRAL, referrer=friend)
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule, visit.turn, visit.owner) == (third, "K3", "free", third)
    assert (visit.referrer, owed_to(today)) == (friend, [first.pk])
    agrees(today)


def test_k4_the_next_in_turn_receives_and_the_first_turn_stands(today: Morning) -> None:
    visit = given(today)
    correct(today, visit, Kind.CHANGE_CONSULTANT)
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule, visit.turn) == (today.consultants[1], "K4", "counted")
    assert today.turns() == [1, 1, 0, 0]


def test_k4_of_a_return_visit_asks_the_supervisor(today: Morning, branch: Branch) -> None:
    first, second = today.consultants[:2]
    boss = make_consultant(branch, "咨询主管", Role.CONSULTING_SUPERVISOR)
    visit = given(today, owner=first, standing=Standing.NO_DEAL)
    correct(today, visit, Kind.CHANGE_CONSULTANT)
    visit.refresh_from_db()
    assert (visit.consultant, visit.state, visit.rule) == (None, "registered", "K4")
    services.name_consultant(visit=visit, consultant=second, by="supervisor", staff=boss, now=today.later(1))
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule, visit.turn, visit.owner) == (second, "K4", "free", second)
    agrees(today)


def test_k5_too_long_a_wait_is_exchanged_and_the_debt_is_paid(today: Morning) -> None:
    first, second, third, _fourth = today.consultants
    today.say(first, "busy", free_in=5)
    visit = given(today)
    assert visit.consultant == first
    refused(today, visit, Kind.WAIT_OVER, "rule_refused")
    today.later(11)
    today.say(first, "busy")
    correct(today, visit, Kind.WAIT_OVER)
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule, visit.turn, today.turns()) == (second, "K5", "counted", [0, 1, 0, 0])
    assert owed_to(today) == []
    today.say(first, "free")
    today.serve(visit)
    decision = today.allocate(today.arrive("eyes"))
    assert (decision.consultant, today.turns()) == (first, [1, 1, 0, 0]), "the turn that came to the second"
    assert today.pointer() == third
    agrees(today)


def test_k6_back_to_the_owner_also_when_the_visit_is_over(today: Morning, supervisor: Staff) -> None:
    first, second = today.consultants[:2]
    visit = given(today)
    refused(today, visit, Kind.MISALLOCATED, "not_now", consultant=second)
    correct(today, visit, Kind.MISALLOCATED, consultant=second, staff=supervisor, fault=Fault.VISITOR)
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule, visit.owner, owed_to(today)) == (second, "K6", second, [first.pk])
    over = given(today)
    assert over.consultant == first, "the make-up she was owed"
    today.serve(over)
    correct(today, over, Kind.MISALLOCATED, consultant=second, staff=supervisor)
    over.refresh_from_db()
    assert (over.state, over.consultant, over.owner, over.visitor.owner) == ("finished", first, second, second)
    assert owed_to(today) == [first.pk]
    agrees(today)


def test_k7_passed_on_the_turn_stays_used(today: Morning) -> None:
    first, _second, third, _fourth = today.consultants
    visit = given(today)
    refused(today, visit, Kind.TRANSFER, "name_missing")
    refused(today, visit, Kind.TRANSFER, "rule_refused", consultant=first)
    correct(today, visit, Kind.TRANSFER, consultant=third)
    visit.refresh_from_db()
    assert (visit.consultant, visit.turn, visit.owner, today.turns()) == (third, "free", third, [1, 0, 0, 0])


def test_a4_a_designated_visitor_who_will_not_wait_goes_round(today: Morning) -> None:
    first, second = today.consultants[:2]
    today.say(second, "busy")
    visit = today.arrive("eyes")
    Visit.objects.filter(pk=visit.pk).update(designated=second, designated_by="visitor")
    decision = today.allocate(visit)
    assert (decision.rule, decision.outcome, decision.consultant) == ("A4", "wait", second)
    visit.refresh_from_db()
    correct(today, visit, Kind.REFUSE_WAIT, reason="")
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule, visit.turn) == (first, "A12", "counted")


def test_c4_a_review_that_wants_a_consultation(today: Morning) -> None:
    visit = given(today, purpose="review", standing=Standing.TREATED, owner=today.consultants[2])
    assert (visit.consultant, visit.rule) == (None, "A1")
    correct(today, visit, Kind.WANTS_CONSULTATION, reason="")
    visit.refresh_from_db()
    assert (visit.visit_type, visit.type_rule, visit.consultant) == ("repurchase", "C4", today.consultants[2])


def test_a_correction_needs_its_reason(today: Morning) -> None:
    refused(today, given(today), Kind.NOT_OFFERED, "reason_missing", reason="")


def test_the_ledger_names_what_was_corrected_by_whom_and_why(today: Morning) -> None:
    visit = given(today)
    allocated = LedgerEntry.objects.get(kind="allocated", visit=visit)
    correct(today, visit, Kind.TRANSFER, consultant=today.consultants[2], reason="做不了")
    moved = LedgerEntry.objects.get(kind="moved", visit=visit)
    assert (moved.corrects, moved.staff, moved.reason) == (allocated.sequence, today.clerk, "做不了")


@pytest.mark.parametrize("kind", [Kind.NOT_OFFERED, Kind.CHANGE_CONSULTANT, Kind.TRANSFER])
def test_k8_a_correction_taken_back_leaves_everything_as_before(today: Morning, kind: Kind) -> None:
    visit = given(today)
    before, fields = (
        board_of(today),
        ("state", "visit_type", "rule", "turn", "owner_id", "consultant_id", "other_reason"),
    )
    as_it_was = {name: getattr(visit, name) for name in fields}
    more = {"consultant": today.consultants[2]} if kind is Kind.TRANSFER else {}
    correct(today, visit, kind, **more)
    visit.refresh_from_db()
    services.undo_allocation(visit=visit, staff=today.clerk, now=today.later(0.05))
    visit.refresh_from_db()
    after = board_of(today)
    assert {name: getattr(visit, name) for name in fields} == as_it_was
    assert (after.seats, after.owed, after.pointers, after.debts) == (
        before.seats, before.owed, before.pointers, before.debts,
    )  # fmt: skip
    agrees(today)


def test_k8_who_was_accepted_since_stays_accepted_where_the_visit_has_not_moved(today: Morning) -> None:
    visit = given(today)
    correct(today, visit, Kind.NOT_OFFERED)
    accepted = today.now
    Visit.objects.filter(pk=visit.pk).update(state=Visit.State.ACCEPTED, accepted_at=accepted)
    services.undo_allocation(visit=visit, staff=today.clerk, now=today.later(0.05))
    visit.refresh_from_db()
    assert (visit.state, visit.accepted_at, visit.rule) == (Visit.State.ACCEPTED, accepted, "A12")


def test_after_an_undone_correction_the_desk_reads_what_stands(
    today: Morning, client_as: Callable[..., Client]
) -> None:
    visit = given(today)
    first, third = today.consultants[0].display_name, today.consultants[2].display_name
    desk = client_as(today.clerk)
    correct(today, visit, Kind.TRANSFER, consultant=today.consultants[2])
    shown = reverse("triage:proposal", args=[visit.pk])
    assert f"{third} receives the visit" in desk.get(shown).content.decode()
    undone = desk.post(reverse("triage:undo", args=[visit.pk]), headers=HTMX).content.decode()
    for page in (undone, desk.get(shown).content.decode()):
        assert f"{third} receives" not in page and f"{first} receives the visit" in page


def test_stored_decisions_of_allocations_are_decided_the_same_again(today: Morning) -> None:
    visit = given(today)
    correct(today, visit, Kind.CHANGE_CONSULTANT)
    first = Decision.objects.filter(visit=visit).earliest("pk")
    assert replayed(first).consultant == str(today.consultants[0].pk)


def test_a_preview_says_what_happens_and_writes_nothing(today: Morning) -> None:
    visit = given(today)
    count = LedgerEntry.objects.count()
    found = preview(visit=visit, correction=Correction(Kind.CHANGE_CONSULTANT, reason="x"), now=today.now)
    assert found is not None
    said = " ".join(found.effects)
    for part in (
        "王欣 no longer has the visit.",
        "李敏 receives the visit.",
        "李敏: one turn more.",
        "Next in turn: 陈静.",
    ):
        assert part in said
    assert LedgerEntry.objects.count() == count


def test_on_a_board_that_moved_the_correction_is_shown_anew(
    today: Morning, client_as: Callable[..., Client], branch: Branch
) -> None:
    desk = client_as(Role.RECEPTION)
    visit = given(today)
    sequence = board_of(today).sequence
    today.say(today.consultants[1], "out")
    address = reverse("triage:correct", args=[visit.pk])
    data = {"kind": "change_consultant", "sequence": sequence, "reason": "顾客不满意"}
    answer = desk.post(address, data, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "顾客不满意" in page
    assert "陈静 receives the visit." in page
    visit.refresh_from_db()
    assert visit.consultant == today.consultants[0]
    answer = desk.post(address, {**data, "sequence": board_of(today).sequence}, headers=HTMX)
    assert answer.status_code == 200
    visit.refresh_from_db()
    assert (visit.consultant, visit.rule) == (today.consultants[2], "K4")
    with pytest.raises(Stale):
        services.correct_visit(
            visit=visit, correction=Correction(Kind.CANNOT_DO, reason="x"), expected_sequence=1, staff=today.clerk,
            now=today.now,
        )  # fmt: skip


def test_the_desk_is_led_from_the_menu_to_the_effects(today: Morning, client_as: Callable[..., Client]) -> None:
    desk = client_as(Role.RECEPTION)
    visit = given(today)
    menu = desk.get(reverse("triage:corrections", args=[visit.pk])).content.decode()
    assert "The project is not offered here" in menu
    assert "she has an owner" not in menu, "the supervisor's"
    shown = desk.get(reverse("triage:correction", args=[visit.pk]), {"kind": "not_offered"}).content.decode()
    assert "王欣: the turn no longer counts." in shown
    asked = desk.get(reverse("triage:correction", args=[visit.pk]), {"kind": "transfer"}).content.decode()
    assert "Who takes her" in asked
    assert "receives the visit." not in asked
    refused = desk.post(
        reverse("triage:correct", args=[visit.pk]), {"kind": "not_offered", "sequence": 1, "reason": ""}, headers=HTMX
    )
    assert refused.status_code == 422 or b"reason" in refused.content


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.AUDITOR, Role.CUSTOMER_SERVICE])
def test_r5_only_the_desk_corrects(today: Morning, client_as: Callable[..., Client], role: Role) -> None:
    visit = given(today)
    other = client_as(role)
    assert other.get(reverse("triage:corrections", args=[visit.pk])).status_code == 403
    assert other.post(reverse("triage:correct", args=[visit.pk]), {"kind": "not_offered"}).status_code == 403
