"""Managers' pages about projects, the branch and its hours."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in, words_in
from clinic.forms.places import BranchForm, DepartmentForm, HoursForm, NewProjectForm, ProjectForm
from clinic.models import Branch, Department, Project
from clinic.problems import Stale
from clinic.roles import Capability
from clinic.selectors.changes import latest_change
from clinic.selectors.people import branches_seen_by, working_at
from clinic.selectors.places import departments_seen_by, find_projects, projects_seen_by
from clinic.services import places as services
from clinic.views import say

PAGE = 50
_MANAGE = requires(Capability.MANAGE_POLICY)


@_MANAGE
def projects(request: HttpRequest) -> HttpResponse:
    """Show the projects of the branch, most major first, filtered."""
    manager = staff_of(request)
    found = find_projects(
        staff=manager,
        text=words_in(request.GET.get("q", ""), 50),
        department=number_in(request.GET.get("department", "")),
        offered=request.GET.get("offered", ""),
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "clinic/projects.html", {"page": page, "departments": departments_seen_by(manager)})


@_MANAGE
def project_new(request: HttpRequest) -> HttpResponse:
    """Add a project."""
    manager = staff_of(request)
    form = NewProjectForm(request.POST or None, manager=manager)
    if request.method == "POST" and form.is_valid():
        project = services.add_project(**form.changes, staff=manager, now=timezone.now())
        say.done(request, _("%(project)s is added.") % {"project": project})
        return redirect("clinic:projects")
    return render(request, "clinic/project_form.html", {"form": form}, status=422 if form.errors else 200)


@_MANAGE
def project_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a project."""
    manager, status = staff_of(request), 422
    drawn = {"seen": latest_change(Project, pk)}
    project = get_object_or_404(projects_seen_by(manager), pk=pk)
    form = ProjectForm(request.POST or None, instance=project, manager=manager, initial=drawn)
    if request.method == "POST" and form.is_valid():
        read = projects_seen_by(manager).get(pk=pk)
        seen = form.cleaned_data["seen"]
        try:
            services.change_project(project=read, changes=form.changes, seen=seen, staff=manager, now=timezone.now())
        except Stale as problem:
            form.look_again(problem)
            status = problem.status
        else:
            say.done(request, _("%(project)s is saved.") % {"project": read})
            return redirect("clinic:projects")
    context = {"form": form, "project": project}
    return render(request, "clinic/project_form.html", context, status=status if form.errors else 200)


@_MANAGE
def branch(request: HttpRequest) -> HttpResponse:
    """Show and change the manager's branch."""
    manager = staff_of(request)
    drawn = {"seen": latest_change(Branch, manager.branch_id)}
    here = get_object_or_404(branches_seen_by(manager), pk=manager.branch_id)
    form = BranchForm(request.POST or None, instance=here, initial=drawn)
    if request.method == "POST" and form.is_valid():
        read, seen = Branch.objects.get(pk=here.pk), form.cleaned_data["seen"]
        try:
            services.change_branch(branch=read, changes=form.changes, seen=seen, staff=manager, now=timezone.now())
        except Stale as problem:
            form.look_again(problem)
            return _branch_page(request, here, form=form, status=problem.status)
        say.done(request, _("The branch is saved."))
        return redirect("clinic:branch")
    return _branch_page(request, here, form=form)


@_MANAGE
@require_POST
def branch_hours(request: HttpRequest) -> HttpResponse:
    """Set the opening hours of the manager's branch."""
    manager = staff_of(request)
    here = get_object_or_404(branches_seen_by(manager), pk=manager.branch_id)
    form = HoursForm(request.POST, branch=here)
    if not form.is_valid():
        return _branch_page(request, here, hours_form=form)
    seen = form.cleaned_data["seen"]
    try:
        services.set_hours(branch=here, hours=form.hours, seen=seen, staff=manager, now=timezone.now())
    except Stale as problem:
        form.look_again(problem)
        return _branch_page(request, here, hours_form=form, status=problem.status)
    say.done(request, _("The opening hours are saved."))
    return redirect("clinic:branch")


@_MANAGE
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who heads a department of the manager's branch."""
    manager, status = staff_of(request), 422
    now = timezone.now()
    drawn = {"seen": latest_change(Department, pk)}
    here = get_object_or_404(departments_seen_by(manager), pk=pk)
    colleagues = working_at(manager.branch, manager.branch.today(now))
    form = DepartmentForm(request.POST or None, instance=here, colleagues=colleagues, initial=drawn)
    if request.method == "POST" and form.is_valid():
        read, seen = departments_seen_by(manager).get(pk=pk), form.cleaned_data["seen"]
        try:
            services.change_department(department=read, changes=form.changes, seen=seen, staff=manager, now=now)
        except Stale as problem:
            form.look_again(problem)
            status = problem.status
        else:
            say.done(request, _("%(department)s is saved.") % {"department": read})
            return redirect("clinic:branch")
    context = {"form": form, "department": here}
    return render(request, "clinic/department_form.html", context, status=status if form.errors else 200)


def _branch_page(
    request: HttpRequest,
    here: Branch,
    *,
    form: BranchForm | None = None,
    hours_form: HoursForm | None = None,
    status: int = 422,
) -> HttpResponse:
    wrong = form or hours_form
    drawn = {"seen": latest_change(Branch, here.pk)}
    context = {
        "form": form or BranchForm(instance=here, initial=drawn),
        "hours_form": hours_form or HoursForm(branch=here, initial=drawn),
        "departments": departments_seen_by(staff_of(request)),
    }
    failed = wrong is not None and wrong.errors
    return render(request, "clinic/branch.html", context, status=status if failed else 200)
