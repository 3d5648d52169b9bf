"""Photographs: taken in by what is in them, seen by whom they concern, opened on record, removed with a reason (S7)."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, OutboxEvent, StoredFile
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Photograph, SignedForm, Treatment
from reception import services as reception
from reception.models import Visitor
from reception.selectors.visitors import latest_history_id
from reception.services.consents import ensure_consent_texts
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import TreatmentFactory
from tests.factories.photographs import a_picture, a_shot, keep_photograph

pytestmark = pytest.mark.django_db


@pytest.fixture
def treatment(morning: Morning) -> Treatment:
    made: Treatment = TreatmentFactory.create(
        doctor=morning.doctor, project=morning.nose, visitor=morning.register("曾小美")
    )
    return made


def sent(*files: tuple[str, bytes], **more: Any) -> dict[str, Any]:
    """Return what a browser sends: files by name, a stage, a view and a day."""
    uploads = [SimpleUploadedFile(name, raw, "image/jpeg") for name, raw in files]
    return {"pictures": uploads, "stage": "before", "view": "front", "taken_on": "2026-03-11"} | more


def add(client: Client, visitor: Visitor, *files: tuple[str, bytes], one_by_one: bool = True, **more: Any) -> Any:
    headers = {"HX-Request": "true"} if one_by_one else {}
    address = reverse("consultations:photograph_add", args=[visitor.pk])
    return client.post(address, sent(*files, **more), headers=headers)


def page_of(client: Client, visitor: Visitor, **query: str) -> Any:
    return client.get(reverse("consultations:photographs", args=[visitor.pk]), query)


# --- taking in ---


def test_a_nurse_takes_pictures_in(
    morning: Morning, treatment: Treatment, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    nurse = staff_with(Role.NURSE)
    client, raw = client_as(nurse), a_picture(size=(900, 600))
    answer = add(client, treatment.visitor, ("IMG_1.jpg", raw), treatment=treatment.pk, stage="after", view="left")
    assert answer.status_code == 200 and "Taken in" in answer.content.decode()
    kept = Photograph.objects.select_related("file").get()
    assert (kept.visitor, kept.treatment, kept.stage, kept.view) == (treatment.visitor, treatment, "after", "left")
    assert (kept.taken_by, kept.branch, kept.file.width, kept.file.height) == (nurse, morning.branch, 900, 600)
    assert bytes(kept.file.content) != raw
    assert AuditEntry.objects.get(action="consultations.keep_photographs").detail == {"photographs": 1}
    assert [f"photographs-{treatment.visitor_id}"] in list(OutboxEvent.objects.values_list("topics", flat=True))
    page = page_of(client, treatment.visitor).content.decode()
    assert reverse("consultations:photograph_small", args=[kept.pk]) in page


def test_a_series_shows_one_view_after_the_other(treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(treatment.doctor)
    files = [(f"{number}.jpg", a_picture()) for number in range(6)]
    add(client, treatment.visitor, *files, view="series", one_by_one=False)
    add(client, treatment.visitor, ("last.jpg", a_picture()), view="series", first="2")
    views = list(Photograph.objects.order_by("pk").values_list("view", flat=True))
    assert views == ["front", "left", "right", "oblique", "detail", "detail", "right"]


def test_the_good_ones_of_a_batch_are_kept_and_the_others_told(treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(treatment.doctor)
    batch = [
        ("good.jpg", a_picture()),
        ("half.jpg", a_picture(size=(400, 300))[:-900]),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>"),
        ("empty.jpg", b""),
        ("<b>nose.jpg", a_picture()),
        ("good.png", a_picture("PNG")),
    ]
    answer = add(client, treatment.visitor, *batch, one_by_one=False)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert Photograph.objects.count() == 2
    assert text.count("Not taken in") == 4 and text.count("Taken in</span>") == 2
    assert "damaged" in text and "something else" in text and "empty" in text and "hide what it is" in text
    assert "&lt;b&gt;nose.jpg" in text and "<b>nose" not in text
    assert "<script>alert" not in text


def test_a_name_that_turns_what_is_read_around_is_told_without_it(morning: Morning, treatment: Treatment) -> None:
    (outcome,) = services.keep_photographs(
        visitor=treatment.visitor,
        shots=[a_shot(name="nose\u202egpj.exe")],
        stage="before",
        taken_on=morning.board.day,
        staff=morning.doctor,
        now=morning.now,
    )
    assert outcome.photograph is None and "hide what it is" in outcome.sentence
    assert outcome.shown_name == "nosegpj.exe"


def test_a_batch_of_nothing_good_is_refused_whole(treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(treatment.doctor)
    answer = add(client, treatment.visitor, ("<b>a</b>.svg", b"<svg/>"))
    assert answer.status_code == 422
    assert "<b>a</b>" not in answer.content.decode()
    assert not Photograph.objects.exists() and not StoredFile.objects.exists()


def test_the_same_picture_sent_twice_is_kept_once(treatment: Treatment, client_as: MakeClient) -> None:
    client, raw = client_as(treatment.doctor), a_picture()
    add(client, treatment.visitor, ("a.jpg", raw))
    again = add(client, treatment.visitor, ("b.jpg", raw), stage="after")
    assert again.status_code == 422
    assert "on file already: Before, Front, 2026-03-11" in again.content.decode()
    both = add(client, treatment.visitor, ("c.jpg", new := a_picture()), ("d.jpg", new), one_by_one=False)
    assert "on file already" in both.content.decode()
    assert Photograph.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"stage": "never"}, "Select a valid choice"),
        ({"view": "inside"}, "Select a valid choice"),
        ({"taken_on": "2026-03-12"}, "in the future"),
        ({"taken_on": "2026-02-30"}, "Enter a valid date"),
        ({"treatment": "999999999"}, "Select a valid choice"),
        ({"first": "-1"}, "greater than or equal to 0"),
    ],
)
@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_form_that_says_something_odd_is_explained(
    treatment: Treatment, client_as: MakeClient, wrong: dict[str, str], told: str, one_by_one: bool
) -> None:
    client = client_as(treatment.doctor)
    answer = add(client, treatment.visitor, ("a.jpg", a_picture()), one_by_one=one_by_one, **wrong)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Photograph.objects.exists()


def test_a_form_without_files_is_explained(treatment: Treatment, client_as: MakeClient) -> None:
    answer = add(client_as(treatment.doctor), treatment.visitor, one_by_one=False)
    assert answer.status_code == 422 and "Choose one picture at least." in answer.content.decode()


def test_too_many_at_once(morning: Morning, treatment: Treatment) -> None:
    with pytest.raises(Refused, match="too_many"):
        services.keep_photographs(
            visitor=treatment.visitor,
            shots=[a_shot(b"x")] * 41,
            stage="before",
            taken_on=morning.board.day,
            staff=morning.doctor,
            now=morning.now,
        )


def test_a_treatment_of_somebody_else_is_none_of_hers(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    other = TreatmentFactory.create(doctor=morning.doctor)
    answer = add(client_as(morning.doctor), treatment.visitor, ("a.jpg", a_picture()), treatment=other.pk)
    assert answer.status_code == 422 and not Photograph.objects.exists()


# --- her consent ---


def at_desk(morning: Morning, visitor: Visitor, answer: str, minutes: int = 0) -> None:
    ensure_consent_texts(now=morning.now)
    reception.record_consents(
        visitor=visitor,
        answers={"photographs": answer},
        staff=morning.clerk,
        now=morning.now + timedelta(minutes=minutes),
    )


def by_form(morning: Morning, visitor: Visitor, answer: str, minutes: int = 0, **about: Any) -> None:
    services.note_signed_form(
        visitor=visitor,
        kind="photographs",
        answer=answer,
        staff=morning.doctor,
        now=morning.now + timedelta(minutes=minutes),
        **about,
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ([], ""),
        ([("desk", "given")], ""),
        ([("desk", "refused")], "at the desk"),
        ([("desk", "given"), ("desk", "withdrawn")], "withdrawn"),
        ([("form", "refused")], "signed for that"),
        ([("desk", "refused"), ("form", "signed")], ""),
        ([("form", "signed"), ("desk", "refused")], "at the desk"),
        ([("form", "refused"), ("desk", "given")], ""),
        ([("form", "refused"), ("form", "signed")], ""),
    ],
)
def test_her_last_word_decides(
    morning: Morning, treatment: Treatment, client_as: MakeClient, said: list[tuple[str, str]], sentence: str
) -> None:
    for minutes, (where, answer) in enumerate(said):
        (at_desk if where == "desk" else by_form)(morning, treatment.visitor, answer, minutes)
    client = client_as(morning.doctor)
    answer = add(client, treatment.visitor, ("a.jpg", a_picture()))
    page = page_of(client, treatment.visitor).content.decode()
    if sentence:
        assert answer.status_code == 422 and sentence in answer.content.decode()
        assert sentence in page and "photographs-form" not in page
        assert not StoredFile.objects.exists()
    else:
        assert answer.status_code == 200
        assert "photographs-form" in page
        assert ("Nobody has asked her yet" in page) is not bool(said)


def test_a_refusal_for_one_treatment_holds_for_that_one(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    other = TreatmentFactory.create(doctor=morning.doctor, project=morning.eyes, visitor=treatment.visitor)
    by_form(morning, treatment.visitor, "refused", treatment=treatment)
    by_form(morning, treatment.visitor, "signed", 1, treatment=other)
    client = client_as(morning.doctor)
    files = ("a.jpg", a_picture())
    assert add(client, treatment.visitor, files, treatment=treatment.pk).status_code == 422
    assert add(client, treatment.visitor, files, treatment=other.pk).status_code == 200


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


def test_a_form_names_who_refused_photographs(morning: Morning, treatment: Treatment) -> None:
    by_form(morning, treatment.visitor, "refused")
    form = SignedForm.objects.get()
    assert (form.treatment, form.consultation, form.project) == (None, None, None)
