"""What a price is of the list price, in percent and in 折; and prices as a consultant types them. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
TENTH = Decimal("0.1")
WHOLE = Decimal(100)
_TYPED = re.compile(r"(\d{1,10}(?:\.\d{1,4})?)(%|折)?")


class NoPrice(ValueError):
    """What was typed is no price; the argument says which of `unclear`, `no_list_price`, `out_of_range` it is."""


def percent_of(price: Decimal, list_total: Decimal) -> Decimal:
    """Return a price in percent of the list price, cut to a tenth: what looks allowed by its figure is allowed."""
    return (price * WHOLE / list_total).quantize(TENTH, ROUND_DOWN)


def discounted(price: Decimal | None, list_total: Decimal | None) -> Decimal | None:
    """Return the percent of a price below the list price, None when nothing is taken off or nothing is listed."""
    if price is None or not list_total or price >= list_total:
        return None
    return percent_of(price, list_total)


def tenths(percent: Decimal) -> str:
    """Return percent as 折: 85 is 8.5, 80 is 8."""
    return format((percent / 10).normalize(), "f")


def within(price: Decimal, list_total: Decimal, least_percent: Decimal) -> bool:
    """Say whether a price may be quoted by somebody whose limit this is; compared exactly, not as it is shown."""
    return price * WHOLE >= least_percent * list_total


def limit_of(roles: Iterable[str], limits: dict[str, Decimal]) -> Decimal:
    """Return the least percent of the list price somebody with these roles may quote; 100 without such a role."""
    return min((limits[role] for role in roles if role in limits), default=WHOLE)


def read(typed: str, list_total: Decimal | None) -> Decimal:
    """Return the price in yuan that is meant by `12800`, `8.5折`, `85折` or `85%`.

    Full-width digits, commas, spaces and signs of the currency are understood. Raises NoPrice.
    """
    text = unicodedata.normalize("NFKC", typed)
    text = text.replace(",", "").replace(" ", "").removeprefix("¥").removesuffix("元")
    found = _TYPED.fullmatch(text)
    if found is None:
        raise NoPrice("unclear")
    number, sign = Decimal(found[1]), found[2]
    if sign is None:
        if number != number.quantize(CENT):
            raise NoPrice("unclear")
        return number
    if list_total is None:
        raise NoPrice("no_list_price")
    percent = number * 10 if sign == "折" and number <= 10 else number
    if not 0 < percent <= WHOLE:
        raise NoPrice("out_of_range")
    return (list_total * percent / WHOLE).quantize(CENT, ROUND_HALF_UP)
