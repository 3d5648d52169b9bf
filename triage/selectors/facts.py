"""The facts a decision is made from, read in two queries whatever the size of the board."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from clinic.roles import Role
from clinic.statements import Statement, columns, rows_of, run
from reception.models import PreReportEntry, Standing, Visit, Visitor, known_age
from triage.engine import facts
from triage.engine.credit import PreReport, claimant
from triage.engine.decision import Situation
from triage.engine.policy import Policy as Rules
from triage.models import Board
from triage.selectors.policies import rules_of


@dataclass(frozen=True, slots=True)
class Known:
    """A situation; the visit as it is now; whose visitor she is; the names of everybody in it (staff id → name)."""

    situation: Situation
    visit: Visit
    visitor_owner_id: int | None
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
NEVER_BOUGHT = (Standing.NEW, Standing.NO_DEAL)


class Registered(NamedTuple):
    """A visit as it is, with what the rules look at of its visitor, who brought her, and what her group wants."""

    visit: Visit
    lead_wants_id: int | None
    visitor_id: int
    birth_on: date | None
    birth_year: int | None
    standing: str
    visitor_owner_id: int | None
    consulted_by: list[int]
    referrer_id: int | None
    referrer_standing: str
    referrer_owner_id: int | None
    referrer_consulted_by: list[int]
    declined_by: list[str]
    answered_by_id: int | None
    wishes: list[tuple[str, int, bool]]
    has_phone: bool
    announced: list[tuple[int, str, str | None, str | None]]

    @property
    def reports(self) -> list[PreReport]:
        """Return the pre-reports about her that were there when she came, the earliest first."""
        never_bought = self.standing in NEVER_BOUGHT
        return [
            PreReport(
                by=str(agent),
                on=date.fromisoformat(on),
                follow_up=date.fromisoformat(followed) if followed else None,
                came=date.fromisoformat(came) if came and never_bought else None,
            )
            for agent, on, followed, came in self.announced
        ]

    def agent(self, policy: Rules) -> str | None:
        """Return whose visitor she is among the agents: whom the desk was told of, else who has the claim (O2, O3)."""
        if self.visit.announced_by_id is not None:
            return str(self.visit.announced_by_id)
        return claimant(self.reports, self.visit.day, policy, has_phone=self.has_phone)

    @property
    def person(self) -> facts.Person:
        """Return her record as the rules know it."""
        return _person(self.visitor_id, self.standing, self.visitor_owner_id, self.consulted_by)

    @property
    def referrer(self) -> facts.Person | None:
        """Return the record of the visitor who brought her, as the rules know it."""
        if self.referrer_id is None:
            return None
        return _person(self.referrer_id, self.referrer_standing, self.referrer_owner_id, self.referrer_consulted_by)

    @property
    def wants_id(self) -> int | None:
        """Return whom her group asks for."""
        return self.visit.group_wants_id or self.lead_wants_id

    @property
    def named(self) -> set[int]:
        """Return everybody the rules may look at because of this visit, beside those with a seat."""
        visit = self.visit
        found = (
            self.visitor_owner_id,
            visit.owner_id,
            visit.designated_id,
            visit.announced_by_id,
            self.wants_id,
            self.referrer_owner_id,
            self.answered_by_id,
        )
        return {pk for pk in found if pk is not None}


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
    roles: list[str]
    scope: list[str]
    excluded: list[str]
    dedicated: list[str]

    @property
    def is_consultant(self) -> bool:
        """Whether she receives at the front desk."""
        return Role.CONSULTANT.value in self.roles

    @property
    def is_beautician(self) -> bool:
        """Whether she is a beautician and neither doctor nor nurse."""
        return Role.BEAUTICIAN.value in self.roles and not {Role.DOCTOR.value, Role.NURSE.value} & {*self.roles}

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
            phone=Role.PHONE_AGENT.value in self.roles and not self.is_consultant,
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
    fresh, policy = registered(visit), rules_of(board.policy)
    agent = fresh.agent(policy)
    named = fresh.named | also | ({int(agent)} if agent is not None else set())
    staff = duties({int(seat.consultant) for seat in (*state.seats, *state.guests)} | named)
    situation = Situation(
        now=now,
        arrival=_arrival(fresh, agent, said),
        person=fresh.person,
        board=state,
        consultants={str(one.pk): one.facts_for(board, state.team_of(str(one.pk)) is not None) for one in staff},
        policy=policy,
        ranks={code: rank for code, rank, offered in fresh.wishes if offered},
    )
    return Known(situation, fresh.visit, fresh.visitor_owner_id, {str(one.pk): one.name for one in staff})


def person_of(visitor: Visitor) -> facts.Person:
    """Return what the records say of a visitor as the rules know her."""
    return _person(visitor.pk, visitor.standing, visitor.owner_id, visitor.consulted_by)


def _person(pk: int, standing: str, owner_id: int | None, consulted_by: Iterable[int]) -> facts.Person:
    received_by = tuple(str(one) for one in consulted_by)
    return facts.Person(str(pk), facts.Standing(standing), owner=_text(owner_id), received_by=received_by)


def _arrival(fresh: Registered, agent: str | None, said: Said) -> facts.Arrival:
    visit = fresh.visit
    referral = designation = None
    if visit.referral_by:
        referral = facts.Referral(facts.ReferralBy(visit.referral_by), fresh.referrer)
    if visit.designated_id is not None:
        turn = facts.Turn(visit.designated_turn or facts.Turn.FREE)
        by = facts.DesignatedBy(visit.designated_by)
        designation = facts.Designation(str(visit.designated_id), by, turn, refuses_wait=said.refuses_wait)
    changed_type = said.changed_type
    return facts.Arrival(
        visit=str(visit.pk),
        projects=tuple(code for code, _rank, _offered in fresh.wishes),
        purpose=facts.Purpose(visit.purpose),
        declined_by=tuple(fresh.declined_by),
        stated_type=changed_type.visit_type if changed_type else None,
        stated_reason=changed_type.reason if changed_type else "",
        designation=designation,
        referral=referral,
        other=facts.OtherReason(visit.other_reason) if visit.other_reason else None,
        pre_reported=visit.announced_by_id is not None or bool(fresh.announced),
        emergency=visit.emergency,
        agent=agent,
        group=facts.GroupPart.COMPANION if visit.group_lead_id is not None else None,
        wants=_text(fresh.wants_id),
        claims_history=visit.claims_history,
        answered_by=_text(fresh.answered_by_id),
        age=known_age(fresh.birth_on, fresh.birth_year, visit.day),
        guardian=not visit.without_guardian,
        after_review=visit.after_review,
    )


def _text(pk: int | None) -> str | None:
    return str(pk) if pk is not None else None


_REGISTERED = f"""
select {columns(Visit, "visit")},
       lead.group_wants_id,
       visitor.id, visitor.birth_on, visitor.birth_year, visitor.standing, visitor.owner_id, visitor.consulted_by,
       referrer.id, referrer.standing, referrer.owner_id, referrer.consulted_by,
       array(select entry.body ->> 'seat' from triage_ledgerentry as entry
             where entry.visit_id = visit.id and entry.kind = 'declined' order by entry.id),
       (select enquiry.consultant_id from reception_visit as enquiry
        where enquiry.friend_id = visit.visitor_id and enquiry.other_reason = %(for_friend)s
              and enquiry.entered_at is not null order by enquiry.id desc limit 1),
       (select coalesce(json_agg(json_build_array(project.code, project.rank, project.offered)
                                 order by wish.position), '[]')
        from reception_visitproject as wish join clinic_project as project on project.id = wish.project_id
        where wish.visit_id = visit.id),
       visitor.phone <> '',
       (select coalesce(json_agg(json_build_array(
                    report.agent_id,
                    (report.made_at at time zone house.time_zone)::date,
                    (select (max(entry.at) at time zone house.time_zone)::date from reception_prereportentry as entry
                     where entry.pre_report_id = report.id and entry.kind = any(%(follow_ups)s)
                           and entry.at <= visit.arrived_at),
                    (select min(earlier.day) from reception_visit as earlier
                     where earlier.visitor_id = visit.visitor_id and earlier.id <> visit.id and earlier.state <> 'void'
                           and earlier.arrived_at >= report.made_at and earlier.arrived_at < visit.arrived_at))
                    order by report.made_at, report.id), '[]')
        from reception_prereport as report
        where report.made_at <= visit.arrived_at
              and (report.visitor_id = visit.visitor_id
                   or (report.visitor_id is null and report.phone <> '' and report.phone = visitor.phone)))
