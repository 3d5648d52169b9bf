"""Forms of the desk."""

from reception.forms.arrivals import ArrivalForm, CircumstancesForm, VoidForm
from reception.forms.card import CardForm, ConsentsForm, ConsentTextForm, PreCheckForm, ReasonForm
from reception.forms.day_log import EntryForm, RoundListForm, SearchForm
from reception.forms.fields import NameField, PersonField, PhoneField, ProjectsField
from reception.forms.intake import KioskForm, OwnCardForm, OwnConsentsForm

__all__ = [
    "ArrivalForm",
    "CardForm",
    "CircumstancesForm",
    "ConsentTextForm",
    "ConsentsForm",
    "EntryForm",
    "KioskForm",
    "NameField",
    "OwnCardForm",
    "OwnConsentsForm",
    "PersonField",
    "PhoneField",
    "PreCheckForm",
    "ProjectsField",
    "ReasonForm",
    "RoundListForm",
    "SearchForm",
    "VoidForm",
]
