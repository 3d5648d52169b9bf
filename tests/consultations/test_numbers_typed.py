"""Amounts and doses as they are typed: what could be read as another number is refused, never guessed."""

from decimal import Decimal

import pytest
from django import forms

from consultations.forms.fields import DigitsField, DoseField, MoneyField


def read(field: type[DigitsField], typed: str) -> Decimal | None:
    """Return what a field makes of what was typed; None when it refuses."""
    try:
        number: Decimal | None = field(max_digits=12, decimal_places=3).clean(typed)
    except forms.ValidationError:
        return None
    return number


@pytest.mark.parametrize(
    ("typed", "dose"),
    [
        ("1.5", "1.5"),
        ("１．５", "1.5"),
        ("1。5", "1.5"),
        ("1｡5", "1.5"),
        ("1。5。2", None),
        (" 20 ", "20"),
        (".5", "0.5"),
        ("0.125", "0.125"),
        ("1,5", None),
        ("1，5", None),
        ("1 5", None),
        ("1,500", None),
        ("1e3", None),
        ("1_000", None),
        ("0x10", None),
        ("¥5", None),
        ("1.5.2", None),
        ("1·5", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        (".", None),
    ],
)
def test_a_dose_is_what_was_typed_or_refused(typed: str, dose: str | None) -> None:
    assert read(DoseField, typed) == (Decimal(dose) if dose else None)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("12800", "12800"),
        ("12,800", "12800"),
        ("１２，８００", "12800"),
        ("99。50", "99.5"),
        ("１２，８００。５０元", "12800.5"),
        ("12。800。50", None),
        ("1,234,567.50", "1234567.5"),
        ("¥ 99.50", "99.5"),
        ("300元", "300"),
        ("1,5", None),
        ("12,80", None),
        ("1,2800", None),
        ("12 800", None),
        ("1e3", None),
        ("１e３", None),
        ("sNaN", None),
        ("12万", None),
    ],
)
def test_an_amount_is_what_was_typed_or_refused(typed: str, amount: str | None) -> None:
    assert read(MoneyField, typed) == (Decimal(amount) if amount else None)
