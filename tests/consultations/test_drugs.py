"""Doses: several sites a session, never changed, corrected by an entry; a batch is traced to its visitors."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.drugs import DRUGS
from consultations.models import Drug, DrugUse, Treatment
from consultations.selectors.drugs import given_in, given_of_batch, uses_of
from consultations.selectors.treatments import course_of, without_drug
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import codes, go, treatment_of
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


def injected(morning: Morning) -> Treatment:
    """Return an injection that is done, its result seen."""
    treatment = go(begun(morning), "done", by=morning.doctor, now=morning.now)
    return services.note_result_seen(treatment=treatment, staff=morning.doctor, now=morning.now)


def test_who_was_injected_does_not_go_home_without_a_dose(morning: Morning) -> None:
    treatment = injected(morning)
    use = give(morning, treatment)
    services.correct_drug_use(use=use, reason="没打", nothing_given=True, staff=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="unready") as refused:
        go(treatment, "discharged", by=morning.doctor, now=morning.now)
    assert codes(refused) == ["no_dose"]
    give(morning, treatment)
    assert go(treatment, "discharged", by=morning.doctor, now=morning.now).stage == "discharged"


def without(morning: Morning, treatment: Treatment, staff: Staff, reason: str = "线雕，未用药") -> Treatment:
    return services.advance_treatment(
        treatment=treatment, stage="discharged", no_drug_reason=reason, staff=staff, now=morning.now
    )


def test_or_a_nurse_says_why_nothing_was_given(morning: Morning, staff_with: MakeStaff) -> None:
    treatment, nurse = injected(morning), staff_with(Role.NURSE, display_name="孙护士")
    refused: list[dict[str, Any]] = [{"staff": staff_with(Role.DEPARTMENT_DESK)}, {"staff": nurse, "reason": "  "}]
    for said in refused:
        with pytest.raises(Refused, match="unready"):
            without(morning, treatment, **said)
    treatment = without(morning, treatment, nurse)
    assert treatment.stage == "discharged"
    entry = treatment.course.order_by("-id")[0]
    assert (entry.sort, entry.reason, entry.by) == ("step", "线雕，未用药", nurse)
    assert without_drug(treatment, course_of(treatment)) == entry
    told = AuditEntry.objects.filter(action="consultations.advance_treatment").latest("pk")
    assert told.detail["reason"] == "线雕，未用药"


def test_what_was_given_is_not_said_away(morning: Morning) -> None:
    treatment = injected(morning)
    give(morning, treatment)
    assert without(morning, treatment, morning.doctor).course.order_by("-id")[0].reason == ""


def test_the_result_is_seen_all_the_same(morning: Morning) -> None:
    treatment = go(begun(morning), "done", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="unready") as refused:
        without(morning, treatment, morning.doctor)
    assert codes(refused) == ["result_unseen"]


def test_the_giver_is_the_doctor_the_nurse_who_assists_or_who_writes(morning: Morning, staff_with: MakeStaff) -> None:
    assistant, other, stranger = staff_with(Role.NURSE), staff_with(Role.NURSE), staff_with(Role.DOCTOR)
    treatment = begun(morning)
    Treatment.objects.filter(pk=treatment.pk).update(assistant=assistant)
    assert give(morning, treatment, "眉间").given_by == morning.doctor
    for giver in (morning.doctor, assistant):
        assert give(morning, treatment, staff=other, given_by=giver).given_by == giver
    assert give(morning, treatment, staff=other, given_by=other).given_by == other
    with pytest.raises(Refused, match="giver"):
        give(morning, treatment, staff=other, given_by=stranger)
    Treatment.objects.filter(pk=treatment.pk).update(assistant=staff_with(Role.BEAUTICIAN, display_name="美容师"))
    beautician = Treatment.objects.get(pk=treatment.pk).assistant
    with pytest.raises(Refused, match="giver"):
        give(morning, treatment, given_by=beautician)


def test_the_page_asks_who_gave_it_and_why_nothing_was(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    treatment, nurse = injected(morning), staff_with(Role.NURSE, display_name="孙护士")
    client, desk = client_as(nurse), client_as(staff_with(Role.DEPARTMENT_DESK))
    page = reverse("consultations:treatment", args=[treatment.pk])
    for reader in (client, desk):
        assert "write down drug, batch, dose and site" in reader.get(page).text
    assert 'name="no_drug_reason"' in client.get(page).text and 'name="no_drug_reason"' not in desk.get(page).text
    dose = {"drug": toxin().pk, "batch": "C1", "dose": "5", "site": "额部"}
    address = reverse("consultations:treatment_drug_use", args=[treatment.pk])
    assert client.post(address, dose | {"given_by": staff_with(Role.NURSE).pk}).status_code == 422
    assert client.post(address, dose | {"given_by": nurse.pk}).status_code == 302
    assert DrugUse.objects.get().given_by == nurse
    assert 'name="no_drug_reason"' not in client.get(page).text


def test_the_page_says_why_nothing_was_given(morning: Morning, client_as: MakeClient, staff_with: MakeStaff) -> None:
    treatment, client = injected(morning), client_as(staff_with(Role.NURSE, display_name="孙护士"))
    answer = client.post(
        reverse("consultations:treatment_stage", args=[treatment.pk]),
        {"stage": "discharged", "version": treatment.version, "no_drug_reason": "线雕，未用药"},
        headers={"HX-Request": "true", "HX-Target": "treatment-work"},
    )
    assert answer.status_code == 200 and "线雕，未用药" in answer.text
