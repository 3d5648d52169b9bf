"""Visits given to a consultant, consultations, deals and treatments as rows, without the services that make them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from clinic.models import Department, Project
from consultations.models import Consultation, Deal, DealLine, DealShare, Payment, Treatment
from reception.models import Visit, Visitor

AT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


class ProjectFactory(DjangoModelFactory[Project]):
    """A project of the surgery department; `branch` is the department's."""

    class Meta:
        model = Project

    class Params:
        branch = None

    code = Sequence(lambda number: f"project-{number}")
    name = Sequence(lambda number: f"项目{number}")
    name_en = Sequence(lambda number: f"Project {number}")
    rank = Sequence(lambda number: number + 1)
    department = LazyAttribute(lambda made: Department.objects.get(branch=made.branch, kind=Department.Kind.SURGERY))


class VisitorFactory(DjangoModelFactory[Visitor]):
    """A visitor on file, first registered in `registered_in`."""

    class Meta:
        model = Visitor

    file_number = Sequence(lambda number: f"T{number:06d}")
    name = Sequence(lambda number: f"王小{number}")
    phone = Sequence(lambda number: f"+861380000{number % 10000:04d}")
    registered_at = AT


class VisitFactory(DjangoModelFactory[Visit]):
    """A visit that waits for `consultant`; `branch` and `registered_by` follow her."""

    class Meta:
        model = Visit

    consultant: Any = None
    branch = SelfAttribute("consultant.branch")
    registered_by = SelfAttribute("consultant")
    visitor = SubFactory(VisitorFactory, registered_in=SelfAttribute("..branch"))
    number = Sequence(lambda number: number + 1001)
    day = LazyAttribute(lambda made: made.branch.today(made.arrived_at))
    arrived_at = AT
    state = Visit.State.WAITING
    visit_type = Visit.VisitType.FIRST
    type_rule = "C1"
    rule = "A12"
    turn = Visit.Turn.COUNTED
    allocated_at = SelfAttribute("arrived_at")


class ConsultationFactory(DjangoModelFactory[Consultation]):
    """A consultation of a visit, by the visit's consultant."""

    class Meta:
        model = Consultation

    visit: Any = None
    visitor = SelfAttribute("visit.visitor")
    consultant = SelfAttribute("visit.consultant")
    branch = SelfAttribute("visit.branch")
    day = SelfAttribute("visit.day")
    offered_at = SelfAttribute("visit.arrived_at")


class TreatmentFactory(DjangoModelFactory[Treatment]):
    """A planned treatment; the branch is the doctor's."""

    class Meta:
        model = Treatment

    doctor: Any = None
    branch = SelfAttribute("doctor.branch")
    visitor = SubFactory(VisitorFactory, registered_in=SelfAttribute("..branch"))
    project = SubFactory(ProjectFactory, branch=SelfAttribute("..branch"))
    treated_on = LazyAttribute(lambda made: made.branch.today(made.recorded_at))
    recorded_at = AT
    recorded_by = SelfAttribute("doctor")


def make_deal(
    consultation: Consultation,
    *,
    amount: int = 12000,
    kind: str = Deal.Kind.PAID,
    received: int = 0,
    projects: Iterable[Project] = (),
) -> Deal:
    """Create a deal that is all the consultant's: a line for each project, the first for all of the amount."""
    with transaction.atomic():
        deal = Deal.objects.create(
            consultation=consultation,
            visitor=consultation.visitor,
            branch=consultation.branch,
            kind=kind,
            amount=Decimal(amount),
            made_at=AT,
            made_by=consultation.consultant,
        )
        DealShare.objects.create(deal=deal, staff=consultation.consultant, share=Decimal(1))
        for number, project in enumerate(projects):
            DealLine.objects.create(deal=deal, project=project, amount=deal.amount if number == 0 else 0)
            deal.projects.add(project)
        if received:
            Payment.objects.create(
                deal=deal,
                kind=Payment.Kind.DEPOSIT,
                amount=received,
                received_on=AT.date(),
                noted_at=AT,
                noted_by=consultation.consultant,
            )
    return deal
