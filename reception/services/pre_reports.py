"""Pre-reports: recorded once, followed up by entries that nobody changes, passed on, closed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.repeats import content_of, made_before
from reception.models import Appointment, PreReport, PreReportEntry, PreReportProject, Visitor
from reception.selectors.duplicates import possible_duplicates
from reception.services.looks import what_for

_State = PreReport.State
_Kind = PreReportEntry.Kind


def on_file(phone: str) -> Visitor | None:
    """Return the visitor a phone (E.164) belongs to; None when nobody has it, or several share it."""
    known = possible_duplicates(name="", phone=phone, limit=2) if phone else []
    return known[0] if len(known) == 1 else None


def person_named(visitor: Visitor | None, name: str, phone: str) -> tuple[Visitor | None, str, str]:
    """Return who somebody is as far as it is known: visitor, name, phone. Raises Refused `nobody` without a name."""
    visitor = visitor or on_file(phone)
    name = name.strip() or (visitor.name if visitor is not None else "")
    if not name:
        raise Refused(_("Say who it is: choose a visitor, or type a name."), code="nobody")
    return visitor, name, phone or (str(visitor.phone) if visitor is not None else "")


@transaction.atomic
def record_pre_report(
    *,
    branch: Branch,
    agent: Staff,
    visitor: Visitor | None = None,
    name: str = "",
    phone: str = "",
    projects: Sequence[Project] = (),
    said: str = "",
    promised: str = "",
    promise_due_at: datetime | None = None,
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
) -> PreReport:
    """Record that an agent spoke with somebody, and return the pre-report. It is her claim by O2.

    Without `visitor`, the one on file with this phone is meant, if there is exactly one. `promised` needs a deadline
    still to come. Sent again under the same `request_key` it returns the same record; Stale `request_used` when that
    was another one. Raises Refused `nobody`, `promise_due`.
    """
    content = content_of(
        agent=agent,
        visitor=visitor,
        name=name,
        phone=phone,
        projects=projects,
        said=said,
        promised=promised,
        promise_due_at=promise_due_at,
    )
    if again := made_before(
        PreReport.objects.all(),
        request_key,
        content,
        used_for=lambda made: (
            _("This form has already recorded %(name)s. What was changed since is not recorded: send it again.")
            % {"name": made.name}
        ),
    ):
        return again
    visitor, name, phone = person_named(visitor, name, phone)
    if bool(promised) is not bool(promise_due_at):
        raise Refused(_("A promised answer needs a deadline, and a deadline needs what was promised."), code="promise")
    if promise_due_at is not None:
        _refuse_deadline(promise_due_at, now)
    report = PreReport.objects.create(
        branch=branch,
        agent=agent,
        visitor=visitor,
        name=name,
        phone=phone,
        said=said,
        promised=promised,
        promise_due_at=promise_due_at,
        made_at=now,
        made_by=staff,
        request_key=request_key,
        request_content=content if request_key else "",
    )
    PreReportProject.objects.bulk_create(
        PreReportProject(pre_report=report, project=project, position=position)
        for position, project in enumerate(dict.fromkeys(projects))
    )
    audit.record(action="reception.record_pre_report", now=now, staff=staff, branch=branch, target=report)
    _announce(report)
    return report


@transaction.atomic
def follow_up_pre_report(
    *, report: PreReport, kind: str, text: str, seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Write down that somebody was spoken with again (`follow_up`), or given the promised answer (`answered`).

    Raises Refused `text` without words, `no_promise` when nothing is promised; Stale `pre_report_changed`.
    """
    _lock(report, seen)
    if not text.strip():
        raise Refused(_("Write down what was said."), code="text")
    if kind == _Kind.ANSWERED:
        if not report.promised or report.answered_at is not None:
            raise Refused(_("No answer is promised that was not given."), code="no_promise")
        report.answered_at = now
    elif kind != _Kind.FOLLOW_UP:
        raise Refused(_("Choose what happened."), code="kind")
    _write(report, kind, text, staff, now, "answered_at")
    audit.record(action="reception.follow_up", now=now, staff=staff, branch=report.branch, target=report)


