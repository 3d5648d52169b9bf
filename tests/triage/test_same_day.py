"""The same day twice: through the services and the database, and rehearsed. It is the same day, whatever happens."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import transaction

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services as consultations
from reception.models import Standing, Visit, Visitor
from tests.factories.triage import Morning, VisitorFactory, make_consultant, make_supervisor, open_morning
from tests.triage.live_day import (
    WORDS,
    Happening,
    Watched,
    agrees,
    correct,
    differing,
    fairness_says_what_the_board_says,
    open_day,
    standing,
    state_of_board,
    written,
)
from triage import services
from triage.engine.facts import Fault, VisitType
from triage.engine.policy import PRESETS
from triage.models import Decision
from triage.selectors.corrections import Kind
from triage.selectors.facts import ChangedType, Said

# What comes before it, and what is done. Both get the desk; the first returns the visit.
Before = Callable[[Morning], Visit]
Done = Callable[[Morning, Visit], object]


def given(morning: Morning, *wishes: str, said: Said | None = None, **more: Any) -> Visit:
    """A visit that came and was given out."""
    visit = morning.arrive(*(wishes or ("eyes",)), **more)
    morning.allocate(visit, **({"said": said} if said is not None else {}))
    visit.refresh_from_db()
    return visit


def seat(morning: Morning, place: int) -> Staff:
    return morning.consultants[place]


def own(place: int, **more: Any) -> Before:
    """A visitor of somebody's own comes."""
    return lambda morning: given(morning, owner=seat(morning, place), standing=Standing.NO_DEAL, **more)


def first(morning: Morning) -> Visit:
    return given(morning)


def with_her(visit: Visit) -> Staff:
    visit.refresh_from_db()
    assert visit.consultant is not None
    return visit.consultant


def in_room(before: Before) -> Before:
    def entered(morning: Morning) -> Visit:
        visit = before(morning)
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.ACCEPTED)
        services.record_entry(visit=visit, staff=with_her(visit), now=morning.now)
        return visit

    return entered


def over(before: Before) -> Before:
    def served(morning: Morning) -> Visit:
        visit = before(morning)
        morning.serve(visit)
        return visit

    return served


def gone(minutes: float) -> Before:
    def left(morning: Morning) -> Visit:
        visit = given(morning)
        services.record_leave(visit=visit, staff=morning.clerk, now=morning.later(minutes))
        return visit

    return left


def waiting(minutes: float, **more: Any) -> Before:
    """Somebody waits for the first consultant, who said that she would be free soon and is not."""

    def waits(morning: Morning) -> Visit:
        morning.say(seat(morning, 0), "busy", free_in=5)
        visit = given(morning, **more)
        assert visit.consultant == seat(morning, 0)
        morning.later(minutes)
        return visit

    return waits


def saying(place: int, state: str, before: Before) -> Before:
    def says(morning: Morning) -> Visit:
        visit = before(morning)
        morning.say(seat(morning, place), state)
        return visit

    return says


def asks_for(place: int, by: str = "visitor", **more: Any) -> Before:
    """The visitor asks for a consultant, or somebody does for her; that one is busy."""

    def asks(morning: Morning) -> Visit:
        morning.say(seat(morning, place), "busy")
        return given(morning, told={"designated": seat(morning, place), "designated_by": by, **more})

    return asks


def brought_by(morning: Morning, *owners: int) -> Visitor:
    """A visitor on file who belongs to the first of these consultants and was received by all."""
    people = [seat(morning, place) for place in owners]
    visitor: Visitor = VisitorFactory.create(
        registered_in=morning.branch,
        standing=Standing.TREATED,
        owner=people[0] if people else None,
        consulted_by=[one.pk for one in people],
    )
    return visitor


def to(kind: Kind, place: int | None = None, **more: Any) -> Done:
    def done(morning: Morning, visit: Visit) -> Decision:
        named = {"consultant": seat(morning, place)} if place is not None else {}
        return correct(morning, visit, kind, **named, **more)

    return done


def referral(*owners: int) -> Done:
    return lambda morning, visit: correct(morning, visit, Kind.REFERRAL, referrer=brought_by(morning, *owners))


def named(place: int, by: str = "supervisor", **more: Any) -> Done:
    def done(morning: Morning, visit: Visit) -> Decision:
        return services.name_consultant(
            visit=visit, consultant=seat(morning, place), by=by, staff=morning.clerk, now=morning.now, **more
        )

    return done


def nobody_free(morning: Morning) -> Visit:
    for person in morning.consultants:
        morning.say(person, "busy")
    return given(morning)


def owner_out(morning: Morning) -> Visit:
    morning.say(seat(morning, 1), "out")
    return own(1)(morning)


def asked_for_another(morning: Morning) -> Visit:
    visit = own(0)(morning)
    correct(morning, visit, Kind.CHANGE_CONSULTANT)
    morning.later(1)
    return visit


def exchanged(morning: Morning) -> Visit:
    """The second consultant owes the first one her next turn."""
    visit = waiting(11)(morning)
    correct(morning, visit, Kind.WAIT_OVER)
    morning.say(seat(morning, 0), "free")
    morning.serve(visit)
    return visit


