"""What later rooms report about a visit and its visitor, inside their own transactions."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import outbox
from clinic.statements import Statement, run
from reception.models import DeskDay, Standing, Visit, Visitor
from reception.services.days import refuse_if_signed, tell_of_leaving
from reception.services.file_requests import BRINGS_FILE, ask_when_back

_State = Visit.State

_GIVEN_FROM = (_State.REGISTERED, _State.WAITING, _State.ACCEPTED, _State.IN_ROOM)


class Circumstances(TypedDict, total=False):
    """What the desk is told about a visit; what is not named stays."""

    purpose: str
    emergency: bool
    other_reason: str
    friend: Visitor | None
    without_guardian: bool
    claims_history: bool
    referrer: Visitor | None
    referral_by: str
    designated: Staff | None
    designated_by: str
    designated_turn: str
    announced_by: Staff | None
    after_review: bool
    group_lead: Visit | None
    group_wants: Staff | None


# From which states a visit may come into a state. A visit without a consultant (A1) ends from REGISTERED.
BEFORE: dict[_State, tuple[_State, ...]] = {
    _State.ACCEPTED: (_State.WAITING,),
    _State.IN_ROOM: (_State.ACCEPTED,),
    _State.FINISHED: (_State.IN_ROOM, _State.REGISTERED),
    _State.LEFT: (_State.REGISTERED, _State.WAITING, _State.ACCEPTED),
}
TIME_OF: dict[_State, str] = {
    _State.ACCEPTED: "accepted_at",
    _State.IN_ROOM: "entered_at",
    _State.FINISHED: "finished_at",
    _State.LEFT: "left_at",
}

_DECIDED = (
    "state", "visit_type", "type_rule", "consultant_id", "owner_id", "rule", "turn", "purpose", "after_review",
    "other_reason", "referrer_id", "referral_by",
)  # fmt: skip
_TIMES = ("allocated_at", "accepted_at", "entered_at")
_GIVE = """
update reception_visit set version = version + 1, visit_type = %(visit_type)s, type_rule = %(type_rule)s,
       consultant_id = %(consultant_id)s, owner_id = %(owner_id)s, rule = %(rule)s, turn = %(turn)s, state = %(state)s,
       allocated_at = %(allocated_at)s, accepted_at = null, entered_at = null
where id = %(visit)s and state = any(%(given_from)s) and isolated_at is null
"""


@transaction.atomic
def record_opening(*, branch: Branch, day: date, max_wait_minutes: int) -> DeskDay:
    """Write down how long a visitor of the front desk's day may wait; the register marks who waits longer."""
    written, _created = DeskDay.objects.update_or_create(
        branch=branch, day=day, defaults={"max_wait_minutes": max_wait_minutes}
    )
    outbox.announce(topics=[topics.register(branch.pk)])
    return written


@transaction.atomic(savepoint=False)
def record_allocation(
    *,
    visit: Visit,
    visit_type: str,
    type_rule: str,
    consultant_id: int | None,
    owner_id: int | None = None,
    rule: str,
    turn: str,
    now: datetime,
) -> Visit:
    """Write down who receives the visit and by which rules; return it with what was written.

    With a consultant it is WAITING for her from `now`; without one (A1, A14) it stays REGISTERED. Given to another
    consultant, also out of a room (K3–K7), it waits again. The file of who comes again is asked for in the file
    room. Raises Stale `visit_state` once it is over.
    """
    given = consultant_id is not None
    written = {
        "visit_type": visit_type,
        "type_rule": type_rule,
        "consultant_id": consultant_id,
        "owner_id": owner_id,
        "rule": rule,
        "turn": turn,
        "state": _State.WAITING if given else _State.REGISTERED,
        "allocated_at": now if given else None,
    }
    # One statement that looks and writes: this stands in the middle of every allocation, while its board is locked.
    (done,) = run(Statement(_GIVE, {**written, "visit": visit.pk, "given_from": list(_GIVEN_FROM)}))
    if done.rowcount == 0:
        visit.refresh_from_db()
        refuse_isolated(visit)
        refused = _refusal(visit, _State.WAITING)
        raise Stale(refused.message, code=refused.code, detail=refused.detail)
    for name, value in written.items():
        setattr(visit, name, value)
    visit.accepted_at = visit.entered_at = None
    visit.version += 1
    concerned = [topics.register(visit.branch_id), topics.visitor(visit.visitor_id)]
    if visit_type in BRINGS_FILE:
        ask_when_back(visit=visit, now=now)
        concerned.append(topics.file_room(visit.branch_id))
    outbox.announce(topics=concerned)
    return visit


