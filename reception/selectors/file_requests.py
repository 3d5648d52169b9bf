"""What is asked of the file room."""

from django.db.models import Prefetch, Q, QuerySet

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


def has_file(visit: Visit) -> bool:
    """Say whether a file of the visitor lies in the file room: who is here for the first time has none yet."""
    earlier = Visit.objects.filter(visitor=visit.visitor_id).exclude(pk=visit.pk).exclude(state=Visit.State.VOID)
    return earlier.filter(Q(day__lt=visit.day) | Q(pk__lt=visit.pk)).exists() or visit.visitor.standing != "new"
