"""Who takes part in the calls of a branch on a day, what she has had, and why a call stands on her list."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from clinic.message_texts import language_for
from clinic.models import Branch, Staff
from clinic.roles import CAPABILITIES, Capability, Role, capabilities_of
from clinic.selectors.people import working_at
from followups.models import AgentAbsence, CallAgent, CallAttempt, CallBack, CallShare, PlanStep
from followups.sharing import Agent, Card, Placed, Rule, share_out

_State = CallBack.State
# For how many days before today an agent's calls are looked at.
LOOK_BACK = 28
# What a call adds to a load: whoever goes to a bedside is away for longer.
WEIGHTS = {PlanStep.Kind.IN_PERSON.value: 2}


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who makes calls: what she takes, whether calls are shared out to her, and until when she is away.

    `settled` is None as long as nobody has settled what she takes.
    """

    staff: Staff
    settled: CallAgent | None
    takes_part: bool
    absence: AgentAbsence | None

    @property
    def here(self) -> bool:
        """Whether she makes calls on the day."""
        return self.absence is None


def workers_on(branch: Branch, day: date) -> list[Worker]:
    """Return who makes calls at a branch and works there on a day, in order of name; three queries.

    Nobody settled what she takes: calls are shared out to her, unless she supervises others or manages the house.
    """
    makes_calls = [role.value for role, may in CAPABILITIES.items() if Capability.WORK_CALL_BACKS in may]
    people = (
        working_at(branch, day)
        .filter(Q(groups__name__in=makes_calls) | Q(is_superuser=True))
        .select_related("call_agent")
        .prefetch_related("groups")
        .distinct()
    )
    absences = {one.staff_id: one for one in absences_on(branch, day).order_by("last_on")}
    found = []
    for person in people:
        settled: CallAgent | None = getattr(person, "call_agent", None)
        person.branch = branch
        takes_part = settled.takes_part if settled is not None else not _above(person)
        found.append(Worker(person, settled, takes_part, absences.get(person.pk)))
    return found


def _above(person: Staff) -> bool:
    known = {role.value for role in Role}
    roles = frozenset(Role(group.name) for group in person.groups.all() if group.name in known)
    return person.is_superuser or Role.MANAGER in roles or Capability.SUPERVISE_CALL_BACKS in capabilities_of(roles)


def absences_on(branch: Branch, day: date) -> QuerySet[AgentAbsence]:
    """Return the absences that stand on a day."""
    standing = AgentAbsence.objects.filter(branch=branch, withdrawn_at=None)
    return standing.filter(first_on__lte=day, last_on__gte=day)


def agents_of(workers: Iterable[Worker], branch: Branch, day: date, without: Collection[int] = ()) -> list[Agent]:
    """Return these people as sharing out sees them, with what they have by the end of a day; three queries.

    `without`: calls on their lists that are not counted, because they are about to be given away.
    """
    people = {worker.staff.pk: worker for worker in workers}
    loads, past = loads_of(people, branch, day, without), _past_of(people, branch, day)
    agents = []
    for pk, worker in people.items():
        settled = worker.settled or CallAgent()
        calls, days = past.get(pk, (0, 0))
        agents.append(
            Agent(
                id=pk,
                kinds=frozenset(settled.kinds),
                languages=frozenset(settled.languages),
                load=loads[pk],
                calls=calls,
                days=days,
            )
        )
    return agents


def loads_of(people: Collection[int], branch: Branch, day: date, without: Collection[int] = ()) -> Counter[int]:
    """Return the weight of the calls that people have on a day: open by then on their lists, or tried by them on it.

    `without`: calls that are counted for nobody, unless she tried them. Two queries.
    """
    begins = datetime.combine(day, time(), branch.zone)
    on_lists = CallBack.objects.filter(
        branch=branch, state=_State.OPEN, concern="", call_on__lte=day, shared_to__in=people
    ).values_list("shared_to_id", "id", "step__kind")
    tried = CallAttempt.objects.filter(
        staff__in=people, at__gte=begins, at__lt=begins + timedelta(days=1), call_back__branch=branch
    ).values_list("staff_id", "call_back_id", "call_back__step__kind")
    given_away = set(without)
    had = {(staff, call): WEIGHTS.get(kind, 1) for staff, call, kind in on_lists if call not in given_away}
    had |= {(staff, call): WEIGHTS.get(kind, 1) for staff, call, kind in tried}
    loads: Counter[int] = Counter()
    for (staff, _call), weight in had.items():
        loads[staff] += weight
    return loads


def _past_of(people: Collection[int], branch: Branch, day: date) -> dict[int, tuple[int, int]]:
    """Return how many calls each tried in the days before, and on how many days she did."""
    ends = datetime.combine(day, time(), branch.zone)
    rows = (
        CallAttempt.objects.filter(staff__in=people, at__gte=ends - timedelta(days=LOOK_BACK), at__lt=ends)
        .order_by()
        .values("staff_id")
        .annotate(
            calls=Count("call_back", distinct=True), days=Count(TruncDate("at", tzinfo=branch.zone), distinct=True)
        )
    )
    return {row["staff_id"]: (row["calls"], row["days"]) for row in rows}


