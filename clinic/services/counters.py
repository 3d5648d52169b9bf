"""Numbers without a gap: queue numbers of a day, complaints of a year."""

from django.db import connection

from clinic.models import Branch


def next_number(*, branch: Branch, series: str, period: str) -> int:
    """Return the next number of a series in a period, from 1; inside the caller's transaction.

    The counter's row stays locked until commit, so that a number is given again when its transaction fails. Two
    counters never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into clinic_counter (branch_id, series, period, last_number) values (%s, %s, %s, 1)"
            " on conflict (branch_id, series, period) do update set last_number = clinic_counter.last_number + 1"
            " returning last_number",
            [branch.pk, series, period],
        )
        return int(cursor.fetchone()[0])
