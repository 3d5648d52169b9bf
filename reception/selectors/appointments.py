"""The calendar of a branch, who is expected, and the lists that agents and the desk work through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, BranchHours, Project, Staff
from clinic.roles import Capability, Role
from clinic.selectors.people import working_at
from reception import slots
from reception.models import (
    Appointment,
    AppointmentEntry,
    AppointmentProject,
    Consent,
    ConsentText,
    MessageRefusal,
    ProjectGroup,
    SlotCapacity,
    Visitor,
    VisitorKey,
)
from reception.phones import phone_end_keys

_State = Appointment.State
# How far ahead another time is looked for.
LOOKED_AHEAD = 28
SEES_BRANCH = frozenset({Capability.WORK_APPOINTMENTS, Capability.SET_CAPACITY})


def appointments_seen_by(staff: Staff) -> QuerySet[Appointment]:
    """Return the appointments of this person's branch; of an agent's, those she looks after."""
    found = Appointment.objects.filter(branch=staff.branch_id)
    if SEES_BRANCH & staff.capabilities:
        return found
    return found.filter(agent=staff) if staff.may(Capability.WORK_OWN_PRE_REPORTS) else found.none()


def with_rows(found: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Return them with all that a row shows: two queries however many rows."""
    wishes = Prefetch("wishes", AppointmentProject.objects.select_related("project"))
    return found.select_related("visitor", "agent", "branch", "visit").prefetch_related(wishes)


