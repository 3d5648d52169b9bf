"""What the reception room keeps about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from clinic.selectors.personal_data import Section, Wanted
from reception.models import LogOpen, PossibleDuplicate, StagedRow, VisitorKey
from reception.selectors.personal_data import card, contacts, traces, visits

# Tables that name visitors and are no part of her copy, with the reason.
LEFT_OUT: Mapping[type[Model], Promise] = {
    VisitorKey: gettext_lazy("search keys, made from the card"),
    LogOpen: gettext_lazy("which entries of the day log are still open, made from the entries"),
    PossibleDuplicate: gettext_lazy("a guess that two records are one person, which would show another person's"),
    StagedRow: gettext_lazy("rows of a file that nobody has imported yet"),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return what this room keeps about a visitor, in the order she would read it.

    What somebody announced without a file is hers only when it was connected with her: a number may be a family's.
    """
    return [
        card.of(wanted),
        card.history(wanted),
        card.merges(wanted),
        card.id_papers(wanted),
        card.consents(wanted),
        visits.of(wanted),
        visits.before_this_system(wanted),
        visits.amendments(wanted),
        visits.pre_checks(wanted),
        visits.isolations(wanted),
        card.filled_in_herself(wanted),
        visits.file_requests(wanted),
        contacts.appointments(wanted),
        contacts.pre_reports(wanted),
        contacts.messages(wanted),
        contacts.day_log(wanted),
        traces.imports(wanted),
        traces.looks(wanted),
    ]
