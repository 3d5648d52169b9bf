"""Owners' calls are the same rows however often, however late and by how many at once they are built (R6, R7)."""

import threading
from datetime import UTC, date, datetime, timedelta
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Branch, Staff
from followups.models import CallBar, OwnerCall
from followups.services import bar_calls, build_owner_calls, lift_bar, record_owner_try
from reception.models import Visitor
from tests.at_once import AT_ONCE, at_once
from tests.factories.consultations import VisitFactory
from tests.factories.followups import (
    FollowedVisitorFactory,
    OperationFactory,
    a_doctor,
    an_owner_call,
    no_deal,
)
from tests.followups.owner_scenes import LONG_AGO, standing, treated
from tests.followups.owner_scenes import consultant as consultant

pytestmark = pytest.mark.django_db


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
