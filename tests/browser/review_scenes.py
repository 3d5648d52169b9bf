"""Calls after operations in a house of a test's own; made inside the running system, as the other scenes are."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from clinic.services.staff import create_staff
from consultations import services
from followups.models import CallBack
from followups.services import build_call_backs
from reception import services as reception

PEOPLE = {
    "calls": ("回访小周", Role.CUSTOMER_SERVICE),
    "call-supervisor": ("客服主管", Role.SERVICE_SUPERVISOR),
    "operating": ("厉医生", Role.DOCTOR),
}


def open_calls(*, code: str, name: str) -> dict[str, Any]:
    """Let a visitor have been operated on twice: one call is due today, that of the other was due yesterday."""
    now = timezone.now()
    branch = Branch.objects.get(code=code)
    surgery = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    people = {
        key: create_staff(
            login_name=f"{code}-{key}",
            display_name=shown,
            branch=branch,
            department=surgery if role is Role.DOCTOR else None,
            roles=[role],
            password=None,
            active_from=branch.today(now) - timedelta(days=400),
            now=now,
        )
        for key, (shown, role) in PEOPLE.items()
    }
    front = Staff.objects.get(login_name=f"{code}-reception")
    visitor = reception.register_visitor(name=name, branch=branch, staff=front, now=now)
    calls = []
    for days in (2, 3):
        project = Project.objects.create(
            code=f"{code}-{days}",
            name=f"隆鼻{days}",
            name_en=f"Nose {days}",
            department=surgery,
            rank=days,
            offered=False,
        )
        treatment = services.file_treatment(
            visitor=visitor,
            project=project,
            doctor=people["operating"],
            treated_on=branch.today(now) - timedelta(days=days),
            state="done",
            staff=people["operating"],
            branch=branch,
            now=now,
        )
        build_call_backs(treatment_ids=[treatment.pk], now=now)
        calls.append(CallBack.objects.get(treatment=treatment, code="day-2").pk)
    return {"call": calls[0], "late": calls[1], **{key: one.login_name for key, one in people.items()}}
