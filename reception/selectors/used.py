"""What a scanned code was used for already."""

from reception.models import Visit


def used_visit(pk: int) -> Visit | None:
    """Return the visit of a scanned slip with all that says when and where, at whichever branch; None: no such slip."""
    return Visit.objects.select_related("visitor", "branch", "consultant", "registered_by").filter(pk=pk).first()
