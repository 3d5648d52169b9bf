"""Finding a visitor among a million while the clerk is typing: a few looks into one index, no scan."""

from collections.abc import Iterable

from django.db import connection

from reception import keys
from reception.models import Visitor

# A beginning may fit tens of thousands; so many of them are looked at for the newest.
LOOKED_AT = 1000


def find_visitors(text: str, limit: int = 12) -> list[Visitor]:
    """Return the visitors a typed text may mean: those whose key it is before those whose key begins with it.

    Within each of these, the newest first. `text` may be phone digits (three or more; four are taken for the last
    four too), a name or given name, pinyin, initials or a file number, in any width. Owners are loaded.
    """
    pks = find_visitor_ids(text, limit)
    by_pk = Visitor.objects.select_related("owner").in_bulk(pks)
    return [by_pk[pk] for pk in pks if pk in by_pk]


def find_visitor_ids(text: str, limit: int) -> list[int]:
    """Return the ids of `find_visitors`, best first."""
    wanted = keys.probes(text)
    if not wanted:
        return []
    sql, parameters = probe_query(wanted, limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


def probe_query(wanted: Iterable[keys.Probe], limit: int) -> tuple[str, list[str | int]]:
    """Return SQL and parameters of one statement with a branch a probe, each served by the index on kind and key."""
    branches: list[str] = []
    parameters: list[str | int] = []
    for probe in wanted:
        if probe.prefix:
            branches.append(
                "(select 1 as rank, visitor_id from (select visitor_id from reception_visitorkey"
                " where kind = %s and key >= %s and key < %s order by kind, key, visitor_id limit %s) as looked_at"
                " order by visitor_id desc limit %s)"
            )
            parameters += [probe.kind, probe.key, _after(probe.key), LOOKED_AT, limit]
        else:
            branches.append(
                "(select 0 as rank, visitor_id from reception_visitorkey where kind = %s and key = %s"
                " order by kind desc, key desc, visitor_id desc limit %s)"
            )
            parameters += [probe.kind, probe.key, limit]
    sql = (
        f"select visitor_id from ({' union all '.join(branches)}) as found"  # noqa: S608 — fixed text, no input
        " group by visitor_id order by min(rank), visitor_id desc limit %s"
    )
    return sql, [*parameters, limit]


def _after(key: str) -> str:
    """Return the least key that does not begin with this one (keys are compared by code point)."""
    last = ord(key[-1])
    if last == 0x10FFFF:
        return key + chr(last)
    follower = 0xE000 if last == 0xD7FF else last + 1
    return key[:-1] + chr(follower)
