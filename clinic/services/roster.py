"""The roster is written: a week of lines at once, or copied from the week before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Branch, Shift, Staff
from clinic.problems import Refused, Stale
from clinic.selectors.roster import days_of, written_by
from clinic.services import audit, outbox


@dataclass(frozen=True, slots=True)
class Written:
    """A person's week as it was drawn and as it is now wanted: the kind of each of the seven days, "" for none."""

    was: Sequence[str]
    wanted: Sequence[str]


@transaction.atomic
def write_roster(*, monday: date, lines: Mapping[int, Written], staff: Staff, now: datetime) -> int:
    """Write lines of a week, by person; return how many days changed. A day that is not wanted otherwise is left alone.

    Raises Refused `not_yours` for somebody whose line this person does not write, `day_over` for a day before today,
    `not_here` for a day she does not work here, `kind_unknown`, `too_far`; Stale `changed` when somebody else wrote
    another thing for one of these days since.
    """
    branch = Branch.objects.select_for_update(no_key=True).get(pk=staff.branch_id)
    today, days = branch.today(now), days_of(monday)
    if monday.weekday() or monday > today + FURTHEST_AHEAD:
        raise Refused(_("Choose a week at most two years ahead."), code="too_far")
    changes = {
        (pk, day): (was, wanted)
        for pk, line in lines.items()
        for day, was, wanted in zip(days, line.was, line.wanted, strict=True)
        if was != wanted
    }
    if not changes:
        return 0
    people = {one.pk: one for one in written_by(staff).filter(pk__in={pk for pk, _day in changes})}
    there = {
        (one.staff_id, one.day): one for one in Shift.objects.filter(staff__in=people, day__range=(days[0], days[-1]))
    }
    for (pk, day), (was, wanted) in changes.items():
        _check(people.get(pk), day, wanted, today)
        said = there.get((pk, day))
        if (said.kind if said else "") not in (was, wanted):
            raise Stale(
                _("The roster of %(name)s on %(day)s was written by somebody else meanwhile. Look again, then save.")
                % {"name": people[pk], "day": day.isoformat()},
                code="changed",
            )
    _put(branch, {place: wanted for place, (_was, wanted) in changes.items()})
    _note(branch, days, {pk for pk, _day in changes}, len(changes), staff, now)
    return len(changes)


@transaction.atomic
def copy_last_week(*, monday: date, people: Sequence[int], staff: Staff, now: datetime) -> int:
    """Write the week before once more for people whose lines this person writes; return how many days that filled.

    What is written already stays, and so do days that are over. Raises Refused `too_far`.
    """
    branch = Branch.objects.select_for_update(no_key=True).get(pk=staff.branch_id)
    today, days = branch.today(now), days_of(monday)
    if monday.weekday() or monday > today + FURTHEST_AHEAD:
        raise Refused(_("Choose a week at most two years ahead."), code="too_far")
    mine = {one.pk: one for one in written_by(staff).filter(pk__in=people)}
    week = timedelta(days=7)
    rows = Shift.objects.filter(staff__in=mine, day__range=(days[0] - week, days[-1]))
    said = {(pk, day): kind for pk, day, kind in rows.values_list("staff", "day", "kind")}
    wanted = {
        (pk, day + week): kind
        for (pk, day), kind in said.items()
        if day < monday and (pk, day + week) not in said and day + week >= today and mine[pk].works_on(day + week)
    }
    if wanted:
        _put(branch, wanted)
        _note(branch, days, {pk for pk, _day in wanted}, len(wanted), staff, now)
    return len(wanted)


def _check(person: Staff | None, day: date, wanted: str, today: date) -> None:
    if person is None:
        raise Refused(_("Their own supervisor writes the roster of these people."), code="not_yours")
    if wanted and wanted not in Shift.Kind.values:
        raise Refused(_("There is no such shift."), code="kind_unknown")
    if day < today:
        raise Refused(_("A day that is over stays in the roster as it was."), code="day_over")
    if wanted and not person.works_on(day):
        raise Refused(_("%(name)s does not work here on that day.") % {"name": person}, code="not_here")


def _put(branch: Branch, wanted: Mapping[tuple[int, date], str]) -> None:
    for pk, day in (place for place, kind in wanted.items() if not kind):
        Shift.objects.filter(staff=pk, day=day).delete()
    Shift.objects.bulk_create(
        [Shift(branch=branch, staff_id=pk, day=day, kind=kind) for (pk, day), kind in wanted.items() if kind],
        update_conflicts=True,
        unique_fields=["staff", "day"],
        update_fields=["kind", "branch"],
    )


def _note(branch: Branch, days: Sequence[date], people: set[int], number: int, staff: Staff, now: datetime) -> None:
    audit.record(
        action="clinic.write_roster",
        now=now,
        staff=staff,
        target=branch,
        detail={"first_day": days[0].isoformat(), "members": sorted(people), "rows": number},
    )
    outbox.announce(topics=[topics.roster(branch.pk)])
