"""The day log: a day's page, what is still open, a person's message slips, and what is found after years."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Prefetch, Q, QuerySet

from clinic.models import Branch, Department, Staff
from clinic.selectors.people import working_at
from reception.log_words import has_phone, question_keys, without_phones
from reception.models import LogEntry, LogOpen, LogStep
from reception.models.day_log import WAITS_FOR

_Kind, _What = LogEntry.Kind, LogStep.What

# After so many minutes without an answer a message slip is late at the desk.
SLIP_LATE_AFTER = 30
# So many open matters of earlier days stand beside today's page; the rest is counted.
OPEN_SHOWN = 8
ICONS: Mapping[str, str] = {
    _Kind.CALL: "telephone-inbound",
    _Kind.PARCEL: "inbox",
    _Kind.LETTER: "file-text",
    _Kind.OUTGOING: "send",
    _Kind.APPLICANT: "person-plus",
    _Kind.CALLER: "people",
    _Kind.ERRAND: "arrow-left-right",
    _Kind.PARKING: "tag",
}


@dataclass(frozen=True, slots=True)
class LogRow:
    """An entry as a list shows it, its phone numbers masked; `end` and `void` are the steps that settled it."""

    entry: LogEntry
    steps: Sequence[LogStep]
    left: bool

    @property
    def void(self) -> LogStep | None:
        """The step that made it void."""
        return self._step(_What.VOID)

    @property
    def end(self) -> LogStep | None:
        """The step after which nothing was open any more."""
        return next((step for step in self.steps if step.what in LogStep.ENDS), None)

    @property
    def seen(self) -> LogStep | None:
        """When the person it is for saw it."""
        return self._step(_What.SEEN)

    @property
    def is_open(self) -> bool:
        """Whether something is still waited for."""
        return self.entry.waits and self.end is None and self.void is None

    @property
    def is_slip(self) -> bool:
        """Whether it is a message slip for somebody."""
        return self.entry.kind == _Kind.CALL and self.entry.for_staff_id is not None

    @property
    def is_mail(self) -> bool:
        """Whether it came in by post or messenger."""
        return self.entry.kind in LogEntry.MAIL

    @property
    def icon(self) -> str:
        """The picture of its kind."""
        return ICONS[self.entry.kind]

    @property
    def one_step(self) -> str:
        """The step that one button does; nothing where more has to be said."""
        ends = WAITS_FOR.get(self.entry.kind, ())
        return ends[0] if len(ends) == 1 else ""

    @property
    def one_step_word(self) -> str:
        """The word on that button."""
        return str(_What(self.one_step).label) if self.one_step else ""

    @property
    def name(self) -> str:
        """Who, without a whole phone number."""
        return without_phones(self.entry.name)

    @property
    def text(self) -> str:
        """About what, without a whole phone number."""
        return without_phones(self.entry.text)

    @property
    def has_phone(self) -> bool:
        """Whether something is masked that may be looked at."""
        return bool(self.entry.phone) or has_phone(self.whole)

    @property
    def whole(self) -> str:
        """All that was written about it, as it was written."""
        said = [self.entry.name, self.entry.text, *(f"{step.text} {step.taker}" for step in self.steps)]
        return " ".join(" ".join(said).split())

    @property
    def answer(self) -> str:
        """What was answered, without a whole phone number."""
        return without_phones(self.end.text) if self.end else ""

    @property
    def why_void(self) -> str:
        """Why it is void, without a whole phone number."""
        return without_phones(self.void.text) if self.void else ""

    @property
    def taker(self) -> str:
        """Who took it, without a whole phone number."""
        return without_phones(self.end.taker) if self.end else ""

    def _step(self, what: str) -> LogStep | None:
        return next((step for step in self.steps if step.what == what), None)


def log_rows(entries: Iterable[LogEntry], today: date) -> list[LogRow]:
    """Return the rows of entries that `_with_steps` selected; `left`: the person it is for works here no more."""
    return [
        LogRow(
            entry=entry,
            steps=list(entry.steps.all()),
            left=entry.for_staff is not None
            and entry.for_staff.active_until is not None
            and entry.for_staff.active_until < today,
        )
        for entry in entries
    ]


def _with_steps(entries: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
    """Select all that a row shows: two queries however many rows. What is only searched by stays behind."""
    return (
        entries.select_related("for_staff", "for_department", "visitor", "written_by")
        .prefetch_related(Prefetch("steps", LogStep.objects.select_related("by")))
        .defer("keys")
    )


def days_log(branch: Branch, day: date, *, kind: str = "") -> QuerySet[LogEntry]:
    """Return the entries of a branch's day, the latest first; `kind` empty for all."""
    entries = _with_steps(LogEntry.objects.filter(branch=branch, day=day))
    return entries.filter(kind=kind) if kind in _Kind.values else entries


def day_counts(branch: Branch, day: date) -> dict[str, int]:
    """Return how many entries of the day there are of each kind, and of `all`; void ones count: they stay."""
    by_kind = dict(
        LogEntry.objects.filter(branch=branch, day=day).values_list("kind").annotate(number=Count("pk")).order_by()
    )
    return {kind: by_kind.get(kind, 0) for kind in _Kind.values} | {"": sum(by_kind.values())}


def entry_in_branch(staff: Staff, pk: int) -> QuerySet[LogEntry]:
    """Return the entry if it is of this person's branch (for `get_object_or_404`)."""
    return _with_steps(LogEntry.objects.filter(pk=pk, branch=staff.branch_id))


