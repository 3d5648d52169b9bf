"""Which rules a branch runs by, which it will, and what is wrong with those somebody drafts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from clinic.models import Branch, Project
from triage.engine.policy import PRESETS, Fault, Mistake, PolicyError, policy_from_json
from triage.engine.policy import Policy as Rules
from triage.models import Board, Policy
from triage.selectors.boards import FRONT, front_roster
from triage.selectors.knobs import Change, changes_between
from triage.selectors.words import cause_words


def policy_of_day(branch: Branch, day: date) -> Policy | None:
    """Return the policy version a board opened on that day runs by; None when the branch has none yet."""
    return Policy.objects.filter(branch=branch, starts_on__lte=day).order_by("-starts_on", "-version").first()


def rules_of(policy: Policy) -> Rules:
    """Return the knobs of a policy version; raises PolicyError when its settings are not valid."""
    return _rules(policy.preset, json.dumps(policy.settings, sort_keys=True))


@lru_cache(maxsize=64)
def _rules(preset: str, settings: str) -> Rules:
    return policy_from_json({"preset": preset, **json.loads(settings)})


def earliest_start(branch: Branch, now: datetime) -> date:
    """Return the first day a new policy may start: today until the front desk's board is open, then tomorrow."""
    today = branch.today(now)
    is_open = Board.objects.filter(branch=branch, desk=FRONT, day=today).exists()
    return today + timedelta(days=1) if is_open else today


def projects_of(branch: Branch) -> list[Project]:
    """Return the projects a branch's policy may name, most major first."""
    return list(Project.objects.filter(department__branch=branch).order_by("rank", "code"))


def words_for(branch: Branch, day: date) -> dict[str, str]:
    """Return the names of the projects (by code) and consultants (by id) a branch's policy may name."""
    projects = {project.code: str(project) for project in projects_of(branch)}
    return projects | {str(pk): name for pk, name in front_roster(branch, day).values_list("pk", "display_name")}


def checked(branch: Branch, preset: str, settings: Mapping[str, Any], day: date) -> Rules:
    """Return the rules of a draft that is to start on a day; raises PolicyError with everything that is wrong."""
    projects = Project.objects.filter(department__branch=branch).values_list("code", flat=True)
    consultants = [str(pk) for pk in front_roster(branch, day).values_list("pk", flat=True)]
    if "preset" in settings:
        raise PolicyError((Mistake("preset", Fault.UNKNOWN_KEY, "preset"),))
    return policy_from_json({"preset": preset, **settings}, projects=list(projects), consultants=consultants)


def mistakes_by_key(error: PolicyError, words: Mapping[str, str]) -> dict[str, list[str]]:
    """Return a sentence for every mistake, by the key it was made at; `words` as `words_for` returns them."""
    found: dict[str, list[str]] = {}
    for mistake in error.mistakes:
        found.setdefault(mistake.place.partition(".")[0], []).append(_sentence(mistake, words))
    return found


def _sentence(mistake: Mistake, words: Mapping[str, str]) -> str:
    given = mistake.given.strip("'")
    said = {"given": words.get(given, given), "allowed": _(", ").join(mistake.allowed)}
    sentences = {
        Fault.UNKNOWN_PRESET: _("There is no preset “%(given)s”. There are: %(allowed)s."),
        Fault.UNKNOWN_KEY: _("No rule is called “%(given)s”."),
        Fault.NOT_A_CHOICE: _("“%(given)s” is none of: %(allowed)s."),
        Fault.NOT_A_SWITCH: _("“%(given)s” is neither yes nor no."),
        Fault.NOT_A_NUMBER: _("“%(given)s” is not a whole number from %(allowed)s."),
        Fault.OUT_OF_RANGE: _("“%(given)s” is not a whole number from %(allowed)s."),
        Fault.NOT_A_LIST: _("“%(given)s” is not a list."),
        Fault.NOT_A_MAPPING: _("“%(given)s” does not say which project goes to whom."),
        Fault.NAMED_TWICE: _("“%(given)s” is named twice."),
        Fault.UNKNOWN_PROJECT: _("This branch has no project “%(given)s”."),
        Fault.UNKNOWN_CONSULTANT: _("This branch has no consultant “%(given)s”."),
        Fault.AGES_OVERLAP: _("Elders begin at %(given)s, and minors reach as far. It has to be %(allowed)s."),
    }
    if mistake.fault is Fault.NOT_A_CHOICE and mistake.place.startswith("make_up"):
        said["allowed"] = _(", ").join(cause_words(cause) for cause in mistake.allowed)
    return sentences.get(mistake.fault, _("This is not a policy.")) % said


def only_differing(rules: Rules) -> dict[str, Any]:
    """Return the settings of a policy that its preset does not say already, as plain JSON."""
    beneath = policy_from_json(rules.preset).to_json()
    return {key: value for key, value in rules.to_json().items() if key != "preset" and beneath[key] != value}


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the list: where it stands, and what it changed. `state` is planned, in_force, replaced or past."""

    policy: Policy
    state: str
    changes: list[Change]
    before: Policy | None


def versions_of(branch: Branch, now: datetime) -> list[Version]:
    """Return every version of a branch's policy, newest first, each with its difference to the one before."""
    policies = list(Policy.objects.filter(branch=branch).select_related("created_by").order_by("version"))
    today, words = branch.today(now), words_for(branch, branch.today(now))
    running = policy_of_day(branch, today)
    found: list[Version] = []
    for place, policy in enumerate(policies):
        earlier = [one for one in policies[:place] if one.starts_on <= policy.starts_on]
        before = max(earlier, key=lambda one: (one.starts_on, one.version), default=None)
        replaced = any(one.starts_on == policy.starts_on for one in policies[place + 1 :])
        state = "in_force" if policy == running else "replaced" if replaced else "past"
        if state == "past" and policy.starts_on > today:
            state = "planned"
        changes = changes_between(rules_of(before), rules_of(policy), words) if before is not None else []
        found.append(Version(policy, state, changes, before))
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new version begins from: the rules running, those to begin with, and where the list of versions stands."""

    running: Rules
    begins: Rules
    version: int
    earliest: date
    planned: Mapping[date, int]

    def planned_on(self, day: date) -> int | None:
        """Return the number of the version that was to begin on a day."""
        return self.planned.get(day)


def draft_of(branch: Branch, preset: str, now: datetime) -> Draft:
    """Return what a draft begins from: a preset if one is named, else the rules running today."""
    versions = list(Policy.objects.filter(branch=branch).order_by("version"))
    today = branch.today(now)
    current = policy_of_day(branch, today)
    running = rules_of(current) if current is not None else policy_from_json("standard")
    return Draft(
        running=running,
        begins=policy_from_json(preset) if preset in PRESETS else running,
        version=versions[-1].version if versions else 0,
        earliest=earliest_start(branch, now),
        planned={one.starts_on: one.version for one in versions},
    )
