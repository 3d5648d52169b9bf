"""Which calls wait until a complaint is closed, and which complaint that is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, QuerySet

from clinic.models import Branch
from followups.models import CallBack, CallBar


@dataclass(frozen=True, slots=True)
class Pause:
    """A complaint a visitor's calls wait for, with how many of them do, and when the first of them was due."""

    bar: CallBar
    calls: int
    first_due_on: date | None


def pauses_standing(branch: Branch) -> QuerySet[CallBar]:
    """Return the complaints of a branch that visitors' calls wait for, the longest first."""
    return (
        CallBar.objects.filter(branch=branch, reason=CallBar.Reason.COMPLAINT, ended_at=None)
        .select_related("visitor", "by")
        .order_by("at", "pk")
    )


def paused_calls(branch: Branch) -> QuerySet[CallBack]:
    """Return the calls of a branch that wait until a complaint is closed."""
    # By their visitors, of whom there are few: calls are many.
    standing = CallBar.objects.filter(reason=CallBar.Reason.COMPLAINT, ended_at=None)
    return CallBack.objects.filter(
        branch=branch,
        visitor__in=standing.values("visitor"),
        state=CallBack.State.CANCELLED,
        state_reason=CallBack.Reason.COMPLAINT,
    )


def with_calls(bars: list[CallBar], branch: Branch) -> list[Pause]:
    """Return each of these complaints with the calls of its visitor that wait. One query."""
    visitors = [bar.visitor_id for bar in bars]
    counted = paused_calls(branch).filter(visitor__in=visitors).values("visitor")
    found = {
        row["visitor"]: (row["calls"], row["first"])
        for row in counted.annotate(calls=Count("pk"), first=Min("call_on")).order_by()
    }
    return [Pause(bar, *found.get(bar.visitor_id, (0, None))) for bar in bars]


def pauses_of(visitor_id: int) -> list[CallBar]:
    """Return the complaints a visitor's calls have waited or wait for: those that stand first, then the last ones."""
    of_hers = CallBar.objects.filter(visitor=visitor_id, reason=CallBar.Reason.COMPLAINT)
    return sorted(of_hers.order_by("-at", "-pk")[:5], key=lambda bar: bar.ended_at is not None)


def pause_for(branch: Branch, about: str) -> CallBar | None:
    """Return the bar a complaint has set, whether it stands or has ended; None when no calls waited for it."""
    named = CallBar.objects.filter(branch=branch, reason=CallBar.Reason.COMPLAINT, about=about)
    return named.order_by("-pk").first()
