"""Managers' pages about membership levels."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.forms.levels import LevelForm
from clinic.models import Job, MembershipLevel
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.selectors.changes import latest_change
from clinic.selectors.levels import all_levels
from clinic.services import levels as services
from clinic.views import say

_MANAGE = requires(Capability.MANAGE_POLICY)


@_MANAGE
@require_GET
def levels(request: HttpRequest) -> HttpResponse:
    """Show the levels, the lowest first."""
    return render(request, "clinic/levels.html", {"levels": all_levels()})


@_MANAGE
@require_http_methods(["GET", "POST"])
def level_new(request: HttpRequest) -> HttpResponse:
    """Add a level."""
    form = LevelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = services.add_level(**form.changes, staff=staff_of(request), now=timezone.now())
        except Refused as problem:
            form.add_error(None, str(problem.message))
        else:
            say.done(request, _("The level is added. Visitors get it as they are counted."))
            return _to(job)
    return render(request, "clinic/level_form.html", {"form": form}, status=422 if form.errors else 200)


@_MANAGE
@require_http_methods(["GET", "POST"])
def level_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a level."""
    status = 422
    drawn = {"seen": latest_change(MembershipLevel, pk)}
    level = get_object_or_404(all_levels(), pk=pk)
    form = LevelForm(request.POST or None, instance=level, initial=drawn)
    if request.method == "POST" and form.is_valid():
        read, seen = all_levels().get(pk=pk), form.cleaned_data["seen"]
        try:
            job = services.change_level(
                level=read, changes=form.changes, seen=seen, staff=staff_of(request), now=timezone.now()
            )
        except Stale as problem:
            if problem.code == "level_gone":
                raise
            form.look_again(problem)
            status = problem.status
        except Refused as problem:
            form.add_error(None, str(problem.message))
        else:
            say.done(request, _("The level is saved."))
            return _to(job)
    context = {"form": form, "level": level}
    return render(request, "clinic/level_form.html", context, status=status if form.errors else 200)


@_MANAGE
@require_POST
def level_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a level."""
    level = get_object_or_404(all_levels(), pk=pk)
    job = services.remove_level(level=level, staff=staff_of(request), now=timezone.now())
    say.done(request, _("The level is removed."))
    return _to(job)


def _to(job: Job | None) -> HttpResponse:
    return redirect("clinic:levels") if job is None else redirect("clinic:job", job.pk)
