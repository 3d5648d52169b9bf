"""How far a treatment has come: what may follow what, and who may say so."""

import pytest

from clinic.roles import Role
from consultations.stages import Kind, Stage, earlier, may_enter, may_follow, may_record, may_see_to, way_of

WAYS = {
    Kind.OPERATION: "ordered arrived preparing in_theatre done observed discharged",
    Kind.INJECTABLE: "ordered arrived preparing in_theatre done observed discharged",
    Kind.CARE: "ordered arrived in_theatre done discharged",
}
# kind, stage → all that may follow, the usual one first
FOLLOWS = [
    (Kind.OPERATION, "ordered", "arrived done"),
    (Kind.OPERATION, "arrived", "preparing"),
    (Kind.OPERATION, "preparing", "in_theatre"),
    (Kind.OPERATION, "in_theatre", "done"),
    (Kind.OPERATION, "done", "observed"),
    (Kind.OPERATION, "observed", "discharged"),
    (Kind.OPERATION, "discharged", ""),
    (Kind.INJECTABLE, "ordered", "arrived done"),
    (Kind.INJECTABLE, "arrived", "preparing in_theatre done"),
    (Kind.INJECTABLE, "preparing", "in_theatre done"),
    (Kind.INJECTABLE, "in_theatre", "done"),
    (Kind.INJECTABLE, "done", "observed discharged"),
    (Kind.INJECTABLE, "observed", "discharged"),
    (Kind.INJECTABLE, "discharged", ""),
    (Kind.CARE, "ordered", "arrived done"),
    (Kind.CARE, "arrived", "in_theatre preparing done"),
    (Kind.CARE, "preparing", "in_theatre done"),
    (Kind.CARE, "in_theatre", "done"),
    (Kind.CARE, "done", "discharged"),
    (Kind.CARE, "observed", "discharged"),
    (Kind.CARE, "discharged", ""),
]
MAY = {
    "arrived": {Role.DEPARTMENT_DESK, Role.NURSE, Role.DOCTOR, Role.CONSULTANT, Role.ASSISTANT},
    "preparing": {Role.DEPARTMENT_DESK, Role.NURSE, Role.DOCTOR},
    "in_theatre": {Role.NURSE, Role.DOCTOR},
    "done": {Role.DEPARTMENT_DESK, Role.NURSE, Role.DOCTOR},
    "observed": {Role.NURSE, Role.DOCTOR},
    "discharged": {Role.DEPARTMENT_DESK, Role.NURSE, Role.DOCTOR},
    "ordered": set(),
}


BEAUTICIAN_MAY = {
    Kind.OPERATION: "arrived preparing",
    Kind.INJECTABLE: "arrived preparing",
    Kind.CARE: "arrived preparing in_theatre done observed discharged",
}


@pytest.mark.parametrize(("kind", "stage", "following"), FOLLOWS)
def test_what_may_follow(kind: Kind, stage: str, following: str) -> None:
    assert [one.value for one in may_follow(kind, Stage(stage))] == following.split()


@pytest.mark.parametrize("kind", list(Kind))
def test_the_way_of_each_kind(kind: Kind) -> None:
    assert " ".join(stage.value for stage in way_of(kind)) == WAYS[kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_way_goes_forward_only_and_ends(kind: Kind) -> None:
    order = list(Stage)
    for stage in Stage:
        assert all(order.index(one) > order.index(stage) for one in may_follow(kind, stage))
        assert bool(may_follow(kind, stage)) is (stage != Stage.DISCHARGED)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", list(Kind))
def test_who_may_say_so(kind: Kind, stage: Stage, role: Role) -> None:
    allowed = role in MAY[stage.value]
    if role is Role.BEAUTICIAN:
        allowed = stage.value in BEAUTICIAN_MAY[kind].split()
    assert may_record(kind, stage, frozenset({role})) is allowed


def test_a_correction_goes_back_and_not_forward() -> None:
    assert [one.value for one in earlier(Stage.DONE)] == ["in_theatre", "preparing", "arrived", "ordered"]
    assert earlier(Stage.ORDERED) == ()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", list(Kind))
def test_who_may_enter_what_was_done_before(kind: Kind, role: Role) -> None:
    allowed = MAY["done"] | {Role.CONSULTANT} | ({Role.BEAUTICIAN} if kind is Kind.CARE else set())
    assert may_enter(kind, frozenset({role})) is (role in allowed)


@pytest.mark.parametrize("kind", [None, *Kind])
def test_a_beautician_is_given_care_alone(kind: Kind | None) -> None:
    assert may_see_to(kind, frozenset({Role.BEAUTICIAN})) is (kind is Kind.CARE)
    assert may_see_to(kind, frozenset({Role.BEAUTICIAN, Role.NURSE}))
    assert may_see_to(kind, frozenset({Role.DOCTOR}))
