"""Plans, prices and discounts as they are typed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.forms.drawing import SharedForm, typed_with
from clinic.models import Project
from clinic.problems import Refused
from clinic.roles import Role
from clinic.words import ROLE_WORDS
from consultations import prices
from consultations.models import DiscountRequest, PlanItem
from consultations.models.plans import USUAL_LIMITS
from consultations.services import Planned

_WRONG_PRICE: dict[str, Promise] = {
    "unclear": _("Give an amount such as 12800, or a discount such as 8.5折 or 85%."),
    "no_list_price": _("This project has no list price. Give an amount in yuan."),
    "out_of_range": _("A discount lies between 0 and 100 percent of the list price."),
}


class PlanItemForm(forms.Form):
    """One item of a plan. A new one carries a key of its own, one that is there the version it was drawn at."""

    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none())
    sessions = forms.IntegerField(label=_("Sessions"), min_value=1, max_value=200, initial=1)
    quoted = forms.CharField(
        label=_("Quoted for all sessions"),
        max_length=20,
        required=False,
        help_text=_("An amount such as 12800, or a discount such as 8.5折 or 85%. Empty: the list price."),
    )
    why = forms.CharField(
        label=_("Why for less than your limit?"),
        max_length=200,
        required=False,
    )
    planned = forms.CharField(
        label=_("What is planned"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2})
    )
    risks = forms.CharField(
        label=_("Risks, in the words you said"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    risks_explained = forms.BooleanField(label=_("I explained these risks to her"), required=False)
    alternatives = forms.CharField(
        label=_("Alternatives, in the words you said"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    alternatives_explained = forms.BooleanField(label=_("I explained these alternatives to her"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offered: QuerySet[Project], least_percent: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "plan_%s"
        field = self.fields["project"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = offered
        self.fields["quoted"].widget.attrs |= {"autocomplete": "off", "inputmode": "text"}
        self.fields["why"].help_text = _(
            "Your own limit is %(percent)s %% of the list price. Below it your supervisor is asked at once."
        ) % {"percent": format(least_percent.normalize(), "f")}

    def clean(self) -> dict[str, Any]:
        """Turn the price into yuan; what is ticked has to be there in words."""
        data = super().clean() or self.cleaned_data
        for name in ("risks", "alternatives"):
            data[name] = data.get(name, "").replace("\r\n", "\n")
            if data.get(f"{name}_explained") and not data[name]:
                self.add_error(name, _("Write down what you said, or take the tick away."))
        data["planned"] = data.get("planned", "").replace("\r\n", "\n")
        data["quoted"] = self._price(data) if data.get("quoted") else None
        return data

    def look_again(self, problem: Refused) -> None:
        """Say that the item was changed meanwhile, and keep what was typed, to be saved on top of that."""
        self.data = typed_with(self.data, version=str(problem.detail["version"]))
        self.add_error(None, str(problem.message))

    def _price(self, data: Mapping[str, Any]) -> Decimal | None:
        project, sessions = data.get("project"), data.get("sessions")
        if project is None or sessions is None:
            return None
        listed = None if project.list_price is None else project.list_price * sessions
        try:
            price = prices.read(data["quoted"], listed)
        except prices.NoPrice as wrong:
            self.add_error("quoted", str(_WRONG_PRICE[str(wrong)]))
            return None
        if listed is not None and price > listed:
            self.add_error("quoted", _("A quotation is never above the list price."))
        return price

    @property
    def what(self) -> Planned:
        """Return the item as it is said; only after `is_valid`."""
        return Planned(**{name: self.cleaned_data[name] for name in Planned.__slots__})


def new_item() -> dict[str, object]:
    """Return the first values of an item that is not there yet."""
    return {"request_key": uuid4(), "sessions": 1}


def item_initial(item: PlanItem, waiting: DiscountRequest | None) -> dict[str, object]:
    """Return a plan item as its form shows it; a price that is waited for stands there as it was asked."""
    quoted = waiting.wanted_price if waiting else item.quoted_price
    return {
        "project": item.project_id,
        "sessions": item.sessions,
        "quoted": "" if quoted is None else format(quoted, "f").removesuffix(".00"),
        "why": waiting.reason if waiting else "",
        "planned": item.planned,
        "risks": item.risks,
        "risks_explained": item.risks_explained_at is not None,
        "alternatives": item.alternatives,
        "alternatives_explained": item.alternatives_explained_at is not None,
        "version": item.version,
    }


class RefusalForm(forms.Form):
    """Why a discount is refused."""

    answer = forms.CharField(label=_("Why is it refused?"), max_length=200)


class LimitsForm(SharedForm):
    """Least percent of the list price, a field for each role that may quote."""

    def __init__(self, *args: Any, limits: Mapping[Role, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in USUAL_LIMITS:
            self.fields[role.value] = forms.DecimalField(
                label=str(ROLE_WORDS[role]),
                min_value=Decimal(1),
                max_value=Decimal(100),
                max_digits=4,
                decimal_places=1,
                initial=limits[role],
            )

    @property
    def limits(self) -> dict[Role, Decimal]:
        """Return role → least percent; only after `is_valid`."""
        return {role: self.cleaned_data[role.value] for role in USUAL_LIMITS}
