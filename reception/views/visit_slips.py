"""What a visitor takes along, the slip of a visit and her card, and what a scanned one says."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.access import requires, staff_of
from clinic.reasons import Screen
from clinic.roles import Capability
from reception import keys, qr
from reception.codes import FileCode, VisitCode, file_code, read_code, visit_code
from reception.models import Visitor
from reception.selectors.register import visit_in_branch
from reception.selectors.slips import card_prints_of, prints_of, projects_on, uses_of
from reception.selectors.used import used_visit
from reception.selectors.visitors import search_visitors, visitor_seen_by
from reception.services.slips import print_card, print_slip
from reception.views.following import follows_merges
from reception.views.looks import looked_at

at_desk = requires(Capability.REGISTER_VISITORS)
PRINTS = 5
# So many visitors may a card mean whose number others have with other letters before it.
CARDS = 12


@at_desk
@require_http_methods(["GET", "POST"])
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the slip of a visit; POST writes the print down and lets the browser print."""
    staff = staff_of(request)
    visit = get_object_or_404(visit_in_branch(staff, pk))
    copy = 0
    if request.method == "POST":
        copy = print_slip(visit=visit, staff=staff, now=timezone.now())
    prints = list(prints_of(visit)[:PRINTS])
    context = {
        "visit": visit,
        "projects": projects_on(visit),
        "code": visit_code(visit.pk),
        "drawn": qr.draw(visit_code(visit.pk), css_class="slip-code"),
        "copy": copy,
        "prints": prints,
    }
    return render(request, "reception/slip.html", context)


@at_desk
@require_http_methods(["GET", "POST"])
@follows_merges
def printed_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the card of a visitor as it is printed; POST writes the print down and lets the browser print."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at(request, person, Screen.PRINTED_CARD)
    if request.method == "POST":
        print_card(visitor=person, staff=staff, now=timezone.now())
    context = {
        "visitor": person,
        "branch": staff.branch,
        "drawn": qr.draw(file_code(person.file_number), css_class="plastic-code"),
        "print_now": request.method == "POST",
        "prints": list(card_prints_of(person)[:PRINTS]),
    }
    return render(request, "reception/printed_card.html", context)


@at_desk
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest) -> HttpResponse:
    """Say what a scanned code is: a slip's visit with when and where it was used, or the card of a visitor.

    A slip never makes a visit: it is one already. A card leads to the arrival form, which knows whether she is here.
    Both are read as the desk's own search reads them, and of another branch's visit no more is told than there.
    """
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        staff = staff_of(request)
        text = request.POST.get("code", "")
        read = read_code(text)
        cards: list[Visitor] = []
        if keys.card_in(text) is not None and not isinstance(read, VisitCode):
            cards = search_visitors(staff, text, CARDS)
        if isinstance(read, VisitCode) and (visit := used_visit(read.visit)) is not None:
            here = visit.branch_id == staff.branch_id
            today = visit.branch.today(timezone.now())
            context = {
                "visit": visit,
                "uses": uses_of(visit) if here else uses_of(visit)[:1],
                "here": here,
                "known": visitor_seen_by(staff, visit.visitor_id).exists(),
                "past": visit.day < today,
                "zone": visit.branch.time_zone,
            }
        elif len(cards) == 1:
            return redirect(f"{reverse('reception:desk')}?visitor={cards[0].pk}")
        elif cards:
            context["cards"] = cards
        else:
            status = 422
            context["unknown"] = (
                _("This card is not on file.")
                if isinstance(read, FileCode)
                else _("This is not a code of this hospital.")
            )
    return render(request, "reception/scan.html", context, status=status)
