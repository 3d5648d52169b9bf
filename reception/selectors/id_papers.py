"""The paper a visitor identifies herself with, as far as a screen may show it: without the number."""

from reception.models import IdPaper, IdPaperChange, Visitor
from reception.selectors.merging import records_of


def id_paper_of(visitor: Visitor) -> IdPaper | None:
    """Return the paper on file with its masked number; the number itself is not loaded."""
    return IdPaper.objects.filter(visitor=visitor).defer("number").first()


def id_paper_changes(visitor: Visitor) -> list[IdPaperChange]:
    """Return what changed about the paper, the newest first, with who changed it."""
    return list(IdPaperChange.objects.filter(visitor__in=records_of(visitor)).select_related("staff").order_by("-pk"))


def latest_id_change(visitor: Visitor) -> int:
    """Return the number of the newest change of the paper, 0 when there is none."""
    changes = IdPaperChange.objects.filter(visitor__in=records_of(visitor)).order_by("-pk")
    return changes.values_list("pk", flat=True).first() or 0
