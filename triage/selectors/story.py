"""What the triage room tells in a visitor's story: each decision, in a sentence that says why."""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import F, Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.roles import Capability
from clinic.selectors.story import Asked, Entry, Kind, Source
from reception.selectors.visitors import only_offered
from triage.models import Decision, LedgerEntry
from triage.selectors.decisions import told

LEFT_OUT: Mapping[type[Model], Promise] = {
    LedgerEntry: gettext_lazy("whose turn it was among consultants; what concerns her stands in the decisions"),
}


def _decisions(asked: Asked) -> QuerySet[Decision]:
    return Decision.objects.filter(visit__visitor__in=asked.records).annotate(told_at=F("made_at"))


def _decision(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    # The page of a decision is for those who may look at the board or the register of the house it was made in.
    opens = bool({Capability.VIEW_DESK_BOARD, Capability.VIEW_REGISTER} & asked.staff.capabilities)
    quiet = asked.once("only offered", lambda: only_offered(asked.staff, asked.records))
    for one in told(Decision.objects.filter(pk__in=pks).select_related("visit").order_by("-pk"), quiet=quiet):
        decision = one.decision
        here = decision.visit.branch_id == asked.staff.branch_id
        yield Entry(
            decision.pk,
            one.words.answer,
            (f"{decision.rule} · {decision.made_by}" if decision.made_by else decision.rule,),
            url=reverse("triage:decision", args=[decision.visit_id]) if opens and here else "",
            state="cancelled" if one.undone else "",
            state_word=_("Undone") if one.undone else "",
            dim=one.undone,
        )


SOURCES: tuple[Source, ...] = (Source("decision", Kind.VISIT, (Decision,), _decisions, _decision),)
