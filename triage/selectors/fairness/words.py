"""What became of turns, and the figures of fairness, in words."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from triage.engine.facts import Fate
from triage.engine.fairness import Mark, MarkKind

Name = Callable[[str | None], str]


def evenness_words(index: float | None) -> str:
    """Return Jain's index with two places, cut and not rounded: only what is quite even says 1.00."""
    return "–" if index is None else f"{int(index * 100 + 1e-9) / 100:.2f}"


def wait_words(wait: timedelta | None) -> str:
    """Return a wait in whole minutes."""
    return "–" if wait is None else f"{int(wait.total_seconds() // 60)}′"


def fate_words(fate: Fate | None) -> str:
    """Return what became of a turn."""
    if fate is None:
        return ""
    return {
        Fate.COUNTED: _("turn stands"),
        Fate.MAKE_UP: _("turn stands"),
        Fate.FREE: _("no turn used"),
        Fate.RETURNED: _("turn returned, a make-up is owed"),
        Fate.LOST: _("turn lost"),
        Fate.EXCHANGED: _("turn exchanged"),
        Fate.UNDONE: _("turn not used"),
    }[fate]


def mark_words(mark: Mark, name: Name) -> str:
    """Return what an override or a correction did."""
    if mark.kind is MarkKind.OVERRIDE:
        return _("Override") + _movement(mark, name)
    if mark.kind is MarkKind.UNDONE:
        return _("Taken back") + _movement(mark, name)
    if mark.kind is MarkKind.ORDER:
        return _("Seats put into another order")
    if mark.kind is MarkKind.DECLINED:
        return _("Declined by %(name)s") % {"name": name(mark.seat)}
    if mark.kind is MarkKind.LEFT_EARLY:
        return _("Visitor of %(name)s left early") % {"name": name(mark.seat)}
    words = {
        "K1": _("Not offered here"),
        "K2": _("Cannot be done here"),
        "K3": _("Referral found out"),
        "K4": _("Asked for another consultant"),
        "K5": _("Waited too long"),
        "K6": _("Wrong allocation"),
        "K7": _("Passed on"),
    }.get(mark.rule, _("Did not want to wait"))
    return words + _movement(mark, name)


def _movement(mark: Mark, name: Name) -> str:
    if mark.seat is None:
        return ""
    if mark.left is not None:
        return f" {name(mark.left)} → {name(mark.seat)}"
    return f" {name(mark.seat)}" if mark.kind is MarkKind.CORRECTION else f" → {name(mark.seat)}"
