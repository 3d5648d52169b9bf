"""How her data came here, and who looked at them."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.models import AuditEntry
from clinic.selectors.audit_details import told
from clinic.selectors.personal_data import Section, Wanted, together
from clinic.templatetags.desk import colon
from reception.models import ImportedRow
from reception.selectors.looks import looks_at


def imports(wanted: Wanted) -> Section:
    """Return the rows of files she was taken in by."""
    rows = [
        (
            wanted.time(one.batch.imported_at),
            one.batch.file_name,
            str(one.row),
            _("new record") if one.is_new else pgettext("copy of data", "filled in"),
        )
        for one in ImportedRow.objects.filter(visitor__in=wanted.records).select_related("batch").order_by("id")
    ]
    head = (_("Time"), _("File"), _("Row"), _("What became of it"))
    return Section(_("Taken in from another system"), head, rows, (ImportedRow,))


def looks(wanted: Wanted) -> Section:
    """Return who opened her record, saw a whole number, printed or exported it, the earliest first."""
    rows = [
        (
            wanted.time(one.entry.at),
            str(one.entry.staff or ""),
            one.entry.words,
            one.entry.object_words,
            together(*(f"{label}{colon()}{text}" for label, text in one.details)),
        )
        for one in told(looks_at(wanted.records).order_by("id"))
    ]
    head = (_("Time"), pgettext("copy of data", "Who"), _("What was done"), _("At what"), _("What for"))
    return Section(_("Who opened her record, saw her data in full, printed or exported it"), head, rows, (AuditEntry,))
