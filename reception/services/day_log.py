"""The day log: lines are written, answered, handed out and annotated as void. None is ever altered (R2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Department, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.repeats import content_of, made_before
from reception.log_words import entry_keys
from reception.models import LogEntry, LogOpen, LogStep, Visitor
from reception.models.day_log import WAITS_FOR
from reception.names import clean_name
from reception.services.looks import what_for

_Kind, _What = LogEntry.Kind, LogStep.What


class LogLine(TypedDict, total=False):
    """What is written in a line of the log; what is not named is empty."""

    errand: str
    name: str
    visitor: Visitor | None
    phone: str
    for_staff: Staff | None
    for_department: Department | None
    for_name: str
    text: str
    carrier: str
    number: str
    plate: str
    pieces: int


@transaction.atomic
def write_entry(
    *,
    branch: Branch,
    kind: str,
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
    **line: Unpack[LogLine],
) -> LogEntry:
    """Write a line into today's log and return it. A call for somebody is a message slip: she hears of it at once.

    `phone` is E.164. The same `request_key` sent again returns the same entry. Raises Refused `empty` when neither who
    nor what is said, Stale `request_used` when something else was written under the same `request_key`.
    """
    content = content_of(branch=branch, kind=kind, **line)
    if again := made_before(
        LogEntry.objects.all(),
        request_key,
        content,
        used_for=lambda made: _(
            "This line was written already; what was changed since is not. Write it as a new line."
        ),
    ):
        return again
    entry = LogEntry(branch=branch, kind=_Kind(kind), day=branch.today(now), at=now, written_by=staff, **line)
    for name in ("name", "for_name", "text", "carrier", "number", "plate"):
        setattr(entry, name, clean_name(getattr(entry, name)))
    if entry.visitor is not None and not entry.name:
        entry.name = entry.visitor.name
    if not any((entry.name, entry.text, entry.for_whom, entry.plate, entry.number)):
        raise Refused(_("An empty line is not written. Say at least who or what."), code="empty")
    entry.keys = entry_keys(
        people=[entry.name, entry.for_whom, entry.visitor.name if entry.visitor else ""],
        texts=[entry.text, entry.carrier, entry.number, entry.plate],
        phone=str(entry.phone),
    )
    entry.request_key, entry.request_content = request_key, content if request_key else ""
    entry.save(force_insert=True)
    if entry.waits:
        LogOpen.objects.create(entry=entry, branch=branch, kind=entry.kind, for_staff=entry.for_staff)
    _tell(entry)
    return entry


@transaction.atomic
def settle_entry(
    *, entry: LogEntry, what: str, taker: str = "", text: str = "", staff: Staff, now: datetime
) -> LogStep:
    """Write down what ended an entry: done, answered, handed out, returned, picked up, validated. Return the step.

    Raises Refused `step` when such an entry does not end so, `taker` when nobody is named who took it, `answer` when an
    answer has no words; Stale `settled` when it was settled or made void before, naming who did it.
    """
    if what not in WAITS_FOR.get(entry.kind, ()):
        raise Refused(_("This is not how such an entry ends."), code="step")
    taker, text = clean_name(taker), clean_name(text)
    if what == _What.HANDED_OUT and not taker:
        raise Refused(_("Say who took it."), code="taker")
    if what == _What.ANSWERED and not text:
        raise Refused(_("Write the answer, or choose “done”."), code="answer")
    waiting = LogOpen.objects.select_for_update(no_key=True).filter(entry=entry).first()
    if waiting is None:
        raise _settled_before(entry)
    step = LogStep.objects.create(entry=entry, what=_What(what), at=now, by=staff, taker=taker, text=text)
    waiting.delete()
    _tell(entry)
    return step


@transaction.atomic
def hand_out(*, branch: Branch, takers: Mapping[int, str], staff: Staff, now: datetime) -> int:
    """Write down who took which of several parcels and letters (entry id → name); return how many.

    All of them or none. Raises as `settle_entry`; ids of another branch are not there: Refused `not_there`.
    """
    return _settle_all(branch, sorted(takers), _What.HANDED_OUT, takers, staff, now)


@transaction.atomic
def return_unopened(*, branch: Branch, entries: Sequence[int], staff: Staff, now: datetime) -> int:
    """Write down that mail went back unopened (entry ids); return how many. All or none; raises as `hand_out`."""
    return _settle_all(branch, sorted(set(entries)), _What.RETURNED, {}, staff, now)


@transaction.atomic
def see_message_slip(*, entry: LogEntry, staff: Staff, now: datetime) -> None:
    """Write down that the person a message slip is for has seen it; once is enough."""
    waiting = LogOpen.objects.select_for_update(no_key=True).filter(entry=entry, seen_at=None).first()
    if waiting is None:
        return
    LogStep.objects.create(entry=entry, what=_What.SEEN, at=now, by=staff)
    waiting.seen_at = now
    waiting.save(update_fields=["seen_at"])
    _tell(entry)


@transaction.atomic
def void_entry(*, entry: LogEntry, reason: str, staff: Staff, now: datetime) -> LogStep:
    """Annotate a wrong entry as void; it stays in the log with the reason and is entered again (R2). Return the step.

    Raises Refused `reason` without one, Stale `settled` when it is void already.
    """
    if not (reason := clean_name(reason)):
        raise Refused(_("Say why the entry is void: it stays in the log with the reason."), code="reason")
    try:
        with transaction.atomic():
            step = LogStep.objects.create(entry=entry, what=_What.VOID, at=now, by=staff, text=reason)
    except IntegrityError:
        raise _settled_before(entry) from None
    LogOpen.objects.filter(entry=entry).delete()
    audit.record(
        action="reception.void_log_entry",
        now=now,
        staff=staff,
        target=entry,
        detail={"entry": entry.get_kind_display()},
    )
    _tell(entry)
    return step


@transaction.atomic
def reveal_log_phone(*, entry: LogEntry, reason: str, words: str = "", staff: Staff, now: datetime) -> str:
    """Return the call-back number in full and record who looked and why (O6, S5).

    Empty: the entry has none of its own. Raises Refused `reason` without one.
    """
    audit.record(
        action="reception.reveal_log_phone",
        now=now,
        staff=staff,
        branch=entry.branch,
        target=entry,
        detail=what_for(reason, words),
    )
    return entry.phone.as_international if entry.phone else ""


def _settle_all(
    branch: Branch, wanted: Sequence[int], what: str, takers: Mapping[int, str], staff: Staff, now: datetime
) -> int:
    """Settle several at once, locked in one order; nothing at all when one of them cannot be."""
    entries = {
        one.pk: one
        for one in LogEntry.objects.filter(branch=branch, kind__in=LogEntry.MAIL, pk__in=wanted).defer("keys")
    }
    if not wanted or len(entries) < len(wanted):
        raise Refused(_("Tick what is handed out or sent back."), code="not_there")
    for pk in wanted:
        settle_entry(entry=entries[pk], what=what, taker=takers.get(pk, ""), staff=staff, now=now)
    return len(wanted)


def _settled_before(entry: LogEntry) -> Stale:
    """Return who settled an entry before, and when, as a sentence."""
    steps = entry.steps.select_related("by").exclude(what=_What.SEEN).order_by("-pk")
    last = steps.first()
    if last is None:
        return Stale(_("Nothing is waited for here any more."), code="settled")
    return Stale(
        _("%(what)s already by %(who)s at %(time)s: %(entry)s.")
        % {
            "what": last.get_what_display(),
            "who": last.by,
            "time": last.at.astimezone(entry.branch.zone).strftime("%H:%M"),
            "entry": entry,
        },
        code="settled",
    )


def _tell(entry: LogEntry) -> None:
    concerned = [topics.day_log(entry.branch_id)]
    if entry.visitor_id is not None:
        concerned.append(topics.visitor(entry.visitor_id))
    if entry.kind == _Kind.CALL and entry.for_staff_id is not None:
        concerned.append(topics.staff(entry.for_staff_id))
    outbox.announce(topics=concerned)
