"""Photographs: seen by whom they concern, opened on record, removed with a reason (S7)."""

import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, StoredFile
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Photograph, Treatment
from reception import services as reception
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.photograph_scenes import add, by_form, page_of
from tests.factories.photographs import a_picture, keep_photograph

pytestmark = pytest.mark.django_db


# --- who sees them ---


@pytest.fixture
def photograph(morning: Morning, treatment: Treatment) -> Photograph:
    return keep_photograph(treatment.visitor, staff=morning.doctor, treatment=treatment, now=morning.now)


def addresses(photograph: Photograph) -> list[str]:
    return [
        reverse("consultations:photographs", args=[photograph.visitor_id]),
        reverse("consultations:photographs_panel", args=[photograph.visitor_id]),
        *(reverse(f"consultations:photograph_{name}", args=[photograph.pk]) for name in ("small", "full", "remove")),
    ]


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.CONSULTANT, Role.FILE_ROOM])
def test_others_photographs_are_not_there(photograph: Photograph, client_as: MakeClient, role: Role) -> None:
    client = client_as(role)
    for address in addresses(photograph):
        assert client.get(address).status_code == 404, address
    assert add(client, photograph.visitor, ("a.jpg", a_picture())).status_code == 404
    assert Photograph.objects.count() == 1


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.CUSTOMER_SERVICE, Role.AUDITOR, Role.LABORATORY])
def test_roles_without_them_are_refused(photograph: Photograph, client_as: MakeClient, role: Role) -> None:
    client = client_as(role)
    assert [client.get(address).status_code for address in addresses(photograph)] == [403] * 5


@pytest.mark.parametrize("role", [Role.NURSE, Role.DEPARTMENT_DESK, Role.CONSULTING_SUPERVISOR, Role.MANAGER])
def test_who_works_with_her_sees_them(photograph: Photograph, client_as: MakeClient, role: Role) -> None:
    client = client_as(role)
    assert [client.get(address).status_code for address in addresses(photograph)] == [200] * 5


def test_the_photo_room_sees_who_is_here_today(morning: Morning, client_as: MakeClient) -> None:
    here, gone = morning.register("曾小美"), morning.register("王欣欣")
    morning.arrive(here)
    client = client_as(Role.FILE_ROOM)
    assert add(client, here, ("a.jpg", a_picture())).status_code == 200
    assert add(client, gone, ("a.jpg", a_picture())).status_code == 404


def test_supervisors_look_and_do_not_add(photograph: Photograph, client_as: MakeClient) -> None:
    client = client_as(Role.CONSULTING_SUPERVISOR)
    assert "photographs-form" not in page_of(client, photograph.visitor).content.decode()
    assert add(client, photograph.visitor, ("a.jpg", a_picture())).status_code == 403


def test_a_photograph_is_sealed_and_each_opening_recorded(photograph: Photograph, client_as: MakeClient) -> None:
    client = client_as(photograph.taken_by)
    full = reverse("consultations:photograph_full", args=[photograph.pk])
    for address in (full, reverse("consultations:photograph_small", args=[photograph.pk])):
        answer = client.get(address)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Disposition"].startswith("inline; ")
        assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
    saved = client.get(full, {"save": ""})
    assert saved.headers["Content-Disposition"].startswith("attachment; ")
    looks = AuditEntry.objects.filter(action="reception.view_visitor", detail__screen="photograph")
    assert [(one.object_id, one.detail["photograph"]) for one in looks] == [
        (str(photograph.visitor_id), photograph.pk)
    ] * 2


