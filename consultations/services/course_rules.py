"""What every change of a treatment shares: locks, what refuses it, who hears of it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.services import outbox
from consultations.models import SignedForm, Treatment
from consultations.selectors import ownership, standings
from consultations.selectors.drugs import given_in, uses_of
from consultations.selectors.preparation import open_tests
from consultations.selectors.readiness import Missing, answers_of, missing_before
from consultations.selectors.stays import open_stay_of
from consultations.selectors.treatments import roles_of
from consultations.stages import Kind, Stage, may_enter, may_record
from reception import services as reception
from reception.models import Standing, Visitor

State = Treatment.State
IN_HOSPITAL = "in_hospital"


def tell(
    treatment: Treatment, *, follow: bool = False, staff: tuple[int, ...] = (), instead_of: int | None = None
) -> None:
    """Announce a change to its screens; `follow`: call-backs may have to move; `staff`: who has notices.

    `instead_of`: the doctor it had before, whose own cases change as well.
    """
    told = [
        topics.treatments(treatment.branch_id),
        topics.visitor(treatment.visitor_id),
        # The doctor's own cases say whose result is still to be seen.
        *(topics.queue(one) for one in dict.fromkeys([treatment.doctor_id, instead_of]) if one is not None),
        *(topics.staff(one) for one in staff),
    ]
    if follow:
        outbox.announce(topics=told, event="treatment_filed", payload={"treatment_id": treatment.pk})
    else:
        outbox.announce(topics=told)


def locked_treatment(treatment: Treatment, expected_version: int | None) -> Treatment:
    """Return the row locked; raise Stale with what it says now when it is not as the person saw it."""
    # No join here: a row that was waited for comes back with the joined rows of the time before the wait.
    current = Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)
    if current.state == State.CANCELLED or (expected_version is not None and current.version != expected_version):
        cancelled = current.state == State.CANCELLED
        raise Stale(
            _("This treatment changed since your screen was drawn. It now says: %(state)s, %(day)s, %(doctor)s.")
            % {
                "state": current.get_state_display() if cancelled else current.stage_word,
                "day": date_format(current.treated_on),
                "doctor": current.doctor.display_name,
            },
            code="changed",
            detail={"version": current.version},
        )
    return current


def check_doctor(doctor: Staff, treated_on: date) -> None:
    """Raise Refused unless the doctor works here on that day."""
    if not doctor.works_on(treated_on):
        raise Refused(
            _("%(doctor)s does not work here on that day.") % {"doctor": doctor.display_name}, code="doctor_away"
        )


def save_once(treatment: Treatment) -> None:
    """Save the row; raise Stale when the visitor has this project on that day already."""
    try:
        with transaction.atomic():
            treatment.save()
    except IntegrityError as error:
        raise Stale(
            _("%(project)s is already filed for this visitor on %(day)s.")
            % {"project": treatment.project, "day": date_format(treatment.treated_on)},
            code="already_filed",
        ) from error


def heads(staff: Staff, treatment: Treatment) -> bool:
    """Say whether the person heads the department of a treatment."""
    return staff.is_superuser or staff.pk in heads_of(treatment)


def heads_of(treatment: Treatment) -> list[int]:
    """Return who heads the department of a treatment: at its branch, of the kind of its project's department."""
    owning = treatment.project.department
    if owning.branch_id == treatment.branch_id:
        return [owning.head_id] if owning.head_id is not None else []
    here = Department.objects.filter(branch=treatment.branch_id, kind=owning.kind, head__isnull=False)
    return list(here.order_by("code").values_list("head", flat=True))


def missing_for(treatment: Treatment, stage: Stage) -> list[Missing]:
    """Return all that is missing before a treatment may come to a stage of the gate, or be closed."""
    if stage == Stage.DISCHARGED:
        return [*_in_hospital(treatment), *_missing_at_the_end(treatment)]
    missing = missing_before(treatment)
    out, abnormal = open_tests(treatment)
    if out:
        names = _(", ").join(str(step) for step in out)
        missing.append(Missing("tests_out", _("Not back yet: %(tests)s. Ask the laboratory.") % {"tests": names}))
    repeated = {step.retest_of_id for step in out}
    if abnormal := [step for step in abnormal if step.pk not in repeated]:
        names = _(", ").join(str(step) for step in abnormal)
        sentence = _("Abnormal: %(tests)s. %(doctor)s has to see it, or let it be repeated.")
        missing.append(Missing("tests_abnormal", sentence % {"tests": names, "doctor": treatment.doctor.display_name}))
    return missing


