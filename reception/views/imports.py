"""Import of visitors: upload, match, see mistakes and what will be, take in, take back."""

import io
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception.forms.imports import MatchingForm, RunForm, UploadForm
from reception.models import ImportBatch, StagedRow
from reception.selectors.imports import (
    ahead_of,
    at_work,
    done_before,
    imports_of,
    in_words,
    kinds_of_mistakes,
    mistakes_of,
    remembered_fields,
    rows_that_keep,
    staged_rows,
)
from reception.services import imports as services
from reception.services.import_export import mistakes_as_excel

PAGE = 50
PREVIEW = 20

importers = requires(Capability.IMPORT_VISITORS)


@importers
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports of the branch, and take a file in."""
    staff = staff_of(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = services.upload_import(
                    file=file,
                    file_name=file.name,
                    size=file.size,
                    request_key=form.cleaned_data["request_key"],
                    staff=staff,
                    now=timezone.now(),
                )
            except Refused as problem:
                status = problem.status
                if problem.code == "request_used":
                    form.begin_again(problem)
                else:
                    form.add_error("file", str(problem.message))
            else:
                return redirect("reception:import", pk=batch.pk)
    page = Paginator(imports_of(staff), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "zone": staff.branch.time_zone}
    return render(request, "reception/imports.html", context, status=status)


@importers
@require_http_methods(["GET", "POST"])
def import_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file as far as it has come; POST matches its columns and starts the check."""
    staff = staff_of(request)
    batch = get_object_or_404(imports_of(staff), pk=pk)
    if request.method == "GET":
        return _page(request, staff, batch)
    form = MatchingForm(request.POST, batch=batch, remembered={})
    if not form.is_valid():
        return _page(request, staff, batch, form=form, status=422)
    services.match_import(
        batch=batch,
        fields=form.chosen,
        identify_by=form.cleaned_data["identify_by"],
        on_duplicate=form.cleaned_data["on_duplicate"],
        staff=staff,
        now=timezone.now(),
    )
    return redirect("reception:import", pk=pk)


@importers
@require_GET
def import_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with how far the work on a file is; when it is over, the page is to be loaded again."""
    batch = get_object_or_404(imports_of(staff_of(request)), pk=pk)
    if not at_work(batch):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "reception/import.html#progress", _progress(batch, staff_of(request)))


@importers
@require_POST
def import_mistakes(request: HttpRequest, pk: int) -> FileResponse:
    """Send the rows with mistakes as Excel, with the mistakes in a column of their own."""
    staff = staff_of(request)
    batch = get_object_or_404(imports_of(staff), pk=pk)
    content = mistakes_as_excel(batch=batch, staff=staff, now=timezone.now())
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=f"{_('mistakes')}-{batch.pk}.xlsx")


@importers
@require_POST
def import_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a checked file in."""
    staff = staff_of(request)
    batch = get_object_or_404(imports_of(staff), pk=pk)
    form = RunForm(request.POST)
    form.full_clean()
    try:
        services.run_import(batch=batch, same_again=form.cleaned_data["same_again"], staff=staff, now=timezone.now())
    except Refused as problem:
        if problem.code != "imported_before":
            raise
        form.add_error("same_again", str(problem.message))
        return _page(request, staff, batch, run_form=form, status=422)
    return redirect("reception:import", pk=pk)


@importers
@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    staff = staff_of(request)
    batch = get_object_or_404(imports_of(staff), pk=pk)
    services.undo_import(batch=batch, staff=staff, now=timezone.now())
    return redirect("reception:import", pk=pk)


@importers
@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw an uploaded file away."""
    staff = staff_of(request)
    batch = get_object_or_404(imports_of(staff), pk=pk)
    services.discard_import(batch=batch, staff=staff, now=timezone.now())
    say.done(request, _("%(file)s is thrown away.") % {"file": batch.file_name})
    return redirect("reception:imports")


def _page(
    request: HttpRequest,
    staff: Staff,
    batch: ImportBatch,
    *,
    form: MatchingForm | None = None,
    run_form: RunForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "batch": batch,
        "zone": staff.branch.time_zone,
        "form": form,
        "today": staff.branch.today(timezone.now()),
    }
    if at_work(batch):
        assert batch.job is not None
        listen(request, [topics.job(batch.job.pk)])
        return render(request, "reception/import.html", context | _progress(batch, staff), status=status)
    if batch.state in (ImportBatch.State.UPLOADED, ImportBatch.State.MATCHED, ImportBatch.State.CHECKED):
        context["form"] = form or MatchingForm(batch=batch, remembered=remembered_fields(batch))
        context["done_before"] = done_before(batch)
    if batch.state == ImportBatch.State.CHECKED and batch.mistakes_found:
        page = Paginator(mistakes_of(batch), PAGE)
        page.count = batch.mistakes_found
        context["page"] = page.get_page(request.GET.get("page"))
        context["mistakes"] = in_words(batch, context["page"].object_list)
        context["kinds"] = kinds_of_mistakes(batch)
    elif batch.state == ImportBatch.State.CHECKED:
        decision = request.GET.get("decision", "")
        shown = Paginator(staged_rows(batch, decision), PREVIEW)
        counts = {
            StagedRow.Decision.NEW: batch.new,
            StagedRow.Decision.FILL: batch.filled,
            StagedRow.Decision.SKIP: batch.skipped,
        }
        shown.count = counts.get(StagedRow.Decision(decision), 0) if decision in counts else sum(counts.values())
        context["page"] = shown.get_page(request.GET.get("page"))
        context["decision"] = decision
        context["tabs"] = [(one.value, one.label, number) for one, number in counts.items()]
        context["run_form"] = run_form or RunForm()
    if batch.problem == ImportBatch.Problem.KEPT:
        context["keep"], context["kept"] = rows_that_keep(batch)
    return render(request, "reception/import.html", context, status=status)


def _progress(batch: ImportBatch, staff: Staff) -> dict[str, Any]:
    assert batch.job is not None
    return {
        "batch": batch,
        "job": batch.job,
        "topic": topics.job(batch.job.pk),
        "ahead": ahead_of(batch),
        "may_stop": batch.job.staff_id == staff.pk,
    }
