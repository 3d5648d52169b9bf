"""The register of a day: every visit with its state, times, and the numbers above it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from clinic.asked import number_in
from clinic.models import Branch, Staff
from clinic.roles import Capability
from reception.models import DeskDay, FileRequest, Visit, VisitProject

WAITING_STATES = (Visit.State.REGISTERED, Visit.State.WAITING, Visit.State.ACCEPTED)
_NEEDS_NOBODY = Q(state=Visit.State.REGISTERED, rule="A1")
# Each visit is in one of them. Who is set apart is not queued, and who needs no consultant waits for none.
GROUPS: Mapping[str, Q] = {
    "waiting": Q(state__in=WAITING_STATES, isolated_at=None) & ~_NEEDS_NOBODY,
    "nobody": Q(isolated_at=None) & _NEEDS_NOBODY,
    "apart": Q(state__in=WAITING_STATES, isolated_at__isnull=False),
    "in_room": Q(state=Visit.State.IN_ROOM),
    "done": Q(state__in=(Visit.State.FINISHED, Visit.State.LEFT)),
    "void": Q(state=Visit.State.VOID),
}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A visit as the register shows it; `waiting_since` while she waits, `ended_at` when the visit is over.

    Registered visits differ: whom nobody needs to receive does not wait, nor who is set apart, and of some it is asked
    who receives them.
    """

    visit: Visit
    projects: list[str]
    waiting_since: datetime | None
    ended_at: datetime | None

    @property
    def needs_nobody(self) -> bool:
        """Whether the rules say that she needs no consultant (A1)."""
        return _needs_nobody(self.visit)

    @property
    def may_ask_for_file(self) -> bool:
        """Whether her file can be asked for: it is neither on its way nor here."""
        request = getattr(self.visit, "file_request", None)
        return request is None or request.state in FileRequest.AGAIN

    @property
    def replaced_by(self) -> Visit | None:
        """The entry that was made again for this void one; None while there is none."""
        return getattr(self.visit, "replaced_by", None)

    @property
    def waited(self) -> int | None:
        """Minutes from the arrival to the room, or until she left; None while she waits and for void entries."""
        until = self.visit.entered_at or self.visit.left_at
        if until is None or self.visit.state == Visit.State.VOID:
            return None
        return int((until - self.visit.arrived_at).total_seconds() // 60)

    @property
    def is_asked(self) -> bool:
        """Whether somebody is asked to name who receives her (A8, A14)."""
        return self.visit.state == Visit.State.REGISTERED and self.visit.rule not in ("", "A1")


def register_visits(branch: Branch) -> QuerySet[Visit]:
    """Return the visits of a branch with all that a row of the register shows. Two queries however many rows."""
    return (
        Visit.objects.filter(branch=branch)
        .select_related("visitor", "consultant", "file_request", "replaces", "replaced_by")
        .prefetch_related(Prefetch("wishes", VisitProject.objects.select_related("project")))
    )


def todays_register(branch: Branch, day: date, *, group: str = "") -> QuerySet[Visit]:
    """Return the visits of a branch's day, the latest first; `group` is one of GROUPS or empty for all."""
    visits = register_visits(branch).filter(day=day).order_by("-number")
    return visits.filter(GROUPS[group]) if group in GROUPS else visits


# How the register can be put in order, by what an address says.
SORTS: Mapping[str, tuple[Any, ...]] = {
    "latest": ("-number",),
    "first": ("number",),
    "waited": (F("waited").desc(nulls_last=True), "-number"),
    "consultant": (F("consultant__name_key").asc(nulls_last=True), "number"),
    "type": ("visit_type", "number"),
}


def register_of_day(
    branch: Branch,
    day: date,
    *,
    group: str = "",
    visit_type: str = "",
    consultant: int | None = None,
    text: str = "",
    sort: str = "latest",
) -> QuerySet[Visit]:
    """Return the visits of `todays_register` that fit, in one of SORTS (another: the latest first).

    `text` is part of a name or a file number, or a queue number. Two queries however many rows.
    """
    visits = todays_register(branch, day, group=group)
    if visit_type:
        visits = visits.filter(visit_type=visit_type)
    if consultant is not None:
        visits = visits.filter(consultant=consultant)
    if text:
        fits = Q(visitor__name__icontains=text) | Q(visitor__file_number__icontains=text)
        if (number := number_in(text)) is not None and number < 2**31:
            fits |= Q(number=number)
        visits = visits.filter(fits)
    if sort == "waited":
        over = Coalesce("entered_at", "left_at")
        visits = visits.annotate(waited=ExpressionWrapper(over - F("arrived_at"), output_field=DurationField()))
    return visits.order_by(*SORTS.get(sort, SORTS["latest"]))


def consultants_of_day(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return who received visitors on a day, by name."""
    given = Visit.objects.filter(branch=branch, day=day, consultant__isnull=False).order_by()
    return Staff.objects.filter(pk__in=given.values("consultant_id")).order_by("name_key", "login_name")


def _needs_nobody(visit: Visit) -> bool:
    return visit.state == Visit.State.REGISTERED and visit.rule == "A1"


def _waits(visit: Visit) -> bool:
    return visit.state in WAITING_STATES and not _needs_nobody(visit) and visit.isolated_at is None


def register_rows(visits: QuerySet[Visit] | list[Visit]) -> list[RegisterRow]:
    """Return the rows of visits that `todays_register` selected."""
    return [
        RegisterRow(
            visit=visit,
            projects=[str(wish.project) for wish in visit.wishes.all()],
            waiting_since=visit.arrived_at if _waits(visit) else None,
            ended_at=visit.finished_at or visit.left_at,
        )
        for visit in visits
    ]


def register_counts(branch: Branch, day: date) -> dict[str, int]:
    """Return how many visits of the day are in each of GROUPS, and `all` of them."""
    of_day = Visit.objects.filter(branch=branch, day=day)
    counted: dict[str, int] = of_day.aggregate(
        all=Count("pk"), **{group: Count("pk", filter=belongs) for group, belongs in GROUPS.items()}
    )
    return counted


def longest_wait(branch: Branch, day: date) -> int:
    """Return after how many minutes a wait of the day is too long; 0 (never) while the day is not open."""
    return DeskDay.objects.filter(branch=branch, day=day).values_list("max_wait_minutes", flat=True).first() or 0


def visit_in_branch(staff: Staff, pk: int) -> QuerySet[Visit]:
    """Return the visit if it is of this person's branch and she may read the register, or if it is given to her."""
    visits = Visit.objects.filter(pk=pk).select_related("visitor", "branch", "consultant")
    if staff.may(Capability.VIEW_REGISTER):
        return visits.filter(branch=staff.branch_id)
    return visits.filter(consultant=staff)
