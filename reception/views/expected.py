"""The lists around appointments: the day before, who did not come, and what a half hour can take."""

from datetime import date, time
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import day_in, number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import BranchHours, Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception import services, slots
from reception.forms.appointments import CapacityForm
from reception.models import ProjectGroup
from reception.phones import WrongPhone, parse_phone
from reception.selectors import appointments as reads
from reception.selectors.pre_reports import about
from reception.views.appointments import day_asked_for, workers

PAGE = 50
at_desk = requires(Capability.REGISTER_VISITORS)


@workers
@require_GET
def day_before(request: HttpRequest) -> HttpResponse:
    """List who is expected on the next working day (or `?day=`), to be asked; `?agent=` of one agent."""
    staff = staff_of(request)
    listen(request, [topics.appointments(staff.branch_id)])
    return render(request, "reception/day_before.html", _day_before(request, staff))


@workers
@require_GET
def day_before_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the list alone."""
    return render(request, "reception/day_before.html#rows", _day_before(request, staff_of(request)))


@workers
@require_http_methods(["GET", "POST"])
def day_before_messages(request: HttpRequest) -> HttpResponse:
    """Say who of a day's list would be sent the confirmation message, and who is left out and why; then send it."""
    staff, now = staff_of(request), timezone.now()
    day, agent = _day_and_agent(request, staff.branch.today(now), staff)
    asked = {"day": day.isoformat()} | ({} if agent is None else {"agent": str(agent)})
    back = f"{reverse('reception:day_before')}?{urlencode(asked)}"
    if request.method == "POST":
        sent = services.ask_for_messages(day=day, agent=agent, staff=staff, now=now)
        sentence = ngettext("%(count)d message is on its way.", "%(count)d messages are on their way.", sent)
        say.done(request, sentence % {"count": sent} if sent else _("Nobody was left who could be sent a message."))
        return redirect(back)
    recipients = reads.recipients_among(list(reads.day_before_list(staff, day, agent)), now)
    context = {
        "day": day,
        "back": back,
        "recipients": recipients,
        "left_out": [(reads.LEFT_OUT[why], rows) for why, rows in recipients.left_out.items()],
    }
    return render(request, "reception/day_before_messages.html", context)


@workers
@require_GET
def no_shows(request: HttpRequest) -> HttpResponse:
    """List who did not come and has no other appointment; `?agent=` of one agent."""
    staff = staff_of(request)
    listen(request, [topics.appointments(staff.branch_id)])
    return render(request, "reception/no_shows.html", _no_shows(request, staff))


