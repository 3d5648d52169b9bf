"""Sharing the calls of a branch out among who is there, and changing whose list they stand on."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from followups import sharing
from followups.models import AgentAbsence, CallAgent, CallBack, CallShare
from followups.selectors.calls import treating_kinds
from followups.selectors.sharing import (
    Worker,
    agents_of,
    cards_of,
    newest_shares,
    placements,
    to_share,
    workers_on,
)
from followups.services.building import hold_building

_Why = CallShare.Why
# What somebody decided herself is not decided anew by a rule.
_BY_HAND = frozenset({_Why.SUPERVISOR, _Why.TOOK_IT})


@dataclass(frozen=True, slots=True)
class Given:
    """What became of cards that were to be given away: how many each got (None: everybody's list), how many stayed."""

    to: Mapping[int | None, int]
    stayed: int

    @property
    def number(self) -> int:
        """Return how many changed lists."""
        return sum(self.to.values())


def _one_branch(branch: Branch) -> None:
    # Whose list calls stand on is decided by one at a time, so that each decision sees the loads of those before it.
    one_at_a_time(f"lists of calls of {branch.pk}")


@transaction.atomic
def share_out(*, branch: Branch, day: date, now: datetime) -> int:
    """Put each open call that is to be made by a day on the list of somebody who is there; return how many moved.

    Taken are the calls on nobody's list, and those on the list of somebody who is away, does not work here or takes
    part no more; `followups.sharing` says who gets each. Calls somebody holds now are left alone, and so is what was
    decided by hand: a call given to or taken by somebody who is there, and one given to everybody, for that day.
    Each decision is a row of `CallShare`. Run twice, or by two at once, it does what it does once.
    """
    return _share_out(branch, day, now)


def _share_out(branch: Branch, day: date, now: datetime, anew: Collection[int] = ()) -> int:
    """Share out as `share_out` says; the calls `anew` are decided once more, whosever list they stand on."""
    _one_branch(branch)
    workers = workers_on(branch, day)
    taking = {worker.staff.pk: worker for worker in workers if worker.here and worker.takes_part}
    here = {worker.staff.pk for worker in workers if worker.here}
    # A call somebody takes or records at this moment is hers; nobody waits for it, so nobody waits in a circle.
    found = list(
        to_share(branch, day, now)
        .filter(~Q(shared_to__in=taking.keys()) | Q(pk__in=anew))
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("visitor", "step", "treatment__project__department")
    )
    newest = newest_shares([call.pk for call in found])
    calls = {
        call.pk: call for call in found if call.pk in anew or not _decided_by_hand(call, newest.get(call.pk), here, day)
    }
    if not calls:
        return 0
    agents = agents_of(taking.values(), branch, day, without=anew)
    cards = cards_of(list(calls.values()), branch, day, taking.keys())
    made = []
    for placed in sharing.share_out(agents, cards):
        call = calls[placed.card]
        before, last = call.shared_to_id, newest.get(call.pk)
        if placed.to == before and (before is not None or (last is not None and last.staff_id is None)):
            continue
        moved = placed.to is not None and before is not None and before not in taking
        facts = _facts(placed, before) | ({"rule": placed.rule.value} if moved else {})
        why = _Why.ABSENT if moved else _Why(placed.rule.value)
        made.append(CallShare(call_back=call, branch=branch, staff_id=placed.to, day=day, at=now, why=why, facts=facts))
    _write(made)
    if made:
        audit.record(
            action="followups.share_out",
            now=now,
            staff=None,
            branch=branch,
            detail={"day": day.isoformat(), "number": len(made)},
        )
        announce(topics=[topics.call_backs(branch.pk)])
    return len(made)


def _decided_by_hand(call: CallBack, last: CallShare | None, here: Collection[int], day: date) -> bool:
    """Say whether somebody decided where a call stands, and that still holds."""
    if last is None or last.staff_id != call.shared_to_id or last.why not in _BY_HAND:
        return False
    return last.day == day if call.shared_to_id is None else call.shared_to_id in here


def _facts(placed: sharing.Placed, before: int | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"loads": {str(pk): load for pk, load in placed.loads.items()}}
    if before is not None:
        facts["from"] = before
    if placed.far is not None:
        facts["far"] = placed.far
    return facts


def _write(shares: Sequence[CallShare]) -> None:
    """Write decisions down, and put the calls on the lists they name: one statement a list."""
    CallShare.objects.bulk_create(shares, batch_size=1000)
    lists: dict[int | None, list[int]] = {}
    for share in shares:
        lists.setdefault(share.staff_id, []).append(share.call_back_id)
    for staff, calls in sorted(lists.items(), key=lambda one: one[0] or 0):
        CallBack.objects.filter(pk__in=calls).update(shared_to=staff)


def give_card(*, call_back: CallBack, to: Staff | None, staff: Staff, now: datetime) -> Given:
    """Put one card on the list of a colleague, or on everybody's (None); see `give_cards`."""
    return give_cards(call_backs=[call_back.pk], to=[to] if to is not None else [], staff=staff, now=now)


@transaction.atomic
def give_cards(
    *, call_backs: Collection[int], to: Sequence[Staff], of: Staff | None = None, staff: Staff, now: datetime
) -> Given:
    """Put cards of the branch on other lists, as the supervisor says; return what became of them.

    `to`: one colleague gets all; several share them out by the same rules as always, and what none of them can take
    stays; none: everybody's list. `of`: only cards that are still on her list. Cards that are closed, wait for the
    supervisor or are held now stay as they are. Raises Refused `none_chosen`, `away` for a colleague who does not make
    calls here today.
    """
    if not call_backs:
        raise Refused(_("Choose the calls that are to change lists."), code="none_chosen")
    branch, day = staff.branch, staff.branch.today(now)
    hold_building()
    _one_branch(branch)
    receivers = _receivers(to, branch, day)
    on_list = {"shared_to": of} if of is not None else {}
    rows = CallBack.objects.filter(
        Q(held_until=None) | Q(held_until__lte=now),
        pk__in=call_backs,
        branch=branch,
        state=CallBack.State.OPEN,
        concern="",
        **on_list,
    )
    calls = {
        call.pk: call
        for call in rows.order_by("id")
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("visitor", "step", "treatment__project__department")
    }
    made = []
    for placed in placements(list(calls.values()), receivers, branch, day):
        call = calls[placed.card]
        if placed.to == call.shared_to_id or (placed.to is None and receivers):
            continue
        made.append(
            CallShare(
                call_back=call,
                branch=branch,
                staff_id=placed.to,
                day=day,
                at=now,
                by=staff,
                why=_Why.SUPERVISOR,
                facts=_facts(placed, call.shared_to_id),
            )
        )
    _write(made)
    given = Given(Counter(share.staff_id for share in made), len(set(call_backs)) - len(made))
    if made:
        audit.record(
            action="followups.give_cards",
            now=now,
            staff=staff,
            branch=branch,
            target=of,
            detail={"number": given.number, "to": [str(one) for one in to]},
        )
        announce(topics=[topics.call_backs(branch.pk)])
    return given


def _receivers(to: Sequence[Staff], branch: Branch, day: date) -> list[Worker]:
    here = {worker.staff.pk: worker for worker in workers_on(branch, day) if worker.here} if to else {}
    for one in to:
        if one.pk not in here:
            raise Refused(
                _("%(name)s does not make calls here today. Choose somebody else.") % {"name": one}, code="away"
            )
    return [here[one.pk] for one in to]


@transaction.atomic
def report_absence(
    *, agent: Staff, first_on: date, last_on: date, reason: str = "", staff: Staff, now: datetime
) -> AgentAbsence:
    """Note that an agent makes no calls from a day to a day, both included; today's are shared out at once.

    Calls of later days are shared out in the morning of each. Raises Refused `days` when the last day lies before the
    first, `day_past` when all days are past, `too_far`, `overlaps` when she is reported absent on one of them already.
    """
    branch = agent.branch
    today = branch.today(now)
    if last_on < first_on:
        raise Refused(_("The last day lies before the first."), code="days")
    if last_on < today:
        raise Refused(_("These days are past. Choose today or later days."), code="day_past")
    if last_on > today + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")
    one_at_a_time(f"absences of {agent.pk}")
    standing = AgentAbsence.objects.filter(staff=agent, withdrawn_at=None)
    other = standing.filter(first_on__lte=last_on, last_on__gte=first_on).order_by("first_on").first()
    if other is not None:
        raise Refused(
            _("%(name)s is reported absent from %(first)s to %(last)s already. Withdraw that first.")
            % {
                "name": agent,
                "first": date_format(other.first_on, "DATE_FORMAT"),
                "last": date_format(other.last_on, "DATE_FORMAT"),
            },
            code="overlaps",
        )
    absence = AgentAbsence.objects.create(
        staff=agent, branch=branch, first_on=first_on, last_on=last_on, reason=reason.strip(), at=now, by=staff
    )
    audit.record(
        action="followups.report_absence", now=now, staff=staff, branch=branch, target=agent, detail=_days(absence)
    )
    announce(topics=[topics.call_backs(branch.pk)])
    if first_on <= today:
        _share_out(branch, today, now)
    return absence


@transaction.atomic
def withdraw_absence(*, absence: AgentAbsence, staff: Staff, now: datetime) -> AgentAbsence:
    """Take an absence back. On a day of it, what went from her list and was not tried since is shared out anew.

    Raises Stale `withdrawn`.
    """
    current = AgentAbsence.objects.select_for_update(of=("self",)).select_related("staff", "branch").get(pk=absence.pk)
    if current.withdrawn_at is not None:
        raise Stale(_("Somebody has withdrawn this absence already."), code="withdrawn")
    current.withdrawn_at, current.withdrawn_by = now, staff
    current.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit.record(
        action="followups.withdraw_absence",
        now=now,
        staff=staff,
        branch=current.branch,
        target=current.staff,
        detail=_days(current),
    )
    announce(topics=[topics.call_backs(current.branch_id)])
    today = current.branch.today(now)
    if current.first_on <= today <= current.last_on:
        _share_out(current.branch, today, now, anew=_gone_from(current))
    return current


def _gone_from(absence: AgentAbsence) -> set[int]:
    """Return the calls that went from her list for this absence, and that nobody tried or moved since."""
    gone = CallShare.objects.filter(
        branch=absence.branch, day__gte=absence.first_on, why=_Why.ABSENT, facts__from=absence.staff_id
    )
    calls = set(gone.filter(at__gte=absence.at).values_list("call_back_id", flat=True))
    calls -= set(CallBack.objects.filter(pk__in=calls, attempts__at__gte=absence.at).values_list("pk", flat=True))
    newest = newest_shares(calls)
    return {pk for pk in calls if newest[pk].why == _Why.ABSENT}


def _days(absence: AgentAbsence) -> dict[str, str]:
    return {"first_on": absence.first_on.isoformat(), "last_on": absence.last_on.isoformat()}


@transaction.atomic
def set_agent(
    *,
    agent: Staff,
    takes_part: bool,
    kinds: Iterable[str] = (),
    languages: Iterable[str] = (),
    staff: Staff,
    now: datetime,
) -> CallAgent:
    """Settle whether calls are shared out to somebody, and what she takes; today's are shared out at once.

    `kinds`: of departments, none: all. `languages`: as in settings.LANGUAGES, none: Chinese. Calls on her list that
    she could not be given any more stay, unless she takes part no more. Raises Refused `kind_unknown`,
    `language_unknown`.
    """
    chosen, spoken = sorted(set(kinds)), sorted(set(languages))
    if not set(chosen) <= dict(treating_kinds()).keys():
        raise Refused(_("Choose departments from the list."), code="kind_unknown")
    if not set(spoken) <= dict(settings.LANGUAGES).keys():
        raise Refused(_("Choose languages from the list."), code="language_unknown")
    _one_branch(agent.branch)
    settled, _created = CallAgent.objects.update_or_create(
        staff=agent, defaults={"takes_part": takes_part, "kinds": chosen, "languages": spoken}
    )
    audit.record(
        action="followups.set_agent",
        now=now,
        staff=staff,
        branch=agent.branch,
        target=agent,
        detail={"takes_part": takes_part, "kinds": chosen, "languages": spoken},
    )
    announce(topics=[topics.call_backs(agent.branch_id)])
    _share_out(agent.branch, agent.branch.today(now), now)
    return settled
