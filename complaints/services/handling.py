"""A complaint on its way: received, taken, given to somebody, decided, closed. Each step is on its time line."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.services import audit
from clinic.services.counters import next_number
from clinic.services.outbox import announce
from clinic.services.repeats import content_of, made_before
from complaints import selectors
from complaints.models import Complaint, ComplaintEntry
from consultations.models import Treatment
from followups.models import CallBack
from followups.services import pause_calls, resume_calls
from reception import services as reception
from reception.models import Visit, Visitor

_State = Complaint.State
_Kind = ComplaintEntry.Kind

# The counter of the complaints' numbers; its period is the year.
SERIES = "complaints"


def _enter(
    complaint: Complaint, kind: ComplaintEntry.Kind, staff: Staff, now: datetime, text: str = "", **body: Any
) -> ComplaintEntry:
    entry = ComplaintEntry.objects.create(complaint=complaint, at=now, staff=staff, kind=kind, text=text, body=body)
    audit.record(
        action=f"complaints.{kind.value}", now=now, staff=staff, branch=complaint.branch, target=complaint, detail=body
    )
    return entry


def _announce(complaint: Complaint, *people: Staff) -> None:
    named = [topics.complaints(complaint.branch_id), *(topics.staff(person.pk) for person in people)]
    if complaint.visitor_id:
        named.append(topics.visitor(complaint.visitor_id))
    announce(topics=named)


def _required(text: str, message: str) -> str:
    if not text.strip():
        raise Refused(message, code="text_missing")
    return text.strip()


def _locked(complaint: Complaint, version: int | None, *states: Complaint.State) -> Complaint:
    # Who is in charge is not joined: after waiting for the lock the row is read again, the rows joined to it are not.
    row = Complaint.objects.select_for_update(of=("self",)).select_related("branch").get(pk=complaint.pk)
    if (version is not None and row.version != version) or row.state not in states:
        raise Stale(
            _("%(number)s has changed since you opened it: it is now “%(state)s”, in charge: %(name)s.")
            % {"number": row.number, "state": row.get_state_display(), "name": row.responsible},
            code="moved",
        )
    row.version += 1
    return row


@transaction.atomic
def open_complaint(
    *,
    branch: Branch,
    channel: str,
    category: str,
    level: str,
    text: str,
    wish: str = "",
    harm: bool = False,
    visitor: Visitor | None = None,
    visit: Visit | None = None,
    treatment: Treatment | None = None,
    call_back: CallBack | None = None,
    about_staff: Iterable[Staff] = (),
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
) -> Complaint:
    """Take in a complaint; whoever takes it in is in charge until somebody takes it over (首诉负责).

    A call-back brings its treatment and visitor with it, a treatment or visit its visitor. The number is gap-free per
    branch and year of the branch (C2026-0042). A major one is told at once to everybody who supervises complaints
    there. One that came from a call-back or a treatment lets the visitor's calls wait until it is closed. The same
    `request_key` again returns the complaint it made. Raises Refused `text_missing`, `choice`,
    `other_visitor` when what it is linked to belongs to different visitors; Stale `request_used` when another
    complaint was taken in under the same `request_key`.
    """
    text, about_staff = _required(text, _("Write down what happened.")), list(about_staff)
    for value, choices in ((channel, Complaint.Channel), (category, Complaint.Category), (level, Complaint.Level)):
        if value not in choices.values:
            raise Refused(_("Choose channel, subject and level."), code="choice")
    content = content_of(
        channel=channel,
        category=category,
        level=level,
        text=text,
        wish=wish,
        harm=harm,
        visitor=visitor,
        visit=visit,
        treatment=treatment,
        call_back=call_back,
        about_staff=about_staff,
    )
    if again := made_before(
        Complaint.objects.all(),
        request_key,
        content,
        used_for=lambda made: (
            _(
                "This form has already taken in %(number)s; what was changed since is not taken in. Is it another"
                " complaint? Then take it in now. Otherwise write a note on %(number)s."
            )
            % {"number": made}
        ),
    ):
        return again
    treatment = treatment or (call_back.treatment if call_back else None)
    linked = [link.visitor for link in (call_back, treatment, visit) if link is not None]
    visitor = visitor or next(iter(linked), None)
    if any(other != visitor for other in linked):
        raise Refused(_("Visit, treatment and call belong to different visitors."), code="other_visitor")
    pauses = visitor if call_back is not None or treatment is not None else None
    if pauses is not None:
        # Before the counter: whoever merges her record holds it while she looks for her complaints.
        visitor = pauses = reception.hold_visitor(pauses.pk)
    year = branch.today(now).year
    complaint = Complaint.objects.create(
        branch=branch,
        number=f"C{year}-{next_number(branch=branch, series=SERIES, period=str(year)):04d}",
        received_at=now,
        received_by=staff,
        channel=channel,
        category=category,
        level=level,
        harm=harm,
        text=text,
        wish=wish.strip(),
        visitor=visitor,
        visit=visit,
        treatment=treatment,
        call_back=call_back,
        request_key=request_key,
        request_content=content if request_key else "",
        responsible=staff,
    )
    complaint.about_staff.set(about_staff)
    _enter(complaint, _Kind.OPENED, staff, now, text, level=level, channel=channel, harm=harm)
    if pauses is not None:
        pause_calls(visitor=pauses, about=complaint.number, branch=branch, staff=staff, now=now)
    told = selectors.supervisors_of(branch, branch.today(now)) if level == Complaint.Level.MAJOR else []
    _announce(complaint, *told)
    return complaint


@transaction.atomic
def take_complaint(*, complaint: Complaint, version: int | None = None, staff: Staff, now: datetime) -> Complaint:
    """Take over a received complaint and be in charge of it.

    Raises Stale `moved` when somebody was faster, Refused `supervisor_only` when it is major and this person does not
    supervise complaints, `about_you` when it is about her.
    """
    row = _locked(complaint, version, _State.OPEN)
    if row.level == Complaint.Level.MAJOR and not staff.may(Capability.SUPERVISE_COMPLAINTS):
        raise Refused(
            _("A major complaint is taken by the service supervisor. She has been told."), code="supervisor_only"
        )
    _refuse_concerned(row, staff)
    row.state, row.taken_at, row.taken_by, row.responsible = _State.TAKEN, now, staff, staff
    row.save()
    _enter(row, _Kind.TAKEN, staff, now)
    _announce(row, *selectors.supervisors_of(row.branch, row.branch.today(now)))
    return row


def _refuse_concerned(row: Complaint, person: Staff) -> None:
    if row.about_staff.filter(pk=person.pk).exists():
        raise Refused(
            _("%(name)s cannot be in charge of a complaint about %(name)s.") % {"name": person}, code="about_you"
        )


@transaction.atomic
def assign_complaint(
    *,
    complaint: Complaint,
    responsible: Staff,
    department: Department | None = None,
    note: str = "",
    version: int | None = None,
    staff: Staff,
    now: datetime,
) -> Complaint:
    """Put somebody in charge and name the responsible department; she is told on her screen.

    Raises Stale `moved` unless the complaint is taken and unchanged, Refused `not_here` when the person does not work
    in the branch today, `about_you` when the complaint is about her, `other_branch` for a department elsewhere.
    """
    row = _locked(complaint, version, _State.TAKEN)
    if responsible.branch_id != row.branch_id or not responsible.works_on(row.branch.today(now)):
        raise Refused(_("%(name)s does not work here today.") % {"name": responsible}, code="not_here")
    if department is not None and department.branch_id != row.branch_id:
        raise Refused(_("Choose a department of this branch."), code="other_branch")
    _refuse_concerned(row, responsible)
    row.responsible, row.responsible_department = responsible, department
    row.save()
    names = {"department": department.name, "department_en": department.name_en} if department else {}
    _enter(row, _Kind.ASSIGNED, staff, now, note.strip(), responsible=responsible.display_name, **names)
    _announce(row, responsible)
    return row


@transaction.atomic
def add_note(*, complaint: Complaint, text: str, staff: Staff, now: datetime) -> ComplaintEntry:
    """Write a note on the time line of a complaint that is not closed. Raises Stale `moved`, Refused `text_missing`."""
    text = _required(text, _("Write the note."))
    row = _locked(complaint, None, _State.OPEN, _State.TAKEN, _State.DECIDED)
    entry = _enter(row, _Kind.NOTED, staff, now, text)
    _announce(row)
    return entry


@transaction.atomic
def decide_complaint(
    *, complaint: Complaint, decision: str, version: int | None = None, staff: Staff, now: datetime
) -> Complaint:
    """Record what was decided. Raises Stale `moved` unless it is taken and unchanged, Refused `text_missing`."""
    decision = _required(decision, _("Write down what was decided."))
    row = _locked(complaint, version, _State.TAKEN)
    row.state, row.decision, row.decided_at, row.decided_by = _State.DECIDED, decision, now, staff
    row.save()
    _enter(row, _Kind.DECIDED, staff, now, decision)
    _announce(row)
    return row


@transaction.atomic
def close_complaint(
    *, complaint: Complaint, satisfied: bool, note: str = "", version: int | None = None, staff: Staff, now: datetime
) -> Complaint:
    """Close a decided complaint, saying whether the visitor is satisfied; her calls that waited for it come back.

    Raises Stale `moved`.
    """
    if complaint.visitor_id is not None:
        reception.hold_visitor(complaint.visitor_id)
    row = _locked(complaint, version, _State.DECIDED)
    row.state, row.satisfied, row.closed_at, row.closed_by = _State.CLOSED, satisfied, now, staff
    row.save()
    _enter(row, _Kind.CLOSED, staff, now, note.strip(), satisfied=satisfied)
    resume_calls(about=row.number, branch=row.branch, staff=staff, now=now)
    _announce(row)
    return row
