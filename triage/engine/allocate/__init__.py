"""Who receives this visit? The A rules, in order; the first that answers wins."""

from .case import Answer, Case, Ruling
from .deciding import allocate
from .entries import entries_for

__all__ = ["Answer", "Case", "Ruling", "allocate", "entries_for"]
