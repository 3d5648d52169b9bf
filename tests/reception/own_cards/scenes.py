"""A code, a card, and what is typed into it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from reception import services
from reception.models import (
    ConsentText,
    IntakeCard,
)

HTMX = {"HX-Request": "true"}


def page(response: Any) -> str:
    return str(response.content.decode())


def said(**changes: Any) -> dict[str, Any]:
    consents = {f"consent_{kind}": "given" for kind in ConsentText.Kind.values}
    return {"name": "曾小美", "phone": "１３８ 0013 8000", "gender": "female", "age": "28", **consents} | changes


def code_of(clerk: Staff, now: datetime) -> str:
    return services.invite(staff=clerk, now=now)[1]


def card_of(clerk: Staff, now: datetime, **answers: Any) -> IntakeCard:
    invitation, _code = services.invite(staff=clerk, now=now)
    return services.submit_card(invitation=invitation, answers={"name": "曾小美"} | answers, now=now)


def where(code: str) -> str:
    return reverse("reception:own_card", args=[code])


def take(desk: Client, card: IntakeCard, **more: Any) -> Any:
    return desk.post(reverse("reception:card_take", args=[card.pk]), {"version": card.version, **more}, headers=HTMX)


def arrive(desk: Client, card: IntakeCard, **more: Any) -> Any:
    form = {"purpose": "consult", "request_key": str(uuid4()), "card": card.pk, **more}
    return desk.post(reverse("reception:arrival_create"), form, headers=HTMX)


def step(hall: Client, **fields: Any) -> Any:
    return hall.post(reverse("reception:kiosk_card"), fields, headers=HTMX)
