"""The figures as they stand in the table of a screen and in a spreadsheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consultations.selectors.figure_rows import WORDS
from consultations.selectors.figures import Figures, Person
from triage.selectors.fairness.words import wait_words

Value = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its figure by name (which opens its rows), what stands in it, and how it is written."""

    figure: str
    value: Callable[[Figures], Value]
    write: Callable[[Value], str]
    begins: bool = False
    strong: bool = False
    bar: bool = False

    @property
    def word(self) -> Promise:
        """Return what stands over the column."""
        return WORDS[self.figure]


def _whole(value: Value) -> str:
    return str(value)


def _shared(value: Value) -> str:
    """Write a sum of shares: whole ones without a fraction."""
    said = f"{Decimal(value or 0):.2f}"
    return said.rstrip("0").rstrip(".")


def _yuan(value: Value) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _per_cent(value: Value) -> str:
    return "–" if value is None else f"{value:.1f}%"


def _minutes(value: Value) -> str:
    return "–" if value is None else wait_words(timedelta(minutes=float(value)))


def _in_minutes(wait: timedelta | None) -> Value:
    return None if wait is None else Decimal(wait / timedelta(minutes=1))


COLUMNS: tuple[Column, ...] = (
    Column("turns", lambda one: one.turns, _whole, begins=True, strong=True),
    Column("counted", lambda one: one.counted, _whole),
    Column("make_up", lambda one: one.make_up, _whole),
    Column("free", lambda one: one.free, _whole),
    Column("returned", lambda one: one.returned, _whole),
    Column("lost", lambda one: one.lost, _whole),
    Column("receptions", lambda one: one.receptions, _whole, begins=True, strong=True),
    Column("counting", lambda one: one.counting, _whole),
    Column("first_visits", lambda one: one.first_visits, _whole),
    Column("return_visits", lambda one: one.return_visits, _whole),
    Column("repurchases", lambda one: one.repurchases, _whole),
    Column("came_again", lambda one: one.came_again_rate, _per_cent),
    Column("deals", lambda one: one.deals, _shared, begins=True, strong=True),
    Column("amount", lambda one: one.amount, _yuan, strong=True),
    Column("bought", lambda one: one.conversion, _per_cent, bar=True),
    Column("spent", lambda one: one.average_spend, _yuan),
    Column("waited", lambda one: _in_minutes(one.average_wait), _minutes, begins=True),
    Column("longest", lambda one: _in_minutes(one.longest_wait), _minutes),
    Column("declined", lambda one: one.declined, _whole, begins=True),
    Column("left_before", lambda one: one.left_before, _whole),
)
HEAD: Sequence[Promise] = [column.word for column in COLUMNS]
# The columns put together, as the first row of the head has it: words and how many.
GROUPS: Sequence[tuple[Promise, int]] = (
    (_("Turns"), 6),
    (_("Receptions"), 6),
    (pgettext_lazy("figures", "Sales"), 4),
    (pgettext_lazy("figures", "Waiting"), 2),
    (_("Not received"), 2),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in the table. `bar`: a per cent to be drawn under it, None for none."""

    figure: str
    text: str
    begins: bool
    strong: bool
    bar: int | None = None

    @property
    def nothing(self) -> bool:
        """Say whether there is nothing behind it."""
        return self.text in ("0", "–", "0.0%")


def cells_of(figures: Figures) -> list[Cell]:
    """Return the figures in the order of the columns, written out."""
    return [_cell(column, column.value(figures)) for column in COLUMNS]


def _cell(column: Column, value: Value) -> Cell:
    bar = int(value) if column.bar and value is not None else None
    return Cell(column.figure, column.write(value), column.begins, column.strong, bar)


def numbers_of(figures: Figures) -> list[Value]:
    """Return the figures in the order of the columns, as numbers; None where there is none."""
    return [column.value(figures) for column in COLUMNS]


def mean_cells(people: Sequence[Person], whole: Figures) -> list[Cell]:
    """Return the mean of each figure over those who received somebody; rates and waits are those of all of them."""
    number = sum(1 for one in people if one.figures.receptions)
    rates = {"came_again", "bought", "spent", "waited", "longest"}
    cells = []
    for column in COLUMNS:
        value = column.value(whole)
        if column.figure in rates or not number:
            cells.append(_cell(column, value))
        else:
            written = (
                f"{Decimal(value or 0) / number:,.0f}"
                if column.figure == "amount"
                else f"{Decimal(value or 0) / number:.1f}"
            )
            cells.append(Cell(column.figure, written, column.begins, column.strong))
    return cells
