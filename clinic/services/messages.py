"""The way out for messages: queued in the transaction of what they are about, sent after it, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.message_texts import text_of
from clinic.models import Branch, OutgoingMessage, Staff
from clinic.problems import Refused, Stale
from clinic.senders import NotSentError, sender
from clinic.services import audit, outbox

log = structlog.get_logger(__name__)

# How long after a failed try the next one follows; after the last of them somebody has to look.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
# A worker that has not said after so long what became of a message is taken for dead.
TAKEN_FOR = timedelta(minutes=10)
_State = OutgoingMessage.State


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be written to somebody: where to, in which words, and what it is `about`. `phone` is E.164."""

    phone: str
    template: str
    language: str
    values: Mapping[str, str]
    about: str


@transaction.atomic
def queue_message(
    *,
    branch: Branch,
    phone: str,
    template: str,
    language: str,
    values: Mapping[str, str],
    about: str,
    staff: Staff | None,
    now: datetime,
) -> OutgoingMessage:
    """Write a message down and return it; it is sent after the transaction. `phone` is E.164.

    `about` says what it is about; asked for again, the message that there is already is returned and not sent twice.
    Raises Refused `no_phone` without a number.
    """
    if not phone:
        raise Refused(_("There is no phone number to send a message to."), code="no_phone")
    known = OutgoingMessage.objects.filter(about=about).first()
    if known is not None:
        return known
    message = _written(Draft(phone, template, language, values, about), branch, staff, now)
    message.save()
    _announce(message, queued=True)
    return message


@transaction.atomic
def queue_messages(*, branch: Branch, drafts: Sequence[Draft], staff: Staff | None, now: datetime) -> int:
    """Write many messages down and return how many; they are sent after the transaction, all by one task.

    What there is a message about already is left out, as `queue_message` does it. Raises Refused `no_phone` when one
    has no number: then none is written.
    """
    if not all(draft.phone for draft in drafts):
        raise Refused(_("There is no phone number to send a message to."), code="no_phone")
    abouts = [draft.about for draft in drafts]
    known = set(OutgoingMessage.objects.filter(about__in=abouts).values_list("about", flat=True))
    new = [_written(draft, branch, staff, now) for draft in drafts if draft.about not in known]
    OutgoingMessage.objects.bulk_create(new, batch_size=500)
    if new:
        outbox.announce(topics=[topics.messages(branch.pk)], event="messages_queued")
    return len(new)


def send_message(*, message_id: int, now: datetime) -> bool:
    """Hand a message that is due to the sender; return whether it was sent now. Safe to run twice, late, or at once.

    Not inside a transaction: the message is taken in one, handed over outside of any, so that a slow gateway holds no
    row, and what became of it is written in another. Of two workers one takes it. When one dies in between, nobody
    knows whether it was sent: after TAKEN_FOR it is handed over again, and the sender knows it by its key. Whatever
    the sender raises counts as a failed try; after the last of them the message is given up.
    """
    message = _take(message_id, now)
    if message is None:
        return False
    failure = None
    try:
        sender().send(message)
    except NotSentError as error:
        failure = error
    except Exception as error:
        # Whatever a gateway's client raises is a try that failed; how often it is tried is bounded all the same.
        log.exception("sender_failed", message_key=str(message.key), tries=message.tries)
        failure = NotSentError(_("The sender failed: %(kind)s.") % {"kind": type(error).__name__})
    return _write_outcome(message, failure, now)


@transaction.atomic(durable=True)
def _take(message_id: int, now: datetime) -> OutgoingMessage | None:
    message = _due(now).select_for_update(skip_locked=True, no_key=True).filter(pk=message_id).first()
    if message is not None and message.tries > len(PAUSES):
        # Nobody was left to say so: each time the worker died over it.
        message.state, message.next_try_at, message.taken_at = _State.FAILED, None, None
        message.error = _("The sender never said what became of it.")
        message.save(update_fields=["state", "next_try_at", "taken_at", "error"])
        log.warning("message_not_sent", message_key=str(message.key), tries=message.tries, final=True)
        _announce(message)
        return None
    if message is not None:
        message.tries += 1
        message.taken_at = now
        message.save(update_fields=["tries", "taken_at"])
    return message


@transaction.atomic(durable=True)
def _write_outcome(taken: OutgoingMessage, failure: NotSentError | None, now: datetime) -> bool:
    message = OutgoingMessage.objects.select_for_update(no_key=True).get(pk=taken.pk)
    if message.state == _State.SENT or (failure is not None and message.taken_at != taken.taken_at):
        # Another worker took it over meanwhile; what comes of that one counts, unless this one did send it.
        return False
    if failure is None:
        message.state, message.sent_at, message.next_try_at, message.error = _State.SENT, now, None, ""
    else:
        last = failure.final or message.tries > len(PAUSES)
        message.state = _State.FAILED if last else _State.QUEUED
        message.next_try_at = None if last else now + PAUSES[message.tries - 1]
        message.error = failure.reason[:200]
        log.warning("message_not_sent", message_key=str(message.key), tries=message.tries, final=last)
    message.taken_at = None
    message.save(update_fields=["state", "next_try_at", "sent_at", "error", "taken_at"])
    _announce(message)
    return message.state == _State.SENT


def _due(now: datetime) -> QuerySet[OutgoingMessage]:
    free = Q(taken_at=None) | Q(taken_at__lte=now - TAKEN_FOR)
    return OutgoingMessage.objects.filter(free, state=_State.QUEUED, next_try_at__lte=now)


def due_messages(*, now: datetime, limit: int = 500) -> list[int]:
    """Return the ids of messages whose time to be tried (again) has come, the longest due first."""
    return list(_due(now).order_by("next_try_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def try_again(*, message: OutgoingMessage, staff: Staff, now: datetime) -> None:
    """Queue a message that was given up. Raises Stale `message_state` when it was not."""
    message = OutgoingMessage.objects.select_for_update(no_key=True).get(pk=message.pk)
    if message.state != _State.FAILED:
        raise Stale(
            _("This message is “%(state)s” now.") % {"state": message.get_state_display()}, code="message_state"
        )
    message.state, message.tries, message.next_try_at = _State.QUEUED, 0, now
    message.save(update_fields=["state", "tries", "next_try_at"])
    audit.record(action="clinic.try_message_again", now=now, staff=staff, branch=message.branch, target=message)
    _announce(message, queued=True)


def _written(draft: Draft, branch: Branch, staff: Staff | None, now: datetime) -> OutgoingMessage:
    return OutgoingMessage(
        branch=branch,
        phone=draft.phone,
        template=draft.template,
        language=draft.language,
        body=text_of(draft.template, draft.language, draft.values)[:500],
        about=draft.about,
        next_try_at=now,
        asked_at=now,
        asked_by=staff,
    )


def _announce(message: OutgoingMessage, *, queued: bool = False) -> None:
    listening = [topics.messages(message.branch_id)]
    if queued:
        outbox.announce(topics=listening, event="message_queued", payload={"message_id": message.pk})
    else:
        outbox.announce(topics=listening)
