"""One at a time: work that must not run twice at once although no row exists yet that it could lock."""

from django.db import connection


def one_at_a_time(subject: str) -> None:
    """Wait until nobody else works on this subject; held until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])
