"""Pre-reports and leads: an agent's own, the branch's for the desk, and those about somebody who stands there."""

from datetime import date, datetime

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from clinic.models import Staff
from clinic.roles import Capability, Role
from reception.models import Appointment, PreReport, PreReportEntry, PreReportProject, Visitor

_State = PreReport.State
TABS = ("leads", "overdue", "booked", "came", "closed")
_STATE_OF = {"leads": _State.LEAD, "booked": _State.BOOKED, "came": _State.CAME, "closed": _State.CLOSED}


def pre_reports_seen_by(staff: Staff) -> QuerySet[PreReport]:
    """Return the pre-reports of this person's branch for the desk; of an agent's, her own."""
    found = PreReport.objects.filter(branch=staff.branch_id)
    if staff.may(Capability.WORK_APPOINTMENTS):
        return found
    return found.filter(agent=staff) if staff.may(Capability.WORK_OWN_PRE_REPORTS) else found.none()


def with_rows(found: QuerySet[PreReport]) -> QuerySet[PreReport]:
    """Return them with all that a row shows. Two queries."""
    wishes = Prefetch("wishes", PreReportProject.objects.select_related("project"))
    return found.select_related("agent", "visitor", "branch").prefetch_related(wishes)


def overdue(found: QuerySet[PreReport], now: datetime) -> QuerySet[PreReport]:
    """Return those whose promised answer is late."""
    return found.filter(_late(now))


def _late(now: datetime) -> Q:
    return Q(answered_at=None, promise_due_at__lt=now, state__in=(_State.LEAD, _State.BOOKED))


def listed(staff: Staff, tab: str, now: datetime, agent: int | None = None) -> QuerySet[PreReport]:
    """Return a tab of the list (one of TABS): late promises first among leads and booked, else the newest first."""
    found = pre_reports_seen_by(staff)
    if agent is not None:
        found = found.filter(agent=agent)
    if tab == "overdue":
        return overdue(found, now).order_by("promise_due_at", "-pk")
    found = found.filter(state=_STATE_OF.get(tab, _State.CLOSED))
    if tab in ("leads", "booked"):
        return found.order_by(F("promise_due_at").asc(nulls_last=True), "-pk")
    return found.order_by("-pk")


def counts(staff: Staff, now: datetime, agent: int | None = None) -> dict[str, int]:
    """Return how many are in each of TABS."""
    found = pre_reports_seen_by(staff)
    if agent is not None:
        found = found.filter(agent=agent)
    wanted = {"overdue": _late(now)} | {tab: Q(state=state) for tab, state in _STATE_OF.items()}
    counted: dict[str, int] = found.aggregate(**{tab: Count("pk", filter=one) for tab, one in wanted.items()})
    return {tab: counted[tab] for tab in TABS}


def about(*, visitor: Visitor | None, phone: str) -> QuerySet[PreReport]:
    """Return the pre-reports about a visitor, and those of a phone (E.164) that are nobody's on file, oldest first."""
    hers = Q(visitor=visitor) if visitor is not None else Q(pk__in=())
    if phone:
        hers |= Q(visitor=None, phone=phone)
    return PreReport.objects.filter(hers).order_by("made_at", "pk")


def entries_of(report: PreReport) -> QuerySet[PreReportEntry]:
    """Return what happened with a pre-report, the first thing first."""
    return report.entries.select_related("staff", "passed_to").order_by("pk")


def appointments_of(report: PreReport) -> QuerySet[Appointment]:
    """Return what was booked from a pre-report, the latest first."""
    return Appointment.objects.filter(pre_report=report).select_related("branch").order_by("-pk")


def agents_everywhere(day: date) -> QuerySet[Staff]:
    """Return the agents of all branches, to pass a lead on to, by branch and name."""
    return (
        Staff.objects.filter(
            active_from__lte=day, groups__name__in=[Role.PHONE_AGENT.value, Role.CUSTOMER_SERVICE.value]
        )
        .exclude(active_until__lt=day)
        .select_related("branch")
        .distinct()
        .order_by("branch__code", "name_key", "login_name")
    )


def waiting_for(staff: Staff, now: datetime) -> int:
    """Return how many things wait for an agent: promises that are late, and who did not come and was not rebooked."""
    mine = PreReport.objects.filter(agent=staff, branch=staff.branch_id)
    absent = Appointment.objects.filter(
        agent=staff, branch=staff.branch_id, state=Appointment.State.NO_SHOW, followed_by=None
    )
    return overdue(mine, now).count() + absent.count()


def latest_appointment(found: QuerySet[PreReport]) -> QuerySet[PreReport]:
    """Return them with day and time of the newest appointment that was booked from each."""
    newest = Appointment.objects.filter(pre_report=OuterRef("pk")).order_by("-pk")
    return found.annotate(
        booked_day=Subquery(newest.values("day")[:1]), booked_time=Subquery(newest.values("starts")[:1])
    )
