"""The page of figures, the rows behind each, and the export."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from reception.models import Visit
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.figures.scenes import AT, receive, sell
from triage.models import TeamMember

DAYS: dict[str, Any] = {"first": "2026-03-01", "last": "2026-03-31"}


@pytest.fixture
def anna(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣")


@pytest.fixture
def manager(client_as: MakeClient, now: object) -> Client:
    return client_as(Role.MANAGER)


def _rows(client: Client, figure: str, **more: Any) -> list[str]:
    answer = client.get(reverse("consultations:figure_rows"), {**DAYS, "figure": figure, **more})
    assert answer.status_code == 200
    return [row.visit.visitor.name for row in answer.context["rows"]]


def test_a_manager_sees_everybody_and_opens_what_stands_behind(
    manager: Client, anna: Staff, staff_with: MakeStaff
) -> None:
    talk = receive(anna)
    sell(talk, "12345.50")
    other = receive(staff_with(Role.CONSULTANT, display_name="李敏"), waited=12)
    answer = manager.get(reverse("consultations:figures"), DAYS)
    page = answer.content.decode()
    assert "王欣" in page and "李敏" in page and "12,346" in page and "100.0%" in page
    assert f"figure=receptions&amp;staff={anna.pk}" in page
    assert _rows(manager, "receptions", staff=anna.pk) == [talk.visitor.name]
    assert set(_rows(manager, "receptions")) == {talk.visitor.name, other.visitor.name}
    assert _rows(manager, "amount") == [talk.visitor.name]
    shown = manager.get(reverse("consultations:figure_rows"), {**DAYS, "figure": "amount"}).content.decode()
    assert "12,345.50" in shown


def test_a_consultant_sees_her_own_line_and_the_averages_only(
    client_as: MakeClient, anna: Staff, staff_with: MakeStaff, now: object
) -> None:
    berta = staff_with(Role.CONSULTANT, display_name="李敏")
    receive(anna)
    for _ in range(3):
        receive(berta)
    hers = client_as(anna)
    answer = hers.get(reverse("consultations:figures"), DAYS)
    assert "李敏" not in answer.content.decode()
    (team,) = answer.context["teams"]
    assert [row["person"].name for row in team["rows"]] == ["王欣"]
    averages = {cell.figure: cell.text for cell in answer.context["means"]}
    assert averages["receptions"] == "2.0"
    assert len(_rows(hers, "receptions")) == 1
    url = reverse("consultations:figure_rows")
    assert hers.get(url, {**DAYS, "figure": "receptions", "staff": str(berta.pk)}).status_code == 404
    assert len(_rows(hers, "receptions", staff=anna.pk)) == 1


def test_a_name_leads_only_to_a_page_that_opens(
    client_as: MakeClient, manager: Client, anna: Staff, staff_with: MakeStaff, now: object
) -> None:
    stayed, moved_on = receive(anna), receive(anna)
    Visit.objects.filter(pk=moved_on.visit_id).update(consultant=staff_with(Role.CONSULTANT))
    client, addresses = client_as(anna), {}
    for talk in (stayed, moved_on):
        addresses[talk] = reverse("reception:visitor", args=[talk.visitor_id])
        assert client.get(addresses[talk]).status_code == (200 if talk is stayed else 404)
    asked = {**DAYS, "figure": "receptions"}
    page = client.get(reverse("consultations:figure_rows"), asked).content.decode()
    assert moved_on.visitor.name in page
    assert f'href="{addresses[stayed]}"' in page and f'href="{addresses[moved_on]}"' not in page
    everything = manager.get(reverse("consultations:figure_rows"), asked).content.decode()
    assert all(f'href="{address}"' in everything for address in addresses.values())


@pytest.mark.parametrize("number", [1, 50])
def test_a_consultants_own_rows_cost_the_same_for_one_and_for_fifty(
    client_as: MakeClient, anna: Staff, number: int, django_assert_num_queries: DjangoAssertNumQueries, now: object
) -> None:
    for place in range(number):
        receive(anna, at=AT + timedelta(minutes=place))
    client, asked = client_as(anna), {**DAYS, "figure": "receptions"}
    client.get(reverse("consultations:figure_rows"), asked)
    with django_assert_num_queries(7):
        client.get(reverse("consultations:figure_rows"), asked)


def test_in_a_team_the_averages_are_the_teams(
    client_as: MakeClient, branch: Branch, anna: Staff, staff_with: MakeStaff, now: object
) -> None:
    berta, alone = staff_with(Role.CONSULTANT), staff_with(Role.CONSULTANT)
    for position, one in enumerate((anna, berta), start=1):
        TeamMember.objects.create(branch=branch, team=1, position=position, staff=one)
    for one in (anna, berta, berta, berta, *[alone] * 5):
        receive(one)
    answer = client_as(anna).get(reverse("consultations:figures"), DAYS)
    assert {cell.figure: cell.text for cell in answer.context["means"]}["receptions"] == "2.0"
    assert "Average of the team" in answer.content.decode()


def test_a_month_without_anybody_says_what_to_do(manager: Client, client_as: MakeClient) -> None:
    assert "Nobody was received on these days" in manager.get(reverse("consultations:figures")).content.decode()
    assert client_as(Role.CONSULTANT).get(reverse("consultations:figures")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"month": "2026-02"}, 200, "2026-02"),
        ({"month": "nonsense"}, 200, "2026-03"),
        ({"first": "2026-03-09", "last": "2026-03-02"}, 422, "lies before the first"),
        ({"first": "2020-01-01", "last": "2026-03-02"}, 422, "At most a year"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, 422, "too far away"),
        ({"first": "", "last": "2026-03-02"}, 422, "This field is required"),
        ({"first": "2025-03-12", "last": "2026-03-12"}, 200, "2025-03-12"),
    ],
)
def test_which_days(manager: Client, asked: dict[str, str], status: int, says: str) -> None:
    answer = manager.get(reverse("consultations:figures"), asked)
    assert answer.status_code == status
    assert says in answer.content.decode()


@pytest.mark.parametrize("asked", [{"figure": "height"}, {"staff": "999999"}, {"first": "x", "last": "y"}])
def test_rows_of_what_is_no_figure_are_not_there(manager: Client, asked: dict[str, str]) -> None:
    assert manager.get(reverse("consultations:figure_rows"), {**DAYS, **asked}).status_code == 404
    assert manager.get(reverse("consultations:figure_rows"), {**DAYS, "page": "x", "staff": "x"}).status_code == 200


def test_somebody_of_another_branch_is_not_there(manager: Client, other_branch: Branch, staff_with: MakeStaff) -> None:
    there = staff_with(Role.CONSULTANT, branch=other_branch)
    receive(there)
    answer = manager.get(reverse("consultations:figure_rows"), {**DAYS, "figure": "receptions", "staff": str(there.pk)})
    assert answer.status_code == 404


@pytest.mark.parametrize("number", [1, 50])
def test_the_query_counts(
    manager: Client, staff_with: MakeStaff, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        at = AT + timedelta(minutes=place)
        sell(receive(staff_with(Role.CONSULTANT), at=at))
        receive(staff_with(Role.CONSULTANT), at=at, waited=None, state="withdrawn")
    manager.get(reverse("consultations:figures"), DAYS)
    with django_assert_num_queries(3):
        manager.get(reverse("consultations:figures"), DAYS)
    for figure, queries in (("turns", 3), ("receptions", 5), ("amount", 5), ("left_before", 5)):
        with django_assert_num_queries(queries):
            manager.get(reverse("consultations:figure_rows"), {**DAYS, "figure": figure})


def test_an_export_is_asked_for_once_more_and_logged(manager: Client, anna: Staff) -> None:
    Staff.objects.filter(pk=anna.pk).update(display_name='=HYPERLINK("http://example.invalid")')
    sell(receive(anna), "1000")
    url = reverse("consultations:figures_export") + "?first=2026-03-01&last=2026-03-31"
    assert "What for?" in manager.get(url).content.decode()
    assert manager.post(url, {"why": " "}).status_code == 422
    assert not AuditEntry.objects.filter(action="consultations.export_figures").exists()
    answer = manager.post(url, {"why": "月度例会"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
    head, row = book.get_sheet_by_index(0).to_python()
    assert row[head.index("Consultant")] == '=HYPERLINK("http://example.invalid")'
    assert row[head.index("Amount")] == 1000 and row[head.index("Conversion")] == 100
    entry = AuditEntry.objects.get(action="consultations.export_figures")
    assert entry.detail == {"first_day": "2026-03-01", "last_day": "2026-03-31", "why": "月度例会", "rows": 1}


def test_a_consultants_export_has_her_own_line_only(
    client_as: MakeClient, anna: Staff, staff_with: MakeStaff, now: object
) -> None:
    receive(anna)
    receive(staff_with(Role.CONSULTANT))
    url = reverse("consultations:figures_export") + "?first=2026-03-01&last=2026-03-31"
    answer = client_as(anna).post(url, {"why": "自己看"})
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
    assert len(book.get_sheet_by_index(0).to_python()) == 2
