"""The weekly reports of follow-ups as their pages show them: every figure comes from a frozen body."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from clinic.models import Department, Staff
from clinic.roles import Capability
from clinic.weeks import Week, change, digest
from clinic.words import reads_chinese
from followups.models import CallAttempt, CallBack, FollowUpReport, UrgentReview
from followups.selectors.calls import call_backs_seen_by
from followups.selectors.figures import calls_behind
from followups.weekly import meets, percent
from reception.masking import masked_name

Context = dict[str, Any]
_CODE = re.compile(r"[-a-zA-Z0-9_]{1,20}")

_FLOW_WORDS: dict[str, Promise] = {
    "open_start": gettext_lazy("Open at the start"),
    "in": gettext_lazy("Came due"),
    "made": gettext_lazy("Made"),
    "closed": gettext_lazy("Not to be made any more"),
    "open_end": gettext_lazy("Open at the end"),
}
_TIMELY_WORDS: dict[str, Promise] = {
    "on_day": gettext_lazy("Made on the day"),
    "late_1": gettext_lazy("1 day late"),
    "late_3": gettext_lazy("2 or 3 days late"),
    "late_7": gettext_lazy("4 to 7 days late"),
    "late_more": gettext_lazy("More than 7 days late"),
    "early": gettext_lazy("Made before they were due"),
    "untried": gettext_lazy("Missed: open, and nobody has called"),
    "tried": gettext_lazy("Open, called without reaching anybody"),
}
_REVIEW_WORDS: dict[str, Promise] = {
    "review_asked": gettext_lazy("Doctors asked"),
    "review_in_time": gettext_lazy("Answered in time"),
    "review_late": gettext_lazy("Answered late"),
    "review_waiting": gettext_lazy("Not answered by the end of the week"),
}
_TRY_WORDS: dict[str, Promise] = {
    "tries": gettext_lazy("Tries"),
    "she_called": gettext_lazy("Of these she called us"),
    "called": gettext_lazy("Visitors called"),
    "reached": gettext_lazy("Reached"),
    "finished": gettext_lazy("Calls finished"),
    "scored": gettext_lazy("Gave a score"),
    "satisfied": gettext_lazy("Satisfied (4 or 5)"),
    "normal": gettext_lazy("Recovery normal"),
    "abnormal": gettext_lazy("Recovery abnormal"),
    "suggested": gettext_lazy("Made suggestions"),
}


def figure_words(figure: str) -> str:
    """Return the name of a figure in the language of the reader."""
    named = {**_FLOW_WORDS, **_TIMELY_WORDS, **_TRY_WORDS}
    if figure in named:
        return str(named[figure])
    group, _bar, key = figure.partition("_")
    match group:
        case "review":
            return _("Urgent reviews: %(what)s") % {"what": _REVIEW_WORDS[figure]}
        case "result":
            return str(dict(CallAttempt.Result.choices)[key])
        case "score":
            return _("Score %(score)s") % {"score": key}
        case _:
            reason = str(dict(CallBack.Reason.choices)[key])
            return reason if group == "closed" else _("%(reason)s, before it was due") % {"reason": reason}


def follow_up_reports_seen_by(staff: Staff) -> QuerySet[FollowUpReport]:
    """Return all versions of the branch's reports, newest week and version first."""
    return (
        FollowUpReport.objects.filter(branch_id=staff.branch_id)
        .select_related("branch", "built_by")
        .order_by("-year", "-week", "-version")
    )


def latest_follow_up_reports(staff: Staff) -> QuerySet[FollowUpReport]:
    """Return the newest version of each week's report, newest week first, with what a row of the list shows."""
    newest = (
        FollowUpReport.objects.filter(branch=OuterRef("branch"), year=OuterRef("year"), week=OuterRef("week"))
        .order_by("-version")
        .values("version")[:1]
    )
    # A body is long; of it only what the list shows is read.
    return (
        follow_up_reports_seen_by(staff)
        .filter(version=Subquery(newest))
        .defer("body")
        .annotate(
            flow=F("body__flow"), said=F("body__said"), timely=F("body__timely"), of_week=F("body__week"),
            targets=F("body__targets"),
        )
    )  # fmt: skip


