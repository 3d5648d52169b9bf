"""Working the lists: who holds a card, what a try led to, and what the supervisor does with the rest."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce
from followups import selectors
from followups.due import next_try
from followups.models import CallAnswer, CallAttempt, CallBack, CallBar, CallShare, PlanQuestion
from followups.services.building import hold_building
from followups.services.cards import LEASE, one_hand, raise_others, refuse_changed, refuse_closed, refuse_held
from followups.services.days import first_call_day, rules_of
from followups.services.reviews import ask_for_review, refuse_unreviewed
from followups.services.wishes import bar_calls
from reception import services as reception

_Result = CallAttempt.Result
_State = CallBack.State
_Reason = CallBack.Reason
_Concern = CallBack.Concern


def _locked(call_back: CallBack) -> CallBack:
    # The holder is not joined: after waiting for the lock the row is read again, the rows joined to it are not.
    rows = CallBack.objects.select_for_update(of=("self",)).select_related("branch", "visitor")
    return rows.get(pk=call_back.pk)


def _announce(call_back: CallBack, *, visitor: bool = False) -> None:
    named = [topics.call_backs(call_back.branch_id)]
    announce(topics=[*named, topics.visitor(call_back.visitor_id)] if visitor else named)


def _hold(row: CallBack, staff: Staff, now: datetime) -> CallBack:
    CallBack.objects.filter(held_by=staff).exclude(pk=row.pk).update(held_by=None, held_until=None)
    row.held_by, row.held_until = staff, now + LEASE
    if row.shared_to_id not in (None, staff.pk):
        _take_over(row, staff, now)
    row.save(update_fields=["held_by", "held_until", "shared_to"])
    _announce(row)
    return row


def _take_over(row: CallBack, staff: Staff, now: datetime) -> None:
    """Put a card that somebody takes from another's list on hers."""
    CallShare.objects.create(
        call_back=row,
        branch_id=row.branch_id,
        staff=staff,
        day=row.branch.today(now),
        at=now,
        by=staff,
        why=CallShare.Why.TOOK_IT,
        facts={"from": row.shared_to_id},
    )
    row.shared_to = staff


@transaction.atomic
def take_card(*, call_back: CallBack, staff: Staff, now: datetime) -> CallBack:
    """Give the card to this person for LEASE (E19); cards she held before become free.

    A card from another's list goes on hers.

    Raises Stale `held` while another person holds it, and `closed` when it is no longer to be called.
    """
    one_hand(CallBack, staff)
    row = _locked(call_back)
    refuse_closed(row, staff)
    refuse_held(row, staff, now)
    return _hold(row, staff, now)


