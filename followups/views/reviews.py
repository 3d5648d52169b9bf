"""Urgent reviews: what a doctor is asked about visitors who are not well, and what they are told."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from followups import selectors, services
from followups.forms import ReviewForm
from followups.models import CallAnswer, CallBack, UrgentReview
from reception.views.looks import looked_at

PAGE = 50

# Whoever operates is asked, and whoever heads a department may be: a doctor, a nurse or a supervisor. Each finds hers.
readers = requires(
    Capability.ANSWER_REVIEWS,
    Capability.VIEW_DEPARTMENT_BOARD,
    Capability.ANSWER_ESCALATIONS,
    Capability.SUPERVISE_DAY,
    Capability.WORK_CALL_BACKS,
)
agents = requires(Capability.WORK_CALL_BACKS)


def _list(request: HttpRequest) -> dict[str, Any]:
    staff = staff_of(request)
    over = request.GET.get("show") == "told"
    rows = selectors.reviews_over(staff) if over else selectors.reviews_in_hand(staff)
    return {
        "over": over,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "zone": staff.branch.time_zone,
        "now": timezone.now(),
        "listen": topics.staff(staff.pk),
        "listen_calls": topics.call_backs(staff.branch_id) if staff.may(Capability.WORK_CALL_BACKS) else "",
    }


@readers
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """Show the reviews this person answers or sees to, hers that wait first."""
    staff = staff_of(request)
    if staff.may(Capability.WORK_CALL_BACKS):
        listen(request, [topics.call_backs(staff.branch_id)])
    return render(request, "followups/reviews.html", _list(request))


@readers
@require_GET
def reviews_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list alone."""
    return render(request, "followups/reviews_panel.html", _list(request))


@readers
@require_GET
def review_count(request: HttpRequest) -> HttpResponse:
    """Answer how many reviews wait for this person's answer; nothing for none."""
    number = selectors.number_asked(staff_of(request))
    return HttpResponse(str(number) if number else "")


@readers
@require_GET
def review_notice(request: HttpRequest) -> HttpResponse:
    """Show above every page what she is asked, what is overdue in her department, and what doctors answered her."""
    return _notice(request)


def _notice(request: HttpRequest) -> HttpResponse:
    return render(request, "followups/review_notice.html", {"notice": selectors.review_notice(staff_of(request))})


def _found(request: HttpRequest, pk: int) -> UrgentReview:
    answers = Prefetch("attempt__answers", CallAnswer.objects.select_related("question"))
    return get_object_or_404(selectors.reviews_seen_by(staff_of(request)).prefetch_related(answers), pk=pk)


def _page(
    request: HttpRequest, found: UrgentReview, form: ReviewForm | None = None, problem: Refused | None = None
) -> HttpResponse:
    staff = staff_of(request)
    context = {
        "review": found,
        "form": form or ReviewForm(),
        "problem": problem,
        "answers_it": found.answered_at is None and selectors.reviews_answered_by(staff).filter(pk=found.pk).exists(),
        "calls": staff.may(Capability.WORK_CALL_BACKS),
        "zone": found.branch.time_zone,
        "age": found.visitor.age_on(found.branch.today(timezone.now())),
        "listen": topics.staff(staff.pk),
    }
    status = problem.status if problem else 422 if form else 200
    return render(request, "followups/review.html", context, status=status)


@readers
@require_GET
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is known about a visitor who is not well, and ask what is done."""
    found = _found(request, pk)
    looked_at(request, found.visitor, Screen.CALL_BACK)
    return _page(request, found)


@readers
@require_POST
def review_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that she has looked at it: the notice rings no more."""
    found = get_object_or_404(selectors.reviews_answered_by(staff_of(request)), pk=pk)
    services.see_review(review=found, staff=staff_of(request), now=timezone.now())
    if not request.headers.get("HX-Request"):
        return go(request, reverse("followups:review", args=[found.pk]))
    return _notice(request)


@readers
@require_POST
def review_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the doctor's answer; what was typed stays when somebody was faster."""
    found, staff, form = _found(request, pk), staff_of(request), ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        services.answer_review(review=found, staff=staff, now=timezone.now(), **form.outcome)
    except Refused as problem:
        return _page(request, _found(request, pk), form, problem)
    told = {"name": found.visitor, "agent": found.asked_by}
    done(request, _("Answered: %(name)s. %(agent)s is told at once.") % told)
    return go(request, reverse("followups:reviews"))


@agents
@require_POST
def review_told(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the visitor was told what the doctor said."""
    found = get_object_or_404(selectors.reviews_seen_by(staff_of(request)), pk=pk)
    services.tell_visitor(review=found, staff=staff_of(request), now=timezone.now())
    done(request, _("Noted that %(name)s was told.") % {"name": found.visitor})
    if request.POST.get("from") == "reviews":
        return go(request, reverse("followups:reviews"))
    return go(request, reverse("followups:card", args=[found.attempt.call_back_id]))


@agents
@require_GET
def card_reviews(request: HttpRequest, pk: int) -> HttpResponse:
    """Redraw what doctors were asked about the visitor of a card."""
    call = get_object_or_404(CallBack.objects.filter(branch=staff_of(request).branch_id), pk=pk)
    return render(request, "followups/card_reviews.html", reviews_for_card(call) | {"call": call})


def reviews_for_card(call: CallBack) -> dict[str, Any]:
    """Return what a card shows of reviews and of complaints her calls wait for. Two queries."""
    shown = selectors.reviews_on_card(call, timezone.now())
    pauses = selectors.pauses_of(call.visitor_id)
    return {
        "reviews": shown,
        "unreviewed": any(one.told_at is None and one.attempt.call_back_id == call.pk for one in shown),
        "to_tell": any(one.answered_at and not one.told_at for one in shown),
        "pauses": pauses,
        "complained": any(bar.ended_at is None for bar in pauses),
        "listen_visitor": topics.visitor(call.visitor_id),
        "zone": call.branch.time_zone,
    }


@requires(Capability.SUPERVISE_CALL_BACKS)
@require_GET
def paused(request: HttpRequest) -> HttpResponse:
    """Show whose calls wait until which complaint is closed."""
    staff = staff_of(request)
    listen(request, [topics.call_backs(staff.branch_id)])
    page = Paginator(selectors.pauses_standing(staff.branch), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.with_calls(list(page), staff.branch),
        "today": staff.branch.today(timezone.now()),
        "zone": staff.branch.time_zone,
        "listen": topics.call_backs(staff.branch_id),
    }
    return render(request, "followups/paused.html", context)
