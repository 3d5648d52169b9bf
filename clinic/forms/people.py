"""The people who work here: who they are, their roles, when they leave."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from clinic.forms.drawing import DateInput, SharedForm
from clinic.models import Project, Staff
from clinic.roles import Role
from clinic.scope import Contradiction, contradictions
from clinic.selectors.people import colleagues_of, stand_ins_for
from clinic.selectors.places import departments_seen_by, projects_seen_by
from clinic.words import ROLE_WORDS

if TYPE_CHECKING:
    StaffModelForm = forms.ModelForm[Staff]
else:
    StaffModelForm = forms.ModelForm


LOGIN_NAME_LENGTH = 40


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("First password"),
        help_text=_("At least ten characters. Tell it to the person; she can change it after signing in."),
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )


LIMITS = ("scope", "excluded", "dedicated")


class Limit(NamedTuple):
    """A project, and for each of LIMITS its name, whether the project is ticked there, and whether it cannot be."""

    project: Project
    ticks: list[tuple[str, bool, bool]]


class StaffForm(SharedForm, StaffModelForm):
    """A person: who she is, from when, with which roles, and for consultants which projects."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLE_WORDS.items(), widget=forms.CheckboxSelectMultiple, required=False
    )
    scope = forms.ModelMultipleChoiceField(
        label=_("Only these projects"), queryset=Project.objects.none(), required=False
    )
    excluded = forms.ModelMultipleChoiceField(
        label=_("Never these projects"), queryset=Project.objects.none(), required=False
    )
    dedicated = forms.ModelMultipleChoiceField(
        label=_("Dedicated projects"), queryset=Project.objects.none(), required=False
    )
    stand_in = forms.ModelChoiceField(
        label=_("Stand-in"),
        help_text=_("Receives whom her visitors bring along while she is away (A10)."),
        queryset=Staff.objects.none(),
        required=False,
    )

    class Meta:
        model = Staff
        fields = (
            "display_name",
            "phone_extension",
            "room",
            "department",
            "active_from",
            "roles",
            "scope",
            "excluded",
            "dedicated",
            "stand_in",
        )
        widgets: ClassVar = {"active_from": DateInput()}
        help_texts: ClassVar = {"room": _("Where she receives. It stands on the screens in the waiting room.")}

    def __init__(self, *args: Any, manager: Staff, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.projects = projects_seen_by(self.instance if self.instance.pk else manager)
        self.contradictions: list[Contradiction] = []
        self.fields["department"] = forms.ModelChoiceField(
            label=_("Department"),
            queryset=departments_seen_by(self.instance if self.instance.pk else manager),
            required=False,
        )
        for name in LIMITS:
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = self.projects
        stand_in = self.fields["stand_in"]
        assert isinstance(stand_in, forms.ModelChoiceField)
        stand_in.queryset = stand_ins_for(self.instance if self.instance.pk else manager, today)
        if self.instance.pk:
            self.initial["roles"] = sorted(self.instance.roles)

    def clean_active_from(self) -> date:
        """Refuse a first day after the last."""
        first: date = self.cleaned_data["active_from"]
        if self.instance.active_until is not None and first > self.instance.active_until:
            raise forms.ValidationError(_("This is after the last day."))
        return first

    def clean(self) -> dict[str, Any]:
        """Refuse projects that cannot be meant so."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.keys() >= set(LIMITS):
            self.contradictions = contradictions(**{name: list(cleaned[name]) for name in LIMITS})
        for one in self.contradictions:
            self.add_error(one.name, one.sentence)
        return cleaned

    @property
    def limits(self) -> dict[str, list[Limit]]:
        """Return a line for each project, most major first, under its department: what is ticked in each list."""
        ticked = {name: set(map(str, self[name].value() or ())) for name in LIMITS}
        wrong = {(one.name, project.pk) for one in self.contradictions for project in one.projects}
        found: dict[str, list[Limit]] = {}
        for project in self.projects:
            ticks = [(name, str(project.pk) in ticked[name], (name, project.pk) in wrong) for name in LIMITS]
            found.setdefault(str(project.department), []).append(Limit(project, ticks))
        return found

    @property
    def details(self) -> dict[str, Any]:
        """Return name, extension, room, department, first day and stand-in; only after `is_valid`."""
        names = ("display_name", "phone_extension", "room", "department", "active_from", "stand_in")
        return {name: self.cleaned_data[name] for name in names}

    @property
    def chosen_projects(self) -> dict[str, list[Project]]:
        """Return the projects of each of LIMITS; only after `is_valid`."""
        return {name: list(self.cleaned_data[name]) for name in LIMITS}

    @property
    def chosen_roles(self) -> list[Role]:
        """Return the ticked roles; only after `is_valid`."""
        return [Role(name) for name in self.cleaned_data["roles"]]


class NewStaffForm(StaffForm):
    """A person who is new, with login name and first password."""

    login_name = forms.CharField(
        label=_("Login name"),
        help_text=_("Letters, digits, dot, dash. It stays hers for ever."),
        max_length=LOGIN_NAME_LENGTH,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", _("Use letters, digits, dot and dash only."))],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    password = _new_password()
    field_order = ("display_name", "login_name", "password", "phone_extension", "department", "active_from", "roles")

    def clean_password(self) -> str:
        """Check the password by the rules everybody's must keep."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Staff(login_name=self.cleaned_data.get("login_name", "")))
        return password

    def clean_login_name(self) -> str:
        """Refuse a login name somebody has or had."""
        login_name: str = self.cleaned_data["login_name"]
        if Staff.objects.filter(login_name__iexact=login_name).exists():
            raise forms.ValidationError(_("Somebody has this login name already. Choose another."))
        return login_name


class LeaveForm(forms.Form):
    """The last day of somebody, and who takes over."""

    last_day = forms.DateField(
        label=_("Last day"),
        help_text=_("Today: she works until the day is over. Earlier: she is signed out at once."),
        widget=DateInput(),
    )
    successor = forms.ModelChoiceField(
        label=_("Successor"),
        help_text=_("Her return visitors go to this colleague from then on."),
        queryset=Staff.objects.none(),
        required=False,
    )

    def __init__(self, *args: Any, leaver: Staff, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("last_day", today)
        self.leaver = leaver
        field = self.fields["successor"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues_of(leaver, today)

    def clean_last_day(self) -> date:
        """Refuse a last day before the first."""
        last_day: date = self.cleaned_data["last_day"]
        if last_day < self.leaver.active_from:
            raise forms.ValidationError(_("The last day lies before the first."))
        return last_day


class ResetPasswordForm(forms.Form):
    """A new first password for somebody who forgot hers."""

    password = _new_password()

    def __init__(self, *args: Any, holder: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holder = holder
        self.fields["password"].label = _("New password")

    def clean_password(self) -> str:
        """Check the password by the rules everybody's must keep."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.holder)
        return password
