"""What the complaint room tells in a visitor's story, and what of it matters now."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import F, Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Staff
from clinic.roles import Capability
from clinic.selectors.story import Asked, Entry, Kind, Matter, Source
from complaints.models import Complaint, ComplaintEntry
from complaints.selectors.complaints import complaints_seen_by

LEFT_OUT: Mapping[type[Model], Promise] = {
    Complaint.about_staff.through: gettext_lazy("names of colleagues a complaint is about"),
    ComplaintEntry: gettext_lazy("the steps stand on the page of the complaint"),
}
_READERS = frozenset({Capability.OPEN_COMPLAINTS, Capability.HANDLE_COMPLAINTS, Capability.READ_REPORTS})


def _reads(staff: Staff) -> bool:
    return bool(_READERS & staff.capabilities)


def _complaints(asked: Asked) -> QuerySet[Complaint]:
    """Return her complaints as far as the reader may read them; a complaint about a visit names her too."""
    return complaints_seen_by(asked.staff).filter(visitor__in=asked.records).annotate(told_at=F("received_at"))


def _complaint(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Complaint.objects.filter(pk__in=pks).select_related("responsible"):
        about = f"{one.get_category_display()} · {one.get_level_display()} · {one.responsible}"
        yield Entry(
            one.pk,
            _("Complaint %(number)s") % {"number": one},
            tuple(filter(None, (about, one.text, one.decision))),
            url=reverse("complaints:complaint", args=[one.pk]),
            state=one.state,
            state_word=one.get_state_display(),
        )


SOURCES: tuple[Source, ...] = (Source("complaint", Kind.COMPLAINT, (Complaint,), _complaints, _complaint, _reads),)


def matters(asked: Asked) -> list[Matter]:
    """Return each complaint that is not closed, the gravest of them in red. One query."""
    if not _reads(asked.staff):
        return []
    rows = _complaints(asked).exclude(state=Complaint.State.CLOSED).order_by("-received_at")[:3]
    return [
        Matter(
            "late" if one.level == Complaint.Level.MAJOR else "waiting",
            "chat-square-text",
            _("Open complaint %(number)s") % {"number": one},
            f"{one.get_category_display()} · {one.get_level_display()}",
            reverse("complaints:complaint", args=[one.pk]),
        )
        for one in rows
    ]
