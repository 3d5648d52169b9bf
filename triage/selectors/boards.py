"""Boards as they stand: found, folded, and as rows for the screen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clinic.models import Branch, Department, Staff
from clinic.roles import Capability, Role
from clinic.selectors.people import working_at
from triage.engine import facts
from triage.engine.ledger import board_from_json
from triage.engine.rotation import minutes_left
from triage.models import Board, LedgerEntry, TeamMember

FRONT = "front"


def board_of_day(branch: Branch, desk: str, day: date) -> Board | None:
    """Return a desk's board of a day, None while it is not open."""
    return (
        Board.objects.select_related("policy", "department", "branch").filter(branch=branch, desk=desk, day=day).first()
    )


def boards_seen_by(staff: Staff) -> QuerySet[Board]:
    """Return the boards a person may look at: her branch's, or her department's; all for managers and auditors."""
    boards = Board.objects.select_related("policy", "department", "branch", "opened_by")
    if staff.may(Capability.MANAGE_POLICY) or staff.may(Capability.VIEW_AUDIT):
        return boards
    boards = boards.filter(branch=staff.branch_id)
    if staff.may(Capability.VIEW_DESK_BOARD):
        return boards
    return boards.filter(desk__in=_own_desks(staff))


def _own_desks(staff: Staff) -> list[str]:
    """Return the desks a person has to do with: her department's, and the one her team sits at."""
    department = [staff.department.code] if staff.department is not None else []
    return [*department, *TeamMember.objects.filter(staff=staff, branch=staff.branch_id).values_list("desk", flat=True)]


def past_boards_open(now: datetime) -> list[Board]:
    """Return the boards whose day is over in their branch and that nobody closed, the oldest first."""
    boards = Board.objects.filter(closed_at=None).select_related("branch").order_by("day", "pk")
    return [board for board in boards if board.day < board.branch.today(now)]


def boards_operated_by(staff: Staff) -> QuerySet[Board]:
    """Return the boards a person works, as long as they are open: the front desk's, or her own department's."""
    return boards_seen_by(staff).filter(desk__in=desks_operated_by(staff))


def desks_operated_by(staff: Staff) -> list[str]:
    """Return the desks whose boards a person opens and works: "front", or her department's code."""
    desks = [FRONT] if staff.may(Capability.OPERATE_DESK_BOARD) else []
    if staff.may(Capability.OPERATE_DEPARTMENT_BOARD) and staff.department is not None:
        desks.append(staff.department.code)
    return desks


def branches_seen_by(staff: Staff) -> QuerySet[Branch]:
    """Return the branches whose boards a person may look at: her own; all for managers and auditors."""
    if staff.may(Capability.MANAGE_POLICY) or staff.may(Capability.VIEW_AUDIT):
        return Branch.objects.order_by("code")
    return Branch.objects.filter(pk=staff.branch_id)


def desks_seen_by(staff: Staff, branch: Branch) -> list[tuple[str, Department | None]]:
    """Return the desks of a branch whose boards a person may look at, by code; None stands for the front desk."""
    departments = branch.departments.filter(kind__in=["surgery", "laser", "non_invasive"]).order_by("code")
    desks: list[tuple[str, Department | None]] = [(FRONT, None), *((one.code, one) for one in departments)]
    if staff.may(Capability.VIEW_DESK_BOARD):
        return desks
    own = _own_desks(staff)
    return [(code, department) for code, department in desks if code in own]


def played_desks(branch: Branch) -> dict[str, str]:
    """Return the desks of a branch that ever had a board, the front desk first, each with its name. One query."""
    boards = Board.objects.filter(branch=branch).exclude(desk=FRONT).select_related("department")
    return {FRONT: _("Front desk")} | {
        board.desk: str(board.department) for board in boards.order_by("desk").distinct("desk")
    }


def roster_of(branch: Branch, desk: str, day: date) -> QuerySet[Staff]:
    """Return who may sit on a desk's board of a day, in the order of their names. Raises Department.DoesNotExist."""
    if desk == FRONT:
        return front_roster(branch, day)
    return desk_roster(Department.objects.select_related("branch").get(branch=branch, code=desk), day)


def standing_order(branch: Branch, desk: str, day: date) -> list[str]:
    """Return the fixed order of a desk's seats (staff ids): as last opened, or as the supervisor last put it."""
    told = LedgerEntry.objects.filter(
        board__branch=branch, board__desk=desk, board__day__lt=day, kind__in=["opened", "reordered"]
    ).order_by("-board__day", "-sequence")
    for kind, body in told.values_list("kind", "body")[:1]:
        return [seat if kind == "reordered" else seat["consultant"] for seat in body["seats"]]
    return []


def in_standing_order(roster: Iterable[Staff], order: Sequence[str]) -> list[Staff]:
    """Return people in the fixed order of their desk; who has no place in it yet follows as given."""
    places = {person: place for place, person in enumerate(order)}
    return sorted(roster, key=lambda one: places.get(str(one.pk), len(places)))


