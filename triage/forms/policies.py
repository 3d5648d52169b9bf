"""A draft of the rules, and past days to be played under some."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.forms import DateInput, typed_with
from clinic.models import Branch
from clinic.problems import Refused
from triage.engine.policy import CAUSES, CHOICES, POLICY_KEYS, PRESETS, RANGES, PolicyError
from triage.engine.policy import Policy as Rules
from triage.models import Policy
from triage.selectors.boards import FRONT, front_roster, played_desks
from triage.selectors.knobs import PRESET_NAMES, Change, changes_between, name_of, sentence_of
from triage.selectors.policies import checked, mistakes_by_key, projects_of
from triage.selectors.teams import has_teams, rotates_teams
from triage.selectors.words import cause_words

if TYPE_CHECKING:
    PolicyChoiceField = forms.ModelChoiceField[Policy]
else:
    PolicyChoiceField = forms.ModelChoiceField


# How many consultants the form offers for a project's list; a longer list that exists is offered whole.
_LISTED = 4
_EMPTY_ROWS = 2
_PRIORITY = re.compile(r"priority_([0-9]|[1-4][0-9])(?:_([0-9]|1[0-9]))?")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A knob in the form: its fields, and what the running rules say where they differ.

    `sentence` says what is chosen; where every choice is a sentence already, it is empty.
    """

    key: str
    fields: list[forms.BoundField]
    sentence: str
    running: str

    @property
    def differs(self) -> bool:
        """Whether another value is chosen than the running one."""
        return bool(self.running)


