"""Whose list calls stand on: shared out once, given by hand, taken over, and shared out anew when somebody is away."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.db import Error, transaction

from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from followups import selectors, tasks
from followups.models import AgentAbsence, CallAgent, CallBack, CallShare
from followups.selectors import Narrowing, Tab, Whose
from followups.services import (
    build_call_backs,
    give_card,
    give_cards,
    record_attempt,
    release_card,
    report_absence,
    set_agent,
    share_out,
    take_card,
    take_next,
    withdraw_absence,
)
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.factories.followups import FollowedVisitorFactory, OperationFactory, a_call, a_project, another_project

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 11)


@pytest.fixture
def agents(staff_with: MakeStaff) -> list[Staff]:
    return [staff_with(Role.CUSTOMER_SERVICE, display_name=name, name_key=name) for name in ("周琳", "吴月", "郑可")]


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR, display_name="主管")


def due_today(branch: Branch, number: int, now: datetime) -> list[CallBack]:
    OperationFactory.create_batch(number, branch=branch)
    build_call_backs(now=now)
    return list(CallBack.objects.filter(branch=branch, call_on=TODAY).order_by("id"))


def shared(branch: Branch, now: datetime) -> int:
    return share_out(branch=branch, day=branch.today(now), now=now)


def lists(branch: Branch) -> Counter[int | None]:
    return Counter(CallBack.objects.filter(branch=branch, call_on__lte=TODAY).values_list("shared_to", flat=True))


def again(call: CallBack) -> CallBack:
    return CallBack.objects.select_related("branch", "visitor", "shared_to").get(pk=call.pk)


def newest(call: CallBack) -> CallShare:
    return CallShare.objects.filter(call_back=call).latest("id")


def test_the_calls_of_today_are_shared_out_evenly_and_once(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    due_today(branch, 9, now)
    assert shared(branch, now) == 9
    assert lists(branch) == {agent.pk: 3 for agent in agents}
    assert shared(branch, now) == 0 and CallShare.objects.count() == 9
    # What is due later stands on nobody's list; the supervisor is given nothing unless she wants it.
    assert not CallBack.objects.filter(call_on__gt=TODAY).exclude(shared_to=None).exists()
    first = CallShare.objects.get(facts__loads={str(agent.pk): 0 for agent in agents})
    assert (first.why, first.day, first.by) == ("fewest", TODAY, None)
    entry = AuditEntry.objects.get(action="followups.share_out")
    assert (entry.staff, entry.branch, entry.detail) == (None, branch, {"day": "2026-03-11", "number": 9})


def test_a_decision_is_never_changed(branch: Branch, agents: list[Staff], now: datetime) -> None:
    due_today(branch, 1, now)
    shared(branch, now)
    with pytest.raises(Error), transaction.atomic():
        CallShare.objects.update(why="supervisor")


def test_each_takes_what_she_knows_and_speaks(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    first, second, third = agents
    set_agent(agent=first, takes_part=True, kinds=["laser"], staff=supervisor, now=now)
    set_agent(agent=second, takes_part=True, languages=["en"], staff=supervisor, now=now)
    set_agent(agent=third, takes_part=False, staff=supervisor, now=now)
    foreigner = FollowedVisitorFactory.create(registered_in=branch, name="Ann Lee")
    english = a_call(branch, now=now, visitor=foreigner)
    chinese = a_call(branch, now=now)
    laser = OperationFactory.create(branch=branch, project=a_project(branch, "laser"), treated_on=TODAY)
    build_call_backs(now=now)
    shared(branch, now)
    assert {call.shared_to for call in laser.call_backs.filter(call_on__lte=TODAY)} == {first}
    assert again(english).shared_to == second and newest(english).why == "only_one"
    assert again(chinese).shared_to is None and newest(chinese).why == "nobody"
    assert shared(branch, now) == 0, "that nobody can take it is written down once"
    set_agent(agent=third, takes_part=True, staff=supervisor, now=now)
    assert again(chinese).shared_to == third


def test_she_who_called_last_calls_again(branch: Branch, agents: list[Staff], now: datetime) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch)
    earlier = a_call(branch, now=now, visitor=visitor, treated_on=date(2026, 3, 1))
    record_attempt(call_back=earlier, result="reached", recovery="normal", staff=agents[2], now=now)
    call = a_call(branch, now=now, visitor=visitor, project=another_project(branch, 2))
    shared(branch, now)
    assert again(call).shared_to == agents[2] and newest(call).why == "called_last"
    share = selectors.share_of(again(call))
    assert share is not None and share.loads[-1] == (agents[2], 1), "what she did today counts in her load"


def test_another_call_of_the_same_visitor_follows_the_first(branch: Branch, agents: list[Staff], now: datetime) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch)
    first = a_call(branch, now=now, visitor=visitor)
    shared(branch, now)
    second = a_call(branch, now=now, visitor=visitor, project=another_project(branch, 2))
    shared(branch, now)
    assert again(second).shared_to == again(first).shared_to is not None
    assert newest(second).why == "same_visitor"


def test_a_card_in_somebodys_hand_is_left_alone(branch: Branch, agents: list[Staff], now: datetime) -> None:
    held, _other = due_today(branch, 2, now)
    take_card(call_back=held, staff=agents[1], now=now)
    assert shared(branch, now) == 1 and again(held).shared_to is None
    assert shared(branch, now + timedelta(minutes=10)) == 1 and again(held).shared_to is not None


def test_new_calls_of_today_are_shared_out_on_the_event(branch: Branch, agents: list[Staff], now: datetime) -> None:
    OperationFactory.create(branch=branch, treated_on=date(2026, 3, 30))
    build_call_backs(now=now)
    assert not OutboxEvent.objects.filter(event="calls_to_share_out").exists(), "nothing is due yet"
    call = a_call(branch, now=now)
    event = OutboxEvent.objects.get(event="calls_to_share_out")
    assert event.payload == {"branch_id": branch.pk}
    tasks.share_out_calls(**event.payload)
    assert again(call).shared_to is not None
    tasks.share_out_everywhere()
    assert CallShare.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_share_out_as_one(branch: Branch, agents: list[Staff], now: datetime) -> None:
    due_today(branch, 30, now)
    assert at_once(*[lambda: shared(branch, now)] * 4) == ["ok"] * 4
    assert lists(branch) == {agent.pk: 10 for agent in agents}
    assert CallShare.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_taking_and_sharing_out_at_once_loses_nothing(branch: Branch, agents: list[Staff], now: datetime) -> None:
    due_today(branch, 12, now)

    def take(agent: Staff) -> None:
        for _each in range(4):
            take_next(staff=agent, tab=Tab.TODAY, now=now)

    jobs = [lambda agent=agent: take(agent) for agent in agents]
    assert at_once(*jobs, *[lambda: shared(branch, now)] * 3) == ["ok"] * 6
    shared(branch, now + timedelta(hours=1))
    assert lists(branch).total() == 12 and lists(branch)[None] == 0
    for call in CallBack.objects.filter(call_on=TODAY):
        assert newest(call).staff_id == call.shared_to_id, "the newest decision says where it stands"


def test_an_absence_shares_her_calls_out_at_once(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    due_today(branch, 9, now)
    shared(branch, now)
    away = agents[0]
    hers = list(CallBack.objects.filter(shared_to=away))
    report_absence(agent=away, first_on=TODAY, last_on=date(2026, 3, 13), reason=" 发烧 ", staff=supervisor, now=now)
    assert lists(branch) in ({agents[1].pk: 5, agents[2].pk: 4}, {agents[1].pk: 4, agents[2].pk: 5})
    share = selectors.share_of(again(hers[0]))
    assert share is not None and (share.made.why, share.instead_of) == ("absent", away)
    assert share.rule == "She has had the fewest calls"
    absence = AgentAbsence.objects.get()
    assert (absence.reason, absence.branch, absence.by) == ("发烧", branch, supervisor)
    assert shared(branch, now) == 0
    # She is back on the fourteenth.
    assert away.pk not in {worker.staff.pk for worker in selectors.workers_on(branch, TODAY) if worker.here}
    assert away.pk in {worker.staff.pk for worker in selectors.workers_on(branch, date(2026, 3, 14)) if worker.here}


def test_a_withdrawn_absence_gives_back_what_nobody_has_tried(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    due_today(branch, 9, now)
    shared(branch, now)
    away = agents[0]
    gone = list(CallBack.objects.filter(shared_to=away).order_by("id"))
    absence = report_absence(agent=away, first_on=TODAY, last_on=TODAY, staff=supervisor, now=now)
    later = now + timedelta(minutes=5)
    record_attempt(call_back=gone[0], result="busy", staff=agents[1], now=later)
    other = agents[2] if again(gone[1]).shared_to == agents[1] else agents[1]
    give_card(call_back=gone[1], to=other, staff=supervisor, now=later)
    withdraw_absence(absence=absence, staff=supervisor, now=later)
    assert again(gone[2]).shared_to == away and away not in {again(gone[0]).shared_to, again(gone[1]).shared_to}
    with pytest.raises(Stale, match="withdrawn"):
        withdraw_absence(absence=absence, staff=supervisor, now=later)


def test_an_absence_of_later_days_waits_for_them(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    due_today(branch, 3, now)
    shared(branch, now)
    tomorrow = TODAY + timedelta(days=1)
    report_absence(agent=agents[0], first_on=tomorrow, last_on=tomorrow, staff=supervisor, now=now)
    assert lists(branch)[agents[0].pk] == 1
    assert shared(branch, now + timedelta(days=1)) == 1 and lists(branch)[agents[0].pk] == 0


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 3, 12), date(2026, 3, 11), "days"),
        (date(2026, 3, 1), date(2026, 3, 10), "day_past"),
        (date(2026, 3, 12), date(2029, 3, 12), "too_far"),
        (date(2026, 3, 20), date(2026, 3, 26), "overlaps"),
    ],
)
def test_days_of_an_absence_make_sense(
    agents: list[Staff], supervisor: Staff, now: datetime, first: date, last: date, code: str
) -> None:
    report_absence(agent=agents[0], first_on=date(2026, 3, 25), last_on=date(2026, 3, 27), staff=supervisor, now=now)
    with pytest.raises(Refused, match=code):
        report_absence(agent=agents[0], first_on=first, last_on=last, staff=supervisor, now=now)
    assert AgentAbsence.objects.count() == 1


def test_the_calls_of_who_left_or_stops_are_shared_out(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    due_today(branch, 6, now)
    shared(branch, now)
    Staff.objects.filter(pk=agents[0].pk).update(active_until=TODAY - timedelta(days=1))
    assert shared(branch, now) == 2 and lists(branch)[agents[0].pk] == 0
    set_agent(agent=agents[1], takes_part=False, staff=supervisor, now=now)
    assert lists(branch) == {agents[2].pk: 6}


def test_what_the_supervisor_decides_stays(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    first, second, third = due_today(branch, 3, now)
    shared(branch, now)
    set_agent(agent=agents[2], takes_part=False, staff=supervisor, now=now)
    give_card(call_back=first, to=agents[2], staff=supervisor, now=now)
    give_card(call_back=second, to=supervisor, staff=supervisor, now=now)
    given = give_card(call_back=third, to=None, staff=supervisor, now=now)
    assert (given.number, given.stayed) == (1, 0)
    assert shared(branch, now) == 0
    assert [again(call).shared_to for call in (first, second, third)] == [agents[2], supervisor, None]
    assert (newest(first).why, newest(first).by) == ("supervisor", supervisor)
    # What is everybody's today is shared out again tomorrow; what somebody was given stays hers.
    assert shared(branch, now + timedelta(days=1)) == 1 and again(third).shared_to in agents[:2]
    entry = AuditEntry.objects.filter(action="followups.give_cards").latest("id")
    assert entry.detail == {"number": 1, "to": []}


def test_a_list_is_shared_out_among_several(
    branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    calls = due_today(branch, 9, now)
    give_cards(call_backs=[call.pk for call in calls], to=agents[:1], staff=supervisor, now=now)
    assert lists(branch) == {agents[0].pk: 9}
    take_card(call_back=calls[0], staff=agents[0], now=now)
    given = give_cards(call_backs=[call.pk for call in calls], to=agents[1:], of=agents[0], staff=supervisor, now=now)
    assert (dict(given.to), given.stayed) == ({agents[1].pk: 4, agents[2].pk: 4}, 1)
    # Cards that are not on her list any more are left where they are.
    given = give_cards(
        call_backs=[call.pk for call in calls[1:]], to=agents[:1], of=agents[0], staff=supervisor, now=now
    )
    assert (given.number, given.stayed) == (0, 8)


def test_nobody_is_given_calls_while_she_is_away(
    branch: Branch, agents: list[Staff], supervisor: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    (call,) = due_today(branch, 1, now)
    report_absence(agent=agents[0], first_on=TODAY, last_on=TODAY, staff=supervisor, now=now)
    for nobody in (agents[0], staff_with(Role.RECEPTION)):
        with pytest.raises(Refused, match="away"):
            give_card(call_back=call, to=nobody, staff=supervisor, now=now)
    with pytest.raises(Refused, match="none_chosen"):
        give_cards(call_backs=[], to=agents[1:], staff=supervisor, now=now)


def test_another_branchs_cards_stay_where_they_are(
    branch: Branch, other_branch: Branch, agents: list[Staff], supervisor: Staff, now: datetime
) -> None:
    elsewhere = a_call(other_branch, now=now)
    given = give_cards(call_backs=[elsewhere.pk], to=agents[:1], staff=supervisor, now=now)
    assert (given.number, given.stayed) == (0, 1)
    shared(branch, now)
    assert again(elsewhere).shared_to is None


def test_whoever_takes_anothers_card_has_it_on_her_list(branch: Branch, agents: list[Staff], now: datetime) -> None:
    mine, everybodys = due_today(branch, 2, now)
    CallBack.objects.filter(pk=mine.pk).update(shared_to=agents[0])
    take_card(call_back=mine, staff=agents[1], now=now)
    assert again(mine).shared_to == agents[1]
    assert (newest(mine).why, newest(mine).by, newest(mine).facts) == ("took_it", agents[1], {"from": agents[0].pk})
    take_card(call_back=everybodys, staff=agents[1], now=now)
    assert again(everybodys).shared_to is None and CallShare.objects.count() == 1
    release_card(call_back=everybodys, staff=agents[1], now=now)


def test_the_next_card_is_mine_then_nobodys_and_anothers_only_when_asked(
    branch: Branch, agents: list[Staff], now: datetime
) -> None:
    me, other = agents[:2]
    others, nobodys, mine = due_today(branch, 3, now)
    CallBack.objects.filter(pk=others.pk).update(shared_to=other, risk=5)
    CallBack.objects.filter(pk=mine.pk).update(shared_to=me)

    def order(whose: Whose | None) -> list[CallBack]:
        found = selectors.free_cards(staff=me, tab=Tab.TODAY, now=now, narrowing=Narrowing(whose=whose))
        return list(found)

    assert order(None) == order(Whose.MINE) == [mine, nobodys]
    assert order(Whose.EVERYBODY) == [nobodys]
    assert order(Whose.TEAM) == [mine, nobodys, others]
    # What was promised for an hour that has come goes before, on her list and on nobody's.
    CallBack.objects.filter(pk__in=[nobodys.pk, others.pk]).update(promised=True, call_at=now - timedelta(minutes=1))
    assert order(Whose.TEAM) == [nobodys, mine, others]
    assert take_next(staff=me, tab=Tab.TODAY, now=now) == nobodys


def test_a_promised_call_is_at_the_very_top_once_its_hour_has_come(
    branch: Branch, agents: list[Staff], now: datetime
) -> None:
    risky, promised, waiting, late = due_today(branch, 4, now)
    CallBack.objects.filter(pk=risky.pk).update(risk=5)
    CallBack.objects.filter(pk=promised.pk).update(promised=True, call_at=now)
    CallBack.objects.filter(pk=waiting.pk).update(promised=True, call_at=now + timedelta(hours=1))
    CallBack.objects.filter(pk=late.pk).update(call_on=TODAY - timedelta(days=1))
    shown = list(selectors.worklist(staff=agents[0], tab=Tab.TODAY, now=now))
    assert shown == [promised, risky, late, waiting]


def test_who_takes_part(branch: Branch, agents: list[Staff], staff_with: MakeStaff, now: datetime) -> None:
    supervisor = staff_with(Role.SERVICE_SUPERVISOR)
    both = staff_with(Role.CUSTOMER_SERVICE, Role.MANAGER)
    keen = staff_with(Role.SERVICE_SUPERVISOR)
    CallAgent.objects.create(staff=keen)
    root = Staff.objects.create_superuser("root", branch=branch, display_name="root", active_from=TODAY)
    staff_with(Role.RECEPTION)
    staff_with(Role.CUSTOMER_SERVICE, active_until=TODAY - timedelta(days=1))
    staff_with(Role.CUSTOMER_SERVICE, active_from=TODAY + timedelta(days=1))
    found = {worker.staff: worker.takes_part for worker in selectors.workers_on(branch, TODAY)}
    assert found == {**dict.fromkeys([*agents, keen], True), **dict.fromkeys([supervisor, both, root], False)}


def test_what_an_agent_takes_is_checked(agents: list[Staff], supervisor: Staff, now: datetime) -> None:
    for wrong, code in (({"kinds": ["reception"]}, "kind_unknown"), ({"languages": ["fr"]}, "language_unknown")):
        with pytest.raises(Refused, match=code):
            set_agent(agent=agents[0], takes_part=True, **wrong, staff=supervisor, now=now)
    assert not CallAgent.objects.exists()
