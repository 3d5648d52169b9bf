"""What the shell of every page shows."""

import json
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from clinic import navigation
from clinic.live import tickets, topics
from clinic.models import Staff
from clinic.reasons import Reason
from clinic.roles import Capability


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the signed-in person, her rail, her branch's day and the page's live ticket; nothing for strangers."""
    staff = getattr(request, "user", None)
    if not isinstance(staff, Staff):
        return {"staff": None}
    if request.headers.get("HX-Request"):
        return {"staff": staff}
    links = navigation.links_of(staff, request.path)
    notices = navigation.notices_of(staff)
    wanted = {topics.staff(staff.pk), *getattr(request, "live_topics", ())}
    wanted |= {link.count_topic for link in links if link.count_topic}
    wanted |= {notice.topic for notice in notices}
    now = timezone.now()
    return {
        "staff": staff,
        "branch": staff.branch,
        "now_here": now.astimezone(staff.branch.zone),
        "today": staff.branch.today(now),
        "rail": links,
        "notices": notices,
        "reveal_reasons": Reason.choices,
        "may_search": staff.may(Capability.FIND_VISITORS),
        "search_url": navigation.address("reception:visitors"),
        "live_ticket": tickets.issue(staff_id=staff.pk, topics=wanted),
        # Stream ids begin with milliseconds. What changed while this page was being made is told again.
        "live_after": f"{int(now.timestamp() * 1000) - 1000}-0",
        "live_topics": json.dumps(sorted(wanted)),
        "live_ticket_url": reverse("clinic:live_ticket"),
    }
