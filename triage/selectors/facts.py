"""The facts a decision is made from, read in three queries whatever the size of the board."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform

from clinic.roles import Role
from reception.models import Visit, Visitor, VisitProject
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


@dataclass(frozen=True, slots=True)
class Said:
    """What the desk says to a proposal: another type, or that the visitor will not wait for whom she asked for."""

    changed_type: ChangedType | None = None
    refuses_wait: bool = False


NOTHING_SAID = Said()


class Duty(NamedTuple):
    """A member of staff as far as the rules look: where she works, until when, and what she may receive."""

    pk: int
    name: str
    branch_id: int
    department_id: int | None
    active_from: date
    active_until: date | None
    successor_id: int | None
    stand_in_id: int | None
    sister_id: int | None
    is_consultant: bool
    is_agent: bool
    scope: list[str]
    excluded: list[str]
    dedicated: list[str]

    def facts_for(self, board: Board, team: bool = False) -> facts.Consultant:
        """Return her as the engine knows her on a board's day; `team`: she sits in one of its teams."""
        return facts.Consultant(
            id=str(self.pk),
            scope=tuple(self.scope) or None,
            excluded=tuple(self.excluded),
            employment=self._employment(board, team),
            successor=str(self.successor_id) if self.successor_id is not None else None,
            stand_in=str(self.stand_in_id) if self.stand_in_id is not None else None,
            dedicated=tuple(self.dedicated),
            phone=self.is_agent and not self.is_consultant,
            sister=str(self.sister_id) if team and self.sister_id is not None else None,
        )

    def _employment(self, board: Board, team: bool) -> facts.Employment:
        """Left, or moved: to another branch, another department, or out of consulting."""
        if board.day < self.active_from or (self.active_until is not None and self.active_until < board.day):
            return facts.Employment.LEFT
        here = self.is_consultant if board.department_id is None else self.department_id == board.department_id
        here = here or team
        return facts.Employment.HERE if here and self.branch_id == board.branch_id else facts.Employment.MOVED


def facts_of(
    *,
    visit: Visit,
    board: Board,
    state: facts.Board,
    now: datetime,
    said: Said = NOTHING_SAID,
    also: frozenset[int] = frozenset(),
) -> Known:
    """Read what the rules need to know of a visit, its visitor and everybody who might receive it.

    `state` is the folded board; `also`: further staff somebody names. Raises Visit.DoesNotExist.
    """
    declined = LedgerEntry.objects.filter(visit=OuterRef("pk"), kind="declined").order_by("pk")
    enquired = Visit.objects.filter(
        friend=OuterRef("visitor"), other_reason=Visit.OtherReason.FOR_FRIEND, entered_at__isnull=False
    ).order_by("-pk")
    fresh = (
        Visit.objects.select_related("visitor", "referrer", "group_lead")
        .annotate(
            declined_by=ArraySubquery(declined.values(seat=KeyTextTransform("seat", "body"))),
            answered_by=Subquery(enquired.values("consultant")[:1]),
        )
        .get(pk=visit.pk)
    )
    wishes = list(
        VisitProject.objects.filter(visit=visit)
        .order_by("position")
        .values_list("project__code", "project__rank", "project__offered")
    )
    staff = duties({int(seat.consultant) for seat in (*state.seats, *state.guests)} | _named(fresh) | also)
    situation = Situation(
        now=now,
        arrival=arrival_of(fresh, tuple(code for code, _rank, _offered in wishes), said),
        person=person_of(fresh.visitor),
        board=state,
        consultants={str(one.pk): one.facts_for(board, state.team_of(str(one.pk)) is not None) for one in staff},
        policy=rules_of(board.policy),
        ranks={code: rank for code, rank, offered in wishes if offered},
    )
    return Known(situation, fresh, {str(one.pk): one.name for one in staff})


