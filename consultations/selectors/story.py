"""What the consultation rooms tell in a visitor's story, and what of it matters now."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from django.db.models import F, Model, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.models import Staff
from clinic.roles import Capability
from clinic.selectors.story import Asked, Entry, Kind, Matter, Source
from clinic.templatetags.desk import colon
from consultations.models import (
    Consultation,
    Deal,
    DealAccount,
    DealLine,
    DealShare,
    DeskCase,
    DiscountRequest,
    DrugUse,
    HandOverLine,
    OwnerHint,
    Participant,
    Payment,
    Photograph,
    PlanItem,
    SignedForm,
    StageEntry,
    Stay,
    StayCheck,
    StaySatisfaction,
    Treatment,
    TreatmentNotice,
    TreatmentStep,
    UnheededNotice,
)
from consultations.selectors.deals import deals_seen_by, with_particulars
from consultations.selectors.money import unpaid_balance
from consultations.selectors.records import consultations_seen_by, visitors_seen_by
from consultations.selectors.stays import stays_for
from consultations.selectors.treatments import treatments_for

# Tables that name visitors and tell nothing of their own in the story, with the reason.
LEFT_OUT: Mapping[type[Model], Promise] = {
    HandOverLine: gettext_lazy("whose visitor she became is told as the change of her owner"),
    Photograph: gettext_lazy("her photographs have a page of their own"),
    OwnerHint: gettext_lazy("what a consultant told the supervisor of whose visitor she is"),
    DiscountRequest: gettext_lazy("which colleague allowed a price; the price stands in the plan"),
    TreatmentNotice: gettext_lazy("which colleagues were told of an abnormal test or a complication"),
    StayCheck: gettext_lazy("which colleague looked whether her stay was billed"),
    UnheededNotice: gettext_lazy("how a notice to a colleague was passed on; nothing about her"),
}
_READERS = frozenset({Capability.WORK_OWN_QUEUE, Capability.RECORD_TREATMENTS, Capability.VIEW_ALL_VISITORS})


def _reads(staff: Staff) -> bool:
    return bool(_READERS & staff.capabilities)


def _reads_amounts(staff: Staff) -> bool:
    return _reads(staff) and staff.may(Capability.SEE_AMOUNTS)


def _hers(asked: Asked, field: str = "visitor") -> Q:
    """Return the rows of her records, if the reader may read her consultations at all."""
    seen = asked.once("consultations", lambda: visitors_seen_by(asked.staff).filter(pk=asked.visitor_id).exists())
    return Q(**{f"{field}__in": asked.records if seen else ()})


def _consultations(asked: Asked) -> QuerySet[Consultation]:
    had = Q(state=Consultation.State.WITHDRAWN, entered_at__isnull=False)
    said = ~Q(state__in=[Consultation.State.OFFERED, Consultation.State.WITHDRAWN]) | had
    return Consultation.objects.filter(_hers(asked)).filter(said).annotate(told_at=F("offered_at"))


def _consultation(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    opens = set(consultations_seen_by(asked.staff).filter(pk__in=pks).values_list("pk", flat=True))
    sees_amounts = asked.staff.may(Capability.SEE_AMOUNTS)
    planned = Prefetch("plan_items", PlanItem.objects.filter(removed_at=None).select_related("project"))
    rows = Consultation.objects.filter(pk__in=pks).select_related("consultant", "passed_to", "decided_by")
    for one in rows.prefetch_related(planned):
        plan = _(", ").join(_planned(item, sees_amounts) for item in one.plan_items.all())
        reason = one.no_deal_reason or one.outcome_note or one.declined_for
        outcome = _joined(one.get_outcome_display(), reason)
        onward = f"→ {one.passed_to}" if one.passed_to else ""
        decided = _("decided by %(name)s") % {"name": one.decided_by} if one.decided_by else ""
        again = ""
        if one.call_again_on:
            again = _("call again on %(day)s") % {"day": one.call_again_on.isoformat()}
        yield Entry(
            one.pk,
            _("Consultation"),
            tuple(
                filter(
                    None,
                    (
                        _joined(str(one.consultant), onward),
                        _joined(outcome, decided),
                        _("Plan") + colon() + plan if plan else "",
                        again,
                    ),
                )
            ),
            url=reverse("consultations:consultation", args=[one.pk]) if one.pk in opens else "",
            state=one.state,
        )


def _planned(item: PlanItem, sees_amounts: bool) -> str:
    what = f"{item.project} × {item.sessions}" if item.sessions > 1 else str(item.project)
    return f"{what} {_yuan(item.price)}" if sees_amounts and item.price is not None else what


def _yuan(amount: Decimal) -> str:
    return f"¥{number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)}"


def _opinions(asked: Asked) -> QuerySet[Participant]:
    return Participant.objects.filter(_hers(asked, "consultation__visitor")).annotate(told_at=F("asked_at"))


def _opinion(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Participant.objects.filter(pk__in=pks).select_related("staff"):
        yield Entry(
            one.pk,
            one.get_part_display(),
            tuple(filter(None, (str(one.staff), one.opinion))),
            state="done" if one.answered_at else "open",
            state_word=pgettext("opinion", "Answered") if one.answered_at else pgettext("opinion", "Asked"),
        )


def _deals(asked: Asked) -> QuerySet[Deal]:
    return Deal.objects.filter(_hers(asked)).annotate(told_at=Coalesce("corrected_at", "made_at"))


def _deal(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    """Amounts and shares are told to those who see amounts, to others only what was bought."""
    sees_amounts = asked.staff.may(Capability.SEE_AMOUNTS)
    opens = set(deals_seen_by(asked.staff).order_by().filter(pk__in=pks).values_list("pk", flat=True))
    for one in with_particulars(Deal.objects.filter(pk__in=pks)):
        bought = [
            f"{line.project} × {line.sessions}" if line.sessions > 1 else str(line.project) for line in one.lines.all()
        ]
        lines = [_(", ").join(bought or [str(project) for project in one.projects.all()])]
        title = pgettext("bought", "Deal")
        if sees_amounts and not one.void:
            title = _joined(title, _yuan(one.amount))
            credit = _(", ").join(f"{share.staff} {floatformat(share.percent, '-2')} %" for share in one.sales)
            lines.append(f"{_('Credit')}{colon()}{credit}" if credit else "")
        yield Entry(
            one.pk,
            title,
            tuple(filter(None, (*lines, one.reason))),
            url=reverse("consultations:deal_page", args=[one.pk]) if one.pk in opens else "",
            state="void" if one.void else "done" if one.kind == Deal.Kind.PAID else "open",
            state_word="" if one.void else one.get_kind_display(),
            dim=one.void or getattr(one, "corrected_by", None) is not None,
        )


def _payments(asked: Asked) -> QuerySet[Payment]:
    return Payment.objects.filter(_hers(asked, "deal__visitor")).annotate(told_at=F("noted_at"))


def _payment(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Payment.objects.filter(pk__in=pks).select_related("noted_by", "corrected_by"):
        title = _joined(pgettext("told in a story", "Payment"), one.get_kind_display(), _yuan(one.amount))
        lines = (_joined(one.received_on.isoformat(), str(one.noted_by), one.receipt_number), one.reason)
        yield Entry(one.pk, title, tuple(filter(None, lines)), dim=getattr(one, "corrected_by", None) is not None)


def _treatments(asked: Asked) -> QuerySet[Treatment]:
    return Treatment.objects.filter(_hers(asked)).annotate(told_at=asked.end_of("treated_on"))


def _treatment(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    opens = set(treatments_for(asked.staff).filter(pk__in=pks).values_list("pk", flat=True))
    rows = Treatment.objects.filter(pk__in=pks).select_related("project", "doctor", "deal_line")
    for one in rows.prefetch_related(Prefetch("drug_uses", DrugUse.objects.select_related("drug").order_by("pk"))):
        corrected = {use.corrects_id for use in one.drug_uses.all()}
        doses = [
            f"{use.drug} {use} {use.site}"
            for use in one.drug_uses.all()
            if use.pk not in corrected and not use.nothing_given
        ]
        session = ""
        if one.deal_line is not None:
            session = _("session %(session)s of %(sessions)s") % {
                "session": one.session,
                "sessions": one.deal_line.sessions,
            }
        wrong = f"{_('Complication')}{colon()}{one.complication}" if one.complication else ""
        lines = (_joined(str(one.doctor), session), _(", ").join(doses), one.cancel_reason or one.notes, wrong)
        yield Entry(
            one.pk,
            str(one.project),
            tuple(filter(None, lines)),
            url=reverse("consultations:treatment", args=[one.pk]) if one.pk in opens else "",
            state=one.state if one.state == Treatment.State.CANCELLED else one.stage,
            state_word="" if one.state == Treatment.State.CANCELLED else str(one.stage_word),
            day_only=True,
            dim=one.state == Treatment.State.CANCELLED,
        )


def _desk_cases(asked: Asked) -> QuerySet[DeskCase]:
    return DeskCase.objects.filter(_hers(asked, "visit__visitor")).annotate(
        told_at=Coalesce("arrived_at", "sent_at", "visit__arrived_at")
    )


def _desk_case(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in DeskCase.objects.filter(pk__in=pks).select_related("department", "staff", "doctor"):
        lines = (one.get_purpose_display(), str(one.staff or one.doctor or ""))
        closed = one.state in (DeskCase.State.DONE, DeskCase.State.LEFT)
        yield Entry(
            one.pk,
            str(one.department),
            tuple(filter(None, lines)),
            state="done" if closed else "open",
            state_word=one.get_state_display(),
            dim=one.state == DeskCase.State.LEFT,
        )


def _stays(asked: Asked) -> QuerySet[Stay]:
    return Stay.objects.filter(_hers(asked)).annotate(told_at=F("admitted_at"))


def _stay(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    opens = set(stays_for(asked.staff).filter(pk__in=pks).values_list("pk", flat=True))
    rows = Stay.objects.filter(pk__in=pks).select_related("department", "doctor", "treatment__project", "satisfaction")
    for one in rows:
        said: StaySatisfaction | None = getattr(one, "satisfaction", None)
        ended = ""
        if one.discharged_at is not None:
            until = one.discharged_at.astimezone(asked.zone).date().isoformat()
            ended = _joined(_("until %(day)s") % {"day": until}, one.get_ending_display(), one.ending_note)
        overall = f"{_('Satisfaction')}{colon()}{said.overall}/5" if said is not None and not said.declined else ""
        lines = (
            _joined(str(one.department), str(one), str(one.doctor)),
            str(one.treatment.project) if one.treatment else "",
            ended or one.withdrawn_because,
            _joined(overall, said.words if said is not None else ""),
        )
        state = "void" if one.withdrawn_at else "stay_over" if one.discharged_at else "in_house"
        yield Entry(
            one.pk,
            _("In-patient"),
            tuple(filter(None, lines)),
            url=reverse("consultations:stay", args=[one.pk]) if one.pk in opens else "",
            state=state,
            dim=one.withdrawn_at is not None,
        )


def _signed_forms(asked: Asked) -> QuerySet[SignedForm]:
    return SignedForm.objects.filter(_hers(asked)).annotate(told_at=F("at"))


def _signed_form(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in SignedForm.objects.filter(pk__in=pks).select_related("project", "staff"):
        signed = one.answer == SignedForm.Answer.SIGNED
        lines = (_joined(str(one.project or ""), str(one.staff)), one.note)
        yield Entry(
            one.pk,
            one.get_kind_display(),
            tuple(filter(None, lines)),
            state="done" if signed else "declined",
            state_word=one.get_answer_display(),
        )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


SOURCES: tuple[Source, ...] = (
    Source("consultation", Kind.CONSULTATION, (Consultation, PlanItem), _consultations, _consultation, _reads),
    Source("opinion", Kind.CONSULTATION, (Participant,), _opinions, _opinion, _reads),
    Source("deal", Kind.DEAL, (Deal, DealLine, DealShare, Deal.projects.through), _deals, _deal, _reads),
    Source("payment", Kind.DEAL, (Payment, DealAccount), _payments, _payment, _reads_amounts),
    Source(
        "treatment", Kind.TREATMENT, (Treatment, TreatmentStep, DrugUse, StageEntry), _treatments, _treatment, _reads
    ),
    Source("desk_case", Kind.VISIT, (DeskCase,), _desk_cases, _desk_case, _reads),
    Source("stay", Kind.TREATMENT, (Stay, StaySatisfaction), _stays, _stay, _reads),
    Source("signed_form", Kind.CONSENT, (SignedForm,), _signed_forms, _signed_form, _reads),
)


# --- what matters now ---


def matters(asked: Asked) -> list[Matter]:
    """Return complications, what she owes for those who see amounts, the next treatment. Three queries at most."""
    if not _reads(asked.staff):
        return []
    found = [
        Matter("late", "exclamation-octagon-fill", _("Complication"), _joined(str(one.project), one.complication))
        for one in Treatment.objects.filter(_hers(asked)).exclude(complication="").select_related("project")[:5]
    ]
    owed = unpaid_balance(asked.records) if asked.staff.may(Capability.SEE_AMOUNTS) else None
    if owed:
        found.append(Matter("waiting", "currency-yen", _("Unpaid balance"), _yuan(owed)))
    today = asked.now.astimezone(asked.zone).date()
    coming = (
        Treatment.objects.filter(_hers(asked), state=Treatment.State.PLANNED, treated_on__gte=today)
        .select_related("project", "doctor")
        .order_by("treated_on", "pk")
        .first()
    )
    if coming is not None:
        said = _joined(coming.treated_on.isoformat(), str(coming.project), str(coming.doctor))
        found.append(Matter("in-room", "clipboard-pulse", _("Next treatment"), said))
    return found
