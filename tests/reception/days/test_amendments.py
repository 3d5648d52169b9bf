"""A closed day changes by an amendment that two others have approved (R4, S4)."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import Branch, Department, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    Amendment,
    DayClose,
    Party,
    RegisterSheet,
    Visit,
    VisitProject,
)
from reception.selectors.days import day_state
from tests.conftest import MakeStaff
from tests.factories.reception import ProjectFactory
from tests.reception.days.scenes import EVENING, YESTERDAY, approve, decided, finished, propose, refused, sign

pytestmark = pytest.mark.usefixtures("now")


def test_s4_an_amendment_is_applied_when_two_others_have_approved(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    wrong, right = staff_with(Role.CONSULTANT, display_name="王欣"), staff_with(Role.CONSULTANT, display_name="李敏")
    nose, eyes = ProjectFactory.create_batch(2)
    visit = finished(wrong, projects=[nose])
    closing = closed()
    author = staff_with(Role.RECEPTION)
    amendment = propose(visit, consulting, author, consultant=right, projects=[eyes, nose], visit_type="return")
    visit.refresh_from_db()
    assert visit.consultant == wrong, "a proposal changes nothing"
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    visit.refresh_from_db()
    assert visit.consultant == wrong, "one approval changes nothing"
    head = consulting.head
    assert head is not None
    done = approve(amendment, services.HEAD, head)
    visit.refresh_from_db()
    assert (visit.consultant, visit.visit_type, visit.note) == (right, "return", "改后")
    assert list(visit.wishes.values_list("project_id", flat=True)) == [eyes.pk, nose.pk]
    assert done.applied_at == EVENING and done.sheet is not None
    first, second = RegisterSheet.objects.order_by("number")
    assert (first.pk, first.rows[0]["consultant"], second.rows[0]["consultant"]) == (
        closing.sheet_id,
        "王欣",
        "李敏",
    )
    assert done.sheet == second
    state = day_state(branch, YESTERDAY, author)
    assert state.rows == second.rows and state.all_signed, "the four signed the first, and that stays signed"
    assert refused("decided", lambda: approve(done, services.HEAD, head)).status == 409


def test_the_same_proposal_again_is_the_same_and_another_under_its_key_is_told(
    closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, author, key = finished(), staff_with(Role.RECEPTION), uuid4()
    closed()
    first = propose(visit, consulting, author, request_key=key)
    assert propose(visit, consulting, author, request_key=key) == first
    others: list[dict[str, Any]] = [{"note": "别的"}, {"reason": "别的原因"}, {"make_void": True}, {"projects": []}]
    for other in others:
        told = refused("request_used", partial(propose, visit, consulting, author, request_key=key, **other))
        assert (told.status, told.detail) == (409, {"made": first.pk})
        assert f"number {visit};" in str(told.message)
    assert Amendment.objects.get().after == {"note": "改后"}


def test_what_waits_for_somebody_is_what_she_may_decide(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    supervisor, author, head = people[Party.DESK], staff_with(Role.RECEPTION), consulting.head
    assert head is not None
    visits = [finished() for _ in range(6)]
    closed()
    for_both, no_supervisor, no_head, applied, withdrawn, own = (
        propose(visit, consulting, writer) for visit, writer in zip(visits, [author] * 5 + [supervisor], strict=True)
    )
    for one in (no_head, applied):
        approve(one, services.SUPERVISOR, supervisor)
    for one in (no_supervisor, applied):
        approve(one, services.HEAD, head)
    services.refuse_amendment(amendment=withdrawn, reason="看错了", staff=author, now=EVENING)
    for staff, hers in {
        supervisor: {for_both, no_supervisor},
        head: {for_both, no_head, own},
        author: set(),
        people[Party.MARKETING]: {for_both, no_supervisor, own},
        people[Party.PHONE]: set(),
    }.items():
        assert set(Amendment.objects.waiting_for(staff)) == hers
        found = Amendment.objects.select_related("department")
        parts = (services.SUPERVISOR, services.HEAD)
        assert {one for one in found if any(one.may_decide(part, staff) for part in parts)} == hers
    assert set(Amendment.objects.waiting()) == {for_both, no_supervisor, no_head, own}
    assert {one for one in Amendment.objects.all() if one.may_refuse(author)} == {for_both, no_supervisor, no_head}


def test_r4_an_amended_sheet_differs_in_nothing_but_what_was_approved(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    visit, other = finished(), finished()
    closing = closed()
    author = staff_with(Role.RECEPTION)
    for one in (visit, other):
        services.change_visitor(visitor=one.visitor, name="改名", heard_from="广告", staff=author, now=EVENING)
    amendment = propose(visit, consulting, author)
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    done = approve(amendment, services.HEAD, consulting.head)  # type: ignore[arg-type]
    assert done.sheet is not None
    signed, amended = closing.sheet.rows, done.sheet.rows
    assert amended == [row | {"note": "改后"} if row["visit"] == visit.pk else row for row in signed]


def test_r4_a_day_amended_back_to_what_was_signed_says_that_again(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    visit, author = finished(note="原文"), staff_with(Role.RECEPTION)
    closing = closed()
    for note in ("改后", "原文", "改后", "原文"):
        amendment = propose(visit, consulting, author, note=note)
        approve(amendment, services.SUPERVISOR, people[Party.DESK])
        approve(amendment, services.HEAD, consulting.head)  # type: ignore[arg-type]
        assert day_state(branch, YESTERDAY, author).rows[0]["note"] == note
    assert day_state(branch, YESTERDAY, author).rows == closing.sheet.rows


def test_s4_neither_approver_is_the_author_and_they_are_two(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, supervisor = finished(), people[Party.DESK]
    closed()
    consulting.head = staff_with(Role.MANAGER)
    consulting.save()
    own = propose(visit, consulting, supervisor)
    refused("author", lambda: approve(own, services.SUPERVISOR, supervisor))
    approve(own, services.SUPERVISOR, consulting.head)
    refused("same_person", lambda: approve(own, services.HEAD, consulting.head))  # type: ignore[arg-type]
    refused("not_hers", lambda: approve(own, services.HEAD, staff_with(Role.MANAGER)))
    refused("not_hers", lambda: approve(own, services.SUPERVISOR, staff_with(Role.RECEPTION)))
    visit.refresh_from_db()
    assert visit.note == ""


def test_s4_the_database_refuses_an_author_as_approver_and_one_person_twice(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit = finished()
    closed()
    author, other = staff_with(Role.RECEPTION), people[Party.DESK]
    amendment = propose(visit, consulting, author)
    rows = Amendment.objects.filter(pk=amendment.pk)
    approved_by: dict[str, Any] = {"supervisor": other, "supervisor_at": EVENING}
    attempts: tuple[dict[str, Any], ...] = (
        {"supervisor": author, "supervisor_at": EVENING},
        {"head": author, "head_at": EVENING},
        {"head": other, "head_at": EVENING, **approved_by},
        {"head": people[Party.MARKETING], "head_at": EVENING, **approved_by},
        {"applied_at": EVENING},
        {"author": other},
        {"after": {"state": "void"}},
        {"reason": "another"},
    )
    for wrong in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    rows.update(**approved_by)
    attempts = (
        {"supervisor": people[Party.MARKETING]},
        {"supervisor": None, "supervisor_at": None},
        {"head": other, "head_at": EVENING},
    )
    for wrong in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError, match="same transaction"), transaction.atomic():
        rows.update(head=people[Party.MARKETING], head_at=EVENING)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_an_approved_amendment_opens_the_signed_day_for_just_what_it_says(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit, other = finished(), finished()
    VisitProject.objects.create(visit=visit, project=ProjectFactory(), position=0)
    closed()
    amendment = propose(visit, consulting, staff_with(Role.RECEPTION))
    half = Amendment.objects.filter(pk=amendment.pk)
    half.update(supervisor=people[Party.DESK], supervisor_at=EVENING)
    rows = Visit.objects.filter(pk=visit.pk)
    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        rows.update(note="改后")
    with transaction.atomic():
        half.update(head=consulting.head, head_at=EVENING)
        for wrong in ({"note": "别的"}, {"note": "改后", "state": "void"}, {"emergency": True}):
            with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
                rows.update(**wrong)
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            Visit.objects.filter(pk=other.pk).update(note="改后")
        with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
            visit.wishes.all().delete()
        assert rows.update(note="改后") == 1
        transaction.set_rollback(True)


def test_a_refused_amendment_stays_with_its_reason_and_another_may_follow(
    people: dict[Party, Staff], closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    visit = finished()
    closed()
    author, supervisor = staff_with(Role.RECEPTION), people[Party.DESK]
    amendment = propose(visit, consulting, author)
    refused("waiting", lambda: propose(visit, consulting, author, note="又改"))
    refused("reason", lambda: services.refuse_amendment(amendment=amendment, reason=" ", staff=supervisor, now=EVENING))
    refused(
        "not_hers",
        lambda: services.refuse_amendment(
            amendment=amendment, reason="不", staff=staff_with(Role.RECEPTION), now=EVENING
        ),
    )
    services.refuse_amendment(amendment=amendment, reason="纸质单无此备注", staff=supervisor, now=EVENING)
    amendment.refresh_from_db()
    assert (amendment.refused_reason, amendment.waits) == ("纸质单无此备注", False)
    refused("decided", lambda: approve(amendment, services.SUPERVISOR, supervisor))
    assert propose(visit, consulting, author, note="又改").waits


def test_what_is_not_on_a_closed_sheet_is_not_amended(
    branch: Branch, closed: Callable[..., DayClose], consulting: Department, staff_with: MakeStaff
) -> None:
    author = staff_with(Role.RECEPTION)
    visit = finished()
    refused("not_closed", lambda: propose(visit, consulting, author))
    closed()
    refused("nothing", lambda: propose(visit, consulting, author, note=""))
    refused("reason", lambda: propose(visit, consulting, author, reason="  "))
    headless = Department.objects.get(branch=branch, kind=Department.Kind.LASER)
    refused("no_head", lambda: propose(visit, headless, author))


def test_what_is_amended_there_and_back_and_there_again_says_what_was_approved_last(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    visit, author = finished(note="旧"), staff_with(Role.RECEPTION)
    closed()
    for number, note in enumerate(("新", "旧", "新", "旧"), start=2):
        done = decided(propose(visit, consulting, author, note=note), people, consulting)
        assert done.sheet is not None and done.sheet.number == number
        assert [row["note"] for row in day_state(branch, YESTERDAY, author).rows] == [note]


def test_an_amendment_holds_beside_who_came_after_the_closing(
    branch: Branch,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    staff_with: MakeStaff,
) -> None:
    visit, author, desk = finished(note="旧"), staff_with(Role.RECEPTION), people[Party.DESK]
    closed()
    late = finished(note="迟")
    refused("not_closed", lambda: propose(late, consulting, author))
    sign(branch, YESTERDAY, Party.DESK, desk)
    decided(propose(visit, consulting, author, note="新"), people, consulting)
    state = day_state(branch, YESTERDAY, desk)
    assert [row["note"] for row in state.rows] == ["新", "迟"]
    assert not any(party.is_valid for party in state.parties), "what the desk signed was amended since"
    again = closed()
    assert [row["note"] for row in again.sheet.rows] == ["新", "迟"]
    decided(propose(late, consulting, author, note="迟到"), people, consulting)
    assert [row["note"] for row in day_state(branch, YESTERDAY, desk).rows] == ["新", "迟到"]
