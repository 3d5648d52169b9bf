"""Steps of plans that are messages: queued on their day by themselves, and called by phone where that cannot be."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import override

from clinic.live import topics
from clinic.message_texts import CALL_BACK, language_for
from clinic.models import Branch, OutgoingMessage
from clinic.services import audit, messages
from clinic.services.outbox import announce
from followups.models import CallBack, PlanStep
from followups.selectors.calls import script_said_by
from followups.services.days import first_call_day, rules_of
from reception.selectors.appointments import wanting_no_messages

# Written down in one transaction; more are left to the next one.
AT_ONCE = 200

_State = CallBack.State
_Reason = CallBack.Reason
_No = CallBack.NoMessage


def _may_write_now(branch: Branch, now: datetime) -> bool:
    """Say whether a branch disturbs its visitors at an instant: on its call days, within its hours, not at rest."""
    local = now.astimezone(branch.zone)
    rules = rules_of(branch).tries
    moment = local.time()
    within = rules.call_from <= moment <= rules.call_until and rules.rested(moment) == moment
    return within and first_call_day(branch, local.date()) == local.date()


@transaction.atomic
def send_step_messages(*, branch: Branch, now: datetime) -> int:
    """Queue the messages of steps whose day has come, at most AT_ONCE; return how many calls were dealt with.

    Each is written once, whoever runs this how often: in one transaction the message is queued and its call is done as
    *messaged*. Who has no number, or wants no messages, is called by phone instead: her call stays open, with the
    reason in `no_message`. Nothing is written outside the hours and days on which the branch makes calls. The text is
    the script of the step in the language the visitor is written to in, cut to the length of a message; a person's
    name in it is the hospital's.
    """
    if not _may_write_now(branch, now):
        return 0
    today = branch.today(now)
    rows = list(
        CallBack.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(
            Q(call_at=None) | Q(call_at__lte=now),
            Q(held_until=None) | Q(held_until__lte=now),
            branch=branch,
            state=_State.OPEN,
            concern="",
            no_message="",
            step__kind=PlanStep.Kind.MESSAGE,
            call_on__lte=today,
        )
        .select_related("visitor", "step", "branch", "treatment__project", "treatment__doctor")
        .order_by("call_on", "id")[:AT_ONCE]
    )
    if not rows:
        return 0
    unwilling = wanting_no_messages({str(row.visitor.phone) for row in rows if row.visitor.phone})
    drafts = []
    for row in rows:
        phone = str(row.visitor.phone)
        if not phone:
            row.no_message = _No.NO_PHONE
        elif phone in unwilling:
            row.no_message = _No.WANTS_NONE
        else:
            drafts.append(_draft(row, phone, now))
            row.state, row.state_reason, row.closed_at = _State.DONE, _Reason.MESSAGED, now
        row.held_by = row.held_until = None
        row.version += 1
    messages.queue_messages(branch=branch, drafts=drafts, staff=None, now=now)
    written = ["no_message", "state", "state_reason", "closed_at", "held_by", "held_until", "version"]
    CallBack.objects.bulk_update(rows, written)
    audit.record(
        action="followups.send_step_messages", now=now, staff=None, branch=branch, detail={"messages": len(drafts)}
    )
    announce(topics=[topics.call_backs(branch.pk), *{topics.visitor(row.visitor_id) for row in rows}])
    return len(rows)


def _draft(row: CallBack, phone: str, now: datetime) -> messages.Draft:
    language = language_for(row.visitor.name)
    days = (row.branch.today(now) - row.treatment.treated_on).days
    with override(language):
        hospital = str(row.branch)
        text = " ".join(script_said_by(row, hospital, days).split())
    return messages.Draft(
        phone=phone,
        template=CALL_BACK,
        language=language,
        values={"hospital": hospital, "text": text},
        about=f"call-back {row.pk} v{row.version}",
    )


@transaction.atomic
def follow_failed_messages(*, branch: Branch, now: datetime) -> int:
    """Put the calls whose message was given up on the supervisor's list, open again; return how many. Safe to repeat.

    Put back from there they are called by phone.
    """
    failed = OutgoingMessage.objects.filter(branch=branch, template=CALL_BACK, state=OutgoingMessage.State.FAILED)
    written = {}
    for about in failed.values_list("about", flat=True):
        _word, number, version = about.split()
        written[int(number)] = int(version.removeprefix("v"))
    done = CallBack.objects.select_for_update(of=("self",)).filter(
        pk__in=written, state=_State.DONE, state_reason=_Reason.MESSAGED
    )
    # What became of a call since is not touched: its version is the next one after that of its message.
    rows = [row for row in done.order_by("pk") if row.version == written[row.pk] + 1]
    for row in rows:
        row.state, row.state_reason, row.closed_at = _State.OPEN, "", None
        row.no_message, row.concern, row.concern_at = _No.NOT_SENT, CallBack.Concern.NOT_SENT, now
        row.version += 1
    if rows:
        fields = ["state", "state_reason", "closed_at", "no_message", "concern", "concern_at", "version"]
        CallBack.objects.bulk_update(rows, fields)
        announce(topics=[topics.call_backs(branch.pk), *{topics.visitor(row.visitor_id) for row in rows}])
    return len(rows)
