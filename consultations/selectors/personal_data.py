"""What the consultation rooms keep about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.selectors.personal_data import Section, Wanted, day_words, together
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

LEFT_OUT: Mapping[type[Model], Promise] = {
    DealShare: gettext_lazy("how colleagues share the credit for a deal"),
    TreatmentNotice: gettext_lazy("which colleagues were told of an abnormal test or a complication"),
    UnheededNotice: gettext_lazy("how a notice to a colleague was passed on; nothing about her"),
    DiscountRequest: gettext_lazy("which colleague allowed a price; the price stands in the plan"),
    StayCheck: gettext_lazy("which colleague looked whether her stay was billed"),
    OwnerHint: gettext_lazy("what colleagues say of whose visitor she is"),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return all that was said, bought, done and signed in these rooms."""
    return [
        _consultations(wanted),
        _opinions(wanted),
        _plans(wanted),
        _deals(wanted),
        _payments(wanted),
        _treatments(wanted),
        _desk_cases(wanted),
        _stays(wanted),
        _courses(wanted),
        _steps(wanted),
        _doses(wanted),
        _signed_forms(wanted),
        _photographs(wanted),
        _hand_overs(wanted),
    ]


def _consultations(wanted: Wanted) -> Section:
    rows = [
        (
            wanted.time(one.offered_at),
            str(one.consultant),
            one.get_state_display(),
            together(wanted.time(one.entered_at), wanted.time(one.finished_at)),
            together(one.get_outcome_display(), one.no_deal_reason, one.outcome_note, one.declined_for),
            day_words(one.call_again_on),
            one.wishes,
            one.history,
            one.assessment,
            one.notes,
        )
        for one in Consultation.objects.filter(visitor__in=wanted.records).select_related("consultant").order_by("id")
    ]
    head = (
        pgettext("copy of data", "Offered"),
        _("Consultant"),
        _("State"),
        _("From and until"),
        _("Outcome"),
        _("Call again on"),
        pgettext("record", "Wishes"),
        _("Medical history"),
        _("Assessment"),
        pgettext("record", "Notes"),
    )
    return Section(_("Consultations"), head, rows, (Consultation,))


def _opinions(wanted: Wanted) -> Section:
    asked = Participant.objects.filter(consultation__visitor__in=wanted.records).select_related("staff")
    rows = [
        (
            wanted.time(one.asked_at),
            str(one.staff),
            one.get_part_display(),
            one.question,
            one.opinion,
            wanted.time(one.answered_at),
        )
        for one in asked.order_by("id")
    ]
    head = (pgettext("copy of data", "Asked"), _("Person"), _("Part"), _("What is asked"), _("Opinion"), _("Answered"))
    return Section(_("Second opinions and panels"), head, rows, (Participant,))


def _deals(wanted: Wanted) -> Section:
    deals = (
        Deal.objects.filter(visitor__in=wanted.records)
        .select_related("account", "corrected_by")
        .prefetch_related("projects", "lines")
        .order_by("id")
    )
    rows = [
        (
            wanted.time(one.made_at),
            one.get_kind_display(),
            str(one),
            _(", ").join(str(project) for project in one.projects.all()),
            str(sum(line.sessions for line in one.lines.all()) or ""),
            str(one.account) if hasattr(one, "account") else "",
            together(wanted.time(one.corrected_at), one.reason),
            _("replaced") if hasattr(one, "corrected_by") else _("void") if one.void else "",
        )
        for one in deals
    ]
    head = (
        _("Time"),
        pgettext("copy of data", "Paid"),
        _("Amount"),
        _("Projects"),
        _("Sessions"),
        pgettext("payment", "Balance"),
        _("Corrected"),
        _("State"),
    )
    return Section(_("Deals"), head, rows, (Deal, DealLine, DealAccount, Deal.projects.through))


