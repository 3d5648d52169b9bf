"""Boards as they stand: found, folded, and as rows for the screen."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from clinic.models import Branch, Department, Staff
from clinic.roles import Capability, Role
from triage.engine import facts
from triage.engine.ledger import board_from_json
from triage.engine.rotation import minutes_left
from triage.models import Board

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
    return boards.filter(department=staff.department_id).exclude(department=None)


def boards_operated_by(staff: Staff) -> QuerySet[Board]:
    """Return the open boards a person may change: the front desk's, or the one of her own department."""
    boards = boards_seen_by(staff).filter(closed_at=None)
    return boards.filter(desk__in=desks_operated_by(staff))


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
    sees_front = staff.may(Capability.VIEW_DESK_BOARD)
    departments = branch.departments.filter(kind__in=["surgery", "laser", "non_invasive"]).order_by("code")
    desks: list[tuple[str, Department | None]] = [(FRONT, None)] if sees_front else []
    return desks + [(one.code, one) for one in departments if sees_front or one.pk == staff.department_id]


def roster_of(branch: Branch, desk: str, day: date) -> QuerySet[Staff]:
    """Return who may sit on a desk's board of a day, in the order of their names. Raises Department.DoesNotExist."""
    if desk == FRONT:
        return front_roster(branch, day)
    return desk_roster(Department.objects.select_related("branch").get(branch=branch, code=desk), day)


def seated(board: Board) -> QuerySet[Staff]:
    """Return everybody with a seat on a board."""
    return Staff.objects.filter(pk__in=[int(seat.consultant) for seat in state_of(board).seats])


def state_of(board: Board) -> facts.Board:
    """Return the folded ledger as the board row keeps it."""
    return board_from_json(board.state)


def front_roster(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return the consultants who belong to a branch on a day, in the order of their names."""
    return _working(branch, day).filter(groups__name=Role.CONSULTANT.value).order_by("name_key", "pk")


def supervisors_of(branch_id: int) -> list[int]:
    """Return the ids of the branch's consulting supervisors, who are asked when nobody can take a visit."""
    role = Role.CONSULTING_SUPERVISOR.value
    found = Staff.objects.filter(branch=branch_id, active_until=None, groups__name=role)
    return list(found.values_list("pk", flat=True))


def desk_roster(department: Department, day: date) -> QuerySet[Staff]:
    """Return who may sit on a department's board: its doctors, nurses and beauticians."""
    roles = [Role.DOCTOR.value, Role.NURSE.value]
    return (
        _working(department.branch, day)
        .filter(department=department, groups__name__in=roles)
        .distinct()
        .order_by("name_key", "pk")
    )


def _working(branch: Branch, day: date) -> QuerySet[Staff]:
    return Staff.objects.filter(branch=branch, active_from__lte=day).exclude(active_until__lt=day)


@dataclass(frozen=True, slots=True)
class Row:
    """A seat as the board shows it. `state` is the word of the chip, minutes are whole minutes from now."""

    place: int
    staff_id: int
    name: str
    pointed: bool
    mine: bool
    state: str
    state_since: datetime | None
    visits: int
    waiting: int
    free_in: int | None
    until: datetime | None
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
    pointer = state.pointer()
    return [_row(place, seat, state, names, pointer, now, me) for place, seat in enumerate(state.seats, start=1)]


def names_of(ids: set[str]) -> dict[str, str]:
    """Return today's names of staff ids as the ledger writes them."""
    rows = Staff.objects.filter(pk__in=[int(one) for one in ids]).values_list("pk", "display_name")
    return {str(pk): name for pk, name in rows}


def _row(
    place: int,
    seat: facts.Seat,
    state: facts.Board,
    names: dict[str, str],
    pointer: str | None,
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
    return Row(
        place=place,
        staff_id=int(seat.consultant),
        name=names.get(seat.consultant, seat.consultant),
        pointed=seat.consultant == pointer,
        mine=me is not None and seat.consultant == str(me.pk),
        state=word,
        state_since=min((held.entered_at or held.at for held in in_room), default=None),
        visits=len(seat.visits),
        waiting=len(seat.visits) - len(in_room),
        free_in=minutes_left(seat, now) if seat.busy else None,
        until=seat.until if seat.presence is facts.Presence.OUT else None,
        counted=seat.counted,
        make_ups=seat.make_ups,
        receptions=seat.receptions,
        owed=state.owed_to(seat.consultant),
    )
