"""The audit log, and the pages of long work."""

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.access import requires, signed_in, staff_of
from clinic.forms.records import AuditFilter
from clinic.live import page as live
from clinic.live import topics
from clinic.models import Job
from clinic.roles import Capability
from clinic.selectors.audit_details import told
from clinic.selectors.audit_log import audit_page
from clinic.services import jobs as job_services
from clinic.views import say


@requires(Capability.VIEW_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """Show who did what, newest first."""
    reader = staff_of(request)
    form = AuditFilter(request.GET)
    found = form.cleaned_data if form.is_valid() else {}
    object_type, _colon, object_id = str(found.get("object") or "").partition(":")
    entries = audit_page(
        reader=reader,
        who=found.get("who", "").strip(),
        action=found.get("action", "").strip(),
        object_type=object_type.strip(),
        object_id=object_id.strip(),
        day=found.get("day"),
        before=found.get("before"),
    )
    context = {"form": form, "log": entries, "rows": told(entries.entries), "newest": not found.get("before")}
    return render(request, "clinic/audit.html", context)


@signed_in
def jobs(request: HttpRequest) -> HttpResponse:
    """Show the long work the person started."""
    page = Paginator(Job.objects.filter(staff=staff_of(request)), 50).get_page(request.GET.get("page"))
    return render(request, "clinic/jobs.html", {"page": page})


@signed_in
def job(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show how far a job of the person is, live."""
    found = get_object_or_404(Job, pk=pk, staff=staff_of(request))
    live.listen(request, [topics.job(pk)])
    return render(request, "clinic/job.html", {"job": found, "topic": topics.job(pk)})


@signed_in
def job_panel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the moving part of a job's page."""
    found = get_object_or_404(Job, pk=pk, staff=staff_of(request))
    return render(request, "clinic/job_panel.html", {"job": found, "topic": topics.job(pk)})


@signed_in
@require_POST
def job_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask a job of the person to stop."""
    found = get_object_or_404(Job, pk=pk, staff=staff_of(request))
    job_services.cancel(job=found, staff=staff_of(request), now=timezone.now())
    say.done(request, _("The work is asked to stop."))
    return redirect("clinic:job", pk=pk)
