"""Visitors and their visits."""

from reception.models.visitors import Standing, Visitor, VisitorKey, full_years
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = ["DeskDay", "Standing", "Visit", "VisitProject", "Visitor", "VisitorKey", "full_years"]
