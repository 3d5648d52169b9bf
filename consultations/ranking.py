"""Who comes first for a project, by what came of last month's receptions (A11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# A project with fewer receptions in the month says too little about anybody: it gets no list.
LEAST_RECEPTIONS = 10


@dataclass(frozen=True, slots=True)
class Record:
    """What one consultant made of her receptions for a project: `bought` led to a deal; `deals` are sums of shares."""

    consultant: int
    name_key: str
    receptions: int
    bought: int
    deals: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


def ranked(records: Iterable[Record]) -> list[Record]:
    """Return who comes first: by conversion, then by average spend, then by name.

    Who received nobody is not among them; nobody is when all together received fewer than LEAST_RECEPTIONS.
    """
    received = [one for one in records if one.receptions]
    if sum(one.receptions for one in received) < LEAST_RECEPTIONS:
        return []
    return sorted(received, key=lambda one: (-_conversion(one), -_spend(one), one.name_key, one.consultant))


def _conversion(one: Record) -> Fraction:
    return Fraction(one.bought, one.receptions)


def _spend(one: Record) -> Fraction:
    return Fraction(one.amount) / Fraction(one.deals) if one.deals else Fraction(0)
