"""The plan of a consultation, its quotation, and the discounts that superiors decide about."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.forms.drawing import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.changes import latest_change
from clinic.views import say
from clinic.views.onward import go
from consultations import services
from consultations.forms.plans import LimitsForm, PlanItemForm, RefusalForm, item_initial, new_item
from consultations.models import Consultation, DiscountRequest, PlanItem
from consultations.selectors import plans, records
from reception.views.looks import looked_at

own_queue = requires(Capability.WORK_OWN_QUEUE)
readers = requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)
deciders = requires(Capability.DECIDE_DISCOUNTS)
PAGE = 50
QUOTATION_VALID = timedelta(days=14)
PLANNING = (Consultation.State.IN_ROOM, Consultation.State.FINISHED)


def _form(staff: Staff, *args: Any, item: PlanItem | None = None, **kwargs: Any) -> PlanItemForm:
    offered = records.offered_projects(staff.branch_id, also=Q(pk=item.project_id) if item else None)
    return PlanItemForm(*args, offered=offered, least_percent=plans.limit_of(staff), **kwargs)


def _may_plan(consultation: Consultation) -> bool:
    return consultation.state in PLANNING and not records.given_away(consultation)


def plan_context(consultation: Consultation, staff: Staff) -> dict[str, Any]:
    """Return what the plan's panel shows; with an empty form for the consultation's own consultant."""
    mine = consultation.consultant_id == staff.pk
    rows = plans.plan_as_worked_on(consultation)
    items = [item for item in rows if item.removed_at is None]
    listed, priced = plans.sum_of(items)
    planning = mine and _may_plan(consultation)
    return {
        "plan": [(item, plans.latest_request(item)) for item in items],
        "removed": [item for item in rows if item.removed_at is not None],
        "listed": listed,
        "priced": priced,
        "planning": planning,
        "shows_prices": mine or staff.may(Capability.SEE_AMOUNTS),
        "plan_form": _form(staff, initial=new_item()) if planning else None,
    }


def _panel(
    request: HttpRequest, consultation: Consultation, staff: Staff, *, status: int = 200, **bound: Any
) -> HttpResponse:
    context = {"consultation": consultation, **plan_context(consultation, staff), **bound}
    return render(request, "consultations/plan_panel.html", context, status=status)


def _again(request: HttpRequest, consultation: Consultation, staff: Staff) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:consultation", args=[consultation.pk]))
    return _panel(request, consultation, staff)


@readers
@require_GET
def plan_items(request: HttpRequest, pk: int) -> HttpResponse:
    """Redraw the items of a plan, and leave alone what is being typed; a fragment."""
    staff = staff_of(request)
    found = get_object_or_404(records.consultations_seen_by(staff), pk=pk)
    context = {"consultation": found, **plan_context(found, staff)}
    return render(request, "consultations/plan_items.html", context)


@own_queue
@require_POST
def plan_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan one more project."""
    staff = staff_of(request)
    found = get_object_or_404(records.own_consultations(staff), pk=pk)
    form = _form(staff, request.POST)
    if not form.is_valid():
        return _panel(request, found, staff, status=422, plan_form=form)
    try:
        services.add_plan_item(
            consultation=found,
            what=form.what,
            request_key=form.cleaned_data["request_key"],
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        return _beside(request, found, staff, form, problem)
    return _again(request, found, staff)


def _beside(
    request: HttpRequest,
    consultation: Consultation,
    staff: Staff,
    form: PlanItemForm,
    problem: Refused,
    item: PlanItem | None = None,
) -> HttpResponse:
    """Answer with the form as it was typed, and what is wrong beside its field; anything else is told as ever."""
    match problem.code:
        case "beyond_limit":
            form.add_error("why", str(problem.message))
        case "changed":
            form.look_again(problem)
        case _:
            raise problem
    return _panel(request, consultation, staff, status=problem.status, plan_form=form, plan_item=item)


@own_queue
@require_http_methods(["GET", "POST"])
def plan_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the plan with one item opened; POST says it anew."""
    staff = staff_of(request)
    item = get_object_or_404(plans.items_of(staff), pk=pk)
    found = item.consultation
    if request.method == "GET":
        if not _may_plan(found) or item.removed_at is not None:
            return _panel(request, found, staff)
        waiting = item.discount_requests.filter(state=DiscountRequest.State.WAITING).first()
        form = _form(staff, item=item, initial=item_initial(item, waiting))
        return _panel(request, found, staff, plan_form=form, plan_item=item)
    form = _form(staff, request.POST, item=item)
    if not form.is_valid():
        return _panel(request, found, staff, status=422, plan_form=form, plan_item=item)
    try:
        services.change_plan_item(
            item=item,
            what=form.what,
            expected_version=form.cleaned_data["version"] or 0,
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        return _beside(request, found, staff, form, problem, item)
    return _again(request, found, staff)


@own_queue
@require_POST
def plan_item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item out of the plan."""
    staff = staff_of(request)
    item = get_object_or_404(plans.items_of(staff), pk=pk)
    services.remove_plan_item(item=item, staff=staff, now=timezone.now())
    return _items_again(request, item.consultation, staff)


@own_queue
@require_POST
def plan_item_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an item one place up (`to` = up) or down."""
    staff = staff_of(request)
    item = get_object_or_404(plans.items_of(staff), pk=pk)
    services.move_plan_item(item=item, earlier=request.POST.get("to") == "up", staff=staff, now=timezone.now())
    return _items_again(request, item.consultation, staff)


def _items_again(request: HttpRequest, consultation: Consultation, staff: Staff) -> HttpResponse:
    """Answer with the items alone: what is being typed beside them stays."""
    if not request.headers.get("HX-Request"):
        return _again(request, consultation, staff)
    context = {"consultation": consultation, **plan_context(consultation, staff)}
    return render(request, "consultations/plan_items.html", context)


@readers
@require_GET
def quotation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the quotation of a plan for A4."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(records.consultations_seen_by(staff), pk=pk)
    if found.consultant_id != staff.pk and not staff.may(Capability.SEE_AMOUNTS):
        raise Refused(_("Your role does not show amounts."), code="no_amounts")
    looked_at(request, found.visitor, Screen.CONSULTATION)
    items = list(plans.plan_of(found))
    listed, priced = plans.sum_of(items)
    context = {
        "consultation": found,
        "visitor": found.visitor,
        "hospital": found.branch,
        "items": items,
        "listed": listed,
        "priced": priced,
        "day": found.branch.today(now),
        "valid_until": found.branch.today(now) + QUOTATION_VALID,
        "printed_at": now,
    }
    return render(request, "consultations/quotation.html", context)


def _discounts(request: HttpRequest) -> HttpResponse:
    staff = staff_of(request)
    answered = plans.discounts_of(staff).exclude(state=DiscountRequest.State.WAITING)
    context = {
        "waiting": [(one, RefusalForm(auto_id=f"refuse_{one.pk}_%s")) for one in plans.waiting_discounts(staff)],
        "page": Paginator(answered, PAGE).get_page(request.GET.get("page") or request.POST.get("page")),
        "least": plans.limit_of(staff),
        "topic": topics.discounts(staff.branch_id),
    }
    template = "discounts_panel" if request.headers.get("HX-Request") else "discounts"
    return render(request, f"consultations/{template}.html", context)


@deciders
@require_GET
def discounts(request: HttpRequest) -> HttpResponse:
    """Show who asks to quote below her limit, and what was answered before."""
    listen(request, [topics.discounts(staff_of(request).branch_id)])
    return _discounts(request)


@deciders
@require_GET
def discount_count(request: HttpRequest) -> HttpResponse:
    """Answer how many requests wait; nothing for none."""
    number = plans.waiting_discounts(staff_of(request)).count()
    return HttpResponse(str(number) if number else "")


@deciders
@require_GET
def discount_notice(request: HttpRequest) -> HttpResponse:
    """Show a superior, on whatever page she is, who asks for a discount; a fragment."""
    context = {"waiting": plans.waiting_discounts(staff_of(request))[:3]}
    return render(request, "consultations/discount_notice.html", context)


@deciders
@require_POST
def discount_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a price."""
    staff = staff_of(request)
    found = get_object_or_404(plans.discounts_of(staff), pk=pk)
    services.answer_discount(request=found, approve=True, answer="", staff=staff, now=timezone.now())
    return _discounts(request) if request.headers.get("HX-Request") else redirect("consultations:discounts")


@deciders
@require_POST
def discount_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a price, with the reason."""
    staff = staff_of(request)
    found = get_object_or_404(plans.discounts_of(staff), pk=pk)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say why it is refused."), code="answer_missing")
    answer = form.cleaned_data["answer"]
    services.answer_discount(request=found, approve=False, answer=answer, staff=staff, now=timezone.now())
    return _discounts(request) if request.headers.get("HX-Request") else redirect("consultations:discounts")


@own_queue
@require_GET
def discount_answers(request: HttpRequest) -> HttpResponse:
    """Show a consultant, on whatever page she is, what was answered; a fragment."""
    return render(
        request, "consultations/discount_answers.html", {"answers": plans.unseen_answers(staff_of(request))[:3]}
    )


@own_queue
@require_POST
def discount_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the notice of an answer go."""
    staff = staff_of(request)
    found = get_object_or_404(plans.asked_by(staff), pk=pk)
    services.see_discount_answer(request=found, staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return redirect("consultations:queue")
    return render(request, "consultations/discount_answers.html", {"answers": plans.unseen_answers(staff)[:3]})


@requires(Capability.MANAGE_POLICY)
@require_http_methods(["GET", "POST"])
def discount_limits(request: HttpRequest) -> HttpResponse:
    """Show and set how much each role may take off the list price."""
    manager, status = staff_of(request), 422
    drawn = {"seen": latest_change(Branch, manager.branch_id)}
    form = LimitsForm(request.POST or None, limits=plans.limits_at(manager.branch), initial=drawn)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_discount_limits(
                branch=manager.branch,
                limits=form.limits,
                seen=form.cleaned_data["seen"],
                staff=manager,
                now=timezone.now(),
            )
        except Stale as problem:
            form.look_again(problem)
            status = problem.status
        else:
            say.done(request, _("The discount limits are saved."))
            return redirect("consultations:discount_limits")
    return render(request, "consultations/discount_limits.html", {"form": form}, status=status if form.errors else 200)
