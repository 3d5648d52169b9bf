"""The way of a treatment from the order to the visitor's going home, one step at a time."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from consultations.models import DeskCase, StageEntry, Treatment
from consultations.selectors.drugs import GIVES
from consultations.selectors.treatments import roles_of
from consultations.services import desk_endings, desks
from consultations.services.at_desk import forget_arrival, hold_desk_of, refuse_two_in_theatre, tell_desk
from consultations.services.course_rules import (
    IN_HOSPITAL,
    check_doctor,
    fall_back,
    heads,
    locked_treatment,
    missing_for,
    not_recorded_by,
    reach_treated,
    save_once,
    tell,
    unready,
)
from consultations.stages import BEFORE_DONE, GATED, Stage, earlier, may_follow, may_record
from reception import services as reception
from reception.models import Visit, Visitor
from triage import services as triage

State = Treatment.State
UNDO_SECONDS = 10
# The answer travels, and the button is drawn a moment later.
_UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 2)
_TIME_OF = {
    Stage.ARRIVED: "arrived_at",
    Stage.IN_THEATRE: "started_at",
    Stage.DONE: "done_at",
    Stage.OBSERVED: "observed_at",
    Stage.DISCHARGED: "discharged_at",
}


def begin_as_done(treatment: Treatment, visitor: Visitor, *, staff: Staff, now: datetime, over: bool) -> None:
    """Let a treatment that was just filed be done; `over`: it was done on an earlier day, so she is long at home."""
    before = treatment.stage
    treatment.state = State.DONE
    treatment.stage = Stage.DISCHARGED if over else Stage.DONE
    treatment.done_at = None if over else now
    treatment.save(update_fields=["state", "stage", "done_at"])
    _write(treatment, before, staff, now)
    reach_treated(visitor)


def _write(
    treatment: Treatment,
    before: str,
    staff: Staff,
    now: datetime,
    sort: str = "step",
    reason: str = "",
    planned_on: date | None = None,
) -> None:
    StageEntry.objects.create(
        treatment=treatment,
        sort=sort,
        before=before,
        planned_on=planned_on,
        stage=treatment.stage,
        reason=reason,
        at=now,
        by=staff,
    )


def _visit_of(treatment: Treatment) -> Visit | None:
    """Return the visit the visitor is here on: the open one, else the latest of that day."""
    visits = Visit.objects.filter(
        visitor=treatment.visitor_id, branch=treatment.branch_id, day=treatment.treated_on
    ).exclude(state=Visit.State.VOID)
    found = visits.filter(state__in=Visit.OPEN_STATES).first()
    return found or visits.order_by("-number").first()


def _is_here_since(treatment: Treatment, day: date, now: datetime) -> bool:
    """Say whether she came on the day of the treatment and has not gone since: midnight moves nothing.

    Who only waits at a desk that forgot her on an earlier day is not.
    """
    if treatment.stage == Stage.ORDERED or treatment.visit_id is None:
        return False
    case = Q(desk_cases__treatment=treatment, desk_cases__state__in=DeskCase.OPEN_STATES)
    case &= Q(desk_cases__state=DeskCase.State.WITH_STAFF) | Q(
        desk_cases__day__gte=desk_endings.since_day(treatment.branch, now)
    )
    here = Q(state__in=Visit.OPEN_STATES) | case
    rows = Visit.objects.filter(here, pk=treatment.visit_id, day=day)
    return rows.exclude(state__in=[Visit.State.LEFT, Visit.State.VOID]).exists()


@transaction.atomic
def advance_treatment(
    *,
    treatment: Treatment,
    stage: str,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
    room: str | None = None,
    expected_minutes: int | None = None,
    assistant: Staff | None = None,
    in_spite: str = "",
    no_drug_reason: str = "",
) -> Treatment:
    """Take a treatment to the next stage; return it under lock, with its new version.

    Who comes on another day than planned is treated today; what is recorded afterwards, or of somebody who is here
    since before midnight, stays on its day. `room` (None: as it is), `expected_minutes` (from the beginning) and
    `assistant`, the nurse or beautician, are told with the beginning. `in_spite`: the reason why the head of the
    department goes on although something is missing. `no_drug_reason`: why somebody who goes home was injected nothing,
    by a doctor or nurse; the step keeps it. The desk of the department is told: she waits there, is with her doctor
    (who is busy on the board), is done.

    Raises Refused `not_next` when this stage does not follow, `not_yours` when the role does not record it, `unready`
    with everything that is missing in `detail["missing"]`, `not_head` when somebody else wants to go on in spite of
    it, `doctor_away`, `doctor_in_theatre` with somebody else; Stale when it changed or is cancelled, today has the
    same project already, or `isolated` before it is done while she is set apart.
    """
    visitor = reception.hold_visitor(treatment.visitor_id)
    held = hold_desk_of(treatment, visitor, stage, staff, now)
    current = locked_treatment(treatment, expected_version)
    before, wanted = current.stage, _stage_in(stage)
    if wanted in BEFORE_DONE:
        _refuse_set_apart(current, now)
    if wanted not in may_follow(current.kind, Stage(before)):
        raise _not_next(current)
    if not may_record(current.kind, wanted, roles_of(staff)):
        raise not_recorded_by(current, wanted)
    if wanted == Stage.IN_THEATRE:
        refuse_two_in_theatre(current, held, now)
    why = _refuse_or_note(current, wanted, staff, now, in_spite.strip(), no_drug_reason.strip())
    day, today = current.treated_on, current.branch.today(now)
    if (wanted in BEFORE_DONE or day > today) and not _is_here_since(current, day, now):
        current.treated_on = today
        if day != today:
            check_doctor(current.doctor, today)
    current.stage = wanted
    if wanted in _TIME_OF:
        setattr(current, _TIME_OF[wanted], now)
    if wanted == Stage.ARRIVED or (wanted in BEFORE_DONE and current.treated_on != day):
        current.visit = _visit_of(current)
    if room is not None:
        current.room = room.strip()
    current.expected_minutes = expected_minutes or current.expected_minutes
    current.assistant = assistant or current.assistant
    became_done = current.state == State.PLANNED and wanted not in BEFORE_DONE
    if became_done:
        current.state = State.DONE
        reach_treated(visitor)
    current.version += 1
    save_once(current)
    _write(current, before, staff, now, reason=why, planned_on=day if day != current.treated_on else None)
    audit.record(
        action="consultations.advance_treatment",
        now=now,
        staff=staff,
        target=current,
        detail={"from": before, "to": wanted.value} | ({"reason": why} if why else {}),
    )
    tell(current, follow=became_done or day != current.treated_on)
    tell_desk(current, held, wanted, staff, now)
    return current


@transaction.atomic
def take_in(
    *,
    visit: Visit,
    department: Department,
    purpose: str,
    treatment: Treatment | None = None,
    staff: Staff,
    now: datetime,
) -> DeskCase:
    """The desk of a department takes a visitor in; a treatment she comes for has arrived with that.

    As `desks.take_in`, which says what it raises. A treatment that cannot say so (it is past that, or has changed) is
    as it was.
    """
    reception.hold_visitor(visit.visitor_id)
    if treatment is not None:
        # What was read before the visitor was locked may have been moved, done or given to another since.
        treatment = Treatment.objects.select_related("project__department", "doctor").get(pk=treatment.pk)
    triage.hold_desk(visit=visit, desk=department.code)
    case = desks.take_in(visit=visit, department=department, purpose=purpose, treatment=treatment, staff=staff, now=now)
    ordered = case.treatment if case.purpose == DeskCase.Purpose.TREATMENT else None
    if ordered is not None and ordered.state == State.PLANNED and ordered.stage == Stage.ORDERED:
        with suppress(Refused, Stale), transaction.atomic():
            advance_treatment(treatment=ordered, stage=Stage.ARRIVED, staff=staff, now=now)
    return case


def _refuse_set_apart(current: Treatment, now: datetime) -> None:
    visits = Visit.objects.filter(
        visitor=current.visitor_id, branch=current.branch_id, day=current.branch.today(now), isolated_at__isnull=False
    )
    if (apart := visits.exclude(state__in=[Visit.State.LEFT, Visit.State.VOID]).first()) is not None:
        reception.refuse_isolated(apart)


@transaction.atomic
def leave_case(*, case: DeskCase, reason: str, staff: Staff, now: datetime) -> DeskCase:
    """The visitor goes before anybody at the department received her; what she came for is ordered, not arrived.

    As `desk_endings.leave_case`, which says what it raises.
    """
    visitor = reception.hold_visitor(case.visit.visitor_id)
    left = desk_endings.leave_case(case=case, reason=reason, staff=staff, now=now)
    if left.purpose != DeskCase.Purpose.TREATMENT or left.treatment_id is None:
        return left
    rows = Treatment.objects.select_for_update(no_key=True).filter(pk=left.treatment_id, state=State.PLANNED)
    came_for = rows.filter(stage__in=[Stage.ARRIVED, Stage.PREPARING]).first()
    if came_for is not None:
        words = left.left_reason or _("She left the department.")
        day = _day_ahead(came_for, now)
        _put_back(came_for, visitor, Stage.ORDERED, staff, now, StageEntry.Sort.CORRECTION, words, day=day)
    return left


def _stage_in(text: str) -> Stage:
    try:
        return Stage(text)
    except ValueError:
        raise Refused(_("There is no such stage of a treatment."), code="stage_unknown") from None


def _not_next(current: Treatment) -> Refused:
    following = may_follow(current.kind, Stage(current.stage))
    if not following:
        return Refused(_("This treatment is over. Put it back with a reason if that is wrong."), code="not_next")
    return Refused(
        _("After “%(now)s” comes “%(next)s”. Record that first.")
        % {"now": current.stage_word, "next": current.word_of(following[0])},
        code="not_next",
    )


def _refuse_or_note(
    current: Treatment, wanted: Stage, staff: Staff, now: datetime, in_spite: str, no_drug_reason: str
) -> str:
    """Hold the treatment at the gate, or note that the head of the department goes on without what is missing.

    Return why no drug was given, when that was said and none was.
    """
    if wanted not in GATED and wanted != Stage.DISCHARGED:
        return ""
    # The gate was passed at the beginning: what was missing then was answered for then.
    if wanted == Stage.DONE and current.stage == Stage.IN_THEATRE:
        return ""
    found = missing_for(current, wanted)
    says = bool(no_drug_reason) and bool(roles_of(staff) & GIVES)
    missing = [one for one in found if not says or one.code != "no_dose"]
    why = no_drug_reason[:200] if len(missing) < len(found) else ""
    if not missing:
        return why
    # Nobody's reason lets her go home while she lies in a bed of the house.
    if not in_spite or any(one.code == IN_HOSPITAL for one in missing):
        raise unready(missing)
    if not heads(staff, current):
        raise Refused(_("Only the head of the department goes on although something is missing."), code="not_head")
    audit.record(
        action="consultations.go_on_without",
        now=now,
        staff=staff,
        target=current,
        detail={"stage": wanted.value, "missing": [one.code for one in missing], "reason": in_spite[:200]},
    )
    return why


@transaction.atomic
def undo_stage(*, treatment: Treatment, staff: Staff, now: datetime, expected_version: int | None = None) -> Treatment:
    """Take back the last step, within ten seconds and by who made it; return the treatment as it was before.

    One that the step had moved to today is planned for its day again. Raises Refused `undo_late` afterwards (then it is
    corrected with a reason), `nothing_to_undo`; Stale when somebody went on meanwhile, or when that day has the same
    project by now.
    """
    visitor = reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    last = StageEntry.objects.filter(treatment=current).order_by("-id").first()
    if last is None or last.sort != StageEntry.Sort.STEP or last.by_id != staff.pk or last.stage != current.stage:
        raise Refused(_("There is no step of yours to take back."), code="nothing_to_undo")
    if now - last.at > _UNDO_WITHIN:
        raise Refused(
            _("The %(seconds)s seconds are over. Put it back with a reason instead.") % {"seconds": UNDO_SECONDS},
            code="undo_late",
        )
    day = last.planned_on if last.planned_on is not None and _moved_last_by(current, last) else None
    return _put_back(current, visitor, Stage(last.before), staff, now, StageEntry.Sort.UNDO, "", day=day)


@transaction.atomic
def correct_stage(
    *,
    treatment: Treatment,
    stage: str,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Treatment:
    """Put a treatment back to an earlier stage because a step was wrong; what was written stays, with the reason.

    Raises Refused without a reason, for a stage that is not earlier, `not_yours` when the role does not record the
    stage it stands at, `day_over` when a treatment of an earlier day would be planned again; Stale when it changed, or
    when the day it was planned for has the same project by now.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say what was wrong."), code="reason_missing")
    visitor = reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    wanted = _stage_in(stage)
    if wanted not in earlier(Stage(current.stage)):
        raise Refused(
            _("A treatment is put back to an earlier stage than “%(now)s”.") % {"now": current.stage_word},
            code="not_earlier",
        )
    if not may_record(current.kind, Stage(current.stage), roles_of(staff)):
        raise not_recorded_by(current, current.stage)
    if current.state == State.DONE and wanted in BEFORE_DONE and current.treated_on < current.branch.today(now):
        raise Refused(
            _("%(day)s is over. Cancel this treatment with a reason and file a new one.")
            % {"day": date_format(current.treated_on)},
            code="day_over",
        )
    day = _day_ahead(current, now) if wanted == Stage.ORDERED else None
    return _put_back(current, visitor, wanted, staff, now, StageEntry.Sort.CORRECTION, reason, day=day)


