"""Visits given out, named, declined, taken back: what stands on the board, the visit and the ledger afterwards."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry, Branch, OutboxEvent
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception.models import Standing, Visit
from tests.factories.triage import Morning, make_consultant, open_morning
from triage import services
from triage.engine.facts import VisitType
from triage.engine.ledger import board_from_json, entry_from_json, fold
from triage.models import Decision, LedgerEntry
from triage.selectors.boards import state_of
from triage.selectors.decisions import propose
from triage.selectors.facts import ChangedType, Said


def folded(morning: Morning) -> object:
    """Fold the stored ledger."""
    bodies = LedgerEntry.objects.filter(board=morning.board).order_by("sequence").values_list("body", flat=True)
    return fold(entry_from_json(body) for body in bodies)


def test_first_visits_go_round_in_the_order_of_the_board(morning: Morning) -> None:
    decisions = [morning.allocate(morning.arrive("eyes")) for _ in range(4)]

    assert [one.consultant for one in decisions] == morning.consultants
    assert {one.rule for one in decisions} == {"A12"}
    assert morning.turns() == [1, 1, 1, 1]
    assert morning.pointer() == morning.consultants[0]


def test_everything_about_an_allocation_is_written_at_once(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    decision = morning.allocate(visit)

    visit.refresh_from_db()
    assert (visit.state, visit.consultant, visit.rule, visit.turn) == (
        Visit.State.WAITING, morning.consultants[0], "A12", Visit.Turn.COUNTED,
    )  # fmt: skip
    assert (visit.visit_type, visit.type_rule) == (Visit.VisitType.FIRST, "C1")
    entry = LedgerEntry.objects.get(board=morning.board, kind="allocated")
    assert (entry.visit, entry.sequence, entry.staff) == (visit, decision.sequence, morning.clerk)
    morning.board.refresh_from_db()
    assert state_of(morning.board) == folded(morning)
    heard = {topic for event in OutboxEvent.objects.all() for topic in event.topics}
    assert {f"board-{morning.board.pk}", f"queue-{morning.consultants[0].pk}", f"register-{visit.branch_id}"} <= heard
    assert AuditEntry.objects.filter(action="triage.allocate_visit", object_id=str(visit.pk)).exists()


def test_the_owner_receives_her_own_visitor_and_the_rotation_does_not_move(morning: Morning) -> None:
    owner = morning.consultants[2]
    decision = morning.allocate(morning.arrive("nose", standing=Standing.NO_DEAL, owner=owner))

    assert (decision.consultant, decision.rule) == (owner, "A6")
    assert morning.turns() == [0, 0, 0, 0]
    assert morning.pointer() == morning.consultants[0]


def test_a_busy_seat_is_passed_and_gets_its_turn_back(morning: Morning) -> None:
    morning.say(morning.consultants[0], "busy")
    first = morning.allocate(morning.arrive("eyes"))
    morning.say(morning.consultants[0], "free")
    second = morning.allocate(morning.arrive("eyes"))

    assert first.consultant == morning.consultants[1]
    assert second.consultant == morning.consultants[0]
    assert second.answer["turn"] == "make_up"
    assert morning.pointer() == morning.consultants[2]


def test_a_project_outside_her_scope_passes_a_consultant(morning: Morning) -> None:
    morning.consultants[0].excluded.add(morning.project("breast"))
    decision = morning.allocate(morning.arrive("breast"))

    assert decision.consultant == morning.consultants[1]
    assert decision.answer["passed"] == [{"seat": str(morning.consultants[0].pk), "cause": "scope", "owed": True}]


def test_a_visit_is_judged_by_its_most_major_project(morning: Morning) -> None:
    morning.project("breast", rank=1)
    morning.consultants[0].excluded.add(morning.project("breast"))

    assert morning.allocate(morning.arrive("eyes", "breast")).consultant == morning.consultants[1]


def test_the_successor_of_an_owner_who_left_receives_and_a_chain_of_leavers_is_followed(morning: Morning) -> None:
    gone = make_consultant(morning.branch, "离职", active_until=morning.board.day - timedelta(days=9))
    between = make_consultant(morning.branch, "又离职", active_until=morning.board.day - timedelta(days=1))
    gone.successor, between.successor = between, morning.consultants[3]
    gone.save()
    between.save()
    decision = morning.allocate(morning.arrive("eyes", standing=Standing.PAID, owner=gone))

    assert (decision.consultant, decision.rule) == (morning.consultants[3], "A9")


def test_an_owner_who_is_no_consultant_any_more_has_moved(morning: Morning) -> None:
    moved = make_consultant(morning.branch, "转岗", Role.CUSTOMER_SERVICE)

    assert morning.allocate(morning.arrive("eyes", standing=Standing.PAID, owner=moved)).rule == "A12"


def test_a_review_needs_no_consultant_and_moves_nothing(morning: Morning) -> None:
    visit = morning.arrive("nose", standing=Standing.TREATED, purpose=Visit.Purpose.REVIEW)
    before = morning.board.sequence
    decision = morning.allocate(visit)

    visit.refresh_from_db()
    morning.board.refresh_from_db()
    assert (decision.rule, decision.outcome, decision.sequence) == ("A1", "none", None)
    assert (visit.state, visit.visit_type, visit.consultant) == (Visit.State.REGISTERED, Visit.VisitType.REVIEW, None)
    assert morning.board.sequence == before


def test_the_desk_may_state_another_type_with_its_reason(morning: Morning) -> None:
    owner = morning.consultants[1]
    visit = morning.arrive("eyes", owner=owner)
    decision = morning.allocate(visit, said=Said(ChangedType(VisitType.RETURN, "上次病历在旧系统")))

    visit.refresh_from_db()
    assert (visit.visit_type, visit.type_rule, visit.consultant) == ("return", "C2", owner)
    assert decision.facts["arrival"]["stated_reason"] == "上次病历在旧系统"


def test_a_stale_proposal_is_refused_and_nothing_happens(morning: Morning) -> None:
    visit, other = morning.arrive("eyes"), morning.arrive("eyes")
    proposal = propose(visit, morning.now)
    assert proposal is not None
    morning.allocate(other)

    with pytest.raises(Stale) as refused:
        services.allocate_visit(visit=visit, expected_sequence=proposal.sequence, staff=morning.clerk, now=morning.now)
    assert refused.value.code == "board_moved"
    assert not Decision.objects.filter(visit=visit).exists()


def test_confirming_twice_allocates_once(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    morning.allocate(visit)

    with pytest.raises(Stale) as refused:
        morning.allocate(visit)
    assert refused.value.code == "already_allocated"
    assert "王欣" in str(refused.value.message)
    assert Decision.objects.filter(visit=visit).count() == 1


def test_no_board_no_allocation(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    Visit.objects.filter(pk=visit.pk).update(day=visit.day + timedelta(days=1))
    visit.refresh_from_db()

    with pytest.raises(Refused) as refused:
        morning.allocate(visit)
    assert refused.value.code == "no_board"


def test_undo_leaves_the_board_as_it_was(morning: Morning) -> None:
    morning.say(morning.consultants[0], "busy")
    visit = morning.arrive("eyes")
    morning.board.refresh_from_db()
    before = state_of(morning.board)
    morning.allocate(visit)
    services.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now + timedelta(seconds=9))

    morning.board.refresh_from_db()
    after = state_of(morning.board)
    assert (after.seats, after.pointers, after.owed) == (before.seats, before.pointers, before.owed)
    visit.refresh_from_db()
    assert (visit.state, visit.consultant) == (Visit.State.REGISTERED, None)
    undone = LedgerEntry.objects.get(board=morning.board, kind="undone")
    assert (undone.visit, undone.corrects) == (visit, undone.sequence - 1)
    assert morning.allocate(visit).consultant == morning.consultants[1]


def test_undo_is_refused_with_a_sentence_when_it_is_too_late_or_a_later_turn_rests_on_it(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    with pytest.raises(Refused) as refused:
        services.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now + timedelta(seconds=13))
    assert refused.value.code == "too_late"

    morning.allocate(morning.arrive("eyes"))
    with pytest.raises(Refused) as refused:
        services.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    assert refused.value.code == "undo_refused"
    assert "李敏" in str(refused.value.message)
    with pytest.raises(Refused, match="nothing_to_undo"):
        services.undo_allocation(visit=morning.arrive(), staff=morning.clerk, now=morning.now)


def test_an_absent_owner_is_asked_and_names_a_stand_in(morning: Morning) -> None:
    owner = morning.consultants[0]
    morning.say(owner, "out")
    visit = morning.arrive("eyes", standing=Standing.NO_DEAL, owner=owner)
    asked = morning.allocate(visit)
    assert (asked.outcome, asked.rule) == ("ask_owner", "A8")
    with pytest.raises(Stale, match="already_asked"):
        morning.allocate(visit)

    named = services.name_consultant(
        visit=visit, consultant=morning.consultants[2], by="owner", staff=morning.clerk, now=morning.now
    )
    visit.refresh_from_db()
    assert (named.rule, named.consultant, visit.consultant) == ("A8", morning.consultants[2], morning.consultants[2])
    assert visit.turn == Visit.Turn.FREE
    morning.board.refresh_from_db()
    assert not state_of(morning.board).pending


def test_when_nobody_can_take_it_the_supervisor_is_asked_and_a_first_visit_she_names_counts(morning: Morning) -> None:
    supervisor = make_consultant(morning.branch, "主管", Role.CONSULTING_SUPERVISOR)
    for consultant in morning.consultants:
        morning.say(consultant, "busy")
    visit = morning.arrive("eyes")
    asked = morning.allocate(visit)
    assert (asked.outcome, asked.rule, asked.consultant) == ("escalate", "A14", None)
    assert any(f"staff-{supervisor.pk}" in event.topics for event in OutboxEvent.objects.all())
    with pytest.raises(Refused, match="not_yours"):
        services.name_consultant(
            visit=visit, consultant=morning.consultants[1], by="supervisor", staff=morning.clerk, now=morning.now
        )

    named = services.name_consultant(
        visit=visit, consultant=morning.consultants[1], by="supervisor", staff=supervisor, now=morning.now
    )
    assert (named.answer["turn"], named.answer["turn_rule"]) == ("counted", "T4")
    assert morning.turns() == [0, 1, 0, 0]
    assert morning.pointer() == morning.consultants[0]


def test_an_override_needs_a_reason_and_one_who_may(morning: Morning) -> None:
    supervisor = make_consultant(morning.branch, "前厅主管", Role.DESK_SUPERVISOR)
    visit = morning.arrive("eyes")
    with pytest.raises(Refused, match="reason_missing"):
        services.name_consultant(
            visit=visit, consultant=morning.consultants[3], by="supervisor", staff=supervisor, now=morning.now
        )
    named = services.name_consultant(
        visit=visit,
        consultant=morning.consultants[3],
        by="supervisor",
        reason="会说英语的只有她",
        staff=supervisor,
        now=morning.now,
    )
    assert (named.rule, named.consultant) == ("K9", morning.consultants[3])
    assert LedgerEntry.objects.get(kind="named").reason == "会说英语的只有她"


def test_a_decline_loses_the_turn_and_the_visit_goes_on_at_once(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    again = services.record_decline(visit=visit, reason="不适", staff=morning.consultants[0], now=morning.later())

    visit.refresh_from_db()
    assert (again.consultant, visit.consultant, visit.state) == (*[morning.consultants[1]] * 2, Visit.State.WAITING)
    assert morning.turns() == [0, 1, 0, 0]
    assert morning.allocate(morning.arrive("eyes")).consultant == morning.consultants[2]


def test_where_the_policy_forbids_declining_it_is_refused(branch: Branch) -> None:
    morning = open_morning(branch, decline="forbidden")
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    with pytest.raises(Refused, match="decline_forbidden"):
        services.record_decline(visit=visit, reason="", staff=morning.consultants[0], now=morning.now)


@pytest.mark.parametrize(("minutes", "turns", "owed"), [(4, 0, 1), (6, 1, 0)])
def test_who_leaves_early_gives_the_turn_back(morning: Morning, minutes: int, turns: int, owed: int) -> None:
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    services.record_leave(visit=visit, staff=morning.clerk, now=morning.later(minutes))

    visit.refresh_from_db()
    assert visit.state == Visit.State.LEFT
    assert morning.turns()[0] == turns
    assert len(state_of(morning.board).owed) == owed


def test_who_leaves_before_triage_concerns_no_board(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    services.record_leave(visit=visit, staff=morning.clerk, now=morning.later())

    visit.refresh_from_db()
    assert visit.state == Visit.State.LEFT
    assert not LedgerEntry.objects.filter(kind="left").exists()


def test_entering_is_a_reception_and_finishing_frees_the_seat(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    morning.serve(visit)

    morning.board.refresh_from_db()
    seat = state_of(morning.board).seats[0]
    assert (seat.receptions, seat.visits, seat.busy) == (1, (), False)
    assert board_from_json(morning.board.state) == folded(morning)
