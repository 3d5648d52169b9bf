"""The check lists of treatments, the laboratory's list, the register of abnormal tests, and who has to see what."""

from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet

from clinic.models import Staff
from clinic.roles import Capability
from consultations.models import Treatment, TreatmentNotice, TreatmentStep
from consultations.selectors.treatments import treatments_for

Result = TreatmentStep.Result


def steps_of(treatment: Treatment) -> list[TreatmentStep]:
    """Return the check list of a treatment in the order it was written down. One query."""
    rows = TreatmentStep.objects.filter(treatment=treatment)
    return list(rows.select_related("ordered_by", "result_by", "retest", "retest_of"))


def steps_for(staff: Staff) -> QuerySet[TreatmentStep]:
    """Return the steps this person may work on: those of her treatments; for the laboratory all tests of the branch."""
    rows = TreatmentStep.objects.select_related("treatment__visitor", "treatment__project", "treatment__doctor")
    if staff.may(Capability.RECORD_TREATMENTS):
        mine = Q(treatment__in=treatments_for(staff).values("pk"))
    else:
        mine = Q(pk=None)
    if staff.may(Capability.WORK_LABORATORY):
        mine |= Q(treatment__branch_id=staff.branch_id, kind__in=TreatmentStep.TESTS)
    return rows.filter(mine)


def tests_of_today(staff: Staff, today: date) -> QuerySet[TreatmentStep]:
    """Return the tests the branch ordered today, and older ones still out; what is expected first on top."""
    start = datetime.combine(today, time(), staff.branch.zone)
    return (
        TreatmentStep.objects.filter(treatment__branch_id=staff.branch_id, kind__in=TreatmentStep.TESTS)
        .filter(Q(ordered_at__gte=start) | Q(result=""))
        .exclude(treatment__state=Treatment.State.CANCELLED)
        .select_related("treatment__visitor", "treatment__project", "treatment__doctor", "ordered_by", "result_by")
        .order_by(F("result_at").desc(nulls_first=True), "expected_at", "pk")
    )


def number_of_tests(staff: Staff) -> int:
    """Return how many tests of the branch are not back."""
    rows = TreatmentStep.objects.filter(treatment__branch_id=staff.branch_id, kind__in=TreatmentStep.TESTS, result="")
    return rows.exclude(treatment__state=Treatment.State.CANCELLED).count()


def abnormal_tests(staff: Staff) -> QuerySet[TreatmentStep]:
    """Return the register of abnormal tests as far as this person sees it, with their retests, the newest first."""
    rows = TreatmentStep.objects.filter(result=Result.ABNORMAL)
    if staff.may(Capability.WORK_LABORATORY) or staff.may(Capability.VIEW_ALL_VISITORS):
        rows = rows.filter(treatment__branch_id=staff.branch_id)
    else:
        rows = rows.filter(treatment__in=treatments_for(staff).values("pk"))
    return rows.select_related(
        "treatment__visitor", "treatment__project", "treatment__doctor", "result_by", "retest", "retest_of"
    ).order_by("-result_at", "-id")


def open_tests(treatment: Treatment) -> tuple[list[TreatmentStep], list[TreatmentStep]]:
    """Return the tests that are not back, and the abnormal ones its doctor of now has not seen and nobody repeated.

    Only a retest that came back repeats a test: one that was not needed says nothing of her.
    """
    rows = TreatmentStep.objects.filter(treatment=treatment, kind__in=TreatmentStep.TESTS)
    standing = list(rows.exclude(retest__result__in=[Result.NORMAL, Result.ABNORMAL]))
    seen = set(
        TreatmentNotice.objects.filter(
            treatment=treatment,
            staff_id=treatment.doctor_id,
            kind=TreatmentNotice.Kind.ABNORMAL,
            seen_at__isnull=False,
        ).values_list("step_id", flat=True)
    )
    out = [step for step in standing if not step.result]
    return out, [step for step in standing if step.result == Result.ABNORMAL and step.pk not in seen]


def unseen_notices(staff: Staff) -> list[TreatmentNotice]:
    """Return what this person has to see, the oldest first."""
    rows = notices_for(staff).filter(seen_at=None)
    return list(rows.select_related("treatment__visitor", "treatment__project", "step")[:10])


def notices_for(staff: Staff) -> QuerySet[TreatmentNotice]:
    """Return this person's own notices at her branch."""
    return TreatmentNotice.objects.filter(staff=staff, treatment__branch_id=staff.branch_id)


def overdue_steps(branch_id: int, now: datetime) -> list[TreatmentStep]:
    """Return the steps of the last hours that should be back and are not, for who leads visitors."""
    return list(
        TreatmentStep.objects.filter(
            treatment__branch_id=branch_id,
            result="",
            expected_at__lte=now,
            expected_at__gt=now - timedelta(hours=12),
        )
        .exclude(treatment__state=Treatment.State.CANCELLED)
        .select_related("treatment__visitor", "treatment__project", "treatment__visit")
        .order_by("expected_at")[:10]
    )
