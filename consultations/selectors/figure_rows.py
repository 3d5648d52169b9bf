"""The visits, consultations and deals behind a figure, found by the very conditions it was counted by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff
from consultations.models import Consultation, DealShare
from consultations.selectors.counted import COUNTS, counted_deals, counted_shares
from consultations.selectors.figures import TURNS, Period, inner_sql
from reception.models import Visit
from triage.engine.facts import Fate
from triage.selectors.fairness.words import fate_words, wait_words

# What each figure is called, on the page of its rows too.
WORDS: Mapping[str, Promise] = {
    "turns": _("Turns"),
    "counted": pgettext_lazy("turns", "Counted"),
    "make_up": pgettext_lazy("turns", "Make-up"),
    "free": pgettext_lazy("turns", "Free"),
    "returned": pgettext_lazy("turns", "Returned"),
    "lost": pgettext_lazy("turns", "Lost"),
    "receptions": _("Receptions"),
    "counting": _("Count in rates"),
    "first_visits": _("First visits"),
    "return_visits": _("Return visits"),
    "repurchases": _("Repurchases"),
    "came_again": _("Came again"),
    "bought": _("Conversion"),
    "waited": _("Average wait"),
    "longest": _("Longest wait"),
    "declined": _("Declined"),
    "deals": pgettext_lazy("figures", "Deals"),
    "amount": pgettext_lazy("figures", "Amount"),
    "spent": _("Average spend"),
    "left_before": _("Left before entering"),
}

_FATES: Mapping[str, Sequence[str]] = {
    "turns": ("counted", "make_up"),
    "counted": ("counted",),
    "make_up": ("make_up",),
    "free": ("free",),
    "returned": ("returned",),
    "lost": ("lost",),
}
_TALKS: Mapping[str, str] = {
    "receptions": "talk.entered_at is not null",
    "counting": COUNTS,
    "first_visits": "talk.entered_at is not null and visit.visit_type = 'first'",
    "return_visits": "talk.entered_at is not null and visit.visit_type = 'return'",
    "repurchases": "talk.entered_at is not null and visit.visit_type = 'repurchase'",
    "came_again": f"{COUNTS} and visit.visit_type in ('return', 'repurchase')",
    "bought": f"{COUNTS} and exists (select from ({{deals}}) as deal where deal.consultation_id = talk.id)",
    "waited": "talk.entered_at is not null",
    "longest": "talk.entered_at is not null",
    "declined": "talk.state = 'declined'",
}
_SALES: Mapping[str, str] = {"deals": "true", "amount": "true", "spent": COUNTS}

_OF_TURNS = f"""
with {TURNS}
select visit_id, staff_id, fate from turns
where fate = any(%(fates)s) and (%(staff)s::bigint is null or staff_id = %(staff)s::bigint)
order by visit_id desc, sequence desc
"""  # noqa: S608 - fixed text
_OF_TALKS = """
select talk.id, talk.consultant_id, '' from consultations_consultation as talk
join reception_visit as visit on visit.id = talk.visit_id
where talk.branch_id = %(branch)s and talk.day between %(first)s and %(last)s and visit.state <> 'void'
    and (%(staff)s::bigint is null or talk.consultant_id = %(staff)s::bigint) and {condition}
order by {order} talk.day desc, visit.number desc, talk.id desc
"""
_OF_SALES = """
select share.id, share.staff_id, '' from ({shares}) as share join ({deals}) as deal on deal.id = share.deal_id
join consultations_consultation as talk on talk.id = deal.consultation_id
join reception_visit as visit on visit.id = talk.visit_id
where deal.branch_id = %(branch)s and deal.made_at >= %(begin)s and deal.made_at < %(end)s
    and visit.state <> 'void'
    and (%(staff)s::bigint is null or share.staff_id = %(staff)s::bigint) and {condition}
