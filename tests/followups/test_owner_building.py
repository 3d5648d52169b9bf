"""Owners' calls follow what is on record: the same rows however often, however late and by how many at once (R6–R8)."""

import threading
from datetime import UTC, date, datetime, timedelta
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Branch, BranchDay, OutboxEvent, Staff
from clinic.roles import Role
from consultations.models import Treatment
from consultations.selectors.hand_overs import colleagues_for, plan_of, rows_of
from consultations.services import finish_consultation, hand_over, record_no_deal
from consultations.services.hand_overs import take_back_hand_over
from followups import tasks
from followups.models import CallBar, OwnerCall
from followups.services import bar_calls, build_owner_calls, lift_bar, record_owner_try, write_call_days
from followups.services.owner_building import PASSES_AFTER
from reception.models import Visit, Visitor
from reception.selectors.visitors import latest_history_id
from reception.services import merge_visitors
from reception.services.appointments import close_appointments_of
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.conftest import morning as morning
from tests.factories.appointments import book
from tests.factories.consultations import ConsultationFactory, VisitFactory, make_deal
from tests.factories.followups import (
    FollowedVisitorFactory,
    OperationFactory,
    a_doctor,
    an_owner_call,
    another_project,
    no_deal,
)
from tests.followups.reckoning import call_on

pytestmark = pytest.mark.django_db
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣")


def standing(**which: Any) -> list[tuple[str, str, str]]:
    rows = OwnerCall.objects.filter(**which).order_by("kind", "about")
    return [(row.kind, row.state, row.state_reason) for row in rows]


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


# --- birthdays ---


