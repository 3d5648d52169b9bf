"""Proposals, and decisions as they were made."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.roles import Capability
from clinic.statements import Statement, columns, rows_of, run
from reception.models import Standing, Visit, Visitor
from triage.engine import decision as engine
from triage.engine import facts, naming
from triage.engine.allocate import allocate
from triage.engine.explain import Explanation
from triage.engine.policy import Policy as Rules
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import FRONT, board_of_day, names_of, state_of
from triage.selectors.facts import NOTHING_SAID, ChangedType, Known, Said, facts_of
from triage.selectors.policies import rules_of
from triage.selectors.words import Line, explained, lines_of, project_names

# For how long after a decision the desk may take it back (K8).
UNDO_SECONDS = 10
_KNOW_EVERYBODY = frozenset({Capability.FIND_VISITORS, Capability.VIEW_REGISTER, Capability.VIEW_ALL_VISITORS})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rules say about a visit now. `sequence` is the board's; confirming it on a newer board is stale."""

    visit: Visit
    board: Board
    sequence: int
    answer: engine.Decision
    known: Known
    said: Said = NOTHING_SAID

    @property
    def changed_type(self) -> ChangedType | None:
        """Return the type the desk set itself, if it did."""
        return self.said.changed_type

    @property
    def in_words(self) -> Explanation:
        """Return the answer and its reasons in the reader's language."""
        return explained(self.answer, self.known.names, project_names(self.known.situation.arrival.projects))

    def seats(self, words: Explanation) -> list[tuple[str, str]]:
        """Return each seat in the order asked: its name, and what was found."""
        return [(self.known.names.get(line.about, line.about), line.text) for line in words.seats]

    @property
    def wait_may_be_refused(self) -> bool:
        """Whether somebody was named who is busy, and the visitor may go by rotation instead (A2, A3, A4)."""
        return self.answer.decision is engine.Outcome.WAIT and self.answer.rule in ("A2", "A3", "A4")

    @property
    def owed(self) -> list[str]:
        """Return the names of those passed over who get a make-up turn, in the order asked."""
        return [self.known.names.get(one.seat, one.seat) for one in self.answer.passed if one.owed]


def visit_seen_by(staff: Staff, pk: int) -> Visit:
    """Return a visit whose decisions a person may look at, with visitor, consultant and branch.

    Her branch's, any for managers and auditors. Raises Visit.DoesNotExist for what is not hers as for what is not.
    """
    everywhere = staff.may(Capability.MANAGE_POLICY) or staff.may(Capability.VIEW_AUDIT)
    (found,) = run(Statement(_VISIT, {"visit": pk, "everywhere": everywhere, "branch": staff.branch_id}))
    row = found.fetchone()
    if row is None:
        raise Visit.DoesNotExist
    seen: Visit
    seen, seen.visitor, seen.branch, seen.consultant = rows_of(row, Visit, Visitor, Branch, Staff)
    return seen


_VISIT = f"""
select {columns(Visit, "visit")}, {columns(Visitor, "visitor")}, {columns(Branch, "branch")},
       {columns(Staff, "consultant")}
from reception_visit as visit
join reception_visitor as visitor on visitor.id = visit.visitor_id
join clinic_branch as branch on branch.id = visit.branch_id
left join clinic_staff as consultant on consultant.id = visit.consultant_id
where visit.id = %(visit)s and (%(everywhere)s or visit.branch_id = %(branch)s)
"""  # noqa: S608 - the columns are those of the models


def may_know_visitor(staff: Staff, visit: Visit) -> bool:
    """Say whether a person may see whose visit it is: the desk, the supervisors, its consultant, the owner."""
    if staff.capabilities & _KNOW_EVERYBODY:
        return True
    return staff.pk in (visit.consultant_id, visit.visitor.owner_id)


def may_be_told(staff: Staff, visit: Visit) -> bool:
    """Say whether a person may read why a visit went where it went: whoever sees the board, or was given it."""
    if staff.capabilities & {Capability.VIEW_DESK_BOARD, Capability.VIEW_REGISTER}:
        return True
    given = Decision.objects.filter(visit=visit, board__desk=FRONT, consultant=staff)
    return visit.consultant_id == staff.pk or given.exists()


