"""The days of the register: who has signed, what has changed since, what is closed and what was amended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from clinic.models import Branch, Counter, Staff
from clinic.roles import Capability
from clinic.selectors.places import closes_at
from reception.masking import masked_name
from reception.models import (
    Amendment,
    DayClose,
    DaySignature,
    Interference,
    Party,
    RegisterSheet,
    Visit,
)
from reception.models.days import AMENDMENT_WAITS, SIGNERS
from reception.selectors.sheets import (
    Difference,
    Row,
    SheetLine,
    differences,
    hash_of,
    lines_of,
    rows_of,
    visits_of_sheet,
)

# Of a long list of differences so many are shown; how many there are is said.
DIFFERENCES_SHOWN = 40
# How far back days that nobody closed are reminded of.
REMINDED_DAYS = 60
REMIND_AFTER = timedelta(minutes=30)


def parties_of(staff: Staff) -> list[Party]:
    """Return the parties a person may sign for, by her roles."""
    return [party for party in Party if SIGNERS[party] & staff.roles]


def closing_of(branch: Branch, day: date) -> DayClose | None:
    """Return the last closing of a day, None while it has none."""
    closings = DayClose.objects.select_related("sheet", "closed_by").filter(branch=branch, day=day)
    return closings.order_by("-last_number").first()


def is_on_a_closed_sheet(visit: Visit) -> bool:
    """Say whether a visit stands on the signed sheet of a closed day; who came after the closing does not.

    An entry that was made again by an amendment does.
    """
    closed = DayClose.objects.filter(branch=visit.branch_id, day=visit.day, last_number__gte=visit.number).exists()
    return closed or Amendment.objects.filter(entered=visit).exists()


def entered_again_on(branch: Branch, day: date) -> set[int]:
    """Return the ids of the visits of a day that were entered again by an amendment."""
    return set(
        Amendment.objects.filter(branch=branch, day=day, entered__isnull=False).values_list("entered", flat=True)
    )


def newest_sheet(closing: DayClose) -> RegisterSheet:
    """Return the sheet of a closing as it was last amended."""
    amended = RegisterSheet.objects.filter(amendment__closing=closing)
    return amended.order_by("-number").first() or closing.sheet


@dataclass(frozen=True, slots=True)
class RegisterNow:
    """What the register of a day says now: its closed sheet, and who was registered after the closing (`late`)."""

    closing: DayClose | None
    rows: Sequence[Row]
    visits: Sequence[Visit]
    late: Sequence[Visit]

    @property
    def is_closed(self) -> bool:
        """Whether the day is closed and nobody was registered after it."""
        return self.closing is not None and not self.late

    @property
    def hash(self) -> str:
        """The hash of what is signed: of a closed day that of the sheet it was closed with, whatever was amended."""
        return self.closing.sheet.hash if self.closing is not None and not self.late else hash_of(self.rows)


def register_now(branch: Branch, day: date) -> RegisterNow:
    """Return what the register of a day says now. At most four queries however many visits."""
    visits = list(visits_of_sheet(branch, day))
    closing = closing_of(branch, day)
    if closing is None:
        return RegisterNow(None, rows_of(visits), visits, ())
    signed = newest_sheet(closing).rows
    on_sheet = {row["visit"] for row in signed}
    late = [visit for visit in visits if visit.pk not in on_sheet]
    return RegisterNow(closing, _by_number([*signed, *rows_of(late)]), visits, late)


def _by_number(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: int(row["number"]))


def latest_signatures(branch: Branch, day: date) -> dict[Party, DaySignature]:
    """Return the newest signature of each party that has signed the day."""
    signed = DaySignature.objects.select_related("staff", "sheet").filter(branch=branch, day=day)
    return {Party(one.party): one for one in signed.order_by("party", "-id").distinct("party")}


@dataclass(frozen=True, slots=True)
class PartyState:
    """What a party has done about a day. `differs` is what the register says otherwise since it signed."""

    party: Party
    signature: DaySignature | None
    is_valid: bool
    may_sign: bool
    signed_for: str
    differs: Sequence[Difference] = ()

    @property
    def shown_differences(self) -> Sequence[Difference]:
        """The first of them."""
        return self.differs[:DIFFERENCES_SHOWN]


@dataclass(frozen=True, slots=True)
class DayState:
    """A day of the register as its page shows it; `late_visits` were registered after its last closing."""

    branch: Branch
    day: date
    rows: Sequence[Row]
    hash: str
    closing: DayClose | None
    parties: Sequence[PartyState]
    open_visits: Sequence[Visit]
    late_visits: Sequence[Visit]

    @property
    def is_closed(self) -> bool:
        """Whether the day is closed with all that the register says."""
        return self.closing is not None and not self.late_visits

    @property
    def all_signed(self) -> bool:
        """Whether four parties have signed what the register says now."""
        return all(party.is_valid for party in self.parties)

    @property
    def missing(self) -> list[PartyState]:
        """The parties that have not signed what the register says now."""
        return [party for party in self.parties if not party.is_valid]


def day_state(branch: Branch, day: date, staff: Staff) -> DayState:
    """Return all about a day that its page shows this person. The same number of queries however many visits."""
    says = register_now(branch, day)
    content = says.hash
    signatures = latest_signatures(branch, day)
    if says.closing is not None and says.is_closed:
        of_sheet = DaySignature.objects.select_related("staff", "sheet").filter(sheet=says.closing.sheet_id)
        signatures = {Party(one.party): one for one in of_sheet}
    signed_by_her = {one.party for one in DaySignature.objects.filter(branch=branch, day=day, staff=staff)}
    mine = parties_of(staff)
    states = []
    for party in Party:
        signature = signatures.get(party)
        valid = signature is not None and signature.sheet.hash == content
        other = next((Party(each) for each in signed_by_her if each != party), None)
        states.append(
            PartyState(
                party=party,
                signature=signature,
                is_valid=valid,
                may_sign=not says.is_closed and not valid and party in mine and other is None,
                signed_for=str(other.label) if other and party in mine else "",
                differs=_differs(signature, says.rows, staff, branch.zone) if signature and not valid else (),
            )
        )
    return DayState(
        branch=branch,
        day=day,
        rows=says.rows,
        hash=content,
        closing=says.closing,
        parties=states,
        open_visits=[visit for visit in says.visits if visit.state in Visit.OPEN_STATES],
        late_visits=says.late,
    )


def rows_to_verify(state: DayState, staff: Staff) -> list[tuple[PartyState, list[SheetLine]]]:
    """Return the entries to verify of each party that this person may sign for.

    Consultants: visits given to one. Phone and online: those announced. Marketing: first visits, with how they heard of
    us. Front desk: all. Who may not read the register sees the names of others' visitors masked, and their projects
    once the visit is over (O5).
    """
    concerns: dict[Party, Callable[[Row], bool]] = {
        Party.CONSULTANTS: lambda row: row["consultant_id"] is not None,
        Party.PHONE: lambda row: bool(row["by_phone"]),
        Party.DESK: lambda row: True,
        Party.MARKETING: lambda row: row["type"] in (Visit.VisitType.FIRST, ""),
    }
    return [
        (party, lines_of([_as_seen(row, staff) for row in state.rows if concerns[party.party](row)], state.branch.zone))
        for party in state.parties
        if party.may_sign
    ]


def _differs(signature: DaySignature, rows: Sequence[Row], staff: Staff, zone: ZoneInfo) -> list[Difference]:
    """Return what differs since a signature; of what she may not read only that it does, with neither value."""
    as_seen = {f"{row['number']:03d}": (row, _as_seen(row, staff)) for row in rows}
    found = []
    for one in differences(signature.sheet.rows, rows, zone):
        row, seen = as_seen[one.number]
        if one.field and row is not seen and one.field in _KEPT_BACK:
            one = replace(one, before="", after="")
        found.append(replace(one, name=seen["name"]))
    return found


_KEPT_BACK = frozenset({"name", "file", "referrer", "note", "projects"})


def _as_seen(row: Row, staff: Staff) -> Row:
    if staff.may(Capability.VIEW_REGISTER) or staff.pk in (row["consultant_id"], row["announced_by_id"]):
        return row
    over = row["state"] not in Visit.OPEN_STATES
    return {
        **row,
        "name": masked_name(row["name"]),
        "file": "",
        "referrer": "",
        "note": "",
        "projects": row["projects"] if over else [],
    }


@dataclass(frozen=True, slots=True)
class DayRow:
    """A line of the list of days; `late`: how many were registered after its last closing.

    `signed` is the newest signature of each party, None where there is none, and whether it is of what the register
    says now.
    """

    day: date
    visits: int
    open_visits: int
    closing: DayClose | None
    late: int
    signed: Sequence[tuple[Party, DaySignature | None, bool]]
    amended: int
    waiting: int
    interferences: int


def days_with_visits(branch: Branch) -> QuerySet[Counter]:
    """Return a counter for each day on which somebody came, the latest first."""
    return Counter.objects.filter(branch=branch, series=Visit.SERIES).order_by("-period")


def day_rows(branch: Branch, counters: Sequence[Counter]) -> list[DayRow]:
    """Return a page of the list of days. At most ten queries however many days."""
    days = [date.fromisoformat(counter.period) for counter in counters]
    closed = DayClose.objects.select_related("closed_by").filter(branch=branch, day__in=days)
    closings = {one.day: one for one in closed.order_by("last_number")}
    again = _entered_since(branch, days)
    late = {
        day: counter.last_number - closings[day].last_number - again.get(day, 0)
        for day, counter in zip(days, counters, strict=True)
        if day in closings
    }
    signed: dict[date, dict[str, DaySignature]] = {}
    signatures = DaySignature.objects.select_related("staff", "sheet").defer("sheet__rows")
    for one in signatures.filter(branch=branch, day__in=days).order_by("id"):
        signed.setdefault(one.day, {})[one.party] = one
    moving = [day for day in signed if day not in closings or late[day]]
    content = _hashes_now(branch, moving, {day: closings[day] for day in moving if day in closings})
    still_open = Visit.objects.filter(branch=branch, day__in=days, state__in=Visit.OPEN_STATES).order_by()
    opened = dict(still_open.values_list("day").annotate(number=Count("pk")))
    amendments = {
        day: (amended, waiting)
        for day, amended, waiting in Amendment.objects.filter(branch=branch, day__in=days)
        .order_by()
        .values_list("day")
        .annotate(
            amended=Count("pk", filter=Q(applied_at__isnull=False)),
            waiting=Count("pk", filter=AMENDMENT_WAITS),
        )
    }
    noted = Interference.objects.filter(branch=branch, day__in=days).order_by()
    interferences = dict(noted.values_list("day").annotate(number=Count("pk")))
    return [
        DayRow(
            day=day,
            visits=counter.last_number,
            open_visits=opened.get(day, 0),
            closing=closings.get(day),
            late=late.get(day, 0),
            signed=[
                (party, one, one is not None and (day not in content or one.sheet.hash == content[day]))
                for party in Party
                for one in (signed.get(day, {}).get(party.value),)
            ],
            amended=amendments.get(day, (0, 0))[0],
            waiting=amendments.get(day, (0, 0))[1],
            interferences=interferences.get(day, 0),
        )
        for day, counter in zip(days, counters, strict=True)
    ]


def _entered_since(branch: Branch, days: Sequence[date]) -> dict[date, int]:
    """Return how many entries were made again by amendment after the last closing of each of these days."""
    closings = DayClose.objects.filter(branch=OuterRef("branch"), day=OuterRef("day")).order_by("-last_number")
    since = Amendment.objects.filter(
        branch=branch, day__in=days, entered__number__gt=Subquery(closings.values("last_number")[:1])
    )
    return dict(since.order_by().values_list("day").annotate(number=Count("pk")))


def _hashes_now(branch: Branch, days: Sequence[date], closings: Mapping[date, DayClose]) -> dict[date, str]:
    """Return the hash of what the register says now of each of these days, as `register_now` does it for one."""
    rows: dict[date, list[Row]] = {day: [] for day in days}
    amended = RegisterSheet.objects.filter(amendment__closing__in=closings.values()).order_by("day", "-number")
    sheets = {one.day: one for one in amended.distinct("day")}
    unamended = [closing.sheet_id for day, closing in closings.items() if day not in sheets]
    sheets |= {one.day: one for one in RegisterSheet.objects.filter(pk__in=unamended)}
    for day, sheet in sheets.items():
        rows[day] += sheet.rows
    on_sheet = {row["visit"] for sheet in sheets.values() for row in sheet.rows}
    for visit in visits_of_sheet(branch).filter(day__in=days).exclude(pk__in=on_sheet):
        rows[visit.day] += rows_of([visit])
    return {day: hash_of(_by_number(said)) for day, said in rows.items()}


def unclosed_days(branch: Branch, now: datetime) -> list[date]:
    """Return the days that are over, on which somebody came, and that are not closed as they are, the latest first.

    Today is over REMIND_AFTER the house has closed. REMINDED_DAYS are looked at.
    """
    today = branch.today(now)
    closing = closes_at(branch, today)
    over = today if closing is not None and now >= closing + REMIND_AFTER else today - timedelta(days=1)
    closings = DayClose.objects.filter(branch=branch).order_by("-day").values_list("day")
    closed = {day.isoformat(): last for day, last in closings.annotate(last=Max("last_number"))[:REMINDED_DAYS]}
    counters = days_with_visits(branch).filter(period__lte=over.isoformat()).values_list("period", "last_number")
    unclosed = {
        date.fromisoformat(period): last - closed.get(period, 0)
        for period, last in counters[:REMINDED_DAYS]
        if closed.get(period, 0) < last
    }
    again = _entered_since(branch, list(unclosed))
    return [day for day, late in unclosed.items() if late > again.get(day, 0)]


def unsigned_by(branch: Branch, days: Sequence[date], parties: Sequence[Party]) -> list[date]:
    """Return those of the days that one of the parties has not signed up to the last entry."""
    periods = [day.isoformat() for day in days]
    last = {one.period: one.last_number for one in days_with_visits(branch).filter(period__in=periods)}
    signed = {
        (day, party)
        for day, party, number in DaySignature.objects.filter(
            branch=branch, day__in=list(days), party__in=list(parties)
        ).values_list("day", "party", "sheet__last_number")
        if number >= last[day.isoformat()]
    }
    return [day for day in days if any((day, party.value) not in signed for party in parties)]


def house_has_closed(branch: Branch, day: date, now: datetime) -> bool:
    """Say whether the house's doors are closed for a day: a past one, or today after the hour of closing."""
    if day < branch.today(now):
        return True
    closing = closes_at(branch, day)
    return closing is None or now >= closing


def interferences_of(branch: Branch, day: date | None = None) -> QuerySet[Interference]:
    """Return what was recorded as interference, the latest first; of one day when it is given."""
    found = Interference.objects.filter(branch=branch).select_related("person", "recorded_by")
    return found if day is None else found.filter(day=day)


def branches_with_unclosed_days(now: datetime) -> list[tuple[Branch, list[date]]]:
    """Return the branches in which days that are over are not closed, with these days."""
    found = []
    came = Visit.objects.filter(branch=OuterRef("pk"))
    for branch in Branch.objects.filter(Exists(came)):
        if days := unclosed_days(branch, now):
            found.append((branch, days))
    return found
