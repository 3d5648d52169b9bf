"""What happens in the consultation room, and what follows from it."""

from consultations.models.consultations import Consultation
from consultations.models.deals import Deal, DealLine, DealShare
from consultations.models.desk_cases import DeskCase
from consultations.models.drugs import Drug, DrugUse
from consultations.models.form_needs import FormNeed
from consultations.models.hand_overs import HandOver, HandOverLine, HandOverShare
from consultations.models.notices import UnheededNotice
from consultations.models.owner_hints import OwnerHint
from consultations.models.participants import Participant
from consultations.models.payments import DealAccount, Payment
from consultations.models.photographs import Photograph
from consultations.models.plans import DiscountLimit, DiscountRequest, PlanItem
from consultations.models.preparation import TreatmentNotice, TreatmentStep
from consultations.models.priority_lists import PriorityList, PriorityPlace
from consultations.models.signed_forms import SignedForm
from consultations.models.stays import Stay, StayCheck, StaySatisfaction
from consultations.models.treatments import StageEntry, Treatment

__all__ = [
    "Consultation",
    "Deal",
    "DealAccount",
    "DealLine",
    "DealShare",
    "DeskCase",
    "DiscountLimit",
    "DiscountRequest",
    "Drug",
    "DrugUse",
    "FormNeed",
    "HandOver",
    "HandOverLine",
    "HandOverShare",
    "OwnerHint",
    "Participant",
    "Payment",
    "Photograph",
    "PlanItem",
    "PriorityList",
    "PriorityPlace",
    "SignedForm",
    "StageEntry",
    "Stay",
    "StayCheck",
    "StaySatisfaction",
    "Treatment",
    "TreatmentNotice",
    "TreatmentStep",
    "UnheededNotice",
]
