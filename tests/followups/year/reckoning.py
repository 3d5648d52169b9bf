"""What has become of every step of every plan of every treatment, beside what can be reckoned by hand.

The reckoning knows the treatments, the plans as the simulation published them, and what the simulation says happened to
the visitors. It knows nothing of the statements that build the calls, nor of the tables of bars and trackings.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from clinic.models import Branch
from consultations.models import Treatment
from followups.models import CallAttempt, CallBack
from followups.plans import Step
from tests.followups.reckoning import call_on, due_on

EFFECT_DAYS = 14
# A plan of a department (its kind) or of a project (its id): from which day of treatment on which steps hold.
Plans = dict[str | int, list[tuple[date, tuple[Step, ...] | None]]]


@dataclass
class Known:
    """What is known of a branch at the end without asking the room of the calls."""

    branch: Branch
    kind_of: dict[int, str]
    plans: Plans
    week: frozenset[int] = frozenset()
    closed: set[date] = field(default_factory=set)
    worked: set[date] = field(default_factory=set)
    # By visitor: the bars that stand, and whether she is followed individually.
    bars: dict[int, set[str]] = field(default_factory=dict)
    tracked: set[int] = field(default_factory=set)
    # Treatment and step, as the simulation wrote them down: the result that ended a call, and what was ended.
    said: dict[tuple[int, str], str] = field(default_factory=dict)
    ended: set[tuple[int, str]] = field(default_factory=set)
    # Records that were made one: other → survivor.
    merged: dict[int, int] = field(default_factory=dict)

    def record_of(self, visitor_id: int) -> int:
        """Return the record a visitor is found by."""
        while visitor_id in self.merged:
            visitor_id = self.merged[visitor_id]
        return visitor_id


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to be of a step: `reason` why it is not to be called (empty: it is), the day it is due, and called."""

    reason: str
    due: date | None
    on: date | None
    # Why there need not be a call at all: it begins when she is followed individually, or when the day is known.
    not_begun: str = ""


def _local(at: datetime | None, branch: Branch) -> date | None:
    return at.astimezone(branch.zone).date() if at is not None else None


def _steps(known: Known, treatment: Treatment) -> tuple[Step, ...]:
    for key in (treatment.project_id, known.kind_of[treatment.project_id]):
        holding = [steps for starts_on, steps in known.plans.get(key, []) if starts_on <= treatment.treated_on]
        if holding and holding[-1] is not None:
            return holding[-1]
    return ()


def _counted_from(known: Known, treatment: Treatment, step: Step) -> date | None:
    match step.anchor:
        case "next_visit":
            return treatment.next_visit_on
        case "effect":
            return treatment.treated_on + timedelta(days=EFFECT_DAYS)
        case "discharge":
            return _local(treatment.discharged_at, known.branch) or treatment.treated_on
        case "filing":
            filed = _local(treatment.done_at or treatment.recorded_at, known.branch)
            return max(treatment.treated_on, filed or treatment.treated_on)
    return treatment.treated_on


def _fate(known: Known, treatment: Treatment, step: Step, again_on: date | None) -> Fate:
    start = _counted_from(known, treatment, step)
    due = due_on(start, step.offset, step.unit) if start is not None else None
    on = call_on(due, week=known.week, closed=frozenset(known.closed), worked=frozenset(known.worked)) if due else None
    visitor = known.record_of(treatment.visitor_id)
    bars = known.bars.get(visitor, set())
    if treatment.state == "cancelled":
        reason = "treatment_cancelled"
    elif bars:
        reason = min(bars)
    elif step.tracked_only and visitor not in known.tracked:
        reason = "not_tracked"
    elif due is None:
        reason = "no_day"
    elif again_on is not None and due >= again_on:
        reason = "treatment_repeated"
    else:
        reason = ""
    untracked = step.tracked_only and visitor not in known.tracked
    return Fate(reason, due, on, not_begun="not_tracked" if untracked else "no_day" if due is None else "")


def _again(known: Known, treatments: Iterable[Treatment]) -> dict[int, date]:
    """Return for each treatment the day the same was done to her again, when it was."""
    days: dict[tuple[int, int], list[tuple[date, int]]] = {}
    for one in treatments:
        if one.state != "cancelled":
            key = (known.record_of(one.visitor_id), one.project_id)
            days.setdefault(key, []).append((one.treated_on, one.pk))
    found = {}
    for same in days.values():
        same.sort()
        for (_day, pk), (later, _other) in pairwise(same):
            found[pk] = later
    return found