def report_rows(reports: Iterable[FollowUpReport]) -> list[Context]:
    """Return the rows of the list of weeks."""
    return [
        {
            "report": one,
            "first": date.fromisoformat(one.of_week["first"]),  # type: ignore[attr-defined]
            "last": date.fromisoformat(one.of_week["last"]),  # type: ignore[attr-defined]
            "reached": _share(one.said["reached"], one.said["called"], one.targets["reached"]),  # type: ignore[attr-defined]
            "satisfied": _share(one.said["satisfied"], one.said["scored"], one.targets["satisfied"]),  # type: ignore[attr-defined]
        }
        for one in reports
    ]


def _share(part: int, whole: int, target: int) -> Context:
    """Return a share against its target as a cell shows it."""
    return {"percent": percent(part, whole), "short": not meets(part, whole, target), "target": target}


def follow_up_report_page(staff: Staff, year: int, week: int, asked: str = "") -> Context | None:
    """Return a week's report as its page shows it, the newest version or the one `asked` for; None: there is none."""
    versions = list(follow_up_reports_seen_by(staff).filter(year=year, week=week))
    report = next((each for each in versions if not asked or str(each.version) == asked), None)
    if report is None:
        return None
    body, here = report.body, Week(year, week)
    said, targets = body["said"], body["targets"]
    tables = _tables(body)
    return {
        "report": report,
        "body": body,
        "week": here,
        "hospital": body["branch"]["name" if reads_chinese() else "name_en"],
        "sentence": _sentence(body),
        "flow": [
            {
                "figure": name,
                "word": word,
                "value": body["flow"][name],
                "sign": {"in": "+", "made": "−", "closed": "−"}.get(name, ""),
                "change": change(body["flow"][name], [each[name] for each in body["weeks"][:-1]]),
            }
            for name, word in _FLOW_WORDS.items()
        ],
        "reached": _share(said["reached"], said["called"], targets["reached"]),
        "satisfied": _share(said["satisfied"], said["scored"], targets["satisfied"]),
        "tables": tables,
        "charts": _charts(body),
        "abnormal": [_case(case) for case in body["abnormal"]],
        "suggestions": [
            {**one, "about": one["project" if reads_chinese() else "project_en"]} for one in body["suggestions"]
        ],
        "more_suggestions": said["suggested"] - len(body["suggestions"]),
        "versions": versions,
        "newest": report == versions[0],
        "intact": digest(body) == report.hash,
        "builds": staff.may(Capability.SUPERVISE_CALL_BACKS),
        "opens": staff.may(Capability.WORK_CALL_BACKS),
        "earlier": _if_reported(staff, here.moved(-1)),
        "later": _if_reported(staff, here.moved(1)),
        "zone": staff.branch.time_zone,
    }


def _if_reported(staff: Staff, week: Week) -> Week | None:
    found = follow_up_reports_seen_by(staff).filter(year=week.year, week=week.number)
    return week if found.exists() else None


def _sentence(body: Context) -> str:
    flow, said, timely = body["flow"], body["said"], body["timely"]
    parts = [
        ngettext("%(number)d call came due", "%(number)d calls came due", flow["in"]) % {"number": flow["in"]},
        ngettext("%(number)d made", "%(number)d made", flow["made"]) % {"number": flow["made"]},
        ngettext("%(number)d missed", "%(number)d missed", timely["untried"]) % {"number": timely["untried"]},
    ]
    if said["called"]:
        parts.append(_("%(share)s%% reached") % {"share": percent(said["reached"], said["called"])})
    if said["scored"]:
        parts.append(_("%(share)s%% satisfied") % {"share": percent(said["satisfied"], said["scored"])})
    number = said["abnormal"]
    parts.append(
        ngettext("%(number)d recovery abnormal", "%(number)d recoveries abnormal", number) % {"number": number}
    )
    return _("; ").join(parts) + _(".")


