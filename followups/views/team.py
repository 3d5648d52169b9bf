"""The supervisor's pages of the agents: who has what, whose cards go to whom, who is away, who takes what."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import typed_with
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views.say import done
from followups import selectors, services
from followups.forms import AbsenceForm, AgentForm, GiveForm
from followups.models import CallBack
from followups.selectors import Worker

PAGE = 50

supervisors = requires(Capability.SUPERVISE_CALL_BACKS)


def _team(request: HttpRequest) -> dict[str, Any]:
    branch, now = staff_of(request).branch, timezone.now()
    lines, nobody = selectors.team(branch, now)
    return {
        "lines": lines,
        "nobody": nobody,
        "today": branch.today(now),
        "listen": topics.call_backs(branch.pk),
        "zone": branch.time_zone,
    }


@supervisors
@require_GET
def team(request: HttpRequest) -> HttpResponse:
    """Show what each agent has and has done, and who is away."""
    listen(request, [topics.call_backs(staff_of(request).branch_id)])
    return render(request, "followups/team.html", _team(request))


@supervisors
@require_GET
def team_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the agents alone."""
    return render(request, "followups/team_panel.html", _team(request))


@supervisors
@require_POST
def share_out(request: HttpRequest) -> HttpResponse:
    """Share out what stands on nobody's list now."""
    branch, now = staff_of(request).branch, timezone.now()
    number = services.share_out(branch=branch, day=branch.today(now), now=now)
    said = ngettext("%(number)d call was shared out.", "%(number)d calls were shared out.", number)
    done(request, said % {"number": number} if number else _("There is nothing that could be shared out now."))
    return redirect("followups:team")


def _agent(request: HttpRequest, pk: int) -> Staff:
    return get_object_or_404(selectors.members_of(staff_of(request).branch), pk=pk)


@dataclass(slots=True)
class _Preview:
    """What a form would do: to whom, how many she has for today, gets, and gets although she takes no such calls."""

    number: int
    rows: list[tuple[Staff | None, int, int, int]]
    stays: int
    mark: str


