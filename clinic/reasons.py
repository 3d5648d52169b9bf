"""What a whole phone or id number is shown for, and on which screen a visitor is looked at, as choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """Why somebody needs a whole number; `OTHER` is said in her own words."""

    CALL_BACK = "call_back", _("Call her back")
    IDENTITY = "identity", _("Check who she is")
    CORRECT = "correct", _("Correct what is on file")
    MESSAGE = "message", _("Send her a message or add her on WeChat")
    COMPLAINT = "complaint", _("Deal with a complaint")
    OTHER = "other", _("Something else")


class Screen(models.TextChoices):
    """Where somebody looked at a visitor, which says what for."""

    VISITOR = "visitor", _("The visitor's page")
    CARD = "card", _("Editing the card")
    CONSENTS = "consents", _("Asking for consents")
    PRINTED_CARD = "printed_card", _("Printing the card")
    ARRIVAL = "arrival", _("Registering an arrival")
    MERGING = "merging", _("Merging two records")
    CONSULTATION = "consultation", _("A consultation")
    TREATMENT = "treatment", _("A treatment")
    DEAL = "deal", _("A deal")
    PHOTOGRAPHS = "photographs", _("Her photographs")
    PHOTOGRAPH = "photograph", _("One photograph, whole")
    CALL_BACK = "call_back", _("A call back")
    COMPLAINT = "complaint", _("A complaint")