@dataclass(frozen=True, slots=True)
class StillOpen:
    """What the desk has to see to, of whatever day: how much of each kind, and the oldest of what is not mail."""

    counts: Mapping[str, int]
    late_slips: int
    rows: Sequence[LogRow]

    @property
    def mail(self) -> int:
        """How many parcels and letters nobody has taken."""
        return sum(self.counts.get(kind, 0) for kind in LogEntry.MAIL)

    @property
    def more(self) -> int:
        """How many beside the rows are open, mail not counted."""
        return sum(self.counts.values()) - self.mail - len(self.rows)


def still_open(branch: Branch, now: datetime) -> StillOpen:
    """Return what is open at a branch. Four queries."""
    waiting = LogOpen.objects.filter(branch=branch)
    counts = dict(waiting.values_list("kind").annotate(number=Count("pk")).order_by())
    late = waiting.filter(kind=_Kind.CALL, entry__at__lt=now - timedelta(minutes=SLIP_LATE_AFTER)).count()
    oldest = LogEntry.objects.filter(open__branch=branch).exclude(open__kind__in=LogEntry.MAIL).order_by("pk")
    rows = log_rows(_with_steps(oldest)[:OPEN_SHOWN], branch.today(now))
    return StillOpen(counts=counts, late_slips=late, rows=rows)


def mail_of_leavers(branch: Branch, today: date) -> QuerySet[LogEntry]:
    """Return mail for people who have left: once a week it goes back unopened. Oldest first."""
    return _waiting_mail(branch).filter(for_staff__active_until__lt=today).order_by("pk")


def mail_to_hand_out(branch: Branch, today: date) -> QuerySet[LogEntry]:
    """Return mail whose person still works here, or that is for a department or somebody else, oldest first."""
    gone = Q(for_staff__active_until__lt=today)
    return _waiting_mail(branch).exclude(gone & Q(for_staff__active_until__isnull=False)).order_by("pk")


def _waiting_mail(branch: Branch) -> QuerySet[LogEntry]:
    return _with_steps(LogEntry.objects.filter(open__branch=branch, open__kind__in=LogEntry.MAIL))


def message_slips_of(staff: Staff) -> QuerySet[LogEntry]:
    """Return the message slips for a person, the open ones first, then the newest."""
    mine = LogEntry.objects.filter(for_staff=staff, kind=_Kind.CALL).exclude(steps__what=_What.VOID)
    return _with_steps(mine).order_by(F("open__pk").asc(nulls_last=True), "-pk")


def message_slip_of(staff: Staff, pk: int) -> QuerySet[LogEntry]:
    """Return a message slip if it is for this person (for `get_object_or_404`)."""
    return _with_steps(LogEntry.objects.filter(pk=pk, for_staff=staff, kind=_Kind.CALL))


def unseen_message_slips(staff: Staff, limit: int = 4) -> list[LogEntry]:
    """Return the open message slips a person has not seen yet, oldest first. One query."""
    waiting = LogEntry.objects.filter(open__for_staff=staff, open__kind=_Kind.CALL, open__seen_at=None)
    return list(waiting.select_related("visitor", "written_by").defer("keys").order_by("pk")[:limit])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the log of years; empty means everything. `person`: whom it is for or who wrote it."""

    text: str = ""
    kind: str = ""
    person: Staff | None = None
    first_on: date | None = None
    last_on: date | None = None


def search_log(branch: Branch, wanted: Wanted) -> QuerySet[LogEntry]:
    """Return the entries of a branch that fit, the newest first, with all that a row shows."""
    return _with_steps(found_entries(branch, wanted)).order_by("-pk")


def found_entries(branch: Branch, wanted: Wanted) -> QuerySet[LogEntry]:
    """Return the entries that fit, as they are counted."""
    found = LogEntry.objects.filter(branch=branch)
    if wanted.text:
        keys = question_keys(wanted.text)
        found = found.filter(keys__contains=keys) if keys else found.none()
    if wanted.kind in _Kind.values:
        found = found.filter(kind=wanted.kind)
    if wanted.person is not None:
        found = found.filter(Q(for_staff=wanted.person) | Q(written_by=wanted.person))
    if wanted.first_on is not None:
        found = found.filter(day__gte=wanted.first_on)
    if wanted.last_on is not None:
        found = found.filter(day__lte=wanted.last_on)
    return found


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody or something mail and messages may be for; `called` is what is typed, `hint` helps to find it."""

    called: str
    hint: str
    staff: Staff | None = None
    department: Department | None = None
    left: bool = False


def addressees(branch: Branch, today: date) -> list[Addressee]:
    """Return whom something may be for: who works here, the departments, and who has left, in that order.

    Two people of one name are told apart by their login names. Two queries.
    """
    here = {person.pk for person in working_at(branch, today).only("pk")}
    people = list(Staff.objects.filter(branch=branch, active_from__lte=today).select_related("department"))
    people.sort(key=lambda person: (person.pk not in here, person.name_key, person.login_name))
    names = [person.display_name for person in people]
    found = [
        Addressee(
            called=person.display_name
            if names.count(person.display_name) == 1
            else f"{person.display_name} ({person.login_name})",
            hint=" · ".join(filter(None, (person.name_key, str(person.department or "")))),
            staff=person,
            left=person.pk not in here,
        )
        for person in people
    ]
    taken = {one.called for one in found}
    departments = [
        Addressee(called=str(one), hint="", department=one)
        for one in Department.objects.filter(branch=branch)
        if str(one) not in taken
    ]
    working = [one for one in found if not one.left]
    return [*working, *departments, *(one for one in found if one.left)]
