"""What the call-back screens read; every answer is limited to the branch of the person who asks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.formats import date_format

from clinic.models import Department, Staff
from clinic.roles import Capability, Role
from clinic.words import reads_chinese
from followups.models import CallAttempt, CallBack, PlanStep
from followups.script import fill

UPCOMING_DAYS = 7


class Tab(StrEnum):
    """The lists an agent works from."""

    TODAY = "today"
    OVERDUE = "overdue"
    TOMORROW = "tomorrow"
    UPCOMING = "upcoming"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is narrowed to; None: not narrowed."""

    department_kind: str = ""
    doctor_id: int | None = None


def tabs_of(staff: Staff) -> list[Tab]:
    """Return the lists this person has."""
    return [tab for tab in Tab if tab is not Tab.SUPERVISOR or staff.may(Capability.SUPERVISE_CALL_BACKS)]


def _in_tab(tab: Tab, today: date) -> Q:
    if tab is Tab.SUPERVISOR:
        return ~Q(concern="")
    # A message goes out by itself; it is called only where it cannot.
    workable = Q(state=CallBack.State.OPEN, concern="") & ~Q(step__kind=PlanStep.Kind.MESSAGE, no_message="")
    days = {
        Tab.TODAY: Q(call_on__lte=today),
        Tab.OVERDUE: Q(call_on__lt=today),
        Tab.TOMORROW: Q(call_on=today + timedelta(days=1)),
        Tab.UPCOMING: Q(call_on__gt=today, call_on__lte=today + timedelta(days=UPCOMING_DAYS)),
    }
    return workable & days[tab]


def call_backs_seen_by(staff: Staff) -> QuerySet[CallBack]:
    """Return the call-backs of the person's branch, with all a row shows."""
    return CallBack.objects.filter(branch_id=staff.branch_id).select_related(
        "visitor",
        "step",
        "branch",
        "held_by",
        "treatment__doctor",
        "treatment__project__department",
    )


def call_backs_worked_by(staff: Staff) -> QuerySet[CallBack]:
    """Return the call-backs this person works: those of the branch for who makes calls, none for anybody else."""
    rows = call_backs_seen_by(staff)
    return rows if staff.may(Capability.WORK_CALL_BACKS) else rows.none()


def worklist(*, staff: Staff, tab: Tab, now: datetime, narrowing: Narrowing | None = None) -> QuerySet[CallBack]:
    """Return a list in the order to call: by risk, then by lateness; calls promised for later in the day last.

    *Today* holds everything that is to be called by today, so what was missed stands in it too.
    """
    narrowing = narrowing or Narrowing()
    rows = call_backs_seen_by(staff).filter(_in_tab(tab, staff.branch.today(now)))
    if narrowing.department_kind:
        rows = rows.filter(treatment__project__department__kind=narrowing.department_kind)
    if narrowing.doctor_id:
        rows = rows.filter(treatment__doctor_id=narrowing.doctor_id)
    if tab is Tab.SUPERVISOR:
        return rows.order_by("concern_at", "id")
    return rows.alias(
        later=Case(When(call_at__gt=now, then=Value(1)), default=Value(0), output_field=IntegerField())
    ).order_by("later", "-risk", "call_on", "call_at", "id")


def free_cards(*, staff: Staff, tab: Tab, now: datetime, narrowing: Narrowing | None = None) -> QuerySet[CallBack]:
    """Return the cards of a list that nobody else holds and whose hour has come, in the order to call.

    None from the supervisor's list: what stands there is looked at before anybody calls.
    """
    return worklist(staff=staff, tab=tab, now=now, narrowing=narrowing).filter(
        Q(state=CallBack.State.OPEN, concern=""),
        Q(held_until=None) | Q(held_until__lte=now) | Q(held_by=staff),
        Q(call_at=None) | Q(call_at__lte=now),
    )


def tab_counts(*, staff: Staff, now: datetime) -> dict[Tab, int]:
    """Return how many cards each list holds, in one query."""
    today = staff.branch.today(now)
    horizon = today + timedelta(days=UPCOMING_DAYS)
    numbers = (
        CallBack.objects.filter(branch_id=staff.branch_id)
        .filter(Q(state=CallBack.State.OPEN, call_on__lte=horizon) | ~Q(concern=""))
        .aggregate(**{tab.value: Count("id", filter=_in_tab(tab, today)) for tab in tabs_of(staff)})
    )
    return {Tab(name): number for name, number in numbers.items()}


def earlier_calls(call_back: CallBack) -> QuerySet[CallAttempt]:
    """Return all tries ever made for the visitor of a card, newest first."""
    return (
        CallAttempt.objects.filter(call_back__visitor_id=call_back.visitor_id, call_back__branch_id=call_back.branch_id)
        .select_related("staff", "call_back__step", "call_back__treatment__project")
        .order_by("-id")
    )


def script_for(call_back: CallBack, staff: Staff, days: int) -> str:
    """Return what a person says on a call, `days` after the treatment, in the language of the page."""
    return script_said_by(call_back, staff.display_name, days)


def script_said_by(call_back: CallBack, speaker: str, days: int) -> str:
    """Return the script of a call with its places filled in, as somebody of this name says it."""
    polite = {"female": "女士", "male": "先生"}.get(call_back.visitor.gender, "") if reads_chinese() else ""
    treatment = call_back.treatment
    words = {
        "visitor": call_back.visitor.name + polite,
        "staff": speaker,
        "hospital": str(call_back.branch),
        "project": str(treatment.project),
        "doctor": treatment.doctor.display_name,
        "days": str(days),
        "date": date_format(treatment.treated_on, "DATE_FORMAT"),
        "next": date_format(treatment.next_visit_on, "DATE_FORMAT") if treatment.next_visit_on else "…",
    }
    return fill(call_back.step.script_text, words)


def doctors_of(staff: Staff) -> QuerySet[Staff]:
    """Return the doctors of the person's branch."""
    return Staff.objects.filter(branch_id=staff.branch_id, groups__name=Role.DOCTOR.value)


def treating_kinds() -> list[tuple[str, str]]:
    """Return the kinds of department whose treatments are followed up, with their words."""
    kinds = (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE)
    return [(kind.value, str(kind.label)) for kind in kinds]
