"""What follows a treatment: the next visit, a complication, what the desk is told."""

from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from consultations.models import Treatment, TreatmentNotice
from consultations.selectors.packages import next_session
from consultations.services.course_rules import heads_of, locked_treatment, tell
from consultations.services.preparation import notify
from consultations.services.treatments import file_treatment
from consultations.stages import Stage
from reception import services as reception


def _refuse_overwriting(stored: str, seen: str | None, sentence: str) -> None:
    """Raise Stale `written_meanwhile` with the sentence when something else stands here than the person saw.

    `seen`: what her form was drawn with; None when it did not say. Lines end differently as they are sent.
    """
    if seen is not None and stored.splitlines() != seen.strip().splitlines():
        raise Stale(sentence, code="written_meanwhile")


def _meanwhile(writer: Staff | None) -> str:
    return _(
        "%(name)s wrote something else here meanwhile; it stands above. Save once more to put yours in its place."
    ) % {"name": writer.display_name if writer is not None else "–"}


@transaction.atomic
def set_next_visit(
    *,
    treatment: Treatment,
    next_visit_on: date | None,
    file_session: bool = False,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
    seen: str | None = None,
) -> Treatment | None:
    """Write down when the visitor comes again (None: no date); return the session that was filed for it, if one was.

    `file_session`: plan the same treatment with the same doctor on that day, as the next session of the package while
    it has one. `seen`: the day the person saw, as 2026-03-11, "" for none. Raises Refused `next_visit_over` for a day
    that does not lie ahead, `too_far_ahead`, and what filing refuses; Stale when it changed, is cancelled, or the
    session is filed already, `written_meanwhile` when another day was set than was seen.
    """
    reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    if next_visit_on is not None and next_visit_on <= current.branch.today(now):
        raise Refused(_("The next visit lies ahead."), code="next_visit_over")
    if next_visit_on is not None and next_visit_on > current.branch.today(now) + FURTHEST_AHEAD:
        raise Refused(_("That is more than two years ahead. Check the year."), code="too_far_ahead")
    if next_visit_on != current.next_visit_on:
        day = current.next_visit_on
        on = date_format(day) if day else _("no day")
        sentence = _("Somebody set the next visit meanwhile: %(day)s. Save once more to put yours in its place.")
        _refuse_overwriting(day.isoformat() if day else "", seen, sentence % {"day": on})
        current.next_visit_on = next_visit_on
        current.version += 1
        current.save(update_fields=["next_visit_on", "version"])
        audit.record(
            action="consultations.set_next_visit",
            now=now,
            staff=staff,
            target=current,
            detail={"day": next_visit_on.isoformat() if next_visit_on else ""},
        )
        tell(current)
    if not file_session or next_visit_on is None:
        return None
    line = current.deal_line
    return file_treatment(
        visitor=current.visitor,
        project=current.project,
        doctor=current.doctor,
        treated_on=next_visit_on,
        state=Treatment.State.PLANNED,
        consultation=current.consultation,
        deal_line=line if line is not None and next_session(line) is not None else None,
        staff=staff,
        branch=current.branch,
        now=now,
    )


@transaction.atomic
def note_complication(
    *,
    treatment: Treatment,
    text: str,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
    seen: str | None = None,
) -> Treatment:
    """Write down a complication; the doctor and the head of the department are told at once.

    What is written again replaces what stood there; the audit log keeps both. `seen`: what stood there as the person
    saw it. Raises Refused `text_missing`, `not_begun` before the treatment has begun; Stale when it changed or is
    cancelled, `written_meanwhile` when something else stands there than was seen.
    """
    text = text.strip()
    if not text:
        raise Refused(_("Say what happened."), code="text_missing")
    reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    if current.stage in (Stage.ORDERED, Stage.ARRIVED):
        raise Refused(_("The treatment has not begun."), code="not_begun")
    if current.complication == text:
        return current
    _refuse_overwriting(current.complication, seen, _meanwhile(current.complication_by))
    before = current.complication
    current.complication, current.complication_at, current.complication_by = text, now, staff
    current.version += 1
    current.save(update_fields=["complication", "complication_at", "complication_by", "version"])
    told = notify(current, [current.doctor_id, *heads_of(current)], TreatmentNotice.Kind.COMPLICATION, now)
    audit.record(
        action="consultations.note_complication",
        now=now,
        staff=staff,
        target=current,
        detail={"note": text, "replaced": before, "told": list(told)},
    )
    tell(current, staff=told)
    return current


@transaction.atomic
def hand_over_treatment(
    *,
    treatment: Treatment,
    text: str,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
    seen: str | None = None,
) -> Treatment:
    """Tell the desk what it has to know: discount, drug and dose, arrears. What was given stands beside it by itself.

    `seen`: what stood there as the person saw it. Raises Refused `text_missing`; Stale when it changed or is cancelled,
    `written_meanwhile` when something else stands there than was seen.
    """
    text = text.strip()
    if not text:
        raise Refused(_("Say what the desk has to know."), code="text_missing")
    reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    if current.hand_over == text:
        return current
    _refuse_overwriting(current.hand_over, seen, _meanwhile(current.handed_over_by))
    current.hand_over, current.handed_over_at, current.handed_over_by = text, now, staff
    current.version += 1
    current.save(update_fields=["hand_over", "handed_over_at", "handed_over_by", "version"])
    audit.record(
        action="consultations.hand_over_treatment", now=now, staff=staff, target=current, detail={"note": text}
    )
    tell(current)
    return current
