"""Taking a checked file in, and taking it back: whole sets of rows in one transaction, or none of them."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from clinic.models import Job
from clinic.services import audit, jobs
from clinic.services.turns import one_at_a_time
from reception.models import ImportBatch, ImportedRow, StagedRow
from reception.selectors.imports import address_of, matches, rows_that_keep
from reception.services.histories import history_by_sets, new_context, remember
from reception.services.imports import drop_file, give_up

# Rows a step: the bar moves after each. They are seen together, when the last one is in.
STEP = 5_000
_TURN = "import of visitors"


def write_import(*, job_id: uuid.UUID | str, now: datetime) -> ImportBatch:
    """Take a checked file in as a job asks; return the batch. While another is being taken in, this one waits.

    What is on file is looked at once more: where it differs from the check, nothing is taken in and the file is to be
    checked again. Raises Refused when the job is over, jobs.Cancelled when somebody asked it to stop.
    """
    job = jobs.begin(job_id=job_id, now=now)
    batch = ImportBatch.objects.select_related("branch").get(pk=job.arguments["batch"])
    staged = list(StagedRow.objects.filter(batch=batch).order_by("row").values_list("row", flat=True))
    jobs.advance(job=job, done=0, total=len(staged))
    changed = False
    try:
        with transaction.atomic(), jobs.from_within(job=job) as tell:
            one_at_a_time(_TURN)
            changed = _differs(batch)
            if not changed:
                _write(batch, job, staged, tell, now)
    except jobs.Cancelled:
        jobs.advance(job=job, done=0)
    if changed:
        give_up(job=job, problem=ImportBatch.Problem.CHANGED, now=timezone.now())
    return batch


def _differs(batch: ImportBatch) -> bool:
    found, wrong = matches(batch)
    decided = StagedRow.objects.filter(batch=batch).exclude(decision=StagedRow.Decision.NEW)
    return bool(wrong) or found != dict(decided.values_list("row", "matched"))


def _write(batch: ImportBatch, job: Job, rows: list[int], tell: Callable[[int], None], now: datetime) -> None:
    assert job.staff is not None
    with connection.cursor() as cursor, history_by_sets(cursor):
        context = _context(batch, job, now)
        for done in range(0, len(rows), STEP):
            part = rows[done : done + STEP]
            said: dict[str, Any] = {
                "batch": batch.pk,
                "first": part[0],
                "last": part[-1],
                "staff": job.staff.pk,
                "branch": batch.branch_id,
                "zone": batch.branch.time_zone,
                "now": now,
                "context": context,
            }
            for statement in _STEPS:
                cursor.execute(statement, said)
            tell(done + len(part))
        cursor.execute("select coalesce(max(pgh_id), 0) from reception_visitorevent")
        batch.last_event = cursor.fetchone()[0]
    drop_file(batch)
    batch.state, batch.imported_at = ImportBatch.State.DONE, now
    batch.save(update_fields=["last_event", "state", "imported_at"])
    audit.record(
        action="reception.run_import",
        now=now,
        staff=job.staff,
        branch=batch.branch,
        target=batch,
        detail={"file": batch.file_name, "new": batch.new, "filled": batch.filled, "skipped": batch.skipped},
    )
    jobs.finish(job=job, now=timezone.now(), result_url=address_of(batch))


def _context(batch: ImportBatch, job: Job, now: datetime) -> uuid.UUID:
    """Return the context under which the history of the cards is written: who, when, which import."""
    assert job.staff is not None
    return new_context({"staff": job.staff.pk, "at": now.isoformat(), "import": batch.pk})


_PART = "s.batch_id = %(batch)s and s.row between %(first)s and %(last)s"
_NUMBER = "'F' || lpad(s.new_id::text, greatest(6, length(s.new_id::text)), '0')"
_REGISTERED_AT = "least(coalesce((s.first_visit_on + time '12:00') at time zone %(zone)s, %(now)s), %(now)s)"

# Each runs for one part of the rows. Fixed text: nothing of the file stands in it.
_STEPS: tuple[str, ...] = (
    f"""
    update reception_stagedrow s set new_id = nextval(pg_get_serial_sequence('reception_visitor', 'id'))
    where {_PART} and s.decision = 'new'
    """,  # noqa: S608
    f"""
    insert into reception_visitor (id, file_number, name, phone, gender, birth_on, heard_from, medical_notes,
        card_declined, vip, owner_id, standing, consulted_by, registered_at, registered_by_id, registered_in_id,
        last_visit_on)
    select s.new_id, case when s.file_number = '' then {_NUMBER} else s.file_number end, s.name, s.phone, s.gender,
        s.birth_on, s.heard_from, s.medical_notes, false, false, s.owner_id, s.standing, s.consulted_by,
        {_REGISTERED_AT}, %(staff)s,
        %(branch)s, s.last_visit_on
    from reception_stagedrow s where {_PART} and s.decision = 'new' order by s.row
    """,  # noqa: S608
    remember(label="insert", rows=f"reception_stagedrow s where {_PART} and s.decision = 'new' and v.id = s.new_id"),
    f"""
    insert into reception_visitorkey (visitor_id, kind, key, last_on)
    select s.new_id, k.kind, k.key, coalesce(s.last_visit_on, {_REGISTERED_AT}::date)
    from reception_stagedrow s, unnest(s.kinds, s.keys) as k(kind, key) where {_PART} and s.decision = 'new'
    union all
    select s.new_id, 'file', k.key, coalesce(s.last_visit_on, {_REGISTERED_AT}::date)
    from reception_stagedrow s, unnest(array[lower({_NUMBER}), s.new_id::text]) k(key)
    where {_PART} and s.decision = 'new' and s.file_number = ''
    """,  # noqa: S608
    f"""
    insert into reception_importedrow (batch_id, row, visitor_id, is_new, filled)
    select s.batch_id, s.row, s.new_id, true, '{{}}' from reception_stagedrow s where {_PART} and s.decision = 'new'
    """,  # noqa: S608
    f"""
    select v.id from reception_visitor v, reception_stagedrow s
    where {_PART} and s.decision = 'fill' and v.id = s.matched_id order by v.id for no key update of v
    """,  # noqa: S608
    f"""
    insert into reception_importedrow (batch_id, row, visitor_id, is_new, filled)
    select s.batch_id, s.row, v.id, false, jsonb_strip_nulls(jsonb_build_object(
        'phone', case when v.phone = '' and s.phone <> '' then s.phone end,
        'gender', case when v.gender = 'unknown' and s.gender <> 'unknown' then s.gender end,
        'birth_on', case when v.birth_on is null and v.birth_year is null then s.birth_on end,
        'heard_from', case when v.heard_from = '' and s.heard_from <> '' then s.heard_from end,
        'medical_notes', case when v.medical_notes = '' and s.medical_notes <> '' then s.medical_notes end,
        'owner_id', case when v.owner_id is null then s.owner_id end,
        'standing', case when v.standing = 'new' and s.standing <> 'new' then s.standing end,
        'consulted_by', case when v.consulted_by = '{{}}' and s.consulted_by <> '{{}}'
            then to_jsonb(s.consulted_by) end,
        'last_visit_on', case when v.last_visit_on is null then s.last_visit_on end
    ))
    from reception_stagedrow s join reception_visitor v on v.id = s.matched_id where {_PART} and s.decision = 'fill'
    """,  # noqa: S608
    f"""
    update reception_visitor v set
        phone = case when v.phone = '' then s.phone else v.phone end,
        gender = case when v.gender = 'unknown' then s.gender else v.gender end,
        birth_on = case when v.birth_year is null then coalesce(v.birth_on, s.birth_on) end,
        heard_from = case when v.heard_from = '' then s.heard_from else v.heard_from end,
        medical_notes = case when v.medical_notes = '' then s.medical_notes else v.medical_notes end,
        owner_id = coalesce(v.owner_id, s.owner_id),
        standing = case when v.standing = 'new' then s.standing else v.standing end,
        consulted_by = case when v.consulted_by = '{{}}' then s.consulted_by else v.consulted_by end,
        last_visit_on = coalesce(v.last_visit_on, s.last_visit_on)
    from reception_stagedrow s where {_PART} and s.decision = 'fill' and v.id = s.matched_id
    """,  # noqa: S608
    remember(
        label="update",
        rows="reception_importedrow i where i.batch_id = %(batch)s and i.row between %(first)s and %(last)s"
        " and not i.is_new and v.id = i.visitor_id and i.filled - 'last_visit_on'::text <> '{}'",
    ),
    f"""
    insert into reception_visitorkey (visitor_id, kind, key)
    select v.id, k.kind, k.key from reception_stagedrow s join reception_visitor v on v.id = s.matched_id,
        unnest(s.kinds, s.keys) as k(kind, key)
    where {_PART} and s.decision = 'fill' and v.phone = s.phone and k.kind in ('phone', 'phone_end', 'last_four')
    on conflict do nothing
    """,  # noqa: S608
    f"""
    insert into reception_pastvisit (visitor_id, batch_id, branch_id, day, projects, project_ids, consultant_id,
        consultant_name)
    select coalesce(s.new_id, s.matched_id), s.batch_id, %(branch)s, p.day, p.projects, p.project_ids, p.consultant_id,
        p.consultant_name
    from reception_stagedrow s, jsonb_to_recordset(s.visits) as p(day date, projects text, project_ids bigint[],
        consultant_id bigint, consultant_name text)
    where {_PART} and s.decision <> 'skip' and not exists (
        select 1 from reception_pastvisit x where x.visitor_id = s.matched_id and x.day = p.day)
    """,  # noqa: S608
)


def take_back_import(*, job_id: uuid.UUID | str, now: datetime) -> ImportBatch:
    """Take an import back as a job asks, all of it or nothing; return the batch.

    Where something depends on it by now nothing is done, and the batch says how many rows keep it. Raises Refused when
    the job is over, jobs.Cancelled when somebody asked it to stop.
    """
    job = jobs.begin(job_id=job_id, now=now)
    batch = ImportBatch.objects.select_related("branch").get(pk=job.arguments["batch"])
    total = ImportedRow.objects.filter(batch=batch).count()
    jobs.advance(job=job, done=0, total=total)
    with transaction.atomic():
        one_at_a_time(_TURN)
        with connection.cursor() as cursor:
            # From here on nothing new can point at these people.
            cursor.execute(_HOLD, [batch.pk])
        _rows, kept = rows_that_keep(batch)
        if not kept:
            _take_back(batch, job, now)
    if kept:
        give_up(job=job, problem=ImportBatch.Problem.KEPT, now=timezone.now())
    return batch


def _take_back(batch: ImportBatch, job: Job, now: datetime) -> None:
    assert job.staff is not None
    with connection.cursor() as cursor, history_by_sets(cursor):
        said: dict[str, Any] = {"batch": batch.pk, "context": _context(batch, job, now)}
        for statement in _BACK:
            cursor.execute(statement, said)
    batch.state, batch.undone_at = ImportBatch.State.UNDONE, now
    batch.save(update_fields=["state", "undone_at"])
    audit.record(
        action="reception.undo_import",
        now=now,
        staff=job.staff,
        branch=batch.branch,
        target=batch,
        detail={"file": batch.file_name, "new": batch.new, "filled": batch.filled},
    )
    jobs.finish(job=job, now=timezone.now(), result_url=address_of(batch))


_HOLD = """
select v.id from reception_visitor v join reception_importedrow i on i.visitor_id = v.id
where i.batch_id = %s order by v.id for update of v
"""
_BACK = (
    "delete from reception_pastvisit where batch_id = %(batch)s",
    """
    delete from reception_visitorkey k using reception_importedrow i
    where i.batch_id = %(batch)s and k.visitor_id = i.visitor_id
        and (i.is_new or (i.filled ? 'phone' and k.merged_id is null and k.kind in ('phone', 'phone_end', 'last_four')))
    """,
    """
    update reception_visitor v set
        phone = case when i.filled ? 'phone' then '' else v.phone end,
        gender = case when i.filled ? 'gender' then 'unknown' else v.gender end,
        birth_on = case when i.filled ? 'birth_on' then null else v.birth_on end,
        heard_from = case when i.filled ? 'heard_from' then '' else v.heard_from end,
        medical_notes = case when i.filled ? 'medical_notes' then '' else v.medical_notes end,
        owner_id = case when i.filled ? 'owner_id' then null else v.owner_id end,
        standing = case when i.filled ? 'standing' then 'new' else v.standing end,
        consulted_by = case when i.filled ? 'consulted_by' then '{}' else v.consulted_by end,
        last_visit_on = case when v.last_visit_on = (i.filled->>'last_visit_on')::date then null
            else v.last_visit_on end
    from reception_importedrow i
    where i.batch_id = %(batch)s and not i.is_new and v.id = i.visitor_id and i.filled <> '{}'
    """,
    remember(
        label="update",
        rows="reception_importedrow i where i.batch_id = %(batch)s and not i.is_new and v.id = i.visitor_id"
        " and i.filled - 'last_visit_on'::text <> '{}'",
    ),
    """
    update reception_stagedrow s set matched_id = null from reception_importedrow i
    where i.batch_id = %(batch)s and i.is_new and s.matched_id = i.visitor_id
    """,
    """
    with gone as (delete from reception_importedrow where batch_id = %(batch)s returning visitor_id, is_new)
    delete from reception_visitor v using gone where gone.is_new and v.id = gone.visitor_id
    """,
)
