"""The shift roster of this week and the next: who works, who is off, who is on duty."""

from collections.abc import Iterator
from datetime import date, timedelta

from clinic.models import Shift, Staff
from clinic.roles import Role
from clinic.selectors.roster import days_of, monday_of
from complaints.demo.story import Story

# The whole house but those who come and go as they like.
ROSTERED = frozenset(Role) - {Role.MANAGER, Role.AUDITOR}
_TURN = (Shift.Kind.EARLY, Shift.Kind.EARLY, Shift.Kind.WHOLE, Shift.Kind.WHOLE, Shift.Kind.LATE)


def tell_roster(story: Story) -> int:
    """Write two weeks; return how many shifts. On next Sunday no doctor of the laser department works."""
    monday = monday_of(story.today)
    people = [one for role in sorted(ROSTERED) for one in story.hospital.by_role.get(role, [])]
    quiet = monday + timedelta(days=13)
    shifts = [
        Shift(branch=story.hospital.branch, staff=one, day=day, kind=_kind(number, one, day, story.today, quiet))
        for number, one in enumerate(people)
        for day in _fortnight(monday)
    ]
    return len(Shift.objects.bulk_create(shifts))


def _fortnight(monday: date) -> Iterator[date]:
    yield from days_of(monday)
    yield from days_of(monday + timedelta(days=7))


def _kind(number: int, one: Staff, day: date, today: date, quiet: date) -> str:
    """Give everybody one day off a week, each another one; who is off today by that works all the same."""
    laser_doctor = one.login_name in ("doctor5", "doctor6")
    if day == quiet and laser_doctor:
        return Shift.Kind.LEAVE if one.login_name == "doctor6" else Shift.Kind.OFF
    if day.weekday() == number % 7 and day != today:
        return Shift.Kind.OFF
    if day.weekday() == 6 and number % 5 == 0:
        return Shift.Kind.DUTY
    return _TURN[(number + day.weekday()) % len(_TURN)] if day != today else Shift.Kind.WHOLE
