"""The card a visitor fills in herself: on her phone by a code, or at a kiosk. Nobody is signed in here.

What is answered does not depend on who is known to the hospital: nothing on file is read.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import public
from clinic.models import Branch
from clinic.problems import Refused
from clinic.services.sign_ins import address_of
from reception import services
from reception.devices import KIOSK
from reception.forms import OwnCardForm, OwnConsentsForm
from reception.models import IntakeInvitation, KioskDevice
from reception.selectors.consents import texts_in_force
from reception.selectors.intake import kiosk_of, open_invitation
from reception.services.intake import note_kiosk_use
from reception.services.public_requests import (
    MOST_OF_A_BRANCH,
    MOST_OF_A_CODE,
    MOST_OF_A_KIOSK,
    MOST_OF_AN_ADDRESS,
    SPAN,
    may_ask,
)

LANGUAGES = dict(settings.LANGUAGES)
View = Callable[..., HttpResponse]


def outside(view: View) -> View:
    """Draw a view in the language the visitor chose, kept and told nowhere."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.POST.get("switch") or request.POST.get("language", "")
        language = chosen if chosen in LANGUAGES else translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(language):
            response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Content-Language"] = language
        return response

    return guarded


# The code in the address is what allows a card to be sent, and no cookie is. With no-referrer a browser sends
# `Origin: null`, which the check against forged requests would turn down.
@public
@csrf_exempt
@outside
@require_http_methods(["GET", "POST"])
def own_card(request: HttpRequest, code: str) -> HttpResponse:
    """Show the card of a code, take it, and thank. Used, expired and unknown codes get one and the same page."""
    now = timezone.now()
    invitation = open_invitation(code, now)
    if invitation is None:
        return _gone(request) if _address_may_ask(request) else _too_many(request)
    if not may_ask(subject=f"code {invitation.pk}", most=MOST_OF_A_CODE, now=now):
        return _too_many(request)
    form, consents = _forms(request, invitation.branch)
    if request.method == "GET" or "switch" in request.POST:
        return _draw(request, "form", form, consents)
    return _send(request, form, consents, invitation=invitation)


@public
@outside
@require_GET
def kiosk(request: HttpRequest) -> HttpResponse:
    """Show the first page of a kiosk, where the language is chosen."""
    found = kiosk_of(KIOSK.token_in(request), timezone.now())
    if refusal := _refuse_kiosk(request, found):
        return refusal
    assert found is not None
    note_kiosk_use(kiosk=found, now=timezone.now())
    return render(request, "reception/kiosk.html", {"languages": settings.LANGUAGES})


@public
@outside
@require_POST
def kiosk_card(request: HttpRequest) -> HttpResponse:
    """Answer with the next step of the card at a kiosk; a fragment, so that the browser keeps no page of it."""
    found = kiosk_of(KIOSK.token_in(request), timezone.now())
    if refusal := _refuse_kiosk(request, found):
        return refusal
    assert found is not None
    form, consents = _forms(request, found.branch)
    step = request.POST.get("step", "")
    if "declined" in request.POST or step == "consents":
        return _send(request, form, consents, kiosk=found)
    if step == "card":
        checked = OwnCardForm(request.POST, today=form.today)
        if checked.is_valid():
            return _draw(request, "consents", checked, consents, kiosk=found)
        return _draw(request, "form", checked, consents, kiosk=found, status=422)
    return _draw(request, "form", form, consents, kiosk=found)


def _refuse_kiosk(request: HttpRequest, kiosk: KioskDevice | None) -> HttpResponse | None:
    """Count a request of a kiosk and return None; a page when it is none, or asks too often."""
    if kiosk is None:
        return _no_kiosk(request) if _address_may_ask(request) else _too_many(request)
    within = may_ask(subject=f"kiosk {kiosk.pk}", most=MOST_OF_A_KIOSK, now=timezone.now())
    return None if within else _too_many(request)


def _address_may_ask(request: HttpRequest) -> bool:
    """Count a request that brings nothing the hospital gave out: one address cannot lock a kiosk or another's code."""
    return may_ask(subject=f"address {address_of(request)}", most=MOST_OF_AN_ADDRESS, now=timezone.now())


def _forms(request: HttpRequest, branch: Branch) -> tuple[OwnCardForm, OwnConsentsForm]:
    """Return both forms with what was typed so far, not judged yet."""
    now = timezone.now()
    today = branch.today(now)
    typed = {name: value for name, value in request.POST.items() if value}
    texts = texts_in_force(today)
    form = OwnCardForm(initial={"request_key": uuid4()} | typed, today=today)
    return form, OwnConsentsForm(initial=typed, texts=texts)


def _send(
    request: HttpRequest,
    form: OwnCardForm,
    consents: OwnConsentsForm,
    *,
    invitation: IntakeInvitation | None = None,
    kiosk: KioskDevice | None = None,
) -> HttpResponse:
    """Judge what was typed and lay it before the desk."""
    declined = "declined" in request.POST
    judged = OwnCardForm(request.POST, today=form.today, declined=declined)
    agreed = OwnConsentsForm(request.POST, texts=consents.texts)
    if declined:
        right = judged.is_valid() or "name" not in judged.errors
        answers = {"name": judged.cleaned_data.get("name", ""), "card_declined": True, "consents": {}}
        agreed = consents
    else:
        right = judged.is_valid() & agreed.is_valid()
        answers = {**judged.answers, "consents": agreed.answers} if right else {}
    if not right:
        wrong = "consents" if kiosk and not judged.errors else "form"
        return _draw(request, wrong, judged, agreed, kiosk=kiosk, status=422)
    now = timezone.now()
    branch = (invitation or kiosk).branch  # type: ignore[union-attr]
    if not may_ask(subject=f"branch {branch.pk}", most=MOST_OF_A_BRANCH, now=now):
        return _too_many(request)
    try:
        services.submit_card(
            invitation=invitation,
            kiosk=kiosk,
            answers=answers,
            request_key=judged.cleaned_data.get("request_key") if kiosk else None,
            now=now,
        )
    except Refused:
        return _gone(request)
    return _draw(request, "done", judged, agreed, kiosk=kiosk)


def _draw(
    request: HttpRequest,
    step: str,
    form: OwnCardForm,
    consents: OwnConsentsForm,
    *,
    kiosk: KioskDevice | None = None,
    status: int = 200,
) -> HttpResponse:
    part = "#card" if request.headers.get("HX-Request") or kiosk is not None else ""
    context = {"step": step, "form": form, "consents": consents, "kiosk": kiosk}
    return render(request, f"reception/own_card.html{part}", context, status=status)


def _page(request: HttpRequest, why: str, status: int) -> HttpResponse:
    part = "#no_card" if request.headers.get("HX-Request") else ""
    return render(request, f"reception/no_card.html{part}", {"why": why}, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    return _page(request, "gone", 404)


def _no_kiosk(request: HttpRequest) -> HttpResponse:
    return _page(request, "kiosk", 404)


def _too_many(request: HttpRequest) -> HttpResponse:
    response = _page(request, "too_many", 429)
    response.headers["Retry-After"] = str(int(SPAN.total_seconds()))
    return response
