"""Names as the desk searches for them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reception import keys, names
from reception.models import VisitorKey


@pytest.mark.parametrize(
    ("name", "readings", "initials"),
    [
        ("曾小美", {"zengxiaomei", "cengxiaomei"}, {"zxm", "cxm"}),
        ("单于", {"chanyu", "shanyu", "danyu"}, {"cy", "sy", "dy"}),
        ("单雪", {"shanxue", "danxue", "chanxue"}, {"sx", "dx", "cx"}),
        ("解珍", {"xiezhen", "jiezhen"}, {"xz", "jz"}),
        ("仇英", {"qiuying", "chouying"}, {"qy", "cy"}),
        ("王小美", {"wangxiaomei"}, {"wxm"}),
        ("欧阳娜娜", {"ouyangnana"}, {"oynn"}),
        ("吕布", {"lvbu", "lyubu", "lubu"}, {"lb"}),
        ("尉迟恭", {"yuchigong", "weichigong"}, {"ycg", "wcg"}),
        ("Ngô Thị", {"ngothi"}, {"nt"}),
        ("Đặng Øyvind", {"dangoyvind"}, {"do"}),
        ("O'Brien <b>", {"obrien<b>"}, {"o<"}),
    ],
)
def test_every_reading_and_its_initials(name: str, readings: set[str], initials: set[str]) -> None:
    assert readings <= names.pinyin_keys(name)
    assert initials <= names.initials_keys(name)


def test_a_common_surname_has_no_reading_nobody_types() -> None:
    assert names.pinyin_keys("王小美") == {"wang", "wangxiaomei"}


@pytest.mark.parametrize(
    ("name", "given_names"),
    [
        ("王小美", {"小美", "xiaomei"}),
        ("欧阳娜娜", {"娜娜", "nana"}),
        ("单于小明", {"小明", "于小明", "xiaoming"}),
        ("王", set()),
        ("Ngô Thị Hoa", {"thị", "thi", "hoa"}),
    ],
)
def test_given_names(name: str, given_names: set[str]) -> None:
    assert given_names <= names.given_name_keys(name)
    if not given_names:
        assert names.given_name_keys(name) == set()


def test_the_surname_is_a_key_of_its_own() -> None:
    assert names.name_keys("欧阳娜娜") == {"欧阳娜娜", "欧阳"}
    assert names.name_keys("王") == {"王"}


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  王\u3000小美 ", "王 小美"),
        ("\u200f王小美\u202e", "王小美"),
        ("王\x00小\u0007美", "王小美"),
        ("O'Brien <b>", "O'Brien <b>"),
        ("👩\u200d⚕️", "👩\u200d⚕️"),
        ("\u200b\u200d", ""),
        ("\ud800", ""),
    ],
)
def test_what_nobody_sees_is_taken_out_and_nothing_else(typed: str, clean: str) -> None:
    assert names.clean_name(typed) == clean


def test_kinds_are_those_of_the_table() -> None:
    pairs = keys.search_keys(name="曾小美", phone="+8613800138000", file_number="F000012")
    assert {kind for kind, _key in pairs} == set(VisitorKey.Kind.values)


def test_a_name_of_fifty_ambiguous_characters_stays_small() -> None:
    pairs = keys.search_keys(name="曾单解仇重长行乐朝差" * 5, phone="", file_number="F1")
    assert len(pairs) < 150
    assert all(len(key) <= names.LONGEST_KEY for _kind, key in pairs)


anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
chinese = st.text(alphabet=st.sampled_from("曾单于解仇欧阳娜王小美重长乐吕🙂"), min_size=1, max_size=50)
mixed = st.one_of(
    anything,
    chinese,
    st.sampled_from(["Ngô Thị", "O'Brien <b>", "\u202e王\u200f", "\x00", "名" * 50, "ﷺ" * 50, "👩‍⚕️", "İ", "ß" * 50]),
)


@settings(deadline=None)
@given(mixed)
def test_any_text_is_cleaned_once_and_for_all(text: str) -> None:
    clean = names.clean_name(text)
    assert names.clean_name(clean) == clean
    assert all(unicodedata.category(character) not in ("Cc", "Cs") for character in clean)


@settings(deadline=None)
@given(mixed)
def test_keys_of_any_name_fit_the_table_and_find_it_by_its_beginning(text: str) -> None:
    name = names.clean_name(text)[:50]
    pairs = keys.search_keys(name=name, phone="", file_number="F000001")
    assert all(key and len(key) <= names.LONGEST_KEY and "\x00" not in key for _kind, key in pairs)
    full = names.fold(name)
    if not full:
        return
    for length in range(1, len(full) + 1):
        probes = keys.probes(full[:length])
        # Half a composed character is no beginning anybody can type.
        if full[:length].isdecimal() or full.startswith("+") or names.fold(full[:length]) != full[:length]:
            continue
        assert any(
            kind == probe.kind and (key == probe.key or (probe.prefix and key.startswith(probe.key)))
            for probe in probes
            for kind, key in pairs
        ) or (length == 1 and names.latin(full[:1]).isascii())


@settings(deadline=None)
@given(anything)
def test_any_text_may_be_typed_into_the_box(text: str) -> None:
    for probe in keys.probes(text):
        assert probe.key
        assert len(probe.key) <= names.LONGEST_KEY


@settings(deadline=None)
@given(chinese)
def test_first_letters_of_every_reading_are_among_the_initials(name: str) -> None:
    for reading in names.pinyin_keys(name):
        assert any(reading.startswith(initials[:1]) for initials in names.initials_keys(name))
