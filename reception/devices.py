"""Screens at which nobody is signed in, kiosks and those of the waiting room: each browser holds a token of its own.

The token stands in a cookie that only the screen's own pages get; on file is its hash.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return what is kept of a token or code; by it the one who brings the secret is looked up."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_loopback(host: str) -> bool:
    """Say whether a host, with its port or without, means the machine itself: no other device comes to us by it."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class TokenCookie:
    """Where a kind of screen keeps its token: sent to `page` (the name of its address) and what stands below it."""

    name: str
    page: str
    lasts: timedelta
    samesite: Literal["Lax", "Strict"]

    def token_in(self, request: HttpRequest) -> str:
        """Return the token a browser brings; empty when it has none."""
        return request.COOKIES.get(self.name, "")

    def give(self, response: HttpResponse, token: str) -> None:
        """Let the browser keep its token, out of the reach of scripts."""
        response.set_cookie(
            self.name,
            token,
            max_age=int(self.lasts.total_seconds()),
            path=reverse(self.page),
            secure=settings.HTTPS,
            httponly=True,
            samesite=self.samesite,
        )


# A kiosk is set up anew now and then, so that a forgotten one ends by itself.
KIOSK = TokenCookie("kiosk", "reception:kiosk", timedelta(days=90), "Strict")
DISPLAY = TokenCookie("display", "reception:display", timedelta(days=400), "Lax")