def treated(branch: Branch, born: date, **more: Any) -> Visitor:
    visitor: Visitor = FollowedVisitorFactory.create(registered_in=branch, birth_on=born, **more)
    OperationFactory.create(branch=branch, visitor=visitor, treated_on=LONG_AGO)
    return visitor


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "today", "due_on"),
    [
        (date(1990, 3, 11), date(2026, 3, 11), date(2026, 3, 11)),
        (date(2000, 2, 29), date(2028, 2, 20), date(2028, 2, 29)),
        (date(2000, 2, 29), date(2026, 2, 20), date(2026, 2, 28)),
        (date(1990, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
        (date(1990, 12, 31), date(2027, 1, 1), date(2026, 12, 31)),
        (date(1990, 7, 1), date(2026, 3, 11), None),
    ],
)
def test_the_day_of_a_birthday(branch: Branch, born: date, today: date, due_on: date | None) -> None:
    visitor = treated(branch, born)
    build_owner_calls(now=at_noon(today))
    calls = list(OwnerCall.objects.filter(kind="birthday").values_list("about", "due_on"))
    assert calls == ([] if due_on is None else [(f"{visitor.pk} {due_on.year}", due_on)])


def by_hand(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    born=st.dates(date(1930, 1, 1), date(2010, 12, 31)) | st.sampled_from([date(1988, 2, 29), date(2004, 2, 29)]),
    today=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    closed=st.sets(st.integers(-5, 40), max_size=20),
    late=st.integers(0, 7),
)
def test_birthdays_of_any_year_with_any_holidays(
    branch: Branch, born: date, today: date, closed: set[int], late: int
) -> None:
    """Built every day from a week before, or once and up to a week late: the same rows, those reckoned by hand."""
    away = frozenset(by_hand(born, today.year) + timedelta(days=ahead) for ahead in closed)
    found = []
    for days in (range(-7, late + 1), [late]):
        with transaction.atomic():
            for holiday in away:
                BranchDay.objects.create(branch=branch, day=holiday, kind="closed", name="假")
            write_call_days(branch)
            visitor = treated(branch, born)
            for day in days:
                build_owner_calls(now=at_noon(today + timedelta(days=day)))
            end = today + timedelta(days=late)
            rows = OwnerCall.objects.filter(kind="birthday", due_on__range=(end - timedelta(days=31), end))
            found.append(sorted(rows.values_list("due_on", "call_on", "state", "state_reason")))
            assert all(row.visitor_id == visitor.pk for row in rows)
            transaction.set_rollback(True)
    expected = []
    for year in (today.year - 1, today.year, today.year + 1):
        due = by_hand(born, year)
        if end - timedelta(days=31) <= due <= end:
            called = call_on(due, week=frozenset(), closed=away, worked=frozenset())
            over = end > called + timedelta(days=PASSES_AFTER)
            expected.append((due, called, "cancelled" if over else "open", "passed" if over else ""))
    assert found == [expected, expected]


def test_only_who_was_treated_or_bought_here_and_lets_us_call(branch: Branch, consultant: Staff, now: datetime) -> None:
    born = date(1990, 3, 11)
    FollowedVisitorFactory.create(registered_in=branch, birth_on=born)
    later = FollowedVisitorFactory.create(registered_in=branch, birth_on=born)
    OperationFactory.create(branch=branch, visitor=later, treated_on=date(2026, 3, 12))
    planned = FollowedVisitorFactory.create(registered_in=branch, birth_on=born)
    OperationFactory.create(branch=branch, visitor=planned, treated_on=LONG_AGO, state="planned")
    bought = FollowedVisitorFactory.create(registered_in=branch, birth_on=born, owner=consultant)
    make_deal(no_deal(consultant, again_on=None, at=now, visitor=bought))
    barred = treated(branch, born)
    bar_calls(visitor=barred, reason="do_not_call", branch=branch, staff=consultant, now=now)
    build_owner_calls(now=now)
    found = {(call.visitor_id, call.state, call.state_reason, call.owner_id) for call in OwnerCall.objects.all()}
    assert found == {(bought.pk, "open", "", consultant.pk), (barred.pk, "cancelled", "barred", None)}


def test_a_birthday_passes_after_a_week_unless_she_was_promised_a_later_call(
    branch: Branch, consultant: Staff, now: datetime
) -> None:
    silent, promised = (treated(branch, date(1990, 3, 11), owner=consultant) for _number in range(2))
    build_owner_calls(now=now)
    record_owner_try(
        call=OwnerCall.objects.get(visitor=promised),
        result="later",
        call_on=date(2026, 3, 25),
        staff=consultant,
        now=now,
    )
    assert build_owner_calls(now=now + timedelta(days=7)) == 0
    assert build_owner_calls(now=now + timedelta(days=8)) == 1
    assert standing(visitor=silent) == [("birthday", "cancelled", "passed")]
    assert build_owner_calls(now=now + timedelta(days=21)) == 0
    assert build_owner_calls(now=now + timedelta(days=22)) == 1
    assert standing(visitor=promised) == [("birthday", "cancelled", "passed")]
    assert build_owner_calls(now=now + timedelta(days=200)) == 0


def test_the_next_year_has_its_own_call(branch: Branch, now: datetime) -> None:
    visitor = treated(branch, date(1990, 3, 11))
    build_owner_calls(now=now)
    build_owner_calls(now=now + timedelta(days=365))
    abouts = OwnerCall.objects.order_by("due_on").values_list("about", "state")
    assert list(abouts) == [(f"{visitor.pk} 2026", "cancelled"), (f"{visitor.pk} 2027", "open")]


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


# --- often, late, at once ---


def full_house(branch: Branch, consultant: Staff, now: datetime) -> None:
    for number in range(12):
        no_deal(consultant, again_on=branch.today(now) + timedelta(days=number - 4), at=now - timedelta(days=30))
        visitor = treated(branch, date(1990, 3, 11) + timedelta(days=number), owner=consultant)
        OperationFactory.create(
            branch=branch,
            visitor=visitor,
            treated_on=date(2026, 3, 1),
            next_visit_on=date(2026, 3, 8) + timedelta(days=number),
        )


def test_a_week_late_nothing_is_dropped(branch: Branch, consultant: Staff, now: datetime) -> None:
    full_house(branch, consultant, now)
    build_owner_calls(now=now + timedelta(days=7))
    days = OwnerCall.objects.filter(kind="no_deal").order_by("call_on").values_list("call_on", flat=True)
    assert list(days) == [date(2026, 3, 7) + timedelta(days=number) for number in range(12)]
    before = list(OwnerCall.objects.order_by("pk").values())
    assert build_owner_calls(now=now + timedelta(days=7)) == 0
    assert list(OwnerCall.objects.order_by("pk").values()) == before
    assert len(before) == 36


@pytest.mark.django_db(transaction=True)
def test_builders_at_once_make_each_call_once(branch: Branch, consultant: Staff, now: datetime) -> None:
    full_house(branch, consultant, now)
    built: list[int] = []
    jobs = [lambda: built.append(build_owner_calls(now=now)) for _number in range(AT_ONCE)]
    assert at_once(*jobs) == ["ok"] * AT_ONCE
    assert sorted(built) == [0] * (AT_ONCE - 1) + [36]
    assert OwnerCall.objects.count() == 36


def _wait_for_a_waiting_builder() -> None:
    """Return once somebody waits for a row that this transaction holds."""
    with connection.cursor() as cursor:
        for _number in range(1000):
            cursor.execute("select exists (select from pg_locks where not granted and locktype = 'transactionid')")
            if cursor.fetchone() == (True,):
                return
            sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_a_try_recorded_while_building_stands(branch: Branch, consultant: Staff, now: datetime) -> None:
    call = an_owner_call(consultant, now=now)
    # It is to change while it is being made: she is another owner's from now on.
    Visitor.objects.update(owner=a_doctor(branch))
    recorded = threading.Event()

    def record() -> None:
        with transaction.atomic():
            record_owner_try(call=call, result="thinks", staff=consultant, now=now)
            recorded.set()
            _wait_for_a_waiting_builder()

    def build() -> None:
        recorded.wait()
        build_owner_calls(now=now)

    assert at_once(record, build) == ["ok", "ok"]
    assert standing() == [("no_deal", "done", "reached")]


# --- whatever happens ---


def _visit(world: dict[str, Any], which: int, on: date) -> None:
    visitor = world["visitors"][which % 2]
    at = datetime(on.year, on.month, on.day, 3, which, tzinfo=UTC)
    state = ("finished", "void", "left")[which % 3]
    world["visits"].append(VisitFactory.create(consultant=world["owner"], visitor=visitor, arrived_at=at, state=state))


def _talk(world: dict[str, Any], which: int, on: date) -> None:
    visitor = world["visitors"][which % 2]
    at = datetime(on.year, on.month, on.day, 2, which, tzinfo=UTC)
    talk = no_deal(world["owner"], again_on=on + timedelta(days=1 + which), at=at, visitor=visitor)
    world["talks"].append(talk)
    world["visits"].append(talk.visit)


def _change(world: dict[str, Any], which: int, _on: date) -> None:
    if world["talks"]:
        talk = world["talks"][which % len(world["talks"])]
        talk.call_again_on = None if which % 3 == 0 else talk.day + timedelta(days=which)
        talk.save()


def _bar(world: dict[str, Any], which: int, _on: date) -> None:
    visitor = world["visitors"][which % 2]
    standing = CallBar.objects.filter(visitor=visitor, ended_at=None).first()
    given = {"staff": world["owner"], "now": world["now"]}
    if standing is None:
        bar_calls(visitor=visitor, reason="do_not_call", branch=visitor.registered_in, **given)
    else:
        lift_bar(bar=standing, **given)


def _own(world: dict[str, Any], which: int, _on: date) -> None:
    visitor = world["visitors"][which % 2]
    visitor.owner = (None, world["owner"], world["second"])[which % 3]
    visitor.save()


def _leave(world: dict[str, Any], which: int, _on: date) -> None:
    world["owner"].active_until = None if which % 2 else date(2023, 12, 31)
    world["owner"].successor = world["second"] if which % 3 else None
    world["owner"].save()


def _expected(world: dict[str, Any]) -> dict[int, tuple[date, int | None]]:
    """Return the calls to be made: consultation → day and owner."""
    barred = set(CallBar.objects.filter(ended_at=None).values_list("visitor_id", flat=True))
    gone = world["owner"].active_until is not None
    heir = world["owner"].successor_id if gone else world["owner"].pk
    found = {}
    for talk in world["talks"]:
        visitor = next(one for one in world["visitors"] if one.pk == talk.visitor_id)
        here = [
            visit
            for visit in world["visits"]
            if visit.visitor_id == visitor.pk
            and visit.pk != talk.visit_id
            and visit.arrived_at > talk.finished_at
            and visit.state == "finished"
        ]
        if talk.call_again_on is None or visitor.pk in barred or here:
            continue
        owner = heir if visitor.owner_id in (None, world["owner"].pk) else visitor.owner_id
        found[talk.pk] = (talk.call_again_on, owner)
    return found


COURSE = st.lists(
    st.tuples(
        st.sampled_from([_visit, _talk, _talk, _change, _bar, _own, _leave]),
        st.integers(0, 11),
        st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(course=COURSE)
def test_built_at_every_step_or_late_they_are_those_reckoned_by_hand(branch: Branch, course: list[Any]) -> None:
    now = datetime(2024, 1, 1, 2, 30, tzinfo=UTC)
    stood = []
    for step_by_step in (True, False):
        with transaction.atomic():
            owner, second = (
                Staff.objects.create_user(f"c{number}", display_name="c", branch=branch, active_from=LONG_AGO)
                for number in range(2)
            )
            visitors = [FollowedVisitorFactory.create(registered_in=branch, owner=owner) for _number in range(2)]
            world: dict[str, Any] = {
                "owner": owner, "second": second, "visitors": visitors, "talks": [], "visits": [], "now": now,
            }  # fmt: skip
            for happens, which, on in course:
                happens(world, which, on)
                if step_by_step:
                    build_owner_calls(visitor_ids=[visitors[which % 2].pk] if which % 3 else None, now=now)
            late = now + timedelta(days=0 if step_by_step else 7)
            build_owner_calls(now=late)
            assert build_owner_calls(now=late) == 0
            rows = OwnerCall.objects.filter(state="open").values_list("about", "call_on", "owner_id")
            stands = {int(about.split()[1]): (on, whose) for about, on, whose in rows}
            assert stands == _expected(world)
            place = {talk.pk: number for number, talk in enumerate(world["talks"])}
            stood.append({place[pk]: on for pk, (on, _whose) in stands.items()})
            transaction.set_rollback(True)
    assert stood[0] == stood[1]


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
