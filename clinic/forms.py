"""How every form is drawn, and the forms of the hospital itself."""

from datetime import date, time
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from uuid import uuid4

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.scope import Contradiction, contradictions
from clinic.selectors.people import colleagues_of, stand_ins_for
from clinic.selectors.places import departments_seen_by, projects_seen_by
from clinic.words import ACTION_WORDS, ROLE_WORDS

if TYPE_CHECKING:
    StaffModelForm = forms.ModelForm[Staff]
    ProjectModelForm = forms.ModelForm[Project]
    BranchModelForm = forms.ModelForm[Branch]
else:
    StaffModelForm = ProjectModelForm = BranchModelForm = forms.ModelForm


LOGIN_NAME_LENGTH = 40


class DeskFormRenderer(TemplatesSetting):
    """Draws forms and fields with the templates under `templates/forms/`."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def refusal(form: forms.Form, sentence: object, *, code: str) -> Refused:
    """Return why a form without a page of its own is refused: what is too long, if anything is, else the sentence."""
    too_long = [error for errors in form.errors.as_data().values() for error in errors if error.code == "max_length"]
    return Refused(too_long[0].messages[0] if too_long else sentence, code=code)


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


class DateInput(forms.DateInput):
    """The browser's own calendar, in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("First password"),
        help_text=_("At least ten characters. Tell it to the person; she can change it after signing in."),
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )


def typed_with(data: Any, **changes: str) -> QueryDict:
    """Return what was typed, with some fields set to something else."""
    typed = QueryDict(mutable=True)
    typed.update(data)
    for name, value in changes.items():
        typed[name] = value
    return typed


class SentOnceForm(forms.Form):
    """A form that is carried out once, however often it is sent: it carries a key of its own."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def begin_again(self, problem: Refused) -> None:
        """Say why nothing was done, and keep what was typed under a new key."""
        self.data = typed_with(self.data, request_key=str(uuid4()))
        self.add_error(None, str(problem.message))


class SharedForm(forms.Form):
    """A form on something that somebody else may change meanwhile: it carries the change it was drawn after."""

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def look_again(self, problem: Refused) -> None:
        """Say what somebody else changed, and keep what was typed, to be saved on top of that."""
        self.data = typed_with(self.data, seen=str(problem.detail["seen"]))
        self.add_error(None, str(problem.message))

    @property
    def changes(self) -> dict[str, Any]:
        """Return what was typed, without what the form carries; only after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


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
            "department",
            "active_from",
            "roles",
            "scope",
            "excluded",
            "dedicated",
            "stand_in",
        )
        widgets: ClassVar = {"active_from": DateInput()}

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
        """Return name, extension, department, first day and stand-in; only after `is_valid`."""
        names = ("display_name", "phone_extension", "department", "active_from", "stand_in")
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


class ProjectForm(SharedForm, ProjectModelForm):
    """A project of this branch."""

    class Meta:
        model = Project
        fields: ClassVar[tuple[str, ...]] = ("name", "name_en", "department", "rank", "offered")
        help_texts: ClassVar = {
            "rank": _("1 is the most major. A visit with several projects is judged by the most major one."),
            "offered": _("Not offered: no new visit can ask for it; earlier visits keep it."),
        }

    def __init__(self, *args: Any, manager: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = departments_seen_by(manager)
        self.fields["rank"].widget.attrs |= {"min": 1, "max": 999}


class NewProjectForm(ProjectForm):
    """A project that is new, with the code it keeps."""

    field_order = ("code",)

    class Meta(ProjectForm.Meta):
        fields = ("code", "name", "name_en", "department", "rank", "offered")


class BranchForm(SharedForm, BranchModelForm):
    """Names, phone and time zone of a branch."""

    class Meta:
        model = Branch
        fields = ("name", "name_en", "phone", "time_zone")


class HoursForm(SharedForm):
    """Opening hours of a week; a weekday without times is closed."""

    def __init__(self, *args: Any, branch: Branch, **kwargs: Any) -> None:
        self.days = range(7)
        rows = {row.weekday: row for row in branch.hours.all()}
        initial = {f"opens_{day}": row.opens_at for day, row in rows.items()}
        initial |= {f"closes_{day}": row.closes_at for day, row in rows.items()}
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, **initial}
        self.fields["seen"].widget.attrs["id"] = "id_hours_seen"
        for day in self.days:
            self.fields[f"opens_{day}"] = forms.TimeField(
                label=_("%(weekday)s, opens at") % {"weekday": WEEKDAYS[day]}, required=False, widget=TimeInput()
            )
            self.fields[f"closes_{day}"] = forms.TimeField(
                label=_("%(weekday)s, closes at") % {"weekday": WEEKDAYS[day]}, required=False, widget=TimeInput()
            )

    def clean(self) -> dict[str, Any]:
        """Want both times of a day or none, and closing after opening."""
        data = super().clean() or self.cleaned_data
        for day in self.days:
            opens, closes = data.get(f"opens_{day}"), data.get(f"closes_{day}")
            if (opens is None) != (closes is None):
                missing = "opens" if opens is None else "closes"
                self.add_error(f"{missing}_{day}", _("Give both times, or none when the house is closed."))
            elif opens is not None and closes is not None and closes <= opens:
                self.add_error(f"closes_{day}", _("The house must close after it opens."))
        return data

    @property
    def week(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Return each weekday with its two fields, for the page."""
        return [(str(WEEKDAYS[day]), self[f"opens_{day}"], self[f"closes_{day}"]) for day in self.days]

    @property
    def hours(self) -> dict[int, tuple[time, time]]:
        """Return the open weekdays; only after `is_valid`."""
        data = self.cleaned_data
        return {
            day: (data[f"opens_{day}"], data[f"closes_{day}"]) for day in self.days if data[f"opens_{day}"] is not None
        }


class AuditFilter(forms.Form):
    """What the reader of the audit log looks for."""

    who = forms.CharField(label=_("Person"), required=False, max_length=50)
    action = forms.CharField(label=_("Action"), required=False, max_length=60, widget=forms.Select)
    object = forms.CharField(label=_("Object"), required=False, max_length=80)
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=DateInput(),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["action"].widget
        assert isinstance(choices, forms.Select)
        choices.choices = [("", _("All")), *_actions_by_room()]


def _actions_by_room() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be looked for in the audit log: everything of a room, or one action."""
    rooms: dict[str, list[tuple[str, str]]] = {}
    for action, words in ACTION_WORDS.items():
        rooms.setdefault(action.partition(".")[0], []).append((action, str(words)))
    found = []
    for room, actions in rooms.items():
        name = str(apps.get_app_config(room).verbose_name)
        everything = (f"{room}.", _("everything: %(room)s") % {"room": name})
        found.append((name, [everything, *sorted(actions, key=itemgetter(1))]))
    return found
