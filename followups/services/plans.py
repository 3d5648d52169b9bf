"""The versions of the plans: those a hospital starts with, and new ones."""

from collections.abc import Sequence
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
from followups.models import Plan, PlanStep
from followups.plans import PLANS, Step
from followups.script import PLACES, unknown_places
from followups.selectors.plans import step_rows

# What is written before the number of a call that is new.
NEW_CODE = "call-"


@transaction.atomic
def ensure_plans() -> None:
    """Create the starting plans of the departments that have none yet. Changes no plan that is there."""
    for kind, steps in PLANS.items():
        if Plan.objects.filter(department_kind=kind).exists():
            continue
        plan = Plan.objects.create(department_kind=kind, starts_on=Plan.FIRST_DAY, made_at=timezone.now())
        PlanStep.objects.bulk_create(step_rows(steps, plan))


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
    no steps: such treatments get no calls. A step without a code is a new call and gets one no plan has had yet.
    `starts_on`: the first day of treatment it holds for, today or later and not before the version there is; the plan
    of one treatment holds whenever that is. `seen`: the version it was written after, 0 for none; None: whatever is
    there. Raises Stale `changed_meanwhile` (with the number of the last version as `seen`), Refused `one_thing`,
    `nothing_above`, `no_day`, `day_past`, `too_far`, `before_last`, `code_twice`, `place_unknown`.
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
    PlanStep.objects.bulk_create(step_rows(calls, plan))
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
    number = max((int(code.removeprefix(NEW_CODE)) for code in {*given, *_numbered(codes)}), default=0)
    named = []
    for step in steps:
        if not step.code:
            number += 1
        named.append(step if step.code else replace(step, code=f"{NEW_CODE}{number}"))
    return named


def _numbered(codes: Sequence[str]) -> list[str]:
    return [code for code in codes if code.startswith(NEW_CODE) and code.removeprefix(NEW_CODE).isdecimal()]


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
