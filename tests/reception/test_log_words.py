"""Words of the day log: how an entry is found again, and what is shown of a phone number in a note."""

import pytest

from reception.log_words import LONGEST_KEY, MOST_KEYS, entry_keys, has_phone, question_keys, without_phones


def fits(question: str, *texts: str, people: tuple[str, ...] = (), phone: str = "") -> bool:
    wanted = question_keys(question)
    return bool(wanted) and set(wanted) <= set(entry_keys(texts=texts, people=people, phone=phone))


@pytest.mark.parametrize(
    "question",
    ["改约", "下周三", "想改约下周三", "wi-fi", "Wi fi", "Ｗｉ", "三", "SF12", "sf1234567890", "浙A7K268", "a7k"],
)
def test_found_by_any_part_a_person_remembers(question: str) -> None:
    assert fits(question, "想改约下周三下午，问 Wi-Fi 密码", "SF1234567890", "浙A7K268")


@pytest.mark.parametrize("question", ["周三改约", "改期", "sf9", "x"])
def test_not_found_by_what_is_not_there(question: str) -> None:
    assert not fits(question, "想改约下周三下午", "SF1234567890")


@pytest.mark.parametrize("question", ["曾", "曾小美", "zengxiaomei", "zxm", "小美", "O'Brien"])
def test_people_are_found_as_at_the_desk(question: str) -> None:
    assert fits(question, people=("曾小美", "O'Brien <b>"))


@pytest.mark.parametrize("question", ["13800138000", "8000", "1380"])
def test_a_call_back_number_is_found_by_its_beginning_and_its_end(question: str) -> None:
    assert fits(question, phone="+8613800138000")


def test_nothing_to_look_for_finds_nothing() -> None:
    assert question_keys("  ，。!? ") == []


def test_keys_fit_their_column_whatever_was_typed() -> None:
    keys = entry_keys(texts=["曾" * 500, "a" * 500, "一二三四五六七八九十" * 50], people=["曾" * 50, "诸葛" * 12])
    assert len(keys) <= MOST_KEYS
    assert max(map(len, keys)) <= LONGEST_KEY
    assert all(keys)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请回 13800138000 谢谢", "请回 138****8000 谢谢"),
        ("请回１３８００１３８０００", "请回138****8000"),
        ("+86 138 0013 8000", "138****8000"),
        ("打 0755-12345678 找她", "打 075****5678 找她"),
        ("座机 8123456", "座机 81****456"),
        ("浙A12345 停到 14:30", "浙A12345 停到 14:30"),
        ("2026-03-11 复查，３ 支", "2026-03-11 复查，３ 支"),
        ("", ""),
    ],
)
def test_phone_numbers_in_notes_are_masked(written: str, shown: str) -> None:
    assert without_phones(written) == shown
    assert has_phone(written) is ("****" in shown)
