"""Imports as their branch sees them: the list, a file with its mistakes and rows, what keeps it from being undone."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db import connection
from django.db.models import Count, Model, Q, QuerySet
from django.urls import reverse
from pghistory.models import Event
from xlsxwriter.utility import xl_col_to_name

from clinic.models import Job, Project, Staff
from reception.importing.checking import Known, given_out_later
from reception.importing.checking import Mistake as Wrong
from reception.importing.columns import headers_key
from reception.importing.mistakes import WORDS, Kind
from reception.models import (
    ImportBatch,
    ImportedRow,
    ImportMapping,
    ImportMistake,
    PastVisit,
    StagedRow,
    Visitor,
    VisitorKey,
)
from reception.names import fold

OPEN_JOBS = (Job.State.WAITING, Job.State.RUNNING)
# How many rows that keep an import are named.
NAMED = 20


def imports_of(staff: Staff) -> QuerySet[ImportBatch]:
    """Return the imports of this person's branch, the latest first."""
    return ImportBatch.objects.filter(branch=staff.branch_id).select_related("staff", "branch", "job")


def at_work(batch: ImportBatch) -> bool:
    """Say whether long work on the file waits or runs."""
    return batch.job is not None and batch.job.state in OPEN_JOBS


def done_before(batch: ImportBatch) -> ImportBatch | None:
    """Return the latest import of the very same file that is still in, None when there is none."""
    same = ImportBatch.objects.filter(sha256=batch.sha256, state=ImportBatch.State.DONE).exclude(pk=batch.pk)
    return same.select_related("staff", "branch").order_by("-imported_at").first()


def ahead_of(batch: ImportBatch) -> ImportBatch | None:
    """Return the import of any branch that this one has to wait for, None when it goes on."""
    if batch.state != ImportBatch.State.IMPORTING or batch.job is None:
        return None
    return (
        ImportBatch.objects.filter(
            state=ImportBatch.State.IMPORTING, job__state=Job.State.RUNNING, job__created_at__lt=batch.job.created_at
        )
        .exclude(pk=batch.pk)
        .select_related("staff")
        .first()
    )


def remembered_fields(batch: ImportBatch) -> Mapping[str, str]:
    """Return how columns of these names were matched last: folded name → field; nothing when they never were."""
    found = ImportMapping.objects.filter(branch=batch.branch_id, headers_key=headers_key(batch.header)).first()
    return found.fields if found else {}


@dataclass(frozen=True, slots=True)
class MistakeRow:
    """A mistake as the page shows it."""

    row: int
    column: str
    value: str
    wrong: str
    advice: str


def mistakes_of(batch: ImportBatch) -> QuerySet[ImportMistake]:
    """Return the mistakes in the order of the file."""
    return ImportMistake.objects.filter(batch=batch).order_by("row", "id")


def in_words(batch: ImportBatch, mistakes: Iterable[ImportMistake]) -> list[MistakeRow]:
    """Return mistakes with the column's name, what is wrong and what to do, in the reader's language."""
    return [
        MistakeRow(
            row=one.row,
            column=_column(batch, one.column),
            value=one.value,
            wrong=str(WORDS[one.kind][0]),
            advice=str(WORDS[one.kind][1]),
        )
        for one in mistakes
    ]


def _column(batch: ImportBatch, place: int | None) -> str:
    if place is None:
        return ""
    return f"{letters(place)} {batch.header[place]}" if place < len(batch.header) else letters(place)


def letters(place: int) -> str:
    """Return a column as a spreadsheet names it: 0 → A, 26 → AA."""
    return str(xl_col_to_name(place))


def kinds_of_mistakes(batch: ImportBatch) -> list[tuple[str, int]]:
    """Return what is wrong how often, the commonest first."""
    kinds = batch.mistakes.order_by().values_list("kind").annotate(number=Count("pk")).order_by("-number", "kind")
    return [(str(WORDS[kind][0]), number) for kind, number in kinds]


def staged_rows(batch: ImportBatch, decision: str = "") -> QuerySet[StagedRow]:
    """Return the rows as they will be, in the order of the file; of one decision when it is named."""
    rows = StagedRow.objects.filter(batch=batch).select_related("owner", "matched").order_by("row")
    rows = rows.defer("kinds", "keys", "visits")
    return rows.filter(decision=decision) if decision in StagedRow.Decision.values else rows


def open_file(batch: ImportBatch) -> IO[bytes]:
    """Return the uploaded file, put together again; it goes when it is closed."""
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 — the caller closes it
    for position in batch.pieces.order_by("position").values_list("position", flat=True):
        file.write(batch.pieces.values_list("content", flat=True).get(position=position))
    file.seek(0)
    return file


def known_names(branch_id: int) -> Known:
    """Return whom and what a file of a branch may name: people by name and login name, projects by both names.

    Who works at the branch comes before namesakes at the others, and so do its projects; a login name is one person's.
    """
    here: dict[str, list[int]] = {}
    elsewhere: dict[str, list[int]] = {}
    logins: dict[str, list[int]] = {}
    for pk, name, login_name, branch in Staff.objects.order_by("pk").values_list(
        "pk", "display_name", "login_name", "branch"
    ):
        (here if branch == branch_id else elsewhere).setdefault(fold(name), []).append(pk)
        logins[fold(login_name)] = [pk]
    people = elsewhere | here | logins
    offered_here: dict[str, int] = {}
    projects: dict[str, int] = {}
    for pk, *words, branch in Project.objects.order_by("-pk").values_list(
        "pk", "code", "name_en", "name", "department__branch"
    ):
        for word in words:
            if folded := fold(word):
                (offered_here if branch == branch_id else projects)[folded] = pk
    return Known(staff=people, projects=projects | offered_here)


