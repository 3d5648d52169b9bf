"""Ledger entries and decisions in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clinic.models import Project
from clinic.words import reads_chinese
from reception.masking import masked_name
from triage.engine import decision as engine
from triage.engine import ledger
from triage.engine.explain import Explanation, Language, explain
from triage.engine.facts import Cause, Fate, SeatChange, Turn
from triage.models import Board, LedgerEntry


def engine_language() -> Language:
    """Return the language of the rules' sentences that goes with the language of the page."""
    return "zh" if reads_chinese() else "en"


def explained(answer: engine.Decision, names: Mapping[str, str], projects: Mapping[str, str]) -> Explanation:
    """Return a decision in words; names by staff id, projects by code."""
    return explain(answer, engine_language(), consultants=names, projects=projects)


def project_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the projects' names in the reader's language, by code."""
    return {project.code: str(project) for project in Project.objects.filter(code__in=set(codes))}


@dataclass(frozen=True, slots=True)
class Line:
    """A ledger entry as the board tells it: when, about whom, what, and what belongs to it."""

    sequence: int
    at: datetime
    kind: str
    visit_id: int | None
    number: str
    visitor: str
    text: str
    detail: str
    reason: str
    by: str


def last_lines(board: Board, *, limit: int | None = None, names: Mapping[str, str] | None = None) -> list[Line]:
    """Return a board's entries in words, newest first; two queries, one when the names are known."""
    rows = LedgerEntry.objects.filter(board=board).select_related("visit__visitor", "staff").order_by("-sequence")
    return lines_of(rows[:limit] if limit else rows, board.branch.zone, names or {})


def lines_of(rows: Iterable[LedgerEntry], zone: ZoneInfo, names: Mapping[str, str]) -> list[Line]:
    """Return entries in words, in the order given; a staff id without a name stands for itself."""
    return [_line(row, zone, names) for row in rows]


def _line(row: LedgerEntry, zone: ZoneInfo, names: Mapping[str, str]) -> Line:
    entry = ledger.entry_from_json(row.body)
    text, detail = _told(entry, zone, lambda one: names.get(one or "", one or ""))
    return Line(
        sequence=row.sequence,
        at=row.at,
        kind=row.kind,
        visit_id=row.visit_id,
        number=str(row.visit) if row.visit else "",
        visitor=masked_name(row.visit.visitor.name) if row.visit else "",
        text=text,
        detail=detail,
        reason=row.reason,
        by=str(row.staff) if row.staff else "",
    )


Name = Callable[[str | None], str]


def _told(entry: ledger.Entry, zone: ZoneInfo, name: Name) -> tuple[str, str]:
    match entry:
        case ledger.Opened():
            count = len(entry.teams)
            if count:
                return ngettext("opened with %(count)s team", "opened with %(count)s teams", count) % {
                    "count": count
                }, ""
            count = len(entry.seats)
            return ngettext("opened with %(count)s seat", "opened with %(count)s seats", count) % {"count": count}, ""
        case ledger.CheckedIn():
            return _("%(name)s is here") % {"name": name(entry.seat)}, ""
        case ledger.SeatState():
            return _seat_told(entry, zone, name), ""
        case ledger.Reordered():
            return _("put into another order"), ""
        case ledger.Moved():
            return f"{name(entry.left_seat)} → {name(entry.seat)}", " · ".join(
                [entry.rule, fate_words(entry.fate), *_allocation_details(entry, name)]
            )
        case ledger.Released():
            return _("taken from %(name)s") % {"name": name(entry.seat)}, f"{entry.rule} · {fate_words(entry.fate)}"
        case ledger.Returned() if entry.turn is Turn.FREE:
            return _("allocated wrongly, found out afterwards"), f"{entry.rule} · {fate_words(Fate.FREE)}"
        case ledger.Returned():
            return _("turn of %(name)s returned") % {"name": name(entry.seat)}, entry.rule
        case ledger.Corrected():
            returned = fate_words(Fate.RETURNED) if entry.returned else _("turn stays as it is")
            return _("corrected, stays with %(name)s") % {"name": name(entry.seat)}, f"{entry.rule} · {returned}"
        case ledger.Allocated():
            return f"→ {name(entry.seat)}", " · ".join(_allocation_details(entry, name))
        case ledger.Escalated():
            return _("nobody free: the supervisor is asked"), ""
        case ledger.OwnerAsked():
            return _("%(name)s, the owner, is asked for a stand-in") % {"name": name(entry.owner)}, ""
        case ledger.Entered():
            return _("in the room with %(name)s") % {"name": name(entry.seat)}, ""
        case ledger.Finished():
            return _("finished with %(name)s") % {"name": name(entry.seat)}, ""
        case ledger.Declined():
            return _("declined by %(name)s") % {"name": name(entry.seat)}, _("turn lost, suspended for today")
        case ledger.Left():
            returned = _("turn returned, a make-up is owed") if entry.returned else ""
            return _("left"), returned
        case ledger.Undone():
            again = entry.entry.get("kind") == ledger.Closed.kind
            return _("opened again") if again else _("undone"), _("board as before")
        case _:
            return pgettext("board", "closed"), ""


