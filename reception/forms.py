"""Forms of the desk: an arrival, a visitor's card."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.asked import number_in
from clinic.forms import SentOnceForm
from clinic.models import Project, Staff
from reception import names
from reception.models import Visit, Visitor
from reception.phones import WrongPhone, parse_phone
from reception.selectors.arrival import Desk
from reception.services import Circumstances

OLDEST = 120


class NameField(forms.CharField):
    """A name as typed, without what nobody sees."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Name"), max_length=50, **kwargs)

    def to_python(self, value: object) -> str:
        """Return the tidy name before its length is judged."""
        return names.clean_name(str(value or ""))

    def run_validators(self, value: str) -> None:
        """Judge the length only: what is invisible was taken out already."""
        if len(value) > 50:
            raise ValidationError(_("A name has at most 50 characters."))


class VoidForm(forms.Form):
    """Why an entry is void."""

    reason = forms.CharField(max_length=200)


class PhoneField(forms.CharField):
    """A phone number as a clerk types it; cleaned to E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Phone"), required=False, **kwargs)
        self.widget.attrs |= {"inputmode": "tel", "autocomplete": "off", "maxlength": 30}

    def clean(self, value: object) -> str:
        """Return E.164 or nothing; raise ValidationError that says what to correct."""
        try:
            return parse_phone(str(value or ""))
        except WrongPhone as error:
            raise ValidationError(str(error), code="phone") from error


class ProjectsField(forms.CharField):
    """Projects in the order named, as their numbers joined by commas; cleaned to a list of projects."""

    def __init__(self, offered: Iterable[Project], **kwargs: Any) -> None:
        super().__init__(label=_("Projects"), required=False, **kwargs)
        self.offered = {str(project.pk): project for project in offered}

    def clean(self, value: object) -> list[Project]:
        """Return the projects; raise ValidationError for one that is not offered."""
        numbers = [number for number in str(value or "").split(",") if number]
        try:
            return [self.offered[number] for number in dict.fromkeys(numbers)]
        except KeyError as error:
            raise ValidationError(_("This project is not offered any more. Choose again.")) from error


class PersonField(forms.CharField):
    """A visitor on file, found while typing: her number in the records, cleaned to the visitor or None."""

    def clean(self, value: object) -> Visitor | None:
        """Return the visitor; raise ValidationError for one who is not on file."""
        number = number_in(str(value or ""))
        if number is None:
            return None
        visitor = Visitor.objects.filter(pk=number).first()
        if visitor is None:
            raise ValidationError(_("This visitor is not on file any more. Choose again."))
        return visitor


class CircumstancesForm(forms.Form):
    """What the desk is told beside who comes and what for; all of it may stay empty."""

    referrer = PersonField(label=_("Brought by"), required=False)
    referrer_text = forms.CharField(max_length=60, required=False)
    referral_by = forms.ChoiceField(label=_("How we know"), choices=Visit.ReferralBy.choices, required=False)
    designated = forms.ModelChoiceField(Staff.objects.none(), label=_("Asks for"), required=False)
    designated_by = forms.ChoiceField(label=_("Asked for by"), choices=Visit.DesignatedBy.choices, required=False)
    designated_counts = forms.BooleanField(label=_("Management says: one turn is counted"), required=False)
    group_lead = forms.ModelChoiceField(Visit.objects.none(), label=_("Came with"), required=False)
    group_wants = forms.ModelChoiceField(Staff.objects.none(), label=_("The group asks for"), required=False)
    other_reason = forms.ChoiceField(
        label=_("Not a usual visit"), choices=[("", "—"), *Visit.OtherReason.choices], required=False
    )
    friend = PersonField(label=_("Absent friend"), required=False)
    friend_text = forms.CharField(max_length=50, required=False)
    announced_by = forms.ModelChoiceField(Staff.objects.none(), label=_("Announced by"), required=False)
    emergency = forms.BooleanField(label=_("Emergency: burn, accident"), required=False)
    claims_history = forms.BooleanField(label=_("Says she was here, not found"), required=False)
    without_guardian = forms.BooleanField(label=_("Minor, no guardian with her"), required=False)

    def __init__(self, *args: Any, at: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("designated", "group_wants", "announced_by", "group_lead"):
            self.fields[name].empty_label = "—"  # type: ignore[attr-defined]
        for name in ("designated", "group_wants"):
            self.fields[name].queryset = at.consultants  # type: ignore[attr-defined]
        self.fields["announced_by"].queryset = at.announcers  # type: ignore[attr-defined]
        self.fields["group_lead"].queryset = at.leads  # type: ignore[attr-defined]
        self.fields["group_lead"].label_from_instance = lambda visit: f"{visit} {visit.visitor.name}"  # type: ignore[attr-defined]

    @property
    def unfolded(self) -> bool:
        """Say whether something was typed or is wrong among what is folded away at first."""
        usual = {"referral_by": Visit.ReferralBy.VISITOR, "designated_by": Visit.DesignatedBy.VISITOR}
        return any(self[name].errors or (self[name].value() or "") not in ("", usual.get(name, "")) for name in FOLDED)

    def clean(self) -> dict[str, Any]:
        """Refuse what does not go together."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("friend") and data.get("other_reason") != Visit.OtherReason.FOR_FRIEND:
            self.add_error("friend", _("A friend goes with the reason “enquires for a friend”."))
        if data.get("designated_counts") and data.get("designated_by") != Visit.DesignatedBy.MANAGEMENT:
            self.add_error("designated_counts", _("Only management says that a turn is counted."))
        return data

    @property
    def circumstances(self) -> Circumstances:
        """Return the checked values as the services take them."""
        data = self.cleaned_data
        brought = data["referrer"] is not None or bool(data["referrer_text"].strip())
        designated = data["designated"]
        by = data["designated_by"] or Visit.DesignatedBy.VISITOR
        return Circumstances(
            emergency=data["emergency"],
            other_reason=data["other_reason"],
            friend=data["friend"],
            without_guardian=data["without_guardian"],
            claims_history=data["claims_history"],
            referrer=data["referrer"],
            referral_by=(data["referral_by"] or Visit.ReferralBy.VISITOR) if brought else "",
            designated=designated,
            designated_by=by if designated else "",
            designated_turn="counted" if data["designated_counts"] else "",
            announced_by=data["announced_by"],
            group_lead=data["group_lead"],
            group_wants=data["group_wants"],
        )


