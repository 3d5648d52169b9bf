"""What is typed to find somebody among a million, and how long that takes beside the bare look-up it cannot do without.

Run inside the system, by its own role, as the page workers run it.
"""

import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection

from reception import keys
from reception.keys import FILE, GIVEN_NAME, INITIALS, LAST_FOUR, NAME, PHONE, PHONE_END, PINYIN, START
from reception.selectors.find import LOOKED_AT, card_query, find_visitor_ids, probe_query

LIMIT = 12
TIMES = 400


@dataclass(frozen=True, slots=True)
class Typed:
    """A text, and the one look into the index that answers it: of which kind, for a key or (`prefix`) its beginning."""

    what: str
    text: str
    kind: str
    key: str
    prefix: bool = False


TYPED = (
    Typed("last four, rare", "2233", LAST_FOUR, "2233"),
    Typed("phone from its start, common", "138", PHONE, "138", prefix=True),
    Typed("phone from its start, rare", "1770011", PHONE, "1770011", prefix=True),
    Typed("whole phone", "17700112233", PHONE, "17700112233"),
    Typed("phone from its end, common", "919", PHONE_END, "919", prefix=True),
    Typed("phone from its end, rare", "112233", PHONE_END, "332211", prefix=True),
    Typed("surname, common", "张", START, "张"),
    Typed("surname, rare", "端木", START, "端木"),
    Typed("name, common", "张静", NAME, "张静"),
    Typed("name, rare", "端木晴川", NAME, "端木晴川"),
    Typed("given name, common", "静", GIVEN_NAME, "静"),
    Typed("given name, rare", "晴川", GIVEN_NAME, "晴川"),
    Typed("pinyin of a surname, common", "zhang", START, "zhang"),
    Typed("pinyin of a surname, rare", "duanmu", START, "duanmu"),
    Typed("pinyin, common", "zhangjing", PINYIN, "zhangjing"),
    Typed("pinyin, rare", "duanmuqingchuan", PINYIN, "duanmuqingchuan"),
    Typed("half a syllable, common", "zhangji", PINYIN, "zhangji", prefix=True),
    Typed("half a syllable, rare", "duanmuq", PINYIN, "duanmuq", prefix=True),
    Typed("one letter, common", "z", START, "z"),
    Typed("initials, common", "zj", INITIALS, "zj"),
    Typed("initials, rare", "dmqc", INITIALS, "dmqc"),
    Typed("file number", "F012345", FILE, "f012345"),
    Typed("scanned card", "FD1:F012345", FILE, "f012345"),
)


def measured() -> list[dict[str, Any]]:
    """Return for each text the median milliseconds of our look-up and of the bare one, and how many were found.

    One after the other in turn, so that both meet the same machine; the first calls, which prepare, are left out.
    """
    return [_measured(one) for one in TYPED]


def plans() -> dict[str, list[str]]:
    """Return by text how each table is read in its plan."""
    found = {}
    with connection.cursor() as cursor:
        for one in TYPED:
            card = keys.card_in(one.text)
            wanted = keys.probes(one.text)
            text, values = probe_query(wanted, LIMIT) if card is None else card_query(wanted[0].key)
            cursor.execute(f"explain (format json) {text}", values)
            answer = cursor.fetchone()[0]
            plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
            found[one.text] = sorted({node["Node Type"] for node in _nodes(plan) if node.get("Relation Name")})
    return found


def _measured(one: Typed) -> dict[str, Any]:
    bare, values = _bare(one)
    connection.ensure_connection()
    session = connection.connection
    found = find_visitor_ids(one.text, LIMIT)
    ours, limit = [], []
    for _ in range(TIMES):
        began = time.perf_counter()
        find_visitor_ids(one.text, LIMIT)
        done = time.perf_counter()
        session.execute(bare, values, prepare=True).fetchall()
        limit.append(time.perf_counter() - done)
        ours.append(done - began)
    skipped = TIMES // 10
    return {
        "what": one.what,
        "found": len(found),
        "ours": statistics.median(ours[skipped:]) * 1000,
        "limit": statistics.median(limit[skipped:]) * 1000,
    }


def _bare(one: Typed) -> tuple[bytes, list[str]]:
    """Return the least that answers: one look into the index, the most recent first, of a beginning LOOKED_AT rows."""
    start = f"select visitor_id from reception_visitorkey where kind = '{one.kind}' and"
    order = f"order by last_on desc, visitor_id desc limit {LIMIT}"
    if not one.prefix:
        return f"{start} key = %s {order}".encode(), [one.key]
    inner = start.replace("visitor_id", "last_on, visitor_id")
    text = (
        f"select visitor_id from ({inner} key >= %s and key < %s order by key, last_on desc, visitor_id desc"
        f" limit {LOOKED_AT}) as looked_at {order}"
    )
    return text.encode(), [one.key, one.key[:-1] + chr(ord(one.key[-1]) + 1)]


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan] + [node for child in plan.get("Plans", []) for node in _nodes(child)]
