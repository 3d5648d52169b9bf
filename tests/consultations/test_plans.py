"""Plans, quotations and discounts: what may be quoted by whom, asked, approved, refused, withdrawn."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import AuditEntry, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, DiscountLimit, DiscountRequest, PlanItem
from consultations.selectors import plans
from consultations.services import Planned
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(morning: Morning) -> Consultation:
    """A visitor in the room of a consultant; the nose is listed at 12,000 a session, the eyes have no list price."""
    morning.nose.list_price = Decimal(12000)
    morning.nose.save()
    return morning.enter(morning.arrive())


def add(morning: Morning, room: Consultation, *, by: Staff | None = None, **said: Any) -> PlanItem:
    what = Planned(**({"project": morning.nose} | said))
    return services.add_plan_item(consultation=room, what=what, staff=by or room.consultant, now=morning.now)


def change(morning: Morning, item: PlanItem, *, version: int | None = None, **said: Any) -> PlanItem:
    item = PlanItem.objects.select_related("project", "consultation").get(pk=item.pk)
    what = Planned(
        project=item.project,
        planned=item.planned,
        sessions=item.sessions,
        risks=item.risks,
        risks_explained=item.risks_explained_at is not None,
        alternatives=item.alternatives,
        alternatives_explained=item.alternatives_explained_at is not None,
        quoted=item.quoted_price,
    )
    return services.change_plan_item(
        item=item,
        what=replace(what, **said),
        expected_version=item.version if version is None else version,
        staff=morning.first,
        now=morning.now + timedelta(minutes=5),
    )


def answer(morning: Morning, request: DiscountRequest, staff: Staff, *, approve: bool = True, why: str = "") -> None:
    services.answer_discount(request=request, approve=approve, answer=why, staff=staff, now=morning.now)


# --- what may be quoted ---


@pytest.mark.parametrize(
    ("quoted", "sessions", "answer"),
    [
        (None, 1, None),
        ("12000", 1, "12000"),
        ("10800", 1, "10800"),
        ("10799.99", 1, "beyond_limit"),
        ("32400", 3, "32400"),
        ("32399", 3, "beyond_limit"),
        ("12000.01", 1, "above_list"),
        ("0", 1, "beyond_limit"),
    ],
)
def test_a_consultant_quotes_down_to_her_limit(
    morning: Morning, room: Consultation, quoted: str | None, sessions: int, answer: str | None
) -> None:
    price = None if quoted is None else Decimal(quoted)
    if answer in ("beyond_limit", "above_list"):
        with pytest.raises(Refused, match=answer):
            add(morning, room, quoted=price, sessions=sessions)
        assert not PlanItem.objects.exists()
        return
    item = add(morning, room, quoted=price, sessions=sessions)
    assert item.quoted_price == (None if answer is None else Decimal(answer))
    assert item.list_total == 12000 * sessions
    assert not DiscountRequest.objects.exists()


def test_without_a_list_price_there_is_no_limit(morning: Morning, room: Consultation) -> None:
    item = add(morning, room, project=morning.eyes, quoted=Decimal(1))
    assert (item.quoted_price, item.list_price, item.percent) == (Decimal(1), None, None)


@pytest.mark.parametrize(
    ("roles", "percent", "allowed"),
    [
        ([Role.CONSULTING_SUPERVISOR], 80, True),
        ([Role.CONSULTING_SUPERVISOR], 79, False),
        ([Role.MANAGER], 60, True),
        ([Role.MANAGER], 59, False),
        ([Role.CONSULTING_SUPERVISOR, Role.MANAGER], 60, True),
        ([Role.CONSULTANT], 89, False),
    ],
)
def test_a_superior_approves_down_to_her_own_limit(
    morning: Morning, room: Consultation, staff_with: MakeStaff, roles: list[Role], percent: int, allowed: bool
) -> None:
    item = add(morning, room, quoted=Decimal(120 * percent), why="老顾客")
    assert item.quoted_price is None
    superior = staff_with(*roles)
    request = DiscountRequest.objects.get()
    if not allowed:
        with pytest.raises(Refused, match="beyond_own_limit"):
            answer(morning, request, superior)
        item.refresh_from_db()
        assert item.quoted_price is None
        return
    answer(morning, request, superior)
    item.refresh_from_db()
    assert item.quoted_price == 120 * percent
    assert item.percent == percent


def test_a_refusal_says_why_and_quotes_nothing(morning: Morning, room: Consultation, staff_with: MakeStaff) -> None:
    item = add(morning, room, quoted=Decimal(6000), why="介绍了三位朋友")
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    request = DiscountRequest.objects.get()
    with pytest.raises(Refused, match="answer_missing"):
        answer(morning, request, supervisor, approve=False, why="  ")
    answer(morning, request, supervisor, approve=False, why="低于成本")
    item.refresh_from_db()
    request.refresh_from_db()
    assert (item.quoted_price, request.state, request.answer) == (None, "refused", "低于成本")
    assert list(plans.unseen_answers(morning.first)) == [request]
    services.see_discount_answer(request=request, staff=morning.second, now=morning.now)
    assert plans.unseen_answers(morning.first).exists()
    services.see_discount_answer(request=request, staff=morning.first, now=morning.now)
    assert not plans.unseen_answers(morning.first).exists()


def test_a_request_is_answered_once(morning: Morning, room: Consultation, staff_with: MakeStaff) -> None:
    add(morning, room, quoted=Decimal(9600), why="老顾客")
    request = DiscountRequest.objects.get()
    manager, supervisor = staff_with(Role.MANAGER, display_name="院长"), staff_with(Role.CONSULTING_SUPERVISOR)
    answer(morning, request, manager)
    with pytest.raises(Stale, match="answered") as stale:
        answer(morning, request, supervisor, approve=False, why="no")
    assert "院长" in str(stale.value.message)


def test_nobody_answers_her_own_request(morning: Morning, room: Consultation, staff_with: MakeStaff) -> None:
    item = add(morning, room)
    both = staff_with(Role.CONSULTANT, Role.MANAGER)
    request = DiscountRequest.objects.create(
        branch=morning.branch, item=item, wanted_price=9000, list_total=12000, reason="x", asked_at=morning.now,
        asked_by=both,
    )  # fmt: skip
    with pytest.raises(Refused, match="own_request"):
        answer(morning, request, both)
    with pytest.raises(IntegrityError, match="answered_by_another"), transaction.atomic():
        DiscountRequest.objects.filter(pk=request.pk).update(answered_by=both)


@pytest.mark.parametrize(
    "said", [{"sessions": 2}, {"quoted": Decimal(12000)}, {"quoted": None}], ids=["terms", "price", "none"]
)
def test_a_request_that_no_longer_fits_is_withdrawn(
    morning: Morning, room: Consultation, staff_with: MakeStaff, said: dict[str, Any]
) -> None:
    item = add(morning, room, quoted=Decimal(9600), why="老顾客")
    change(morning, item, **({"quoted": Decimal(24000)} | said if "sessions" in said else said))
    request = DiscountRequest.objects.get()
    assert request.state == "withdrawn"
    with pytest.raises(Stale, match="answered"):
        answer(morning, request, staff_with(Role.MANAGER))


def test_other_words_leave_a_request_waiting(morning: Morning, room: Consultation) -> None:
    item = add(morning, room, quoted=Decimal(9600), why="老顾客")
    change(morning, item, quoted=Decimal(9600), why="老顾客", risks="肿胀")
    assert DiscountRequest.objects.get().state == "waiting"


def test_an_approved_price_stays_while_only_words_change(
    morning: Morning, room: Consultation, staff_with: MakeStaff
) -> None:
    item = add(morning, room, quoted=Decimal(9600), why="老顾客")
    answer(morning, DiscountRequest.objects.get(), staff_with(Role.MANAGER))
    changed = change(morning, item, risks="肿胀", risks_explained=True)
    assert changed.quoted_price == 9600
    with pytest.raises(Refused, match="beyond_limit"):
        change(morning, item, sessions=2)


def test_a_list_price_that_rises_leaves_what_was_quoted(morning: Morning, room: Consultation) -> None:
    item = add(morning, room, quoted=Decimal(10800))
    morning.nose.list_price = Decimal(20000)
    morning.nose.save()
    changed = change(morning, item, planned="鼻综合,肋软骨")
    assert (changed.quoted_price, changed.list_price) == (Decimal(10800), Decimal(12000))


# --- the plan ---


def test_what_was_explained_is_kept_with_who_and_when(morning: Morning, room: Consultation) -> None:
    item = add(morning, room, risks="出血、感染", risks_explained=True, alternatives="玻尿酸")
    assert (item.risks_explained_by, item.risks_explained_at) == (morning.first, morning.now)
    assert item.alternatives_explained_at is None
    same = change(morning, item, planned="L 形假体")
    assert same.risks_explained_at == morning.now
    other = change(morning, item, risks="出血、感染、不对称")
    assert other.risks_explained_at == morning.now + timedelta(minutes=5)
    assert change(morning, item, risks_explained=False).risks_explained_by is None


@pytest.mark.parametrize("name", ["risks", "alternatives"])
def test_nothing_is_explained_without_words(morning: Morning, room: Consultation, name: str) -> None:
    said: dict[str, Any] = {f"{name}_explained": True}
    with pytest.raises(Refused, match=f"{name}_missing"):
        add(morning, room, **said)


def test_a_removed_item_stays_on_record(morning: Morning, room: Consultation) -> None:
    item, kept = add(morning, room, quoted=Decimal(9600), why="x"), add(morning, room, project=morning.eyes)
    for _twice in range(2):
        services.remove_plan_item(item=item, staff=morning.first, now=morning.now)
    item.refresh_from_db()
    assert (item.removed_by, item.removed_at) == (morning.first, morning.now)
    assert list(plans.plan_of(room)) == [kept]
    assert DiscountRequest.objects.get().state == "withdrawn"
    assert AuditEntry.objects.filter(action="consultations.remove_plan_item").count() == 1
    assert apps.get_model("consultations", "PlanItemEvent").objects.filter(pgh_obj=item).count() == 2
    with pytest.raises(Stale, match="removed"):
        change(morning, item, planned="x")


def test_the_order_of_a_plan(morning: Morning, room: Consultation) -> None:
    one, two, three = (add(morning, room, planned=str(number)) for number in range(3))

    def move(item: PlanItem, *, earlier: bool) -> list[PlanItem]:
        services.move_plan_item(item=item, earlier=earlier, staff=morning.first, now=morning.now)
        return list(plans.plan_of(room))

    assert move(three, earlier=True) == [one, three, two]
    assert move(one, earlier=True) == [one, three, two]
    services.remove_plan_item(item=three, staff=morning.first, now=morning.now)
    assert move(one, earlier=False) == [two, one]
    assert list(plans.plan_of(room)) == [two, one]


def test_the_same_form_twice_is_one_item(morning: Morning, room: Consultation) -> None:
    key, what = uuid4(), Planned(project=morning.nose, planned="一次")
    common: dict[str, Any] = {"consultation": room, "request_key": key, "staff": morning.first, "now": morning.now}
    first = services.add_plan_item(what=what, **common)
    assert services.add_plan_item(what=what, **common) == first
    with pytest.raises(Stale, match="request_used"):
        services.add_plan_item(what=replace(what, planned="两次"), **common)
    assert PlanItem.objects.count() == 1


def test_two_windows_on_one_item(morning: Morning, room: Consultation) -> None:
    item = add(morning, room)
    change(morning, item, planned="one", version=1)
    assert change(morning, item, planned="one", version=1).version == 2
    with pytest.raises(Stale, match="changed"):
        change(morning, item, planned="other", version=1)


def test_who_may_plan_and_when(morning: Morning, room: Consultation) -> None:
    with pytest.raises(Stale, match="moved_away"):
        add(morning, room, by=morning.second)
    waiting = morning.take(morning.arrive("李四"))
    with pytest.raises(Refused, match="not_in_room"):
        add(morning, waiting, by=waiting.consultant)
    item = add(morning, room)
    morning.part(room)
    assert change(morning, item, planned="after").planned == "after"
    morning.nose.offered = False
    morning.nose.save()
    assert change(morning, item, planned="as before").version == 3
    with pytest.raises(Refused, match="not_offered"):
        add(morning, room)


def test_a_plan_has_an_end(morning: Morning, room: Consultation) -> None:
    for _number in range(50):
        add(morning, room)
    with pytest.raises(Refused, match="plan_full"):
        add(morning, room)


def test_screens_hear_of_it(morning: Morning, room: Consultation, staff_with: MakeStaff) -> None:
    OutboxEvent.objects.all().delete()
    add(morning, room, quoted=Decimal(9600), why="x")
    answer(morning, DiscountRequest.objects.get(), staff_with(Role.MANAGER))
    told = {topic for row in OutboxEvent.objects.all() for topic in row.topics}
    assert told >= {f"discounts-{morning.branch.pk}", f"plan-{room.pk}", f"staff-{morning.first.pk}"}


# --- limits ---


def test_a_manager_sets_the_limits(morning: Morning, room: Consultation, staff_with: MakeStaff) -> None:
    manager = staff_with(Role.MANAGER)
    common: dict[str, Any] = {"branch": morning.branch, "staff": manager, "now": morning.now}
    services.set_discount_limits(limits={Role.CONSULTANT: Decimal("84.5")}, **common)
    assert plans.limits_at(morning.branch)[Role.CONSULTANT] == Decimal("84.5")
    assert plans.limits_at(morning.branch)[Role.MANAGER] == 60
    assert add(morning, room, quoted=Decimal(10140)).quoted_price == 10140
    with pytest.raises(Refused, match="beyond_limit"):
        add(morning, room, quoted=Decimal("10139.99"))
    services.set_discount_limits(limits={Role.CONSULTANT: Decimal("84.5")}, **common)
    assert AuditEntry.objects.filter(action="consultations.set_discount_limits").count() == 1
    with pytest.raises(Stale, match="changed_meanwhile"):
        services.set_discount_limits(limits={Role.CONSULTANT: Decimal(95)}, seen=0, **common)


@pytest.mark.parametrize(
    "limits", [{Role.RECEPTION: Decimal(90)}, {Role.MANAGER: Decimal(0)}, {Role.MANAGER: Decimal(101)}]
)
def test_limits_that_are_none(morning: Morning, limits: dict[Role, Decimal], staff_with: MakeStaff) -> None:
    with pytest.raises(Refused, match="not_a_limit"):
        services.set_discount_limits(
            branch=morning.branch, limits=limits, staff=staff_with(Role.MANAGER), now=morning.now
        )
    assert not DiscountLimit.objects.exists()


def test_limits_are_a_branchs_own(morning: Morning, other_branch: Any, staff_with: MakeStaff) -> None:
    services.set_discount_limits(
        branch=other_branch,
        limits={Role.CONSULTANT: Decimal(50)},
        staff=staff_with(Role.MANAGER, branch=other_branch),
        now=morning.now,
    )
    assert plans.limit_of(morning.first) == 90


STEPS = st.lists(
    st.tuples(st.sampled_from(["quote", "approve", "refuse", "sessions"]), st.integers(0, 100), st.integers(1, 4)),
    max_size=12,
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_quoted_price_is_always_one_that_was_allowed(
    morning: Morning, room: Consultation, superior: Staff, steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        item = add(morning, room)
        for act, percent, sessions in steps:
            item.refresh_from_db()
            try:
                if act == "quote":
                    change(morning, item, quoted=Decimal(120 * percent * item.sessions), why="x" * (percent % 2))
                elif act == "sessions":
                    change(morning, item, sessions=sessions)
                else:
                    request = DiscountRequest.objects.filter(state="waiting").first()
                    if request is not None:
                        answer(morning, request, superior, approve=act == "approve", why="no")
            except Refused:
                pass
            item.refresh_from_db()
            if item.quoted_price is None or item.list_total is None:
                continue
            approved = DiscountRequest.objects.filter(
                item=item, state="approved", wanted_price=item.quoted_price, list_total=item.list_total
            )
            assert item.quoted_price * 100 >= 90 * item.list_total or approved.exists()
        transaction.set_rollback(True)


@pytest.fixture
def superior(staff_with: MakeStaff) -> Staff:
    """A consulting supervisor, who approves down to 80 percent."""
    return staff_with(Role.CONSULTING_SUPERVISOR)
