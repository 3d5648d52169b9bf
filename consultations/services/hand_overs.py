"""Giving a leaver's visitors to colleagues, and taking that back (A9, O1)."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.live import topics
from clinic.models import Job, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, jobs, outbox
from clinic.services import staff as people
from clinic.services.repeats import content_of, made_before
from clinic.services.turns import one_at_a_time
from consultations.models import HandOver, HandOverLine, HandOverShare
from consultations.selectors.hand_overs import (
    Plan,
    address_of,
    colleagues_for,
    latest_from,
    may_be_taken_back,
    names_of_visitors,
    plan_of,
    rows_of,
)
from reception import services as reception
from reception.services import OwnerChange

# So many are carried out at once; more are a job with a bar.
AT_ONCE = 2_000
_NAMED = 5

_LINES = """
insert into consultations_handoverline (hand_over_id, visitor_id, from_staff_id, to_staff_id, by_hand)
select %(hand_over)s, given.* from unnest(%(visitors)s::bigint[], %(before)s::bigint[], %(after)s::bigint[],
    %(by_hand)s::boolean[]) as given
"""


@transaction.atomic
def hand_over(
    *,
    leaver: Staff,
    receivers: Sequence[Staff],
    rule: str,
    moves: Mapping[int, int],
    seen: Collection[int],
    mark: str,
    reason: str,
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
    tell: Callable[[int], None] | None = None,
) -> HandOver:
    """Give all visitors of a leaver to colleagues as the preview showed it, and return what was done (A9, O1).

    `rule` is one of HandOver.Rule, `moves` by visitor whom she goes to whatever the rule says. `seen` and `mark` are
    the visitors of the preview and its mark. Visits of today stay with whom they are; agents' pre-reports and
    appointments name no consultant and stay their agents'. When all go to one, she becomes the leaver's successor.
    `tell` hears how many are done.

    Raises Refused `reason_missing`, `nobody` without a receiver, `receiver_gone` for one who is no consultant of the
    branch today, `none_left` when the leaver has no visitor; Stale `changed` when the preview would be another by now
    (`detail`: how many were `added` and `gone`), `request_used`. The same request sent twice is carried out once.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why they are handed over: it stays with every visitor."), code="reason_missing")
    one_at_a_time(f"hand over of {leaver.pk}")
    content = content_of(leaver=leaver, receivers=receivers, rule=rule, moves=sorted(moves.items()), reason=reason)
    made = made_before(HandOver.objects.all(), request_key, content, used_for=_used_for)
    if made is not None:
        return made
    rows = rows_of(leaver)
    if not rows:
        raise _none_left(leaver)
    plan = plan_of(rows, _fit(leaver, receivers, now), rule, moves)
    _refuse_changed(plan, seen, mark)
    changes = [OwnerChange(line.row.visitor, leaver.pk, line.to.pk) for line in plan.lines]
    changed = reception.change_owners(changes=changes, staff=staff, now=now, tell=tell)
    if len(changed) != len(changes):
        raise _changed(added=0, gone={change.visitor for change in changes} - changed)
    only = plan.lines[0].to if len({line.to.pk for line in plan.lines}) == 1 else None
    named = only is not None and leaver.successor_id != only.pk
    done = HandOver.objects.create(
        branch_id=leaver.branch_id,
        leaver=leaver,
        rule=rule,
        reason=reason,
        number=len(changes),
        by_hand=plan.by_hand,
        named_successor=named,
        successor_before_id=leaver.successor_id if named else None,
        made_at=now,
        made_by=staff,
        request_key=request_key,
        request_content=content if request_key else "",
    )
    _write_lines(done, changes, [line.given.by_hand for line in plan.lines])
    if named:
        people.change_staff(staff=leaver, changes={"successor": only}, by=staff, now=now)
    _tell(done, Counter(change.after for change in changes), now, action="consultations.hand_over")
    return done


