"""What the forms of other rooms use; views of this room name the file."""

from clinic.forms.drawing import DateInput, DeskFormRenderer, SentOnceForm, refusal, typed_with

__all__ = ["DateInput", "DeskFormRenderer", "SentOnceForm", "refusal", "typed_with"]
