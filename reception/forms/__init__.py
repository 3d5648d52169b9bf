"""Forms of the desk."""

from reception.forms.arrivals import ArrivalForm, CircumstancesForm, VoidForm
from reception.forms.card import CardForm
from reception.forms.day_log import EntryForm, RoundListForm, SearchForm
from reception.forms.fields import NameField, PersonField, PhoneField, ProjectsField

__all__ = [
    "ArrivalForm",
    "CardForm",
    "CircumstancesForm",
    "EntryForm",
    "NameField",
    "PersonField",
    "PhoneField",
    "ProjectsField",
    "RoundListForm",
    "SearchForm",
    "VoidForm",
]