def _treatments(wanted: Wanted) -> Section:
    treatments = Treatment.objects.filter(visitor__in=wanted.records).select_related(
        "project", "doctor", "deal_line", "assistant", "ordered_by"
    )
    rows = [
        (
            day_words(one.treated_on),
            str(one.project),
            str(one.doctor),
            together(one.ordered_by, one.assistant),
            one.get_state_display(),
            f"{one.session} / {one.deal_line.sessions}" if one.deal_line else "",
            day_words(one.next_visit_on),
            together(one.room, one.notes, one.cancel_reason, one.hand_over),
            one.complication,
        )
        for one in treatments.order_by("treated_on", "id")
    ]
    head = (
        _("Date"),
        _("Project"),
        _("Doctor"),
        _("Ordered by, nurse or beautician"),
        _("State"),
        _("Session of a package"),
        _("Next visit"),
        _("Notes"),
        _("Complication"),
    )
    return Section(_("Treatments"), head, rows, (Treatment,))


def _courses(wanted: Wanted) -> Section:
    entries = StageEntry.objects.filter(treatment__visitor__in=wanted.records).select_related(
        "treatment__project", "by"
    )
    rows = [
        (
            wanted.time(one.at),
            str(one.treatment.project),
            one.get_stage_display(),
            one.get_sort_display(),
            str(one.by),
            one.reason,
        )
        for one in entries.order_by("id")
    ]
    head = (
        _("Time"),
        _("Project"),
        pgettext("treatment", "Stage"),
        pgettext("copy of data", "Entry"),
        _("Person"),
        _("Reason"),
    )
    return Section(_("How treatments went"), head, rows, (StageEntry,))


def _steps(wanted: Wanted) -> Section:
    steps = TreatmentStep.objects.filter(treatment__visitor__in=wanted.records).select_related("treatment__project")
    rows = [
        (
            wanted.time(one.ordered_at),
            str(one.treatment.project),
            str(one),
            one.get_result_display(),
            together(one.words, one.note),
            wanted.time(one.result_at),
        )
        for one in steps.order_by("id")
    ]
    head = (_("Time"), _("Project"), _("Step"), _("Result"), _("Notes"), pgettext("copy of data", "Answered"))
    return Section(_("Tests and steps before treatments"), head, rows, (TreatmentStep,))


def _doses(wanted: Wanted) -> Section:
    uses = DrugUse.objects.filter(treatment__visitor__in=wanted.records).select_related("drug", "given_by")
    rows = [
        (
            wanted.time(one.given_at),
            str(one.drug),
            one.batch,
            str(one),
            one.site,
            str(one.given_by),
            together(_("was not given") if one.nothing_given else "", one.reason),
        )
        for one in uses.order_by("id")
    ]
    head = (_("Time"), _("Drug"), _("Batch"), _("Dose"), _("Site"), _("Given by"), _("Corrected because"))
    return Section(_("Drugs given"), head, rows, (DrugUse,))


def _signed_forms(wanted: Wanted) -> Section:
    forms = SignedForm.objects.filter(visitor__in=wanted.records).select_related("project", "staff").order_by("id")
    rows = [
        (
            wanted.time(one.at),
            one.get_kind_display(),
            str(one.project or ""),
            one.get_answer_display(),
            str(one.staff),
            one.note,
        )
        for one in forms
    ]
    head = (_("Time"), _("Form"), _("Project"), _("Answer"), _("Witness"), _("Note"))
    return Section(_("Signed forms"), head, rows, (SignedForm,))


def _plans(wanted: Wanted) -> Section:
    items = PlanItem.objects.filter(consultation__visitor__in=wanted.records).select_related("project")
    rows = [
        (
            wanted.time(one.added_at),
            str(one.project),
            str(one.sessions),
            one.planned,
            one.risks,
            one.alternatives,
            "" if one.price is None else f"¥{one.price}",
            wanted.time(one.removed_at),
        )
        for one in items.order_by("id")
    ]
    head = (
        _("Time"),
        _("Project"),
        _("Sessions"),
        _("What is planned"),
        _("Risks"),
        _("Alternatives"),
        _("Price"),
        _("Removed"),
    )
    return Section(_("Plans"), head, rows, (PlanItem,))


