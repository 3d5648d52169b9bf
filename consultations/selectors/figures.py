"""Figures of consultants and teams over some days: turns from the ledger, receptions, deals by their shares, waits.

Who never entered the room is in none of the rates (T8). Everything of a screen is one statement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from clinic.models import Branch
from consultations.selectors.counted import COUNTS, counted_deals, counted_shares
from triage.selectors.boards import FRONT

# What became of every turn the ledger gave on the days asked for: a visit given to a seat, and the first entry after
# it that says otherwise. What was undone is as if it had not been; a free turn stays free.
TURNS = """
entries as materialized (
    select entry.board_id, entry.sequence, entry.kind, entry.visit_id, entry.corrects,
        entry.body ->> 'seat' as seat, entry.body ->> 'turn' as turn, entry.body ->> 'left_seat' as left_seat,
        entry.body ->> 'fate' as fate, entry.body ->> 'returned' as returned
    from triage_ledgerentry as entry
    join triage_board as board on board.id = entry.board_id
    where board.branch_id = %(branch)s and board.desk = %(desk)s and board.day between %(first)s and %(last)s
        and entry.kind in (
            'allocated', 'named', 'moved', 'released', 'returned', 'corrected', 'declined', 'left', 'undone')
), live as (
    select entries.* from entries
    where kind <> 'undone' and not exists (
        select from entries as undoing
        where undoing.kind = 'undone' and undoing.board_id = entries.board_id
            and undoing.corrects = entries.sequence)
), given as (
    select board_id, sequence, visit_id, seat, turn,
        lead(sequence) over (partition by board_id, visit_id, seat order by sequence) as given_again
    from live where kind in ('allocated', 'named', 'moved')
), settled as (
    select board_id, sequence, visit_id, left_seat as seat, fate from live where kind = 'moved'
    union all select board_id, sequence, visit_id, seat, fate from live where kind = 'released'
    union all select board_id, sequence, visit_id, seat, 'returned' from live
        where kind = 'returned' or (kind in ('corrected', 'left') and returned = 'true' and seat is not null)
    union all select board_id, sequence, visit_id, seat, 'lost' from live where kind = 'declined'
), turns as (
    select distinct on (given.board_id, given.sequence)
        given.seat::bigint as staff_id, given.visit_id, given.sequence,
        coalesce(settled.fate, given.turn) as fate
    from given
    left join settled on settled.board_id = given.board_id and settled.visit_id = given.visit_id
        and settled.seat = given.seat and settled.sequence > given.sequence
        and (given.given_again is null or settled.sequence < given.given_again)
        and settled.fate <> given.turn and given.turn <> 'free'
    order by given.board_id, given.sequence, settled.sequence
)
"""

_FIGURES = f"""
with {TURNS}, deals as not materialized ({{deals}}), shares as not materialized ({{shares}}), talks as (
    select talk.consultant_id as staff_id, talk.entered_at is not null as entered, talk.state,
        {COUNTS} as counts, visit.visit_type,
        extract(epoch from talk.entered_at - talk.offered_at) as waited,
        exists (select from deals where deals.consultation_id = talk.id) as bought
    from consultations_consultation as talk
    join reception_visit as visit on visit.id = talk.visit_id
    where talk.branch_id = %(branch)s and talk.day between %(first)s and %(last)s and visit.state <> 'void'
), sales as (
    select shares.staff_id, shares.share, shares.share * deals.amount as amount, {COUNTS} as counts
    from shares
    join deals on deals.id = shares.deal_id
    join consultations_consultation as talk on talk.id = deals.consultation_id
    join reception_visit as visit on visit.id = talk.visit_id
    where deals.branch_id = %(branch)s and deals.made_at >= %(begin)s and deals.made_at < %(end)s
        and visit.state <> 'void'
), by_turn as (
    select staff_id,
        count(*) filter (where fate = 'counted') as counted,
        count(*) filter (where fate = 'make_up') as make_up,
        count(*) filter (where fate = 'free') as free,
        count(*) filter (where fate = 'returned') as returned,
        count(*) filter (where fate = 'lost') as lost
    from turns group by staff_id
), by_talk as (
    select staff_id,
        count(*) filter (where entered) as receptions,
        count(*) filter (where counts) as counting,
        count(*) filter (where entered and visit_type = 'first') as first_visits,
        count(*) filter (where entered and visit_type = 'return') as return_visits,
        count(*) filter (where entered and visit_type = 'repurchase') as repurchases,
        count(*) filter (where counts and visit_type in ('return', 'repurchase')) as came_again,
        count(*) filter (where counts and bought) as bought,
        coalesce(sum(waited) filter (where entered), 0) as waited,
        coalesce(max(waited) filter (where entered), 0) as longest,
        count(*) filter (where state = 'declined') as declined
    from talks group by staff_id
), by_sale as (
    select staff_id, sum(share) as deals, sum(amount) as amount,
        coalesce(sum(share) filter (where counts), 0) as spent_deals,
        coalesce(sum(amount) filter (where counts), 0) as spent
    from sales group by staff_id
), by_leave as (
    select visit.consultant_id as staff_id, count(*) as left_before
    from reception_visit as visit
    where visit.branch_id = %(branch)s and visit.day between %(first)s and %(last)s
        and visit.state = 'left' and visit.entered_at is null and visit.consultant_id is not null
    group by visit.consultant_id
), people as (
    select staff_id from by_turn union select staff_id from by_talk
    union select staff_id from by_sale union select staff_id from by_leave
)
select people.staff_id, staff.display_name, coalesce(member.team, 0),
    {{columns}}
