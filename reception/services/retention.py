"""Retention: periods in versions, the list of what is due each month, and what a manager decides about it."""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from clinic.live import topics
from clinic.models import Branch, OutgoingMessage, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from reception.models import ImportBatch, ImportMistake, ImportPiece, StagedRow
from reception.models.retention import Kept, RetentionItem, RetentionLine, RetentionList, RetentionPeriod
from reception.selectors.retention import AT_LEAST, SOURCES, STANDARD, terms

_Decision = RetentionItem.Decision
MOST_MONTHS = 1200

# What of each kind is due at a branch: number, reference, and the day it was last used.
_DUE: Mapping[str, str] = {
    Kept.FILES: """
        select one.id, one.file_number,
               greatest(one.last_visit_on, (one.registered_at at time zone %(zone)s)::date, max(used.last_on))
        from reception_visitor as one left join ({used}) as used (visitor_id, last_on) on used.visitor_id = one.id
        where one.registered_in_id = %(branch)s and one.merged_into_id is null
        group by one.id
        having greatest(one.last_visit_on, (one.registered_at at time zone %(zone)s)::date, max(used.last_on))
               < %(before)s
    """,
    Kept.APPOINTMENTS: """
        select one.id, to_char(one.day, 'YYYY-MM-DD') || ' ' || to_char(one.starts, 'HH24:MI') || ' #' || one.id,
               one.day as last_on
        from reception_appointment as one
        where one.branch_id = %(branch)s and one.day < %(before)s and one.visit_id is null
          and not exists (select from reception_visit as came where came.visitor_id = one.visitor_id)
    """,
    Kept.PRE_REPORTS: """
        select one.id, '#' || one.id, (one.made_at at time zone %(zone)s)::date as last_on
        from reception_prereport as one
        where one.branch_id = %(branch)s and (one.made_at at time zone %(zone)s)::date < %(before)s
          and one.state <> 'came'
          and not exists (select from reception_visit as came where came.visitor_id = one.visitor_id)
    """,
    Kept.DAY_LOG: """
        select one.id, to_char(one.day, 'YYYY-MM-DD') || ' #' || one.id, one.day as last_on
        from reception_logentry as one
        where one.branch_id = %(branch)s and one.day < %(before)s
    """,
    Kept.IMPORT_ROWS: """
        select one.id, '#' || one.id, (one.imported_at at time zone %(zone)s)::date as last_on
        from reception_importbatch as one
        where one.branch_id = %(branch)s and (one.imported_at at time zone %(zone)s)::date < %(before)s
          and (exists (select from reception_importpiece as raw where raw.batch_id = one.id)
               or exists (select from reception_stagedrow as raw where raw.batch_id = one.id)
               or exists (select from reception_importmistake as raw where raw.batch_id = one.id))
    """,
    Kept.MESSAGES: """
        select one.id, '#' || one.id, (one.asked_at at time zone %(zone)s)::date as last_on
        from clinic_outgoingmessage as one
        where one.branch_id = %(branch)s and (one.asked_at at time zone %(zone)s)::date < %(before)s
          and one.state <> 'queued' and one.body <> ''
    """,
    Kept.AUDIT_LOG: """
        select min(one.id), to_char(one.at at time zone %(zone)s, 'YYYY-MM') || ': ' || count(*)
               || ', #' || min(one.id) || '–' || max(one.id), max((one.at at time zone %(zone)s)::date) as last_on
        from clinic_auditentry as one
        where one.branch_id = %(branch)s and (one.at at time zone %(zone)s)::date < %(before)s
        group by to_char(one.at at time zone %(zone)s, 'YYYY-MM')
    """,
}
# What a manager said is kept on stays off the lists until its day.
_FREEZE = """
    insert into reception_retentionline (item_id, object_id, reference, last_on)
    select %(item)s, due.id, left(due.reference, 80), due.last_on
    from ({due}) as due (id, reference, last_on)
    where not exists (
        select from reception_retentionline as earlier
        join reception_retentionitem as kept on kept.id = earlier.item_id
        join reception_retentionlist as list on list.id = kept.list_id
        where earlier.object_id = due.id and kept.kind = %(kind)s and list.branch_id = %(branch)s
          and kept.decision = 'keep' and kept.keep_until_on > %(month)s
    )
    order by due.last_on, due.id
"""


