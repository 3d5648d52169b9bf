"""All keys one visitor is found by, and how a typed text is turned into what to look for. Pure."""

from dataclasses import dataclass

from reception import names, phones

PHONE, LAST_FOUR, NAME, GIVEN_NAME, PINYIN, INITIALS, FILE = (
    "phone",
    "last_four",
    "name",
    "given_name",
    "pinyin",
    "initials",
    "file",
)
LONGEST_TEXT = 100


def search_keys(*, name: str, phone: str, file_number: str) -> set[tuple[str, str]]:
    """Return the (kind, key) pairs of a visitor; `phone` is E.164 or empty."""
    found = {(NAME, key) for key in names.name_keys(name)}
    found |= {(GIVEN_NAME, key) for key in names.given_name_keys(name)}
    found |= {(PINYIN, key) for key in names.pinyin_keys(name)}
    found |= {(INITIALS, key) for key in names.initials_keys(name)}
    found |= {(PHONE, key) for key in phones.phone_keys(phone)}
    if len(digits := phones.digits_of(phone)) >= 4:
        found.add((LAST_FOUR, digits[-4:]))
    found |= {(FILE, key) for key in file_keys(file_number)}
    return found


def file_keys(file_number: str) -> set[str]:
    """Return the file number folded, and its digits without leading zeros, as people say it."""
    folded = names.fold(file_number)
    return {key for key in (folded, phones.digits_of(folded).lstrip("0")) if key}


@dataclass(frozen=True, slots=True)
class Probe:
    """One look into the keys: of a kind, equal to or (`prefix`) beginning with a key."""

    kind: str
    key: str
    prefix: bool = False


def probes(text: str) -> list[Probe]:
    """Return what to look for when this text was typed, the likeliest first; nothing when it is too little.

    Digits: the last four, the beginning of a phone (three digits or more), a file number. Chinese: the beginning of
    a name or a given name. Letters: pinyin, initials, names in Latin letters, a file number with letters.
    """
    folded = names.fold(text[:LONGEST_TEXT])
    if not folded:
        return []
    digits = phones.digits_of(text[:LONGEST_TEXT])
    if digits == folded or text.strip().startswith(("+", "＋")):
        return _digit_probes(digits)
    found = [Probe(NAME, folded), Probe(NAME, folded, prefix=True), Probe(GIVEN_NAME, folded)]
    plain = names.latin(text[:LONGEST_TEXT])
    if not folded.isascii():
        found.append(Probe(GIVEN_NAME, folded, prefix=True))
    if plain.isascii() and plain:
        # One letter begins tens of thousands of names: it finds only who is called just that.
        longer = len(plain) > 1
        found += [Probe(PINYIN, plain), Probe(INITIALS, plain)]
        found += [Probe(PINYIN, plain, prefix=True), Probe(INITIALS, plain, prefix=True)] if longer else []
        found += [Probe(GIVEN_NAME, plain, prefix=True)] if longer else []
        found = [probe for probe in found if len(folded) > 1 or not probe.prefix]
        if any(character.isdigit() for character in plain):
            found += [Probe(FILE, plain), Probe(FILE, plain, prefix=True)]
    return list(dict.fromkeys(found))


def _digit_probes(digits: str) -> list[Probe]:
    found = [Probe(LAST_FOUR, digits)] if len(digits) == 4 else []
    national = digits.removeprefix("0086").removeprefix("86") if len(digits) > 4 else digits
    if len(digits) >= 3:
        found += [
            Probe(PHONE, one, prefix=True) for one in dict.fromkeys((digits, national, digits.removeprefix("00")))
        ]
    if file := digits.lstrip("0"):
        found.append(Probe(FILE, file))
    return [probe for probe in dict.fromkeys(found) if probe.key]
