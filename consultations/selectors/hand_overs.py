"""Hand-overs: who has visitors to give away, to whom, how they would be shared out, and what was done before."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from clinic.models import Branch, Project, Staff
from clinic.roles import Role
from consultations.models import HandOver, HandOverLine, HandOverShare
from consultations.selectors.ownership import STANDING_ORDER
from consultations.sharing_out import Given, Held, Receiver, share_out
from reception.models import Standing, Visit, Visitor, VisitProject
from triage.selectors.boards import front_roster


def _with_visitors(people: QuerySet[Staff]) -> QuerySet[Staff]:
    """Return people with `number`, how many visitors each of them has."""
    owned = Visitor.objects.filter(owner=OuterRef("pk")).order_by().values("owner")
    return people.annotate(number=Coalesce(Subquery(owned.annotate(number=Count("pk")).values("number")), 0))


def leavers_of(branch: Branch) -> QuerySet[Staff]:
    """Return everybody of a branch who may have visitors to give away, those who left first, with `number` of them."""
    people = Staff.objects.filter(branch=branch).filter(
        Exists(Visitor.objects.filter(owner=OuterRef("pk"))) | Q(groups__name=Role.CONSULTANT.value)
    )
    rows = _with_visitors(people.distinct()).select_related("successor")
    return rows.order_by("active_until", "name_key", "pk")


def people_of(branch: Branch) -> QuerySet[Staff]:
    """Return everybody of a branch, for whom a hand-over may be drawn."""
    return Staff.objects.filter(branch=branch).select_related("successor", "branch")


def colleagues_for(leaver: Staff, now: datetime) -> list[Staff]:
    """Return the consultants who may be given a leaver's visitors, by name, with `number` of those each has already."""
    branch = leaver.branch
    roster = front_roster(branch, branch.today(now)).exclude(pk=leaver.pk)
    projects = Project.objects.only("code")
    return list(_with_visitors(roster).prefetch_related(Prefetch("scope", projects), Prefetch("excluded", projects)))


@dataclass(frozen=True, slots=True)
class Row:
    """A visitor as she stands in the preview."""

    visitor: int
    name: str
    file_number: str
    standing: str
    vip: bool
    last_visit_on: date | None
    project: Project | None

    @property
    def standing_words(self) -> str:
        """Return how far she has come, in words."""
        return str(Standing(self.standing).label)


@dataclass(frozen=True, slots=True)
class Line:
    """A visitor with whom she would go to."""

    row: Row
    to: Staff
    given: Given


@dataclass(slots=True)
class Tally:
    """What one colleague would be given: how many, of each standing, and when the latest of them was here."""

    staff: Staff
    number: int = 0
    vip: int = 0
    by_hand: int = 0
    misfits: int = 0
    latest: date | None = None
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, line: Line) -> None:
        """Count a visitor."""
        self.number += 1
        self.vip += line.row.vip
        self.by_hand += line.given.by_hand
        self.misfits += not line.given.fits
        self.counts[line.row.standing] = self.counts.get(line.row.standing, 0) + 1
        days = [day for day in (self.latest, line.row.last_visit_on) if day is not None]
        self.latest = max(days, default=None)

    @property
    def by_standing(self) -> list[int]:
        """Return the numbers in the order of `STANDINGS`."""
        return [self.counts.get(standing, 0) for standing in STANDINGS]


# The furthest first, as the preview's columns stand.
STANDINGS: tuple[Standing, ...] = tuple(reversed(STANDING_ORDER))


@dataclass(frozen=True, slots=True)
class Plan:
    """A hand-over as it would be: every visitor with her colleague, and the sum for each colleague."""

    lines: Sequence[Line]
    tallies: Sequence[Tally]

    @property
    def visitors(self) -> list[int]:
        """Return the visitors by number."""
        return [line.row.visitor for line in self.lines]

    @property
    def mark(self) -> str:
        """Return what tells this plan from every other: two with the same mark give everybody to the same."""
        said = ",".join(f"{line.row.visitor}:{line.to.pk}" for line in self.lines)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def by_hand(self) -> int:
        """Return how many were moved by hand."""
        return sum(tally.by_hand for tally in self.tallies)


def rows_of(leaver: Staff) -> list[Row]:
    """Return a leaver's visitors, each with the most major project of the last visit she asked for something."""
    asked = (
        VisitProject.objects.filter(visit__visitor=OuterRef("pk"))
        .exclude(visit__state=Visit.State.VOID)
        .order_by("-visit__day", "-visit__number", "project__rank", "position")
    )
    found = (
        Visitor.objects.filter(owner=leaver, merged_into=None)
        .order_by("pk")
        .values_list(
            "pk", "name", "file_number", "standing", "vip", "last_visit_on", Subquery(asked.values("project")[:1])
        )
    )
    rows = list(found)
    projects = Project.objects.in_bulk({row[6] for row in rows if row[6]})
    return [
        Row(pk, name, file_number, standing, vip, last_visit_on, projects.get(project) if project else None)
        for pk, name, file_number, standing, vip, last_visit_on, project in rows
    ]


