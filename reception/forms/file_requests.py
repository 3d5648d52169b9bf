"""A file asked for, and how far it has come."""

from django import forms

from reception.forms.fields import LineField


class FileStepForm(forms.Form):
    """The next step of a file, and a note."""

    state = forms.CharField(required=False)
    note = LineField(max_length=100, required=False)


class FileAskForm(forms.Form):
    """Where a file is needed."""

    where_to = LineField(max_length=40, required=False)
