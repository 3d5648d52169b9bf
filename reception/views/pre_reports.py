"""Pre-reports and leads: the list, a new one, and one with what happened to it."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import typed_with
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms.pre_reports import PreReportEntryForm, PreReportForm
from reception.models import PreReport
from reception.selectors import pre_reports as reads
from reception.selectors.appointments import agents_of
from reception.selectors.projects import offered_projects, project_choices
from reception.views.reveals import reveal_announced

PAGE = 50
TABS = (
    ("leads", gettext_lazy("Not booked yet")),
    ("overdue", gettext_lazy("Promise overdue")),
    ("booked", gettext_lazy("Booked")),
    ("came", gettext_lazy("Came")),
    ("closed", gettext_lazy("Given up")),
)

workers = requires(Capability.WORK_OWN_PRE_REPORTS, Capability.WORK_APPOINTMENTS)


@workers
@require_GET
def pre_reports(request: HttpRequest) -> HttpResponse:
    """List the leads (or another `?tab=`) of an agent, of the whole branch for the desk; `?agent=` of one."""
    staff = staff_of(request)
    listen(request, [topics.appointments(staff.branch_id)])
    return render(request, "reception/pre_reports.html", _list(request, staff, timezone.now()))


@workers
@require_GET
def pre_reports_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the list alone."""
    return render(request, "reception/pre_reports.html#rows", _list(request, staff_of(request), timezone.now()))


@workers
@require_GET
def pre_report_count(request: HttpRequest) -> HttpResponse:
    """Answer with how many late promises and no-shows wait for this person; empty when none."""
    number = reads.waiting_for(staff_of(request), timezone.now())
    return HttpResponse(str(number) if number else "")


@workers
@require_http_methods(["GET", "POST"])
def pre_report_new(request: HttpRequest) -> HttpResponse:
    """Record an enquiry; a wrong form comes back as it was typed."""
    staff, now = staff_of(request), timezone.now()
    for_others = staff.may(Capability.WORK_APPOINTMENTS)
    today = staff.branch.today(now)
    offered = offered_projects(staff.branch_id)
    more: dict[str, Any] = {"offered": offered, "agents": agents_of(staff.branch, today) if for_others else None}
    context = {"projects": project_choices(offered), "may_find": staff.may(Capability.REGISTER_VISITORS)}
    if request.method == "GET":
        form = PreReportForm(initial={"agent": staff.pk}, **more)
        return render(request, "reception/pre_report_new.html", context | {"form": form})
    form = PreReportForm(request.POST, **more)
    status = 422
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = services.record_pre_report(
                branch=staff.branch,
                agent=data.get("agent") or staff,
                visitor=data["booked"] if staff.may(Capability.FIND_VISITORS) else None,
                name=data["booked_text"],
                phone=data["phone"],
                projects=data["projects"],
                said=data["said"],
                promised=data["promised"],
                promise_due_at=form.moment(staff.branch),
                request_key=data["request_key"],
                staff=staff,
                now=now,
            )
        except Refused as problem:
            status = problem.status
            if problem.code == "request_used":
                form.begin_again(problem)
            else:
                form.add_error(None, str(problem.message))
        else:
            say.done(request, _("%(name)s is recorded.") % {"name": made.name})
            return redirect("reception:pre_report", pk=made.pk)
    return render(request, "reception/pre_report_new.html", context | {"form": form}, status=status)


@workers
@require_GET
def pre_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one pre-report: what was said, promised and booked, and what can be done."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(reads.with_rows(reads.pre_reports_seen_by(staff)), pk=pk)
    listen(request, [topics.appointments(staff.branch_id)])
    form = PreReportEntryForm(agents=reads.agents_everywhere(staff.branch.today(now)), initial={"seen": found.version})
    return render(request, "reception/pre_report.html", _one(found, staff, now) | {"entry": form})


