"""Opening and closing rounds: the check lists, and what is ticked on them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from reception.models import RoundItem, RoundList, RoundTick
from reception.names import clean_name
from reception.selectors.rounds import list_in_force

_State = RoundTick.State
MOST_ITEMS = 40
LONGEST_ITEM = 80


@transaction.atomic
def write_round_list(
    *, branch: Branch, kind: str, items: Sequence[str], seen: int, staff: Staff, now: datetime
) -> RoundList:
    """Write a new version of a check list and return it; earlier versions stay with the days they were used on.

    It holds from today, or from tomorrow once today's round has begun. `seen` is the version the form was drawn
    from (0: none). Raises Refused `items` when there is none, too many or too long a one, Stale `round_list` when
    somebody wrote another version meanwhile.
    """
    texts = [text for one in items if (text := clean_name(one))]
    if not texts or len(texts) > MOST_ITEMS or any(len(text) > LONGEST_ITEM for text in texts):
        raise Refused(
            _("Write one to %(most)d lines of at most %(longest)d characters each.")
            % {"most": MOST_ITEMS, "longest": LONGEST_ITEM},
            code="items",
        )
    one_at_a_time(f"rounds {branch.pk}")
    newest = RoundList.objects.filter(branch=branch, kind=kind).select_related("written_by").first()
    if newest is not None and newest.version != seen:
        raise Stale(
            _("%(who)s wrote version %(version)d of this list meanwhile. Look at it, then save yours on top.")
            % {"who": newest.written_by, "version": newest.version},
            code="round_list",
            detail={"seen": newest.version},
        )
    day = branch.today(now)
    begun = RoundTick.objects.filter(branch=branch, day=day, item__list__kind=kind).exists()
    written = RoundList.objects.create(
        branch=branch,
        kind=RoundList.Kind(kind),
        version=(newest.version if newest else 0) + 1,
        starts_on=day + timedelta(days=1) if begun else day,
        written_by=staff,
        written_at=now,
    )
    RoundItem.objects.bulk_create(
        RoundItem(list=written, position=position, text=text) for position, text in enumerate(texts, start=1)
    )
    audit.record(
        action="reception.write_round_list",
        now=now,
        staff=staff,
        target=written,
        detail={"kind": kind, "version": written.version},
    )
    outbox.announce(topics=[topics.day_log(branch.pk)])
    return written


@transaction.atomic
def tick_round(
    *, branch: Branch, item: RoundItem, state: str, remark: str = "", seen: int, staff: Staff, now: datetime
) -> RoundTick:
    """Note about an item today that it is in order, that something is wrong (with a remark), or take the note back.

    `seen` is the newest note the page showed of it (0: none). What two people note alike is noted once: the first note
    is returned. Raises Refused `state` for what cannot be noted, `remark` when nothing is said about what is wrong,
    `nothing` when there is nothing to take back; Stale `ticked` when somebody else has noted something different
    meanwhile, `round_list` when another version of the list holds today.
    """
    remark = clean_name(remark)
    if state not in _State.values:
        raise Refused(_("Tick the line, take the tick back, or say what is wrong."), code="state")
    if state == _State.WRONG and not remark:
        raise Refused(_("Say what is wrong."), code="remark")
    one_at_a_time(f"rounds {branch.pk}")
    day = branch.today(now)
    if item.list_id != list_in_force(branch, item.list.kind, day):
        raise Stale(_("This list is not in force today. Look at the page again."), code="round_list")
    newest = RoundTick.objects.filter(branch=branch, day=day, item=item).select_related("by").order_by("-pk").first()
    if newest is not None and newest.state == state and newest.remark == remark:
        return newest
    if newest is not None and newest.pk != seen:
        raise Stale(
            _("%(who)s noted “%(state)s” at %(time)s meanwhile: %(item)s.")
            % {
                "who": newest.by,
                "state": newest.get_state_display(),
                "time": newest.at.astimezone(branch.zone).strftime("%H:%M"),
                "item": item,
            },
            code="ticked",
        )
    if newest is None and state == _State.TAKEN_BACK:
        raise Refused(_("There is nothing to take back."), code="nothing")
    tick = RoundTick.objects.create(
        branch=branch, day=day, item=item, state=_State(state), remark=remark, at=now, by=staff
    )
    outbox.announce(topics=[topics.day_log(branch.pk)])
    return tick
