"""S1: every address × every role, and nobody: what is declared is what happens, and others' objects are 404."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clinic.access import Access, access_of
from clinic.catalogue import install_catalogue
from clinic.live import tickets, topics
from clinic.models import Branch, Job, MembershipLevel, Staff
from clinic.roles import Capability, Role, capabilities_of
from complaints.services import build_weekly_report, open_complaint
from consultations.models import (
    DiscountRequest,
    Drug,
    HandOver,
    HandOverLine,
    HandOverShare,
    Participant,
    PriorityList,
    Treatment,
)
from consultations.services import (
    Line,
    Planned,
    accept_visit,
    add_plan_item,
    enter_room,
    file_treatment,
    name_for_case,
    record_deal,
    take_in,
    tell_owner,
)
from followups.models import CallBack
from followups.services import build_call_backs
from reception.models import Amendment, Display, FileRequest, ImportBatch
from reception.services import (
    ask_for_message,
    invite,
    register_arrival,
    register_visitor,
    start_kiosk,
    submit_card,
    write_entry,
    write_round_list,
)
from reception.services.retention import freeze_list
from tests.conftest import MakeClient, MakeStaff
from tests.factories.appointments import book, pre_report
from tests.factories.photographs import keep_photograph
from tests.factories.treatments import prepared
from triage.engine.rehearsal.compare import Tally
from triage.models import Policy, Rehearsal, TeamMember
from triage.services import allocate_visit, check_in, open_board

METHODS = ("GET", "POST")


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
}
# Visitors and projects are the whole group's; a report is asked for by its week.
OF_A_BRANCH = {
    "visit",
    "board",
    "consultation",
    "opinion",
    "owner_hint",
    "treatment",
    "call_back",
    "complaint",
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


class World:
    """One of every object at a branch. A consultant's are her own, a complaint is taken in by whoever looks."""

    def __init__(self, branch: Branch, staff_with: MakeStaff, now: datetime, looker: Staff | None = None) -> None:
        projects = [project for project in install_catalogue(branch) if project.department.kind == "surgery"]
        surgery = projects[0].department
        roles = looker.roles if looker is not None else frozenset()
        desk = staff_with(Role.RECEPTION, branch=branch)
        receives = looker is not None and Capability.WORK_OWN_QUEUE in capabilities_of(roles)
        consultant = looker if looker is not None and receives else staff_with(Role.CONSULTANT, branch=branch)
        doctor = staff_with(Role.DOCTOR, branch=branch, department=surgery)
        if looker is not None:
            looker.department = surgery
            looker.save(update_fields=["department"])
        self.sees_the_front = Capability.VIEW_DESK_BOARD in capabilities_of(roles) or looker is None
        self.visitor = register_visitor(name="曾小满", phone="14500001234", branch=branch, staff=desk, now=now)
        day = branch.today(now)
        if receives and Role.CONSULTANT not in roles:
            # Whoever is no consultant receives visitors as a member of a team.
            Policy.objects.create(branch=branch, version=1, starts_on=day, preset="teams")
            TeamMember.objects.create(branch=branch, team=1, position=1, staff=consultant)
        self.front = open_board(
            branch=branch, day=day, consultants=[consultant], present=[consultant], staff=desk, now=now
        )
        self.theirs = open_board(branch=branch, desk=surgery.code, day=day, consultants=[doctor], staff=desk, now=now)
        self.board = self.front if self.sees_the_front else self.theirs
        self.visit = register_arrival(visitor=self.visitor, branch=branch, projects=projects[:1], staff=desk, now=now)
        allocate_visit(visit=self.visit, expected_sequence=None, staff=desk, now=now)
        self.visit.refresh_from_db()
        self.consultation = accept_visit(visit=self.visit, staff=consultant, now=now)
        enter_room(consultation=self.consultation, staff=consultant, now=now)
        self.consultation.refresh_from_db()
        self.deal = record_deal(
            consultation=self.consultation,
            kind="deposit",
            lines=[Line(projects[0], Decimal(12800))],
            deposit=Decimal(1000),
            staff=consultant,
            now=now,
        )
        self.payment = self.deal.payments.get()
        self.level = MembershipLevel.objects.create(name="银卡", name_en="Silver", from_amount=10000)
        # Whoever receives visitors is asked about a colleague's, beside her own.
        asked = consultant if receives else doctor
        self.opinion = Participant.objects.create(
            consultation=self.consultation, staff=asked, part="panel", asked_at=now, asked_by=consultant
        )
        self.owner_hint = tell_owner(
            consultation=self.consultation, owner=None, reason="她说来过", staff=consultant, now=now
        )
        self.treatment = file_treatment(
            visitor=self.visitor,
            project=projects[0],
            doctor=looker if looker is not None and Role.DOCTOR in roles else doctor,
            treated_on=day - timedelta(days=3),
            state=Treatment.State.DONE,
            consultation=self.consultation,
            staff=consultant,
            branch=branch,
            now=now,
        )
        self.drug = Drug.objects.earliest("pk")
        self.treatment_step, self.drug_use, self.treatment_notice = prepared(self.treatment, looker or doctor, now=now)
        self.plan_item = add_plan_item(
            consultation=self.consultation, what=Planned(project=projects[0]), staff=consultant, now=now
        )
        # Somebody else asked, unless it is the consultant herself who looks.
        self.discount_request = DiscountRequest.objects.create(
            branch=branch,
            item=self.plan_item,
            wanted_price=80,
            list_total=100,
            reason="老顾客",
            asked_at=now,
            asked_by=consultant,
        )
        receiver = looker if looker is not None and roles & {Role.DOCTOR, Role.NURSE} else doctor
        check_in(board=self.theirs, consultant=receiver, staff=desk, now=now)
        self.case = take_in(visit=self.visit, department=surgery, purpose="consult", staff=desk, now=now)
        name_for_case(case=self.case, consultant=receiver, reason="点名", turn=None, staff=desk, now=now)
        build_call_backs(branch=branch, now=now)
        self.call_back = CallBack.objects.filter(treatment=self.treatment).earliest("due_on")
        self.complaint = open_complaint(
            branch=branch,
            channel="on_site",
            category="service",
            level="minor",
            text="等了四十分钟",
            visitor=self.visitor,
            staff=looker or desk,
            now=now,
        )
        year, week, _ = day.isocalendar()
        build_weekly_report(branch=branch, year=year, week=week, now=now)
        self.job = Job.objects.create(kind="test", staff=looker or desk, branch=branch)
        self.rehearsal = Rehearsal.objects.create(
            branch=branch,
            desk="front",
            first_on=day,
            last_on=day,
            preset="standard",
            result=Tally().to_json(),
            job=Job.objects.create(kind="test", staff=looker or desk, branch=branch),
            made_by=looker or desk,
            made_at=now,
        )
        self.log_entry = write_entry(branch=branch, kind="parking", plate="浙A12345", staff=desk, now=now)
        self.slip = write_entry(
            branch=branch, kind="call", name="周女士", text="请回电", for_staff=looker or desk, staff=desk, now=now
        )
        rounds = write_round_list(branch=branch, kind="opening", items=["灯"], seen=0, staff=desk, now=now)
        self.round_item = rounds.items.get()
        self.file_request = FileRequest.objects.create(
            visit=self.visit, visitor=self.visitor, branch=branch, asked_at=now, changed_at=now
        )
        if looker is not None:
            # Whoever looks heads the department that the amendment touches.
            surgery.head = looker
            surgery.save(update_fields=["head"])
        self.amendment = Amendment.objects.create(
            branch=branch,
            day=day,
            visit=self.visit,
            before={"note": ""},
            after={"note": "改"},
            reason="录错",
            department=surgery,
            author=desk,
            proposed_at=now,
        )
        self.import_batch = ImportBatch.objects.create(
            branch=branch,
            staff=looker or desk,
            size=1,
            uploaded_at=now,
            request_key=uuid4(),
            header=["姓名"],
            samples=[[]],
        )
        self.display = Display.objects.create(
            token_hash=uuid4().hex, branch=branch, asked_at=now, paired_at=now, paired_by=looker or desk
        )
        self.invitation, _code = invite(staff=desk, now=now)
        self.card = submit_card(invitation=self.invitation, answers={"name": "曾小满"}, now=now)
        self.kiosk, _token = start_kiosk(label="大厅", staff=desk, now=now)
        self.pre_report = pre_report(branch, looker or desk, visitor=self.visitor, now=now)
        self.appointment = book(
            branch,
            day=day + timedelta(days=1),
            visitor=self.visitor,
            staff=looker or desk,
            pre_report=self.pre_report,
            now=now,
        )
        self.message = ask_for_message(appointment=self.appointment, staff=looker or desk, now=now)
        frozen = freeze_list(branch=branch, now=now)
        assert frozen is not None
        self.retention_list, self.retention_item = frozen, frozen.items.earliest("pk")
        self.hand_over = HandOver.objects.create(
            branch=branch, leaver=desk, rule="one", reason="离职", number=1, made_at=now, made_by=desk
        )
        HandOverLine.objects.create(
            hand_over=self.hand_over, visitor=self.visitor, from_staff=desk, to_staff=consultant
        )
        HandOverShare.objects.create(hand_over=self.hand_over, staff=consultant, number=1)
        self.priority_list = PriorityList.objects.create(branch=branch, month_on=day.replace(day=1), computed_at=now)
        self.photograph = keep_photograph(self.visitor, staff=consultant, treatment=self.treatment, now=now)
        self.project = projects[0]
        self.staff = doctor
        self.department = surgery
        # What some addresses ask for beside the object in the address itself.
        self.said: dict[str, str | int] = {
            "consultant": consultant.pk if self.sees_the_front else doctor.pk,
            "desk": "front" if self.sees_the_front else surgery.code,
            "year": year,
            "week": week,
            "day": day.isoformat(),
            "visit": self.visit.pk,
            "ticket": tickets.issue(staff_id=looker.pk, topics=[topics.staff(looker.pk)]) if looker else "",
        }

    def ask(self, client: Client, method: str, address: Address) -> int:
        """Send a request about this world's objects, take back whatever it did, and return the status."""
        parts: dict[str, object] = {}
        for part, kind in address.objects.items():
            if kind == "week":
                parts |= {"year": self.said["year"], "week": self.said["week"]}
            elif kind == "day":
                parts[part] = self.said["day"]
            else:
                parts[part] = getattr(self, kind).pk
        url = reverse(address.name, kwargs=parts)
        with transaction.atomic():
            answer = client.get(url, self.said) if method == "GET" else client.post(url, self.said)
            transaction.set_rollback(True)
        return answer.status_code


