"""A visitor calls although no call of hers is due: what she says is kept, and the doctor asked when she is not well."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce
from followups.models import CallAttempt, CallBack
from followups.selectors.visitors import is_due_soon
from followups.services.cards import raise_others
from followups.services.reviews import ask_for_review


@transaction.atomic
def record_talk(
    *, call_back: CallBack, recovery: str, notes: str, version: int | None = None, staff: Staff, now: datetime
) -> CallAttempt:
    """Keep what a visitor said who called of her own accord, with a call of hers that is over or lies far ahead.

    That call stays as it is: made once, or to be made on its day; her talk counts as no try. An abnormal recovery asks
    the doctor, puts a call that is over on the supervisor's list and raises her other calls, as it does in a call that
    was due (`record_attempt`). `version` is the one the screen showed. Raises Refused `recovery_missing`,
    `note_missing`; Stale `due` for a call that is taken as a card, `moved` when it changed meanwhile.
    """
    row = CallBack.objects.select_for_update(of=("self",)).select_related("branch", "visitor").get(pk=call_back.pk)
    if version is not None and row.version != version:
        last = row.attempts.select_related("staff").order_by("-id").first()
        raise Stale(
            _("This call has changed meanwhile. Last recorded by %(name)s: %(said)s. Save again if yours is not in it.")
            % {"name": last.staff if last else "–", "said": (last.notes or last.get_result_display()) if last else "–"},
            code="moved",
        )
    if is_due_soon(row, row.branch.today(now)):
        raise Stale(_("This call is due. Take its card, and note there what she says."), code="due")
    if recovery not in CallAttempt.Recovery.values:
        raise Refused(_("Say whether the recovery is normal."), code="recovery_missing")
    if not notes.strip():
        raise Refused(_("Write down what she said."), code="note_missing")
    attempt = CallAttempt.objects.create(
        call_back=row,
        direction=CallAttempt.Direction.IN,
        at=now,
        staff=staff,
        result=CallAttempt.Result.REACHED,
        recovery=recovery,
        notes=notes.strip(),
    )
    row.version += 1
    if recovery == CallAttempt.Recovery.ABNORMAL and row.state != CallBack.State.OPEN:
        row.concern, row.concern_at = CallBack.Concern.ABNORMAL, now
    elif recovery == CallAttempt.Recovery.ABNORMAL:
        row.risk = max(row.risk, CallBack.RAISED_RISK)
    row.save(update_fields=["version", "concern", "concern_at", "risk"])
    if attempt.calls_for_more:
        raise_others(row)
    audit.record(
        action="followups.record_attempt",
        now=now,
        staff=staff,
        branch=row.branch,
        target=row,
        detail={"result": attempt.result, "satisfaction": None, "recovery": recovery, "direction": "in"},
    )
    announce(topics=[topics.call_backs(row.branch_id), topics.visitor(row.visitor_id)])
    ask_for_review(attempt=attempt)
    return attempt
