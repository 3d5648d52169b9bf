"""Calls that are to be made in a house of a test's own; made inside the running system, as the other scenes are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from clinic.services.staff import create_staff
from consultations import services
from followups.services import build_call_backs
from reception import services as reception


def due_calls(*, code: str, names: Sequence[str], agents: Sequence[str] = ("客服小周",)) -> dict[str, Any]:
    """Let visitors have been operated on two days ago, so that each is to be called today; hire who calls them."""
    now = timezone.now()
    branch = Branch.objects.get(code=code)
    surgery = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    clerk, doctor = (Staff.objects.get(login_name=f"{code}-{who}") for who in ("reception", "doctor"))
    project = Project.objects.create(
        code=f"{code}-breast", name="隆胸", name_en="Breast augmentation", department=surgery, rank=5, offered=False
    )
    for place, name in enumerate(names):
        visitor = reception.register_visitor(
            name=name, phone=f"1390000{place:04d}", branch=branch, staff=clerk, now=now - timedelta(days=2)
        )
        services.file_treatment(
            visitor=visitor,
            project=project,
            doctor=doctor,
            treated_on=branch.today(now) - timedelta(days=2),
            state="done",
            staff=doctor,
            branch=branch,
            now=now,
        )
    build_call_backs(branch=branch, now=now)
    hired = [
        create_staff(
            login_name=f"{code}-service{place}",
            display_name=name,
            branch=branch,
            roles=[Role.CUSTOMER_SERVICE],
            password=None,
            active_from=branch.today(now) - timedelta(days=99),
            now=now,
        )
        for place, name in enumerate(agents, start=1)
    ]
    return {"agents": [one.login_name for one in hired]}