def _not_all_404(client: Client, world: World, address: Address) -> str:
    """Return what an address answered unless it was 404; one that takes one method only may say so before it looks."""
    answers = {method: world.ask(client, method, address) for method in METHODS}
    if 404 in answers.values() and set(answers.values()) <= {404, 405}:
        return ""
    return f"{address.name}: {answers}"


def test_the_matrix_has_addresses() -> None:
    assert len(CLOSED) > 60
    assert {kind for address in CLOSED for kind in address.objects.values()} >= OF_A_BRANCH


# Views that look closer than their declaration: who may read the page may not send its form.
STRICTER = {
    ("POST", "consultations:treatment"): Capability.RECORD_TREATMENTS,
    ("POST", "consultations:treatment_papers"): Capability.RECORD_TREATMENTS,
    ("POST", "consultations:consultation_papers"): Capability.WORK_OWN_QUEUE,
}
SEE_VISITORS = {Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS, Capability.WORK_OWN_QUEUE}


def _right(status: int, method: str, address: Address, role: Role) -> bool:
    capabilities = capabilities_of(frozenset({role}))
    stricter = STRICTER.get((method, address.name))
    if not address.allows(role) or (stricter is not None and stricter not in capabilities):
        return status == 403
    if status == 404:
        # She may use such pages, but not about a visitor: those are not hers to see.
        return "visitor" in address.objects.values() and not capabilities & SEE_VISITORS
    return status < 500 and status not in (401, 403)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_is_declared_and_nothing_else(
    role: Role, branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(role)
    client.raise_request_exception = False
    world = World(branch, staff_with, now, client.staff)  # type: ignore[attr-defined]
    wrong = []
    for address in CLOSED:
        for method in METHODS:
            status = world.ask(client, method, address)
            if not _right(status, method, address, role):
                wrong.append(f"{method} {address.name}: {status}, {'allowed' if address.allows(role) else 'refused'}")
    assert not wrong, "\n".join(wrong)


def test_nobody_is_sent_to_the_sign_in_page(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    world = World(branch, staff_with, now)
    browser, fragment = Client(), Client(headers={"HX-Request": "true"})
    for address in CLOSED:
        for method in METHODS:
            assert world.ask(browser, method, address) == 302, address.name
            assert world.ask(fragment, method, address) == 401, address.name
    answer = browser.get(reverse("clinic:home"))
    assert answer.headers["Location"].startswith(reverse("clinic:sign_in"))


def test_somebody_without_a_role_gets_only_what_is_everybodys(
    branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(staff_with())
    world = World(branch, staff_with, now, client.staff)  # type: ignore[attr-defined]
    for address in CLOSED:
        for method in METHODS:
            status = world.ask(client, method, address)
            assert (status == 403) is bool(address.access.any_of), f"{method} {address.name}: {status}"


# Managers and auditors read the boards of the whole group.
READ_EVERYWHERE = {Role.MANAGER, Role.AUDITOR}


@pytest.mark.parametrize("role", list(Role))
def test_what_belongs_to_another_branch_is_not_there(
    role: Role, branch: Branch, other_branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(role)
    client.raise_request_exception = False
    world = World(other_branch, staff_with, now)
    wrong = [
        _not_all_404(client, world, address)
        for address in CLOSED
        if address.allows(role)
        and set(address.objects.values()) & OF_A_BRANCH
        and not (role in READ_EVERYWHERE and address.name.startswith("triage:"))
    ]
    assert not any(wrong), "\n".join(filter(None, wrong))


OF_ONE_CONSULTANT = {
    *("visit", "visitor", "consultation", "opinion", "complaint", "hand_over", "plan_item", "discount_request"),
    *("deal", "payment", "photograph"),
}
# The board, and why a visit went where it went, are read by every consultant; whom to name is refused by the rules.
SHARED_BY_CONSULTANTS = {"triage:decision", "triage:why", "triage:visit_menu", "triage:name", "triage:board_visit"}


def test_what_belongs_to_another_consultant_is_not_there(
    branch: Branch, staff_with: MakeStaff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(Role.CONSULTANT)
    client.raise_request_exception = False
    world = World(branch, staff_with, now)
    wrong = [
        _not_all_404(client, world, address)
        for address in CLOSED
        if address.allows(Role.CONSULTANT)
        and address.name not in SHARED_BY_CONSULTANTS
        and set(address.objects.values()) & OF_ONE_CONSULTANT
    ]
    assert not any(wrong), "\n".join(filter(None, wrong))
