"""Doses: several sites a session, never changed, corrected by an entry; a batch is traced to its visitors."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Department
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.drugs import DRUGS
from consultations.models import Drug, DrugUse, Treatment
from consultations.selectors.drugs import given_in, given_of_batch, uses_of
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, treatment_of
from tests.factories.consultations import TreatmentFactory
from tests.factories.treatments import DrugUseFactory

pytestmark = pytest.mark.django_db


def toxin() -> Drug:
    return Drug.objects.get(code="botulinum-toxin")


def begun(morning: Morning) -> Treatment:
    return go(treatment_of(morning, Department.Kind.NON_INVASIVE), "arrived", by=morning.doctor, now=morning.now)


def give(morning: Morning, treatment: Treatment, site: str = "额部", **said: object) -> DrugUse:
    given = {"drug": toxin(), "batch": "c 3709", "dose": Decimal("12.5"), "site": site, "staff": morning.doctor}
    return services.record_drug_use(treatment=treatment, now=morning.now, **(given | said))  # type: ignore[arg-type]


def test_a_hospital_begins_with_drugs() -> None:
    assert [drug.code for drug in Drug.objects.all()] == [one.code for one in DRUGS]
    services.ensure_drugs()
    assert Drug.objects.count() == len(DRUGS)


def test_several_sites_of_one_session(morning: Morning) -> None:
    treatment = begun(morning)
    for site in ("额部", "眉间", "鱼尾纹"):
        give(morning, treatment, site)
    uses = uses_of(treatment)
    assert [str(use) for use in uses] == ["12.5 U"] * 3
    assert {use.batch for use in uses} == {"C3709"}
    assert {use.given_by for use in uses} == {morning.doctor}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"dose": Decimal(0)}, "dose_not_positive"),
        ({"batch": "  "}, "dose_incomplete"),
        ({"site": " "}, "dose_incomplete"),
    ],
)
def test_a_dose_is_whole_or_refused(morning: Morning, said: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        give(morning, begun(morning), **said)  # type: ignore[arg-type]


def test_nothing_is_given_before_she_is_here_or_by_a_desk(morning: Morning, staff_with: MakeStaff) -> None:
    with pytest.raises(Refused, match="not_begun"):
        give(morning, treatment_of(morning))
    with pytest.raises(Refused, match="not_yours"):
        give(morning, begun(morning), staff=staff_with(Role.DEPARTMENT_DESK))
    with pytest.raises(Refused, match="not_yours"):
        give(morning, begun(morning), staff=staff_with(Role.BEAUTICIAN))
    services.set_drug_in_use(drug=toxin(), active=False, staff=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="drug_not_used"):
        give(morning, treatment_of(morning, Department.Kind.LASER))


def test_a_mistake_is_an_entry_that_names_it(morning: Morning) -> None:
    treatment = begun(morning)
    wrong, other = give(morning, treatment), give(morning, treatment, "眉间")
    common = {"staff": morning.doctor, "now": morning.now}
    with pytest.raises(Refused, match="reason_missing"):
        services.correct_drug_use(use=wrong, reason=" ", dose=Decimal(10), **common)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="nothing_changed"):
        services.correct_drug_use(use=wrong, reason="x", dose=Decimal("12.50"), **common)  # type: ignore[arg-type]
    right = services.correct_drug_use(use=wrong, reason="记错", dose=Decimal(10), **common)  # type: ignore[arg-type]
    assert (right.corrects, str(right), right.site) == (wrong, "10 U", "额部")
    with pytest.raises(Stale, match="already_corrected"):
        services.correct_drug_use(use=wrong, reason="x", dose=Decimal(9), **common)  # type: ignore[arg-type]
    none = services.correct_drug_use(use=other, reason="没打", nothing_given=True, **common)  # type: ignore[arg-type]
    assert given_in(uses_of(treatment)) == [right]
    assert list(given_of_batch(morning.doctor, "C3709")) == [right]
    assert none.nothing_given


def test_what_was_given_is_not_cancelled_away(morning: Morning) -> None:
    treatment = begun(morning)
    use = give(morning, treatment)
    common: dict[str, Any] = {"treatment": treatment, "reason": "x", "now": morning.now}
    with pytest.raises(Refused, match="done_already"):
        services.cancel_treatment(staff=morning.doctor, **common)
    services.correct_drug_use(use=use, reason="没打", nothing_given=True, staff=morning.doctor, now=morning.now)
    services.cancel_treatment(staff=morning.doctor, **common)
    assert Treatment.objects.get().state == Treatment.State.CANCELLED


def test_the_head_of_the_department_cancels_what_was_broken_off(morning: Morning) -> None:
    treatment = begun(morning)
    give(morning, treatment)
    department = treatment.project.department
    department.head = morning.doctor
    department.save()
    treatment = Treatment.objects.get()
    services.cancel_treatment(treatment=treatment, reason="过敏", staff=morning.doctor, now=morning.now)
    assert len(given_in(uses_of(treatment))) == 1


def test_what_was_given_is_never_changed(morning: Morning) -> None:
    use = give(morning, begun(morning))
    for change in (lambda: DrugUse.objects.filter(pk=use.pk).update(dose=1), use.delete):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            change()


@pytest.mark.parametrize("rows", [1, 50])
def test_a_batch_leads_to_its_visitors(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows):
        treatment = TreatmentFactory.create(doctor=morning.doctor)
        DrugUseFactory.create(treatment=treatment, drug=toxin())
    client = client_as(Role.CONSULTING_SUPERVISOR)
    address = reverse("consultations:batches")
    assert treatment.visitor.name not in client.post(address, {"batch": "C37"}).content.decode()
    with django_assert_num_queries(7):
        page = client.post(address, {"batch": " c3709 "}).content.decode()
    assert page.count('<th scope="row">') == rows
    assert treatment.visitor.name in page
    assert "138****" in page and "1380000" not in page
    assert AuditEntry.objects.filter(action="consultations.trace_batch").count() == 2
    assert client_as(Role.NURSE).post(address, {"batch": "C3709"}).status_code == 403


def test_managers_keep_the_list_of_drugs(client_as: MakeClient, morning: Morning) -> None:
    client, address = client_as(Role.MANAGER), reverse("consultations:drugs")
    new = {"name": "新药<b>", "name_en": "New drug", "unit": "mg"}
    assert client.post(address, new).status_code == 302
    again = client.post(address, new)
    assert again.status_code == 422
    assert "There is a drug of that name already" in again.content.decode()
    assert client.post(address, {"name": "x"}).status_code == 422
    drug = Drug.objects.get(code="new-drug")
    client.post(reverse("consultations:drug_in_use", args=[drug.pk]), {"active": "no"})
    drug.refresh_from_db()
    assert not drug.active
    page = client.get(address).content.decode()
    assert "新药&lt;b&gt;" in page and "Use again" in page


def test_a_dose_that_is_sent_twice_is_one_dose(morning: Morning) -> None:
    treatment, key = begun(morning), uuid4()
    first = give(morning, treatment, request_key=key)
    assert give(morning, treatment, request_key=key, dose=Decimal("12.50")) == first
    assert DrugUse.objects.count() == 1
    with pytest.raises(Stale, match="request_used"):
        give(morning, treatment, "眉间", request_key=key)
    give(morning, treatment, "眉间", request_key=uuid4())
    assert DrugUse.objects.count() == 2
