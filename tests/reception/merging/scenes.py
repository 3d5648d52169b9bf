"""Two records, and what is chosen of them."""

import json
from datetime import datetime
from typing import Any

from django.core import serializers

from clinic.models import Staff
from reception import services
from reception.models import Merge, Visitor, VisitorKey
from reception.selectors.merging import belongings
from reception.selectors.visitors import (
    latest_history_id,
)
from tests.factories.reception import MORNING, VisitorFactory


def merge(survivor: Visitor, other: Visitor, staff: Staff, now: datetime = MORNING, **keep: str) -> Merge:
    seen = {one.pk: latest_history_id(one) for one in (survivor, other)}
    done = services.merge_visitors(survivor=survivor, other=other, keep=keep, seen=seen, staff=staff, now=now)
    survivor.refresh_from_db()
    other.refresh_from_db()
    return done


def everything(*visitors: Visitor) -> dict[str, Any]:
    """Return every row of every table that names one of these visitors, their records, and their keys."""
    found: dict[str, Any] = {
        kind.address: json.loads(serializers.serialize("json", kind.of(*visitors).order_by("pk")))
        for kind in belongings()
    }
    found["records"] = json.loads(serializers.serialize("json", Visitor.objects.order_by("pk")))
    found["keys"] = sorted(VisitorKey.objects.values_list("visitor", "kind", "key", "last_on", "merged"), key=str)
    return found


def text_of(response: Any) -> str:
    return str(response.content.decode())


def chosen(survivor: Visitor, other: Visitor, **keep: str) -> dict[str, Any]:
    return {
        "other": other.pk,
        "seen_survivor": latest_history_id(survivor),
        "seen_other": latest_history_id(other),
        **{f"keep_{name}": value for name, value in keep.items()},
    }


def pair(**card: Any) -> tuple[Visitor, Visitor]:
    return VisitorFactory(name="王小美", **card), VisitorFactory(name="王小美", **card)
