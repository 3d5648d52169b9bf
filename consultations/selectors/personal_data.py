"""What the consultation rooms keep about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.selectors.personal_data import Section, Wanted, day_words, together
from consultations.models import Consultation, Deal, DealShare, Treatment

LEFT_OUT: Mapping[type[Model], Promise] = {
    DealShare: gettext_lazy("how colleagues share the credit for a deal"),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return a visitor's consultations, deals and treatments."""
    return [_consultations(wanted), _deals(wanted), _treatments(wanted)]


def _consultations(wanted: Wanted) -> Section:
    rows = [
        (
            wanted.time(one.offered_at),
            str(one.consultant),
            one.get_state_display(),
            together(wanted.time(one.entered_at), wanted.time(one.finished_at)),
            together(one.get_outcome_display(), one.no_deal_reason, one.decline_reason),
            day_words(one.call_again_on),
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
        _("Notes"),
    )
    return Section(_("Consultations"), head, rows, (Consultation,))


def _deals(wanted: Wanted) -> Section:
    deals = Deal.objects.filter(visitor__in=wanted.records).prefetch_related("projects").order_by("id")
    rows = [
        (
            wanted.time(one.made_at),
            one.get_kind_display(),
            str(one),
            ", ".join(str(project) for project in one.projects.all()),
        )
        for one in deals
    ]
    head = (_("Time"), pgettext("copy of data", "Paid"), _("Amount"), _("Projects"))
    return Section(_("Deals"), head, rows, (Deal, Deal.projects.through))


def _treatments(wanted: Wanted) -> Section:
    treatments = Treatment.objects.filter(visitor__in=wanted.records).select_related("project", "doctor")
    rows = [
        (
            day_words(one.treated_on),
            str(one.project),
            str(one.doctor),
            one.get_state_display(),
            together(one.notes, one.cancel_reason),
        )
        for one in treatments.order_by("treated_on", "id")
    ]
    head = (_("Date"), _("Project"), _("Doctor"), _("State"), _("Notes"))
    return Section(_("Treatments"), head, rows, (Treatment,))
