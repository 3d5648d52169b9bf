"""The roster of a branch: a week of people, who writes whose line, and what it says of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet

from clinic.models import Branch, Department, Shift, Staff
from clinic.roles import Capability, Role

WEEK = 7
# Whose lines a supervisor writes; a manager writes everybody's, the head of a department those of her people.
PEOPLE_OF: dict[Role, frozenset[Role]] = {
    Role.CONSULTING_SUPERVISOR: frozenset({Role.CONSULTANT}),
    Role.DESK_SUPERVISOR: frozenset({Role.RECEPTION, Role.ASSISTANT}),
    Role.SERVICE_SUPERVISOR: frozenset({Role.CUSTOMER_SERVICE, Role.PHONE_AGENT}),
}
CONSULTANTS = "consultants"


def monday_of(day: date) -> date:
    """Return the first day of the week a day lies in."""
    return day - timedelta(days=day.weekday())


def days_of(monday: date) -> list[date]:
    """Return the seven days of a week."""
    return [monday + timedelta(days=number) for number in range(WEEK)]


def written_by(staff: Staff) -> QuerySet[Staff]:
    """Return the people of the branch whose lines a person writes."""
    rows = Staff.objects.filter(branch=staff.branch_id)
    if staff.may(Capability.MANAGE_STAFF):
        return rows
    roles = {role.value for own in staff.roles for role in PEOPLE_OF.get(own, ())}
    in_role = Staff.groups.through.objects.filter(group__name__in=roles).values("staff")
    return rows.filter(Q(pk__in=in_role) | Q(department__head=staff))


def people_on(staff: Staff, monday: date, group: str) -> QuerySet[Staff]:
    """Return who belongs to the branch in a week, by department and name.

    `group`: the id of a department, CONSULTANTS, or anything else for everybody.
    """
    last = monday + timedelta(days=WEEK - 1)
    rows = Staff.objects.filter(branch=staff.branch_id, active_from__lte=last).exclude(active_until__lt=monday)
    if group == CONSULTANTS:
        in_role = Staff.groups.through.objects.filter(group__name=Role.CONSULTANT.value).values("staff")
        rows = rows.filter(pk__in=in_role)
    elif group.isdecimal():
        rows = rows.filter(department=int(group))
    week = Shift.objects.filter(day__range=(monday, last))
    return (
        rows.select_related("department")
        .prefetch_related(Prefetch("shifts", week, to_attr="week"))
        .order_by("department__code", "name_key", "login_name")
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a person: what the roster says, whether who looks may write it, and what was typed and not taken."""

    day: date
    kind: str
    word: object
    writable: bool
    typed: str

    @property
    def at_work(self) -> bool:
        """Say whether she is in the house."""
        return self.kind in Shift.AT_WORK


@dataclass(frozen=True, slots=True)
class Line:
    """A person's week. `was`: what the seven days said when the line was drawn, for who saves it."""

    staff: Staff
    cells: list[Cell]
    mine: bool

    @property
    def was(self) -> str:
        """Return the kinds of the seven days, with commas between."""
        return ",".join(cell.kind for cell in self.cells)

    @property
    def writable(self) -> bool:
        """Say whether any day of the line may be written."""
        return any(cell.writable for cell in self.cells)


def lines_of(
    people: Iterable[Staff],
    monday: date,
    *,
    reader: Staff,
    today: date,
    may: set[int],
    typed: Mapping[str, str],
) -> list[Line]:
    """Return the weeks of people who were read by `people_on`. A day that is over stays as it was.

    `typed`: what was sent and not taken, by the name of its field.
    """
    words = dict(Shift.Kind.choices)
    lines = []
    for one in people:
        said = {shift.day: shift.kind for shift in one.week}  # type: ignore[attr-defined]
        cells = [
            Cell(
                day,
                kind := said.get(day, ""),
                words.get(kind, ""),
                one.pk in may and day >= today and one.works_on(day),
                typed.get(f"day-{one.pk}-{number}", kind),
            )
            for number, day in enumerate(days_of(monday))
        ]
        lines.append(Line(one, cells, mine=one.pk == reader.pk))
    return lines


def groups_of(branch: Branch) -> QuerySet[Department]:
    """Return the departments a roster can be narrowed to."""
    return branch.departments.order_by("code")


def own_shifts(staff: Staff, first: date, number: int = WEEK) -> list[tuple[date, Shift | None]]:
    """Return what the roster says of a person on some days from `first`; one query."""
    found = {one.day: one for one in Shift.objects.filter(staff=staff, day__gte=first)[: number * 2]}
    return [(day, found.get(day)) for day in (first + timedelta(days=step) for step in range(number))]


def shifts_on(people: Sequence[int], first: date, last: date) -> dict[tuple[int, date], str]:
    """Return what the roster says of people on some days, by person and day; one query."""
    rows = Shift.objects.filter(staff__in=people, day__range=(first, last))
    return {(staff, day): kind for staff, day, kind in rows.values_list("staff", "day", "kind")}


def closed_days(branch: Branch, days: Sequence[date]) -> set[date]:
    """Return on which of some days a branch is closed: for a holiday, or by its weekly hours. Two queries.

    A branch without any hours is open every day.
    """
    said = dict(branch.days.filter(day__in=days).values_list("day", "kind"))
    weekdays = set(branch.hours.values_list("weekday", flat=True))
    shut = {day for day in days if weekdays and day.weekday() not in weekdays and said.get(day) != "worked"}
    return shut | {day for day, kind in said.items() if kind == "closed"}
