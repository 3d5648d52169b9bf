"""Numbing times: how long one runs yet, and whose is nearly over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.models import Staff
from consultations.models import DeskCase
from consultations.selectors.desk_cases import cases_of_desk

NUDGE = timedelta(minutes=2)
# How long numbing cream usually has to work, one key each.
NUMBING = (20, 30, 40, 60)


@dataclass(frozen=True, slots=True)
class Numbing:
    """A numbing time that runs: when it is over, in how many minutes, and whether somebody should go and look."""

    over_at: datetime
    minutes: int
    nearly_over: bool


def numbing_of(case: DeskCase, now: datetime) -> Numbing | None:
    """Return the numbing time of a case, None when none runs."""
    over_at = case.numbing_over_at
    if over_at is None:
        return None
    minutes = max(0, -((now - over_at) // timedelta(minutes=1)))
    return Numbing(over_at, minutes, nearly_over=over_at - NUDGE <= now)


@dataclass(frozen=True, slots=True)
class Nudges:
    """Numbing times of a desk: nearly over and not looked at yet; in how many seconds the next one is (None: none)."""

    due: list[DeskCase]
    next_in: int | None


def numbing_nudges(staff: Staff, now: datetime) -> Nudges:
    """Return the numbing times of the desk a person works that somebody has to look at; one query."""
    running = cases_of_desk(staff).filter(
        day=staff.branch.today(now),
        state__in=DeskCase.OPEN_STATES,
        numbing_started_at__isnull=False,
        numbing_seen_at=None,
    )
    over = sorted((one.numbing_over_at, one.pk, one) for one in running if one.numbing_over_at is not None)
    due = [one for moment, _pk, one in over if moment - NUDGE <= now]
    ahead = [moment - NUDGE - now for moment, _pk, _one in over if moment - NUDGE > now]
    return Nudges(due, int(ahead[0].total_seconds()) + 1 if ahead else None)
