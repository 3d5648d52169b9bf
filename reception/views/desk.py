"""The front desk: find or take in a visitor, see her number, and the register of the day below."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Stale
from clinic.roles import Capability
from reception import keys, services
from reception.codes import VisitCode, read_code
from reception.forms import ArrivalForm, VoidForm
from reception.forms.arrivals import entered_again
from reception.infections import QUESTIONS
from reception.models import Appointment, IntakeCard, Visit, Visitor
from reception.names import fold
from reception.phones import WrongPhone, parse_phone
from reception.selectors.arrival import desk_of
from reception.selectors.find import find_visitors
from reception.selectors.intake import card_at, people_like
from reception.selectors.projects import offered_projects, project_choices
from reception.selectors.used import used_visit
from reception.selectors.visitors import open_visits_of, visitor_seen_by, where_merged
from reception.views.card_words import differing, said_on
from reception.views.expected import expected_context
from reception.views.register import register_context

# What of a card stands in the arrival form itself.
FIRST_LINES = ("name", "phone", "gender", "birth_on", "card_declined")

at_desk = requires(Capability.REGISTER_VISITORS)


@at_desk
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk; `?visitor=<id>` (`&again=<void visit>`: entered again) or `?new=1` with the arrival form open."""
    staff = staff_of(request)
    context: dict[str, Any] = {}
    if (number := number_in(request.GET.get("visitor", ""))) is not None:
        context = _arrival(staff, known=_known(staff, number), again=number_in(request.GET.get("again", "")))
    elif "new" in request.GET:
        context = _arrival(staff)
    return _desk(request, staff, context)


@at_desk
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Answer with the visitors a typed text may mean, or with the visit of a scanned slip.

    Sent as POST, so that no number stands in an address.
    """
    text = request.POST.get("q", "")
    context: dict[str, Any] = {"text": text, "asked": bool(text.strip()), "code": keys.card_in(text) is not None}
    scanned = read_code(text)
    if isinstance(scanned, VisitCode):
        context["scanned"] = used_visit(scanned.visit)
    else:
        found = find_visitors(text)
        here = open_visits_of(found)
        context["rows"] = [{"visitor": visitor, "here": here.get(visitor.pk)} for visitor in found]
    return render(request, "reception/desk.html#results", context)


@at_desk
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """Answer with the visitors a typed text may mean, to be named in a form. Sent as POST, as `find` is."""
    field = request.POST.get("field", "")
    text = request.POST.get(f"{field}_text", "") if field in ("referrer", "friend", "visitor", "booked") else ""
    return render(
        request, "reception/desk.html#people", {"field": field, "text": text, "people": find_visitors(text, 8)}
    )


@at_desk
@require_http_methods(["GET", "POST"])
def arrival_new(request: HttpRequest) -> HttpResponse:
    """Answer with the arrival form: of a visitor on file (`?visitor=<id>`), or for somebody new named in POST `q`.

    Who is here already, or whose slip was scanned (`?visit=<id>`), is not entered twice: when and where is said.
    """
    staff = staff_of(request)
    if (scanned := number_in(request.GET.get("visit", ""))) is not None:
        if (visit := used_visit(scanned)) is None:
            raise Http404
        return _used(request, staff, visit)
    if asked := request.GET.get("visitor", ""):
        number = number_in(asked)
        if number is None:
            return redirect("reception:desk")
        known = _known(staff, number)
        if (here := open_visits_of([known]).get(known.pk)) and here.day >= here.branch.today(timezone.now()):
            return _used(request, staff, here)
        context, address = _arrival(staff, known=known), f"?visitor={known.pk}"
    else:
        context, address = _arrival(staff, typed=request.POST.get("q", "")), "?new=1"
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
        known = _known(staff, number_in(number) or 0)
    offered = offered_projects()
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
    appointment = _appointment(request, staff, expected["expected"])
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


def _appointment(request: HttpRequest, staff: Staff, found: list[Appointment]) -> Appointment | None:
    """Return what she came for: what the clerk chose, the first of today when the form did not ask, or nothing."""
    chosen = request.POST.get("appointment")
    if chosen is None:
        return found[0] if found else None
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


def arrival_of_card(staff: Staff, card: IntakeCard, known: Visitor | None) -> dict[str, Any]:
    """Return what the arrival form needs to register the visitor of a card she filled in herself."""
    said = card.answers
    offered = offered_projects()
    initial = {name: said[name] for name in (*FIRST_LINES, *QUESTIONS) if said.get(name)}
    now = timezone.now()
    expected = expected_context(staff, phone=str(known.phone) if known else said.get("phone", ""), visitor=known)
    if expected["expected_projects"] and "projects" not in initial:
        initial["projects"] = expected["expected_projects"]
    form = ArrivalForm(
        at=desk_of(staff, now), offered=offered, known=known, today=staff.branch.today(now), initial=initial
    )
    if not known and not said.get("name"):
        form.fields["name"].widget.attrs["autofocus"] = True
    context = {"form": form, "known": known, "projects": project_choices(offered), **expected}
    return context | of_card(card, known, None)


def of_card(card: IntakeCard, known: Visitor | None, wanted: list[str] | None) -> dict[str, Any]:
    """Return what of a visitor's own card stands beside the arrival form; `wanted`: the fields ticked so far."""
    context: dict[str, Any] = {"card": card, "said": said_on(card)}
    if known is None:
        return context | {"like": people_like(card)}
    return context | {"differs": differing(card, known, wanted)}


