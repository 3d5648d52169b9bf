"""The days of the register: who has signed, what has changed since, what is closed and what was amended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

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
    """Return the closing of a day, None while it is open."""
    return DayClose.objects.select_related("sheet", "closed_by").filter(branch=branch, day=day).first()


def is_on_a_closed_sheet(visit: Visit) -> bool:
    """Say whether a visit stands on the signed sheet of a closed day; who came after the closing does not."""
    return DayClose.objects.filter(branch=visit.branch_id, day=visit.day, last_number__gte=visit.number).exists()


def newest_sheet(branch: Branch, day: date) -> RegisterSheet:
    """Return the sheet of a closed day as it was last amended."""
    return RegisterSheet.objects.filter(branch=branch, day=day).latest("number")


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
    """A day of the register as its page shows it."""

    branch: Branch
    day: date
    rows: Sequence[Row]
    hash: str
    closing: DayClose | None
    parties: Sequence[PartyState]
    open_visits: Sequence[Visit]
    late_visits: Sequence[Visit]

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
    closing = closing_of(branch, day)
    visits = list(visits_of_sheet(branch, day))
    last = closing.last_number if closing else None
    on_sheet = [visit for visit in visits if last is None or visit.number <= last]
    rows: Sequence[Row] = newest_sheet(branch, day).rows if closing else rows_of(on_sheet)
    content = closing.sheet.hash if closing else hash_of(rows)
    signatures = latest_signatures(branch, day)
    if closing:
        of_sheet = DaySignature.objects.select_related("staff", "sheet").filter(sheet=closing.sheet_id)
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
                may_sign=closing is None and not valid and party in mine and other is None,
                signed_for=str(other.label) if other and party in mine else "",
                differs=_differs(signature, rows, staff, branch.zone) if signature and not valid else (),
            )
        )
    return DayState(
        branch=branch,
        day=day,
        rows=rows,
        hash=content,
        closing=closing,
        parties=states,
        open_visits=[visit for visit in on_sheet if visit.state in Visit.OPEN_STATES],
        late_visits=[visit for visit in visits if last is not None and visit.number > last],
    )


def rows_to_verify(state: DayState, staff: Staff) -> list[tuple[PartyState, list[SheetLine]]]:
    """Return, for each party this person may sign for now, the entries that are its own to verify.

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
    """A line of the list of days; `signed` is the newest signature of each party, None where there is none."""

    day: date
    visits: int
    open_visits: int
    closing: DayClose | None
    signed: Sequence[tuple[Party, DaySignature | None]]
    amended: int
    waiting: int
    interferences: int


def days_with_visits(branch: Branch) -> QuerySet[Counter]:
    """Return a counter for each day on which somebody came, the latest first."""
    return Counter.objects.filter(branch=branch, series=Visit.SERIES).order_by("-period")


def day_rows(branch: Branch, counters: Sequence[Counter]) -> list[DayRow]:
    """Return a page of the list of days. Five queries however many days."""
    days = [date.fromisoformat(counter.period) for counter in counters]
    closings = {
        one.day: one for one in DayClose.objects.select_related("closed_by").filter(branch=branch, day__in=days)
    }
    signed: dict[date, dict[str, DaySignature]] = {}
    for one in DaySignature.objects.select_related("staff").filter(branch=branch, day__in=days).order_by("id"):
        signed.setdefault(one.day, {})[one.party] = one
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
            signed=[(party, signed.get(day, {}).get(party.value)) for party in Party],
            amended=amendments.get(day, (0, 0))[0],
            waiting=amendments.get(day, (0, 0))[1],
            interferences=interferences.get(day, 0),
        )
        for day, counter in zip(days, counters, strict=True)
    ]


def unclosed_days(branch: Branch, now: datetime) -> list[date]:
    """Return the days that are over, on which somebody came, and that are not closed, the latest first.

    Today is over REMIND_AFTER the house has closed. REMINDED_DAYS are looked at.
    """
    today = branch.today(now)
    closing = closes_at(branch, today)
    over = today if closing is not None and now >= closing + REMIND_AFTER else today - timedelta(days=1)
    closed = {
        day.isoformat()
        for day in DayClose.objects.filter(branch=branch).order_by("-day").values_list("day", flat=True)[:REMINDED_DAYS]
    }
    periods = days_with_visits(branch).filter(period__lte=over.isoformat()).values_list("period", flat=True)
    return [date.fromisoformat(period) for period in periods[:REMINDED_DAYS] if period not in closed]


def unsigned_by(branch: Branch, days: Sequence[date], parties: Sequence[Party]) -> list[date]:
    """Return those of the days that one of the parties has never signed."""
    signed = set(
        DaySignature.objects.filter(branch=branch, day__in=list(days), party__in=list(parties)).values_list(
            "day", "party"
        )
    )
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
