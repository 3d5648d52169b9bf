"""Pages of the plans: what holds, one version with all its calls, and the next version as it is written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.models import Project
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.views.say import done
from followups import selectors, services
from followups.forms import PlanForm, PreviewForm, StepsFormSet, one_more, rows_of, steps_form
from followups.forms.plans import MOST_STEPS
from followups.models import Plan, PlanStep
from followups.plans import Step
from followups.script import PLACES
from followups.selectors import Subject

planners = requires(Capability.SUPERVISE_CALL_BACKS, Capability.MANAGE_POLICY)

PLACE_WORDS: dict[str, Promise] = {
    "visitor": gettext_lazy("the visitor, with Ms or Mr in Chinese"),
    "staff": gettext_lazy("who calls"),
    "hospital": gettext_lazy("the branch"),
    "project": gettext_lazy("the project of the treatment"),
    "doctor": gettext_lazy("the doctor who did it"),
    "days": gettext_lazy("how many days ago it was"),
    "date": gettext_lazy("on which day it was"),
    "next": gettext_lazy("the day of the next visit"),
}

# What is wrong with the first day is said at its field.
_ABOUT_THE_DAY = frozenset({"no_day", "day_past", "too_far", "before_last"})


@planners
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """Show which plans hold today, and those that come."""
    staff = staff_of(request)
    of_departments, of_projects = selectors.plans_on(staff.branch.today(timezone.now()))
    context = {
        "of_departments": of_departments,
        "of_projects": of_projects,
        "others": selectors.projects_by_kind(of_projects),
        "from_one": selectors.counts_from_one(staff.branch),
    }
    return render(request, "followups/plans.html", context)


@planners
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one version of a plan with what is said in its calls, and the other versions."""
    staff = staff_of(request)
    shown = get_object_or_404(selectors.general_plans(), pk=pk)
    today = staff.branch.today(timezone.now())
    subject = selectors.subject_of(shown)
    versions = selectors.versions_of(subject, today)
    steps = list(shown.steps.order_by("position"))
    asked = PreviewForm({"on": request.GET.get("on") or today, "next": request.GET.get("next", "")})
    context = {
        "plan": shown,
        "subject": subject,
        "steps": steps,
        "versions": versions,
        "version": next(one for one in versions if one.plan == shown),
        "from_one": selectors.counts_from_one(staff.branch),
        **_preview(request, asked, steps, subject.project),
    }
    return render(request, "followups/plan.html", context)


def _preview(
    request: HttpRequest, asked: PreviewForm, steps: list[PlanStep] | None, project: Project | None
) -> dict[str, Any]:
    """Return the days of the calls as the reader's branch would make them; none while something is wrong."""
    calls = None
    if steps is not None and asked.is_valid():
        calls = selectors.days_of_calls(
            branch=staff_of(request).branch,
            steps=steps,
            treated_on=asked.cleaned_data["on"],
            next_visit_on=asked.cleaned_data["next"],
            project=project,
        )
    anchors = {step.anchor for step in steps or ()}
    return {
        "asked": asked,
        "calls": calls,
        "effect_days": selectors.effect_days_of(project) if "effect" in anchors else None,
        "taken_for_granted": bool(anchors & {"discharge", "filing"}),
    }


@planners
@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Write the next version of the plan of a department or project: publish it, add a call to it, or see its days."""
    subject = selectors.subject_named(request.GET.get("department", ""), request.GET.get("project", ""))
    if subject is None:
        return redirect("followups:plans")
    if request.method == "GET":
        return _begin(request, subject)
    do = request.POST.get("do")
    if do == "add":
        begun = PlanForm(initial=request.POST.dict())
        asked = PreviewForm(initial=request.POST.dict())
        return _form(request, subject, begun, one_more(request.POST), asked, None)
    form, asked = PlanForm(request.POST), PreviewForm(request.POST)
    rows = steps_form(request.POST)
    said = _said(rows)
    if do == "preview":
        # Only the calls and the days to look at are asked for: the rest may still be to write.
        unchecked = PlanForm(initial=request.POST.dict())
        return _form(request, subject, unchecked, rows, asked, said)
    if form.is_valid():
        if do == "inherit":
            return _publish(request, subject, form, rows, asked, None)
        if said is not None:
            return _publish(request, subject, form, rows, asked, said)
    return _form(request, subject, form, rows, asked, said)


def _said(rows: StepsFormSet) -> list[Step] | None:
    return rows.steps if rows.is_valid() else None


def _begin(request: HttpRequest, subject: Subject) -> HttpResponse:
    today = staff_of(request).branch.today(timezone.now())
    last, steps = selectors.last_version(subject), selectors.beginning_steps(subject)
    first_day = max(today, last.starts_on) if last is not None else today
    form = PlanForm(initial={"seen": last.version if last is not None else 0, "starts_on": first_day})
    asked = PreviewForm({"on": today})
    context = _context(subject, form, steps_form(initial=rows_of(steps)), last)
    context |= _preview(request, asked, steps, subject.project)
    return render(request, "followups/plan_form.html", context)


def _publish(
    request: HttpRequest,
    subject: Subject,
    form: PlanForm,
    rows: StepsFormSet,
    asked: PreviewForm,
    said: list[Step] | None,
) -> HttpResponse:
    try:
        made = services.publish_plan(
            department_kind=subject.department_kind,
            project=subject.project,
            steps=said,
            starts_on=form.cleaned_data["starts_on"],
            note=form.cleaned_data["note"],
            seen=form.cleaned_data["seen"] or 0,
            staff=staff_of(request),
            now=timezone.now(),
        )
    except Stale as problem:
        form.look_again(problem)
        return _form(request, subject, form, rows, asked, said, status=problem.status)
    except Refused as problem:
        form.add_error("starts_on" if problem.code in _ABOUT_THE_DAY else None, str(problem.message))
        return _form(request, subject, form, rows, asked, said)
    done(request, _("Version %(version)s is published. The calls follow it.") % {"version": made.version})
    return redirect(reverse("followups:plan", args=[made.pk]))


def _form(
    request: HttpRequest,
    subject: Subject,
    form: PlanForm,
    rows: StepsFormSet,
    asked: PreviewForm,
    said: list[Step] | None,
    status: int = 0,
) -> HttpResponse:
    context = _context(subject, form, rows, selectors.last_version(subject))
    context |= _preview(request, asked, None if said is None else selectors.step_rows(said), subject.project)
    wrong = bool(form.errors or rows.mistakes or asked.errors)
    return render(request, "followups/plan_form.html", context, status=status or (422 if wrong else 200))


def _context(subject: Subject, form: PlanForm, rows: StepsFormSet, last: Plan | None) -> dict[str, Any]:
    return {
        "subject": subject,
        "form": form,
        "rows": rows,
        "mistakes": rows.mistakes,
        "full": len(rows.forms) >= MOST_STEPS,
        "last": last,
        "general": Subject(department_kind=subject.general) if subject.general else None,
        "places": [(f"{{{name}}}", PLACE_WORDS[name]) for name in PLACES],
        "address": f"{reverse('followups:plan_new')}?{subject.query}",
    }
