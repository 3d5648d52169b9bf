"""The roster: everybody sees it; supervisors, heads of departments and managers write their people's lines."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import signed_in, staff_of
from clinic.asked import day_in
from clinic.forms.roster import RosterForm
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Shift, Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.selectors import roster as rows
from clinic.services import roster as services
from clinic.views import say
from clinic.views.onward import go

PAGE = 50


def _asked(request: HttpRequest, staff: Staff) -> tuple[date, date, str, str]:
    """Return today, the Monday asked for, the group, and the number of the page."""
    today = staff.branch.today(timezone.now())
    said = request.GET
    monday = rows.monday_of(day_in(said.get("week", "")) or today)
    group = said.get("group")
    if group is None:
        # Who writes everybody's lines begins with everybody, others with their own department.
        group = "" if staff.may(Capability.MANAGE_STAFF) else str(staff.department_id or "")
    known = group == rows.CONSULTANTS or (group.isdecimal() and len(group) < 10)
    return today, monday, group if known else "", said.get("page", "")


def _page(request: HttpRequest, *, typed: dict[str, str] | None = None, every: bool = False) -> dict[str, Any]:
    staff = staff_of(request)
    today, monday, group, number = _asked(request, staff)
    may = set(rows.written_by(staff).values_list("pk", flat=True))
    page = Paginator(rows.people_on(staff, monday, group), 1000 if every else PAGE).get_page(number)
    lines = rows.lines_of(page.object_list, monday, reader=staff, today=today, may=may, typed=typed or {})
    days = rows.days_of(monday)
    week = timedelta(days=rows.WEEK)
    return {
        "page": page,
        "lines": lines,
        "days": days,
        "closed": rows.closed_days(staff.branch, days),
        "monday": monday,
        "before": monday - week,
        "after": monday + week,
        "this_week": rows.monday_of(today),
        "today": today,
        "group": group,
        "groups": rows.groups_of(staff.branch),
        "kinds": Shift.Kind.choices,
        "writes": any(line.writable for line in lines),
        "listen": topics.roster(staff.branch_id),
    }


@signed_in
@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest) -> HttpResponse:
    """Show a week (`?week=` any day of it, `?group=`); save what was entered for those whose lines one writes."""
    staff = staff_of(request)
    listen(request, [topics.roster(staff.branch_id)])
    if request.method == "GET":
        return render(request, "clinic/roster.html", _page(request))
    form = RosterForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(form.non_field_errors()[0], code="roster_unclear")
        _today, monday, *_rest = _asked(request, staff)
        number = services.write_roster(monday=monday, lines=form.cleaned_data["lines"], staff=staff, now=timezone.now())
    except Refused as problem:
        typed = {name: value for name, value in request.POST.items() if name.startswith("day-")}
        context = _page(request, typed={name: str(value) for name, value in typed.items()}) | {"problem": problem}
        return render(request, "clinic/roster.html", context, status=problem.status)
    said = ngettext("%(number)s day was changed.", "%(number)s days were changed.", number) % {"number": number}
    say.done(request, said if number else _("Nothing was changed."))
    return go(request, _address(request))


def _address(request: HttpRequest) -> str:
    said = {name: request.GET[name] for name in ("week", "group", "page") if name in request.GET}
    return f"{reverse('clinic:roster')}?{urlencode(said)}" if said else reverse("clinic:roster")


@signed_in
@require_POST
def roster_copy(request: HttpRequest) -> HttpResponse:
    """Enter the week before once more, where nothing is written yet."""
    staff = staff_of(request)
    _today, monday, group, _number = _asked(request, staff)
    people = list(rows.people_on(staff, monday, group).values_list("pk", flat=True))
    number = services.copy_last_week(monday=monday, people=people, staff=staff, now=timezone.now())
    said = ngettext("%(number)s day was entered.", "%(number)s days were entered.", number) % {"number": number}
    say.done(
        request, said if number else _("There was nothing to copy: the week is written, or the one before is not.")
    )
    return go(request, _address(request))


@signed_in
@require_GET
def roster_print(request: HttpRequest) -> HttpResponse:
    """Show a week of everybody of a group as it goes on paper."""
    context = _page(request, every=True) | {"printed_at": timezone.now()}
    return render(request, "clinic/roster_print.html", context)


@signed_in
@require_GET
def own_shifts(request: HttpRequest) -> HttpResponse:
    """Show one's own shifts of today and the six days after; a fragment of one's own page."""
    staff = staff_of(request)
    today = staff.branch.today(timezone.now())
    context = {"own": rows.own_shifts(staff, today), "today": today, "listen": topics.roster(staff.branch_id)}
    return render(request, "clinic/own_shifts.html", context)