@transaction.atomic
def promise_answer(
    *, report: PreReport, promised: str, due_at: datetime, seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Promise an answer, or to call back, by an instant. Raises Refused `text`, `promise_due`; Stale as `follow_up`."""
    _lock(report, seen)
    if not promised.strip():
        raise Refused(_("Write down what is promised."), code="text")
    _refuse_deadline(due_at, now)
    report.promised, report.promise_due_at, report.answered_at = promised.strip()[:200], due_at, None
    if report.state == _State.CLOSED:
        report.state = _State.LEAD
    _write(report, _Kind.PROMISED, promised, staff, now, "promised", "promise_due_at", "answered_at", "state")
    audit.record(action="reception.promise", now=now, staff=staff, branch=report.branch, target=report)


@transaction.atomic
def pass_on_pre_report(
    *, report: PreReport, to: Staff, text: str = "", seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Pass a lead on to another agent, also of another branch: it is hers from then on, with its date.

    Raises Refused `same_agent`, Stale `pre_report_state` once it is booked or over, `pre_report_changed`.
    """
    _lock(report, seen)
    if to.pk == report.agent_id:
        raise Refused(_("It is hers already. Choose another agent."), code="same_agent")
    if report.state != _State.LEAD:
        raise Stale(
            _("“%(name)s” is “%(state)s” now; only leads that are not booked are passed on.")
            % {"name": report.name, "state": report.get_state_display()},
            code="pre_report_state",
        )
    before = report.branch_id
    report.agent, report.branch = to, to.branch
    _write(report, _Kind.PASSED, text, staff, now, "agent", "branch", passed_to=to)
    audit.record(
        action="reception.pass_on_pre_report",
        now=now,
        staff=staff,
        branch=staff.branch,
        target=report,
        detail={"to": to.pk},
    )
    outbox.announce(topics=[topics.appointments(before)])


@transaction.atomic
def close_pre_report(*, report: PreReport, reason: str, seen: int | None = None, staff: Staff, now: datetime) -> None:
    """Close a lead that will not come, with the reason. Raises Refused `text`; Stale `pre_report_state`."""
    _lock(report, seen)
    if not reason.strip():
        raise Refused(_("Say why it is closed."), code="text")
    if report.state != _State.LEAD:
        raise Stale(
            _("“%(name)s” is “%(state)s” now; only leads that are not booked are closed.")
            % {"name": report.name, "state": report.get_state_display()},
            code="pre_report_state",
        )
    report.state = _State.CLOSED
    _write(report, _Kind.CLOSED, reason, staff, now, "state")
    audit.record(action="reception.close_pre_report", now=now, staff=staff, branch=report.branch, target=report)


@transaction.atomic
def reveal_announced_phone(
    *, thing: PreReport | Appointment, reason: str, words: str = "", staff: Staff, now: datetime
) -> str:
    """Return the phone of a pre-report or an appointment in full, and record who looked and why (O6, S5).

    Empty: there is none. Raises Refused `reason` without one.
    """
    audit.record(
        action="reception.reveal_phone",
        now=now,
        staff=staff,
        branch=thing.branch,
        target=thing,
        detail=what_for(reason, words),
    )
    return str(thing.phone.as_international) if thing.phone else ""


def follow(report_id: int | None) -> None:
    """Let a pre-report stand as its appointments do, inside the caller's transaction; None: there is none.

    One that somebody came for is done, one that is still to come is booked, else it is a lead; who was closed without
    an appointment stays so.
    """
    if report_id is None:
        return
    report = PreReport.objects.select_for_update(no_key=True).get(pk=report_id)
    states = set(Appointment.objects.filter(pre_report=report).values_list("state", flat=True))
    if Appointment.State.ARRIVED in states:
        state = _State.CAME
    elif states & set(Appointment.OPEN):
        state = _State.BOOKED
    else:
        state = _State.CLOSED if report.state == _State.CLOSED else _State.LEAD
    if report.state != state:
        report.state = state
        report.version += 1
        report.save(update_fields=["state", "version"])


def _lock(report: PreReport, seen: int | None) -> None:
    report.refresh_from_db(from_queryset=PreReport.objects.select_for_update(no_key=True))
    if seen is not None and seen != report.version:
        last = report.entries.select_related("staff").order_by("-pk").first()
        raise Stale(
            _("%(who)s wrote to this record meanwhile: “%(what)s”. Look at it again before you save.")
            % {
                "who": (last and last.staff) or _("Somebody"),
                "what": last.get_kind_display() if last else report.get_state_display(),
            },
            code="pre_report_changed",
            detail={"seen": report.version},
        )


def _write(
    report: PreReport, kind: str, text: str, staff: Staff, now: datetime, *changed: str, passed_to: Staff | None = None
) -> None:
    PreReportEntry.objects.create(
        pre_report=report, at=now, staff=staff, kind=kind, text=text.strip()[:500], passed_to=passed_to
    )
    report.version += 1
    report.save(update_fields=[*changed, "version"])
    _announce(report)


def _refuse_deadline(due_at: datetime, now: datetime) -> None:
    if not now < due_at <= now + FURTHEST_AHEAD:
        raise Refused(_("The deadline has to lie ahead, and within two years."), code="promise_due")


def _announce(report: PreReport) -> None:
    heard = [topics.appointments(report.branch_id)]
    if report.visitor_id is not None:
        heard.append(topics.visitor(report.visitor_id))
    outbox.announce(topics=heard)
