"""Who is credited with which part of a deal (O4): pure, people are told apart by any text of their own.

Shares have four decimals and sum to exactly one; nobody's is less than nothing, and the order in which people are named
changes nothing.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from triage.engine.credit import WHOLE, deal_shares, shares_after_misallocation
from triage.engine.facts.words import Fault

# What the doctor and the consultant who had the visitor before a panel keep of it.
KEPT = Fraction(3, 10)
UNITS = 10_000


class Misallocated(NamedTuple):
    """K6: whose visitor she was all along, who had received her, and whether that was somebody's fault."""

    owner: str
    receiver: str
    fault: Fault | None


def shares(
    *,
    owner: str | None,
    receiver: str,
    stand_in: bool = False,
    panel: Iterable[tuple[str, bool]] = (),
    change_credit: Literal["new", "first"] | None = None,
    misallocated: Misallocated | None = None,
) -> Mapping[str, Decimal]:
    """Return who has which share of a deal's sales.

    `owner`: whose visitor she is, None for nobody's; `receiver`: who received her; `stand_in`: only in the owner's
    place. `change_credit`: she asked for another consultant (K4), and by the policy new deals are the new one's or stay
    the first's. `panel`: who took part in a panel, and whether she had had the visitor before: with whoever has the
    deal those keep 30 %, the others of the panel have the rest.
    """
    if misallocated is not None:
        had = shares_after_misallocation(**misallocated._asdict())
    elif change_credit == "new" and not stand_in:
        had = deal_shares(owner=None, receiver=receiver)
    else:
        had = deal_shares(owner=owner, receiver=receiver)
    nobody = {receiver} - set(had) if stand_in else set()
    members = {person: had_first for person, had_first in sorted(panel) if person not in nobody}
    keepers = {person for person, had_first in members.items() if had_first} | set(had)
    others = set(members) - keepers
    if not members:
        return _rounded(had)
    if not others:
        return equally(keepers)
    parts = {person: KEPT / len(keepers) for person in keepers}
    parts |= {person: (WHOLE - KEPT) / len(others) for person in others}
    return _rounded(parts)


def equally(people: Iterable[str]) -> Mapping[str, Decimal]:
    """Return equal shares of the whole; of nobody nothing."""
    everybody = set(people)
    return _rounded({person: WHOLE / len(everybody) for person in everybody})


def _rounded(parts: Mapping[str, Fraction]) -> Mapping[str, Decimal]:
    """Return the parts in ten-thousandths; what rounding down leaves goes to those it took the most from."""
    units = {person: int(part * UNITS) for person, part in parts.items()}
    short = sorted(parts, key=lambda person: (units[person] - parts[person] * UNITS, person))
    for person in short[: UNITS - sum(units.values())]:
        units[person] += 1
    return {person: Decimal(count) / UNITS for person, count in sorted(units.items()) if count}
