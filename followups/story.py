"""What the call-back room tells in a visitor's story, and what of it matters now."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db.models import F, Model, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.models import Staff
from clinic.roles import Capability
from clinic.selectors.story import Asked, Entry, Kind, Matter, Source
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
from followups.selectors.owner_calls import about_of, owner_calls_seen_by

LEFT_OUT: Mapping[type[Model], Promise] = {
    CallShare: gettext_lazy("Whose list a call stands on is a matter of the staff; the call itself is told."),
    Plan: gettext_lazy("What is planned after one treatment is told by the calls that follow from it."),
    PlanStep: gettext_lazy("What is planned after one treatment is told by the calls that follow from it."),
    PlanQuestion: gettext_lazy("What is planned after one treatment is told by the calls that follow from it."),
}
_READERS = frozenset(
    {
        Capability.WORK_CALL_BACKS,
        Capability.VIEW_ALL_VISITORS,
        Capability.WORK_OWN_QUEUE,
        Capability.FIND_VISITORS,
    }
)


def _reads(staff: Staff) -> bool:
    return bool(_READERS & staff.capabilities)


def _attempts(asked: Asked) -> QuerySet[CallAttempt]:
    branch = asked.staff.branch_id
    made = CallAttempt.objects.filter(call_back__visitor__in=asked.records, call_back__branch=branch)
    return made.annotate(told_at=F("at"))


def _attempt(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    rows = CallAttempt.objects.filter(pk__in=pks).select_related(
        "staff", "call_back__step", "call_back__treatment__project"
    )
    for one in rows.prefetch_related(with_answers()):
        how = [str(one.get_direction_display())] if one.direction == CallAttempt.Direction.IN else []
        how.append(one.get_recovery_display())
        if one.satisfaction:
            how.append(f"{_('Satisfaction')}{colon()}{one.satisfaction}/5")
        call = one.call_back
        lines = (
            _joined(str(call.treatment.project), str(call.step), str(one.staff)),
            _joined(*map(str, how)),
            one.notes,
            f"{_('Suggestion')}{colon()}{one.suggestions}" if one.suggestions else "",
            *(f"{answer.question}{colon()}{answer.words}" for answer in one.answers.all()),
        )
        yield Entry(
            one.pk,
            pgettext("story", "Call-back"),
            tuple(filter(None, lines)),
            url=_card(asked, one.call_back_id),
            state="late" if one.calls_for_more else "done" if one.result == CallAttempt.Result.REACHED else "open",
            state_word=one.get_result_display(),
        )


def _planned(asked: Asked) -> QuerySet[CallBack]:
    """Calls that nobody has made yet, or that were called off or written; one that was made is told by its tries."""
    rows = CallBack.objects.filter(visitor__in=asked.records, branch=asked.staff.branch_id)
    made = Q(state=CallBack.State.DONE) & ~Q(state_reason=CallBack.Reason.MESSAGED)
    return rows.exclude(made).annotate(told_at=asked.end_of("call_on"))


def _plan(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in CallBack.objects.filter(pk__in=pks).select_related("step", "treatment__project"):
        lines = (
            _joined(str(one.treatment.project), str(one.step)),
            _joined(str(one.get_state_reason_display()), str(one.get_concern_display())),
        )
        yield Entry(
            one.pk,
            _("Call-back planned"),
            tuple(filter(None, lines)),
            url=_card(asked, one.pk),
            state="suspended" if one.paused else one.state,
            state_word=one.state_word,
            day_only=True,
            dim=one.state == CallBack.State.CANCELLED and not one.paused,
        )


def _owner_tries(asked: Asked) -> QuerySet[OwnerCallTry]:
    made = OwnerCallTry.objects.filter(call__visitor__in=asked.records, call__branch=asked.staff.branch_id)
    return made.annotate(told_at=F("at"))


def _owner_try(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    rows = list(OwnerCallTry.objects.filter(pk__in=pks).select_related("staff", "call__visitor"))
    about, urls = about_of(one.call for one in rows), _own_cards(asked)
    ended = (OwnerCallTry.Result.COMES, OwnerCallTry.Result.THINKS)
    for one in rows:
        lines = (_joined(one.call.get_kind_display(), about[one.call_id].text, str(one.staff)), one.notes)
        yield Entry(
            one.pk,
            pgettext("story", "Call-back"),
            tuple(filter(None, lines)),
            url=urls(one.call_id),
            state="done" if one.result in ended else "open",
            state_word=one.get_result_display(),
        )


def _owner_calls(asked: Asked) -> QuerySet[OwnerCall]:
    """Owners' calls that nobody has made yet, or that were called off; one that was made is told by its tries."""
    rows = OwnerCall.objects.filter(visitor__in=asked.records, branch=asked.staff.branch_id)
    return rows.exclude(state=OwnerCall.State.DONE).annotate(told_at=asked.end_of("call_on"))


