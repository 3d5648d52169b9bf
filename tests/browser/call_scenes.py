"""The agents of a house's call-backs; made inside the running system, as the other scenes are."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from clinic.services.staff import create_staff
from consultations import services as consultations
from followups import services
from reception import services as reception

AGENTS = ("客服周琳", "客服吴月", "客服郑可")


def call_team(*, code: str, names: Sequence[str]) -> dict[str, Any]:
    """Employ three agents and their supervisor, and share out the day-2 call of visitors operated two days ago."""
    now, branch = timezone.now(), Branch.objects.get(code=code)
    doctor, clerk = (Staff.objects.get(login_name=f"{code}-{who}") for who in ("doctor", "reception"))
    people = [
        create_staff(
            login_name=f"{code}-{login}",
            display_name=name,
            branch=branch,
            roles=[role],
            password=None,
            active_from=date(2020, 1, 1),
            now=now,
        )
        for login, name, role in (
            *((f"caller{place}", name, Role.CUSTOMER_SERVICE) for place, name in enumerate(AGENTS, start=1)),
            ("call-supervisor", "回访主管", Role.SERVICE_SUPERVISOR),
        )
    ]
    department = Department.objects.get(branch=branch, kind=Department.Kind.SURGERY)
    project = Project.objects.create(
        code=f"{code}-fold", name="双眼皮", name_en="Eyelids", department=department, rank=6, offered=False
    )
    treatments = [
        consultations.file_treatment(
            visitor=reception.register_visitor(name=name, branch=branch, staff=clerk, now=now),
            project=project,
            doctor=doctor,
            treated_on=branch.today(now) - timedelta(days=2),
            state="done",
            staff=doctor,
            branch=branch,
            now=now,
        )
        for name in names
    ]
    services.build_call_backs(treatment_ids=[treatment.pk for treatment in treatments], now=now)
    services.share_out(branch=branch, day=branch.today(now), now=now)
    return {"agents": [one.pk for one in people[:3]]}
