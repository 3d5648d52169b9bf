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
    assert names.pinyin_keys("王小美") == {"wangxiaomei"}
    assert {key for key in names.beginning_keys("王小美") if key.isascii()} == {"w", "wx", "wang", "wangxiao"}


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


@pytest.mark.parametrize(
    ("name", "beginnings"),
    [
        ("王小美", {"王", "王小", "wang", "wangxiao", "w", "wx"}),
        ("王美", {"王", "wang", "w"}),
        ("欧阳娜娜", {"欧", "欧阳", "欧阳娜", "ou", "ouyang", "ouyangna", "o", "oy", "oyn"}),
        ("曾敏", {"曾", "zeng", "ceng", "z", "c"}),
        ("Ngô Thị Hoa", {"ngô", "ngôthị", "ngo", "ngothi", "n", "nt"}),
        ("曾", set()),
        ("🙂", set()),
        ("", set()),
    ],
)
def test_each_beginning_people_stop_at_is_a_key_of_its_own(name: str, beginnings: set[str]) -> None:
    assert names.beginning_keys(name) >= beginnings
    if not beginnings:
        assert names.beginning_keys(name) == set()
    assert not names.beginning_keys(name) & (names.name_keys(name) | names.pinyin_keys(name))


def test_both_surnames_a_name_may_begin_with_are_read() -> None:
    assert {"单", "单于", "单于小", "chan", "chanyu", "shan", "dan", "cy", "sy"} <= names.beginning_keys("单于小明")
    assert names.name_keys("单于") == {"单于"}
    assert {"单", "chan", "shan", "c"} <= names.beginning_keys("单于")


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


def found_by(pairs: set[tuple[str, str]], probes: list[keys.Probe]) -> bool:
    """Say whether one of the looks into the keys finds somebody who has these."""
    return any(
        kind == probe.kind and (key == probe.key or (probe.prefix and key.startswith(probe.key)))
        for probe in probes
        for kind, key in pairs
    )


SOMEBODY = ["曾", "单于", "单于小明", "欧阳娜娜", "Ngô Thị", "王小美", "吕布", "仇英", "任盈盈", "诸葛亮"]


@settings(deadline=None)
@given(st.sampled_from(SOMEBODY), st.data())
def test_she_is_found_by_any_beginning_of_any_reading_and_of_its_initials(name: str, data: st.DataObject) -> None:
    pairs = keys.search_keys(name=name, phone="", file_number="F000001")
    whole = data.draw(st.sampled_from(sorted(names.pinyin_keys(name) | names.initials_keys(name))))
    for kind, key in sorted(pairs):
        if kind in (keys.PINYIN, keys.INITIALS, keys.NAME, keys.GIVEN_NAME, keys.START):
            assert found_by(pairs, keys.probes(key)), key
    begun = whole[: data.draw(st.integers(2, max(2, len(whole))))]
    assert found_by(pairs, keys.probes(begun)), begun


@settings(deadline=None)
@given(
    st.sampled_from([*SOMEBODY, "🙂", "X", "名" * 50, "O'Brien <b>", "王Anna"]),
    st.sampled_from(["\u200f{}", "{}\u202e", " {} ", "\u200b{}", "{}\u3000", "\ufeff{}"]),
)
def test_marks_nobody_sees_neither_make_nor_hide_a_key(name: str, marked: str) -> None:
    text = marked.format(name)
    assert names.clean_name(text) == name
    assert keys.search_keys(name=text, phone="", file_number="F1") == keys.search_keys(
        name=name, phone="", file_number="F1"
    )
    assert keys.probes(text) == keys.probes(name)


@settings(deadline=None)
@given(st.sampled_from(SOMEBODY))
def test_width_and_case_of_what_is_typed_do_not_matter(name: str) -> None:
    for key in names.pinyin_keys(name):
        wide = "".join(chr(ord(character) + 0xFEE0) for character in key.upper())
        assert keys.probes(wide) == keys.probes(key)


@pytest.mark.parametrize(
    ("scanned", "file_number"),
    [
        ("FD1:F000012", "f000012"),
        ("fd1:f000012", "f000012"),
        ("ＦＤ１：Ｆ０００１２", "f00012"),
        (" FD1: F000012\n", "f000012"),
    ],
)
def test_a_scanned_card_looks_for_its_file_number_and_nothing_else(scanned: str, file_number: str) -> None:
    assert keys.probes(scanned) == [keys.Probe(keys.FILE, file_number)]


def test_an_empty_card_means_nobody() -> None:
    assert keys.probes("FD1:") == []


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
        assert found_by(pairs, probes) or (length == 1 and names.latin(full[:1]).isascii())


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
