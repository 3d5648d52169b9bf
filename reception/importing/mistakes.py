"""The kinds of mistakes an import names, each with what is wrong and what to do. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What is wrong with a value or a row."""

    NAME_MISSING = "name_missing"
    NAME_LONG = "name_long"
    PHONE_LENGTH = "phone_length"
    PHONE_IMPOSSIBLE = "phone_impossible"
    GENDER_UNKNOWN = "gender_unknown"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_UNREADABLE = "date_unreadable"
    BIRTH_FUTURE = "birth_future"
    BIRTH_TOO_OLD = "birth_too_old"
    VISIT_FUTURE = "visit_future"
    LAST_BEFORE_FIRST = "last_before_first"
    OWNER_UNKNOWN = "owner_unknown"
    OWNER_AMBIGUOUS = "owner_ambiguous"
    FILE_NUMBER_WRONG = "file_number_wrong"
    FILE_NUMBER_TWICE = "file_number_twice"
    FILE_NUMBER_TAKEN = "file_number_taken"
    FILE_NUMBER_OURS = "file_number_ours"
    PERSON_TWICE = "person_twice"
    PROJECT_UNKNOWN = "project_unknown"
    STANDING_UNKNOWN = "standing_unknown"
    TEXT_LONG = "text_long"
    CONTROL_CHARACTER = "control_character"
    WRONG_BYTE = "wrong_byte"
    HALF_ROW = "half_row"
    EXTRA_CELLS = "extra_cells"


# kind → what is wrong, what to do.
WORDS: Mapping[str, tuple[Promise, Promise]] = {
    Kind.NAME_MISSING: (_("The name is missing"), _("Write the name. One character is enough.")),
    Kind.NAME_LONG: (_("The name is longer than 50 characters"), _("Shorten it; put the rest into the notes.")),
    Kind.PHONE_LENGTH: (
        _("The phone number has digits too few or too many"),
        _("A mobile number has 11 digits; a landline needs its area code. Empty is allowed."),
    ),
    Kind.PHONE_IMPOSSIBLE: (
        _("No phone number is like this"),
        _("Correct the digits, or leave it empty. Two numbers: keep one, put the other into the notes."),
    ),
    Kind.GENDER_UNKNOWN: (_("The gender is not known"), _("Write 女, 男, 其他, or leave it empty.")),
    Kind.DATE_IMPOSSIBLE: (_("There is no such day"), _("Look up the day and write it as 2026-03-11.")),
    Kind.DATE_AMBIGUOUS: (_("Day and month cannot be told apart"), _("Write the day as 2026-03-11.")),
    Kind.DATE_UNREADABLE: (_("This is not a day"), _("Write the day as 2026-03-11, or leave it empty.")),
    Kind.BIRTH_FUTURE: (_("The birth date lies in the future"), _("Correct the year.")),
    Kind.BIRTH_TOO_OLD: (_("The birth date is more than 120 years ago"), _("Correct the year, or leave it empty.")),
    Kind.VISIT_FUTURE: (_("The visit lies in the future"), _("Only past visits are history. Correct the day.")),
    Kind.LAST_BEFORE_FIRST: (_("The last visit lies before the first"), _("Exchange the two days, or correct one.")),
    Kind.OWNER_UNKNOWN: (
        _("Nobody of this name works here"),
        _("Write the name as in the list of staff, take the person on first, or leave it empty."),
    ),
    Kind.OWNER_AMBIGUOUS: (_("Several people have this name"), _("Write the login name instead.")),
    Kind.FILE_NUMBER_WRONG: (
        _("The file number cannot be used"),
        _("At most 20 letters and digits, with - or _ between. Shorten it, or leave it empty for a new one."),
    ),
    Kind.FILE_NUMBER_TWICE: (_("This file number stands twice in the file"), _("Keep one of the two rows.")),
    Kind.FILE_NUMBER_TAKEN: (
        _("Another person on file has this file number"),
        _("Give this row another number, or leave it empty for a new one."),
    ),
    Kind.FILE_NUMBER_OURS: (
        _("This is a number that this system gives out itself later"),
        _("Put another letter before it, or leave it empty for a new one."),
    ),
    Kind.PERSON_TWICE: (
        _("The same name and phone stand twice in the file"),
        _("Keep one of the two rows, or choose to take duplicates as new people."),
    ),
    Kind.PROJECT_UNKNOWN: (
        _("There is no such project"),
        _("Write it as in the list of projects, add it there first, or leave it empty."),
    ),
    Kind.STANDING_UNKNOWN: (
        _("The standing is not known"),
        _("Write 未咨询, 未成交, 定金, 已付款 or 已治疗, or leave it empty."),
    ),
    Kind.TEXT_LONG: (_("The text is too long"), _("Shorten it.")),
    Kind.CONTROL_CHARACTER: (
        _("There is a control character that nobody sees"),
        _("Type the value again; do not copy it."),
    ),
    Kind.WRONG_BYTE: (
        _("A byte is wrong in the encoding of the file"),
        _("Type the value again and save the file as CSV in UTF-8, or as .xlsx."),
    ),
    Kind.HALF_ROW: (
        _("The row ends before the last column"),
        _("Complete the row: it may have been cut off, or a quotation mark is missing."),
    ),
    Kind.EXTRA_CELLS: (
        _("The row has more values than there are columns"),
        _("A comma inside a value? Put the value into quotation marks, or save the file as .xlsx."),
    ),
}
