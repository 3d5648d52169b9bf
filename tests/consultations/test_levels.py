"""Membership levels: they follow what was paid, are given out anew when changed, and stand where she is found."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Job, MembershipLevel
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import levels
from consultations.models import Deal
from reception import services as reception
from reception import tasks as reception_tasks
from reception.models import Standing, Visitor
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import correct, note

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_levels() -> list[MembershipLevel]:
    return [
        MembershipLevel.objects.create(name=name, name_en=name_en, from_amount=amount)
        for name, name_en, amount in (("银卡", "Silver", 1000), ("金卡", "Gold", 4200), ("钻石", "Diamond", 9000))
    ]


def level_of(deal: Deal) -> str | None:
    return Visitor.objects.values_list("level__name_en", flat=True).get(pk=deal.visitor_id)


def test_a_level_follows_what_was_paid_and_given_back(
    morning: Morning, three_levels: list[MembershipLevel], deal: Deal
) -> None:
    assert level_of(deal) == "Silver"
    balance = note(morning, deal, "balance", "3200")
    assert level_of(deal) == "Gold"
    correct(morning, balance, "balance", "3199.99")
    assert level_of(deal) == "Silver"
    note(morning, deal, "refund", "4000", reason="不做了")
    assert level_of(deal) is None


def test_a_level_counts_the_records_merged_into_hers_and_comes_back_with_them(
    morning: Morning, three_levels: list[MembershipLevel], deal: Deal
) -> None:
    note(morning, deal, "balance", "3000")
    survivor = morning.register("张小妹")
    seen = {one.pk: latest_history_id(one) for one in (survivor, deal.visitor)}
    deal.visitor.refresh_from_db()
    merge = reception.merge_visitors(
        survivor=survivor, other=deal.visitor, keep={}, seen=seen, staff=morning.clerk, now=morning.now
    )
    survivor.refresh_from_db()
    assert (str(survivor.level), level_of(deal)) == ("Silver", None)
    note(morning, deal, "balance", "200")
    survivor.refresh_from_db()
    assert (str(survivor.level), survivor.standing) == ("Gold", Standing.PAID)
    reception.take_merge_back(merge=merge, staff=morning.clerk, now=morning.now)
    survivor.refresh_from_db()
    assert (survivor.level, level_of(deal)) == (None, "Gold")


def test_changed_levels_are_given_out_to_everybody_by_a_job(
    morning: Morning, three_levels: list[MembershipLevel], deal: Deal, staff_with: MakeStaff
) -> None:
    manager, now = staff_with(Role.MANAGER), morning.now
    silver = three_levels[0]

    def done(job: Job | None) -> str | None:
        assert job is not None
        (name,) = settings.EVENT_TASKS[job.kind]
        assert name == "reception.tasks.recompute_levels"
        reception_tasks.recompute_levels_task(str(job.pk))
        reception_tasks.recompute_levels_task(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.done) == (Job.State.DONE, job.total)
        return level_of(deal)

    change: dict[str, Any] = {"level": silver, "staff": manager, "now": now}
    assert done(levels.change_level(changes={"from_amount": Decimal(1001)}, **change)) is None
    assert done(levels.change_level(changes={"from_amount": Decimal(999)}, **change)) == "Silver"
    assert levels.change_level(changes={"name": "白银卡"}, **change) is None
    assert (
        done(levels.add_level(name="铜卡", name_en="Bronze", from_amount=Decimal(500), staff=manager, now=now))
        == "Silver"
    )
    assert done(levels.remove_level(level=silver, staff=manager, now=now)) == "Bronze"


@pytest.mark.parametrize(("amount", "code"), [(0, "amount_missing"), (-1, "amount_missing"), (4200, "amount_taken")])
def test_a_level_that_cannot_be(
    three_levels: list[MembershipLevel], staff_with: MakeStaff, now: datetime, amount: int, code: str
) -> None:
    manager = staff_with(Role.MANAGER)
    with pytest.raises(Refused, match=code):
        levels.add_level(name="x", name_en="x", from_amount=Decimal(amount), staff=manager, now=now)
    with pytest.raises(Refused, match=code):
        levels.change_level(level=three_levels[0], changes={"from_amount": Decimal(amount)}, staff=manager, now=now)
    gone = three_levels[0]
    levels.remove_level(level=MembershipLevel.objects.get(pk=gone.pk), staff=manager, now=now)
    with pytest.raises(Stale, match="level_gone"):
        levels.change_level(level=gone, changes={"name": "y"}, staff=manager, now=now)


def edit(client: Client, level: MembershipLevel, **typed: str) -> Any:
    page = client.get(reverse("clinic:level_edit", args=[level.pk]))
    seen = page.context["form"]["seen"].value()
    given = {"name": level.name, "name_en": level.name_en, "from_amount": f"{level.from_amount}", "seen": seen}
    return lambda: client.post(reverse("clinic:level_edit", args=[level.pk]), given | typed)


def test_levels_are_added_changed_and_removed_by_a_manager(client_as: MakeClient) -> None:
    client = client_as(Role.MANAGER)
    assert "No levels yet" in client.get(reverse("clinic:levels")).content.decode()
    silver = {"name": "银卡", "name_en": "Silver <b>", "from_amount": "10000"}
    added = client.post(reverse("clinic:level_new"), silver)
    assert added["Location"] == reverse("clinic:job", args=[Job.objects.get().pk])
    twice = client.post(reverse("clinic:level_new"), silver)
    assert twice.status_code == 422 and "begins at this amount" in twice.content.decode()
    page = client.get(reverse("clinic:levels")).content.decode()
    assert "10,000.00" in page and "<b>" not in page

    level = MembershipLevel.objects.get()
    one, other = edit(client, level, from_amount="12000"), edit(client, level, name="白银卡")
    assert one().status_code == 302
    stale = other()
    assert stale.status_code == 409 and "白银卡" in stale.content.decode()
    assert client.post(reverse("clinic:level_remove", args=[level.pk])).status_code == 302
    assert not MembershipLevel.objects.exists()


@pytest.mark.parametrize("rows", [1, 20])
def test_the_levels_cost_the_same_for_one_and_for_twenty(
    client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for number in range(rows):
        MembershipLevel.objects.create(name=f"级{number}", name_en=f"L{number}", from_amount=number + 1)
    client = client_as(Role.MANAGER)
    client.get(reverse("clinic:levels"))
    with django_assert_num_queries(3):
        client.get(reverse("clinic:levels"))


def test_a_level_stands_beside_her_name_where_she_is_found(deal: Deal, client_as: MakeClient) -> None:
    level = MembershipLevel.objects.create(name="银卡", name_en="Silver", from_amount=500)
    Visitor.objects.filter(pk=deal.visitor_id).update(level=level)
    clerk = client_as(Role.RECEPTION)
    for address in (reverse("reception:visitor", args=[deal.visitor_id]), reverse("reception:visitors")):
        assert "Silver" in clerk.get(address).content.decode(), address
    found = clerk.post(reverse("reception:find"), {"q": deal.visitor.file_number}).content.decode()
    assert "Silver" in found
