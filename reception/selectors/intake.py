"""Invitations, kiosks, and the cards that wait at a desk."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.dateparse import parse_date

from clinic.models import Branch, Staff
from reception.devices import KIOSK, hash_of
from reception.models import IntakeCard, IntakeInvitation, KioskDevice, Visitor
from reception.phones import WrongPhone, parse_phone
from reception.selectors.duplicates import possible_duplicates

# How long after it was sent a card is still needed; then its answers are emptied.
KEPT = timedelta(hours=12)
SHOWN = 20


def open_invitation(code: str, now: datetime) -> IntakeInvitation | None:
    """Return the invitation of a code that can still be used; None alike for used, expired and unknown ones."""
    found = IntakeInvitation.objects.select_related("branch").filter(code_hash=hash_of(code))
    return found.filter(used_at=None, expires_at__gt=now).first()


def invitation_of(staff: Staff, pk: int) -> QuerySet[IntakeInvitation]:
    """Return the invitation if it was made at this person's branch."""
    return IntakeInvitation.objects.filter(pk=pk, branch=staff.branch_id)


def kiosk_of(token: str, now: datetime) -> KioskDevice | None:
    """Return the kiosk whose browser holds this token; None when it is unknown, ended or too old."""
    if not token:
        return None
    found = KioskDevice.objects.select_related("branch").filter(token_hash=hash_of(token), revoked_at=None)
    return found.filter(started_at__gt=now - KIOSK.lasts).first()


def kiosk_in_branch(staff: Staff, pk: int) -> QuerySet[KioskDevice]:
    """Return the kiosk if it stands at this person's branch, ended or not."""
    return KioskDevice.objects.filter(pk=pk, branch=staff.branch_id)


def kiosks_of(branch: Branch) -> QuerySet[KioskDevice]:
    """Return the kiosks of a branch, those in use first, then the newest."""
    return (
        KioskDevice.objects.filter(branch=branch)
        .select_related("started_by", "revoked_by")
        .order_by("revoked_at", "-pk")
    )


def cards_at(branch: Branch, now: datetime) -> QuerySet[IntakeCard]:
    """Return the cards that wait at a branch's desk or are in somebody's hands, the oldest first."""
    found = IntakeCard.objects.filter(branch=branch, state__in=IntakeCard.OPEN_STATES, submitted_at__gt=now - KEPT)
    return found.select_related("taken_by").order_by("pk")


def card_at(staff: Staff, pk: int) -> QuerySet[IntakeCard]:
    """Return the card if it was sent to this person's branch."""
    return IntakeCard.objects.filter(pk=pk, branch=staff.branch_id).select_related("taken_by")


def people_like(card: IntakeCard) -> list[Visitor]:
    """Return the visitors on file who may have filled in this card; only the desk ever asks."""
    answers = card.answers
    try:
        phone = parse_phone(answers.get("phone", ""))
    except WrongPhone:
        phone = ""
    name = answers.get("name", "")
    if not name:
        return []
    born = parse_date(answers.get("birth_on") or "")
    return possible_duplicates(name=name, phone=phone, birth_on=born, name_alone=True)
