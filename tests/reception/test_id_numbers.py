"""Id numbers as a clerk types them: what is right, what is said about what is wrong, and what may be shown."""

from datetime import date

import pytest

from reception.id_numbers import IdNumber, WrongId, masked_id, parse_id_number
from reception.models import IdPaper

RIGHT = "11010519491231002X"


@pytest.mark.parametrize(
    "typed",
    [
        RIGHT,
        "11010519491231002x",
        "１１０１０５ １９４９１２３１ ００２Ｘ",
        "110105-19491231-002X",
        f"\u202e{RIGHT}\u200f",
    ],
)
def test_a_residents_number_tells_birth_date_and_gender(typed: str) -> None:
    assert parse_id_number("resident", typed) == IdNumber(RIGHT, date(1949, 12, 31), "female")


def test_an_odd_number_is_a_mans() -> None:
    assert parse_id_number("resident", "440308199901010012").gender == "male"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("110105194912310021", "does not fit"),
        ("1101051949123100", "18 characters; this one has 16"),
        ("110105491231002", "old number of 15"),
        ("110105194913310020", "birth date"),
        ("11010519490229002X", "birth date"),
        ("1101051949123100AX", "digits only"),
        ("110105<b>1231002X", "letters only"),
    ],
)
def test_a_wrong_number_is_told_what_is_wrong(typed: str, says: str) -> None:
    with pytest.raises(WrongId, match=says):
        parse_id_number("resident", typed)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("passport", "e 1234 5678", "E12345678"),
        ("hk_macau", "H12345678", "H12345678"),
        ("hk_macau", "m1234567801", "M1234567801"),
        ("taiwan", "12345678", "12345678"),
        ("other", "AB-12345", "AB12345"),
        ("passport", "  ", ""),
    ],
)
def test_papers_of_others_are_taken_as_they_are(kind: str, typed: str, kept: str) -> None:
    assert parse_id_number(kind, typed).number == kept


@pytest.mark.parametrize(("kind", "typed"), [("hk_macau", "X12345678"), ("taiwan", "1234"), ("passport", "E" * 21)])
def test_a_paper_of_another_shape_is_refused(kind: str, typed: str) -> None:
    with pytest.raises(WrongId):
        parse_id_number(kind, typed)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(RIGHT, "110***********002X"), ("E12345678", "E******78"), ("123456", "******"), ("", "")],
)
def test_s5_the_middle_is_never_shown(number: str, shown: str) -> None:
    assert masked_id(number) == shown
    assert len(shown) == len(number)


def test_every_kind_of_paper_is_understood() -> None:
    for kind in IdPaper.Kind.values:
        assert parse_id_number(kind, "").number == ""
