"""One consultation: the visitor, outcome, treatments."""

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
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from consultations import services
from consultations.forms.courses import courses_for
from consultations.forms.deals import DealForm, lines_form
from consultations.forms.outcomes import NoDealForm, no_deal_initial
from consultations.forms.treatments import TreatmentForm
from consultations.models import Consultation
from consultations.selectors import records
from consultations.selectors.packages import open_lines
from consultations.selectors.treatments import doctors_of
from consultations.views.plans import plan_context
from consultations.views.record import sections_of
from reception.views.looks import looked_at, looked_at_part
from reception.views.story import asked_by, draw_story, story_context

NOT_HERS = (Consultation.State.DECLINED, Consultation.State.WITHDRAWN)
own_queue = requires(Capability.WORK_OWN_QUEUE)
readers = requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)


def mine_of(request: HttpRequest, pk: int) -> tuple[Consultation, Staff]:
    """Return the person's own consultation; 404 for everybody else's."""
    staff = staff_of(request)
    return get_object_or_404(records.consultations_seen_by(staff).filter(consultant=staff), pk=pk), staff


def _forms(consultation: Consultation, staff: Staff) -> dict[str, Any]:
    """Return the forms that fit the state of the consultation, filled with what is known."""
    offered = records.offered_projects()
    wishes = [wish.project_id for wish in consultation.visit.wishes.all()]
    forms: dict[str, Any] = {}
    if consultation.state == Consultation.State.IN_ROOM:
        forms["deal_form"] = DealForm(initial={"version": consultation.version}, auto_id="deal_%s")
        forms["deal_lines"] = lines_form(offered=offered, initial=[{"project": str(wish)} for wish in wishes])
        if consultation.outcome != Consultation.Outcome.DEAL:
            forms["no_deal_form"] = NoDealForm(initial=no_deal_initial(consultation), auto_id="no_deal_%s")
    if consultation.state in (Consultation.State.IN_ROOM, Consultation.State.FINISHED):
        forms["treatment_form"] = TreatmentForm(
            initial={"project": wishes[0] if len(wishes) == 1 else None},
            offered=offered,
            doctors=doctors_of(staff, staff.branch.today(timezone.now())),
            lines=open_lines(consultation.visitor),
            auto_id="treatment_%s",
        )
    return forms


def work(
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
        "earlier": records.earlier_in_visit(consultation),
        "participants": records.participants_of(consultation),
        "courses": courses_for(consultation) if mine else [],
        "asks": mine and consultation.state == Consultation.State.IN_ROOM,
        "sees_amounts": staff.may(Capability.SEE_AMOUNTS),
        **(_forms(consultation, staff) if mine else {}),
        **bound,
    }
    if request.headers.get("HX-Request"):
        return render(request, "consultations/work.html", context, status=status)
    context["age"] = consultation.visitor.age_on(consultation.day)
    asked = asked_by(staff, consultation.visitor)
    context |= story_context(asked, reverse("consultations:story", args=[consultation.pk]))
    context["writing"] = mine and consultation.state not in NOT_HERS
    context["sections"] = sections_of(consultation)
    context |= plan_context(consultation, staff)
    return render(request, "consultations/consultation.html", context, status=status)


@readers
@require_GET
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one consultation; its own consultant works in it, others read."""
    staff = staff_of(request)
    found = get_object_or_404(records.consultations_seen_by(staff), pk=pk)
    looked_at(request, found.visitor, Screen.CONSULTATION)
    listen(request, [topics.visitor(found.visitor_id), topics.record(found.pk), topics.plan(found.pk)])
    return work(request, found, staff)


@readers
@require_GET
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the visitor's story, or a part of it, beside her consultation."""
    found = get_object_or_404(records.consultations_seen_by(staff_of(request)), pk=pk)
    looked_at_part(request, found.visitor, Screen.CONSULTATION)
    return draw_story(request, found.visitor, reverse("consultations:story", args=[found.pk]), keyed=False)


def _again(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a form that was carried out: the working part as it is now."""
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[pk]))
    found, staff = mine_of(request, pk)
    return work(request, found, staff)


@own_queue
@require_POST
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """The visitor comes in."""
    found, staff = mine_of(request, pk)
    services.enter_room(consultation=found, staff=staff, now=timezone.now())
    if request.headers.get("HX-Target") != "work":
        return go(request, reverse("consultations:consultation", args=[pk]))
    return _again(request, pk)


@own_queue
@require_POST
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was bought."""
    found, staff = mine_of(request, pk)
    form = DealForm(request.POST, auto_id="deal_%s")
    lines = lines_form(request.POST, offered=records.offered_projects())
    if not all([form.is_valid(), lines.is_valid()]):
        return work(request, found, staff, status=422, deal_form=form, deal_lines=lines)
    services.record_deal(
        consultation=found,
        kind=form.cleaned_data["kind"],
        lines=lines.lines,
        deposit=form.cleaned_data["deposit"],
        receipt_number=form.cleaned_data["receipt_number"],
        expected_version=form.cleaned_data["version"],
        staff=staff,
        now=timezone.now(),
    )
    return _again(request, pk)


@own_queue
@require_POST
def no_deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Record why nothing was bought."""
    found, staff = mine_of(request, pk)
    form = NoDealForm(request.POST, auto_id="no_deal_%s")
    if not form.is_valid():
        return work(request, found, staff, status=422, no_deal_form=form)
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
    found, staff = mine_of(request, pk)
    services.finish_consultation(consultation=found, staff=staff, now=timezone.now())
    return go(request, reverse("consultations:queue"))


@own_queue
@require_POST
def file_treatment(request: HttpRequest, pk: int) -> HttpResponse:
    """File a treatment that was agreed on in this consultation."""
    found, staff = mine_of(request, pk)
    now = timezone.now()
    form = TreatmentForm(
        request.POST,
        offered=records.offered_projects(),
        doctors=doctors_of(staff, staff.branch.today(now)),
        lines=open_lines(found.visitor),
        auto_id="treatment_%s",
    )
    if not form.is_valid():
        return work(request, found, staff, status=422, treatment_form=form)
    if found.state not in (Consultation.State.IN_ROOM, Consultation.State.FINISHED):
        raise Refused(_("The visitor has not come into your room yet."), code="not_in_room")
    services.file_treatment(
        visitor=found.visitor, consultation=found, branch=found.branch, staff=staff, now=now, **form.cleaned_data
    )
    return _again(request, pk)
