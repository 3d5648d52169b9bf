"""The rounds of a day: the check list in force, its ticks, and the days on which one is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, QuerySet

from clinic.models import Branch, BranchHours, Staff
from reception.models import RoundItem, RoundList, RoundTick

_State = RoundTick.State
# How far back missing rounds are shown.
LOOKED_BACK = 7


@dataclass(frozen=True, slots=True)
class RoundRow:
    """An item with its newest tick of the day (None: not looked at, or taken back) and who noted what before it."""

    item: RoundItem
    tick: RoundTick | None
    earlier: Sequence[RoundTick]
    seen: int

    @property
    def state(self) -> str:
        """Return done, wrong, or open."""
        return self.tick.state if self.tick else "open"


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a day as the page shows it; `list` is None while nobody has written one."""

    kind: RoundList.Kind
    list: RoundList | None
    rows: Sequence[RoundRow]

    @property
    def done(self) -> int:
        """How many items were looked at."""
        return sum(row.tick is not None for row in self.rows)

    @property
    def whole(self) -> bool:
        """Whether every item was looked at."""
        return bool(self.rows) and self.done == len(self.rows)


def rounds_of(branch: Branch, day: date) -> list[Round]:
    """Return the opening and the closing round of a day, each by the list in force on it. Three queries."""
    lists = _lists_on(branch, [day])
    ticks: dict[int, list[RoundTick]] = {}
    for tick in RoundTick.objects.filter(branch=branch, day=day).select_related("by").order_by("pk"):
        ticks.setdefault(tick.item_id, []).append(tick)
    chosen = {kind: lists.get((kind, day)) for kind in RoundList.Kind}
    items: dict[int, list[RoundItem]] = {}
    for item in RoundItem.objects.filter(list__in=[one for one in chosen.values() if one]).order_by("position"):
        items.setdefault(item.list_id, []).append(item)
    return [
        Round(kind=kind, list=one, rows=[_row(item, ticks.get(item.pk, [])) for item in items.get(one.pk, [])])
        if one
        else Round(kind=kind, list=None, rows=[])
        for kind, one in chosen.items()
    ]


def _row(item: RoundItem, ticks: list[RoundTick]) -> RoundRow:
    newest = ticks[-1] if ticks else None
    counts = newest if newest is not None and newest.state != _State.TAKEN_BACK else None
    return RoundRow(item=item, tick=counts, earlier=ticks[:-1] if counts else ticks, seen=newest.pk if newest else 0)


def _lists_on(branch: Branch, days: Iterable[date]) -> dict[tuple[str, date], RoundList]:
    """Return the list in force of each kind on each day that has one. One query."""
    versions = list(RoundList.objects.filter(branch=branch).order_by("version"))
    found: dict[tuple[str, date], RoundList] = {}
    for day in days:
        for one in versions:
            if one.starts_on <= day:
                found[one.kind, day] = one
    return found


def list_in_force(branch: Branch, kind: str, day: date) -> int | None:
    """Return the id of the check list that holds on a day, None when there is none."""
    lists = RoundList.objects.filter(branch=branch, kind=kind, starts_on__lte=day)
    return lists.order_by("-version").values_list("pk", flat=True).first()


def list_to_edit(branch: Branch, kind: str) -> RoundList | None:
    """Return the newest version of a check list, in force or about to be; None when there is none."""
    return (
        RoundList.objects.filter(branch=branch, kind=kind)
        .select_related("written_by")
        .prefetch_related("items")
        .order_by("-version")
        .first()
    )


@dataclass(frozen=True, slots=True)
class Missing:
    """A round that was not made, or not to the end, on a day the branch was open."""

    day: date
    kind: RoundList.Kind
    done: int
    of: int


def missing_rounds(branch: Branch, before: date) -> list[Missing]:
    """Return the rounds missing in the LOOKED_BACK days before a day, the latest first. Four queries."""
    open_on = set(BranchHours.objects.filter(branch=branch).values_list("weekday", flat=True))
    days = [before - timedelta(days=back) for back in range(1, LOOKED_BACK + 1)]
    days = [day for day in days if not open_on or day.weekday() in open_on]
    lists = _lists_on(branch, days)
    sizes: dict[int, int] = {}
    for list_id in RoundItem.objects.filter(list__in=set(lists.values())).values_list("list_id", flat=True):
        sizes[list_id] = sizes.get(list_id, 0) + 1
    newest: dict[tuple[date, int], tuple[int, str]] = {}
    first = min(days, default=before)
    for day, item, of, state in (
        RoundTick.objects.filter(branch=branch, day__gte=first, day__lt=before)
        .annotate(of=F("item__list_id"))
        .order_by("pk")
        .values_list("day", "item_id", "of", "state")
    ):
        newest[day, item] = (of, state)
    found = []
    for day in days:
        for kind in RoundList.Kind:
            one = lists.get((kind, day))
            if one is None:
                continue
            done = sum(
                of == one.pk and state != _State.TAKEN_BACK
                for (noted_on, _item), (of, state) in newest.items()
                if noted_on == day
            )
            if done < sizes.get(one.pk, 0):
                found.append(Missing(day=day, kind=kind, done=done, of=sizes.get(one.pk, 0)))
    return found


def item_in_branch(staff: Staff, pk: int) -> QuerySet[RoundItem]:
    """Return an item of a check list if it is of this person's branch (for `get_object_or_404`)."""
    return RoundItem.objects.select_related("list").filter(pk=pk, list__branch=staff.branch_id)
