"""Archive requests: the file room is asked for a file, and says how far it has come."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.together import carry_out
from clinic.statements import Statement
from reception.models import FileRequest, FileStep, Visit
from reception.names import clean_name
from reception.selectors.file_requests import HAS_FILE, has_file

_State = FileRequest.State

# Who comes again as one of these needs the file of earlier visits.
BRINGS_FILE = frozenset({Visit.VisitType.RETURN, Visit.VisitType.REVIEW, Visit.VisitType.REPURCHASE})

# Stands in the middle of an allocation, so it looks and writes in one: not again for the same visit, and not for who
# has no file yet.
_ASK = f"""
insert into reception_filerequest (visit_id, visitor_id, branch_id, state, where_to, asked_at, asked_by_id, changed_at)
select visit.id, visit.visitor_id, visit.branch_id, 'asked', '', %(now)s, null, %(now)s
  from reception_visit visit join reception_visitor visitor on visitor.id = visit.visitor_id
 where visit.id = %(visit)s and {HAS_FILE}
on conflict (visit_id) do nothing
"""  # noqa: S608 - put together from constants


def ask_when_back(*, visit: Visit, now: datetime) -> None:
    """Ask for the file of a visitor who was here before, once a visit; inside the caller's transaction."""
    carry_out(Statement(_ASK, {"visit": visit.pk, "now": now}))


@transaction.atomic
def ask_for_file(*, visit: Visit, where_to: str = "", staff: Staff, now: datetime) -> FileRequest:
    """Ask the file room for the file of a visitor, to be brought to a place (at most 40 characters).

    Asked for already, or found not to be needed: it is asked for again. Raises Refused `no_file` for who is here for
    the first time, `visit_over` once the visit is, Stale `file_asked` while the file is on its way or here.
    """
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    if visit.state not in Visit.OPEN_STATES:
        raise Refused(
            _("Visit %(number)s is over: no file is brought for it any more.") % {"number": visit}, code="visit_over"
        )
    if not has_file(visit):
        raise Refused(
            _("%(name)s is here for the first time: the file room has no file of hers yet.")
            % {"name": visit.visitor.name},
            code="no_file",
        )
    where = clean_name(where_to)
    request = FileRequest.objects.select_for_update(no_key=True).filter(visit=visit).first()
    if request is None:
        request = FileRequest.objects.create(
            visit=visit,
            visitor_id=visit.visitor_id,
            branch_id=visit.branch_id,
            where_to=where,
            asked_at=now,
            asked_by=staff,
            changed_at=now,
        )
    elif request.state in FileRequest.AGAIN:
        request.state, request.where_to = _State.ASKED, where
        request.asked_at, request.asked_by, request.changed_at = now, staff, now
        request.save(update_fields=["state", "where_to", "asked_at", "asked_by", "changed_at"])
        FileStep.objects.create(request=request, state=_State.ASKED, note=where, at=now, by=staff)
    elif where and where != request.where_to:
        request.where_to, request.changed_at = where, now
        request.save(update_fields=["where_to", "changed_at"])
        FileStep.objects.create(request=request, state=request.state, note=where, at=now, by=staff)
    else:
        raise Stale(
            _("The file is asked for already: “%(state)s”.") % {"state": request.get_state_display()},
            code="file_asked",
            detail={"state": request.state},
        )
    audit.record(action="reception.ask_for_file", now=now, staff=staff, branch=visit.branch, target=request)
    _tell(request)
    return request


@transaction.atomic
def record_file_step(*, request: FileRequest, state: str, note: str = "", staff: Staff, now: datetime) -> FileRequest:
    """Write down how far a file has come; return the request, re-read under lock. The same step again changes nothing.

    Raises Stale `file_state` when it cannot come there from where it is (see `FileRequest.NEXT`).
    """
    request.refresh_from_db(from_queryset=FileRequest.objects.select_for_update(no_key=True))
    if request.state == state:
        return request
    if state not in FileRequest.NEXT.get(request.state, ()):
        raise Stale(
            _("The file is “%(state)s” now. Look at the list again.") % {"state": request.get_state_display()},
            code="file_state",
            detail={"state": request.state},
        )
    request.state, request.changed_at = state, now
    request.save(update_fields=["state", "changed_at"])
    FileStep.objects.create(request=request, state=state, note=clean_name(note), at=now, by=staff)
    audit.record(
        action="reception.record_file_step", now=now, staff=staff, target=request, detail={"state": request.state}
    )
    _tell(request)
    return request


def _tell(request: FileRequest) -> None:
    outbox.announce(
        topics=[
            topics.file_room(request.branch_id),
            topics.register(request.branch_id),
            topics.visitor(request.visitor_id),
        ]
    )
