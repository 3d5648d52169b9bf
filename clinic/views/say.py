"""Sentences for the person who did something; they appear on the next page, or with the fragment she gets."""

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

UNDO_SECONDS = 10


def done(request: HttpRequest, text: str, *, undo_url: str = "", seconds: int = UNDO_SECONDS) -> None:
    """Say that something was done; with `undo_url` (a POST address) the message offers to undo it for `seconds`."""
    if undo_url:
        body = render_to_string("clinic/undo.html", {"text": text, "url": undo_url, "seconds": seconds})
        messages.success(request, mark_safe(body), extra_tags="keep")  # noqa: S308 - made by a template that escapes
    else:
        messages.success(request, text)