def plan_of(rows: Iterable[Row], receivers: Sequence[Staff], rule: str, moves: Mapping[int, int]) -> Plan:
    """Return how visitors would be shared out among colleagues (as `colleagues_for` returns them), at least one."""
    by_visitor = {row.visitor: row for row in rows}
    by_staff = {staff.pk: staff for staff in receivers}
    given = share_out(
        [_held(row) for row in by_visitor.values()], [_receiver(staff) for staff in receivers], rule, moves
    )
    lines = [Line(by_visitor[one.visitor], by_staff[one.to], one) for one in given]
    tallies = {staff.pk: Tally(staff) for staff in receivers}
    for line in lines:
        tallies[line.to.pk].add(line)
    return Plan(lines, list(tallies.values()))


def _held(row: Row) -> Held:
    return Held(
        visitor=row.visitor,
        standing=STANDING_ORDER.index(Standing(row.standing)),
        vip=row.vip,
        last_on=row.last_visit_on.toordinal() if row.last_visit_on else 0,
        project=row.project.code if row.project else None,
    )


def _receiver(staff: Staff) -> Receiver:
    return Receiver(
        staff=staff.pk,
        scope=frozenset(project.code for project in staff.scope.all()),
        excluded=frozenset(project.code for project in staff.excluded.all()),
    )


def here_today(leaver: Staff, now: datetime) -> QuerySet[Visit]:
    """Return the open visits of today of a leaver's visitors: they stay with whom they are."""
    return (
        Visit.objects.filter(
            branch=leaver.branch_id,
            day=leaver.branch.today(now),
            state__in=Visit.OPEN_STATES,
            visitor__owner=leaver,
        )
        .select_related("consultant")
        .order_by("number")
    )


def hand_overs_of(branch: Branch) -> QuerySet[HandOver]:
    """Return the hand-overs of a branch, the latest first; one that takes another back stands with that other."""
    shares = HandOverShare.objects.select_related("staff")
    return (
        HandOver.objects.filter(branch=branch, undoes=None)
        .select_related("leaver", "made_by", "undone_by__made_by")
        .prefetch_related(Prefetch("shares", shares))
    )


def lines_of(hand_over: HandOver) -> QuerySet[HandOverLine]:
    """Return the visitors of a hand-over, by whom they went to."""
    rows = HandOverLine.objects.filter(hand_over=hand_over).select_related("visitor__owner", "to_staff")
    return rows.order_by("to_staff", "pk")


def not_as_handed_over(hand_over: HandOver) -> QuerySet[HandOverLine]:
    """Return the visitors of a hand-over who belong to somebody else by now, and would not come back with it."""
    return lines_of(hand_over).exclude(
        Exists(Visitor.objects.filter(pk=OuterRef("visitor"), owner=OuterRef("to_staff"), merged_into=None).order_by())
    )


def may_be_taken_back(hand_over: HandOver, now: datetime) -> bool:
    """Say whether a hand-over can still be taken back: once, and within its days."""
    young = now < hand_over.made_at + HandOver.UNDO_WITHIN
    return young and hand_over.undoes_id is None and not HandOver.objects.filter(undoes=hand_over).exists()


def latest_from(leaver: Staff) -> HandOver | None:
    """Return the last hand-over of a leaver's visitors."""
    return HandOver.objects.filter(leaver=leaver, undoes=None).select_related("made_by").first()


def shares_of(staff: Staff) -> QuerySet[HandOverShare]:
    """Return what this person was given by hand-overs, or lost again."""
    return HandOverShare.objects.filter(staff=staff).select_related("hand_over__leaver", "hand_over__made_by")


def unseen_shares(staff: Staff) -> QuerySet[HandOverShare]:
    """Return what this person was given, or lost again, and has not seen yet, the oldest first.

    What was taken back is told as that alone: the visitors are not hers.
    """
    return shares_of(staff).filter(seen_at=None, hand_over__undone_by=None).order_by("pk")


def names_of_visitors(pks: Collection[int]) -> list[str]:
    """Return names of visitors, for a sentence about them."""
    return list(Visitor.objects.filter(pk__in=pks).order_by("pk").values_list("name", flat=True))


def address_of(hand_over: HandOver) -> str:
    """Return the address of a hand-over's page."""
    return reverse("consultations:hand_over", args=[hand_over.pk])
