"""Numbers of identity papers as a clerk types them: checked as far as the paper allows, and masked for every screen."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
FEWEST, MOST = 5, 20
SHAPES = {
    "hk_macau": (
        re.compile(r"[HM]\d{8}(\d{2})?"),
        _("A permit of Hong Kong or Macau residents is H or M and 8 digits, with 2 more on old ones."),
    ),
    "taiwan": (re.compile(r"\d{8}(\d{2})?"), _("A permit of Taiwan residents has 8 digits, with 2 more on old ones.")),
}


class WrongId(ValueError):
    """The text is no such number; `message` is a translated sentence that says what to correct."""

    def __init__(self, message: Promise | str) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number as it is kept, and what a resident's number says of its holder."""

    number: str
    birth_on: date | None = None
    gender: str = ""


def parse_id_number(kind: str, text: str) -> IdNumber:
    """Return the number of a paper in one width and case, without spaces and dashes; empty stays empty.

    A resident's number (GB 11643) is checked whole and tells birth date and gender ("female", "male"). `kind` is one of
    `IdPaper.Kind`. Raises WrongId.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = "".join(
        character
        for character in plain
        if not (character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Pd") or character in "()")
    )
    if not plain:
        return IdNumber("")
    if not re.fullmatch(r"[0-9A-Z]+", plain):
        raise WrongId(_("An id number has digits and Latin letters only. Take the other signs out."))
    if kind == "resident":
        return _resident(plain)
    if kind in SHAPES:
        shape, sentence = SHAPES[kind]
        if not shape.fullmatch(plain):
            raise WrongId(sentence)
    elif not FEWEST <= len(plain) <= MOST:
        raise WrongId(_("The number of a paper has 5 to 20 characters. Look at it again."))
    return IdNumber(plain)


def _resident(plain: str) -> IdNumber:
    if len(plain) == 15 and plain.isdecimal():
        raise WrongId(_("This is the old number of 15 digits. Take the one of 18 from the newer card."))
    if len(plain) != 18:
        raise WrongId(_("A resident's number has 18 characters; this one has %(count)d.") % {"count": len(plain)})
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        raise WrongId(_("A resident's number has digits only, and perhaps an X at the end."))
    try:
        born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        raise WrongId(_("Characters 7 to 14 are the birth date, and here they are none. Look at them again.")) from None
    total = sum(int(digit) * weight for digit, weight in zip(plain[:17], WEIGHTS, strict=True))
    if CHECK_CHARACTERS[total % 11] != plain[17]:
        raise WrongId(_("A character is wrong: the last one does not fit the others. Compare it with the card."))
    return IdNumber(plain, born, "male" if int(plain[16]) % 2 else "female")


def masked_id(number: str) -> str:
    """Return a number with its middle hidden: 110***********1234; of a short one the first and the last two remain."""
    if len(number) >= 15:
        return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    if len(number) >= 7:
        return f"{number[0]}{'*' * (len(number) - 3)}{number[-2:]}"
    return "*" * len(number)
