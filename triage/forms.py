"""What the desk types in, checked once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.asked import number_in
from clinic.forms import DateInput, typed_with
from clinic.models import Branch, Staff
from clinic.problems import Refused
from reception.forms import PersonField
from triage.engine.facts import Fault, SeatChange, VisitType
from triage.engine.policy import CAUSES, CHOICES, POLICY_KEYS, PRESETS, RANGES, PolicyError
from triage.engine.policy import Policy as Rules
from triage.engine.rehearsal.day import CorrectionKind
from triage.models import Board, Policy
from triage.selectors.boards import FRONT, front_roster, seated
from triage.selectors.corrections import ASKS, Correction
from triage.selectors.facts import CHANGEABLE_TYPES, ChangedType
from triage.selectors.knobs import PRESET_NAMES, Change, changes_between, name_of, sentence_of
from triage.selectors.policies import checked, mistakes_by_key, projects_of
from triage.selectors.teams import Place
from triage.selectors.words import cause_words
from triage.services.teams import Seating

if TYPE_CHECKING:
    PolicyChoiceField = forms.ModelChoiceField[Policy]
else:
    PolicyChoiceField = forms.ModelChoiceField


class SeatStateForm(forms.Form):
    """What a consultant says, or the desk sees."""

    consultant = forms.ModelChoiceField(Staff.objects.none())
    state = forms.ChoiceField(choices=[(change.value, change.value) for change in SeatChange])
    free_in = forms.IntegerField(label=_("Free in (minutes)"), min_value=0, max_value=240, required=False)
    until = forms.TimeField(label=_("Out until"), required=False)

    def __init__(self, *args: Any, board: Board, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.board = board
        self.fields["consultant"].queryset = seated(board)  # type: ignore[attr-defined]

    def clean_until(self) -> datetime | None:
        """Return the time on the board's day, in the branch's time zone."""
        time = self.cleaned_data["until"]
        return datetime.combine(self.board.day, time, self.board.branch.zone) if time else None


class ConsultantForm(forms.Form):
    """One consultant out of those offered."""

    consultant = forms.ModelChoiceField(Staff.objects.none(), label=_("Consultant"))

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultant"].queryset = offered  # type: ignore[attr-defined]


class NameForm(ConsultantForm):
    """Who receives a visit, named by hand."""

    by = forms.ChoiceField(choices=[("owner", "owner"), ("supervisor", "supervisor")])
    turn = forms.ChoiceField(
        label=_("Turn"),
        required=False,
        choices=[("", _("as the rule says")), ("counted", _("counted")), ("free", _("no turn used"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class ChangedTypeForm(forms.Form):
    """The desk says that the visit is of another type."""

    visit_type = forms.ChoiceField(label=_("Type"), choices=CHANGEABLE_TYPES)
    type_reason = forms.CharField(label=_("Reason"), max_length=200)

    @property
    def changed_type(self) -> ChangedType:
        """Return the checked values as the services take them."""
        return ChangedType(VisitType(self.cleaned_data["visit_type"]), self.cleaned_data["type_reason"])


class CorrectionForm(forms.Form):
    """What is to be corrected, and what the correction needs to be told."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in ASKS])
    consultant = forms.ModelChoiceField(Staff.objects.none(), label=_("Consultant"), required=False)
    referrer = PersonField(label=_("Brought by"), required=False)
    referrer_text = forms.CharField(max_length=60, required=False)
    fault = forms.ChoiceField(
        label=_("Whose fault"),
        required=False,
        choices=[("", _("nobody's")), ("receiver", _("the receiver steered it")), ("visitor", _("the visitor hid it"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, consultants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultant"].queryset = consultants  # type: ignore[attr-defined]

    @property
    def correction(self) -> Correction:
        """Return the checked values as the services take them."""
        data = self.cleaned_data
        return Correction(
            kind=CorrectionKind(data["kind"]),
            consultant=data["consultant"],
            referrer=data["referrer"],
            fault=Fault(data["fault"]) if data["fault"] else None,
            reason=data["reason"].strip(),
        )


HERE, LATER, OFF = "here", "later", "off"


class OpenBoardForm(forms.Form):
    """Who of the roster is here when the day is opened, in which order they came, and who has the day off.

    `seat`, `presence` and `place` are sent once for each of them; equal places keep the order they are sent in. Of whom
    nothing is said, the rules say it.
    """

    def __init__(self, *args: Any, roster: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roster = {one.pk: one for one in roster}

    def clean(self) -> dict[str, Any]:
        """Read presence and place of everybody; raise ValidationError for one who is not expected here."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sent = self.data
        told = [(number_in(seat), *rest) for seat, *rest in zip(
            sent.getlist("seat"), sent.getlist("presence"), sent.getlist("place"), strict=False  # type: ignore[attr-defined]
        )]  # fmt: skip
        if any(pk not in self.roster or presence not in (HERE, LATER, OFF) for pk, presence, _place in told):
            raise forms.ValidationError(_("The roster has changed meanwhile."))
        told.sort(key=lambda one: number_in(one[2]) or len(told) + 1)
        data["told"] = [(self.roster[pk], presence) for pk, presence, _place in told]
        return data

    @property
    def present(self) -> list[Staff] | None:
        """Return who is here, in the order they came; None when nothing was said."""
        told = self.cleaned_data["told"]
        return [one for one, presence in told if presence == HERE] if told else None

    @property
    def off(self) -> list[Staff]:
        """Return who has the day off."""
        return [one for one, presence in self.cleaned_data["told"] if presence == OFF]


class TeamsForm(forms.Form):
    """Everybody who may be in a team of a desk: the number of her team (empty: none), her place in it, her sister."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        self.people = {place.staff.pk: place.staff for place in places}
        for place in places:
            self.fields |= {
                f"team_{place.staff.pk}": _small_number(_("Team"), place.team),
                f"position_{place.staff.pk}": _small_number(_("Place in the team"), place.position),
                f"sister_{place.staff.pk}": forms.TypedChoiceField(
                    label=_("While off"),
                    required=False,
                    coerce=int,
                    empty_value=None,
                    initial=place.sister_id or "",
                    choices=[
                        ("", "–"),
                        *((pk, one.display_name) for pk, one in self.people.items() if one != place.staff),
                    ],
                ),
            }

    @property
    def rows(self) -> list[tuple[Place, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return a line for each person: her place as it is, and her three fields."""
        return [
            (one, self[f"team_{one.staff.pk}"], self[f"position_{one.staff.pk}"], self[f"sister_{one.staff.pk}"])
            for one in self.places
        ]

    @property
    def seatings(self) -> list[Seating]:
        """Return the checked places of those who are in a team."""
        data = self.cleaned_data
        return [
            Seating(one, data[f"team_{pk}"], data[f"position_{pk}"] or 1, self.people.get(data[f"sister_{pk}"]))
            for pk, one in self.people.items()
            if data[f"team_{pk}"]
        ]


def _small_number(label: Any, initial: int | None) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=99, required=False, initial=initial)


class OrderForm(forms.Form):
    """The seats of a board, each with its new place; equal places keep the order they are sent in."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def clean(self) -> dict[str, Any]:
        """Read a place for every seat; raise ValidationError when one is no number."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seats, places = self.data.getlist("seat"), self.data.getlist("place")  # type: ignore[attr-defined]
        numbers = [(number_in(seat), number_in(place)) for seat, place in zip(seats, places, strict=False)]
        if not numbers or len(seats) != len(places) or any(None in pair for pair in numbers):
            raise forms.ValidationError(_("Give each seat a place."))
        data["numbers"] = numbers
        return data

    @property
    def order(self) -> list[int]:
        """Return the staff ids in their new order."""
        return [seat for seat, _place in sorted(self.cleaned_data["numbers"], key=lambda pair: pair[1])]


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


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
        keys = [key for key in POLICY_KEYS if key != "priority"]
        data["settings"] = {key: _plain(data[key]) for key in keys if key in data}
        data["settings"]["priority"] = self._priority(data)
        day = data.get("starts_on") or self.branch.today(timezone.now())
        if self.errors:
            return data
        try:
            self.rules = checked(self.branch, data["preset"], data["settings"], day)
        except PolicyError as error:
            for key, sentences in mistakes_by_key(error).items():
                for sentence in sentences:
                    self.add_error(self._place(key), sentence)
        return data

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
        desks = Board.objects.filter(branch=branch).exclude(desk=FRONT).values_list("desk", "department__name")
        named = dict(desks.order_by("desk").distinct())
        self.fields["desk"].choices = [(FRONT, _("Front desk")), *named.items()]  # type: ignore[attr-defined]
        if not draft:
            versions = Policy.objects.filter(branch=branch).order_by("-version")
            self.fields["policy"].queryset = versions  # type: ignore[attr-defined]

    @staticmethod
    def usual(branch: Branch) -> dict[str, Any]:
        """Return what stands in the form to begin with: the front desk's last month."""
        today = branch.today(timezone.now())
        last = today.replace(day=1) - timedelta(days=1)
        return {"desk": FRONT, "first_on": last.replace(day=1), "last_on": last}