from reception_visit as visit
join clinic_branch as house on house.id = visit.branch_id
join reception_visitor as visitor on visitor.id = visit.visitor_id
left join reception_visitor as referrer on referrer.id = visit.referrer_id
left join reception_visit as lead on lead.id = visit.group_lead_id
where visit.id = %(visit)s
"""  # noqa: S608 - the columns are those of the model


def registered(visit: Visit) -> Registered:
    """Return a visit as it is now, with what the rules look at beside it: one read. Raises Visit.DoesNotExist."""
    values = {
        "visit": visit.pk,
        "for_friend": Visit.OtherReason.FOR_FRIEND.value,
        "follow_ups": [kind.value for kind in PreReportEntry.FOLLOW_UPS],
    }
    (found,) = run(Statement(_REGISTERED, values))
    row = found.fetchone()
    if row is None:
        raise Visit.DoesNotExist
    return Registered(*rows_of(row, Visit))


def duties(wanted: set[int]) -> list[Duty]:
    """Return the staff with these ids, whoever succeeds them and stands in for them: one read, rarely a second."""
    found: dict[int, Duty] = {}
    while missing := _and_theirs(wanted, found.values()) - found.keys():
        for row in _duty_rows(missing):
            found[row.pk] = row
    return list(found.values())


def _and_theirs(wanted: set[int], known: Iterable[Duty]) -> set[int]:
    return wanted | {pk for one in known for pk in (one.successor_id, one.stand_in_id) if pk is not None}


_DUTIES = """
select staff.id, staff.display_name, staff.branch_id, staff.department_id, staff.active_from, staff.active_until,
       staff.successor_id, staff.stand_in_id,
       (select place.sister_id from triage_teammember as place where place.staff_id = staff.id),
       array(select role.name::text from clinic_staff_groups as held join auth_group as role on role.id = held.group_id
             where held.staff_id = staff.id order by role.name),
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
    (found,) = run(Statement(_DUTIES, {"wanted": list(wanted)}))
    return [Duty(*row) for row in found]
