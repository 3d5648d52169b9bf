"""A file of visitors: which file, what its columns hold, and what the importer means."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import SentOnceForm
from reception.importing.columns import FIELD_WORDS, SEVERAL, Field, guess
from reception.models import ImportBatch
from reception.selectors.imports import letters


class UploadForm(SentOnceForm):
    """The file. What is in it decides what it is, not its name."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel (.xlsx) or CSV, up to 40 MB and 200,000 rows, with the names of the columns in the first row."
        ),
        error_messages={"empty": _("The file is empty. Export it again from the old system.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )


class MatchingForm(forms.Form):
    """What each column holds, who is the same person, and what becomes of her."""

    identify_by = forms.ChoiceField(
        label=_("Somebody is on file already when this is the same"),
        choices=ImportBatch.IdentifyBy.choices,
        widget=forms.RadioSelect,
    )
    on_duplicate = forms.ChoiceField(
        label=_("What to do with who is on file"), choices=ImportBatch.OnDuplicate.choices, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, batch: ImportBatch, remembered: Mapping[str, str]) -> None:
        fields = batch.fields or guess(batch.header, remembered)
        usual = {"identify_by": batch.identify_by, "on_duplicate": batch.on_duplicate}
        if not batch.fields and Field.FILE_NUMBER not in fields:
            usual["identify_by"] = ImportBatch.IdentifyBy.PHONE_NAME
        super().__init__(data, initial=usual)
        self.batch = batch
        choices = [("", _("– not imported –")), *((one.value, word) for one, word in FIELD_WORDS.items())]
        for place, (name, field) in enumerate(zip(batch.header, fields, strict=True)):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name or letters(place), choices=choices, required=False, initial=field
            )

    @property
    def columns(self) -> list[tuple[str, forms.BoundField, list[str]]]:
        """Return each column's letter, its field, and its first values."""
        # A file that is thrown away has none any more.
        samples = self.batch.samples or [[] for _name in self.batch.header]
        return [(letters(place), self[f"column_{place}"], samples[place]) for place in range(len(self.batch.header))]

    @property
    def chosen(self) -> list[str]:
        """Return the field of each column, empty for none; only after `is_valid`."""
        return [self.cleaned_data[f"column_{place}"] for place in range(len(self.batch.header))]

    def clean(self) -> dict[str, Any]:
        """Want a column for the name, and no field from two columns but the notes."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for place in range(len(self.batch.header)):
            name, field = f"column_{place}", data.get(f"column_{place}", "")
            if field and field in seen and field not in SEVERAL:
                word = FIELD_WORDS[Field(field)]
                self.add_error(
                    name, _("“%(field)s” is column %(other)s already.") % {"field": word, "other": seen[field]}
                )
            elif field:
                seen[field] = letters(place)
        if Field.NAME not in seen:
            self.add_error(None, _("Say which column holds the name."))
        return data


class RunForm(forms.Form):
    """The importer's word that a file that is in already is meant once more."""

    same_again = forms.BooleanField(label=_("Import it once more"), required=False)
