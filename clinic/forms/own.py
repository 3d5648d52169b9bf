"""What a person types in for herself: signing in, her password, how her screen looks."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from clinic.forms.people import LOGIN_NAME_LENGTH
from clinic.models import Staff


class SignInForm(AuthenticationForm):
    """Login name and password; says the same whether the name or the password was wrong."""

    error_messages = {
        "invalid_login": _("Login name or password is wrong, or your account is not active today."),
        "inactive": _("Login name or password is wrong, or your account is not active today."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Login name")
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        self.fields["password"].label = _("Password")

    def clean_username(self) -> str:
        """Refuse what no login name can be, before it is tried and counted."""
        name: str = self.cleaned_data["username"]
        if len(name) > LOGIN_NAME_LENGTH:
            raise forms.ValidationError(self.error_messages["invalid_login"], code="invalid_login")
        return name


class PasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, user: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["old_password"].label = _("Password now")
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password2"].label = _("New password again")


class PreferencesForm(forms.Form):
    """Language, theme and text size; each may be sent alone."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=Staff.Theme.choices, required=False)
    text_size = forms.ChoiceField(choices=Staff.TextSize.choices, required=False)
