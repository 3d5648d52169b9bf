"""A department's desk today: who is expected, who waits and for how long yet, who is with somebody, who is done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.models import Department, Staff
from consultations.expecting import (
    REVIEW_MINUTES,
    USUAL_MINUTES,
    Expectation,
    Receiver,
    Waiting,
    expectations,
    left_of,
)
from consultations.models import DeskCase
from consultations.selectors.desk_cases import of_the_day, with_everything
from consultations.selectors.desk_expected import ExpectedRow, expected_at
from consultations.selectors.numbing import Numbing, numbing_of
from reception.masking import called_name
from triage.engine.facts import Presence, Seat
from triage.engine.rotation import minutes_left
from triage.models import Board
from triage.selectors.desks import seats_at_desk

DONE_SHOWN = 50
_State = DeskCase.State
_Purpose = DeskCase.Purpose


@dataclass(frozen=True, slots=True)
class Receiving:
    """A doctor, nurse or beautician as far as those who wait for her are concerned.

    `word`: free, given (somebody was given to her and is not in yet), in_theatre, busy, out or off. `since`: since when
    somebody is with her; `free_in` whole minutes, None when nobody knows; `until`: expected back from *out*.
    """

    word: str
    since: datetime | None = None
    free_in: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One who waits or is called: whom she waits for, how many are ahead of her, and what she may be told."""

    case: DeskCase
    waits_for: Staff | None
    receiving: Receiving | None
    expectation: Expectation
    now: datetime

    @property
    def due_at(self) -> datetime | None:
        """Return about when it is her turn, None when nobody can say."""
        minutes = self.expectation.minutes
        return self.now + timedelta(minutes=minutes) if minutes is not None else None

    @property
    def numbing(self) -> Numbing | None:
        """Return her numbing time, if any runs."""
        return numbing_of(self.case, self.now)


@dataclass(frozen=True, slots=True)
class DeskDay:
    """Everything a department's desk shows of a day; `later`: treatments of today whose visitors are not here yet."""

    department: Department
    board: Board | None
    expected: list[ExpectedRow]
    waiting: list[CaseRow]
    with_staff: list[DeskCase]
    done: list[DeskCase]
    later: int

    @property
    def next(self) -> CaseRow | None:
        """Return who is to be dealt with next: the first whom nobody has, else the first who is not called yet."""
        nobody = (row for row in self.waiting if row.case.staff_id is None and row.case.waits_since_at is None)
        waits = (row for row in self.waiting if row.case.state == _State.WAITING)
        return next(nobody, None) or next(waits, None)


def desk_day(department: Department, now: datetime) -> DeskDay:
    """Return a department's desk today; seven queries however many there are."""
    day = department.branch.today(now)
    board, state = seats_at_desk(department.branch, department.code, now)
    cases = list(with_everything(DeskCase.objects.filter(of_the_day(day), department=department)))
    inside = [one for one in cases if one.state == _State.WITH_STAFF]
    receiving = _receiving([*state.seats, *state.guests], inside, department, now)
    expected, later = expected_at(department, day, cases)
    done = sorted(
        (one for one in cases if one.state in (_State.DONE, _State.LEFT)),
        key=lambda one: one.ended_at or now,
        reverse=True,
    )
    return DeskDay(
        department=department,
        board=board,
        expected=expected,
        waiting=_waiting_rows(cases, receiving, department, now),
        with_staff=inside,
        done=done[:DONE_SHOWN],
        later=later,
    )


def _receiving(
    seats: Iterable[Seat], inside: Iterable[DeskCase], department: Department, now: datetime
) -> dict[int, Receiving]:
    """Return how each of those with a seat stands, by staff id."""
    with_her = {one.staff_id: one for one in inside if one.staff_id is not None}
    found = {}
    for seat in seats:
        pk = int(seat.consultant)
        case = with_her.get(pk)
        if seat.presence is Presence.OUT:
            back = seat.until
            minutes = max(0, -((now - back) // timedelta(minutes=1))) if back is not None else None
            found[pk] = Receiving("out", free_in=minutes, until=back)
        elif seat.presence is not Presence.ON:
            found[pk] = Receiving("off")
        elif case is not None and case.entered_at is not None:
            stated = minutes_left(seat, now)
            passed = (now - case.entered_at) // timedelta(minutes=1)
            usual = left_of(usual_minutes(case, department), passed)
            found[pk] = Receiving("in_theatre", case.entered_at, stated if stated is not None else usual)
        elif seat.stated_busy:
            found[pk] = Receiving("busy", free_in=minutes_left(seat, now))
        else:
            found[pk] = Receiving("given" if seat.visits else "free", free_in=0)
    return found


def usual_minutes(case: DeskCase, department: Department) -> int:
    """Return how long somebody is usually with such a visitor."""
    return REVIEW_MINUTES if case.purpose == _Purpose.REVIEW else USUAL_MINUTES[department.kind]


def _waiting_rows(
    cases: Sequence[DeskCase], receiving: Mapping[int, Receiving], department: Department, now: datetime
) -> list[CaseRow]:
    """Return who is called and who waits, in that order; ahead and minutes are worked out over all of them."""
    rows = [one for one in cases if one.state in (_State.CALLED, _State.WAITING)]
    rows.sort(key=lambda one: (one.state != _State.CALLED, one.arrived_at or now, one.pk))
    people = {pk: Receiver(here=one.word not in ("out", "off"), free_in=one.free_in) for pk, one in receiving.items()}
    waits_for = {one.pk: _waits_for(one) for one in rows}
    told = expectations(
        [
            Waiting(one.pk, person.pk if (person := waits_for[one.pk]) else None, usual_minutes(one, department))
            for one in rows
        ],
        people,
    )
    return [
        CaseRow(
            case=one,
            waits_for=waits_for[one.pk],
            receiving=(receiving.get(person.pk) or Receiving("off")) if (person := waits_for[one.pk]) else None,
            expectation=told[one.pk],
            now=now,
        )
        for one in rows
    ]


def _waits_for(case: DeskCase) -> Staff | None:
    """Return who has her or whom she came for; None: whoever is next in turn."""
    if case.staff is not None:
        return case.staff
    return case.doctor if case.agreed_at is None else None


def expected_minutes(case: DeskCase, now: datetime) -> int | None:
    """Return in about how many minutes a case can be received, as the desk tells it now; None when nobody can say.

    The case counts as it is given here, whatever the database still says of it.
    """
    department = case.department
    _board, state = seats_at_desk(department.branch, department.code, now)
    cases = [
        one
        for one in with_everything(DeskCase.objects.filter(of_the_day(case.day), department=department))
        if one.pk != case.pk
    ]
    inside = [one for one in cases if one.state == _State.WITH_STAFF]
    receiving = _receiving([*state.seats, *state.guests], inside, department, now)
    rows = _waiting_rows([*cases, case], receiving, department, now)
    return next((row.expectation.minutes for row in rows if row.case is case), None)


@dataclass(frozen=True, slots=True)
class WallRow:
    """One visitor on the department's wall: number, masked name, and where to or about when."""

    number: str
    name: str
    state: str
    place: str
    due_at: datetime | None


def wall_rows(department: Department, now: datetime) -> list[WallRow]:
    """Return who is called and who waits at a department, for the people who wait there: nobody's whole name."""
    day = desk_day(department, now)
    return [
        WallRow(
            number=str(row.case.visit),
            name=called_name(row.case.visit.visitor.name),
            state=row.case.state,
            place=(row.case.staff.room or row.case.staff.display_name) if row.case.staff else "",
            due_at=row.due_at,
        )
        for row in day.waiting
    ]
