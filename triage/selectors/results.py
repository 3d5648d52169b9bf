"""Rehearsals as their pages show them."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Branch, Department
from reception.masking import masked_name
from reception.models import Visit
from triage.engine.facts import Turn
from triage.engine.policy import policy_from_json
from triage.models import Rehearsal
from triage.selectors.boards import FRONT, names_of, played_desks
from triage.selectors.knobs import PRESET_NAMES, changes_between
from triage.selectors.words import turn_words

Context = dict[str, Any]
_SKIPPED = 50
# What people do with a visit, as the rehearsal calls it.
_DONE = {
    "arrive": gettext_lazy("was given out again"),
    "enter": gettext_lazy("went into the room"),
    "finish": gettext_lazy("consultation over"),
    "decline": gettext_lazy("was declined"),
    "leave": gettext_lazy("left"),
    "correct": gettext_lazy("was corrected"),
    "name": gettext_lazy("somebody was named"),
}


def rehearsals_of(branch: Branch) -> QuerySet[Rehearsal]:
    """Return the rehearsals of a branch, newest first."""
    return Rehearsal.objects.filter(branch=branch).select_related("policy", "made_by", "branch")


def rehearsal_rows(branch: Branch, page: Page[Rehearsal]) -> list[tuple[Rehearsal, str]]:
    """Return the rehearsals of a page, each with the name of its desk."""
    names = played_desks(branch)
    return [(one, names.get(one.desk, one.desk)) for one in page.object_list]


def result_of(rehearsal: Rehearsal, page: Page[dict[str, Any]]) -> Context:
    """A result: who received how much then and now, the chart of it, and a page of the decisions that differ."""
    result = rehearsal.result
    named = set(result["seats"])
    for row in page.object_list:
        named |= {side["consultant"] for side in (row["then"], row["now"]) if side and side["consultant"]}
    names = names_of(named)
    skipped = [one for one in result["skipped"] if one["what"] in _DONE][:_SKIPPED]
    numbers = [int(row["visit"]) for row in (*page.object_list, *skipped) if row["visit"]]
    visits = Visit.objects.select_related("visitor").in_bulk(numbers)
    seats = [{"name": names.get(seat, seat), **sides} for seat, sides in result["seats"].items()]
    department = None
    if rehearsal.desk != FRONT:
        department = Department.objects.filter(branch=rehearsal.branch_id, code=rehearsal.desk).first()
    rules = policy_from_json({"preset": rehearsal.preset, **rehearsal.settings})
    return {
        "rehearsal": rehearsal,
        "department": department,
        "preset": PRESET_NAMES[rehearsal.preset],
        "against_standard": changes_between(policy_from_json("standard"), rules, names),
        "seats": seats,
        "days": result["days"],
        "result": result,
        "differing": len(result["differences"]),
        "page": page,
        "rows": [_row(row, names, visits) for row in page.object_list],
        "skipped": [_skipped(one, visits) for one in skipped],
        "left_out": sum(one["what"] in _DONE for one in result["skipped"]),
        "charts": {
            "turns": _chart(seats, "turns", _("Turns")),
            "receptions": _chart(seats, "receptions", _("Receptions")),
        },
    }


def _chart(seats: list[dict[str, Any]], key: str, name: str) -> Context:
    sides = {"then": _("As it was"), "now": _("As it would have been")}
    return {
        "labels": [seat["name"] for seat in seats],
        "across": True,
        "title": name,
        "series": [
            {"name": words, "type": "bar", "values": [seat[side][key] for seat in seats]}
            for side, words in sides.items()
        ],
    }


def _row(row: dict[str, Any], names: dict[str, str], visits: dict[int, Visit]) -> Context:
    visit = visits.get(int(row["visit"]))
    return {
        "at": datetime.fromisoformat(row["at"]),
        "visit": visit,
        "visitor": masked_name(visit.visitor.name) if visit is not None else "",
        "rule": row["rule"],
        "sides": [_side(row["then"], names), _side(row["now"], names)],
    }


def _skipped(one: dict[str, Any], visits: dict[int, Visit]) -> Context:
    visit = visits.get(int(one["visit"] or 0))
    return {"at": datetime.fromisoformat(one["at"]), "visit": visit, "what": _DONE[one["what"]]}


def _side(side: dict[str, Any] | None, names: dict[str, str]) -> Context | None:
    if side is None:
        return None
    consultant = side["consultant"]
    nobody = {"ask_owner": _("the owner is asked"), "escalate": _("the supervisor is asked")}
    outcome = side["outcome"] or ""
    return {
        "who": names.get(consultant, consultant) if consultant else nobody.get(outcome, _("nobody")),
        "rule": side["rule"],
        "type": Visit.VisitType(side["type"]).label,
        "type_rule": side["type_rule"],
        "turn": turn_words(Turn(side["turn"])) if side["turn"] else "",
        "waits": outcome == "wait",
    }
