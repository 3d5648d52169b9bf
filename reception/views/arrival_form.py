"""What stands in the arrival form: who comes, what is known of her, what she said on her own card."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from clinic.models import Staff
from reception.forms import ArrivalForm
from reception.forms.arrivals import entered_again
from reception.infections import QUESTIONS
from reception.models import IntakeCard, Visit, Visitor
from reception.phones import WrongPhone, as_written, parse_phone
from reception.selectors.arrival import desk_of
from reception.selectors.intake import people_like
from reception.selectors.projects import offered_projects, project_choices
from reception.selectors.visitors import visitor_seen_by, where_merged
from reception.views.card_words import differing, said_on
from reception.views.expected import expected_context

# What of a card stands in the arrival form itself.
FIRST_LINES = ("name", "phone", "gender", "birth_on", "card_declined")


def arrival_context(
    staff: Staff, *, known: Visitor | None = None, typed: str = "", again: int | None = None
) -> dict[str, Any]:
    """Return what the arrival form needs; what was typed to find her is her phone if it is digits, else her name.

    `again` is her void entry that is entered again: the form begins as that was.
    """
    initial: dict[str, Any] = {}
    if known and again is not None:
        void = Visit.objects.filter(pk=again, visitor=known, branch=staff.branch_id, state=Visit.State.VOID)
        initial = entered_again(get_object_or_404(void.select_related("referrer", "friend")))
    phone = str(known.phone) if known else ""
    if typed := typed.strip():
        digits = sum(character.isdecimal() for character in typed)
        initial = {"phone" if digits * 2 > len(typed.replace(" ", "")) else "name": typed[:50]}
    if "phone" in initial:
        phone = _phone(initial["phone"])
    expected = expected_context(staff, phone=phone, visitor=known)
    if expected["expected_projects"] and "projects" not in initial:
        initial["projects"] = expected["expected_projects"]
    if expected["expected"] and known is None:
        initial["name"] = expected["expected"][0].name
    offered = offered_projects(staff.branch_id)
    now = timezone.now()
    today = staff.branch.today(now)
    form = ArrivalForm(at=desk_of(staff, now), offered=offered, known=known, today=today, initial=initial)
    if not known:
        form.fields["phone" if "name" in initial else "name"].widget.attrs["autofocus"] = True
    return {"form": form, "known": known, "projects": project_choices(offered), **expected}


def arrival_of_card(staff: Staff, card: IntakeCard, known: Visitor | None) -> dict[str, Any]:
    """Return what the arrival form needs to register the visitor of a card she filled in herself."""
    said = card.answers
    offered = offered_projects(staff.branch_id)
    initial = {name: said[name] for name in (*FIRST_LINES, *QUESTIONS) if said.get(name)}
    if "phone" in initial:
        initial["phone"] = as_written(initial["phone"])
    now = timezone.now()
    expected = expected_context(staff, phone=str(known.phone) if known else said.get("phone", ""), visitor=known)
    if expected["expected_projects"] and "projects" not in initial:
        initial["projects"] = expected["expected_projects"]
    form = ArrivalForm(
        at=desk_of(staff, now), offered=offered, known=known, today=staff.branch.today(now), initial=initial
    )
    if not known and not said.get("name"):
        form.fields["name"].widget.attrs["autofocus"] = True
    context = {"form": form, "known": known, "projects": project_choices(offered), **expected}
    return context | of_card(card, known, None)


def of_card(card: IntakeCard, known: Visitor | None, wanted: list[str] | None) -> dict[str, Any]:
    """Return what of a visitor's own card stands beside the arrival form; `wanted`: the fields ticked so far."""
    context: dict[str, Any] = {"card": card, "said": said_on(card)}
    if known is None:
        return context | {"like": people_like(card)}
    return context | {"differs": differing(card, known, wanted)}


def known_visitor(staff: Staff, number: int) -> Visitor:
    """Return the visitor with this number, or whom a record with it was merged into; raise Http404 for nobody."""
    found = visitor_seen_by(staff, number).first() or where_merged(staff, number)
    if found is None:
        raise Http404
    return found


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except WrongPhone:
        return ""
