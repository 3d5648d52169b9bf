"""The file room: which files are asked for, and how far each has come."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.roles import Capability
from reception import services
from reception.forms import UNREAD, FileAskForm, FileStepForm
from reception.models import FileRequest
from reception.selectors.file_requests import LISTS, file_requests, number_of_files, request_in_branch
from reception.selectors.register import visit_in_branch

PAGE = 50
# After so many minutes a file that was asked for is late.
LATE_AFTER = 10
TABS = {
    "work": pgettext_lazy("files", "To bring"),
    "out": pgettext_lazy("files", "Out"),
    "back": pgettext_lazy("files", "Back"),
}
_State = FileRequest.State
STEPS = {
    _State.FOUND: ("f", "check-lg", pgettext_lazy("file step", "Found")),
    _State.BROUGHT: ("b", "arrow-right", pgettext_lazy("file step", "Bring")),
    _State.DELIVERED: ("d", "check-circle", pgettext_lazy("file step", "Delivered")),
    _State.NOT_FOUND: ("n", "question-circle", pgettext_lazy("file step", "Not found")),
    _State.RETURNED: ("r", "arrow-counterclockwise", pgettext_lazy("file step", "Back")),
    _State.NOT_NEEDED: ("x", "x-circle", pgettext_lazy("file step", "Not needed")),
}
TONES = {
    _State.ASKED: "waiting",
    _State.FOUND: "taken",
    _State.BROUGHT: "running",
    _State.DELIVERED: "done",
    _State.NOT_FOUND: "late",
    _State.RETURNED: "closed",
    _State.NOT_NEEDED: "cancelled",
}

workers = requires(Capability.WORK_FILE_ROOM)


@workers
@require_GET
def file_room(request: HttpRequest) -> HttpResponse:
    """Show what is asked of the file room, the oldest first (`?group=`, `?page=`)."""
    staff = staff_of(request)
    listen(request, [topics.file_room(staff.branch_id)])
    return render(request, "reception/file_room.html", _files(request, staff))


@workers
@require_GET
def file_room_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the list alone."""
    return render(request, "reception/file_room.html#files", _files(request, staff_of(request)))


@workers
@require_GET
def file_count(request: HttpRequest) -> HttpResponse:
    """Answer how many files wait to be brought."""
    number = number_of_files(staff_of(request).branch)["work"]
    return HttpResponse(str(number) if number else "")


@workers
@require_POST
def file_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down the next step of a file: `state`, and a note."""
    staff = staff_of(request)
    asked = get_object_or_404(request_in_branch(staff, pk))
    form = FileStepForm(request.POST)
    if not form.is_valid():
        raise refusal(form, UNREAD, code="file_state")
    services.record_file_step(request=asked, staff=staff, now=timezone.now(), **form.cleaned_data)
    if not request.headers.get("HX-Request"):
        return redirect("reception:file_room")
    return render(request, "reception/file_room.html#files", _files(request, staff))


@requires(Capability.REGISTER_VISITORS)
@require_POST
def file_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the file room for the file of a visit's visitor."""
    staff = staff_of(request)
    visit = get_object_or_404(visit_in_branch(staff, pk))
    form = FileAskForm(request.POST)
    if not form.is_valid():
        raise refusal(form, UNREAD, code="where_to")
    services.ask_for_file(visit=visit, staff=staff, now=timezone.now(), **form.cleaned_data)
    if not request.headers.get("HX-Request"):
        return redirect("reception:register")
    text = _("The file room is asked for the file of %(number)s %(name)s.") % {
        "number": visit,
        "name": visit.visitor.name,
    }
    response = render(request, "reception/desk.html#said", {"text": text})
    response.headers["HX-Trigger"] = "register-changed"
    return response


def _files(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    group = request.GET.get("group", "")
    group = group if group in LISTS else "work"
    page = Paginator(file_requests(staff.branch, group), PAGE).get_page(request.GET.get("page"))
    counts = number_of_files(staff.branch)
    return {
        "page": page,
        "rows": [_row(asked) for asked in page.object_list],
        "group": group,
        "tabs": [{"group": key, "label": label, "count": counts.get(key)} for key, label in TABS.items()],
        "topic": topics.file_room(staff.branch_id),
        "late_after": LATE_AFTER,
        "zone": staff.branch.time_zone,
        "today": staff.branch.today(timezone.now()),
    }


def _row(asked: FileRequest) -> dict[str, Any]:
    """Return a request with what can be done about it, the usual step first."""
    steps = [
        {
            "state": state,
            "key": STEPS[_State(state)][0],
            "icon": STEPS[_State(state)][1],
            "word": STEPS[_State(state)][2],
        }
        for state in FileRequest.NEXT.get(asked.state, ())
    ]
    return {"asked": asked, "tone": TONES[_State(asked.state)], "steps": steps, "history": list(asked.steps.all())}
