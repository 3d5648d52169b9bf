"""A consultant's queue of today, read from the visits that triage gave her."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Branch, Staff
from clinic.roles import Capability
from consultations.models import Consultation, OwnerHint, Participant
from reception.models import Visit, VisitProject
from triage.engine.policy import Policy as Rules
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import FRONT, state_of
from triage.selectors.policies import rules_of

OPEN = (Consultation.State.OFFERED, Consultation.State.ACCEPTED, Consultation.State.IN_ROOM)
# So many open questions fit on a page; the next ones come up as these are answered.
LONGEST = 50
WITH_ME = (Visit.State.WAITING, Visit.State.ACCEPTED, Visit.State.IN_ROOM)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A visit in the queue, her consultation of it once she has seen it, and what she may know (O5)."""

    visit: Visit
    consultation: Consultation | None
    unseen: bool
    hides_projects: bool

    @property
    def in_room(self) -> bool:
        """Say whether the visitor is in the room, as the visit or the consultation has it."""
        held = self.consultation is not None and self.consultation.state == Consultation.State.IN_ROOM
        return held or self.visit.state == Visit.State.IN_ROOM

    @property
    def wishes(self) -> list[str]:
        """Return the projects in the order named; none while they are hidden."""
        return [] if self.hides_projects else [str(wish.project) for wish in self.visit.wishes.all()]


@dataclass(frozen=True, slots=True)
class Queue:
    """Who is in the room, who comes next, who follows, and how many minutes count as a long wait."""

    in_room: QueueRow | None
    upcoming: list[QueueRow]
    long_wait: int

    @property
    def next(self) -> QueueRow | None:
        """Return the visitor to take now."""
        return self.upcoming[0] if self.upcoming else None

    @property
    def following(self) -> list[QueueRow]:
        """Return those behind the next one."""
        return self.upcoming[1:]

    @property
    def unseen(self) -> list[Visit]:
        """Return the visits she has not acknowledged yet."""
        return [row.visit for row in self.upcoming if row.unseen]


def front_board(branch: Branch, day: date) -> Board | None:
    """Return the front desk's board of the day with its policy, None before it is opened."""
    return Board.objects.select_related("policy").filter(branch=branch, desk="front", day=day).first()


def own_and_front(staff: Staff, day: date) -> tuple[Board | None, Board | None]:
    """Return the board of the day she has her seat on, else the one that is hers to look at; and the front desk's.

    Who works at a department's desk has her seat there; a consultant, or a doctor of a team at the front desk, on the
    front desk's board. None: not opened. One query.
    """
    own = staff.department.code if staff.department and staff.may(Capability.WORK_OWN_CASES) else FRONT
    found = Board.objects.select_related("policy").filter(branch=staff.branch_id, desk__in={own, FRONT}, day=day)
    boards = {board.desk: board for board in found}
    hers = next((boards[desk] for desk in (own, FRONT) if desk in boards and has_seat(boards[desk], staff)), None)
    front = boards.get(FRONT)
    # A doctor looks at the front desk's board only while a team of doctors sits on it.
    looks_at = front if staff.may(Capability.VIEW_DESK_BOARD) else boards.get(own) if own != FRONT else None
    return hers or looks_at, front


def room_taken(staff: Staff) -> Visit | None:
    """Return who is in a consultant's room by the register; until then nobody else is called there. One query."""
    return Visit.objects.filter(consultant=staff, state=Visit.State.IN_ROOM).first()


def has_seat(board: Board, staff: Staff) -> bool:
    """Say whether this consultant has a seat on the board."""
    return state_of(board).seat(str(staff.pk)) is not None


def away_for(board: Board, staff: Staff) -> str:
    """Return what a consultant said she is out for, empty when she gave no word. One query."""
    said = LedgerEntry.objects.filter(board=board, kind="seat_state", body__seat=str(staff.pk)).order_by("-sequence")
    return said.values_list("reason", flat=True).first() or ""


def queue_of(staff: Staff, board: Board | None, now: datetime) -> Queue:
    """Return the queue of one consultant; `board` is her front desk's of today (see `front_board`).

    A visitor of an earlier day who was never finished is still in the room: nobody else can enter before that. So is
    one whose visit the desk has ended since, until her consultation is finished.
    """
    rules = rules_of(board.policy) if board else Rules()
    in_her_room = Consultation.objects.filter(visit=OuterRef("pk"), consultant=staff, state=Consultation.State.IN_ROOM)
    visits = (
        Visit.objects.filter(
            Q(day=staff.branch.today(now), state__in=WITH_ME) | Q(state=Visit.State.IN_ROOM) | Exists(in_her_room)
        )
        .filter(consultant=staff)
        .select_related("visitor__owner", "visitor__level")
        .prefetch_related(
            Prefetch("wishes", VisitProject.objects.select_related("project")),
            Prefetch(
                "consultations",
                Consultation.objects.filter(consultant=staff, state__in=OPEN),
                to_attr="with_her",
            ),
        )
    )
    rows = [_row(visit, rules.hide_project) for visit in visits]
    in_room = [row for row in rows if row.in_room]
    upcoming = [row for row in rows if not row.in_room]
    upcoming.sort(key=lambda row: (row.visit.state != Visit.State.ACCEPTED, row.visit.allocated_at or now))
    return Queue(in_room=in_room[0] if in_room else None, upcoming=upcoming, long_wait=rules.max_wait_minutes)


