"""What the call-back screens read; every answer is limited to the branch of the person who asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.utils.formats import date_format

from clinic.models import Department, Staff
from clinic.roles import Capability, Role
from clinic.words import reads_chinese
from followups.models import CallAnswer, CallAttempt, CallBack, PlanQuestion, PlanStep
from followups.script import fill

UPCOMING_DAYS = 7


class Tab(StrEnum):
    """The lists an agent works from."""

    TODAY = "today"
    OVERDUE = "overdue"
    TOMORROW = "tomorrow"
    UPCOMING = "upcoming"
    SUPERVISOR = "supervisor"


class Whose(StrEnum):
    """Whose cards a list shows: those on my list or in my hand, those on nobody's list, or all of the team."""

    MINE = "mine"
    EVERYBODY = "everybody"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is narrowed to; empty or None: not narrowed.

    `how`: a kind of call, by phone, in person or by message. `agent_id`: on whose list; `whose` says nothing then.
    """

    department_kind: str = ""
    doctor_id: int | None = None
    how: str = ""
    whose: Whose | None = None
    agent_id: int | None = None

    @property
    def fits(self) -> Q:
        """Return the condition for what was treated by whom, and how she is called."""
        found = Q()
        if self.department_kind:
            found &= Q(treatment__project__department__kind=self.department_kind)
        if self.doctor_id:
            found &= Q(treatment__doctor_id=self.doctor_id)
        if self.how:
            found &= Q(step__kind=self.how)
        if self.agent_id:
            found &= Q(shared_to_id=self.agent_id)
        return found

    def of(self, staff: Staff, now: datetime) -> Q:
        """Return the condition for whose cards are meant, as this person sees them."""
        if self.agent_id:
            return Q()
        if self.whose is Whose.MINE:
            return _hers(staff, now)
        return Q(shared_to=None) if self.whose is Whose.EVERYBODY else Q()


def _hers(staff: Staff, now: datetime) -> Q:
    return Q(shared_to=staff) | Q(held_by=staff, held_until__gt=now)


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
        "shared_to",
        "treatment__doctor",
        "treatment__project__department",
    )


def call_backs_worked_by(staff: Staff) -> QuerySet[CallBack]:
    """Return the call-backs this person works: those of the branch for who makes calls, none for anybody else."""
    rows = call_backs_seen_by(staff)
    return rows if staff.may(Capability.WORK_CALL_BACKS) else rows.none()


def worklist(*, staff: Staff, tab: Tab, now: datetime, narrowing: Narrowing | None = None) -> QuerySet[CallBack]:
    """Return a list in the order to call: by risk, then by lateness.

    Whoever was promised a call at an hour that has come is first; calls that wait for an hour still to come are last.
    *Today* holds everything that is to be called by today, so what was missed stands in it too. The supervisor's list
    is the same whoever's the cards are.
    """
    narrowing = narrowing or Narrowing()
    rows = call_backs_seen_by(staff).filter(_in_tab(tab, staff.branch.today(now)), narrowing.fits)
    if tab is Tab.SUPERVISOR:
        return rows.order_by("concern_at", "id")
    return rows.filter(narrowing.of(staff, now)).order_by(_turn(now), *_ORDER)


_ORDER = ("-risk", "call_on", "call_at", "id")


def _turn(now: datetime) -> Case:
    come, waits = When(promised=True, call_at__lte=now, then=Value(0)), When(call_at__gt=now, then=Value(2))
    return Case(come, waits, default=Value(1), output_field=IntegerField())


def free_cards(*, staff: Staff, tab: Tab, now: datetime, narrowing: Narrowing | None = None) -> QuerySet[CallBack]:
    """Return the cards of a list that nobody else holds and whose hour has come, in the order to call.

    Those on her own list come first, then those on nobody's, unless a promised hour has come; those on another's list
    come last, and only when the whole team or an agent was asked for. None from the supervisor's list: what stands
    there is looked at before anybody calls.
    """
    narrowing = narrowing or Narrowing()
    found = worklist(staff=staff, tab=tab, now=now, narrowing=replace(narrowing, whose=None)).filter(
        Q(state=CallBack.State.OPEN, concern=""),
        Q(held_until=None) | Q(held_until__lte=now) | Q(held_by=staff),
        Q(call_at=None) | Q(call_at__lte=now),
    )
    if narrowing.agent_id:
        return found
    hers = Q(shared_to=staff) | Q(held_by=staff)
    if narrowing.whose is Whose.EVERYBODY:
        found = found.filter(shared_to=None)
    elif narrowing.whose is not Whose.TEAM:
        found = found.filter(hers | Q(shared_to=None))
    own = Case(When(hers, then=Value(1)), When(shared_to=None, then=Value(2)), default=Value(3))
    promised = When(Q(promised=True, call_at__lte=now) & (hers | Q(shared_to=None)), then=Value(0))
    return found.order_by(Case(promised, default=own, output_field=IntegerField()), _turn(now), *_ORDER)


def all_shown_first(*, staff: Staff, tabs: Sequence[Tab], narrowing: Narrowing, now: datetime) -> dict[Tab, Narrowing]:
    """Return what each list shows when nobody said whose cards; one query at most.

    Her own, once she has some that are to be called by today, else those on nobody's list; who supervises, all of the
    team's. Calls are shared out in the morning of their day, so of what is to come those on nobody's list are shown.
    """
    if narrowing.whose is not None or narrowing.agent_id:
        return dict.fromkeys(tabs, narrowing)
    today = staff.branch.today(now)
    due = CallBack.objects.filter(_in_tab(Tab.TODAY, today), branch_id=staff.branch_id)
    others = Whose.TEAM if staff.may(Capability.SUPERVISE_CALL_BACKS) else Whose.EVERYBODY
    own = Whose.MINE if due.filter(_hers(staff, now)).exists() else others
    return {tab: replace(narrowing, whose=own if tab in (Tab.TODAY, Tab.OVERDUE) else others) for tab in tabs}


def tab_counts(*, staff: Staff, now: datetime, narrowings: Mapping[Tab, Narrowing] | None = None) -> dict[Tab, int]:
    """Return how many cards each list holds, narrowed as said for each (None: not), in one query."""
    today = staff.branch.today(now)
    horizon = today + timedelta(days=UPCOMING_DAYS)
    counts = {}
    for tab in tabs_of(staff):
        narrowing = (narrowings or {}).get(tab, Narrowing())
        fits = _in_tab(tab, today) & narrowing.fits
        counts[tab.value] = Count("id", filter=fits if tab is Tab.SUPERVISOR else fits & narrowing.of(staff, now))
    numbers = (
        CallBack.objects.filter(branch_id=staff.branch_id)
        .filter(Q(state=CallBack.State.OPEN, call_on__lte=horizon) | ~Q(concern=""))
        .aggregate(**counts)
    )
    return {Tab(name): number for name, number in numbers.items()}


def earlier_calls(call_back: CallBack) -> QuerySet[CallAttempt]:
    """Return all tries ever made for the visitor of a card, newest first."""
    return (
        CallAttempt.objects.filter(call_back__visitor_id=call_back.visitor_id, call_back__branch_id=call_back.branch_id)
        .select_related("staff", "call_back__step", "call_back__treatment__project")
        .prefetch_related(with_answers())
        .order_by("-id")
    )


def with_answers() -> "Prefetch[str]":
    """Return what a read of tries loads beside them: the answers with their questions, in one query."""
    return Prefetch("answers", CallAnswer.objects.select_related("question"))


def questions_of(call_back: CallBack) -> list[PlanQuestion]:
    """Return what is asked in a call and recorded, in its order."""
    return list(PlanQuestion.objects.filter(step=call_back.step_id).order_by("position"))


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


def kinds_of_calls() -> list[tuple[str, str]]:
    """Return how visitors are called, with their words."""
    return [(kind.value, str(kind.label)) for kind in PlanStep.Kind]