def receivers_of(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return who may be named to receive a visit: the consultants of the branch, and whoever has a seat."""
    board = board_of_day(branch, FRONT, day)
    seats = [int(seat.consultant) for seat in state_of(board).seats] if board is not None else []
    everybody = working_at(branch, day)
    return (
        everybody.filter(Q(groups__name=Role.CONSULTANT.value) | Q(pk__in=seats)).distinct().order_by("name_key", "pk")
    )


def seated(board: Board) -> QuerySet[Staff]:
    """Return everybody with a seat on a board."""
    return Staff.objects.filter(pk__in=[int(seat.consultant) for seat in state_of(board).seats])


def state_of(board: Board) -> facts.Board:
    """Return the folded ledger as the board row keeps it."""
    return board_from_json(board.state)


def front_roster(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return the consultants who belong to a branch on a day, in the order of their names."""
    return working_at(branch, day).filter(groups__name=Role.CONSULTANT.value).order_by("name_key", "pk")


def supervisors_of(board: Board) -> list[int]:
    """Return the ids of the consulting supervisors of a board's day, who are asked when nobody can take a visit."""
    day, role = board.day, Role.CONSULTING_SUPERVISOR.value
    found = Staff.objects.filter(branch=board.branch_id, active_from__lte=day, groups__name=role)
    return list(found.exclude(active_until__lt=day).values_list("pk", flat=True))


def desk_roster(department: Department, day: date) -> QuerySet[Staff]:
    """Return who may sit on a department's board: its doctors, nurses and beauticians."""
    roles = [Role.DOCTOR.value, Role.NURSE.value, Role.BEAUTICIAN.value]
    return (
        working_at(department.branch, day)
        .filter(department=department, groups__name__in=roles)
        .distinct()
        .order_by("name_key", "pk")
    )


def coming(clock: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the moment somebody means by a time of the clock: today's, tomorrow's when that is half a day ago."""
    here = now.astimezone(zone)
    moment = here.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return moment + timedelta(days=1) if here - moment >= timedelta(hours=12) else moment


@dataclass(frozen=True, slots=True)
class Row:
    """A person as the board shows her. `state` is the word of the chip, minutes are whole minutes from now.

    `is_overdue`: she said until when she would be out, and that has passed. `is_said_busy`: somebody said she is busy,
    and may say that she is free again.
    `place` counts the seats of the rotation. On a team board a seat has several `members`: the one who `leads` carries
    the turns of the team and what is owed to it, the others follow her.
    """

    place: int
    staff_id: int
    name: str
    leads: bool
    members: int
    pointed: bool
    mine: bool
    state: str
    state_since: datetime | None
    visits: int
    waiting: int
    free_in: int | None
    until: datetime | None
    is_overdue: bool
    is_said_busy: bool
    counted: int
    make_ups: int
    receptions: int
    owed: tuple[facts.Owed, ...]

    @property
    def turns(self) -> int:
        """Counted and make-up turns: what fairness is measured by."""
        return self.counted + self.make_ups

    @property
    def dots(self) -> range:
        """A dot a turn, as many as fit on the row."""
        return range(min(self.turns, 12))


def board_rows(board: Board, now: datetime, *, me: Staff | None = None) -> list[Row]:
    """Return the seats in order as they stand, with one query for the names. `me` marks my own row."""
    state = state_of(board)
    names = names_of({seat.consultant for seat in state.seats})
    seats = {seat.consultant: seat for seat in state.seats}
    return [
        _row(place, seats[person], state, names, now, me)
        for place, key in enumerate(state.keys, start=1)
        for person in state.members(key)
    ]


def names_of(ids: set[str]) -> dict[str, str]:
    """Return today's names of staff ids as the ledger writes them."""
    rows = Staff.objects.filter(pk__in=[int(one) for one in ids]).values_list("pk", "display_name")
    return {str(pk): name for pk, name in rows}


def _row(
    place: int,
    seat: facts.Seat,
    state: facts.Board,
    names: dict[str, str],
    now: datetime,
    me: Staff | None,
) -> Row:
    in_room = [held for held in seat.visits if held.entered]
    if seat.presence is not facts.Presence.ON:
        word = seat.presence.value
    elif seat.suspended:
        word = "suspended"
    elif in_room:
        word = "in_room"
    else:
        word = "busy" if seat.busy else "free"
    until = seat.until if seat.presence is facts.Presence.OUT else None
    leads = state.team_of(seat.consultant) in (None, seat.consultant)
    return Row(
        place=place,
        staff_id=int(seat.consultant),
        name=names.get(seat.consultant, seat.consultant),
        leads=leads,
        members=len(state.members(seat.consultant)),
        pointed=leads and seat.consultant == state.pointer(),
        mine=me is not None and seat.consultant == str(me.pk),
        state=word,
        state_since=min((held.entered_at or held.at for held in in_room), default=None),
        visits=len(seat.visits),
        waiting=len(seat.visits) - len(in_room),
        free_in=minutes_left(seat, now) if seat.busy else None,
        until=until,
        is_overdue=until is not None and until < now,
        is_said_busy=seat.stated_busy,
        counted=seat.counted,
        make_ups=seat.make_ups,
        receptions=seat.receptions,
        owed=state.owed_to(seat.consultant) if leads else (),
    )
