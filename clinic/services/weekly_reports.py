"""Reports of an ISO week that are frozen as built: versions, corrections with a reason, weeks that were missed.

What a report counts is its room's. A room's model of such reports has the fields branch, year, week, version,
built_at, built_by, reason, body and hash, and is append-only; a body says under `week`, `over` whether its week was.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.services.turns import one_at_a_time
from clinic.weeks import Week, digest, weeks_due

Report = TypeVar("Report", bound=Model)


def freeze_week(
    model: type[Report],
    *,
    branch: Branch,
    year: int,
    week: int,
    body: Callable[[Branch, Week, datetime], dict[str, Any]],
    staff: Staff | None,
    reason: str,
    now: datetime,
) -> tuple[Report, bool]:
    """Count a week by `body` and freeze it; return the report, and whether it is a new one. In a transaction.

    Without `staff` a week that has a report built after its end keeps it. A person's build beside a finished one is a
    correction: a new version with a reason; the old one stays. The same build sent again returns the report it made.
    Raises Refused `no_such_week`, `not_begun`, `reason_missing`, `nothing_changed` when the figures are those of the
    newest version.
    """
    try:
        wanted = Week(year, week)
    except ValueError:
        raise Refused(_("That year has no such week."), code="no_such_week") from None
    if wanted.bounds(branch.zone)[0] > now:
        raise Refused(_("That week has not begun."), code="not_begun")
    one_at_a_time(f"{model._meta.db_table} {branch.pk} {wanted}")
    rows: Any = model._default_manager
    last = rows.filter(branch=branch, year=year, week=week).order_by("-version").first()
    finished = last is not None and last.body["week"]["over"]
    if finished and staff is None:
        return last, False
    if finished and not reason.strip():
        raise Refused(_("Say why the report is built again."), code="reason_missing")
    counted = body(branch, wanted, now)
    if last is not None and last.body == counted:
        if last.reason == reason.strip():
            return last, False
        raise Refused(
            _("The figures are still those of version %(version)s, so there is nothing to correct.")
            % {"version": last.version},
            code="nothing_changed",
        )
    report = rows.create(
        branch=branch,
        year=year,
        week=week,
        version=last.version + 1 if last else 1,
        built_at=now,
        built_by=staff,
        reason=reason.strip(),
        body=counted,
        hash=digest(counted),
    )
    return report, True


def missing_weeks(model: type[Model], *, branch: Branch, first: datetime | None, now: datetime) -> list[Week]:
    """Return the finished weeks that are due and have no report built after their end, oldest first.

    `first`: the instant of the first thing there is to report; None: the last finished week is the first.
    """
    here = now.astimezone(branch.zone)
    day: date = first.astimezone(branch.zone).date() if first else Week.of(here.date()).moved(-1).first
    rows: Any = model._default_manager
    built = rows.filter(branch=branch).values_list("year", "week", "body__week__over")
    there = {(year, week) for year, week, over in built if over}
    return [week for week in weeks_due(day, here) if (week.year, week.number) not in there]


def week_as_told(branch: Branch, week: Week, now: datetime) -> dict[str, Any]:
    """Return how a body names its branch and its week."""
    start, end = week.bounds(branch.zone)
    return {
        "branch": {"code": branch.code, "name": branch.name, "name_en": branch.name_en},
        "week": {
            "year": week.year,
            "week": week.number,
            "first": week.first.isoformat(),
            "last": week.last.isoformat(),
            "starts_at": start.isoformat(),
            "ends_at": end.isoformat(),
            "time_zone": branch.time_zone,
            "over": now >= end,
        },
    }
