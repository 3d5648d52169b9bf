"""Forms of the desk."""

from reception.forms.arrivals import ArrivalForm, CircumstancesForm, VoidForm
from reception.forms.card import CardForm
from reception.forms.fields import NameField, PersonField, PhoneField, ProjectsField

__all__ = [
    "ArrivalForm",
    "CardForm",
    "CircumstancesForm",
    "NameField",
    "PersonField",
    "PhoneField",
    "ProjectsField",
    "VoidForm",
]
