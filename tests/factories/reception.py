"""Visitors and visits, made as the desk makes them."""

from datetime import UTC, date, datetime
from typing import Any

import factory

from clinic.models import Branch, Department, Project, Staff
from reception import services
from reception.models import Visit, Visitor

MORNING = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)


def make_clerk(branch: Branch) -> Staff:
    """Return the clerk who registers when a test names nobody."""
    return Staff.objects.filter(login_name=f"clerk-{branch.code}").first() or Staff.objects.create_user(
        f"clerk-{branch.code}", display_name="赵敏", branch=branch, active_from=date(2020, 1, 1)
    )


class ProjectFactory(factory.django.DjangoModelFactory[Project]):
    """A project of the surgery department."""

    class Meta:
        model = Project

    code = factory.Sequence(lambda n: f"project-{n}")
    name = factory.Sequence(lambda n: f"项目{n}")
    name_en = factory.Sequence(lambda n: f"Project {n}")
    rank = factory.Sequence(lambda n: n + 1)
    department = factory.LazyFunction(lambda: Department.objects.filter(kind=Department.Kind.SURGERY).first())


class VisitorFactory(factory.django.DjangoModelFactory[Visitor]):
    """A visitor with her search keys; fields of the model that registering does not take are set afterwards."""

    class Meta:
        model = Visitor

    class Params:
        number = factory.Sequence(lambda n: n)

    name = factory.LazyAttribute(lambda o: f"王小美{o.number}")
    phone = factory.LazyAttribute(lambda o: f"138{o.number:08d}")
    branch = factory.LazyFunction(lambda: Branch.objects.order_by("pk").first())
    staff = factory.LazyAttribute(lambda o: make_clerk(o.branch))
    now = MORNING

    @classmethod
    def _create(cls, model_class: type[Visitor], *args: Any, **kwargs: Any) -> Visitor:
        taken = ("name", "phone", "gender", "birth_on", "heard_from", "medical_notes", "card_declined")
        card = {name: kwargs.pop(name) for name in taken if name in kwargs}
        visitor = services.register_visitor(
            **card, branch=kwargs.pop("branch"), staff=kwargs.pop("staff"), now=kwargs.pop("now")
        )
        if kwargs:
            Visitor.objects.filter(pk=visitor.pk).update(**kwargs)
            visitor.refresh_from_db()
        return visitor


class VisitFactory(factory.django.DjangoModelFactory[Visit]):
    """A visit registered at the desk, with a visitor of its own; `consultant` gives it to somebody."""

    class Meta:
        model = Visit

    branch = factory.LazyFunction(lambda: Branch.objects.order_by("pk").first())
    visitor = factory.SubFactory(VisitorFactory, branch=factory.SelfAttribute("..branch"))
    staff = factory.LazyAttribute(lambda o: make_clerk(o.branch))
    projects: Any = ()
    now = MORNING

    @classmethod
    def _create(cls, model_class: type[Visit], *args: Any, **kwargs: Any) -> Visit:
        consultant, now = kwargs.pop("consultant", None), kwargs["now"]
        visit = services.register_arrival(**kwargs)
        if consultant:
            services.record_allocation(
                visit=visit,
                visit_type=Visit.VisitType.FIRST,
                type_rule="C1",
                consultant_id=consultant.pk,
                rule="A12",
                turn=Visit.Turn.COUNTED,
                now=now,
            )
        return visit
