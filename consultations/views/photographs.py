"""A visitor's photographs: taken in, by day, side by side, whole, removed."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from consultations import services
from consultations.forms.papers import PhotographsForm, RemoveForm
from consultations.models import Photograph, Treatment
from consultations.selectors import photographs as rows
from consultations.selectors import signed_forms
from consultations.selectors.records import consultations_of
from reception.models import Visitor
from reception.selectors import visitor_seen_by
from reception.views.looks import looked_at, looked_at_part

PAGE = 60
viewers = requires(
    Capability.KEEP_PHOTOGRAPHS,
    Capability.WORK_OWN_QUEUE,
    Capability.RECORD_TREATMENTS,
    Capability.VIEW_ALL_VISITORS,
)
keepers = requires(Capability.KEEP_PHOTOGRAPHS)
# A picture opened by itself may load and run nothing, and no cache keeps it.
SEALED = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def _visitor(request: HttpRequest, pk: int) -> tuple[Visitor, Staff]:
    staff = staff_of(request)
    seen = rows.pictured_visitors(staff, staff.branch.today(timezone.now()))
    return get_object_or_404(seen, pk=pk), staff


@viewers
@require_GET
def photographs(request: HttpRequest, visitor: int) -> HttpResponse:
    """Show a visitor's photographs, by day or (`?show=pairs`) side by side, and take further ones in."""
    found, staff = _visitor(request, visitor)
    looked_at(request, found, Screen.PHOTOGRAPHS)
    listen(request, [topics.photographs(found.pk)])
    context = _list(request, found, staff) | {"back_url": _back(request, found, staff)}
    if staff.may(Capability.KEEP_PHOTOGRAPHS):
        context |= _upload(request, found, staff)
    return render(request, "consultations/photographs.html", context)


def _back(request: HttpRequest, visitor: Visitor, staff: Staff) -> str:
    """Return where the person came from: a treatment, a consultation, else the visitor's page if she may see it."""
    for name in ("treatment", "consultation"):
        if pk := number_in(request.GET.get(name, "")):
            return reverse(f"consultations:{name}", args=[pk])
    seen = visitor_seen_by(staff, visitor.pk).exists()
    return reverse("reception:visitor", args=[visitor.pk]) if seen else ""


@viewers
@require_GET
def photographs_panel(request: HttpRequest, visitor: int) -> HttpResponse:
    """Redraw the photographs alone."""
    found, staff = _visitor(request, visitor)
    looked_at_part(request, found, Screen.PHOTOGRAPHS)
    return render(request, "consultations/photographs_panel.html", _list(request, found, staff))


def _list(request: HttpRequest, visitor: Visitor, staff: Staff) -> dict[str, Any]:
    today = staff.branch.today(timezone.now())
    context: dict[str, Any] = {
        "visitor": visitor,
        "topic": topics.photographs(visitor.pk),
        "pairs": request.GET.get("show") == "pairs",
    }
    photos, shown = rows.photographs_of(visitor), list[Photograph]()
    if context["pairs"]:
        courses = rows.courses_of(visitor)
        wanted = number_in(request.GET.get("treatment", ""))
        chosen = next((one for one in courses if one.key == wanted), courses[0] if courses else None)
        context |= {"courses": courses, "chosen": chosen}
        if chosen is not None:
            shown = list(photos.filter(treatment=chosen.treatment, removed_at=None))
            context["views"] = rows.side_by_side(shown)
    else:
        page = Paginator(photos, PAGE).get_page(request.GET.get("page"))
        shown = list(page.object_list)
        context |= {"page": page, "days": rows.by_day(shown)}
    context["removable"] = {one.pk for one in shown if rows.may_remove(one, staff, today)}
    return context


def _form(visitor: Visitor, staff: Staff, *args: Any, **kwargs: Any) -> PhotographsForm:
    return PhotographsForm(
        *args,
        treatments=rows.treatments_to_picture(visitor),
        consultations=consultations_of(visitor),
        today=staff.branch.today(timezone.now()),
        **kwargs,
    )


