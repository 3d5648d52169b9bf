"""What comes out of a consultation: a deal with its shares, no deal with the reason, an enquiry, a product."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from consultations.models import Consultation, Deal, DealShare, Payment
from consultations.selectors import ownership
from consultations.selectors.people import found_exactly
from consultations.services.deals import Line, sum_of, write_deal
from consultations.services.friends import forget_friend, say_friend
from reception import services as reception
from reception.models import Appointment, Visit, Visitor

State = Consultation.State
Outcome = Consultation.Outcome
# What the register says of a visit once it was found out that nothing can be sold (K1, K2).
FOUND_OUT = {Outcome.NOT_OFFERED: Visit.OtherReason.NOT_OFFERED, Outcome.CANNOT_DO: Visit.OtherReason.CANNOT_DO}


def for_outcome(consultation: Consultation, staff: Staff, expected_version: int | None) -> Consultation:
    """Return the row locked behind its visit; raise Refused or Stale unless an outcome may be written as seen."""
    visit = Visit.objects.select_for_update(no_key=True).get(pk=consultation.visit_id)
    current = (
        Consultation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("visitor")
        .get(pk=consultation.pk)
    )
    current.visit = visit
    if expected_version is not None and current.version != expected_version:
        outcome = current.get_outcome_display() or _("no outcome yet")
        raise Stale(
            _("This consultation changed since your screen was drawn. It now says: %(state)s, %(outcome)s.")
            % {"state": current.get_state_display(), "outcome": outcome},
            code="changed",
            detail={"version": current.version},
        )
    elsewhere = current.visit.consultant_id != staff.pk
    if current.consultant_id != staff.pk or elsewhere or current.state in (State.DECLINED, State.WITHDRAWN):
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": str(current.visit)}, code="moved_away")
    if current.state != State.IN_ROOM:
        raise Refused(_("An outcome is recorded while the visitor is in the room."), code="not_in_room")
    return current


def write_outcome(current: Consultation, staff: Staff, now: datetime, detail: dict[str, str]) -> None:
    """Write a locked consultation with the outcome it has now; its screens hear of it."""
    current.version += 1
    current.save(
        update_fields=[
            "outcome",
            "outcome_note",
            "desk_reason",
            "desk_friend",
            "no_deal_reason",
            "call_again_on",
            "decided_by",
            "passed_to",
            "version",
        ]
    )
    audit.record(action=f"consultations.record_{current.outcome}", now=now, staff=staff, target=current, detail=detail)
    outbox.announce(topics=[topics.queue(current.consultant_id), topics.visitor(current.visitor_id)])


def give_outcome(current: Consultation, outcome: str, *, note: str = "") -> None:
    """Put an outcome in the place of the one before; what belonged to that one goes.

    Raises Refused `deal_recorded` after a deal, and `found_out` once the register says that nothing can be sold.
    """
    if current.outcome == Outcome.DEAL and outcome != Outcome.DEAL:
        raise Refused(_("A deal is recorded for this consultation; it cannot become no deal."), code="deal_recorded")
    stands = is_found_out(current)
    if stands and outcome not in (Outcome.DEAL, Outcome.REFERRED, Outcome.TRANSFERRED, Outcome.ANOTHER):
        raise Refused(
            _("The register says already: %(outcome)s. The front desk can correct that.")
            % {"outcome": current.get_outcome_display()},
            code="found_out",
        )
    if outcome != Outcome.FOR_FRIEND:
        forget_friend(current)
    current.outcome, current.outcome_note = outcome, note
    current.no_deal_reason, current.call_again_on = "", None
    current.decided_by = current.passed_to = None


def is_found_out(current: Consultation) -> bool:
    """Say whether K1 or K2 stands for the visit; the desk can have taken it back since."""
    outcome = current.outcome
    return outcome in FOUND_OUT and current.visit.other_reason == FOUND_OUT[Outcome(outcome)]


@transaction.atomic
def record_deal(
    *,
    consultation: Consultation,
    kind: str,
    lines: Sequence[Line],
    deposit: Decimal | None = None,
    receipt_number: str = "",
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Deal:
    """Write down what was bought line by line, amounts in yuan; who is credited follows from the visit (O4).

    What was received with it is noted, and her membership level follows: all of it when it is paid in full, else the
    `deposit` (None: nothing was received yet). A further deal is a further row; it takes the place of an earlier *no
    deal*.

    Raises Refused as `deals.sum_of`, `deposit_range` for a deposit that is not between nothing and all, or when the
    visitor is not in the room; Stale when the consultation is not at `expected_version` (None: do not ask).
    """
    total = sum_of(lines)
    received = total if kind == Deal.Kind.PAID else deposit or Decimal(0)
    if kind == Deal.Kind.DEPOSIT and (received < 0 or received >= total):
        raise Refused(_("A deposit is less than the whole amount. Choose paid in full."), code="deposit_range")
    # The visitor is locked before the consultation, as everywhere.
    visitor = reception.hold_visitor(consultation.visitor_id)
    current = for_outcome(consultation, staff, expected_version)
    deal = write_deal(
        Deal(
            consultation=current,
            visitor=visitor,
            branch_id=current.branch_id,
            kind=kind,
            amount=total,
            made_at=now,
            made_by=staff,
        ),
        lines,
        {DealShare.Part.SALES: ownership.shares_of_sale(current)},
    )
    if received:
        Payment.objects.create(
            deal=deal,
            kind=Payment.Kind.FULL if kind == Deal.Kind.PAID else Payment.Kind.DEPOSIT,
            amount=received,
            received_on=deal.branch.today(now),
            receipt_number=receipt_number.strip(),
            noted_at=now,
            noted_by=staff,
        )
        reception.record_level(visitor=visitor)
    give_outcome(current, Outcome.DEAL)
    write_outcome(current, staff, now, {"deal": str(deal.pk), "kind": kind})
    outbox.announce(topics=[topics.deals(current.branch_id)])
    return deal


@transaction.atomic
def record_no_deal(
    *,
    consultation: Consultation,
    reason: str,
    call_again_on: date | None,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Consultation:
    """Write down why nothing was bought, and when to call again (None: not at all).

    Raises Refused without a reason, for a day that is over, after a deal, or when the visitor is not in the room; Stale
    when the consultation is not at `expected_version` (None: do not ask).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why there was no deal."), code="reason_missing")
    current = for_outcome(consultation, staff, expected_version)
    if call_again_on is not None and call_again_on <= current.day:
        raise Refused(_("The day to call again must lie ahead."), code="call_again_over")
    if call_again_on is not None and call_again_on > current.day + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")
    give_outcome(current, Outcome.NO_DEAL)
    current.no_deal_reason = reason
    current.call_again_on = call_again_on
    write_outcome(current, staff, now, {"reason": reason})
    return current