@workers
@require_POST
def pre_report_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what happened: spoken with again, answered, promised, passed on, closed. Refused it stays as typed."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(reads.pre_reports_seen_by(staff), pk=pk)
    form = PreReportEntryForm(request.POST, agents=reads.agents_everywhere(staff.branch.today(now)))
    status = 422
    if form.is_valid():
        try:
            _carry_out(found, form, staff, now)
        except Refused as problem:
            status = problem.status
            form.add_error(None, str(problem.message))
            if "seen" in problem.detail:
                form.data = typed_with(form.data, seen=str(problem.detail["seen"]))
        else:
            say.done(request, _("Written down."))
            still_hers = reads.pre_reports_seen_by(staff).filter(pk=pk).exists()
            return redirect("reception:pre_report", pk=pk) if still_hers else redirect("reception:pre_reports")
    found = get_object_or_404(reads.with_rows(reads.pre_reports_seen_by(staff)), pk=pk)
    listen(request, [topics.appointments(staff.branch_id)])
    context = _one(found, staff, now) | {"entry": form, "form": form, "open": form.data.get("kind")}
    return render(request, "reception/pre_report.html", context, status=status)


@workers
@require_http_methods(["GET", "POST"])
def pre_report_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the phone is needed for and answer with it in full; who saw it and why is recorded."""
    staff = staff_of(request)
    found = get_object_or_404(reads.pre_reports_seen_by(staff).select_related("branch"), pk=pk)
    return reveal_announced(request, found, staff, reverse("reception:pre_report", args=[found.pk]))


def _carry_out(found: PreReport, form: PreReportEntryForm, staff: Staff, now: datetime) -> None:
    data = form.cleaned_data
    common: dict[str, Any] = {"report": found, "seen": data["seen"], "staff": staff, "now": now}
    if data["kind"] in ("follow_up", "answered"):
        services.follow_up_pre_report(kind=data["kind"], text=data["text"], **common)
    elif data["kind"] == "promised":
        due_at = form.moment(staff.branch)
        if due_at is None:
            raise Refused(_("A promised answer needs a deadline."), code="promise")
        services.promise_answer(promised=data["text"], due_at=due_at, **common)
    elif data["kind"] == "passed":
        if data["to"] is None:
            raise Refused(_("Choose the colleague who takes it over."), code="to")
        services.pass_on_pre_report(to=data["to"], text=data["text"], **common)
    elif data["kind"] == "closed":
        services.close_pre_report(reason=data["text"], **common)
    else:
        raise Refused(_("Choose what happened."), code="kind")


def _list(request: HttpRequest, staff: Staff, now: datetime) -> dict[str, Any]:
    tab = request.GET.get("tab", "")
    tab = tab if tab in reads.TABS else "leads"
    agent = number_in(request.GET.get("agent", ""))
    counts = reads.counts(staff, now, agent)
    paginator = Paginator(reads.latest_appointment(reads.with_rows(reads.listed(staff, tab, now, agent))), PAGE)
    paginator.count = counts[tab]
    page = paginator.get_page(request.GET.get("page"))
    sees_branch = staff.may(Capability.WORK_APPOINTMENTS)
    return {
        "tab": tab,
        "tabs": [(key, label, counts[key]) for key, label in TABS],
        "page": page,
        "rows": list(page.object_list),
        "now": now,
        "agent": agent,
        "agents": agents_of(staff.branch, staff.branch.today(now)) if sees_branch else [],
        "sees_branch": sees_branch,
        "topic": topics.appointments(staff.branch_id),
        "zone": staff.branch.time_zone,
    }


def _one(found: PreReport, staff: Staff, now: datetime) -> dict[str, Any]:
    return {
        "report": found,
        "entries": list(reads.entries_of(found)),
        "booked": list(reads.appointments_of(found)[:20]),
        "overdue": found.answered_at is None and found.promise_due_at is not None and found.promise_due_at < now,
        "waits": found.answered_at is None and found.promise_due_at is not None,
        "is_lead": found.state == PreReport.State.LEAD,
        "may_open": bool(staff.capabilities & {Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS}),
        "zone": staff.branch.time_zone,
        "topic": topics.appointments(staff.branch_id),
    }
