"""Drugs: which there are, and what of them was given. What was given is never changed, only corrected by an entry."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.repeats import content_of, made_before
from consultations.drugs import DRUGS
from consultations.models import Drug, DrugUse, Treatment
from consultations.selectors.drugs import GIVES, batch_as_written, givers_of
from consultations.selectors.treatments import roles_of
from consultations.services.course_rules import locked_treatment, tell
from consultations.stages import Stage
from reception import services as reception


@transaction.atomic
def ensure_drugs() -> None:
    """Create the starting drugs in a hospital that has none. Changes no drug there is."""
    if not Drug.objects.exists():
        Drug.objects.bulk_create(
            (Drug(code=one.code, name=one.name, name_en=one.name_en, unit=one.unit) for one in DRUGS),
            ignore_conflicts=True,
        )


def _refuse_incomplete(batch: str, dose: Decimal, unit: str, site: str) -> None:
    if dose <= 0:
        raise Refused(_("The dose is more than nothing."), code="dose_not_positive")
    if not batch or not unit or not site:
        raise Refused(_("Batch, unit and site are part of a dose."), code="dose_incomplete")


def _used_for(made: DrugUse) -> str:
    return _("This form was used already, for %(dose)s at %(site)s. Send it once more for a further dose.") % {
        "dose": made,
        "site": made.site,
    }


@transaction.atomic
def record_drug_use(
    *,
    treatment: Treatment,
    drug: Drug,
    batch: str,
    dose: Decimal,
    unit: str = "",
    site: str,
    given_by: Staff | None = None,
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
) -> DrugUse:
    """Write down one dose at one site. `unit` empty: the drug's own; `given_by` None: the treatment's doctor.

    Sent twice with one `request_key` it is one dose. Raises Refused `not_yours` unless a doctor or nurse does,
    `dose_not_positive`, `dose_incomplete`, `not_begun` before the visitor has arrived, `drug_not_used` for a drug that
    is no longer in use, `giver` for somebody who cannot have given it; Stale `request_used` when another dose was noted
    with that key, and when the treatment is cancelled.
    """
    if not roles_of(staff) & GIVES:
        raise Refused(_("Doctors and nurses write down what is given."), code="not_yours")
    batch, site, unit = batch_as_written(batch), site.strip(), unit.strip() or drug.unit
    _refuse_incomplete(batch, dose, unit, site)
    if not drug.active:
        raise Refused(_("%(drug)s is not used any more.") % {"drug": drug}, code="drug_not_used")
    reception.hold_visitor(treatment.visitor_id)
    content = content_of(
        treatment=treatment, drug=drug, batch=batch, dose=dose.normalize(), unit=unit, site=site, given_by=given_by
    )
    made = made_before(DrugUse.objects.all(), request_key, content, used_for=_used_for)
    if made is not None:
        return made
    current = locked_treatment(treatment, None)
    if current.stage == Stage.ORDERED:
        raise Refused(_("She has not arrived: record that first."), code="not_begun")
    if given_by is not None and not givers_of(current, staff).filter(pk=given_by.pk).exists():
        raise Refused(
            _("%(name)s neither treats her nor assists. Choose who gave it.") % {"name": given_by.display_name},
            code="giver",
        )
    use = DrugUse.objects.create(
        treatment=current,
        drug=drug,
        batch=batch,
        dose=dose,
        unit=unit,
        site=site,
        given_by=given_by or current.doctor,
        given_at=now,
        noted_by=staff,
        request_key=request_key,
        request_content=content if request_key is not None else "",
    )
    _note(action="consultations.record_drug_use", use=use, staff=staff, now=now)
    return use


@transaction.atomic
def correct_drug_use(
    *,
    use: DrugUse,
    reason: str,
    staff: Staff,
    now: datetime,
    batch: str = "",
    dose: Decimal | None = None,
    site: str = "",
    nothing_given: bool = False,
) -> DrugUse:
    """Put a dose right by an entry that names it; what is not named stays. Return the new entry.

    `nothing_given`: the dose was never given. Raises Refused `not_yours`, `reason_missing`, `dose_not_positive`,
    `nothing_changed`; Stale `already_corrected` when somebody corrected it meanwhile.
    """
    if not roles_of(staff) & GIVES:
        raise Refused(_("Doctors and nurses write down what is given."), code="not_yours")
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say what was wrong."), code="reason_missing")
    batch, dose, site = (
        batch_as_written(batch) or use.batch,
        use.dose if dose is None else dose,
        site.strip() or use.site,
    )
    _refuse_incomplete(batch, dose, use.unit, site)
    if not nothing_given and (batch, dose, site) == (use.batch, use.dose, use.site):
        raise Refused(_("Nothing of the dose is different."), code="nothing_changed")
    reception.hold_visitor(use.treatment.visitor_id)
    try:
        with transaction.atomic():
            entry = DrugUse.objects.create(
                treatment_id=use.treatment_id,
                drug_id=use.drug_id,
                batch=batch,
                dose=dose,
                unit=use.unit,
                site=site,
                given_by_id=use.given_by_id,
                given_at=use.given_at,
                noted_by=staff,
                corrects=use,
                nothing_given=nothing_given,
                reason=reason,
            )
    except IntegrityError as error:
        raise Stale(_("Somebody has corrected this dose already."), code="already_corrected") from error
    _note(action="consultations.correct_drug_use", use=entry, staff=staff, now=now)
    return entry


def _note(*, action: str, use: DrugUse, staff: Staff, now: datetime) -> None:
    detail = {"drug": use.drug.code, "batch": use.batch, "dose": str(use), "site": use.site, "reason": use.reason}
    audit.record(action=action, now=now, staff=staff, target=use.treatment, detail=detail)
    tell(use.treatment)


@transaction.atomic
def note_batch_traced(*, batch: str, staff: Staff, now: datetime) -> None:
    """Write down that somebody asked who was given a batch: it shows her visitors of every department."""
    audit.record(action="consultations.trace_batch", now=now, staff=staff, detail={"batch": batch})


@transaction.atomic
def add_drug(*, name: str, name_en: str, unit: str, staff: Staff, now: datetime) -> Drug:
    """Add a drug to the list. Raises Refused without both names or the unit, or when there is one of that name."""
    name, name_en, unit = name.strip(), name_en.strip(), unit.strip()
    if not name or not name_en or not unit:
        raise Refused(_("A drug has two names and a unit."), code="drug_incomplete")
    code = slugify(name_en)[:40]
    known = Refused(_("There is a drug of that name already, or its English name has no letters."), code="drug_known")
    if not code or Drug.objects.filter(code=code).exists() or Drug.objects.filter(name=name).exists():
        raise known
    try:
        with transaction.atomic():
            drug = Drug.objects.create(code=code, name=name, name_en=name_en, unit=unit)
    except IntegrityError:
        raise known from None
    audit.record(action="consultations.add_drug", now=now, staff=staff, target=drug, detail={"drug": code})
    return drug


@transaction.atomic
def set_drug_in_use(*, drug: Drug, active: bool, staff: Staff, now: datetime) -> Drug:
    """Take a drug out of use or back into it; what was given of it stays."""
    current = Drug.objects.select_for_update(no_key=True).get(pk=drug.pk)
    if current.active == active:
        return current
    current.active = active
    current.save(update_fields=["active"])
    audit.record(
        action="consultations.set_drug_in_use",
        now=now,
        staff=staff,
        target=current,
        detail={"drug": current.code, "active": active},
    )
    return current
