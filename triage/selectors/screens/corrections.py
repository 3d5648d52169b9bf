"""The corrections of a visit: which there are, what each asks for, and what it would do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Staff
from reception.models import Visit
from triage.engine.decision import Refused
from triage.engine.explain import refusal
from triage.selectors.boards import (
    FRONT,
    board_of_day,
    board_rows,
    names_of,
    state_of,
)
from triage.selectors.corrections import ASKS, RULE_OF, WITHOUT_REASON, Kind, kinds_for, preview
from triage.selectors.screens.parts import HERE, Context
from triage.selectors.words import engine_language

CORRECTION_NAMES: Mapping[Kind, Promise] = {
    Kind.NOT_OFFERED: gettext_lazy("The project is not offered here"),
    Kind.CANNOT_DO: gettext_lazy("It cannot be done here"),
    Kind.REFERRAL: gettext_lazy("She was brought by a visitor"),
    Kind.CHANGE_CONSULTANT: gettext_lazy("She wants another consultant"),
    Kind.WAIT_OVER: gettext_lazy("She has waited too long: exchange"),
    Kind.REFUSE_WAIT: gettext_lazy("She does not want to wait"),
    Kind.MISALLOCATED: gettext_lazy("Allocated wrongly: she has an owner"),
    Kind.TRANSFER: gettext_lazy("The consultant passes her on"),
    Kind.WANTS_CONSULTATION: gettext_lazy("Came for a review, wants a consultation"),
}


def corrections_of(visit: Visit, staff: Staff) -> Context:
    """Which corrections a person may make of a visit as it stands."""
    kinds = [(kind, RULE_OF[kind], CORRECTION_NAMES[kind]) for kind in kinds_for(visit, staff)]
    return {"visit": visit, "kinds": kinds}


def correction_of(visit: Visit, staff: Staff, now: datetime, form: Any, *, other_reason: str | None = None) -> Context:
    """One correction: what it asks for, and once that is told, what it would do to the board.

    `form` is a bound CorrectionForm, `other_reason` as in `preview`; `refused` says why the rules do not allow it.
    """
    board = board_of_day(visit.branch, FRONT, visit.day)
    context: Context = {
        "visit": visit,
        "board": board,
        "form": form,
        "rows": [row for row in board_rows(board, now) if row.state in HERE] if board else [],
    }
    if not form.is_valid() or form.correction.kind not in kinds_for(visit, staff):
        return {**context, "over": form.is_valid()}
    correction = form.correction
    asks = ASKS[correction.kind]
    context |= {
        "kind": correction.kind.value,
        "name": CORRECTION_NAMES[correction.kind],
        "rule": RULE_OF[correction.kind],
        "asks": asks,
        "needs_reason": correction.kind not in WITHOUT_REASON,
    }
    missing = (asks in ("owner", "to") and correction.consultant is None) or (
        asks == "referrer" and correction.referrer is None
    )
    if missing:
        return context
    try:
        found = preview(visit=visit, correction=correction, now=now, other_reason=other_reason)
    except Refused as error:
        names = names_of({seat.consultant for seat in state_of(board).seats}) if board else {}
        if correction.consultant is not None:
            names[str(correction.consultant.pk)] = correction.consultant.display_name
        return {**context, "refused": refusal(error, engine_language(), consultants=names)}
    if found is None:
        closed = board is not None and board.closed_at is not None
        return {
            **context,
            "refused": _("The front desk's day is closed. A supervisor can open it again on the board's page.")
            if closed
            else _("The front desk's board of that day is not open."),
        }
    return {**context, "preview": found, "words": found.in_words, "sequence": found.sequence}
