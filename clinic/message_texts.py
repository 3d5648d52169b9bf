"""What is written to people outside, in both languages. The message ids are translated like all other words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

CONFIRM_APPOINTMENT = "confirm_appointment"
REMIND_APPOINTMENT = "remind_appointment"
CALL_BACK = "call_back"

TEXTS: dict[str, Promise] = {
    CONFIRM_APPOINTMENT: _(
        "%(hospital)s: %(name)s, we expect you on %(day)s at %(time)s. If you cannot come, please call us: %(phone)s."
    ),
    REMIND_APPOINTMENT: _(
        "%(hospital)s: %(name)s, a reminder that we expect you tomorrow, %(day)s, at %(time)s. If you cannot come,"
        " please call us: %(phone)s."
    ),
    # The words are those of the step of a plan.
    CALL_BACK: _("%(hospital)s: %(text)s"),
}
TEMPLATE_WORDS: dict[str, Promise] = {
    CONFIRM_APPOINTMENT: _("Confirmation of an appointment"),
    REMIND_APPOINTMENT: _("Reminder the day before"),
    CALL_BACK: _("Message after a treatment"),
}


def language_for(name: str) -> str:
    """Return the language somebody is written to in: Chinese, unless her name has Latin letters only."""
    return "en" if name.isascii() and any(character.isalpha() for character in name) else "zh-hans"


def text_of(template: str, language: str, values: Mapping[str, str]) -> str:
    """Return a template in a language with its values filled in."""
    with override(language):
        return str(TEXTS[template]) % values
