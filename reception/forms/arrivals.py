"""An arrival at the desk, and an entry made void."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import SentOnceForm
from clinic.models import Project, Staff
from reception.forms.about_her import PreCheckFields
from reception.forms.card import answers_in
from reception.forms.fields import BirthDateField, LineField, NameField, PersonField, PhoneField, ProjectsField
from reception.infections import QUESTIONS, Answers
from reception.models import Visit, Visitor
from reception.selectors.arrival import Desk
from reception.services import Circumstances


class VoidForm(forms.Form):
    """Why an entry is void."""

    reason = LineField(max_length=200)


class CircumstancesForm(forms.Form):
    """What the desk is told beside who comes and what for; all of it may stay empty."""

    referrer = PersonField(label=_("Brought by"), required=False)
    referrer_text = LineField(max_length=60, required=False)
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
    friend_text = LineField(max_length=50, required=False)
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
        here = [name for name in FOLDED if name in self.fields]
        return any(self[name].errors or (self[name].value() or "") not in ("", usual.get(name, "")) for name in here)

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
        brought = data["referrer"] is not None or bool(data["referrer_text"])
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
    "birth_on",
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


class ArrivalForm(SentOnceForm, PreCheckFields, CircumstancesForm):
    """An arrival; of somebody new also the first lines of her card."""

    name = NameField()
    phone = PhoneField()
    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices, initial=Visitor.Gender.FEMALE)
    birth_on = BirthDateField()
    card_declined = forms.BooleanField(label=_("Declined to fill in the card"), required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=Visit.Purpose.choices, initial=Visit.Purpose.CONSULT, widget=forms.RadioSelect
    )
    note = LineField(label=_("Note"), max_length=200, required=False)
    another_person = forms.BooleanField(required=False, widget=forms.HiddenInput)
    replaces = forms.ModelChoiceField(Visit.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        at: Desk,
        offered: Iterable[Project],
        known: Visitor | None = None,
        today: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, at=at, **kwargs)
        self.known = known
        self.fields["projects"] = ProjectsField(offered)
        if known:
            for field in ("name", "phone", "gender", "birth_on", "card_declined", "another_person"):
                del self.fields[field]
            # Only her own void entries are entered again with this form.
            self.fields["replaces"].queryset = Visit.objects.filter(  # type: ignore[attr-defined]
                visitor=known, state=Visit.State.VOID
            )
        else:
            self.fields["name"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
            born = self.fields["birth_on"]
            if today and isinstance(born, BirthDateField):
                born.until(today)

    @property
    def pre_check(self) -> Answers:
        """Return what was measured and asked at the door."""
        return answers_in(self.cleaned_data)

    @property
    def pre_checked(self) -> bool:
        """Say whether something of the pre-check is typed or wrong, so that it is shown unfolded."""
        return any(self[name].errors or self[name].value() for name in ("temperature", *QUESTIONS))


def entered_again(visit: Visit) -> dict[str, Any]:
    """Return the initial values of an arrival form that enters a void visit again (R2)."""
    wishes = visit.wishes.order_by("position").values_list("project_id", flat=True)
    return {
        "replaces": visit.pk,
        "projects": ",".join(str(pk) for pk in wishes),
        "purpose": visit.purpose,
        "note": visit.note,
        "referrer": visit.referrer_id or "",
        "referrer_text": visit.referrer.name if visit.referrer else "",
        "referral_by": visit.referral_by,
        "designated": visit.designated_id,
        "designated_by": visit.designated_by,
        "designated_counts": visit.designated_turn == "counted",
        "group_lead": visit.group_lead_id,
        "group_wants": visit.group_wants_id,
        "other_reason": visit.other_reason,
        "friend": visit.friend_id or "",
        "friend_text": visit.friend.name if visit.friend else "",
        "announced_by": visit.announced_by_id,
        "emergency": visit.emergency,
        "claims_history": visit.claims_history,
        "without_guardian": visit.without_guardian,
    }