@dataclass
class Reconciliation:
    """By step, state and reason how many steps there are, and those of which nobody can say what became of them."""

    table: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unaccounted: list[str] = field(default_factory=list)
    treatments: int = 0
    attempts: int = 0

    @property
    def steps(self) -> int:
        """Return how many steps of plans there are."""
        return sum(self.table.values())

    def lines(self) -> list[str]:
        """Return the table as aligned lines, and the number that is not accounted for."""
        rows = [("step", "state", "reason", "number")]
        rows += [(*key, f"{number:,}") for key, number in sorted(self.table.items())]
        widths = [max(len(row[place]) for row in rows) for place in range(4)]
        said = ["  ".join([*map(str.ljust, row[:3], widths), row[3].rjust(widths[3])]) for row in rows]
        said.insert(1, "  ".join("-" * width for width in widths))
        said.append(
            f"{self.treatments:,} treatments, {self.steps:,} steps of their plans, {self.attempts:,} tries;"
            f" not accounted for: {len(self.unaccounted)}"
        )
        return said + self.unaccounted[:20]


def reconcile(known: Known, today: date) -> Reconciliation:
    """Return what has become of every step of every plan of every treatment of a branch, as of the end of `today`."""
    treatments = list(Treatment.objects.filter(branch=known.branch).order_by("id"))
    again = _again(known, treatments)
    rows: dict[tuple[int, str], CallBack] = {
        (one.treatment_id, one.code): one for one in CallBack.objects.filter(branch=known.branch)
    }
    tries = CallAttempt.objects.filter(call_back__branch=known.branch)
    last = dict(tries.order_by("id").values_list("call_back_id", "result"))
    found = Reconciliation(treatments=len(treatments), attempts=tries.count())
    for treatment in treatments:
        for step in _steps(known, treatment):
            fate = _fate(known, treatment, step, again.get(treatment.pk))
            row = rows.pop((treatment.pk, step.code), None)
            state, reason, wrong = _judge(known, fate, row, last, today)
            found.table[step.code, state, reason] += 1
            if wrong:
                found.unaccounted.append(f"treatment {treatment.pk} {step.code}: {state} {reason}: {wrong}")
    for (treatment_id, code), row in rows.items():
        # A call that the plan has no more: made before it changed, or closed for that.
        found.table[f"{code} (no more)", row.state, row.state_reason] += 1
        made = row.state == "done" and known.said.get((treatment_id, code)) == row.state_reason
        ended = row.state_reason == "ended" and (treatment_id, code) in known.ended
        if not (made or ended or row.state_reason in ("plan_changed", "treatment_cancelled")):
            found.unaccounted.append(f"treatment {treatment_id} {code}: no step of its plan, {row.state}")
    return found


def _judge(known: Known, fate: Fate, row: CallBack | None, last: dict[int, str], today: date) -> tuple[str, str, str]:
    """Return the state and reason of a step as they are told, and what is wrong with them (empty: nothing)."""
    if row is None:
        return "no call", fate.not_begun or fate.reason, "" if fate.not_begun else "there is no call"
    key = (row.treatment_id, row.code)
    if row.state == "done":
        said = known.said.get(key)
        wrong = "" if said == last.get(row.pk) == row.state_reason else f"nobody said so: {said}, {last.get(row.pk)}"
        return "called", row.state_reason, wrong
    if row.state_reason == "ended":
        return "not called", "ended", "" if key in known.ended else "nobody ended it"
    if row.state == "cancelled":
        return "not called", row.state_reason, "" if row.state_reason == fate.reason else f"reckoned: {fate.reason!r}"
    wrong = _wrong_with_open(fate, row, today)
    return "to come", "by plan" if row.as_planned else "tried or put off", wrong


def _wrong_with_open(fate: Fate, row: CallBack, today: date) -> str:
    if fate.reason:
        return f"open, though reckoned: {fate.reason}"
    if row.call_on <= today:
        return f"was to be called on {row.call_on}"
    if row.due_on != fate.due or (row.as_planned and row.call_on != fate.on):
        return f"due {row.due_on}, called {row.call_on}; reckoned: {fate.due}, {fate.on}"
    return ""
