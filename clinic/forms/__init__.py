"""What the forms of other rooms use; views of this room name the file."""

from clinic.forms.drawing import DateInput, DeskFormRenderer, SentOnceForm, refusal, typed_with
from clinic.forms.weeks import BuildForm

__all__ = ["BuildForm", "DateInput", "DeskFormRenderer", "SentOnceForm", "refusal", "typed_with"]