def months_before(day: date, months: int) -> date:
    """Return the first of the month that lies so many months before the month of a day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


@transaction.atomic
def write_period(*, kind: str, months: int, reason: str, seen: int, staff: Staff, now: datetime) -> RetentionPeriod:
    """Write how many months a kind is kept from the next list on, as a new version, and return it.

    `seen`: the version the form was drawn from (0: the standard). Raises Refused `kind`, `months` for less than the law
    asks (saying which) or nonsense, `reason` without one; Stale `period` when somebody wrote a newer version meanwhile.
    Sent twice, the same person's same version is written once.
    """
    if kind not in Kept.values:
        raise Refused(_("There is no such kind."), code="kind")
    if not reason.strip():
        raise Refused(_("Say why: it stays with the version."), code="reason")
    least = AT_LEAST.get(kind, 1)
    if not least <= months <= MOST_MONTHS:
        raise Refused(
            _("At least %(least)d months, at most %(most)d. %(source)s")
            % {"least": least, "most": MOST_MONTHS, "source": SOURCES.get(kind, "")},
            code="months",
        )
    one_at_a_time("retention periods")
    newest = RetentionPeriod.objects.filter(kind=kind).select_related("written_by").first()
    same = (seen + 1, months, reason.strip(), staff.pk)
    if newest is not None and (newest.version, newest.months, newest.reason, newest.written_by_id) == same:
        return newest
    if newest is not None and newest.version != seen:
        raise Stale(
            _("%(who)s wrote %(months)d months meanwhile. Look at it, then save yours on top.")
            % {"who": newest.written_by, "months": newest.months},
            code="period",
            detail={"seen": newest.version},
        )
    written = RetentionPeriod.objects.create(
        kind=kind,
        version=newest.version + 1 if newest else 1,
        months=months,
        reason=reason.strip(),
        written_at=now,
        written_by=staff,
    )
    audit.record(
        action="reception.write_retention_period",
        now=now,
        staff=staff,
        target=written,
        detail={"kind": kind, "months": months, "before": newest.months if newest else STANDARD[kind]},
    )
    return written


@transaction.atomic
def freeze_list(*, branch: Branch, now: datetime) -> RetentionList | None:
    """Write down what is due at a branch this month and return the list; None when it is written already.

    Two statements for each kind, however much is due.
    """
    month = branch.today(now).replace(day=1)
    one_at_a_time(f"retention {branch.pk}")
    made, new = RetentionList.objects.get_or_create(branch=branch, month_on=month, defaults={"made_at": now})
    if not new:
        return None
    for term in terms():
        _freeze_kind(made, term.kind, term.months)
    outbox.announce(topics=[topics.days(branch.pk)])
    return made


def _freeze_kind(made: RetentionList, kind: Kept, months: int) -> None:
    before = months_before(made.month_on, months)
    values: dict[str, Any] = {"branch": made.branch_id, "zone": made.branch.time_zone, "before": before}
    with connection.cursor() as cursor:
        # Counted first: what a list says of a kind is never altered.
        item = RetentionItem(list=made, kind=kind, months=months, before_on=before)
        cursor.execute("select nextval(pg_get_serial_sequence('reception_retentionitem', 'id'))")
        item.pk = cursor.fetchone()[0]
        used = " union all ".join(f"({import_string(name)})" for name in settings.LAST_USED)
        lines = _FREEZE.format(due=_DUE[kind].format(used=used))
        cursor.execute(lines, values | {"item": item.pk, "kind": kind, "month": made.month_on})
        item.number = cursor.rowcount
    item.save(force_insert=True)


@transaction.atomic
def decide_item(
    *,
    item: RetentionItem,
    decision: str,
    reason: str = "",
    keep_until_on: date | None = None,
    staff: Staff,
    now: datetime,
) -> RetentionItem:
    """Write down what becomes of what is due of a kind: its destruction is approved, or it is kept on until a day.

    Nothing is deleted by it, but raw rows of imports and texts of messages are emptied, and how many is noted. Raises
    Refused `decision`, `nothing` when nothing is due, `keep` without a later day and a reason; Stale `decided` when it
    was decided before, naming who did it.
    """
    if decision not in _Decision.values:
        raise Refused(_("Choose what becomes of it."), code="decision")
    item.refresh_from_db(from_queryset=RetentionItem.objects.select_for_update(no_key=True, of=("self",)))
    if item.decision:
        raise Stale(
            _("%(who)s decided about it on %(when)s: %(decision)s.")
            % {
                "who": item.decided_by,
                "when": timezone.localtime(item.decided_at, staff.branch.zone).strftime("%Y-%m-%d %H:%M"),
                "decision": item.get_decision_display(),
            },
            code="decided",
        )
    if not item.number:
        raise Refused(_("Nothing of this is due."), code="nothing")
    if decision == _Decision.KEEP:
        if keep_until_on is None or keep_until_on <= staff.branch.today(now) or not reason.strip():
            raise Refused(_("Say until when it is kept, after today, and why."), code="keep")
        item.keep_until_on = keep_until_on
    else:
        item.emptied = _empty(item)
    item.decision, item.reason, item.decided_at, item.decided_by = decision, reason.strip(), now, staff
    item.save()
    audit.record(
        action="reception.decide_retention",
        now=now,
        staff=staff,
        target=item,
        detail={"kind": item.kind, "decision": decision, "number": item.number, "emptied": item.emptied},
    )
    outbox.announce(topics=[topics.days(staff.branch_id)])
    return item


def _empty(item: RetentionItem) -> int | None:
    """Empty what loses nothing that is still read, and return how much; None for what waits to be destroyed by hand."""
    due = RetentionLine.objects.filter(item=item).values("object_id")
    if item.kind == Kept.MESSAGES:
        return OutgoingMessage.objects.filter(pk__in=due).exclude(body="").update(body="")
    if item.kind == Kept.IMPORT_ROWS:
        ImportBatch.objects.filter(pk__in=due).update(samples=[])
        return sum(
            model._base_manager.filter(batch__in=due).delete()[0] for model in (ImportPiece, ImportMistake, StagedRow)
        )
    return None


@transaction.atomic
def export_list(*, made: RetentionList, why: str, staff: Staff, now: datetime) -> BytesIO:
    """Return a list as an Excel workbook, a sheet for each kind, after recording who takes it and what for.

    Raises Refused `why` without a purpose.
    """
    if not why.strip():
        raise Refused(_("Say what the export is for: it is recorded."), code="why")
    items = list(made.items.select_related("decided_by"))
    audit.record(
        action="reception.export_retention_list",
        now=now,
        staff=staff,
        target=made,
        detail={"why": why.strip(), "lines": sum(item.number for item in items)},
    )
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, item in enumerate(items, start=1):
            sheet = book.add_worksheet(f"{number} {item.get_kind_display()}"[:31].strip().replace("/", " "))
            sheet.write_row(0, 0, [_("Reference"), _("Last used"), _("Decision")], head)
            decision = item.get_decision_display()
            rows = item.lines.order_by("id").values_list("reference", "last_on")
            for place, (reference, last_on) in enumerate(rows.iterator(), start=1):
                sheet.write_string(place, 0, reference)
                sheet.write_datetime(place, 1, datetime.combine(last_on, datetime.min.time()), day)
                sheet.write_string(place, 2, decision)
            sheet.set_column(0, 0, 40)
            sheet.set_column(1, 2, 14)
            sheet.freeze_panes(1, 0)
    file.seek(0)
    return file
