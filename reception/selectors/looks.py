"""Who looked at a visitor: her record opened, a whole number shown, what was exported and printed, and what for."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import AuditEntry, Staff
from clinic.roles import Capability
from reception.models import Appointment, LogEntry, PreReport, Visit, Visitor
from reception.selectors.visitors import visitors_of

READERS = (Capability.VIEW_AUDIT, Capability.SUPERVISE_DAY)

# Kind of look → what it is called, and how its actions begin in the audit log.
KINDS: dict[str, tuple[Promise, str]] = {
    "view": (_("Record opened"), "reception.view_"),
    "reveal": (_("Whole number shown"), "reception.reveal_"),
    "export": (_("Exported"), "reception.export_"),
    "print": (_("Printed"), "reception.print_"),
}


def visitor_audited_by(reader: Staff, pk: int) -> QuerySet[Visitor]:
    """Return the visitor if this person may read who looked at her; whoever reads the audit log may for everybody.

    To the latter a record that was merged stands for whom it was merged into.
    """
    if reader.may(Capability.VIEW_AUDIT):
        return Visitor.objects.filter(Q(pk=pk) | Q(merged_records=pk), merged_into=None)
    return visitors_of(reader).filter(pk=pk)


def looks_at(records: Sequence[int]) -> QuerySet[AuditEntry]:
    """Return the looks at these records of one visitor, of every branch, newest first.

    An export of a day counts for everybody who was there on it. Four queries find what is hers.
    """
    days = set(Visit.objects.filter(visitor__in=records).values_list("pk", "branch_id", "day"))
    hers: dict[str, Sequence[int]] = {
        "visitor": records,
        "visit": [pk for pk, _branch, _day in days],
        "appointment": list(Appointment.objects.filter(visitor__in=records).values_list("pk", flat=True)),
        "prereport": list(PreReport.objects.filter(visitor__in=records).values_list("pk", flat=True)),
        "logentry": list(LogEntry.objects.filter(visitor__in=records).values_list("pk", flat=True)),
    }
    about = Q()
    for model, pks in hers.items():
        if pks:
            about |= Q(object_type=model, object_id__in=[str(pk) for pk in pks])
    for branch_id in {branch for _pk, branch, _day in days}:
        on = [day.isoformat() for _pk, branch, day in days if branch == branch_id]
        about |= Q(action="reception.export_register", object_type="", branch=branch_id, detail__day__in=on)
    actions = Q()
    for _word, beginning in KINDS.values():
        actions |= Q(action__startswith=beginning)
    return AuditEntry.objects.filter(about, actions).select_related("staff", "branch").order_by("-id")


def narrowed(looks: QuerySet[AuditEntry], *, kind: str, staff_id: int | None) -> QuerySet[AuditEntry]:
    """Return those of some looks that are of a kind and a person's; an unknown kind and None leave all."""
    if kind in KINDS:
        looks = looks.filter(action__startswith=KINDS[kind][1])
    return looks if staff_id is None else looks.filter(staff=staff_id)


def lookers(looks: QuerySet[AuditEntry]) -> QuerySet[Staff]:
    """Return everybody whose looks these are, by name."""
    people = looks.select_related(None).order_by().values("staff")
    return Staff.objects.filter(pk__in=people).order_by("display_name", "pk")
