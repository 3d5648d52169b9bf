"""A department's desk today: who is expected, who waits and for how long yet, who is with somebody, who is done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Department, Staff
from clinic.roles import Capability
from consultations.expecting import (
    REVIEW_MINUTES,
    USUAL_MINUTES,
    Expectation,
    Receiver,
    Waiting,
    expectations,
    left_of,
)
from consultations.models import DeskCase, Treatment
from reception.masking import called_name
from reception.models import Visit, VisitProject
from triage.engine.facts import Presence, Seat
from triage.engine.rotation import minutes_left
from triage.models import Board
from triage.selectors.boards import desks_operated_by, names_of
from triage.selectors.decisions import UNDO_SECONDS, Told
from triage.selectors.desks import DeskWish, propose_at_desk, seats_at_desk, told_at_desk

DESKS = (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE)
NUDGE = timedelta(minutes=2)
DONE_SHOWN = 50
_State = DeskCase.State
_Purpose = DeskCase.Purpose


def department_of(staff: Staff) -> Department | None:
    """Return the department whose desk a person has to do with; None for who belongs to none that has one."""
    department = staff.department
    return department if department is not None and department.kind in DESKS else None


def operates(staff: Staff) -> bool:
    """Say whether a person works the desk of her department, or only looks at it."""
    department = department_of(staff)
    return department is not None and department.code in desks_operated_by(staff)


def cases_of_desk(staff: Staff) -> QuerySet[DeskCase]:
    """Return the cases of the department whose desk a person works."""
    if not operates(staff):
        return DeskCase.objects.none()
    return _with_everything(DeskCase.objects.filter(department=staff.department_id, branch=staff.branch_id))


def cases_worked_by(staff: Staff) -> QuerySet[DeskCase]:
    """Return the cases a person may carry on with: her own, and those of the desk she works."""
    mine = Q(staff=staff)
    if operates(staff):
        mine |= Q(department=staff.department_id)
    return _with_everything(DeskCase.objects.filter(mine, branch=staff.branch_id))


def cases_seen_by(staff: Staff) -> QuerySet[DeskCase]:
    """Return the cases a person may look at: her own, and those of her department."""
    mine = Q(staff=staff)
    if staff.may(Capability.VIEW_DEPARTMENT_BOARD) and department_of(staff) is not None:
        mine |= Q(department=staff.department_id)
    return _with_everything(DeskCase.objects.filter(mine, branch=staff.branch_id))


def cases_of_visit(visit: Visit) -> list[DeskCase]:
    """Return where a visit was or is at departments' desks, the earliest first; one query."""
    return list(DeskCase.objects.filter(visit=visit).select_related("department", "staff", "doctor").order_by("pk"))


def desks_to_send_to(staff: Staff) -> QuerySet[Department]:
    """Return the departments of a person's branch that have a desk."""
    return Department.objects.filter(branch=staff.branch_id, kind__in=DESKS).order_by("code")


def _with_everything(rows: QuerySet[DeskCase]) -> QuerySet[DeskCase]:
    return rows.select_related(
        "visit__visitor", "visit__branch", "department__branch", "treatment", "project", "doctor", "staff", "sent_by"
    )


def wish_of(case: DeskCase) -> DeskWish:
    """Return a case as the rules of a department's board are asked about it."""
    return DeskWish(
        desk=case.department.code,
        purpose=case.purpose,
        doctor_id=case.doctor_id,
        agrees=case.agreed_at is not None,
        project=case.project.code if case.project else "",
    )