def _row(visit: Visit, hide_project: bool) -> QueueRow:
    found: list[Consultation] = visit.with_her  # type: ignore[attr-defined]
    consultation = found[0] if found else None
    waiting = visit.state == Visit.State.WAITING
    seen_at = consultation.acknowledged_at if consultation else None
    given_again = seen_at is not None and visit.allocated_at is not None and seen_at < visit.allocated_at
    return QueueRow(
        visit=visit,
        consultation=consultation,
        unseen=waiting and (seen_at is None or given_again),
        hides_projects=hide_project and waiting,
    )


def done_today(staff: Staff, now: datetime) -> QuerySet[Consultation]:
    """Return her consultations of today that are over, the latest first."""
    return (
        Consultation.objects.filter(consultant=staff, day=staff.branch.today(now))
        .filter(state__in=[Consultation.State.FINISHED, Consultation.State.DECLINED])
        .select_related("visit", "visitor")
        .order_by("-pk")
    )


def forbidden_declines(staff: Staff, now: datetime) -> QuerySet[Consultation]:
    """Return what consultants of her branch would have declined today but may not (T7), and have not taken since."""
    return (
        Consultation.objects.filter(branch=staff.branch_id, day=staff.branch.today(now))
        .filter(state=Consultation.State.OFFERED, visit__state=Visit.State.WAITING, visit__consultant=F("consultant"))
        .exclude(decline_reason="")
        .select_related("visit", "consultant")
        .order_by("acknowledged_at")
    )


def asked_of(staff: Staff, now: datetime) -> QuerySet[Participant]:
    """Return what is asked of a person about colleagues' visitors and not answered yet, the oldest first.

    Of a consultation of an earlier day, or one that came to nothing, nobody is asked any more; its page stays open to
    her.
    """
    state = Consultation.State
    return (
        Participant.objects.filter(staff=staff, answered_at=None)
        .filter(Q(consultation__day__gte=staff.branch.today(now)) | Q(consultation__state=state.IN_ROOM))
        .exclude(consultation__consultant=staff)
        .exclude(consultation__state=state.WITHDRAWN)
        .select_related("consultation__visit", "consultation__visitor", "consultation__consultant")
        .order_by("asked_at", "pk")[:LONGEST]
    )


def opinions_seen_by(staff: Staff) -> QuerySet[Participant]:
    """Return whatever a person was asked, answered or not."""
    return (
        Participant.objects.filter(staff=staff)
        .select_related("consultation__visit", "consultation__visitor__owner", "consultation__consultant")
        .prefetch_related(Prefetch("consultation__visit__wishes", VisitProject.objects.select_related("project")))
    )


def gone_to_others(staff: Staff, now: datetime) -> QuerySet[Visit]:
    """Return the visits of today whose visitors are hers and asked for another consultant (K4)."""
    return (
        Visit.objects.filter(branch=staff.branch_id, day=staff.branch.today(now), rule="K4", visitor__owner=staff)
        .exclude(consultant=staff)
        .select_related("visitor", "consultant")
        .order_by("pk")
    )


def open_owner_hints(staff: Staff, now: datetime) -> QuerySet[OwnerHint]:
    """Return what consultants of her branch said today of owners (K6), until it is corrected or taken note of."""
    return (
        owner_hints_of(staff)
        .filter(day=staff.branch.today(now), settled_at=None)
        .exclude(consultation__visit__rule="K6")
        .select_related("consultation__visit__visitor", "owner", "said_by")
    )


def owner_hints_of(staff: Staff) -> QuerySet[OwnerHint]:
    """Return what consultants of her branch ever said of owners."""
    return OwnerHint.objects.filter(branch=staff.branch_id)


def may_decline(visit: Visit) -> bool:
    """Say whether the policy of the visit's day lets its consultant decline (T7)."""
    board = front_board(visit.branch, visit.day)
    return board is None or rules_of(board.policy).decline != "forbidden"


def waiting_count(staff: Staff, now: datetime) -> int:
    """Return how many visitors wait for this consultant."""
    return Visit.objects.filter(
        consultant=staff, day=staff.branch.today(now), state__in=[Visit.State.WAITING, Visit.State.ACCEPTED]
    ).count()


def unseen_visits(staff: Staff, now: datetime) -> list[Visit]:
    """Return the visits whose notice this consultant has not acknowledged, the oldest first."""
    visits = Visit.objects.filter(
        consultant=staff, day=staff.branch.today(now), state=Visit.State.WAITING
    ).prefetch_related(
        Prefetch("consultations", Consultation.objects.filter(consultant=staff, state__in=OPEN), to_attr="with_her")
    )
    return [row.visit for row in (_row(visit, True) for visit in visits.order_by("allocated_at")) if row.unseen]


def visits_given_to(staff: Staff) -> QuerySet[Visit]:
    """Return the visits that are or once were given to this consultant; another's are not among them."""
    return Visit.objects.filter(
        Q(consultant=staff)
        | Exists(Consultation.objects.filter(visit=OuterRef("pk"), consultant=staff))
        | Exists(Decision.objects.filter(visit=OuterRef("pk"), consultant=staff)),
        branch_id=staff.branch_id,
    )
