"""The line of the day log that is written next, what became of a line, and what is looked for in the log."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.asked import FIRST_DAY, LAST_DAY, number_in
from clinic.forms import DateInput, SentOnceForm
from clinic.models import Staff
from reception import names
from reception.forms.fields import LineField, PersonField, PhoneField
from reception.models import LogEntry
from reception.selectors.day_log import Addressee, LogRow, Wanted
from reception.services.day_log import LogLine

_Kind = LogEntry.Kind


# Which fields a line of each kind has, in the order they are typed, and what is called otherwise there.
FIELDS: dict[str, tuple[str, ...]] = {
    _Kind.CALL: ("name", "for_whom", "text", "phone", "visitor"),
    _Kind.PARCEL: ("for_whom", "carrier", "pieces", "name", "number"),
    _Kind.LETTER: ("for_whom", "carrier", "pieces", "name", "number"),
    _Kind.OUTGOING: ("name", "carrier", "pieces", "number", "text"),
    _Kind.APPLICANT: ("name", "text", "phone", "for_whom"),
    _Kind.CALLER: ("name", "text", "for_whom"),
    _Kind.ERRAND: ("errand", "text", "name", "visitor"),
    _Kind.PARKING: ("plate", "number", "name", "visitor"),
}
LABELS: dict[str, dict[str, Promise]] = {
    _Kind.CALL: {
        "name": gettext_lazy("Who called"),
        "for_whom": gettext_lazy("Message for"),
        "phone": gettext_lazy("Call-back number"),
    },
    _Kind.PARCEL: {"name": gettext_lazy("Sender"), "number": gettext_lazy("Tracking number")},
    _Kind.LETTER: {"name": gettext_lazy("Sender"), "number": gettext_lazy("Tracking number")},
    _Kind.OUTGOING: {"name": gettext_lazy("To whom"), "number": gettext_lazy("Tracking number")},
    _Kind.APPLICANT: {"text": gettext_lazy("Position, what was said"), "for_whom": gettext_lazy("Received by")},
    _Kind.CALLER: {"for_whom": gettext_lazy("To whom she wants")},
    _Kind.ERRAND: {"name": pgettext_lazy("errand", "For whom"), "text": gettext_lazy("What, and where to")},
    _Kind.PARKING: {"number": gettext_lazy("Ticket number"), "name": gettext_lazy("Whose car")},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    _Kind.PARCEL: ("for_whom",),
    _Kind.LETTER: ("for_whom",),
    _Kind.OUTGOING: ("name",),
    _Kind.APPLICANT: ("name",),
    _Kind.ERRAND: ("errand",),
    _Kind.PARKING: ("plate",),
}


class LogLineForm(SentOnceForm):
    """One line of the day log; which fields it has depends on its kind."""

    name = LineField(label=pgettext_lazy("day log", "Who"), max_length=50, required=False)
    for_whom = LineField(label=gettext_lazy("For whom"), max_length=60, required=False)
    text = LineField(label=gettext_lazy("About what"), max_length=500, required=False)
    phone = PhoneField()
    visitor = PersonField(label=pgettext_lazy("day log", "Visitor on file"), required=False)
    visitor_text = LineField(max_length=50, required=False)
    carrier = LineField(label=gettext_lazy("Carrier"), max_length=30, required=False)
    number = LineField(label=gettext_lazy("Number"), max_length=40, required=False)
    plate = LineField(label=gettext_lazy("Number plate"), max_length=12, required=False)
    pieces = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, max_value=999, required=False, initial=1)
    errand = forms.ChoiceField(label=gettext_lazy("Errand"), choices=LogEntry.Errand.choices, required=False)

    def __init__(self, *args: Any, kind: str, offered: Sequence[Addressee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.offered = kind, offered
        kept = FIELDS[kind]
        if "visitor" in kept:
            kept = (*kept, "visitor_text")
        for name in list(self.fields):
            if name not in kept and name != "request_key":
                del self.fields[name]
        self.order_fields(["request_key", *kept])
        for name, label in LABELS.get(kind, {}).items():
            self.fields[name].label = str(label)
        for name in REQUIRED.get(kind, ()):
            self.fields[name].required = True
        for name in kept:
            self.fields[name].widget.attrs |= {"autocomplete": "off"}
        if "for_whom" in self.fields:
            self.fields["for_whom"].widget.attrs |= {"list": "log-people", "maxlength": 60}
        if "carrier" in self.fields:
            self.fields["carrier"].widget.attrs |= {"list": "log-carriers"}
        self.fields[kept[0]].widget.attrs |= {"autofocus": True}

    def clean_for_whom(self) -> str:
        """Return the text; raise ValidationError for a message to somebody who is not a colleague of today."""
        typed: str = self.cleaned_data["for_whom"]
        found = self.addressee(typed)
        if typed and self.kind == _Kind.CALL and (found.staff is None or found.left):
            raise ValidationError(
                _("Nobody of this name works here today. Choose from the list: the message appears on her screen.")
            )
        if found.staff is None and found.department is None and len(typed) > 50:
            raise ValidationError(_("A name has at most 50 characters."))
        return typed

    def addressee(self, typed: str) -> Addressee:
        """Return who or what is meant by a text: a person, a department, or somebody the hospital does not know."""
        wanted = names.fold(typed)
        fits = [one for one in self.offered if wanted and names.fold(one.called) == wanted]
        return fits[0] if fits else Addressee(called=typed, hint="")

    @property
    def line(self) -> LogLine:
        """Return the checked values as the service takes them."""
        data = self.cleaned_data
        line = LogLine()
        for name in FIELDS[self.kind]:
            if name == "for_whom":
                found = self.addressee(data[name])
                line["for_staff"], line["for_department"] = found.staff, found.department
                line["for_name"] = "" if found.staff or found.department else data[name]
            elif name == "pieces":
                line["pieces"] = data[name] or 1
            else:
                line[name] = data[name]  # type: ignore[literal-required]
        # Who is named but not chosen among those on file is written down as typed.
        if "visitor" in data and data["visitor"] is None and data["visitor_text"] and not data.get("name"):
            line["name"] = data["visitor_text"]
        return line


def again(entry: LogEntry) -> dict[str, object]:
    """Return what a line made void is written again from."""
    return {
        "name": entry.name,
        "for_whom": entry.for_whom,
        "text": entry.text,
        "visitor": entry.visitor_id or "",
        "visitor_text": entry.visitor.name if entry.visitor else "",
        "carrier": entry.carrier,
        "number": entry.number,
        "plate": entry.plate,
        "pieces": entry.pieces,
        "errand": entry.errand,
    }


class LogStepForm(forms.Form):
    """What became of a line: `what` says which of the words count."""

    what = forms.CharField(required=False)
    taker = LineField(max_length=50, required=False)
    text = LineField(max_length=500, required=False)


class LogVoidForm(forms.Form):
    """Why a line is void."""

    reason = LineField(max_length=500)


class HandOutForm(forms.Form):
    """Mail handed out or sent back at once: which pieces are ticked, and who took each."""

    taker = LineField(label=gettext_lazy("Where no name stands, taken by"), max_length=50, required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="%s")
        typed = data.getlist("take") if data is not None else []
        self.ticked = [number for text in typed if (number := number_in(text)) is not None]
        for number in self.ticked:
            self.fields[f"taker-{number}"] = LineField(label=_("Taken by"), max_length=50, required=False)

    @property
    def takers(self) -> dict[int, str]:
        """Return who took each ticked piece; only after `is_valid`."""
        data = self.cleaned_data
        return {number: data[f"taker-{number}"] or data["taker"] for number in self.ticked}

    def row(self, row: LogRow) -> dict[str, Any]:
        """Return a line of the list with what was typed about it, or else for whom it is."""
        number = row.entry.pk
        name = f"taker-{number}"
        return {
            "row": row,
            "ticked": number in self.ticked,
            "taker": self.data.get(name, str(row.entry.for_staff or row.entry.for_name)),
            "errors": self.errors.get(name, []),
        }


class SearchForm(forms.Form):
    """What is looked for in the log of years; all of it may stay empty."""

    q = LineField(label=pgettext_lazy("day log", "Words"), max_length=100, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    person = LineField(label=gettext_lazy("Colleague"), max_length=60, required=False)
    first_on = forms.DateField(label=gettext_lazy("From"), required=False, widget=DateInput)
    last_on = forms.DateField(label=gettext_lazy("To"), required=False, widget=DateInput)

    def __init__(self, *args: Any, offered: Sequence[Addressee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.fields["kind"].choices = [("", _("all")), *_Kind.choices]  # type: ignore[attr-defined]
        self.fields["person"].widget.attrs |= {"list": "log-people", "autocomplete": "off"}
        self.fields["q"].widget = forms.TextInput(
            {"type": "search", "maxlength": 100, "autocomplete": "off", "autofocus": True}
        )

    def clean_person(self) -> Staff | None:
        """Return the colleague; raise ValidationError for somebody who never worked here."""
        typed: str = self.cleaned_data["person"]
        wanted = names.fold(typed)
        found = next((one.staff for one in self.offered if one.staff and names.fold(one.called) == wanted), None)
        if typed and found is None:
            raise ValidationError(_("Nobody of this name works or worked here. Choose from the list."))
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse days no log can have."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("first_on", "last_on"):
            day: date | None = data.get(name)
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, _("This day is too far away."))
        return data

    @property
    def wanted(self) -> Wanted:
        """Return what is looked for; only after `is_valid`."""
        data = self.cleaned_data
        return Wanted(
            text=data["q"],
            kind=data["kind"],
            person=data["person"],
            first_on=data["first_on"],
            last_on=data["last_on"],
        )