def _in_hospital(treatment: Treatment) -> list[Missing]:
    """Say that an in-patient does not go home by the course of a treatment: it ends with her stay."""
    stay = open_stay_of(treatment.visitor)
    if stay is None:
        return []
    sentence = _("She is an in-patient, in %(bed)s. The treatment ends when she is discharged from there.")
    return [Missing(IN_HOSPITAL, sentence % {"bed": stay})]


def _missing_at_the_end(treatment: Treatment) -> list[Missing]:
    if treatment.kind == Kind.INJECTABLE:
        return _missing_after_an_injection(treatment)
    if treatment.kind == Kind.CARE:
        answer = answers_of(treatment).get(SignedForm.Kind.CARE_SESSION)
        if answer is None or answer.answer != SignedForm.Answer.SIGNED:
            sentence = _("She has not signed this session yet. Let her sign it and note it here.")
            return [Missing("unsigned_care_session", sentence, SignedForm.Kind.CARE_SESSION)]
    return []


def _missing_after_an_injection(treatment: Treatment) -> list[Missing]:
    missing = []
    if treatment.result_seen_at is None:
        sentence = _("%(doctor)s, who injected, has to see the result first.")
        missing.append(Missing("result_unseen", sentence % {"doctor": treatment.doctor.display_name}))
    if not given_in(uses_of(treatment)):
        sentence = _("No dose is noted: write down drug, batch, dose and site, or say why no drug was given.")
        missing.append(Missing("no_dose", sentence))
    return missing


def refuse_unready(treatment: Treatment, stage: Stage, staff: Staff) -> None:
    """Raise Refused `not_yours` when this person may not say so, `unready` with all that is missing at once."""
    if not may_record(treatment.kind, stage, roles_of(staff)):
        raise not_recorded_by(treatment, stage)
    if missing := missing_for(treatment, stage):
        raise unready(missing)


def not_recorded_by(treatment: Treatment, stage: str) -> Refused:
    """Return the refusal for whose role does not say that a treatment has come to a stage."""
    return Refused(_("Your role does not record “%(stage)s”.") % {"stage": treatment.word_of(stage)}, code="not_yours")


def may_cancel(treatment: Treatment, staff: Staff) -> bool:
    """Say whether a person may cancel a treatment: once it has begun, who may say that it is done, and its head.

    One that was only entered afterwards may be taken back by whoever may enter it.
    """
    roles = roles_of(staff)
    if treatment.stage == Stage.ORDERED or may_record(treatment.kind, Stage.DONE, roles):
        return True
    entered = treatment.state == State.DONE and treatment.done_at is None
    return (entered and may_enter(treatment.kind, roles)) or heads(staff, treatment)


def unready(missing: list[Missing]) -> Refused:
    """Return the refusal that says all that is missing."""
    return Refused(
        " ".join(one.sentence for one in missing), code="unready", detail={"missing": [one.code for one in missing]}
    )


def reach_treated(visitor: Visitor) -> None:
    """Make the visitor *treated*."""
    standing = ownership.higher(Standing(visitor.standing), Standing.TREATED)
    if standing != visitor.standing:
        reception.record_standing(visitor=visitor, standing=standing)


def fall_back(visitor: Visitor) -> None:
    """Let a visitor who was *treated* fall back to what her deals say, unless another treatment of hers is done.

    She falls no further than she had come when she was taken over from another system.
    """
    others_done = Treatment.objects.filter(visitor=visitor, state=State.DONE).exists()
    if not others_done and visitor.standing == Standing.TREATED:
        reached = ownership.higher(standings.standing_by_deals(visitor), standings.standing_taken_over(visitor))
        reception.record_standing(visitor=visitor, standing=reached)
