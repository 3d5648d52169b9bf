"""A membership level as a manager writes it."""

from typing import TYPE_CHECKING

from django import forms

from clinic.forms.drawing import SharedForm
from clinic.models import MembershipLevel

if TYPE_CHECKING:
    LevelModelForm = forms.ModelForm[MembershipLevel]
else:
    LevelModelForm = forms.ModelForm


class LevelForm(SharedForm, LevelModelForm):
    """Two names and the amount a level begins at."""

    class Meta:
        model = MembershipLevel
        fields = ("name", "name_en", "from_amount")