@transaction.atomic
def take_back_hand_over(*, hand_over: HandOver, reason: str, staff: Staff, now: datetime) -> tuple[HandOver, int]:
    """Give every visitor of a hand-over back to whom she was taken from; return that, and how many stay where they are.

    Those who belong to somebody else by now, or whose records were merged away, stay (`not_as_handed_over` says which).
    Raises Refused `reason_missing`, `too_late` after seven days, `none_left` when nobody is as handed over; Stale
    `taken_back` when it was taken back already. The same person's same reason sent twice is carried out once.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is taken back: it stays with every visitor."), code="reason_missing")
    one_at_a_time(f"hand over of {hand_over.leaver_id}")
    before = HandOver.objects.filter(undoes=hand_over).select_related("made_by").first()
    if before is not None:
        if (before.made_by_id, before.reason) == (staff.pk, reason):
            return before, hand_over.number - before.number
        raise Stale(_("%(who)s has taken this back already.") % {"who": before.made_by}, code="taken_back")
    if not may_be_taken_back(hand_over, now):
        raise Refused(
            _("A hand-over can be taken back for seven days; these are over. Hand the visitors over anew."),
            code="too_late",
        )
    lines = HandOverLine.objects.filter(hand_over=hand_over).values_list("visitor", "to_staff", "from_staff")
    changes = [OwnerChange(*line) for line in lines]
    changed = reception.change_owners(changes=changes, staff=staff, now=now)
    if not changed:
        raise Refused(_("All of them belong to others by now: there is nothing to take back."), code="none_left")
    done = HandOver.objects.create(
        branch_id=hand_over.branch_id,
        leaver_id=hand_over.leaver_id,
        rule=hand_over.rule,
        reason=reason,
        number=len(changed),
        undoes=hand_over,
        made_at=now,
        made_by=staff,
    )
    back = [change for change in changes if change.visitor in changed]
    _write_lines(done, back, [False] * len(back))
    _restore_successor(hand_over, staff, now)
    _tell(done, Counter(change.before for change in back), now, action="consultations.take_back_hand_over")
    return done, len(changes) - len(back)


@transaction.atomic
def see_hand_over(*, share: HandOverShare, now: datetime) -> None:
    """Note that somebody has seen the notice about what she was given; seen twice is seen once."""
    if HandOverShare.objects.filter(pk=share.pk, seen_at=None).update(seen_at=now):
        outbox.announce(topics=[topics.staff(share.staff_id)])


def start_hand_over(
    *,
    leaver: Staff,
    receivers: Sequence[Staff],
    rule: str,
    moves: Mapping[int, int],
    seen: Collection[int],
    mark: str,
    reason: str,
    request_key: UUID | None,
    staff: Staff,
    now: datetime,
) -> Job:
    """Have a large hand-over carried out as a job with a bar; arguments as `hand_over`. Raises `reason_missing`."""
    if not reason.strip():
        raise Refused(_("Say why they are handed over: it stays with every visitor."), code="reason_missing")
    said = {
        "leaver": leaver.pk,
        "receivers": [receiver.pk for receiver in receivers],
        "rule": rule,
        "moves": sorted(moves.items()),
        "seen": sorted(seen),
        "mark": mark,
        "reason": reason,
        "request_key": str(request_key) if request_key else None,
    }
    return jobs.start(kind="consultations.hand_over", staff=staff, now=now, arguments=said, total=len(seen))


def carry_out_hand_over(*, job_id: str, now: datetime) -> HandOver:
    """Carry out the hand-over a job asks for, all of it or nothing; raises as `hand_over`, and jobs.Cancelled."""
    job = jobs.begin(job_id=job_id, now=now)
    said = job.arguments
    assert job.staff is not None
    chosen = Staff.objects.in_bulk(said["receivers"])
    try:
        with transaction.atomic(), jobs.from_within(job=job) as tell:
            done = hand_over(
                leaver=Staff.objects.select_related("branch").get(pk=said["leaver"]),
                receivers=[chosen[pk] for pk in said["receivers"]],
                rule=said["rule"],
                moves=dict(said["moves"]),
                seen=said["seen"],
                mark=said["mark"],
                reason=said["reason"],
                request_key=UUID(said["request_key"]) if said["request_key"] else None,
                staff=job.staff,
                now=now,
                tell=tell,
            )
    except jobs.Cancelled:
        jobs.advance(job=job, done=0)
        raise
    jobs.finish(job=job, now=timezone.now(), result_url=address_of(done))
    return done


def _used_for(made: HandOver) -> str:
    return _("This was carried out already: %(number)d visitors of %(leaver)s were handed over.") % {
        "number": made.number,
        "leaver": made.leaver,
    }


def _fit(leaver: Staff, receivers: Sequence[Staff], now: datetime) -> list[Staff]:
    """Return the receivers as they are now, in the order chosen; raise Refused when one cannot be given visitors."""
    if not receivers:
        raise Refused(_("Choose who takes the visitors over."), code="nobody")
    colleagues = {one.pk: one for one in colleagues_for(leaver, now)}
    gone = [str(one) for one in receivers if one.pk not in colleagues]
    if gone:
        raise Refused(
            _("%(names)s is no consultant of this branch any more. Choose somebody else.")
            % {"names": _(", ").join(gone)},
            code="receiver_gone",
        )
    return [colleagues[one.pk] for one in receivers]


def _none_left(leaver: Staff) -> Refused:
    last = latest_from(leaver)
    if last is None:
        return Refused(_("%(leaver)s has no visitors to hand over.") % {"leaver": leaver}, code="none_left")
    return Stale(
        _("%(who)s has handed over the visitors of %(leaver)s meanwhile: %(number)d of them.")
        % {"who": last.made_by, "leaver": leaver, "number": last.number},
        code="none_left",
        detail={"hand_over": last.pk},
    )


def _refuse_changed(plan: Plan, seen: Collection[int], mark: str) -> None:
    now_there, shown = set(plan.visitors), set(seen)
    if now_there != shown:
        raise _changed(added=len(now_there - shown), gone=shown - now_there)
    if plan.mark != mark:
        raise Stale(
            _("What is known of some visitors changed meanwhile, so they are shared out differently. Look again."),
            code="changed",
            detail={"added": 0, "gone": 0},
        )


def _changed(*, added: int, gone: Collection[int]) -> Stale:
    sentences = []
    if added:
        sentences.append(
            ngettext("%(number)d visitor came to the leaver.", "%(number)d visitors came to the leaver.", added)
            % {"number": added}
        )
    if gone:
        names = _(", ").join(names_of_visitors(sorted(gone)[:_NAMED]))
        sentences.append(
            ngettext(
                "%(number)d visitor belongs to somebody else by now: %(names)s.",
                "%(number)d visitors belong to somebody else by now: %(names)s.",
                len(gone),
            )
            % {"number": len(gone), "names": names + ("…" if len(gone) > _NAMED else "")}
        )
    said = " ".join([_("This has changed since the preview."), *sentences, _("Look at the new preview.")])
    return Stale(said, code="changed", detail={"added": added, "gone": len(gone)})


def _write_lines(done: HandOver, changes: Sequence[OwnerChange], by_hand: Sequence[bool]) -> None:
    visitors, before, after = (list(column) for column in zip(*changes, strict=True))
    said: dict[str, Any] = {
        "hand_over": done.pk,
        "visitors": visitors,
        "before": before,
        "after": after,
        "by_hand": list(by_hand),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LINES, said)


def _restore_successor(hand_over: HandOver, staff: Staff, now: datetime) -> None:
    """Let the successor be who it was, unless somebody has named another since."""
    if not hand_over.named_successor:
        return
    leaver = Staff.objects.select_related("successor", "branch").get(pk=hand_over.leaver_id)
    (receiver,) = HandOverShare.objects.filter(hand_over=hand_over).values_list("staff", flat=True)
    if leaver.successor_id == receiver:
        people.change_staff(staff=leaver, changes={"successor": hand_over.successor_before}, by=staff, now=now)


def _tell(done: HandOver, numbers: Mapping[int, int], now: datetime, *, action: str) -> None:
    """Record it, and have everybody concerned see it: a notice for each, and their lists drawn anew."""
    HandOverShare.objects.bulk_create(
        HandOverShare(hand_over=done, staff_id=staff, number=number) for staff, number in sorted(numbers.items())
    )
    audit.record(
        action=action,
        now=now,
        staff=done.made_by,
        branch=done.branch,
        target=done,
        detail={
            "person": done.leaver_id,
            "to" if done.undoes_id is None else "from": sorted(numbers),
            "number": done.number,
            "rule": done.rule,
            "reason": done.reason,
        },
    )
    concerned = [topics.staff(pk) for pk in numbers] + [topics.queue(pk) for pk in numbers]
    told = [*concerned, topics.queue(done.leaver_id)]
    outbox.announce(topics=told, event="visitors_handed_over", payload={"hand_over_id": done.pk})
