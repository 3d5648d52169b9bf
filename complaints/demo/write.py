"""Writes the story set by set: a few statements for tens of thousands of rows."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar

from django.db import connection
from django.db.models import Model
from psycopg import sql

from clinic.models import AuditEntry, Counter, Staff
from complaints.demo.story import BoardDay, Story
from consultations.models import Consultation, Treatment
from reception.keys import search_keys
from reception.models import DeskDay, Visit, Visitor, VisitorKey, VisitProject
from triage.engine.decision import facts_to_json
from triage.engine.ledger import board_to_json
from triage.models import Board, Decision, LedgerEntry, Policy
from triage.selectors.policies import rules_of
from triage.services.ledger import sealed_row

Row = TypeVar("Row", bound=Model)


def write_story(story: Story, policy: Policy) -> None:
    """Write everything the story holds; the database checks every rule it knows while it does."""
    write_visitors(story.visitors)
    for visit in story.visits:
        visit.version = max(visit.version, 1)
    insert(Visit, story.visits)
    insert(VisitProject, story.wishes)
    insert(
        Counter,
        [
            Counter(
                branch=story.hospital.branch, series=Visit.SERIES, period=day.day.isoformat(), last_number=day.visits
            )
            for day in story.boards
        ],
    )
    longest = rules_of(policy).max_wait_minutes
    insert(
        DeskDay, [DeskDay(branch=story.hospital.branch, day=day.day, max_wait_minutes=longest) for day in story.boards]
    )
    for day in story.boards:
        _write_board(day, story, policy)
    insert(Consultation, story.consultations)
    insert(Treatment, story.treatments)
    insert(AuditEntry, sorted(_who_did_what(story), key=lambda entry: entry.at))


def write_visitors(visitors: list[Visitor]) -> None:
    """Write visitors, numbered like those the desk registers, with the keys they are found by."""
    for visitor in visitors:
        visitor.file_number = f"F{visitor.pk:06d}"
    insert(Visitor, visitors)
    copy_in(VisitorKey, ("visitor_id", "kind", "key"), chain.from_iterable(map(_keys, visitors)))


def _keys(visitor: Visitor) -> Iterator[tuple[int, str, str]]:
    found = search_keys(name=visitor.name, phone=str(visitor.phone), file_number=visitor.file_number)
    return ((visitor.pk, kind, key) for kind, key in sorted(found))


def _write_board(day: BoardDay, story: Story, policy: Policy) -> None:
    """Write a day's board as the cache of its ledger, each entry chained to the one before, and the decisions."""
    board = Board.objects.create(
        branch=story.hospital.branch,
        day=day.day,
        policy=policy,
        sequence=day.board.sequence,
        state=board_to_json(day.board),
        opened_at=day.opened_at,
        opened_by=day.opened_by,
        closed_at=day.closed_at,
    )
    rows: list[LedgerEntry] = []
    for sequence, entry in enumerate(day.entries, start=1):
        rows.append(sealed_row(board_id=board.pk, sequence=sequence, entry=entry, previous_hash=board.last_hash))
        board.last_hash = rows[-1].hash
    board.save(update_fields=["last_hash"])
    insert(LedgerEntry, rows)
    names = {str(one.pk): one.display_name for one in story.hospital.staff.values()}
    insert(
        Decision,
        [
            Decision(
                visit=one.visit,
                board=board,
                policy=policy,
                sequence=one.sequence,
                made_at=one.at,
                made_by=one.by,
                consultant_id=int(one.answer.consultant) if one.answer.consultant else None,
                rule=one.answer.rule,
                outcome=one.answer.decision.value,
                facts={
                    **facts_to_json(one.situation),
                    "names": {key: names[key] for key in one.situation.consultants},
                },
                answer=one.answer.to_json(),
            )
            for one in day.decided
        ],
    )


def _who_did_what(story: Story) -> Iterator[AuditEntry]:
    """The same entries the services write: arrivals and allocations."""
    for visit in story.visits:
        yield _audit(visit.arrived_at, visit.registered_by, visit, action="reception.register_arrival")
    for day in story.boards:
        yield _audit(day.opened_at, day.opened_by, None, action="triage.open_board")
        for one in day.decided:
            action = "triage.name_consultant" if one.answer.named_by else "triage.allocate_visit"
            detail = {
                "rule": one.answer.rule,
                "outcome": one.answer.decision.value,
                "consultant": one.answer.consultant,
            }
            yield _audit(one.at, one.by, one.visit, action=action, detail=detail)


def _audit(
    at: datetime, staff: Staff, target: Visit | None, *, action: str, detail: dict[str, str | None] | None = None
) -> AuditEntry:
    return AuditEntry(
        at=at,
        staff=staff,
        branch=staff.branch,
        action=action,
        object_type="visit" if target else "",
        object_id=str(target.pk) if target else "",
        detail=detail or {},
    )


def insert(model: type[Row], rows: Iterable[Row]) -> None:
    """Send unsaved rows through COPY, which costs a fraction of INSERT; keys not taken yet are left to the database."""
    waiting = list(rows)
    if not waiting:
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key or waiting[0].pk is not None]
    columns = [field.get_attname_column()[1] or field.name for field in fields]
    prepare = [(field, field.get_db_prep_save) for field in fields]
    values = ([to_db(field.pre_save(row, True), connection) for field, to_db in prepare] for row in waiting)
    copy_in(model, columns, values)


def copy_in(model: type[Model], columns: Sequence[str], values: Iterable[Sequence[object]]) -> None:
    """COPY plain values into some columns of a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join([sql.Identifier(column) for column in columns])
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in values:
            copy.write_row(row)