def _case(case: Context) -> Context:
    """Return a complication with its words: what was done is the doctor's answer, or what the supervisor wrote."""
    chinese = reads_chinese()
    answers = dict(UrgentReview.Answer.choices)
    done = str(answers.get(case["answer"], ""))
    if case["answer"] == "waiting":
        done = _("The doctor had not answered by the end of the week.")
    if case["come_on"]:
        done += f" ({date_format(date.fromisoformat(case['come_on']), 'SHORT_DATE_FORMAT')})"
    return {
        **case,
        "about": case["project" if chinese else "project_en"],
        "of_step": case["step" if chinese else "step_en"],
        "done": [each for each in (done, case["settled"]) if each],
    }


# --- the tables ---

_CALL_COLUMNS = ("open_start", "in", "made", "on_day", "closed", "open_end", "called", "reached")
_STAFF_COLUMNS = ("tries", "called", "finished", "reached", "abnormal")
_HEADS: dict[str, Promise] = {
    "open_start": gettext_lazy("Start"),
    "in": gettext_lazy("Due"),
    "made": gettext_lazy("Made"),
    "on_day": gettext_lazy("On the day"),
    "closed": gettext_lazy("Dropped"),
    "open_end": gettext_lazy("End"),
    "called": gettext_lazy("Visitors called"),
    "reached": gettext_lazy("Reached"),
    "tries": gettext_lazy("Tries"),
    "finished": gettext_lazy("Finished"),
    "abnormal": gettext_lazy("Abnormal"),
}


def _cells(row: Context, columns: Sequence[str], **narrowed: object) -> list[Context]:
    return [
        {"value": row[name], "query": urlencode({"figure": name, **narrowed}) if row[name] else ""} for name in columns
    ]


def _table(name: str, title: str, heads: Sequence[str], rows: list[Context], *, wide: bool = False) -> Context:
    return {"name": name, "title": title, "heads": heads, "rows": rows, "wide": wide}


def _tables(body: Context) -> list[Context]:
    chinese, targets = reads_chinese(), body["targets"]
    kinds = dict(Department.Kind.choices)
    shares = [str(_HEADS["reached"]) + " %", _("Satisfied") + " %"]

    def shared(row: Context) -> list[Context]:
        return [
            {"share": _share(row["reached"], row["called"], targets["reached"])},
            {"share": _share(row["satisfied"], row["scored"], targets["satisfied"])},
        ]

    of_calls = [*(str(_HEADS[name]) for name in _CALL_COLUMNS), *shares]
    by_kind = [
        {"word": kinds[row["kind"]], "cells": _cells(row, _CALL_COLUMNS, kind=row["kind"]) + shared(row)}
        for row in body["by"]["kind"]
    ]
    by_step = [
        {
            "word": row["name" if chinese else "name_en"] or row["code"],
            "beside": kinds[row["kind"]],
            "cells": _cells(row, _CALL_COLUMNS, kind=row["kind"], code=row["code"]) + shared(row),
        }
        for row in body["by"]["step"]
    ]
    by_staff = [
        {"word": row["name"], "cells": _cells(row, _STAFF_COLUMNS, staff=row["staff"]) + shared(row)}
        for row in body["by"]["staff"]
    ]
    of_staff = [*(str(_HEADS[each]) for each in _STAFF_COLUMNS), *shares]
    number = pgettext("how many", "Number")
    closed = {name: many for name, many in (body["closed"] | body["ahead"]).items() if many}
    return [
        _table("kind", _("By department"), of_calls, by_kind, wide=True),
        _table("step", _("By call of the plan"), of_calls, by_step, wide=True),
        _table("staff", _("By who called"), of_staff, by_staff, wide=True),
        _table("timely", _("When they were made"), [_("Calls")], _plain(body["timely"], _TIMELY_WORDS)),
        _table("tries", _("What was heard"), [number], _plain(body["said"], _TRY_WORDS)),
        _table("results", _("What the tries led to"), [_("Tries")], _plain(body["results"])),
        _table("scores", _("Satisfaction"), [_("Visitors")], _plain(body["scores"])),
        _table("closed", _("Why calls are not made any more"), [_("Calls")], _plain(closed)),
        _table("reviews", _("Urgent reviews"), [number], _plain(body["reviews"], _REVIEW_WORDS)),
    ]


