"""One deal with its payments, shares and corrections, and what is open of all deals."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.people import working_at
from clinic.views.onward import go
from clinic.views.say import done
from consultations import services
from consultations.forms.deals import (
    CorrectPaymentForm,
    LinesFormSet,
    PaymentForm,
    ReasonForm,
    SharesFormSet,
    VoidForm,
    lines_form,
    payment_initial,
    shares_form,
)
from consultations.models import Deal, DealShare, Payment
from consultations.selectors import deals as selectors
from consultations.selectors import records
from consultations.services.deals import lines_of
from reception.selectors.visitors import opens_visitor
from reception.views.looks import looked_at

readers = requires(Capability.SEE_AMOUNTS)
writers = requires(Capability.NOTE_PAYMENTS)
PAGE = 50


@readers
@require_GET
def unpaid(request: HttpRequest) -> HttpResponse:
    """Show what is open of deals, the oldest first; a supervisor narrows it to one consultant."""
    staff, now = staff_of(request), timezone.now()
    listen(request, [topics.deals(staff.branch_id)])
    sees_all = staff.may(Capability.VIEW_ALL_VISITORS)
    consultants = list(selectors.consultants_with_unpaid(staff)) if sees_all else []
    chosen = next((one for one in consultants if str(one.pk) == request.GET.get("consultant")), None)
    rows = selectors.unpaid_of(staff, chosen)
    totals = selectors.totals_of(rows)
    paginator = Paginator(selectors.rows_of_unpaid(rows), PAGE)
    # The foot has counted them already.
    paginator.count = totals.number
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.with_days(page, staff.branch, staff.branch.today(now)),
        "totals": totals,
        "consultants": consultants,
        "chosen": chosen,
        "sees_all": sees_all,
        "topic": topics.deals(staff.branch_id),
    }
    template = "unpaid_panel" if request.headers.get("HX-Request") else "unpaid"
    return render(request, f"consultations/{template}.html", context)


def _seen(request: HttpRequest, pk: int) -> tuple[Deal, Staff]:
    staff = staff_of(request)
    return get_object_or_404(selectors.with_particulars(selectors.deals_seen_by(staff)), pk=pk), staff


def _page(request: HttpRequest, found: Deal, staff: Staff, *, status: int = 200, **bound: Any) -> HttpResponse:
    now = timezone.now()
    page = selectors.page_of(found)
    deal = page.deal
    entered_by, entered_at = deal.corrector_id or deal.made_by_id, deal.corrected_at or deal.made_at
    may_note = staff.may(Capability.NOTE_PAYMENTS)
    context: dict[str, Any] = {
        "page": page,
        "deal": deal,
        "account": page.account,
        "visitor": page.visitor,
        "earlier": page.entries[:-1],
        "opened": found,
        "sees_amounts": True,
        "may_note": may_note,
        "may_correct": selectors.may_correct(staff, by=entered_by, at=entered_at, now=now),
        "may_share": staff.may(Capability.CORRECT_DEALS),
        "correctable": {
            one.pk
            for one in page.payments
            if selectors.may_correct(staff, by=one.noted_by_id, at=one.noted_at, now=now)
        },
        "topic": topics.visitor(page.visitor.pk),
    }
    if request.headers.get("HX-Request") and request.method == "GET":
        return render(request, "consultations/deal_now.html", context)
    listen(request, [topics.visitor(page.visitor.pk)])
    context["opens_visitor"] = opens_visitor(staff, page.visitor.pk)
    if may_note:
        initial = payment_initial(
            due=page.account.due,
            received=page.account.received,
            seen=page.latest_payment,
            today=page.account.branch.today(now),
        )
        context["payment_form"] = PaymentForm(initial=initial, auto_id="payment_%s")
    if context["may_correct"] and not deal.void:
        context["void_form"] = VoidForm(auto_id="void_%s")
    return render(request, "consultations/deal_page.html", context | bound | {"wrong": bool(bound)}, status=status)


@readers
@require_GET
def deal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one deal as it stands, with everything that was noted of it."""
    found, staff = _seen(request, pk)
    visitor = selectors.whose(found)
    looked_at(request, visitor, Screen.DEAL)
    return _page(request, found, staff)


@writers
@require_POST
def note_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what was received for a deal, or given back."""
    found, staff = _seen(request, pk)
    form = PaymentForm(request.POST, auto_id="payment_%s")
    if not form.is_valid():
        return _page(request, found, staff, status=422, payment_form=form)
    try:
        services.note_payment(deal=found, staff=staff, now=timezone.now(), **form.cleaned_data)
    except Refused as problem:
        form.refused(problem)
        return _page(request, found, staff, status=problem.status, payment_form=form)
    refund = form.cleaned_data["kind"] == Payment.Kind.REFUND
    done(request, _("The refund is noted.") if refund else _("The payment is noted."))
    return go(request, reverse("consultations:deal_page", args=[pk]))


def _newest_note(payment: Payment) -> Payment:
    """Return the note that stands in the place of a corrected one: what was typed corrects that."""
    followers = {one.corrects_id: one for one in selectors.payments_of(payment.deal)}
    while payment.pk in followers:
        payment = followers[payment.pk]
    return payment


@writers
@require_http_methods(["GET", "POST"])
def payment_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put another note in the place of a mistaken one."""
    staff, status = staff_of(request), 422
    found = get_object_or_404(selectors.payments_seen_by(staff), pk=pk)
    initial = {
        "kind": found.kind,
        "amount": found.amount,
        "received_on": found.received_on,
        "receipt_number": found.receipt_number,
    }
    form = CorrectPaymentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_payment(payment=found, staff=staff, now=timezone.now(), **form.cleaned_data)
        except Refused as problem:
            form.add_error(None, str(problem.message))
            status = problem.status
            if problem.code == "corrected":
                found = _newest_note(found)
        else:
            return go(request, reverse("consultations:deal_page", args=[found.deal_id]))
    context = {"payment": found, "form": form, "visitor": selectors.whose(found.deal)}
    return render(request, "consultations/payment_correct.html", context, status=status if form.is_bound else 200)


