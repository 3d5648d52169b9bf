"""Messages that confirm appointments or remind of them, and who wants none."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic.live import topics
from clinic.message_texts import CONFIRM_APPOINTMENT, REMIND_APPOINTMENT, language_for
from clinic.models import Branch, OutgoingMessage, Staff
from clinic.problems import Refused
from clinic.services import audit, messages, outbox
from reception.models import Appointment, AppointmentEntry, MessageRefusal, Visitor
from reception.selectors import appointments as reads
from reception.services.appointments import announce, lock_as_seen, note, refuse_unless

# Between these times of a branch's clock reminders go out.
DAY_BEGINS, DAY_ENDS = time(9), time(20)


@transaction.atomic
def ask_for_message(
    *, appointment: Appointment, seen: int | None = None, staff: Staff, now: datetime
) -> OutgoingMessage:
    """Queue the confirmation message of an appointment, in her language; the same one is not sent twice.

    Raises Refused `no_phone`, `wants_none`; Stale `appointment_state`, `appointment_changed`.
    """
    lock_as_seen(appointment, seen)
    refuse_unless(appointment, Appointment.OPEN)
    phone = str(appointment.phone)
    if phone and not reads.may_send_messages(phone=phone):
        raise Refused(
            _("%(name)s wants no messages. Please call instead.") % {"name": appointment.name}, code="wants_none"
        )
    draft = _draft(appointment, CONFIRM_APPOINTMENT)
    message = messages.queue_message(
        branch=appointment.branch,
        phone=draft.phone,
        template=draft.template,
        language=draft.language,
        values=draft.values,
        about=draft.about,
        staff=staff,
        now=now,
    )
    if appointment.messaged_at is None:
        appointment.messaged_at = now
        appointment.version += 1
        appointment.save(update_fields=["messaged_at", "version"])
        note(appointment, AppointmentEntry.Kind.MESSAGED, "", staff, now)
        audit.record(
            action="reception.ask_for_message", now=now, staff=staff, branch=appointment.branch, target=appointment
        )
        announce(appointment)
    return message


@transaction.atomic
def ask_for_messages(*, day: date, agent: int | None = None, staff: Staff, now: datetime) -> int:
    """Queue the confirmation message for everybody expected on a day who can have it and has none; return how many.

    They are those this person sees, of one `agent` when it is given. Who is left out is what `recipients_among` says.
    Asked for by two at once, each appointment gets one message. A constant number of queries.
    """
    found = reads.expected_on(staff, day, agent).select_related("branch").order_by("pk")
    wanted = reads.recipients_among(list(found.select_for_update(of=("self",), no_key=True)), now).wanted
    if not wanted:
        return 0
    _write(wanted, CONFIRM_APPOINTMENT, staff.branch, staff, now)
    audit.record(
        action="reception.ask_for_messages",
        now=now,
        staff=staff,
        branch=staff.branch,
        detail={"day": day.isoformat(), "messages": len(wanted)},
    )
    return len(wanted)


@transaction.atomic
def remind_of_appointments(*, branch: Branch, now: datetime) -> int:
    """Queue a reminder for everybody expected tomorrow who can have it and had no message; return how many.

    Only in the daytime of the branch. Who is left out is what `recipients_among` says: who confirmed, was written to
    about this appointment already, has no number or wants no messages. Another time is another appointment, with a
    reminder of its own. Run twice, late in the day, or at once by two, each gets one. A constant number of queries.
    """
    local = now.astimezone(branch.zone)
    if not DAY_BEGINS <= local.time() <= DAY_ENDS:
        return 0
    day = local.date() + timedelta(days=1)
    open_ones = Appointment.objects.filter(branch=branch, day=day, state__in=Appointment.OPEN, messaged_at=None)
    found = open_ones.select_related("branch").select_for_update(of=("self",), no_key=True).order_by("pk")
    wanted = reads.recipients_among(list(found), now).wanted
    if not wanted:
        return 0
    _write(wanted, REMIND_APPOINTMENT, branch, None, now)
    audit.record(
        action="reception.remind_of_appointments",
        now=now,
        staff=None,
        branch=branch,
        detail={"day": day.isoformat(), "messages": len(wanted)},
    )
    return len(wanted)


def _write(wanted: Sequence[Appointment], template: str, branch: Branch, staff: Staff | None, now: datetime) -> None:
    """Queue a message for each of these locked appointments, and note it with them."""
    for one in wanted:
        one.messaged_at = now
        one.version += 1
    drafts = [_draft(one, template) for one in wanted]
    messages.queue_messages(branch=branch, drafts=drafts, staff=staff, now=now)
    Appointment.objects.bulk_update(wanted, ["messaged_at", "version"], batch_size=500)
    AppointmentEntry.objects.bulk_create(
        [AppointmentEntry(appointment=one, at=now, staff=staff, kind=AppointmentEntry.Kind.MESSAGED) for one in wanted],
        batch_size=500,
    )
    hers = {topics.visitor(one.visitor_id) for one in wanted if one.visitor_id is not None}
    outbox.announce(topics=[topics.appointments(branch.pk), *hers])


def _draft(appointment: Appointment, template: str) -> messages.Draft:
    language = language_for(appointment.name)
    with override(language):
        values = {
            "hospital": str(appointment.branch),
            "name": appointment.name,
            "day": formats.date_format(appointment.day, "SHORT_DATE_FORMAT"),
            "time": f"{appointment.starts:%H:%M}",
            "phone": appointment.branch.phone or "—",
        }
    return messages.Draft(
        phone=str(appointment.phone),
        template=template,
        language=language,
        values=values,
        about=appointment.message_about,
    )


@transaction.atomic
def refuse_messages(*, appointment: Appointment, staff: Staff, now: datetime) -> None:
    """Note that the owner of an appointment's number wants no messages. Raises Refused `no_phone` without one."""
    if not appointment.phone:
        raise Refused(_("There is no phone number to send a message to."), code="no_phone")
    _row, new = MessageRefusal.objects.get_or_create(
        phone=appointment.phone, defaults={"refused_at": now, "noted_by": staff}
    )
    if new:
        audit.record(
            action="reception.refuse_messages", now=now, staff=staff, branch=appointment.branch, target=appointment
        )
        announce(appointment)


