"""Visitors: the list, a visitor's page, her card and its history, her phone."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import access_of, requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.story import matters_of
from clinic.views import say
from reception import keys, services
from reception.forms import CardForm
from reception.models import CalledBefore, Visitor
from reception.selectors.id_papers import id_paper_of, latest_id_change
from reception.selectors.looks import READERS
from reception.selectors.merging import may_be_taken_back, merges_of
from reception.selectors.owners import owners
from reception.selectors.visitors import (
    CARD_FIELDS,
    history_of_records,
    how_many,
    is_only_offered,
    latest_history_id,
    only_offered,
    open_visit_of,
    open_visits_of,
    search_visitors,
    visitor_seen_by,
    visitors_of,
)
from reception.views.following import follows_merges
from reception.views.looks import looked_at, looked_at_part
from reception.views.papers import papers_history
from reception.views.reveals import reveal
from reception.views.story import asked_by

PAGE = 50
# What the rooms to the right offer to do for a visitor: address, word, picture; `True`: she is named in the address.
ACTIONS = (
    ("consultations:treatment_new", gettext_lazy("File a treatment"), "clipboard-pulse", True),
    ("consultations:photographs", gettext_lazy("Photographs"), "camera", True),
    ("followups:visitor", gettext_lazy("Call-backs"), "telephone", True),
    ("complaints:open", gettext_lazy("Take in a complaint"), "chat-square-text", False),
)

# Where a refusal about the id paper is shown.
ID_PROBLEMS = dict.fromkeys(("id_number", "id_taken", "id_differs", "id_refused"), "id_number")

readers = requires(Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS, Capability.WORK_OWN_QUEUE)
at_desk = requires(Capability.REGISTER_VISITORS)


@readers
@require_http_methods(["GET", "POST"])
def visitors(request: HttpRequest) -> HttpResponse:
    """List the visitors this person may see; `q` comes by POST, so that no phone number stands in an address."""
    staff = staff_of(request)
    text = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()
    context: dict[str, Any] = {"text": text, "owners": owners(staff), "may_merge": staff.may(Capability.MERGE_VISITORS)}
    if text:
        context["found"] = found = search_visitors(staff, text)
        if keys.card_in(text) is not None and len(found) == 1:
            return redirect("reception:visitor", pk=found[0].pk)
        context["here"] = open_visits_of(found)
    else:
        listed, owner = visitors_of(staff), number_in(request.GET.get("owner", ""))
        if owner is not None:
            listed = listed.filter(owner=owner).order_by("-last_visit_on", "-pk")
        paginator = Paginator(listed, PAGE)
        if owner is None:
            paginator.count = how_many(staff)
        context |= {"page": paginator.get_page(request.GET.get("page")), "owner": owner}
        context["found"] = found = list(context["page"].object_list)
        context["here"] = open_visits_of(found)
    return render(request, "reception/visitors.html", context)


@readers
@require_GET
@follows_merges
def visitor(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a visitor: what matters now, her card, and her story in all rooms."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at(request, person, Screen.VISITOR)
    listen(request, [topics.visitor(person.pk)])
    return render(request, "reception/visitor.html", _page(person, staff))


@readers
@require_GET
@follows_merges
def visitor_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with what matters about a visitor now, which changes while her page is open."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at_part(request, person, Screen.VISITOR)
    return render(request, "reception/visitor.html#now", _page(person, staff))


@readers
@require_GET
@follows_merges
def visitor_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the earlier values of a visitor's card."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at_part(request, person, Screen.VISITOR)
    hidden = "wishes" if only_offered(staff, [person.pk]) else ""
    changes: list[dict[str, Any]] = [
        {
            "at": change.at,
            "staff": change.staff,
            "record": change.record if change.record != person.file_number else "",
            "field": change.label,
            "before": _shown(change.field, change.before),
            "after": _shown(change.field, change.after),
        }
        for change in history_of_records(person)
        if change.field != hidden
    ]
    changes += papers_history(person)
    changes.sort(key=lambda change: change["at"], reverse=True)
    return render(request, "reception/visitor.html#history", {"changes": changes})


@at_desk
@require_http_methods(["GET", "POST"])
@follows_merges
def visitor_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a visitor's card; what somebody else changed meanwhile is said before anything is saved."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))
    now = timezone.now()
    today = staff.branch.today(now)
    paper = id_paper_of(person)
    on_file = {
        "phone_on_file": bool(person.phone),
        "id_on_file": paper is not None and (bool(paper.masked) or paper.refused),
    }
    if request.method == "GET":
        looked_at(request, person, Screen.CARD)
        initial = {field: getattr(person, field) for field in CardForm.base_fields if hasattr(person, field)}
        initial |= {"phone": "", "seen": latest_history_id(person), "id_seen": latest_id_change(person)}
        if person.birth_year is not None:
            initial["age"] = person.age_on(today)
        form = CardForm(initial=initial, today=today, **on_file)
        return render(request, "reception/visitor_card.html", _card(person, form))
    typed = request.POST.copy()
    form = CardForm(typed, today=today, **on_file)
    status = 422
    if form.is_valid():
        try:
            services.save_card(visitor=person, staff=staff, now=now, **_changes(form))
        except Refused as problem:
            form.add_error(ID_PROBLEMS.get(problem.code), str(problem.message))
            status = problem.status
            for name in ("seen", "id_seen"):
                if name in problem.detail:
                    typed[name] = str(problem.detail[name])
        else:
            say.done(request, _("The card is saved."))
            return redirect("reception:visitor", pk=person.pk)
    return render(request, "reception/visitor_card.html", _card(person, form), status=status)


@requires(Capability.REVEAL_PHONE)
@require_http_methods(["GET", "POST"])
@follows_merges
def reveal_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what the phone is needed for and answer with it in full; that it was shown, to whom and why, is recorded."""
    staff = staff_of(request)
    person = get_object_or_404(visitor_seen_by(staff, pk))

    def shown(why: dict[str, Any]) -> dict[str, Any]:
        phone = services.reveal_phone(visitor=person, staff=staff, now=timezone.now(), **why)
        return {"visitor": person, "phone": phone}

    back = reverse("reception:visitor", args=[person.pk])
    return reveal(request, "reception/visitor.html#phone", shown, whose=person.name, back=back)


