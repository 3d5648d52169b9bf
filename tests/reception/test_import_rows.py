"""What a cell means: days in every writing, phones as the card takes them, columns by their names."""

import random
from datetime import date

import pytest

from reception.importing.checking import Checker, Known, read_day
from reception.importing.columns import guess, headers_key
from reception.importing.mistakes import WORDS, Kind
from reception.importing.reading import shown
from reception.phones import WrongPhone, parse_phone


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2020-03-01", date(2020, 3, 1)),
        ("2020/3/1", date(2020, 3, 1)),
        ("2020.03.01", date(2020, 3, 1)),
        ("2020年3月1日", date(2020, 3, 1)),
        ("20200301", date(2020, 3, 1)),
        ("２０２０－０３－０１", date(2020, 3, 1)),
        ("2020-03-01 10:31:07", date(2020, 3, 1)),
        ("25/12/2020", date(2020, 12, 25)),
        ("12/25/2020", date(2020, 12, 25)),
        ("5/5/2020", date(2020, 5, 5)),
        ("2020-02-29", date(2020, 2, 29)),
        ("2021-02-29", Kind.DATE_IMPOSSIBLE),
        ("2020-13-01", Kind.DATE_IMPOSSIBLE),
        ("0000-01-01", Kind.DATE_IMPOSSIBLE),
        ("03/04/2020", Kind.DATE_AMBIGUOUS),
        ("25/12/20", Kind.DATE_AMBIGUOUS),
        ("43891", Kind.DATE_UNREADABLE),
        ("三月一日", Kind.DATE_UNREADABLE),
    ],
)
def test_a_day_is_read_or_it_is_said_why_not(typed: str, meant: date | Kind) -> None:
    assert read_day(typed) == meant


def _check(field: str, value: str):  # type: ignore[no-untyped-def]
    checker = Checker(
        fields=["name", field], header=["姓名", "x"], known=Known({}, {}), today=date(2026, 3, 11), once=False
    )
    row = checker.check(2, ["王", value])
    assert row is not None
    return row


def test_phones_are_those_the_card_takes() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        typed = "1" + str(dice.randrange(10 ** dice.choice((9, 10, 10, 10, 11)))).zfill(10)
        try:
            expected = parse_phone(typed)
        except WrongPhone:
            expected = ""
        assert _check("phone", typed).phone == expected, typed
    assert _check("phone", "+852 5123 4567").phone == "+85251234567"
    assert _check("phone", "0755-8612 3456").phone == "+8675586123456"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("1380013800", Kind.PHONE_LENGTH),
        ("138001380000", Kind.PHONE_LENGTH),
        ("12", Kind.PHONE_LENGTH),
        ("86123456", Kind.PHONE_LENGTH),
        ("12345678901", Kind.PHONE_IMPOSSIBLE),
        ("13800138000转2", Kind.PHONE_IMPOSSIBLE),
    ],
)
def test_a_wrong_phone_is_too_short_or_impossible(typed: str, kind: Kind) -> None:
    assert [mistake.kind for mistake in _check("phone", typed).mistakes] == [kind]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["姓名", "电话", "性别", "生日"], ["name", "phone", "gender", "birth_on"]),
        (["客户姓名", "联系电话", "客户来源", "客户状态"], ["name", "phone", "heard_from", "standing"]),
        (["Name", "Mobile", "Date of birth", "Owner"], ["name", "phone", "birth_on", "owner"]),
        (["档案号", "项目", "首次到院", "最近到院时间"], ["file_number", "project", "first_visit_on", "last_visit_on"]),
        (["备注", "过敏史", "年龄", "余额"], ["medical_notes", "medical_notes", "medical_notes", ""]),
        (["姓名", "推荐人姓名"], ["name", ""]),
    ],
)
def test_columns_are_guessed_by_their_names(header: list[str], fields: list[str]) -> None:
    assert guess(header, {}) == fields


def test_what_was_matched_before_wins_over_the_guess() -> None:
    assert guess(["姓名", "手 机"], {"姓名": "", "手机": "name"}) == ["", "name"]
    assert headers_key(["姓名", "手机"]) == headers_key(["手 机", "姓名"]) != headers_key(["姓名"])


def test_every_kind_of_mistake_says_what_is_wrong_and_what_to_do() -> None:
    assert set(WORDS) == set(Kind)
    assert all(str(said).strip() for said in WORDS.values())
    assert len({str(said) for said in WORDS.values()}) == len(Kind)


def test_a_value_is_shown_without_what_a_screen_or_the_database_cannot_hold() -> None:
    assert shown("王\x00\x07美") == "王␀␇美"
    shown("王\x00\x07\udcff美").encode()
