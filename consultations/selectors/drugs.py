"""Drugs, what was given in a treatment, and who was given a batch."""

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from clinic.models import Staff
from clinic.roles import Role
from consultations.models import Drug, DrugUse, Treatment
from consultations.selectors.treatments import treatments_for

# Who gives drugs, and writes down what was given.
GIVES = frozenset({Role.DOCTOR, Role.NURSE})


def drugs_in_use() -> QuerySet[Drug]:
    """Return the drugs that may be given."""
    return Drug.objects.filter(active=True)


def all_drugs() -> QuerySet[Drug]:
    """Return every drug, those in use first."""
    return Drug.objects.order_by("-active", "id")


def uses_of(treatment: Treatment) -> list[DrugUse]:
    """Return every dose of a treatment with what corrects it, the earliest first. One query."""
    rows = DrugUse.objects.filter(treatment=treatment)
    return list(rows.select_related("drug", "given_by", "noted_by", "corrects", "corrected_by").order_by("id"))


def given_in(uses: list[DrugUse]) -> list[DrugUse]:
    """Return the doses that stand: neither corrected nor said not to have been given."""
    corrected = {use.corrects_id for use in uses}
    return [use for use in uses if use.pk not in corrected and not use.nothing_given]


def givers_of(treatment: Treatment, staff: Staff) -> QuerySet[Staff]:
    """Return who may have given a dose, the treatment's doctor first: she, the nurse who assists, who writes it down.

    A beautician who assists gives none.
    """
    gives = Staff.groups.through.objects.filter(staff=OuterRef("pk"), group__name__in=[role.value for role in GIVES])
    return Staff.objects.filter(
        Q(pk=treatment.doctor_id) | Q(Exists(gives), pk__in=[treatment.assistant_id or 0, staff.pk])
    ).order_by(Case(When(pk=treatment.doctor_id, then=0), default=1), "name_key", "login_name")


def uses_for(staff: Staff) -> QuerySet[DrugUse]:
    """Return the doses of the treatments this person works with."""
    rows = DrugUse.objects.filter(treatment__in=treatments_for(staff).values("pk"))
    return rows.select_related("treatment", "drug", "given_by")


def batch_as_written(text: str) -> str:
    """Return a batch as it is kept: capitals, without blanks."""
    return "".join(text.upper().split())


def given_of_batch(staff: Staff, batch: str) -> QuerySet[DrugUse]:
    """Return who was given a batch at this person's branch, the latest first; corrected entries are left out."""
    return (
        DrugUse.objects.filter(
            batch=batch_as_written(batch),
            treatment__branch_id=staff.branch_id,
            corrected_by=None,
            nothing_given=False,
        )
        .select_related("drug", "given_by", "treatment__visitor", "treatment__project", "treatment__doctor")
        .order_by("-id")
    )