FOLDED = (
    "referral_by",
    "designated_by",
    "designated_counts",
    "group_lead",
    "group_wants",
    "other_reason",
    "friend",
    "friend_text",
    "announced_by",
    "emergency",
    "claims_history",
    "without_guardian",
)


class ArrivalForm(SentOnceForm, CircumstancesForm):
    """An arrival; of somebody new also the first lines of her card."""

    name = NameField()
    phone = PhoneField()
    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices, initial=Visitor.Gender.FEMALE)
    card_declined = forms.BooleanField(label=_("Declined to fill in the card"), required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=Visit.Purpose.choices, initial=Visit.Purpose.CONSULT, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    another_person = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, at: Desk, offered: Iterable[Project], known: Visitor | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, at=at, **kwargs)
        self.known = known
        self.fields["projects"] = ProjectsField(offered)
        if known:
            for field in ("name", "phone", "gender", "card_declined", "another_person"):
                del self.fields[field]
        else:
            self.fields["name"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class CardForm(forms.Form):
    """A visitor's card. The phone on file is not shown here: an empty box keeps it."""

    name = NameField()
    phone = PhoneField(help_text=_("Leave empty to keep the number on file."))
    remove_phone = forms.BooleanField(label=_("Remove the phone number on file"), required=False)
    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices)
    birth_on = forms.DateField(
        label=_("Birth date"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    heard_from = forms.CharField(label=_("How they heard of us"), max_length=60, required=False)
    medical_notes = forms.CharField(
        label=_("Health and allergies"),
        max_length=2000,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    card_declined = forms.BooleanField(label=_("Declined to fill in the card"), required=False)
    vip = forms.BooleanField(label=_("VIP"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["birth_on"].widget.attrs |= {"max": today.isoformat()}

    def clean_birth_on(self) -> date | None:
        """Return the date; raise ValidationError for one no living person can have."""
        born: date | None = self.cleaned_data["birth_on"]
        if born and not (self.today.year - OLDEST <= born.year and born <= self.today):
            raise ValidationError(_("This birth date is in the future or more than 120 years ago."))
        return born
