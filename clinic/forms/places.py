"""Projects, the branch and its opening hours."""

from datetime import time
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.forms.drawing import SharedForm, TimeInput
from clinic.models import Branch, Department, Project, Staff
from clinic.selectors.places import departments_seen_by

if TYPE_CHECKING:
    ProjectModelForm = forms.ModelForm[Project]
    BranchModelForm = forms.ModelForm[Branch]
    DepartmentModelForm = forms.ModelForm[Department]
else:
    ProjectModelForm = BranchModelForm = DepartmentModelForm = forms.ModelForm


class ProjectForm(SharedForm, ProjectModelForm):
    """A project of this branch."""

    class Meta:
        model = Project
        fields: ClassVar[tuple[str, ...]] = (
            "name",
            "name_en",
            "department",
            "rank",
            "list_price",
            "effect_days",
            "offered",
        )
        help_texts: ClassVar = {
            "rank": _("1 is the most major. A visit with several projects is judged by the most major one."),
            "list_price": _("For one session, as the price list says. Empty: there is none, and no discount is shown."),
            "effect_days": _("When she is called about the effect. Empty: two weeks after the treatment."),
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
        fields = ("code", *ProjectForm.Meta.fields)


class BranchForm(SharedForm, BranchModelForm):
    """Names, phone and time zone of a branch."""

    class Meta:
        model = Branch
        fields = ("name", "name_en", "phone", "time_zone")


class DepartmentForm(SharedForm, DepartmentModelForm):
    """Who heads a department."""

    class Meta:
        model = Department
        fields = ("head",)

    def __init__(self, *args: Any, colleagues: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["head"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues
        field.empty_label = "—"


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
