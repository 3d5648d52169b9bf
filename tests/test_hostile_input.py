"""S11: whatever is typed, pasted or guessed, the answer is never a fault of the server."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from clinic.models import Branch
from clinic.roles import Role
from tests.addresses import CLOSED, Address
from tests.conftest import MakeClient, MakeStaff
from tests.world import World

HOSTILE = (
    "a\x00b",
    "👩🏽‍⚕️" * 2_000,
    "-1",
    "9" * 30,
    "9" * 5_000,
    "0001-01-01",
    "9999-12-31",
)
# Every field of every form.
SENT = [
    "q",
    "name",
    "phone",
    "gender",
    "card_declined",
    "purpose",
    "note",
    "request_key",
    "another_person",
    "projects",
    "visitor",
    "reason",
    "remove_phone",
    "birth_on",
    "heard_from",
    "medical_notes",
    "seen",
    "vip",
    "consultant",
    "state",
    "free_in",
    "until",
    "minutes",
    "by",
    "turn",
    "sequence",
    "visit_type",
    "type_reason",
    "from",
    "desk",
    "present",
    "version",
    "kind",
    "amount",
    "call_again_on",
    "notes",
    "decided_by",
    "referrer",
    "owner",
    "shown",
    "step",
    "members",
    "had_first",
    "question",
    "opinion",
    "seen_notes",
    "history",
    "sessions",
    "quoted",
    "risks",
    "answer",
    "consulting_supervisor",
    "project",
    "doctor",
    "treated_on",
    "result",
    "satisfaction",
    "recovery",
    "later_on",
    "later_at",
    "then",
    "tab",
    "department",
    "call_on",
    "level",
    "harm",
    "category",
    "channel",
    "text",
    "wish",
    "about_staff",
    "call_back",
    "decision",
    "satisfied",
    "responsible",
    "year",
    "week",
    "ticket",
    "language",
    "theme",
    "text_size",
    "next",
    "display_name",
    "login_name",
    "password",
    "phone_extension",
    "active_from",
    "roles",
    "scope",
    "excluded",
    "last_day",
    "successor",
    "code",
    "name_en",
    "rank",
    "offered",
    "room",
    "names",
    "identify_by",
    "on_duplicate",
    "column_0",
    "same_again",
    "time_zone",
    "opens_0",
    "closes_0",
    "head",
    "replaces",
    "party",
    "why",
    "phones",
    "make_void",
    "person",
    "old_password",
    "new_password1",
    "new_password2",
    "other",
    "seen_survivor",
    "seen_other",
    "keep_name",
    "page",
    "type",
    "sort",
    "mine",
    "received_from",
    "received_to",
    "pair",
    "line",
    "for_whom",
    "carrier",
    "number",
    "plate",
    "pieces",
    "errand",
    "what",
    "taker",
    "take",
    "remark",
    "items",
    "where_to",
    "person",
    "first_on",
    "last_on",
    "age",
    "occupation",
    "wishes",
    "called_before",
    "referred_by",
    "id_kind",
    "id_number",
    "id_refused",
    "remove_id",
    "id_seen",
    "temperature",
    "fever",
    "card",
    "wanted",
    "data",
    "sensitive",
    "text_en",
    "starts_on",
    "appointment",
    "booked",
    "booked_text",
    "day",
    "starts",
    "agent",
    "overbook_reason",
    "pre_report",
    "instead_of",
    "call_at",
    "said",
    "promised",
    "due_on",
    "due_at",
    "to",
    "group",
    "weekdays",
    "begins",
    "ends",
    "capacity",
    "on",
    "do",
    "steps-TOTAL_FORMS",
    "steps-INITIAL_FORMS",
    "steps-0-code",
    "steps-0-number",
    "which",
    "mark",
    "kinds",
    "languages",
    "takes_part",
    "whose",
]
# What the pages read from their address.
READ = {
    "clinic:projects": "department offered page q",
    "clinic:jobs": "page",
    "clinic:audit": "who action object day before",
    "clinic:staff_list": "department employed page q role",
    "complaints:list": "page",
    "complaints:open": "call_back visitor",
    "complaints:weekly_reports": "page",
    "complaints:weekly_report": "version",
    "consultations:treatments": "doctor page project tab",
    "consultations:treatments_panel": "doctor page tab",
    "consultations:treatment_new": "doctor project deal_line treated_on",
    "consultations:laboratory": "page",
    "consultations:laboratory_panel": "page",
    "consultations:abnormal": "page",
    "consultations:my_visitors": "page",
    "followups:worklist": "doctor department tab page kind whose agent",
    "followups:worklist_panel": "doctor page agent",
    "followups:card": "doctor agent",
    "followups:team_agent": "page",
    "followups:reports": "page",
    "followups:report": "version",
    "followups:report_calls": "code figure kind page staff",
    "followups:outcomes": "quarter",
    "followups:own": "tab when whose page",
    "followups:own_panel": "tab when whose page",
    "followups:own_card": "tab when whose",
    "followups:plan": "on next",
    "followups:plan_new": "department project",
    "clinic:messages": "state page",
    "reception:calendar": "day new open time pre_report instead_of visitor",
    "reception:calendar_panel": "day",
    "reception:booking_new": "day time pre_report instead_of visitor",
    "reception:day_before": "day agent page",
    "reception:day_before_panel": "day agent page",
    "reception:day_before_messages": "day agent",
    "reception:no_shows": "agent page",
    "reception:no_shows_panel": "agent page",
    "reception:capacity": "group",
    "reception:pre_reports": "tab agent page",
    "reception:pre_reports_panel": "tab agent page",
    "reception:arrival_new": "visitor slip",
    "reception:duplicates": "page",
    "reception:visitor_merge": "other",
    "reception:day_log": "day kind page line again",
    "reception:day_log_panel": "day kind page",
    "reception:day_log_line": "line",
    "reception:rounds": "day",
    "reception:mail": "page returns",
    "reception:message_slips": "page",
    "reception:file_room": "group page",
    "reception:desk": "visitor again new day group page",
    "reception:amendments": "page",
    "reception:days": "page",
    "reception:interference": "page",
    "reception:register_sheet": "day page",
    "reception:register": "day page",
    "reception:visitors": "q owner page",
    "reception:imports": "page",
    "reception:import": "page decision",
    "reception:displays": "page",
    "reception:kiosks": "page",
    "reception:consent_texts": "page kind",
    "triage:seat": "consultant",
    "triage:boards": "page",
    "triage:board_log": "page",
    "triage:proposal": "visit_type type_reason",
    "consultations:announced": "month state page",
    "consultations:announced_panel": "month state page",
    "reception:visitor_story": "kind before down_to",
}


def _url(world: World, address: Address) -> str:
    parts: dict[str, object] = {}
    for part, kind in address.objects.items():
        if kind == "week":
            parts |= {"year": world.said["year"], "week": world.said["week"]}
        elif kind == "day":
            parts[part] = world.said["day"]
        else:
            parts[part] = getattr(world, kind).pk
    return reverse(address.name, kwargs=parts)


def _statuses(client: Client, url: str, name: str, hostile: str) -> Iterator[tuple[str, int]]:
    for asked in READ.get(name, "").split():
        said = {"visit_type": "first", "type_reason": "x"} if name == "triage:proposal" else {}
        yield f"GET {name}?{asked}", client.get(url, said | {asked: hostile}).status_code
    yield f"POST {name}", client.post(url, dict.fromkeys(SENT, hostile)).status_code


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[1:15])
def test_hostile_input_is_answered(
    hostile: str, branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    staff = staff_with(Role.CONSULTANT, Role.RECEPTION, is_superuser=True)
    client = client_as(staff)
    client.raise_request_exception = False
    world = World(branch, staff_with, now, staff)
    wrong = []
    for address in CLOSED:
        with transaction.atomic():
            found = list(_statuses(client, _url(world, address), address.name, hostile))
            transaction.set_rollback(True)
        wrong += [f"{what}: {status}" for what, status in found if status >= 500]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["x" * 10_000, "曾" * 300, "a\x00b", "<script>", " "])
def test_hostile_login_names_are_answered(name: str, branch: Branch) -> None:
    client = Client(raise_request_exception=False)
    assert client.post(reverse("clinic:sign_in"), {"username": name, "password": "wrong"}).status_code == 422
