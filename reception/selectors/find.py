"""Finding a visitor among a million while the clerk is typing: a few looks into one index, no scan."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from clinic.models import Branch
from clinic.statements import Statement, run
from clinic.words import reads_chinese
from reception import keys, names
from reception.models import Visit, Visitor, VisitorKey
from reception.models.visitors import Standing

# What is no key of its own (half a syllable, the first digits of a phone) may begin tens of thousands of keys; so many
# of them are looked at for the most recent.
LOOKED_AT = 1000


class Found(NamedTuple):
    """A visitor as she stands among those found: what a row shows of her, and nothing more of her record.

    `phone` is E.164; `owner` the owner's name, None without; `also` the names of the records merged into hers;
    `number` and `state` those of the visit she is here for or was found by, None without either; `level_name` and
    `level_name_en` those of her membership level.
    """

    pk: int
    name: str
    phone: str
    vip: bool
    last_visit_on: date | None
    standing: str
    file_number: str
    owner: str | None
    also: list[str]
    number: int | None
    state: str | None
    level_name: str | None
    level_name_en: str | None

    @property
    def level(self) -> str:
        """Her membership level in the reader's language; empty without one."""
        return (self.level_name if reads_chinese() else self.level_name_en) or ""

    @property
    def standing_word(self) -> str:
        """What she has done with us so far, in the reader's language."""
        return str(Standing(self.standing).label)

    @property
    def queue_number(self) -> str:
        """The number people say: three digits; empty without a visit."""
        return "" if self.number is None else f"{self.number:03d}"


def found_people(text: str, limit: int = 12, *, at: Branch | None = None, day: date | None = None) -> list[Found]:
    """Return the rows of `find_visitors` while somebody is typing, best first.

    With `at` and `day`, before them whose visit of that branch's day has the number that was typed, void or over as
    well: her row says so.
    """
    numbered = _numbered(text, at, day) if at is not None and day is not None else None
    pks = find_visitor_ids(text, limit)
    if numbered is not None:
        pks = list(dict.fromkeys([numbered[0], *pks]))[:limit]
    if not pks:
        return []
    (found,) = run(Statement(_PEOPLE, [pks]))
    rows = [Found(*row) for row in found.fetchall()]
    if numbered is not None:
        rows[0] = rows[0]._replace(number=numbered[1], state=numbered[2])
    return rows


def _numbered(text: str, at: Branch, day: date) -> tuple[int, int, str] | None:
    """Return visitor, number and state of the visit a typed queue number names, None when it names none."""
    number = keys.queue_number_in(text)
    if number is None:
        return None
    (found,) = run(Statement(_NUMBERED, [at.pk, day, number]))
    return found.fetchone()


def find_visitors(text: str, limit: int = 12) -> list[Visitor]:
    """Return the visitors a typed or scanned text may mean, best first.

    Those whose key it is come before those whose name begins with it, these before those of whom a key begins with it
    somewhere in a syllable or number. Within each of these the most recent visit comes first. `text` is anything
    `keys.probes` takes, in any width. Owners are loaded; `also`: names of the records merged into hers.
    """
    pks = find_visitor_ids(text, limit)
    by_pk = with_merged_names(Visitor.objects.select_related("owner")).in_bulk(pks)
    return [by_pk[pk] for pk in pks if pk in by_pk]


def with_merged_names(visitors: QuerySet[Visitor]) -> QuerySet[Visitor]:
    """Return visitors with `also`: the names of the records merged into hers, by which she is found too."""
    merged = VisitorKey.objects.filter(visitor=OuterRef("pk"), kind=keys.FILE, merged__isnull=False)
    return visitors.annotate(also=ArraySubquery(merged.values("merged__name").distinct()))


def find_visitor_ids(text: str, limit: int) -> list[int]:
    """Return the ids of `find_visitors`, best first."""
    if (card := keys.card_in(text)) is not None:
        return _on_card(card, limit)
    wanted = keys.probes(text)
    if not wanted:
        return []
    (found,) = run(Statement(*probe_query(wanted, limit)))
    best = sorted(found.fetchall(), key=_least_is_best)
    return list(dict.fromkeys(pk for _rank, _ordinal, pk in best))[:limit]


def _on_card(file_number: str, limit: int) -> list[int]:
    """Return whose card it is: the whole number counts, as hers or as that of a record merged into hers."""
    folded = names.fold(file_number)
    (found,) = run(Statement(*card_query(folded)))
    hers = [pk for pk, numbers in found.fetchall() if any(names.fold(number) == folded for number in numbers)]
    return hers[:limit]


