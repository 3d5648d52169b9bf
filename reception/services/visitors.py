"""Visitors: registered once, changed with their earlier values kept, their phone shown only against an entry."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack

import pghistory
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from reception import keys
from reception.models import CalledBefore, PastVisit, Visit, Visitor, VisitorKey
from reception.names import clean_name
from reception.phones import WrongPhone, parse_phone
from reception.selectors.merging import merged_sentence, records_merged_into
from reception.selectors.visitors import card_history, latest_history_id
from reception.services.duplicates import note_duplicates
from reception.services.looks import what_for


class CardChanges(TypedDict, total=False):
    """What may be changed on a visitor's card; what is not named stays."""

    name: str
    phone: str
    gender: str
    birth_on: date | None
    birth_year: int | None
    occupation: str
    wishes: str
    heard_from: str
    called_before: str
    referred_by: str
    medical_notes: str
    card_declined: bool
    vip: bool


@transaction.atomic
def register_visitor(
    *,
    name: str,
    phone: str = "",
    gender: str = Visitor.Gender.UNKNOWN,
    birth_on: date | None = None,
    birth_year: int | None = None,
    occupation: str = "",
    wishes: str = "",
    heard_from: str = "",
    called_before: str = CalledBefore.UNKNOWN,
    referred_by: str = "",
    medical_notes: str = "",
    card_declined: bool = False,
    branch: Branch,
    staff: Staff,
    now: datetime,
) -> Visitor:
    """Register a person for life and return the record, with a new file number and its search keys.

    `name` is kept as typed but for invisible marks; `phone` is taken as a clerk types it. `birth_year` is what her age
    says when the birth date is not known. `card_declined`: she would not fill in the card (R1). Raises Refused `name`
    or `phone`.
    """
    pk = _next_id()
    visitor = Visitor(
        pk=pk,
        file_number=f"F{pk:06d}",
        name=_name(name),
        phone=_phone(phone),
        gender=gender,
        birth_on=birth_on,
        birth_year=None if birth_on else birth_year,
        occupation=occupation,
        wishes=wishes,
        heard_from=heard_from,
        called_before=called_before,
        referred_by=referred_by,
        medical_notes=medical_notes,
        card_declined=card_declined,
        registered_at=now,
        registered_by=staff,
        registered_in=branch,
    )
    with pghistory.context(staff=staff.pk, at=now.isoformat()):
        visitor.save(force_insert=True)
    write_keys(visitor)
    note_duplicates(visitor=visitor, now=now)
    audit.record(action="reception.register_visitor", now=now, staff=staff, branch=branch, target=visitor)
    return visitor


def hold_visitor(pk: int) -> Visitor:
    """Return the visitor's record under lock. Who locks a board or a visit of hers as well locks this before them.

    Of a record that was merged into another, also while this waited, it is the other: what is written is hers.
    """
    while True:
        found = Visitor.objects.select_for_update(no_key=True).get(pk=pk)
        if found.merged_into_id is None:
            return found
        pk = found.merged_into_id


@transaction.atomic
def change_visitor(
    *, visitor: Visitor, seen: int | None = None, staff: Staff, now: datetime, **changes: Unpack[CardChanges]
) -> Visitor:
    """Change the card of a visitor; the earlier values stay in her history, with who changed them.

    Only what differs is written. `seen` is the history entry the card was drawn from: raises Stale `card_changed`,
    naming the fields, when somebody changed the card since, and `merged` when it was merged into another since. Raises
    Refused `name` or `phone` as `register_visitor`.
    """
    visitor.refresh_from_db(from_queryset=Visitor.objects.select_for_update(no_key=True))
    refuse_merged(visitor)
    if seen is not None and (missed := card_history(visitor, since=seen)):
        fields = dict.fromkeys(change.label for change in missed)
        raise Stale(
            _("%(who)s changed this card meanwhile: %(fields)s. Look at it again before you save.")
            % {"who": missed[0].staff or _("Somebody"), "fields": _(", ").join(fields)},
            code="card_changed",
            detail={"seen": latest_history_id(visitor)},
        )
    if "name" in changes:
        changes["name"] = _name(changes["name"])
    if "phone" in changes:
        changes["phone"] = _phone(changes["phone"])
    if {"birth_on", "birth_year"} & changes.keys() and changes.get("birth_on", visitor.birth_on):
        # The date says more than the year.
        changes["birth_year"] = None
    changed = [field for field, value in changes.items() if getattr(visitor, field) != value]
    if not changed:
        return visitor
    for field, value in changes.items():
        setattr(visitor, field, value)
    with pghistory.context(staff=staff.pk, at=now.isoformat()):
        visitor.save(update_fields=changed)
    if {"name", "phone"} & set(changed):
        write_keys(visitor)
    if {"name", "phone", "birth_on"} & set(changed):
        note_duplicates(visitor=visitor, now=now)
    audit.record(
        action="reception.change_visitor", now=now, staff=staff, target=visitor, detail={"fields": sorted(changed)}
    )
    outbox.announce(topics=[topics.visitor(visitor.pk)])
    return visitor


