"""The opening and closing rounds of a day, and the check lists they follow."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.forms import refusal, typed_with
from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms import UNREAD, RoundListForm, RoundTickForm
from reception.models import RoundList
from reception.selectors.rounds import item_in_branch, list_to_edit, missing_rounds, rounds_of
from reception.views.day_log import day_asked, keepers, readers


@readers
@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """Answer with the rounds of a day (`?day=`)."""
    return _rounds(request, staff_of(request))


@keepers
@require_POST
def round_tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Note about one item of today's round: in order, wrong with a remark, or taken back."""
    staff = staff_of(request)
    item = get_object_or_404(item_in_branch(staff, pk))
    form = RoundTickForm(request.POST)
    if not form.is_valid():
        raise refusal(form, UNREAD, code="tick")
    data = form.cleaned_data
    services.tick_round(
        branch=staff.branch,
        item=item,
        state=data["state"],
        remark=data["remark"],
        seen=data["seen"] or 0,
        staff=staff,
        now=timezone.now(),
    )
    if not request.headers.get("HX-Request"):
        return redirect("reception:day_log")
    return _rounds(request, staff)


@requires(Capability.WRITE_ROUNDS)
@require_http_methods(["GET", "POST"])
def round_lists(request: HttpRequest) -> HttpResponse:
    """Edit the check lists; each saving is a new version, the earlier ones stay with their days."""
    staff = staff_of(request)
    now = timezone.now()
    forms: list[dict[str, Any]] = []
    status = 200
    for kind in RoundList.Kind:
        newest = list_to_edit(staff.branch, kind)
        version = newest.version if newest else 0
        lines = [item.text for item in newest.items.all()] if newest else _usual(kind)
        form = RoundListForm(prefix=kind.value, initial={"items": "\n".join(lines), "seen": version})
        if request.method == "POST" and request.POST.get("kind") == kind:
            form = RoundListForm(request.POST, prefix=kind.value)
            status = 422
            if form.is_valid():
                try:
                    written = services.write_round_list(
                        branch=staff.branch,
                        kind=kind,
                        items=form.lines,
                        seen=form.cleaned_data["seen"] or 0,
                        staff=staff,
                        now=now,
                    )
                except Refused as problem:
                    status = problem.status
                    if "seen" in problem.detail:
                        newer = {form.add_prefix("seen"): str(problem.detail["seen"])}
                        form.data = typed_with(request.POST, **newer)
                    form.add_error(None, str(problem.message))
                else:
                    say.done(
                        request,
                        _("%(round)s: version %(version)d holds from %(day)s.")
                        % {"round": kind.label, "version": written.version, "day": written.starts_on},
                    )
                    return redirect("reception:round_lists")
        forms.append({"kind": kind, "form": form, "newest": newest})
    wrong = next((one["form"] for one in forms if one["form"].is_bound), None)
    return render(
        request,
        "reception/round_lists.html",
        {"lists": forms, "form": wrong, "zone": staff.branch.time_zone},
        status=status,
    )


def _usual(kind: RoundList.Kind) -> list[str]:
    """Return what most front desks look at, to begin with."""
    if kind is RoundList.Kind.OPENING:
        return [
            _("Lights and signs on"),
            _("Hall, sofas and counter clean"),
            _("Newspapers and magazines of today laid out"),
            _("Background music on"),
            _("Water, tea and cups filled up"),
            _("Air conditioning and scent set"),
            _("Computers, printer and telephone work"),
            _("Wash room clean, paper and soap filled up"),
        ]
    return [
        _("No visitor left in the rooms"),
        _("Water and coffee machines off"),
        _("Music and screens off"),
        _("Slips and cards locked away"),
        _("Lights and air conditioning off"),
        _("Windows and doors locked"),
    ]


def _rounds(request: HttpRequest, staff: Staff) -> HttpResponse:
    now = timezone.now()
    day, today = day_asked(request, staff), staff.branch.today(now)
    context = {
        "rounds": rounds_of(staff.branch, day),
        "missing": missing_rounds(staff.branch, day) if day == today else [],
        "day": day,
        "is_today": day == today,
        "zone": staff.branch.time_zone,
        "log_topic": topics.day_log(staff.branch_id),
        "may_tick": day == today and staff.may(Capability.KEEP_DAY_LOG),
        "may_set_rounds": staff.may(Capability.WRITE_ROUNDS),
    }
    return render(request, "reception/_rounds.html", context)
