"""Numbers without a gap: one counter for every series and period of a branch."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from clinic.models import Branch, Counter
from clinic.services.counters import next_number
from tests.conftest import make_branch


def given(branch: Branch, series: str = "visits", period: str = "2026-03-11") -> int:
    with transaction.atomic():
        return next_number(branch=branch, series=series, period=period)


def unless_made_to_wait(branch: Branch, series: str, period: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '15s'")
    return given(branch, series, period)


def elsewhere(work: Callable[..., int], *arguments: object) -> int:
    try:
        return work(*arguments)
    finally:
        connection.close()


def test_every_branch_series_and_period_counts_for_itself(branch: Branch, other_branch: Branch) -> None:
    assert [given(branch), given(branch), given(other_branch)] == [1, 2, 1]
    assert [given(branch, period="2026-03-12"), given(branch, "complaints", "2026"), given(branch)] == [1, 1, 3]


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_whoever_fails(transactional_db: None) -> None:
    branch = make_branch()

    def some() -> int:
        for _ in range(5):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                next_number(branch=branch, series="visits", period="2026-03-11")
                raise ZeroDivisionError
            given(branch)
        return 5

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(elsewhere, some) for _ in range(6)]
    assert sum(one.result() for one in done) == 30 == Counter.objects.get().last_number


@pytest.mark.django_db(transaction=True)
def test_two_counters_do_not_wait_for_each_other(transactional_db: None) -> None:
    branch = make_branch()
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert next_number(branch=branch, series="visits", period="2026-03-11") == 1
        for series, period in (("visits", "2026-03-12"), ("complaints", "2026")):
            assert pool.submit(elsewhere, unless_made_to_wait, branch, series, period).result() == 1
