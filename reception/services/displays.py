"""Screens in the waiting room: they ask for a code, are paired by it, and are taken off."""

import secrets
from collections import Counter
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.turns import one_at_a_time
from reception.devices import hash_of, new_token
from reception.models import Display, WaitingRoom
from reception.services.public_requests import hash_of_subject

CODE_LASTS = timedelta(minutes=15)
# So many screens may wait to be paired at once, and so many of one address: nobody fills the table by asking.
MOST_WAITING = 40
MOST_WAITING_OF_AN_ADDRESS = 6
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def ask_for_code(*, address: str, now: datetime) -> tuple[str, Display]:
    """Return a new token and the screen it belongs to, which shows a code until it is paired or the code is over.

    Where too many wait to be paired the oldest gives way: of this `address`, or of the one most of them came from.
    """
    one_at_a_time("screens to be paired")
    Display.objects.filter(paired_at=None, asked_at__lt=now - CODE_LASTS).delete()
    asked_from = hash_of_subject(f"address {address}")
    waiting = Display.objects.filter(paired_at=None).order_by("asked_at", "pk")
    by_address = Counter(waiting.values_list("asked_from", flat=True))
    if by_address[asked_from] >= MOST_WAITING_OF_AN_ADDRESS:
        _give_way(waiting, asked_from)
    elif by_address.total() >= MOST_WAITING:
        _give_way(waiting, by_address.most_common(1)[0][0])
    token = new_token()
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        try:
            with transaction.atomic():
                return token, Display.objects.create(
                    token_hash=hash_of(token), code=code, asked_at=now, asked_from=asked_from
                )
        except IntegrityError:
            continue


def _give_way(waiting: QuerySet[Display], asked_from: str) -> None:
    oldest = waiting.filter(asked_from=asked_from).first()
    if oldest is not None:
        oldest.delete()


@transaction.atomic
def pair_display(*, code: str, name: str, staff: Staff, now: datetime) -> Display:
    """Give the screen that shows this code to the person's branch; return it. Raises Refused `display_code`."""
    display = (
        Display.objects.select_for_update(no_key=True)
        .filter(code=code, paired_at=None, asked_at__gte=now - CODE_LASTS)
        .first()
        if code
        else None
    )
    if display is None:
        raise Refused(
            _("No screen shows this code now. Look at the screen again: it shows a new one every 15 minutes."),
            code="display_code",
        )
    display.branch, display.name, display.code, display.asked_from = staff.branch, name, "", ""
    display.paired_at, display.paired_by = now, staff
    display.save(update_fields=["branch", "name", "code", "asked_from", "paired_at", "paired_by"])
    audit.record(action="reception.pair_display", now=now, staff=staff, target=display, detail={"where": display.name})
    return display


@transaction.atomic
def revoke_display(*, display: Display, staff: Staff, now: datetime) -> Display:
    """Take a screen off: it shows nothing more until it is paired again. Raises Stale `display_off` when it is off."""
    display.refresh_from_db(from_queryset=Display.objects.select_for_update(no_key=True))
    if display.revoked_at is not None:
        raise Stale(_("This screen was taken off already."), code="display_off")
    display.revoked_at = now
    display.save(update_fields=["revoked_at"])
    audit.record(
        action="reception.revoke_display", now=now, staff=staff, target=display, detail={"where": display.name}
    )
    return display


def note_seen(*, display: Display, now: datetime) -> None:
    """Write down that a screen asked, once a minute: the list shows which ones are on."""
    if display.seen_at is None or now - display.seen_at >= SEEN_EVERY:
        Display.objects.filter(pk=display.pk).update(seen_at=now)


@transaction.atomic
def set_names(*, branch: Branch, names: str, staff: Staff, now: datetime) -> None:
    """Say how a branch's screens name people."""
    room, _made = WaitingRoom.objects.select_for_update().get_or_create(branch=branch)
    before, chosen = room.names, WaitingRoom.Names(names)
    if before == chosen:
        return
    room.names = chosen
    room.save(update_fields=["names"])
    audit.record(
        action="reception.change_waiting_room",
        now=now,
        staff=staff,
        branch=branch,
        target=branch,
        detail={"before": before, "after": chosen.value},
    )