def _least_is_best(row: tuple[int, int, int]) -> tuple[int, int, int]:
    rank, ordinal, pk = row
    return rank, -ordinal, -pk


def card_query(folded: str) -> tuple[str, list[str]]:
    """Return SQL and its values: visitor and file numbers, hers and of records merged into hers, of a file key."""
    return _ON_CARD, [folded]


def probe_query(wanted: Sequence[keys.Probe], limit: int) -> tuple[str, list[str]]:
    """Return SQL and its values: rows of rank (0 is best), day as a number, visitor.

    One statement with a branch a probe, each served by the index on kind, key, last visit. Where a beginning has to be
    looked through, that is done only when the keys themselves did not find enough.
    """
    whole = [probe for probe in wanted if not probe.prefix]
    begun = [probe for probe in wanted if probe.prefix]
    text = _text(tuple(probe.kind for probe in whole), tuple(probe.kind for probe in begun), limit)
    values = [probe.key for probe in whole]
    for probe in begun:
        values += [probe.key, _after(probe.key)]
    return text, values


@cache
def _text(whole: tuple[str, ...], begun: tuple[str, ...], limit: int) -> str:
    """Return the statement for probes of these kinds; there are few, so that each is prepared once a connection."""
    exact = " union all ".join(_WHOLE.format(rank=int(kind == keys.START), kind=kind, limit=limit) for kind in whole)
    if not begun:
        return f"{_SELECT} ({exact}) as found"
    looked = " union all ".join(_BEGUN.format(kind=kind, looked_at=LOOKED_AT, limit=limit) for kind in begun)
    if not whole:
        return f"{_SELECT} ({looked}) as found"
    return (
        f"with exact as materialized ({exact}) {_SELECT} exact union all {_SELECT} ({looked}) as longer"  # noqa: S608 - its own words, no input
        f" where (select count(distinct visitor_id) from exact) < {limit}"
    )


# Where a beginning stands as a select of its own the planner cannot count what it begins: it plans the same for all of
# them, so that the plan is made once a connection. Counting and planning anew costs twice what looking does.
_SELECT = "select rank, last_on - date '1900-01-01', visitor_id from"
_WHOLE = """
(select {rank} as rank, last_on, visitor_id from reception_visitorkey where kind = '{kind}' and key = %s
 order by last_on desc, visitor_id desc limit {limit})"""
_BEGUN = """
(select 2 as rank, last_on, visitor_id from
    (select last_on, visitor_id from reception_visitorkey
     where kind = '{kind}' and key >= (select %s::text) and key < (select %s::text)
     order by kind, key, last_on desc, visitor_id desc limit {looked_at}) as looked_at
 order by last_on desc, visitor_id desc limit {limit})"""


_ON_CARD = f"""
select key.visitor_id,
       array(select visitor.file_number from reception_visitor visitor where visitor.id = key.visitor_id
             union all
             select merged.file_number from reception_visitor merged where merged.merged_into_id = key.visitor_id)
from reception_visitorkey key
where key.kind = '{keys.FILE}' and key.key = %s
order by key.last_on desc, key.visitor_id desc
"""  # noqa: S608 - put together from a constant

_NUMBERED = "select visitor_id, number, state from reception_visit where branch_id = %s and day = %s and number = %s"

_PEOPLE = f"""
select visitor.id, visitor.name, visitor.phone, visitor.vip, visitor.last_visit_on, visitor.standing,
       visitor.file_number, owner.display_name,
       array(select distinct merged.name from reception_visitorkey as key
             join reception_visitor as merged on merged.id = key.merged_id
             where key.visitor_id = visitor.id and key.kind = '{keys.FILE}'),
       visit.number, visit.state, level.name, level.name_en
from unnest(%s::bigint[]) with ordinality as wanted (id, place)
join reception_visitor as visitor on visitor.id = wanted.id
left join clinic_staff as owner on owner.id = visitor.owner_id
left join clinic_membershiplevel as level on level.id = visitor.level_id
left join reception_visit as visit on visit.visitor_id = visitor.id
     and visit.state in ({", ".join(f"'{state}'" for state in Visit.OPEN_STATES)})
order by wanted.place
"""  # noqa: S608 - its own words, no input


def _after(key: str) -> str:
    """Return the least key that does not begin with this one (keys are compared by code point)."""
    last = ord(key[-1])
    if last == 0x10FFFF:
        return key + chr(last)
    follower = 0xE000 if last == 0xD7FF else last + 1
    return key[:-1] + chr(follower)
