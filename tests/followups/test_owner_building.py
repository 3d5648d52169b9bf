"""Owners' calls follow what is on record: no deal, whose she is, the next session, bars, mergings and holidays."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic.models import Branch, BranchDay, OutboxEvent, Staff
from clinic.roles import Role
from consultations.models import Treatment
from consultations.selectors.hand_overs import colleagues_for, plan_of, rows_of
from consultations.services import finish_consultation, hand_over, record_no_deal
from consultations.services.hand_overs import take_back_hand_over
from followups import tasks
from followups.models import OwnerCall
from followups.services import bar_calls, build_owner_calls, lift_bar, record_owner_try, write_call_days
from reception.models import Visit, Visitor
from reception.selectors.visitors import latest_history_id
from reception.services import merge_visitors
from reception.services.appointments import close_appointments_of
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.conftest import morning as morning
from tests.factories.appointments import book
from tests.factories.consultations import ConsultationFactory, VisitFactory, make_deal
from tests.factories.followups import (
    FollowedVisitorFactory,
    OperationFactory,
    an_owner_call,
    another_project,
    no_deal,
)
from tests.followups.owner_scenes import consultant as consultant
from tests.followups.owner_scenes import standing, treated

pytestmark = pytest.mark.django_db


# --- no deal ---


def test_who_did_not_buy_is_called_by_whose_she_is_on_the_day(branch: Branch, consultant: Staff, now: datetime) -> None:
    talk = no_deal(consultant, again_on=date(2026, 3, 20), at=now)
    no_deal(consultant, again_on=None, at=now)
    assert build_owner_calls(visitor_ids=[talk.visitor_id], now=now) == 1
    assert build_owner_calls(now=now) == 0
    call = OwnerCall.objects.get()
    assert (call.kind, call.about, call.owner, call.branch, call.reason, call.due_on, call.call_on, call.state) == (
        "no_deal", f"consultation {talk.pk}", consultant, branch, "价格", date(2026, 3, 20), date(2026, 3, 20), "open",
    )  # fmt: skip
    told = OutboxEvent.objects.latest("pk").topics
    assert told == [f"owner-calls-{branch.pk}", f"visitor-{talk.visitor_id}"]


def test_she_bought_since(consultant: Staff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now)
    visit = VisitFactory.create(consultant=consultant, visitor=call.visitor, arrived_at=now, state="void")
    # The deal of the factories was made at an instant of its own, after the consultation of a week ago.
    make_deal(ConsultationFactory.create(visit=visit, state="finished", outcome="deal", finished_at=now))
    assert build_owner_calls(now=now) == 1
    call.refresh_from_db()
    assert (call.state, call.state_reason, call.closed_at) == ("cancelled", "bought", now)


@pytest.mark.parametrize(
    ("state", "closed"),
    [("waiting", "came"), ("in_room", "came"), ("finished", "came"), ("left", ""), ("void", "")],
)
def test_she_came_since(consultant: Staff, now: datetime, state: str, closed: str) -> None:
    call = an_owner_call(consultant, now=now)
    VisitFactory.create(consultant=consultant, visitor=call.visitor, arrived_at=now, state=state)
    build_owner_calls(now=now)
    call.refresh_from_db()
    assert call.state_reason == closed


def test_a_visit_that_turns_out_a_wrong_entry_opens_the_call_again(consultant: Staff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now)
    visit = VisitFactory.create(consultant=consultant, visitor=call.visitor, arrived_at=now)
    build_owner_calls(now=now)
    assert standing() == [("no_deal", "cancelled", "came")]
    Visit.objects.filter(pk=visit.pk).update(state="void")
    assert build_owner_calls(now=now) == 1
    assert standing() == [("no_deal", "open", "")]


def test_another_outcome_closes_the_call(consultant: Staff, now: datetime) -> None:
    talk = no_deal(consultant, again_on=date(2026, 3, 20), at=now)
    build_owner_calls(now=now)
    talk.outcome, talk.call_again_on = "deal", None
    talk.save()
    build_owner_calls(now=now)
    assert standing() == [("no_deal", "cancelled", "changed")]


def test_a_call_made_stays_made_whatever_happens(consultant: Staff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now)
    record_owner_try(call=call, result="thinks", staff=consultant, now=now)
    VisitFactory.create(consultant=consultant, visitor=call.visitor, arrived_at=now)
    assert build_owner_calls(now=now) == 0
    assert standing() == [("no_deal", "done", "reached")]


# --- whose it is ---


def test_the_owner_is_whose_visitor_she_is_by_now(consultant: Staff, staff_with: MakeStaff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now)
    other = staff_with(Role.CONSULTANT)
    Visitor.objects.filter(pk=call.visitor_id).update(owner=other)
    assert build_owner_calls(now=now) == 1
    call.refresh_from_db()
    assert call.owner == other


@pytest.mark.parametrize("successors", [0, 1, 3])
def test_a_leavers_calls_go_to_whoever_succeeded_her(
    consultant: Staff, staff_with: MakeStaff, now: datetime, successors: int
) -> None:
    call = an_owner_call(consultant, now=now)
    last = consultant
    for _number in range(successors):
        after = staff_with(Role.CONSULTANT)
        last.active_until, last.successor = date(2026, 3, 10), after
        last.save()
        last = after
    if not successors:
        consultant.active_until = date(2026, 3, 10)
        consultant.save()
    build_owner_calls(now=now)
    call.refresh_from_db()
    assert call.owner == (last if successors else None)


def test_on_her_last_day_they_are_still_hers(consultant: Staff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now)
    consultant.active_until = date(2026, 3, 11)
    consultant.save()
    assert build_owner_calls(now=now) == 0
    assert build_owner_calls(now=now + timedelta(days=1)) == 1
    call.refresh_from_db()
    assert call.owner is None


def test_a_hand_over_moves_the_open_calls_and_taking_it_back_brings_them_back(
    consultant: Staff, staff_with: MakeStaff, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    call = an_owner_call(consultant, now=now)
    receiver, supervisor = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTING_SUPERVISOR)
    rows = rows_of(consultant)
    plan = plan_of(rows, [one for one in colleagues_for(consultant, now) if one.pk == receiver.pk], "one", {})
    done = hand_over(
        leaver=consultant,
        receivers=[receiver],
        rule="one",
        moves={},
        seen=plan.visitors,
        mark=plan.mark,
        reason="离职",
        staff=supervisor,
        now=now,
    )
    event = OutboxEvent.objects.get(event="visitors_handed_over")
    tasks.build_owners_for_hand_over(**event.payload)
    call.refresh_from_db()
    assert call.owner == receiver
    back, _stay = take_back_hand_over(hand_over=done, reason="弄错了", staff=supervisor, now=now)
    tasks.build_owners_for_hand_over(hand_over_id=back.pk)
    call.refresh_from_db()
    assert call.owner == consultant


def test_the_calls_of_who_works_elsewhere_are_made_there(
    consultant: Staff, other_branch: Branch, now: datetime
) -> None:
    call = an_owner_call(consultant, now=now, again_on=date(2026, 3, 20))
    BranchDay.objects.create(branch=other_branch, day=date(2026, 3, 20), kind="closed", name="停业")
    write_call_days(other_branch)
    consultant.branch = other_branch
    consultant.save()
    build_owner_calls(now=now)
    call.refresh_from_db()
    assert (call.branch, call.due_on, call.call_on) == (other_branch, date(2026, 3, 20), date(2026, 3, 21))


# --- next session ---

NEXT = date(2026, 4, 10)
CASES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("nothing happened", {}, ("open", "")),
    ("an appointment on the day", {"booked": NEXT}, ("cancelled", "booked")),
    ("an appointment a fortnight later", {"booked": NEXT + timedelta(days=14)}, ("cancelled", "booked")),
    ("an appointment much later", {"booked": NEXT + timedelta(days=15)}, ("open", "")),
    ("treated again", {"treated": date(2026, 4, 1), "state": "done"}, ("cancelled", "came")),
    ("the next treatment is planned", {"treated": NEXT, "state": "planned"}, ("cancelled", "booked")),
    ("another project", {"treated": date(2026, 4, 1), "state": "done", "other": True}, ("open", "")),
    ("here three days before", {"here": date(2026, 4, 7)}, ("cancelled", "came")),
    ("here long before", {"here": date(2026, 4, 6)}, ("open", "")),
]


@pytest.mark.parametrize(("what", "happens", "stands"), CASES, ids=[case[0] for case in CASES])
def test_the_next_session(
    branch: Branch,
    consultant: Staff,
    now: datetime,
    what: str,
    happens: dict[str, Any],
    stands: tuple[str, str],
) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch, owner=consultant)
    done = OperationFactory.create(branch=branch, visitor=visitor, treated_on=date(2026, 3, 9), next_visit_on=NEXT)
    build_owner_calls(now=now)
    if "booked" in happens:
        book(branch, day=happens["booked"], visitor=visitor, now=now)
    if "treated" in happens:
        project = another_project(branch, 7) if happens.get("other") else done.project
        OperationFactory.create(
            branch=branch, visitor=visitor, treated_on=happens["treated"], state=happens["state"], project=project
        )
    if "here" in happens:
        at = datetime.combine(happens["here"], now.time(), UTC)
        VisitFactory.create(consultant=consultant, visitor=visitor, arrived_at=at, state="finished")
    late = now + timedelta(days=40)
    build_owner_calls(now=late)
    call = OwnerCall.objects.get(kind="next_session")
    assert (call.about, call.due_on, call.owner) == (f"treatment {done.pk}", date(2026, 4, 7), consultant)
    assert (call.state, call.state_reason) == stands


def test_a_call_comes_back_when_she_did_not_come(branch: Branch, consultant: Staff, now: datetime) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch, owner=consultant)
    OperationFactory.create(branch=branch, visitor=visitor, treated_on=date(2026, 3, 9), next_visit_on=NEXT)
    made = book(branch, day=NEXT, visitor=visitor, now=now)
    event = OutboxEvent.objects.filter(event="appointment_changed").latest("pk")
    tasks.build_owners_for_visitor(**event.payload)
    assert standing() == [("next_session", "cancelled", "booked")]
    close_appointments_of(branch=branch, day=made.day, staff=None, now=now + timedelta(days=31))
    build_owner_calls(now=now + timedelta(days=31))
    assert standing() == [("next_session", "open", "")]


@pytest.mark.parametrize(
    ("next_visit_on", "due_on"),
    [
        (date(2026, 3, 31), date(2026, 3, 28)),
        (date(2026, 3, 11), date(2026, 3, 10)),  # not before the day after the treatment
        (date(2026, 3, 10), date(2026, 3, 10)),
        (date(2027, 1, 1), date(2026, 12, 29)),  # over the year end
        (date(2028, 3, 1), date(2028, 2, 27)),  # a leap year
    ],
)
def test_three_days_before(branch: Branch, now: datetime, next_visit_on: date, due_on: date) -> None:
    OperationFactory.create(branch=branch, treated_on=date(2026, 3, 9), next_visit_on=next_visit_on)
    build_owner_calls(now=now)
    assert OwnerCall.objects.get().due_on == due_on


def test_a_moved_next_visit_moves_the_call_and_a_cancelled_treatment_closes_it(branch: Branch, now: datetime) -> None:
    done = OperationFactory.create(branch=branch, treated_on=date(2026, 3, 9), next_visit_on=NEXT)
    tasks.build_owners_for_treatment(treatment_id=done.pk)
    done.next_visit_on = date(2026, 5, 2)
    done.save()
    tasks.build_owners_for_treatment(treatment_id=done.pk)
    assert OwnerCall.objects.get().call_on == date(2026, 4, 29)
    done.state, done.cancel_reason = Treatment.State.CANCELLED, "误录"
    done.save()
    tasks.build_owners_for_treatment(treatment_id=done.pk)
    assert standing() == [("next_session", "cancelled", "changed")]


# --- bars, mergings, holidays ---


def test_a_bar_closes_all_her_calls_and_lifting_it_brings_them_back(
    branch: Branch, consultant: Staff, now: datetime
) -> None:
    call = an_owner_call(consultant, now=now)
    bar = bar_calls(visitor=call.visitor, reason="do_not_call", branch=branch, staff=consultant, now=now)
    assert standing() == [("no_deal", "cancelled", "barred")]
    lift_bar(bar=bar, staff=consultant, now=now)
    assert standing() == [("no_deal", "open", "")]


def test_two_records_become_one(branch: Branch, consultant: Staff, now: datetime) -> None:
    born = date(1990, 3, 11)
    kept, other = (treated(branch, born, owner=consultant) for _number in range(2))
    Treatment.objects.filter(visitor=other).update(treated_on=date(2020, 1, 2), next_visit_on=date(2020, 2, 1))
    no_deal(consultant, again_on=date(2026, 3, 20), at=now, visitor=other)
    build_owner_calls(now=now)
    record_owner_try(
        call=OwnerCall.objects.get(visitor=other, kind="birthday"), result="thinks", staff=consultant, now=now
    )
    OwnerCall.objects.filter(visitor=kept, kind="birthday").delete()
    merge_visitors(
        survivor=kept,
        other=other,
        keep={},
        seen={one.pk: latest_history_id(one) for one in (kept, other)},
        staff=consultant,
        now=now,
    )
    build_owner_calls(now=now)
    assert set(OwnerCall.objects.values_list("visitor_id", flat=True)) == {kept.pk}
    # She is congratulated once: the call of the other record was made.
    assert standing(kind="birthday") == [("birthday", "done", "reached")]
    assert standing(kind="no_deal") == [("no_deal", "open", "")]


def test_calls_follow_the_days_of_the_branch(branch: Branch, consultant: Staff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now, again_on=date(2026, 10, 1))
    for day in range(1, 8):
        BranchDay.objects.create(branch=branch, day=date(2026, 10, day), kind="closed", name="国庆")
    tasks.follow_branch_days(branch_id=branch.pk)
    call.refresh_from_db()
    assert (call.due_on, call.call_on) == (date(2026, 10, 1), date(2026, 10, 8))


# --- through the room ---


def test_through_the_room(morning: Morning) -> None:
    """A consultation that ends in the room leads to the call, and the deal that is made instead closes it."""
    talk = morning.enter(morning.arrive())
    record_no_deal(
        consultation=talk, reason="再考虑", call_again_on=date(2026, 3, 18), staff=talk.consultant, now=morning.now
    )
    finish_consultation(consultation=talk, staff=talk.consultant, now=morning.now)
    event = OutboxEvent.objects.get(event="consultation_finished")
    tasks.build_owners_for_visitor(**event.payload)
    call = OwnerCall.objects.get()
    assert (call.owner, call.reason, call.call_on) == (talk.consultant, "再考虑", date(2026, 3, 18))
    later = morning.now + timedelta(days=3)
    VisitFactory.create(consultant=talk.consultant, visitor=talk.visitor, arrived_at=later)
    build_owner_calls(now=later)
    call.refresh_from_db()
    assert call.state_reason == "came"
