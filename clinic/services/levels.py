"""Membership levels change, and with them who has which."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from clinic.models import Job, MembershipLevel, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, jobs
from clinic.services.meanwhile import refuse_if_changed
from clinic.services.turns import one_at_a_time

MOST = 20
_SUBJECT = "membership levels"


def levels_stand() -> None:
    """Keep the levels as they are until the caller's transaction ends; others may do so at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_SUBJECT])


@transaction.atomic
def add_level(*, name: str, name_en: str, from_amount: Decimal, staff: Staff, now: datetime) -> Job:
    """Add a level; return the job that gives it to whoever has it from now on.

    Raises Refused `amount_taken`, `amount_missing`, and `too_many` beyond twenty.
    """
    one_at_a_time(_SUBJECT)
    _check_amount(from_amount)
    if MembershipLevel.objects.count() >= MOST:
        raise Refused(_("There are twenty levels already. Change or remove one."), code="too_many")
    level = MembershipLevel.objects.create(name=name, name_en=name_en, from_amount=from_amount)
    audit.record(action="clinic.add_level", now=now, staff=staff, target=level)
    return _give_out(staff, now)


@transaction.atomic
def change_level(
    *, level: MembershipLevel, changes: Mapping[str, object], seen: int | None = None, staff: Staff, now: datetime
) -> Job | None:
    """Set a level's names or the amount it begins at; return the job that gives it out anew, None for names alone.

    Raises Refused `amount_taken` and `amount_missing`; Stale `changed_meanwhile` when it was changed after the audit
    entry `seen`, `level_gone` when it was removed.
    """
    one_at_a_time(_SUBJECT)
    _refresh(level)
    refuse_if_changed(level, seen=seen, by=("clinic.change_level",))
    changed = sorted(name for name, value in changes.items() if getattr(level, name) != value)
    if not changed:
        return None
    for name in changed:
        setattr(level, name, changes[name])
    if "from_amount" in changed:
        _check_amount(level.from_amount, but=level.pk)
    level.save(update_fields=changed)
    audit.record(action="clinic.change_level", now=now, staff=staff, target=level, detail={"changed": changed})
    return _give_out(staff, now) if "from_amount" in changed else None


@transaction.atomic
def remove_level(*, level: MembershipLevel, staff: Staff, now: datetime) -> Job:
    """Remove a level; who had it has the next lower one when the returned job is done. Raises Stale `level_gone`."""
    one_at_a_time(_SUBJECT)
    _refresh(level)
    detail = {"name": level.name, "name_en": level.name_en}
    audit.record(action="clinic.remove_level", now=now, staff=staff, target=level, detail=detail)
    level.delete()
    return _give_out(staff, now)


def _refresh(level: MembershipLevel) -> None:
    try:
        level.refresh_from_db()
    except MembershipLevel.DoesNotExist:
        raise Stale(_("This level was removed meanwhile."), code="level_gone") from None


def _check_amount(amount: Decimal, but: int = 0) -> None:
    if amount <= 0:
        raise Refused(_("A level begins at more than nothing."), code="amount_missing")
    if MembershipLevel.objects.filter(from_amount=amount).exclude(pk=but).exists():
        raise Refused(_("Another level begins at this amount."), code="amount_taken")


def _give_out(staff: Staff, now: datetime) -> Job:
    return jobs.start(kind="reception.recompute_levels", staff=staff, now=now)
