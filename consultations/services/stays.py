"""In-patients: admitted, moved to another bed, the bill checked, asked how she found it, discharged.

The visitor's record is locked first, as everywhere; so nobody goes home by the course of a treatment meanwhile.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from consultations.models import StageEntry, Stay, StayCheck, StaySatisfaction, Treatment
from consultations.selectors.stays import (
    departments_of,
    may_work_on,
    open_stay_of,
    said_at,
    treatments_to_stay_after,
    unbilled_of,
)
from consultations.services.course import advance_treatment, correct_stage
from consultations.services.course_rules import check_doctor
from consultations.stages import Stage, may_follow
from reception import services as reception
from reception.models import Visitor
from reception.selectors import records_of

Ending = Stay.Ending


@transaction.atomic
def admit(
    *,
    visitor: Visitor,
    department: Department,
    ward: str,
    bed: str,
    doctor: Staff,
    expected_days: int,
    treatment: Treatment | None = None,
    staff: Staff,
    now: datetime,
) -> Stay:
    """Admit a visitor to a bed of a department; return her stay. `expected_days`: 1 to 365.

    Raises Refused `not_yours` unless the person works for the department, `in_house` when she stays here already,
    `bed_taken` with who is in the bed, `doctor_away`, `not_hers` for a treatment of somebody else or cancelled,
    `expected_days`.
    """
    if department.branch_id != staff.branch_id or not departments_of(staff).filter(pk=department.pk).exists():
        raise _not_yours()
    held = reception.hold_visitor(visitor.pk)
    if (there := open_stay_of(held)) is not None:
        raise Refused(
            _("%(name)s is an in-patient already, in %(bed)s. Discharge her there first.")
            % {"name": held.name, "bed": there},
            code="in_house",
        )
    check_doctor(doctor, staff.branch.today(now))
    _check_days(expected_days)
    if treatment is not None and not treatments_to_stay_after(held, staff).filter(pk=treatment.pk).exists():
        raise Refused(_("This treatment is not hers, or was cancelled. Choose another, or none."), code="not_hers")
    stay = Stay(
        visitor=held,
        treatment=treatment,
        branch=department.branch,
        department=department,
        ward=_place(ward),
        bed=_place(bed),
        doctor=doctor,
        admitted_at=now,
        admitted_by=staff,
        expected_days=expected_days,
    )
    _save_in_bed(stay)
    audit.record(
        action="consultations.admit",
        now=now,
        staff=staff,
        target=stay,
        detail={"visitor": held.pk, "department": department.code, "bed": str(stay), "doctor": doctor.pk},
    )
    _tell(stay)
    return stay


@transaction.atomic
def change_stay(
    *,
    stay: Stay,
    ward: str,
    bed: str,
    doctor: Staff,
    expected_days: int,
    expected_version: int | None = None,
    staff: Staff,
    now: datetime,
) -> Stay:
    """Move an in-patient to another bed, give her to another doctor, or expect her to stay longer.

    Raises Refused as `admit`; Stale `changed` when somebody changed the stay meanwhile, `over` when it is over.
    """
    current = _held(stay, staff, expected_version)
    if doctor.pk != current.doctor_id:
        check_doctor(doctor, current.branch.today(now))
    _check_days(expected_days)
    wanted = {"ward": _place(ward), "bed": _place(bed), "doctor": doctor, "expected_days": expected_days}
    before = str(current)
    changed = sorted(name for name, value in wanted.items() if getattr(current, name) != value)
    if not changed:
        return current
    for name in changed:
        setattr(current, name, wanted[name])
    current.version += 1
    _save_in_bed(current)
    audit.record(
        action="consultations.change_stay",
        now=now,
        staff=staff,
        target=current,
        detail={"changed": changed, "before": before, "bed": str(current)},
    )
    _tell(current)
    return current


@transaction.atomic
def check_billed(*, stay: Stay, key: str, answer: str, note: str = "", staff: Staff, now: datetime) -> StayCheck:
    """Say of one thing the system sees no bill for that it is billed, or why not (`note`).

    `key`: which, as `unbilled_of` names it. Raises Refused `not_yours`, `note_missing`, `answer_unknown`; Stale `gone`
    when it is billed meanwhile, `over` when the stay is over.
    """
    current, note = _held(stay, staff), note.strip()
    if answer not in StayCheck.Answer.values:
        raise Refused(_("Say that it is billed, or why not."), code="answer_unknown")
    if answer == StayCheck.Answer.NOTED and not note:
        raise Refused(_("Say why it is not billed."), code="note_missing")
    found = next((one for one in unbilled_of(current, now) if one.key == key), None)
    if found is None:
        raise Stale(_("This is not open any more. Look at the list again."), code="gone")
    kind, _dash, pk = found.key.partition("-")
    field = {"treatment": "treatment_id", "dose": "drug_use_id", "deal": "deal_id"}[kind]
    check = StayCheck.objects.create(
        stay=current, answer=answer, note=note, due=found.due, at=now, by=staff, **{field: int(pk)}
    )
    audit.record(
        action="consultations.check_billed",
        now=now,
        staff=staff,
        target=current,
        detail={"kind": kind, "answer": answer, "note": note},
    )
    _tell(current)
    return check


@transaction.atomic
def record_stay_satisfaction(
    *,
    stay: Stay,
    marks: Mapping[str, int | None],
    words: str = "",
    declined: bool = False,
    seen: str | None = None,
    staff: Staff,
    now: datetime,
) -> StaySatisfaction:
    """Keep what an in-patient said at her bed: `marks` of 1 to 5 for each of `StaySatisfaction.MARKS`, and her words.

    `declined`: she would not answer; `words` then note why. Said again before she goes, it takes the place of what was
    said. `seen`: when that was said, in ISO, as the screen has it; empty for nothing. Raises Refused `not_yours`,
    `marks_missing`, `note_missing`; Stale `over` when the stay is over, `said_meanwhile` when somebody else asked her.
    """
    current, words = _held(stay, staff), words.strip()
    before = StaySatisfaction.objects.filter(stay=current).select_related("by").first()
    if before is not None and seen is not None and seen != said_at(before):
        raise Stale(
            _("%(name)s wrote down meanwhile what she said. Look at it, then save if it is to be replaced.")
            % {"name": before.by},
            code="said_meanwhile",
        )
    said = {name: None if declined else marks.get(name) for name in StaySatisfaction.MARKS}
    if declined and not words:
        raise Refused(_("Note why she would not answer."), code="note_missing")
    if not declined and not all(mark is not None and 1 <= mark <= 5 for mark in said.values()):
        raise Refused(_("Give each a mark from 1 to 5, or note that she would not answer."), code="marks_missing")
    answer, _made = StaySatisfaction.objects.update_or_create(
        stay=current, defaults={**said, "declined": declined, "words": words, "at": now, "by": staff}
    )
    audit.record(
        action="consultations.record_stay_satisfaction",
        now=now,
        staff=staff,
        target=current,
        detail={"declined": declined, **({} if declined else {"satisfaction": said["overall"]})},
    )
    _tell(current)
    return answer


@transaction.atomic
def discharge(
    *,
    stay: Stay,
    ending: str,
    note: str = "",
    expected_version: int | None = None,
    staff: Staff,
    now: datetime,
) -> Stay:
    """Let an in-patient go: every thing without a bill is confirmed, and she was asked how she found it.

    `note`: to which hospital, or what else is to be known; needed unless she recovered. Her treatments that wait for
    nothing else end with the stay; where something is missing they stay open and their pages say so. Raises Refused
    `unbilled` (with how many in `detail["number"]`), `no_satisfaction` unless she died, `note_missing`,
    `ending_unknown`, `in_theatre`, `not_yours`; Stale `changed` or `over`.
    """
    current, note = _held(stay, staff, expected_version), note.strip()
    if ending not in Ending.values:
        raise Refused(_("Say how the stay ends."), code="ending_unknown")
    if ending != Ending.RECOVERED and not note:
        raise Refused(_("Note to which hospital she goes, or what happened."), code="note_missing")
    treatments = list(
        Treatment.objects.filter(visitor__in=records_of(current.visitor).values("pk"), branch=current.branch_id)
        .exclude(stage__in=[Stage.ORDERED, Stage.DISCHARGED])
        .exclude(state=Treatment.State.CANCELLED)
        .select_related("project__department")
        .order_by("pk")
    )
    if any(one.stage == Stage.IN_THEATRE for one in treatments):
        raise Refused(_("She is in theatre. Record first how that ended."), code="in_theatre")
    asked = [one for one in unbilled_of(current, now) if one.said is None]
    if asked:
        raise Refused(
            _("Not confirmed yet: %(what)s. Say of each that it is billed, or why not.")
            % {"what": _(", ").join(one.what for one in asked)},
            code="unbilled",
            detail={"number": len(asked)},
        )
    if ending != Ending.DECEASED and not StaySatisfaction.objects.filter(stay=current).exists():
        raise Refused(_("Ask her first how she found it, or note that she would not answer."), code="no_satisfaction")
    current.discharged_at, current.discharged_by = now, staff
    current.ending, current.ending_note = ending, note
    current.version += 1
    current.save()
    audit.record(
        action="consultations.discharge",
        now=now,
        staff=staff,
        target=current,
        detail={"ending": ending, "note": note},
    )
    for one in treatments:
        if Stage.DISCHARGED in may_follow(one.kind, Stage(one.stage)):
            with suppress(Refused, Stale), transaction.atomic():
                advance_treatment(treatment=one, stage=Stage.DISCHARGED, staff=staff, now=now)
    _tell(current)
    return current


@transaction.atomic
def take_discharge_back(*, stay: Stay, reason: str, staff: Staff, now: datetime) -> Stay:
    """Take a mistaken discharge of today back: she is in her bed again, and so are the treatments that ended with it.

    Raises Refused `reason_missing`, `not_yours`, `day_over`, `in_house` when she was admitted anew, `bed_taken`; Stale
    `changed` when it is not discharged any more.
    """
    reason = _reason(reason)
    current = _locked(stay, staff)
    if current.discharged_at is None:
        raise Stale(_("This stay is open. Look at it again."), code="changed")
    if current.branch.today(current.discharged_at) != current.branch.today(now):
        raise Refused(_("Only a discharge of today is taken back. Admit her anew."), code="day_over")
    if open_stay_of(current.visitor) is not None:
        raise Refused(_("She was admitted again since."), code="in_house")
    then = current.discharged_at
    current.discharged_at = current.discharged_by = None
    current.ending = current.ending_note = ""
    current.version += 1
    _save_in_bed(current)
    audit.record(
        action="consultations.take_discharge_back",
        now=now,
        staff=staff,
        target=current,
        detail={"reason": reason},
    )
    ended = StageEntry.objects.filter(
        treatment__visitor=current.visitor_id, stage=Stage.DISCHARGED, at=then, treatment__stage=Stage.DISCHARGED
    ).exclude(treatment__state=Treatment.State.CANCELLED)
    for entry in ended.select_related("treatment").order_by("treatment"):
        correct_stage(treatment=entry.treatment, stage=entry.before, reason=reason, staff=staff, now=now)
    _tell(current)
    return current


@transaction.atomic
def withdraw_stay(*, stay: Stay, reason: str, staff: Staff, now: datetime) -> Stay:
    """Take a stay back that was written down by mistake; it is told in the register, with the reason, and not counted.

    Raises Refused `reason_missing`, `not_yours`; Stale `over` when the stay is over.
    """
    reason = _reason(reason)
    current = _held(stay, staff)
    current.withdrawn_at, current.withdrawn_by, current.withdrawn_because = now, staff, reason
    current.version += 1
    current.save()
    audit.record(action="consultations.withdraw_stay", now=now, staff=staff, target=current, detail={"reason": reason})
    _tell(current)
    return current


@transaction.atomic
def print_stays(*, kind: str, first: str, last: str, staff: Staff, now: datetime) -> None:
    """Write down that somebody took a register of in-patients out on paper."""
    audit.record(
        action="consultations.print_stays",
        now=now,
        staff=staff,
        target=staff.branch,
        detail={"register": kind, "first_day": first, "last_day": last},
    )


def _held(stay: Stay, staff: Staff, expected_version: int | None = None) -> Stay:
    """Return an open stay under lock, its visitor locked before; raise Refused or Stale when nothing may be written."""
    current = _locked(stay, staff)
    if not current.is_open:
        raise Stale(_("This stay is over; she is not in the house any more."), code="over")
    if expected_version is not None and current.version != expected_version:
        raise Stale(
            _("This stay was changed meanwhile: %(bed)s, %(doctor)s. Look again, then save.")
            % {"bed": current, "doctor": current.doctor},
            code="changed",
            detail={"version": current.version},
        )
    return current


def _locked(stay: Stay, staff: Staff) -> Stay:
    reception.hold_visitor(stay.visitor_id)
    current = Stay.objects.select_for_update(no_key=True).get(pk=stay.pk)
    if not may_work_on(staff, current):
        raise _not_yours()
    return current


def _not_yours() -> Refused:
    return Refused(_("Doctors, nurses and the desk of the department write about its in-patients."), code="not_yours")


def _reason(text: str) -> str:
    if not (text := text.strip()):
        raise Refused(_("Say what was wrong."), code="reason_missing")
    return text


def _place(text: str) -> str:
    """Return a ward or bed as it is kept: capitals, single blanks. Raises Refused `bed_missing` for none."""
    if not (place := " ".join(text.upper().split())):
        raise Refused(_("Say in which ward and bed she is."), code="bed_missing")
    return place


def _check_days(number: int) -> None:
    if not 1 <= number <= 365:
        raise Refused(_("She is expected to stay from 1 to 365 days."), code="expected_days")


def _save_in_bed(stay: Stay) -> None:
    """Save a stay whose bed is free; raise Refused `bed_taken` with who is in it."""
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError as error:
        there = Stay.objects.filter(
            branch=stay.branch_id, ward=stay.ward, bed=stay.bed, discharged_at=None, withdrawn_at=None
        )
        taken = there.exclude(pk=stay.pk).select_related("visitor").first()
        if taken is None:
            raise
        raise Refused(
            _("Bed %(bed)s is taken by %(name)s. Choose another.") % {"bed": stay, "name": taken.visitor.name},
            code="bed_taken",
        ) from error


def _tell(stay: Stay) -> None:
    outbox.announce(topics=[topics.treatments(stay.branch_id), topics.visitor(stay.visitor_id)])