def matches(batch: ImportBatch) -> tuple[dict[int, int], list[Wrong]]:
    """Return who on file the staged rows are by the batch's rule (row → visitor), and the file numbers that clash."""
    found: dict[int, int] = {}
    wrong: list[Wrong] = []
    as_new = batch.on_duplicate == ImportBatch.OnDuplicate.NEW
    if batch.identify_by == ImportBatch.IdentifyBy.PHONE_NAME and not as_new:
        for row, name_key, visitor, name in _query(_SAME_PHONE, batch):
            if fold(name) == name_key:
                found.setdefault(row, visitor)
    place = batch.fields.index("file_number") if "file_number" in batch.fields else None
    taken = set()
    for row, number, name_key, phone, visitor, name, their_phone in _query(_SAME_FILE, batch):
        taken.add(number)
        same = fold(name) == name_key or (phone and phone == their_phone)
        if batch.identify_by == ImportBatch.IdentifyBy.FILE_NUMBER and not as_new and same:
            found[row] = visitor
        elif found.get(row) != visitor:
            wrong.append(Wrong(row, place, Kind.FILE_NUMBER_TAKEN, number))
    for row, number in _query(_OUR_FORM, batch):
        if number not in taken and given_out_later(number):
            wrong.append(Wrong(row, place, Kind.FILE_NUMBER_OURS, number))
    return found, wrong


_SAME_PHONE = """
select s.row, s.name_key, v.id, v.name from reception_stagedrow s
join reception_visitorkey k on k.kind = 'phone' and k.key = s.phone_key
join reception_visitor v on v.id = k.visitor_id and v.phone = s.phone
where s.batch_id = %s and s.phone <> '' order by s.row, v.id
"""
_SAME_FILE = """
select s.row, s.file_number, s.name_key, s.phone, v.id, v.name, v.phone from reception_stagedrow s
join reception_visitor v on v.file_number = s.file_number
where s.batch_id = %s and s.file_number <> '' order by s.row
"""
_OUR_FORM = """
select s.row, s.file_number from reception_stagedrow s
where s.batch_id = %s and s.file_number like 'F%%' order by s.row
"""


def _query(sql: str, batch: ImportBatch) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.pk])
        yield from cursor.fetchall()


def rows_that_keep(batch: ImportBatch) -> tuple[list[ImportedRow], int]:
    """Return the rows of an import on which something depends by now, the first NAMED of them, and how many there are.

    A person it took in: anything in any room that points at her, or a change of her card. A card it filled in: a
    change since. Either: a later import of the same person. Two queries, however much may point at a visitor.
    """
    reasons = [*(_POINTED_AT.format(table=table, column=column) for table, column in _pointing_at_visitors())]
    with connection.cursor() as cursor:
        cursor.execute(
            _KEPT.format(reasons=" union ".join([*reasons, _IN_ANOTHER, _CHANGED])), {"batch": batch.pk, "named": NAMED}
        )
        found = cursor.fetchall()
    rows = ImportedRow.objects.filter(pk__in=[pk for pk, _number in found]).select_related("visitor").order_by("row")
    return list(rows), found[0][1] if found else 0


_KEPT = """
select i.id, count(*) over () from reception_importedrow i where i.id in ({reasons}) order by i.row limit %(named)s
"""
_POINTED_AT = (
    "select i.id from reception_importedrow i where i.batch_id = %(batch)s and i.is_new"
    " and exists (select 1 from {table} o where o.{column} = i.visitor_id)"
)
# What another import wrote and took back again is no change.
_CHANGED = """
select i.id from reception_importedrow i join reception_importbatch b on b.id = i.batch_id
where i.batch_id = %(batch)s and exists (
    select 1 from reception_visitorevent e left join pghistory_context c on c.id = e.pgh_context_id
    where e.pgh_obj_id = i.visitor_id and e.pgh_id > b.last_event and not exists (
        select 1 from reception_importbatch o where o.id = (c.metadata->>'import')::bigint and o.state = 'undone'))
"""
_IN_ANOTHER = (
    "select i.id from reception_importedrow i where i.batch_id = %(batch)s"
    " and exists (select 1 from reception_importedrow o where o.visitor_id = i.visitor_id and o.id > i.id)"
)


def _pointing_at_visitors() -> list[tuple[str, str]]:
    """Return table and column of all that may depend on a visitor, in whichever room; not what the import made."""
    own: Sequence[type[Model]] = (VisitorKey, ImportedRow, StagedRow, PastVisit)
    found: set[tuple[str, str]] = set()
    for relation in Visitor._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        model = relation.related_model
        assert isinstance(model, type)
        if model in own or issubclass(model, Event):
            continue
        found.add((model._meta.db_table, str(relation.field.column)))  # type: ignore[union-attr]
    return sorted(found)


def address_of(batch: ImportBatch) -> str:
    """Return where an import is seen."""
    return reverse("reception:import", args=[batch.pk])


def outdated(before: Any) -> QuerySet[ImportBatch]:
    """Return the imports whose files lie here since before an instant and were never taken in."""
    waiting = [ImportBatch.State.UPLOADED, ImportBatch.State.MATCHED, ImportBatch.State.CHECKED]
    return ImportBatch.objects.filter(Q(state__in=waiting), uploaded_at__lt=before)
