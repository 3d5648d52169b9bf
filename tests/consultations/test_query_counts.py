"""What parts of pages cost: as many queries for fifty rows as for one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Department, Staff
from clinic.roles import Role
from consultations.models import (
    Consultation,
    Deal,
    DealLine,
    DealShare,
    DeskCase,
    DiscountLimit,
    DiscountRequest,
    Drug,
    OwnerHint,
    Participant,
    PlanItem,
)
from consultations.models.plans import USUAL_LIMITS
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import AT, ConsultationFactory, ProjectFactory, VisitFactory
from tests.factories.treatments import make_package

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Asked:
    """What is asked of whom, and what is counted in the answer as a row."""

    reader: Staff
    address: str
    row: str
    said: dict[str, str] = field(default_factory=dict)
    by_post: bool = False
    # A notice shows the first few; a count shows none.
    most: int = 50


@dataclass(frozen=True)
class Scene:
    """A morning with so many rows of something, each with people and projects of its own."""

    morning: Morning
    staff_with: MakeStaff
    rows: int

    def room(self) -> Consultation:
        return self.morning.enter(self.morning.arrive())

    def another(self, **said: object) -> Consultation:
        """Return a consultation of another visitor, by a consultant nobody else has."""
        consultant = self.staff_with(Role.CONSULTANT)
        made: Consultation = ConsultationFactory.create(visit=VisitFactory.create(consultant=consultant), **said)
        return made

    def supervisor(self) -> Staff:
        return self.staff_with(Role.CONSULTING_SUPERVISOR)

    def plan(self, state: str = "waiting") -> Consultation:
        """Return a consultation with a plan, a discount asked for on each item."""
        room, morning = self.room(), self.morning
        for number in range(self.rows):
            item = PlanItem.objects.create(
                consultation=room,
                position=number + 1,
                project=ProjectFactory.create(branch=morning.branch),
                risks="出血",
                risks_explained_at=AT,
                risks_explained_by=self.staff_with(Role.CONSULTANT),
                list_price=100,
                added_at=AT,
                added_by=morning.first,
            )
            answered = state != "waiting"
            DiscountRequest.objects.create(
                branch=morning.branch,
                item=item,
                wanted_price=80,
                list_total=100,
                reason="老顾客",
                asked_at=AT,
                asked_by=morning.first,
                state=state,
                answered_at=AT if answered else None,
                answered_by=self.supervisor() if answered else None,
                answer="不行" if answered else "",
            )
        return room

    def deal(self) -> Deal:
        """Return a deal of lines with projects of their own, the sales shared by many."""
        room = self.room()
        with transaction.atomic():
            made = Deal.objects.create(
                consultation=room,
                visitor=room.visitor,
                branch=room.branch,
                kind=Deal.Kind.PAID,
                amount=Decimal(100 * self.rows),
                made_at=AT,
                made_by=room.consultant,
            )
            for _number in range(self.rows):
                project = ProjectFactory.create(branch=room.branch, offered=False)
                DealLine.objects.create(deal=made, project=project, amount=Decimal(100))
                made.projects.add(project)
                DealShare.objects.create(
                    deal=made, staff=self.staff_with(Role.CONSULTANT), share=Decimal(1) / Decimal(self.rows)
                )
        return made


def _of(name: str, *parts: int) -> str:
    return reverse(f"consultations:{name}", args=parts)


def plan_items(scene: Scene) -> Asked:
    return Asked(scene.morning.first, _of("plan_items", scene.plan().pk), "plan-change-")


def plan_item(scene: Scene) -> Asked:
    item = scene.plan().plan_items.latest("pk")
    return Asked(scene.morning.first, _of("plan_item", item.pk), "plan-change-")


def quotation(scene: Scene) -> Asked:
    return Asked(scene.morning.first, _of("quotation", scene.plan().pk), '<th scope="row">')


def discounts_waiting(scene: Scene) -> Asked:
    scene.plan()
    return Asked(scene.supervisor(), _of("discounts"), '<li id="discount-')


def discounts_answered(scene: Scene) -> Asked:
    scene.plan("refused")
    return Asked(scene.supervisor(), _of("discounts"), '<td class="nowrap">')


def discount_notice(scene: Scene) -> Asked:
    scene.plan()
    return Asked(scene.supervisor(), _of("discount_notice"), 'role="alert"', most=3)


def discount_count(scene: Scene) -> Asked:
    scene.plan()
    return Asked(scene.supervisor(), _of("discount_count"), str(scene.rows), most=1)


def discount_answers(scene: Scene) -> Asked:
    scene.plan("refused")
    return Asked(scene.morning.first, _of("discount_answers"), 'role="alert"', most=3)


def discount_limits(scene: Scene) -> Asked:
    roles = list(USUAL_LIMITS)[: scene.rows]
    for role in roles:
        DiscountLimit.objects.create(branch=scene.morning.branch, role=role, least_percent=Decimal("61.5"))
    return Asked(scene.staff_with(Role.MANAGER), _of("discount_limits"), 'value="61.5"', most=len(roles))


def participants(scene: Scene) -> Asked:
    room = scene.room()
    for _number in range(scene.rows):
        person = scene.staff_with(Role.DOCTOR)
        Participant.objects.create(
            consultation=room, staff=person, part="panel", asked_at=AT, asked_by=scene.morning.first
        )
    return Asked(scene.morning.first, _of("participants", room.pk), "<li>")


def owner_hints(scene: Scene) -> Asked:
    for _number in range(scene.rows):
        held = scene.another(state=Consultation.State.IN_ROOM)
        OwnerHint.objects.create(
            consultation=held,
            branch=held.branch,
            day=held.day,
            owner=scene.staff_with(Role.CONSULTANT),
            reason="她说来过",
            said_at=AT,
            said_by=held.consultant,
        )
    return Asked(scene.supervisor(), _of("owner_hints"), 'role="alert"')


def forbidden_declines(scene: Scene) -> Asked:
    for _number in range(scene.rows):
        scene.another(decline_reason="在忙", acknowledged_at=AT)
    return Asked(scene.supervisor(), _of("forbidden_declines"), 'role="alert"')


def referrers(scene: Scene) -> Asked:
    room = scene.room()
    for _number in range(scene.rows):
        scene.morning.register("欧阳同名")
    return Asked(
        scene.morning.first, _of("referrers", room.pk), 'name="referrer"', {"text": "欧阳同名"}, by_post=True, most=5
    )


def sent_on(scene: Scene) -> Asked:
    room, branch = scene.room(), scene.morning.branch
    for number in range(scene.rows):
        DeskCase.objects.create(
            visit=room.visit,
            branch=branch,
            department=Department.objects.create(
                branch=branch, code=f"d{number}", kind=Department.Kind.SURGERY, name="科", name_en="Department"
            ),
            day=room.day,
            purpose=DeskCase.Purpose.CONSULT,
            state=DeskCase.State.CALLED,
            staff=scene.staff_with(Role.DOCTOR),
            arrived_at=AT,
        )
    return Asked(scene.morning.first, _of("sent_on", room.pk), "<p>")


def drugs(scene: Scene) -> Asked:
    Drug.objects.all().delete()
    Drug.objects.bulk_create(
        Drug(code=f"drug-{number}", name="药", name_en="Drug", unit="U") for number in range(scene.rows)
    )
    return Asked(scene.staff_with(Role.MANAGER), _of("drugs"), '<th scope="row"')


def deal_correct(scene: Scene) -> Asked:
    return Asked(scene.morning.first, _of("deal_correct", scene.deal().pk), 'value="100.00"')


def deal_sales(scene: Scene) -> Asked:
    return Asked(scene.supervisor(), _of("deal_sales", scene.deal().pk), f'-percent" value="{100 // scene.rows}')


def deal_form(scene: Scene) -> Asked:
    return Asked(scene.morning.first, _of("deal", scene.plan().pk), 'value="100.00"')


def treatment_form(scene: Scene) -> Asked:
    room = scene.room()
    for _number in range(scene.rows):
        scene.staff_with(Role.DOCTOR)
        make_package(room, ProjectFactory.create(branch=room.branch, name="疗程项目", name_en="Course"), sessions=9)
    return Asked(scene.morning.first, _of("file_treatment", room.pk), "9 of 9")


def visit_menu(scene: Scene) -> Asked:
    visit = scene.morning.arrive(
        "张小美", *(ProjectFactory.create(branch=scene.morning.branch) for _number in range(scene.rows))
    )
    return Asked(scene.morning.clerk, reverse("reception:visit_menu", args=[visit.pk]), "menu-item", most=-1)


COSTS: list[tuple[Callable[[Scene], Asked], int]] = [
    (plan_items, 7),
    (plan_item, 9),
    (quotation, 6),
    (discounts_waiting, 5),
    (discounts_answered, 6),
    (discount_notice, 3),
    (discount_count, 3),
    (discount_answers, 3),
    (discount_limits, 4),
    (participants, 5),
    (owner_hints, 3),
    (forbidden_declines, 3),
    (referrers, 5),
    (sent_on, 8),
    (drugs, 3),
    (deal_correct, 9),
    (deal_sales, 9),
    (deal_form, 6),
    (treatment_form, 7),
    (visit_menu, 4),
]


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(("made", "queries"), COSTS, ids=[made.__name__ for made, _queries in COSTS])
def test_a_part_costs_the_same_for_one_and_for_fifty(
    morning: Morning,
    staff_with: MakeStaff,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    made: Callable[[Scene], Asked],
    queries: int,
    rows: int,
) -> None:
    asked = made(Scene(morning, staff_with, rows))
    client = client_as(asked.reader)
    send = client.post if asked.by_post else client.get
    send(asked.address, asked.said, headers=HTMX)
    with django_assert_num_queries(queries):
        answer = send(asked.address, asked.said, headers=HTMX)
    assert answer.status_code == 200
    found = answer.content.decode().count(asked.row)
    assert found == min(rows, asked.most) if asked.most >= 0 else found
