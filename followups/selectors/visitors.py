"""What the room knows of one visitor: her calls treatment by treatment, and what she wishes about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from clinic.models import Staff
from consultations.models import Treatment
from followups.models import CallAttempt, CallBack, CallBar, Tracking
from followups.selectors.calls import UPCOMING_DAYS, call_backs_seen_by
from followups.selectors.plans import treatments_planned_by
from reception.models import Visitor
from reception.selectors.visitors import search_visitors

# So many visitors are offered for what was typed of somebody who calls, and so many of their last calls.
MOST_FOUND = 8
LAST_CALLS = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """A visitor who may be calling: her cards that can be taken now, her later ones, and what was last said."""

    visitor: Visitor
    cards: list[CallBack] = field(default_factory=list)
    later: list[CallBack] = field(default_factory=list)
    last: list[CallAttempt] = field(default_factory=list)


def callers(staff: Staff, text: str, now: datetime) -> list[Caller]:
    """Return whom the typed text may mean, those with a card first; each with her open cards, the most urgent first.

    A card is to be taken when its call is due within UPCOMING_DAYS: a later one is made on its own day. Three queries
    beside those that find the visitors, however many are found.
    """
    found = {visitor.pk: Caller(visitor) for visitor in search_visitors(staff, text, MOST_FOUND)}
    today = staff.branch.today(now)
    rows = call_backs_seen_by(staff).filter(visitor__in=found, state=CallBack.State.OPEN)
    for call in rows.order_by("-risk", "call_on", "call_at", "id"):
        caller = found[call.visitor_id]
        (caller.cards if is_due_soon(call, today) else caller.later).append(call)
    for caller in found.values():
        caller.later.sort(key=lambda call: call.call_on)
    for attempt in _last_calls(staff, found):
        last = found[attempt.call_back.visitor_id].last
        if len(last) < LAST_CALLS:
            last.append(attempt)
    return sorted(found.values(), key=lambda caller: not caller.cards)


def is_due_soon(call: CallBack, today: date) -> bool:
    """Say whether a card is to be taken when its visitor calls: open, and due within UPCOMING_DAYS."""
    return call.state == CallBack.State.OPEN and call.call_on <= today + timedelta(days=UPCOMING_DAYS)


def _last_calls(staff: Staff, visitors: Iterable[int]) -> QuerySet[CallAttempt]:
    rows = CallAttempt.objects.filter(call_back__visitor__in=visitors, call_back__branch=staff.branch_id)
    return rows.select_related("staff", "call_back__step", "call_back__treatment__project").order_by("-id")[:100]


@dataclass(frozen=True, slots=True)
class Followed:
    """A treatment with its calls."""

    treatment: Treatment
    calls: list[CallBack]


def treatments_followed(visitor: Visitor, staff: Staff) -> QuerySet[Treatment]:
    """Return a visitor's treatments at the person's branch that can have calls, the latest first."""
    return treatments_planned_by(staff).filter(visitor=visitor).order_by("-treated_on", "-pk")


def followed_by_calls(treatments: Sequence[Treatment]) -> list[Followed]:
    """Return treatments with their calls, in one query."""
    calls: dict[int, list[CallBack]] = {treatment.pk: [] for treatment in treatments}
    for call in CallBack.objects.filter(treatment__in=treatments).select_related("step").order_by("due_on", "id"):
        calls[call.treatment_id].append(call)
    return [Followed(treatment, calls[treatment.pk]) for treatment in treatments]


def calls_of_treatment(treatment: Treatment) -> QuerySet[CallBack]:
    """Return the calls of a treatment as they follow one another."""
    return CallBack.objects.filter(treatment=treatment).select_related("step").order_by("due_on", "id")


def bars_of(visitor: Visitor) -> QuerySet[CallBar]:
    """Return why a visitor gets or got no calls, those that stand first."""
    rows = CallBar.objects.filter(visitor=visitor).select_related("by", "ended_by", "branch")
    return rows.order_by("-ended_at", "-at")


def trackings_of(visitor: Visitor) -> QuerySet[Tracking]:
    """Return since when a visitor is or was tracked individually, the one that stands first."""
    rows = Tracking.objects.filter(visitor=visitor).select_related("by", "ended_by", "branch")
    return rows.order_by("-ended_at", "-at")
