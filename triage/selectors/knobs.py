"""The knobs of a policy as a reader meets them: name, value and one plain sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from triage.engine.policy import PRESETS
from triage.engine.policy import Policy as Rules
from triage.selectors.words import cause_words

PRESET_NAMES: Mapping[str, Promise] = {
    "standard": gettext_lazy("Standard"),
    "even": gettext_lazy("Even"),
    "strict": gettext_lazy("Strict"),
    "performance": gettext_lazy("Performance"),
    "teams": gettext_lazy("Teams"),
}

# Key → its name, and what each value means; a number or list is put into the one sentence.
_SENTENCES: Mapping[str, tuple[Promise, Mapping[object, Promise]]] = {
    "typing": (
        gettext_lazy("Visit types"),
        {
            "standing": gettext_lazy("Return visits and repurchases are told apart by what the visitor bought."),
            "simple": gettext_lazy("Whoever is found in the records is a return visit, everybody else a first visit."),
        },
    ),
    "minor_until": (gettext_lazy("Minors"), {"": gettext_lazy("Visitors up to %(value)s years come with a guardian.")}),
    "elder_from": (
        gettext_lazy("Elders"),
        {"": gettext_lazy("Visitors from %(value)s years on are counted as elders.")},
    ),
    "group": (
        gettext_lazy("Groups"),
        {
            "lead": gettext_lazy("In a group only the one who leads it is triaged; the others are companions."),
            "each": gettext_lazy("Every member of a group is triaged on her own."),
        },
    ),
    "other_in_rotation": (
        gettext_lazy("Other visits"),
        {
            True: gettext_lazy("Companions and other visits take turns of the first-visit rotation."),
            False: gettext_lazy("Companions and visits for paid treatment need no consultant."),
        },
    ),
    "busy_wait_minutes": (
        gettext_lazy("Waiting for a busy consultant"),
        {"": gettext_lazy("A visit waits for a busy consultant when she is free within %(value)s minutes.")},
    ),
    "max_wait_minutes": (
        gettext_lazy("Longest wait"),
        {"": gettext_lazy("After %(value)s minutes a waiting first visit may be exchanged to the next in turn.")},
    ),
    "left_early_minutes": (
        gettext_lazy("Leaving early"),
        {"": gettext_lazy("Who leaves within %(value)s minutes of allocation without entering gives the turn back.")},
    ),
    "make_up": (
        gettext_lazy("Make-up turns"),
        {
            "": gettext_lazy("A consultant who is passed over is owed a turn when the cause is: %(value)s."),
            (): gettext_lazy("Who is passed over is never owed a turn."),
        },
    ),
    "designation": (
        gettext_lazy("Designation"),
        {
            "free": gettext_lazy("A consultant whom the visitor asks for uses no turn."),
            "counted": gettext_lazy("A consultant whom the visitor asks for uses a turn."),
        },
    ),
    "staff_introduction": (
        gettext_lazy("Introduced by staff"),
        {
            "ignored": gettext_lazy("A colleague who brings a visitor cannot choose the consultant."),
            "designation": gettext_lazy("A colleague who brings a visitor may choose the consultant."),
        },
    ),
    "return_to": (
        gettext_lazy("Return visits"),
        {
            "owner": gettext_lazy("Return visits go to their owner."),
            "named": gettext_lazy("Return visits go to their owner only when the visitor asks for her."),
        },
    ),
    "owner_absent": (
        gettext_lazy("Owner absent"),
        {
            "ask": gettext_lazy("An absent owner names who stands in; out of reach, the supervisor does."),
            "rotate": gettext_lazy("For an absent owner the next in turn stands in."),
        },
    ),
    "decline": (
        gettext_lazy("Declining"),
        {
            "suspend": gettext_lazy("Who declines loses the turn and is out of the rotation for the day."),
            "forbidden": gettext_lazy("Consultants may not decline a visit."),
        },
    ),
    "hide_project": (
        gettext_lazy("Project before accepting"),
        {
            True: gettext_lazy("A consultant learns the project only after accepting."),
            False: gettext_lazy("A consultant sees the project at once."),
        },
    ),
    "not_offered_returns": (
        gettext_lazy("Project not offered"),
        {
            True: gettext_lazy("A visit for a project not offered here gives the turn back."),
            False: gettext_lazy("A visit for a project not offered here keeps its turn."),
        },
    ),
    "cannot_do_returns": (
        gettext_lazy("Cannot be done"),
        {
            True: gettext_lazy("A visit for something that cannot be done here gives the turn back."),
            False: gettext_lazy("A visit for something that cannot be done here keeps its turn."),
        },
    ),
    "change_credit": (
        gettext_lazy("Change of consultant"),
        {
            "new": gettext_lazy("After a change of consultant new deals belong to the new one."),
            "first": gettext_lazy("After a change of consultant new deals stay with the first one."),
        },
    ),
    "claims": (
        gettext_lazy("Claims of agents"),
        {
            "earliest": gettext_lazy("Of two agents who claim a visitor the earlier record counts."),
            "follow_up": gettext_lazy("Of two agents who claim a visitor the one who followed up counts."),
        },
    ),
    "senior_phone": (
        gettext_lazy("Phone consultants"),
        {
            True: gettext_lazy("After the longest wait the visitor's own phone consultant may receive."),
            False: gettext_lazy("Phone consultants do not receive visitors."),
        },
    ),
    "opening": (
        gettext_lazy("Opening the day"),
        {
            "check_in": gettext_lazy("The order of the board is the order in which consultants check in."),
            "roster": gettext_lazy("The order of the board is that of the roster."),
            "continue": gettext_lazy("The board goes on where the day before ended."),
        },
    ),
    "carry_owed": (
        gettext_lazy("Owed turns overnight"),
        {
            True: gettext_lazy("Owed turns are kept for the next day."),
            False: gettext_lazy("Owed turns end when the day is closed."),
        },
    ),
    "turn_size": (gettext_lazy("Size of a turn"), {}),
    "priority": (
        gettext_lazy("Priority projects"),
        {
            "": gettext_lazy("These projects go to the first free consultant on their list: %(value)s."),
            (): gettext_lazy("No project has a list of preferred consultants."),
        },
    ),
    "out_needs_supervisor": (
        gettext_lazy("Going out"),
        {
            True: gettext_lazy("The supervisor confirms when a consultant goes out."),
            False: gettext_lazy("Consultants go out by telling the desk."),
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Knob:
    """One rule of the policy in force; `differs` from what the standard policy says."""

    key: str
    name: str
    sentence: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that two policies see differently: its name, and what each of them says."""

    key: str
    name: str
    before: str
    after: str


