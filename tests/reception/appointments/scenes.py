"""Half hours that are taken."""

from datetime import date, time, timedelta

from clinic.models import Branch, Department
from reception.models import Appointment
from reception.selectors import appointments as reads
from tests.factories.appointments import TOMORROW, book
from tests.factories.reception import MORNING, ProjectFactory

TODAY = date(2026, 3, 11)


EVENING = MORNING + timedelta(hours=8, minutes=15)  # a quarter to seven in Shanghai: the house closed at six


_State = Appointment.State


def fill(branch: Branch, at: str, *, group: str = "consulting", left: int = 0, day: date = TOMORROW) -> None:
    """Leave so much room in a half hour."""
    projects = (
        [] if group == "consulting" else [ProjectFactory(department=Department.objects.get(branch=branch, kind=group))]
    )
    (plan,) = reads.plans_of(branch, [day])
    cell = (group, time.fromisoformat(at))
    taken = 0
    while plan.room(cell) - plan.used.get(cell, 0) > left:
        taken += 1
        book(branch, day=day, at=at, name=f"占位{taken}", projects=projects, minutes=30)
        (plan,) = reads.plans_of(branch, [day])
