"""Prices as they are typed, discounts as they are told, and who may quote what: tables of cases."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultations import prices

LISTED = Decimal(12000)
LIMITS = {"consultant": Decimal(90), "consulting_supervisor": Decimal(80), "manager": Decimal(60)}


@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("10800", "10800"),
        ("￥１０,８００.50 ", "10800.50"),
        ("10800元", "10800"),
        ("9折", "10800.00"),
        ("8.5折", "10200.00"),
        ("８．５ 折", "10200.00"),
        ("85折", "10200.00"),
        ("88.8%", "10656.00"),
        ("10折", "12000.00"),
        ("100%", "12000.00"),
        ("0", "0"),
    ],
)
def test_a_price_is_read_as_it_is_meant(typed: str, price: str) -> None:
    assert prices.read(typed, LISTED) == Decimal(price)


@pytest.mark.parametrize(
    ("typed", "listed", "wrong"),
    [
        ("cheap", LISTED, "unclear"),
        ("", LISTED, "unclear"),
        ("-5", LISTED, "unclear"),
        ("1e9", LISTED, "unclear"),
        ("12.345", LISTED, "unclear"),
        ("9折", None, "no_list_price"),
        ("85%", None, "no_list_price"),
        ("0折", LISTED, "out_of_range"),
        ("101%", LISTED, "out_of_range"),
        ("120折", LISTED, "out_of_range"),
    ],
)
def test_what_is_no_price_is_told_apart(typed: str, listed: Decimal | None, wrong: str) -> None:
    with pytest.raises(prices.NoPrice, match=f"^{wrong}$"):
        prices.read(typed, listed)


@pytest.mark.parametrize(
    ("roles", "least"),
    [
        (["consultant"], 90),
        (["consulting_supervisor"], 80),
        (["manager"], 60),
        (["consultant", "consulting_supervisor"], 80),
        (["reception"], 100),
        ([], 100),
    ],
)
def test_a_limit_is_that_of_the_role_that_reaches_furthest(roles: list[str], least: int) -> None:
    assert prices.limit_of(roles, LIMITS) == least


@pytest.mark.parametrize(
    ("price", "least", "allowed"),
    [("10800", 90, True), ("10799.99", 90, False), ("12000", 100, True), ("11999.99", 100, False), ("0", 60, False)],
)
def test_a_limit_is_compared_to_the_cent(price: str, least: int, allowed: bool) -> None:
    assert prices.within(Decimal(price), LISTED, Decimal(least)) is allowed


@given(price=st.decimals(0, 12000, places=2), least=st.integers(1, 100))
def test_what_looks_allowed_by_its_figure_is_allowed(price: Decimal, least: int) -> None:
    assert (prices.percent_of(price, LISTED) >= least) == prices.within(price, LISTED, Decimal(least))


@pytest.mark.parametrize(("percent", "words"), [("85.0", "8.5"), ("80", "8"), ("88.8", "8.88"), ("100", "10")])
def test_percent_as_tenths(percent: str, words: str) -> None:
    assert prices.tenths(Decimal(percent)) == words