from people
join clinic_staff as staff on staff.id = people.staff_id
left join by_turn using (staff_id) left join by_talk using (staff_id)
left join by_sale using (staff_id) left join by_leave using (staff_id)
left join triage_teammember as member
    on member.staff_id = people.staff_id and member.branch_id = %(branch)s and member.desk = %(desk)s
order by coalesce(member.team, 0), staff.name_key, staff.id
"""  # noqa: S608 - fixed text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one or several consultants. `waited` and `longest` are seconds, `amount` and `spent` yuan.

    `counting`: receptions that count in rates; `bought`: those of them that led to a deal. `deals` are sums of shares,
    so that a deal of two counts half for each; `spent_deals` and `spent` are of receptions that count.
    """

    counted: int = 0
    make_up: int = 0
    free: int = 0
    returned: int = 0
    lost: int = 0
    receptions: int = 0
    counting: int = 0
    first_visits: int = 0
    return_visits: int = 0
    repurchases: int = 0
    came_again: int = 0
    bought: int = 0
    waited: Decimal = Decimal(0)
    longest: Decimal = Decimal(0)
    declined: int = 0
    deals: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    spent_deals: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    left_before: int = 0

    @property
    def turns(self) -> int:
        """Counted and make-up turns."""
        return self.counted + self.make_up

    @property
    def conversion(self) -> Decimal | None:
        """Per cent of the receptions that count which led to a deal; None when none counts."""
        return _rate(self.bought, self.counting)

    @property
    def came_again_rate(self) -> Decimal | None:
        """Per cent of the receptions that count whose visitor had been received before."""
        return _rate(self.came_again, self.counting)

    @property
    def average_spend(self) -> Decimal | None:
        """Yuan for a deal, of receptions that count; None without a deal."""
        return self.spent / self.spent_deals if self.spent_deals else None

    @property
    def average_wait(self) -> timedelta | None:
        """From being given to entering the room; None when nobody entered."""
        return timedelta(seconds=float(self.waited) / self.receptions) if self.receptions else None

    @property
    def longest_wait(self) -> timedelta | None:
        """The longest of these waits."""
        return timedelta(seconds=float(self.longest)) if self.receptions else None


def _rate(part: int, whole: int) -> Decimal | None:
    return Decimal(100 * part) / whole if whole else None


NAMES: tuple[str, ...] = tuple(one.name for one in fields(Figures))
_COLUMNS = ", ".join(f"coalesce({name}, 0)" for name in NAMES)


@dataclass(frozen=True, slots=True)
class Period:
    """Some days of a branch, both ends included."""

    branch: Branch
    first: date
    last: date

    @property
    def asked(self) -> dict[str, Any]:
        """Return what the statements are asked with: the days, and the instants between which deals were made."""
        return {
            "branch": self.branch.pk,
            "desk": FRONT,
            "first": self.first,
            "last": self.last,
            "begin": self._midnight(self.first),
            "end": self._midnight(self.last + timedelta(days=1)),
        }

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.branch.zone)


@dataclass(frozen=True, slots=True)
class Person:
    """One consultant's line; `team` 0: she is in none."""

    staff: int
    name: str
    team: int
    figures: Figures


def figures_of(period: Period) -> list[Person]:
    """Return a line for everybody who had a turn, a visitor or a share of a deal on these days: team by team."""
    asked = period.asked
    statement = _FIGURES.format(
        deals=inner_sql(counted_deals(), asked), shares=inner_sql(counted_shares(), asked), columns=_COLUMNS
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows = cursor.fetchall()
    return [Person(staff, name, team, _figures(values)) for staff, name, team, *values in rows]


def inner_sql(rows: QuerySet[Any], asked: dict[str, Any]) -> str:
    """Return the SQL of a queryset as a part of a statement; what it compares with joins `asked` under new names."""
    text, values = rows.query.sql_with_params()
    names = [f"inner{len(asked) + place}" for place, _value in enumerate(values)]
    asked.update(zip(names, values, strict=True))
    return str(text % tuple(f"%({name})s" for name in names) if names else text)


def _figures(values: Iterable[Any]) -> Figures:
    return Figures(**dict(zip(NAMES, values, strict=True)))


def total_of(people: Sequence[Person]) -> Figures:
    """Return the figures of several consultants together: sums, and the longest of their waits."""
    said: dict[str, Any] = {name: sum(getattr(one.figures, name) for one in people) for name in NAMES}
    said["longest"] = max((one.figures.longest for one in people), default=Decimal(0))
    return Figures(**said)


@dataclass(frozen=True, slots=True)
class Team:
    """The consultants of a team with their sum; `number` 0: those who are in none."""

    number: int
    people: Sequence[Person]
    total: Figures


def teams_of(people: Sequence[Person]) -> list[Team]:
    """Return the lines team by team, those without a team first."""
    by_team: dict[int, list[Person]] = {}
    for one in people:
        by_team.setdefault(one.team, []).append(one)
    return [Team(number, rows, total_of(rows)) for number, rows in sorted(by_team.items())]
