"""Photographs in the tests: sent as a browser sends them, agreed to or refused on a form."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from consultations import services
from reception.models import Visitor
from tests.consultations.conftest import Morning


def sent(*files: tuple[str, bytes], **more: Any) -> dict[str, Any]:
    """Return what a browser sends: files by name, a stage, a view and a day."""
    uploads = [SimpleUploadedFile(name, raw, "image/jpeg") for name, raw in files]
    return {"pictures": uploads, "stage": "before", "view": "front", "taken_on": "2026-03-11"} | more


def add(client: Client, visitor: Visitor, *files: tuple[str, bytes], one_by_one: bool = True, **more: Any) -> Any:
    headers = {"HX-Request": "true"} if one_by_one else {}
    address = reverse("consultations:photograph_add", args=[visitor.pk])
    return client.post(address, sent(*files, **more), headers=headers)


def page_of(client: Client, visitor: Visitor, **query: str) -> Any:
    return client.get(reverse("consultations:photographs", args=[visitor.pk]), query)


def by_form(morning: Morning, visitor: Visitor, answer: str, minutes: int = 0, **about: Any) -> None:
    services.note_signed_form(
        visitor=visitor,
        kind="photographs",
        answer=answer,
        staff=morning.doctor,
        now=morning.now + timedelta(minutes=minutes),
        **about,
    )
