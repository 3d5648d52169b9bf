"""K6 and deals: what a receiver sold before the owner was found is shared anew, and as before when K6 is taken back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from clinic.models import Staff
from clinic.services import audit
from consultations.models import Deal
from consultations.selectors import ownership
from consultations.selectors.deals import effective_deals
from consultations.services.deals import SALES, Held, hold, replace_entry, shares_of, tell
from reception.models import Visit
from triage.engine.facts.words import Fault
from triage.models import Decision, LedgerEntry


@transaction.atomic
def share_misallocated(
    *,
    visit: Visit,
    owner: Staff,
    fault: Fault | None,
    decision: Decision | None = None,
    staff: Staff,
    now: datetime,
) -> list[Deal]:
    """K6: the deals a receiver closed before the owner was found are shared half and half, by a fault all the owner's.

    `decision`: by which it was found (None: the newest K6 about the visit). One that was taken back shares nothing.
    What was sold after it was sold by who stood in for the known owner, or had her since: that stays as it was shared.
    Done twice is done once: what a supervisor has said of a sale since then stands. Returns the entries that stand in
    the place of those deals.
    """
    if decision is None:
        decision = Decision.objects.filter(visit=visit, rule="K6").order_by("-pk").first()
    found = (
        effective_deals()
        .filter(consultation__visit=visit)
        .exclude(consultation__consultant=owner)
        .select_related("consultation__visit")
    )
    if decision is not None:
        # A corrected entry keeps when it was sold.
        found = found.filter(made_at__lte=decision.made_at)
    changed = []
    for deal in found.order_by("pk"):
        shares = ownership.shares_of_sale(deal.consultation, misallocated_to=owner, fault=fault)
        held = hold(deal)
        # Asked under the lock: who takes the decision back shares after this, or has done so.
        if decision is not None and _taken_back([decision.pk]):
            break
        shared = _without_taken_back(held) == dict(shares) or _shared_since(held, decision)
        if not shared and not held.current.void:
            changed.append(_share_by(held, decision, "K6", shares, staff, now))
    return changed


@transaction.atomic
def share_as_before(*, decision: Decision, staff: Staff, now: datetime) -> list[Deal]:
    """A K6 was taken back at once (K8): its deals are shared again as if it had not been.

    What a supervisor has said of a sale since then stands, and so does another K6. Done twice is done once. Returns the
    entries that stand in the place of those deals.
    """
    changed = []
    for deal in effective_deals().filter(consultation__visit=decision.visit_id).order_by("pk"):
        held = hold(deal)
        before = _without_taken_back(held)
        if shares_of(held.current)[SALES] != before and not held.current.void and _taken_back([decision.pk]):
            changed.append(_share_by(held, decision, "K8", before, staff, now))
    return changed


def _share_by(
    held: Held, decision: Decision | None, rule: str, sales: Mapping[int, Decimal], staff: Staff, now: datetime
) -> Deal:
    """Share the sale of a locked deal as the rules say, with the reason for which it was decided."""
    said = decision.answer.get("reason", "") if decision is not None else ""
    reason = f"{rule} {said}".strip()[:200]
    shares = shares_of(held.current) | {SALES: sales}
    entry = replace_entry(held, reason, staff, now, shares=shares, decision=decision)
    detail = {"part": SALES.value, "reason": reason}
    audit.record(action="consultations.share_deal", now=now, staff=staff, target=entry, detail=detail)
    tell(held)
    return entry


def _chain(held: Held) -> list[Deal]:
    """Return the entries of a locked deal, from the first to the one that stands."""
    return list(Deal.objects.filter(Q(pk=held.current.first) | Q(original=held.current.first)).order_by("pk"))


def _taken_back(decisions: Iterable[int]) -> set[int]:
    """Return which of these decisions the desk has taken back (K8)."""
    undone = LedgerEntry.objects.filter(board=OuterRef("board"), kind="undone", corrects=OuterRef("sequence"))
    return set(Decision.objects.filter(Exists(undone), pk__in=decisions).values_list("pk", flat=True))


def _without_taken_back(held: Held) -> dict[int, Decimal]:
    """Return how the sale of a locked deal is shared when what is taken back had not been decided."""
    chain = _chain(held)
    undone = _taken_back([one.decision_id for one in chain if one.decision_id is not None])
    was = said = shares_of(chain[0])[SALES]
    for entry in chain[1:]:
        shares = shares_of(entry)[SALES]
        ruled = entry.decision_id is not None and entry.decision_id not in undone
        if ruled or (entry.decision_id is None and shares != was):
            said = shares
        was = shares
    return said


def _shared_since(held: Held, decision: Decision | None) -> bool:
    """Say whether the sale of a locked deal was shared anew after K6 was decided: by K6 itself, or by a person.

    What another K6 did that was decided before, or that is taken back, is neither.
    """
    if decision is None:
        return False
    chain = _chain(held)
    others = {one.decision_id for one in chain if one.decision_id is not None and one.decision_id != decision.pk}
    passed_over = {pk for pk in others if pk < decision.pk} | _taken_back(others)
    since = [
        (before, entry)
        for before, entry in pairwise(chain)
        if entry.corrected_at is not None
        and entry.corrected_at >= decision.made_at
        and entry.decision_id not in passed_over
    ]
    return any(
        entry.reason.startswith("K6") or shares_of(entry)[SALES] != shares_of(before)[SALES] for before, entry in since
    )
