"""A day with a decision of each kind: it is rehearsed the same, and taken back it leaves all as before."""

from typing import Any

import pytest

from clinic.models import Branch
from clinic.problems import Refused
from consultations import services as consultations
from reception.models import Standing, Visit
from tests.factories.triage import Morning, make_consultant, make_supervisor, open_morning
from tests.triage.compared import agrees, differing, standing, state_of_board, written
from tests.triage.live_day import correct
from tests.triage.scenes import (
    Before,
    Done,
    after,
    allocated,
    arrives,
    asked_for_another,
    asks_for,
    belongs,
    brought,
    busy,
    dedicated,
    exchanged,
    first,
    given,
    gone,
    in_room,
    later,
    made_up,
    named,
    named_by,
    nobody_free,
    over,
    owed,
    own,
    owner_out,
    referral,
    review,
    saying,
    seat,
    then_owed,
    to,
    typed,
    waiting,
    with_her,
)
from triage import services
from triage.engine.facts import Fault, VisitType
from triage.selectors.corrections import Kind
from triage.selectors.facts import ChangedType, Said

CASES: dict[str, tuple[Before, Done, dict[str, Any]]] = {
    "a1": (lambda morning: morning.arrive(purpose="review"), allocated, {}),
    "a4": (after(busy(1), named_by("visitor")), allocated, {}),
    "a8": (lambda m: m.arrive(owner=make_consultant(m.branch, "休息"), standing=Standing.PAID), allocated, {}),
    "a8 the owner names": (owner_out, named(2, "owner"), {}),
    "a8 the supervisor names": (owner_out, named(2), {}),
    "a11": (dedicated, allocated, {}),
    "a12": (arrives, allocated, {}),
    "a12 passes": (after(busy(0, 1), arrives), allocated, {}),
    "a12 waits": (after(busy(0, free_in=5), arrives), allocated, {}),
    "a12 a make-up": (after(owed, arrives), allocated, {}),
    "a12 turns of two": (arrives, allocated, {"turn_size": 2}),
    "a14": (after(busy(0, 1, 2, 3), arrives), allocated, {}),
    "a14 the supervisor names": (nobody_free, named(2), {}),
    "k1": (first, to(Kind.NOT_OFFERED), {}),
    "k1 in the room": (in_room(first), to(Kind.NOT_OFFERED), {}),
    "k1 of a make-up": (made_up, to(Kind.NOT_OFFERED), {}),
    "k1 the turn stays": (first, to(Kind.NOT_OFFERED), {"not_offered_returns": False}),
    "k1 of a type the desk set": (typed(VisitType.RETURN), to(Kind.NOT_OFFERED), {}),
    "k1 of somebody's own": (own(2), to(Kind.NOT_OFFERED), {}),
    "k2": (first, to(Kind.CANNOT_DO), {}),
    "k2 the turn returns": (in_room(first), to(Kind.CANNOT_DO), {"cannot_do_returns": True}),
    "k3": (in_room(first), referral(2), {}),
    "k3 hers anyway": (first, referral(0), {}),
    "k3 the owner is soon free": (after(busy(2, free_in=5), first), referral(2), {}),
    "k3 the owner is busy": (saying(2, "busy", first), referral(2), {}),
    "k3 the owner is out": (saying(2, "out", first), referral(2), {}),
    "k3 received by two": (first, referral(1, 2), {}),
    "k3 nobody's": (first, referral(), {}),
    "k3 of another referral": (brought, referral(2), {}),
    "k4": (first, to(Kind.CHANGE_CONSULTANT), {}),
    "k4 out of the room": (in_room(first), to(Kind.CHANGE_CONSULTANT), {}),
    "k4 a make-up first": (then_owed, to(Kind.CHANGE_CONSULTANT), {}),
    "k4 to whom she names": (first, to(Kind.CHANGE_CONSULTANT, 2), {"designation": "counted"}),
    "k4 to whom she names, busy": (saying(2, "busy", first), to(Kind.CHANGE_CONSULTANT, 2), {}),
    "k4 to whom she names, out": (saying(2, "out", first), to(Kind.CHANGE_CONSULTANT, 2), {}),
    "k4 nobody else is free": (after(busy(1, 2, 3), first), to(Kind.CHANGE_CONSULTANT), {}),
    "k4 of somebody's own": (own(0), to(Kind.CHANGE_CONSULTANT), {}),
    "k4 of somebody's own to another": (own(0), to(Kind.CHANGE_CONSULTANT, 3), {"change_credit": "first"}),
    "k4 answered": (asked_for_another, named(2), {}),
    "k4 answered, credit stays": (asked_for_another, named(2), {"change_credit": "first"}),
    "k5": (waiting(11), to(Kind.WAIT_OVER), {}),
    "k5 of a free turn": (asks_for(0), later(11, to(Kind.WAIT_OVER)), {}),
    "k5 of somebody's own": (belongs(0), to(Kind.WAIT_OVER), {}),
    "k5 a colleague helps": (belongs(0), named(1, "owner"), {}),
    "k5 paid back": (
        lambda morning: (exchanged(morning), given(morning), given(morning), arrives(morning))[-1], allocated, {},
    ),
    "k6": (first, to(Kind.MISALLOCATED, 2), {}),
    "k6 out of the room": (in_room(first), to(Kind.MISALLOCATED, 2, fault=Fault.VISITOR), {}),
    "k6 the owner is busy": (saying(2, "busy", first), to(Kind.MISALLOCATED, 2, fault=Fault.RECEIVER), {}),
    "k6 the owner is off": (saying(2, "off", first), to(Kind.MISALLOCATED, 2), {}),
    "k6 hers anyway": (first, to(Kind.MISALLOCATED, 0), {}),
    "k6 when it is over": (over(first), to(Kind.MISALLOCATED, 2), {}),
    "k6 when it is over, of a free turn": (over(own(1)), to(Kind.MISALLOCATED, 2), {}),
    "k6 when she has left early": (gone(2), to(Kind.MISALLOCATED, 2), {}),
    "k6 when she has left late": (gone(20), to(Kind.MISALLOCATED, 2), {}),
    "k7": (first, to(Kind.TRANSFER, 2), {}),
    "k7 out of the room": (in_room(first), to(Kind.TRANSFER, 2), {}),
    "k7 of a type the desk set": (typed(VisitType.REPURCHASE), to(Kind.TRANSFER, 2), {}),
    "k7 of somebody's own, busy": (saying(2, "busy", own(1)), to(Kind.TRANSFER, 2), {}),
    "k7 of a referral": (brought, to(Kind.TRANSFER, 1), {}),
    "k9": (first, named(2, reason="会说英语"), {}),
    "k9 free": (in_room(first), named(2, reason="会说英语", turn="free"), {}),
    "k9 counted of somebody's own": (own(1), named(2, reason="会说英语", turn="counted"), {}),
    "k9 before anything": (arrives, named(2, reason="会说英语"), {}),
    "k9 of a review": (review, named(0, reason="熟人"), {}),
    "a4 she will not wait": (asks_for(1), to(Kind.REFUSE_WAIT), {}),
    "a7 she will not wait": (belongs(0), to(Kind.REFUSE_WAIT), {}),
    "c4": (review, to(Kind.WANTS_CONSULTATION), {}),
    "c4 of a type the desk set": (
        lambda morning: given(morning, purpose="review", said=Said(ChangedType(VisitType.REVIEW, "换药"))),
        to(Kind.WANTS_CONSULTATION), {},
    ),
    "c4 undecided": (lambda morning: morning.arrive("eyes", purpose="review"), to(Kind.WANTS_CONSULTATION), {}),
}  # fmt: skip


