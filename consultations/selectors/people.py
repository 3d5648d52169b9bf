"""Colleagues who can be asked or passed to, with what each does just now; visitors found by a whole name or phone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Department, Staff
from clinic.roles import Role
from clinic.selectors.people import working_at
from consultations.selectors.treatments import doctors_of
from reception import keys
from reception.models import Visit, Visitor, VisitorKey
from triage.engine import facts
from triage.models import Board
from triage.selectors.boards import FRONT, board_of_day, state_of

STATE_WORDS: Mapping[str, Promise] = {
    "free": _("Free"),
    "busy": _("Busy"),
    "in_room": _("In the room"),
    "suspended": _("Suspended"),
    "out": _("Out"),
    "late": _("Late"),
}
# So many visitors found by a whole name or phone are shown; of more, the phone tells which one is meant.
FEW = 5
TREATING = (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at work today; `state` is what the boards say of her, empty when she sits on none."""

    staff: Staff
    state: str = ""

    @property
    def label(self) -> str:
        """Return her name, and what she does just now."""
        word = STATE_WORDS.get(self.state)
        return f"{self.staff.display_name} · {word}" if word else self.staff.display_name

    @property
    def is_free(self) -> bool:
        """Say whether nothing on a board keeps her."""
        return self.state in ("", "free")


def doctors_at_work(staff: Staff, now: datetime) -> list[Colleague]:
    """Return the other doctors of her branch who are not off today, by name. Two queries."""
    return _with_states(
        doctors_of(staff, staff.branch.today(now)).exclude(pk=staff.pk).order_by("name_key", "pk"), staff.branch, now
    )


def off_today(branch: Branch, now: datetime) -> frozenset[int]:
    """Return who sits on a board of the branch today and is not here all day: on leave, or off. One query."""
    return frozenset(pk for pk, word in _states_of(branch, now).items() if word == "off")


def panel_at_work(staff: Staff, now: datetime) -> list[Colleague]:
    """Return the other doctors and consultants of her branch who are not off today, by name. Two queries."""
    roles = [Role.DOCTOR.value, Role.CONSULTANT.value]
    held = Staff.groups.through.objects.filter(staff=OuterRef("pk"), group__name__in=roles)
    people = working_at(staff.branch, staff.branch.today(now)).filter(Exists(held)).exclude(pk=staff.pk)
    return _with_states(people, staff.branch, now)


def receivers_at_work(visit: Visit) -> list[Colleague]:
    """Return who sits on the visit's front-desk board and is here, in the order of seats, but for who has the visit."""
    board = board_of_day(visit.branch, FRONT, visit.day)
    if board is None:
        return []
    words = {seat.consultant: _word(seat) for seat in state_of(board).seats}
    here = {pk: word for pk, word in words.items() if word in ("free", "suspended", "busy", "in_room")}
    people = Staff.objects.in_bulk([int(pk) for pk in here])
    return [Colleague(people[int(pk)], here[pk]) for pk in here if int(pk) != visit.consultant_id]


def is_seated(visit: Visit, person: Staff) -> bool:
    """Say whether a visit can be passed on to somebody by the board (K7): she sits on it to receive, and is here."""
    board = board_of_day(visit.branch, FRONT, visit.day)
    if board is None or board.closed_at is not None:
        return False
    state, key = state_of(board), str(person.pk)
    seat = state.seat(key)
    receives = Role.CONSULTANT in person.roles or state.team_of(key) is not None
    return receives and seat is not None and seat.presence is facts.Presence.ON


def owners_named(staff: Staff, today: date) -> list[Colleague]:
    """Return the other consultants of the branch, one of whom a visitor may belong to."""
    found = working_at(staff.branch, today).filter(groups__name=Role.CONSULTANT.value).exclude(pk=staff.pk)
    return [Colleague(one) for one in found]


def deciders(visit: Visit) -> list[Staff]:
    """Return who may decide that it cannot be done here (K2): the heads of the treating departments of the branch.

    Those of the departments that the visitor's wishes concern come first.
    """
    concerned = set(visit.wishes.values_list("project__department", flat=True))
    departments = Department.objects.filter(branch=visit.branch_id, kind__in=TREATING, head__isnull=False)
    ranked = sorted(departments.select_related("head"), key=lambda one: (one.pk not in concerned, one.code))
    heads = [one.head for one in ranked if one.head is not None and one.head.works_on(visit.day)]
    return list(dict.fromkeys(heads))


def found_exactly(text: str) -> list[Visitor]:
    """Return the visitors whose whole name, phone or file number this is, FEW and one more at most.

    Nobody is found by a part: a consultant looks up one she was told of, and does not leaf through the file.
    """
    wanted = Q(pk=None)
    for probe in keys.probes(text):
        if probe.kind in (keys.PHONE, keys.NAME, keys.FILE) and not probe.prefix:
            wanted |= Q(kind=probe.kind, key=probe.key)
    found = VisitorKey.objects.filter(wanted, visitor=OuterRef("pk"))
    return list(Visitor.objects.filter(Exists(found), merged_into=None).order_by("pk")[: FEW + 1])


def _with_states(people: QuerySet[Staff], branch: Branch, now: datetime) -> list[Colleague]:
    words = _states_of(branch, now)
    return [Colleague(one, words.get(one.pk, "")) for one in people if words.get(one.pk) != "off"]


def _states_of(branch: Branch, now: datetime) -> dict[int, str]:
    """Return what the boards of today say of people; of who sits on two, what keeps her from coming."""
    words: dict[int, str] = {}
    for board in Board.objects.filter(branch=branch, day=branch.today(now)):
        for seat in state_of(board).seats:
            said = words.get(int(seat.consultant), "off")
            words[int(seat.consultant)] = _word(seat) if said in ("off", "free") else said
    return words


def _word(seat: facts.Seat) -> str:
    if seat.presence is not facts.Presence.ON:
        return seat.presence.value
    if any(held.entered for held in seat.visits):
        return "in_room"
    if seat.busy:
        return "busy"
    # In the rotation she is passed over (T7), but whoever is asked for by name still goes to her.
    return "suspended" if seat.suspended else "free"