@transaction.atomic
def record_correction(
    *, visit: Visit, visit_type: str, type_rule: str, owner_id: int | None, rule: str, turn: str
) -> Visit:
    """Write down what a correction made of a visit that stays where it is (K1, K2, K3, K6); return it under lock.

    Raises Stale `day_closed` when the day is signed and closed.
    """
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    refuse_if_signed(visit)
    visit.visit_type, visit.type_rule = visit_type, type_rule
    visit.owner_id, visit.rule, visit.turn = owner_id, rule, turn
    return _save(visit)


def as_written(visit: Visit, *, visitor_owner_id: int | None) -> dict[str, Any]:
    """Return what a decision may change in a visit, and whose visitor she is now, as plain JSON for `restore`."""
    found = {name: getattr(visit, name) for name in _DECIDED}
    times = {name: value.isoformat() for name in _TIMES if (value := getattr(visit, name)) is not None}
    return {**found, **times, "visitor_owner_id": visitor_owner_id}


@transaction.atomic
def restore(*, visit: Visit, before: Mapping[str, Any]) -> Visit:
    """A decision was taken back: write a visit down `as_written` before it; return it, re-read under lock.

    A visit that has stayed with the same consultant stays as far as it has come; what another had accepted waits for
    its consultant again. Whose visitor she is comes back once the visit is over; until then the rooms have not written
    it down. Raises Refused `visit_state` when the visit has ended since, Stale `day_closed` when its day is signed.
    """
    state = _State(before["state"])
    _lock(visit, state, Visit.OPEN_STATES if state in Visit.OPEN_STATES else (state,))
    refuse_if_signed(visit)
    stayed = visit.state in Visit.OPEN_STATES and visit.consultant_id == before["consultant_id"] is not None
    come_to = visit.state, *(getattr(visit, name) for name in _TIMES)
    for name in _DECIDED:
        setattr(visit, name, before[name])
    for name in _TIMES:
        setattr(visit, name, datetime.fromisoformat(before[name]) if name in before else None)
    if stayed:
        visit.state, visit.allocated_at, visit.accepted_at, visit.entered_at = come_to
    elif visit.state == _State.ACCEPTED:
        visit.state, visit.accepted_at = _State.WAITING, None
    if visit.state not in Visit.OPEN_STATES:
        Visitor.objects.filter(pk=visit.visitor_id).update(owner=before["visitor_owner_id"])
    visit.version += 1
    visit.save(update_fields=[*_DECIDED, *_TIMES, "version"])
    outbox.announce(topics=[topics.register(visit.branch_id), topics.visitor(visit.visitor_id)])
    return visit


@transaction.atomic
def record_circumstances(*, visit: Visit, **changed: Unpack[Circumstances]) -> Visit:
    """Write down what is known about a visit only now; return it, re-read under lock.

    Raises Stale `day_closed` when the day is signed and closed.
    """
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    refuse_if_signed(visit)
    for name, value in changed.items():
        setattr(visit, name, value)
    visit.version += 1
    visit.save(update_fields=[*changed, "version"])
    outbox.announce(topics=[topics.register(visit.branch_id)])
    return visit


