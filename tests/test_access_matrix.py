"""S1: every address × every role, and nobody: what is declared is what happens, and others' objects are 404."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch
from clinic.roles import Capability, Role, capabilities_of
from tests.addresses import CLOSED, OF_A_BRANCH, Address
from tests.conftest import MakeClient, MakeStaff
from tests.world import World

METHODS = ("GET", "POST")


def _not_all_404(client: Client, world: World, address: Address) -> str:
    """Return what an address answered unless it was 404; one that takes one method only may say so before it looks."""
    answers = {method: world.ask(client, method, address, part=True) for method in METHODS}
    if 404 in answers.values() and set(answers.values()) <= {404, 405}:
        return ""
    return f"{address.name}: {answers}"


def test_the_matrix_has_addresses() -> None:
    assert len(CLOSED) > 60
    assert {kind for address in CLOSED for kind in address.objects.values()} >= OF_A_BRANCH


# Views that look closer than their declaration: who may read the page may not send its form.
STRICTER = {
    ("POST", "consultations:treatment"): Capability.RECORD_TREATMENTS,
    ("POST", "consultations:stay"): Capability.RECORD_TREATMENTS,
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
            # What is refused is asked for as a part: the status is the same, and no page is drawn around it.
            status = world.ask(client, method, address, part=not address.allows(role))
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
            status = world.ask(client, method, address, part=bool(address.access.any_of))
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
    *(
        "visit",
        "visitor",
        "consultation",
        "opinion",
        "complaint",
        "complaint_number",
        "hand_over",
        "plan_item",
        "discount_request",
    ),
    *("deal", "payment", "photograph", "owner_call"),
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
