"""A view of a visitor's record writes down that it was opened, and by whom; what a page refetches is no look."""

from django.http import HttpRequest
from django.utils import timezone

from clinic.access import staff_of
from clinic.middleware import made_by_hand
from clinic.reasons import Screen
from reception.models import Visitor
from reception.services.looks import note_view


def looked_at(request: HttpRequest, visitor: Visitor, screen: Screen) -> None:
    """Write down that the person of this request opened a visitor's record, and on which screen."""
    note_view(visitor=visitor, screen=screen, staff=staff_of(request), now=timezone.now())


def looked_at_part(request: HttpRequest, visitor: Visitor, screen: Screen) -> None:
    """Write down the same for a part of a page, unless the page fetched it on its own."""
    if made_by_hand(request):
        looked_at(request, visitor, screen)
