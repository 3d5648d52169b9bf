"""What every step at a department's desk asks and does: the locks, who is gone, the next version, who is told."""

from datetime import datetime

from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.problems import Stale
from clinic.services import outbox
from consultations.models import DeskCase
from reception import services as reception
from reception.models import Visit
from triage import services as triage


def locked_visit(pk: int) -> Visit:
    """Return the visit under lock; raise Stale `gone` when the visitor is not here any more."""
    visit = Visit.objects.select_for_update(no_key=True).get(pk=pk)
    refuse_gone(visit)
    return visit


def refuse_gone(visit: Visit) -> None:
    """Raise Stale `gone` when the visitor of a visit has left, or was never here."""
    if visit.state in (Visit.State.LEFT, Visit.State.VOID):
        raise Stale(
            _("%(number)s is not here any more: %(state)s.") % {"number": visit, "state": visit.get_state_display()},
            code="gone",
        )


def locked_case(case: DeskCase, *states: str, gone_too: bool = False) -> DeskCase:
    """Return the row as it is now, behind the locks of its board and its visit; raise Stale when it has moved on.

    Stale `gone` as well once the visitor has left the house, unless `gone_too`: what has begun can be ended.
    """
    known = DeskCase.objects.select_related("visit", "department").get(pk=case.pk)
    triage.hold_desk(visit=known.visit, desk=known.department.code)
    visit = Visit.objects.select_for_update(no_key=True).get(pk=known.visit_id)
    current = DeskCase.objects.select_for_update(no_key=True).get(pk=case.pk)
    current.visit, current.department = visit, known.department
    if current.state not in states:
        raise Stale(
            _("%(number)s has moved on at this desk: %(state)s.")
            % {"number": visit, "state": current.get_state_display()},
            code="moved_on",
        )
    if not gone_too:
        refuse_gone(visit)
    return current


def saved(case: DeskCase) -> DeskCase:
    """Save a locked case as its next version, and tell the screens."""
    case.version += 1
    case.save()
    tell_screens_of(case)
    return case


def tell_screens_of(case: DeskCase) -> None:
    """Tell the screens that show a case: the desk's, the visitor's, and those of whoever has her."""
    concerned = [topics.department_desk(case.department_id), topics.visitor(case.visit.visitor_id)]
    if case.staff_id is not None:
        concerned.append(topics.queue(case.staff_id))
    outbox.announce(topics=concerned)


def end_visit_of(case: DeskCase, state: str, now: datetime) -> None:
    """End a visit that only departments receive (A1), unless another desk still has it."""
    others = DeskCase.objects.filter(visit=case.visit_id, state__in=DeskCase.OPEN_STATES).exists()
    if case.visit.state == Visit.State.REGISTERED and case.visit.rule == "A1" and not others:
        reception.record_progress(visit=case.visit, state=state, now=now)