@pytest.fixture
def morning(branch: Branch, request: pytest.FixtureRequest) -> Morning:
    rules = CASES[request.param][2] if getattr(request, "param", None) else {}
    found = open_morning(branch, **rules)
    make_supervisor(found)
    return found


def rest_of_the_day(morning: Morning, visit: Visit) -> None:
    """What comes after it: she is declined, served or leaves, and the turns that are owed are made up."""
    for place, person in enumerate(morning.consultants):
        morning.later(2)
        if place % 2:
            morning.say(person, "free")
        given(morning, "eyes", "nose")
    visit.refresh_from_db()
    if visit.state == Visit.State.WAITING:
        services.record_decline(visit=visit, reason="不适", staff=morning.clerk, now=morning.later())
        visit.refresh_from_db()
    if visit.state == Visit.State.WAITING:
        morning.serve(visit)
    for one in Visit.objects.filter(state=Visit.State.WAITING).order_by("pk")[:3]:
        morning.later(1.5)
        services.record_leave(visit=one, staff=morning.clerk, now=morning.now)
    for _ in range(3):
        given(morning)


@pytest.mark.parametrize(("morning", "case"), [(name, name) for name in CASES], indirect=["morning"])
def test_r13_a_day_with_a_decision_of_each_kind_is_rehearsed_the_same(morning: Morning, case: str) -> None:
    before, done, _ = CASES[case]
    visit = before(morning)
    morning.later(0.1)
    done(morning, visit)
    rest_of_the_day(morning, visit)
    agrees(morning)


