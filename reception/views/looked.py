"""Who looked at a visitor: a page for those who watch over it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.selectors.audit_details import told
from reception.selectors import looks
from reception.selectors.merging import records_of
from reception.selectors.visitors import visitor_seen_by
from reception.views.following import follows_merges

PAGE = 50


@requires(*looks.READERS)
@require_GET
@follows_merges
def looked(request: HttpRequest, pk: int) -> HttpResponse:
    """List who opened a visitor's record, saw a whole number, exported or printed, and why, newest first."""
    staff = staff_of(request)
    visitor = get_object_or_404(looks.visitor_audited_by(staff, pk))
    kind, person = request.GET.get("kind", ""), number_in(request.GET.get("person", ""))
    every = looks.looks_at(list(records_of(visitor).values_list("pk", flat=True)))
    shown = looks.narrowed(every, kind=kind, staff_id=person)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context = {
        "visitor": visitor,
        "page": page,
        "rows": told(page.object_list),
        "kinds": [(key, word) for key, (word, _beginning) in looks.KINDS.items()],
        "kind": kind if kind in looks.KINDS else "",
        "people": looks.lookers(every),
        "person": person,
        "may_open": visitor_seen_by(staff, visitor.pk).exists(),
        "zone": staff.branch.time_zone,
    }
    return render(request, "reception/looked.html", context)
