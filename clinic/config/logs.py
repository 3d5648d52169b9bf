"""What must not stand in a log although it stands in an address."""

import re
from typing import Any

# The code of a visitor's own card: whoever has it may send the card.
_CODE = re.compile(r"/card/[^/\s'\"?]+")


def hide_codes(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Return the line with every code in an address taken out, and what was asked behind it."""
    if isinstance(asked := event.get("request"), str):
        # A name or a number that was looked for.
        event["request"] = asked.partition("?")[0]
    for name, value in event.items():
        if isinstance(value, str) and "/card/" in value:
            event[name] = _CODE.sub("/card/***", value)
    return event
