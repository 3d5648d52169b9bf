"""What is typed about a complaint."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms import SentOnceForm
from clinic.models import Department, Staff
from complaints import selectors
from complaints.models import Complaint
from followups.models import CallBack
from followups.selectors import call_backs_worked_by
from reception.models import Visitor
from reception.selectors.visitors import visitors_of

SOME_DAY = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
LEVEL_GUIDE = {
    Complaint.Level.MINOR: _("Settled with a word: waiting, tone, a small mix-up. No money, no harm."),
    Complaint.Level.GENERAL: _("Needs somebody to look into it and answer: price, effect, the way she was treated."),
    Complaint.Level.MAJOR: _(
        "Harm, a lawyer, the authorities, the press, a large sum, or she will not leave."
        " The supervisor is told at once."
    ),
}


class OpenForm(SentOnceForm):
    """Taking a complaint in. What it is linked to must be visible to the person who writes it."""

    field_order = ("text", "wish", "category", "level")  # as they stand on the page, for the list of mistakes

    call_back = forms.ModelChoiceField(CallBack.objects.none(), required=False, widget=forms.HiddenInput)
    visitor = forms.ModelChoiceField(Visitor.objects.none(), required=False, widget=forms.HiddenInput)
    level = forms.ChoiceField(label=_("Level"), choices=Complaint.Level.choices, widget=forms.RadioSelect)
    harm = forms.BooleanField(label=_("Somebody came to harm"), required=False)
    category = forms.ChoiceField(label=_("About"), choices=Complaint.Category.choices, widget=forms.RadioSelect)
    channel = forms.ChoiceField(label=_("How it reached us"), choices=Complaint.Channel.choices)
    text = forms.CharField(
        label=_("What happened"),
        help_text=_("In the visitor's words. Keep your own opinion out."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    wish = forms.CharField(
        label=_("What the visitor wants"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    about_staff = forms.ModelMultipleChoiceField(
        Staff.objects.none(),
        label=_("Colleagues it is about"),
        help_text=_("They will not see this complaint. Hold Ctrl to choose several."),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a level that hides harm."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("harm") and data.get("level") not in (None, Complaint.Level.MAJOR):
            self.add_error(
                "level", _("Where somebody came to harm the level is major: the supervisor must know at once.")
            )
        return data

    def __init__(self, *args: Any, staff: Staff, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "call_back": call_backs_worked_by(staff),
            "visitor": visitors_of(staff),
            "about_staff": colleagues,
        }
        for name, queryset in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = queryset

    def clean_visitor(self) -> Visitor | None:
        """Let the call-back bring its visitor."""
        call_back: CallBack | None = self.cleaned_data.get("call_back")
        visitor: Visitor | None = self.cleaned_data["visitor"]
        return call_back.visitor if call_back else visitor


class VersionForm(forms.Form):
    """A step on a complaint as it stood on the screen."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class AssignForm(VersionForm):
    """Who is in charge."""

    responsible = forms.ModelChoiceField(Staff.objects.none(), label=_("In charge"))
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Responsible department"), required=False, empty_label=_("Not clear yet")
    )
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, complaint: Complaint, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "responsible": colleagues.exclude(complaints_about=complaint),
            "department": Department.objects.filter(branch=complaint.branch),
        }
        for name, queryset in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = queryset


class DecideForm(VersionForm):
    """What was decided."""

    decision = forms.CharField(
        label=_("Decision"),
        help_text=_("What was found, what is done for the visitor, by whom and until when."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class CloseForm(VersionForm):
    """How the visitor took it."""

    satisfied = forms.TypedChoiceField(
        label=_("Is the visitor satisfied?"),
        choices=[("yes", _("Satisfied")), ("no", _("Not satisfied"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class NoteForm(forms.Form):
    """A note on the time line."""

    text = forms.CharField(label=_("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class ListForm(forms.Form):
    """What the list is narrowed to; a field that makes no sense narrows nothing."""

    text = forms.CharField(label=_("Number, visitor, words"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *Complaint.State.choices], required=False)
    level = forms.ChoiceField(label=_("Level"), choices=[("", _("All")), *Complaint.Level.choices], required=False)
    category = forms.ChoiceField(
        label=_("About"), choices=[("", _("All")), *Complaint.Category.choices], required=False
    )
    received_from = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=SOME_DAY,
    )
    received_to = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=SOME_DAY,
    )
    mine = forms.BooleanField(label=_("In my charge"), required=False)

    def wanted(self) -> selectors.Wanted:
        """Return the narrowing."""
        self.is_valid()
        return selectors.Wanted(**self.cleaned_data)
