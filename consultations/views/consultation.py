"""One consultation: the visitor, notes, outcome, treatments."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from consultations import services
from consultations.forms import DealForm, NoDealForm, NotesForm, TreatmentForm, no_deal_initial
from consultations.models import Consultation
from consultations.selectors import records
from consultations.selectors.treatments import doctors_of
from reception.views.looks import looked_at

own_queue = requires(Capability.WORK_OWN_QUEUE)
readers = requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)


def _mine(request: HttpRequest, pk: int) -> tuple[Consultation, Staff]:
    """Return the person's own consultation; 404 for everybody else's."""
    staff = staff_of(request)
    return get_object_or_404(records.consultations_seen_by(staff).filter(consultant=staff), pk=pk), staff


def _forms(consultation: Consultation, staff: Staff) -> dict[str, Any]:
    """Return the forms that fit the state of the consultation, filled with what is known."""
    offered = records.offered_projects()
    wishes = [wish.project_id for wish in consultation.visit.wishes.all()]
    forms: dict[str, Any] = {}
    if consultation.state == Consultation.State.IN_ROOM:
        forms["deal_form"] = DealForm(
            initial={"version": consultation.version, "projects": wishes}, offered=offered, auto_id="deal_%s"
        )
        if consultation.outcome != Consultation.Outcome.DEAL:
            forms["no_deal_form"] = NoDealForm(initial=no_deal_initial(consultation), auto_id="no_deal_%s")
    if consultation.state in (Consultation.State.IN_ROOM, Consultation.State.FINISHED):
        forms["treatment_form"] = TreatmentForm(
            initial={"project": wishes[0] if len(wishes) == 1 else None},
            offered=offered,
            doctors=doctors_of(staff, staff.branch.today(timezone.now())),
            auto_id="treatment_%s",
        )
    return forms


def _work(
    request: HttpRequest, consultation: Consultation, staff: Staff, *, status: int = 200, **bound: Any
) -> HttpResponse:
    """Answer with the working part of the page for htmx, else with the page."""
    mine = consultation.consultant_id == staff.pk
    context: dict[str, Any] = {
        "consultation": consultation,
        "visit": consultation.visit,
        "visitor": consultation.visitor,
        "mine": mine,
        "deals": records.deals_of(consultation),
        "treatments": records.treatments_of(consultation),
        "sees_amounts": staff.may(Capability.SEE_AMOUNTS),
        **(_forms(consultation, staff) if mine else {}),
        **bound,
    }
    if request.headers.get("HX-Request"):
        return render(request, "consultations/work.html", context, status=status)
    context["age"] = consultation.visitor.age_on(consultation.day)
    context["story"] = records.story_of(consultation.visitor, but=consultation)
    context["notes_form"] = NotesForm(
        initial={"notes": consultation.notes, "notes_version": consultation.notes_version}
    )
    return render(request, "consultations/consultation.html", context, status=status)


@readers
@require_GET
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one consultation; its own consultant works in it, others read."""
    staff = staff_of(request)
    found = get_object_or_404(records.consultations_seen_by(staff), pk=pk)
    looked_at(request, found.visitor, Screen.CONSULTATION)
    listen(request, [topics.visitor(found.visitor_id)])
    return _work(request, found, staff)


def _again(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a form that was carried out: the working part as it is now."""
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    found, staff = _mine(request, pk)
    return _work(request, found, staff)


@own_queue
@require_POST
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """The visitor comes in."""
    found, staff = _mine(request, pk)
    services.enter_room(consultation=found, staff=staff, now=timezone.now())
    if request.headers.get("HX-Target") != "work":
        return go(request, reverse("consultations:consultation", args=[pk]))
    return _again(request, pk)


@own_queue
@require_POST
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was bought."""
    found, staff = _mine(request, pk)
    form = DealForm(request.POST, offered=records.offered_projects(), auto_id="deal_%s")
    if not form.is_valid():
        return _work(request, found, staff, status=422, deal_form=form)
    services.record_deal(
        consultation=found,
        kind=form.cleaned_data["kind"],
        amount=form.cleaned_data["amount"],
        projects=list(form.cleaned_data["projects"]),
        expected_version=form.cleaned_data["version"],
        staff=staff,
        now=timezone.now(),
    )
    return _again(request, pk)


@own_queue
@require_POST
def no_deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Record why nothing was bought."""
    found, staff = _mine(request, pk)
    form = NoDealForm(request.POST, auto_id="no_deal_%s")
    if not form.is_valid():
        return _work(request, found, staff, status=422, no_deal_form=form)
    services.record_no_deal(
        consultation=found,
        reason=form.cleaned_data["reason"],
        call_again_on=form.cleaned_data["call_again_on"],
        expected_version=form.cleaned_data["version"],
        staff=staff,
        now=timezone.now(),
    )
    return _again(request, pk)


@own_queue
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """The visitor leaves; back to the queue."""
    found, staff = _mine(request, pk)
    services.finish_consultation(consultation=found, staff=staff, now=timezone.now())
    return go(request, reverse("consultations:queue"))


@own_queue
@require_POST
def file_treatment(request: HttpRequest, pk: int) -> HttpResponse:
    """File a treatment that was agreed on in this consultation."""
    found, staff = _mine(request, pk)
    now = timezone.now()
    form = TreatmentForm(
        request.POST,
        offered=records.offered_projects(),
        doctors=doctors_of(staff, staff.branch.today(now)),
        auto_id="treatment_%s",
    )
    if not form.is_valid():
        return _work(request, found, staff, status=422, treatment_form=form)
    if found.state not in (Consultation.State.IN_ROOM, Consultation.State.FINISHED):
        raise Refused(_("The visitor has not come into your room yet."), code="not_in_room")
    services.file_treatment(
        visitor=found.visitor, consultation=found, branch=found.branch, staff=staff, now=now, **form.cleaned_data
    )
    return _again(request, pk)


@own_queue
@require_POST
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the notes as typed so far; another window's text is shown, never overwritten in silence."""
    found, staff = _mine(request, pk)
    form = NotesForm(request.POST)
    context: dict[str, Any] = {"consultation": found, "now": timezone.now(), "form": form}
    if not form.is_valid():
        return render(request, "consultations/notes_state.html", context | {"wrong": True}, status=422)
    try:
        context["consultation"] = services.save_notes(
            consultation=found,
            text=form.cleaned_data["notes"].replace("\r\n", "\n"),
            expected_version=form.cleaned_data["notes_version"],
            staff=staff,
        )
    except Stale as stale:
        if stale.code != "notes_changed":
            raise
        context |= {"other": stale.detail["notes"], "newest": stale.detail["notes_version"]}
        return render(request, "consultations/notes_state.html", context, status=409)
    return render(request, "consultations/notes_state.html", context | {"saved": True})
