"""What the call-back room keeps about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.selectors.personal_data import Section, Wanted, day_words, together
from followups.models import CallAttempt, CallBack, CallBar, OwnerCall, OwnerCallTry, Plan, PlanStep, Tracking
from followups.selectors.owner_calls import about_of

LEFT_OUT: Mapping[type[Model], Promise] = {
    Plan: gettext_lazy("The calls that follow from it are given."),
    PlanStep: gettext_lazy("The calls that follow from it are given."),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return the calls that were to be made to a visitor, and what she said in each."""
    calls = (
        CallBack.objects.filter(visitor__in=wanted.records)
        .select_related("treatment__project", "step")
        .prefetch_related("attempts")
        .order_by("due_on", "id")
    )
    rows = []
    for one in calls:
        rows.append(
            (
                day_words(one.due_on),
                f"{one.treatment.project} {one.step}",
                together(one.get_state_display(), one.get_state_reason_display()),
                together(one.get_concern_display(), one.settled_note),
                "",
                "",
            )
        )
        rows += [
            (
                wanted.time(attempt.at),
                "",
                attempt.get_result_display(),
                attempt.get_recovery_display(),
                str(attempt.satisfaction or ""),
                attempt.notes,
            )
            for attempt in one.attempts.all()
        ]
    head = (_("Time"), _("Call-back"), _("State"), _("Recovery"), _("Satisfaction"), _("Notes"))
    return [Section(_("Call-backs"), head, rows, (CallBack, CallAttempt)), _owner_calls(wanted), _wishes(wanted)]


def _owner_calls(wanted: Wanted) -> Section:
    """Return the calls her owner was to make, and what was said in each."""
    calls = list(
        OwnerCall.objects.filter(visitor__in=wanted.records)
        .select_related("visitor")
        .prefetch_related("attempts")
        .order_by("due_on", "id")
    )
    about = about_of(calls)
    rows = []
    for one in calls:
        state = together(one.get_state_display(), one.get_state_reason_display())
        rows.append((day_words(one.due_on), together(one.get_kind_display(), about[one.pk].text), state, ""))
        rows += [(wanted.time(made.at), "", made.get_result_display(), made.notes) for made in one.attempts.all()]
    head = (_("Time"), _("Call-back"), _("State"), _("Notes"))
    return Section(_("Call-backs of consultants"), head, rows, (OwnerCall, OwnerCallTry))


def _wishes(wanted: Wanted) -> Section:
    """Return since when she is not called, or tracked individually, and until when she was."""
    bars = [
        (one.at, one.ended_at, str(one.get_reason_display()))
        for one in CallBar.objects.filter(visitor__in=wanted.records)
    ]
    trackings = [
        (one.at, one.ended_at, together(str(_("Tracked individually")), one.reason))
        for one in Tracking.objects.filter(visitor__in=wanted.records)
    ]
    rows = [
        (wanted.time(at), wanted.time(ended_at) if ended_at else "", what)
        for at, ended_at, what in sorted(bars + trackings, key=lambda one: one[0])
    ]
    return Section(_("Wishes about calls"), (_("Since"), _("Until"), _("What")), rows, (CallBar, Tracking))
