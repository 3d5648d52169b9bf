"""The page of a branch's call rules: to read for who calls, to change for the supervisor."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.selectors.changes import latest_change
from clinic.views.say import done
from followups import selectors, services
from followups.forms import CallRulesForm
from followups.models import CallRules

readers = requires(Capability.WORK_CALL_BACKS, Capability.SUPERVISE_CALL_BACKS)
supervisors = requires(Capability.SUPERVISE_CALL_BACKS)

# What is wrong with the hours is said at their field.
_FIELD = {"hours_wrong": "call_until", "rest_wrong": "rest_until"}


@readers
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Show what the branch has settled about its calls, and what follows from it."""
    staff = staff_of(request)
    context = _context(staff) | {"may_change": staff.may(Capability.SUPERVISE_CALL_BACKS)}
    return render(request, "followups/rules.html", context)


@supervisors
@require_http_methods(["GET", "POST"])
def rules_change(request: HttpRequest) -> HttpResponse:
    """Change the rules of the reader's branch; what somebody else changed meanwhile is said before."""
    staff, status = staff_of(request), 422
    settled = selectors.rules_of(staff.branch)
    drawn = {"seen": latest_change(CallRules, settled.pk) if settled.pk else 0}
    form = CallRulesForm(request.POST or None, instance=settled, initial=drawn)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_call_rules(
                branch=staff.branch,
                changes=form.changes,
                seen=form.cleaned_data["seen"],
                staff=staff,
                now=timezone.now(),
            )
        except Stale as problem:
            form.look_again(problem)
            status = problem.status
        except Refused as problem:
            form.add_error(_FIELD.get(problem.code), str(problem.message))
        else:
            done(request, _said(changed))
            return redirect("followups:rules")
    context = _context(staff) | {"form": form}
    return render(request, "followups/rules_change.html", context, status=status if form.errors else 200)


def _said(changed: list[str]) -> str:
    if "operation_day" in changed:
        return _("Saved. The open calls of the branch move to their new days now; that takes a moment.")
    return _("The rules of the calls are saved.") if changed else _("Nothing has changed.")


def _context(staff: Staff) -> dict[str, Any]:
    settled = selectors.rules_of(staff.branch)
    return {"rules": settled, "example": selectors.example_of(staff.branch, settled.tries, timezone.now())}
