"""A department's desk in a house of a test's own; made inside the running system, as the other scenes are."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from clinic.services.staff import create_staff
from consultations import services
from consultations.models import DeskCase
from reception import services as reception
from reception.models import Visit
from triage import services as triage

DOCTORS = ("顾医生", "秦医生", "尤护士")


def open_department(*, code: str, in_theatre: str, reviews: list[str]) -> dict[str, Any]:
    """Open the surgery of a house with two doctors and a nurse. The first doctor operates on `in_theatre` since a
    quarter of an hour; `reviews`, whom she operated on a week ago, come for a review and are at the front desk.
    """
    now = timezone.now()
    branch = Branch.objects.get(code=code)
    department = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    front = Staff.objects.get(login_name=f"{code}-reception")
    clerk = _employ(f"{code}-desk", "外科分诊台", Role.DEPARTMENT_DESK, department)
    people = [
        _employ(f"{code}-surgery{place}", name, Role.NURSE if "护士" in name else Role.DOCTOR, department)
        for place, name in enumerate(DOCTORS, start=1)
    ]
    project = Project.objects.create(
        code=f"{code}-nose", name="隆鼻", name_en="Nose", department=department, rank=5, offered=False
    )
    board = triage.open_board(
        branch=branch,
        desk=department.code,
        day=branch.today(now),
        consultants=people,
        present=people,
        staff=clerk,
        now=now - timedelta(hours=1),
    )
    then = now - timedelta(minutes=15)
    for name in (in_theatre, *reviews):
        visitor = reception.register_visitor(name=name, branch=branch, staff=front, now=then)
        treatment = services.file_treatment(
            visitor=visitor,
            project=project,
            doctor=people[0],
            treated_on=branch.today(now) - timedelta(days=7),
            state="done",
            staff=clerk,
            branch=branch,
            now=then,
        )
        visit = reception.register_arrival(
            visitor=visitor, branch=branch, projects=[], purpose=Visit.Purpose.REVIEW, staff=front, now=then
        )
        triage.allocate_visit(visit=visit, expected_sequence=None, staff=front, now=then)
        if name == in_theatre:
            case = services.take_in(
                visit=visit, department=department, purpose="review", treatment=treatment, staff=clerk, now=then
            )
            services.give_case(case=case, expected_sequence=None, staff=clerk, now=then)
            services.enter_case(case=case, staff=people[0], now=then)
    return {"board": board.pk, "people": [one.login_name for one in people], "clerk": clerk.login_name}


def nearly_numb(*, code: str, name: str) -> dict[str, Any]:
    """Let a visitor's numbing time have a minute left."""
    case = DeskCase.objects.get(branch__code=code, visit__visitor__name=name)
    clerk = Staff.objects.get(login_name=f"{code}-desk")
    services.start_numbing(case=case, minutes=20, staff=clerk, now=timezone.now() - timedelta(minutes=19))
    return {}


def _employ(login_name: str, name: str, role: Role, department: Department) -> Staff:
    now = timezone.now()
    return create_staff(
        login_name=login_name,
        display_name=name,
        branch=department.branch,
        department=department,
        roles=[role],
        password=None,
        active_from=department.branch.today(now) - timedelta(days=400),
        now=now,
    )
