"""Figures of consultants and teams, the rows behind each, and the export."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.asked import day_in, number_in
from clinic.models import Staff
from clinic.roles import Capability
from consultations import services
from consultations.forms.figures import PeriodForm, month_after, month_of
from consultations.selectors.figure_cells import COLUMNS, GROUPS, cells_of, mean_cells
from consultations.selectors.figure_rows import WORDS, keys_behind, rows_behind
from consultations.selectors.figures import Figures, Period, Person, figures_of, teams_of, total_of
from reception.forms.days import ExportForm
from reception.selectors.visitors import open_to

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

sees_figures = requires(Capability.SEE_FIGURES)


def _period(request: HttpRequest, staff: Staff) -> tuple[Period, PeriodForm, int]:
    """Return the days asked for, the month running when none are or they are wrong, with the form and the status."""
    asked = request.GET
    month = month_of(staff.branch, day_in(f"{asked.get('month', '')}-01") or staff.branch.today(timezone.now()))
    if "first" not in asked and "last" not in asked:
        return month, PeriodForm(initial={"first": month.first, "last": month.last}), 200
    form = PeriodForm(asked)
    if not form.is_valid():
        return month, form, 422
    return Period(staff.branch, form.cleaned_data["first"], form.cleaned_data["last"]), form, 200


def _sees_all(staff: Staff) -> bool:
    return staff.may(Capability.VIEW_ALL_VISITORS)


def _own(staff: Staff, people: Sequence[Person]) -> tuple[list[Person], list[Person]]:
    """Return a consultant's own line, and the lines her averages are of: her team's, or everybody's without one."""
    own = next((one for one in people if one.staff == staff.pk), None)
    team = own.team if own is not None else 0
    among = [one for one in people if one.team == team] if team else list(people)
    return [own or Person(staff.pk, staff.display_name, team, Figures())], among


@sees_figures
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Show the figures of a month, or of the days asked for: everybody's, or a consultant's own and the averages."""
    staff = staff_of(request)
    period, form, status = _period(request, staff)
    people = figures_of(period)
    everybody = _sees_all(staff)
    shown, among = (people, people) if everybody else _own(staff, people)
    teams = [
        {
            "number": team.number,
            "rows": [{"person": one, "cells": cells_of(one.figures)} for one in team.people],
            "total": cells_of(team.total),
        }
        for team in teams_of(shown)
    ]
    whole = total_of(among)
    context: dict[str, Any] = {
        "form": form,
        "period": period,
        "rows_url": f"{reverse('consultations:figure_rows')}?first={period.first}&last={period.last}",
        "month": period.first if period == month_of(staff.branch, period.first) else None,
        "earlier": month_after(period.first.replace(day=1), -1),
        "later": month_after(period.first.replace(day=1)),
        "columns": COLUMNS,
        "groups": GROUPS,
        "teams": teams,
        "in_teams": any(one.team for one in shown),
        "everybody": everybody,
        "people": shown,
        "received": sum(1 for one in among if one.figures.receptions),
        "total": cells_of(whole),
        "means": mean_cells(among, whole),
    }
    return render(request, "consultations/figures.html", context, status=status)


@sees_figures
@require_GET
def figure_rows(request: HttpRequest) -> HttpResponse:
    """Show the rows behind a figure (`?figure=`), of one consultant (`?staff=`) or of everybody."""
    staff = staff_of(request)
    period, _form, status = _period(request, staff)
    figure, whose = request.GET.get("figure", "turns"), number_in(request.GET.get("staff", ""))
    if not _sees_all(staff):
        if whose not in (None, staff.pk):
            raise Http404
        whose = staff.pk
    person = Staff.objects.filter(pk=whose, branch=staff.branch_id).first() if whose is not None else None
    if figure not in WORDS or status != 200 or (whose is not None and person is None):
        raise Http404
    page = Paginator(keys_behind(period, figure, whose), PAGE).get_page(request.GET.get("page"))
    rows = rows_behind(figure, list(page.object_list))
    context = {
        "word": WORDS[figure],
        "period": period,
        "person": person,
        "page": page,
        "rows": rows,
        "opens": open_to(staff, {row.visit.visitor_id for row in rows}),
        "deals": figure in ("deals", "amount", "spent"),
    }
    return render(request, "consultations/figure_rows.html", context)


@sees_figures
@require_http_methods(["GET", "POST"])
def figures_export(request: HttpRequest) -> HttpResponseBase:
    """Ask what an export is for; then answer with the figures as an Excel file."""
    staff = staff_of(request)
    period, _form, status = _period(request, staff)
    if status != 200:
        raise Http404
    form = ExportForm(request.POST or None, may_reveal=False)
    if request.method == "POST" and form.is_valid():
        people = figures_of(period)
        shown = people if _sees_all(staff) else _own(staff, people)[0]
        file = services.export_figures(
            period=period, people=shown, why=form.cleaned_data["why"], staff=staff, now=timezone.now()
        )
        name = f"figures-{staff.branch.code}-{period.first}-{period.last}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    context = {"form": form, "period": period}
    return render(request, "consultations/figures_export.html", context, status=422 if form.errors else 200)
