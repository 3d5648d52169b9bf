"""What was heard of recovery and satisfaction in a quarter, by project and step: the outcome and safety summary."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Avg, Count, Max, Q
from django.utils.translation import gettext as _

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.models import Staff
from clinic.words import reads_chinese
from followups.models import CallAttempt, PlanStep
from followups.weekly import SATISFIED_FROM, percent

Context = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year; `number` from 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """Return the quarter a day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def named(cls, text: str) -> "Quarter | None":
        """Return the quarter an address names, as `2026-1`; None when it names none."""
        year, _bar, number = text.partition("-")
        if not (year.isascii() and year.isdecimal() and len(year) == 4 and number in {"1", "2", "3", "4"}):
            return None
        found = cls(int(year), int(number))
        return found if FIRST_DAY.year <= found.year <= LAST_DAY.year else None

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, self.number * 3 - 2, 1)

    def moved(self, quarters: int) -> "Quarter":
        """Return the quarter so many later (negative: earlier)."""
        year, number = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return Quarter(year, number + 1)

    @property
    def asked(self) -> str:
        """Return how an address names it."""
        return f"{self.year}-{self.number}"

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.year} Q{self.number}"


def outcomes_page(staff: Staff, asked: str, today: date) -> Context:
    """Return the summary of the quarter an address names, or of the running one, as its page shows it."""
    running = Quarter.of(today)
    quarter = min(Quarter.named(asked) or running, running)
    zone = staff.branch.zone
    start, end = (datetime.combine(one.first, time(), zone).astimezone(UTC) for one in (quarter, quarter.moved(1)))
    said = CallAttempt.objects.filter(
        call_back__branch_id=staff.branch_id, at__gte=start, at__lt=end, result=CallAttempt.Result.REACHED
    )
    counts: dict[str, Any] = {
        "reached": Count("id"),
        "abnormal": Count("id", filter=Q(recovery=CallAttempt.Recovery.ABNORMAL)),
        "scored": Count("satisfaction"),
        "satisfied": Count("id", filter=Q(satisfaction__gte=SATISFIED_FROM)),
        "mean": Avg("satisfaction"),
    }
    treatment = "call_back__treatment__project"
    by_project = said.values(
        f"{treatment}_id", f"{treatment}__name", f"{treatment}__name_en", f"{treatment}__department__kind"
    ).annotate(**counts).order_by("-abnormal", "-reached", f"{treatment}_id")  # fmt: skip
    by_step = (
        said.values(f"{treatment}__department__kind", "call_back__code")
        .annotate(**counts, step=Max("call_back__step_id"))
        .order_by(f"{treatment}__department__kind", "step")
    )
    steps = PlanStep.objects.only("name", "name_en").in_bulk([row["step"] for row in by_step])
    return {
        "quarter": quarter,
        "earlier": quarter.moved(-1),
        "later": quarter.moved(1) if quarter < running else None,
        "running": quarter == running,
        "tables": [
            {"title": _("By project"), "rows": [_row(row, _named(row, treatment)) for row in by_project]},
            {"title": _("By call of the plan"), "rows": [_row(row, str(steps[row["step"]])) for row in by_step]},
        ],
    }


def _named(row: Context, treatment: str) -> str:
    return str(row[f"{treatment}__name" if reads_chinese() else f"{treatment}__name_en"])


def _row(row: Context, word: str) -> Context:
    return {
        "word": word,
        **{name: row[name] for name in ("reached", "abnormal", "scored", "satisfied", "mean")},
        "abnormal_share": percent(row["abnormal"], row["reached"]),
        "satisfied_share": percent(row["satisfied"], row["scored"]),
    }