def propose(visit: Visit, now: datetime, said: Said = NOTHING_SAID) -> Proposal | None:
    """Return what would be decided about a registered visit now; None while the front desk's board is not open.

    Nothing is locked and nothing written. Raises ValueError when the visit is with a seat already.
    """
    board = board_of_day(visit.branch, FRONT, visit.day)
    if board is None:
        return None
    known = facts_of(visit=visit, board=board, state=state_of(board), now=now, said=said)
    return Proposal(known.visit, board, board.sequence, allocate(known.situation), known, said)


def said_of(visit: Visit) -> Said:
    """Return what the desk said when the visit was last decided on, so that it still holds when it is decided again.

    A decision that was taken back said nothing; a type the desk set does not outlast a correction that changed it.
    """
    undone = LedgerEntry.objects.filter(board=OuterRef("board"), kind="undone", corrects=OuterRef("sequence"))
    decisions = Decision.objects.filter(visit=visit, board__desk=FRONT).exclude(Exists(undone)).order_by("-pk")
    last = decisions.values_list("facts__arrival", "answer").first()
    if last is None:
        return NOTHING_SAID
    arrival, answer = last
    changed = None
    if arrival["stated_type"] is not None and arrival["stated_type"] == answer["visit_type"]:
        changed = ChangedType(facts.VisitType(arrival["stated_type"]), arrival["stated_reason"])
    refused = any((one["rule"], one["says"]) == ("A4", "wait_refused") for one in answer["trace"])
    already = arrival["designation"] is not None and arrival["designation"]["refuses_wait"]
    return Said(changed, refuses_wait=refused or already)


def moved_since(board: Board, sequence: int, *, limit: int = 3) -> list[Line]:
    """Return what happened on a board after entry number `sequence`, newest first."""
    rows = (
        LedgerEntry.objects.filter(board=board, sequence__gt=sequence)
        .select_related("visit__visitor", "staff")
        .order_by("-sequence")[:limit]
    )
    return lines_of(rows, board.branch.zone, names_of({seat.consultant for seat in state_of(board).seats}))


def situation_of(stored: Mapping[str, Any], policy: Rules) -> engine.Situation:
    """Return what a stored decision was made from; the names and the state before it kept beside it are left out."""
    return engine.situation_from_json({key: stored[key] for key in stored.keys() - {"names", "before", "case"}}, policy)


def replayed(decision: Decision) -> engine.Decision:
    """Return what the rules say today about the facts and the policy of a stored decision."""
    situation = situation_of(decision.facts, rules_of(decision.policy))
    stored = engine.Decision.from_json(decision.answer)
    if stored.named_by is None or stored.consultant is None:
        return allocate(situation)
    override = stored.rule == "K9"
    answer = naming.name(
        situation,
        consultant=stored.consultant,
        by=stored.named_by,
        reason=stored.reason if override else "",
        turn=stored.turn if override else None,
    )
    return replace(answer, reason=stored.reason)


@dataclass(frozen=True, slots=True)
class Told:
    """A stored decision in words, and what became of it."""

    decision: Decision
    answer: engine.Decision
    words: Explanation
    names: Mapping[str, str]
    undone: bool
    standing: str
    owner: str
    projects: str
    hides_projects: bool = False

    @property
    def seats(self) -> list[tuple[str, str]]:
        """Return each seat in the order asked: its name then, and what was found."""
        return [(self.names.get(line.about, line.about), line.text) for line in self.words.seats]


def decisions_of(visit: Visit, reader: Staff | None = None) -> list[Told]:
    """Return the front desk's decisions about a visit, newest first, in words from the facts of then; three queries.

    `reader`: who reads them. Under a policy that hides projects (O5) none is named to whoever sees no register, until
    a consultant has accepted the visit.
    """
    waits = visit.state in (Visit.State.REGISTERED, Visit.State.WAITING)
    quiet = waits and reader is not None and not _KNOW_EVERYBODY & reader.capabilities
    return told(Decision.objects.filter(visit=visit, board__desk=FRONT).order_by("-pk"), quiet=quiet)


