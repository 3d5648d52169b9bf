"""Every figure counted once more, each by the plainest statement or loop there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from clinic.models import Staff
from consultations.selectors.figures import NAMES, Figures, Period, figures_of
from triage.engine.facts import Fate
from triage.engine.fairness import fairness_of
from triage.engine.ledger import entry_from_json
from triage.models import Board, LedgerEntry

_FATES = {
    "counted": Fate.COUNTED,
    "make_up": Fate.MAKE_UP,
    "free": Fate.FREE,
    "returned": Fate.RETURNED,
    "lost": Fate.LOST,
}

_ENTERED = "c.entered_at is not null and v.state != 'void'"
# How often somebody had announced her before she came: to the desk by name, or by a report of hers or of her phone.
_ANNOUNCED = (
    "((v.announced_by_id is not null)::int + (select count(*) from reception_prereport r, reception_visitor p"
    " where p.id = v.visitor_id and r.made_at <= v.arrived_at"
    " and (r.visitor_id = p.id or (r.visitor_id is null and p.phone != '' and r.phone = p.phone))))"
)
_IN_RATES = (
    f"{_ENTERED} and (v.visit_type, v.other_reason) != ('other', 'not_offered')"
    " and (v.visit_type, v.type_rule, v.other_reason) != ('first', 'C5', 'product')"
    " and (c.state, c.outcome) != ('withdrawn', '')"
    f" and case c.outcome when 'product' then {_ANNOUNCED} = 0 else true end"
)
_BOUGHT = (
    "exists (select 1 from consultations_deal d where d.consultation_id = c.id and not d.void"
    " and not exists (select 1 from consultations_deal later where later.corrects_id = d.id))"
)
_WAIT = "extract(epoch from c.entered_at) - extract(epoch from c.offered_at)"
_TALKS = {
    "receptions": ("count(*)", _ENTERED),
    "counting": ("count(*)", _IN_RATES),
    "first_visits": ("count(*)", f"{_ENTERED} and v.visit_type = 'first'"),
    "return_visits": ("count(*)", f"{_ENTERED} and v.visit_type = 'return'"),
    "repurchases": ("count(*)", f"{_ENTERED} and v.visit_type = 'repurchase'"),
    "came_again": ("count(*)", f"{_IN_RATES} and v.visit_type in ('return', 'repurchase')"),
    "bought": ("count(*)", f"{_IN_RATES} and {_BOUGHT}"),
    "waited": (f"coalesce(sum({_WAIT}), 0)", _ENTERED),
    "longest": (f"coalesce(max({_WAIT}), 0)", _ENTERED),
    "declined": ("count(*)", "c.state = 'declined' and v.state != 'void'"),
}


# A turn is given by an entry that stands; what became of it says the first standing entry after it about the same
# visitor and seat that changes it, before she was given to that seat again.
_STANDS = (
    "not exists (select 1 from triage_ledgerentry u where u.board_id = {0}.board_id and u.kind = 'undone'"
    " and u.corrects = {0}.sequence)"
)
_GIVES = "kind in ('allocated', 'named', 'moved')"
_SETTLES = """
    case when s.kind = 'moved' and s.body->>'left_seat' = g.body->>'seat' then s.body->>'fate'
        when s.kind = 'released' and s.body->>'seat' = g.body->>'seat' then s.body->>'fate'
        when s.kind = 'returned' and s.body->>'seat' = g.body->>'seat' then 'returned'
        when s.kind in ('corrected', 'left') and s.body->>'returned' = 'true' and s.body->>'seat' = g.body->>'seat'
            then 'returned'
        when s.kind = 'declined' and s.body->>'seat' = g.body->>'seat' then 'lost' end
"""
_TURNS = f"""
select count(*) from triage_ledgerentry g, triage_board b
where b.id = g.board_id and b.branch_id = %s and b.desk = 'front' and b.day >= %s and b.day <= %s
    and g.{_GIVES} and g.body->>'seat' = %s and {_STANDS.format("g")}
    and coalesce(case when g.body->>'turn' <> 'free' then (
        select {_SETTLES} from triage_ledgerentry s
        where s.board_id = g.board_id and s.visit_id = g.visit_id and s.sequence > g.sequence and {_STANDS.format("s")}
            and {_SETTLES} <> g.body->>'turn'
            and s.sequence < coalesce((
                select min(a.sequence) from triage_ledgerentry a
                where a.board_id = g.board_id and a.visit_id = g.visit_id and a.sequence > g.sequence
                    and a.{_GIVES} and a.body->>'seat' = g.body->>'seat' and {_STANDS.format("a")}), 2147483647)
        order by s.sequence limit 1) end, g.body->>'turn') = %s
