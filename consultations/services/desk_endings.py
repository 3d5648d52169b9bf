"""What a department has a visitor for ends: it is done, she goes before, or it is over elsewhere.

Rows are locked in the order of this room: board, visit, then the case.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.services import audit
from consultations.models import DeskCase, StageEntry, Treatment
from consultations.services.desk_rules import end_visit_of, locked_case, saved
from consultations.stages import Stage
from reception import services as reception
from reception.models import Visit
from triage import services as triage

State = DeskCase.State
Purpose = DeskCase.Purpose
# A day at a desk lasts into the small hours: who waits at midnight is not forgotten yet.
_AFTER_MIDNIGHT = timedelta(hours=4)


def in_hand() -> Q:
    """Return which cases end with what is being done, whatever day it is: she is with somebody, or in theatre."""
    in_theatre = Q(treatment__stage=Stage.IN_THEATRE, treatment__state=Treatment.State.PLANNED)
    return Q(state=State.WITH_STAFF) | (in_theatre & Q(treatment__visit=F("visit")))


def since_day(branch: Branch, now: datetime) -> date:
    """Return the day since which nobody is forgotten at the desks of a branch: today, in the small hours yesterday."""
    return branch.today(now - _AFTER_MIDNIGHT)


@transaction.atomic
def finish_case(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """The department is done with a visitor; whoever had her is free. Finished twice is finished once.

    A visit that nobody else receives ends with it. Raises Refused `treatment_open` while the treatment of today she
    came for is not done, unless it was put back; Stale `moved_on` before she went in, or when she is gone.
    """
    current = locked_case(case, State.WITH_STAFF, State.DONE, gone_too=True)
    if current.state == State.DONE:
        return current
    _refuse_open_treatment(current)
    triage.finish_at_desk(visit=current.visit, desk=current.department.code, staff=staff, now=now)
    current.state, current.ended_at = State.DONE, now
    audit.record(action="consultations.finish_case", now=now, staff=staff, target=current)
    saved(current)
    end_visit_of(current, Visit.State.FINISHED, now)
    return current


@transaction.atomic
def leave_case(*, case: DeskCase, reason: str, staff: Staff, now: datetime) -> DeskCase:
    """The visitor goes before anybody at the department received her (T8). Gone twice is gone once.

    A visit that nobody else receives ends with it. Raises Stale `moved_on` once she is with somebody.
    """
    current = locked_case(case, State.SENT, State.WAITING, State.CALLED, State.LEFT, gone_too=True)
    if current.state == State.LEFT:
        return current
    reason = reason.strip()
    triage.leave_desk(visit=current.visit, desk=current.department.code, reason=reason, staff=staff, now=now)
    current.state, current.ended_at, current.left_reason = State.LEFT, now, reason
    audit.record(action="consultations.leave_case", now=now, staff=staff, target=current, detail={"reason": reason})
    saved(current)
    end_visit_of(current, Visit.State.LEFT, now)
    return current


@transaction.atomic
def end_case(
    *, case: DeskCase, received_by: Staff | None = None, reason: str = "", staff: Staff | None, now: datetime
) -> DeskCase:
    """End a case because what it was for is over elsewhere; who has her, or was to have her, is free on the board.

    Who is with somebody is done, and so is whom `received_by` received although the desk did not know: the turn counts.
    Anybody else has left, for the `reason`. A visit that nobody else receives is finished with it. Ended already stays
    as it is.
    """
    reason = reason[:200]
    current = locked_case(case, *State.values, gone_too=True)
    if current.state not in DeskCase.OPEN_STATES:
        return current
    desk = current.department.code
    if current.state == State.WITH_STAFF:
        triage.finish_at_desk(visit=current.visit, desk=desk, staff=staff, now=now)
    elif received_by is not None and current.staff_id == received_by.pk:
        triage.enter_at_desk(visit=current.visit, desk=desk, staff=staff, now=now)
        triage.finish_at_desk(visit=current.visit, desk=desk, staff=staff, now=now)
    else:
        triage.leave_desk(visit=current.visit, desk=desk, reason=reason, staff=staff, now=now)
    if received_by is not None and current.state != State.WITH_STAFF:
        current.staff = received_by
    if received_by is not None or current.state == State.WITH_STAFF:
        current.arrived_at, current.entered_at = current.arrived_at or now, current.entered_at or now
        current.state, action = State.DONE, "finish_case"
    else:
        current.state, current.left_reason, action = State.LEFT, reason, "leave_case"
    current.ended_at = now
    audit.record(
        action=f"consultations.{action}",
        now=now,
        staff=staff,
        branch=current.visit.branch,
        target=current,
        detail={"reason": reason} if reason else {},
    )
    saved(current)
    end_visit_of(current, Visit.State.FINISHED, now)
    return current


@transaction.atomic
def end_cases_of_gone(*, visit: Visit, now: datetime) -> list[DeskCase]:
    """End what departments have a visitor for who left the house, or was never here; return the cases that ended.

    Who is in theatre is not gone, whatever the front desk said: that case ends with the treatment. Done twice is done
    once; nothing happens while the visit stands.
    """
    reception.hold_visitor(visit.visitor_id)
    if Visit.objects.get(pk=visit.pk).state not in (Visit.State.LEFT, Visit.State.VOID):
        return []
    rows = DeskCase.objects.filter(visit=visit.pk, state__in=DeskCase.OPEN_STATES).select_related("department")
    # The boards before the visit, one order for everybody who takes several.
    for code in sorted({one.department.code for one in rows}):
        triage.hold_desk(visit=visit, desk=code)
    operated = Q(state=State.WITH_STAFF, treatment__stage=Stage.IN_THEATRE, treatment__state=Treatment.State.PLANNED)
    return [end_case(case=one, staff=None, now=now) for one in rows.all().exclude(operated).order_by("pk")]


def forgotten_cases(now: datetime) -> list[DeskCase]:
    """Return the cases of days that are over which nobody ended, the oldest first; see `in_hand` for the others."""
    found: list[DeskCase] = []
    for branch in Branch.objects.all():
        rows = DeskCase.objects.filter(
            branch=branch, day__lt=since_day(branch, now), state__in=[State.SENT, State.WAITING, State.CALLED]
        )
        found += rows.exclude(in_hand()).order_by("day", "pk")
    return found


@transaction.atomic
def end_forgotten_case(*, case: DeskCase, now: datetime) -> bool:
    """End a case of a day that is over: she was expected or waited, and nobody said what became of her.

    The visit is left to the front desk, which ends what was forgotten of a day before it is closed. Done twice is done
    once. Returns whether it ended.
    """
    reception.hold_visitor(case.visit.visitor_id)
    current = locked_case(case, *State.values, gone_too=True)
    over = current.day < since_day(current.visit.branch, now)
    still = DeskCase.objects.filter(pk=current.pk, state__in=DeskCase.OPEN_STATES).exclude(in_hand()).exists()
    if not over or not still:
        return False
    reason = _("Nobody ended it on that day.")
    desk = current.department.code
    triage.leave_desk(visit=current.visit, desk=desk, reason=reason, staff=None, now=now)
    current.state, current.ended_at, current.left_reason = State.LEFT, now, reason
    audit.record(
        action="consultations.leave_case",
        now=now,
        staff=None,
        branch=current.visit.branch,
        target=current,
        detail={"reason": reason},
    )
    saved(current)
    return True


def _refuse_open_treatment(case: DeskCase) -> None:
    """Refuse to end a case before its treatment; who was put back from the theatre is let go by the desk itself."""
    if case.purpose != Purpose.TREATMENT or case.treatment_id is None:
        return
    treatment = (
        Treatment.objects.select_related("project__department")
        .filter(pk=case.treatment_id, treated_on=case.day, state=Treatment.State.PLANNED)
        .first()
    )
    if treatment is None:
        return
    last = treatment.course.order_by("-id").first()
    if last is not None and last.sort != StageEntry.Sort.STEP:
        return
    raise Refused(
        _(
            "The treatment is still “%(stage)s”: record it as done, and she is done here with that. If it does not take"
            " place, cancel it or put it back with a reason."
        )
        % {"stage": treatment.stage_word},
        code="treatment_open",
    )
