"""What the supervisor sees of the agents of a branch: their lists, their day, and who is away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from clinic.models import Branch, Staff
from followups.models import AgentAbsence, CallAttempt, CallBack
from followups.selectors.calls import call_backs_seen_by, with_answers
from followups.selectors.sharing import LOOK_BACK, Worker, workers_on

_Result = CallAttempt.Result
# The results with which a call is over.
_OVER = (_Result.REACHED, _Result.REFUSED, _Result.DO_NOT_CALL, _Result.DECEASED)


@dataclass(slots=True)
class Line:
    """An agent, or everybody's list (`staff` None), with what stands on the list and what was done.

    `due`: to be called by today, of which `overdue`. `later`: on other days. `unreached`: cards of hers that wait for
    the supervisor. `reached_share`: of the tries of the last LOOK_BACK days, percent; `satisfaction`: of those, 1 to 5.
    """

    staff: Staff | None
    worker: Worker | None = None
    due: int = 0
    overdue: int = 0
    later: int = 0
    unreached: int = 0
    holds: list[CallBack] = field(default_factory=list)
    done: int = 0
    tries: int = 0
    reached_share: int | None = None
    satisfaction: float | None = None
    absence: AgentAbsence | None = None

    @property
    def here(self) -> bool:
        """Whether she makes calls today."""
        return self.worker is not None and self.worker.here

    @property
    def open_cards(self) -> int:
        """Return how many cards could be put on another list."""
        return self.due + self.later


def team(branch: Branch, now: datetime) -> tuple[list[Line], Line]:
    """Return the agents of a branch in order of name, and everybody's list; eight queries however many there are.

    Whoever does not work here any more is among them as long as calls stand on her list, and an administrator when some
    stand on hers or she has made some today.
    """
    today = branch.today(now)
    workers = {worker.staff.pk: worker for worker in workers_on(branch, today)}
    lines = {pk: Line(worker.staff, worker) for pk, worker in workers.items()}
    nobody = Line(None)
    lists: dict[int | None, dict[str, int]] = {row["shared_to"]: dict(row) for row in _lists(branch, today)}
    missing = Staff.objects.in_bulk(pk for pk in lists if pk is not None and pk not in lines)
    lines |= {pk: Line(person) for pk, person in missing.items()}
    for pk, row in lists.items():
        line = nobody if pk is None else lines[pk]
        line.due, line.overdue, line.later = row["due"], row["late"], row["later"]
        line.unreached = row["unreached"]
    _add_held(lines, branch, now)
    _add_tries(lines, branch, now)
    for absence in absences_to_come(lines, today):
        if lines[absence.staff_id].absence is None:
            lines[absence.staff_id].absence = absence
    shown = [line for line in lines.values() if _shown(line)]
    return sorted(shown, key=lambda line: (line.staff.name_key, line.staff.pk) if line.staff else ("", 0)), nobody


def _shown(line: Line) -> bool:
    makes_calls = line.worker is not None and not line.worker.staff.is_superuser
    return bool(makes_calls or line.open_cards or line.unreached or line.holds or line.tries)


def _lists(branch: Branch, today: date) -> Iterable[Mapping[str, Any]]:
    waits = Q(concern="")
    return (
        CallBack.objects.filter(branch=branch, state=CallBack.State.OPEN)
        .filter(Q(shared_to__isnull=False) | Q(call_on__lte=today))
        .order_by()
        .values("shared_to")
        .annotate(
            due=Count("id", filter=waits & Q(call_on__lte=today)),
            late=Count("id", filter=waits & Q(call_on__lt=today)),
            later=Count("id", filter=waits & Q(call_on__gt=today)),
            unreached=Count("id", filter=Q(concern=CallBack.Concern.UNREACHED)),
        )
    )


def _add_held(lines: dict[int, Line], branch: Branch, now: datetime) -> None:
    held = CallBack.objects.filter(held_by__in=lines, held_until__gt=now, branch=branch).select_related("visitor")
    for call in held.order_by("id"):
        if call.held_by_id is not None:
            lines[call.held_by_id].holds.append(call)


def _add_tries(lines: dict[int, Line], branch: Branch, now: datetime) -> None:
    begins = datetime.combine(branch.today(now), time(), branch.zone)
    of_today, reached = Q(at__gte=begins), Q(result=_Result.REACHED)
    rows = (
        CallAttempt.objects.filter(
            staff__in=lines, at__gte=begins - timedelta(days=LOOK_BACK), call_back__branch=branch
        )
        .order_by()
        .values("staff_id")
        .annotate(
            done=Count("call_back", filter=of_today & Q(result__in=_OVER), distinct=True),
            today=Count("id", filter=of_today),
            all=Count("id"),
            reached=Count("id", filter=reached),
            score=Avg("satisfaction"),
        )
    )
    for row in rows:
        line = lines[row["staff_id"]]
        line.done, line.tries = row["done"], row["today"]
        line.reached_share = round(100 * row["reached"] / row["all"])
        line.satisfaction = row["score"]


# What the figures of a line count: since when, and which tries.
FIGURES: dict[str, tuple[int, Q]] = {
    "done": (0, Q(result__in=_OVER)),
    "tries": (0, Q()),
    "reached": (LOOK_BACK, Q()),
    "satisfaction": (LOOK_BACK, Q(satisfaction__isnull=False)),
}


def tries_behind(agent: Staff, figure: str, now: datetime) -> QuerySet[CallAttempt]:
    """Return the tries of an agent that one of FIGURES counts, the last first."""
    days, counted = FIGURES[figure]
    begins = datetime.combine(agent.branch.today(now), time(), agent.branch.zone) - timedelta(days=days)
    return (
        CallAttempt.objects.filter(counted, staff=agent, at__gte=begins, call_back__branch=agent.branch_id)
        .select_related("call_back__visitor", "call_back__step", "call_back__treatment__project")
        .prefetch_related(with_answers())
        .order_by("-at", "-id")
    )


def absences_to_come(staff: Iterable[int], today: date) -> QuerySet[AgentAbsence]:
    """Return the absences of these people that stand and are not over, the next first."""
    found = AgentAbsence.objects.filter(staff__in=staff, withdrawn_at=None, last_on__gte=today)
    return found.select_related("by").order_by("first_on", "id")


def absences_of(branch: Branch) -> QuerySet[AgentAbsence]:
    """Return the absences reported at a branch."""
    return AgentAbsence.objects.filter(branch=branch).select_related("staff")


def members_of(branch: Branch) -> QuerySet[Staff]:
    """Return who has, or has had, to do with the calls of a branch: whoever a page of the team can be about."""
    return Staff.objects.filter(branch=branch).select_related("call_agent")


def on_list_of(supervisor: Staff, agent: Staff) -> QuerySet[CallBack]:
    """Return the open cards on an agent's list that can be put on another, in the order to call."""
    rows = call_backs_seen_by(supervisor).filter(shared_to=agent, state=CallBack.State.OPEN, concern="")
    return rows.order_by("-risk", "call_on", "call_at", "id")