def _known(staff: Staff, number: int) -> Visitor:
    """Return the visitor with this number, or whom a record with it was merged into; raise Http404 for nobody."""
    found = visitor_seen_by(staff, number).first() or where_merged(staff, number)
    if found is None:
        raise Http404
    return found


def _used(request: HttpRequest, staff: Staff, visit: Visit) -> HttpResponse:
    """Say when and where a visit was registered and how it stands (E4)."""
    over = visit.state not in Visit.OPEN_STATES or visit.day < visit.branch.today(timezone.now())
    context = {"used": visit, "over": over}
    if not request.headers.get("HX-Request"):
        return _desk(request, staff, context)
    response = render(request, "reception/desk.html#arrival", context)
    response.headers["HX-Replace-Url"] = reverse("reception:desk")
    return response


def _arrival(
    staff: Staff, *, known: Visitor | None = None, typed: str = "", again: int | None = None
) -> dict[str, Any]:
    """Return what the arrival form needs; what was typed to find her is her phone if it is digits, else her name.

    `again` is her void entry that is entered again: the form begins as that was.
    """
    initial: dict[str, Any] = {}
    if known and again is not None:
        void = Visit.objects.filter(pk=again, visitor=known, branch=staff.branch_id, state=Visit.State.VOID)
        initial = entered_again(get_object_or_404(void.select_related("referrer", "friend")))
    phone = str(known.phone) if known else ""
    if typed := typed.strip():
        digits = sum(character.isdecimal() for character in typed)
        initial = {"phone" if digits * 2 > len(typed.replace(" ", "")) else "name": typed[:50]}
    if "phone" in initial:
        phone = _phone(initial["phone"])
    expected = expected_context(staff, phone=phone, visitor=known)
    if expected["expected_projects"] and "projects" not in initial:
        initial["projects"] = expected["expected_projects"]
    if expected["expected"] and known is None:
        initial["name"] = expected["expected"][0].name
    offered = offered_projects()
    now = timezone.now()
    today = staff.branch.today(now)
    form = ArrivalForm(at=desk_of(staff, now), offered=offered, known=known, today=today, initial=initial)
    if not known:
        form.fields["phone" if "name" in initial else "name"].widget.attrs["autofocus"] = True
    return {"form": form, "known": known, "projects": project_choices(offered), **expected}


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except WrongPhone:
        return ""


def _again(request: HttpRequest, staff: Staff, context: dict[str, Any], status: int) -> HttpResponse:
    """Show the arrival form again with what was typed, and what is asked about it."""
    if request.headers.get("HX-Request"):
        return render(request, "reception/desk.html#arrival", context, status=status)
    return _desk(request, staff, context, status=status)


def _desk(request: HttpRequest, staff: Staff, context: dict[str, Any], status: int = 200) -> HttpResponse:
    listen(request, [topics.register(staff.branch_id), topics.desk(staff.branch_id), topics.cards(staff.branch_id)])
    page = register_context(request, staff, staff.branch.today(timezone.now())) | context
    return render(request, "reception/desk.html", page, status=status)
