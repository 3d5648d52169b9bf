"""What stands around a treatment as rows, without the services: steps, doses, notices, signed forms, packages."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from factory.declarations import SelfAttribute, Sequence
from factory.django import DjangoModelFactory

from clinic.models import Project, Staff
from consultations.models import (
    Consultation,
    Deal,
    DealLine,
    DealShare,
    Drug,
    DrugUse,
    SignedForm,
    Treatment,
    TreatmentNotice,
    TreatmentStep,
)
from consultations.selectors.readiness import forms_before
from tests.factories.consultations import AT


class StepFactory(DjangoModelFactory[TreatmentStep]):
    """Tests of set 1 that are out."""

    class Meta:
        model = TreatmentStep

    treatment: Any = None
    kind = TreatmentStep.Kind.TESTS_1
    ordered_at = AT
    ordered_by = SelfAttribute("treatment.doctor")
    expected_at = AT + timedelta(minutes=15)


class DrugUseFactory(DjangoModelFactory[DrugUse]):
    """Twenty units of the first drug, by the treatment's doctor."""

    class Meta:
        model = DrugUse

    treatment: Any = None
    drug: Any = None
    batch = "C3709"
    dose = Decimal(20)
    unit = "U"
    site = Sequence(lambda number: f"额部{number}")
    given_by = SelfAttribute("treatment.doctor")
    noted_by = SelfAttribute("treatment.doctor")
    given_at = AT


def prepared(treatment: Treatment, told: Staff, *, now: datetime) -> tuple[TreatmentStep, DrugUse, TreatmentNotice]:
    """Give a treatment a test that is out, a dose, and a notice for `told`."""
    step = StepFactory.create(treatment=treatment, ordered_at=now, expected_at=now + timedelta(minutes=15))
    use = DrugUseFactory.create(treatment=treatment, drug=Drug.objects.earliest("pk"), given_at=now)
    notice = TreatmentNotice.objects.create(
        staff=told, treatment=treatment, step=step, kind=TreatmentNotice.Kind.ABNORMAL, at=now
    )
    return step, use, notice


def make_package(
    consultation: Consultation, project: Project, *, sessions: int = 3, kind: str = Deal.Kind.PAID
) -> DealLine:
    """Create a deal of one line that is all the consultant's."""
    with transaction.atomic():
        deal = Deal.objects.create(
            consultation=consultation,
            visitor=consultation.visitor,
            branch=consultation.branch,
            kind=kind,
            amount=Decimal(3600),
            made_at=AT,
            made_by=consultation.consultant,
        )
        DealShare.objects.create(deal=deal, staff=consultation.consultant, share=Decimal(1))
        return DealLine.objects.create(deal=deal, project=project, sessions=sessions, amount=Decimal(3600))


def make_ready(treatment: Treatment) -> Treatment:
    """Give a treatment its order, its visitor a card, and sign every form it needs."""
    treatment.ordered_by = treatment.ordered_by or treatment.doctor
    treatment.save(update_fields=["ordered_by"])
    visitor = treatment.visitor
    visitor.card_declined = True
    visitor.save(update_fields=["card_declined"])
    for kind in forms_before(treatment):
        SignedForm.objects.create(
            visitor=visitor, treatment=treatment, kind=kind, answer="signed", at=AT, staff=treatment.doctor
        )
    return treatment
