"""How many are ahead of a visitor at a department's desk, and in how many minutes she can be received.

Pure: what is known of people and of those who wait goes in, a number for each of those who wait comes out. Who has a
doctor of her own waits for that one; the others go, in the order they came, to whoever is free soonest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# How long somebody is with a visitor when nobody says otherwise, by the kind of department.
USUAL_MINUTES: Mapping[str, int] = {"surgery": 40, "laser": 30, "non_invasive": 20}
REVIEW_MINUTES = 10
_STEP = 5


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who receives: whether she is here, and in how many minutes she is free (0: now; None: nobody knows)."""

    here: bool
    free_in: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits: for whom (None: whoever is free), and how many minutes she will take."""

    key: int
    receiver: int | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many are received before her, and in about how many minutes it is her turn (None: nobody can say)."""

    ahead: int
    minutes: int | None


def expectations(waiting: Sequence[Waiting], receivers: Mapping[int, Receiver]) -> dict[int, Expectation]:
    """Return what each of those who wait, in the order they came, may be told; minutes in steps of five, up."""
    free: dict[int, int | None] = {key: one.free_in for key, one in receivers.items()}
    here = [key for key, one in receivers.items() if one.here and one.free_in is not None]
    before: dict[int | None, int] = {}
    found: dict[int, Expectation] = {}
    for one in waiting:
        ahead = before.get(one.receiver, 0)
        before[one.receiver] = ahead + 1
        receiver = one.receiver
        if receiver is None and here:
            receiver = min(here, key=lambda key: free[key] or 0)
        minutes = free.get(receiver) if receiver is not None else None
        if receiver is not None and minutes is not None:
            free[receiver] = minutes + one.minutes
        found[one.key] = Expectation(ahead, _in_steps(minutes) if minutes is not None else None)
    return found


def left_of(usual: int, passed: int) -> int:
    """Return how many of the usual minutes are left after so many have passed; a few when it takes longer."""
    return max(usual - passed, _STEP)


def _in_steps(minutes: int) -> int:
    return -(-max(minutes, 0) // _STEP) * _STEP
