"""What the complaint room keeps about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.selectors.personal_data import Section, Wanted, together, yes_or_no
from complaints.models import Complaint, ComplaintEntry

LEFT_OUT: Mapping[type[Model], Promise] = {
    Complaint.about_staff.through: gettext_lazy("names of colleagues a complaint is about"),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return a visitor's complaints, those too that only name her visit, treatment or call."""
    hers = (
        Q(visitor__in=wanted.records)
        | Q(visit__visitor__in=wanted.records)
        | Q(treatment__visitor__in=wanted.records)
        | Q(call_back__visitor__in=wanted.records)
    )
    complaints = Complaint.objects.filter(hers).prefetch_related("entries").order_by("id")
    rows = [
        (
            f"{one.number} {wanted.time(one.received_at)}",
            together(one.get_channel_display(), one.get_category_display(), one.get_level_display()),
            together(one.text, one.wish),
            one.get_state_display(),
            one.decision,
            yes_or_no(one.satisfied) if one.satisfied is not None else "",
            together(
                *(
                    f"{wanted.time(entry.at)} {entry.get_kind_display()} {entry.text}".strip()
                    for entry in one.entries.all()
                )
            ),
        )
        for one in complaints
    ]
    head = (
        pgettext("copy of data", "Number"),
        pgettext("copy of data", "About"),
        _("What happened"),
        _("State"),
        _("Decision"),
        _("Satisfied"),
        _("Steps"),
    )
    return [Section(_("Complaints"), head, rows, (Complaint, ComplaintEntry))]
