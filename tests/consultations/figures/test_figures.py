"""What is counted, and that a plain recount of whole days says the same."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import transaction

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation
from consultations.selectors.figure_rows import WORDS, keys_behind, rows_behind
from consultations.selectors.figures import Figures, Period, figures_of, teams_of, total_of
from reception.models import PreReport, Visit
from tests.conftest import MakeStaff
from tests.consultations.figures.recount import compare
from tests.consultations.figures.scenes import AT, receive, sell
from tests.factories.triage import TODAY
from tests.triage.live_day import WORDS as HAPPENINGS
from tests.triage.live_day import Happening, open_day
from triage.models import TeamMember

BAG = [word for word, often in HAPPENINGS.items() for _ in range(often * (3 if word in ("enter", "finish") else 1))]


@pytest.fixture
def anna(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣", name_key="wang xin")


@pytest.fixture
def berta(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="李敏", name_key="li min")


def _of(branch: Branch, staff: Staff, first: date = TODAY, last: date = TODAY) -> Figures:
    people = figures_of(Period(branch, first, last))
    return next((one.figures for one in people if one.staff == staff.pk), Figures())


@pytest.mark.parametrize("preset", ["standard", "performance", "teams"])
def test_every_figure_of_any_days_is_what_a_plain_recount_says(branch: Branch, preset: str) -> None:
    chance = Random(preset)
    live = open_day(branch, preset)
    for _ in range(110):
        live.happen(Happening(chance.choice(BAG), chance.randrange(2**16)))
        if chance.random() < 0.06:
            with suppress(Refused), transaction.atomic():
                visit = live.any_visit(chance, Visit.State.WAITING)
                assert visit.consultant is not None
                services.decline_visit(visit=visit, reason="不适", staff=visit.consultant, now=live.morning.now)
    for talk in Consultation.objects.exclude(entered_at=None):
        if chance.random() < 0.4:
            one, other = chance.sample(live.seated, 2)
            sell(talk, str(chance.randrange(1, 90_000)), at=live.morning.now, to={one: "0.3333", other: "0.6667"})
    for talk in Consultation.objects.exclude(entered_at=None).order_by("pk")[:2]:
        Visit.objects.filter(pk=talk.visit_id).update(visit_type="other", other_reason="not_offered")
    for number, talk in enumerate(Consultation.objects.filter(state="finished").order_by("-pk")[:4]):
        Consultation.objects.filter(pk=talk.pk).update(outcome="product", decided_by=None)
        Visit.objects.filter(pk=talk.visit_id).update(announced_by=talk.consultant if number % 2 else None)

    period = Period(branch, TODAY - timedelta(days=1), TODAY)
    people = figures_of(period)
    found = {one.staff: one.figures for one in people}
    assert sum(one.receptions for one in found.values()) > 4
    assert sum(one.lost + one.returned for one in found.values()) > 1
    assert compare(period).wrong == []
    _every_figure_opens_as_many_rows(period, found)
    # Of an entry that is made void no figure counts anything.
    (void,) = Consultation.objects.exclude(deals=None).order_by("pk")[:1]
    Visit.objects.filter(pk=void.visit_id).update(state="void", void_reason="登错人")
    assert compare(period).wrong == []
    found = {one.staff: one.figures for one in figures_of(period)}
    _every_figure_opens_as_many_rows(period, found)


def _every_figure_opens_as_many_rows(period: Period, found: dict[int, Figures]) -> None:
    whole = total_of(figures_of(period))
    for staff, figures in [(None, whole), *found.items()]:
        for name in WORDS:
            keys = keys_behind(period, name, staff)
            assert len(rows_behind(name, keys)) == len(keys)
            if name in ("waited", "longest"):
                assert len(keys) == figures.receptions
            elif name in ("deals", "amount", "spent"):
                assert (
                    len(keys) >= {"deals": figures.deals, "amount": figures.deals, "spent": figures.spent_deals}[name]
                )
            else:
                assert len(keys) == getattr(figures, name), f"{name} of {staff}"


def test_who_never_entered_the_room_is_in_no_rate(branch: Branch, anna: Staff) -> None:
    receive(anna)
    receive(anna, waited=None, state="withdrawn")
    figures = _of(branch, anna)
    assert (figures.receptions, figures.counting, figures.left_before) == (1, 1, 1)
    sell(receive(anna))
    assert _of(branch, anna).conversion == 50
    assert _of(branch, anna).average_spend == 1000


def test_what_was_sold_on_an_entry_that_is_void_by_now_is_in_no_figure(branch: Branch, anna: Staff) -> None:
    sell(receive(anna), "700")
    talk = receive(anna)
    sell(talk)
    Visit.objects.filter(pk=talk.visit_id).update(state="void", void_reason="登错人")
    figures = _of(branch, anna)
    assert (figures.receptions, int(figures.deals), int(figures.amount), int(figures.spent)) == (1, 1, 700, 700)
    period = Period(branch, TODAY, TODAY)
    assert compare(period).wrong == []
    assert [len(keys_behind(period, name, anna.pk)) for name in ("deals", "amount", "spent")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("visit", "counts"),
    [
        ({"visit_type": "other", "other_reason": "not_offered"}, False),
        ({"visit_type": "first", "type_rule": "C5", "other_reason": "product"}, False),
        ({"visit_type": "other", "type_rule": "C5", "other_reason": "product"}, True),
        ({"visit_type": "other", "other_reason": "cannot_do"}, True),
        ({"visit_type": "first", "type_rule": "C1"}, True),
        ({"visit_type": "return", "type_rule": "C2"}, True),
    ],
)
def test_what_counts_in_rates(branch: Branch, anna: Staff, visit: dict[str, Any], counts: bool) -> None:
    sell(receive(anna, **visit), "500")
    figures = _of(branch, anna)
    assert (figures.receptions, figures.counting, figures.bought) == (1, int(counts), int(counts))
    assert figures.amount == 500, "the money is hers whatever the visit was"
    assert figures.average_spend == (500 if counts else None)


# Outcome, announced before: in the rates?
OUTCOMES = [
    ("deal", False, True),
    ("no_deal", True, True),
    ("for_friend", True, True),
    ("cannot_do", True, True),
    ("referred", True, True),
    ("transferred", True, True),
    ("another", True, True),
    ("not_offered", False, False),
    ("not_offered", True, False),
    ("product", False, True),
    ("product", True, False),
]


@pytest.mark.parametrize(("outcome", "announced", "counts"), OUTCOMES)
def test_t8_what_the_room_came_to_counts_in_rates_or_not(
    branch: Branch, anna: Staff, outcome: str, announced: bool, counts: bool
) -> None:
    visit: dict[str, Any] = {"announced_by": anna} if announced else {}
    if outcome == "not_offered":
        visit |= {"visit_type": "other", "type_rule": "C5", "other_reason": "not_offered"}
    receive(anna, outcome=outcome, **visit)
    figures = _of(branch, anna)
    assert (figures.receptions, figures.counting) == (1, int(counts))
    assert compare(Period(branch, TODAY, TODAY)).wrong == []


def test_every_outcome_has_a_case() -> None:
    assert {outcome for outcome, *_rest in OUTCOMES} == set(Consultation.Outcome.values)


@pytest.mark.parametrize(
    ("made", "report", "counts"),
    [
        (-1, "hers", False),
        (-1, "phone", False),
        (-1, "another", True),
        (-1, "without_phone", True),
        (1, "hers", True),
        (1, "phone", True),
    ],
)
def test_t8_a_product_found_out_in_the_room_counts_unless_she_was_announced(
    branch: Branch, anna: Staff, made: int, report: str, counts: bool
) -> None:
    talk = receive(anna, outcome="product")
    sell(talk, "700")
    phone = "+8613900001234"
    if report in ("phone", "another"):
        type(talk.visitor).objects.filter(pk=talk.visitor_id).update(phone=phone)
    PreReport.objects.create(
        branch=branch,
        agent=anna,
        made_at=AT + timedelta(hours=made),
        made_by=anna,
        visitor=talk.visitor if report == "hers" else None,
        phone={"phone": phone, "another": "+8613900009999"}.get(report, ""),
    )
    figures = _of(branch, anna)
    assert (figures.receptions, figures.counting) == (1, int(counts))
    assert figures.spent == 700 * counts
    assert compare(Period(branch, TODAY, TODAY)).wrong == []


def test_t8_who_was_taken_out_of_the_room_before_it_came_to_anything_is_in_no_rate(branch: Branch, anna: Staff) -> None:
    receive(anna, state="withdrawn")
    assert (_of(branch, anna).receptions, _of(branch, anna).counting) == (1, 0)
    receive(anna, state="in_room")
    assert (_of(branch, anna).receptions, _of(branch, anna).counting) == (2, 1), "who is still in it may come to a deal"
    assert compare(Period(branch, TODAY, TODAY)).wrong == []


def test_deals_are_counted_by_their_shares(branch: Branch, anna: Staff, berta: Staff) -> None:
    sell(receive(anna), "10000", to={anna: "0.5", berta: "0.5"})
    sell(receive(anna), "3000", to={berta: "1"})
    hers, other = _of(branch, anna), _of(branch, berta)
    assert [hers.deals, hers.amount, hers.average_spend] == [Decimal("0.5"), 5000, 10000]
    assert [other.deals, other.amount, other.receptions] == [Decimal("1.5"), 8000, 0]
    assert other.conversion is None and other.average_wait is None
    assert hers.conversion == 100, "the receptions are the receiver's, whoever is credited"
    whole = total_of(figures_of(Period(branch, TODAY, TODAY)))
    assert [whole.deals, whole.amount] == [2, 13000]


def test_waits_run_from_being_given_to_entering(branch: Branch, anna: Staff) -> None:
    for minutes in (2, 4, 30):
        receive(anna, waited=minutes)
    figures = _of(branch, anna)
    assert figures.average_wait == timedelta(minutes=12)
    assert figures.longest_wait == timedelta(minutes=30)
    longest = keys_behind(Period(branch, TODAY, TODAY), "longest", anna.pk)
    assert rows_behind("longest", longest)[0].wait == "30′"


def test_a_day_is_the_branchs_day(branch: Branch, anna: Staff) -> None:
    late = datetime.fromisoformat("2026-03-31T23:59:59+08:00")
    talk = receive(anna, at=late)
    sell(talk, "700", at=late)
    sell(talk, "900", at=late + timedelta(seconds=1))
    assert _of(branch, anna, date(2026, 3, 1), date(2026, 3, 31)).amount == 700
    assert _of(branch, anna, date(2026, 4, 1), date(2026, 4, 30)).amount == 900
    assert _of(branch, anna, date(2026, 4, 1), date(2026, 4, 30)).receptions == 0


def test_another_branch_counts_for_itself(
    branch: Branch, other_branch: Branch, anna: Staff, staff_with: MakeStaff
) -> None:
    there = staff_with(Role.CONSULTANT, branch=other_branch)
    sell(receive(there))
    assert figures_of(Period(branch, TODAY, TODAY)) == []
    assert _of(other_branch, there).deals == 1


def test_void_entries_count_nowhere(branch: Branch, anna: Staff) -> None:
    receive(anna, state="declined", waited=None)
    void: Any = receive(anna)
    Visit.objects.filter(pk=void.visit_id).update(state="void", void_reason="录错")
    figures = _of(branch, anna)
    assert (figures.receptions, figures.declined) == (0, 1)


def test_teams_stand_together_with_their_sum(branch: Branch, anna: Staff, berta: Staff, staff_with: MakeStaff) -> None:
    alone = staff_with(Role.CONSULTANT, display_name="周琳", name_key="zhou lin")
    for position, one in enumerate((anna, berta), start=1):
        TeamMember.objects.create(branch=branch, team=2, position=position, staff=one)
    for one in (anna, berta, berta, alone):
        receive(one)
    teams = teams_of(figures_of(Period(branch, TODAY, TODAY)))
    assert [(team.number, [one.name for one in team.people], team.total.receptions) for team in teams] == [
        (0, ["周琳"], 1),
        (2, ["李敏", "王欣"], 3),
    ]


def test_nothing_happened(branch: Branch) -> None:
    assert figures_of(Period(branch, TODAY, TODAY)) == []
    assert total_of([]).conversion is None
    assert keys_behind(Period(branch, TODAY, TODAY), "turns", None) == []
    with pytest.raises(KeyError):
        keys_behind(Period(branch, TODAY, TODAY), "height", None)


def test_the_rows_of_a_month_come_the_latest_first(branch: Branch, anna: Staff) -> None:
    for back in range(3):
        receive(anna, at=AT - timedelta(days=back))
    keys = keys_behind(Period(branch, TODAY - timedelta(days=9), TODAY), "receptions", anna.pk)
    assert [row.visit.day for row in rows_behind("receptions", keys)] == [
        TODAY - timedelta(days=back) for back in range(3)
    ]
