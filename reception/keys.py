"""All keys one visitor is found by, and how a typed or scanned text is turned into what to look for. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from reception import names, phones

PHONE, PHONE_END, LAST_FOUR, NAME, GIVEN_NAME, PINYIN, INITIALS, START, FILE = (
    "phone",
    "phone_end",
    "last_four",
    "name",
    "given_name",
    "pinyin",
    "initials",
    "start",
    "file",
)
LONGEST_TEXT = 100
FEWEST_DIGITS = 3
# From so many digits on a text may be a whole phone number.
WHOLE_PHONE = 7
# As many digits as a queue number is said and printed with.
QUEUE_DIGITS = 3
_CARD = re.compile(r"\s*FD1:\s*(.*)", re.IGNORECASE | re.DOTALL)


def queue_number_in(text: str) -> int | None:
    """Return the queue number a typed text may be: one to three digits; None for any other text."""
    digits = phones.digits_of(text[:LONGEST_TEXT])
    return int(digits) if 0 < len(digits) <= QUEUE_DIGITS and names.fold(text) == digits else None


def search_keys(*, name: str, phone: str, file_number: str) -> set[tuple[str, str]]:
    """Return the (kind, key) pairs of a visitor; `phone` is E.164 or empty."""
    found = {(NAME, key) for key in names.name_keys(name)}
    found |= {(GIVEN_NAME, key) for key in names.given_name_keys(name)}
    found |= {(PINYIN, key) for key in names.pinyin_keys(name)}
    found |= {(INITIALS, key) for key in names.initials_keys(name)}
    found |= {(START, key) for key in names.beginning_keys(name)}
    found |= {(PHONE, key) for key in phones.phone_keys(phone)}
    found |= {(PHONE_END, key) for key in phones.phone_end_keys(phone)}
    if len(digits := phones.digits_of(phone)) >= 4:
        found.add((LAST_FOUR, digits[-4:]))
    found |= {(FILE, key) for key in file_keys(file_number)}
    return found


def file_keys(file_number: str) -> set[str]:
    """Return the file number folded, and its digits without leading zeros, as people say it."""
    folded = names.fold(file_number)
    return {key for key in (folded, phones.digits_of(folded).lstrip("0")) if key}


def card_in(text: str) -> str | None:
    """Return the file number a scanned card says, None when the text is no card's code.

    A scanner types like a keyboard, so under a Chinese input method its letters and colon may come full-width.
    """
    found = _CARD.fullmatch(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]))
    return found[1].strip() if found else None


@dataclass(frozen=True, slots=True)
class Probe:
    """One look into the keys: of a kind, equal to or (`prefix`) beginning with a key."""

    kind: str
    key: str
    prefix: bool = False


def probes(text: str) -> list[Probe]:
    """Return what to look for when this text was typed or scanned; nothing when it is too little.

    Digits: the last four, a phone from its start or from its end (three digits or more), a file number. Chinese: a
    name, a given name, the beginning of either. Letters: the same in pinyin, initials, names in Latin letters, a file
    number with letters. The code of a card: its file number and nothing else.
    """
    if (card := card_in(text)) is not None:
        return [Probe(FILE, key) for key in (names.fold(card),) if key]
    folded = names.fold(text[:LONGEST_TEXT])
    if not folded:
        return []
    digits = phones.digits_of(text[:LONGEST_TEXT])
    if digits == folded or text.strip().startswith(("+", "＋")):
        return _digit_probes(digits)
    plain = names.latin(text[:LONGEST_TEXT])
    letters = plain if plain.isascii() else ""
    written = [one for one in dict.fromkeys((folded, letters)) if one]
    found = [Probe(kind, one) for one in written for kind in (NAME, GIVEN_NAME, START)]
    if letters:
        found += [Probe(PINYIN, letters), Probe(INITIALS, letters)]
        if any(character.isdigit() for character in letters):
            found.append(Probe(FILE, letters))
    # What one letter begins is a key already; with what it begins besides, the index would be read in vain.
    longer = [one for one in written if len(one) > 1 or not one.isascii()]
    found += [Probe(kind, one, prefix=True) for one in longer for kind in (NAME, GIVEN_NAME)]
    if len(letters) > 1:
        found += [Probe(PINYIN, letters, prefix=True), Probe(INITIALS, letters, prefix=True)]
        if any(character.isdigit() for character in letters):
            found.append(Probe(FILE, letters, prefix=True))
    return list(dict.fromkeys(found))


def _digit_probes(digits: str) -> list[Probe]:
    national = digits.removeprefix("0086").removeprefix("86") if len(digits) > 4 else digits
    ways = [way for way in dict.fromkeys((digits, national, digits.removeprefix("00"))) if way]
    found = [Probe(LAST_FOUR, digits)] if len(digits) == 4 else []
    if len(digits) >= WHOLE_PHONE:
        found += [Probe(PHONE, way) for way in ways]
    if file := digits.lstrip("0"):
        found.append(Probe(FILE, file))
    if len(digits) >= FEWEST_DIGITS:
        found += [Probe(PHONE, way, prefix=True) for way in ways]
        found.append(Probe(PHONE_END, digits[::-1], prefix=True))
    return found
