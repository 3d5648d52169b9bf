"""The register's filter, signing and closing a day, amendments, exports and interference."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.forms import SentOnceForm
from clinic.models import Department, Staff
from reception.forms.fields import LineField, ProjectsField, TextField
from reception.models import Interference, Party, Visit, Visitor
from reception.selectors.amendments import TIMES
from reception.selectors.register import GROUPS, SORTS

_STATES = {
    "waiting": _("Waiting"),
    "nobody": _("None needed"),
    "apart": _("Set apart"),
    "in_room": _("In the room"),
    "done": _("Over"),
    "void": _("Void"),
}
_ORDERS = {
    "latest": _("Latest first"),
    "first": _("By number"),
    "waited": _("Longest wait first"),
    "consultant": _("By consultant"),
    "type": _("By type"),
}


class RegisterFilter(forms.Form):
    """What is looked for in the register of a day."""

    day = forms.DateField(label=_("Day"), required=False)
    group = forms.ChoiceField(
        label=_("State"), choices=[("", _("All")), *((group, _STATES[group]) for group in GROUPS)], required=False
    )
    type = forms.ChoiceField(label=_("Type"), choices=[("", _("All")), *Visit.VisitType.choices], required=False)
    consultant = forms.ModelChoiceField(
        Staff.objects.none(), label=_("Consultant"), empty_label=_("All"), required=False
    )
    q = LineField(label=_("Name, file number or No."), max_length=50, required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=[(one, _ORDERS[one]) for one in SORTS], required=False)

    def __init__(self, data: Mapping[str, str], *, consultants: Any) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["consultant"].queryset = consultants  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """Return what was asked for as `register_of_day` takes it; what makes no sense is left out."""
        self.is_valid()
        data = self.cleaned_data
        consultant = data.get("consultant")
        return {
            "group": data.get("group") or "",
            "visit_type": data.get("type") or "",
            "consultant": consultant.pk if consultant else None,
            "text": data.get("q") or "",
            "sort": data.get("sort") or "latest",
        }

    @property
    def narrows(self) -> bool:
        """Say whether anything but the day and the order was asked for."""
        wanted = self.wanted
        return any(wanted[name] for name in ("group", "visit_type", "consultant", "text"))


class SignForm(forms.Form):
    """A signature: for which party, and under what."""

    party = forms.ChoiceField(choices=Party.choices)
    seen = forms.CharField(max_length=64)


class ReasonForm(forms.Form):
    """Why something is refused."""

    reason = LineField(max_length=300)


class ExportForm(forms.Form):
    """An export is asked for once more, with what it is for; phone numbers in full only where somebody may see them."""

    why = LineField(
        label=_("What for?"),
        max_length=200,
        help_text=_("It is recorded with your name, the day and what was exported."),
    )
    phones = forms.BooleanField(label=_("With whole phone numbers"), required=False)

    def __init__(self, *args: Any, may_reveal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_reveal:
            del self.fields["phones"]
        self.fields["why"].widget.attrs |= {"autofocus": True, "autocomplete": "off"}

    @property
    def reveals(self) -> bool:
        """Say whether whole numbers were asked for; only after `is_valid`."""
        return bool(self.cleaned_data.get("phones"))


class AmendmentForm(SentOnceForm):
    """What an entry of a closed day should say; what is left as it stands is not changed."""

    visit_type = forms.ChoiceField(label=_("Type"), choices=[("", "—"), *Visit.VisitType.choices], required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Visit.Purpose.choices)
    consultant = forms.ModelChoiceField(Staff.objects.none(), label=_("Consultant"), empty_label="—", required=False)
    note = LineField(label=_("Note"), max_length=200, required=False)
    visitor = LineField(
        label=_("File number of the right visitor"),
        max_length=20,
        required=False,
        help_text=_("When it was somebody else: this entry becomes void and is entered again for her."),
    )
    make_void = forms.BooleanField(label=_("The whole entry is wrong: annotate it as void"), required=False)
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department whose interest it touches"),
        empty_label=None,
        help_text=_("Its head approves the amendment, beside the supervisor."),
    )
    reason = TextField(label=_("Why?"), max_length=300, rows=2)

    def __init__(self, data: Any, *, visit: Visit, consultants: Any, departments: Any, offered: Any) -> None:
        self.visit = visit
        initial = {
            "visit_type": visit.visit_type,
            "purpose": visit.purpose,
            "consultant": visit.consultant_id,
            "note": visit.note,
            "projects": ",".join(
                str(pk) for pk in visit.wishes.order_by("position").values_list("project_id", flat=True)
            ),
        }
        super().__init__(data, initial=initial)
        self.fields["consultant"].queryset = consultants  # type: ignore[attr-defined]
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["department"].label_from_instance = lambda one: f"{one} · {one.head}"  # type: ignore[attr-defined]
        self.fields["projects"] = ProjectsField(offered)
        for name, label in TIMES.items():
            if (at := getattr(visit, name)) is not None:
                local = at.astimezone(visit.branch.zone)
                self.fields[name] = forms.TimeField(
                    label=str(label), initial=f"{local:%H:%M}", widget=forms.TimeInput(attrs={"type": "time"})
                )

    @property
    def times(self) -> list[forms.BoundField]:
        """Return the fields of the times this visit has."""
        return [self[name] for name in TIMES if name in self.fields]

    def clean_visitor(self) -> Visitor | None:
        """Return whose file number it is, None when none is given."""
        number = self.cleaned_data["visitor"].strip()
        if not number:
            return None
        found = Visitor.objects.filter(file_number=number.upper()).first()
        if found is None:
            raise forms.ValidationError(_("Nobody has this file number. It stands on her card."), code="nobody")
        return found

    @property
    def wanted(self) -> dict[str, Any]:
        """Return what was changed, as `propose_amendment` takes it; only after `is_valid`."""
        data = self.cleaned_data
        wanted: dict[str, Any] = {
            name: data[name] for name in ("visit_type", "purpose", "note", "projects") if name in self.changed_data
        }
        if "consultant" in self.changed_data and data["consultant"] is not None:
            wanted["consultant"] = data["consultant"]
        wanted["times"] = {
            name: datetime.combine(
                getattr(self.visit, name).astimezone(self.visit.branch.zone).date(),
                data[name],
                tzinfo=self.visit.branch.zone,
            )
            for name in TIMES
            if name in self.changed_data
        }
        wanted["visitor"] = data["visitor"]
        return wanted | {"make_void": data["make_void"]}


class InterferenceForm(SentOnceForm):
    """Who interfered at the desk, and how."""

    person = forms.ModelChoiceField(Staff.objects.none(), label=_("Who interfered"), empty_label="—")
    kind = forms.ChoiceField(label=pgettext_lazy("interference", "What was done"), choices=Interference.Kind.choices)
    note = TextField(label=pgettext_lazy("interference", "What happened"), max_length=300, rows=2)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = colleagues  # type: ignore[attr-defined]
