"""R14: an import of 100,000 visitors with 500 mistakes of every kind, corrected, taken in whole, and taken back."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from clinic.roles import Role
from reception.models import ImportBatch, Visitor
from reception.selectors.imports import mistakes_of
from tests.benchmarks.report import figure
from tests.conftest import MakeStaff
from tests.factories.imports import as_csv, checked, imported, rows, undone, with_mistakes
from tests.factories.reception import ProjectFactory

ROWS = 100_000
MISTAKES = 500
Result = TypeVar("Result")


def test_r14_import_100_000_rows(staff_with: MakeStaff, now: datetime) -> None:
    manager = staff_with(Role.MANAGER)
    staff_with(Role.CONSULTANT, display_name="李敏")
    right = rows(ROWS, owner="李敏", project=ProjectFactory(name="双眼皮").name)
    wrong, planted = with_mistakes(right, MISTAKES)
    first = _timed("check, with 500 mistakes", lambda: checked(as_csv(wrong), manager, now))
    assert set(mistakes_of(first).values_list("row", "column", "kind")) == planted
    assert not Visitor.objects.exists()
    second = _timed("check, corrected", lambda: checked(as_csv(right), manager, now))
    _timed("take in", lambda: imported(second, manager, now))
    assert Visitor.objects.count() == ROWS
    _timed("take back", lambda: undone(second, manager, now))
    assert second.state == ImportBatch.State.UNDONE
    assert not Visitor.objects.exists()


def _timed(what: str, work: Callable[[], Result]) -> Result:
    began = time.perf_counter()
    result = work()
    taken = time.perf_counter() - began
    figure(quality="R14", what=f"import of 100,000: {what}", ours=taken, limit=None, unit="s", aim="minutes in all")
    return result