@transaction.atomic
def clear_allocation(*, visit: Visit) -> Visit:
    """The consultant declined (T7): the visit is REGISTERED again. Raises Refused `visit_state` once in a room."""
    _lock(visit, _State.REGISTERED, (_State.REGISTERED, _State.WAITING, _State.ACCEPTED))
    visit.visit_type = visit.type_rule = visit.rule = visit.turn = ""
    visit.consultant = visit.owner = None
    visit.state = _State.REGISTERED
    visit.allocated_at = visit.accepted_at = visit.entered_at = None
    return _save(visit)


@transaction.atomic
def record_progress(*, visit: Visit, state: str, now: datetime) -> Visit:
    """Move the visit on to ACCEPTED, IN_ROOM, FINISHED or LEFT at `now`; return it, re-read under lock.

    Raises Refused `visit_state` when the visit cannot come there from where it is (see BEFORE).
    """
    wanted = _State(state)
    _lock(visit, wanted, BEFORE.get(wanted, ()))
    visit.state = wanted
    setattr(visit, TIME_OF[wanted], now)
    if wanted == _State.LEFT:
        tell_of_leaving(visit)
    return _save(visit)


@transaction.atomic
def record_call(*, visit: Visit, now: datetime) -> Visit:
    """Call an accepted visitor once more: screens in the waiting room show her as the newest; return the visit, locked.

    Raises Refused `visit_state` unless she is accepted and not in the room yet.
    """
    _lock(visit, _State.ACCEPTED, (_State.ACCEPTED,))
    visit.called_at = now
    visit.version += 1
    visit.save(update_fields=["called_at", "version"])
    outbox.announce(topics=[topics.register(visit.branch_id), topics.visitor(visit.visitor_id)])
    return visit


@transaction.atomic
def record_standing(
    *,
    visitor: Visitor,
    standing: str | None = None,
    owner: Staff | None = None,
    consulted_by: Iterable[Staff] | Staff | None = None,
) -> Visitor:
    """Write down what the triage rules read of a visitor: how far she got, whose she is, who consulted her.

    What is None stays. `consulted_by` is added to those already there. Returns the visitor, re-read under lock.
    """
    visitor.refresh_from_db(from_queryset=Visitor.objects.select_for_update(no_key=True))
    if standing is not None:
        visitor.standing = Standing(standing)
    if owner is not None:
        visitor.owner = owner
    if consulted_by is not None:
        people = [consulted_by] if isinstance(consulted_by, Staff) else consulted_by
        visitor.consulted_by = list(dict.fromkeys([*visitor.consulted_by, *(person.pk for person in people)]))
    visitor.save(update_fields=["standing", "owner", "consulted_by"])
    outbox.announce(topics=[topics.visitor(visitor.pk)])
    return visitor


def refuse_isolated(visit: Visit) -> None:
    """Raise Stale `isolated` when the visit, as it was read, is of a suspected case that is set apart."""
    if visit.isolated_at is not None:
        raise Stale(
            _("%(number)s is set apart as a suspected infection. Clear her first, or note that she has left.")
            % {"number": visit},
            code="isolated",
        )


def _lock(visit: Visit, wanted: _State, allowed: tuple[_State, ...]) -> None:
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    if visit.state not in allowed:
        raise _refusal(visit, wanted)


def _refusal(visit: Visit, wanted: _State) -> Refused:
    return Refused(
        _("Visit %(number)s is “%(state)s” and cannot become “%(wanted)s”.")
        % {"number": visit, "state": visit.get_state_display(), "wanted": wanted.label},
        code="visit_state",
        detail={"state": visit.state},
    )


def _save(visit: Visit) -> Visit:
    visit.version += 1
    visit.save(
        update_fields=[
            "state",
            "version",
            "visit_type",
            "type_rule",
            "consultant",
            "owner",
            "rule",
            "turn",
            "allocated_at",
            "accepted_at",
            "entered_at",
            "finished_at",
            "left_at",
        ]
    )
    outbox.announce(topics=[topics.register(visit.branch_id), topics.visitor(visit.visitor_id)])
    return visit