def _hand_overs(wanted: Wanted) -> Section:
    lines = HandOverLine.objects.filter(visitor__in=wanted.records).select_related(
        "hand_over", "from_staff", "to_staff"
    )
    rows = [
        (wanted.time(one.hand_over.made_at), str(one.from_staff), str(one.to_staff), one.hand_over.reason)
        for one in lines.order_by("id")
    ]
    head = (_("Time"), pgettext("hand-over", "From"), pgettext("hand-over", "To"), pgettext("hand-over", "Why"))
    return Section(_("Handed over to another consultant"), head, rows, (HandOverLine,))


def _payments(wanted: Wanted) -> Section:
    notes = Payment.objects.filter(deal__visitor__in=wanted.records).select_related("corrected_by").order_by("id")
    rows = [
        (
            day_words(one.received_on),
            one.get_kind_display(),
            one.signed,
            one.receipt_number,
            wanted.time(one.noted_at),
            one.reason,
            _("replaced") if hasattr(one, "corrected_by") else "",
        )
        for one in notes
    ]
    head = (
        _("Date"),
        pgettext("payment", "What for"),
        _("Amount"),
        _("Receipt"),
        _("Noted"),
        _("Reason"),
        _("State"),
    )
    return Section(_("Payments"), head, rows, (Payment,))


def _photographs(wanted: Wanted) -> Section:
    """List the photographs; the pictures themselves are handed out by the photo room."""
    kept = Photograph.objects.filter(visitor__in=wanted.records)
    rows = [
        (
            day_words(one.taken_on),
            one.get_stage_display(),
            one.get_view_display(),
            str(one.treatment.project) if one.treatment else "",
            str(one.taken_by),
            together(wanted.time(one.removed_at), one.removed_because),
        )
        for one in kept.select_related("treatment__project", "taken_by").order_by("taken_on", "id")
    ]
    head = (
        _("Day"),
        _("Stage"),
        pgettext("photograph", "View"),
        _("Project"),
        pgettext("photograph", "Taken by"),
        pgettext("copy of data", "Removed"),
    )
    return Section(_("Photographs"), head, rows, (Photograph,))


def _desk_cases(wanted: Wanted) -> Section:
    cases = DeskCase.objects.filter(visit__visitor__in=wanted.records).select_related("department", "staff", "doctor")
    rows = [
        (
            wanted.time(one.arrived_at or one.sent_at),
            str(one.department),
            one.get_purpose_display(),
            str(one.staff or one.doctor or ""),
            one.get_state_display(),
            together(wanted.time(one.entered_at), wanted.time(one.ended_at)),
            together(_("agreed to another doctor") if one.agreed_at else "", one.left_reason),
        )
        for one in cases.order_by("id")
    ]
    head = (
        _("Time"),
        _("Department"),
        _("Purpose"),
        _("Person"),
        _("State"),
        _("From and until"),
        _("Note"),
    )
    return Section(_("At departments' desks"), head, rows, (DeskCase,))


def _stays(wanted: Wanted) -> Section:
    stays = Stay.objects.filter(visitor__in=wanted.records).select_related(
        "department", "doctor", "treatment__project", "satisfaction"
    )
    rows = [
        (
            wanted.time(one.admitted_at),
            str(one.department),
            str(one),
            str(one.doctor),
            str(one.treatment.project) if one.treatment else "",
            wanted.time(one.discharged_at),
            together(one.get_ending_display(), one.ending_note, one.withdrawn_because),
            _satisfaction(one),
        )
        for one in stays.order_by("id")
    ]
    head = (
        pgettext("stay", "Admitted"),
        _("Department"),
        pgettext("stay", "Bed"),
        _("Doctor"),
        _("Treatment"),
        pgettext("stay", "Discharged"),
        _("Kind of discharge"),
        _("Satisfaction"),
    )
    return Section(_("Stays as an in-patient"), head, rows, (Stay, StaySatisfaction))


def _satisfaction(stay: Stay) -> str:
    said: StaySatisfaction | None = getattr(stay, "satisfaction", None)
    if said is None:
        return ""
    marks = _(", ").join(f"{word} {mark}/5" for word, mark in said.marks)
    return together(_("would not answer") if said.declined else marks, said.words)
