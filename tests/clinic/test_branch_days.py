"""A manager enters the days the house is closed or works in exchange."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEntry, Branch, BranchDay, OutboxEvent
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services.calendar import forget_branch_day, set_branch_days
from tests.conftest import MakeClient, MakeStaff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def manager(client_as: MakeClient, staff_with: MakeStaff) -> Client:
    return client_as(staff_with(Role.MANAGER))


def enter(client: Client, **said: str) -> Any:
    said = {"first": "2026-10-01", "last": "2026-10-07", "kind": "closed", "name": "国庆节"} | said
    return client.post(reverse("clinic:branch_days"), said)


def entered(branch: Branch) -> list[tuple[str, str, str]]:
    return [(day.isoformat(), kind, name) for day, kind, name in branch.days.values_list("day", "kind", "name")]


def test_a_holiday_is_entered_said_anew_and_taken_out(manager: Client, branch: Branch) -> None:
    assert enter(manager).status_code == 302
    assert len(entered(branch)) == 7
    assert OutboxEvent.objects.get(event="branch_days_changed").payload == {"branch_id": branch.pk}
    assert enter(manager).status_code == 302
    assert OutboxEvent.objects.filter(event="branch_days_changed").count() == 1
    enter(manager, first="2026-10-07", last="", kind="worked", name="调休上班")
    assert entered(branch)[-1] == ("2026-10-07", "worked", "调休上班")
    page = manager.get(reverse("clinic:branch_days")).content.decode()
    assert "2026-10-01" in page and "Thursday" in page and "Worked in exchange" in page
    manager.post(reverse("clinic:branch_day_forget", args=[branch.days.get(day=date(2026, 10, 7)).pk]))
    assert len(entered(branch)) == 6
    detail = AuditEntry.objects.get(action="clinic.forget_branch_day").detail
    assert detail == {"kind": "worked", "why": "调休上班", "day": "2026-10-07"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"first": "2026-10-08"}, "comes before the first"),
        ({"last": "2026-11-01"}, "at most 31 days"),
        ({"first": "2026-03-10", "last": ""}, "from today on"),
        ({"first": "2029-10-01", "last": ""}, "from today on"),
        ({"first": "2026-02-30", "last": ""}, "Enter a valid date"),
        ({"first": ""}, "required"),
        ({"kind": "maybe"}, "Select a valid choice"),
        ({"name": " "}, "required"),
        ({"name": "节" * 41}, "at most 40"),
    ],
)
def test_days_that_cannot_be_are_explained_and_kept(
    manager: Client, branch: Branch, said: dict[str, str], told: str
) -> None:
    answer = enter(manager, **said)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert f'value="{said.get("last", "2026-10-07")}"' in answer.content.decode() or "last" not in said
    assert entered(branch) == []


def test_a_day_that_is_over_stays_and_one_taken_out_twice_is_told(
    branch: Branch, now: datetime, staff_with: MakeStaff
) -> None:
    staff = staff_with(Role.MANAGER)
    over = BranchDay.objects.create(branch=branch, day=branch.today(now) - timedelta(days=1), kind="closed", name="昨")
    with pytest.raises(Refused, match="too_far"):
        forget_branch_day(said=over, staff=staff, now=now)
    day = branch.today(now)
    assert set_branch_days(branch=branch, first=day, last=day, kind="closed", name="今", staff=staff, now=now) == 1
    said = branch.days.get(day=day)
    forget_branch_day(said=said, staff=staff, now=now)
    said.pk = over.pk + 1000
    with pytest.raises(Stale, match="gone"):
        forget_branch_day(said=said, staff=staff, now=now)


def test_another_branch_is_not_touched(manager: Client, other_branch: Branch, now: datetime) -> None:
    theirs = BranchDay.objects.create(
        branch=other_branch, day=other_branch.today(now) + timedelta(days=3), kind="closed", name="停业"
    )
    assert "停业" not in manager.get(reverse("clinic:branch_days")).content.decode()
    assert manager.post(reverse("clinic:branch_day_forget", args=[theirs.pk])).status_code == 404
    assert entered(other_branch) != []


@pytest.mark.parametrize("rows", [1, 50])
def test_the_page_asks_the_same_however_many_days(
    manager: Client, branch: Branch, now: datetime, django_assert_num_queries: Any, rows: int
) -> None:
    BranchDay.objects.bulk_create(
        BranchDay(branch=branch, day=branch.today(now) + timedelta(days=number), kind="closed", name="x")
        for number in range(rows)
    )
    with django_assert_num_queries(4):  # session, person, count, page
        manager.get(reverse("clinic:branch_days"))
