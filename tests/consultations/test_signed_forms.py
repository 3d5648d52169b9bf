"""Which forms a treatment needs, what a visitor signed or refused, and what is missing before it may begin (核对)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Department, Project
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import FormNeed, SignedForm, Treatment
from consultations.selectors.form_needs import needs_of
from consultations.selectors.readiness import missing_before
from reception import services as reception
from reception.models import Visitor
from reception.selectors.visitors import latest_history_id
from reception.services.consents import ensure_consent_texts
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import ProjectFactory, TreatmentFactory, make_deal

pytestmark = pytest.mark.django_db
Kind = SignedForm.Kind
CARD = {"birth_year": 1996}


@pytest.fixture
def treatment(morning: Morning) -> Treatment:
    """An operation that a doctor planned for a visitor whose card is filled in."""
    visitor = morning.register("曾小美")
    Visitor.objects.filter(pk=visitor.pk).update(**CARD)
    made: Treatment = TreatmentFactory.create(
        doctor=morning.doctor, project=morning.nose, visitor=visitor, ordered_by=morning.doctor
    )
    return again(made)


def again(treatment: Treatment) -> Treatment:
    return Treatment.objects.select_related("visitor", "project__department", "recorded_by").get(pk=treatment.pk)


def note(
    morning: Morning, treatment: Treatment, kind: str = "treatment", answer: str = "signed", **more: Any
) -> SignedForm:
    more.setdefault("now", morning.now)
    return services.note_signed_form(
        visitor=treatment.visitor, treatment=treatment, kind=kind, answer=answer, staff=morning.doctor, **more
    )


def codes(treatment: Treatment) -> list[str]:
    return [one.code.replace("_", " ") if one.form else one.code for one in missing_before(again(treatment))]


def project_of(morning: Morning, kind: str, code: str) -> Project:
    department = Department.objects.get(branch=morning.branch, kind=kind)
    made: Project = ProjectFactory.create(department=department, code=code)
    return made


# --- which forms ---


@pytest.mark.parametrize(
    ("department", "code", "needed"),
    [
        ("surgery", "rhinoplasty", ("treatment", "anaesthesia", "photographs")),
        ("laser", "hair-removal", ("treatment", "photographs")),
        ("non_invasive", "hyaluronic-filler", ("treatment", "photographs")),
        ("non_invasive", "botulinum-face", ("treatment", "photographs", "no_pregnancy")),
        ("reception", "something", ()),
    ],
)
def test_what_a_hospital_begins_with(morning: Morning, department: str, code: str, needed: tuple[str, ...]) -> None:
    project = project_of(morning, department, code)
    assert needs_of([project]) == {project.pk: needed}


def test_a_list_of_its_own_goes_before_the_departments(morning: Morning, staff_with: MakeStaff) -> None:
    manager, now = staff_with(Role.MANAGER), morning.now
    surgery = morning.nose.department
    botulinum = project_of(morning, "non_invasive", "botulinum-calf")
    services.write_form_needs(thing=surgery, kinds=["treatment"], staff=manager, now=now)
    services.write_form_needs(thing=morning.eyes, kinds=["photographs", "anaesthesia"], staff=manager, now=now)
    services.write_form_needs(thing=botulinum.department, kinds=["treatment"], staff=manager, now=now)
    assert needs_of([morning.nose, morning.eyes, botulinum]) == {
        morning.nose.pk: ("treatment",),
        morning.eyes.pk: ("anaesthesia", "photographs"),
        botulinum.pk: ("treatment", "no_pregnancy"),
    }
    services.write_form_needs(thing=botulinum, kinds=[], staff=manager, now=now)
    services.write_form_needs(thing=surgery, kinds=None, staff=manager, now=now)
    assert needs_of([morning.nose, botulinum]) == {
        morning.nose.pk: ("treatment", "anaesthesia", "photographs"),
        botulinum.pk: (),
    }
    with pytest.raises(Refused, match="form_unclear"):
        services.write_form_needs(thing=surgery, kinds=["discharge"], staff=manager, now=now)


def test_the_database_keeps_a_list_of_one_thing(morning: Morning) -> None:
    for both in ({}, {"project": morning.nose, "department": morning.nose.department}):
        with pytest.raises(DatabaseError), transaction.atomic():
            FormNeed.objects.create(kinds=[], **both)


def test_a_manager_writes_the_list_beside_the_project(morning: Morning, client_as: MakeClient) -> None:
    client = client_as(Role.MANAGER)
    page = client.get(reverse("clinic:project_edit", args=[morning.nose.pk])).content.decode()
    address = reverse("consultations:project_forms", args=[morning.nose.pk])
    assert address in page
    part = client.get(address, headers={"HX-Request": "true"})
    seen = part.context["form"]["seen"].value()
    given = {"own": "own", "kinds": ["treatment"], "seen": seen}
    saved = client.post(address, given, headers={"HX-Request": "true"})
    assert saved.status_code == 200 and "Saved" in saved.content.decode()
    assert needs_of([morning.nose])[morning.nose.pk] == ("treatment",)
    # From the same page, drawn before: what was ticked is kept, and nothing is overwritten in silence.
    stale = client.post(address, given | {"kinds": ["photographs"]}, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert "Forms to be signed" in stale.content.decode()
    assert needs_of([morning.nose])[morning.nose.pk] == ("treatment",)
    assert client.post(address, {"own": "own", "kinds": ["no such form"]}).status_code == 422
    assert client.post(address, {"own": "usual", "seen": ""}).status_code == 302
    assert needs_of([morning.nose])[morning.nose.pk] == ("treatment", "anaesthesia", "photographs")


def test_a_department_has_a_list_too_and_only_managers_write_it(
    morning: Morning, client_as: MakeClient, other_branch: Any
) -> None:
    surgery = morning.nose.department
    address = reverse("consultations:department_forms", args=[surgery.pk])
    client = client_as(Role.MANAGER)
    assert address in client.get(reverse("clinic:department", args=[surgery.pk])).content.decode()
    assert client.post(address, {"own": "own", "kinds": [], "seen": "0"}).status_code == 302
    assert needs_of([morning.nose])[morning.nose.pk] == ()
    assert client_as(morning.doctor).get(address).status_code == 403
    theirs = Department.objects.get(branch=other_branch, kind=Department.Kind.SURGERY)
    assert client.get(reverse("consultations:department_forms", args=[theirs.pk])).status_code == 404


# --- the check before it begins ---


def test_a_new_treatment_lacks_its_forms_and_nothing_else(treatment: Treatment) -> None:
    assert codes(treatment) == ["unsigned treatment", "unsigned anaesthesia", "unsigned photographs"]
    assert all(one.sentence.endswith(".") for one in missing_before(again(treatment)))


def test_signed_forms_let_it_begin(morning: Morning, treatment: Treatment) -> None:
    for kind in ("treatment", "anaesthesia", "photographs"):
        note(morning, treatment, kind)
    assert codes(treatment) == []


def test_refused_photographs_are_done_a_refused_operation_is_not(morning: Morning, treatment: Treatment) -> None:
    note(morning, treatment, "photographs", "refused")
    note(morning, treatment, "anaesthesia")
    note(morning, treatment, "treatment", "refused")
    assert codes(treatment) == ["refused treatment"]
    note(morning, treatment, "treatment", "signed")
    assert codes(treatment) == []


@pytest.mark.parametrize("answer", ["given", "refused"])
def test_what_she_said_of_photographs_at_the_desk_is_not_asked_twice(
    morning: Morning, treatment: Treatment, answer: str
) -> None:
    ensure_consent_texts(now=morning.now)
    reception.record_consents(
        visitor=treatment.visitor, answers={"photographs": answer}, staff=morning.clerk, now=morning.now
    )
    assert codes(treatment) == ["unsigned treatment", "unsigned anaesthesia"]


def test_forms_of_another_treatment_do_not_count(morning: Morning, treatment: Treatment) -> None:
    later = TreatmentFactory.create(
        doctor=morning.doctor,
        project=morning.nose,
        visitor=treatment.visitor,
        treated_on=treatment.treated_on + timedelta(days=9),
    )
    note(morning, again(later))
    assert "unsigned treatment" in codes(treatment)
    assert "unsigned treatment" not in codes(later)


def test_forms_signed_in_the_consultation_count_for_what_is_filed_from_it(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive("曾小美"))
    for kind in ("treatment", "photographs"):
        services.note_signed_form(
            visitor=consultation.visitor,
            consultation=consultation,
            project=morning.nose,
            kind=kind,
            answer="signed",
            staff=morning.first,
            now=morning.now,
        )
    nose, eyes = (
        TreatmentFactory.create(
            doctor=morning.doctor,
            project=project,
            visitor=consultation.visitor,
            consultation=consultation,
            ordered_by=morning.first,
        )
        for project in (morning.nose, morning.eyes)
    )
    assert codes(nose) == ["no_file", "unsigned anaesthesia"]
    assert codes(eyes) == ["no_file", "unsigned treatment", "unsigned anaesthesia", "unsigned photographs"]


@pytest.mark.parametrize(
    "card",
    [
        {"card_declined": True},
        {"birth_year": 1990},
        {"occupation": "教师"},
        {"medical_notes": "青霉素过敏"},
        {"wishes": "自然"},
    ],
)
def test_a_card_is_filled_in_or_declined(treatment: Treatment, card: dict[str, Any]) -> None:
    Visitor.objects.filter(pk=treatment.visitor_id).update(birth_year=None)
    assert "no_file" in codes(treatment)
    Visitor.objects.filter(pk=treatment.visitor_id).update(**card)
    assert "no_file" not in codes(treatment)


def test_an_order_is_a_deal_or_a_doctors_word(morning: Morning, treatment: Treatment) -> None:
    Treatment.objects.filter(pk=treatment.pk).update(ordered_by=None)
    assert codes(treatment)[0] == "no_order"
    services.order_treatment(treatment=again(treatment), staff=morning.doctor, now=morning.now)
    assert "no_order" not in codes(treatment)
    Treatment.objects.filter(pk=treatment.pk).update(ordered_by=None)
    consultation = morning.enter(morning.arrive(treatment.visitor))
    make_deal(consultation, projects=[morning.eyes])
    assert codes(treatment)[0] == "no_order", "a deal on something else is none"
    make_deal(consultation, projects=[morning.nose])
    assert "no_order" not in codes(treatment)


def test_a_merged_visitors_forms_and_deals_still_count(
    morning: Morning, treatment: Treatment, staff_with: MakeStaff
) -> None:
    note(morning, treatment)
    note(morning, treatment, "anaesthesia")
    note(morning, treatment, "photographs", "refused")
    survivor = morning.register("曾小美")
    Visitor.objects.filter(pk=survivor.pk).update(**CARD)
    seen = {one.pk: latest_history_id(one) for one in (survivor, treatment.visitor)}
    reception.merge_visitors(
        survivor=survivor,
        other=treatment.visitor,
        keep={},
        seen=seen,
        staff=staff_with(Role.DESK_SUPERVISOR),
        now=morning.now,
    )
    assert again(treatment).visitor == survivor
    assert codes(treatment) == []


# --- noting an answer ---


def test_an_answer_is_noted_with_its_witness_and_audited(morning: Morning, treatment: Treatment) -> None:
    form = note(morning, treatment, note=" 家属在场 ")
    assert (form.staff, form.at, form.note, form.project) == (morning.doctor, morning.now, "家属在场", morning.nose)
    entry = AuditEntry.objects.get(action="consultations.note_signed_form")
    assert entry.detail == {"kind": "treatment", "answer": "signed"}


def test_the_same_answer_twice_is_one_and_another_meanwhile_is_told(morning: Morning, treatment: Treatment) -> None:
    first = note(morning, treatment, seen=0)
    assert note(morning, treatment, seen=0) == first
    with pytest.raises(Stale, match="form_changed") as stale:
        note(morning, treatment, answer="refused", seen=0)
    assert morning.doctor.display_name in str(stale.value.message)
    second = note(morning, treatment, answer="refused", seen=first.pk)
    assert SignedForm.objects.count() == 2 and second.pk > first.pk
    with pytest.raises(DatabaseError), transaction.atomic():
        SignedForm.objects.filter(pk=first.pk).update(answer="refused")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "marriage"}, "form_unclear"),
        ({"answer": "perhaps"}, "form_unclear"),
        ({"note": "长" * 201}, "note_long"),
    ],
)
def test_what_is_no_answer_is_refused(morning: Morning, treatment: Treatment, wrong: dict[str, str], code: str) -> None:
    with pytest.raises(Refused, match=code):
        note(morning, treatment, **wrong)


def test_no_form_is_signed_for_a_cancelled_treatment(morning: Morning, treatment: Treatment) -> None:
    services.cancel_treatment(treatment=treatment, reason="ill", staff=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="form_cancelled"):
        note(morning, treatment)


# --- the panels ---


def test_a_doctor_notes_a_form_on_the_treatments_page(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    page = client.get(reverse("consultations:treatment", args=[treatment.pk])).content.decode()
    address = reverse("consultations:treatment_papers", args=[treatment.pk])
    assert address in page
    assert "3 forms are missing" in client.get(address).content.decode()
    given = {"kind": "treatment", "answer": "signed", "seen": "0", "project": treatment.project_id, "note": "<b>x</b>"}
    answer = client.post(address, given, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "2 forms are missing" in text and morning.doctor.display_name in text and "&lt;b&gt;x" in text
    twice = client.post(address, given, headers={"HX-Request": "true"})
    assert twice.status_code == 200 and SignedForm.objects.count() == 1
    stale = client.post(address, given | {"answer": "refused"}, headers={"HX-Request": "true"})
    assert stale.status_code == 409 and "Signed" in stale.content.decode()
    assert client.post(address, given | {"kind": "anaesthesia"}).status_code == 302
    assert client.post(address, {"kind": "treatment"}).status_code == 422
    assert client_as(Role.DOCTOR).get(address).status_code == 404


def test_a_consultant_notes_forms_in_her_consultation(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive("曾小美", morning.nose, morning.eyes))
    address = reverse("consultations:consultation_papers", args=[consultation.pk])
    client = client_as(morning.first)
    text = client.get(address).content.decode()
    assert "6 forms are missing" in text
    assert str(morning.nose) in text and str(morning.eyes) in text
    # Read out alone, each button says for which project it is.
    names = re.findall(r'<summary[^>]* aria-label="([^"]+)"', text)
    assert len(set(names)) == len(names) == 6
    given = {"kind": "treatment", "answer": "signed", "seen": "0", "project": morning.eyes.pk}
    assert client.post(address, given, headers={"HX-Request": "true"}).status_code == 200
    form = SignedForm.objects.get()
    assert (form.consultation, form.project, form.treatment) == (consultation, morning.eyes, None)
    other = ProjectFactory.create(branch=morning.branch)
    assert client.post(address, given | {"project": other.pk}).status_code == 409
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    assert supervisor.get(address).status_code == 200
    assert "<form" not in supervisor.get(address).content.decode()
    assert supervisor.post(address, given).status_code == 403
    assert client_as(morning.second).get(address).status_code == 404


def test_nothing_is_noted_before_the_visit_is_accepted(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive("曾小美")
    services.acknowledge_visit(visit=visit, staff=morning.first, now=morning.now)
    consultation = visit.consultations.get()
    address = reverse("consultations:consultation_papers", args=[consultation.pk])
    given = {"kind": "treatment", "answer": "signed", "seen": "0", "project": morning.nose.pk}
    assert client_as(morning.first).post(address, given).status_code == 404
    assert not SignedForm.objects.exists()


@pytest.mark.parametrize("rows", [1, 50])
def test_the_panels_cost_the_same_for_one_and_for_fifty(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    consultation = morning.enter(morning.arrive("曾小美"))
    for number in range(rows):
        made = TreatmentFactory.create(
            doctor=morning.doctor,
            visitor=consultation.visitor,
            consultation=consultation,
            treated_on=morning.board.day + timedelta(days=number),
        )
        note(morning, made)
    consultants, doctors = client_as(morning.first), client_as(morning.doctor)
    for client, address, queries in (
        (consultants, reverse("consultations:consultation_papers", args=[consultation.pk]), 11),
        (doctors, reverse("consultations:treatment_papers", args=[made.pk]), 8),
    ):
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)
