"""Photographs are taken in, opened and removed. What a visitor refused is never kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_BACK
from clinic.live import topics
from clinic.models import Staff
from clinic.pictures import Picture
from clinic.problems import Refused, Stale
from clinic.reasons import Screen
from clinic.selectors.personal_data import plain
from clinic.services import audit, outbox
from clinic.services.files import empty_file, hash_of, read_picture, store_picture
from consultations.models import Consultation, Photograph, Treatment
from consultations.selectors.photographs import content_of, may_remove, on_file
from consultations.selectors.signed_forms import (
    forms_of,
    photographs_consent,
    subject_of,
    why_no_photographs,
    word_on_photographs,
)
from reception import services as reception
from reception.models import Visitor
from reception.services.looks import note_opening

MOST_AT_ONCE = 40
MOST = 200


@dataclass(frozen=True, slots=True)
class Shot:
    """A file as it was sent: its bytes, its name, and which view it shows."""

    file: IO[bytes]
    name: str
    view: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: the photograph, or why there is none."""

    name: str
    photograph: Photograph | None = None
    sentence: str = ""

    @property
    def shown_name(self) -> str:
        """Return the name as it may stand on a page: nothing in it turns what is read around."""
        return plain(self.name)[:80]


def keep_photographs(
    *,
    visitor: Visitor,
    shots: Sequence[Shot],
    stage: str,
    taken_on: date,
    treatment: Treatment | None = None,
    consultation: Consultation | None = None,
    staff: Staff,
    now: datetime,
) -> list[Outcome]:
    """Take in pictures of a visitor: each is drawn anew and kept, or refused by itself; return what became of each.

    The very same picture sent again is kept once. Raises Refused `photographs_refused` when she does not agree,
    `stage` or `view` for what there is not, `taken_ahead` for a day to come, `taken_long_ago`, `too_many` beyond
    MOST_AT_ONCE, `nothing`.
    """
    if not shots:
        raise Refused(_("Choose one picture at least."), code="nothing")
    if len(shots) > MOST_AT_ONCE:
        raise Refused(
            _("At most %(most)d pictures at once; these are %(count)d.") % {"most": MOST_AT_ONCE, "count": len(shots)},
            code="too_many",
        )
    if stage not in Photograph.Stage.values or any(shot.view not in Photograph.View.values for shot in shots):
        raise Refused(_("Say whether it was before, during or after, and which side is seen."), code="view")
    if taken_on > staff.branch.today(now):
        raise Refused(_("A photograph cannot be taken in the future."), code="taken_ahead")
    if taken_on < staff.branch.today(now) - FURTHEST_BACK:
        raise Refused(_("That is more than twenty years ago. Check the year."), code="taken_long_ago")
    refuse_without_consent(visitor, treatment)
    read: list[tuple[Shot, Picture | None, str]] = []
    for shot in shots:
        try:
            read.append((shot, read_picture(file=shot.file, name=shot.name), ""))
        except Refused as problem:
            read.append((shot, None, str(problem.message)))
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        if visitor.merged_into_id is not None:
            raise Stale(_("This record was merged into another meanwhile. Open her page again."), code="merged")
        # She may have said no while the pictures were read.
        refuse_without_consent(visitor, treatment)
        there = on_file(visitor, [hash_of(picture) for _shot, picture, _why in read if picture is not None])
        outcomes = []
        for shot, picture, why in read:
            if picture is None:
                outcomes.append(Outcome(shot.name, sentence=why))
            elif (known := there.get(hash_of(picture))) is not None:
                outcomes.append(Outcome(shot.name, sentence=_known(known)))
            else:
                kept = Photograph.objects.create(
                    visitor=visitor,
                    consultation=consultation or (treatment.consultation if treatment is not None else None),
                    treatment=treatment,
                    branch=staff.branch,
                    stage=stage,
                    view=shot.view,
                    taken_on=taken_on,
                    file=store_picture(picture=picture, staff=staff, now=now),
                    taken_by=staff,
                    added_at=now,
                )
                there[kept.file.sha256] = kept
                outcomes.append(Outcome(shot.name, photograph=kept))
        number = sum(outcome.photograph is not None for outcome in outcomes)
        if number:
            audit.record(
                action="consultations.keep_photographs",
                now=now,
                staff=staff,
                target=visitor,
                detail={"photographs": number},
            )
            outbox.announce(topics=[topics.photographs(visitor.pk)])
    return outcomes


def refuse_without_consent(visitor: Visitor, treatment: Treatment | None) -> None:
    """Raise Refused `photographs_refused` when she does not agree to photographs, or to those of a treatment."""
    subject = subject_of(treatment) if treatment is not None else None
    word = word_on_photographs(forms_of(visitor), photographs_consent(visitor), subject)
    if why := why_no_photographs(word):
        raise Refused(why, code="photographs_refused")


def _known(known: Photograph) -> str:
    return _("This very picture is on file already: %(stage)s, %(view)s, %(day)s.") % {
        "stage": known.get_stage_display(),
        "view": known.get_view_display(),
        "day": known.taken_on.isoformat(),
    }


@transaction.atomic
def open_photograph(*, photograph: Photograph, staff: Staff, now: datetime) -> bytes:
    """Return the whole picture; who opened it is recorded each time. Raises Refused `removed` when it was removed."""
    content = content_of(photograph, small=False)
    if not content:
        raise Refused(_("This photograph was removed."), code="removed")
    note_opening(
        visitor=photograph.visitor,
        screen=Screen.PHOTOGRAPH,
        detail={"photograph": photograph.pk},
        staff=staff,
        now=now,
    )
    return content


@transaction.atomic
def remove_photograph(*, photograph: Photograph, reason: str, staff: Staff, now: datetime) -> Photograph:
    """Remove a photograph: its content is emptied for good, its row stays with who did it and why.

    Raises Refused `not_hers` for whoever may not, `reason_missing`, `reason_long`, Stale `removed` the second time.
    """
    reason = reason.strip()
    if not may_remove(photograph, staff, staff.branch.today(now)):
        raise Refused(
            _("Only who took it in may remove it, on the same day; later a supervisor does."), code="not_hers"
        )
    if not reason:
        raise Refused(_("Say why it is removed."), code="reason_missing")
    if len(reason) > MOST:
        raise Refused(
            _("At most %(most)d characters; this has %(count)d.") % {"most": MOST, "count": len(reason)},
            code="reason_long",
        )
    reception.hold_visitor(photograph.visitor_id)
    current = Photograph.objects.select_for_update(no_key=True).get(pk=photograph.pk)
    if current.removed_at is not None:
        raise Stale(
            _("%(who)s removed it already: %(reason)s")
            % {"who": current.removed_by, "reason": current.removed_because},
            code="removed",
        )
    current.removed_at, current.removed_by, current.removed_because = now, staff, reason
    current.save(update_fields=["removed_at", "removed_by", "removed_because"])
    empty_file(file=photograph.file, now=now)
    audit.record(
        action="consultations.remove_photograph",
        now=now,
        staff=staff,
        target=current,
        detail={"reason": reason},
    )
    outbox.announce(topics=[topics.photographs(current.visitor_id)])
    return current
