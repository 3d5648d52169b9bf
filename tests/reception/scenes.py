"""What the tests of the front desk's pages share."""

from typing import Any

HTMX = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    return str(response.content.decode())