@pytest.mark.parametrize(("morning", "case"), [(name, name) for name in CASES], indirect=["morning"])
def test_k8_what_is_taken_back_leaves_board_and_register_as_before(morning: Morning, case: str) -> None:
    before, done, _ = CASES[case]
    visit = before(morning)
    morning.later(0.1)
    stood, was = standing(state_of_board(morning)), written(visit)
    done(morning, visit)
    assert written(visit) != was
    services.undo_allocation(visit=visit, staff=morning.clerk, now=morning.later(0.1))
    assert differing(standing(state_of_board(morning)), stood) == {}
    assert differing(written(visit), was) == {}
    rest_of_the_day(morning, visit)
    agrees(morning, least=4)


# A room somebody was taken out of ----------------------------------------------------------------------------------


def consulting(visit: Visit, morning: Morning) -> None:
    """She is accepted by whoever has her, and goes into the room."""
    receiver = with_her(visit)
    held = consultations.accept_visit(visit=visit, staff=receiver, now=morning.now)
    consultations.enter_room(consultation=held, staff=receiver, now=morning.now)


def refused_undo(morning: Morning, visit: Visit) -> None:
    stood, was = standing(state_of_board(morning)), written(visit)
    with pytest.raises(Refused) as caught:
        services.undo_allocation(visit=visit, staff=morning.clerk, now=morning.later(0.02))
    assert caught.value.code == "undo_refused"
    assert (standing(state_of_board(morning)), written(visit)) == (stood, was)


@pytest.mark.parametrize("done", [to(Kind.TRANSFER, 2), to(Kind.CHANGE_CONSULTANT), named(2, reason="会说英语")])
def test_k8_nobody_is_put_back_into_a_room_that_is_taken(branch: Branch, done: Done) -> None:
    morning = open_morning(branch)
    make_supervisor(morning)
    moved = first(morning)
    next_one = given(morning, owner=seat(morning, 0), standing=Standing.PAID, told={
        "designated": seat(morning, 0), "designated_by": "management",
    })  # fmt: skip
    consulting(moved, morning)
    done(morning, moved)
    consulting(next_one, morning)
    refused_undo(morning, moved)


def test_k8_nobody_is_put_back_once_the_next_consultant_has_accepted_her(branch: Branch) -> None:
    morning = open_morning(branch)
    moved = first(morning)
    consulting(moved, morning)
    correct(morning, moved, Kind.TRANSFER, consultant=seat(morning, 2))
    consultations.accept_visit(visit=moved, staff=with_her(moved), now=morning.now)
    refused_undo(morning, moved)
