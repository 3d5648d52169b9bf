"""Somebody stands at the desk: her arrival is registered, or said to be registered already; a wrong entry is void."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import refusal
from clinic.models import Staff
from clinic.problems import Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from reception import services
from reception.codes import VisitCode, read_code
from reception.forms import ArrivalForm, VoidForm
from reception.models import Appointment, IntakeCard, Visit, Visitor
from reception.names import fold
from reception.selectors.arrival import desk_of
from reception.selectors.intake import card_at
from reception.selectors.projects import offered_projects, project_choices
from reception.selectors.used import used_visit
from reception.selectors.visitors import open_visits_of
from reception.views.arrival_form import arrival_context, known_visitor, of_card
from reception.views.desk import desk_page
from reception.views.expected import expected_context
from reception.views.looks import looked_at

at_desk = requires(Capability.REGISTER_VISITORS)


@at_desk
@require_http_methods(["GET", "POST"])
def arrival_new(request: HttpRequest) -> HttpResponse:
    """Answer with the arrival form: of a visitor on file (`?visitor=<id>`), or for somebody new named in POST `q`.

    Who is here already, or whose slip was scanned (`?slip=<its code>`, signed, for the visit may be another branch's),
    is not entered twice: when and where is said.
    """
    staff = staff_of(request)
    if "slip" in request.GET:
        read = read_code(request.GET["slip"])
        visit = used_visit(read.visit) if isinstance(read, VisitCode) else None
        if visit is None:
            raise Http404
        return _used(request, staff, visit)
    if asked := request.GET.get("visitor", ""):
        number = number_in(asked)
        if number is None:
            return redirect("reception:desk")
        known = known_visitor(staff, number)
        if (here := open_visits_of([known]).get(known.pk)) and here.day >= here.branch.today(timezone.now()):
            return _used(request, staff, here)
        if request.headers.get("HX-Request"):
            looked_at(request, known, Screen.ARRIVAL)
        context, address = arrival_context(staff, known=known), f"?visitor={known.pk}"
    else:
        context, address = arrival_context(staff, typed=request.POST.get("q", "")), "?new=1"
    if not request.headers.get("HX-Request"):
        return redirect(reverse("reception:desk") + address)
    response = render(request, "reception/desk.html#arrival", context)
    response.headers["HX-Replace-Url"] = reverse("reception:desk") + address
    return response


@at_desk
@require_POST
def arrival_create(request: HttpRequest) -> HttpResponse:
    """Register the arrival and go on to its proposal; a wrong form comes back as it was typed."""
    staff = staff_of(request)
    known = None
    if number := request.POST.get("visitor", ""):
        known = known_visitor(staff, number_in(number) or 0)
    offered = offered_projects(staff.branch_id)
    now = timezone.now()
    form = ArrivalForm(
        request.POST, at=desk_of(staff, now), offered=offered, known=known, today=staff.branch.today(now)
    )
    card = None
    wanted = request.POST.getlist("wanted") if "wanted_shown" in request.POST else None
    if number := request.POST.get("card", ""):
        card = get_object_or_404(card_at(staff, number_in(number) or 0))
    context: dict[str, Any] = {"form": form, "known": known, "projects": project_choices(offered)}
    if card is not None:
        context |= of_card(card, known, wanted)
    phone = str(known.phone) if known else form.cleaned_data.get("phone", "") if form.is_valid() else ""
    expected = expected_context(staff, phone=phone, visitor=known)
    context |= expected
    if not form.is_valid():
        return _again(request, staff, context, 422)
    appointment = _appointment(request, staff, expected["expected"], form.cleaned_data["request_key"])
    try:
        visit = _register(form, known, appointment, card, wanted, staff)
    except Stale as problem:
        if problem.code == "request_used":
            form.begin_again(problem)
            return _again(request, staff, context, problem.status)
        if problem.code == "appointment_state":
            form.add_error(None, str(problem.message))
            return _again(request, staff, context, problem.status)
        if problem.code != "possible_duplicate":
            raise
        people = list(Visitor.objects.select_related("owner").filter(pk__in=problem.detail["visitors"]))
        named = fold(form.cleaned_data["name"])
        likely = next((person.pk for person in people if fold(person.name) == named), None)
        return _again(request, staff, context | {"people": people, "likely": likely, "like": []}, 409)
    if not request.headers.get("HX-Request"):
        return redirect("reception:desk")
    came = Appointment.objects.filter(visit=visit).first() if appointment is not None else None
    response = render(request, "reception/desk.html#registered", {"visit": visit, "came": came})
    response.headers["HX-Replace-Url"] = reverse("reception:desk")
    response.headers["HX-Trigger"] = "register-changed"
    return response


@at_desk
@require_POST
def visit_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Annotate a wrong entry as void and offer to enter the visitor again."""
    staff = staff_of(request)
    visit = get_object_or_404(Visit.objects.filter(branch=staff.branch_id), pk=pk)
    form = VoidForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say why the entry is void: it stays in the register with the reason."), code="reason")
    services.void_visit(visit=visit, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    again = format_html(
        '<a href="{}?visitor={}&amp;again={}" data-focus>{}</a>',
        reverse("reception:desk"),
        visit.visitor_id,
        visit.pk,
        _("Enter again"),
    )
    text = format_html("{} {}", _("Number %(number)s is void.") % {"number": visit}, again)
    if not request.headers.get("HX-Request"):
        return redirect("reception:desk")
    response = render(request, "reception/desk.html#said", {"text": text})
    response.headers["HX-Trigger"] = "register-changed"
    return response


def _appointment(request: HttpRequest, staff: Staff, found: list[Appointment], request_key: UUID) -> Appointment | None:
    """Return what she came for: what the clerk chose, the first of today when the form did not ask, or nothing.

    Of a form sent twice that is what the first time linked: it is not among the expected any more.
    """
    chosen = request.POST.get("appointment")
    if chosen is None:
        linked = Appointment.objects.filter(branch=staff.branch_id, visit__request_key=request_key).first()
        return linked or (found[0] if found else None)
    number = number_in(chosen)
    return Appointment.objects.filter(branch=staff.branch_id, pk=number).first() if number is not None else None


def _register(
    form: ArrivalForm,
    known: Visitor | None,
    appointment: Appointment | None,
    card: IntakeCard | None,
    wanted: list[str] | None,
    staff: Staff,
) -> Visit:
    data = form.cleaned_data
    newcomer: dict[str, Any] = {}
    if known is None:
        fields = ("name", "phone", "gender", "birth_on", "card_declined", "another_person")
        newcomer = {name: data[name] for name in fields}
    return services.take_in(
        known=known,
        newcomer=newcomer,
        card=card,
        wanted=wanted,
        pre_check=form.pre_check,
        replaces=data["replaces"] if known else None,
        appointment=appointment,
        branch=staff.branch,
        projects=data["projects"],
        purpose=Visit.Purpose(data["purpose"]),
        note=data["note"],
        request_key=data["request_key"],
        circumstances=form.circumstances,
        friend_name=data["friend_text"] if data["friend"] is None else "",
        staff=staff,
        now=timezone.now(),
    )


def _used(request: HttpRequest, staff: Staff, visit: Visit) -> HttpResponse:
    """Say when and where a visit was registered and how it stands (E4)."""
    over = visit.state not in Visit.OPEN_STATES or visit.day < visit.branch.today(timezone.now())
    context = {"used": visit, "over": over}
    if not request.headers.get("HX-Request"):
        return desk_page(request, staff, context)
    response = render(request, "reception/desk.html#arrival", context)
    response.headers["HX-Replace-Url"] = reverse("reception:desk")
    return response


def _again(request: HttpRequest, staff: Staff, context: dict[str, Any], status: int) -> HttpResponse:
    """Show the arrival form again with what was typed, and what is asked about it."""
    if request.headers.get("HX-Request"):
        return render(request, "reception/desk.html#arrival", context, status=status)
    return desk_page(request, staff, context, status=status)
