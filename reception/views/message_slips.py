"""Message slips: what somebody called about, on the screen of the person it is for, and her answer."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import signed_in, staff_of
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from reception import services
from reception.forms import UNREAD, LogStepForm
from reception.log_words import without_phones
from reception.selectors.day_log import (
    SLIP_LATE_AFTER,
    log_rows,
    message_slip_of,
    message_slips_of,
    unseen_message_slips,
)
from reception.views.reveals import reveal_entry

PAGE = 50


@signed_in
@require_GET
def message_slips(request: HttpRequest) -> HttpResponse:
    """Show a person her message slips, the open ones first."""
    staff = staff_of(request)
    listen(request, [topics.staff(staff.pk)])
    return render(request, "reception/message_slips.html", _slips(request, staff))


@signed_in
@require_GET
def message_slips_panel(request: HttpRequest) -> HttpResponse:
    """Answer with her message slips alone."""
    return render(request, "reception/message_slips.html#slips", _slips(request, staff_of(request)))


@signed_in
@require_GET
def message_slip_notice(request: HttpRequest) -> HttpResponse:
    """Show the message slips she has not seen, above every page of hers."""
    return _notice(request, staff_of(request))


@signed_in
@require_POST
def message_slip_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down her answer: `seen`, `done`, or `answered` with a text."""
    staff = staff_of(request)
    entry = get_object_or_404(message_slip_of(staff, pk))
    form, now = LogStepForm(request.POST), timezone.now()
    if not form.is_valid():
        raise refusal(form, UNREAD, code="step")
    what, text = form.cleaned_data["what"], form.cleaned_data["text"]
    if what == "seen":
        services.see_message_slip(entry=entry, staff=staff, now=now)
    else:
        services.settle_entry(entry=entry, what=what, text=text, staff=staff, now=now)
    if not request.headers.get("HX-Request"):
        return redirect("reception:message_slips")
    if request.POST.get("from") == "notice":
        return _notice(request, staff)
    return render(request, "reception/message_slips.html#slips", _slips(request, staff))


@signed_in
@require_http_methods(["GET", "POST"])
def message_slip_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the call-back number of her slip in full; that it was shown, and what for, is recorded."""
    staff = staff_of(request)
    entry = get_object_or_404(message_slip_of(staff, pk))
    return reveal_entry(request, entry, staff, reverse("reception:message_slips"))


def _notice(request: HttpRequest, staff: Staff) -> HttpResponse:
    waiting = [
        {"entry": entry, "name": without_phones(entry.name), "text": without_phones(entry.text)}
        for entry in unseen_message_slips(staff)
    ]
    return render(request, "reception/message_slip_notice.html", {"slips": waiting, "late_after": SLIP_LATE_AFTER})


def _slips(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    page = Paginator(message_slips_of(staff), PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": log_rows(page.object_list, staff.branch.today(timezone.now())),
        "topic": topics.staff(staff.pk),
        "late_after": SLIP_LATE_AFTER,
        "zone": staff.branch.time_zone,
    }
