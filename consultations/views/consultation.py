"""One consultation: the visitor, outcome, treatments."""

from collections.abc import Sequence
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.story import matters_of
from clinic.views.onward import go
from clinic.views.say import done
from consultations import services
from consultations.forms.changes import changes_for
from consultations.forms.deals import DealForm, lines_form
from consultations.forms.fields import VersionedForm
from consultations.forms.outcomes import NoDealForm, no_deal_initial
from consultations.forms.treatments import TreatmentForm
from consultations.models import Consultation, Deal
from consultations.selectors import plans, queue, records
from consultations.selectors.deals import deals_seen_by
from consultations.selectors.packages import open_lines
from consultations.selectors.treatments import doctors_of
from consultations.views.plans import plan_context
from consultations.views.record import sections_of
from reception.views.looks import looked_at, looked_at_part
from reception.views.story import asked_by, draw_story

NOT_HERS = (Consultation.State.DECLINED, Consultation.State.WITHDRAWN)
WAITS = Consultation.State.ACCEPTED
FILES_TREATMENTS = (Consultation.State.IN_ROOM, Consultation.State.FINISHED)
own_queue = requires(Capability.WORK_OWN_QUEUE)
readers = requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)


def mine_of(request: HttpRequest, pk: int) -> tuple[Consultation, Staff]:
    """Return the person's own consultation; 404 for everybody else's."""
    staff = staff_of(request)
    return get_object_or_404(records.consultations_seen_by(staff).filter(consultant=staff), pk=pk), staff


def _deal_forms(consultation: Consultation) -> dict[str, Any]:
    """Return the form of a deal: a line for each item of the plan at its price, without one for each of her wishes."""
    wishes: list[dict[str, Any]] = [{"project": str(wish.project_id)} for wish in consultation.visit.wishes.all()]
    if consultation.outcome != Consultation.Outcome.DEAL:
        planned = plans.plan_of(consultation)
        wishes = [
            {"project": str(item.project_id), "sessions": item.sessions, "amount": item.price} for item in planned
        ] or wishes
    return {
        "deal_form": DealForm(initial={"version": consultation.version}, auto_id="deal_%s"),
        "deal_lines": lines_form(offered=records.projects_in(consultation), initial=wishes),
    }


def _treatment_form(consultation: Consultation, staff: Staff, data: QueryDict | None = None) -> TreatmentForm:
    wishes = [wish.project_id for wish in consultation.visit.wishes.all()]
    return TreatmentForm(
        data,
        initial={"project": wishes[0] if len(wishes) == 1 else None},
        offered=records.projects_for(consultation.visitor, consultation.branch_id),
        branch_id=consultation.branch_id,
        doctors=doctors_of(staff, staff.branch.today(timezone.now())),
        lines=open_lines(consultation.visitor),
        auto_id="treatment_%s",
    )


def _choices(consultation: Consultation) -> dict[str, Any]:
    """Return what fits the state of the consultation; the larger forms come when they are unfolded."""
    in_room = consultation.state == Consultation.State.IN_ROOM
    choices: dict[str, Any] = {"may_deal": in_room, "may_file": consultation.state in FILES_TREATMENTS}
    if in_room and consultation.outcome != Consultation.Outcome.DEAL:
        choices["no_deal_form"] = NoDealForm(initial=no_deal_initial(consultation), auto_id="no_deal_%s")
    return choices


def _priced(deals: Sequence[Deal], staff: Staff, *, mine: bool) -> set[int]:
    """Return which of a consultation's deals are shown with their amounts: those whose page opens for the reader.

    Whoever only reads here may see amounts, and yet not of these deals; her own consultant sees them all.
    """
    pks = {deal.pk for deal in deals}
    if not pks or not staff.may(Capability.SEE_AMOUNTS):
        return set()
    return pks if mine else set(deals_seen_by(staff).order_by().filter(pk__in=pks).values_list("pk", flat=True))


def work(
    request: HttpRequest, consultation: Consultation, staff: Staff, *, status: int = 200, **bound: Any
) -> HttpResponse:
    """Answer with the working part of the page for htmx, else with the page; with its head alone when that asks."""
    mine = consultation.consultant_id == staff.pk
    gone = mine and records.given_away(consultation)
    acts = mine and not gone
    deals = list(records.deals_of(consultation))
    context: dict[str, Any] = {
        "consultation": consultation,
        "visit": consultation.visit,
        "visitor": consultation.visitor,
        "mine": mine,
        "gone": gone,
        "room_taken": acts and consultation.state == Consultation.State.ACCEPTED and queue.room_taken(staff),
        "deals": deals,
        "treatments": records.treatments_of(consultation),
        "earlier": records.earlier_in_visit(consultation),
        "participants": records.participants_of(consultation),
        "changes": changes_for(consultation) if acts else [],
        "asks": acts and consultation.state == Consultation.State.IN_ROOM,
        "priced_deals": _priced(deals, staff, mine=mine),
        **(_choices(consultation) if acts else {}),
        **bound,
    }
    context["drawn"] = f"{consultation.state} {consultation.outcome} {context['room_taken'] or ''} {gone:d}"
    if request.headers.get("HX-Target") == "work-state":
        drawn = request.GET.get("drawn", "")
        if drawn == context["drawn"]:
            # Nothing to say: what somebody presses in this moment stays where it is.
            return HttpResponse(status=204)
        # The forms below are drawn anew only where what may be done in them has changed.
        context["came_in"] = drawn.startswith(f"{WAITS} ") and consultation.state == Consultation.State.IN_ROOM
        context["redraws"] = context["came_in"] or drawn[-1:] not in ("", f"{gone:d}")
        return render(request, "consultations/work_state.html", context, status=status)
    if request.headers.get("HX-Request"):
        return render(request, "consultations/work.html", context, status=status)
    context["age"] = consultation.visitor.age_on(consultation.day)
    context["matters"] = matters_of(asked_by(staff, consultation.visitor))
    context["writing"] = mine and consultation.state not in NOT_HERS
    context["sections"] = sections_of(consultation)
    context |= plan_context(consultation, staff)
    return render(request, "consultations/consultation.html", context, status=status)