def _corrected_meanwhile(problem: Refused, staff: Staff) -> Deal | None:
    """Return the entry that took the place of the deal somebody wanted to correct; None when that is not why."""
    if problem.code != "corrected":
        return None
    seen = selectors.with_particulars(selectors.deals_seen_by(staff))
    return seen.filter(pk=problem.detail["deal"]).first()


def _lines_of(request: HttpRequest, found: Deal) -> LinesFormSet:
    offered = list(records.offered_projects(found.branch_id))
    had = lines_of(found)
    # What was bought once may not be offered any more, and still stands in the deal.
    offered += [line.project for line in had if line.project not in offered]
    initial = [
        {"project": str(line.project.pk), "sessions": line.sessions, "amount": f"{line.amount:.2f}"} for line in had
    ]
    return lines_form(request.POST or None, offered=offered, initial=initial)


@writers
@require_http_methods(["GET", "POST"])
def deal_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Put another entry in the place of a deal; what was typed on an entry corrected meanwhile goes to the newer."""
    found, staff = _seen(request, pk)
    status, newer = 422, None
    lines, form = _lines_of(request, found), ReasonForm(request.POST or None)
    if request.method == "POST" and all([form.is_valid(), lines.is_valid()]):
        try:
            made = services.correct_deal(
                deal=found, lines=lines.lines, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now()
            )
        except Refused as problem:
            form.add_error(None, str(problem.message))
            status, newer = problem.status, _corrected_meanwhile(problem, staff)
            if newer is not None:
                lines = _lines_of(request, newer)
        else:
            return go(request, reverse("consultations:deal_page", args=[made.pk]))
    context = {
        "deal": newer or found,
        "meanwhile": newer,
        "form": form,
        "lines": lines,
        "visitor": selectors.whose(found),
        "wrong": form.is_bound,
    }
    return render(request, "consultations/deal_correct.html", context, status=status if form.is_bound else 200)


@writers
@require_POST
def deal_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that nothing was bought after all."""
    found, staff = _seen(request, pk)
    form = VoidForm(request.POST, auto_id="void_%s")
    if not form.is_valid():
        return _page(request, found, staff, status=422, void_form=form)
    try:
        made = services.void_deal(deal=found, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    except Refused as problem:
        form.add_error(None, str(problem.message))
        return _page(request, found, staff, status=problem.status, void_form=form)
    return go(request, reverse("consultations:deal_page", args=[made.pk]))


@dataclass(slots=True)
class _Shares:
    """The form of one part of a deal's credit. `first`: what is known for the first time needs no reason."""

    deal: Deal
    first: bool
    rows: SharesFormSet
    form: ReasonForm


def _shares_of(request: HttpRequest, found: Deal, part: DealShare.Part) -> _Shares:
    had = found.sales if part == DealShare.Part.SALES else found.execution
    first = part == DealShare.Part.EXECUTION and not had
    here = list(working_at(found.branch, found.branch.today(timezone.now())))
    people = here + [one.staff for one in had if one.staff not in here]
    form = ReasonForm(request.POST or None)
    form.fields["reason"].required = not first
    return _Shares(found, first, shares_form(request.POST or None, people=people, had=had), form)


@writers
@require_http_methods(["GET", "POST"])
def deal_shares(request: HttpRequest, pk: int, credit: str) -> HttpResponse:
    """Say who is credited with the sales or the execution of a deal; as in `deal_correct` it goes to the newest."""
    found, staff = _seen(request, pk)
    status, part, newer = 422, DealShare.Part(credit), None
    asked = _shares_of(request, found, part)
    if request.method == "POST" and all([asked.form.is_valid(), asked.rows.is_valid()]):
        try:
            made = services.share_deal(
                deal=found,
                part=part,
                people=asked.rows.people,
                reason=asked.form.cleaned_data["reason"],
                staff=staff,
                now=timezone.now(),
            )
        except Refused as problem:
            status, newer = problem.status, _corrected_meanwhile(problem, staff)
            if newer is not None:
                asked = _shares_of(request, newer, part)
            asked.form.add_error(None, str(problem.message))
        else:
            return go(request, reverse("consultations:deal_page", args=[made.pk]))
    context = {
        "deal": asked.deal,
        "meanwhile": newer,
        "part": part,
        "first": asked.first,
        "form": asked.form,
        "rows": asked.rows,
        "visitor": selectors.whose(found),
        "wrong": asked.form.is_bound,
    }
    return render(request, "consultations/deal_shares.html", context, status=status if asked.form.is_bound else 200)