@transaction.atomic
def record_for_friend(
    *,
    consultation: Consultation,
    name: str,
    phone: str = "",
    note: str = "",
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Consultation:
    """Write down that she enquired for an absent friend, so that the friend is this consultant's when she comes (C8).

    The friend is whoever the desk named already; else whom name and `phone` say exactly, when she is on file; else she
    is put on file. Said otherwise afterwards, who was put on file here and nobody knows otherwise is called so from
    then on. `phone` as it is typed, empty when it was not told. With another outcome the visit says again what the desk
    had said.

    Raises Refused `name`, `phone`, `same_person` or as `record_no_deal`; Stale when the consultation is not at
    `expected_version` (None: do not ask).
    """
    # Visitors are locked before visits, as everywhere.
    said = Visit.objects.get(pk=consultation.visit_id).friend_id
    held = reception.hold_visitor(said) if said is not None else None
    current = for_outcome(consultation, staff, expected_version)
    if current.outcome != Outcome.FOR_FRIEND:
        current.desk_reason, current.desk_friend = current.visit.other_reason, current.visit.friend
    give_outcome(current, Outcome.FOR_FRIEND, note=note.strip())
    friend = _friend(current, held, name, phone, staff, now)
    say_friend(current, friend)
    write_outcome(current, staff, now, {"visitor": str(friend.pk)})
    return current


def _friend(current: Consultation, held: Visitor | None, name: str, phone: str, staff: Staff, now: datetime) -> Visitor:
    """Return the friend by name and phone; `held`: whom the visit named when it was read, under lock."""
    known = current.visit.friend
    made_here = held is not None and known == held and _put_on_file_here(current, held)
    if known is not None and known.name == name.strip() and not (made_here and phone.strip()):
        return known
    if phone.strip():
        for one in found_exactly(phone):
            if one.pk == current.visitor_id:
                raise Refused(_("This is the phone of the visitor herself. Give the friend's."), code="same_person")
            if one.name == name.strip():
                return one
    if held is not None and made_here:
        if phone.strip():
            return reception.change_visitor(visitor=held, name=name, phone=phone, staff=staff, now=now)
        return reception.change_visitor(visitor=held, name=name, staff=staff, now=now)
    return reception.register_visitor(name=name, phone=phone, branch=current.branch, staff=staff, now=now)


def _put_on_file_here(current: Consultation, friend: Visitor) -> bool:
    """Say whether a locked friend is on file because this consultation said so, and nobody knows her otherwise."""
    if friend.pk == current.desk_friend_id or current.entered_at is None:
        return False
    if friend.registered_by_id != current.consultant_id or friend.registered_at < current.entered_at:
        return False
    known = Visit.objects.filter(Q(visitor=friend) | Q(friend=friend)).exclude(pk=current.visit_id)
    return not known.exists() and not Appointment.objects.filter(visitor=friend).exists()


@transaction.atomic
def record_product(
    *,
    consultation: Consultation,
    note: str = "",
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Consultation:
    """Write down that she only came to collect a product; who was announced counts in no rate then (T8).

    Raises Refused and Stale as `record_no_deal`.
    """
    current = for_outcome(consultation, staff, expected_version)
    give_outcome(current, Outcome.PRODUCT, note=note.strip())
    write_outcome(current, staff, now, {"note": note.strip()} if note.strip() else {})
    return current
