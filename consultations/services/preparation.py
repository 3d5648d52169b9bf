"""The check list before a treatment: tests and their results, photographs, payment; and who is told."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import audit, outbox
from consultations.models import Treatment, TreatmentNotice, TreatmentStep
from consultations.selectors.preparation import open_tests
from consultations.selectors.treatments import roles_of
from consultations.services.course_rules import locked_treatment, tell
from consultations.services.photographs import refuse_without_consent
from consultations.stages import BEFORE_DONE
from reception import services as reception

Kind = TreatmentStep.Kind
Result = TreatmentStep.Result
ORDERS_TESTS = frozenset({Role.DOCTOR, Role.NURSE, Role.DEPARTMENT_DESK, Role.CONSULTANT})
_PREPARES = ORDERS_TESTS | {Role.BEAUTICIAN}
_RESULTS = frozenset({Result.NORMAL, Result.ABNORMAL, Result.NOT_NEEDED})
_ANSWER_TESTS = frozenset({Role.LABORATORY, Role.DOCTOR, Role.NURSE})


@transaction.atomic
def order_step(
    *,
    treatment: Treatment,
    kind: str,
    note: str = "",
    retest_of: TreatmentStep | None = None,
    staff: Staff,
    now: datetime,
) -> TreatmentStep:
    """Put a line on the check list: tests begin to run, everything else is done with that.

    Tests of set 1 are expected back in 15 minutes, sets 2 and 3 in 40. `retest_of`: the abnormal test it repeats.
    Raises Refused `not_yours`, `kind_unknown`, `note_missing` for something else without words, `over` when the
    treatment is done, `photographs_refused` when she does not agree to any; Stale `already_ordered` when the same is
    running, `already_repeated`, or `changed` when the treatment is cancelled.
    """
    tests = kind in TreatmentStep.TESTS
    if not roles_of(staff) & (ORDERS_TESTS if tests else _PREPARES):
        sentence = _("Your role does not order tests.") if tests else _("Your role does not prepare treatments.")
        raise Refused(sentence, code="not_yours")
    if kind not in Kind.values:
        raise Refused(_("There is no such step before a treatment."), code="kind_unknown")
    note = note.strip()
    if kind == Kind.OTHER and not note:
        raise Refused(_("Say what is to be done."), code="note_missing")
    reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, None)
    if current.stage not in BEFORE_DONE:
        raise Refused(_("This treatment is done; nothing is prepared for it any more."), code="over")
    _refuse_running(current, kind, retest_of)
    if kind == Kind.PHOTOGRAPHS:
        refuse_without_consent(current.visitor, current)
    runs = Kind(kind) in TreatmentStep.MINUTES
    step = TreatmentStep.objects.create(
        treatment=current,
        kind=kind,
        note=note,
        ordered_at=now,
        ordered_by=staff,
        expected_at=now + timedelta(minutes=TreatmentStep.MINUTES[Kind(kind)]) if runs else None,
        result="" if runs else Result.DONE,
        result_at=None if runs else now,
        result_by=None if runs else staff,
        retest_of=retest_of,
    )
    audit.record(
        action="consultations.order_step",
        now=now,
        staff=staff,
        target=current,
        detail={"step": kind, "note": note, "again": retest_of is not None},
    )
    tell(current)
    return step


def _refuse_running(current: Treatment, kind: str, retest_of: TreatmentStep | None) -> None:
    rows = TreatmentStep.objects.filter(treatment=current, kind=kind)
    if kind != Kind.OTHER and (running := rows.filter(result="").first()):
        raise Stale(_("%(step)s is running already.") % {"step": running}, code="already_ordered")
    if kind in (Kind.PHOTOGRAPHS, Kind.PAYMENT) and rows.filter(result=Result.DONE).exists():
        raise Stale(_("%(step)s: that is done already.") % {"step": Kind(kind).label}, code="already_ordered")
    if retest_of is None:
        return
    if retest_of.treatment_id != current.pk or retest_of.kind != kind or retest_of.result != Result.ABNORMAL:
        raise Refused(_("Only an abnormal test is repeated."), code="not_abnormal")
    if TreatmentStep.objects.filter(retest_of=retest_of).exists():
        raise Stale(_("This test is repeated already."), code="already_repeated")


@transaction.atomic
def answer_step(*, step: TreatmentStep, result: str, words: str = "", staff: Staff, now: datetime) -> TreatmentStep:
    """Write down how a running step ended; an abnormal test tells the doctor and the consultant at once.

    `result`: normal, abnormal (in `words` what), or not needed. Raises Refused `not_yours`, `result_unknown`,
    `words_missing`; Stale `already_answered` when somebody else wrote it
    down, `changed` when the treatment is cancelled.
    """
    if not step.is_test or result not in _RESULTS:
        raise Refused(_("This is no result of that step."), code="result_unknown")
    may = _ANSWER_TESTS if result != Result.NOT_NEEDED else ORDERS_TESTS
    if not roles_of(staff) & may:
        raise Refused(_("Your role does not write this result down."), code="not_yours")
    words = words.strip()
    if result == Result.ABNORMAL and not words:
        raise Refused(_("Say what is abnormal: the doctor reads it."), code="words_missing")
    reception.hold_visitor(step.treatment.visitor_id)
    current = locked_treatment(step.treatment, None)
    step = TreatmentStep.objects.select_for_update(of=("self",), no_key=True).get(pk=step.pk)
    if step.result:
        raise Stale(
            _("%(step)s: somebody wrote “%(result)s” already.") % {"step": step, "result": step.get_result_display()},
            code="already_answered",
        )
    step.result, step.words, step.result_at, step.result_by = result, words, now, staff
    step.save(update_fields=["result", "words", "result_at", "result_by"])
    told = _tell_of_abnormal(current, step, now) if result == Result.ABNORMAL else ()
    audit.record(
        action="consultations.answer_step",
        now=now,
        staff=staff,
        target=current,
        detail={"step": step.kind, "result": result, "told": list(told)},
    )
    tell(current, staff=told)
    return step


def _tell_of_abnormal(treatment: Treatment, step: TreatmentStep, now: datetime) -> tuple[int, ...]:
    consultant = treatment.consultation.consultant_id if treatment.consultation else treatment.visitor.owner_id
    return notify(treatment, [treatment.doctor_id, consultant], TreatmentNotice.Kind.ABNORMAL, now, step)


def notify(
    treatment: Treatment,
    people: list[int | None],
    kind: TreatmentNotice.Kind,
    now: datetime,
    step: TreatmentStep | None = None,
) -> tuple[int, ...]:
    """Give each of these people (None: nobody) one notice, and return who they are."""
    told = tuple(dict.fromkeys(one for one in people if one is not None))
    TreatmentNotice.objects.bulk_create(
        TreatmentNotice(staff_id=one, treatment=treatment, step=step, kind=kind, at=now) for one in told
    )
    return told


def tell_new_doctor(treatment: Treatment, now: datetime) -> tuple[int, ...]:
    """Give whoever treats her from now on a notice of each abnormal test that is open; return who was told."""
    kind = TreatmentNotice.Kind.ABNORMAL
    had = set(
        TreatmentNotice.objects.filter(treatment=treatment, staff=treatment.doctor_id, kind=kind).values_list(
            "step_id", flat=True
        )
    )
    _out, abnormal = open_tests(treatment)
    fresh = [step for step in abnormal if step.pk not in had]
    for step in fresh:
        notify(treatment, [treatment.doctor_id], kind, now, step)
    return (treatment.doctor_id,) if fresh else ()


@transaction.atomic
def see_notice(*, notice: TreatmentNotice, staff: Staff, now: datetime) -> None:
    """The person has seen her notice; seen twice is seen once. A doctor who has seen an abnormal test may go on."""
    if not TreatmentNotice.objects.filter(pk=notice.pk, staff=staff, seen_at=None).update(seen_at=now):
        return
    audit.record(
        action="consultations.see_notice",
        now=now,
        staff=staff,
        target=notice.treatment,
        detail={"notice": notice.kind},
    )
    outbox.announce(topics=[topics.staff(staff.pk), topics.treatments(notice.treatment.branch_id)])


@transaction.atomic
def nudge_overdue(*, now: datetime) -> int:
    """Tell the screens of every branch which steps should be back by now, each once; return how many. Safe twice."""
    late = list(
        TreatmentStep.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(result="", nudged_at=None, expected_at__lte=now)
        .exclude(treatment__state=Treatment.State.CANCELLED)
        .values_list("pk", "treatment__branch_id")[:500]
    )
    if not late:
        return 0
    TreatmentStep.objects.filter(pk__in=[pk for pk, _branch in late]).update(nudged_at=now)
    outbox.announce(topics=[topics.treatments(branch) for branch in {branch for _pk, branch in late}])
    return len(late)
