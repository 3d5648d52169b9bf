"""Nobody writes over what somebody else changed while her form was open."""

from collections.abc import Iterable

from django.db.models import Model
from django.utils.translation import gettext as _

from clinic.problems import Stale
from clinic.selectors.changes import missed_since


def refuse_if_changed(thing: Model, *, seen: int | None, by: Iterable[str]) -> None:
    """Raise Stale `changed_meanwhile`, naming the fields, when one of the actions `by` changed a locked row since.

    `seen` is the audit entry the form was drawn after; None: nobody asks.
    """
    if seen is None or (missed := missed_since(thing, seen, by)) is None:
        return
    raise Stale(
        _("%(who)s changed this meanwhile: %(fields)s. What you typed is kept. Look at it again before you save.")
        % {"who": missed.who or _("Somebody"), "fields": _(", ").join(missed.fields)},
        code="changed_meanwhile",
        detail={"seen": missed.latest},
    )
