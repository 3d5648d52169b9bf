"""A department's desk in a house of a test's own; made inside the running system, as the other scenes are."""

from datetime import timedelta
from decimal import Decimal
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


def open_injections(*, code: str, name: str, bought_days_ago: int) -> dict[str, Any]:
    """Open the injections of a house with a doctor and a nurse. A visitor bought three sessions some days ago, had the
    first of them that day, and is at the front desk for the second.
    """
    now = timezone.now()
    then = now - timedelta(days=bought_days_ago)
    branch = Branch.objects.get(code=code)
    department = Department.objects.get(branch=branch, kind=Department.Kind.NON_INVASIVE)
    front, consultant = (Staff.objects.get(login_name=f"{code}-{who}") for who in ("reception", "1"))
    clerk = _employ(f"{code}-injections", "注射分诊台", Role.DEPARTMENT_DESK, department)
    doctor = _employ(f"{code}-injector", "沈医生", Role.DOCTOR, department)
    nurse = _employ(f"{code}-injection-nurse", "尤护士", Role.NURSE, department)
    project = Project.objects.create(
        code=f"{code}-toxin",
        name="瘦脸针",
        name_en="Masseter botulinum",
        department=department,
        rank=5,
        offered=True,
    )
    visitor = reception.register_visitor(name=name, branch=branch, card_declined=True, staff=front, now=then)
    triage.open_board(
        branch=branch, day=branch.today(then), consultants=[consultant], present=[consultant], staff=front, now=then
    )
    visit = reception.register_arrival(visitor=visitor, branch=branch, projects=[project], staff=front, now=then)
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=front, now=then)
    consultation = services.accept_visit(visit=visit, staff=consultant, now=then)
    consultation = services.enter_room(consultation=consultation, staff=consultant, now=then)
    deal = services.record_deal(
        consultation=consultation,
        kind="paid",
        lines=[services.Line(project, Decimal(5400), 3)],
        staff=consultant,
        now=then,
    )
    services.finish_consultation(consultation=consultation, staff=consultant, now=then)
    filed = [
        services.file_treatment(
            visitor=visitor,
            project=project,
            doctor=doctor,
            treated_on=branch.today(at),
            state=state,
            deal_line=deal.lines.get(),
            staff=consultant,
            branch=branch,
            now=now,
        )
        for state, at in (("done", then), ("planned", now))
    ]
    people = [doctor, nurse]
    triage.open_board(
        branch=branch,
        desk=department.code,
        day=branch.today(now),
        consultants=people,
        present=people,
        staff=clerk,
        now=now - timedelta(hours=1),
    )
    visit = reception.register_arrival(
        visitor=visitor,
        branch=branch,
        projects=[project],
        circumstances={"other_reason": Visit.OtherReason.PAID_TREATMENT},
        staff=front,
        now=now - timedelta(minutes=5),
    )
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=front, now=now - timedelta(minutes=5))
    return {
        "clerk": clerk.login_name,
        "doctor": doctor.login_name,
        "nurse": nurse.login_name,
        "treatment": filed[1].pk,
        "treated": visitor.pk,
    }


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