order by deal.made_at desc, share.id desc
"""
_OF_LEAVES = """
select visit.id, visit.consultant_id, '' from reception_visit as visit
where visit.branch_id = %(branch)s and visit.day between %(first)s and %(last)s and visit.state = 'left'
    and visit.entered_at is null and visit.consultant_id is not null
    and (%(staff)s::bigint is null or visit.consultant_id = %(staff)s::bigint)
order by visit.day desc, visit.number desc
"""
_LONGEST_FIRST = "talk.entered_at - talk.offered_at desc,"


@dataclass(frozen=True, slots=True)
class Key:
    """A row behind a figure by its number: of a visit, a consultation or a share, with whose it is."""

    pk: int
    staff: int
    fate: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row in words. `wait` only of who entered, `amount` and `share` only of deals."""

    visit: Visit
    consultant: str
    what: str
    wait: str = ""
    amount: Decimal | None = None
    share: Decimal | None = None
    on: date | None = None


def keys_behind(period: Period, figure: str, staff: int | None) -> list[Key]:
    """Return what a figure counted, the latest first; of one consultant, or of everybody (None).

    Raises KeyError for what is no figure.
    """
    asked = period.asked | {"staff": staff}
    if figure in _FATES:
        statement = _OF_TURNS
        asked["fates"] = list(_FATES[figure])
    elif figure in _TALKS:
        condition = _TALKS[figure]
        if "{deals}" in condition:
            condition = condition.format(deals=inner_sql(counted_deals(), asked))
        order = _LONGEST_FIRST if figure == "longest" else ""
        statement = _OF_TALKS.format(condition=condition, order=order)
    elif figure in _SALES:
        statement = _OF_SALES.format(
            deals=inner_sql(counted_deals(), asked),
            shares=inner_sql(counted_shares(), asked),
            condition=_SALES[figure],
        )
    elif figure == "left_before":
        statement = _OF_LEAVES
    else:
        raise KeyError(figure)
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [Key(*row) for row in cursor.fetchall()]


def rows_behind(figure: str, keys: Sequence[Key]) -> list[FigureRow]:
    """Return the rows of a page of keys, in the same order."""
    names = dict(Staff.objects.filter(pk__in={key.staff for key in keys}).values_list("pk", "display_name"))
    if figure in _TALKS:
        return _talks(keys, names)
    if figure in _SALES:
        return _sales(keys, names)
    visits = Visit.objects.select_related("visitor").in_bulk([key.pk for key in keys])
    return [
        FigureRow(
            visit=visits[key.pk],
            consultant=names.get(key.staff, ""),
            what=fate_words(Fate(key.fate)) if key.fate else str(visits[key.pk].get_state_display()),
        )
        for key in keys
    ]


def _talks(keys: Sequence[Key], names: Mapping[int, str]) -> list[FigureRow]:
    found = Consultation.objects.select_related("visit__visitor").in_bulk([key.pk for key in keys])
    return [
        FigureRow(
            visit=found[key.pk].visit,
            consultant=names.get(key.staff, ""),
            what=found[key.pk].get_outcome_display()
            or found[key.pk].declined_for
            or str(found[key.pk].get_state_display()),
            wait=wait_words(_wait(found[key.pk])),
        )
        for key in keys
    ]


def _wait(talk: Consultation) -> timedelta | None:
    return None if talk.entered_at is None else talk.entered_at - talk.offered_at


def _sales(keys: Sequence[Key], names: Mapping[int, str]) -> list[FigureRow]:
    shares: dict[int, Any] = DealShare.objects.select_related(
        "deal__branch", "deal__consultation__visit__visitor"
    ).in_bulk([key.pk for key in keys])
    rows = []
    for key in keys:
        share = shares[key.pk]
        deal = share.deal
        rows.append(
            FigureRow(
                visit=deal.consultation.visit,
                consultant=names.get(key.staff, ""),
                what=str(deal.get_kind_display()),
                amount=deal.amount,
                share=share.share,
                on=deal.branch.today(deal.made_at),
            )
        )
    return rows
