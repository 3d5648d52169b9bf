"""The audit log: one entry for each thing somebody did."""

import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Model

from clinic.models import AuditEntry, Branch, Staff
from clinic.services.together import write
from clinic.statements import Statement, run


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


def record_once(
    *, action: str, now: datetime, within: timedelta, staff: Staff, target: Model, detail: dict[str, Any]
) -> None:
    """Append an entry as `record` does, unless the person has done the same to the same object within this time.

    One statement. Two at the same instant may both be written: that is one entry too many and not one too few.
    """
    context = structlog.contextvars.get_contextvars()
    kind, key = target._meta.model_name or "", str(target.pk)
    run(
        Statement(
            _ONCE,
            {
                "at": now,
                "staff": staff.pk,
                "branch": staff.branch_id,
                "action": action,
                "kind": kind,
                "key": key,
                "detail": json.dumps(detail, ensure_ascii=False),
                "address": context.get("ip") or None,
                "request": str(context.get("request_id", "")),
                "since": now - within,
            },
        )
    )


_ONCE = """
insert into clinic_auditentry (at, staff_id, branch_id, action, object_type, object_id, detail, address, request_id)
select %(at)s::timestamptz, %(staff)s::bigint, %(branch)s::bigint, %(action)s::text, %(kind)s::text, %(key)s::text,
    %(detail)s::jsonb, %(address)s::inet, %(request)s::text
where not exists (
    select from clinic_auditentry
    where object_type = %(kind)s::text and object_id = %(key)s::text and staff_id = %(staff)s::bigint
        and action = %(action)s::text and at > %(since)s::timestamptz)
"""
