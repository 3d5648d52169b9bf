"""The check of an uploaded file: every row is read, every mistake named, every duplicate decided, nothing written."""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from clinic.services import jobs
from reception.importing.checking import Checker, Past, Row
from reception.importing.checking import Mistake as Wrong
from reception.importing.reading import MOST_ROWS, Unreadable, read_table, shown
from reception.models import ImportBatch, ImportMistake, StagedRow
from reception.names import fold
from reception.phones import digits_of
from reception.selectors.imports import address_of, known_names, matches, open_file
from reception.services.imports import give_up

Problem = ImportBatch.Problem
AT_ONCE = 2_000
# So many mistakes have one cause: a column that was matched to something else.
MOST_MISTAKES = 50_000


def check_import(*, job_id: uuid.UUID | str, now: datetime) -> ImportBatch:
    """Read every row of a job's file and write down what is wrong, and what each row will be; return the batch.

    Run again it begins again. Raises Refused when the job is over, jobs.Cancelled when somebody asked it to stop.
    """
    job = jobs.begin(job_id=job_id, now=now)
    batch = ImportBatch.objects.select_related("branch", "staff").get(pk=job.arguments["batch"])
    with transaction.atomic():
        batch.mistakes.all().delete()
        batch.staged.all().delete()
    try:
        with open_file(batch) as file:
            table = read_table(file)
            # The last part is looking everybody up.
            total = table.expected + max(1, table.expected // 20)
            jobs.advance(job=job, done=0, total=total)
            checker = Checker(
                fields=batch.fields,
                header=batch.header,
                known=known_names(batch.branch_id),
                today=batch.branch.today(now),
                once=batch.on_duplicate != ImportBatch.OnDuplicate.NEW,
            )
            waiting: list[Row] = []
            rows = mistakes = 0
            for number, cells in table.rows:
                if (row := checker.check(number, cells)) is None:
                    continue
                rows += 1
                waiting.append(row)
                mistakes += len(row.mistakes)
                if rows > MOST_ROWS or mistakes > MOST_MISTAKES:
                    problem = Problem.ROWS if rows > MOST_ROWS else Problem.MISTAKES
                    give_up(job=job, problem=problem, now=timezone.now())
                    return batch
                if len(waiting) >= AT_ONCE:
                    _stage(batch, waiting)
                    waiting.clear()
                    jobs.advance(job=job, done=min(rows, table.expected))
            _stage(batch, waiting)
    except Unreadable:
        give_up(job=job, problem=Problem.UNREADABLE, now=timezone.now())
        return batch
    jobs.advance(job=job, done=table.expected)
    with transaction.atomic():
        _decide(batch)
        _count(batch, rows)
        jobs.finish(job=job, now=timezone.now(), result_url=address_of(batch))
    return batch


def _stage(batch: ImportBatch, rows: Sequence[Row]) -> None:
    """Write down rows without mistakes as they will be, and the mistakes of the others."""
    wrong = [mistake for row in rows for mistake in row.mistakes]
    with transaction.atomic():
        _copy("reception_stagedrow", _STAGED, (_values(batch, row) for row in rows if not row.mistakes))
        write_mistakes(batch, wrong)


def write_mistakes(batch: ImportBatch, mistakes: Iterable[Wrong]) -> None:
    """Write mistakes down, each value as it was typed."""
    values = ((batch.pk, one.row, one.column, one.kind.value, shown(one.value)) for one in mistakes)
    _copy("reception_importmistake", ("batch_id", "row", "column", "kind", "value"), values)


_STAGED = (
    "batch_id", "row", "decision", "name", "name_key", "phone", "phone_key", "gender", "birth_on", "file_number",
    "heard_from", "medical_notes", "owner_id", "standing", "consulted_by", "first_visit_on", "last_visit_on", "visits",
    "kinds", "keys",
)  # fmt: skip


def _values(batch: ImportBatch, row: Row) -> tuple[Any, ...]:
    keys = sorted(row.keys)
    return (
        batch.pk,
        row.number,
        StagedRow.Decision.NEW.value,
        row.name,
        fold(row.name),
        row.phone,
        digits_of(row.phone.removeprefix("+86")),
        row.gender,
        row.birth_on,
        row.file_number,
        row.heard_from,
        row.medical_notes,
        row.owner,
        row.standing or "new",
        row.consulted_by,
        row.first_visit_on,
        row.last_visit_on,
        json.dumps([_past(past) for past in row.visits], ensure_ascii=False),
        [kind for kind, _key in keys],
        [key for _kind, key in keys],
    )


def _past(past: Past) -> dict[str, Any]:
    return {
        "day": past.day.isoformat(),
        "projects": past.project_text,
        "project_ids": list(past.projects),
        "consultant_id": past.consultant,
        "consultant_name": past.consultant_text,
    }


def _copy(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({names}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _decide(batch: ImportBatch) -> None:
    """Write down who of the rows is on file, and take out the rows whose file number clashes."""
    found, wrong = matches(batch)
    write_mistakes(batch, wrong)
    fill = batch.on_duplicate == ImportBatch.OnDuplicate.FILL
    with connection.cursor() as cursor:
        cursor.execute(
            "update reception_stagedrow s set matched_id = m.visitor, decision = %s"
            " from unnest(%s::bigint[], %s::bigint[]) as m(row, visitor) where s.batch_id = %s and s.row = m.row",
            [
                StagedRow.Decision.FILL.value if fill else StagedRow.Decision.SKIP.value,
                list(found),
                list(found.values()),
                batch.pk,
            ],
        )
    StagedRow.objects.filter(batch=batch, row__in=[one.row for one in wrong]).delete()


def _count(batch: ImportBatch, rows: int) -> None:
    staged = StagedRow.objects.filter(batch=batch)
    mistakes = ImportMistake.objects.filter(batch=batch)
    batch.rows = rows
    batch.mistakes_found = mistakes.count()
    batch.rows_wrong = mistakes.order_by().values("row").distinct().count()
    batch.new = staged.filter(decision=StagedRow.Decision.NEW).count()
    batch.filled = staged.filter(decision=StagedRow.Decision.FILL).count()
    batch.skipped = staged.filter(decision=StagedRow.Decision.SKIP).count()
    batch.state = ImportBatch.State.CHECKED
    batch.save(update_fields=["rows", "mistakes_found", "rows_wrong", "new", "filled", "skipped", "state"])
