"""Retention: how long things are kept, the monthly lists of what is due, and what is decided about them."""

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.forms import typed_with
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.templatetags.desk import colon
from clinic.views import say
from reception.forms.days import ExportForm
from reception.forms.retention import DecisionForm, PeriodForm
from reception.models.retention import Kept
from reception.selectors.retention import (
    items_seen_by,
    lines_of_item,
    lists_of,
    terms,
    versions_written,
    waiting_lists,
)
from reception.services.retention import decide_item, export_list, write_period

PAGE = 12
LINES = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

manages = requires(Capability.MANAGE_RETENTION)


@manages
@require_http_methods(["GET", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """Show how long each kind is kept and the lists by month; `?kind=` opens the form of a kind, POST writes it."""
    staff, now = staff_of(request), timezone.now()
    current = terms()
    form, status = None, 200
    if request.method == "POST":
        form, status = PeriodForm(request.POST), 422
        if form.is_valid():
            try:
                written = write_period(**form.cleaned_data, staff=staff, now=now)
            except Refused as problem:
                form.add_error(None, str(problem.message))
                status = problem.status
                if "seen" in problem.detail:
                    form.data = typed_with(form.data, seen=str(problem.detail["seen"]))
            else:
                say.done(
                    request,
                    _("%(kind)s: kept %(months)d months.")
                    % {"kind": written.get_kind_display(), "months": written.months},
                )
                return redirect("reception:retention")
    elif (kind := request.GET.get("kind", "")) in Kept.values:
        form = PeriodForm.of(next(term for term in current if term.kind == kind))
    named = form["kind"].value() if form is not None else ""
    context = {
        "terms": current,
        "form": form,
        "writes": Kept(str(named)).label if named in Kept.values else "",
        "page": Paginator(lists_of(staff), PAGE).get_page(request.GET.get("page")),
        "versions": list(versions_written()[:PAGE]),
        "zone": staff.branch.time_zone,
    }
    return render(request, "reception/retention.html", context, status=status)


@manages
@require_GET
def retention_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a list: its kinds, how much of each is due, and what was decided."""
    staff = staff_of(request)
    made = get_object_or_404(lists_of(staff), pk=pk)
    items = list(items_seen_by(staff).filter(list=made))
    return render(request, "reception/retention_list.html", {"made": made, "items": items})


@manages
@require_http_methods(["GET", "POST"])
def retention_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is due of a kind, line by line, and take down what becomes of it."""
    staff = staff_of(request)
    item = get_object_or_404(items_seen_by(staff), pk=pk)
    form, status = DecisionForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                decided = decide_item(item=item, **form.cleaned_data, staff=staff, now=timezone.now())
            except Refused as problem:
                form.add_error(None, str(problem.message))
                status = problem.status
            else:
                say.done(request, f"{decided.get_kind_display()}{colon()}{decided.get_decision_display()}")
                return redirect("reception:retention_list", pk=decided.list_id)
    paginator = Paginator(lines_of_item(item), LINES)
    paginator.count = item.number
    context = {"item": item, "form": form, "page": paginator.get_page(request.GET.get("page"))}
    return render(request, "reception/retention_kind.html", context, status=status)


@manages
@require_http_methods(["GET", "POST"])
def retention_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask what an export is for; then answer with the list as an Excel file."""
    staff = staff_of(request)
    made = get_object_or_404(lists_of(staff), pk=pk)
    form = ExportForm(request.POST or None, may_reveal=False)
    if request.method == "POST" and form.is_valid():
        file = export_list(made=made, why=form.cleaned_data["why"], staff=staff, now=timezone.now())
        return FileResponse(file, as_attachment=True, filename=f"retention-{made}.xlsx", content_type=XLSX)
    context = {"form": form, "made": made}
    return render(request, "reception/retention_export.html", context, status=422 if form.errors else 200)


@manages
@require_GET
def retention_notice(request: HttpRequest) -> HttpResponse:
    """Say that a list waits for decisions, nothing when none does."""
    return render(request, "reception/retention_notice.html", {"waiting": list(waiting_lists(staff_of(request))[:3])})
