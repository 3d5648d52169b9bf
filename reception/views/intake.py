"""At the desk: codes for visitors' own cards, the cards that have come, and the kiosks in the hall."""

from typing import Any

from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.models import Staff
from clinic.roles import Capability
from reception import qr, services
from reception.devices import KIOSK, is_loopback
from reception.forms import KioskForm
from reception.selectors.intake import SHOWN, card_at, cards_at, invitation_of, kiosk_in_branch, kiosks_of
from reception.selectors.visitors import visitor_seen_by
from reception.services.intake import LASTS
from reception.views.arrival_form import arrival_of_card

PAGE = 20

at_desk = requires(Capability.REGISTER_VISITORS)


@at_desk
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """Answer with the cards that wait at the desk; a fragment of the desk's page."""
    return render(request, "reception/cards.html", _cards(staff_of(request)))


@at_desk
@require_POST
def invitation_create(request: HttpRequest) -> HttpResponse:
    """Make a code for one card and show it as a QR code, once."""
    staff = staff_of(request)
    invitation, code = services.invite(staff=staff, now=timezone.now())
    address = request.build_absolute_uri(reverse("reception:own_card", args=[code]))
    context = {
        "invitation": invitation,
        "address": address,
        "picture": qr.draw(address, css_class="card-code-drawn", margin=4),
        "minutes": int(LASTS.total_seconds() // 60),
        "topic": topics.cards(staff.branch_id),
        "only_here": is_loopback(request.get_host()),
    }
    return render(request, "reception/cards.html#invitation", context)


@at_desk
@require_GET
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer 204 while a code can still be used; with nothing, which takes its picture away, once it cannot."""
    found = get_object_or_404(invitation_of(staff_of(request), pk))
    waits = found.used_at is None and found.expires_at > timezone.now()
    return HttpResponse(status=204) if waits else HttpResponse("")


@at_desk
@require_POST
def card_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a card over into the arrival form, of `visitor` if the clerk knows who it is."""
    staff = staff_of(request)
    card = get_object_or_404(card_at(staff, pk))
    known = None
    if number := request.POST.get("visitor", ""):
        known = get_object_or_404(visitor_seen_by(staff, number_in(number) or 0))
    seen = number_in(request.POST.get("version", "")) or 0
    card = services.take_card(card=card, seen=seen, staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return redirect("reception:desk")
    return render(request, "reception/desk.html#arrival", arrival_of_card(staff, card, known))


@at_desk
@require_POST
def card_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a card aside that nobody needs; answer with those that are left."""
    staff = staff_of(request)
    card = get_object_or_404(card_at(staff, pk))
    seen = number_in(request.POST.get("version", "")) or 0
    services.drop_card(card=card, seen=seen, staff=staff, now=timezone.now())
    return render(request, "reception/cards.html", _cards(staff))


@at_desk
@require_GET
def kiosks(request: HttpRequest) -> HttpResponse:
    """List the kiosks of the branch, and set up this screen as one."""
    return _kiosks(request, staff_of(request), KioskForm(), 200)


@at_desk
@require_POST
def kiosk_start(request: HttpRequest) -> HttpResponse:
    """Make this browser a kiosk: it keeps a token of its own, and the clerk is signed out here."""
    staff = staff_of(request)
    form = KioskForm(request.POST)
    if not form.is_valid():
        return _kiosks(request, staff, form, 422)
    _kiosk, token = services.start_kiosk(label=form.cleaned_data["label"], staff=staff, now=timezone.now())
    logout(request)
    response = redirect("reception:kiosk")
    KIOSK.give(response, token)
    return response


@at_desk
@require_POST
def kiosk_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a kiosk of the branch."""
    staff = staff_of(request)
    kiosk = get_object_or_404(kiosk_in_branch(staff, pk))
    services.end_kiosk(kiosk=kiosk, staff=staff, now=timezone.now())
    return redirect("reception:kiosks")


def _cards(staff: Staff) -> dict[str, Any]:
    found = list(cards_at(staff.branch, timezone.now())[: SHOWN + 1])
    return {
        "cards": found[:SHOWN],
        "more": len(found) > SHOWN,
        "topic": topics.cards(staff.branch_id),
    }


def _kiosks(request: HttpRequest, staff: Staff, form: KioskForm, status: int) -> HttpResponse:
    now = timezone.now()
    context = {
        "form": form,
        "page": Paginator(kiosks_of(staff.branch), PAGE).get_page(request.GET.get("page")),
        "too_old": now - KIOSK.lasts,
    }
    return render(request, "reception/kiosks.html", context, status=status)
