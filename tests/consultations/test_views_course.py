"""The screens of a treatment at work: its page, the list, the guide's, the laboratory's, and notices."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Department
from clinic.roles import Role
from consultations import services
from consultations.models import Drug, DrugUse, SignedForm, Treatment, TreatmentNotice, TreatmentStep
from consultations.selectors.packages import lines_of
from consultations.selectors.treatments import unseen_results
from consultations.stages import BEFORE_DONE
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, treatment_of
from tests.factories.consultations import TreatmentFactory, VisitorFactory
from tests.factories.treatments import DrugUseFactory, StepFactory, make_package, make_ready

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 11)


def post(client: Client, name: str, pk: int, target: str = "treatment-work", **said: Any) -> Any:
    headers = {"HX-Request": "true", "HX-Target": target}
    return client.post(reverse(f"consultations:{name}", args=[pk]), said, headers=headers)


def page(client: Client, treatment: Treatment) -> str:
    return client.get(reverse("consultations:treatment", args=[treatment.pk])).content.decode()


def test_an_injection_from_the_door_to_the_door(morning: Morning, client_as: MakeClient, staff_with: MakeStaff) -> None:
    nurse, doctor = client_as(staff_with(Role.NURSE)), client_as(morning.doctor)
    treatment = TreatmentFactory.create(
        doctor=morning.doctor,
        project=treatment_of(morning, Department.Kind.NON_INVASIVE).project,
        treated_on=TODAY,
        visitor=VisitorFactory.create(name="O'Brien <b>", registered_in=morning.branch),
    )
    pk = treatment.pk
    assert "Missing before" in page(nurse, treatment)
    assert post(doctor, "treatment_order", pk, version=1).status_code == 200
    for kind in ("treatment", "photographs"):
        signed = post(nurse, "treatment_papers", pk, target="papers", kind=kind, answer="signed", seen=0)
        assert signed.status_code == 200
    assert post(nurse, "treatment_stage", pk, stage="arrived", version=2).status_code == 200
    tests = post(nurse, "treatment_step", pk, kind="tests_2").content.decode()
    assert "back by 11:10" in tests
    step = TreatmentStep.objects.get(treatment=pk)
    assert post(nurse, "step_result", step.pk, result="normal").status_code == 200
    assert post(nurse, "treatment_numbing", pk, minutes="20").status_code == 422
    assert post(nurse, "treatment_stage", pk, stage="arrived", version=2).status_code == 409
    begun = post(nurse, "treatment_stage", pk, stage="in_theatre", version=3, room="3", expected_minutes="15")
    assert "of about 15 min" in begun.content.decode()
    given = post(
        doctor,
        "treatment_drug_use",
        pk,
        drug=Drug.objects.get(code="botulinum-toxin").pk,
        batch="C3709",
        dose="２０",
        site="额部",
    )
    assert "20 U" in given.content.decode()
    use = DrugUse.objects.get(treatment=pk)
    wrong = post(doctor, "drug_use_correct", use.pk, dose="-1", reason="写错")
    assert wrong.status_code == 422 and "Dose: Ensure this value is greater" in wrong.content.decode()
    assert post(doctor, "treatment_stage", pk, stage="done", version=4).status_code == 200
    early = post(nurse, "treatment_stage", pk, stage="discharged", version=5)
    assert early.status_code == 422 and "has to see the result first" in early.content.decode()
    assert post(doctor, "treatment_result_seen", pk, version=5).status_code == 200
    told = post(nurse, "treatment_hand_over", pk, hand_over="八折，尾款未付", version=6).content.decode()
    assert "八折，尾款未付" in told and "额部" in told
    home = post(nurse, "treatment_stage", pk, stage="discharged", version=7).content.decode()
    assert "Discharged" in home
    undone = post(nurse, "treatment_stage_undo", pk, version=8)
    assert undone.status_code == 200
    treatment.refresh_from_db()
    assert treatment.stage == "done"
    assert "O&#x27;Brien &lt;b&gt;" in page(nurse, treatment)


def test_what_cannot_be_read_is_said_and_changes_nothing(morning: Morning, client_as: MakeClient) -> None:
    treatment = go(treatment_of(morning), "arrived", by=morning.doctor, now=morning.now)
    client = client_as(morning.doctor)
    for name, said in (
        ("treatment_stage", {"stage": "asleep"}),
        ("treatment_stage", {"stage": "preparing", "expected_minutes": "-1"}),
        ("treatment_stage_correct", {"stage": "ordered"}),
        ("treatment_step", {"kind": "blood"}),
        ("treatment_drug_use", {"dose": "viel", "batch": "x" * 41}),
        ("treatment_next_visit", {"next_visit_on": "2026-02-30"}),
        ("treatment_complication", {"complication": ""}),
        ("treatment_hand_over", {"hand_over": "x" * 301}),
    ):
        answer = post(client, name, treatment.pk, **said)
        assert answer.status_code == 422, name
        assert answer["HX-Retarget"] == "#messages", name
    for minutes in ("-5", "99999", "bald"):
        answer = post(client, "treatment_stage", treatment.pk, stage="in_theatre", expected_minutes=minutes)
        assert "How long, in minutes: A whole number from 1 to 1440." in answer.content.decode(), minutes
    treatment.refresh_from_db()
    assert treatment.version == 2


def test_put_back_with_a_reason_and_it_stands_there(morning: Morning, client_as: MakeClient) -> None:
    treatment = go(treatment_of(morning), "arrived", "preparing", by=morning.doctor, now=morning.now)
    answer = post(
        client_as(morning.doctor), "treatment_stage_correct", treatment.pk, stage="ordered", reason="点错", version="3"
    )
    assert "点错" in answer.content.decode()


def test_the_list_of_results_to_see_and_the_page_agree(morning: Morning, client_as: MakeClient) -> None:
    treatment, client = treatment_of(morning, Department.Kind.NON_INVASIVE), client_as(morning.doctor)
    asked = {}
    for stage in ("arrived", "in_theatre", "done", "observed", "discharged"):
        fields = {"state": "planned" if stage in BEFORE_DONE else "done", "stage": stage}
        Treatment.objects.filter(pk=treatment.pk).update(**fields)
        listed = [one.pk for one in unseen_results(morning.doctor, TODAY)] == [treatment.pk]
        drawn = page(client, treatment)
        assert listed is ('id="result-seen"' in drawn), stage
        asked[stage] = listed
    assert [stage for stage, listed in asked.items() if listed] == ["done", "observed"]


def test_a_complication_is_red_on_every_head(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    treatment = make_ready(
        TreatmentFactory.create(doctor=morning.doctor, visitor=consultation.visitor, treated_on=TODAY)
    )
    treatment = go(treatment, "arrived", "preparing", "in_theatre", by=morning.doctor, now=morning.now)
    post(client_as(morning.doctor), "treatment_complication", treatment.pk, complication="血肿<b>", version="4")
    hers = client_as(morning.first)
    for address in (
        reverse("consultations:consultation", args=[consultation.pk]),
        reverse("reception:visitor_story", args=[consultation.visitor_id]),
    ):
        assert "血肿&lt;b&gt;" in hers.get(address).content.decode(), address
    notice = client_as(morning.doctor).get(reverse("consultations:treatment_notice")).content.decode()
    assert "血肿&lt;b&gt;" in notice


def test_the_balance_of_a_package_stands_where_the_treatment_stands(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    line = make_package(consultation, morning.nose)
    consultation.visitor.owner = morning.first
    consultation.visitor.save()
    client = client_as(morning.first)
    new = reverse("consultations:treatment_new", args=[consultation.visitor_id])
    assert "3 of 3 sessions left" in client.get(new).content.decode()
    given = {"project": morning.nose.pk, "doctor": morning.doctor.pk, "state": "planned", "deal_line": line.pk}
    for day in ("2026-03-12", "2026-04-12", "2026-05-12"):
        assert client.post(new, given | {"treated_on": day}).status_code == 302
    treatment = Treatment.objects.get(session=2)
    text = page(client, treatment)
    assert "session 2 of 3" in text and "0 left" in text
    upcoming = client.get(reverse("consultations:treatments"), {"tab": "upcoming"}).content.decode()
    assert "session 3 of 3" in upcoming
    story = client.get(reverse("reception:visitor_story", args=[consultation.visitor_id])).content.decode()
    assert "session 1 of 3" in story
    assert client.post(new, given | {"treated_on": "2026-06-12"}).status_code == 422, "it is not offered any more"


def test_a_used_up_package_is_explained_beside_the_form(
    morning: Morning, client_as: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    consultation = morning.enter(morning.arrive())
    line = make_package(consultation, morning.nose, sessions=1)
    client = client_as(morning.first)
    given = {"project": morning.nose.pk, "doctor": morning.doctor.pk, "state": "planned", "deal_line": line.pk}
    new = reverse("consultations:treatment_new", args=[consultation.visitor_id])
    assert client.post(new, given | {"treated_on": "2026-03-12"}).status_code == 302
    further = given | {"treated_on": "2026-03-13", "notes": "kept"}
    answer = client.post(new, further)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_deal_line_error"' in text and 'value="kept"' in text
    # The last session was still left when the form was looked at, and is not when it is filed.
    monkeypatch.setattr("consultations.views.treatments.open_lines", lines_of)
    answer = client.post(new, further)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f"All 1 sessions of {morning.nose} are used" in text and 'value="kept"' in text
    assert Treatment.objects.count() == 1


def test_a_package_of_another_project_is_explained_beside_the_form(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    line = make_package(consultation, morning.nose, sessions=1)
    given = {"project": morning.eyes.pk, "doctor": morning.doctor.pk, "state": "planned", "deal_line": line.pk}
    new = reverse("consultations:treatment_new", args=[consultation.visitor_id])
    answer = client_as(morning.first).post(new, given | {"treated_on": "2026-03-12", "notes": "kept"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This package is for" in text and 'value="kept"' in text


def test_only_who_sees_amounts_sees_that_a_deposit_was_paid(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    consultation.visitor.owner = morning.first
    consultation.visitor.save()
    line = make_package(consultation, morning.nose, kind="deposit")
    treatment = TreatmentFactory.create(
        doctor=morning.doctor, visitor=consultation.visitor, project=morning.nose, deal_line=line, session=1
    )
    assert "deposit only" in page(client_as(morning.first), treatment)
    assert "deposit only" not in page(client_as(morning.doctor), treatment)


def test_a_row_of_the_list_goes_on(morning: Morning, client_as: MakeClient) -> None:
    treatment = treatment_of(morning)
    client = client_as(morning.doctor)
    answer = post(client, "treatment_stage", treatment.pk, "treatments", stage="arrived", version="1")
    text = answer.content.decode()
    assert 'id="treatments"' in text and "Arrived" in text and 'value="preparing"' in text


def test_the_guide_brings_and_sees_what_is_due(morning: Morning, client_as: MakeClient, staff_with: MakeStaff) -> None:
    treatment = treatment_of(morning)
    client = client_as(Role.ASSISTANT)
    where = reverse("consultations:guide")
    assert treatment.visitor.name in client.get(where).content.decode()
    answer = post(client, "treatment_stage", treatment.pk, "where", stage="arrived", version="1")
    assert 'id="where"' in answer.content.decode()
    step = services.order_step(treatment=treatment, kind="tests_1", staff=morning.doctor, now=morning.now)
    assert "back by 10:45" in client.get(where).content.decode()
    due = reverse("consultations:due_notice")
    assert "Should be back" not in client.get(due).content.decode()
    TreatmentStep.objects.filter(pk=step.pk).update(expected_at=morning.now - timedelta(minutes=2))
    assert "Should be back" in client.get(due).content.decode()
    assert client_as(Role.NURSE).get(where).status_code == 403
    assert client.get(reverse("consultations:treatment", args=[treatment.pk])).status_code == 403


def test_the_laboratory_answers_and_the_doctor_is_told(morning: Morning, client_as: MakeClient) -> None:
    treatment = treatment_of(morning)
    step = services.order_step(treatment=treatment, kind="tests_2", staff=morning.doctor, now=morning.now)
    client = client_as(Role.LABORATORY)
    assert treatment.visitor.name in client.get(reverse("consultations:laboratory")).content.decode()
    assert client.get(reverse("consultations:laboratory_count")).content == b"1"
    silent = post(client, "step_result", step.pk, "tests", result="abnormal", words=" ")
    assert silent.status_code == 422 and "the doctor reads it" in silent.content.decode()
    said = post(client, "step_result", step.pk, "tests", result="abnormal", words="血小板低<b>")
    assert "血小板低&lt;b&gt;" in said.content.decode()
    register = reverse("consultations:abnormal")
    assert "血小板低" in client.get(register).content.decode()
    doctor = client_as(morning.doctor)
    assert "血小板低" in doctor.get(register).content.decode()
    assert "血小板低" not in client_as(Role.DOCTOR).get(register).content.decode()
    notice = TreatmentNotice.objects.get(staff=morning.doctor)
    assert "血小板低" in doctor.get(reverse("consultations:treatment_notice")).content.decode()
    others = client_as(Role.DOCTOR).post(reverse("consultations:treatment_notice_seen", args=[notice.pk]))
    assert others.status_code == 404
    left = doctor.post(reverse("consultations:treatment_notice_seen", args=[notice.pk]))
    assert "血小板低" not in left.content.decode()
    again = post(doctor, "step_retest", step.pk)
    assert "repeated" in again.content.decode()


def test_a_colleague_of_another_department_finds_nothing(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    treatment = treatment_of(morning)
    step = StepFactory.create(treatment=treatment)
    laser = Department.objects.get(branch=morning.branch, kind=Department.Kind.LASER)
    client = client_as(staff_with(Role.NURSE, department=laser))
    for name, pk in (("treatment_stage", treatment.pk), ("treatment_papers", treatment.pk), ("step_result", step.pk)):
        assert post(client, name, pk, stage="arrived", kind="treatment", answer="signed").status_code == 404
    assert not SignedForm.objects.filter(treatment=treatment, staff=client.staff).exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize("rows", [1, 50])
def test_the_page_of_a_treatment_costs_the_same(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    treatment = go(treatment_of(morning, Department.Kind.NON_INVASIVE), "arrived", by=morning.doctor, now=morning.now)
    drug = Drug.objects.earliest("pk")
    for _number in range(rows):
        StepFactory.create(treatment=treatment, kind="other", result="done", result_at=morning.now, note="卸妆")
        DrugUseFactory.create(treatment=treatment, drug=drug)
    TreatmentStep.objects.update(result_by=morning.doctor)
    client = client_as(morning.doctor)
    client.get(reverse("consultations:treatment", args=[treatment.pk]))
    with django_assert_num_queries(19):
        client.get(reverse("consultations:treatment", args=[treatment.pk]))
    with django_assert_num_queries(12):
        client.get(reverse("consultations:treatment_work", args=[treatment.pk]))


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(
    ("role", "name", "queries"),
    [
        (Role.ASSISTANT, "guide", 6),
        (Role.ASSISTANT, "due_notice", 3),
        (Role.LABORATORY, "laboratory", 4),
        (Role.LABORATORY, "laboratory_count", 3),
        (Role.CONSULTING_SUPERVISOR, "abnormal", 4),
        (Role.DOCTOR, "treatment_notice", 3),
    ],
)
def test_the_lists_cost_the_same(
    morning: Morning,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    role: Role,
    name: str,
    queries: int,
    rows: int,
) -> None:
    client = client_as(role)
    for _number in range(rows):
        treatment = go(
            TreatmentFactory.create(doctor=morning.doctor, treated_on=TODAY),
            "arrived",
            by=morning.doctor,
            now=morning.now,
        )
        late = StepFactory.create(treatment=treatment, expected_at=morning.now - timedelta(minutes=2))
        bad = StepFactory.create(
            treatment=treatment,
            kind="tests_2",
            result="abnormal",
            words="低",
            result_at=morning.now,
            result_by=morning.doctor,
        )
        StepFactory.create(treatment=treatment, kind="tests_2", retest_of=bad, ordered_at=morning.now)
        TreatmentNotice.objects.create(
            staff=client.staff,  # type: ignore[attr-defined]
            treatment=treatment,
            step=late,
            kind="abnormal",
            at=morning.now,
        )
        TreatmentFactory.create(doctor=morning.doctor, treated_on=TODAY)
    address = reverse(f"consultations:{name}")
    client.get(address)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200