@supervisors
@require_http_methods(["GET", "POST"])
def team_agent(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an agent's list; put some or all of it on others, after a look at the numbers."""
    agent = _agent(request, pk)
    workers = _workers(request)
    if request.method == "GET":
        return _agent_page(request, agent, workers)
    colleagues = _colleagues(workers, agent)
    form = GiveForm(request.POST, colleagues=[worker.staff for worker in colleagues])
    if not form.is_valid():
        return _agent_page(request, agent, workers, give=form, status=422)
    calls = _chosen(request, agent, form)
    if not calls:
        form.add_error("which", _("None of her calls is chosen."))
        return _agent_page(request, agent, workers, give=form, status=422)
    preview = _preview(request, calls, [worker for worker in colleagues if worker.staff in form.receivers])
    said, form.data = form.cleaned_data["mark"], typed_with(form.data, mark=preview.mark)
    if request.POST.get("do") != "give":
        return _agent_page(request, agent, workers, give=form, preview=preview)
    if said != preview.mark:
        form.add_error(None, _("Her list or the choice has changed since the preview. Look at the new numbers first."))
        return _agent_page(request, agent, workers, give=form, preview=preview, status=409)
    try:
        given = services.give_cards(
            call_backs=[call.pk for call in calls],
            to=form.receivers,
            of=agent,
            staff=staff_of(request),
            now=timezone.now(),
        )
    except Refused as problem:
        form.add_error(None, str(problem.message))
        return _agent_page(request, agent, workers, give=form, preview=preview, status=problem.status)
    words = ngettext("%(number)d call changed lists.", "%(number)d calls changed lists.", given.number)
    if given.stayed:
        words += " " + ngettext(
            "%(stayed)d stays: somebody is calling, or nobody chosen can take it.",
            "%(stayed)d stay: somebody is calling, or nobody chosen can take them.",
            given.stayed,
        )
    done(request, words % {"number": given.number, "stayed": given.stayed})
    return redirect("followups:team_agent", pk=agent.pk)


def _figure_words() -> dict[str, str]:
    return {
        "done": pgettext("calls", "Done today"),
        "tries": _("Tries today"),
        "reached": _("Tries, 28 days"),
        "satisfaction": _("Scores, 28 days"),
    }


@supervisors
@require_GET
def team_tries(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the tries behind an agent's figures: `?figure=` names which."""
    agent, words = _agent(request, pk), _figure_words()
    figure = next((figure for figure in selectors.FIGURES if figure == request.GET.get("figure")), "tries")
    rows = selectors.tries_behind(agent, figure, timezone.now())
    context = {
        "agent": agent,
        "figure": figure,
        "figures": list(words.items()),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "zone": agent.branch.time_zone,
    }
    return render(request, "followups/team_tries.html", context)


def _workers(request: HttpRequest) -> list[Worker]:
    branch = staff_of(request).branch
    return selectors.workers_on(branch, branch.today(timezone.now()))


def _colleagues(workers: list[Worker], agent: Staff) -> list[Worker]:
    return [worker for worker in workers if worker.here and worker.staff != agent]


def _chosen(request: HttpRequest, agent: Staff, form: GiveForm) -> list[CallBack]:
    calls = selectors.on_list_of(staff_of(request), agent)
    if form.cleaned_data["which"] == "ticked":
        calls = calls.filter(pk__in=_ticked(request))
    return list(calls)


def _ticked(request: HttpRequest) -> set[int]:
    return {pk for one in request.POST.getlist("card") if (pk := number_in(one)) is not None}


def _preview(request: HttpRequest, calls: list[CallBack], receivers: list[Worker]) -> _Preview:
    branch, now = staff_of(request).branch, timezone.now()
    today, lines = branch.today(now), selectors.team(branch, now)
    due = {line.staff.pk: line.due for line in lines[0] if line.staff}
    placed = selectors.placements(calls, receivers, branch, today)
    numbers = Counter(one.to for one in placed)
    by_number = {call.pk: call for call in calls}
    rows: list[tuple[Staff | None, int, int, int]] = [
        (
            worker.staff,
            due.get(worker.staff.pk, 0),
            numbers[worker.staff.pk],
            selectors.misfits([by_number[one.card] for one in placed if one.to == worker.staff.pk], worker),
        )
        for worker in receivers
    ]
    if not receivers:
        rows = [(None, lines[1].due, len(calls), 0)]
    stays = numbers[None] if receivers else 0
    whole = [*sorted(by_number), "to", *(worker.staff.pk for worker in receivers)]
    return _Preview(len(calls) - stays, rows, stays, f"{crc32(repr(whole).encode()):x}")


def _agent_page(
    request: HttpRequest,
    agent: Staff,
    workers: list[Worker],
    *,
    preview: _Preview | None = None,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    supervisor, now = staff_of(request), timezone.now()
    today = supervisor.branch.today(now)
    worker = next((one for one in workers if one.staff == agent), None)
    settled = worker.settled if worker else None
    takes = {"takes_part": bool(worker and worker.takes_part)}
    if settled is not None:
        takes |= {"kinds": settled.kinds, "languages": settled.languages}
    colleagues = [one.staff for one in _colleagues(workers, agent)]
    given = request.POST if request.method == "POST" else request.GET
    page = Paginator(selectors.on_list_of(supervisor, agent), PAGE).get_page(given.get("page"))
    context = {
        "agent": agent,
        "worker": worker,
        "colleagues": colleagues,
        "page": page,
        "rows": [(call, max(0, (today - call.call_on).days), call.holder(now)) for call in page],
        "ticked": _ticked(request) if request.method == "POST" else set(),
        "absences": list(selectors.absences_to_come([agent.pk], today)),
        "today": today,
        "zone": supervisor.branch.time_zone,
        "preview": preview,
        "give": GiveForm(colleagues=colleagues),
        "absent": AbsenceForm(initial={"first_on": today, "last_on": today}, auto_id="absent_%s"),
        "takes": AgentForm(initial=takes, auto_id="takes_%s"),
        **forms,
    }
    context["form"] = next((form for form in forms.values() if form.errors), None)
    return render(request, "followups/team_agent.html", context, status=status)


@supervisors
@require_POST
def team_absent(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that an agent makes no calls on some days."""
    agent, form = _agent(request, pk), AbsenceForm(request.POST, auto_id="absent_%s")
    if not form.is_valid():
        return _agent_page(request, agent, _workers(request), absent=form, status=422)
    try:
        services.report_absence(agent=agent, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    except Refused as problem:
        form.add_error(None, str(problem.message))
        return _agent_page(request, agent, _workers(request), absent=form, status=problem.status)
    done(request, _("%(name)s is noted as absent; her calls of today are shared out.") % {"name": agent})
    return redirect("followups:team_agent", pk=agent.pk)


@supervisors
@require_POST
def absence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an absence back."""
    absence = get_object_or_404(selectors.absences_of(staff_of(request).branch), pk=pk)
    services.withdraw_absence(absence=absence, staff=staff_of(request), now=timezone.now())
    done(request, _("%(name)s makes calls again.") % {"name": absence.staff})
    return redirect("followups:team_agent", pk=absence.staff_id)


@supervisors
@require_POST
def team_takes(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle what an agent takes."""
    agent, form = _agent(request, pk), AgentForm(request.POST, auto_id="takes_%s")
    if not form.is_valid():
        return _agent_page(request, agent, _workers(request), takes=form, status=422)
    services.set_agent(agent=agent, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    done(request, _("Saved: what %(name)s takes.") % {"name": agent})
    return redirect("followups:team_agent", pk=agent.pk)
