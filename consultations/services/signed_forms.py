"""What a visitor signed or refused is noted; nothing is ever written over."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Department, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.meanwhile import refuse_if_changed
from clinic.services.turns import one_at_a_time
from consultations.models import Consultation, FormNeed, SignedForm, Treatment
from consultations.selectors.form_needs import BEFORE, in_order, own_need
from consultations.selectors.signed_forms import AT_THE_END, Subject, forms_of, may_be_noted_in
from reception import services as reception
from reception.models import Visit, Visitor

MOST = 200


@transaction.atomic
def note_signed_form(
    *,
    visitor: Visitor,
    kind: str,
    answer: str,
    note: str = "",
    consultation: Consultation | None = None,
    treatment: Treatment | None = None,
    project: Project | None = None,
    seen: int | None = None,
    staff: Staff,
    now: datetime,
) -> SignedForm:
    """Note what a visitor answered to a form, with `staff` as its witness; the newest of a kind and treatment counts.

    `project` is the treatment's when there is one. The same answer noted twice is one. `seen` is the newest answer the
    witness saw, 0 for none: raises Stale `form_changed` when there is another one. Refused `form_unclear` for a kind or
    an answer there is not, `form_cancelled` for a treatment that does not take place, `form_of_treatment` and
    `form_early` for what is signed at the end of a treatment, without one or before it is done, `note_long`; Stale
    `moved_away` for a `consultation` that this person may not go on with.
    """
    note = note.strip()
    if kind not in SignedForm.Kind.values or answer not in SignedForm.Answer.values:
        raise Refused(_("Choose the form, and whether she signed or refused it."), code="form_unclear")
    if len(note) > MOST:
        raise Refused(
            _("At most %(most)d characters; this has %(count)d.") % {"most": MOST, "count": len(note)}, code="note_long"
        )
    visitor = reception.hold_visitor(visitor.pk)
    if consultation is not None:
        _refuse_moved(consultation, staff)
    if treatment is not None:
        treatment = Treatment.objects.select_related("project", "consultation").get(pk=treatment.pk)
        if treatment.state == Treatment.State.CANCELLED:
            raise Refused(_("This treatment was cancelled; no form is signed for it."), code="form_cancelled")
        consultation, project = consultation or treatment.consultation, treatment.project
    if kind in AT_THE_END:
        _refuse_early(treatment)
    before = _newest(visitor, kind, consultation, treatment, project)
    if before is not None and (before.answer, before.note, before.staff_id) == (answer, note, staff.pk):
        return before
    if seen is not None and seen != (before.pk if before is not None else 0):
        raise Stale(
            _("%(who)s noted “%(answer)s” for this form meanwhile. Look at it again before you note another answer.")
            % {
                "who": before.staff if before is not None else _("Somebody"),
                "answer": before.get_answer_display() if before is not None else "",
            },
            code="form_changed",
        )
    form = SignedForm.objects.create(
        visitor=visitor,
        consultation=consultation,
        treatment=treatment,
        project=project,
        kind=kind,
        answer=answer,
        note=note,
        at=now,
        staff=staff,
    )
    audit.record(
        action="consultations.note_signed_form",
        now=now,
        staff=staff,
        target=form,
        detail={"kind": kind, "answer": answer},
    )
    told = [topics.visitor(visitor.pk), topics.photographs(visitor.pk)]
    outbox.announce(topics=[*told, topics.treatments(treatment.branch_id)] if treatment is not None else told)
    return form


def _refuse_moved(consultation: Consultation, staff: Staff) -> None:
    visit = Visit.objects.select_for_update(no_key=True).get(pk=consultation.visit_id)
    current = Consultation.objects.get(pk=consultation.pk)
    current.visit = visit
    if current.consultant_id != staff.pk or not may_be_noted_in(current):
        raise Stale(_("This visitor is no longer with you; the form was not noted."), code="moved_away")


def _refuse_early(treatment: Treatment | None) -> None:
    if treatment is None:
        raise Refused(
            _("This form is signed at the end of a treatment. Note it with that treatment."), code="form_of_treatment"
        )
    if treatment.state != Treatment.State.DONE:
        raise Refused(
            _("This form is signed at the end of a treatment. Record first that the treatment is done."),
            code="form_early",
        )


def _newest(
    visitor: Visitor,
    kind: str,
    consultation: Consultation | None,
    treatment: Treatment | None,
    project: Project | None,
) -> SignedForm | None:
    """Return the answer that holds for what is answered now, None when there is none."""
    rows = (form for form in forms_of(visitor) if form.kind == kind)
    if project is None:
        consultation_id = consultation.pk if consultation is not None else None
        return next((one for one in rows if one.treatment_id is None and one.consultation_id == consultation_id), None)
    subject = Subject(project, consultation.pk if consultation is not None else None, treatment)
    return next((one for one in rows if subject.concerns(one)), None)


@transaction.atomic
def write_form_needs(
    *, thing: Project | Department, kinds: Iterable[str] | None, seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Write down which forms a project needs, or all projects of a department without a list; None: the usual ones.

    `seen` is the audit entry the form was drawn after: raises Stale `changed_meanwhile` when somebody wrote since.
    Refused `form_unclear` for a form that is not asked before a treatment.
    """
    one_at_a_time(f"form needs {thing._meta.model_name} {thing.pk}")
    refuse_if_changed(thing, seen=seen, by=("consultations.write_form_needs",))
    wanted = None if kinds is None else in_order(kinds)
    if wanted is not None and not set(wanted) <= set(BEFORE):
        raise Refused(_("Only what is signed before a treatment can be asked for."), code="form_unclear")
    written = own_need(thing)
    if (None if written is None else in_order(written.kinds)) == wanted:
        return
    if wanted is None and written is not None:
        written.delete()
    elif written is None:
        side = "project" if isinstance(thing, Project) else "department"
        FormNeed.objects.create(kinds=list(wanted or ()), **{side: thing})
    else:
        written.kinds = list(wanted or ())
        written.save(update_fields=["kinds"])
    audit.record(
        action="consultations.write_form_needs",
        now=now,
        staff=staff,
        target=thing,
        detail={"forms": list(wanted) if wanted is not None else "usual", "changed": ["forms"]},
    )
