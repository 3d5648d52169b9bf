"""The weekly reports as their pages show them: every figure comes from a frozen body."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.models import Staff
from clinic.roles import Capability
from clinic.weeks import Week, change, digest
from clinic.words import reads_chinese
from complaints.models import Complaint, WeeklyReport

Context = dict[str, Any]


def reports_seen_by(staff: Staff) -> QuerySet[WeeklyReport]:
    """Return all versions of the branch's weekly reports, newest week and version first."""
    return (
        WeeklyReport.objects.filter(branch_id=staff.branch_id)
        .select_related("branch", "built_by")
        .order_by("-year", "-week", "-version")
    )


def latest_reports(staff: Staff) -> QuerySet[WeeklyReport]:
    """Return the newest version of each week's report, newest week first."""
    newest = (
        WeeklyReport.objects.filter(branch=OuterRef("branch"), year=OuterRef("year"), week=OuterRef("week"))
        .order_by("-version")
        .values("version")[:1]
    )
    return reports_seen_by(staff).filter(version=Subquery(newest)).annotate(flow=F("body__flow"))


def cases_kept_from(staff: Staff, numbers: Iterable[str]) -> set[str]:
    """Return those of the complaints, by number, that are about this person: she does not read them in a report."""
    about = Complaint.objects.filter(branch=staff.branch_id, number__in=list(numbers), about_staff=staff)
    return set(about.values_list("number", flat=True))


def report_page_of(staff: Staff, year: int, week: int, asked: str = "") -> Context | None:
    """Return a week's report as its page shows it, the newest version or the one `asked` for; None: there is none."""
    versions = list(reports_seen_by(staff).filter(year=year, week=week))
    report = next((each for each in versions if not asked or str(each.version) == asked), None)
    if report is None:
        return None
    body = report.body
    parts = _parts(body)
    categories = dict(Complaint.Category.choices)
    kept_back = cases_kept_from(staff, [case["number"] for case in body["major"]])
    here = Week(year, week)
    return {
        "report": report,
        "body": body,
        "week": here,
        "hospital": body["branch"]["name" if reads_chinese() else "name_en"],
        "sentence": _sentence(body),
        "changes": {
            name: change(body["flow"][name], [each[name] for each in body["weeks"][:-1]])
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
        "intact": digest(body) == report.hash,
        "builds": staff.may(Capability.SUPERVISE_COMPLAINTS),
        "earlier": _if_reported(staff, here.moved(-1)),
        "later": _if_reported(staff, here.moved(1)),
        "zone": staff.branch.time_zone,
    }


def _if_reported(staff: Staff, week: Week) -> Week | None:
    found = reports_seen_by(staff).filter(year=week.year, week=week.number)
    return week if found.exists() else None


def _sentence(body: dict[str, Any]) -> str:
    flow, before = body["flow"], [week["in"] for week in body["weeks"][:-1]]
    majors = sum(case["came_in"] for case in body["major"])
    difference = flow["in"] * len(before) - sum(before)
    parts = [ngettext("%(number)d received", "%(number)d received", flow["in"]) % {"number": flow["in"]}]
    mean = change(flow["in"], before).lstrip("+−±")
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
