"""Words of the day log: found again after years, and shown without whole phone numbers. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from reception import names

# So many of the keys of one entry are kept, and so much of a typed question is looked at.
MOST_KEYS = 900
LONGEST_QUESTION = 100
LONGEST_WORD = 24
LONGEST_KEY = 64
# What a beginning of a word must have at least to be a key of its own.
SHORTEST_BEGINNING = 2

_PHONE = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+|00)?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])"
    r"|(?<![0-9A-Za-z])0[0-9]{2,3}[- ]?[0-9]{7,8}(?![0-9])"
    r"|(?<![0-9A-Za-z])\+[0-9][0-9 -]{6,17}[0-9](?![0-9])"
    r"|(?<![0-9A-Za-z])[0-9]{7,15}(?![0-9])"
)


def without_phones(text: str) -> str:
    """Return a text in which the middle of whatever may be a phone number is hidden: 138****8000."""
    shown, at = "", 0
    for found in _PHONE.finditer(plain := _plain(text)):
        shown += text[at : found.start()] + _hidden(plain[found.start() : found.end()])
        at = found.end()
    return shown + text[at:]


def has_phone(text: str) -> bool:
    """Say whether something in a text is hidden by `without_phones`."""
    return bool(_PHONE.search(_plain(text)))


def _plain(text: str) -> str:
    """Return the text character by character, with digits of any width and script as 0-9."""
    return "".join(
        str(unicodedata.digit(c)) if c.isdecimal() else "+" if c == "＋" else "-" if c in "－‐–—" else c for c in text
    )


def _hidden(written: str) -> str:
    digits = "".join(c for c in written if c.isdigit())
    digits = digits.removeprefix("0086") if written.startswith("00") else digits
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"{digits[:2]}****{digits[-3:]}"


def entry_keys(*, texts: Iterable[str], people: Iterable[str] = (), phone: str = "") -> list[str]:
    """Return the keys an entry is found by, in order.

    Chinese: every character and every pair of neighbours, since nothing stands between words. Other words: whole and
    by each beginning. Numbers also by their last four digits. `people` are found by pinyin and initials too.
    """
    found: dict[str, None] = {}
    for text in (*people, *texts):
        for word in _words(text):
            found |= dict.fromkeys(_keys_of(word))
    for name in people:
        if len(name) <= LONGEST_WORD:
            found |= dict.fromkeys(sorted(names.pinyin_keys(name) | names.initials_keys(name)))
    if digits := "".join(c for c in phone.removeprefix("+86") if c.isdigit()):
        found |= dict.fromkeys(_keys_of(digits))
    return [key[:LONGEST_KEY] for key in list(found)[:MOST_KEYS] if key]


def question_keys(text: str) -> list[str]:
    """Return the keys an entry must all have to answer a typed text; nothing when nothing can be looked for."""
    found: dict[str, None] = {}
    for word in _words(text[:LONGEST_QUESTION]):
        if _is_chinese(word):
            pairs = [word[at : at + 2] for at in range(len(word) - 1)]
            found |= dict.fromkeys(pairs or [word])
        else:
            found[word[:LONGEST_WORD]] = None
    return list(found)


def _keys_of(word: str) -> list[str]:
    if _is_chinese(word):
        return [*word, *(word[at : at + 2] for at in range(len(word) - 1))]
    word = word[:LONGEST_WORD]
    beginnings = [word[:length] for length in range(SHORTEST_BEGINNING, len(word))]
    last_four = [word[-4:]] if word.isdigit() and len(word) > 4 else []
    return [word, *beginnings, *last_four]


def _is_chinese(word: str) -> bool:
    return names.is_chinese(word[0])


def _words(text: str) -> list[str]:
    """Return the runs of Chinese and the runs of other letters and digits of a text, without width and case."""
    found: list[str] = []
    run = ""
    for character in unicodedata.normalize("NFKC", text).casefold():
        fits = names.is_chinese(character) or character.isalnum()
        if run and (not fits or names.is_chinese(character) != names.is_chinese(run[0])):
            found.append(run)
            run = ""
        run += character if fits else ""
    return [*found, run] if run else found
