"""Phone numbers as a clerk types them, and the digits by which they are found."""

import re
import unicodedata

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HOME = "CN"
NEIGHBOURS = ("852", "853", "886")
MOBILE = re.compile(r"1[3-9]\d{9}")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―－ー−·•"), "-")


class WrongPhone(ValueError):
    """The text is no phone number; `message` is a translated sentence that says what to correct."""

    def __init__(self, message: Promise | str) -> None:
        super().__init__(str(message))
        self.message = message


def digits_of(text: str) -> str:
    """Return the digits of a text, whatever width or script they were typed in, as 0-9."""
    return "".join(str(unicodedata.digit(c)) for c in unicodedata.normalize("NFKC", text) if c.isdecimal())


def parse_phone(text: str) -> str:
    """Return the number as E.164 (`+8613800138000`); an empty text stays empty.

    Takes full-width digits, spaces, dashes, brackets, +86 and 0086, Chinese landlines with their area code, and
    numbers of Hong Kong, Macau and Taiwan with or without the plus. Raises WrongPhone.
    """
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKC", text).translate(DASHES)
        if unicodedata.category(character) not in ("Cc", "Cf")
    ).strip()
    if not plain:
        return ""
    if re.search(r"[^\W\d_]", plain):
        raise WrongPhone(_("A phone number has digits only. Take the letters out."))
    digits = digits_of(plain)
    abroad = plain.startswith("+") or digits.startswith("00")
    digits = digits.removeprefix("00") if abroad else digits
    if len(digits) < 7:
        raise WrongPhone(_("This phone number is too short: some digits are missing."))
    if len(digits) > 15:
        raise WrongPhone(_("This phone number is too long: it has digits too many."))
    if abroad:
        return _checked("+" + digits)
    if found := _valid(digits, HOME):
        return found
    if digits.startswith(("86", *NEIGHBOURS)) and (found := _valid("+" + digits, None)):
        return found
    if digits.startswith("1") and len(digits) != 11:
        raise WrongPhone(_("A mobile number has 11 digits; this one has %(count)d.") % {"count": len(digits)})
    if len(digits) in (7, 8):
        raise WrongPhone(
            _(
                "A landline needs its area code in front, such as 010 or 0755; a number of Hong Kong or Macau begins"
                " with +852 or +853."
            )
        )
    raise WrongPhone(_("This is not a phone number. A number from abroad begins with + and its country code."))


def as_written(e164: str) -> str:
    """Return a number as people write it: one of this country without its code, a foreign one with it."""
    try:
        number = phonenumbers.parse(e164, HOME)
    except phonenumbers.NumberParseException:
        return e164
    if number.country_code != phonenumbers.country_code_for_region(HOME):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if MOBILE.fullmatch(national := phonenumbers.national_significant_number(number)):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _checked(text: str) -> str:
    if found := _valid(text, None):
        return found
    raise WrongPhone(_("No such number in that country. Check the country code and the digits."))


def _valid(text: str, region: str | None) -> str:
    """Return E.164 when the number is valid, or a Chinese mobile number of a range given out lately."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    national = phonenumbers.national_significant_number(number)
    if phonenumbers.is_valid_number(number) or (number.country_code == 86 and MOBILE.fullmatch(national)):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def phone_keys(e164: str) -> set[str]:
    """Return the digits a number is searched from its start by: national, with trunk zero, with country code."""
    if not e164:
        return set()
    try:
        number = phonenumbers.parse(e164, HOME)
    except phonenumbers.NumberParseException:
        return {digits_of(e164)} - {""}
    national = phonenumbers.national_significant_number(number)
    if number.country_code == 86:
        return {national} if MOBILE.fullmatch(national) else {national, "0" + national}
    return {national, f"{number.country_code}{national}"}


def phone_end_keys(e164: str) -> set[str]:
    """Return the digits a number is searched from its end by: all of them, the last first."""
    return {digits_of(e164)[::-1]} - {""}
