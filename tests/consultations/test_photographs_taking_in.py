"""Photographs taken in by what is in them, and as she agreed to it (S7)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from clinic.models import AuditEntry, OutboxEvent, StoredFile
from clinic.problems import Refused
from clinic.roles import Role
from consultations import services
from consultations.models import Photograph, Treatment
from reception import services as reception
from reception.models import Visitor
from reception.services.consents import ensure_consent_texts
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.photograph_scenes import add, by_form, page_of
from tests.factories.consultations import TreatmentFactory
from tests.factories.photographs import a_picture, a_shot

pytestmark = pytest.mark.django_db


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


def test_a_refusal_that_names_no_treatment_holds_for_each(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    by_form(morning, treatment.visitor, "refused")
    client = client_as(morning.doctor)
    of_it: dict[str, Any] = {"treatment": treatment.pk}
    for about in ({}, of_it):
        answer = add(client, treatment.visitor, ("a.jpg", a_picture()), **about)
        assert answer.status_code == 422 and "signed for that" in answer.content.decode(), about
    assert not Photograph.objects.exists()
    by_form(morning, treatment.visitor, "signed", 1, treatment=treatment)
    assert add(client, treatment.visitor, ("a.jpg", a_picture()), treatment=treatment.pk).status_code == 200
