"""The id paper of a visitor: kept apart, shown masked, revealed with a reason against an entry."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from reception.id_numbers import WrongId, masked_id, parse_id_number
from reception.models import IdPaper, IdPaperChange, Visitor
from reception.selectors.id_papers import latest_id_change
from reception.selectors.merging import records_of
from reception.services.looks import what_for
from reception.services.visitors import change_visitor


@transaction.atomic
def record_id_paper(
    *,
    visitor: Visitor,
    kind: str = "",
    number: str = "",
    refused: bool = False,
    seen: int | None = None,
    staff: Staff,
    now: datetime,
) -> IdPaper | None:
    """Keep the paper a visitor showed, that she signed that she will not (`refused`), or with neither remove it.

    A resident's number fills in birth date and gender where the card has none. Earlier papers stay in her history,
    masked. Returns the paper, None when it was removed. Raises Refused `id_number` for a wrong number, `id_differs`
    when the card says otherwise, `id_taken` when it is another visitor's, `id_refused` for a number beside a refusal;
    Stale `changed_meanwhile` when the paper changed after `seen`.
    """
    visitor.refresh_from_db(from_queryset=Visitor.objects.select_for_update(no_key=True))
    latest = latest_id_change(visitor)
    if seen is not None and seen != latest:
        raise Stale(
            _("Somebody changed the id paper meanwhile. What you typed is kept. Look at it again before you save."),
            code="changed_meanwhile",
            detail={"id_seen": latest},
        )
    try:
        read = parse_id_number(kind, number)
    except WrongId as error:
        raise Refused(error.message, code="id_number") from error
    if read.number and refused:
        raise Refused(_("Either the number, or that she would not give it."), code="id_refused")
    before = IdPaper.objects.filter(visitor=visitor).first()
    kept = (kind if read.number else "", read.number, refused)
    if (before is None and not read.number and not refused) or (
        before is not None and kept == (before.kind, before.number, before.refused)
    ):
        return before
    if read.number:
        _refuse_another_persons(visitor, kind, read.number)
        if read.birth_on and visitor.birth_on and visitor.birth_on != read.birth_on:
            raise Refused(
                _("The id number says born on %(paper)s, the card says %(card)s. One of them is mistyped.")
                % {"paper": read.birth_on, "card": visitor.birth_on},
                code="id_differs",
            )
        unknown = (Visitor.Gender.UNKNOWN, Visitor.Gender.OTHER)
        if read.gender and visitor.gender not in (read.gender, *unknown):
            raise Refused(
                _("The id number says “%(paper)s”, the card says “%(card)s”. One of them is mistyped.")
                % {"paper": Visitor.Gender(read.gender).label, "card": visitor.get_gender_display()},
                code="id_differs",
            )
        if read.birth_on and visitor.birth_on is None:
            change_visitor(visitor=visitor, staff=staff, now=now, birth_on=read.birth_on)
        if read.gender and visitor.gender == Visitor.Gender.UNKNOWN:
            change_visitor(visitor=visitor, staff=staff, now=now, gender=read.gender)
    masked = masked_id(read.number)
    paper = None
    if read.number or refused:
        paper, _made = IdPaper.objects.update_or_create(
            visitor=visitor,
            defaults={
                "kind": kept[0],
                "number": read.number,
                "masked": masked,
                "refused": refused,
                "changed_at": now,
            },
        )
    elif before is not None:
        before.delete()
    IdPaperChange.objects.create(visitor=visitor, at=now, staff=staff, kind=kept[0], masked=masked, refused=refused)
    audit.record(action="reception.record_id_paper", now=now, staff=staff, target=visitor, detail={"kind": kept[0]})
    outbox.announce(topics=[topics.visitor(visitor.pk)])
    return paper


@transaction.atomic
def reveal_id_number(*, visitor: Visitor, reason: str, words: str = "", staff: Staff, now: datetime) -> str:
    """Return the id number in full and record who looked and why (S5). Empty: none on file.

    Raises Refused `reason` without one.
    """
    audit.record(
        action="reception.reveal_id_number", now=now, staff=staff, target=visitor, detail=what_for(reason, words)
    )
    return IdPaper.objects.filter(visitor=visitor).values_list("number", flat=True).first() or ""


def _refuse_another_persons(visitor: Visitor, kind: str, number: str) -> None:
    one_at_a_time(f"id paper {kind} {number}")
    others = IdPaper.objects.filter(kind=kind, number=number).exclude(visitor__in=records_of(visitor))
    if other := others.select_related("visitor").defer("number").first():
        raise Refused(
            _("This number is on file already: %(name)s, %(file)s. Is she the same person, or is a digit mistyped?")
            % {"name": other.visitor.name, "file": other.visitor.file_number},
            code="id_taken",
        )
