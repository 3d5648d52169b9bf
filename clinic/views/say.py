"""Sentences for the person who did something; they appear on the next page, or with the fragment she gets."""

from django.contrib import messages
from django.http import HttpRequest


def done(request: HttpRequest, text: str) -> None:
    """Say that something was done."""
    messages.success(request, text)
