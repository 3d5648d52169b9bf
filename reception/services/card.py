"""The whole card of a visitor saved at once: what stands on it, and her id paper beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from django.db import transaction

from clinic.models import Staff
from reception.models import Visitor
from reception.services.id_papers import record_id_paper
from reception.services.visitors import CardChanges, change_visitor


@dataclass(frozen=True, slots=True)
class IdChange:
    """What the form says of the id paper; `seen` is the newest change the clerk saw."""

    kind: str = ""
    number: str = ""
    refused: bool = False
    seen: int | None = None


@transaction.atomic
def save_card(
    *,
    visitor: Visitor,
    seen: int | None,
    id_change: IdChange | None,
    staff: Staff,
    now: datetime,
    **changes: Unpack[CardChanges],
) -> Visitor:
    """Change the card and, unless `id_change` is None, the id paper: both or neither. Raises as the two services do."""
    change_visitor(visitor=visitor, seen=seen, staff=staff, now=now, **changes)
    if id_change is not None:
        record_id_paper(
            visitor=visitor,
            kind=id_change.kind,
            number=id_change.number,
            refused=id_change.refused,
            seen=id_change.seen,
            staff=staff,
            now=now,
        )
    return visitor