def agents_of(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return who may look after appointments at a branch: agents, customer service and the desk, by name."""
    roles = (Role.PHONE_AGENT, Role.CUSTOMER_SERVICE, Role.RECEPTION, Role.DESK_SUPERVISOR)
    return working_at(branch, day).filter(groups__name__in=[role.value for role in roles]).distinct()


def group_of(projects: Iterable[Project]) -> ProjectGroup:
    """Return the column that somebody's projects stand in, by the most major of them; `projects` with departments."""
    first = min(projects, key=lambda project: project.rank, default=None)
    kind = first.department.kind if first is not None else ""
    return ProjectGroup(kind) if kind in ProjectGroup.values else ProjectGroup.CONSULTING


# --- half hours ---


def plans_of(branch: Branch, days: Sequence[date]) -> list[slots.DayPlan]:
    """Return the half hours of these days (in order), what they can take and what is taken. Three queries."""
    hours = {row.weekday: row for row in BranchHours.objects.filter(branch=branch)}
    capacity: dict[int, dict[slots.Cell, int]] = {}
    for row in SlotCapacity.objects.filter(branch=branch):
        capacity.setdefault(row.weekday, {})[row.group, row.starts] = row.capacity
    taken: dict[date, list[slots.Taken]] = {}
    booked = Appointment.objects.filter(branch=branch, day__range=(days[0], days[-1]), state__in=Appointment.TAKING)
    for day, group, starts, minutes, weight in booked.order_by().values_list(
        "day", "group", "starts", "minutes", "weight"
    ):
        taken.setdefault(day, []).append(slots.Taken(group, starts, minutes, weight))
    return [
        slots.DayPlan(
            day=day,
            slots=_slots(hours.get(day.weekday())),
            capacity=capacity.get(day.weekday(), {}),
            used=slots.load(taken.get(day, [])),
        )
        for day in days
    ]


def _slots(hours: BranchHours | None) -> tuple[time, ...]:
    return tuple(slots.slots_between(hours.opens_at, hours.closes_at)) if hours is not None else ()


def free_times_after(
    branch: Branch, *, group: str, minutes: int, weight: int, after: tuple[date, time]
) -> list[tuple[date, time]]:
    """Return the next times at which such an appointment fits, at most four, within four weeks."""
    plans = plans_of(branch, slots.days_from(after[0], LOOKED_AHEAD))
    return slots.free_times(plans, group=group, minutes=minutes, weight=weight, after=after)


def next_working_day(branch: Branch, day: date) -> date:
    """Return the first day after this one on which the branch is open; the next day when it never is."""
    weekdays = set(BranchHours.objects.filter(branch=branch).values_list("weekday", flat=True))
    ahead = slots.days_from(day + timedelta(days=1), 7)
    return next((one for one in ahead if one.weekday() in weekdays), ahead[0])


# --- the calendar ---


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """A half hour of a column: how much is taken, of how much, and who begins in it; `hidden`: others who do.

    `going_on`: those that began in an earlier half hour and take this one, too. `late`: the ids of those who are
    expected and not here yet.
    """

    group: str
    starts: time
    used: int
    room: int
    appointments: list[Appointment]
    hidden: int
    going_on: list[Appointment]
    late: frozenset[int] = frozenset()

    @property
    def fill(self) -> str:
        """Say how full it is: empty, some, full or over."""
        if self.used > self.room:
            return "over"
        if self.used and self.used >= self.room:
            return "full"
        return "some" if self.used else "empty"


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A half hour across all columns."""

    starts: time
    cells: list[CalendarCell]


@dataclass(frozen=True, slots=True)
class StripDay:
    """A day of the week strip: how full it is in per cent, and whether the house is open."""

    day: date
    fill: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """A branch's day: columns (value, label), rows, what begins outside opening hours has rows too; and its week."""

    day: date
    columns: list[tuple[str, str]]
    rows: list[CalendarRow]
    week: list[StripDay]
    counts: dict[str, int]


def calendar_of(staff: Staff, day: date, now: datetime) -> Calendar:
    """Return a day's calendar as this person may see it: of others' appointments an agent sees the room they take."""
    monday = day - timedelta(days=day.weekday())
    plans = {plan.day: plan for plan in plans_of(staff.branch, slots.days_from(monday, 7))}
    plan = plans[day]
    here = list(
        with_rows(Appointment.objects.filter(branch=staff.branch_id, day=day))
        .exclude(state=_State.MOVED)
        .order_by("id")
    )
    all_of_them = bool(SEES_BRANCH & staff.capabilities)
    begins: dict[slots.Cell, list[Appointment]] = {}
    going_on: dict[slots.Cell, list[Appointment]] = {}
    hidden: dict[slots.Cell, int] = {}
    for one in here:
        one.branch = staff.branch
        if all_of_them or one.agent_id == staff.pk:
            begins.setdefault((one.group, one.starts), []).append(one)
            if one.state in Appointment.TAKING:
                for starts in slots.covered(one.starts, one.minutes)[1:]:
                    going_on.setdefault((one.group, starts), []).append(one)
        elif one.state in Appointment.TAKING:
            hidden[one.group, one.starts] = hidden.get((one.group, one.starts), 0) + 1
    late = frozenset(one.pk for one in here if one.is_late(now))
    times = sorted({*plan.slots, *(one.starts for one in here)})
    rows = [
        CalendarRow(
            starts=starts,
            cells=[
                CalendarCell(
                    group=group,
                    starts=starts,
                    used=plan.used.get((group, starts), 0),
                    room=plan.room((group, starts)) if starts in plan.slots else 0,
                    appointments=begins.get((group, starts), []),
                    hidden=hidden.get((group, starts), 0),
                    going_on=going_on.get((group, starts), []),
                    late=late,
                )
                for group in ProjectGroup.values
            ],
        )
        for starts in times
    ]
    week = [StripDay(one.day, slots.fill(one, ProjectGroup.values), bool(one.slots)) for one in plans.values()]
    mine = [one for one in here if all_of_them or one.agent_id == staff.pk]
    counts = {state: sum(one.state == state for one in mine) for state in _State.values}
    counts["late"] = sum(one.pk in late for one in mine)
    return Calendar(day, [(value, str(label)) for value, label in ProjectGroup.choices], rows, week, counts)


# --- lists ---


def day_before_list(staff: Staff, day: date, agent: int | None = None) -> QuerySet[Appointment]:
    """Return who is expected on a day and to be asked the day before, not yet confirmed first, by agent and time."""
    return with_rows(expected_on(staff, day, agent)).order_by("state", "starts", "id")


def expected_on(staff: Staff, day: date, agent: int | None = None) -> QuerySet[Appointment]:
    """Return the appointments of a day that this person may see and that are neither kept nor called off."""
    found = appointments_seen_by(staff).filter(day=day, state__in=Appointment.OPEN)
    return found if agent is None else found.filter(agent=agent)


# Why somebody is left out when the messages of a day are sent together.
LEFT_OUT: Mapping[str, Promise] = {
    "over": _("the time is over"),
    "sent": _("has the message already"),
    "confirmed": pgettext_lazy("appointment", "has confirmed already"),
    "no_phone": _("no phone number"),
    "wants_none": _("wants no messages"),
}


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who of those expected is sent the confirmation message, and who is left out, by the keys of LEFT_OUT."""

    wanted: Sequence[Appointment]
    left_out: Mapping[str, Sequence[Appointment]]


def recipients_among(found: Sequence[Appointment], now: datetime) -> Recipients:
    """Say who of these appointments gets the confirmation message when all are sent it. Each needs its `branch`."""
    unwilling = refused_messages(found)
    wanted: list[Appointment] = []
    left_out: dict[str, list[Appointment]] = {}
    for one in found:
        if why := _left_out(one, unwilling, now):
            left_out.setdefault(why, []).append(one)
        else:
            wanted.append(one)
    return Recipients(wanted, {why: left_out[why] for why in LEFT_OUT if why in left_out})


def _left_out(one: Appointment, unwilling: set[str], now: datetime) -> str:
    if one.begins_at <= now:
        return "over"
    if one.messaged_at is not None:
        return "sent"
    if one.state == _State.CONFIRMED:
        return "confirmed"
    if not one.phone:
        return "no_phone"
    return "wants_none" if str(one.phone) in unwilling else ""


def no_shows(staff: Staff, agent: int | None = None) -> QuerySet[Appointment]:
    """Return who did not come and has no other appointment since, the latest first."""
    found = appointments_seen_by(staff).filter(state=_State.NO_SHOW, followed_by=None)
    if agent is not None:
        found = found.filter(agent=agent)
    return with_rows(found).order_by("-day", "-starts", "-id")


def open_days_of(branch: Branch, until: date) -> list[date]:
    """Return the days up to `until` on which somebody is still expected, the earliest first."""
    days = Appointment.objects.filter(branch=branch, day__lte=until, state__in=Appointment.OPEN)
    return list(days.order_by("day").values_list("day", flat=True).distinct())


def expected_today(*, visitor: Visitor | None, phone: str, branch: Branch, day: date) -> list[Appointment]:
    """Return the appointments of a day that somebody at the desk may have come for, earliest first.

    Those of the visitor, and those of her phone (E.164) that are nobody's on file yet. Who was given up as not coming
    may still come.
    """
    hers = Q(visitor=visitor) if visitor is not None else Q(pk__in=())
    if phone:
        hers |= Q(visitor=None, phone=phone)
    found = Appointment.objects.filter(hers, branch=branch, day=day, state__in=(*Appointment.OPEN, _State.NO_SHOW))
    return list(with_rows(found).order_by("starts", "id"))


def chain_of(appointment: Appointment) -> list[Appointment]:
    """Return the appointments this one came to be from, the first one first, without itself; at most twenty.

    One query, none for who was booked only once.
    """
    if appointment.instead_of_id is None:
        return []
    earlier = RawSQL(_CHAIN, [appointment.instead_of_id])  # noqa: S611 - the number is a parameter
    # Each was booked after the one it is instead of.
    return list(Appointment.objects.select_related("branch").filter(pk__in=earlier).order_by("pk"))


_CHAIN = """
with recursive chain as (
    select id, instead_of_id, 1 as length from reception_appointment where id = %s
    union all
    select before.id, before.instead_of_id, chain.length + 1
      from reception_appointment before join chain on before.id = chain.instead_of_id where chain.length < 20)
select id from chain
"""


def history_of(appointment: Appointment) -> QuerySet[AppointmentEntry]:
    """Return what happened to an appointment, the first thing first."""
    return appointment.entries.select_related("staff").order_by("pk")


def may_send_messages(*, phone: str) -> bool:
    """Say whether somebody may be written to: she has a number, and nobody who has it wants no messages."""
    return bool(phone) and not _unwilling({phone})


def refused_messages(found: Iterable[Appointment]) -> set[str]:
    """Return those of their numbers whose owners want no messages."""
    return _unwilling({str(one.phone) for one in found if one.phone})


def wanting_no_messages(phones: set[str]) -> set[str]:
    """Return those of these numbers (E.164) whose owners want no messages, in a constant number of queries."""
    return _unwilling(phones)


def _unwilling(phones: set[str]) -> set[str]:
    """Return the numbers noted as wanting no messages, and those of visitors who did not consent to any."""
    noted = {str(phone) for phone in MessageRefusal.objects.filter(phone__in=phones).values_list("phone", flat=True)}
    if not phones:
        return noted
    # From the keys on, so that only answers of who has one of these numbers are read.
    whose = {key: phone for phone in phones for key in phone_end_keys(phone)}
    bearers = VisitorKey.objects.filter(kind=VisitorKey.Kind.PHONE_END, key__in=whose).values_list("visitor", "key")
    numbers: dict[int, set[str]] = {}
    for visitor, key in bearers:
        numbers.setdefault(visitor, set()).add(whose[key])
    records = {pk: pk for pk in numbers}
    for record in Visitor.objects.filter(merged_into__in=numbers):
        records[record.pk] = record.merged_into_id or record.pk
    answers: dict[int, str] = {}
    consents = Consent.objects.filter(visitor__in=records, text__kind=ConsentText.Kind.MESSAGES)
    for pk, answer in consents.order_by("pk").values_list("visitor", "answer"):
        answers[records[pk]] = answer
    unwilling = (numbers[visitor] for visitor, answer in answers.items() if answer != Consent.Answer.GIVEN)
    return noted.union(*unwilling)


def capacities_of(branch: Branch) -> dict[tuple[str, int, time], int]:
    """Return what was set: project group, weekday and half hour → capacity."""
    rows = SlotCapacity.objects.filter(branch=branch)
    return {(row.group, row.weekday, row.starts): row.capacity for row in rows}
