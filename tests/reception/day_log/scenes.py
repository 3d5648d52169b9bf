"""A line as it is typed, a slip, a parcel."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from reception import services
from reception.models import LogEntry

HTMX = {"HX-Request": "true"}


NAMES = ["曾", "王" * 50, "O'Brien <b>", "👩🏽‍⚕️ 小美"]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def line(kind: str = "call", **typed: Any) -> dict[str, Any]:
    return {"line": kind, "request_key": str(uuid4())} | typed


def write(client: Client, kind: str = "call", **typed: Any) -> Any:
    return client.post(reverse("reception:day_log_write"), line(kind, **typed), headers=HTMX)


def slip(branch: Branch, consultant: Staff, clerk: Staff, now: datetime, **said: Any) -> LogEntry:
    said = {"name": "周女士", "text": "请回电改约", "phone": "+8613800138000"} | said
    return services.write_entry(branch=branch, kind="call", for_staff=consultant, staff=clerk, now=now, **said)


def parcel(branch: Branch, clerk: Staff, now: datetime, **said: Any) -> LogEntry:
    return services.write_entry(branch=branch, kind="parcel", staff=clerk, now=now, **({"for_name": "装修队"} | said))
