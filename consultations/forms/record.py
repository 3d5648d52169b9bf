"""The record of a consultation as a window sends it while somebody types."""

from typing import Any

from django import forms

from consultations.models import Consultation

LONGEST = 4000


class LinesField(forms.CharField):
    """Text of several lines exactly as typed; a line ends with one character, whatever the browser sent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, required=False, strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text with line feeds."""
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class RecordForm(forms.Form):
    """Sections as typed so far, each with `seen_…`: what the window last had from the server. Any may be left out."""

    wishes = LinesField()
    history = LinesField()
    assessment = LinesField()
    notes = LinesField()
    seen_wishes = LinesField()
    seen_history = LinesField()
    seen_assessment = LinesField()
    seen_notes = LinesField()

    @property
    def typed(self) -> dict[str, str]:
        """Return section → text, of those that were sent; only after `is_valid`."""
        return {name: self.cleaned_data[name] for name in Consultation.SECTIONS if name in self.data}

    @property
    def seen(self) -> dict[str, str]:
        """Return section → text as the window knew it; only after `is_valid`."""
        return {name: self.cleaned_data[f"seen_{name}"] for name in Consultation.SECTIONS}

    @property
    def wrong(self) -> dict[str, str]:
        """Return section → what is wrong with it."""
        return {name.removeprefix("seen_"): " ".join(map(str, errors)) for name, errors in self.errors.items()}
