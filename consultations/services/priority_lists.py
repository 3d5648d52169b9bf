"""Priority lists of a month: worked out, started by a manager, or left (A11)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from consultations.models import PriorityList, PriorityPlace
from consultations.selectors.priority_lists import last_month_of, order_of, ranking_of, rules_on
from triage import services as triage
from triage.selectors.policies import only_differing

State = PriorityList.State


@transaction.atomic
def compute_priority_list(*, branch: Branch, month: date, staff: Staff | None, now: datetime) -> PriorityList:
    """Work out the priority list of a month from its figures, once, and return it; managers are told that it waits.

    `month` is its first day. A month in which no project had enough receptions gets an empty list that waits for
    nobody. Raises Refused `not_over` for a month that is not over yet.
    """
    if month > last_month_of(branch, now):
        raise Refused(
            _("This month is not over yet: its list is worked out on the first of the next."), code="not_over"
        )
    one_at_a_time(f"priority list {branch.pk} {month.isoformat()}")
    there = PriorityList.objects.filter(branch=branch, month_on=month).first()
    if there is not None:
        return there
    ranking = ranking_of(branch, month, now)
    made = PriorityList.objects.create(
        branch=branch,
        month_on=month,
        state=State.WAITING if ranking else State.LEFT,
        computed_at=now,
        decided_at=None if ranking else now,
    )
    PriorityPlace.objects.bulk_create(
        PriorityPlace(
            list=made,
            project=project,
            consultant_id=one.consultant,
            place=place,
            receptions=one.receptions,
            bought=one.bought,
            deals=one.deals,
            amount=one.amount,
        )
        for project, records in ranking.items()
        for place, one in enumerate(records, start=1)
    )
    audit.record(
        action="consultations.compute_priority_list",
        now=now,
        staff=staff,
        branch=branch,
        target=made,
        detail={"month": str(made), "entries": sum(map(len, ranking.values()))},
    )
    _tell_managers(branch, now)
    return made


@transaction.atomic
def start_priority_list(*, made: PriorityList, reason: str, staff: Staff, now: datetime) -> PriorityList:
    """Write a new version of the rules with the orders of a list, in force from tomorrow's opening (`create_policy`).

    Projects the list does not name keep the order they have; who does not work here tomorrow is left out. Raises
    Refused `newer` when there is the list of a later month, `nothing_changes` and the others of `create_policy`; Stale
    `decided` when somebody has decided about it.
    """
    made = _waiting(made)
    branch = made.branch
    if PriorityList.objects.filter(branch=branch, month_on__gt=made.month_on).exists():
        raise Refused(_("There is the list of a later month. Start that one."), code="newer")
    tomorrow = branch.today(now) + timedelta(days=1)
    rules, _policy = rules_on(branch, tomorrow)
    order = {project: list(names) for project, names in rules.priority.items()} | order_of(made, tomorrow)
    policy = triage.create_policy(
        branch=branch,
        preset=rules.preset,
        settings=only_differing(rules) | {"priority": order},
        starts_on=tomorrow,
        reason=reason,
        staff=staff,
        now=now,
    )
    made.policy = policy
    detail: dict[str, object] = {"month": str(made), "version": policy.version, "starts_on": tomorrow.isoformat()}
    return _decide(made, State.STARTED, reason, staff, now, detail, action="consultations.start_priority_list")


@transaction.atomic
def leave_priority_list(*, made: PriorityList, reason: str, staff: Staff, now: datetime) -> PriorityList:
    """Leave a list unused: the rules stay as they are. Raises Refused `reason_missing`, Stale `decided`."""
    if not reason.strip():
        raise Refused(_("Say why it is not used."), code="reason_missing")
    made = _waiting(made)
    detail: dict[str, object] = {"month": str(made), "reason": reason.strip()}
    return _decide(made, State.LEFT, reason, staff, now, detail, action="consultations.leave_priority_list")


def _waiting(made: PriorityList) -> PriorityList:
    rows = PriorityList.objects.select_for_update(of=("self",), no_key=True).select_related("branch", "decided_by")
    made = rows.get(pk=made.pk)
    if made.state != State.WAITING:
        raise Stale(
            _("%(who)s has decided about this list already: %(state)s.")
            % {"who": made.decided_by or _("The system"), "state": made.get_state_display()},
            code="decided",
        )
    return made


def _decide(
    made: PriorityList,
    state: PriorityList.State,
    reason: str,
    staff: Staff,
    now: datetime,
    detail: dict[str, object],
    *,
    action: str,
) -> PriorityList:
    made.state, made.reason, made.decided_at, made.decided_by = state, reason.strip(), now, staff
    made.save(update_fields=["state", "policy", "reason", "decided_at", "decided_by"])
    audit.record(
        action=action,
        now=now,
        staff=staff,
        branch=made.branch,
        target=made,
        detail=detail,
    )
    _tell_managers(made.branch, now)
    return made


def _tell_managers(branch: Branch, now: datetime) -> None:
    managers = Staff.objects.filter(branch=branch, groups__name=Role.MANAGER.value, active_from__lte=branch.today(now))
    concerned = [topics.staff(pk) for pk in managers.values_list("pk", flat=True)]
    if concerned:
        outbox.announce(topics=concerned)