class PolicyForm(forms.Form):
    """A draft of the rules: every knob, from when, and why. Begins with the running rules, or with a preset's."""

    preset = forms.ChoiceField(widget=forms.HiddenInput, choices=[(name, name) for name in PRESETS])
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    starts_on = forms.DateField(label=_("Starts on"), widget=DateInput)
    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput(attrs={"maxlength": 200}))

    def __init__(self, *args: Any, branch: Branch, running: Rules, begins: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch, self.running, self.begins = branch, running, begins
        self.rules: Rules | None = None
        self.listed = 0
        for key in POLICY_KEYS:
            if key == "priority":
                self._add_priority(begins.priority)
            else:
                self.fields[key] = _knob_field(key, getattr(begins, key))
        self.initial.setdefault("preset", begins.preset)

    def _add_priority(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self.projects = projects_of(self.branch)
        people = list(front_roster(self.branch, self.branch.today(timezone.now())).values_list("pk", "display_name"))
        sent = [_PRIORITY.fullmatch(name) for name in self.data]
        places = [(int(found[1]), int(found[2] or 0)) for found in sent if found]
        wide = max([_LISTED, *(len(names) for names in lists.values()), *(place + 1 for _row, place in places)])
        given = [(project, list(names)) for project, names in lists.items()]
        given += [("", [])] * (max([0, *(row + 1 for row, _place in places)]) - len(given) - _EMPTY_ROWS)
        self.listed = len(given) + _EMPTY_ROWS
        rows = [*given, *[("", [])] * _EMPTY_ROWS]
        self.words = {project.code: str(project) for project in self.projects} | {str(pk): name for pk, name in people}
        projects = [("", _("no project")), *((project.code, str(project)) for project in self.projects)]
        consultants = [("", "–"), *((str(pk), name) for pk, name in people)]
        for row, (code, names) in enumerate(rows):
            self.fields[f"priority_{row}"] = forms.ChoiceField(
                label=_("Project"), choices=projects, required=False, initial=code
            )
            for place in range(wide):
                self.fields[f"priority_{row}_{place}"] = forms.ChoiceField(
                    label=f"{place + 1}.",
                    choices=consultants,
                    required=False,
                    initial=names[place] if place < len(names) else "",
                )

    def clean(self) -> dict[str, Any]:
        """Put the knobs together and let the engine judge the whole; each mistake stands at its field."""
        data = super().clean() or {}
        if self.data.get("step") != "save" and self.has_error("reason", "required"):
            # Why is asked once it is to be saved: comparing and rehearsing need no reason.
            del self.errors["reason"]
        keys = [key for key in POLICY_KEYS if key != "priority"]
        data["settings"] = {key: _plain(data[key]) for key in keys if key in data}
        data["settings"]["priority"] = self._priority(data)
        day = data.get("starts_on") or self.branch.today(timezone.now())
        if self.errors:
            return data
        try:
            self.rules = checked(self.branch, data["preset"], data["settings"], day)
        except PolicyError as error:
            for key, sentences in mistakes_by_key(error, self.words).items():
                for sentence in sentences:
                    self.add_error(self._place(key), sentence)
        return data

    @property
    def lacks_teams(self) -> bool:
        """Whether these rules rotate teams, and the branch has none written down."""
        return self.rules is not None and rotates_teams(self.rules) and not has_teams(self.branch)

    def refused(self, refused: Refused) -> None:
        """Show at its field why the service did not take it."""
        fields = refused.detail.get("fields")
        if isinstance(fields, dict):
            for key, sentences in fields.items():
                self.add_error(self._place(key), sentences)
            return
        places = {"reason_missing": "reason", "starts_too_early": "starts_on", "starts_too_late": "starts_on"}
        self.add_error(places.get(refused.code), str(refused.message))

    def renew(self, version: int) -> None:
        """Keep what was typed, and stand on the newest version."""
        self.data = typed_with(self.data, version=str(version))

    def changes(self) -> list[Change]:
        """Return what the draft changes in the running rules."""
        return changes_between(self.running, self.rules, self.words) if self.rules is not None else []

    def rows(self) -> list[PolicyRow]:
        """Return the knobs in the rulebook's order, as they are chosen now."""
        return [self._row(key) for key in POLICY_KEYS]

    def _row(self, key: str) -> PolicyRow:
        names = [name for name in self.fields if name == key or (name.startswith(f"{key}_") and key == "priority")]
        value = self._chosen(key)
        running = getattr(self.running, key)
        return PolicyRow(
            key=key,
            fields=[self[name] for name in names],
            sentence="" if value is None or key in CHOICES or isinstance(value, bool) else self._says(key, value),
            running=sentence_of(key, running, self.words) if value != running else "",
        )

    def _says(self, key: str, value: object) -> str:
        return sentence_of(key, value, self.words)

    def _chosen(self, key: str) -> Any:
        """The value of a knob as it stands in the form; None for what is not one."""
        if not self.is_bound:
            return getattr(self.begins, key)
        value = self.cleaned_data.get("settings", {}).get(key) if hasattr(self, "cleaned_data") else None
        if isinstance(value, dict):
            return {project: tuple(names) for project, names in value.items()}
        return tuple(value) if isinstance(value, list) else value

    def _priority(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        lists: dict[str, list[str]] = {}
        for row in range(self.listed):
            project = data.get(f"priority_{row}", "")
            names = [data[name] for name in self.fields if name.startswith(f"priority_{row}_") and data.get(name)]
            if project and project in lists:
                self.add_error(f"priority_{row}", _("This project has a list already."))
            elif project and names:
                lists[project] = names
            elif project or names:
                sentence = _("Name at least one consultant.") if project else _("Choose the project.")
                self.add_error(f"priority_{row}", sentence)
        return lists

    def _place(self, key: str) -> str | None:
        return "priority_0" if key == "priority" else key if key in self.fields else None


def _knob_field(key: str, value: object) -> forms.Field:
    """The field of a knob: every choice is offered as the sentence of what it means."""
    name = str(name_of(key))
    if key in RANGES:
        low, high = RANGES[key]
        return forms.IntegerField(label=name, min_value=low, max_value=high, initial=value)
    if key == "make_up":
        return forms.MultipleChoiceField(
            label=name,
            choices=[(cause, cause_words(cause)) for cause in CAUSES],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=list(value) if isinstance(value, tuple) else value,
        )
    if key in CHOICES:
        choices = [(choice, sentence_of(key, choice)) for choice in CHOICES[key]]
        return forms.ChoiceField(label=name, choices=choices, widget=forms.RadioSelect, initial=value)
    choices = [(word, sentence_of(key, word == "True")) for word in ("True", "False")]
    return forms.TypedChoiceField(
        label=name,
        choices=choices,
        widget=forms.RadioSelect,
        coerce=lambda word: word == "True",
        initial=str(value),
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple | list) else value


class VersionField(PolicyChoiceField):
    """A version of the rules, by its number, its preset and its first day."""

    def label_from_instance(self, obj: Policy) -> str:
        """Return how a version is offered."""
        return f"{obj.version} · {PRESET_NAMES[obj.preset]} · {obj.starts_on.isoformat()}"


class RehearsalForm(forms.Form):
    """Which desk's past is played, and under which version."""

    desk = forms.ChoiceField(label=_("Desk"))
    first_on = forms.DateField(label=_("From"), widget=DateInput)
    last_on = forms.DateField(label=_("To"), widget=DateInput)
    policy = VersionField(Policy.objects.none(), label=_("Under version"), empty_label=None)

    def __init__(self, *args: Any, branch: Branch, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if draft:
            del self.fields["policy"]
        self.fields["desk"].choices = list(played_desks(branch).items())  # type: ignore[attr-defined]
        if not draft:
            versions = Policy.objects.filter(branch=branch).order_by("-version")
            self.fields["policy"].queryset = versions  # type: ignore[attr-defined]

    @staticmethod
    def usual(branch: Branch) -> dict[str, Any]:
        """Return what stands in the form to begin with: the front desk's last thirty days."""
        today = branch.today(timezone.now())
        return {"desk": FRONT, "first_on": today - timedelta(days=30), "last_on": today - timedelta(days=1)}
