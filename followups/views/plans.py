"""Pages of the plans: what holds, one version with all its calls, and the next version as it is written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.models import Project
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.say import done
from followups import selectors, services
from followups.forms import PlanForm, PreviewForm, StepsFormSet, one_more, rows_of, steps_form
from followups.forms.plans import MOST_QUESTIONS, MOST_STEPS
from followups.models import Plan, PlanStep
from followups.plans import Step
from followups.script import PLACES
from followups.selectors import Subject
from reception.views.looks import looked_at

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

# What a button says that asks for a further question, before the number of the call.
ASK = "ask-"
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
    steps = selectors.steps_of(shown)
    asked = PreviewForm({"on": request.GET.get("on") or today, "next": request.GET.get("next", "")})
    version = next(one for one in versions if one.plan == shown)
    context = {
        "plan": shown,
        "subject": subject,
        "steps": steps,
        "versions": versions,
        "version": version,
        "may_take_back": version.state == "coming" and versions[0] == version and bool(versions[1:] or shown.project),
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
    """Write the next version of a plan, of a department, a project or one treatment.

    It is published, gets a call more, gets a question more in one of its calls, or shows its days.
    """
    given = [request.GET.get(name, "") for name in ("department", "project", "treatment")]
    subject = selectors.subject_named(staff_of(request), *given)
    if subject is None:
        return redirect("followups:plans")
    if request.method == "GET":
        return _begin(request, subject)
    do = request.POST.get("do", "")
    dated = subject.treatment is None
    if do == "add" or do.startswith(ASK):
        begun = PlanForm(initial=request.POST.dict(), dated=dated)
        asked = PreviewForm(initial=request.POST.dict())
        rows = one_more(request.POST) if do == "add" else one_more(request.POST, _asked_of(do))
        return _form(request, subject, begun, rows, asked, None)
    form, asked = PlanForm(request.POST, dated=dated), PreviewForm(request.POST)
    rows = steps_form(request.POST)
    said = _said(rows)
    if do == "preview":
        # Only the calls and the days to look at are asked for: the rest may still be to write.
        unchecked = PlanForm(initial=request.POST.dict(), dated=dated)
        return _form(request, subject, unchecked, rows, asked, said)
    if form.is_valid():
        if do == "inherit":
            return _publish(request, subject, form, rows, asked, None)
        if said is not None:
            return _publish(request, subject, form, rows, asked, said)
    return _form(request, subject, form, rows, asked, said)


def _asked_of(do: str) -> int:
    """Return the number of the call that is to get a further question; one that no call has for nonsense."""
    number = number_in(do.removeprefix(ASK))
    return MOST_STEPS if number is None else number


def _said(rows: StepsFormSet) -> list[Step] | None:
    return rows.steps if rows.is_valid() else None


def _begin(request: HttpRequest, subject: Subject) -> HttpResponse:
    today = staff_of(request).branch.today(timezone.now())
    last, steps = selectors.last_version(subject), selectors.beginning_steps(subject)
    first_day = max(today, last.starts_on) if last is not None else today
    treatment = subject.treatment
    initial = {"seen": last.version if last is not None else 0, "starts_on": first_day}
    form = PlanForm(initial=initial, dated=treatment is None)
    asked = PreviewForm(
        {"on": today} if treatment is None else {"on": treatment.treated_on, "next": treatment.next_visit_on}
    )
    context = _context(subject, form, steps_form(initial=rows_of(steps)), last)
    context |= _preview(request, asked, steps, subject.followed_project)
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
            treatment=subject.treatment,
            steps=said,
            starts_on=form.cleaned_data.get("starts_on"),
            note=form.cleaned_data["note"],
            seen=form.cleaned_data["seen"] or 0,
            staff=staff_of(request),
            now=timezone.now(),
        )
    except Stale as problem:
        form.look_again(problem)
        return _form(request, subject, form, rows, asked, said, status=problem.status)
    except Refused as problem:
        about_the_day = problem.code in _ABOUT_THE_DAY and "starts_on" in form.fields
        form.add_error("starts_on" if about_the_day else None, str(problem.message))
        return _form(request, subject, form, rows, asked, said)
    done(request, _("Version %(version)s is published. The calls follow it.") % {"version": made.version})
    if subject.treatment is not None:
        return redirect("followups:treatment_plan", pk=subject.treatment.pk)
    return redirect(reverse("followups:plan", args=[made.pk]))


@planners
@require_POST
def plan_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the version before one that has not begun yet again."""
    plan = get_object_or_404(selectors.general_plans(), pk=pk)
    made = services.take_back_plan(plan=plan, staff=staff_of(request), now=timezone.now())
    done(
        request,
        _("Version %(version)s is taken back; version %(made)s is as before it.")
        % {"version": plan.version, "made": made.version},
    )
    return redirect("followups:plan", pk=made.pk)


@planners
@require_GET
def treatment_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which plan the calls of one treatment follow, those calls, and the versions of a plan of its own."""
    staff = staff_of(request)
    treatment = get_object_or_404(selectors.treatments_planned_by(staff), pk=pk)
    looked_at(request, treatment.visitor, Screen.CALL_BACK)
    subject = Subject(treatment=treatment)
    versions = selectors.versions_of(subject, staff.branch.today(timezone.now()))
    own = versions[0].plan if versions and not versions[0].plan.inherits else None
    context = {
        "treatment": treatment,
        "subject": subject,
        "own": own,
        "versions": versions,
        "steps": selectors.steps_of(own) if own is not None else [],
        "general": None if own is not None else selectors.general_plan_for(treatment),
        "calls": list(selectors.calls_of_treatment(treatment)),
        "last": versions[0].plan.version if versions else 0,
    }
    return render(request, "followups/treatment_plan.html", context)


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
    shown = None if said is None else selectors.step_rows(said)
    context |= _preview(request, asked, shown, subject.followed_project)
    wrong = bool(form.errors or rows.mistakes or asked.errors)
    return render(request, "followups/plan_form.html", context, status=status or (422 if wrong else 200))


def _general(subject: Subject) -> Subject | None:
    """Return what holds where a plan has none of its own: the department's for a project; None for a department."""
    if subject.treatment is not None:
        return Subject(project=subject.treatment.project)
    return Subject(department_kind=subject.general) if subject.general else None


def _context(subject: Subject, form: PlanForm, rows: StepsFormSet, last: Plan | None) -> dict[str, Any]:
    return {
        "subject": subject,
        "form": form,
        "rows": rows,
        "mistakes": rows.mistakes,
        "full": len(rows.forms) >= MOST_STEPS,
        "most_questions": MOST_QUESTIONS,
        "last": last,
        "general": _general(subject),
        "places": [(f"{{{name}}}", PLACE_WORDS[name]) for name in PLACES],
        "address": f"{reverse('followups:plan_new')}?{subject.query}",
    }