def owed(morning: Morning) -> None:
    """The first consultant was passed over and is owed a turn."""
    morning.say(seat(morning, 0), "busy")
    given(morning)
    morning.say(seat(morning, 0), "free")


def made_up(morning: Morning) -> Visit:
    owed(morning)
    return given(morning)


def then_owed(morning: Morning) -> Visit:
    """She is with the second consultant when the first one is owed a turn."""
    morning.say(seat(morning, 0), "out")
    visit = given(morning)
    morning.say(seat(morning, 0), "on")
    owed(morning)
    return visit


def busy(*places: int, free_in: int | None = None) -> Callable[[Morning], None]:
    def says(morning: Morning) -> None:
        for place in places:
            morning.say(seat(morning, place), "busy", free_in=free_in)

    return says


def after(happened: Callable[[Morning], object], before: Before) -> Before:
    """First something happens, then she comes."""

    def both(morning: Morning) -> Visit:
        happened(morning)
        return before(morning)

    return both


def arrives(morning: Morning) -> Visit:
    return morning.arrive("eyes")


def named_by(by: str) -> Before:
    return lambda morning: morning.arrive(told={"designated": seat(morning, 1), "designated_by": by})


def allocated(morning: Morning, visit: Visit) -> Decision:
    return morning.allocate(visit)


def later(minutes: float, done: Done) -> Done:
    def waits(morning: Morning, visit: Visit) -> object:
        morning.later(minutes)
        return done(morning, visit)

    return waits


def belongs(place: int, **more: Any) -> Before:
    """A visitor of somebody's own waits for her."""
    return lambda morning: waiting(11, owner=seat(morning, place), standing=Standing.NO_DEAL, **more)(morning)


def dedicated(morning: Morning) -> Visit:
    seat(morning, 1).dedicated.add(morning.project("skin"))
    return morning.arrive("skin")


def review(morning: Morning) -> Visit:
    return given(morning, purpose="review", standing=Standing.TREATED, owner=seat(morning, 2))


def typed(kind: VisitType) -> Before:
    return lambda morning: given(morning, said=Said(ChangedType(kind, "旧系统")))


def brought(morning: Morning) -> Visit:
    referrer = brought_by(morning, 3)
    return given(morning, told={"referrer": referrer, "referral_by": "slip"})


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


# Arrivals of every kind ---------------------------------------------------------------------------------------------


def group(morning: Morning, **told: Any) -> None:
    lead = morning.arrive("eyes", told=told)  # type: ignore[arg-type]
    morning.allocate(lead)
    for announced in (None, seat(morning, 3)):
        companion = morning.arrive("skin", told={"group_lead": lead, "announced_by": announced})
        morning.allocate(companion)


def friend(morning: Morning) -> None:
    """Somebody enquires for a friend, who comes later the same day, while whoever answered is busy."""
    absent: Visitor = VisitorFactory.create(registered_in=morning.branch)
    enquiry = given(morning, told={"other_reason": "for_friend", "friend": absent})
    morning.serve(enquiry)
    visit = given(morning, person=absent)
    assert (visit.type_rule, visit.owner) == ("C8", with_her(enquiry))
    services.name_consultant(
        visit=visit, consultant=seat(morning, 3), by="supervisor", reason="会说英语", turn="counted",
        staff=morning.clerk, now=morning.later(),
    )  # fmt: skip


def agent(morning: Morning) -> Staff:
    return make_consultant(morning.branch, "网电", Role.PHONE_AGENT)


def senior_phone(morning: Morning) -> None:
    """Nobody is free for a long time: her own phone consultant receives, who has no seat."""
    announced_by = agent(morning)
    for person in morning.consultants:
        morning.say(person, "busy")
    visit = given(morning, told={"announced_by": announced_by})
    morning.later(11)
    services.name_consultant(
        visit=visit, consultant=announced_by, by="supervisor", staff=morning.clerk, now=morning.now
    )
    morning.serve(visit)
    for person in morning.consultants:
        morning.say(person, "free")


def designations(morning: Morning) -> None:
    for place, by in enumerate(Visit.DesignatedBy.values):
        for turn in ("", "counted"):
            given(
                morning, owner=seat(morning, 3) if turn else None,
                standing=Standing.DEPOSIT if turn else Standing.NEW,
                told={"designated": seat(morning, place % 4), "designated_by": by, "designated_turn": turn},
            )  # fmt: skip
            morning.later(3)


def referrals(morning: Morning) -> None:
    seat(morning, 1).stand_in = seat(morning, 3)
    seat(morning, 1).save()
    morning.say(seat(morning, 1), "out")
    for by in Visit.ReferralBy.values:
        for referrer in (None, brought_by(morning, 2), brought_by(morning, 1), brought_by(morning, 0, 3)):
            given(morning, told={"referrer": referrer, "referral_by": by})
            morning.later(2)


def others(morning: Morning) -> None:
    for reason in Visit.OtherReason.values:
        for announced_by in (None, seat(morning, 0)):
            given(morning, told={"other_reason": reason, "announced_by": announced_by})
            morning.later()


