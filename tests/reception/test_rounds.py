"""Opening and closing rounds: ticked by several people at once, taken back by a new entry, missed in plain sight."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import RoundItem, RoundList, RoundTick
from reception.selectors.rounds import missing_rounds, rounds_of
from tests.conftest import MakeClient, MakeStaff

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


@pytest.fixture
def clerk(desk: Client) -> Staff:
    return desk.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def opening(branch: Branch, clerk: Staff, now: datetime) -> list[RoundItem]:
    written = services.write_round_list(
        branch=branch,
        kind="opening",
        items=["灯", " ", "水\x00", "音乐"],
        seen=0,
        staff=clerk,
        now=now - timedelta(days=30),
    )
    return list(written.items.all())


def tick(client: Client, item: RoundItem, state: str = "done", seen: int = 0, remark: str = "") -> Any:
    typed = {"state": state, "seen": seen, "remark": remark}
    return client.post(reverse("reception:round_tick", args=[item.pk]), typed, headers=HTMX)


def test_a_branch_without_lists_is_told_who_writes_them(desk: Client, client_as: MakeClient) -> None:
    assert "The desk supervisor writes it" in desk.get(reverse("reception:rounds")).content.decode()
    supervisor = client_as(Role.DESK_SUPERVISOR)
    assert "Write it" in supervisor.get(reverse("reception:rounds")).content.decode()
    page = supervisor.get(reverse("reception:round_lists")).content.decode()
    assert "Background music on" in page
    typed = {"kind": "opening", "opening-items": "灯\r\n水\r\n", "opening-seen": "0"}
    assert supervisor.post(reverse("reception:round_lists"), typed).status_code == 302
    assert [item.text for item in RoundItem.objects.all()] == ["灯", "水"]
    again = supervisor.post(reverse("reception:round_lists"), typed | {"opening-items": "别的"})
    assert again.status_code == 409
    assert "别的" in again.content.decode()
    assert desk.get(reverse("reception:round_lists")).status_code == 403


def test_a_remark_that_is_too_long_is_refused_with_its_number(desk: Client, opening: list[RoundItem]) -> None:
    answer = tick(desk, opening[0], "wrong", remark="漏" * 201)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#messages")
    assert "201" in answer.content.decode()
    assert not RoundTick.objects.exists()
    assert tick(desk, opening[0], "wrong", remark="漏" * 200).status_code == 200
    assert RoundTick.objects.get().remark == "漏" * 200


def test_what_two_clerks_tick_is_ticked_once_and_both_see_by_whom(
    desk: Client, client_as: MakeClient, branch: Branch, opening: list[RoundItem], now: datetime
) -> None:
    other = client_as(Role.RECEPTION)
    assert tick(desk, opening[0]).status_code == tick(other, opening[0]).status_code == 200
    assert RoundTick.objects.count() == 1
    assert desk.staff.display_name in other.get(reverse("reception:rounds")).content.decode()  # type: ignore[attr-defined]
    assert [row.state for row in rounds_of(branch, branch.today(now))[0].rows] == ["done", "open", "open"]


def test_a_tick_is_taken_back_by_a_new_entry_and_not_over_somebody_elses(
    desk: Client, client_as: MakeClient, branch: Branch, opening: list[RoundItem], now: datetime
) -> None:
    assert tick(desk, opening[0], "eaten").status_code == 422
    tick(desk, opening[0])
    first = RoundTick.objects.get()
    other = client_as(Role.DESK_SUPERVISOR)
    assert tick(other, opening[0], "wrong", seen=first.pk).status_code == 422
    assert tick(other, opening[0], "wrong", seen=first.pk, remark="一盏不亮").status_code == 200
    assert tick(desk, opening[0], "taken_back", seen=first.pk).status_code == 409
    newest = RoundTick.objects.latest("pk")
    assert tick(desk, opening[0], "taken_back", seen=newest.pk).status_code == 200
    assert [one.state for one in RoundTick.objects.order_by("pk")] == ["done", "wrong", "taken_back"]
    row = rounds_of(branch, branch.today(now))[0].rows[0]
    assert (row.state, len(row.earlier)) == ("open", 3)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update reception_roundtick set state = 'done'")


def test_nothing_is_taken_back_that_was_not_noted(
    opening: list[RoundItem], branch: Branch, clerk: Staff, now: datetime
) -> None:
    with pytest.raises(Refused, match="nothing"):
        services.tick_round(branch=branch, item=opening[0], state="taken_back", seen=0, staff=clerk, now=now)


def test_a_new_list_holds_at_once_or_from_tomorrow_once_the_round_has_begun(
    branch: Branch, opening: list[RoundItem], clerk: Staff, now: datetime
) -> None:
    def rewrite(seen: int) -> RoundList:
        return services.write_round_list(branch=branch, kind="opening", items=["门"], seen=seen, staff=clerk, now=now)

    today = branch.today(now)
    assert rewrite(1).starts_on == today
    with pytest.raises(Stale, match="round_list"):
        services.tick_round(branch=branch, item=opening[0], state="done", seen=0, staff=clerk, now=now)
    begun = rounds_of(branch, today)[0].rows[0].item
    services.tick_round(branch=branch, item=begun, state="done", seen=0, staff=clerk, now=now)
    assert rewrite(2).starts_on == today + timedelta(days=1)
    assert [row.item for row in rounds_of(branch, today)[0].rows] == [begun]
    assert [row.item for row in rounds_of(branch, today - timedelta(days=1))[0].rows] == opening


@pytest.mark.parametrize("items", [[], [" "], ["x" * 81], ["x"] * 41])
def test_a_list_is_of_a_useful_size(branch: Branch, clerk: Staff, now: datetime, items: list[str]) -> None:
    with pytest.raises(Refused, match="items"):
        services.write_round_list(branch=branch, kind="opening", items=items, seen=0, staff=clerk, now=now)


def test_missing_rounds_are_in_plain_sight(
    desk: Client, branch: Branch, opening: list[RoundItem], clerk: Staff, now: datetime
) -> None:
    for back, number in ((1, 3), (2, 1)):
        then = now - timedelta(days=back)
        for item in opening[:number]:
            services.tick_round(branch=branch, item=item, state="done", seen=0, staff=clerk, now=then)
    missing = missing_rounds(branch, branch.today(now))
    assert [(one.day.day, one.done, one.of) for one in missing] == [
        (9, 1, 3),
        *((day, 0, 3) for day in (8, 7, 6, 5, 4)),
    ]
    branch.hours.filter(weekday=6).delete()
    assert [one.day.day for one in missing_rounds(branch, branch.today(now))] == [9, 7, 6, 5, 4]
    page = desk.get(reverse("reception:rounds")).content.decode()
    assert "Rounds missing in the last days" in page


def test_another_branchs_list_is_not_there(
    desk: Client, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    theirs = services.write_round_list(
        branch=other_branch, kind="closing", items=["门"], seen=0, staff=staff_with(branch=other_branch), now=now
    )
    assert tick(desk, theirs.items.get()).status_code == 404


@pytest.mark.parametrize("rows", [1, 40])
def test_the_rounds_ask_the_same_however_long_the_list(
    desk: Client,
    branch: Branch,
    clerk: Staff,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    written = services.write_round_list(branch=branch, kind="opening", items=["x"] * rows, seen=0, staff=clerk, now=now)
    for item in written.items.all():
        services.tick_round(branch=branch, item=item, state="done", seen=0, staff=clerk, now=now)
    desk.get(reverse("reception:rounds"))
    with django_assert_num_queries(8):
        desk.get(reverse("reception:rounds"))
