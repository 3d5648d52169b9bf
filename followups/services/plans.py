"""The versions of the plans: those a hospital starts with, and new ones."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from consultations.models import Treatment
from followups.models import Plan, PlanQuestion, PlanStep
from followups.plans import PLANS, Question, Step
from followups.script import PLACES, unknown_places
from followups.selectors.plans import former_version, question_rows, step_from, step_rows, steps_of

# What is written before the number of a call, or of a question, that is new.
NEW_CODE = "call-"
NEW_QUESTION = "ask-"


@transaction.atomic
def ensure_plans() -> None:
    """Create the starting plans of the departments that have none yet. Changes no plan that is there."""
    for kind, steps in PLANS.items():
        if Plan.objects.filter(department_kind=kind).exists():
            continue
        plan = Plan.objects.create(department_kind=kind, starts_on=Plan.FIRST_DAY, made_at=timezone.now())
        _write(steps, plan)


def _write(steps: Sequence[Step], plan: Plan) -> None:
    written = PlanStep.objects.bulk_create(step_rows(steps, plan))
    PlanQuestion.objects.bulk_create(question_rows(steps, written))


@transaction.atomic
def publish_plan(
    *,
    department_kind: str = "",
    project: Project | None = None,
    treatment: Treatment | None = None,
    steps: Sequence[Step] | None,
    starts_on: date | None = None,
    note: str = "",
    seen: int | None = None,
    staff: Staff,
    now: datetime,
) -> Plan:
    """Make the next version of the plan of a department, a project or one treatment, and let the calls follow it.

    Exactly one of the three is given. `steps` None: the plan of the project, or of the department, is followed again;
    no steps: such treatments get no calls. A step without a code is a new call and gets one no plan has had yet. So
    does a question, also one that is answered in another way than before: its answers could not be compared.
    `starts_on`: the first day of treatment it holds for, today or later and not before the version there is; the plan
    of one treatment holds whenever that is. `seen`: the version it was written after, 0 for none; None: whatever is
    there. Raises Stale `changed_meanwhile` (with the number of the last version as `seen`), Refused `one_thing`,
    `nothing_above`, `no_day`, `day_past`, `too_far`, `before_last`, `code_twice`, `place_unknown`, `warning_wrong`.
    """
    given = [one for one in (department_kind, project, treatment) if one]
    if len(given) != 1:
        raise Refused(_("A plan belongs to a department, to a project or to one treatment."), code="one_thing")
    if steps is None and department_kind:
        raise Refused(_("Above the plan of a department there is none to follow."), code="nothing_above")
    one_at_a_time("call-back plans")
    versions = Plan.objects.filter(department_kind=department_kind, project=project, treatment=treatment)
    last = versions.select_related("made_by").order_by("-version").first()
    _refuse_if_changed(last, seen)
    plan = Plan(
        department_kind=department_kind,
        project=project,
        treatment=treatment,
        version=last.version + 1 if last else 1,
        starts_on=Plan.FIRST_DAY if treatment else _first_day(starts_on, last, now),
        inherits=steps is None,
        note=note.strip(),
        made_at=now,
        made_by=staff,
    )
    calls = _with_codes(steps or ())
    plan.save()
    _write(calls, plan)
    audit.record(
        action="followups.publish_plan",
        now=now,
        staff=staff,
        target=plan,
        detail={"version": plan.version, "starts_on": plan.starts_on.isoformat(), "steps": len(calls)},
    )
    payload = {"treatment_id": treatment.pk} if treatment else {}
    announce(topics=[], event="treatment_filed" if treatment else "call_plan_changed", payload=payload)
    return plan


def _refuse_if_changed(last: Plan | None, seen: int | None) -> None:
    version = last.version if last is not None else 0
    if seen is None or seen == version:
        return
    raise Stale(
        _(
            "%(name)s has published version %(version)s of this plan meanwhile. What you typed is kept: read that"
            " version first, then publish yours after it."
        )
        % {"name": last.made_by if last is not None and last.made_by else _("Somebody"), "version": version},
        code="changed_meanwhile",
        detail={"seen": version},
    )


def _with_codes(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with a code each, after looking at what is said in them."""
    wrong = [place for step in steps for words in (step.zh, step.en) for place in unknown_places(words.script)]
    if wrong:
        raise Refused(place_sentence(wrong[0]), code="place_unknown")
    codes = [step.code for step in steps if step.code]
    if len(set(codes)) < len(codes):
        raise Refused(_("Two calls of a plan have the same short name. Give each its own."), code="code_twice")
    given = PlanStep.objects.filter(code__regex=rf"^{NEW_CODE}[0-9]{{1,9}}$").values_list("code", flat=True)
    number = _highest(NEW_CODE, [*given, *codes])
    named = []
    for step in steps:
        if not step.code:
            number += 1
        named.append(step if step.code else replace(step, code=f"{NEW_CODE}{number}"))
    return _with_question_codes(named)


