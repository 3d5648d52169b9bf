"""Forms of the desk."""

from reception.forms.arrivals import ArrivalForm, CircumstancesForm, VoidForm
from reception.forms.card import CardForm, ConsentsForm, ConsentTextForm, PreCheckForm, ReasonForm, RevealForm
from reception.forms.day_log import HandOutForm, LogLineForm, LogStepForm, LogVoidForm, SearchForm
from reception.forms.fields import UNREAD, NameField, PersonField, PhoneField, ProjectsField
from reception.forms.file_requests import FileAskForm, FileStepForm
from reception.forms.intake import KioskForm, OwnCardForm, OwnConsentsForm
from reception.forms.rounds import RoundListForm, RoundTickForm

__all__ = [
    "UNREAD",
    "ArrivalForm",
    "CardForm",
    "CircumstancesForm",
    "ConsentTextForm",
    "ConsentsForm",
    "FileAskForm",
    "FileStepForm",
    "HandOutForm",
    "KioskForm",
    "LogLineForm",
    "LogStepForm",
    "LogVoidForm",
    "NameField",
    "OwnCardForm",
    "OwnConsentsForm",
    "PersonField",
    "PhoneField",
    "PreCheckForm",
    "ProjectsField",
    "ReasonForm",
    "RevealForm",
    "RoundListForm",
    "RoundTickForm",
    "SearchForm",
    "VoidForm",
]
