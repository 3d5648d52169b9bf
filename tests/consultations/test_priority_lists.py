"""Priority lists: who comes first by the figures of a month, worked out once, started or left by a manager."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import AuditEntry, Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import PriorityList, PriorityPlace
from consultations.ranking import LEAST_RECEPTIONS, Record, ranked
from consultations.tasks import compute_priority_lists
from reception.models import VisitProject
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.figures.scenes import receive, sell
from tests.factories.consultations import ProjectFactory
from triage.models import Policy
from triage.selectors.policies import rules_of

FEBRUARY = date(2026, 2, 1)
records = st.lists(
    st.integers(0, 20).flatmap(
        lambda receptions: st.builds(
            Record,
            consultant=st.integers(1, 99),
            name_key=st.sampled_from(["a", "b", "c"]),
            receptions=st.just(receptions),
            bought=st.integers(0, receptions),
            deals=st.integers(0, 20).map(Decimal),
            amount=st.integers(0, 99999).map(Decimal),
        )
    ),
    unique_by=lambda one: one.consultant,
    max_size=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records, st.randoms())
def test_the_order_is_by_conversion_then_spend_then_name_whatever_order_they_come_in(
    those: list[Record], random: Any
) -> None:
    first = ranked(those)
    random.shuffle(those)
    assert ranked(those) == first
    if first:
        assert {one.consultant for one in first} == {one.consultant for one in those if one.receptions}
    rates = [one.bought / one.receptions for one in first]
    assert all(earlier >= later - 1e-12 for earlier, later in pairwise(rates))


@pytest.mark.parametrize(
    ("those", "expected"),
    [
        ([Record(1, "a", 9, 9)], []),
        ([Record(1, "a", 10, 0)], [1]),
        ([Record(1, "a", 10, 2), Record(2, "b", 10, 3)], [2, 1]),
        (
            [
                Record(1, "a", 10, 2, Decimal(2), Decimal(100)),
                Record(2, "b", 10, 2, Decimal(1), Decimal(99)),
            ],
            [2, 1],
        ),
        ([Record(2, "b", 10, 2), Record(1, "a", 5, 1)], [1, 2]),
        ([Record(2, "a", 10, 2), Record(1, "a", 10, 2)], [1, 2]),
        ([Record(1, "a", 0, 0), Record(2, "b", 12, 1)], [2]),
    ],
)
def test_who_comes_first(those: list[Record], expected: list[int]) -> None:
    assert [one.consultant for one in ranked(those)] == expected


class Month:
    """A February with receptions for two projects."""

    def __init__(self, branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
        self.branch, self.now = branch, now
        self.nose: Project = ProjectFactory.create(branch=branch, code="nose", rank=1)
        self.eyes: Project = ProjectFactory.create(branch=branch, code="eyes", rank=2)
        self.anna = staff_with(Role.CONSULTANT, display_name="王欣", name_key="wang xin")
        self.berta = staff_with(Role.CONSULTANT, display_name="李敏", name_key="li min")
        self.manager = staff_with(Role.MANAGER, display_name="贺建国")
        Policy.objects.create(
            branch=branch,
            version=1,
            starts_on=date(2026, 1, 1),
            preset="performance",
            settings={"priority": {"nose": [str(self.berta.pk)], "skin": [str(self.anna.pk)]}},
        )

    def receptions(self, consultant: Staff, project: Project, number: int, bought: int, amount: str = "1000") -> None:
        for place in range(number):
            at = datetime(2026, 2, 3, 2, 0, tzinfo=UTC) + timedelta(days=place)
            talk = receive(consultant, at=at)
            # Named first, but less major: the visit counts for the other.
            VisitProject.objects.create(visit=talk.visit, project=self.eyes, position=0)
            if project != self.eyes:
                VisitProject.objects.create(visit=talk.visit, project=project, position=1)
            if place < bought:
                sell(talk, amount, at=at)

    def compute(self) -> PriorityList:
        return services.compute_priority_list(branch=self.branch, month=FEBRUARY, staff=None, now=self.now)


@pytest.fixture
def month(branch: Branch, staff_with: MakeStaff, now: datetime) -> Month:
    made = Month(branch, staff_with, now)
    made.receptions(made.anna, made.nose, 8, 2, "50000")
    made.receptions(made.berta, made.nose, 4, 3)
    made.receptions(made.anna, made.eyes, LEAST_RECEPTIONS - 1, 5)
    return made


def test_the_list_has_the_figures_behind_each_place_of_projects_with_enough_receptions(month: Month) -> None:
    made = month.compute()
    places = list(made.places.values_list("project__code", "place", "consultant", "receptions", "bought", "amount"))
    assert places == [
        ("nose", 1, month.berta.pk, 4, 3, Decimal(3000)),
        ("nose", 2, month.anna.pk, 8, 2, Decimal(100000)),
    ]
    assert made.state == PriorityList.State.WAITING


@pytest.mark.parametrize("how", ["scope", "excluded", "left", "moved"])
def test_who_does_not_receive_the_project_today_is_not_on_it(month: Month, how: str) -> None:
    month.receptions(month.anna, month.nose, 2, 0)
    if how == "scope":
        month.berta.scope.set([month.eyes])
    elif how == "excluded":
        month.berta.excluded.set([month.nose])
    elif how == "left":
        Staff.objects.filter(pk=month.berta.pk).update(active_until=month.now - timedelta(days=2))
    else:
        month.berta.groups.clear()
    assert list(month.compute().places.values_list("consultant", flat=True)) == [month.anna.pk]


def test_worked_out_twice_and_late_it_is_the_same(month: Month, branch: Branch) -> None:
    assert compute_priority_lists() == 1
    assert compute_priority_lists() == 0
    first = list(PriorityPlace.objects.values_list("project", "place", "consultant"))
    month.receptions(month.berta, month.nose, 3, 3)
    assert month.compute() == PriorityList.objects.get()
    assert list(PriorityPlace.objects.values_list("project", "place", "consultant")) == first
    assert AuditEntry.objects.filter(action="consultations.compute_priority_list").count() == 1


def test_a_branch_that_runs_by_other_rules_gets_none_by_itself(month: Month, branch: Branch) -> None:
    Policy.objects.create(branch=branch, version=2, starts_on=date(2026, 1, 2), preset="standard")
    assert compute_priority_lists() == 0


def test_a_month_with_too_few_receptions_waits_for_nobody(month: Month) -> None:
    made = services.compute_priority_list(branch=month.branch, month=date(2026, 1, 1), staff=None, now=month.now)
    assert made.state == PriorityList.State.LEFT and not made.places.exists()


def test_a_month_that_is_not_over_is_refused(month: Month) -> None:
    with pytest.raises(Refused, match="not_over"):
        services.compute_priority_list(branch=month.branch, month=date(2026, 3, 1), staff=None, now=month.now)


def test_starting_it_writes_a_new_version_from_tomorrow_and_keeps_what_it_does_not_name(month: Month) -> None:
    ProjectFactory.create(branch=month.branch, code="skin", rank=9)
    made = services.start_priority_list(made=month.compute(), reason="按二月业绩", staff=month.manager, now=month.now)
    assert made.policy is not None
    policy = Policy.objects.get(pk=made.policy.pk)
    assert policy.starts_on == date(2026, 3, 12) and policy.reason == "按二月业绩" and policy.preset == "performance"
    assert rules_of(policy).priority == {
        "nose": (str(month.berta.pk), str(month.anna.pk)),
        "skin": (str(month.anna.pk),),
    }
    with pytest.raises(Stale, match="decided"):
        services.leave_priority_list(made=made, reason="算了", staff=month.manager, now=month.now)


def test_who_left_since_is_not_in_the_new_rules(month: Month) -> None:
    ProjectFactory.create(branch=month.branch, code="skin", rank=9)
    made = month.compute()
    Staff.objects.filter(pk=month.berta.pk).update(active_until=date(2026, 3, 11))
    done = services.start_priority_list(made=made, reason="按二月业绩", staff=month.manager, now=month.now)
    assert done.policy is not None
    assert rules_of(done.policy).priority["nose"] == (str(month.anna.pk),)


def test_an_older_list_gives_way_to_a_newer(month: Month) -> None:
    made = month.compute()
    PriorityList.objects.create(branch=month.branch, month_on=date(2026, 3, 1), computed_at=month.now)
    with pytest.raises(Refused, match="newer"):
        services.start_priority_list(made=made, reason="旧的", staff=month.manager, now=month.now)


def test_leaving_it_changes_no_rules(month: Month) -> None:
    made = month.compute()
    with pytest.raises(Refused, match="reason_missing"):
        services.leave_priority_list(made=made, reason=" ", staff=month.manager, now=month.now)
    services.leave_priority_list(made=made, reason="人手不够", staff=month.manager, now=month.now)
    assert Policy.objects.count() == 1


@pytest.fixture
def manager(month: Month, client_as: MakeClient) -> Client:
    return client_as(month.manager)


def test_the_pages_from_nothing_to_started(month: Month, manager: Client) -> None:
    ProjectFactory.create(branch=month.branch, code="skin", rank=9)
    lists = reverse("consultations:priority_lists")
    assert "No priority list yet" in manager.get(lists).content.decode()
    answer = manager.post(reverse("consultations:priority_list_compute"))
    made = PriorityList.objects.get()
    url = reverse("consultations:priority_list", args=[made.pk])
    assert answer.headers["Location"] == url
    page = manager.get(url).content.decode()
    assert page.index("李敏") < page.rindex("王欣") and "75.0%" in page
    assert "2026-02" in manager.get(reverse("consultations:priority_notice")).content.decode()
    decide = reverse("consultations:priority_list_decide", args=[made.pk])
    assert manager.post(decide, {"do": "start", "reason": ""}).status_code == 422
    done = manager.post(decide, {"do": "start", "reason": "按二月业绩"}, follow=True).content.decode()
    assert "Version 2 begins on 2026-03-12." in done and "version 2 of the rules" in done
    assert manager.get(reverse("consultations:priority_notice")).content.decode().strip() == ""
    again = manager.post(decide, {"do": "leave", "reason": "不要"})
    assert again.status_code == 409 and "has decided about this list already" in again.content.decode()


def test_a_list_can_be_left(month: Month, manager: Client) -> None:
    decide = reverse("consultations:priority_list_decide", args=[month.compute().pk])
    assert "is not used" in manager.post(decide, {"do": "leave", "reason": "人手不够"}, follow=True).content.decode()


def test_what_the_rules_refuse_stands_on_the_page(month: Month, manager: Client) -> None:
    Policy.objects.create(
        branch=month.branch,
        version=2,
        starts_on=date(2026, 1, 2),
        preset="performance",
        settings={"priority": {"nose": [str(month.berta.pk), str(month.anna.pk)]}},
    )
    decide = reverse("consultations:priority_list_decide", args=[month.compute().pk])
    answer = manager.post(decide, {"do": "start", "reason": "一样的"})
    assert answer.status_code == 422 and "in force already" in answer.content.decode()
    assert PriorityList.objects.get().state == PriorityList.State.WAITING


@pytest.mark.parametrize("number", [1, 50])
def test_the_query_counts(month: Month, manager: Client, number: int, django_assert_num_queries: Any) -> None:
    made = month.compute()
    for back in range(1, number):
        first = date(2026 - back // 12 - 1, back % 12 + 1, 1)
        PriorityList.objects.create(branch=month.branch, month_on=first, computed_at=month.now)
    for place in range(number - 1):
        project = ProjectFactory.create(branch=month.branch)
        PriorityPlace.objects.create(
            list=made,
            project=project,
            consultant=month.anna,
            place=1,
            receptions=10 + place,
            bought=1,
            deals=1,
            amount=1,
        )
    manager.get(reverse("consultations:priority_lists"))
    with django_assert_num_queries(5):
        manager.get(reverse("consultations:priority_lists"))
    with django_assert_num_queries(6):
        manager.get(reverse("consultations:priority_list", args=[made.pk]))
