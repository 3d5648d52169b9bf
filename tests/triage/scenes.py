"""What comes before a decision at the desk, and the decision: pieces that a day is put together from."""

from collections.abc import Callable
from typing import Any

from clinic.models import Staff
from reception.models import Standing, Visit, Visitor
from tests.factories.triage import Morning, VisitorFactory
from tests.triage.live_day import correct
from triage import services
from triage.engine.facts import VisitType
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
