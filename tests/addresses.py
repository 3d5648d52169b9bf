"""Every address of the system: its declaration, and what kind of object each part of it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

from clinic.access import Access, access_of
from clinic.roles import Role, capabilities_of


@dataclass(frozen=True)
class Address:
    """One address with its declaration, and which kind of object each part of it names."""

    name: str
    access: Access
    objects: dict[str, str] = field(hash=False)

    def allows(self, role: Role) -> bool:
        """Say whether the declaration lets the role in."""
        return not self.access.any_of or bool(self.access.any_of & capabilities_of(frozenset({role})))


# What the part of an address after this word names.
OBJECT_AFTER = {
    "visits": "visit",
    "queue": "visit",
    "visitors": "visitor",
    "boards": "board",
    "consultations": "consultation",
    "opinions": "opinion",
    "owner-hints": "owner_hint",
    "treatments": "treatment",
    "call-backs": "call_back",
    "complaints": "complaint",
    "number": "complaint_number",
    "staff": "staff",
    "people": "staff",
    "projects": "project",
    "jobs": "job",
    "departments": "department",
    "rehearsals": "rehearsal",
    "entries": "log_entry",
    "slips": "slip",
    "items": "round_item",
    "requests": "file_request",
    "days": "day",
    "amendments": "amendment",
    "imports": "import_batch",
    "displays": "display",
    "cards": "card",
    "invitations": "invitation",
    "kiosks": "kiosk",
    "card": "code",
    "appointments": "appointment",
    "pre-reports": "pre_report",
    "messages": "message",
    "lists": "retention_list",
    "kinds": "retention_item",
    "steps": "treatment_step",
    "doses": "drug_use",
    "notices": "treatment_notice",
    "drugs": "drug",
    "plan-items": "plan_item",
    "discounts": "discount_request",
    "hand-overs": "hand_over",
    "priority-lists": "priority_list",
    "deals": "deal",
    "payments": "payment",
    "levels": "level",
    "photographs": "photograph",
    "cases": "case",
    "stays": "stay",
    "holidays": "branch_day",
    "plans": "call_plan",
    "team": "call_agent",
    "absences": "agent_absence",
    "reviews": "review",
    "own": "owner_call",
}
# Visitors, projects and plans of calls are the whole group's; a report is asked for by its week.
OF_A_BRANCH = {
    "visit",
    "board",
    "consultation",
    "opinion",
    "owner_hint",
    "treatment",
    "call_back",
    "call_agent",
    "agent_absence",
    "review",
    "complaint",
    "complaint_number",
    "log_entry",
    "slip",
    "round_item",
    "file_request",
    "amendment",
    "import_batch",
    "display",
    "card",
    "invitation",
    "kiosk",
    "appointment",
    "pre_report",
    "message",
    "retention_list",
    "retention_item",
    "treatment_step",
    "drug_use",
    "treatment_notice",
    "plan_item",
    "discount_request",
    "hand_over",
    "priority_list",
    "deal",
    "payment",
    "case",
    "stay",
    "branch_day",
    "owner_call",
}


def _walk(
    patterns: list[URLPattern | URLResolver], namespace: str, route: str
) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        whole = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, whole)
        else:
            yield f"{namespace}{pattern.name}", whole, pattern


def _addresses() -> list[Address]:
    found = []
    for name, route, pattern in _walk(get_resolver().url_patterns, "", ""):
        objects = {}
        for word, part in re.findall(r"([\w-]+)/<(?:\w+:)?(\w+)>", route):
            objects[part] = "week" if part == "year" else OBJECT_AFTER[word]
        access = access_of(pattern.callback)
        assert access is not None, f"{name} is not declared"
        found.append(Address(name, access, objects))
    return found


ADDRESSES = _addresses()
CLOSED = [address for address in ADDRESSES if not address.access.anonymous]
