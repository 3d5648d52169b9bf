"""What a service raises when it will not do something, with a sentence for the person who asked."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """The service did nothing. `message` is a translated sentence that says what to do; `code` is stable."""

    status = 422

    def __init__(self, message: object, *, code: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.message = message
        self.code = code
        self.detail = dict(detail or {})


class Stale(Refused):
    """What the person acted on has changed since her screen was drawn; `message` says what changed."""

    status = 409