@transaction.atomic
def take_next(
    *, staff: Staff, tab: selectors.Tab, narrowing: selectors.Narrowing | None = None, now: datetime
) -> CallBack | None:
    """Take the first card of a list that nobody holds, see `selectors.free_cards`; None when there is none left."""
    one_hand(CallBack, staff)
    row = (
        selectors.free_cards(staff=staff, tab=tab, now=now, narrowing=narrowing)
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    return _hold(row, staff, now) if row is not None else None


@transaction.atomic
def renew_card(*, call_back: CallBack, staff: Staff, now: datetime) -> datetime:
    """Lengthen the lease while the card stays open on the screen; return when it ends.

    Raises Stale like `take_card`, so that a person whose lease ran out learns that somebody else went on.
    """
    row = _locked(call_back)
    refuse_closed(row, staff)
    refuse_held(row, staff, now)
    until = now + LEASE
    CallBack.objects.filter(pk=row.pk).update(held_by=staff, held_until=until)
    return until


@transaction.atomic
def release_card(*, call_back: CallBack, staff: Staff, now: datetime) -> None:
    """Free the card if this person holds it; does nothing otherwise."""
    if CallBack.objects.filter(pk=call_back.pk, held_by=staff).update(held_by=None, held_until=None):
        _announce(call_back)


@transaction.atomic
def record_attempt(
    *,
    call_back: CallBack,
    result: str,
    satisfaction: int | None = None,
    recovery: str = "",
    notes: str = "",
    suggestions: str = "",
    answers: Mapping[int, str] | None = None,
    call_at: datetime | None = None,
    call_on: date | None = None,
    direction: str = CallAttempt.Direction.OUT,
    version: int | None = None,
    staff: Staff,
    now: datetime,
) -> CallAttempt:
    """Record one try and what follows from it.

    Reached, refused, do not call, deceased: the call is done; the last two also bar the visitor's other calls. No
    answer and busy: tried again as `due.next_try` says by the rules of the step, or of the branch; after the last try
    on the supervisor's list. Call later: `call_at` (aware, in the future, within the hours of calling), which is then
    promised, or `call_on` (a day from today on) is required. Wrong number, and admitted to another hospital: to the
    supervisor's list. Abnormal recovery: to the supervisor's list, the doctor is asked (`ask_for_review`), and like a
    bad score it puts the visitor's other calls at the top. `direction` *in*: she called, which counts as no try and
    cannot have reached nobody.

    `satisfaction` (1 to 5), `recovery`, `suggestions` and `answers` only go with *reached*, which needs `recovery`; a
    normal one needs `notes` when an answer is not normal. `answers`: what was said, as `PlanQuestion` keeps it, by the
    question's id; empty ones are left out. `version` is the one the screen showed. Raises Stale `held`, `closed`,
    `moved` when somebody was faster, Refused `result`, `inbound_result`, `reached_only`, `recovery_missing`,
    `answer_unknown`, `answer_wrong`, `note_missing`, `later_when`, `later_hours`, `later_closed`, `too_far`.
    """
    answers = {pk: said.strip() for pk, said in (answers or {}).items() if said.strip()}
    _check_attempt(result, direction)
    _check_reached(result, satisfaction, recovery, bool(answers or suggestions.strip()))
    if result in CallBar.Reason.values:
        # All her calls change with this one: in the order building takes its locks.
        reception.hold_visitor(call_back.visitor_id)
        hold_building()
    row = _locked(call_back)
    refuse_closed(row, staff)
    refuse_held(row, staff, now)
    refuse_changed(row, version)
    asked = _asked(row, answers)
    if (
        recovery == CallAttempt.Recovery.NORMAL
        and not notes.strip()
        and any(question.warns(answers[question.pk]) for question in asked)
    ):
        raise Refused(
            _("An answer is not normal. Write a note on why the recovery is normal all the same, or choose abnormal."),
            code="note_missing",
        )
    attempt = CallAttempt.objects.create(
        call_back=row,
        direction=direction,
        at=now,
        staff=staff,
        result=result,
        satisfaction=satisfaction,
        recovery=recovery,
        notes=notes.strip(),
        suggestions=suggestions.strip(),
    )
    CallAnswer.objects.bulk_create(
        CallAnswer(attempt=attempt, question=question, answer=answers[question.pk]) for question in asked
    )
    row.tries += direction == CallAttempt.Direction.OUT
    row.version += 1
    row.held_by = row.held_until = row.call_at = row.concern_at = None
    row.concern, row.promised = "", False
    if result in (_Result.REACHED, _Result.REFUSED, *CallBar.Reason.values):
        row.state, row.closed_at = _State.DONE, now
        row.state_reason = _Reason(result).value
    elif result == _Result.LATER:
        _promise(row, call_at, call_on, now)
    elif result in (_Result.WRONG_NUMBER, _Result.ADMITTED):
        row.concern, row.concern_at = _Concern(result).value, now
    else:
        _try_again(row, result, now)
    if recovery == CallAttempt.Recovery.ABNORMAL:
        row.concern, row.concern_at = _Concern.ABNORMAL, now
    row.save()
    if result in CallBar.Reason.values:
        bar_calls(visitor=row.visitor, reason=result, branch=row.branch, staff=staff, now=now)
    elif attempt.calls_for_more:
        raise_others(row)
    audit.record(
        action="followups.record_attempt",
        now=now,
        staff=staff,
        branch=row.branch,
        target=row,
        detail={"result": result, "satisfaction": satisfaction, "recovery": recovery}
        | ({"direction": "in"} if direction == CallAttempt.Direction.IN else {}),
    )
    _announce(row, visitor=True)
    ask_for_review(attempt=attempt)
    return attempt


def _check_attempt(result: str, direction: str) -> None:
    if result not in _Result.values or direction not in CallAttempt.Direction.values:
        raise Refused(_("Choose what the call led to."), code="result")
    if direction == CallAttempt.Direction.IN and result in CallAttempt.NOBODY:
        raise Refused(_("She called herself: choose what she said."), code="inbound_result")


def _check_reached(result: str, satisfaction: int | None, recovery: str, said: bool) -> None:
    if result != _Result.REACHED and (satisfaction is not None or recovery or said):
        raise Refused(_("Score, recovery and answers are only asked of somebody who was reached."), code="reached_only")
    if result == _Result.REACHED and recovery not in CallAttempt.Recovery.values:
        raise Refused(_("Say whether the recovery is normal."), code="recovery_missing")


def _asked(row: CallBack, answers: Mapping[int, str]) -> list[PlanQuestion]:
    """Return the questions that were answered, after looking at what was said."""
    if not answers:
        return []
    known = {question.pk: question for question in PlanQuestion.objects.filter(step=row.step_id)}
    if not known.keys() >= answers.keys():
        raise Refused(_("This call has other questions. Open the card again."), code="answer_unknown")
    asked = [question for pk, question in known.items() if pk in answers]
    for question in asked:
        if not question.takes(answers[question.pk]):
            raise Refused(_("%(question)s: choose one of the answers.") % {"question": question}, code="answer_wrong")
    return asked


def _promise(row: CallBack, call_at: datetime | None, call_on: date | None, now: datetime) -> None:
    if call_at is not None:
        row.call_at, call_on = call_at, row.branch.today(call_at)
    if call_on is None or call_on < row.branch.today(now) or (call_at is not None and call_at <= now):
        raise Refused(_("Say when to call again: a time that is still to come."), code="later_when")
    _not_too_far(call_on, row.branch.today(now))
    opens = first_call_day(row.branch, call_on)
    if opens != call_on:
        raise Refused(
            _("Nobody calls on that day. The next day with calls is %(day)s.")
            % {"day": date_format(opens, "DATE_FORMAT")},
            code="later_closed",
        )
    if call_at is not None:
        _within_hours(row, call_at)
    row.call_on, row.as_planned, row.promised = call_on, False, call_at is not None


def _within_hours(row: CallBack, call_at: datetime) -> None:
    # The hours of rest are ours: who asks to be called at noon is called at noon.
    rules = rules_of(row.branch)
    if not rules.call_from <= timezone.localtime(call_at, row.branch.zone).time() <= rules.call_until:
        raise Refused(
            _("Calls are made from %(first)s to %(last)s. Choose a time in between.")
            % {"first": time_format(rules.call_from, "H:i"), "last": time_format(rules.call_until, "H:i")},
            code="later_hours",
        )


def _not_too_far(day: date, today: date) -> None:
    if day > today + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")


def _try_again(row: CallBack, result: str, now: datetime) -> None:
    again = next_try(
        result=result,
        tries=row.tries,
        at=now.astimezone(row.branch.zone),
        rules=rules_of(row.branch).tries.of_step(row.step.most_tries, row.step.pause_no_answer),
        works=lambda day: first_call_day(row.branch, day),
    )
    if again is None:
        row.concern, row.concern_at = _Concern.UNREACHED, now
        return
    row.call_at, row.call_on, row.as_planned = again, again.date(), False


def _with_concern(call_back: CallBack, version: int | None) -> CallBack:
    row = _locked(call_back)
    if not row.concern or (version is not None and row.version != version):
        raise Stale(_("Somebody has already dealt with this call."), code="settled")
    return row


@transaction.atomic
def put_back(
    *, call_back: CallBack, call_on: date, note: str = "", version: int | None = None, staff: Staff, now: datetime
) -> CallBack:
    """Put an open card from the supervisor's list back on the agents' list for a day, with tries starting again.

    Raises Stale `settled` when it is no longer on the supervisor's list, Refused `closed` when the call was made,
    `day_past` for a day gone by.
    """
    row = _with_concern(call_back, version)
    if row.state != _State.OPEN:
        raise Refused(_("This call was made; it cannot be made again."), code="closed")
    if call_on < row.branch.today(now):
        raise Refused(_("Choose today or a later day."), code="day_past")
    _not_too_far(call_on, row.branch.today(now))
    row.concern, row.concern_at, row.settled_note = "", None, note.strip()
    row.call_on, row.call_at, row.tries, row.as_planned, row.promised = call_on, None, 0, False, False
    row.version += 1
    row.save()
    audit.record(action="followups.put_back", now=now, staff=staff, branch=row.branch, target=row)
    _announce(row, visitor=True)
    return row


@transaction.atomic
def settle_concern(
    *, call_back: CallBack, note: str, version: int | None = None, staff: Staff, now: datetime
) -> CallBack:
    """Take a card off the supervisor's list, saying what was done; a call still open ends with it.

    Raises Stale `settled` when it is no longer there, Refused `note_missing` without a note, `review_waits` while a
    doctor's answer is to come or to be told.
    """
    row = _with_concern(call_back, version)
    refuse_unreviewed(row)
    if not note.strip():
        raise Refused(_("Write down what was done."), code="note_missing")
    concern = row.concern
    row.concern, row.concern_at, row.settled_note = "", None, note.strip()
    if row.state == _State.OPEN:
        row.state, row.state_reason, row.closed_at = _State.CANCELLED, _Reason.ENDED, now
        row.held_by = row.held_until = None
        row.promised = False
    row.version += 1
    row.save()
    audit.record(
        action="followups.settle_concern",
        now=now,
        staff=staff,
        branch=row.branch,
        target=row,
        detail={"concern": concern, "note": row.settled_note},
    )
    _announce(row, visitor=True)
    return row
