"""What is typed: lines, texts and names, phones, dates, projects, people on file."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.asked import number_in
from clinic.forms import DateInput
from clinic.models import Project
from reception import names
from reception.models import Visitor
from reception.phones import WrongPhone, parse_phone
from reception.texts import clean_text

OLDEST = 120
# Why a form is refused whose words nobody typed by hand.
UNREAD = _("This request could not be read. Reload the page and try again.")


class TidyField(forms.CharField):
    """Words as typed, without what nobody sees; how long they are is judged afterwards."""

    def tidy(self, text: str) -> str:
        """Return the words as they are kept."""
        return text

    def to_python(self, value: object) -> str:
        """Return the tidy words."""
        return self.tidy(str(value or ""))

    def run_validators(self, value: str) -> None:
        """Judge the length only: what no column can hold was taken out already."""
        if self.max_length is not None and len(value) > self.max_length:
            raise ValidationError(
                _("At most %(most)d characters; this has %(count)d."),
                code="max_length",
                params={"most": self.max_length, "count": len(value)},
            )

    def has_changed(self, initial: object, data: object) -> bool:
        """Say whether the words are others, however untidy the earlier ones were kept."""
        return super().has_changed(self.to_python(initial), data)


class LineField(TidyField):
    """One line."""

    def tidy(self, text: str) -> str:
        """Return the line with single spaces."""
        return names.clean_name(text)


class TextField(TidyField):
    """Several lines."""

    def __init__(self, *, rows: int = 3, attrs: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, **(attrs or {})}), **kwargs)

    def tidy(self, text: str) -> str:
        """Return the text with its lines."""
        return clean_text(text)


class NameField(LineField):
    """A name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Name"),
            max_length=50,
            error_messages={"required": _("Give a name. One character is enough.")},
            **kwargs,
        )


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


class BirthDateField(forms.DateField):
    """A birth date somebody alive may have, typed or chosen in the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Birth date"), required=False, widget=DateInput(), **kwargs)
        self.today: date | None = None

    def until(self, today: date) -> None:
        """Take no date after this one."""
        self.today = today
        self.widget.attrs |= {"max": today.isoformat()}

    def clean(self, value: object) -> date | None:
        """Return the date; raise ValidationError for one no living person can have."""
        born: date | None = super().clean(value)
        if born and self.today and not (self.today.year - OLDEST <= born.year and born <= self.today):
            raise ValidationError(_("This birth date is in the future or more than 120 years ago."))
        return born


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
    """A visitor on file, found while typing: her number in the records, cleaned to the visitor or None.

    A record that was merged meanwhile stands for whom it was merged into.
    """

    def clean(self, value: object) -> Visitor | None:
        """Return the visitor; raise ValidationError for one who is not on file."""
        number = number_in(str(value or ""))
        if number is None:
            return None
        named = Visitor.objects.filter(Q(pk=number) | Q(merged_records=number), merged_into=None)
        visitor = named.first()
        if visitor is None:
            raise ValidationError(_("This visitor is not on file any more. Choose again."))
        return visitor
