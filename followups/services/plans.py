"""The versions of the plans: those a hospital starts with, and new ones."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Branch, Project, Staff
from clinic.problems import Refused
from clinic.services import audit
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from consultations.models import Treatment
from followups.models import Plan, PlanStep
from followups.plans import PLANS, Step

# The first versions hold for every treatment there is.
FIRST_DAY = date(2000, 1, 1)


def _steps(plan: Plan, steps: Sequence[Step]) -> list[PlanStep]:
    return [
        PlanStep(
            plan=plan,
            code=step.code,
            position=position,
            anchor=step.anchor,
            offset=step.offset,
            unit=step.unit,
            kind=step.kind,
            tracked_only=step.tracked_only,
            risk=step.risk,
            name=step.zh.name,
            name_en=step.en.name,
            script=step.zh.script,
            script_en=step.en.script,
            normal_signs=step.zh.normal,
            normal_signs_en=step.en.normal,
            warning_signs=step.zh.warning,
            warning_signs_en=step.en.warning,
        )
        for position, step in enumerate(steps, start=1)
    ]


@transaction.atomic
def ensure_plans() -> None:
    """Create the starting plans of the departments that have none yet. Changes no plan that is there."""
    for kind, steps in PLANS.items():
        if Plan.objects.filter(department_kind=kind).exists():
            continue
        plan = Plan.objects.create(department_kind=kind, starts_on=FIRST_DAY, made_at=timezone.now())
        PlanStep.objects.bulk_create(_steps(plan, steps))


@transaction.atomic
def publish_plan(
    *,
    department_kind: str = "",
    project: Project | None = None,
    treatment: Treatment | None = None,
    steps: Sequence[Step] | None,
    starts_on: date | None = None,
    note: str = "",
    staff: Staff,
    now: datetime,
) -> Plan:
    """Make the next version of the plan of a department, a project or one treatment, and let the calls follow it.

    Exactly one of the three is given. `steps` None: the plan of the project, or of the department, is followed again;
    no steps: such treatments get no calls. `starts_on`: the first day of treatment it holds for, today or later and not
    before the version there is; the plan of one treatment holds whenever that is. Raises Refused `one_thing`,
    `nothing_above`, `no_day`, `day_past`, `before_last`, `code_twice`.
    """
    given = [one for one in (department_kind, project, treatment) if one]
    if len(given) != 1:
        raise Refused(_("A plan belongs to a department, to a project or to one treatment."), code="one_thing")
    if steps is None and department_kind:
        raise Refused(_("Above the plan of a department there is none to follow."), code="nothing_above")
    one_at_a_time("call-back plans")
    versions = Plan.objects.filter(department_kind=department_kind, project=project, treatment=treatment)
    last = versions.order_by("-version").first()
    plan = Plan(
        department_kind=department_kind,
        project=project,
        treatment=treatment,
        version=last.version + 1 if last else 1,
        starts_on=FIRST_DAY if treatment else _first_day(starts_on, last, now),
        inherits=steps is None,
        note=note.strip(),
        made_at=now,
        made_by=staff,
    )
    codes = [step.code for step in steps or ()]
    if len(set(codes)) < len(codes):
        raise Refused(_("Two calls of a plan have the same short name. Give each its own."), code="code_twice")
    plan.save()
    PlanStep.objects.bulk_create(_steps(plan, steps or ()))
    audit.record(
        action="followups.publish_plan",
        now=now,
        staff=staff,
        target=plan,
        detail={"version": plan.version, "starts_on": plan.starts_on.isoformat(), "steps": len(codes)},
    )
    payload = {"treatment_id": treatment.pk} if treatment else {}
    announce(topics=[], event="treatment_filed" if treatment else "call_plan_changed", payload=payload)
    return plan


def _first_day(starts_on: date | None, last: Plan | None, now: datetime) -> date:
    if starts_on is None:
        raise Refused(_("Say from which day of treatment on the plan holds."), code="no_day")
    # A plan is the whole group's: what is today in one of its branches is not past.
    if starts_on < min((branch.today(now) for branch in Branch.objects.all()), default=starts_on):
        raise Refused(_("Choose today or a later day: earlier treatments keep the plan they had."), code="day_past")
    if last is not None and starts_on < last.starts_on:
        raise Refused(
            _("The version before this one begins later than that. Choose that day or a later one."), code="before_last"
        )
    return starts_on
