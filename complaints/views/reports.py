"""The weekly reports: every figure on these pages comes from a frozen body."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from clinic.words import reads_chinese
from complaints import selectors, services, weekly
from complaints.forms import BuildForm
from complaints.models import Complaint, WeeklyReport
from complaints.weekly import Week

PAGE = 30

readers = requires(Capability.READ_REPORTS)


@readers
@require_GET
def weekly_reports(request: HttpRequest) -> HttpResponse:
    """Show the newest version of each week's report, and the running week."""
    staff = staff_of(request)
    listen(request, [topics.complaints(staff.branch_id)])
    running = Week.of(staff.branch.today(timezone.now()))
    context = {
        "page": Paginator(selectors.latest_reports(staff), PAGE).get_page(request.GET.get("page")),
        "builds": staff.may(Capability.SUPERVISE_COMPLAINTS),
        "build": BuildForm(initial={"year": running.year, "week": running.number}),
        "running": running,
        "listen": topics.complaints(staff.branch_id),
        "zone": staff.branch.time_zone,
    }
    return render(request, "complaints/weekly_reports.html", context)


@requires(Capability.SUPERVISE_COMPLAINTS)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """Build the report of a week, or a corrected version beside the one there is."""
    staff, form = staff_of(request), BuildForm(request.POST)
    if not form.is_valid():
        raise Http404
    made = services.build_weekly_report(branch=staff.branch, staff=staff, now=timezone.now(), **form.cleaned_data)
    done(request, _("The report of %(week)s is built.") % {"week": made})
    return go(request, reverse("complaints:weekly_report", args=[made.year, made.week]))


def _sentence(body: dict[str, Any]) -> str:
    flow, before = body["flow"], [week["in"] for week in body["weeks"][:-1]]
    majors = sum(case["came_in"] for case in body["major"])
    difference = flow["in"] * len(before) - sum(before)
    parts = [ngettext("%(number)d received", "%(number)d received", flow["in"]) % {"number": flow["in"]}]
    mean = weekly.change(flow["in"], before).lstrip("+−±")
    if difference > 0:
        parts[0] += _(", %(mean)s more than the mean of four weeks") % {"mean": mean}
    elif difference < 0:
        parts[0] += _(", %(mean)s fewer than the mean of four weeks") % {"mean": mean}
    else:
        parts[0] += _(", as many as the mean of four weeks")
    parts += [
        ngettext("%(number)d closed", "%(number)d closed", flow["out"]) % {"number": flow["out"]},
        ngettext("%(number)d open", "%(number)d open", flow["open_end"]) % {"number": flow["open_end"]},
        ngettext("%(number)d major", "%(number)d major", majors) % {"number": majors},
    ]
    return _("; ").join(parts) + _(".")


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    chinese = reads_chinese()
    words: dict[str, Any] = {
        "category": dict(Complaint.Category.choices),
        "level": dict(Complaint.Level.choices),
        "channel": dict(Complaint.Channel.choices),
    }
    titles = {
        "category": _("What they were about"),
        "level": _("Level"),
        "channel": _("How they reached us"),
        "department": _("Responsible department"),
    }
    found = []
    for name, title in titles.items():
        rows = [
            {
                **row,
                "word": str(
                    words[name][row["key"]]
                    if name in words
                    else (row["name"] if chinese else row["name_en"]) or _("Not named yet")
                ),
            }
            for row in body["by"][name]
        ]
        found.append({"name": name, "title": title, "rows": rows})
    return found


def _charts(body: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    words = {"in": _("Received"), "out": _("Closed"), "open_end": _("Open at the end")}
    charts: dict[str, Any] = {
        "weeks": {
            "labels": [f"W{week['week']:02d}" for week in body["weeks"]],
            "series": [
                {
                    "name": words[name],
                    "type": "line" if name == "open_end" else "bar",
                    "values": [week[name] for week in body["weeks"]],
                }
                for name in words
            ],
        }
    }
    for part in parts:
        charts[part["name"]] = {
            "across": True,
            "labels": [row["word"] for row in part["rows"]],
            "series": [
                {"name": words[name], "type": "bar", "values": [row[name] for row in part["rows"]]}
                for name in ("in", "open_end")
            ],
        }
    return charts


@readers
@require_GET
def weekly_report(request: HttpRequest, year: int, week: int) -> HttpResponse:
    """Show a report as it was frozen; `?version=` shows an older one."""
    staff = staff_of(request)
    versions = list(selectors.reports_seen_by(staff).filter(year=year, week=week))
    asked = request.GET.get("version", "")
    report = next((each for each in versions if not asked or str(each.version) == asked), None)
    if report is None:
        raise Http404
    body = report.body
    parts = _parts(body)
    categories = dict(Complaint.Category.choices)
    kept_back = selectors.cases_kept_from(staff, [case["number"] for case in body["major"]])
    here = Week(year, week)
    neighbours = WeeklyReport.objects.filter(branch=staff.branch)
    context = {
        "report": report,
        "body": body,
        "week": here,
        "hospital": body["branch"]["name" if reads_chinese() else "name_en"],
        "sentence": _sentence(body),
        "changes": {
            name: weekly.change(body["flow"][name], [each[name] for each in body["weeks"][:-1]])
            for name in ("in", "out", "open_end")
        },
        "parts": parts,
        "charts": _charts(body, parts),
        "majors": [
            {**case, "about": categories[case["category"]], "kept_back": case["number"] in kept_back}
            for case in body["major"]
        ],
        "versions": versions,
        "newest": report == versions[0],
        "intact": weekly.digest(body) == report.hash,
        "builds": staff.may(Capability.SUPERVISE_COMPLAINTS),
        "build": BuildForm(initial={"year": year, "week": week}),
        "earlier": _linked(neighbours, here.moved(-1)),
        "later": _linked(neighbours, here.moved(1)),
        "zone": staff.branch.time_zone,
    }
    return render(request, "complaints/weekly_report.html", context)


def _linked(reports: Any, week: Week) -> Week | None:
    return week if reports.filter(year=week.year, week=week.number).exists() else None