def cards_of(calls: Sequence[CallBack], branch: Branch, day: date, lists: Collection[int]) -> list[Card]:
    """Return calls as sharing out sees them; two queries.

    The calls come with visitor, step and department. `lists`: on whose lists other calls of a visitor keep her there.
    """
    visitors = {call.visitor_id for call in calls}
    last = dict(
        CallAttempt.objects.filter(call_back__visitor__in=visitors, call_back__branch=branch)
        .order_by("call_back__visitor_id", "-id")
        .distinct("call_back__visitor_id")
        .values_list("call_back__visitor_id", "staff_id")
    )
    others: dict[int, set[int]] = {}
    placed = CallBack.objects.filter(
        visitor__in=visitors, branch=branch, state=_State.OPEN, call_on__lte=day, shared_to__in=lists
    ).exclude(pk__in=[call.pk for call in calls])
    for visitor, staff in placed.values_list("visitor_id", "shared_to_id"):
        others.setdefault(visitor, set()).add(staff)
    return [
        Card(
            id=call.pk,
            visitor=call.visitor_id,
            kind=call.treatment.project.department.kind,
            language=language_for(call.visitor.name),
            risk=call.risk,
            last_caller=last.get(call.visitor_id),
            others_with=frozenset(others.get(call.visitor_id, ())),
            weight=WEIGHTS.get(call.step.kind, 1),
        )
        for call in calls
    ]


@dataclass(frozen=True, slots=True)
class Share:
    """Why a call stands on a list, for who asks: the newest decision, and what was looked at for it.

    `rule`: the word for what spoke for her when she got it in the place of another (`instead_of`). `loads`: name and
    load of everybody who could take it, the least first. `far`: who called last and had too much.
    """

    made: CallShare
    rule: str
    instead_of: Staff | None
    loads: list[tuple[Staff, int]]
    far: Staff | None


def share_of(call: CallBack) -> Share | None:
    """Return why a call stands where it stands; None for one that was never shared out. Two queries."""
    made = CallShare.objects.filter(call_back=call).select_related("staff", "by").order_by("-id").first()
    if made is None or made.staff_id != call.shared_to_id:
        return None
    facts = made.facts
    loads = {int(pk): load for pk, load in facts.get("loads", {}).items()}
    people = Staff.objects.in_bulk({*loads, *filter(None, (facts.get("from"), facts.get("far")))})
    found = [(people[pk], load) for pk, load in loads.items() if pk in people]
    rule = CallShare.Why(facts["rule"]).label if facts.get("rule") in CallShare.Why.values else ""
    return Share(
        made=made,
        rule=str(rule),
        instead_of=people.get(facts.get("from")),
        loads=sorted(found, key=lambda one: (one[1], one[0].name_key, one[0].pk)),
        far=people.get(facts.get("far")),
    )


def to_share(branch: Branch, day: date, now: datetime) -> QuerySet[CallBack]:
    """Return the open calls of a branch that are to be made by a day and that nobody holds now."""
    return CallBack.objects.filter(
        Q(held_until=None) | Q(held_until__lte=now),
        branch=branch,
        state=_State.OPEN,
        concern="",
        call_on__lte=day,
    ).order_by("id")


def newest_shares(calls: Collection[int]) -> dict[int, CallShare]:
    """Return the newest decision of each call that has one, in one query."""
    rows = CallShare.objects.filter(call_back__in=calls).order_by("call_back_id", "-id").distinct("call_back_id")
    return {row.call_back_id: row for row in rows}


def placements(calls: Sequence[CallBack], receivers: Sequence[Worker], branch: Branch, day: date) -> list[Placed]:
    """Return where calls go that a supervisor gives to these people; five queries when they are several.

    One gets them all, whatever she takes as a rule; several share them out, and `to` is None for what none can take.
    Nobody: they go on everybody's list.
    """
    if len(receivers) < 2:
        to = receivers[0].staff.pk if receivers else None
        return [Placed(call.pk, to, Rule.ONLY_ONE) for call in calls]
    agents = agents_of(receivers, branch, day, without=[call.pk for call in calls])
    return share_out(agents, cards_of(calls, branch, day, [worker.staff.pk for worker in receivers]))


def misfits(calls: Sequence[CallBack], receiver: Worker) -> int:
    """Return how many of these calls are none that somebody takes as a rule."""
    settled = receiver.settled or CallAgent()
    agent = Agent(receiver.staff.pk, frozenset(settled.kinds), frozenset(settled.languages))
    return sum(
        not agent.takes(
            Card(call.pk, call.visitor_id, call.treatment.project.department.kind, language_for(call.visitor.name))
        )
        for call in calls
    )