@dataclass(frozen=True, slots=True)
class Receiving:
    """A doctor, nurse or beautician as far as those who wait for her are concerned.

    `word`: free, in_theatre, busy, out or off. `since`: since when somebody is with her; `free_in` whole minutes, None
    when nobody knows; `until`: expected back from *out*.
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
    def numbing(self) -> "Numbing | None":
        """Return her numbing time, if any runs."""
        return numbing_of(self.case, self.now)


@dataclass(frozen=True, slots=True)
class Numbing:
    """A numbing time that runs: when it is over, in how many minutes, and whether somebody should go and look."""

    over_at: datetime
    minutes: int
    nearly_over: bool


def numbing_of(case: DeskCase, now: datetime) -> Numbing | None:
    """Return the numbing time of a case, None when none runs."""
    over_at = case.numbing_over_at
    if over_at is None:
        return None
    minutes = max(0, -((now - over_at) // timedelta(minutes=1)))
    return Numbing(over_at, minutes, nearly_over=over_at - NUDGE <= now)


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """Somebody who is in the house and has not been taken in here: what for, and which treatments it may be about."""

    visit: Visit
    purpose: str
    choices: Sequence[Treatment]
    case: DeskCase | None = None

    @property
    def purpose_words(self) -> str:
        """Return what she comes for."""
        return str(_Purpose(self.purpose).label)

    @property
    def doctor(self) -> Staff | None:
        """Return whose she is when only one doctor comes into question."""
        if self.case is not None:
            return self.case.doctor
        return self.choices[0].doctor if len({one.doctor_id for one in self.choices}) == 1 else None


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
    cases = list(_with_everything(DeskCase.objects.filter(department=department, day=day)))
    inside = [one for one in cases if one.state == _State.WITH_STAFF]
    receiving = _receiving([*state.seats, *state.guests], inside, department, now)
    expected, later = _expected(department, day, cases)
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
            found[pk] = Receiving("free", free_in=0)
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
        for one in _with_everything(DeskCase.objects.filter(department=department, day=case.day))
        if one.pk != case.pk
    ]
    inside = [one for one in cases if one.state == _State.WITH_STAFF]
    receiving = _receiving([*state.seats, *state.guests], inside, department, now)
    rows = _waiting_rows([*cases, case], receiving, department, now)
    return next((row.expectation.minutes for row in rows if row.case is case), None)


def _expected(department: Department, day: date, cases: Iterable[DeskCase]) -> tuple[list[ExpectedRow], int]:
    """Return who is in the house for this department and not taken in yet, and how many of today are not here yet.

    A project is this department's when its own is of the same kind: the projects are the whole group's.
    Reviews and paid treatments that the front desk sends here (A1, C3), treatments of today, and whom a consultant
    sends on.
    """
    planned = list(
        Treatment.objects.filter(
            branch=department.branch_id,
            project__department__kind=department.kind,
            treated_on=day,
            state=Treatment.State.PLANNED,
        )
        .select_related("project", "doctor")
        .order_by("pk")
    )
    visits = list(_visits_for(department, day, {one.visitor_id for one in planned}))
    done = _done_treatments(department, {visit.visitor_id for visit in visits})
    rows = [
        ExpectedRow(one.visit, one.purpose, [one.treatment] if one.treatment else [], one)
        for one in cases
        if one.state == _State.SENT
    ]
    here = [one for one in cases if one.state != _State.LEFT]
    is_open = {one.visit_id for one in cases if one.state in DeskCase.OPEN_STATES}
    was_here = {one.visit_id for one in here}
    taken = {one.treatment_id for one in here}
    for visit in visits:
        if visit.pk in is_open:
            continue
        mine = [one for one in planned if one.visitor_id == visit.visitor_id and one.pk not in taken]
        if mine:
            rows.append(ExpectedRow(visit, _Purpose.TREATMENT, mine))
        elif visit.pk not in was_here and visit.state in Visit.OPEN_STATES:
            row = _by_type(visit, department, done.get(visit.visitor_id, []))
            rows += [row] if row is not None else []
    rows.sort(key=lambda row: (row.visit.arrived_at, row.visit.pk))
    arrived = {visit.visitor_id for visit in visits}
    return rows, len({one.visitor_id for one in planned} - arrived)


def _visits_for(department: Department, day: date, visitors: set[int]) -> QuerySet[Visit]:
    """Return the visits of a day that may be for a department, each with its wishes."""
    review = Q(visit_type=Visit.VisitType.REVIEW) | Q(visit_type="", purpose=Visit.Purpose.REVIEW)
    paid = Q(other_reason=Visit.OtherReason.PAID_TREATMENT)
    wished = VisitProject.objects.filter(visit=OuterRef("pk"), project__department__kind=department.kind)
    treated = Treatment.objects.filter(
        visitor=OuterRef("visitor"), project__department__kind=department.kind, state=Treatment.State.DONE
    )
    return (
        Visit.objects.filter(branch=department.branch_id, day=day)
        .exclude(state__in=[Visit.State.LEFT, Visit.State.VOID])
        .filter(Q(visitor__in=visitors) | ((review | paid) & (Exists(wished) | Exists(treated))))
        .filter(isolated_at=None)
        .select_related("visitor", "branch", "consultant")
        .prefetch_related(Prefetch("wishes", VisitProject.objects.select_related("project__department")))
        .order_by("arrived_at", "pk")
    )


def _done_treatments(department: Department, visitors: set[int]) -> dict[int, list[Treatment]]:
    """Return the last done treatment of each project, by visitor, the latest first."""
    found: dict[int, list[Treatment]] = {}
    rows = Treatment.objects.filter(
        visitor__in=visitors, project__department__kind=department.kind, state=Treatment.State.DONE
    ).select_related("project", "doctor")
    for one in rows.order_by("-treated_on", "-pk"):
        hers = found.setdefault(one.visitor_id, [])
        if one.project_id not in {other.project_id for other in hers}:
            hers.append(one)
    return found


def _by_type(visit: Visit, department: Department, done: Sequence[Treatment]) -> ExpectedRow | None:
    """Return the row of a visit that the front desk sends to a department; None when it is for another one.

    A project named at the desk decides which department it is and which treatment is meant first; with none named, it
    is where she was treated.
    """
    wished = [wish.project for wish in visit.wishes.all()]
    if wished and all(project.department.kind != department.kind for project in wished):
        return None
    if visit.other_reason == Visit.OtherReason.PAID_TREATMENT:
        return ExpectedRow(visit, _Purpose.TREATMENT, [])
    named = {project.pk for project in wished}
    return ExpectedRow(visit, _Purpose.REVIEW, sorted(done, key=lambda one: one.project_id not in named))


def taken_in_already(staff: Staff, visit: int, day: date) -> DeskCase | None:
    """Return the open case of a visit at the desk a person works, for who sends the form again."""
    return cases_of_desk(staff).filter(visit=visit, day=day, state__in=DeskCase.OPEN_STATES).first()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the board would decide about a waiting visitor, or has decided, as the desk is asked about it.

    `state`: proposed, absent (her doctor is not here), nobody (nobody can take her), no_board, given, or over.
    """

    row: CaseRow | None
    case: DeskCase
    state: str
    context: Mapping[str, object]


