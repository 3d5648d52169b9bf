"""Cards that visitors fill in themselves: invited, sent, taken over at the desk, and emptied afterwards."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.repeats import content_of, made_under
from reception.devices import hash_of, new_token
from reception.infections import Answers
from reception.models import Appointment, ConsentText, IntakeCard, IntakeInvitation, KioskDevice, Visit, Visitor
from reception.models.consents import Via
from reception.names import clean_name
from reception.selectors.intake import KEPT
from reception.services.arrivals import register_arrival, register_newcomer
from reception.services.consents import keep_own_answers
from reception.services.pre_checks import record_pre_check
from reception.services.progress import Circumstances
from reception.services.visitors import change_visitor

LASTS = timedelta(minutes=30)
# Without what is mistaken for something else: the code can be typed by hand when the camera fails.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 16
KEPT_INVITATIONS = timedelta(days=7)

# What a visitor may say of herself; `filled_in` is how it is compared with the card on file.
OWN_FIELDS = (
    "phone",
    "gender",
    "birth_on",
    "birth_year",
    "occupation",
    "wishes",
    "heard_from",
    "called_before",
    "referred_by",
    "medical_notes",
)
_HEALTH = ("medical_notes", "fever", "cough", "contact", "travel")


def via_of(card: IntakeCard) -> str:
    """Return by which way a card came."""
    return Via.KIOSK if card.kiosk_id is not None else Via.PHONE


@transaction.atomic
def invite(*, staff: Staff, now: datetime) -> tuple[IntakeInvitation, str]:
    """Make an invitation to one card at this person's desk; return it and its code, which nobody can read again."""
    code = "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
    invitation = IntakeInvitation.objects.create(
        branch=staff.branch, code_hash=hash_of(code), made_at=now, made_by=staff, expires_at=now + LASTS
    )
    audit.record(action="reception.invite_to_card", now=now, staff=staff, target=invitation)
    return invitation, code


@transaction.atomic
def start_kiosk(*, label: str, staff: Staff, now: datetime) -> tuple[KioskDevice, str]:
    """Set up a screen in the hall of this person's branch; return it and the token for its browser."""
    token = new_token()
    kiosk = KioskDevice.objects.create(
        branch=staff.branch,
        label=clean_name(label) or _("Kiosk"),
        token_hash=hash_of(token),
        started_at=now,
        started_by=staff,
    )
    audit.record(action="reception.start_kiosk", now=now, staff=staff, target=kiosk)
    return kiosk, token


@transaction.atomic
def end_kiosk(*, kiosk: KioskDevice, staff: Staff, now: datetime) -> None:
    """End a kiosk: its browser shows no card any more. Ended twice is ended once."""
    if KioskDevice.objects.filter(pk=kiosk.pk, revoked_at=None).update(revoked_at=now, revoked_by=staff):
        audit.record(action="reception.end_kiosk", now=now, staff=staff, target=kiosk)


def note_kiosk_use(*, kiosk: KioskDevice, now: datetime) -> None:
    """Note that a kiosk is in use, once a minute."""
    if kiosk.used_at is None or now - kiosk.used_at > timedelta(minutes=1):
        KioskDevice.objects.filter(pk=kiosk.pk).update(used_at=now)


@transaction.atomic
def submit_card(
    *,
    invitation: IntakeInvitation | None = None,
    kiosk: KioskDevice | None = None,
    answers: Mapping[str, Any],
    request_key: UUID | None = None,
    now: datetime,
) -> IntakeCard:
    """Lay what a visitor filled in before the desk of the invitation or the kiosk; return the card.

    `answers` is plain JSON; what she does not agree that we handle is not kept: without consent to personal data only
    her name, without consent to sensitive data nothing about her health. Nobody on file is looked at. The same from a
    kiosk under the same `request_key` is the same card for ever, also when it was emptied since; something else is
    another card. Raises Refused `no_card` when the invitation was used or has expired.
    """
    told = _agreed(answers)
    if invitation is not None:
        used = IntakeInvitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=now).update(used_at=now)
        if not used:
            raise Refused(_("This code is not valid any more."), code="no_card")
        branch: Branch = invitation.branch
        card = IntakeCard.objects.create(branch=branch, invitation=invitation, submitted_at=now, answers=told)
    else:
        assert kiosk is not None
        branch = kiosk.branch
        card, made = IntakeCard.objects.get_or_create(
            request_key=request_key or uuid4(),
            request_content=_mark_of(answers) if request_key else "",
            defaults={"branch": branch, "kiosk": kiosk, "submitted_at": now, "answers": told},
        )
        if not made:
            return card
    audit.record(action="reception.submit_card", now=now, staff=None, branch=branch, target=card)
    outbox.announce(topics=[topics.cards(branch.pk)])
    return card


