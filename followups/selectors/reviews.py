"""Urgent reviews as those who are asked, who asked, and who sees to the rest read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from clinic.models import Branch, Department, Staff
from clinic.roles import CAPABILITIES, Capability, Role
from clinic.selectors.people import working_at
from consultations.models import Treatment
from followups.models import CallBack, UrgentReview

# More at once would push the work off the screen; how many there are is said.
SHOWN = 3
# What a notice reads at most; nobody looks at more.
AT_MOST = 99
# How long the card shows an answer the visitor was told.
TOLD_SHOWN = timedelta(days=14)

# The answers that cannot wait for those before them.
_HURRIES = (UrgentReview.Answer.COME_NOW, UrgentReview.Answer.HOSPITAL)


@dataclass(frozen=True, slots=True)
class ReviewNotice:
    """What stands above every page of a person.

    `asked`: what she is asked and has not answered, the oldest clock first. `overdue`: what others have not answered in
    time, in the departments she heads, or in the branch when she supervises the calls. `answers`: what doctors have
    answered her, and the visitor was not told yet: whom to send here at once first. `more`: how many of these are left
    out.
    """

    asked: list[UrgentReview]
    overdue: list[UrgentReview]
    answers: list[UrgentReview]
    more: int = 0

    @property
    def unseen(self) -> list[UrgentReview]:
        """Return what she has to hear of, again and again, until somebody who is asked has seen it."""
        return [one for one in self.asked if one.unseen]


def _of_department(department: Department) -> Q:
    """Return which reviews concern a department: its own projects, and those of its kind that have none here."""
    owning = "treatment__project__department"
    elsewhere = Q(**{f"{owning}__kind": department.kind}) & ~Q(**{f"{owning}__branch": F("branch")})
    return Q(branch=department.branch_id) & (Q(**{owning: department.pk}) | elsewhere)


def _headed_by(staff: Staff) -> Q:
    found = Q(pk=None)
    for department in Department.objects.filter(head=staff):
        found |= _of_department(department)
    return found


def _asked_of(staff: Staff) -> Q:
    """Return what this person is asked: by name, or as one of the doctors of her department."""
    asked = Q(doctor=staff)
    if staff.department is not None and Role.DOCTOR in staff.roles:
        asked |= Q(doctor=None) & _of_department(staff.department)
    return asked


def _rows() -> QuerySet[UrgentReview]:
    return UrgentReview.objects.select_related(
        "visitor",
        "branch",
        "doctor",
        "asked_by",
        "answered_by",
        "treatment__doctor",
        "treatment__project__department",
        "attempt__call_back__step",
    )


def reviews_answered_by(staff: Staff) -> QuerySet[UrgentReview]:
    """Return what this person may answer: what she is asked, of her own operations, of the department she heads."""
    return _rows().filter(_asked_of(staff) | Q(treatment__doctor=staff) | _headed_by(staff))


def reviews_seen_by(staff: Staff) -> QuerySet[UrgentReview]:
    """Return the reviews this person may read: what she may answer, and who makes calls all of her branch."""
    seen = _asked_of(staff) | Q(treatment__doctor=staff) | _headed_by(staff)
    if staff.may(Capability.WORK_CALL_BACKS):
        seen |= Q(branch=staff.branch_id)
    return _rows().filter(seen)


def reviews_in_hand(staff: Staff) -> QuerySet[UrgentReview]:
    """Return those whose visitor was not told yet: first those that wait for this person, the oldest clock first."""
    order = Case(
        When(Q(answer="") & _asked_of(staff), then=Value(0)),
        When(answer="", then=Value(1)),
        When(answer__in=_HURRIES, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return reviews_seen_by(staff).filter(told_at=None).alias(place=order).order_by("place", "due_at", "id")


def reviews_over(staff: Staff) -> QuerySet[UrgentReview]:
    """Return those whose visitor was told, the last first."""
    return reviews_seen_by(staff).filter(told_at__isnull=False).order_by("-told_at", "-id")


def number_asked(staff: Staff) -> int:
    """Return how many reviews wait for this person's answer."""
    return UrgentReview.objects.filter(_asked_of(staff), answer="").count()


def review_notice(staff: Staff) -> ReviewNotice:
    """Return what stands above every page of a person. Two queries, three for who makes calls."""
    mine = _asked_of(staff)
    asked = list(_rows().filter(mine, answer="").order_by("due_at", "id")[:AT_MOST])
    overseen = _headed_by(staff)
    if staff.may(Capability.SUPERVISE_CALL_BACKS):
        overseen |= Q(branch=staff.branch_id)
    overdue: list[UrgentReview] = []
    if overseen != Q(pk=None):
        late = _rows().filter(overseen, answer="", escalated_at__isnull=False)
        overdue = [one for one in late.order_by("due_at", "id")[:AT_MOST] if one not in asked]
    answers: list[UrgentReview] = []
    if staff.may(Capability.WORK_CALL_BACKS):
        untold = _rows().filter(branch=staff.branch_id, asked_by=staff, told_at=None).exclude(answer="")
        hurries = Case(When(answer__in=_HURRIES, then=Value(0)), default=Value(1), output_field=IntegerField())
        answers = list(untold.order_by(hurries, "answered_at", "id")[:AT_MOST])
    return ReviewNotice(asked, overdue, answers[:SHOWN], len(answers[SHOWN:]))


def reviews_on_card(call_back: CallBack, now: datetime) -> list[UrgentReview]:
    """Return what a card tells of reviews: all of the visitor's that are in hand, and what this call led to."""
    of_hers = _rows().filter(visitor_id=call_back.visitor_id, branch_id=call_back.branch_id)
    wanted = of_hers.filter(
        Q(told_at=None) | Q(attempt__call_back=call_back) | Q(told_at__gte=now - TOLD_SHOWN)
    ).select_related("told_by")
    return list(wanted.order_by(F("told_at").desc(nulls_first=True), "-asked_at", "-id")[:SHOWN])


def reviews_from(calls: Iterable[CallBack]) -> dict[int, UrgentReview]:
    """Return the last review each of these calls led to, by the number of the call; one query."""
    found = _rows().filter(attempt__call_back__in=[call.pk for call in calls]).order_by("asked_at", "id")
    return {review.attempt.call_back_id: review for review in found}


def supervisors_of(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return who supervises the calls of a branch on a day."""
    roles = [role.value for role, may in CAPABILITIES.items() if Capability.SUPERVISE_CALL_BACKS in may]
    return working_at(branch, day).filter(groups__name__in=roles).distinct()


def doctors_of_department(treatment: Treatment, day: date) -> list[Staff]:
    """Return the doctors of the department a treatment belongs to, at its branch, who belong to the house on a day."""
    owning = treatment.project.department
    doctors = working_at(treatment.branch, day).filter(groups__name=Role.DOCTOR.value)
    here = (
        doctors.filter(department=owning)
        if owning.branch_id == treatment.branch_id
        else doctors.filter(department__kind=owning.kind)
    )
    return list(here)