def ages(morning: Morning) -> None:
    for born in (date(2012, 5, 1), date(1950, 5, 1), date(1990, 5, 1)):
        for alone in (False, True):
            visit = given(morning, birth_on=born, told={"without_guardian": alone})
            Visitor.objects.filter(pk=visit.visitor_id).update(birth_on=date(1990, 5, 1))
            if visit.consultant is not None:
                correct(morning, visit, Kind.CHANGE_CONSULTANT)


def histories(morning: Morning) -> None:
    given(morning, told={"claims_history": True})
    given(morning, told={"claims_history": True}, owner=seat(morning, 2), standing=Standing.PAID)
    given(morning, told={"emergency": True})
    given(morning, card_declined=True)
    given(morning, told={"announced_by": agent(morning)})
    declined = given(morning, told={"emergency": True, "claims_history": True})
    if declined.consultant is not None:
        services.record_decline(visit=declined, reason="不适", staff=morning.clerk, now=morning.later())


def what_changes_meanwhile(morning: Morning) -> None:
    """The referrer finds another owner, and the visitor refuses to wait, before the visit is given out again."""
    referrer = brought_by(morning, 2)
    visit = given(morning, told={"referrer": referrer, "referral_by": "visitor"})
    Visitor.objects.filter(pk=referrer.pk).update(owner=seat(morning, 3), consulted_by=[seat(morning, 3).pk])
    services.record_decline(visit=visit, reason="不适", staff=morning.clerk, now=morning.later())
    assert with_her(visit) == seat(morning, 3)
    morning.say(seat(morning, 1), "busy")
    impatient = given(
        morning, said=Said(refuses_wait=True), told={"designated": seat(morning, 1), "designated_by": "visitor"}
    )
    services.record_decline(visit=impatient, reason="不适", staff=morning.clerk, now=morning.later())
    impatient.refresh_from_db()
    assert (impatient.rule, impatient.consultant) != ("A4", seat(morning, 1)), "she has said that she will not wait"


DAYS: dict[str, tuple[Callable[[Morning], object], dict[str, Any]]] = {
    "a group with a lead": (group, {}),
    "a group, each on her own": (group, {"group": "each"}),
    "a group that wants one consultant": (
        lambda morning: group(morning, group_wants=seat(morning, 2)), {"group": "each"},
    ),
    "a friend who was enquired for": (friend, {}),
    "her own phone consultant": (senior_phone, {"senior_phone": True}),
    "designations": (designations, {}),
    "designations that count": (designations, {"designation": "counted", "staff_introduction": "designation"}),
    "referrals": (referrals, {}),
    "other reasons": (others, {}),
    "other reasons in rotation": (others, {"other_in_rotation": True}),
    "ages": (ages, {}),
    "histories": (histories, {}),
    "histories, simply typed": (histories, {"typing": "simple"}),
    "what changes meanwhile": (what_changes_meanwhile, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", DAYS)
def test_r13_a_day_of_such_arrivals_is_rehearsed_the_same(branch: Branch, case: str) -> None:
    day, rules = DAYS[case]
    morning = open_morning(branch, **rules)
    make_supervisor(morning)
    day(morning)
    for _ in range(4):
        given(morning)
    agrees(morning)


# Any day ------------------------------------------------------------------------------------------------------------

BAG = [word for word, often in WORDS.items() for _ in range(often)]
# Beside the presets, each in turn: what else a hospital may have set.
TURNED: tuple[dict[str, Any], ...] = (
    {},
    {"make_up": ["off", "out", "busy", "scope", "suspended"], "senior_phone": True},
    {"owner_absent": "rotate", "other_in_rotation": True, "turn_size": 2},
    {"busy_wait_minutes": 0, "max_wait_minutes": 0, "carry_owed": True, "group": "each"},
    {"designation": "counted", "left_early_minutes": 30, "change_credit": "first"},
)


@pytest.mark.parametrize("preset", PRESETS)
def test_r13_any_day_through_the_desk_is_rehearsed_the_same(branch: Branch, preset: str) -> None:
    for seed, rules in enumerate(TURNED):
        chance = Random(f"{preset} {seed}")
        with transaction.atomic():
            live = open_day(branch, preset, **rules)
            watched = Watched(live)
            for _ in range(40):
                watched.happen(Happening(chance.choice(BAG), chance.randrange(2**16)))
            agrees(live.morning, least=0)
            fairness_says_what_the_board_says(live)
            transaction.set_rollback(True)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("seats", [2, 5])
def test_r13_with_everybody_free_and_in_scope_the_spread_is_one(branch: Branch, preset: str, seats: int) -> None:
    chance = Random(seats)
    morning = open_morning(branch, ("王欣", "李敏", "陈静", "周琳", "吴迟")[:seats], preset=preset, turn_size=1)
    for _ in range(14):
        given(morning, *chance.sample(["eyes", "nose", "skin"], 1))
        morning.serve(Visit.objects.latest("pk"))
        morning.later(chance.random() * 9)
    turns = morning.turns()
    assert (sum(turns), max(turns) - min(turns) <= 1) == (14, True)
    agrees(morning)


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