def _seat_told(entry: ledger.SeatState, zone: ZoneInfo, name: Name) -> str:
    who = {"name": name(entry.seat)}
    if entry.change is SeatChange.BUSY and entry.free_in is not None:
        return _("%(name)s is busy, free in %(minutes)s min") % {**who, "minutes": entry.free_in}
    if entry.change is SeatChange.OUT and entry.until is not None:
        return _("%(name)s is out until %(time)s") % {**who, "time": f"{entry.until.astimezone(zone):%H:%M}"}
    sentences = {
        SeatChange.FREE: _("%(name)s is free"),
        SeatChange.BUSY: _("%(name)s is busy"),
        SeatChange.OUT: _("%(name)s is out"),
        SeatChange.OFF: _("%(name)s is off"),
        SeatChange.ON: _("%(name)s is back"),
        SeatChange.LATE: _("%(name)s is late"),
    }
    return sentences[entry.change] % who


def _allocation_details(entry: ledger.Allocated, name: Name) -> Iterable[str]:
    if isinstance(entry, ledger.Named):
        yield _("named by the owner") if entry.named_by == "owner" else _("named by the supervisor")
    yield turn_words(entry.turn)
    for passed in entry.passed:
        words = {"name": name(passed.seat), "cause": cause_words(passed.cause)}
        yield (_("%(name)s passed (%(cause)s, owed)") if passed.owed else _("%(name)s passed (%(cause)s)")) % words


def turn_words(turn: Turn) -> str:
    """Return what a visit uses up, in a word or two."""
    return {
        Turn.COUNTED: _("counted turn"),
        Turn.MAKE_UP: _("make-up turn"),
        Turn.FREE: _("no turn used"),
    }[turn]


def fate_words(fate: Fate) -> str:
    """Return what became of the turn a visit had before it was corrected."""
    return {
        Fate.COUNTED: _("earlier turn stays counted"),
        Fate.MAKE_UP: _("earlier make-up stays used"),
        Fate.FREE: _("no turn was used"),
        Fate.RETURNED: _("turn returned, a make-up is owed"),
        Fate.LOST: _("turn lost"),
        Fate.EXCHANGED: _("turn exchanged"),
        Fate.UNDONE: _("earlier turn taken back"),
    }[fate]


def cause_words(cause: str) -> str:
    """Return why a seat was passed over, or is owed a turn."""
    return {
        Cause.OFF.value: _("off"),
        Cause.OUT.value: _("out"),
        Cause.SUSPENDED.value: _("suspended"),
        Cause.SCOPE.value: _("not in scope"),
        Cause.BUSY.value: _("busy"),
        "left": _("visitor left early"),
        "carried": _("carried over"),
        "K1": _("project not offered"),
        "K2": _("cannot be done"),
        "K3": _("referral found out later"),
        "K4": _("visitor changed to another team"),
        "K6": _("allocated wrongly"),
        "K9": _("supervisor gave the visit to somebody else"),
    }.get(cause, cause)
