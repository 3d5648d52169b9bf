"""Imports of visitors from another system: a file comes in, is matched, checked, taken in as a whole, and taken back.

What is long is a job; here stand its beginnings and ends. `import_check` and `import_write` carry it out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Job, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, jobs
from clinic.services.repeats import content_of, made_before
from reception.importing.columns import SEVERAL, Field, headers_key
from reception.importing.reading import MOST_BYTES, Unreadable, read_table, shown
from reception.models import ImportBatch, ImportedRow, ImportMapping, ImportPiece
from reception.names import fold
from reception.selectors.imports import at_work, done_before, outdated

SAMPLES = 3
PIECE = 1024 * 1024
KEPT_DAYS = 7
_State = ImportBatch.State


@transaction.atomic
def upload_import(
    *, file: IO[bytes], file_name: str, size: int, request_key: UUID, staff: Staff, now: datetime
) -> ImportBatch:
    """Take a file in and read its column names; return it, to be matched. Sent again it is the same one.

    Raises Refused `file_large` or `file_unreadable`, Stale `request_used` when another file was sent under the same
    `request_key`.
    """
    if size > MOST_BYTES:
        raise Refused(
            _("The file has %(size)d MB; %(most)d MB are the most. Split it.")
            % {"size": -(-size // 1024**2), "most": MOST_BYTES // 1024**2},
            code="file_large",
        )
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    content = content_of(file_name=file_name, sha256=sha256)
    if again := made_before(
        ImportBatch.objects.all(),
        request_key,
        content,
        used_for=lambda made: (
            _("This form has already uploaded “%(file)s”. To upload another file, choose it and send it again.")
            % {"file": made.file_name}
        ),
    ):
        return again
    try:
        table = read_table(file)
        samples: list[list[str]] = [[] for _name in table.header]
        for (_number, cells), _place in zip(table.rows, range(SAMPLES), strict=False):
            for values, cell in zip(samples, cells, strict=False):
                values.append(shown(cell.strip(), 60))
    except Unreadable as error:
        raise Refused(error.message, code="file_unreadable") from error
    batch = ImportBatch.objects.create(
        branch=staff.branch,
        staff=staff,
        file_name=shown(file_name)[:200],
        size=size,
        sha256=sha256,
        encoding=table.encoding,
        header=[shown(name, 60) for name in table.header],
        samples=samples,
        uploaded_at=now,
        request_key=request_key,
        request_content=content,
    )
    file.seek(0)
    position = 0
    while piece := file.read(PIECE):
        ImportPiece.objects.create(batch=batch, position=position, content=piece)
        position += 1
    audit.record(action="reception.upload_import", now=now, staff=staff, target=batch, detail={"file": batch.file_name})
    return batch


@transaction.atomic
def match_import(
    *, batch: ImportBatch, fields: Sequence[str], identify_by: str, on_duplicate: str, staff: Staff, now: datetime
) -> ImportBatch:
    """Say what each column holds and who is the same person, and start the check; return the batch.

    The matching is remembered for the next file with these columns. Raises Refused `no_name`, `field_twice`,
    `no_file_number`, Stale `import_state`.
    """
    _lock(batch, _State.UPLOADED, _State.MATCHED, _State.CHECKED)
    chosen = [Field(field) if field else "" for field in fields]
    if Field.NAME not in chosen:
        raise Refused(_("Say which column holds the name."), code="no_name")
    twice = {field for field in chosen if field and field not in SEVERAL and chosen.count(field) > 1}
    if twice:
        raise Refused(_("Two columns cannot be the same. Choose one of them."), code="field_twice")
    if identify_by == ImportBatch.IdentifyBy.FILE_NUMBER and Field.FILE_NUMBER not in chosen:
        identify_by = ImportBatch.IdentifyBy.PHONE_NAME
    batch.fields, batch.identify_by, batch.on_duplicate = list(chosen), identify_by, on_duplicate
    batch.state, batch.problem = _State.MATCHED, ""
    ImportMapping.objects.update_or_create(
        branch=batch.branch,
        headers_key=headers_key(batch.header),
        defaults={
            "fields": {fold(name): str(field) for name, field in zip(batch.header, chosen, strict=True)},
            "changed_at": now,
        },
    )
    batch.job = jobs.start(
        kind="reception.check_import", staff=staff, branch=batch.branch, now=now, arguments={"batch": batch.pk}
    )
    batch.save()
    return batch


@transaction.atomic
def run_import(*, batch: ImportBatch, same_again: bool = False, staff: Staff, now: datetime) -> ImportBatch:
    """Start taking a checked file in, all of it or nothing; return the batch.

    Raises Refused `import_mistakes`, `import_empty`, `imported_before` unless the importer means it (`same_again`),
    Stale `import_state`.
    """
    _lock(batch, _State.CHECKED)
    if batch.mistakes_found:
        raise Refused(
            _("There are mistakes in the file. Correct them there and upload it again: it is taken in whole or not."),
            code="import_mistakes",
        )
    if not batch.new + batch.filled:
        raise Refused(_("There is nothing to take in: everybody in the file is left as she is."), code="import_empty")
    if not same_again and (before := done_before(batch)) is not None:
        raise Refused(
            _("This very file was imported by %(who)s already. Tick that you want it once more.")
            % {"who": before.staff},
            code="imported_before",
        )
    batch.state, batch.problem = _State.IMPORTING, ""
    batch.job = jobs.start(
        kind="reception.run_import", staff=staff, branch=batch.branch, now=now, arguments={"batch": batch.pk}
    )
    batch.save()
    return batch


@transaction.atomic
def undo_import(*, batch: ImportBatch, staff: Staff, now: datetime) -> ImportBatch:
    """Start taking an import back; return the batch. Whether something depends on it is looked at then.

    Raises Stale `import_state`.
    """
    _lock(batch, _State.DONE)
    batch.state, batch.problem = _State.UNDOING, ""
    batch.job = jobs.start(
        kind="reception.undo_import",
        staff=staff,
        branch=batch.branch,
        now=now,
        total=ImportedRow.objects.filter(batch=batch).count(),
        arguments={"batch": batch.pk},
    )
    batch.save()
    return batch


@transaction.atomic
def discard_import(*, batch: ImportBatch, staff: Staff | None, now: datetime) -> ImportBatch:
    """Throw an uploaded file away that is not taken in; return the batch. Raises Stale `import_state`."""
    _lock(batch, _State.UPLOADED, _State.MATCHED, _State.CHECKED)
    batch.state = _State.DISCARDED
    batch.save(update_fields=["state"])
    drop_file(batch)
    batch.mistakes.all().delete()
    audit.record(action="reception.discard_import", now=now, staff=staff, branch=batch.branch, target=batch)
    return batch


def drop_file(batch: ImportBatch) -> None:
    """Delete the file and its rows: what is in them stands on the cards by now, or nowhere."""
    batch.pieces.all().delete()
    batch.staged.all().delete()
    batch.samples = []
    batch.save(update_fields=["samples"])


def discard_outdated(*, now: datetime) -> int:
    """Throw away what was uploaded KEPT_DAYS ago and never taken in; return how many files."""
    number = 0
    for batch in outdated(now - timedelta(days=KEPT_DAYS)).select_related("job", "branch"):
        if at_work(batch):
            continue
        discard_import(batch=batch, staff=None, now=now)
        number += 1
    return number


# Where a file stands again when its long work came to nothing.
_BACK: Mapping[str, str] = {_State.IMPORTING: _State.CHECKED, _State.UNDOING: _State.DONE}


@transaction.atomic
def give_up(*, job: Job, problem: ImportBatch.Problem, now: datetime) -> None:
    """Put the file of a job that came to nothing back to where it stood, and say why; a stopped job is no failure."""
    batch = ImportBatch.objects.select_for_update(no_key=True).filter(job=job).first()
    if batch is not None and (batch.state in _BACK or batch.state == _State.MATCHED):
        batch.state = _BACK.get(batch.state, batch.state)
        batch.problem = problem
        batch.save(update_fields=["state", "problem"])
    if problem != ImportBatch.Problem.STOPPED:
        jobs.fail(job=job, error=problem.label, now=now)


def _lock(batch: ImportBatch, *states: ImportBatch.State) -> None:
    """Re-read the batch under lock; raise Stale `import_state` when it is elsewhere, or work on it is going on."""
    batch.refresh_from_db(
        from_queryset=ImportBatch.objects.select_for_update(no_key=True, of=("self",)).select_related("job")
    )
    if batch.state not in states or at_work(batch):
        raise Stale(
            _("This import is “%(state)s” now. Look at it again.") % {"state": batch.get_state_display()},
            code="import_state",
        )
