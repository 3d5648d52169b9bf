"""Amendments of closed days, as those who decide about them see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Department, Staff
from clinic.roles import Capability
from clinic.words import reads_chinese
from reception.models import Amendment, Visit
from reception.models.days import AmendmentQuerySet

# The times of a visit that people can tell; when somebody pressed a button in between, only the clock knows.
TIMES: Mapping[str, Promise] = {
    "arrived_at": _("Time of arrival"),
    "entered_at": _("Time in the room"),
    "finished_at": _("Time it was over"),
    "left_at": _("Time of leaving"),
}
# What of an entry an amendment may change, by column; for another `visitor` it becomes void and is entered again.
AMENDABLE: Mapping[str, Promise] = {
    "visitor": _("Visitor"),
    **TIMES,
    "visit_type": _("Type"),
    "purpose": _("Purpose"),
    "projects": _("Projects"),
    "consultant_id": _("Consultant"),
    "note": _("Note"),
    "state": _("State"),
    "void_reason": _("Why void"),
}


def amendments_seen_by(staff: Staff) -> AmendmentQuerySet:
    """Return the amendments of her branch this person may read.

    All for readers of the register; otherwise those of departments she heads, and her own.
    """
    found = Amendment.objects.filter(branch=staff.branch_id).select_related(
        "branch", "visit__visitor", "department__head", "author", "supervisor", "head", "refused_by", "entered"
    )
    if staff.may(Capability.VIEW_REGISTER):
        return found
    return found.filter(Q(department__head=staff) | Q(author=staff) | Q(head=staff))


def waiting_amendments(staff: Staff) -> QuerySet[Amendment]:
    """Return the amendments that wait for this person's approval: as supervisor, or as head of their department."""
    return amendments_seen_by(staff).waiting_for(staff)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field an amendment changes, in words."""

    label: str
    before: str
    after: str


def changes_of(amendment: Amendment) -> list[FieldChange]:
    """Return what an amendment changes, field by field."""
    return [
        FieldChange(
            str(label),
            _words(field, amendment.before.get(field), amendment),
            _words(field, amendment.after[field], amendment),
        )
        for field, label in AMENDABLE.items()
        if field in amendment.after
    ]


def _words(field: str, value: Any, amendment: Amendment) -> str:
    words: Mapping[str, Any] = amendment.words
    if value in (None, "", []):
        return ""
    if field == "visitor":
        return str(words.get("visitors", {}).get(str(value), value))
    if field in TIMES:
        local = datetime.fromisoformat(value).astimezone(amendment.branch.zone)
        return f"{local:%H:%M}" if local.date() == amendment.day else f"{local:%m-%d %H:%M}"
    if field == "consultant_id":
        return str(words.get("people", {}).get(str(value), value))
    if field == "projects":
        named = words.get("projects", {})
        return _(", ").join(str(named.get(str(one), [one, one])[0 if reads_chinese() else 1]) for one in value)
    choices: Mapping[str, Any] = {
        "visit_type": dict(Visit.VisitType.choices),
        "purpose": dict(Visit.Purpose.choices),
        "state": dict(Visit.State.choices),
    }.get(field, {})
    return str(choices.get(value, value))


def departments_to_ask(staff: Staff) -> QuerySet[Department]:
    """Return the departments of her branch that have a head whom an amendment can be put to."""
    return Department.objects.filter(branch=staff.branch_id, head__isnull=False).select_related("head")
