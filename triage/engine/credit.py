"""Whose visitor and whose deal it is: the O rules that need no board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .facts.words import Fault
from .policy import Policy

Shares = Mapping[str, Fraction]

# O3: how long a pre-report, or its last follow-up, gives credit.
CREDIT_MONTHS = 3
WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class PreReport:
    """Somebody announced the visitor: who, on which day, and the day of the last follow-up entry, if there is one.

    `came`: the day she first came after that, if she has never bought anything since.
    """

    by: str
    on: date
    follow_up: date | None = None
    came: date | None = None


def gives_credit(report: PreReport, day: date) -> bool:
    """O3: younger than three months, or followed up within them. `day` is that of the visit.

    A report that was young enough when she first came keeps its credit until she buys.
    """
    begins = _months_before(day, CREDIT_MONTHS)
    if report.on > begins or (report.follow_up is not None and report.follow_up >= begins):
        return True
    return stays_credited(report, day)


def stays_credited(report: PreReport, day: date) -> bool:
    """O3, last sentence: whether she came while the report was young enough, before `day`, and has not bought yet."""
    return report.came is not None and report.came < day and report.on > _months_before(report.came, CREDIT_MONTHS)


def claimant(reports: Sequence[PreReport], day: date, policy: Policy, *, has_phone: bool = True) -> str | None:
    """O2, O3: whose visitor she is among those who announced her; None without a phone number on file or a valid claim.

    `claims: earliest`: the earliest record; `follow_up`: among those with follow-up entries the latest of these, if
    nobody followed up the earliest record.
    """
    valid = [one for one in reports if gives_credit(one, day)] if has_phone else []
    if not valid:
        return None
    followed = [(one.follow_up, one) for one in valid if one.follow_up is not None]
    if policy.claims == "follow_up" and followed:
        return max(followed, key=lambda pair: pair[0])[1].by
    return min(valid, key=lambda one: one.on).by


def deal_shares(*, owner: str | None, receiver: str) -> Shares:
    """O4: the owner has all of a deal, a stand-in nothing; without an owner the receiver has it."""
    return {owner or receiver: WHOLE}


def shares_after_misallocation(*, owner: str, receiver: str, fault: Fault | None) -> Shares:
    """K6: a deal the receiver had closed already is shared half and half; with somebody's fault the owner has all."""
    if fault is not None or owner == receiver:
        return {owner: WHOLE}
    return {owner: Fraction(1, 2), receiver: Fraction(1, 2)}


def _months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month when it is shorter."""
    month = day.month - 1 - months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