def _mark_of(answers: Mapping[str, Any]) -> str:
    """Return by what the same answers are known again; what they were cannot be read back from it."""
    return salted_hmac("reception.own_card", content_of(answers=answers), algorithm="sha256").hexdigest()


def _agreed(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a card may be kept, by her own consents."""
    consents: Mapping[str, str] = answers.get("consents", {})
    kinds = dict(ConsentText.objects.filter(pk__in=[int(pk) for pk in consents]).values_list("pk", "kind"))
    refused = {kinds.get(int(pk)) for pk, answer in consents.items() if answer == "refused"}
    kept = dict(answers)
    if ConsentText.Kind.DATA in refused:
        return {"name": answers.get("name", ""), "consents": dict(consents), "card_declined": True}
    if ConsentText.Kind.SENSITIVE in refused:
        kept = {name: value for name, value in kept.items() if name not in _HEALTH}
    return kept


@transaction.atomic
def take_card(*, card: IntakeCard, seen: int, staff: Staff, now: datetime) -> IntakeCard:
    """A clerk takes a card over to register its visitor; return it, re-read under lock.

    `seen` is the version her screen showed: raises Stale `card_taken`, naming who has it, when somebody else took it,
    registered it or put it aside since. Her own again is no mistake.
    """
    card.refresh_from_db(from_queryset=IntakeCard.objects.select_for_update(no_key=True))
    hers = card.state == IntakeCard.State.TAKEN and card.taken_by_id == staff.pk
    if hers:
        return card
    if card.state not in IntakeCard.OPEN_STATES or card.version != seen or now - card.submitted_at >= KEPT:
        raise Stale(_what_became_of(card), code="card_taken")
    card.state, card.taken_at, card.taken_by = IntakeCard.State.TAKEN, now, staff
    card.version += 1
    card.save(update_fields=["state", "taken_at", "taken_by", "version"])
    audit.record(action="reception.take_card", now=now, staff=staff, target=card)
    outbox.announce(topics=[topics.cards(card.branch_id)])
    return card


@transaction.atomic
def drop_card(*, card: IntakeCard, seen: int, staff: Staff, now: datetime) -> None:
    """Put a card aside that nobody needs, and empty it. Raises Stale `card_taken` as `take_card` does."""
    card.refresh_from_db(from_queryset=IntakeCard.objects.select_for_update(no_key=True))
    if card.state == IntakeCard.State.DROPPED:
        return
    if card.state not in IntakeCard.OPEN_STATES or card.version != seen:
        raise Stale(_what_became_of(card), code="card_taken")
    card.state, card.answers, card.emptied_at = IntakeCard.State.DROPPED, {}, now
    card.version += 1
    card.save(update_fields=["state", "answers", "emptied_at", "version"])
    audit.record(action="reception.drop_card", now=now, staff=staff, target=card)
    outbox.announce(topics=[topics.cards(card.branch_id)])


def _what_became_of(card: IntakeCard) -> str:
    if card.state == IntakeCard.State.REGISTERED and card.visit is not None:
        return _("This card is registered already: number %(number)s.") % {"number": card.visit}
    if card.state == IntakeCard.State.TAKEN and card.taken_by is not None:
        return _("%(who)s took this card over at %(time)s. Ask her, or take it over from the list as it is now.") % {
            "who": card.taken_by,
            "time": card.taken_at.astimezone(card.branch.zone).strftime("%H:%M") if card.taken_at else "",
        }
    return _("This card was put aside, or is too old. Ask the visitor to fill it in again.")


def filled_in(card: IntakeCard) -> dict[str, Any]:
    """Return what a card says of a visitor as the fields of her own card on file; what she left empty is not in it."""
    said = {name: card.answers.get(name) for name in OWN_FIELDS}
    said["birth_on"] = parse_date(said["birth_on"] or "")
    if said["birth_on"]:
        said["birth_year"] = None
    return {name: value for name, value in said.items() if value not in (None, "", "unknown")}


def differences(card: IntakeCard, visitor: Visitor) -> dict[str, tuple[Any, Any]]:
    """Return where a card says something else than the record on file: field → (on file, on the card)."""
    found = {}
    for name, value in filled_in(card).items():
        on_file = getattr(visitor, name)
        if str(on_file or "") != str(value):
            found[name] = (on_file, value)
    return found


@transaction.atomic
def take_in(
    *,
    known: Visitor | None = None,
    newcomer: Mapping[str, Any] | None = None,
    card: IntakeCard | None = None,
    wanted: Sequence[str] | None = None,
    pre_check: Answers | None = None,
    branch: Branch,
    projects: Sequence[Project],
    purpose: Visit.Purpose = Visit.Purpose.CONSULT,
    note: str = "",
    request_key: UUID,
    circumstances: Circumstances | None = None,
    friend_name: str = "",
    replaces: Visit | None = None,
    appointment: Appointment | None = None,
    staff: Staff,
    now: datetime,
) -> Visit:
    """Register an arrival at the desk with its pre-check and the card the visitor filled in, all or nothing.

    `known`, or `newcomer` (the arguments of `register_newcomer` that are about her). Of a card the fields that `wanted`
    names are taken over (None: those that are empty on file); her consents are kept with the time she gave them.
    Sent again with the same `request_key` it returns the same visit and writes nothing. Raises as `register_arrival`
    and `register_newcomer` do, and Stale `card_taken` when the card was registered otherwise.
    """
    checked = pre_check if pre_check is not None and pre_check.anything else None
    repeated = False
    if card is not None or checked is not None:
        repeated = made_under(Visit.objects.all(), request_key) is not None
    if card is not None:
        card.refresh_from_db(from_queryset=IntakeCard.objects.select_for_update(no_key=True))
    common: dict[str, Any] = {
        "branch": branch,
        "projects": projects,
        "purpose": purpose,
        "note": note,
        "request_key": request_key,
        "circumstances": circumstances,
        "friend_name": friend_name,
        "appointment": appointment,
        "besides": [checked, card, sorted(wanted or ())],
        "staff": staff,
        "now": now,
    }
    if known is not None:
        visit = register_arrival(visitor=known, replaces=replaces, **common)
    else:
        visit = register_newcomer(**(newcomer or {}), **common)
    if repeated:
        return visit
    if card is not None and (card.state not in IntakeCard.OPEN_STATES or card.emptied_at is not None):
        raise Stale(_what_became_of(card), code="card_taken")
    if checked is not None:
        record_pre_check(visit=visit, answers=checked, via=via_of(card) if card else Via.DESK, staff=staff, now=now)
    if card is not None:
        _apply(card, visit, wanted, known is None, staff, now)
    return visit


def _apply(
    card: IntakeCard, visit: Visit, wanted: Sequence[str] | None, new: bool, staff: Staff, now: datetime
) -> None:
    visitor = visit.visitor
    differs = differences(card, visitor)
    if new:
        # Her phone and gender are as the clerk registered them just now.
        wanted = sorted(differs.keys() - {"phone", "gender"})
    elif wanted is None:
        wanted = [name for name, (on_file, _on_card) in differs.items() if on_file in (None, "", "unknown")]
    changes = {name: value for name, (_on_file, value) in differs.items() if name in wanted}
    if card.answers.get("card_declined"):
        changes["card_declined"] = True
    if changes:
        change_visitor(visitor=visitor, staff=staff, now=now, **changes)
    keep_own_answers(
        visitor=visitor,
        answers=card.answers.get("consents", {}),
        via=via_of(card),
        at=card.submitted_at,
        staff=staff,
        now=now,
    )
    card.state, card.visit = IntakeCard.State.REGISTERED, visit
    card.version += 1
    card.save(update_fields=["state", "visit", "version"])
    audit.record(action="reception.register_card", now=now, staff=staff, target=card, detail={"visit": visit.pk})
    outbox.announce(topics=[topics.cards(card.branch_id)])


def empty_cards(*, now: datetime) -> int:
    """Empty the answers of cards that are not needed any more, and delete old invitations nobody used.

    Returns how many cards were emptied. Run twice, late or at once it comes to the same.
    """
    emptied = IntakeCard.objects.filter(emptied_at=None, submitted_at__lte=now - KEPT).update(
        answers={}, emptied_at=now
    )
    IntakeInvitation.objects.filter(card=None, expires_at__lt=now - KEPT_INVITATIONS).delete()
    return emptied
