"""One line a figure: ours, the limit, the ratio, the aim; as a table and as JSON."""

import json
import statistics
import time
from collections.abc import Callable


def median_seconds(work: Callable[[int], object], times: int) -> float:
    """Call `work(0)`, `work(1)`, … and return the median seconds of a call; the first tenth warms up."""
    taken = []
    for number in range(times):
        began = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[times // 10 :])


def figure(*, quality: str, what: str, ours: float, limit: float | None, unit: str, aim: str) -> None:
    """Print a figure of `quality.md`; `limit` None: held against the aim alone."""
    ratio = None if limit is None else ours / limit
    beside = "" if limit is None else f"  limit {limit:.3f} {unit}  ratio {ratio:.2f}"
    print(f"\n{quality:<4} {what:<40} {ours:.3f} {unit}{beside}  aim {aim}")
    print(
        json.dumps(
            {"id": quality, "what": what, "ours": ours, "limit": limit, "ratio": ratio, "unit": unit, "aim": aim}
        )
    )
