"""What became of the visitors a phone or online agent announced, as far as she may see it: no amounts, no notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import BigIntegerField, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.models import Staff
from consultations.selectors.deals import effective_deals
from reception.models import Appointment, PreReport, PreReportProject, Visit

# What her list can be narrowed to; leads that are not booked yet are a list of the reception room.
STATES = ("all", "expected", "came", "consulted", "deal", "no_show", "closed")
_LEAD = Q(state=PreReport.State.LEAD, visit_pk=None)


@dataclass(frozen=True, slots=True)
class Figures:
    """Her figures of a month: what she recorded, how many are not booked yet, and what became of the others.

    `came`, `consulted` and `deals` are visits that are credited to her (O2, O3).
    """

    announced: int
    leads: int
    came: int
    consulted: int
    deals: int


@dataclass(frozen=True, slots=True)
class Row:
    """One pre-report, the visit it led to, and what came of it.

    `credited`: the visit is hers; `credited_to` another's name when it is not. `returns`: visits after the first.
    """

    report: PreReport
    visit: Visit | None
    credited: bool
    credited_to: str
    bought: bool
    returns: int

    @property
    def outcome(self) -> str:
        """Return what she may know of the outcome: deal, no_deal, open while nothing is decided, or nothing."""
        if self.visit is None or not self.credited:
            return ""
        if self.bought:
            return "deal"
        over = self.visit.state in (Visit.State.FINISHED, Visit.State.LEFT)
        return ("no_deal" if self.visit.entered_at else "not_consulted") if over else "open"


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(first: date) -> date:
    """Return the first day of the month after the one that begins on `first`."""
    return (first + timedelta(days=32)).replace(day=1)


def announced_by(staff: Staff, month: date) -> QuerySet[PreReport]:
    """Return the pre-reports an agent recorded in a month (its first day), each with the visit it led to.

    That is the visit its appointment was for, else the visitor's first since; where nobody was on file yet, the first
    that is credited to the agent with that phone.
    """
    zone = staff.branch.zone
    since = datetime.combine(month, time(), zone)
    until = datetime.combine(next_month(month), time(), zone)
    came = Visit.objects.exclude(state=Visit.State.VOID).order_by("arrived_at", "pk")
    since_then = came.filter(arrived_at__gte=OuterRef("made_at"))
    of_appointment = Appointment.objects.filter(pre_report=OuterRef("pk"), visit__isnull=False).order_by("pk")
    of_visitor = since_then.filter(visitor=OuterRef("visitor"))
    of_phone = since_then.filter(announced_by=staff, visitor__phone=OuterRef("phone")).exclude(visitor__phone="")
    newest = Appointment.objects.filter(pre_report=OuterRef("pk")).order_by("-pk")
    return PreReport.objects.filter(
        branch=staff.branch_id, agent=staff, made_at__gte=since, made_at__lt=until
    ).annotate(
        visit_pk=Coalesce(
            Subquery(of_appointment.values("visit_id")[:1]),
            Subquery(of_visitor.values("pk")[:1]),
            Subquery(of_phone.values("pk")[:1]),
            output_field=BigIntegerField(),
        ),
        booked_day=Subquery(newest.values("day")[:1]),
        booked_time=Subquery(newest.values("starts")[:1]),
        booked_state=Subquery(newest.values("state")[:1]),
    )


def _hers(staff: Staff) -> QuerySet[Visit]:
    """Return the visits an agent is credited with: the desk named her, or nobody, and no other agent has a claim."""
    others = PreReport.objects.filter(visitor=OuterRef("visitor"), made_at__lte=OuterRef("arrived_at"))
    unclaimed = Q(announced_by=None) & ~Q(Exists(others.exclude(agent=staff)))
    return Visit.objects.filter(Q(announced_by=staff) | unclaimed)


def _credited(staff: Staff) -> Exists:
    return Exists(_hers(staff).filter(pk=OuterRef("visit_pk")))


def _consulted(staff: Staff) -> Exists:
    return Exists(_hers(staff).filter(pk=OuterRef("visit_pk"), entered_at__isnull=False))


def _bought(staff: Staff) -> Exists:
    deals = effective_deals().filter(consultation__visit=OuterRef("pk"))
    return Exists(_hers(staff).filter(Exists(deals), pk=OuterRef("visit_pk")))


def in_state(rows: QuerySet[PreReport], staff: Staff, state: str) -> QuerySet[PreReport]:
    """Return those of her pre-reports that are in one of STATES, the newest first; leads are in none."""
    rows = rows.exclude(_LEAD)
    narrowed = {
        "expected": Q(visit_pk=None, state=PreReport.State.BOOKED) & ~Q(booked_state=Appointment.State.NO_SHOW),
        "came": Q(_credited(staff)),
        "consulted": Q(_consulted(staff)),
        "deal": Q(_bought(staff)),
        "no_show": Q(visit_pk=None, booked_state=Appointment.State.NO_SHOW),
        "closed": Q(visit_pk=None, state=PreReport.State.CLOSED),
    }
    return rows.filter(narrowed.get(state, Q())).order_by("-made_at", "-pk")


def counts_of(rows: QuerySet[PreReport], staff: Staff) -> Mapping[str, int]:
    """Return how many pre-reports each of STATES holds. One query."""
    listed = rows.exclude(_LEAD)
    no_show = Q(visit_pk=None, booked_state=Appointment.State.NO_SHOW)
    return listed.annotate(hers=_credited(staff), seen=_consulted(staff), bought=_bought(staff)).aggregate(
        all=Count("pk"),
        expected=Count(
            "pk", filter=Q(visit_pk=None, state=PreReport.State.BOOKED) & ~Q(booked_state=Appointment.State.NO_SHOW)
        ),
        came=Count("pk", filter=Q(hers=True)),
        consulted=Count("pk", filter=Q(seen=True)),
        deal=Count("pk", filter=Q(bought=True)),
        no_show=Count("pk", filter=no_show),
        closed=Count("pk", filter=Q(visit_pk=None, state=PreReport.State.CLOSED)),
    )


def figures_of(rows: QuerySet[PreReport], staff: Staff) -> Figures:
    """Return the figures of her pre-reports; a visit that two of them led to counts once. One query."""
    found = rows.annotate(hers=_credited(staff), seen=_consulted(staff), bought=_bought(staff)).aggregate(
        announced=Count("pk"),
        leads=Count("pk", filter=_LEAD),
        came=Count("visit_pk", distinct=True, filter=Q(hers=True)),
        consulted=Count("visit_pk", distinct=True, filter=Q(seen=True)),
        deals=Count("visit_pk", distinct=True, filter=Q(bought=True)),
    )
    return Figures(**found)


def with_rows(rows: QuerySet[PreReport]) -> QuerySet[PreReport]:
    """Return them with what a row shows of the pre-report itself."""
    return rows.prefetch_related(Prefetch("wishes", PreReportProject.objects.select_related("project")))


def rows_of(reports: list[PreReport], staff: Staff) -> list[Row]:
    """Return a page of pre-reports with what became of each. Four queries however many."""
    pks = {pk for report in reports if (pk := report.visit_pk)}  # type: ignore[attr-defined]
    visits = Visit.objects.select_related("consultant", "announced_by").in_bulk(pks)
    hers = set(_hers(staff).filter(pk__in=pks).values_list("pk", flat=True))
    bought = set(
        effective_deals()
        .filter(consultation__visit__in=pks)
        .order_by()
        .values_list("consultation__visit_id", flat=True)
    )
    came_again: dict[int, list[datetime]] = {}
    people = {visit.visitor_id for visit in visits.values()}
    again = _hers(staff).filter(visitor__in=people).exclude(state=Visit.State.VOID)
    for visitor, arrived_at in again.order_by().values_list("visitor_id", "arrived_at"):
        came_again.setdefault(visitor, []).append(arrived_at)
    found = []
    for report in reports:
        visit = visits.get(report.visit_pk)  # type: ignore[attr-defined]
        credited = visit is not None and visit.pk in hers
        found.append(
            Row(
                report=report,
                visit=visit,
                credited=credited,
                credited_to=str(visit.announced_by) if visit and visit.announced_by and not credited else "",
                bought=credited and visit is not None and visit.pk in bought,
                returns=_later(visit, came_again) if credited and visit is not None else 0,
            )
        )
    return found


def _later(visit: Visit, came: Mapping[int, list[datetime]]) -> int:
    return sum(arrived_at > visit.arrived_at for arrived_at in came.get(visit.visitor_id, ()))
