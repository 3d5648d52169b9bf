"""A visitor is not well: the operating doctor is asked at once, with a clock, and what she says is told to her.

Whoever operated is asked; when she does not work today, the head of the department; when that one does not either,
every doctor of the department. Nobody's silence ends it: once the time is over the head and the supervisor are told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce
from consultations.models import Treatment
from consultations.selectors.people import off_today
from consultations.services.course_rules import heads_of
from followups.models import CallAttempt, CallBack, UrgentReview
from followups.selectors.reviews import doctors_of_department, reviews_answered_by, supervisors_of
from followups.services.days import rules_of

_Answer = UrgentReview.Answer
# Of one task: more in one go would hold the rows for long.
AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked: one doctor, or every doctor of the department (None); `told`: whose screens say so."""

    doctor: Staff | None
    told: tuple[int, ...]


def whom_to_ask(treatment: Treatment, now: datetime) -> Asked:
    """Return who answers for a treatment today; nobody is told when nobody of the department works today."""
    today = treatment.branch.today(now)
    off = off_today(treatment.branch, now)

    def here(person: Staff) -> bool:
        return person.works_on(today) and person.pk not in off

    if here(treatment.doctor):
        return Asked(treatment.doctor, (treatment.doctor_id,))
    heads = Staff.objects.in_bulk(heads_of(treatment))
    for pk in heads_of(treatment):
        if here(heads[pk]):
            return Asked(heads[pk], (pk,))
    return Asked(None, tuple(one.pk for one in doctors_of_department(treatment, today) if here(one)))


def _tell(review: UrgentReview, people: Iterable[int]) -> None:
    announce(
        topics=[
            topics.call_backs(review.branch_id),
            topics.visitor(review.visitor_id),
            *(topics.staff(pk) for pk in people),
        ]
    )


def _people(review: UrgentReview, now: datetime) -> set[int]:
    """Return whose screens show a review: who is asked, who asked, who heads the department, who supervises."""
    today = review.branch.today(now)
    asked = (
        [review.doctor_id] if review.doctor_id else [one.pk for one in doctors_of_department(review.treatment, today)]
    )
    supervisors = supervisors_of(review.branch, today).values_list("pk", flat=True)
    return {*asked, review.asked_by_id, *heads_of(review.treatment), *supervisors}


def ask_for_review(*, attempt: CallAttempt) -> UrgentReview | None:
    """Ask the doctor about a visitor who is not well, inside the transaction that records the call.

    Returns None when the recovery is not abnormal. The answer is due after the minutes the branch allows. When nobody
    can be asked, whoever supervises the calls is told at once.
    """
    if attempt.recovery != CallAttempt.Recovery.ABNORMAL:
        return None
    call, now = attempt.call_back, attempt.at
    treatment = Treatment.objects.select_related("doctor", "branch", "project__department").get(pk=call.treatment_id)
    asked = whom_to_ask(treatment, now)
    review = UrgentReview.objects.create(
        attempt=attempt,
        treatment=treatment,
        visitor_id=call.visitor_id,
        branch=treatment.branch,
        doctor=asked.doctor,
        asked_at=now,
        asked_by=attempt.staff,
        due_at=now + timedelta(minutes=rules_of(treatment.branch).review_minutes),
        escalated_at=None if asked.told else now,
    )
    audit.record(
        action="followups.ask_for_review",
        now=now,
        staff=attempt.staff,
        branch=review.branch,
        target=call,
        detail={"told": list(asked.told)},
    )
    _tell(review, {*asked.told, *_people(review, now)})
    return review


def _locked(review: UrgentReview) -> UrgentReview:
    # No nullable row is joined: it would be the one of before the wait.
    rows = UrgentReview.objects.select_for_update(of=("self",)).select_related("branch")
    return rows.get(pk=review.pk)


@transaction.atomic
def see_review(*, review: UrgentReview, staff: Staff, now: datetime) -> UrgentReview:
    """Note that somebody who may answer has looked at it: its notice rings no more. Seen twice is seen once."""
    current = _locked(review)
    if current.unseen:
        current.seen_at, current.seen_by = now, staff
        current.save(update_fields=["seen_at", "seen_by"])
        audit.record(
            action="followups.see_review", now=now, staff=staff, branch=current.branch, target=current.attempt.call_back
        )
        _tell(current, _people(current, now))
    return current


@transaction.atomic
def answer_review(
    *, review: UrgentReview, answer: str, note: str = "", come_on: date | None = None, staff: Staff, now: datetime
) -> UrgentReview:
    """Say what is done about a visitor who is not well; whoever asked is told, and tells the visitor.

    `come_on` is a day from today on and goes with *come on a day* alone, which needs it. Advice by telephone needs a
    `note` to the visitor. Raises Stale `answered` when somebody was faster, Refused `not_yours`, `answer`, `day`,
    `too_far`, `note_missing`.
    """
    if answer not in _Answer.values:
        raise Refused(_("Choose what is done."), code="answer")
    if not reviews_answered_by(staff).filter(pk=review.pk).exists():
        raise Refused(
            _("The operating doctor or the head of the department answers this."),
            code="not_yours",
        )
    current = _locked(review)
    _refuse_answered(current, staff)
    today = current.branch.today(now)
    if (answer == _Answer.COME_ON) != (come_on is not None) or (come_on is not None and come_on < today):
        raise Refused(_("Say on which day she comes: today or later."), code="day")
    if come_on is not None and come_on > today + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")
    note = note.strip()
    if answer == _Answer.ADVICE and not note:
        raise Refused(_("Write down the advice, so that it can be told to the visitor."), code="note_missing")
    current.answer, current.note, current.come_on = answer, note, come_on
    current.answered_at, current.answered_by = now, staff
    if current.seen_at is None:
        current.seen_at, current.seen_by = now, staff
    current.version += 1
    current.save()
    audit.record(
        action="followups.answer_review",
        now=now,
        staff=staff,
        branch=current.branch,
        target=current.attempt.call_back,
        detail={"review": answer, "note": note, **({"day": come_on.isoformat()} if come_on else {})},
    )
    _tell(current, _people(current, now))
    return current