def _moved_last_by(current: Treatment, entry: StageEntry) -> bool:
    """Say whether the treatment is on the day a step moved it to: somebody may have moved it since."""
    return current.treated_on == current.branch.today(entry.at)


def _day_ahead(current: Treatment, now: datetime) -> date | None:
    """Return the day that lies ahead for which a treatment was planned before she came too early."""
    steps = StageEntry.objects.filter(treatment=current, sort=StageEntry.Sort.STEP, planned_on__isnull=False)
    moved = steps.order_by("-id").first()
    if moved is None or moved.planned_on is None or not _moved_last_by(current, moved):
        return None
    return moved.planned_on if moved.planned_on > current.branch.today(now) else None


def _put_back(
    current: Treatment,
    visitor: Visitor,
    wanted: Stage,
    staff: Staff,
    now: datetime,
    sort: StageEntry.Sort,
    reason: str,
    *,
    day: date | None,
) -> Treatment:
    """Put a locked treatment back to a stage; `day`: to that day as well."""
    before, was_done = Stage(current.stage), current.state == State.DONE
    for passed in [before, *earlier(before)]:
        if passed == wanted:
            break
        if passed in _TIME_OF:
            setattr(current, _TIME_OF[passed], None)
    current.stage = wanted
    current.state = State.PLANNED if wanted in BEFORE_DONE else State.DONE
    if wanted in BEFORE_DONE:
        # Whatever comes of it now is a result nobody has seen yet.
        current.result_seen_at = current.result_seen_by = None
    if wanted == Stage.ORDERED:
        current.visit = None
    current.treated_on = day or current.treated_on
    current.version += 1
    save_once(current)
    if was_done and current.state == State.PLANNED:
        fall_back(visitor)
    _write(current, before, staff, now, sort.value, reason)
    audit.record(
        action="consultations.put_treatment_back",
        now=now,
        staff=staff,
        target=current,
        detail={"from": before.value, "to": wanted.value, "reason": reason},
    )
    tell(current, follow=day is not None or (was_done and current.state == State.PLANNED))
    if wanted == Stage.ORDERED:
        forget_arrival(current)
    return current


@transaction.atomic
def note_result_seen(
    *, treatment: Treatment, staff: Staff, now: datetime, expected_version: int | None = None
) -> Treatment:
    """The doctor who treated has seen the result; only then does a non-invasive visit close. Seen twice is seen once.

    Raises Refused `not_yours` for anybody else, `not_done` before it is done; Stale when it changed or is cancelled.
    """
    reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    if staff.pk != current.doctor_id:
        raise Refused(
            _("%(doctor)s injected, and only %(doctor)s says that the result was seen.")
            % {"doctor": current.doctor.display_name},
            code="not_yours",
        )
    if current.state != State.DONE:
        raise Refused(_("There is no result before the treatment is done."), code="not_done")
    if current.result_seen_at is not None:
        return current
    current.result_seen_at = now
    current.result_seen_by = staff
    current.version += 1
    current.save(update_fields=["result_seen_at", "result_seen_by", "version"])
    audit.record(action="consultations.note_result_seen", now=now, staff=staff, target=current)
    tell(current)
    return current
