"""Cards and results: one holder a card, each result with its own end, nothing recorded twice (E18, E19)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import Error, transaction

from clinic.models import Branch, BranchDay, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from followups import selectors
from followups.models import CallAttempt, CallBack, CallBar, CallRules
from followups.selectors import Narrowing, Tab
from followups.services import (
    bar_calls,
    build_call_backs,
    lift_bar,
    put_back,
    record_attempt,
    release_card,
    renew_card,
    settle_concern,
    take_card,
    take_next,
    write_call_days,
)
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CUSTOMER_SERVICE, display_name="周琳")


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR)


@pytest.fixture
def call(branch: Branch, now: datetime) -> CallBack:
    return a_call(branch, now=now)


def again(call: CallBack) -> CallBack:
    return CallBack.objects.select_related("held_by", "branch", "visitor").get(pk=call.pk)


def test_a_card_is_held_by_one_and_freed_in_time(
    call: CallBack, agent: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    other = staff_with(Role.CUSTOMER_SERVICE)
    take_card(call_back=call, staff=agent, now=now)
    assert again(call).holder(now) == agent
    with pytest.raises(Stale, match="held") as refusal:
        take_card(call_back=call, staff=other, now=now + timedelta(minutes=9))
    assert "周琳" in str(refusal.value.message) and "10:40" in str(refusal.value.message)
    with pytest.raises(Stale, match="held"):
        record_attempt(call_back=call, result="no_answer", staff=other, now=now)
    take_card(call_back=call, staff=other, now=now + timedelta(minutes=10))
    assert again(call).holder(now + timedelta(minutes=10)) == other


def test_an_open_card_stays_held_and_a_left_one_is_free(
    call: CallBack, agent: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    other, later = staff_with(Role.CUSTOMER_SERVICE), now + timedelta(minutes=9)
    take_card(call_back=call, staff=agent, now=now)
    assert renew_card(call_back=call, staff=agent, now=later) == later + timedelta(minutes=10)
    release_card(call_back=call, staff=other, now=later)
    assert again(call).holder(later) == agent
    release_card(call_back=call, staff=agent, now=later)
    assert again(call).holder(later) is None
    take_card(call_back=call, staff=other, now=later)
    with pytest.raises(Stale, match="held"):
        renew_card(call_back=call, staff=agent, now=later)


def test_whoever_takes_another_card_leaves_the_first(branch: Branch, agent: Staff, now: datetime) -> None:
    first, second = a_call(branch, now=now), a_call(branch, now=now)
    take_card(call_back=first, staff=agent, now=now)
    take_card(call_back=second, staff=agent, now=now)
    assert (again(first).held_by, again(second).held_by) == (None, agent)


def test_reached_ends_the_call(call: CallBack, agent: Staff, now: datetime) -> None:
    take_card(call_back=call, staff=agent, now=now)
    attempt = record_attempt(
        call_back=call, result="reached", satisfaction=5, recovery="normal", notes=" 很满意 ", staff=agent, now=now
    )
    row = again(call)
    assert (row.state, row.state_reason, row.tries, row.closed_at) == ("done", "reached", 1, now)
    assert (row.held_by, row.held_until, row.concern) == (None, None, "")
    assert (attempt.satisfaction, attempt.notes, attempt.staff) == (5, "很满意", agent)
    with pytest.raises(Stale, match="closed"):
        record_attempt(call_back=call, result="no_answer", staff=agent, now=now)
    assert CallAttempt.objects.count() == 1


@pytest.mark.parametrize(("result", "minutes"), [("no_answer", 180), ("busy", 30)])
def test_who_was_not_reached_is_tried_again(
    call: CallBack, agent: Staff, now: datetime, result: str, minutes: int
) -> None:
    record_attempt(call_back=call, result=result, staff=agent, now=now)
    row = again(call)
    assert (row.state, row.call_at, row.call_on, row.tries) == (
        "open",
        now + timedelta(minutes=minutes),
        date(2026, 3, 11),
        1,
    )
    record_attempt(call_back=call, result=result, staff=agent, now=now + timedelta(minutes=minutes))
    row = again(call)
    assert (row.call_on, row.due_on, row.tries) == (date(2026, 3, 12), date(2026, 3, 11), 2)


def test_after_the_last_try_the_supervisor_has_it(
    call: CallBack, agent: Staff, supervisor: Staff, now: datetime
) -> None:
    for _ in range(6):
        record_attempt(call_back=call, result="no_answer", staff=agent, now=now)
    row = again(call)
    assert (row.state, row.concern, row.concern_at, row.tries) == ("open", "unreached", now, 6)
    assert list(selectors.worklist(staff=agent, tab=Tab.TODAY, now=now)) == []
    assert list(selectors.worklist(staff=supervisor, tab=Tab.SUPERVISOR, now=now)) == [call]
    assert take_next(staff=supervisor, tab=Tab.SUPERVISOR, now=now) is None
    put_back(call_back=call, call_on=date(2026, 3, 12), staff=supervisor, now=now)
    row = again(call)
    assert (row.concern, row.call_on, row.tries, row.call_at) == ("", date(2026, 3, 12), 0, None)
    with pytest.raises(Stale, match="settled"):
        settle_concern(call_back=call, note="again", staff=supervisor, now=now)


def test_call_later_needs_a_time_still_to_come(call: CallBack, agent: Staff, now: datetime) -> None:
    mistakes: list[dict[str, Any]] = [{}, {"call_at": now}, {"call_on": date(2026, 3, 10)}]
    for wrong in mistakes:
        with pytest.raises(Refused, match="later_when"):
            record_attempt(call_back=call, result="later", staff=agent, now=now, **wrong)
    assert again(call).tries == 0
    promised = now + timedelta(days=1, hours=4)
    record_attempt(call_back=call, result="later", call_at=promised, staff=agent, now=now)
    assert (again(call).call_at, again(call).call_on) == (promised, date(2026, 3, 12))
    record_attempt(call_back=call, result="later", call_on=date(2026, 3, 15), staff=agent, now=promised)
    assert (again(call).call_at, again(call).call_on) == (None, date(2026, 3, 15))


def test_wrong_number_goes_to_the_supervisor_who_ends_it(
    call: CallBack, agent: Staff, supervisor: Staff, now: datetime
) -> None:
    record_attempt(call_back=call, result="wrong_number", staff=agent, now=now)
    assert (again(call).state, again(call).concern) == ("open", "wrong_number")
    with pytest.raises(Refused, match="note_missing"):
        settle_concern(call_back=call, note=" ", staff=supervisor, now=now)
    settle_concern(call_back=call, note="家属说已搬走", staff=supervisor, now=now)
    row = again(call)
    assert (row.state, row.state_reason, row.settled_note, row.concern) == ("cancelled", "ended", "家属说已搬走", "")


def test_who_is_reached_after_all_leaves_the_supervisors_list(
    call: CallBack, agent: Staff, supervisor: Staff, now: datetime
) -> None:
    record_attempt(call_back=call, result="wrong_number", staff=agent, now=now)
    record_attempt(call_back=call, result="reached", recovery="normal", staff=supervisor, now=now)
    assert (again(call).state, again(call).concern, again(call).concern_at) == ("done", "", None)


def test_do_not_call_closes_all_her_calls_and_refused_only_this_one(
    branch: Branch, agent: Staff, now: datetime
) -> None:
    refused, silent = a_call(branch, now=now), a_call(branch, now=now)
    record_attempt(call_back=refused, result="refused", staff=agent, now=now)
    record_attempt(call_back=silent, result="do_not_call", staff=agent, now=now)

    def states(call: CallBack) -> list[tuple[str, str]]:
        return sorted(CallBack.objects.filter(visitor=call.visitor).values_list("state", "state_reason"))

    assert states(refused) == [("done", "refused")] + [("open", "")] * 3
    assert states(silent) == [("cancelled", "do_not_call")] * 3 + [("done", "do_not_call")]


def test_abnormal_recovery_is_flagged_and_raises_her_other_calls(
    call: CallBack, agent: Staff, supervisor: Staff, now: datetime
) -> None:
    record_attempt(call_back=call, result="reached", recovery="abnormal", staff=agent, now=now)
    row = again(call)
    assert (row.state, row.concern, row.concern_at) == ("done", "abnormal", now)
    assert set(CallBack.objects.filter(state="open").values_list("risk", flat=True)) == {5}
    with pytest.raises(Refused, match="closed"):
        put_back(call_back=call, call_on=date(2026, 3, 12), staff=supervisor, now=now)
    with pytest.raises(Refused, match="review_waits"):
        settle_concern(call_back=call, note="李医生今天下午看", staff=supervisor, now=now)
    assert (again(call).state, again(call).concern) == ("done", "abnormal")


@pytest.mark.parametrize(("score", "risks"), [(2, {5}), (3, {2, 1})])
def test_an_unhappy_visitor_is_called_first_next_time(
    call: CallBack, agent: Staff, now: datetime, score: int, risks: set[int]
) -> None:
    record_attempt(call_back=call, result="reached", recovery="normal", satisfaction=score, staff=agent, now=now)
    assert set(CallBack.objects.filter(state="open").values_list("risk", flat=True)) == risks


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("result", {"result": "shouted"}),
        ("reached_only", {"result": "no_answer", "satisfaction": 3}),
        ("reached_only", {"result": "busy", "recovery": "normal"}),
        ("recovery_missing", {"result": "reached", "satisfaction": 5}),
    ],
)
def test_a_result_that_makes_no_sense_is_refused(
    call: CallBack, agent: Staff, now: datetime, code: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match=code):
        record_attempt(call_back=call, staff=agent, now=now, **arguments)
    assert CallAttempt.objects.count() == 0


def test_a_card_that_moved_meanwhile_is_not_recorded(call: CallBack, agent: Staff, now: datetime) -> None:
    CallBack.objects.filter(pk=call.pk).update(version=2)
    with pytest.raises(Stale, match="moved"):
        record_attempt(call_back=call, result="no_answer", version=1, staff=agent, now=now)


def test_tries_cannot_be_changed_or_removed(call: CallBack, agent: Staff, now: datetime) -> None:
    attempt = record_attempt(call_back=call, result="no_answer", staff=agent, now=now)
    with pytest.raises(Error, match="append"), transaction.atomic():
        CallAttempt.objects.filter(pk=attempt.pk).update(result="reached")
    with pytest.raises(Error, match="append"), transaction.atomic():
        attempt.delete()


def test_lists_by_day_and_order_by_risk_then_lateness(branch: Branch, agent: Staff, now: datetime) -> None:
    def due(days: int) -> CallBack:
        return a_call(branch, now=now, treated_on=date(2026, 3, 9) + timedelta(days=days))

    late, very_late, today, tomorrow, in_a_week, in_eight_days = (due(days) for days in (-1, -5, 0, 1, 7, 8))
    promised = due(0)
    record_attempt(call_back=promised, result="later", call_at=now + timedelta(hours=2), staff=agent, now=now)
    lists = {tab: [row.pk for row in selectors.worklist(staff=agent, tab=tab, now=now)] for tab in list(Tab)[:4]}
    month_old = a_call(branch, now=now, step="month-1", treated_on=date(2026, 2, 1))  # due 1 March, less risk
    assert lists == {
        Tab.TODAY: [very_late.pk, late.pk, today.pk, promised.pk],
        Tab.OVERDUE: [very_late.pk, late.pk],
        Tab.TOMORROW: [tomorrow.pk],
        Tab.UPCOMING: [tomorrow.pk, in_a_week.pk],
    }
    assert in_eight_days.pk not in lists[Tab.UPCOMING]
    overdue = [row.pk for row in selectors.worklist(staff=agent, tab=Tab.OVERDUE, now=now)]
    assert overdue.index(month_old.pk) > overdue.index(late.pk)
    counts = selectors.tab_counts(staff=agent, now=now)
    assert Tab.SUPERVISOR not in counts
    assert counts == {tab: selectors.worklist(staff=agent, tab=tab, now=now).count() for tab in counts}


def test_another_branch_has_its_own_lists(
    call: CallBack, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    stranger = staff_with(Role.CUSTOMER_SERVICE, branch=other_branch)
    assert not selectors.worklist(staff=stranger, tab=Tab.TODAY, now=now).exists()
    assert set(selectors.tab_counts(staff=stranger, now=now).values()) == {0}


def test_the_next_card_is_the_first_free_one(
    branch: Branch, agent: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    other = staff_with(Role.CUSTOMER_SERVICE)
    first, second = (a_call(branch, now=now, treated_on=date(2026, 3, day)) for day in (8, 9))
    assert take_next(staff=agent, tab=Tab.TODAY, now=now) == first
    assert take_next(staff=other, tab=Tab.TODAY, now=now) == second
    assert take_next(staff=staff_with(), tab=Tab.TODAY, now=now) is None
    elsewhere = Narrowing(department_kind="laser")
    assert take_next(staff=agent, tab=Tab.TODAY, narrowing=elsewhere, now=now) is None


@pytest.mark.django_db(transaction=True)
def test_eight_agents_never_share_a_card(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    OperationFactory.create_batch(5, branch=branch)
    build_call_backs(now=now)
    agents = [staff_with(Role.CUSTOMER_SERVICE) for _ in range(8)]
    got: list[int | None] = []

    def take(agent: Staff) -> Callable[[], object]:
        def work() -> None:
            card = take_next(staff=agent, tab=Tab.TODAY, now=now)
            got.append(card.pk if card else None)

        return work

    assert at_once(*map(take, agents)) == ["ok"] * 8
    cards = [pk for pk in got if pk is not None]
    assert len(got) == 8
    assert len(cards) == len(set(cards)) == 5


@pytest.mark.django_db(transaction=True)
def test_one_card_wanted_by_eight_goes_to_one(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    call = a_call(branch, now=now)
    agents = [staff_with(Role.CUSTOMER_SERVICE) for _ in range(8)]

    def take(agent: Staff) -> Callable[[], object]:
        return lambda: take_card(call_back=call, staff=agent, now=now)

    assert at_once(*map(take, agents)) == ["held"] * 7 + ["ok"]


def test_tries_are_spaced_as_the_branch_says_and_fall_on_days_it_calls(
    call: CallBack, branch: Branch, agent: Staff, now: datetime
) -> None:
    CallRules.objects.create(branch=branch, most_tries=2, tries_a_day=1, pause_no_answer=60, pause_busy=20)
    BranchDay.objects.create(branch=branch, day=date(2026, 3, 12), kind="closed", name="装修")
    write_call_days(branch)
    record_attempt(call_back=call, result="no_answer", staff=agent, now=now)
    row = again(call)
    assert (row.call_on, row.concern) == (date(2026, 3, 13), "")
    assert row.call_at is not None and row.call_at.astimezone(branch.zone).time() == time(9, 30)
    record_attempt(call_back=call, result="busy", staff=agent, now=row.call_at)
    assert again(call).concern == "unreached"


@pytest.mark.parametrize(
    ("result", "state", "concern", "others"),
    [
        ("admitted", ("open", ""), "admitted", ("open", "")),
        ("deceased", ("done", "deceased"), "", ("cancelled", "deceased")),
    ],
)
def test_in_another_hospital_and_deceased(
    call: CallBack,
    branch: Branch,
    agent: Staff,
    now: datetime,
    result: str,
    state: tuple[str, str],
    concern: str,
    others: tuple[str, str],
) -> None:
    record_attempt(call_back=call, result=result, notes="市一医院", staff=agent, now=now)
    row = again(call)
    assert ((row.state, row.state_reason), row.concern) == (state, concern)
    rest = CallBack.objects.filter(visitor=call.visitor).exclude(pk=call.pk)
    assert set(rest.values_list("state", "state_reason")) == {others}
    assert build_call_backs(now=now) == 0


def test_a_bar_is_lifted_and_her_calls_come_back(call: CallBack, branch: Branch, agent: Staff, now: datetime) -> None:
    record_attempt(call_back=call, result="do_not_call", staff=agent, now=now)
    (bar,) = CallBar.objects.all()
    assert bar_calls(visitor=call.visitor, reason="do_not_call", branch=branch, staff=agent, now=now) == bar
    lift_bar(bar=bar, staff=agent, now=now)
    assert CallBack.objects.filter(state="open").count() == 3 and again(call).state == "done"
    with pytest.raises(Stale, match="lifted"):
        lift_bar(bar=bar, staff=agent, now=now)
