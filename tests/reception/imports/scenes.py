"""What a batch says is wrong."""

from reception.models import (
    ImportBatch,
)
from reception.selectors.imports import mistakes_of

State = ImportBatch.State


# As many as a suite can wait for; `make bench` takes 100,000.
ROWS = 20_000


def named(batch: ImportBatch) -> set[tuple[int, int | None, str]]:
    return set(mistakes_of(batch).values_list("row", "column", "kind"))