def asked_about(case: DeskCase, now: datetime) -> Asked:
    """Return what is asked of the desk about a case now: the proposal with its reasons, or what has become of it."""
    day = desk_day(case.department, now)
    row = next((one for one in day.waiting if one.case.pk == case.pk), None)
    if row is None:
        return Asked(None, case, "over", {})
    rows = _others(day.board, now, case.staff_id) if day.board is not None else []
    if case.staff_id is not None:
        found = told_at_desk(case.visit, case.department.code)
        standing = next((one for one in found if not one.undone), None)
        return Asked(row, case, "given", {"told": standing, "undo_seconds": _undo_seconds(found, now), "rows": rows})
    proposal = propose_at_desk(case.visit, wish_of(case), now)
    if proposal is None:
        return Asked(row, case, "no_board", {})
    words = proposal.in_words
    outcome = proposal.answer.decision.value
    state = {"none": "absent", "escalate": "nobody"}.get(outcome, "proposed")
    told = {
        "proposal": proposal,
        "answer": proposal.answer,
        "words": words,
        "seats": proposal.seats(words),
        "rows": rows,
        "waits": outcome == "wait",
    }
    return Asked(row, case, state, told)


def _undo_seconds(found: Sequence[Told], now: datetime) -> int:
    if not found or found[0].undone:
        return 0
    return max(0, int(UNDO_SECONDS - (now - found[0].decision.made_at).total_seconds()))


def _others(board: Board, now: datetime, but: int | None) -> list[tuple[int, str]]:
    """Return who is here and may be named instead (K9): ids with names, in the order of the seats."""
    _found, state = seats_at_desk(board.branch, board.desk, now)
    names = names_of({seat.consultant for seat in state.seats})
    return [
        (int(seat.consultant), names.get(seat.consultant, seat.consultant))
        for seat in state.seats
        if seat.presence is Presence.ON and int(seat.consultant) != but
    ]


def waiting_count(staff: Staff, now: datetime) -> int:
    """Return how many wait at the desk of a person's department."""
    department = department_of(staff)
    if department is None:
        return 0
    return DeskCase.objects.filter(
        department=department, day=staff.branch.today(now), state__in=[_State.WAITING, _State.CALLED]
    ).count()


@dataclass(frozen=True, slots=True)
class OwnCases:
    """A doctor's or nurse's cases of today: who is with her, who is called or waits for her, who is done."""

    inside: list[DeskCase]
    upcoming: list[DeskCase]
    done: list[DeskCase]


def own_cases(staff: Staff, now: datetime) -> OwnCases:
    """Return what the department's desk has given to a person today; one query."""
    rows = list(_with_everything(DeskCase.objects.filter(staff=staff, day=staff.branch.today(now))))
    rows.sort(key=lambda one: (one.state != _State.CALLED, one.given_at or now))
    done = [one for one in rows if one.state in (_State.DONE, _State.LEFT)]
    return OwnCases(
        inside=[one for one in rows if one.state == _State.WITH_STAFF],
        upcoming=[one for one in rows if one.state in (_State.CALLED, _State.WAITING)],
        done=sorted(done, key=lambda one: one.ended_at or now, reverse=True),
    )


def own_count(staff: Staff, now: datetime) -> int:
    """Return how many visitors of the department's desk wait for a person."""
    waits = [_State.WAITING, _State.CALLED]
    return DeskCase.objects.filter(staff=staff, day=staff.branch.today(now), state__in=waits).count()


@dataclass(frozen=True, slots=True)
class Nudges:
    """Numbing times of a desk: nearly over and not looked at yet; in how many seconds the next one is (None: none)."""

    due: list[DeskCase]
    next_in: int | None


def numbing_nudges(staff: Staff, now: datetime) -> Nudges:
    """Return the numbing times of the desk a person works that somebody has to look at; one query."""
    running = cases_of_desk(staff).filter(
        day=staff.branch.today(now),
        state__in=DeskCase.OPEN_STATES,
        numbing_started_at__isnull=False,
        numbing_seen_at=None,
    )
    over = sorted((one.numbing_over_at, one.pk, one) for one in running if one.numbing_over_at is not None)
    due = [one for moment, _pk, one in over if moment - NUDGE <= now]
    ahead = [moment - NUDGE - now for moment, _pk, _one in over if moment - NUDGE > now]
    return Nudges(due, int(ahead[0].total_seconds()) + 1 if ahead else None)


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