def test_a_merged_visitors_photographs_go_with_her(
    morning: Morning, photograph: Photograph, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    survivor, old = morning.register("曾小美"), photograph.visitor
    seen = {one.pk: latest_history_id(one) for one in (survivor, old)}
    by_form(morning, old, "refused")
    reception.merge_visitors(
        survivor=survivor, other=old, keep={}, seen=seen, staff=staff_with(Role.DESK_SUPERVISOR), now=morning.now
    )
    client = client_as(Role.MANAGER)
    assert f"shot-{photograph.pk}" in page_of(client, survivor).content.decode()
    assert page_of(client, old).status_code == 404
    with pytest.raises(Refused, match="photographs_refused"):
        keep_photograph(survivor, staff=morning.doctor, now=morning.now)


def test_a_record_merged_meanwhile_takes_no_photograph(
    morning: Morning, treatment: Treatment, staff_with: MakeStaff
) -> None:
    survivor, old = morning.register("曾小美"), treatment.visitor
    seen = {one.pk: latest_history_id(one) for one in (survivor, old)}
    reception.merge_visitors(
        survivor=survivor, other=old, keep={}, seen=seen, staff=staff_with(Role.DESK_SUPERVISOR), now=morning.now
    )
    with pytest.raises(Stale, match="merged"):
        keep_photograph(old, staff=morning.doctor, now=morning.now)


# --- how they are shown ---


def test_by_day_and_side_by_side(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(morning.doctor)
    assert "No photograph yet" in page_of(client, treatment.visitor).content.decode()
    assert "Nothing to compare yet" in page_of(client, treatment.visitor, show="pairs").content.decode()
    today = morning.board.day
    for stage, view, back in (
        ("before", "front", 30),
        ("after", "front", 0),
        ("during", "left", 29),
        ("before", "left", 30),
    ):
        keep_photograph(
            treatment.visitor,
            staff=morning.doctor,
            treatment=treatment,
            stage=stage,
            view=view,
            taken_on=today - timedelta(days=back),
            now=morning.now,
        )
    keep_photograph(treatment.visitor, staff=morning.doctor, now=morning.now)
    days = page_of(client, treatment.visitor).context["days"]
    assert [(day.taken_on, [(str(one.stage), len(one.photographs)) for one in day.stages]) for day in days] == [
        (today, [("Before", 1), ("After", 1)]),
        (today - timedelta(days=29), [("During", 1)]),
        (today - timedelta(days=30), [("Before", 2)]),
    ]
    pairs = page_of(client, treatment.visitor, show="pairs")
    assert [course.key for course in pairs.context["courses"]] == [treatment.pk, 0]
    assert [(one.view, len(one.before), len(one.during), len(one.after)) for one in pairs.context["views"]] == [
        ("Front", 1, 0, 1),
        ("Left side", 1, 1, 0),
    ]
    others = page_of(client, treatment.visitor, show="pairs", treatment="0")
    assert [(one.view, len(one.before)) for one in others.context["views"]] == [("Front", 1)]
    assert page_of(client, treatment.visitor, show="pairs", treatment="x").status_code == 200


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(("show", "queries"), [("", 10), ("pairs", 11)])
def test_the_page_costs_the_same_for_one_and_for_fifty(
    morning: Morning,
    treatment: Treatment,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    show: str,
    queries: int,
) -> None:
    for number in range(rows):
        keep_photograph(
            treatment.visitor,
            staff=morning.doctor,
            treatment=treatment,
            taken_on=morning.board.day - timedelta(days=number),
            now=morning.now,
        )
    client = client_as(morning.doctor)
    page_of(client, treatment.visitor, show=show)
    with django_assert_num_queries(queries) as sent_queries:
        page = page_of(client, treatment.visitor, show=show)
    assert page.content.decode().count("data-shot ") == rows
    # No picture travels with a list of them.
    assert not [one for one in sent_queries.captured_queries if '"clinic_storedfile"."content"' in one["sql"]]
    assert not [one for one in sent_queries.captured_queries if "thumbnail" in one["sql"]]


def test_a_photograph_costs_few_queries(
    photograph: Photograph, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_as(photograph.taken_by)
    address = reverse("consultations:photograph_small", args=[photograph.pk])
    client.get(address)
    with django_assert_num_queries(4):
        client.get(address)


# --- removing ---


def test_her_own_of_today_is_removed_with_a_reason(
    morning: Morning, photograph: Photograph, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    address = reverse("consultations:photograph_remove", args=[photograph.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "拍错人"}).status_code == 302
    photograph.refresh_from_db()
    file = StoredFile.objects.get(pk=photograph.file_id)
    assert (photograph.removed_by, photograph.removed_because) == (morning.doctor, "拍错人")
    assert (bytes(file.content), bytes(file.thumbnail)) == (b"", b"")
    assert client.get(reverse("consultations:photograph_small", args=[photograph.pk])).status_code == 404
    assert client.get(reverse("consultations:photograph_full", args=[photograph.pk])).status_code == 422
    page = page_of(client, photograph.visitor).content.decode()
    assert "拍错人" in page and "data-shot " not in page
    chinese = client.get(
        reverse("consultations:photographs", args=[photograph.visitor_id]), headers={"Accept-Language": "zh-hans"}
    )
    assert "已移除 · " in chinese.content.decode()
    assert client.post(address, {"reason": "again"}).status_code == 409
    assert "拍错人" in client.get(address).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        Photograph.objects.filter(pk=photograph.pk).update(removed_because="")


def test_what_was_removed_may_be_sent_again(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    client, raw = client_as(morning.doctor), a_picture()
    add(client, treatment.visitor, ("a.jpg", raw))
    services.remove_photograph(
        photograph=Photograph.objects.get(), reason="wrong stage", staff=morning.doctor, now=morning.now
    )
    assert add(client, treatment.visitor, ("a.jpg", raw), stage="after").status_code == 200


@pytest.mark.parametrize(
    ("role", "days", "may"),
    [
        (Role.DOCTOR, 0, False),
        (Role.NURSE, 0, False),
        (Role.CONSULTING_SUPERVISOR, 0, True),
        (Role.MANAGER, 400, True),
        (None, 0, True),
        (None, 1, False),
    ],
)
def test_who_may_remove_one(
    morning: Morning, photograph: Photograph, staff_with: MakeStaff, role: Role | None, days: int, may: bool
) -> None:
    staff = morning.doctor if role is None else staff_with(role)
    when = morning.now + timedelta(days=days)
    if may:
        services.remove_photograph(photograph=photograph, reason="x", staff=staff, now=when)
        return
    with pytest.raises(Refused, match="not_hers"):
        services.remove_photograph(photograph=photograph, reason="x", staff=staff, now=when)