def _owner_call(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    rows = list(OwnerCall.objects.filter(pk__in=pks).select_related("visitor", "owner"))
    about, urls = about_of(rows), _own_cards(asked)
    for one in rows:
        whose = str(one.owner) if one.owner is not None else ""
        lines = (_joined(one.get_kind_display(), about[one.pk].text, whose), one.get_state_reason_display())
        yield Entry(
            one.pk,
            _("Call-back planned"),
            tuple(filter(None, lines)),
            url=urls(one.pk),
            state=one.state,
            state_word=one.get_state_display(),
            day_only=True,
            dim=one.state == OwnerCall.State.CANCELLED,
        )


def _own_cards(asked: Asked) -> Callable[[int], str]:
    """Return what gives the address of an owner's call, empty where the reader does not work it."""
    rows = owner_calls_seen_by(asked.staff).filter(visitor__in=asked.records)
    hers = frozenset(rows.values_list("pk", flat=True))
    return lambda pk: reverse("followups:own_card", args=[pk]) if pk in hers else ""


def _bars(asked: Asked) -> QuerySet[CallBar]:
    return CallBar.objects.filter(visitor__in=asked.records).annotate(told_at=F("at"))


def _bar(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in CallBar.objects.filter(pk__in=pks).select_related("by"):
        yield Entry(
            one.pk,
            _("Calls wait") if one.reason == CallBar.Reason.COMPLAINT else _("No more calls"),
            tuple(filter(None, (_joined(str(one.get_reason_display()), one.about), str(one.by)))),
            state="late" if one.ended_at is None else "done",
            state_word=_("Holds") if one.ended_at is None else _("Over"),
            dim=one.ended_at is not None,
        )


def _reviews(asked: Asked) -> QuerySet[CallAttempt]:
    """The calls that led to a review: it was asked for with them."""
    rows = CallAttempt.objects.filter(review__visitor__in=asked.records, review__branch=asked.staff.branch_id)
    return rows.annotate(told_at=F("at"))


def _review(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    rows = UrgentReview.objects.filter(attempt__in=pks).select_related(
        "doctor", "answered_by", "treatment__project__department", "attempt"
    )
    for one in rows:
        answer = _joined(str(one.get_answer_display()), one.come_on.isoformat() if one.come_on else "", one.note)
        lines = (
            _joined(str(one.treatment.project), str(one.doctor or one.treatment.project.department)),
            one.attempt.notes,
            _joined(answer, str(one.answered_by)) if one.answered_by else "",
        )
        over = one.told_by_id is not None
        word = _("To be told") if one.answered_by_id else _("Waits for the doctor")
        yield Entry(
            one.attempt_id,
            _("Urgent review"),
            tuple(filter(None, lines)),
            url=_card(asked, one.attempt.call_back_id),
            state="done" if over else "open" if one.answered_by_id else "late",
            state_word=_("Visitor told") if over else word,
        )


def _trackings(asked: Asked) -> QuerySet[Tracking]:
    return Tracking.objects.filter(visitor__in=asked.records).annotate(told_at=F("at"))


def _tracking(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Tracking.objects.filter(pk__in=pks).select_related("by"):
        yield Entry(
            one.pk,
            _("Tracked individually"),
            (one.reason, str(one.by)),
            state="open" if one.ended_at is None else "done",
            state_word=_("Holds") if one.ended_at is None else _("Over"),
            dim=one.ended_at is not None,
        )


def _card(asked: Asked, pk: int) -> str:
    return reverse("followups:card", args=[pk]) if asked.staff.may(Capability.WORK_CALL_BACKS) else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


SOURCES: tuple[Source, ...] = (
    Source("call", Kind.CALL, (CallAttempt, CallAnswer), _attempts, _attempt, _reads),
    Source("call_back", Kind.CALL, (CallBack,), _planned, _plan, _reads),
    Source("review", Kind.CALL, (UrgentReview,), _reviews, _review, _reads),
    Source("owner_try", Kind.CALL, (OwnerCallTry,), _owner_tries, _owner_try, _reads),
    Source("owner_call", Kind.CALL, (OwnerCall,), _owner_calls, _owner_call, _reads),
    Source("call_bar", Kind.CALL, (CallBar,), _bars, _bar, _reads),
    Source("tracking", Kind.CALL, (Tracking,), _trackings, _tracking, _reads),
)


_GRAVEST_FIRST = (CallBar.Reason.DECEASED, CallBar.Reason.DO_NOT_CALL, CallBar.Reason.COMPLAINT)


def matters(asked: Asked) -> list[Matter]:
    """Return that she does not want to be called, or waits, and what went wrong after a treatment. Two queries."""
    if not _reads(asked.staff):
        return []
    found = []
    bars = list(CallBar.objects.filter(visitor__in=asked.records, ended_at=None))
    if bars:
        gravest = min(bars, key=lambda bar: (_GRAVEST_FIRST.index(bar.reason), -bar.pk))
        since = gravest.at.astimezone(asked.zone).date().isoformat()
        works = asked.staff.may(Capability.WORK_CALL_BACKS)
        url = reverse("followups:visitor", args=[asked.visitor_id]) if works else ""
        if gravest.reason == CallBar.Reason.COMPLAINT:
            found.append(Matter("waiting", "pause-circle", _("Calls wait"), _joined(gravest.about, since), url))
        else:
            found.append(Matter("late", "telephone-x", str(gravest.get_reason_display()), since, url))
    troubled = (
        CallBack.objects.filter(visitor__in=asked.records, concern=CallBack.Concern.ABNORMAL)
        .select_related("treatment__project")
        .order_by("-concern_at")
        .first()
    )
    if troubled is not None:
        url = _card(asked, troubled.pk) if troubled.branch_id == asked.staff.branch_id else ""
        found.append(
            Matter("late", "heart-pulse", str(troubled.get_concern_display()), str(troubled.treatment.project), url)
        )
    return found
