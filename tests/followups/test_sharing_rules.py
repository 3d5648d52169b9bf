"""On whose list a call goes: every card once, to who can take it, evenly, and the same however it is asked."""

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followups.models import CallShare
from followups.sharing import SLACK, Agent, Card, Placed, Rule, share_out

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KINDS = ("surgery", "laser", "non_invasive")
LANGUAGES = ("zh-hans", "en")

agents = st.lists(
    st.builds(
        Agent,
        id=st.integers(1, 8),
        kinds=st.frozensets(st.sampled_from(KINDS)),
        languages=st.frozensets(st.sampled_from(LANGUAGES)),
        load=st.integers(0, 12),
        calls=st.integers(0, 300),
        days=st.integers(0, 20),
    ),
    unique_by=lambda agent: agent.id,
    max_size=6,
)
# 9 and 10 called before and are not there any more.
callers = st.none() | st.integers(1, 10)


@st.composite
def cards(draw: st.DrawFn, known: bool = True) -> list[Card]:
    """Cards of some visitors; who called a visitor last, and in which language, is the same for all of hers."""
    found: list[Card] = []
    for visitor in range(draw(st.integers(0, 12))):
        last = draw(callers) if known else None
        others = draw(st.frozensets(st.integers(1, 10), max_size=2)) if known else frozenset()
        language = draw(st.sampled_from(LANGUAGES)) if known else "zh-hans"
        for _each in range(draw(st.integers(1, 4))):
            found.append(
                Card(
                    id=len(found) + 1,
                    visitor=visitor,
                    kind=draw(st.sampled_from(KINDS)) if known else "surgery",
                    language=language,
                    risk=draw(st.integers(0, 5)),
                    last_caller=last,
                    others_with=others,
                    weight=draw(st.integers(1, 2)),
                )
            )
    return found


def loads_after(here: list[Agent], given_out: list[Card], placed: list[Placed]) -> dict[int, int]:
    weights = {card.id: card.weight for card in given_out}
    loads = {agent.id: agent.load for agent in here}
    for one in placed:
        if one.to is not None:
            loads[one.to] += weights[one.card]
    return loads


@calm
@given(here=agents, wanted=cards())
def test_every_card_goes_once_to_somebody_who_is_there_and_can_take_it(here: list[Agent], wanted: list[Card]) -> None:
    placed = share_out(here, wanted)
    assert [one.card for one in placed] == sorted(card.id for card in wanted)
    by_id, by_number = {agent.id: agent for agent in here}, {card.id: card for card in wanted}
    for one in placed:
        can = {agent.id for agent in here if agent.takes(by_number[one.card])}
        assert one.to in can if can else (one.to, one.rule) == (None, Rule.NOBODY)
        assert one.to is None or by_id[one.to].takes(by_number[one.card])
        assert set(one.loads) <= can and (one.to is None or one.to in one.loads)


@calm
@given(here=agents, wanted=cards(), data=st.data())
def test_the_order_in_which_they_come_says_nothing(here: list[Agent], wanted: list[Card], data: st.DataObject) -> None:
    shuffled = share_out(data.draw(st.permutations(here)), data.draw(st.permutations(wanted)))
    assert shuffled == share_out(here, wanted)


@calm
@given(here=agents, wanted=cards())
def test_the_cards_of_a_visitor_go_to_one_agent(here: list[Agent], wanted: list[Card]) -> None:
    to = {one.card: one.to for one in share_out(here, wanted)}
    for _visitor, hers in groupby(wanted, key=lambda card: card.visitor):
        whole = list(hers)
        if any(all(map(agent.takes, whole)) for agent in here):
            assert len({to[card.id] for card in whole}) == 1


@calm
@given(number=st.integers(1, 6), wanted=cards(known=False))
def test_agents_who_are_alike_have_alike(number: int, wanted: list[Card]) -> None:
    here = [Agent(id=one) for one in range(1, number + 1)]
    loads = loads_after(here, wanted, share_out(here, wanted))
    largest = max((sum(card.weight for card in wanted if card.visitor == each.visitor) for each in wanted), default=0)
    assert max(loads.values()) - min(loads.values()) <= largest