@readers
@require_GET
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one consultation; its own consultant works in it, others read.

    `?entered=`: a page opened before she came in asks for the plan as well, which is made from now on.
    """
    staff = staff_of(request)
    found = get_object_or_404(records.consultations_seen_by(staff), pk=pk)
    looked_at(request, found.visitor, Screen.CONSULTATION)
    heard = [topics.visitor(found.visitor_id), topics.record(found.pk), topics.plan(found.pk)]
    # Her own queue says when her room is free.
    listen(request, [*heard, topics.queue(staff.pk)] if found.consultant_id == staff.pk else heard)
    if "entered" in request.GET and request.headers.get("HX-Target") == "work":
        return work(request, found, staff, entered=True, **plan_context(found, staff))
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
    # From now on a plan is made beside it.
    found, staff = mine_of(request, pk)
    return work(request, found, staff, entered=True, **plan_context(found, staff))


def _refused(
    request: HttpRequest, found: Consultation, problem: Refused, name: str, form: Form, **bound: Any
) -> HttpResponse:
    """Answer a form that was right and could not be carried out: drawn anew with the reason beside what was typed.

    Raises it again where the form has no place any more.
    """
    found.refresh_from_db()
    fitting = FILES_TREATMENTS if name == "treatment_form" else (Consultation.State.IN_ROOM,)
    if found.state not in fitting:
        raise problem
    if isinstance(problem, Stale) and isinstance(form, VersionedForm):
        form.show_version(found.version)
    form.add_error(None, str(problem.message))
    return work(request, found, staff_of(request), status=problem.status, **{name: form}, **bound)


@own_queue
@require_http_methods(["GET", "POST"])
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was bought; by GET, answer with the form for it."""
    found, staff = mine_of(request, pk)
    if request.method == "GET":
        return render(request, "consultations/work_deal.html", {"consultation": found, **_deal_forms(found)})
    form = DealForm(request.POST, auto_id="deal_%s")
    lines = lines_form(request.POST, offered=records.projects_in(found))
    if not all([form.is_valid(), lines.is_valid()]):
        return work(request, found, staff, status=422, deal_form=form, deal_lines=lines)
    try:
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
    except Refused as problem:
        return _refused(request, found, problem, "deal_form", form, deal_lines=lines)
    done(request, _("The deal is recorded."))
    return _again(request, pk)


@own_queue
@require_POST
def no_deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Record why nothing was bought."""
    found, staff = mine_of(request, pk)
    form = NoDealForm(request.POST, auto_id="no_deal_%s")
    if not form.is_valid():
        return work(request, found, staff, status=422, no_deal_form=form)
    try:
        services.record_no_deal(
            consultation=found,
            reason=form.cleaned_data["reason"],
            call_again_on=form.cleaned_data["call_again_on"],
            expected_version=form.cleaned_data["version"],
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        return _refused(request, found, problem, "no_deal_form", form)
    done(request, _("The outcome is recorded."))
    return _again(request, pk)


@own_queue
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """The visitor leaves; back to the queue."""
    found, staff = mine_of(request, pk)
    services.finish_consultation(consultation=found, staff=staff, now=timezone.now())
    return go(request, reverse("consultations:queue"))


@own_queue
@require_http_methods(["GET", "POST"])
def file_treatment(request: HttpRequest, pk: int) -> HttpResponse:
    """File a treatment that was agreed on in this consultation; by GET, answer with the form for it."""
    found, staff = mine_of(request, pk)
    if request.method == "GET":
        context = {"consultation": found, "treatment_form": _treatment_form(found, staff)}
        return render(request, "consultations/work_treatment.html", context)
    form = _treatment_form(found, staff, request.POST)
    if not form.is_valid():
        return work(request, found, staff, status=422, treatment_form=form)
    if found.state not in FILES_TREATMENTS:
        raise Refused(_("The visitor has not come into your room yet."), code="not_in_room")
    try:
        services.file_treatment(
            visitor=found.visitor,
            consultation=found,
            branch=found.branch,
            staff=staff,
            now=timezone.now(),
            **form.cleaned_data,
        )
    except Refused as problem:
        return _refused(request, found, problem, "treatment_form", form)
    done(request, _("The treatment is filed."))
    return _again(request, pk)