def _highest(prefix: str, codes: Iterable[str]) -> int:
    numbers = (code.removeprefix(prefix) for code in codes if code.startswith(prefix))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _with_question_codes(steps: Sequence[Step]) -> list[Step]:
    asked = [question for step in steps for question in step.questions]
    for question in asked:
        if not warning_fits(question.kind, question.warns_at):
            raise Refused(warning_sentence(question.kind), code="warning_wrong")
    given = PlanQuestion.objects.filter(code__regex=rf"^{NEW_QUESTION}[0-9]{{1,9}}$").values_list("code", flat=True)
    number = _highest(NEW_QUESTION, [*given, *(question.code for question in asked)])
    known = PlanQuestion.objects.filter(code__in={question.code for question in asked})
    kinds: dict[str, set[str]] = {}
    for code, kind in known.order_by().values_list("code", "kind").distinct():
        kinds.setdefault(code, set()).add(kind)
    named = []
    for step in steps:
        if len({one.code for one in step.questions if one.code}) < sum(bool(one.code) for one in step.questions):
            raise Refused(_("A question stands twice in one call. Take one of them out."), code="code_twice")
        questions: list[Question] = []
        for question in step.questions:
            if not question.code or question.kind not in kinds.get(question.code, {question.kind}):
                number += 1
                question = replace(question, code=f"{NEW_QUESTION}{number}")
            questions.append(question)
        named.append(replace(step, questions=tuple(questions)))
    return named


def warning_fits(kind: str, warns_at: str) -> bool:
    """Say whether an answer can be the one that is not normal for a kind of question; empty always can."""
    if kind == PlanQuestion.Kind.SCALE:
        return not warns_at or (warns_at.isdecimal() and 1 <= int(warns_at) <= 10)
    return not warns_at or (kind == PlanQuestion.Kind.YES_NO and warns_at in ("yes", "no"))


def warning_sentence(kind: str) -> str:
    """Return what can be not normal for a kind of question."""
    if kind == PlanQuestion.Kind.SCALE:
        return _("Of an answer from 0 to 10, choose from which number on it is not normal, or nothing.")
    if kind == PlanQuestion.Kind.YES_NO:
        return _("Of yes and no, choose which is not normal, or nothing.")
    return _("An answer in words is read by a person: leave what is not normal empty.")


@transaction.atomic
def take_back_plan(*, plan: Plan, staff: Staff, now: datetime) -> Plan:
    """Publish the version before one that has not begun yet again, from the same day: as if that one had not been.

    Without one before it the general plan is followed. Raises Stale `changed_meanwhile` when a later version is there,
    Refused `begun` when it holds for treatments already, `nothing_before`.
    """
    if plan.starts_on <= staff.branch.today(now):
        raise Refused(
            _("This version holds already. What was called by it stays; write the next version instead."), code="begun"
        )
    former = former_version(plan)
    if former is None and plan.department_kind:
        raise Refused(_("There is no version before this one."), code="nothing_before")
    follows = former is None or former.inherits
    return publish_plan(
        department_kind=plan.department_kind,
        project=plan.project,
        steps=None if follows or former is None else [step_from(row) for row in steps_of(former)],
        starts_on=plan.starts_on,
        note=_("Version %(version)s was taken back.") % {"version": plan.version},
        seen=plan.version,
        staff=staff,
        now=now,
    )


def place_sentence(place: str) -> str:
    """Return why a script is refused, and what may stand in it."""
    places = " ".join(f"{{{name}}}" for name in PLACES)
    return _("%(place)s is no place a script can have. There are: %(places)s") % {"place": place, "places": places}


def _first_day(starts_on: date | None, last: Plan | None, now: datetime) -> date:
    if starts_on is None:
        raise Refused(_("Say from which day of treatment on the plan holds."), code="no_day")
    # A plan is the whole group's: what is today in one of its branches is not past.
    if starts_on < min((branch.today(now) for branch in Branch.objects.all()), default=starts_on):
        raise Refused(_("Choose today or a later day: earlier treatments keep the plan they had."), code="day_past")
    # No version begins before another one that was published: a mistyped year would keep every later one out.
    if starts_on > now.date() + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")
    if last is not None and starts_on < last.starts_on:
        raise Refused(
            _("The version before this one begins later than that. Choose that day or a later one."), code="before_last"
        )
    return starts_on
