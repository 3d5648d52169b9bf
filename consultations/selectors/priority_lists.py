"""Priority lists: what a month's figures say, the lists there are, and what starting one would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Prefetch, QuerySet

from clinic.models import Branch, Project, Staff
from consultations.models import PriorityList, PriorityPlace
from consultations.ranking import Record, ranked
from consultations.selectors.counted import COUNTS, counted_deals, counted_shares
from consultations.selectors.figures import Period, inner_sql
from triage.engine.policy import Policy as Rules
from triage.models import Policy
from triage.selectors.boards import front_roster
from triage.selectors.policies import policy_of_day, rules_of

# A visit is judged by its most major project; of equals, the one named first.
_RECORDS = f"""
with deals as not materialized ({{deals}}), shares as not materialized ({{shares}})
select wish.project_id, talk.consultant_id, count(*),
    count(*) filter (where exists (select from deals where deals.consultation_id = talk.id)),
    coalesce(sum(own.deals), 0), coalesce(sum(own.amount), 0)
from consultations_consultation as talk
join reception_visit as visit on visit.id = talk.visit_id
cross join lateral (
    select named.project_id from reception_visitproject as named
    join clinic_project as project on project.id = named.project_id
    where named.visit_id = visit.id order by project.rank, named.position limit 1
) as wish
left join lateral (
    select sum(shares.share) as deals, sum(shares.share * deals.amount) as amount
    from deals join shares on shares.deal_id = deals.id
    where deals.consultation_id = talk.id and shares.staff_id = talk.consultant_id
) as own on true
where talk.branch_id = %(branch)s and talk.day between %(first)s and %(last)s and visit.state <> 'void' and {COUNTS}
group by wish.project_id, talk.consultant_id
"""  # noqa: S608 - fixed text


def last_month_of(branch: Branch, now: datetime) -> date:
    """Return the first day of the last month that is over at a branch."""
    return (branch.today(now).replace(day=1) - timedelta(days=1)).replace(day=1)


def branches_without_a_list(now: datetime) -> list[Branch]:
    """Return the branches that run by the preset `performance` today and have no list of their last month yet."""
    there = set(PriorityList.objects.values_list("branch", "month_on"))
    return [
        branch
        for branch in Branch.objects.all()
        if (branch.pk, last_month_of(branch, now)) not in there
        and rules_on(branch, branch.today(now))[0].preset == "performance"
    ]


def ranking_of(branch: Branch, month: date, now: datetime) -> dict[Project, list[Record]]:
    """Return for each project with enough receptions in a month who comes first, of those who receive it today."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    asked = Period(branch, month, last).asked
    statement = _RECORDS.format(deals=inner_sql(counted_deals(), asked), shares=inner_sql(counted_shares(), asked))
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found = cursor.fetchall()
    codes = Project.objects.only("code")
    roster = front_roster(branch, branch.today(now)).prefetch_related(
        Prefetch("scope", codes), Prefetch("excluded", codes)
    )
    people = {one.pk: one for one in roster}
    projects = Project.objects.filter(department__branch=branch, offered=True).in_bulk({row[0] for row in found})
    records: dict[Project, list[Record]] = {}
    for project_pk, consultant, receptions, bought, deals, amount in found:
        project, person = projects.get(project_pk), people.get(consultant)
        if project is not None and person is not None and _receives(person, project):
            records.setdefault(project, []).append(
                Record(consultant, person.name_key, receptions, bought, deals, Decimal(amount))
            )
    by_rank = sorted(records, key=lambda one: (one.rank, one.code))
    return {project: places for project in by_rank if (places := ranked(records[project]))}


def _receives(person: Staff, project: Project) -> bool:
    scope = list(person.scope.all())
    return project not in person.excluded.all() and (not scope or project in scope)


def lists_of(branch: Branch) -> QuerySet[PriorityList]:
    """Return the priority lists of a branch with `projects`, how many they name, the latest month first."""
    rows = PriorityList.objects.filter(branch=branch).select_related("decided_by", "policy", "branch")
    return rows.annotate(projects=Count("places__project", distinct=True)).order_by("-month_on")


def waiting_list(branch: Branch) -> PriorityList | None:
    """Return the list that waits for a manager: only the latest can."""
    newest = PriorityList.objects.filter(branch=branch).first()
    return newest if newest is not None and newest.state == PriorityList.State.WAITING else None


@dataclass(frozen=True, slots=True)
class ProjectPlaces:
    """One project of a list: the places with their figures, and the order in force for it now."""

    project: Project
    places: Sequence[PriorityPlace]
    in_force: Sequence[str]
    same: bool


def rules_on(branch: Branch, day: date) -> tuple[Rules, Policy | None]:
    """Return the rules a branch runs by on a day, with their version; the standard ones when it has none."""
    policy = policy_of_day(branch, day)
    return (rules_of(policy) if policy is not None else Rules()), policy


def places_of(made: PriorityList, now: datetime) -> list[ProjectPlaces]:
    """Return a list project by project, beside the order in force today."""
    places = PriorityPlace.objects.filter(list=made).select_related("project", "consultant")
    by_project: dict[Project, list[PriorityPlace]] = {}
    for place in places.order_by("project__rank", "project__code", "place"):
        by_project.setdefault(place.project, []).append(place)
    rules, _policy = rules_on(made.branch, made.branch.today(now))
    names = _names(rules.priority)
    return [
        ProjectPlaces(
            project=project,
            places=rows,
            in_force=[names.get(one, one) for one in rules.priority.get(project.code, ())],
            same=tuple(str(row.consultant_id) for row in rows) == tuple(rules.priority.get(project.code, ())),
        )
        for project, rows in by_project.items()
    ]


def _names(priority: Mapping[str, Sequence[str]]) -> dict[str, str]:
    wanted = {int(one) for names in priority.values() for one in names if one.isdecimal()}
    found: Any = Staff.objects.filter(pk__in=wanted).values_list("pk", "display_name") if wanted else ()
    return {str(pk): name for pk, name in found}


def order_of(made: PriorityList, day: date) -> dict[str, list[str]]:
    """Return consultants by project as a policy names them, without those who do not work here on a day."""
    here = set(front_roster(made.branch, day).values_list("pk", flat=True))
    order: dict[str, list[str]] = {}
    places = PriorityPlace.objects.filter(list=made).order_by("project__rank", "project__code", "place")
    for code, consultant in places.values_list("project__code", "consultant"):
        if consultant in here:
            order.setdefault(code, []).append(str(consultant))
    return order
