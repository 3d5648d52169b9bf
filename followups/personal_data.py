"""What the call-back room keeps about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model, Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.selectors.personal_data import Section, Wanted, day_words, together
from clinic.templatetags.desk import colon
from followups.models import (
    CallAnswer,
    CallAttempt,
    CallBack,
    CallBar,
    CallShare,
    OwnerCall,
    OwnerCallTry,
    Plan,
    PlanQuestion,
    PlanStep,
    Tracking,
    UrgentReview,
)
from followups.selectors import with_answers
from followups.selectors.owner_calls import about_of

LEFT_OUT: Mapping[type[Model], Promise] = {
    CallShare: gettext_lazy("Whose list a call stands on is a matter of the staff; the call itself is given."),
    Plan: gettext_lazy("The calls that follow from it are given."),
    PlanStep: gettext_lazy("The calls that follow from it are given."),
    PlanQuestion: gettext_lazy("What she answered is given."),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return the calls that were to be made to a visitor, and what she said in each."""
    calls = (
        CallBack.objects.filter(visitor__in=wanted.records)
        .select_related("treatment__project", "step")
        .prefetch_related(Prefetch("attempts", CallAttempt.objects.prefetch_related(with_answers())))
        .order_by("due_on", "id")
    )
    rows = []
    for one in calls:
        rows.append(
            (
                day_words(one.due_on),
                f"{one.treatment.project} {one.step}",
                together(one.state_word, one.get_state_reason_display()),
                together(one.get_concern_display(), one.settled_note),
                "",
                "",
            )
        )
        rows += [
            (
                wanted.time(attempt.at),
                "",
                together(attempt.get_result_display(), _who(attempt)),
                attempt.get_recovery_display(),
                str(attempt.satisfaction or ""),
                _said(attempt),
            )
            for attempt in one.attempts.all()
        ]
    head = (_("Time"), _("Call-back"), _("State"), _("Recovery"), _("Satisfaction"), _("Notes"))
    made = Section(_("Call-backs"), head, rows, (CallBack, CallAttempt, CallAnswer))
    return [made, _reviews(wanted), _owner_calls(wanted), _wishes(wanted)]


def _reviews(wanted: Wanted) -> Section:
    """Return what doctors were asked because she was not well, and what they had her told."""
    reviews = UrgentReview.objects.filter(visitor__in=wanted.records).select_related("treatment__project", "attempt")
    rows = [
        (
            wanted.time(one.asked_at),
            str(one.treatment.project),
            one.attempt.notes,
            together(str(one.get_answer_display()), day_words(one.come_on) if one.come_on else ""),
            one.note,
            wanted.time(one.told_at) if one.told_at else "",
        )
        for one in reviews.order_by("asked_at", "id")
    ]
    head = (_("Time"), _("Operation"), _("Notes"), _("What is done"), _("What the visitor is told"), _("Visitor told"))
    return Section(_("Urgent reviews"), head, rows, (UrgentReview,))


def _who(attempt: CallAttempt) -> str:
    return str(attempt.get_direction_display()) if attempt.direction == CallAttempt.Direction.IN else ""


def _said(attempt: CallAttempt) -> str:
    """Return notes, suggestions and answers, one a line."""
    suggested = f"{_('Suggestion')}{colon()}{attempt.suggestions}" if attempt.suggestions else ""
    answers = (f"{answer.question}{colon()}{answer.words}" for answer in attempt.answers.all())
    return "\n".join(filter(None, (attempt.notes, suggested, *answers)))


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
        (one.at, one.ended_at, together(str(one.get_reason_display()), one.about))
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
