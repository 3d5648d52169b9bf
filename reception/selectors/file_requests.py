"""What is asked of the file room."""

from django.db import connection
from django.db.models import Prefetch, QuerySet

from clinic.models import Branch, Staff
from reception.models import FileRequest, FileStep, Visit

_State = FileRequest.State
# Which requests stand in a list of the file room's page, and in which order.
LISTS: dict[str, tuple[str, ...]] = {
    "work": FileRequest.WORK,
    "out": (_State.DELIVERED,),
    "back": (_State.RETURNED, _State.NOT_NEEDED),
}


def _shown(requests: QuerySet[FileRequest]) -> QuerySet[FileRequest]:
    steps = FileStep.objects.select_related("by")
    return requests.select_related("visit", "visit__consultant", "visitor", "asked_by").prefetch_related(
        Prefetch("steps", steps)
    )


def file_requests(branch: Branch, group: str) -> QuerySet[FileRequest]:
    """Return a list of the file room: `work` and `out` oldest first, `back` newest first. Two queries a page."""
    requests = _shown(FileRequest.objects.filter(branch=branch, state__in=LISTS[group]))
    return requests.order_by("-changed_at", "-pk") if group == "back" else requests.order_by("asked_at", "pk")


def number_of_files(branch: Branch) -> dict[str, int]:
    """Return how many requests wait for the file room, and how many files are out. One query."""
    states = FileRequest.objects.filter(branch=branch, state__in=(*LISTS["work"], *LISTS["out"])).values_list(
        "state", flat=True
    )
    work = [state in FileRequest.WORK for state in states]
    return {"work": sum(work), "out": len(work) - sum(work)}


def request_in_branch(staff: Staff, pk: int) -> QuerySet[FileRequest]:
    """Return the request if it is of this person's branch (for `get_object_or_404`)."""
    return _shown(FileRequest.objects.filter(pk=pk, branch=staff.branch_id))


def file_request_of(visit: Visit) -> FileRequest | None:
    """Return what was asked of the file room for a visit; None: nothing."""
    return FileRequest.objects.filter(visit=visit).first()


# Whether a file of the visitor of `visit` lies in the file room, for statements that have both rows.
HAS_FILE = """(visitor.standing <> 'new' or exists (
    select from reception_visit earlier
     where earlier.visitor_id = visit.visitor_id and earlier.state <> 'void'
       and (earlier.day < visit.day or earlier.id < visit.id)))"""
_HAS_FILE = f"""
select {HAS_FILE}
  from reception_visit visit join reception_visitor visitor on visitor.id = visit.visitor_id
 where visit.id = %s
"""  # noqa: S608 - put together from constants


def has_file(visit: Visit) -> bool:
    """Say whether a file of the visitor lies in the file room: who is here for the first time has none yet."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_FILE, [visit.pk])
        return bool(cursor.fetchone()[0])
