"""The audit log: one entry for each thing somebody did."""

from datetime import datetime
from typing import Any

import structlog
from django.db.models import Model

from clinic.models import AuditEntry, Branch, Staff
from clinic.services.together import write


def record(
    *,
    action: str,
    now: datetime,
    staff: Staff | None,
    branch: Branch | None = None,
    target: Model | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry inside the caller's transaction.

    `action` is `room.verb_noun`; `detail` holds plain JSON without phone or id numbers. Address and request id are
    taken from the request in hand, if there is one.
    """
    context = structlog.contextvars.get_contextvars()
    return write(
        AuditEntry(
            at=now,
            staff=staff,
            branch=branch or (staff.branch if staff else None),
            action=action,
            object_type=target._meta.model_name or "" if target else "",
            object_id=str(target.pk) if target else "",
            detail=detail or {},
            address=context.get("ip") or None,
            request_id=str(context.get("request_id", "")),
        )
    )
