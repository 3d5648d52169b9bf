"""Making one record of two, for a day reversibly."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import Field
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from reception.models import Merge, Visit, Visitor
from reception.selectors.merging import (
    BOTH,
    OTHER,
    Belongings,
    belongings,
    both_here,
    may_be_taken_back,
    mergeable_fields,
)
from reception.selectors.visitors import card_history, latest_history_id
from reception.services.levels import record_level
from reception.services.visitors import last_visit_of, refuse_merged, write_keys

AnyField: TypeAlias = "Field[Any, Any]"


@transaction.atomic
def merge_visitors(
    *,
    survivor: Visitor,
    other: Visitor,
    keep: Mapping[str, str],
    seen: Mapping[int, int],
    staff: Staff,
    now: datetime,
) -> Merge:
    """Make one record of two and return what was done; both are found under the survivor from then on.

    `keep` names for a field in which they differ whose value stays: SURVIVOR (also when it is not named), OTHER, or of
    a text BOTH. `seen`: by id the history entry each record was drawn from. All rows of all rooms that name the other
    record change hands; those nobody may change stay with it and are read through `records_of`. Raises Refused `same`,
    `both_here`, `clash` (naming what both have), Stale `merged` and `card_changed`.
    """
    survivor, other = _locked(survivor, other)
    refuse_merged(survivor)
    refuse_merged(other)
    _refuse_changed(seen, survivor, other)
    if trouble := both_here(survivor, other):
        raise Refused(trouble, code="both_here")
    before = {"survivor": _written(survivor), "other": _written(other)}
    # Said before anything moves: by both the database lets even a visit of a signed day change hands.
    Visitor.objects.filter(pk=other.pk).update(merged_into=survivor)
    merge = Merge.objects.create(
        survivor=survivor, other=other, merged_at=now, merged_by=staff, before=before, after={}, moved={}
    )
    merge.moved = {kind.address: pks for kind in belongings() if (pks := _move(kind, other, survivor))}
    for field in mergeable_fields():
        _keep(survivor, other, field, keep.get(field.name, ""))
    survivor.consulted_by = list(dict.fromkeys([*survivor.consulted_by, *other.consulted_by]))
    survivor.last_visit_on = max(
        (day for day in (survivor.last_visit_on, other.last_visit_on) if day is not None), default=None
    )
    other.merged_into, other.owner = survivor, None
    _save(survivor, other, staff, now)
    merge.after = _written(survivor)
    merge.save(update_fields=["moved", "after"])
    detail = {"survivor": survivor.pk, "other": other.pk}
    audit.record(action="reception.merge_visitors", now=now, staff=staff, target=survivor, detail=detail)
    _tell(survivor, other)
    return merge


@transaction.atomic
def take_merge_back(*, merge: Merge, staff: Staff, now: datetime) -> list[str]:
    """Undo a merging: every row and every value goes back where it was; return the fields that were changed since.

    What was changed in the survivor's card since stays as it is now, and what was entered for her since stays hers.
    Raises Stale `taken_back` and `merged_on` (the survivor was merged into another record), Refused `too_late`.
    """
    survivor, other = _locked(merge.survivor, merge.other)
    merge.refresh_from_db(from_queryset=Merge.objects.select_for_update(of=("self",)))
    merge.survivor, merge.other = survivor, other
    if merge.taken_back_at is not None:
        raise Stale(_("This merging was taken back already."), code="taken_back")
    if other.merged_into_id != survivor.pk:
        raise Stale(_("The record was merged into another one since. Take that back first."), code="merged_on")
    if not may_be_taken_back(merge, now):
        raise Refused(_("A merging can be taken back for 24 hours; these are over."), code="too_late")
    for kind in belongings():
        _bring_back(kind, merge)
    changed = _restore_survivor(survivor, merge)
    for name, value in merge.before["other"].items():
        setattr(other, name, _read(other, name, value))
    other.merged_into = None
    _save(survivor, other, staff, now)
    merge.taken_back_at, merge.taken_back_by = now, staff
    merge.save(update_fields=["taken_back_at", "taken_back_by"])
    detail = {"survivor": survivor.pk, "other": other.pk}
    audit.record(action="reception.take_merge_back", now=now, staff=staff, target=survivor, detail=detail)
    _tell(survivor, other)
    return changed


def _locked(survivor: Visitor, other: Visitor) -> tuple[Visitor, Visitor]:
    """Return both records locked, also against new rows that name them; the older first: nobody waits in a ring."""
    if survivor.pk == other.pk:
        raise Refused(_("This is one record, not two. Choose another one to merge."), code="same")
    rows = Visitor.objects.select_for_update().filter(pk__in=[survivor.pk, other.pk]).order_by("pk")
    by_pk = {visitor.pk: visitor for visitor in rows}
    return by_pk[survivor.pk], by_pk[other.pk]


def _refuse_changed(seen: Mapping[int, int], *records: Visitor) -> None:
    latest = {record.pk: latest_history_id(record) for record in records}
    if all(seen.get(pk) == entry for pk, entry in latest.items()):
        return
    fields = {change.label for record in records for change in card_history(record, since=seen.get(record.pk, 0))}
    raise Stale(
        _("These records were changed since the page was drawn (%(fields)s). Look at both again before you merge.")
        % {"fields": _(", ").join(sorted(fields)) or _("owner or standing")},
        code="card_changed",
    )


def _move(kind: Belongings, other: Visitor, survivor: Visitor) -> list[int]:
    """Give the rows of the other record to the survivor; return their ids. Raises Refused `clash`."""
    if kind.sealed or (kind.only_one and kind.of(survivor).exists()):
        return []
    pks = list(kind.of(other).order_by("pk").values_list("pk", flat=True))
    if pks:
        try:
            with transaction.atomic():
                kind.model._base_manager.filter(pk__in=pks).update(**{kind.field.name: survivor})
        except IntegrityError as error:
            raise Refused(
                _("Both records have the same among their %(what)s. Cancel or correct one of the two, then merge.")
                % {"what": kind.label},
                code="clash",
            ) from error
    return pks


def _bring_back(kind: Belongings, merge: Merge) -> None:
    pks = merge.moved.get(kind.address, [])
    if pks:
        rows = kind.model._base_manager.filter(pk__in=pks, **{kind.field.name: merge.survivor})
        rows.update(**{kind.field.name: merge.other})


def _keep(survivor: Visitor, other: Visitor, field: AnyField, whose: str) -> None:
    ours, theirs = getattr(survivor, field.attname), getattr(other, field.attname)
    if whose == OTHER:
        setattr(survivor, field.attname, theirs)
    elif whose == BOTH and ours != theirs:
        setattr(survivor, field.attname, "\n".join(filter(None, (ours, theirs))))


def _written(visitor: Visitor) -> dict[str, Any]:
    """Return what merging may change in a record, as plain JSON by column."""
    fields = [*mergeable_fields(), *(Visitor._meta.get_field(name) for name in ("consulted_by", "last_visit_on"))]
    found = {field.attname: getattr(visitor, field.attname) for field in fields if isinstance(field, Field)}
    plain = (str, int, bool, list, dict, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in found.items()}


def _read(visitor: Visitor, attname: str, value: Any) -> Any:
    field = next(field for field in visitor._meta.concrete_fields if field.attname == attname)
    return value if field.is_relation else field.to_python(value)


def _restore_survivor(survivor: Visitor, merge: Merge) -> list[str]:
    """Put the values back that nobody changed since; return the names of the others."""
    now_written, before, after = _written(survivor), merge.before["survivor"], merge.after
    consulted_since = [pk for pk in survivor.consulted_by if pk not in after["consulted_by"]]
    changed = []
    for field in mergeable_fields():
        name = field.attname
        if before.get(name) == after.get(name) or name not in before:
            continue
        if now_written[name] == after[name]:
            setattr(survivor, name, _read(survivor, name, before[name]))
        else:
            changed.append(str(field.verbose_name))
    survivor.consulted_by = [*before["consulted_by"], *consulted_since]
    visited = last_visit_of(survivor.pk)
    was = _read(survivor, "last_visit_on", before["last_visit_on"])
    survivor.last_visit_on = max((day for day in (visited, was) if day is not None), default=None)
    return changed


def _save(survivor: Visitor, other: Visitor, staff: Staff, now: datetime) -> None:
    """Save both records with who did it in their history, and let their keys follow."""
    if survivor.birth_on is not None:
        # About when she was born is said only while the date is not known, whichever record either comes from.
        survivor.birth_year = None
    with pghistory.context(staff=staff.pk, at=now.isoformat()):
        survivor.save()
        other.save()
    for record in (survivor, other):
        record_level(visitor=record)
    # The other's keys go first: what both have is the survivor's own.
    for record in sorted((survivor, other), key=lambda one: one.merged_into_id is None):
        write_keys(record)


def _tell(survivor: Visitor, other: Visitor) -> None:
    here = Visit.objects.filter(visitor__in=[survivor, other], state__in=Visit.OPEN_STATES)
    branches = here.values_list("branch_id", flat=True).distinct()
    named = [topics.visitor(survivor.pk), topics.visitor(other.pk), *map(topics.register, branches)]
    outbox.announce(topics=named)
