"""Which agent a visitor is credited to, and why: O2 and O3 in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Min, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.models import Branch
from reception.models import PreReport as Announcement
from reception.models import PreReportEntry, Visit, Visitor
from reception.selectors.pre_reports import about
from triage.engine.credit import PreReport, claimant, gives_credit, stays_credited
from triage.engine.policy import Policy as Rules
from triage.engine.policy import policy_from_json
from triage.selectors.facts import NEVER_BOUGHT
from triage.selectors.policies import policy_of_day, rules_of


@dataclass(frozen=True, slots=True)
class Claim:
    """One pre-report: whose, from which day, what was said, whether it gives credit, and why or why not."""

    agent: str
    on: date
    said: str
    gives: bool
    why: str


@dataclass(frozen=True, slots=True)
class Settled:
    """All claims to a visitor, the earliest first; who is credited (None: nobody), and a sentence that says why."""

    claims: list[Claim]
    agent_id: int | None
    agent: str
    why: str


def settled_for(
    *, visitor: Visitor | None, phone: str, branch: Branch, day: date, at: datetime, never: Visit | None = None
) -> Settled | None:
    """Return whose visitor somebody is who comes on a day; None when nobody announced her.

    `phone` is E.164; pre-reports after `at` do not count, nor does the visit `never` as one she came on before.
    """
    followed = Q(entries__kind__in=PreReportEntry.FOLLOW_UPS, entries__at__lte=at)
    rows = list(
        about(visitor=visitor, phone=phone)
        .filter(made_at__lte=at)
        .select_related("agent")
        .annotate(followed_at=Max("entries__at", filter=followed))
    )
    if not rows:
        return None
    came = _came_after(visitor, rows, at, never)
    reports = [
        PreReport(
            by=str(row.agent_id),
            on=branch.today(row.made_at),
            follow_up=branch.today(row.followed_at) if row.followed_at else None,
            came=came.get(row.pk),
        )
        for row in rows
    ]
    policy = policy_of_day(branch, day)
    rules = rules_of(policy) if policy is not None else policy_from_json("standard")
    winner = claimant(reports, day, rules, has_phone=bool(phone))
    claims = [
        Claim(str(row.agent), report.on, row.said, bool(phone) and gives_credit(report, day), _why(report, day))
        for row, report in zip(rows, reports, strict=True)
    ]
    name = next((str(row.agent) for row in rows if str(row.agent_id) == winner), "")
    return Settled(claims, int(winner) if winner else None, name, _sentence(name, reports, day, rules, bool(phone)))


def claims_to_visit(visit: Visit) -> Settled | None:
    """Return whose visitor she was when she came; None when nobody had announced her."""
    return settled_for(
        visitor=visit.visitor,
        phone=str(visit.visitor.phone),
        branch=visit.branch,
        day=visit.day,
        at=visit.arrived_at,
        never=visit,
    )


def _came_after(
    visitor: Visitor | None, rows: Sequence[Announcement], at: datetime, never: Visit | None
) -> dict[int, date]:
    """Return the day she first came after each pre-report, while she has never bought."""
    if visitor is None or visitor.standing not in NEVER_BOUGHT:
        return {}
    visits = Visit.objects.filter(visitor=visitor, arrived_at__lt=at).exclude(state=Visit.State.VOID)
    if never is not None:
        visits = visits.exclude(pk=never.pk)
    firsts = {str(row.pk): Min("day", filter=Q(arrived_at__gte=row.made_at)) for row in rows}
    found = visits.aggregate(**{f"after_{pk}": first for pk, first in firsts.items()})
    return {row.pk: found[f"after_{row.pk}"] for row in rows if found[f"after_{row.pk}"] is not None}


def _why(report: PreReport, day: date) -> str:
    if gives_credit(PreReport(report.by, report.on), day):
        return _("younger than three months")
    if gives_credit(PreReport(report.by, report.on, report.follow_up), day):
        assert report.follow_up is not None
        return _("older than three months, but followed up on %(day)s") % {"day": _day(report.follow_up)}
    if stays_credited(report, day):
        assert report.came is not None
        return _("she came on %(day)s while it counted, and has bought nothing yet") % {"day": _day(report.came)}
    if report.follow_up is not None:
        return _("older than three months, and last followed up on %(day)s: it no longer counts") % {
            "day": _day(report.follow_up)
        }
    return _("older than three months and never followed up: it no longer counts")


def _sentence(name: str, reports: Sequence[PreReport], day: date, rules: Rules, has_phone: bool) -> str:
    if not has_phone:
        return _("No phone number is on file, so that nobody has a claim (O2).")
    if not name:
        return _("Nobody has a claim: every pre-report is older than three months without a follow-up (O3).")
    valid = [report for report in reports if gives_credit(report, day)]
    if len({report.by for report in valid}) == 1:
        return _("%(agent)s is credited: hers is the only pre-report that counts (O3).") % {"agent": name}
    if rules.claims == "follow_up" and any(report.follow_up is not None for report in valid):
        return _("%(agent)s is credited: of several agents she followed up last (O2).") % {"agent": name}
    return _("%(agent)s is credited: of several agents hers is the earliest record (O2).") % {"agent": name}


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