@transaction.atomic
def reveal_phone(
    *,
    visitor: Visitor,
    reason: str,
    words: str = "",
    branch: Branch | None = None,
    detail: dict[str, Any] | None = None,
    staff: Staff,
    now: datetime,
) -> str:
    """Return the phone in full, in international writing, and record who looked and why (O6, S5). Empty: none on file.

    `branch` is where she looked (None: her own), `detail` what else is known of it. Raises Refused `reason`.
    """
    audit.record(
        action="reception.reveal_phone",
        now=now,
        staff=staff,
        branch=branch,
        target=visitor,
        detail=what_for(reason, words) | (detail or {}),
    )
    return visitor.phone.as_international if visitor.phone else ""


def _name(text: str) -> str:
    name = clean_name(text)
    if not name:
        raise Refused(_("Give a name. One character is enough."), code="name")
    if len(name) > 50:
        raise Refused(_("A name has at most 50 characters; this one has %d.") % len(name), code="name")
    return name


def _phone(text: str) -> str:
    try:
        return parse_phone(str(text))
    except WrongPhone as error:
        raise Refused(error.message, code="phone") from error


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('reception_visitor', 'id'))")
        return int(cursor.fetchone()[0])


def refuse_merged(record: Visitor) -> None:
    """Raise Stale `merged`, saying into whom, when a record was merged into another; `detail["visitor"]` is hers."""
    if record.merged_into_id is not None:
        raise Stale(merged_sentence(record), code="merged", detail={"visitor": record.merged_into_id})


def forget_last_visit(void: Visit) -> None:
    """Let the last visit of a visitor be what it is without an entry that was made void just now.

    Inside the caller's transaction. An earlier last visit that no row tells of is not known any more.
    """
    Visitor.objects.filter(pk=void.visitor_id, last_visit_on=void.day).update(
        last_visit_on=last_visit_of(void.visitor_id)
    )


def last_visit_of(visitor: int) -> date | None:
    """Return the last day on which somebody was here, void entries aside; what an imported file told counts too."""
    here = Visit.objects.filter(visitor=visitor).exclude(state=Visit.State.VOID).aggregate(last=Max("day"))["last"]
    before = PastVisit.objects.filter(visitor=visitor).aggregate(last=Max("day"))["last"]
    return max((day for day in (here, before) if day is not None), default=None)


def write_keys(visitor: Visitor) -> None:
    """Make the keys of a visitor those of her record and of all merged into it: remove the stale, add the missing.

    A record that is merged itself has none: hers are keys of the visitor it was merged into.
    """
    wanted: dict[tuple[str, str], int | None] = {}
    if visitor.merged_into_id is None:
        wanted = dict.fromkeys(_keys_of(visitor))
        for record in records_merged_into(visitor):
            for pair in _keys_of(record):
                wanted.setdefault(pair, record.pk)
    present = {(key.kind, key.key, key.merged_id): key.pk for key in visitor.keys.all()}
    rows = {(kind, key, merged) for (kind, key), merged in wanted.items()}
    if stale := [pk for row, pk in present.items() if row not in rows]:
        VisitorKey.objects.filter(pk__in=stale).delete()
    VisitorKey.objects.bulk_create(
        VisitorKey(visitor=visitor, kind=kind, key=key, merged_id=merged)
        for kind, key, merged in sorted(rows - present.keys(), key=str)
    )


def _keys_of(record: Visitor) -> set[tuple[str, str]]:
    return keys.search_keys(name=record.name, phone=str(record.phone), file_number=record.file_number)
