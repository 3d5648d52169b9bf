"""What a form, a header or an offer does not open: other people on file, other lists, other branches, other deals."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Deal
from consultations.selectors.deals import deals_seen_by
from reception.models import Standing, Visit, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import treatment_of
from tests.consultations.test_views_changes import HTMX, change
from tests.factories.consultations import VisitFactory
from tests.factories.photographs import keep_photograph
from tests.factories.treatments import StepFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(morning: Morning) -> Visitor:
    """Somebody on file whom nobody in the room has looked up."""
    made = morning.register("胡不归")
    Visitor.objects.filter(pk=made.pk).update(owner=morning.second, standing=Standing.TREATED)
    return made


def found_by(client: Client, held: Consultation, text: str) -> str:
    page = client.post(reverse("consultations:referrers", args=[held.pk]), {"text": text}, headers=HTMX).text
    (named,) = re.findall(r'name="referrer" value="([^"]+)"', page)
    return str(named)


def test_the_form_of_a_referral_tells_of_nobody_by_number(
    morning: Morning, stranger: Visitor, client_as: MakeClient
) -> None:
    held = morning.enter(morning.arrive())
    client = client_as(morning.first)
    for step in ("look", "do"):
        for reason in ("她说的", ""):
            answer = change(client, held, "referral", reason=reason, referrer=stranger.pk, step=step)
            assert answer.status_code == 422
            assert stranger.name not in answer.text and stranger.file_number not in answer.text
    assert Visit.objects.get(pk=held.visit_id).referrer is None


def test_who_was_found_in_one_room_is_not_found_in_another(
    morning: Morning, stranger: Visitor, client_as: MakeClient
) -> None:
    held = morning.enter(morning.arrive())
    other = morning.enter(morning.arrive("李四"))
    named = found_by(client_as(morning.first), held, stranger.name)
    answer = change(client_as(other.consultant), other, "referral", reason="", referrer=named)
    assert answer.status_code == 422 and stranger.name not in answer.text
    answer = change(client_as(morning.first), held, "referral", reason="", referrer=named)
    assert answer.status_code == 422 and stranger.name in answer.text, "what she chose stays chosen"


def post(client: Client, name: str, pk: int, target: str, **said: Any) -> Any:
    headers = {"HX-Request": "true", "HX-Target": target}
    return client.post(reverse(f"consultations:{name}", args=[pk]), said, headers=headers)


def test_a_header_opens_no_list_that_the_page_does_not(morning: Morning, client_as: MakeClient) -> None:
    treatment = treatment_of(morning)
    doctor = client_as(morning.doctor)
    where = post(doctor, "treatment_stage", treatment.pk, "where", stage="arrived", version=1)
    assert where.status_code == 302 and where.url == reverse("consultations:treatment", args=[treatment.pk])
    step = StepFactory.create(treatment=treatment)
    tests = post(doctor, "step_result", step.pk, "tests", result="normal")
    assert tests.status_code == 302 and tests.url == reverse("consultations:treatment", args=[treatment.pk])
    assistant = client_as(Role.ASSISTANT)
    for target in ("treatments", "treatment-work"):
        answer = post(assistant, "treatment_stage", treatment_of(morning).pk, target, stage="arrived", version=1)
        assert answer.status_code == 302 and answer.url == reverse("consultations:guide")


@pytest.mark.parametrize("role", [Role.CONSULTING_SUPERVISOR, Role.MANAGER])
def test_another_branch_removes_no_photograph(
    morning: Morning, other_branch: Branch, staff_with: MakeStaff, role: Role
) -> None:
    treatment = treatment_of(morning)
    photograph = keep_photograph(treatment.visitor, staff=morning.doctor, treatment=treatment, now=morning.now)
    with pytest.raises(Refused, match="not_hers"):
        services.remove_photograph(
            photograph=photograph, reason="x", staff=staff_with(role, branch=other_branch), now=morning.now
        )
    services.remove_photograph(photograph=photograph, reason="x", staff=staff_with(role), now=morning.now)


@pytest.mark.parametrize("how", ["offered", "declined", "withdrawn"])
def test_who_was_only_offered_a_visitor_sees_no_deals_of_hers(morning: Morning, deal: Deal, how: str) -> None:
    visit = VisitFactory.create(visitor=deal.visitor, consultant=morning.second, arrived_at=morning.now)
    offered = Consultation.objects.create(
        visit=visit,
        visitor=deal.visitor,
        consultant=morning.second,
        branch=morning.branch,
        day=visit.day,
        state=how,
        offered_at=morning.now,
        decline_reason="忙" if how == "declined" else "",
    )
    seen = deals_seen_by(morning.second).filter(pk=deal.pk)
    assert not seen.exists()
    offered.state, offered.accepted_at, offered.decline_reason = "accepted", morning.now, ""
    offered.save()
    assert seen.exists()
