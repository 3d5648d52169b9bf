"""Outcomes that are neither deal nor no deal, and what is found out or wished in the room: each a little form."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff
from consultations.forms.fields import VersionedForm, chosen_of
from consultations.models import Consultation
from consultations.selectors.people import Colleague
from reception.forms import PersonField
from reception.models import Visit, Visitor
from triage.selectors.corrections import Correction, Kind


class ColleagueField(forms.TypedChoiceField):
    """One of the colleagues there are to choose from, each with what she does just now; cleaned to her or None."""

    def __init__(self, *, nobody: Any = "", **kwargs: Any) -> None:
        self.nobody = nobody
        self.people: dict[str, Staff] = {}
        super().__init__(empty_value=None, **kwargs)

    def among(self, colleagues: Sequence[Colleague]) -> None:
        """Offer these."""
        self.people = {str(one.staff.pk): one.staff for one in colleagues}
        self.coerce = chosen_of(self.people)
        self.choices = [("", self.nobody), *((str(one.staff.pk), one.label) for one in colleagues)]

    def __deepcopy__(self, memo: dict[int, Any]) -> "ColleagueField":
        """Return a field of its own for a form: choices of one person are not those of another."""
        copied: ColleagueField = super().__deepcopy__(memo)
        copied.people = {}
        return copied


def _reason(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, widget=forms.TextInput({"autocomplete": "off"}))


class ChangeForm(VersionedForm):
    """What every such form knows: what it is called, whom it may offer, whether triage corrects the visit for it.

    `in_room`: only while the visitor is in the room. `corrects`: the correction it stands for, None when nothing on the
    board changes. `offers`: the field that colleagues are offered in.
    """

    title: ClassVar[Any]
    icon: ClassVar[str]
    hint: ClassVar[Any] = ""
    submits: ClassVar[Any] = _("Record it")
    in_room: ClassVar[bool] = True
    corrects: ClassVar[Kind | None] = None
    offers: ClassVar[str] = ""

    def __init__(self, *args: Any, consultation: int = 0, colleagues: Sequence[Colleague] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, FoundField):
                field.consultation = consultation
        if self.offers:
            field = self.fields[self.offers]
            assert isinstance(field, ColleagueField)
            field.among(colleagues)

    @property
    def choice(self) -> str:
        """Return whom the effects on the board hang on: shown for another, they have to be shown again."""
        chosen = self.cleaned_data.get("consultant") or self.cleaned_data.get("referrer")
        return str(chosen.pk) if chosen is not None else ""

    @property
    def correction(self) -> Correction:
        """Return the checked values as triage takes them."""
        assert self.corrects is not None
        return Correction(
            self.corrects,
            consultant=self.cleaned_data.get("consultant"),
            referrer=self.cleaned_data.get("referrer"),
            reason=self.cleaned_data["reason"].strip(),
        )


class FriendForm(ChangeForm):
    """She enquired for a friend who is not here (C8)."""

    title = _("For an absent friend")
    icon = "people"
    hint = _("When the friend comes, she is your visitor.")
    name = forms.CharField(label=_("Name of the friend"), max_length=50)
    phone = forms.CharField(label=_("Phone of the friend"), max_length=30, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class ProductForm(ChangeForm):
    """She only came for a product (T8)."""

    title = _("Collected a product")
    icon = "inbox"
    note = forms.CharField(label=_("Which product?"), max_length=200, required=False)


class NotOfferedForm(ChangeForm):
    """The project is not offered here (K1)."""

    title = _("Project not offered here")
    icon = "slash-circle"
    corrects = Kind.NOT_OFFERED
    reason = _reason(_("What did she want?"))


class CannotDoForm(ChangeForm):
    """It was decided that it cannot be done here (K2)."""

    title = _("Cannot be done here")
    icon = "x-circle"
    hint = _("The head of the department decides it, not the consultant. Your record of the consultation stays.")
    corrects = Kind.CANNOT_DO
    offers = "decided_by"
    decided_by = ColleagueField(label=_("Who decided it?"), nobody="—")
    reason = _reason(_("Why can it not be done?"))


class ReferForm(ChangeForm):
    """To a doctor: by K7 when she sits on the board, else she is asked to see the visitor."""

    title = _("Refer to a doctor")
    icon = "clipboard-pulse"
    corrects = Kind.TRANSFER
    offers = "consultant"
    consultant = ColleagueField(label=_("Doctor"), nobody="—")
    reason = _reason(_("Why a doctor?"))


class AnotherForm(ChangeForm):
    """The visitor wants another consultant (K4)."""

    title = _("She wants another consultant")
    icon = "arrow-left-right"
    in_room = False
    corrects = Kind.CHANGE_CONSULTANT
    offers = "consultant"
    consultant = ColleagueField(
        label=_("Whom does she ask for?"),
        required=False,
        nobody=pgettext_lazy("whom she asks for", "nobody: the next in turn"),
    )
    reason = _reason(_("What does the visitor say?"))


class TransferForm(ChangeForm):
    """The consultant cannot serve the case (K7)."""

    title = _("Pass on to a colleague")
    icon = "send"
    hint = _("For a case you cannot serve: your turn stays used, the colleague uses none.")
    in_room = False
    corrects = Kind.TRANSFER
    offers = "consultant"
    consultant = ColleagueField(label=_("Who takes her"), nobody="—")
    reason = _reason(_("Why can you not serve her?"))


def found_for(consultation: int, visitor: int) -> str:
    """Return how a form names a visitor whom the search of a consultation has found."""
    return _of(consultation).sign(str(visitor))


def _of(consultation: int) -> Signer:
    return Signer(salt=f"consultations.referrer {consultation}")


class FoundField(PersonField):
    """A visitor whom the search of this consultation has found: the answer carries its signature."""

    consultation = 0

    def clean(self, value: object) -> Visitor | None:
        """Return the visitor, None while none is chosen; raise ValidationError for one nobody looked up here."""
        if not value:
            return None
        try:
            number = _of(self.consultation).unsign(str(value))
        except BadSignature:
            raise forms.ValidationError(_("Look the visitor up and choose her.")) from None
        return super().clean(number)


class ReferralForm(ChangeForm):
    """It comes out that an existing visitor brought her (K3)."""

    title = _("Brought by a visitor")
    icon = "person-plus"
    in_room = False
    corrects = Kind.REFERRAL
    referrer = FoundField(label=_("Brought by"))
    reason = _reason(_("How do you know?"))

    def clean_referrer(self) -> Visitor:
        """Return the visitor; raise ValidationError while none is chosen."""
        chosen: Visitor | None = self.cleaned_data["referrer"]
        if chosen is None:
            raise forms.ValidationError(_("Look the visitor up and choose her."))
        return chosen


class OwnerForm(ChangeForm):
    """She belongs to another consultant: the supervisor is told (K6)."""

    title = _("She belongs to another")
    icon = "person-badge"
    hint = _("The supervisor is told and corrects it; until then the visitor stays with you.")
    submits = _("Tell the supervisor")
    in_room = False
    offers = "owner"
    owner = ColleagueField(
        label=_("Whose visitor is she?"), required=False, nobody=pgettext_lazy("owner", "I do not know")
    )
    reason = _reason(_("How do you know?"))


# In the order of the list in the room; the key of each is its place.
CHANGES: Mapping[str, type[ChangeForm]] = {
    "for_friend": FriendForm,
    "product": ProductForm,
    "not_offered": NotOfferedForm,
    "cannot_do": CannotDoForm,
    "referred": ReferForm,
    "another": AnotherForm,
    "transfer": TransferForm,
    "referral": ReferralForm,
    "owner": OwnerForm,
}


def changes_for(consultation: Consultation) -> list[tuple[int, str, type[ChangeForm]]]:
    """Return what may be said of an open consultation as it stands: key, kind and form of each."""
    if consultation.state not in (Consultation.State.ACCEPTED, Consultation.State.IN_ROOM):
        return []
    in_room = consultation.state == Consultation.State.IN_ROOM
    first = consultation.visit.visit_type == Visit.VisitType.FIRST
    return [
        (place, kind, form)
        for place, (kind, form) in enumerate(CHANGES.items(), start=1)
        if (in_room or not form.in_room) and (first or form is not ReferralForm)
    ]


class ReferrerSearchForm(forms.Form):
    """A whole name, phone or file number."""

    text = forms.CharField(max_length=60, required=False)
