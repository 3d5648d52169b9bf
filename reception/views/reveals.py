"""A whole number is shown against a reason: one key where a page has the small menu, a page of its own without it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.forms import refusal
from clinic.models import Staff
from clinic.reasons import Reason
from reception import services
from reception.forms import RevealForm
from reception.log_words import without_phones
from reception.models import Appointment, LogEntry, PreReport
from reception.selectors.day_log import log_rows

Shown = Callable[[dict[str, Any]], dict[str, Any]]


def reveal(request: HttpRequest, template: str, shown: Shown, *, whose: str, back: str) -> HttpResponse:
    """Answer GET with the page that asks what the number is for, POST with `template` and what `shown` returns.

    `shown` is given the arguments `reason` and `words` of a service. `whose` and `back` are for the page: whose number
    it is, and where the reader came from. Raises Refused `reason` for a fragment without one.
    """
    form = RevealForm(request.POST if request.method == "POST" else None)
    page = {"form": form, "whose": whose, "back": back, "reasons": Reason.choices}
    if form.is_valid():
        context = shown(form.cleaned_data)
        if request.headers.get("HX-Request"):
            return render(request, template, context)
        return render(request, "reception/reveal.html", page | context | {"shown": template})
    if form.is_bound and request.headers.get("HX-Request"):
        raise refusal(form, _("Say what you need the number for: it is recorded that you looked."), code="reason")
    return render(request, "reception/reveal.html", page, status=422 if form.is_bound else 200)


def reveal_entry(request: HttpRequest, entry: LogEntry, staff: Staff, back: str) -> HttpResponse:
    """Do the same for the phone numbers of an entry of the day log."""

    def shown(why: dict[str, Any]) -> dict[str, Any]:
        phone = services.reveal_log_phone(entry=entry, staff=staff, now=timezone.now(), **why)
        return {"entry": entry, "phone": phone, "whole": log_rows([entry], entry.day)[0].whole}

    return reveal(request, "reception/_log_phone.html", shown, whose=without_phones(entry.name), back=back)


def reveal_announced(request: HttpRequest, thing: PreReport | Appointment, staff: Staff, back: str) -> HttpResponse:
    """Do the same for the phone of a pre-report or an appointment."""

    def shown(why: dict[str, Any]) -> dict[str, Any]:
        phone = services.reveal_announced_phone(thing=thing, staff=staff, now=timezone.now(), **why)
        kind = "report" if isinstance(thing, PreReport) else "appointment"
        return {"thing": thing, "kind": kind, "phone": phone}

    return reveal(request, "reception/_announced_phone.html", shown, whose=thing.name, back=back)
