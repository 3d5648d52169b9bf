"""The record of a consultation: kept while it is typed, and read again when another window wrote in it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.problems import Stale
from clinic.roles import Capability
from consultations import services
from consultations.forms.record import RecordForm
from consultations.models import Consultation
from consultations.selectors import records

WORDS: dict[str, Promise] = {
    "wishes": pgettext_lazy("record", "Wishes"),
    "history": _("Medical history"),
    "assessment": _("Assessment"),
    "notes": pgettext_lazy("record", "Notes"),
}
ROWS = {"wishes": 3, "history": 3, "assessment": 4, "notes": 4}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the record as the page draws it; `hint` is what the visitor's card says about it."""

    name: str
    label: Promise
    text: str
    rows: int
    hint: str


def sections_of(consultation: Consultation) -> list[Section]:
    """Return the sections of a record in order."""
    hints = {"wishes": consultation.visitor.wishes, "history": consultation.visitor.medical_notes}
    return [
        Section(name, WORDS[name], getattr(consultation, name), ROWS[name], hints.get(name, ""))
        for name in Consultation.SECTIONS
    ]


@requires(Capability.WORK_OWN_QUEUE)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the record as it is saved; POST keeps sections as typed so far first.

    409 names the sections another window wrote meanwhile, with its text; the others are saved all the same.
    """
    staff = staff_of(request)
    found = get_object_or_404(records.own_consultations(staff), pk=pk)
    if request.method == "GET":
        return JsonResponse(_said(found))
    form = RecordForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"wrong": form.wrong}, status=422)
    try:
        written = services.write_record(
            consultation=found, typed=form.typed, seen=form.seen, staff=staff, now=timezone.now()
        )
    except Stale as problem:
        return JsonResponse({"refused": str(problem.message)}, status=409)
    answer = _said(written.consultation) | {"theirs": written.theirs}
    return JsonResponse(answer, status=409 if written.theirs else 200)


def _said(consultation: Consultation) -> dict[str, object]:
    written_at = consultation.written_at
    return {
        "version": consultation.record_version,
        "at": formats.date_format(timezone.localtime(written_at), "H:i:s") if written_at else "",
        "sections": {name: getattr(consultation, name) for name in Consultation.SECTIONS},
    }


@requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)
@require_GET
def record_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the record for somebody who reads it; a fragment."""
    found = get_object_or_404(records.consultations_seen_by(staff_of(request)), pk=pk)
    context = {"consultation": found, "sections": sections_of(found)}
    return render(request, "consultations/record_text.html", context)
