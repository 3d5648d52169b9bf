"""A million visitors with the very keys the desk would give them: some surnames carried by tens of thousands."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import psycopg

from complaints.demo import words
from reception.keys import search_keys

VISITORS = 1_000_000
# Of a thousand people so many bear each of the commonest surnames; the others share what is left.
COMMON = {"王": 75, "李": 74, "张": 70, "刘": 54, "陈": 47, "杨": 32, "黄": 25, "赵": 23, "吴": 22, "周": 21}
# One of her kind, to be found by everything that is hers alone.
RARE = ("端木晴川", "+8617700112233")
_TABLES = """
create table bench_slot (slot int primary key, surname text not null);
create table bench_given (place int primary key, given text not null);
create table bench_key (name text not null, kind text not null, key text not null);
"""
_VISITORS = """
insert into reception_visitor (id, file_number, name, phone, gender, birth_on, heard_from, medical_notes, card_declined,
    vip, owner_id, standing, consulted_by, registered_at, registered_by_id, registered_in_id, last_visit_on)
select v.id, 'F' || lpad(v.id::text, greatest(6, length(v.id::text)), '0'), s.surname || g.given,
    '+86138' || lpad((v.place * 7919 %% 100000000)::text, 8, '0'), 'female',
    date '1950-01-01' + (v.place * 37 %% 20000)::int, '', '', false, false, null, 'no_deal', '{}',
    timestamptz '2020-01-01 04:00+00' + make_interval(days => (v.place * 13 %% 2000)::int), %(clerk)s, %(branch)s,
    date '2020-01-01' + (v.place * 17 %% 2500)::int
from (select place, nextval(pg_get_serial_sequence('reception_visitor', 'id')) as id
      from generate_series(1, %(number)s::bigint) as place) v
join bench_slot s on s.slot = v.place * 7919 %% 1000
join bench_given g on g.place = v.place / 1000 * 31 %% (select count(*) from bench_given)
"""
_KEYS = """
with crowd as (select * from reception_visitor where last_visit_on is not null)
insert into reception_visitorkey (visitor_id, kind, key, last_on)
select v.id, k.kind, k.key, v.last_visit_on from crowd v join bench_key k on k.name = v.name
union all select id, 'last_four', right(phone, 4), last_visit_on from crowd
union all select id, 'phone', substr(phone, 4), last_visit_on from crowd
union all select id, 'phone_end', reverse(substr(phone, 2)), last_visit_on from crowd
union all select id, 'file', lower(file_number), last_visit_on from crowd
union all select id, 'file', ltrim(substr(file_number, 2), '0'), last_visit_on from crowd
"""
# Constraints and indexes cost more row by row than made anew at the end. What is unique by its id stays.
_MADE_ANEW = """
select 'alter table reception_visitorkey drop constraint ' || quote_ident(conname),
       'alter table reception_visitorkey add constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
from pg_constraint where conrelid = 'reception_visitorkey'::regclass and contype in ('f', 'u')
union all
select 'drop index ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
from pg_index where indrelid = 'reception_visitorkey'::regclass and not indisunique
"""


def add_million(database: str, *, clerk: int, branch: int, number: int = VISITORS) -> None:
    """Fill a database (libpq address of the tables' owner) without visitors with so many, and RARE among them."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set maintenance_work_mem = '512MB'; set work_mem = '256MB'; set synchronous_commit to off")
        connection.execute(_TABLES.encode())
        surnames, given = _surnames(), _given_names()
        _copy(connection, "bench_slot (slot, surname)", enumerate(surnames))
        _copy(connection, "bench_given (place, given)", enumerate(given))
        names = [a + b for a, b in product(dict.fromkeys(surnames), given)]
        _copy(connection, "bench_key (name, kind, key)", _keys_of(names))
        connection.execute("analyze bench_key")
        facts = {"clerk": clerk, "branch": branch, "number": number}
        with _without_triggers(connection):
            connection.execute(_VISITORS.encode(), facts)
        # The planner has to know how many there are, or it looks through all keys once for each.
        connection.execute("analyze reception_visitor")
        with _without_indexes(connection):
            connection.execute(_KEYS.encode())
        connection.execute("drop table bench_slot, bench_given, bench_key")
        connection.execute("vacuum analyze reception_visitor")
        connection.execute("vacuum analyze reception_visitorkey")


def _surnames() -> list[str]:
    """Return the surname of each of a thousand people."""
    found = [surname for surname, many in COMMON.items() for _ in range(many)]
    others = [one for one in (*words.SURNAMES, *words.LONG_SURNAMES) if one not in COMMON]
    return found + [others[place % len(others)] for place in range(1000 - len(found))]


def _given_names() -> list[str]:
    single = [name for name in words.WOMEN if len(name) == 1]
    double = (a + b for a, b in product(single, single) if a != b)
    return list(dict.fromkeys((*words.WOMEN, *words.MEN, *double)))


def _keys_of(names: list[str]) -> Iterator[tuple[str, str, str]]:
    for name in names:
        yield from ((name, kind, key) for kind, key in search_keys(name=name, phone="", file_number=""))


def _copy(connection: "psycopg.Connection[Any]", target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin".encode()) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _without_triggers(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    connection.execute("alter table reception_visitor disable trigger user")
    yield
    connection.execute("alter table reception_visitor enable trigger user")


@contextmanager
def _without_indexes(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    statements = connection.execute(_MADE_ANEW).fetchall()
    for row in statements:
        connection.execute(row[0].encode())
    yield
    for row in reversed(statements):
        connection.execute(row[1].encode())
