"""Phone numbers as a clerk types them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reception import keys
from reception.phones import WrongPhone, as_written, digits_of, parse_phone, phone_end_keys, phone_keys


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("13800138000", "+8613800138000"),
        (" 138 0013 8000 ", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("138-0013—8000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("\u202d13800138000\u202c", "+8613800138000"),
        ("19912345678", "+8619912345678"),
        ("010 6552 9988", "+861065529988"),
        ("(0755) 8246 8246", "+8675582468246"),
        ("+852 9123 4567", "+85291234567"),
        ("852 9123 4567", "+85291234567"),
        ("00853 6612 3456", "+85366123456"),
        ("+886 912 345 678", "+886912345678"),
        ("+1 650 253 0000", "+16502530000"),
        ("+44 20 7946 0958", "+442079460958"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_numbers_as_typed(typed: str, e164: str) -> None:
    assert parse_phone(typed) == e164


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1380013", "11 digits"),
        ("138001380001", "11 digits"),
        ("12345", "too short"),
        ("8246 8246", "area code"),
        ("138O0138000", "letters"),
        ("+852 12", "too short"),
        ("+999 1234 5678", "country"),
        ("1" * 40, "too long"),
        ("电话", "letters"),
        ("无", "letters"),
    ],
)
def test_a_wrong_number_says_what_to_correct(typed: str, sentence: str) -> None:
    with pytest.raises(WrongPhone) as problem:
        parse_phone(typed)
    assert sentence in str(problem.value)


def test_a_number_is_found_from_its_start_with_and_without_what_stands_before_it() -> None:
    assert phone_keys("+8613800138000") == {"13800138000"}
    assert phone_keys("+861065529988") == {"1065529988", "01065529988"}
    assert phone_keys("+85291234567") == {"91234567", "85291234567"}
    assert phone_keys("") == set()


@settings(deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.randoms())
def test_every_mobile_number_is_taken_however_it_is_spaced_and_widened(number: str, random: object) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) if random.random() < 0.3 else digit for digit in number)  # type: ignore[attr-defined]
    spaced = "".join(digit + random.choice(["", " ", "-", "\u3000"]) for digit in wide)  # type: ignore[attr-defined]
    assert parse_phone(spaced) == f"+86{number}"


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=40))
def test_any_text_is_a_number_or_a_sentence(text: str) -> None:
    try:
        found = parse_phone(text)
    except WrongPhone as problem:
        assert str(problem)
    else:
        assert found == "" or (found.startswith("+") and digits_of(found) == found[1:])


def test_a_number_is_found_from_its_end() -> None:
    assert phone_end_keys("+8613800138000") == {"0008310083168"}
    assert phone_end_keys("") == set()


NUMBERS = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["01065529988", "+85291234567", "+16502530000", "+442079460958", "075582468246", "+886912345678"]),
)


@settings(deadline=None)
@given(NUMBERS, st.data())
def test_any_part_of_a_number_from_its_start_or_its_end_finds_it(number: str, data: st.DataObject) -> None:
    e164 = parse_phone(number)
    pairs = keys.search_keys(name="", phone=e164, file_number="")
    for whole in (*phone_keys(e164), digits_of(e164), digits_of(number)):
        length = data.draw(st.integers(3, len(whole)))
        # Four digits are taken for the last four, so a country code without its plus needs a digit more.
        begun = max(length, 5) if whole == digits_of(e164) else length
        for part in (whole[:begun], whole[-length:]):
            assert any(
                kind == probe.kind and (key == probe.key or (probe.prefix and key.startswith(probe.key)))
                for probe in keys.probes(part)
                for kind, key in pairs
            ), part


@settings(deadline=None)
@given(st.text(alphabet="0123456789０１２３ -+", max_size=40))
def test_any_digits_may_be_typed_into_the_box(text: str) -> None:
    for probe in keys.probes(text):
        assert probe.key and len(probe.key) <= 100


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+8613900139006", "139 0013 9006"),
        ("+8619912345678", "199 1234 5678"),
        ("+8675588881234", "0755 8888 1234"),
        ("+85291234567", "+852 9123 4567"),
        ("+14155552671", "+1 415-555-2671"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_people_write_it_and_read_again(number: str, written: str) -> None:
    assert as_written(number) == written
    assert parse_phone(written) == number
