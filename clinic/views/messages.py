"""The messages a branch sends out: what was sent, what waits, what was given up."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.message_texts import TEMPLATE_WORDS
from clinic.models import OutgoingMessage
from clinic.roles import Capability
from clinic.services.messages import try_again
from clinic.views import say

PAGE = 50
readers = requires(Capability.WORK_APPOINTMENTS, Capability.SET_CAPACITY)


@readers
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """List the branch's messages, the newest first; `?state=` narrows it. `?panel=1` answers with the list alone."""
    staff = staff_of(request)
    found = OutgoingMessage.objects.filter(branch=staff.branch_id).select_related("asked_by")
    state = request.GET.get("state", "")
    if state in OutgoingMessage.State.values:
        found = found.filter(state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, TEMPLATE_WORDS.get(row.template, row.template)) for row in page.object_list],
        "state": state,
        "states": OutgoingMessage.State.choices,
        "topic": topics.messages(staff.branch_id),
        "zone": staff.branch.time_zone,
    }
    if "panel" in request.GET:
        return render(request, "clinic/messages_sent.html#rows", context)
    listen(request, [topics.messages(staff.branch_id)])
    return render(request, "clinic/messages_sent.html", context)


@readers
@require_POST
def message_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a message again that was given up."""
    staff = staff_of(request)
    found = get_object_or_404(OutgoingMessage.objects.filter(branch=staff.branch_id), pk=pk)
    try_again(message=found, staff=staff, now=timezone.now())
    say.done(request, _("The message is tried again."))
    return redirect("clinic:messages")
