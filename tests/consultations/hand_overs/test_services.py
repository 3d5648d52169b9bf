"""Handing a leaver's visitors over and taking that back: the services."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import HandOver, HandOverLine, HandOverShare
from consultations.selectors.hand_overs import not_as_handed_over
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from reception.selectors.visitors import latest_history_id
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.hand_overs.scenes import Leaving, give_visitors
from triage import services as triage
from triage.selectors.corrections import Correction, Kind


def test_three_hundred_are_shared_out_as_the_preview_showed(scene: Leaving) -> None:
    give_visitors(scene.leaver, 300)
    plan = scene.plan("standing")
    made = scene.hand_over(plan, "standing")
    assert scene.owners() == {line.row.visitor: line.to.pk for line in plan.lines}
    assert Counter(scene.owners().values()) == {one.pk: 100 for one in scene.colleagues}
    for standing in Standing.values:
        assert set(Counter(Visitor.objects.filter(standing=standing).values_list("owner", flat=True)).values()) == {20}
    lines = HandOverLine.objects.filter(hand_over=made)
    assert {(one.visitor_id, one.from_staff_id, one.to_staff_id) for one in lines} == {
        (line.row.visitor, scene.leaver.pk, line.to.pk) for line in plan.lines
    }
    assert {(one.staff_id, one.number) for one in made.shares.all()} == {(one.pk, 100) for one in scene.colleagues}
    entry = AuditEntry.objects.get(action="consultations.hand_over")
    assert entry.detail["number"] == 300 and entry.detail["to"] == sorted(one.pk for one in scene.colleagues)
    assert "顾客" not in str(entry.detail), "no visitor is named in the audit log"


def test_it_costs_the_same_few_statements_for_ten_and_for_three_hundred(
    scene: Leaving, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in (10, 300):
        Visitor.objects.update(owner=None)
        give_visitors(scene.leaver, number)
        plan = scene.plan()
        with django_assert_num_queries(23):
            scene.hand_over(plan)


def test_the_history_of_each_card_says_who_gave_her_to_whom(scene: Leaving) -> None:
    (visitor,) = give_visitors(scene.leaver, 1)
    scene.hand_over(scene.plan("one", to=scene.colleagues[:1]), "one")
    visitor.refresh_from_db()
    events = visitor.events.select_related("pgh_context")  # type: ignore[attr-defined]
    (event,) = events.filter(pgh_label="update")
    assert (event.owner_id, event.name) == (scene.colleagues[0].pk, visitor.name)
    assert event.pgh_context.metadata == {"staff": scene.supervisor.pk, "at": scene.now.isoformat()}


def test_when_all_go_to_one_she_becomes_the_successor_and_no_longer_when_it_is_taken_back(scene: Leaving) -> None:
    give_visitors(scene.leaver, 3)
    made = scene.hand_over(scene.plan("one", to=scene.colleagues[:1]), "one")
    scene.leaver.refresh_from_db()
    assert made.named_successor and scene.leaver.successor == scene.colleagues[0]
    services.take_back_hand_over(hand_over=made, reason="弄错了", staff=scene.supervisor, now=scene.now)
    scene.leaver.refresh_from_db()
    assert scene.leaver.successor is None


def test_a_successor_somebody_named_since_stays(scene: Leaving) -> None:
    give_visitors(scene.leaver, 3)
    made = scene.hand_over(scene.plan("one", to=scene.colleagues[:1]), "one")
    Staff.objects.filter(pk=scene.leaver.pk).update(successor=scene.colleagues[1])
    services.take_back_hand_over(hand_over=made, reason="弄错了", staff=scene.supervisor, now=scene.now)
    scene.leaver.refresh_from_db()
    assert scene.leaver.successor == scene.colleagues[1]


def test_several_receivers_name_no_successor(scene: Leaving) -> None:
    give_visitors(scene.leaver, 6)
    assert not scene.hand_over(scene.plan()).named_successor
    scene.leaver.refresh_from_db()
    assert scene.leaver.successor is None


def test_by_hand_moves_one_and_is_written_down(scene: Leaving) -> None:
    visitors = give_visitors(scene.leaver, 9)
    moves = {visitors[0].pk: scene.colleagues[2].pk}
    made = scene.hand_over(scene.plan(moves=moves), moves=moves)
    assert scene.owners()[visitors[0].pk] == scene.colleagues[2].pk
    assert made.by_hand == 1
    assert [one.visitor_id for one in made.lines.filter(by_hand=True)] == [visitors[0].pk]


@pytest.mark.parametrize("what", ["new", "gone", "standing"])
def test_what_changed_since_the_preview_is_told_and_nothing_is_done(scene: Leaving, what: str) -> None:
    visitors = give_visitors(scene.leaver, 12)
    plan = scene.plan("standing")
    if what == "new":
        give_visitors(scene.leaver, 1)
    elif what == "gone":
        Visitor.objects.filter(pk=visitors[3].pk).update(owner=scene.colleagues[0])
    else:
        Visitor.objects.filter(pk=visitors[0].pk).update(standing=Standing.TREATED)
    before = scene.owners()
    with pytest.raises(Stale) as told:
        scene.hand_over(plan, "standing")
    assert told.value.code == "changed"
    if what == "gone":
        assert visitors[3].name in str(told.value.message)
    assert scene.owners() == before
    assert not HandOver.objects.exists()
    scene.hand_over(scene.plan("standing"), "standing")


def test_a_second_supervisor_is_told_who_was_quicker(scene: Leaving, staff_with: MakeStaff) -> None:
    give_visitors(scene.leaver, 4)
    plan = scene.plan()
    scene.hand_over(plan)
    other = staff_with(Role.MANAGER, display_name="贺建国")
    with pytest.raises(Stale, match="none_left") as told:
        scene.hand_over(plan, staff=other)
    assert "沈慧" in str(told.value.message) and "4" in str(told.value.message)


def test_the_same_form_twice_is_carried_out_once_and_another_under_its_key_is_told_apart(scene: Leaving) -> None:
    give_visitors(scene.leaver, 4)
    plan, key = scene.plan(), uuid4()
    first = scene.hand_over(plan, request_key=key)
    assert scene.hand_over(plan, request_key=key) == first
    assert HandOver.objects.count() == 1
    with pytest.raises(Stale, match="request_used"):
        scene.hand_over(plan, request_key=key, reason="别的原因")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "  "}, "reason_missing"),
        ({"receivers": []}, "nobody"),
    ],
)
def test_what_cannot_be(scene: Leaving, change: dict[str, Any], code: str) -> None:
    give_visitors(scene.leaver, 2)
    with pytest.raises(Refused, match=code):
        scene.hand_over(scene.plan(), **change)


def test_nobody_is_given_to_who_left_or_works_elsewhere_or_to_herself(
    scene: Leaving, staff_with: MakeStaff, other_branch: Branch
) -> None:
    give_visitors(scene.leaver, 2)
    plan = scene.plan()
    gone = staff_with(Role.CONSULTANT, active_until=scene.branch.today(scene.now) - timedelta(days=1))
    elsewhere = staff_with(Role.CONSULTANT, branch=other_branch)
    for one in (gone, elsewhere, staff_with(Role.NURSE), scene.leaver):
        with pytest.raises(Refused, match="receiver_gone"):
            scene.hand_over(plan, receivers=[one])


def test_a_leaver_without_visitors(scene: Leaving) -> None:
    with pytest.raises(Refused, match="none_left"):
        scene.hand_over(scene.plan())


def test_taken_back_whole_but_for_those_who_belong_to_somebody_else_by_now(
    scene: Leaving, staff_with: MakeStaff
) -> None:
    visitors = give_visitors(scene.leaver, 6)
    other = staff_with(Role.CONSULTANT, display_name="周琳")
    made = scene.hand_over(scene.plan())
    Visitor.objects.filter(pk=visitors[0].pk).update(owner=other)
    assert [one.visitor_id for one in not_as_handed_over(made)] == [visitors[0].pk]
    done, stayed = services.take_back_hand_over(
        hand_over=made, reason="交错人了", staff=scene.supervisor, now=scene.now + timedelta(days=6, hours=23)
    )
    assert (done.number, stayed) == (5, 1)
    owners = scene.owners()
    assert owners.pop(visitors[0].pk) == other.pk
    assert set(owners.values()) == {scene.leaver.pk}
    assert done.undoes == made
    again, stayed = services.take_back_hand_over(
        hand_over=made, reason="交错人了", staff=scene.supervisor, now=scene.now
    )
    assert (again, stayed) == (done, 1)
    with pytest.raises(Stale, match="taken_back"):
        services.take_back_hand_over(hand_over=made, reason="还要", staff=other, now=scene.now)


def test_what_cannot_be_taken_back(scene: Leaving) -> None:
    give_visitors(scene.leaver, 2)
    made = scene.hand_over(scene.plan())
    with pytest.raises(Refused, match="reason_missing"):
        services.take_back_hand_over(hand_over=made, reason=" ", staff=scene.supervisor, now=scene.now)
    late = scene.now + timedelta(days=7)
    with pytest.raises(Refused, match="too_late"):
        services.take_back_hand_over(hand_over=made, reason="晚了", staff=scene.supervisor, now=late)
    Visitor.objects.update(owner=scene.supervisor)
    with pytest.raises(Refused, match="none_left"):
        services.take_back_hand_over(hand_over=made, reason="没了", staff=scene.supervisor, now=scene.now)
    done = HandOver.objects.filter(undoes=made)
    assert not done.exists()


def test_a_taking_back_cannot_be_taken_back(scene: Leaving) -> None:
    give_visitors(scene.leaver, 2)
    made = scene.hand_over(scene.plan())
    back, _stayed = services.take_back_hand_over(hand_over=made, reason="错了", staff=scene.supervisor, now=scene.now)
    with pytest.raises(Refused, match="too_late"):
        services.take_back_hand_over(hand_over=back, reason="又错了", staff=scene.supervisor, now=scene.now)


def test_a_merged_record_stays_out_of_the_preview_and_out_of_taking_back(scene: Leaving) -> None:
    ours, theirs, *_rest = give_visitors(scene.leaver, 4)
    made = scene.hand_over(scene.plan())
    Visitor.objects.filter(pk__in=[ours.pk, theirs.pk]).update(owner=scene.colleagues[0])
    reception.merge_visitors(
        survivor=ours,
        other=theirs,
        keep={},
        seen={one.pk: latest_history_id(one) for one in (ours, theirs)},
        staff=scene.supervisor,
        now=scene.now,
    )
    services.take_back_hand_over(hand_over=made, reason="错了", staff=scene.supervisor, now=scene.now)
    theirs.refresh_from_db()
    assert theirs.owner is None and theirs.merged_into == ours
    assert theirs.pk not in scene.plan().visitors


def test_the_rows_cannot_be_rewritten(scene: Leaving) -> None:
    give_visitors(scene.leaver, 1)
    made = scene.hand_over(scene.plan())
    for write in (
        lambda: HandOver.objects.filter(pk=made.pk).update(reason="别的"),
        lambda: HandOverLine.objects.update(to_staff=scene.leaver),
        lambda: HandOverLine.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            write()


def test_everybody_concerned_hears_of_it_and_sees_it_once(scene: Leaving) -> None:
    visitors = give_visitors(scene.leaver, 3)
    scene.hand_over(scene.plan())
    heard = {topic for event in OutboxEvent.objects.all() for topic in event.topics}
    assert {f"visitor-{one.pk}" for one in visitors} <= heard
    assert {f"staff-{one.pk}" for one in scene.colleagues} <= heard
    assert {f"queue-{one.pk}" for one in [*scene.colleagues, scene.leaver]} <= heard
    share = HandOverShare.objects.filter(staff=scene.colleagues[0]).get()
    services.see_hand_over(share=share, now=scene.now)
    services.see_hand_over(share=share, now=scene.now + timedelta(hours=1))
    share.refresh_from_db()
    assert share.seen_at == scene.now


def test_who_is_here_today_stays_with_whom_she_is_and_belongs_to_the_new_owner_afterwards(
    morning: Morning, staff_with: MakeStaff
) -> None:
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    new = staff_with(Role.CONSULTANT, display_name="新主人")
    visit = morning.arrive()
    assert visit.consultant is not None
    leaver = visit.consultant
    morning.part(morning.enter(visit))
    visitor = Visitor.objects.get(pk=visit.visitor_id)
    assert visitor.owner == leaver
    Visit.objects.filter(pk=visit.pk).update(day=visit.day - timedelta(days=1))
    again = morning.arrive(visitor)
    talk = morning.enter(again)
    scene = Leaving(morning.branch, supervisor, leaver, [new], morning.now + timedelta(minutes=5))
    scene.hand_over(scene.plan("one"), "one")
    again.refresh_from_db()
    assert again.consultant == talk.consultant and again.state == Visit.State.IN_ROOM
    morning.now += timedelta(minutes=10)
    morning.part(talk)
    visitor.refresh_from_db()
    assert visitor.owner == new, "the end of a visit does not give her back to who has left"


def test_a_visit_that_began_after_the_hand_over_decides_as_ever(morning: Morning, staff_with: MakeStaff) -> None:
    visit = morning.arrive()
    morning.part(morning.enter(visit))
    visitor = Visitor.objects.get(pk=visit.visitor_id)
    assert visitor.owner == morning.first
    Visit.objects.filter(pk=visit.pk).update(day=visit.day - timedelta(days=1))
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    scene = Leaving(morning.branch, supervisor, morning.first, [morning.second], morning.now + timedelta(minutes=5))
    scene.hand_over(scene.plan("one"), "one")
    morning.now += timedelta(minutes=10)
    again = morning.arrive(Visitor.objects.get(pk=visitor.pk))
    assert again.consultant == morning.second, "whose she is now"
    triage.correct_visit(
        visit=again,
        correction=Correction(Kind.MISALLOCATED, consultant=morning.first, reason="说好还找她"),
        expected_sequence=None,
        staff=staff_with(Role.DESK_SUPERVISOR),
        now=morning.now,
    )
    again.refresh_from_db()
    morning.part(morning.enter(again))
    visitor.refresh_from_db()
    assert visitor.owner == morning.first, "an earlier hand-over does not keep her from whom the desk named since"


@pytest.mark.django_db(transaction=True)
def test_of_hand_overs_at_once_one_is_carried_out_and_the_others_are_told(scene: Leaving) -> None:
    visitors = give_visitors(scene.leaver, 6)
    plan = scene.plan()
    assert at_once(*[lambda: scene.hand_over(plan)] * AT_ONCE) == ["none_left"] * (AT_ONCE - 1) + ["ok"]
    assert HandOver.objects.get().number == HandOverLine.objects.count() == len(visitors)


@pytest.mark.django_db(transaction=True)
def test_the_same_hand_over_sent_many_times_at_once_is_one(scene: Leaving) -> None:
    give_visitors(scene.leaver, 6)
    plan, key = scene.plan(), uuid4()
    assert at_once(*[lambda: scene.hand_over(plan, request_key=key)] * AT_ONCE) == ["ok"] * AT_ONCE
    assert HandOver.objects.count() == 1