@calm
@given(number=st.integers(1, 6), wanted=cards(known=False), data=st.data())
def test_whoever_called_before_may_have_a_little_more(number: int, wanted: list[Card], data: st.DataObject) -> None:
    here = [Agent(id=one) for one in range(1, number + 1)]
    last = {visitor: data.draw(callers) for visitor in {card.visitor for card in wanted}}
    known = [replace(card, last_caller=last[card.visitor]) for card in wanted]
    loads = loads_after(here, known, share_out(here, known))
    largest = max((sum(card.weight for card in known if card.visitor == each.visitor) for each in known), default=0)
    assert max(loads.values()) - min(loads.values()) <= largest + SLACK


TWO = [Agent(1, load=2, calls=40, days=10), Agent(2, load=2, calls=30, days=10)]
DESK = [Agent(1, kinds=frozenset({"laser"})), Agent(2, languages=frozenset({"en"}))]


@pytest.mark.parametrize(
    ("here", "card", "to", "rule"),
    [
        ([], Card(1, 1), None, Rule.NOBODY),
        (TWO, Card(1, 1), 2, Rule.FEWEST),
        ([replace(TWO[0], load=1), TWO[1]], Card(1, 1), 1, Rule.FEWEST),
        ([replace(TWO[0], calls=30), TWO[1]], Card(1, 1), 1, Rule.FEWEST),
        (TWO, Card(1, 1, last_caller=1), 1, Rule.CALLED_LAST),
        ([replace(TWO[0], load=2 + SLACK), TWO[1]], Card(1, 1, last_caller=1), 1, Rule.CALLED_LAST),
        ([replace(TWO[0], load=3 + SLACK), TWO[1]], Card(1, 1, last_caller=1), 2, Rule.FEWEST),
        (TWO, Card(1, 1, last_caller=9), 2, Rule.FEWEST),
        ([replace(TWO[0], load=90), TWO[1]], Card(1, 1, others_with=frozenset({1, 9})), 1, Rule.SAME_VISITOR),
        (TWO[:1], Card(1, 1), 1, Rule.ONLY_ONE),
        (DESK, Card(1, 1, kind="surgery"), None, Rule.NOBODY),
        (DESK, Card(1, 1, kind="laser"), 1, Rule.ONLY_ONE),
        (DESK, Card(1, 1, kind="surgery", language="en", last_caller=1), 2, Rule.ONLY_ONE),
    ],
)
def test_who_comes_first(here: list[Agent], card: Card, to: int | None, rule: Rule) -> None:
    (placed,) = share_out(here, [card])
    assert (placed.to, placed.rule) == (to, rule)


def test_what_was_looked_at_is_told() -> None:
    here = [Agent(1, load=9), Agent(2, load=2), Agent(3, kinds=frozenset({"laser"}))]
    placed = share_out(here, [Card(1, 1, kind="surgery", last_caller=1), Card(2, 1, kind="surgery", risk=5)])
    # The riskiest card leads its visitor's others.
    assert [(one.card, one.to, one.rule, one.loads, one.far) for one in placed] == [
        (1, 2, Rule.SAME_VISITOR, {1: 9, 2: 2}, None),
        (2, 2, Rule.FEWEST, {1: 9, 2: 2}, None),
    ]


def test_what_nobody_can_take_together_is_split_by_department() -> None:
    here = [Agent(1, kinds=frozenset({"surgery"})), Agent(2, kinds=frozenset({"laser"}))]
    wanted = [Card(1, 7, kind="laser"), Card(2, 7, kind="surgery"), Card(3, 7, kind="laser")]
    assert [one.to for one in share_out(here, wanted)] == [2, 1, 2]


def test_each_rule_has_a_word_in_the_ledger() -> None:
    assert {rule.value for rule in Rule} <= set(CallShare.Why.values)
