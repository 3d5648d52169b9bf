"""Owners working their calls: who holds a card, what a try led to, and what the supervisor does with the rest."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce
from followups.due import next_try
from followups.models import CallBar, OwnerCall, OwnerCallTry
from followups.selectors import owner_calls as reads
from followups.services.building import hold_building
from followups.services.cards import LEASE, one_hand, refuse_changed, refuse_closed, refuse_held
from followups.services.days import first_call_day, rules_of
from followups.services.owner_building import hold_owner_building
from followups.services.wishes import bar_calls
from reception import services as reception

_Result = OwnerCallTry.Result
_State = OwnerCall.State
_Reason = OwnerCall.Reason
_BARS = (_Result.DO_NOT_CALL, _Result.DECEASED)
# What ends a call, with the reason it is closed for.
_ENDS = {
    _Result.COMES: _Reason.REACHED,
    _Result.REFUSED: _Reason.REFUSED,
    _Result.DO_NOT_CALL: _Reason.BARRED,
    _Result.DECEASED: _Reason.BARRED,
    # The number has to be found first: the supervisor sees to it.
    _Result.WRONG_NUMBER: _Reason.UNREACHED,
}


def _locked(call: OwnerCall) -> OwnerCall:
    # The holder is not joined: after waiting for the lock the row is read again, the rows joined to it are not.
    rows = OwnerCall.objects.select_for_update(of=("self",)).select_related("branch", "visitor")
    return rows.get(pk=call.pk)


def _announce(call: OwnerCall, *, visitor: bool = False) -> None:
    named = [topics.owner_calls(call.branch_id)]
    announce(topics=[*named, topics.visitor(call.visitor_id)] if visitor else named)


def _hold(row: OwnerCall, staff: Staff, now: datetime) -> OwnerCall:
    OwnerCall.objects.filter(held_by=staff).exclude(pk=row.pk).update(held_by=None, held_until=None)
    row.held_by, row.held_until = staff, now + LEASE
    row.save(update_fields=["held_by", "held_until"])
    _announce(row)
    return row


@transaction.atomic
def take_owner_call(*, call: OwnerCall, staff: Staff, now: datetime) -> OwnerCall:
    """Give the card to this person for LEASE; cards she held before become free.

    Raises Stale `held` while another person holds it, and `closed` when it is no longer to be called.
    """
    one_hand(OwnerCall, staff)
    row = _locked(call)
    refuse_closed(row, staff)
    refuse_held(row, staff, now)
    return _hold(row, staff, now)


@transaction.atomic
def take_next_owner_call(*, staff: Staff, place: reads.Place, now: datetime) -> OwnerCall | None:
    """Take the first card of a list that nobody holds and whose hour has come; None when there is none left."""
    one_hand(OwnerCall, staff)
    rows = reads.free_owner_calls(staff=staff, place=place, now=now)
    row = rows.select_for_update(of=("self",), skip_locked=True).first()
    return _hold(row, staff, now) if row is not None else None


@transaction.atomic
def renew_owner_call(*, call: OwnerCall, staff: Staff, now: datetime) -> datetime:
    """Lengthen the lease while the card stays open on the screen; return when it ends. Raises as `take_owner_call`."""
    row = _locked(call)
    refuse_closed(row, staff)
    refuse_held(row, staff, now)
    until = now + LEASE
    OwnerCall.objects.filter(pk=row.pk).update(held_by=staff, held_until=until)
    return until


@transaction.atomic
def release_owner_call(*, call: OwnerCall, staff: Staff, now: datetime) -> None:
    """Free the card if this person holds it; does nothing otherwise."""
    if OwnerCall.objects.filter(pk=call.pk, held_by=staff).update(held_by=None, held_until=None):
        _announce(call)


@transaction.atomic
def record_owner_try(
    *,
    call: OwnerCall,
    result: str,
    notes: str = "",
    call_at: datetime | None = None,
    call_on: date | None = None,
    version: int | None = None,
    staff: Staff,
    now: datetime,
) -> OwnerCallTry:
    """Record one try and what follows from it.

    Comes in, refused, do not call, deceased: the call is done; the last two also bar all calls of the visitor. Thinks
    it over: done, or called again when `call_on` or `call_at` says so. Call later: `call_at` (aware, in the future) or
    `call_on` (a day from today on) is required. No answer and busy: tried again as `due.next_try` says. After the last
    try, and with a wrong number, the call is done as *unreached* and stands on the supervisor's list.

    `version` is the one the screen showed. Raises Stale `held`, `closed`, `moved` when somebody was faster, Refused
    `result`, `later_when`, `too_far`.
    """
    if result not in _Result.values:
        raise Refused(_("Choose what the call led to."), code="result")
    if result in _BARS:
        # All her calls change with this one: in the order building takes its locks.
        reception.hold_visitor(call.visitor_id)
        hold_building()
        hold_owner_building()
    row = _locked(call)
    refuse_closed(row, staff)
    refuse_held(row, staff, now)
    refuse_changed(row, version)
    made = OwnerCallTry.objects.create(call=row, at=now, staff=staff, result=result, notes=notes.strip())
    row.tries += 1
    row.version += 1
    row.held_by = row.held_until = row.call_at = None
    row.promised = False
    again = call_at is not None or call_on is not None
    if result == _Result.LATER or (result == _Result.THINKS and again):
        _promise(row, call_at, call_on, now)
    elif result in (_Result.NO_ANSWER, _Result.BUSY):
        _try_again(row, result, now)
    else:
        _end(row, _ENDS.get(_Result(result), _Reason.REACHED), now)
    row.save()
    if result in _BARS:
        bar_calls(visitor=row.visitor, reason=CallBar.Reason(result), branch=row.branch, staff=staff, now=now)
    audit.record(
        action="followups.record_owner_try",
        now=now,
        staff=staff,
        branch=row.branch,
        target=row,
        detail={"kind": row.kind, "result": result},
    )
    _announce(row, visitor=True)
    return made


def _end(row: OwnerCall, reason: OwnerCall.Reason, now: datetime) -> None:
    row.state, row.state_reason, row.closed_at = _State.DONE, reason.value, now


def _promise(row: OwnerCall, call_at: datetime | None, call_on: date | None, now: datetime) -> None:
    if call_at is not None:
        row.call_at, call_on = call_at, row.branch.today(call_at)
    if call_on is None or call_on < row.branch.today(now) or (call_at is not None and call_at <= now):
        raise Refused(_("Say when to call again: a time that is still to come."), code="later_when")
    _not_too_far(call_on, row.branch.today(now))
    row.call_on, row.as_planned, row.promised = call_on, False, True


def _not_too_far(day: date, today: date) -> None:
    if day > today + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")


def _try_again(row: OwnerCall, result: str, now: datetime) -> None:
    again = next_try(
        result=result,
        tries=row.tries,
        at=now.astimezone(row.branch.zone),
        rules=rules_of(row.branch).tries,
        works=lambda day: first_call_day(row.branch, day),
    )
    if again is None:
        _end(row, _Reason.UNREACHED, now)
        return
    row.call_at, row.call_on, row.as_planned = again, again.date(), False


def _unreached(call: OwnerCall, version: int | None) -> OwnerCall:
    row = _locked(call)
    waits = row.state == _State.DONE and row.state_reason == _Reason.UNREACHED
    if not waits or (version is not None and row.version != version):
        raise Stale(_("Somebody has already dealt with this call."), code="settled")
    return row


@transaction.atomic
def put_owner_call_back(
    *, call: OwnerCall, call_on: date, version: int | None = None, staff: Staff, now: datetime
) -> OwnerCall:
    """Put an unreached call back on its owner's list for a day, with tries starting again.

    Raises Stale `settled` when it is no longer on the supervisor's list, Refused `day_past`, `too_far`.
    """
    row = _unreached(call, version)
    if call_on < row.branch.today(now):
        raise Refused(_("Choose today or a later day."), code="day_past")
    _not_too_far(call_on, row.branch.today(now))
    row.state, row.state_reason, row.closed_at = _State.OPEN, "", None
    row.call_on, row.call_at, row.tries, row.as_planned = call_on, None, 0, False
    row.version += 1
    row.save()
    audit.record(action="followups.put_owner_call_back", now=now, staff=staff, branch=row.branch, target=row)
    _announce(row, visitor=True)
    return row


@transaction.atomic
def end_owner_call(*, call: OwnerCall, note: str, version: int | None = None, staff: Staff, now: datetime) -> OwnerCall:
    """Take an unreached call off the supervisor's list, saying why nobody tries any more.

    Raises Stale `settled` when it is no longer there, Refused `note_missing` without a note.
    """
    row = _unreached(call, version)
    if not note.strip():
        raise Refused(_("Write down what was done."), code="note_missing")
    row.state, row.closed_at = _State.CANCELLED, now
    row.version += 1
    row.save(update_fields=["state", "closed_at", "version"])
    audit.record(
        action="followups.end_owner_call",
        now=now,
        staff=staff,
        branch=row.branch,
        target=row,
        detail={"note": note.strip()},
    )
    _announce(row, visitor=True)
    return row
