"""The facts a decision is made from, read in three queries whatever the size of the board."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef
from django.db.models.fields.json import KeyTextTransform

from clinic.roles import Role
from reception.models import Visit, VisitProject
from triage.engine import facts
from triage.engine.decision import Situation
from triage.models import Board, LedgerEntry
from triage.selectors.policies import rules_of


@dataclass(frozen=True, slots=True)
class Known:
    """A situation; the visit as it is now; and the names of everybody in it today (staff id → name)."""

    situation: Situation
    visit: Visit
    names: dict[str, str]


# What the desk may change a proposed type to; an `other` visit needs one of the reasons of its closed list.
CHANGEABLE_TYPES = [
    (kind.value, kind.label)
    for kind in (
        Visit.VisitType.FIRST,
        Visit.VisitType.RETURN,
        Visit.VisitType.REPURCHASE,
        Visit.VisitType.REVIEW,
    )
]


@dataclass(frozen=True, slots=True)
class ChangedType:
    """The desk says that the visit is of another type than the records do, and why."""

    visit_type: facts.VisitType
    reason: str


class Duty(NamedTuple):
    """A member of staff as far as the rules look: where she works, until when, and what she may receive."""

    pk: int
    name: str
    branch_id: int
    department_id: int | None
    active_from: date
    active_until: date | None
    successor_id: int | None
    is_consultant: bool
    scope: list[str]
    excluded: list[str]

    def facts_for(self, board: Board) -> facts.Consultant:
        """Return her as the engine knows her on a board's day."""
        return facts.Consultant(
            id=str(self.pk),
            scope=tuple(self.scope) or None,
            excluded=tuple(self.excluded),
            employment=self._employment(board),
            successor=str(self.successor_id) if self.successor_id is not None else None,
        )

    def _employment(self, board: Board) -> facts.Employment:
        """Left, or moved: to another branch, another department, or out of consulting."""
        if board.day < self.active_from or (self.active_until is not None and self.active_until < board.day):
            return facts.Employment.LEFT
        here = self.is_consultant if board.department_id is None else self.department_id == board.department_id
        return facts.Employment.HERE if here and self.branch_id == board.branch_id else facts.Employment.MOVED


def facts_of(
    *, visit: Visit, board: Board, state: facts.Board, now: datetime, changed_type: ChangedType | None = None
) -> Known:
    """Read what the rules need to know of a visit, its visitor and everybody who might receive it.

    `state` is the folded board. Raises Visit.DoesNotExist.
    """
    declined = LedgerEntry.objects.filter(visit=OuterRef("pk"), kind="declined").order_by("pk")
    fresh = (
        Visit.objects.select_related("visitor")
        .annotate(declined_by=ArraySubquery(declined.values(seat=KeyTextTransform("seat", "body"))))
        .get(pk=visit.pk)
    )
    wishes = list(
        VisitProject.objects.filter(visit=visit)
        .order_by("position")
        .values_list("project__code", "project__rank", "project__offered")
    )
    owner = fresh.visitor.owner_id
    staff = duties({int(seat.consultant) for seat in state.seats} | ({owner} if owner is not None else set()))
    situation = Situation(
        now=now,
        arrival=facts.Arrival(
            visit=str(visit.pk),
            projects=tuple(code for code, _rank, _offered in wishes),
            purpose=facts.Purpose(fresh.purpose),
            declined_by=tuple(fresh.declined_by),
            stated_type=changed_type.visit_type if changed_type else None,
            stated_reason=changed_type.reason if changed_type else "",
        ),
        person=facts.Person(
            id=str(fresh.visitor_id),
            standing=facts.Standing(fresh.visitor.standing),
            owner=str(owner) if owner is not None else None,
            received_by=tuple(str(pk) for pk in fresh.visitor.consulted_by),
        ),
        board=state,
        consultants={str(one.pk): one.facts_for(board) for one in staff},
        policy=rules_of(board.policy),
        ranks={code: rank for code, rank, offered in wishes if offered},
    )
    return Known(situation, fresh, {str(one.pk): one.name for one in staff})


def duties(wanted: set[int]) -> list[Duty]:
    """Return the staff with these ids and whoever succeeds them: one read, more only when successors have left too."""
    found: dict[int, Duty] = {}
    while missing := (wanted | {one.successor_id for one in found.values() if one.successor_id}) - found.keys():
        for row in _duty_rows(missing):
            found[row.pk] = row
    return list(found.values())


# Written out, because building it anew from the models cost more than running it, in the middle of every allocation.
_DUTIES = """
select staff.id, staff.display_name, staff.branch_id, staff.department_id, staff.active_from, staff.active_until,
       staff.successor_id,
       exists (select from clinic_staff_groups as held join auth_group as role on role.id = held.group_id
               where held.staff_id = staff.id and role.name = %(role)s),
       array(select project.code from clinic_staff_scope as scope join clinic_project as project
             on project.id = scope.project_id where scope.staff_id = staff.id order by scope.id),
       array(select project.code from clinic_staff_excluded as excluded join clinic_project as project
             on project.id = excluded.project_id where excluded.staff_id = staff.id order by excluded.id)
from clinic_staff as staff
where staff.id = any(%(wanted)s)
   or staff.id in (select successor_id from clinic_staff where id = any(%(wanted)s))
order by staff.id
"""


def _duty_rows(wanted: set[int]) -> list[Duty]:
    with connection.cursor() as cursor:
        cursor.execute(_DUTIES, {"role": Role.CONSULTANT.value, "wanted": list(wanted)})
        return [Duty(*row) for row in cursor.fetchall()]