def changes_between(before: Rules, after: Rules, words: Mapping[str, str] | None = None) -> list[Change]:
    """Return what differs between two policies, in the rulebook's order. `words` names projects and consultants."""
    return [
        Change(
            key, str(name), sentence_of(key, getattr(before, key), words), sentence_of(key, getattr(after, key), words)
        )
        for key, (name, _meanings) in _SENTENCES.items()
        if getattr(before, key) != getattr(after, key)
    ]


def name_of(key: str) -> Promise:
    """Return what a knob is called."""
    return _SENTENCES[key][0]


def knobs_of(rules: Rules, words: Mapping[str, str] | None = None) -> list[Knob]:
    """Return every knob of a policy, in the rulebook's order. `words` names projects and consultants."""
    standard = Rules(**PRESETS["standard"])  # type: ignore[arg-type]
    return [
        Knob(
            key, str(name), sentence_of(key, getattr(rules, key), words), getattr(rules, key) != getattr(standard, key)
        )
        for key, (name, _meanings) in _SENTENCES.items()
    ]


def sentence_of(key: str, value: object, words: Mapping[str, str] | None = None) -> str:
    """Return what a value of a knob means, in a sentence. `words` names projects and consultants."""
    said = words or {}
    meanings = _SENTENCES[key][1]
    if key == "make_up" and isinstance(value, tuple):
        return _filled(meanings, [cause_words(str(cause)) for cause in value])
    if key == "priority" and isinstance(value, Mapping):
        return _filled(meanings, [_listed(str(project), names, said) for project, names in value.items()])
    if key == "turn_size" and isinstance(value, int):
        return ngettext("A turn is %(value)s visitor long.", "A turn is %(value)s visitors long.", value) % {
            "value": value
        }
    return str(meanings[value]) if value in meanings else str(meanings[""]) % {"value": value}


def _listed(project: str, names: Iterable[str], said: Mapping[str, str]) -> str:
    """A project with its consultants in their order."""
    order = " → ".join(said.get(name, name) for name in names)
    return f"{said.get(project, project)} ({order})" if order else said.get(project, project)


def _filled(meanings: Mapping[object, Promise], words: Iterable[str]) -> str:
    listed = _(", ").join(words)
    return str(meanings[""]) % {"value": listed} if listed else str(meanings[()])
