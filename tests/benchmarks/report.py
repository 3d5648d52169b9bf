"""One line a figure: ours, the limit, the ratio, the aim; all of them at the end as one table and as JSON."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from clinic.launch.paths import ROOT

FILE = ROOT / ".local" / "benchmarks.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of `quality.md`. `limit` None: held against the aim alone. `ratio`: how many times the limit it costs.

    For a rate the ratio is limit / ours, for a time ours / limit.
    """

    id: str
    what: str
    ours: float
    limit: float | None
    ratio: float | None
    unit: str
    aim: str


FIGURES: list[Figure] = []
HEADINGS = ("id", "what", "ours", "limit", "ratio", "aim")


def median_seconds(work: Callable[[int], object], times: int) -> float:
    """Call `work(0)`, `work(1)`, … and return the median seconds of a call; the first tenth warms up."""
    taken = []
    for number in range(times):
        began = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[times // 10 :])


def figure(*, quality: str, what: str, ours: float, limit: float | None, unit: str, aim: str) -> None:
    """Take a figure into the table, and print it; a unit that ends in "second" or "/s" is a rate."""
    ratio = None
    if limit is not None:
        ratio = limit / ours if unit.endswith(("second", "/s")) else ours / limit
    FIGURES.append(Figure(quality, what, ours, limit, ratio, unit, aim))
    print("\n" + "  ".join(_cells(FIGURES[-1])).rstrip(), flush=True)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned lines under headings."""
    rows = [HEADINGS, *map(_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def write(figures: Sequence[Figure], file: Path = FILE) -> None:
    """Write the figures as JSON, with the machine they were measured on."""
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**machine, "figures": [asdict(one) for one in figures]}, indent=1) + "\n")


def _cells(one: Figure) -> tuple[str, ...]:
    limit = "" if one.limit is None else f"{one.limit:,.{_digits(one.limit)}f} {one.unit}"
    ratio = "" if one.ratio is None else f"{one.ratio:.2f} x"
    return (one.id, one.what, f"{one.ours:,.{_digits(one.ours)}f} {one.unit}", limit, ratio, one.aim)


def _digits(value: float) -> int:
    return 0 if value == int(value) else 2 if value < 100 else 1
