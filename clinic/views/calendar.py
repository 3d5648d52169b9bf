"""A manager's page of the days the house is closed or works in exchange."""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.forms.calendar import BranchDaysForm
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.selectors.calendar import branch_days, days_seen_by
from clinic.services import calendar as services
from clinic.views import say

PAGE = 50
_MANAGE = requires(Capability.MANAGE_POLICY)


@_MANAGE
@require_http_methods(["GET", "POST"])
def days(request: HttpRequest) -> HttpResponse:
    """Show the days of the branch that are not as their weekday says; add some."""
    manager, now = staff_of(request), timezone.now()
    form = BranchDaysForm(request.POST or None, initial={"first": manager.branch.today(now)})
    if request.method == "POST" and form.is_valid():
        try:
            number = services.set_branch_days(branch=manager.branch, **form.cleaned_data, staff=manager, now=now)
        except Refused as problem:
            form.add_error(None, str(problem.message))
        else:
            said = ngettext("%(number)s day is entered.", "%(number)s days are entered.", number) % {"number": number}
            say.done(request, said if number else _("These days are in the list already."))
            return redirect("clinic:branch_days")
    return _page(request, manager, form, manager.branch.today(now))


@_MANAGE
@require_POST
def day_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a day be as its weekday says again."""
    manager = staff_of(request)
    said = get_object_or_404(days_seen_by(manager), pk=pk)
    services.forget_branch_day(said=said, staff=manager, now=timezone.now())
    say.done(request, _("%(day)s is as its weekday says again.") % {"day": said.day.isoformat()})
    return redirect("clinic:branch_days")


def _page(request: HttpRequest, manager: Staff, form: BranchDaysForm, today: date) -> HttpResponse:
    over = request.GET.get("over") == "yes"
    page = Paginator(branch_days(manager, today=today, over=over), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "over": over}
    return render(request, "clinic/branch_days.html", context, status=422 if form.errors else 200)
