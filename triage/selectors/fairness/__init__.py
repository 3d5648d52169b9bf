"""How fairly the turns of a day or a month were given out, as figures, rows and charts; for everyone on the board."""

from triage.selectors.fairness.day import fairness_page_of
from triage.selectors.fairness.month import desks_to_choose, fairness_month_of

__all__ = ["desks_to_choose", "fairness_month_of", "fairness_page_of"]