def _upload(request: HttpRequest, visitor: Visitor, staff: Staff) -> dict[str, Any]:
    """Return the form to take photographs in, or why none may be taken."""
    asked = number_in(request.GET.get("treatment", ""))
    treatment = rows.treatments_to_picture(visitor).filter(pk=asked).first() if asked else None
    done = treatment is not None and treatment.state == Treatment.State.DONE
    form = _form(
        visitor,
        staff,
        initial={
            "stage": Photograph.Stage.AFTER if done else Photograph.Stage.BEFORE,
            "view": Photograph.View.FRONT,
            "treatment": treatment,
            "consultation": number_in(request.GET.get("consultation", "")),
        },
    )
    word = signed_forms.word_on_photographs(
        signed_forms.forms_of(visitor),
        signed_forms.photographs_consent(visitor),
        signed_forms.subject_of(treatment) if treatment is not None else None,
    )
    return {"form": form, "word": word, "why_not": signed_forms.why_no_photographs(word)}


@keepers
@require_POST
def photograph_add(request: HttpRequest, visitor: int) -> HttpResponse:
    """Take pictures in; answer what became of each."""
    found, staff = _visitor(request, visitor)
    form = _form(found, staff, request.POST, request.FILES)
    background = bool(request.headers.get("HX-Request"))
    if not form.is_valid():
        if background:
            raise refusal(form, next(iter(form.errors.values()))[0], code="photographs")
        return _again(request, found, staff, form, 422)
    said = form.cleaned_data
    try:
        outcomes = services.keep_photographs(
            visitor=found,
            shots=form.shots,
            stage=said["stage"],
            taken_on=said["taken_on"],
            treatment=said["treatment"],
            consultation=said["consultation"],
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        if background:
            raise
        form.add_error(None, str(problem.message))
        return _again(request, found, staff, form, problem.status)
    context = {"outcomes": outcomes}
    status = 200 if any(one.photograph for one in outcomes) else 422
    if background:
        return render(request, "consultations/photographs_outcomes.html", context, status=status)
    return _again(request, found, staff, None, status, **context)


def _again(
    request: HttpRequest, visitor: Visitor, staff: Staff, form: PhotographsForm | None, status: int, **more: Any
) -> HttpResponse:
    context = {**_list(request, visitor, staff), **_upload(request, visitor, staff), **more}
    context["back_url"] = _back(request, visitor, staff)
    if form is not None:
        context["form"] = form
    return render(request, "consultations/photographs.html", context, status=status)


def _photograph(request: HttpRequest, pk: int) -> tuple[Photograph, Staff]:
    staff = staff_of(request)
    seen = rows.photographs_seen_by(staff, staff.branch.today(timezone.now()))
    return get_object_or_404(seen, pk=pk), staff


def _sealed(content: bytes, name: str, *, attachment: bool = False) -> HttpResponse:
    answer = HttpResponse(content, content_type="image/jpeg", headers=SEALED)
    answer.headers["Content-Disposition"] = f'{"attachment" if attachment else "inline"}; filename="{name}"'
    return answer


@viewers
@require_GET
def photograph_small(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the small picture of a photograph; 404 when it was removed."""
    found, _staff = _photograph(request, pk)
    content = rows.content_of(found, small=True)
    return _sealed(content, f"{pk}-small.jpg") if content else HttpResponse(status=404)


@viewers
@require_GET
def photograph_full(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with a photograph, whole; each opening is recorded. `?save`: to be kept as a file."""
    found, staff = _photograph(request, pk)
    content = services.open_photograph(photograph=found, staff=staff, now=timezone.now())
    return _sealed(content, f"{found.visitor.file_number}-{pk}.jpg", attachment="save" in request.GET)


@viewers
@require_http_methods(["GET", "POST"])
def photograph_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then remove a photograph."""
    found, staff = _photograph(request, pk)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    back = reverse("consultations:photographs", args=[found.visitor_id])
    if form.is_bound and form.is_valid():
        services.remove_photograph(
            photograph=found, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now()
        )
        return go(request, back)
    may = rows.may_remove(found, staff, staff.branch.today(timezone.now()))
    context = {"photograph": found, "form": form, "may": may, "back": back}
    return render(request, "consultations/photograph_remove.html", context, status=422 if form.is_bound else 200)