@transaction.atomic
def refuse_messages_to(*, visitor: Visitor, branch: Branch, staff: Staff, now: datetime) -> None:
    """Note that a visitor wants no messages at her number. Noted twice is once. Raises Refused `no_phone`."""
    if not visitor.phone:
        raise Refused(_("There is no phone number to send a message to."), code="no_phone")
    _row, new = MessageRefusal.objects.get_or_create(
        phone=visitor.phone, defaults={"refused_at": now, "noted_by": staff}
    )
    if new:
        audit.record(action="reception.refuse_messages", now=now, staff=staff, branch=branch, target=visitor)
        outbox.announce(topics=[topics.visitor(visitor.pk)])


@transaction.atomic
def accept_messages_to(*, visitor: Visitor, branch: Branch, staff: Staff, now: datetime) -> None:
    """Note that a visitor wants messages at her number again. Noted twice is once.

    Raises Refused `no_consent` when somebody of this number has answered that she agrees to none: that is asked anew.
    """
    gone, _kinds = MessageRefusal.objects.filter(phone=visitor.phone).delete()
    if visitor.phone and not reads.may_send_messages(phone=str(visitor.phone)):
        raise Refused(_("She has not agreed to messages. Ask for her consent first."), code="no_consent")
    if gone:
        audit.record(action="reception.accept_messages", now=now, staff=staff, branch=branch, target=visitor)
        outbox.announce(topics=[topics.visitor(visitor.pk)])
