"""Playing the past under other rules, as long work with progress."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Branch, Job, Staff
from clinic.problems import Refused
from clinic.services import jobs
from triage.engine.policy import Policy as Rules
from triage.engine.policy import PolicyError, policy_from_json
from triage.engine.rehearsal.compare import Tally, play
from triage.models import Policy, Rehearsal
from triage.selectors.policies import checked, mistakes_by_key, only_differing, rules_of, words_for
from triage.selectors.rehearsal import boards_of_desk, past_day

MOST_DAYS = 31


@transaction.atomic
def start_rehearsal(
    *,
    branch: Branch,
    desk: str,
    first_on: date,
    last_on: date,
    policy: Policy | None = None,
    preset: str = "",
    settings: Mapping[str, Any] | None = None,
    staff: Staff,
    now: datetime,
) -> Job:
    """Start a job that plays a desk's days again, under a saved `policy` or the draft of `preset` and `settings`.

    Raises Refused `wrong_days`, `nothing_to_rehearse`, `policy_wrong`.
    """
    if last_on < first_on or (last_on - first_on).days >= MOST_DAYS:
        raise Refused(
            _("Choose a day, or up to %(days)s days in a row.") % {"days": MOST_DAYS},
            code="wrong_days",
        )
    boards = boards_of_desk(branch, desk, first_on, last_on).filter(day__lt=branch.today(now)).count()
    if not boards:
        raise Refused(
            _("This desk had no board on these days. Only past days can be played."), code="nothing_to_rehearse"
        )
    if policy is not None:
        rules = rules_of(policy)
    else:
        try:
            rules = checked(branch, preset, settings or {}, branch.today(now))
        except PolicyError as error:
            fields = mistakes_by_key(error, words_for(branch, branch.today(now)))
            raise Refused(
                " ".join(one for several in fields.values() for one in several),
                code="policy_wrong",
                detail={"fields": fields},
            ) from None
    return jobs.start(
        kind="triage.rehearse_past",
        staff=staff,
        branch=branch,
        now=now,
        total=boards,
        arguments={
            "desk": desk,
            "first_on": first_on.isoformat(),
            "last_on": last_on.isoformat(),
            "policy": policy.pk if policy is not None else None,
            "preset": rules.preset,
            "settings": only_differing(rules),
        },
    )


def rehearse_past(*, job_id: uuid.UUID | str, now: datetime) -> Rehearsal:
    """Play the days a job asks for, one by one, and keep the result; run again it replaces its own result.

    Where the rules go on from the day before, that is the day as it was played and not as it was. Raises Refused when
    the job is over, jobs.Cancelled when somebody asked for it to stop.
    """
    job = jobs.begin(job_id=job_id, now=now)
    asked = job.arguments
    assert job.branch is not None and job.staff is not None
    rules: Rules = policy_from_json({"preset": asked["preset"], **asked["settings"]})
    first_on, last_on = date.fromisoformat(asked["first_on"]), date.fromisoformat(asked["last_on"])
    boards = list(
        boards_of_desk(job.branch, asked["desk"], first_on, last_on).filter(day__lt=job.branch.today(job.created_at))
    )
    tally, before = Tally(), None
    jobs.advance(job=job, done=0, total=len(boards))
    for done, board in enumerate(boards, start=1):
        past = past_day(board, rules=rules, before=before)
        played = play(past.day)
        tally.add(past, played)
        before = played.player.board
        jobs.advance(job=job, done=done)
    with transaction.atomic():
        rehearsal, _made = Rehearsal.objects.update_or_create(
            job=job,
            defaults={
                "branch": job.branch,
                "desk": asked["desk"],
                "first_on": first_on,
                "last_on": last_on,
                "policy_id": asked["policy"],
                "preset": asked["preset"],
                "settings": asked["settings"],
                "result": tally.to_json(),
                "made_by": job.staff,
                "made_at": now,
            },
        )
        jobs.finish(job=job, now=timezone.now(), result_url=reverse("triage:rehearsal", args=[rehearsal.pk]))
    return rehearsal