def _plain(numbers: Mapping[str, int], words: Mapping[str, Promise] | None = None) -> list[Context]:
    """Return a row for each figure, in the order of `words` when given."""
    return [
        {"word": str(words[name]) if words else figure_words(name), "cells": _cells(dict(numbers), [name])}
        for name in (words or numbers)
    ]


def _charts(body: Context) -> Context:
    chinese = reads_chinese()
    weeks, scores, steps = body["weeks"], body["scores"], body["by"]["step"]
    return {
        "weeks": {
            "labels": [f"W{week['week']:02d}" for week in weeks],
            "series": [
                {
                    "name": str(_FLOW_WORDS[name]),
                    "type": "line" if name == "open_end" else "bar",
                    "values": [week[name] for week in weeks],
                }
                for name in ("in", "made", "open_end")
            ],
        },
        "step": {
            "across": True,
            "labels": [row["name" if chinese else "name_en"] or row["code"] for row in steps],
            "series": [
                {"name": str(word), "type": "bar", "values": [row[name] for row in steps]}
                for name, word in (("in", _HEADS["in"]), ("on_day", _HEADS["on_day"]))
            ],
        },
        "scores": {
            "labels": [name.removeprefix("score_") for name in scores],
            "series": [{"name": _("Visitors"), "type": "bar", "values": list(scores.values())}],
        },
    }


# --- the calls behind a figure ---


def figure_page(
    staff: Staff, report: FollowUpReport, figure: str, *, kind: str, code: str, staff_id: int | None, now: datetime
) -> Context | None:
    """Return the calls that a figure of a report counts, as the records are now; None: there is no such figure."""
    if (kind and kind not in Department.Kind.values) or (code and not _CODE.fullmatch(code)):
        return None
    week = Week(report.year, report.week)
    ids = calls_behind(branch=staff.branch, week=week, figure=figure, kind=kind, code=code, staff_id=staff_id, now=now)
    if ids is None:
        return None
    caller = Staff.objects.filter(pk=staff_id, branch_id=staff.branch_id).first() if staff_id is not None else None
    narrowed = [str(dict(Department.Kind.choices).get(kind, "")), str(caller or "")]
    if code:
        narrowed.append(next((_step_name(row) for row in report.body["by"]["step"] if row["code"] == code), code))
    return {
        "ids": ids,
        "word": figure_words(figure),
        "narrowed": [each for each in narrowed if each],
        "week": week,
        "report": report,
        # Who works calls reads names on every list; who only reads reports does not need them.
        "named": staff.may(Capability.WORK_CALL_BACKS),
        "zone": staff.branch.time_zone,
    }


def _step_name(row: Context) -> str:
    return str(row["name" if reads_chinese() else "name_en"] or row["code"])


def calls_shown(staff: Staff, ids: Sequence[int]) -> list[CallBack]:
    """Return calls by their ids, in that order, with all a row shows and when each was last tried."""
    last = CallAttempt.objects.filter(call_back=OuterRef("pk")).order_by("-id")
    rows = call_backs_seen_by(staff).annotate(
        said_at=Subquery(last.values("at")[:1]), said=Subquery(last.values("result")[:1]),
        said_by=Subquery(last.values("staff__display_name")[:1]),
    )  # fmt: skip
    found = rows.in_bulk(list(ids))
    results = dict(CallAttempt.Result.choices)
    for row in found.values():
        row.masked_name = masked_name(row.visitor.name)  # type: ignore[attr-defined]
        row.said_word = results.get(row.said, "")  # type: ignore[attr-defined]
    return [found[each] for each in ids if each in found]
