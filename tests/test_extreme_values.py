"""R8, S11: days at the ends of the calendar, amounts at the ends of the column, in forms otherwise right."""

from datetime import datetime

import pytest
from django.db import transaction
from django.urls import reverse

from clinic.models import Branch
from clinic.roles import Role
from followups import services as calls
from followups.models import CallBack
from tests.conftest import MakeClient, MakeStaff
from tests.world import World

DAYS = ("0001-01-01", "1900-01-01", "2126-03-11", "9999-12-31")


@pytest.mark.parametrize("day", DAYS)
def test_extreme_days_are_answered(
    day: str, branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    staff = staff_with(Role.CONSULTANT, Role.RECEPTION, is_superuser=True)
    client = client_as(staff)
    client.raise_request_exception = False
    world = World(branch, staff_with, now, staff)
    calls.take_card(call_back=world.call_back, staff=staff, now=now)
    world.call_back.refresh_from_db()
    CallBack.objects.filter(pk=world.call_back.pk).update(concern="wrong_number", concern_at=now)
    version, consultation = world.consultation.version, world.consultation.pk
    treatment = {"project": world.project.pk, "doctor": world.staff.pk, "treated_on": day, "state": "done"}
    posts: list[tuple[str, object, dict[str, object]]] = [
        (
            "followups:attempt",
            world.call_back.pk,
            {"version": world.call_back.version, "result": "later", "later_on": day, "later_at": "00:00"},
        ),
        ("followups:put_back", world.call_back.pk, {"version": world.call_back.version, "call_on": day}),
        ("consultations:no_deal", consultation, {"version": version, "reason": "x", "call_again_on": day}),
        ("consultations:file_treatment", consultation, treatment),
        ("consultations:file_treatment", consultation, treatment | {"state": "planned"}),
        (
            "consultations:treatment",
            world.treatment.pk,
            {"version": world.treatment.version, "doctor": world.staff.pk, "treated_on": day},
        ),
        ("clinic:staff_leave", world.staff.pk, {"last_day": day}),
        ("clinic:staff_edit", world.staff.pk, {"display_name": "x", "active_from": day, "roles": ["doctor"]}),
        ("reception:visitor_card", world.visitor.pk, {"name": "x", "gender": "female", "birth_on": day, "seen": 10**6}),
    ]
    for year in (int(day[:4]), -1, 0, 10**12):
        for week in (0, 1, 52, 53, 10**12):
            posts.append(("complaints:weekly_build", None, {"year": year, "week": week}))
            posts.append(("followups:report_build", None, {"year": year, "week": week}))
    for amount in ("9999999999.99", "99999999999", "-0.01", "0", "1e9", "1e-9", "１２，０００", "NaN"):
        posts.append(
            (
                "consultations:deal",
                consultation,
                {"version": version, "kind": "paid", "amount": amount, "projects": [world.project.pk]},
            )
        )
    for until in ("00:00", "23:59:59.999999"):
        posts.append(("triage:seat_state", world.front.pk, {"consultant": staff.pk, "state": "out", "until": until}))
    for minutes in ("0", "240", "241", "9" * 30):
        posts.append(
            ("triage:seat_state", world.front.pk, {"consultant": staff.pk, "state": "busy", "free_in": minutes})
        )
    wrong = []
    for name, pk, said in posts:
        with transaction.atomic():
            url = reverse(name, args=[pk] if pk else [])
            status = client.post(url, said).status_code
            shown = client.get(reverse("reception:visitor", args=[world.visitor.pk])).status_code
            pages = [
                client.get(reverse(page)).status_code
                for page in (
                    "followups:worklist",
                    "complaints:weekly_reports",
                    "followups:reports",
                    "consultations:treatments",
                    "clinic:staff_list",
                    "triage:desk_board",
                )
            ]
            transaction.set_rollback(True)
        if max(status, shown, *pages) >= 500:
            wrong.append(f"{name} {said}: {status} {shown} {pages}")
    assert not wrong, "\n".join(wrong)
