"""The way of a treatment from the order to the visitor's going home, one step at a time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused
from clinic.services import audit
from consultations.models import StageEntry, Treatment
from consultations.selectors.treatments import roles_of
from consultations.services.course_rules import (
    check_doctor,
    fall_back,
    heads,
    locked_treatment,
    locked_visitor,
    missing_for,
    reach_treated,
    save_once,
    tell,
    unready,
)
from consultations.stages import BEFORE_DONE, GATED, Stage, earlier, may_follow, may_record
from reception.models import Visit, Visitor

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
    treatment: Treatment, before: str, staff: Staff, now: datetime, sort: str = "step", reason: str = ""
) -> None:
    StageEntry.objects.create(
        treatment=treatment, sort=sort, before=before, stage=treatment.stage, reason=reason, at=now, by=staff
    )


def _visit_of(treatment: Treatment) -> Visit | None:
    """Return the visit the visitor is here on: the open one, else the latest of that day."""
    visits = Visit.objects.filter(
        visitor=treatment.visitor_id, branch=treatment.branch_id, day=treatment.treated_on
    ).exclude(state=Visit.State.VOID)
    found = visits.filter(state__in=Visit.OPEN_STATES).first()
    return found or visits.order_by("-number").first()


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
) -> Treatment:
    """Take a treatment to the next stage; return it under lock, with its new version.

    Who comes on another day than planned is treated today; what is recorded afterwards stays on its day. `room` (None:
    as it is), `expected_minutes` (from the beginning) and `assistant`, the nurse, are told with the beginning.
    `in_spite`: the reason why the head of the department goes on although something is missing.

    Raises Refused `not_next` when this stage does not follow, `not_yours` when the role does not record it, `unready`
    with everything that is missing in `detail["missing"]`, `not_head` when somebody else wants to go on in spite of
    it, `doctor_away`; Stale when it changed or is cancelled, or today has the same project already.
    """
    visitor = locked_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    before, wanted = current.stage, _stage_in(stage)
    if wanted not in may_follow(current.kind, Stage(before)):
        raise _not_next(current)
    if not may_record(wanted, roles_of(staff)):
        raise Refused(
            _("Your role does not record “%(stage)s”.") % {"stage": current.word_of(wanted)}, code="not_yours"
        )
    _refuse_or_note(current, wanted, staff, now, in_spite.strip())
    day, today = current.treated_on, current.branch.today(now)
    if wanted in BEFORE_DONE or day > today:
        current.treated_on = today
        if day != today:
            check_doctor(current.doctor, today)
    current.stage = wanted
    if wanted in _TIME_OF:
        setattr(current, _TIME_OF[wanted], now)
    if wanted == Stage.ARRIVED:
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
    _write(current, before, staff, now)
    audit.record(
        action="consultations.advance_treatment",
        now=now,
        staff=staff,
        target=current,
        detail={"from": before, "to": wanted.value},
    )
    tell(current, follow=became_done or day != current.treated_on)
    return current


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


def _refuse_or_note(current: Treatment, wanted: Stage, staff: Staff, now: datetime, in_spite: str) -> None:
    """Hold the treatment at the gate, or note that the head of the department goes on without what is missing."""
    if wanted not in GATED and wanted != Stage.DISCHARGED:
        return
    # The gate was passed at the beginning: what was missing then was answered for then.
    if wanted == Stage.DONE and current.stage == Stage.IN_THEATRE:
        return
    missing = missing_for(current, wanted)
    if not missing:
        return
    if not in_spite:
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


@transaction.atomic
def undo_stage(*, treatment: Treatment, staff: Staff, now: datetime, expected_version: int | None = None) -> Treatment:
    """Take back the last step, within ten seconds and by who made it; return the treatment as it was before.

    Raises Refused `undo_late` afterwards (then it is corrected with a reason), `nothing_to_undo`; Stale when somebody
    went on meanwhile.
    """
    visitor = locked_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    last = StageEntry.objects.filter(treatment=current).order_by("-id").first()
    if last is None or last.sort != StageEntry.Sort.STEP or last.by_id != staff.pk or last.stage != current.stage:
        raise Refused(_("There is no step of yours to take back."), code="nothing_to_undo")
    if now - last.at > _UNDO_WITHIN:
        raise Refused(
            _("The %(seconds)s seconds are over. Put it back with a reason instead.") % {"seconds": UNDO_SECONDS},
            code="undo_late",
        )
    return _put_back(current, visitor, Stage(last.before), staff, now, StageEntry.Sort.UNDO, "")


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
    stage it stands at, `day_over` when a treatment of an earlier day would be planned again; Stale when it changed.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say what was wrong."), code="reason_missing")
    visitor = locked_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    wanted = _stage_in(stage)
    if wanted not in earlier(Stage(current.stage)):
        raise Refused(
            _("A treatment is put back to an earlier stage than “%(now)s”.") % {"now": current.stage_word},
            code="not_earlier",
        )
    if not may_record(Stage(current.stage), roles_of(staff)):
        raise Refused(_("Your role does not record “%(stage)s”.") % {"stage": current.stage_word}, code="not_yours")
    if current.state == State.DONE and wanted in BEFORE_DONE and current.treated_on < current.branch.today(now):
        raise Refused(
            _("%(day)s is over. Cancel this treatment with a reason and file a new one.")
            % {"day": date_format(current.treated_on)},
            code="day_over",
        )
    return _put_back(current, visitor, wanted, staff, now, StageEntry.Sort.CORRECTION, reason)


def _put_back(
    current: Treatment, visitor: Visitor, wanted: Stage, staff: Staff, now: datetime, sort: StageEntry.Sort, reason: str
) -> Treatment:
    before, was_done = Stage(current.stage), current.state == State.DONE
    for passed in [before, *earlier(before)]:
        if passed == wanted:
            break
        if passed in _TIME_OF:
            setattr(current, _TIME_OF[passed], None)
    current.stage = wanted
    current.state = State.PLANNED if wanted in BEFORE_DONE else State.DONE
    current.version += 1
    current.save()
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
    tell(current, follow=was_done and current.state == State.PLANNED)
    return current


@transaction.atomic
def note_result_seen(
    *, treatment: Treatment, staff: Staff, now: datetime, expected_version: int | None = None
) -> Treatment:
    """The doctor who treated has seen the result; only then does a non-invasive visit close. Seen twice is seen once.

    Raises Refused `not_yours` for anybody else, `not_done` before it is done; Stale when it changed or is cancelled.
    """
    locked_visitor(treatment.visitor_id)
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
