"""A record that was merged leads on to the visitor it was merged into, and says so."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from clinic.access import staff_of
from clinic.problems import Stale
from clinic.views.onward import go
from clinic.views.say import done
from reception.models import Visitor
from reception.selectors.merging import merged_sentence
from reception.selectors.visitors import where_merged

VisitorView = Callable[[HttpRequest, int], HttpResponse]


def follows_merges(view: VisitorView) -> VisitorView:
    """Let a view of a visitor lead on from a merged record: to her page, or for what was sent by Stale `merged`."""

    @wraps(view)
    def led_on(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            into = where_merged(staff_of(request), pk)
            if into is None:
                raise
            sentence = merged_sentence(Visitor.objects.select_related("merged_into").get(pk=pk))
            if request.method == "POST":
                raise Stale(sentence, code="merged", detail={"visitor": into.pk}) from None
            done(request, sentence)
            return go(request, reverse("reception:visitor", args=[into.pk]))

    return led_on
