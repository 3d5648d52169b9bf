"""What is written down about signing in and out. Connected to Django's and axes' signals in `clinic.apps`."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from clinic.models import Staff
from clinic.services import audit
from clinic.services.staff import end_streams


def note_sign_in(*, request: HttpRequest | None, user: Staff, **_signal: Any) -> None:
    """Write down that somebody signed in, and begin the limits of her session."""
    now = timezone.now()
    audit.record(action="clinic.sign_in", now=now, staff=user, target=user)
    if request is not None and hasattr(request, "session"):
        request.session["started_at"] = request.session["seen_at"] = int(now.timestamp())


def note_failure(*, credentials: dict[str, Any], **_signal: Any) -> None:
    """Write down a failed attempt; only a login name that exists is kept, for people type passwords there."""
    name = str(credentials.get("username") or "")[:40]
    staff = Staff.objects.filter(login_name=name).first() if name.isprintable() else None
    branch = staff.branch if staff else None
    audit.record(action="clinic.sign_in_failed", now=timezone.now(), staff=None, branch=branch, target=staff)


def note_lock_out(*, username: str | None, **_signal: Any) -> None:
    """Write down that a login name was locked out at an address."""
    staff = Staff.objects.filter(login_name=username).first() if username and username.isprintable() else None
    branch = staff.branch if staff else None
    audit.record(action="clinic.sign_in_locked", now=timezone.now(), staff=None, branch=branch, target=staff)


def note_sign_out(*, user: Staff | None, **_signal: Any) -> None:
    """Write down that somebody signed out, and end her open streams; pages signed in elsewhere come again."""
    if user is None:
        return
    with transaction.atomic():
        audit.record(action="clinic.sign_out", now=timezone.now(), staff=user, target=user)
        end_streams(staff=user)


def address_of(request: HttpRequest) -> str:
    """Return the address a request came from: what the server in front wrote last, otherwise the peer's own."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return forwarded or str(request.META.get("REMOTE_ADDR", ""))


def minutes_locked(*, username: str | None, address: str | None) -> int:
    """Return in how many minutes (at least 1) this login name may try again from this address."""
    pause = timedelta(hours=settings.AXES_COOLOFF_TIME)
    last = (
        AccessAttempt.objects.filter(username=username, ip_address=address)
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    left = (last + pause - timezone.now()) if last else pause
    return max(1, -(-int(left.total_seconds()) // 60))