def arrival_of(visit: Visit, projects: tuple[str, ...], said: Said) -> facts.Arrival:
    """Return a visit as the rules know it; annotated with `declined_by` and `answered_by`, its joins loaded."""
    wants = visit.group_wants_id or (visit.group_lead.group_wants_id if visit.group_lead else None)
    referral = None
    if visit.referral_by:
        referrer = person_of(visit.referrer) if visit.referrer else None
        referral = facts.Referral(facts.ReferralBy(visit.referral_by), referrer)
    designation = None
    if visit.designated_id is not None:
        turn = facts.Turn(visit.designated_turn or facts.Turn.FREE)
        by = facts.DesignatedBy(visit.designated_by)
        designation = facts.Designation(str(visit.designated_id), by, turn, refuses_wait=said.refuses_wait)
    changed_type = said.changed_type
    return facts.Arrival(
        visit=str(visit.pk),
        projects=projects,
        purpose=facts.Purpose(visit.purpose),
        declined_by=tuple(visit.declined_by),  # type: ignore[attr-defined]
        stated_type=changed_type.visit_type if changed_type else None,
        stated_reason=changed_type.reason if changed_type else "",
        designation=designation,
        referral=referral,
        other=facts.OtherReason(visit.other_reason) if visit.other_reason else None,
        pre_reported=visit.announced_by_id is not None,
        emergency=visit.emergency,
        agent=_text(visit.announced_by_id),
        group=facts.GroupPart.COMPANION if visit.group_lead_id is not None else None,
        wants=_text(wants),
        claims_history=visit.claims_history,
        answered_by=_text(visit.answered_by),  # type: ignore[attr-defined]
        age=visit.visitor.age_on(visit.day),
        guardian=not visit.without_guardian,
        after_review=visit.after_review,
    )


def person_of(visitor: Visitor) -> facts.Person:
    """Return what the records say of a visitor as the rules know her."""
    return facts.Person(
        id=str(visitor.pk),
        standing=facts.Standing(visitor.standing),
        owner=_text(visitor.owner_id),
        received_by=tuple(str(pk) for pk in visitor.consulted_by),
    )


def _named(visit: Visit) -> set[int]:
    """Return everybody the rules may look at because of this visit, beside those with a seat."""
    lead, referrer = visit.group_lead, visit.referrer
    found = (
        visit.visitor.owner_id,
        visit.owner_id,
        visit.designated_id,
        visit.announced_by_id,
        visit.group_wants_id,
        lead.group_wants_id if lead else None,
        referrer.owner_id if referrer else None,
        visit.answered_by,  # type: ignore[attr-defined]
    )
    return {pk for pk in found if pk is not None}


def _text(pk: int | None) -> str | None:
    return str(pk) if pk is not None else None


def duties(wanted: set[int]) -> list[Duty]:
    """Return the staff with these ids, whoever succeeds them and stands in for them: one read, rarely a second."""
    found: dict[int, Duty] = {}
    while missing := _and_theirs(wanted, found.values()) - found.keys():
        for row in _duty_rows(missing):
            found[row.pk] = row
    return list(found.values())


def _and_theirs(wanted: set[int], known: Iterable[Duty]) -> set[int]:
    return wanted | {pk for one in known for pk in (one.successor_id, one.stand_in_id) if pk is not None}


# Written out, because building it anew from the models cost more than running it, in the middle of every allocation.
_DUTIES = """
select staff.id, staff.display_name, staff.branch_id, staff.department_id, staff.active_from, staff.active_until,
       staff.successor_id, staff.stand_in_id,
       (select place.sister_id from triage_teammember as place where place.staff_id = staff.id),
       exists (select from clinic_staff_groups as held join auth_group as role on role.id = held.group_id
               where held.staff_id = staff.id and role.name = %(role)s),
       exists (select from clinic_staff_groups as held join auth_group as role on role.id = held.group_id
               where held.staff_id = staff.id and role.name = %(agent)s),
       array(select project.code from clinic_staff_scope as scope join clinic_project as project
             on project.id = scope.project_id where scope.staff_id = staff.id order by scope.id),
       array(select project.code from clinic_staff_excluded as excluded join clinic_project as project
             on project.id = excluded.project_id where excluded.staff_id = staff.id order by excluded.id),
       array(select project.code from clinic_staff_dedicated as dedicated join clinic_project as project
             on project.id = dedicated.project_id where dedicated.staff_id = staff.id order by dedicated.id)
from clinic_staff as staff
where staff.id = any(%(wanted)s)
   or staff.id in (select successor_id from clinic_staff where id = any(%(wanted)s))
   or staff.id in (select stand_in_id from clinic_staff where id = any(%(wanted)s))
order by staff.id
"""


def _duty_rows(wanted: set[int]) -> list[Duty]:
    with connection.cursor() as cursor:
        roles = {"role": Role.CONSULTANT.value, "agent": Role.PHONE_AGENT.value}
        cursor.execute(_DUTIES, {**roles, "wanted": list(wanted)})
        return [Duty(*row) for row in cursor.fetchall()]
