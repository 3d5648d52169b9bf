"""A million visitors for benchmarks: set by set in the database, with the very keys the desk would give them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from clinic.roles import Role
from complaints.demo import words
from complaints.demo.story import Story
from reception import keys
from reception.models import Visitor

AT_ONCE = 25_000
# What a statement's rows set off is worked through the slower the more rows there are.
ROWS = 500

# Places are spread over ranges by multiplying; names are drawn with a weight on the commonest surnames.
_VISITORS = """
    insert into reception_visitor (id, file_number, name, phone, gender, birth_on, heard_from, medical_notes,
        card_declined, vip, owner_id, standing, consulted_by, registered_at, registered_by_id, registered_in_id,
        last_visit_on)
    select v.id, 'F' || lpad(v.id::text, greatest(6, length(v.id::text)), '0'), n.name,
        '+8614' || (5 + 2 * (v.place %% 2)) || lpad(((v.place / 2) * 7919 %% 89999999 + 10000000)::text, 8, '0'),
        n.gender, (%(today)s::date - (6600 + v.place * 37 %% 18000)::int), '', '', false, v.place %% 40 = 0,
        case when v.place %% 10 = 0 then null
            else (%(owners)s::bigint[])[1 + v.place %% cardinality(%(owners)s::bigint[])] end,
        case when v.place %% 10 = 0 then 'new' when v.place %% 10 < 5 then 'no_deal'
            when v.place %% 10 < 6 then 'deposit' when v.place %% 10 < 7 then 'paid' else 'treated' end,
        case when v.place %% 10 = 0 then '{}'::bigint[]
            else array[(%(owners)s::bigint[])[1 + v.place %% cardinality(%(owners)s::bigint[])]] end,
        %(now)s::timestamptz - make_interval(days => (30 + v.place * 13 %% 2500)::int), %(clerk)s, %(branch)s,
        case when v.place %% 10 = 0 then null else (%(today)s::date - (v.place * 17 %% 2000 / 2 + 29)::int) end
    from (select place, nextval(pg_get_serial_sequence('reception_visitor', 'id')) as id
          from generate_series(%(first)s::bigint, %(last)s::bigint) as place) v
    join unnest(%(numbers)s::int[], %(names)s::text[], %(genders)s::text[]) as n (number, name, gender) on n.number =
        floor(%(choice)s * power(v.place * 0.618033988749::float8 - floor(v.place * 0.618033988749::float8), 1.5))::int
"""
_KEYS = """
with added as materialized (
    select id, name, phone, file_number, coalesce(last_visit_on, registered_at::date) as last_on
    from reception_visitor where id > %(after)s)
insert into reception_visitorkey (visitor_id, kind, key, last_on)
select a.id, k.kind, k.key, a.last_on
from added a
join unnest(%(named)s::text[], %(kinds)s::text[], %(keys)s::text[]) as k (name, kind, key) on k.name = a.name
union all select a.id, 'last_four', right(a.phone, 4), a.last_on from added a
union all select a.id, 'phone', substr(a.phone, 4), a.last_on from added a
union all select a.id, 'phone_end', reverse(substr(a.phone, 2)), a.last_on from added a
union all select a.id, 'file', lower(a.file_number), a.last_on from added a
union all select a.id, 'file', ltrim(substr(a.file_number, 2), '0'), a.last_on from added a
"""


def add_crowd(story: Story, *, number: int, now: datetime, say: Callable[[str], None]) -> None:
    """Add so many visitors from before the demo's story, AT_ONCE in a transaction.

    `now` is aware. Their visits are not told: they are there to be found.
    """
    hospital = story.hospital
    everybody = list(dict(_names()).items())
    named = [
        (name, *pair) for name, _ in everybody for pair in sorted(keys.search_keys(name=name, phone="", file_number=""))
    ]
    # Sent with each statement, because the application's role may not make tables, not even temporary ones.
    facts: dict[str, Any] = {
        "today": story.today,
        "now": now - timedelta(days=1),
        "owners": [one.pk for one in hospital.by_role[Role.CONSULTANT]],
        "clerk": hospital.staff["reception1"].pk,
        "branch": hospital.branch.pk,
        "choice": len(everybody),
        "numbers": list(range(len(everybody))),
        "names": [name for name, _ in everybody],
        "genders": [gender for _, gender in everybody],
        "named": [name for name, _, _ in named],
        "kinds": [kind for _, kind, _ in named],
        "keys": [key for _, _, key in named],
    }
    for first in range(1, number + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, number)
        with transaction.atomic(), connection.cursor() as cursor:
            after = Visitor.objects.aggregate(last=Max("pk"))["last"] or 0
            for begin in range(first, last + 1, ROWS):
                cursor.execute(_VISITORS, facts | {"first": begin, "last": min(begin + ROWS - 1, last)})
            cursor.execute(_KEYS, facts | {"after": after})
        say(f"crowd: {last:,} of {number:,}")


def _names() -> Iterator[tuple[str, str]]:
    """Return every surname with every given name, the commonest first, those with double names too; some come twice."""
    single = [name for name in words.WOMEN if len(name) == 1]
    for place, surname in enumerate((*words.SURNAMES, *words.LONG_SURNAMES)):
        yield from ((surname + given, "female") for given in words.WOMEN)
        yield from ((surname + given, "male") for given in words.MEN)
        if place < 20:
            yield from ((surname + a + b, "female") for a, b in product(single, single) if a != b)