def _refuse_answered(current: UrgentReview, staff: Staff) -> None:
    if current.answered_by is None:
        return
    raise Stale(
        _("%(name)s has already answered: %(answer)s.")
        % {"name": current.answered_by if current.answered_by != staff else _("You"), "answer": answer_words(current)},
        code="answered",
    )


def answer_words(review: UrgentReview) -> str:
    """Return what is done, with its day, in the reader's language."""
    if review.come_on is None:
        return str(review.get_answer_display())
    return f"{review.get_answer_display()} {date_format(review.come_on, 'DATE_FORMAT')}"


@transaction.atomic
def tell_visitor(*, review: UrgentReview, staff: Staff, now: datetime) -> UrgentReview:
    """Note that the visitor was told what the doctor said. That settles the call on the supervisor's list.

    Raises Stale `told` when she was told before, Refused `not_answered`.
    """
    # In the order every write takes its locks: the call before its review.
    call = CallBack.objects.select_for_update(of=("self",)).get(attempts=review.attempt_id)
    current = _locked(review)
    if current.answered_at is None:
        raise Refused(_("The doctor has not answered yet. Her answer appears here by itself."), code="not_answered")
    if current.told_by is not None:
        raise Stale(
            _("%(name)s has already told the visitor.")
            % {"name": current.told_by if current.told_by != staff else _("You")},
            code="told",
        )
    current.told_at, current.told_by = now, staff
    current.version += 1
    current.save()
    others = UrgentReview.objects.filter(attempt__call_back=call, told_at=None)
    if call.concern == CallBack.Concern.ABNORMAL and not others.exists():
        call.concern, call.concern_at = "", None
        call.settled_note = f"{answer_words(current)} {current.note}".strip()[:200]
        call.version += 1
        call.save(update_fields=["concern", "concern_at", "settled_note", "version"])
    audit.record(
        action="followups.tell_visitor",
        now=now,
        staff=staff,
        branch=current.branch,
        target=call,
        detail={"review": current.answer, "note": current.note},
    )
    _tell(current, _people(current, now))
    return current


def refuse_unreviewed(call: CallBack) -> None:
    """Raise Refused `review_waits` while a doctor has not answered for a call, or her answer was not told.

    What concerns a visitor's health is not taken off the supervisor's list by hand.
    """
    waiting = UrgentReview.objects.filter(attempt__call_back=call, told_at=None).first()
    if waiting is None:
        return
    if waiting.answered_at is None:
        raise Refused(
            _("The doctor has not answered yet. Once her answer is told to the visitor, this is settled by itself."),
            code="review_waits",
        )
    raise Refused(
        _("Tell the visitor what the doctor said and mark her as told; that settles it."), code="review_waits"
    )


@transaction.atomic
def escalate_reviews(*, now: datetime) -> int:
    """Tell the heads and supervisors of every review whose time is over; return how many. Twice at once tells once."""
    overdue = (
        UrgentReview.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(answer="", escalated_at=None, due_at__lte=now)
        .select_related("branch", "treatment__project__department", "attempt__call_back")
        .order_by("due_at", "pk")[:AT_A_TIME]
    )
    number = 0
    for review in overdue:
        review.escalated_at = now
        review.save(update_fields=["escalated_at"])
        told = _people(review, now)
        audit.record(
            action="followups.escalate_review",
            now=now,
            staff=None,
            branch=review.branch,
            target=review.attempt.call_back,
            detail={"told": sorted(told)},
        )
        _tell(review, told)
        number += 1
    return number


@transaction.atomic
def follow_doctor(*, treatment_id: int, now: datetime) -> int:
    """Let what is not answered follow the treatment to its doctor of now; return how many reviews moved.

    The clock goes on; whoever is asked anew has not seen it yet. Safe twice, late and at once.
    """
    waiting = list(
        UrgentReview.objects.select_for_update(of=("self",))
        .filter(treatment_id=treatment_id, answer="")
        .select_related("branch", "attempt__call_back")
        .order_by("pk")
    )
    if not waiting:
        return 0
    treatment = Treatment.objects.select_related("doctor", "branch", "project__department").get(pk=treatment_id)
    asked = whom_to_ask(treatment, now)
    moved = 0
    for review in waiting:
        before = review.doctor_id
        if before == (asked.doctor.pk if asked.doctor else None):
            continue
        told_before = _people(review, now)
        review.doctor, review.seen_at, review.seen_by = asked.doctor, None, None
        review.version += 1
        review.save(update_fields=["doctor", "seen_at", "seen_by", "version"])
        audit.record(
            action="followups.follow_doctor",
            now=now,
            staff=None,
            branch=review.branch,
            target=review.attempt.call_back,
            detail={"told": list(asked.told)},
        )
        _tell(review, {*told_before, *asked.told})
        moved += 1
    return moved
