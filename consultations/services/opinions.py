"""Who else is asked about a visitor: a second opinion, a referral to a doctor, a panel consultation."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from consultations.models import Consultation, Participant
from consultations.selectors import people
from consultations.services.outcomes import for_outcome

Part = Participant.Part


@transaction.atomic
def ask_opinion(
    *, consultation: Consultation, doctor: Staff, question: str, staff: Staff, now: datetime
) -> Participant:
    """Ask a doctor at work today for a second opinion while the visitor is in the room; she hears of it at once.

    `question` may be empty. Asked twice is asked once. Raises Refused `not_at_work`, `not_in_room`; Stale `moved_away`.
    """
    if doctor.pk not in {one.staff.pk for one in people.doctors_at_work(staff, now)}:
        raise Refused(_("%(name)s is not at work today.") % {"name": doctor.display_name}, code="not_at_work")
    current = for_outcome(consultation, staff, None)
    asked = Participant.objects.filter(consultation=current, staff=doctor).first()
    if asked is not None:
        return asked
    made = Participant.objects.create(
        consultation=current,
        staff=doctor,
        part=Part.SECOND_OPINION,
        question=question.strip(),
        asked_at=now,
        asked_by=staff,
    )
    audit.record(
        action="consultations.ask_opinion", now=now, staff=staff, target=current, detail={"doctor": str(doctor.pk)}
    )
    _tell(current, [doctor.pk])
    return made


@transaction.atomic
def withdraw_opinion(*, consultation: Consultation, doctor: Staff, staff: Staff, now: datetime) -> None:
    """Take back that a doctor was asked for a second opinion, before she has answered. Taken back twice is once.

    Raises Refused `not_yours` for anybody but the consultant, `takes_part` for who was referred to or sits in a panel;
    Stale `answered` when she has answered meanwhile.
    """
    if consultation.consultant_id != staff.pk:
        raise Refused(_("Only the consultant who asked takes a question back."), code="not_yours")
    # Locked: an opinion that is being saved meanwhile is not lost.
    locked = Participant.objects.select_for_update(of=("self",), no_key=True)
    asked = locked.filter(consultation=consultation, staff=doctor).first()
    if asked is None:
        return
    if asked.answered_at is not None:
        raise Stale(
            _("%(name)s has answered meanwhile: “%(text)s”") % {"name": doctor.display_name, "text": asked.opinion},
            code="answered",
        )
    if asked.part != Part.SECOND_OPINION:
        raise Refused(
            _("%(name)s takes part in this consultation by now: only a second opinion is taken back.")
            % {"name": doctor.display_name},
            code="takes_part",
        )
    audit.record(
        action="consultations.withdraw_opinion",
        now=now,
        staff=staff,
        target=consultation,
        detail={"doctor": str(doctor.pk), "question": asked.question},
    )
    asked.delete()
    _tell(consultation, [doctor.pk])


def refer(current: Consultation, doctor: Staff, *, question: str, staff: Staff, now: datetime) -> Participant:
    """Put a locked consultation's visitor before a doctor who has no seat on the board, in the caller's transaction.

    Whoever was asked for an opinion already is referred to from now on; who sits in the panel stays in it, with her
    part of a deal.
    """
    # Locked: an opinion that is being saved meanwhile is not written over.
    locked = Participant.objects.select_for_update(of=("self",), no_key=True)
    row, created = locked.get_or_create(
        consultation=current,
        staff=doctor,
        defaults={"part": Part.REFERRED, "question": question, "asked_at": now, "asked_by": staff},
    )
    if not created:
        row.part = Part.PANEL if row.part == Part.PANEL else Part.REFERRED
        _ask_anew(row, question, staff, now)
        row.version += 1
        row.save()
    _tell(current, [doctor.pk])
    return row


def _ask_anew(row: Participant, question: str, staff: Staff, now: datetime) -> bool:
    """Put a question to somebody who takes part; say whether it is another one than hers, which she answers anew."""
    if not question or question == row.question:
        return False
    row.question = question
    if row.answered_at is None:
        return False
    row.answered_at, row.asked_at, row.asked_by = None, now, staff
    return True


@transaction.atomic
def call_panel(
    *,
    consultation: Consultation,
    members: Sequence[Staff],
    had_first: Collection[Staff],
    question: str = "",
    staff: Staff,
    now: datetime,
) -> list[Participant]:
    """Call a panel consultation with doctors and consultants at work today; return its rows, the caller's own first.

    `had_first`: who of the panel, the consultant among them, had the visitor first; they keep their part of a deal
    (O4). Called again, who is new joins, and the marks are those said last; nobody is taken off. Who is asked another
    question than she has answered answers it anew.

    Raises Refused `members_missing`, `not_at_work`, `first_missing`, `first_elsewhere`, `not_in_room`; Stale
    `moved_away`.
    """
    if not members:
        raise Refused(_("Choose who takes part in the panel."), code="members_missing")
    here = {one.staff.pk for one in people.panel_at_work(staff, now)}
    for one in members:
        if one.pk not in here:
            raise Refused(_("%(name)s is not at work today.") % {"name": one.display_name}, code="not_at_work")
    if not had_first:
        raise Refused(_("Say who had the visitor first: they keep their part of a deal."), code="first_missing")
    current = for_outcome(consultation, staff, None)
    # Locked: an opinion that is being saved meanwhile is not written over.
    locked = Participant.objects.select_for_update(of=("self",), no_key=True).filter(consultation=current)
    rows = {one.staff_id: one for one in locked.order_by("pk")}
    before = {one.pk: (one.part, one.question, one.had_first) for one in rows.values()}
    sitting = {pk for pk, one in rows.items() if one.part == Part.PANEL} | {one.pk for one in members} | {staff.pk}
    first = {one.pk for one in had_first}
    if not first <= sitting:
        raise Refused(_("Who had the visitor first takes part in the panel, too."), code="first_elsewhere")
    new = []
    for one in (staff, *members):
        row = rows.get(one.pk)
        if row is None:
            row = Participant(consultation=current, staff=one, asked_at=now, asked_by=staff, version=0)
            new.append(one.pk)
        row.part = Part.PANEL
        if _ask_anew(row, question.strip(), staff, now):
            new.append(one.pk)
        rows[one.pk] = row
    for row in rows.values():
        said = (row.part, row.question, row.staff_id in first)
        if row.pk is not None and said == before[row.pk]:
            # What is asked of her has not changed: an opinion she is writing is still the answer to it.
            continue
        row.had_first = row.staff_id in first
        row.version += 1
        row.save()
    audit.record(
        action="consultations.call_panel",
        now=now,
        staff=staff,
        target=current,
        detail={
            "members": [str(one.pk) for one in members],
            "had_first": sorted(str(one.pk) for one in had_first),
        },
    )
    _tell(current, [pk for pk in new if pk != staff.pk])
    return sorted(
        (row for row in rows.values() if row.part == Part.PANEL), key=lambda row: (row.staff_id != staff.pk, row.pk)
    )


@transaction.atomic
def answer_opinion(
    *, participant: Participant, opinion: str, expected_version: int, staff: Staff, now: datetime
) -> Participant:
    """The one asked writes down what she thinks; it stands until she is asked something else. Written twice is once.

    Raises Refused `opinion_missing`; Stale `answered` when another window of hers answered otherwise, `changed` when
    she was asked something else in the meantime.
    """
    opinion = opinion.strip()
    if not opinion:
        raise Refused(_("Write down what you think."), code="opinion_missing")
    current = Participant.objects.select_for_update(of=("self",), no_key=True).get(pk=participant.pk, staff=staff)
    if current.answered_at is not None:
        if current.opinion == opinion:
            return current
        raise Stale(
            _("Your opinion was written down already, in another window: “%(text)s”") % {"text": current.opinion},
            code="answered",
        )
    if current.version != expected_version:
        raise Stale(
            _("You are asked something else now: %(part)s. “%(question)s”")
            % {"part": current.get_part_display(), "question": current.question},
            code="changed",
            detail={"version": current.version},
        )
    before = current.opinion
    current.opinion, current.answered_at = opinion, now
    current.version += 1
    current.save(update_fields=["opinion", "answered_at", "version"])
    audit.record(
        action="consultations.answer_opinion",
        now=now,
        staff=staff,
        target=current.consultation,
        # What she said to an earlier question.
        detail={"opinion": before} if before not in ("", opinion) else {},
    )
    _tell(current.consultation, [staff.pk])
    return current


def _tell(consultation: Consultation, asked: Collection[int]) -> None:
    concerned = [topics.queue(consultation.consultant_id), topics.visitor(consultation.visitor_id)]
    for pk in asked:
        concerned += [topics.queue(pk), topics.staff(pk)]
    outbox.announce(topics=concerned)
