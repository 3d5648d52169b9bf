"""Consultations, and all that is known of a visitor in this room."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Project, Staff
from clinic.roles import Capability
from consultations.models import Consultation, Deal, Participant, PlanItem, Treatment
from consultations.selectors.deals import with_particulars
from consultations.selectors.packages import open_lines
from consultations.selectors.treatments import treatments_for
from reception.models import Visit, Visitor, VisitProject

SHOWN = 50
# From accepting on: until then a consultant need not know what is wished (O5).


def consultations_seen_by(staff: Staff) -> QuerySet[Consultation]:
    """Return the consultations a person may read: with VIEW_ALL_VISITORS those of the branch.

    Everybody else her own, those she takes part in, and earlier ones of a visit that she has taken over.
    """
    rows = Consultation.objects.select_related(
        "visit__consultant", "visitor__owner", "visitor__level", "consultant", "branch"
    ).prefetch_related(Prefetch("visit__wishes", VisitProject.objects.select_related("project")))
    if staff.may(Capability.VIEW_ALL_VISITORS):
        return rows.filter(Q(branch_id=staff.branch_id) | _hers(staff))
    asked = Exists(Participant.objects.filter(consultation=OuterRef("pk"), staff=staff))
    taken_over = Q(visit__consultant=staff, visit__state__in=Visit.TAKEN_STATES)
    return rows.filter(_hers(staff) | taken_over | asked)


def _hers(staff: Staff) -> Q:
    """Return which consultations are a consultant's own to read: those she took, not those she was only offered (O5).

    One she declined is another's by now, and so is one that went to another before she had entered.
    """
    state = Consultation.State
    not_taken = Q(state__in=[state.OFFERED, state.DECLINED]) | Q(state=state.WITHDRAWN, entered_at=None)
    return Q(consultant=staff) & ~not_taken


def given_away(consultation: Consultation) -> bool:
    """Say whether the desk has given the visitor to another, or taken her back, before the consultation was finished.

    Nothing more is done in it then, also while the next consultant has not accepted her yet.
    """
    state = Consultation.State
    open_here = consultation.state in (state.OFFERED, state.ACCEPTED, state.IN_ROOM, state.WITHDRAWN)
    return open_here and consultation.visit.consultant_id != consultation.consultant_id


def earlier_in_visit(consultation: Consultation) -> QuerySet[Consultation]:
    """Return who had the visitor before in the same visit, the first of them first."""
    had = Q(state=Consultation.State.FINISHED) | Q(state=Consultation.State.WITHDRAWN, accepted_at__isnull=False)
    return (
        Consultation.objects.filter(had, visit=consultation.visit_id, pk__lt=consultation.pk)
        .select_related("consultant")
        .order_by("pk")
    )


def participants_of(consultation: Consultation) -> QuerySet[Participant]:
    """Return who else takes part in a consultation, as they were asked."""
    return Participant.objects.filter(consultation=consultation).select_related("staff")


def panel_so_far(consultation: Consultation, staff: Staff) -> dict[str, list[str]]:
    """Return who sits in the panel, and who had the visitor first, as far as it was said or the records tell.

    Nothing said yet: her owner and whoever treated her had her first; the consultant, when nobody did.
    """
    rows = list(Participant.objects.filter(consultation=consultation, part=Participant.Part.PANEL))
    if rows:
        first = [row.staff_id for row in rows if row.had_first]
        return {
            "members": [str(row.staff_id) for row in rows if row.staff_id != staff.pk],
            "had_first": [str(pk) for pk in first],
        }
    treated = Treatment.objects.filter(visitor=consultation.visitor_id, state=Treatment.State.DONE)
    known = {consultation.visitor.owner_id, *treated.values_list("doctor", flat=True)} - {None}
    return {
        "members": [str(pk) for pk in known if pk != staff.pk],
        "had_first": [str(pk) for pk in known or {staff.pk}],
    }


def own_consultations(staff: Staff) -> QuerySet[Consultation]:
    """Return a consultant's own consultations alone, without what stands around them."""
    return Consultation.objects.filter(consultant=staff)


def consultations_of(visitor: Visitor) -> QuerySet[Consultation]:
    """Return all consultations of a visitor."""
    return Consultation.objects.filter(visitor=visitor)


def deals_of(consultation: Consultation) -> QuerySet[Deal]:
    """Return the deals of one consultation with lines and shares, the earliest first, corrected ones too."""
    return with_particulars(Deal.objects.filter(consultation=consultation)).order_by("made_at", "pk")


def treatments_of(consultation: Consultation) -> QuerySet[Treatment]:
    """Return the treatments filed in one consultation, by date."""
    return (
        Treatment.objects.filter(consultation=consultation)
        .select_related("project__department", "doctor", "deal_line")
        .order_by("treated_on", "pk")
    )


def visitors_seen_by(staff: Staff) -> QuerySet[Visitor]:
    """Return the visitors whose consultations this person may read.

    All with VIEW_ALL_VISITORS; a consultant's own and those she has accepted; those whose treatments she works on.
    """
    if staff.may(Capability.VIEW_ALL_VISITORS):
        return Visitor.objects.all()
    seen = Q(Exists(treatments_for(staff).filter(visitor=OuterRef("pk"))))
    if staff.may(Capability.WORK_OWN_QUEUE):
        seen = (
            seen
            | Q(owner=staff)
            | Exists(Visit.objects.filter(visitor=OuterRef("pk"), consultant=staff, state__in=Visit.TAKEN_STATES))
            | Exists(Consultation.objects.filter(_hers(staff), visitor=OuterRef("pk")))
        )
    return Visitor.objects.filter(seen)


def offered_projects(branch_id: int, *, also: Q | None = None) -> QuerySet[Project]:
    """Return the projects one can buy at a branch, the most major first, with their department.

    `also`: what is written down already, which may be another branch's.
    """
    here = Q(department__branch=branch_id)
    return Project.objects.filter(here if also is None else here | also, offered=True).select_related("department")


def projects_in(consultation: Consultation) -> QuerySet[Project]:
    """Return the projects one can buy in a consultation: the branch's, and what its visit or its plan names."""
    wished = VisitProject.objects.filter(visit=consultation.visit_id).values("project")
    planned = PlanItem.objects.filter(consultation=consultation).values("project")
    return offered_projects(consultation.branch_id, also=Q(pk__in=wished) | Q(pk__in=planned))


def projects_for(visitor: Visitor, branch_id: int) -> QuerySet[Project]:
    """Return what a visitor can be treated for at a branch: its projects, and those she has sessions left of."""
    bought = Q(pk__in=open_lines(visitor).order_by().values("project"))
    return offered_projects(branch_id, also=bought).select_related("department__branch")
