"""In-patients: who is in the house, who came and went, and what of a stay may not be billed yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from clinic.models import Department, Staff
from clinic.roles import Capability, Role
from consultations.models import DealAccount, DealLine, DrugUse, Stay, StayCheck, StaySatisfaction, Treatment
from consultations.selectors.desk_cases import DESKS
from consultations.selectors.treatments import roles_of
from reception.models import Visitor
from reception.selectors import records_of

TABS = ("house", "admissions", "discharges")
_WARD = frozenset({Role.DOCTOR, Role.NURSE, Role.DEPARTMENT_DESK})
_ALL = (Capability.VIEW_ALL_VISITORS, Capability.OVERRIDE_TRIAGE, Capability.SUPERVISE_CALL_BACKS)


def departments_of(staff: Staff) -> QuerySet[Department]:
    """Return the departments for which a person admits and discharges: her own; every one of who belongs to none.

    Doctors, nurses and the department's desk do; nobody else has any.
    """
    if not roles_of(staff) & _WARD:
        return Department.objects.none()
    rows = Department.objects.filter(branch=staff.branch_id, kind__in=DESKS).order_by("code")
    own = staff.department
    return rows.filter(pk=own.pk) if own is not None and own.kind in DESKS and not staff.is_superuser else rows


def may_work_on(staff: Staff, stay: Stay) -> bool:
    """Say whether a person writes about a stay: who works for its department, and its doctor."""
    if staff.branch_id != stay.branch_id or not roles_of(staff) & _WARD:
        return False
    return staff.pk == stay.doctor_id or departments_of(staff).filter(pk=stay.department_id).exists()


def reads_all_stays(staff: Staff) -> bool:
    """Say whether a person reads every stay of her branch: managers and supervisors."""
    return any(staff.may(one) for one in _ALL)


def stays_for(staff: Staff) -> QuerySet[Stay]:
    """Return the stays of the branch that a person reads, with all that a row shows.

    All for managers and supervisors, and for who works in a ward and belongs to no department; those of her department
    and her own for whoever works there; a consultant's, whose visitor is hers.
    """
    rows = Stay.objects.filter(branch=staff.branch_id).select_related(
        *("visitor", "department", "doctor", "branch", "admitted_by", "discharged_by", "treatment__project"),
        "satisfaction",
    )
    if reads_all_stays(staff):
        return rows
    mine = Q(doctor=staff)
    if staff.roles & (_WARD | {Role.BEAUTICIAN}):
        if staff.department is None or staff.department.kind not in DESKS:
            return rows
        mine |= Q(department=staff.department_id)
    if Role.CONSULTANT in staff.roles:
        mine |= Q(visitor__owner=staff)
    return rows.filter(mine)


def in_the_house(rows: QuerySet[Stay]) -> QuerySet[Stay]:
    """Return who is in the house now, by ward and bed."""
    return rows.filter(discharged_at=None, withdrawn_at=None).order_by("ward", "bed")


def admitted(rows: QuerySet[Stay], first: date, last: date, zone: ZoneInfo) -> QuerySet[Stay]:
    """Return the register of admissions from one day to another, the latest first; withdrawn ones stay in it."""
    return rows.filter(admitted_at__range=_span(first, last, zone)).order_by("-admitted_at", "-pk")


def discharged(rows: QuerySet[Stay], first: date, last: date, zone: ZoneInfo) -> QuerySet[Stay]:
    """Return the register of discharges from one day to another, the latest first."""
    return rows.filter(discharged_at__range=_span(first, last, zone)).order_by("-discharged_at", "-pk")


def _span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin = datetime.combine(first, time(), zone)
    return begin, datetime.combine(last + timedelta(days=1), time(), zone) - timedelta(microseconds=1)


def counts_of(rows: QuerySet[Stay], today: date, zone: ZoneInfo) -> dict[str, int]:
    """Return how many are in the house, and how many came and went today. One query."""
    here = Q(discharged_at=None, withdrawn_at=None)
    span = _span(today, today, zone)
    return rows.order_by().aggregate(
        house=Count("pk", filter=here),
        admissions=Count("pk", filter=Q(admitted_at__range=span, withdrawn_at=None)),
        discharges=Count("pk", filter=Q(discharged_at__range=span)),
    )


def open_stay_of(visitor: Visitor) -> Stay | None:
    """Return where a visitor stays now, None when she does not; one query."""
    return Stay.objects.filter(
        visitor__in=records_of(visitor).values("pk"), discharged_at=None, withdrawn_at=None
    ).first()


def said_at(said: StaySatisfaction | None) -> str:
    """Return by what a screen names what an in-patient has said: its time in ISO; empty for nothing."""
    return said.at.astimezone(UTC).isoformat() if said else ""


def treatments_to_stay_after(visitor: Visitor, staff: Staff) -> QuerySet[Treatment]:
    """Return the treatments a stay may belong to: hers at this branch that are not cancelled, the latest first."""
    return (
        Treatment.objects.filter(visitor__in=records_of(visitor).values("pk"), branch=staff.branch_id)
        .exclude(state=Treatment.State.CANCELLED)
        .select_related("project__department")
        .order_by("-treated_on", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Unbilled:
    """One thing of a stay that the system sees no bill for. `due`: what is open of a deal, in yuan.

    `said`: what was answered last about it, None: nothing yet, or less was open then.
    """

    key: str
    kind: str
    what: str
    detail: str
    due: Decimal | None
    said: StayCheck | None


def unbilled_of(stay: Stay, now: datetime) -> list[Unbilled]:
    """Return what of a stay has no deal or is not paid, deals first. Five queries.

    Deals of hers with something open; treatments done without a line of a deal since the day she was admitted, and the
    one she stays after; doses given in those and since she is here.
    """
    said = {check.key: check for check in StayCheck.objects.filter(stay=stay).select_related("by").order_by("pk")}
    records = records_of(stay.visitor).values("pk")
    treatments = _without_a_deal(stay, now)
    doses = (
        DrugUse.objects.filter(
            Q(treatment__in=[one.pk for one in treatments])
            | Q(given_at__gte=stay.admitted_at, given_at__lte=stay.discharged_at or now),
            treatment__visitor__in=records,
            treatment__branch=stay.branch_id,
            treatment__deal_line=None,
            corrected_by=None,
            nothing_given=False,
        )
        .select_related("drug", "treatment__project")
        .order_by("pk")
    )
    zone = stay.branch.zone
    found = [*_open_deals(records, zone), *map(_treatment, treatments), *(_dose(one, zone) for one in doses)]
    return [_with_answer(one, said.get(one.key)) for one in found]


def _open_deals(records: QuerySet[Any, Any], zone: ZoneInfo) -> Iterable[Unbilled]:
    lines = Prefetch("current__lines", DealLine.objects.select_related("project").order_by("pk"))
    for account in DealAccount.objects.filter(visitor__in=records, due__gt=0).prefetch_related(lines).order_by("pk"):
        bought = _(", ").join(str(line.project) for line in account.current.lines.all())
        yield Unbilled(
            f"deal-{account.pk}", "deal", bought or _("Deal"), _day(account.since_at, zone), account.due, None
        )


def _without_a_deal(stay: Stay, now: datetime) -> list[Treatment]:
    first, last = stay.branch.today(stay.admitted_at), stay.branch.today(stay.discharged_at or now)
    rows = Treatment.objects.filter(
        Q(treated_on__range=(first, last)) | Q(pk=stay.treatment_id),
        visitor__in=records_of(stay.visitor).values("pk"),
        branch=stay.branch_id,
        state=Treatment.State.DONE,
        deal_line=None,
    )
    return list(rows.select_related("project", "doctor").order_by("treated_on", "pk"))


def _treatment(one: Treatment) -> Unbilled:
    detail = f"{one.treated_on.isoformat()} · {one.doctor}"
    return Unbilled(f"treatment-{one.pk}", "treatment", str(one.project), detail, None, None)


def _dose(one: DrugUse, zone: ZoneInfo) -> Unbilled:
    detail = f"{_day(one.given_at, zone)} · {one.site} · {one.treatment.project}"
    return Unbilled(f"dose-{one.pk}", "dose", f"{one.drug} {one}", detail, None, None)


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _with_answer(one: Unbilled, said: StayCheck | None) -> Unbilled:
    more_is_open = said is not None and one.due is not None and said.due is not None and one.due > said.due
    return Unbilled(one.key, one.kind, one.what, one.detail, one.due, None if more_is_open else said)
