"""Visitors with treatments and the calls that follow from them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from clinic.models import Branch, Department, Project, Staff
from consultations.models import Consultation, Treatment
from followups.models import CallBack, OwnerCall
from followups.services import build_call_backs, build_owner_calls
from reception.models import Visitor
from tests.factories.consultations import ConsultationFactory, VisitFactory

AT = datetime(2026, 1, 1, tzinfo=UTC)


class FollowedVisitorFactory(DjangoModelFactory[Visitor]):
    """A visitor with a phone; `registered_in` is required."""

    class Meta:
        model = Visitor

    file_number = factory.Sequence(lambda number: f"F{number:06d}")
    name = "王小美"
    phone = factory.Sequence(lambda number: f"+86138{number % 10_000:04d}8000")
    gender = Visitor.Gender.FEMALE
    registered_at = AT


class OperationFactory(DjangoModelFactory[Treatment]):
    """An operation of a new visitor; `branch` is required."""

    class Meta:
        model = Treatment

    visitor = factory.SubFactory(FollowedVisitorFactory, registered_in=factory.SelfAttribute("..branch"))
    doctor = factory.LazyAttribute(lambda made: a_doctor(made.branch))
    project = factory.LazyAttribute(lambda made: a_project(made.branch))
    recorded_by = factory.SelfAttribute("doctor")
    treated_on = date(2026, 3, 9)
    state = Treatment.State.DONE
    recorded_at = AT


def a_doctor(branch: Branch) -> Staff:
    """Return the branch's doctor for tests."""
    doctor = Staff.objects.filter(login_name=f"dr-{branch.code}").first()
    return doctor or Staff.objects.create_user(
        f"dr-{branch.code}", display_name="李敏", branch=branch, active_from=date(2020, 1, 1)
    )


def a_project(branch: Branch, kind: str = Department.Kind.SURGERY) -> Project:
    """Return a project of the branch's department of a kind."""
    department = Department.objects.get(branch=branch, kind=kind)
    project, _created = Project.objects.get_or_create(
        code=f"{branch.code}-{kind}",
        defaults={"department": department, "name": "隆胸", "name_en": "Breast augmentation", "rank": 1},
    )
    return project


def another_project(branch: Branch, number: int) -> Project:
    """Return one of many projects of the branch's surgery: the same one twice would be the same done again."""
    department = a_project(branch).department
    project, _created = Project.objects.get_or_create(
        code=f"{branch.code}-surgery-{number}",
        defaults={"department": department, "name": f"项目{number}", "name_en": f"Project {number}", "rank": 2},
    )
    return project


def a_call(branch: Branch, *, now: datetime, step: str = "day-2", **treatment: Any) -> CallBack:
    """Return one call of a new operation, built as the product builds it."""
    operation = OperationFactory.create(branch=branch, **treatment)
    build_call_backs(treatment_ids=[operation.pk], now=now)
    return CallBack.objects.get(treatment=operation, step__code=step)


def no_deal(
    consultant: Staff, *, again_on: date | None, at: datetime, visitor: Visitor | None = None, reason: str = "价格"
) -> Consultation:
    """Return a finished consultation without a deal, at an instant, that says when to call again."""
    visitor = visitor or FollowedVisitorFactory.create(registered_in=consultant.branch, owner=consultant)
    visit = VisitFactory.create(consultant=consultant, visitor=visitor, arrived_at=at, state="finished")
    made: Consultation = ConsultationFactory.create(
        visit=visit,
        state="finished",
        outcome="no_deal",
        no_deal_reason=reason,
        call_again_on=again_on,
        entered_at=at,
        finished_at=at,
    )
    return made


def an_owner_call(consultant: Staff, *, now: datetime, **said: Any) -> OwnerCall:
    """Return the call of a consultation without a deal a week ago that is due today, built as the product builds it."""
    said.setdefault("again_on", consultant.branch.today(now))
    talk = no_deal(consultant, at=now - timedelta(days=7), **said)
    build_owner_calls(visitor_ids=[talk.visitor_id], now=now)
    return OwnerCall.objects.get(about=f"consultation {talk.pk}")