"""


def recount(period: Period, staff: int) -> dict[str, Any]:
    """Return all figures of one consultant over some days; her turns by replaying the ledgers."""
    return dict(_turns(period, staff)) | _without_turns(period, staff)


def recount_by_sql(period: Period, staff: int) -> dict[str, Any]:
    """Return the same, with her turns by plain statements on the ledgers as well."""
    asked = [period.branch.pk, period.first, period.last, str(staff)]
    turns = {name: _one(_TURNS, [*asked, name]) for name in _FATES}
    return turns | _without_turns(period, staff)


def _without_turns(period: Period, staff: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, (what, where) in _TALKS.items():
        said[name] = _one(
            f"select {what} from consultations_consultation c, reception_visit v where c.visit_id = v.id"
            f" and c.branch_id = %s and c.consultant_id = %s and c.day >= %s and c.day <= %s and {where}",
            [period.branch.pk, staff, period.first, period.last],
        )
    said["left_before"] = _one(
        "select count(*) from reception_visit where branch_id = %s and consultant_id = %s and day >= %s and day <= %s"
        " and state = 'left' and entered_at is null",
        [period.branch.pk, staff, period.first, period.last],
    )
    said |= _sales(period, staff)
    return said


@dataclass
class Compared:
    """How much was compared, and each figure that differs from both recounts."""

    people: int = 0
    turns: int = 0
    deals: Decimal = Decimal(0)
    wrong: list[str] = field(default_factory=list)


def compare(period: Period) -> Compared:
    """Count every figure of everybody of a branch over some days three times, and return what differs."""
    compared = Compared()
    found = {one.staff: one.figures for one in figures_of(period)}
    for staff in Staff.objects.filter(branch=period.branch):
        figures = found.get(staff.pk, Figures())
        replayed, plain = recount(period, staff.pk), recount_by_sql(period, staff.pk)
        for name in NAMES:
            said = getattr(figures, name)
            for other in (replayed[name], plain[name]):
                if abs(Decimal(said) - Decimal(other)) > Decimal("0.000001"):
                    compared.wrong.append(f"{name} of {staff}: {said}, recounted {other}")
        compared.people += staff.pk in found
        compared.turns += figures.turns
        compared.deals += figures.deals
    return compared


def _one(statement: str, values: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def _turns(period: Period, staff: int) -> dict[str, int]:
    counts = dict.fromkeys(_FATES, 0)
    days = (period.first, period.last)
    for board in Board.objects.filter(branch=period.branch, desk="front", day__range=days):
        bodies = LedgerEntry.objects.filter(board=board).order_by("sequence").values_list("body", flat=True)
        for seat in fairness_of(map(entry_from_json, bodies)).seats:
            for given in seat.given:
                if given.person == str(staff):
                    for name, fate in _FATES.items():
                        counts[name] += given.fate is fate
    return counts


_SALES = """
select coalesce(sum(s.share), 0), coalesce(sum(s.share * d.amount), 0)
from consultations_dealshare s, consultations_deal d, consultations_consultation c, reception_visit v
where s.deal_id = d.id and d.consultation_id = c.id and c.visit_id = v.id and s.part = 'sales' and not d.void
    and v.state != 'void'
    and not exists (select 1 from consultations_deal later where later.corrects_id = d.id)
    and d.branch_id = %s and s.staff_id = %s and (d.made_at at time zone %s)::date >= %s
    and (d.made_at at time zone %s)::date <= %s
"""


def _sales(period: Period, staff: int) -> dict[str, Decimal]:
    zone = period.branch.time_zone
    asked: list[Any] = [period.branch.pk, staff, zone, period.first, zone, period.last]
    with connection.cursor() as cursor:
        cursor.execute(_SALES, asked)
        deals, amount = cursor.fetchone()
        cursor.execute(f"{_SALES} and {_IN_RATES}", asked)
        spent_deals, spent = cursor.fetchone()
    return {"deals": deals, "amount": amount, "spent_deals": spent_deals, "spent": spent}
