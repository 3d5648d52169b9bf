"""Who carries a message out of the house. `settings.MESSAGE_SENDER` names the class; the default one only shows it."""

from functools import cache
from typing import Protocol

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from clinic.models import OutgoingMessage
from clinic.templatetags.desk import masked_phone

log = structlog.get_logger(__name__)


class NotSentError(Exception):
    """The sender did not take the message. `final`: trying again would not help. The reason is shown to staff."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class Sender(Protocol):
    """Something that carries messages: an SMS gateway, WeCom."""

    def send(self, message: OutgoingMessage) -> None:
        """Take the message over, or raise NotSentError. The same `message.key` given again is the same message."""


class ScreenSender:
    """Sends nowhere: the message stands on the page of messages and, without its text, in the log."""

    def send(self, message: OutgoingMessage) -> None:
        """Write a line with the masked number."""
        log.info(
            "message_sent",
            message_key=str(message.key),
            to=masked_phone(message.phone),
            template=message.template,
            language=message.language,
        )


@cache
def sender_called(path: str) -> Sender:
    """Return the sender a dotted path names; raises ImportError when there is none."""
    made: Sender = import_string(path)()
    return made


def require_sender() -> None:
    """Raise ImproperlyConfigured, naming the variable, unless MESSAGE_SENDER names a class that can be made."""
    try:
        sender()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(
            f"MESSAGE_SENDER is {settings.MESSAGE_SENDER!r}, which cannot be used ({error}): give the dotted path of a"
            " class like those of clinic.senders"
        ) from None


def sender() -> Sender:
    """Return the sender in use."""
    return sender_called(settings.MESSAGE_SENDER)
