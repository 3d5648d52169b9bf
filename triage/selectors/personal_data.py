"""What the triage room keeps about a visitor, for the copy she may ask for."""

from collections.abc import Mapping

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.selectors.personal_data import Section, Wanted, day_words
from triage.engine import decision as engine
from triage.models import Decision, LedgerEntry
from triage.selectors.words import explained, project_names

LEFT_OUT: Mapping[type[Model], Promise] = {
    LedgerEntry: gettext_lazy("whose turn it was among consultants; what concerns her stands in the decisions"),
}


def sections(wanted: Wanted) -> list[Section]:
    """Return the decisions about a visitor's visits, each as its outcome; no name but that of who received her."""
    decisions = list(
        Decision.objects.filter(visit__visitor__in=wanted.records).select_related("visit", "consultant").order_by("pk")
    )
    projects = project_names(code for one in decisions for code in one.facts["arrival"]["projects"])
    rows = []
    for one in decisions:
        names = dict.fromkeys(one.facts["names"], _("a colleague"))
        if one.consultant is not None:
            names[str(one.consultant.pk)] = str(one.consultant)
        answer = explained(engine.Decision.from_json(one.answer), names, projects).answer
        rows.append((wanted.time(one.made_at), f"{day_words(one.visit.day)} {one.visit}", one.rule, answer))
    head = (_("Time"), _("Day and No."), _("Rule"), pgettext("copy of data", "Outcome"))
    return [Section(_("Decisions of the triage"), head, rows, (Decision,))]
