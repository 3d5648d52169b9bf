"""A visitor's story: on her page, and wherever a room to the right shows it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.models import Staff
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.story import Asked, Kind, kinds_for, place_in, story_of
from reception.models import Visitor
from reception.selectors.merging import records_of
from reception.selectors.visitors import opens_visitor, visitor_seen_by
from reception.views.following import follows_merges
from reception.views.looks import looked_at_part

readers = requires(Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS, Capability.WORK_OWN_QUEUE)


def asked_by(staff: Staff, visitor: Visitor, kind: str = "") -> Asked:
    """Return whose story is asked for by whom: the visitor's record, then those merged into it. One query."""
    merged = records_of(visitor).exclude(pk=visitor.pk).values_list("pk", flat=True)
    return Asked(
        staff=staff,
        records=(visitor.pk, *merged),
        zone=staff.branch.zone,
        now=timezone.now(),
        kind=kind if kind in Kind.values else "",
    )


def _place(asked: Asked, address: str, *, keyed: bool) -> dict[str, Any]:
    """Return where and when a story is drawn anew, and what it can be narrowed to; beside other work it leads on."""
    leads_on = not keyed and opens_visitor(asked.staff, asked.visitor_id)
    return {
        "story_keys": keyed,
        "story_whole": reverse("reception:visitor", args=[asked.visitor_id]) if leads_on else "",
        "story_at": address,
        "story_topic": topics.visitor(asked.visitor_id),
        "story_kind": asked.kind,
        "story_kinds": kinds_for(asked.staff),
        "zone": asked.zone.key,
    }


def draw_story(request: HttpRequest, visitor: Visitor, address: str, *, keyed: bool) -> HttpResponse:
    """Answer with a part of a visitor's story: what is older than `?before=`, the newest down to `?down_to=`, or all.

    `?kind=` narrows it; `?fresh=` draws a first page anew that had no end to go down to. `keyed`: it has the page to
    itself, and keys.
    """
    asked = asked_by(staff_of(request), visitor, request.GET.get("kind", ""))
    before, down_to = place_in(request.GET.get("before", "")), place_in(request.GET.get("down_to", ""))
    fresh = "fresh" in request.GET
    context = _place(asked, address, keyed=keyed)
    if before is not None:
        return render(request, "reception/story_older.html", context | {"told": story_of(asked, before=before)})
    told = story_of(asked, down_to=down_to, fresh=fresh)
    if down_to is not None or fresh:
        ends = down_to.text if down_to is not None else ""
        return render(request, "reception/story_newest.html", context | {"told": told, "down_to": ends})
    return render(request, "reception/story.html", context | {"told": told})


@readers
@require_GET
@follows_merges
def visitor_story(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with a visitor's story, or a part of it."""
    person = get_object_or_404(visitor_seen_by(staff_of(request), pk))
    looked_at_part(request, person, Screen.VISITOR)
    return draw_story(request, person, reverse("reception:visitor_story", args=[person.pk]), keyed=True)