@workers
@require_GET
def no_shows_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the list alone."""
    return render(request, "reception/no_shows.html#rows", _no_shows(request, staff_of(request)))


@requires(Capability.WORK_APPOINTMENTS)
@require_POST
def close_day(request: HttpRequest) -> HttpResponse:
    """Note of everybody still expected on a day that she did not come."""
    staff, now = staff_of(request), timezone.now()
    day = day_in(request.POST.get("day", ""))
    if day is None:
        raise Refused(_("Say which day is over."), code="day")
    absent = services.close_appointments_of(branch=staff.branch, day=day, staff=staff, now=now)
    sentence = ngettext("%(count)d did not come.", "%(count)d did not come.", absent) % {"count": absent}
    say.done(request, sentence if absent else _("Nobody was still expected on this day."))
    return redirect(f"{reverse('reception:calendar')}?day={day.isoformat()}")


@requires(Capability.SET_CAPACITY)
@require_http_methods(["GET", "POST"])
def capacity(request: HttpRequest) -> HttpResponse:
    """Show what each half hour of the week can take in a project group (`?group=`), and set it."""
    staff, now = staff_of(request), timezone.now()
    if request.method == "GET":
        group = request.GET.get("group", "")
        group = group if group in ProjectGroup.values else ProjectGroup.SURGERY
        context = _capacity(staff, group)
        times = [starts for starts, _days in context["table"]] or [time(9)]
        first, last = (
            times[0],
            slots.clock(min(slots.minute_of(times[-1]) + slots.HALF_HOUR, 24 * 60 - slots.HALF_HOUR)),
        )
        initial = {"group": group, "weekdays": ["0", "1", "2", "3", "4"]}
        form = CapacityForm(initial=initial | {"begins": f"{first:%H:%M}", "ends": f"{last:%H:%M}"})
        return render(request, "reception/capacity.html", context | {"form": form})
    form = CapacityForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.set_capacity(branch=staff.branch, staff=staff, now=now, **data)
        except Refused as problem:
            form.add_error(None, str(problem.message))
        else:
            say.done(request, _("The capacity is set. What is booked already stays."))
            return redirect(f"{reverse('reception:capacity')}?group={data['group']}")
    group = form.data.get("group", "")
    group = group if group in ProjectGroup.values else ProjectGroup.SURGERY
    return render(request, "reception/capacity.html", _capacity(staff, group) | {"form": form}, status=422)


@at_desk
@require_POST
def expected(request: HttpRequest) -> HttpResponse:
    """Say whether somebody new of this phone was announced or has an appointment today. Sent as POST, as `find` is."""
    staff = staff_of(request)
    try:
        phone = parse_phone(request.POST.get("phone", ""))
    except WrongPhone:
        phone = ""
    return render(request, "reception/desk.html#expected", expected_context(staff, phone=phone))


def expected_context(staff: Staff, *, phone: str, visitor: Any = None) -> dict[str, Any]:
    """Return what the arrival form says of somebody who was announced: today's appointments and pre-reports."""
    today = staff.branch.today(timezone.now())
    found = reads.expected_today(visitor=visitor, phone=phone, branch=staff.branch, day=today)
    reports = list(about(visitor=visitor, phone=phone).prefetch_related("wishes")) if visitor or phone else []
    known = found or reports[-1:]
    wishes = [str(wish.project_id) for one in known[:1] for wish in one.wishes.all() if wish.project_id]
    return {
        "expected": found,
        "announced": reports,
        "expected_projects": ",".join(wishes),
        "expected_phone": phone if visitor is None else "",
    }


def _agents(staff: Staff, today: Any) -> Any:
    """Return whose lists may be chosen: all of the branch's for the desk, nobody's else for an agent."""
    return reads.agents_of(staff.branch, today) if staff.may(Capability.WORK_APPOINTMENTS) else []


def _day_and_agent(request: HttpRequest, today: date, staff: Staff) -> tuple[date, int | None]:
    """Return the day of the list, the next working day when none is asked for, and whose appointments."""
    day = day_asked_for(request, reads.next_working_day(staff.branch, today))
    return day, number_in(request.GET.get("agent", ""))


def _day_before(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    today = staff.branch.today(timezone.now())
    day, agent = _day_and_agent(request, today, staff)
    page = Paginator(reads.day_before_list(staff, day, agent), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    return {
        "day": day,
        "page": page,
        "rows": rows,
        "refused": reads.refused_messages(rows),
        "agents": _agents(staff, today),
        "agent": agent,
        "topic": topics.appointments(staff.branch_id),
        "sees_branch": staff.may(Capability.WORK_APPOINTMENTS),
    }


def _no_shows(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    today = staff.branch.today(timezone.now())
    agent = number_in(request.GET.get("agent", ""))
    page = Paginator(reads.no_shows(staff, agent), PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "rows": list(page.object_list),
        "agents": _agents(staff, today),
        "agent": agent,
        "topic": topics.appointments(staff.branch_id),
        "sees_branch": staff.may(Capability.WORK_APPOINTMENTS),
    }


def _capacity(staff: Staff, group: str) -> dict[str, Any]:
    hours = {row.weekday: row for row in BranchHours.objects.filter(branch=staff.branch_id)}
    is_open = {weekday: set(slots.slots_between(row.opens_at, row.closes_at)) for weekday, row in hours.items()}
    set_ = reads.capacities_of(staff.branch)
    times: list[time] = sorted(set().union(*is_open.values()))
    return {
        "group": group,
        "groups": ProjectGroup.choices,
        "weekdays": [str(word) for word in WEEKDAYS.values()],
        "usual": slots.USUAL_CAPACITY,
        "table": [
            (
                starts,
                [
                    (set_.get((group, day, starts), slots.USUAL_CAPACITY), (group, day, starts) in set_)
                    if starts in is_open.get(day, ())
                    else None
                    for day in range(7)
                ],
            )
            for starts in times
        ],
    }
