"""A group with two branches: the same projects twice, each with its own departments."""

from typing import Any

import pytest
from django.urls import reverse

from clinic.catalogue import install_catalogue
from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import Treatment, TreatmentNotice
from consultations.selectors import records
from consultations.selectors.treatments import treatments_for
from consultations.services.course_rules import heads
from reception.names import fold
from reception.selectors import projects as reception
from reception.selectors.imports import known_names
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import TreatmentFactory, make_deal
from tests.factories.treatments import make_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(branch: Branch, other_branch: Branch) -> dict[int, list[Project]]:
    return {one.pk: install_catalogue(one) for one in (branch, other_branch)}


def branches_of(projects: Any) -> set[int]:
    return {one.department.branch_id for one in projects}


def test_each_is_offered_its_own(twins: dict[int, list[Project]], branch: Branch, other_branch: Branch) -> None:
    for one in (branch, other_branch):
        assert branches_of(reception.offered_projects(one.pk)) == {one.pk}
        assert list(records.offered_projects(one.pk)) == twins[one.pk]


def test_a_file_names_the_projects_of_its_branch(
    twins: dict[int, list[Project]], branch: Branch, other_branch: Branch
) -> None:
    for one in (branch, other_branch):
        own = twins[one.pk][0]
        known = known_names(one.pk).projects
        assert known[fold(own.name)] == known[fold(own.code)] == own.pk
    theirs = twins[other_branch.pk][0]
    assert known_names(branch.pk).projects[fold(theirs.code)] == theirs.pk


def test_the_desks_pickers_show_each_name_once(
    twins: dict[int, list[Project]], staff_with: MakeStaff, client_as: MakeClient, other_branch: Branch
) -> None:
    for branch in ({}, {"branch": other_branch}):
        clerk = staff_with(Role.RECEPTION, **branch)
        client = client_as(clerk)
        for address in ("/desk/?new=1", reverse("reception:booking_new")):
            answer = client.get(address, headers={"HX-Request": "true"})
            assert answer.status_code == 200, address
            shown = {one.number for one in answer.context["projects"]}
            assert shown == {one.pk for one in twins[clerk.branch_id]}, address


def test_an_amendment_keeps_what_the_visit_was_for(morning: Morning, twins: dict[int, list[Project]]) -> None:
    other = next(pk for pk in twins if pk != morning.branch.pk)
    visit = morning.arrive("张小美", twins[other][0])
    offered = reception.offered_projects(morning.branch.pk, visit)
    assert [one for one in offered if one.department.branch_id == other] == [twins[other][0]]


def test_a_consultation_offers_its_branchs_and_what_its_visit_names(
    morning: Morning, twins: dict[int, list[Project]], client_as: MakeClient
) -> None:
    other = next(pk for pk in twins if pk != morning.branch.pk)
    plain = morning.enter(morning.arrive())
    assert branches_of(records.projects_in(plain)) == {morning.branch.pk}
    client = client_as(plain.consultant)
    for address in ("deal", "file_treatment"):
        page = client.get(reverse(f"consultations:{address}", args=[plain.pk])).content.decode()
        assert f'value="{twins[morning.branch.pk][0].pk}"' in page
        assert f'value="{twins[other][0].pk}"' not in page
    named = morning.enter(morning.arrive("李小美", twins[other][1]))
    assert [one for one in records.projects_in(named) if one.department.branch_id == other] == [twins[other][1]]


def test_a_package_of_the_other_branch_is_treated_here(
    morning: Morning, twins: dict[int, list[Project]], client_as: MakeClient, other_branch: Branch
) -> None:
    line = make_package(morning.enter(morning.arrive()), twins[other_branch.pk][0])
    visitor = line.deal.visitor
    found = records.projects_for(visitor, morning.branch.pk)
    assert [one for one in found if one.department.branch_id == other_branch.pk] == [line.project]
    visitor.owner = morning.first
    visitor.save(update_fields=["owner"])
    page = client_as(morning.first).get(reverse("consultations:treatment_new", args=[visitor.pk])).content.decode()
    assert page.count(f"{line.project} · West Gate") == 1


def test_a_deal_keeps_its_lines(morning: Morning, twins: dict[int, list[Project]], client_as: MakeClient) -> None:
    other = next(pk for pk in twins if pk != morning.branch.pk)
    held = morning.enter(morning.arrive())
    deal = make_deal(held, projects=[twins[other][0]])
    address = reverse("consultations:deal_correct", args=[deal.pk])
    page = client_as(held.consultant).get(address).content.decode()
    assert f'value="{twins[other][0].pk}"' in page and f'value="{twins[other][1].pk}"' not in page


# Departments


@pytest.fixture
def elsewhere(twins: dict[int, list[Project]], morning: Morning, other_branch: Branch) -> Treatment:
    """An operation here whose project is the other branch's."""
    made: Treatment = TreatmentFactory.create(
        doctor=morning.doctor,
        branch=morning.branch,
        project=twins[other_branch.pk][0],
        treated_on=morning.board.day,
        state="planned",
        stage="in_theatre",
    )
    return made


@pytest.mark.parametrize("role", [Role.DEPARTMENT_DESK, Role.NURSE, Role.BEAUTICIAN])
def test_a_department_works_on_the_twin_of_its_project(
    elsewhere: Treatment, staff_with: MakeStaff, role: Role, branch: Branch, other_branch: Branch
) -> None:
    def person(at: Branch, kind: str) -> Staff:
        return staff_with(role, branch=at, department=Department.objects.get(branch=at, kind=kind))

    assert treatments_for(person(branch, "surgery")).get() == elsewhere
    assert not treatments_for(person(branch, "laser")).exists()
    assert not treatments_for(person(other_branch, "surgery")).exists()


def test_the_head_is_that_of_the_treatments_branch(
    elsewhere: Treatment, morning: Morning, staff_with: MakeStaff, branch: Branch, other_branch: Branch
) -> None:
    here, there = staff_with(Role.DOCTOR), staff_with(Role.DOCTOR, branch=other_branch)
    for at, head in ((branch, here), (other_branch, there)):
        Department.objects.filter(branch=at, kind="surgery").update(head=head)
    elsewhere = Treatment.objects.get(pk=elsewhere.pk)
    assert heads(here, elsewhere) and not heads(there, elsewhere)
    services.note_complication(treatment=elsewhere, text="出血", staff=morning.doctor, now=morning.now)
    told = TreatmentNotice.objects.filter(treatment=elsewhere).values_list("staff", flat=True)
    assert set(told) == {morning.doctor.pk, here.pk}