def _changes(form: CardForm) -> dict[str, Any]:
    """Return the form as changes: an empty box keeps the phone or id number unless it is to be removed."""
    said = form.cleaned_data
    changes = {name: said[name] for name in (*CARD_FIELDS, "seen")}
    if not said["phone"] and not said.get("remove_phone"):
        del changes["phone"]
    touched = said["id_number"] or said["id_refused"] or said.get("remove_id")
    changes["id_change"] = (
        services.IdChange(said["id_kind"], said["id_number"], said["id_refused"], said["id_seen"]) if touched else None
    )
    return changes


def _card(person: Visitor, form: CardForm) -> dict[str, Any]:
    return {"visitor": person, "form": form, "paper": id_paper_of(person)}


def _page(person: Visitor, staff: Staff) -> dict[str, Any]:
    now = timezone.now()
    here = open_visit_of(person)
    may_merge = staff.may(Capability.MERGE_VISITORS)
    return {
        "visitor": person,
        "age": person.age_on(staff.branch.today(now)),
        "merges": [
            {"merge": merge, "may_be_taken_back": may_merge and may_be_taken_back(merge, now)}
            for merge in merges_of(person)
        ],
        "matters": matters_of(asked_by(staff, person)),
        "may_merge": may_merge,
        "may_export_own_data": staff.may(Capability.EXPORT_OWN_DATA),
        "here": here,
        "only_offered": here is not None and is_only_offered(here, staff),
        "topic": topics.visitor(person.pk),
        "may_register": staff.may(Capability.REGISTER_VISITORS),
        "may_see_looks": bool(set(READERS) & staff.capabilities),
        "may_reveal": bool(person.phone) and staff.may(Capability.REVEAL_PHONE),
        "actions": _actions(person, staff),
    }


def _actions(person: Visitor, staff: Staff) -> list[dict[str, Any]]:
    """Return what this person may do for a visitor in the rooms to the right, as their views declare it to the gate."""
    found = []
    for name, word, picture, named in ACTIONS:
        try:
            url = reverse(name, args=[person.pk] if named else [])
        except NoReverseMatch:
            continue
        access = access_of(resolve(url).func)
        if access and access.allows(staff):
            found.append({"url": url if named else f"{url}?visitor={person.pk}", "word": word, "icon": picture})
    return found


def _shown(field: str, value: object) -> dict[str, object]:
    """Return how a value of the card is shown: phones masked, choices in words, nothing as a dash."""
    if field == "phone":
        return {"phone": value}
    if isinstance(value, bool):
        return {"text": _("yes") if value else _("no")}
    if field == "gender":
        return {"text": Visitor.Gender(str(value)).label}
    if field == "called_before":
        return {"text": CalledBefore(str(value)).label}
    return {"text": value or ""}