def told(decisions: QuerySet[Decision], *, quiet: bool = False) -> list[Told]:
    """Return decisions in words, in the order given, in three queries; `quiet`: without what their policy hides."""
    found = list(decisions.select_related("made_by", "policy"))
    undone = LedgerEntry.objects.filter(board__in={one.board_id for one in found}, kind="undone")
    return _in_words(found, set(undone.values_list("board_id", "corrects")), quiet=quiet)


def told_now(decision: Decision) -> Told:
    """Return a decision made just now in words; one query."""
    return _in_words([decision], set())[0]


def _in_words(
    decisions: Sequence[Decision], undone: Container[tuple[int, int | None]], *, quiet: bool = False
) -> list[Told]:
    """Return decisions in words; `undone`: board and entry number of those that were taken back."""
    projects = project_names(code for one in decisions for code in one.facts["arrival"]["projects"])
    result = []
    for one in decisions:
        answer, names = engine.Decision.from_json(one.answer), one.facts["names"]
        hides = quiet and rules_of(one.policy).hide_project
        words = explained(answer, names, dict.fromkeys(projects, _("the project")) if hides else projects)
        person, codes = one.facts["person"], one.facts["arrival"]["projects"]
        result.append(
            Told(
                decision=one,
                answer=answer,
                words=words,
                names=names,
                undone=(one.board_id, one.sequence) in undone,
                standing=str(Standing(person["standing"]).label) if person else "",
                owner=names.get(person["owner"] or "", "") if person else "",
                projects="" if hides else _(", ").join(projects.get(code, code) for code in codes),
                hides_projects=hides,
            )
        )
    return result


def happened_with(visit: Visit) -> list[Line]:
    """Return a visit's ledger entries in words, oldest first."""
    rows = list(
        LedgerEntry.objects.filter(visit=visit).select_related("visit__visitor", "staff").order_by("at", "sequence")
    )
    seats = {str(row.body["seat"]) for row in rows if row.body.get("seat")}
    owners = {str(row.body["owner"]) for row in rows if row.body.get("owner")}
    passed = {one["seat"] for row in rows for one in row.body.get("passed", [])}
    return lines_of(rows, visit.branch.zone, names_of(seats | owners | passed))


@dataclass(frozen=True, slots=True)
class Question:
    """A visit nobody has yet: whose name is asked for, since when, and what was found."""

    visit: Visit
    board: Board
    rule: str
    since: datetime
    owner_id: int | None
    owner: str
    told: Told


def open_questions(staff: Staff, now: datetime) -> list[Question]:
    """Return what a person is asked for today: a supervisor everything open in her branch, an owner her own visitors.

    Oldest first; six queries at most, whatever their number.
    """
    board = board_of_day(staff.branch, FRONT, staff.branch.today(now))
    if board is None:
        return []
    supervises = staff.may(Capability.ANSWER_ESCALATIONS)
    pending = {
        int(one.visit): one
        for one in state_of(board).pending
        if supervises or (one.rule == "A8" and one.owner == str(staff.pk))
    }
    if not pending:
        return []
    about = Decision.objects.filter(visit__in=pending, board=board).order_by()
    latest = about.values("visit").annotate(latest=Max("pk")).values("latest")
    tellings = {one.decision.visit_id: one for one in told(Decision.objects.filter(pk__in=latest))}
    visits = Visit.objects.filter(pk__in=pending).select_related("visitor", "branch").prefetch_related("projects")
    questions = []
    for visit in visits:
        one, telling = pending[visit.pk], tellings[visit.pk]
        questions.append(
            Question(
                visit=visit,
                board=board,
                rule=one.rule,
                since=one.since,
                owner_id=int(one.owner) if one.owner else None,
                owner=telling.names.get(one.owner or "", ""),
                told=telling,
            )
        )
    return sorted(questions, key=lambda question: question.since)
