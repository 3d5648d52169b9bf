"""A visitor's id paper and consents: beside her card, masked, every look and every answer written down."""

from itertools import zip_longest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.forms import typed_with
from clinic.models import Staff
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms import ConsentsForm
from reception.models import IdPaper, Visitor
from reception.selectors.consents import consents_of, latest_consent_id, standing_of, texts_in_force
from reception.selectors.id_papers import id_paper_changes, id_paper_of
from reception.selectors.visitors import visitor_seen_by
from reception.views.looks import looked_at, looked_at_part
from reception.views.reveals import reveal

readers = requires(Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS, Capability.WORK_OWN_QUEUE)
at_desk = requires(Capability.REGISTER_VISITORS)


@readers
@require_GET
def visitor_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with a visitor's id paper, masked, and how each consent stands; a fragment of her page."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at_part(request, person, Screen.VISITOR)
    return render(request, "reception/visitor_papers.html", _papers(person, staff))


@at_desk
@require_http_methods(["GET", "POST"])
def reveal_id(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the id number is needed for and answer with it in full; who saw it and why is recorded."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))

    def shown(why: dict[str, Any]) -> dict[str, Any]:
        number = services.reveal_id_number(visitor=person, staff=staff, now=timezone.now(), **why)
        return _papers(person, staff) | {"number": number}

    back = reverse("reception:visitor", args=[person.pk])
    return reveal(request, "reception/visitor_papers.html#id", shown, whose=person.name, back=back)


@at_desk
@require_http_methods(["GET", "POST"])
def visitor_consents(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what a visitor says to each consent; what somebody else wrote meanwhile is said first."""
    staff, now = staff_of(request), timezone.now()
    person = get_object_or_404(visitor_seen_by(staff, pk))
    if request.method == "GET":
        looked_at(request, person, Screen.CONSENTS)
        form = ConsentsForm(initial={"seen": latest_consent_id(person)})
        return _consents_page(request, person, staff, form, 200)
    form = ConsentsForm(request.POST)
    if not form.is_valid():
        return _consents_page(request, person, staff, form, 422)
    try:
        services.record_consents(
            visitor=person, answers=form.answers, seen=form.cleaned_data["seen"], staff=staff, now=now
        )
    except Refused as problem:
        if "seen" in problem.detail:
            form.data = typed_with(form.data, seen=str(problem.detail["seen"]))
        form.add_error(None, str(problem.message))
        return _consents_page(request, person, staff, form, problem.status)
    say.done(request, _("The consents are saved."))
    return redirect("reception:visitor", pk=person.pk)


def papers_history(person: Visitor) -> list[dict[str, Any]]:
    """Return the earlier id papers, masked, and consents of a visitor, as her history shows them. Two queries."""
    lines = []
    earlier = id_paper_changes(person)
    for change, before in zip_longest(earlier, earlier[1:]):
        lines.append(
            {
                "at": change.at,
                "staff": change.staff.display_name,
                "field": _("id number"),
                "before": {"text": _paper_words(before)},
                "after": {"text": _paper_words(change)},
            }
        )
    newest: dict[str, str] = {}
    answered = []
    for consent in reversed(consents_of(person)):
        words = f"{consent.get_answer_display()} (v{consent.text.version}, {consent.get_via_display()})"
        answered.append(
            {
                "at": consent.at,
                "staff": consent.staff.display_name if consent.staff else "",
                "field": consent.text.get_kind_display(),
                "before": {"text": newest.get(consent.text.kind, "")},
                "after": {"text": words},
            }
        )
        newest[consent.text.kind] = words
    return lines + answered


def _paper_words(paper: Any) -> str:
    if paper is None:
        return ""
    if paper.refused:
        return _("would not give it, signed")
    return f"{IdPaper.Kind(paper.kind).label} {paper.masked}" if paper.kind else ""


def _papers(person: Visitor, staff: Staff) -> dict[str, Any]:
    texts = texts_in_force(staff.branch.today(timezone.now()))
    return {
        "visitor": person,
        "paper": id_paper_of(person),
        "standing": standing_of(consents_of(person), texts),
        "may_register": staff.may(Capability.REGISTER_VISITORS),
    }


def _consents_page(
    request: HttpRequest, person: Visitor, staff: Staff, form: ConsentsForm, status: int
) -> HttpResponse:
    context = _papers(person, staff) | {"form": form}
    context["rows"] = [(one, form[one.kind]) for one in context["standing"]]
    return render(request, "reception/visitor_consents.html", context, status=status)
