"""Pre-checks of visits, and who is set apart."""

from datetime import date

from django.db.models import QuerySet

from clinic.models import Branch
from reception.models import Isolation, PreCheck, Visit


def pre_checks_of(visit: Visit) -> list[PreCheck]:
    """Return the pre-checks of a visit, the newest first, with who wrote them down."""
    return list(PreCheck.objects.filter(visit=visit).select_related("staff").order_by("-pk"))


def isolation_of(visit: Visit) -> Isolation | None:
    """Return the isolation that stands, None when she is not set apart."""
    standing = Isolation.objects.filter(visit=visit, ended_at=None)
    return standing.select_related("reported_by", "seen_by").first()


def unseen_isolations(branch: Branch, day: date) -> QuerySet[Isolation]:
    """Return whom the supervisor has still to hear of: set apart on this day, and not yet seen."""
    found = Isolation.objects.filter(visit__branch=branch, visit__day=day, ended_at=None, seen_at=None)
    return found.select_related("visit__visitor", "reported_by").order_by("pk")
