"""R14: a file from the upload to the last step: matched, sent twice, stopped, thrown away; and its pages."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.problems import Stale
from clinic.roles import Role
from clinic.services import jobs
from reception.models import (
    ImportBatch,
    ImportMistake,
    ImportPiece,
    Visitor,
)
from reception.services.imports import discard_import, discard_outdated, match_import, run_import, undo_import
from reception.tasks import run_import_task
from tests.conftest import MakeClient, MakeStaff
from tests.factories.imports import (
    HEADER,
    USUAL,
    as_csv,
    checked,
    checked_again,
    imported,
    rows,
    undone,
    upload,
)
from tests.reception.imports.scenes import State


def test_the_matching_is_guessed_remembered_and_said_otherwise(
    manager: Staff, client_as: MakeClient, now: datetime
) -> None:
    client = client_as(manager)
    first = upload(as_csv(rows(1)), manager, now)
    form = client.get(reverse("reception:import", args=[first.pk])).context["form"]
    assert tuple(form[f"column_{place}"].value() for place in range(len(HEADER))) == USUAL
    fields = ["", *USUAL[1:5], "", *USUAL[6:]]
    said = {f"column_{place}": field for place, field in enumerate(fields)}
    said |= {"identify_by": "phone_name", "on_duplicate": "fill"}
    assert client.post(reverse("reception:import", args=[first.pk]), said).status_code == 302
    # The columns in another order are the same columns.
    again = upload(as_csv([row[::-1] for row in rows(1)], header=HEADER[::-1]), manager, now)
    form = client.get(reverse("reception:import", args=[again.pk])).context["form"]
    assert [form[f"column_{place}"].value() for place in range(len(HEADER))] == fields[::-1]


def test_a_wrong_matching_comes_back_as_it_was_sent(manager: Staff, client_as: MakeClient, now: datetime) -> None:
    batch = upload(as_csv(rows(1)), manager, now)
    said = {"column_0": "phone", "column_2": "phone", "identify_by": "phone_name", "on_duplicate": "skip"}
    answer = client_as(manager).post(reverse("reception:import", args=[batch.pk]), said)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"column_2", "__all__"}
    assert answer.context["form"]["column_0"].value() == "phone"


def test_a_file_sent_twice_is_one_upload(client_as: MakeClient, branch: Branch) -> None:
    client = client_as(Role.MANAGER)
    said = {"request_key": "7b0e1f0a-0000-4000-8000-000000000001"}
    addresses = {
        client.post(reverse("reception:imports"), said | {"file": SimpleUploadedFile("a.csv", as_csv(rows(1)))}).url  # type: ignore[attr-defined]
        for _ in range(2)
    }
    assert len(addresses) == 1
    assert ImportBatch.objects.count() == 1


def test_another_file_under_a_used_key_is_told_and_can_be_sent_then(client_as: MakeClient, branch: Branch) -> None:
    client, address = client_as(Role.MANAGER), reverse("reception:imports")

    def send(name: str, count: int, key: str) -> HttpResponse:
        said = {"request_key": key, "file": SimpleUploadedFile(name, as_csv(rows(count)))}
        return client.post(address, said)  # type: ignore[return-value]

    key = "7b0e1f0a-0000-4000-8000-000000000001"
    assert send("a.csv", 1, key).status_code == 302
    for name, count in (("a.csv", 2), ("b.csv", 1)):
        answer = send(name, count, key)
        assert answer.status_code == 409
        assert "already uploaded “a.csv”" in answer.content.decode()
    assert ImportBatch.objects.get().file_name == "a.csv"
    assert send("b.csv", 1, str(answer.context["form"]["request_key"].value())).status_code == 302  # type: ignore[attr-defined]
    assert ImportBatch.objects.count() == 2


def test_what_is_done_cannot_be_done_again(manager: Staff, now: datetime) -> None:
    batch = imported(checked(as_csv(rows(1)), manager, now), manager, now)
    with pytest.raises(Stale) as stale:
        run_import(batch=batch, staff=manager, now=now)
    assert stale.value.code == "import_state"
    with pytest.raises(Stale):
        discard_import(batch=batch, staff=manager, now=now)
    with pytest.raises(Stale):
        match_import(batch=batch, fields=USUAL, identify_by="file_number", on_duplicate="skip", staff=manager, now=now)
    undone(batch, manager, now)
    with pytest.raises(Stale):
        undo_import(batch=batch, staff=manager, now=now)


def test_a_job_told_to_stop_leaves_the_file_checked_and_nothing_written(manager: Staff, now: datetime) -> None:
    batch = checked(as_csv(rows(2)), manager, now)
    run_import(batch=batch, staff=manager, now=now)
    assert batch.job is not None
    jobs.cancel(job=batch.job, staff=manager, now=now)
    run_import_task(job_id=str(batch.job_id))
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (State.CHECKED, "stopped")
    assert not Visitor.objects.exists()
    imported(batch, manager, now)
    assert Visitor.objects.count() == 2


def test_a_task_delivered_twice_imports_once(manager: Staff, now: datetime) -> None:
    batch = imported(checked(as_csv(rows(2)), manager, now), manager, now)
    run_import_task(job_id=str(batch.job_id))
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (State.DONE, "")
    assert Visitor.objects.count() == 2


def test_files_nobody_takes_in_are_thrown_away_after_a_week(manager: Staff, now: datetime) -> None:
    old = upload(as_csv(rows(1)), manager, now)
    ImportBatch.objects.filter(pk=old.pk).update(uploaded_at=now.replace(day=now.day - 8))
    fresh = upload(as_csv(rows(2)), manager, now)
    assert discard_outdated(now=now) == 1
    old.refresh_from_db()
    assert old.state == State.DISCARDED
    assert set(ImportPiece.objects.values_list("batch", flat=True)) == {fresh.pk}


def test_checked_once_more_the_earlier_mistakes_are_gone(manager: Staff, now: datetime) -> None:
    made = rows(2)
    made[0][3] = "甲"
    batch = checked(as_csv(made), manager, now)
    assert ImportMistake.objects.filter(batch=batch).count() == 1
    fields = [field if field != "gender" else "" for field in USUAL]
    checked_again(batch, manager, now, fields=fields, identify_by="file_number", on_duplicate="skip")
    assert (batch.mistakes_found, batch.new) == (0, 2)


@pytest.mark.parametrize("number", [1, 50])
def test_the_pages_ask_as_much_for_fifty_rows_as_for_one(
    number: int,
    manager: Staff,
    client_as: MakeClient,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made = rows(number)
    right = checked(as_csv(made), manager, now)
    for row in made:
        row[3] = "甲"
    wrong = checked(as_csv(made), manager, now)
    client = client_as(manager)
    client.get(reverse("reception:imports"))
    with django_assert_num_queries(6):
        client.get(reverse("reception:import", args=[right.pk]))
    with django_assert_num_queries(7):
        client.get(reverse("reception:import", args=[wrong.pk]))
    with django_assert_num_queries(4):
        client.get(reverse("reception:imports"))


def test_another_branch_does_not_see_an_import(
    manager: Staff, client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    batch = upload(as_csv(rows(1)), manager, now)
    client = client_as(staff_with(Role.MANAGER, branch=other_branch))
    assert client.get(reverse("reception:import", args=[batch.pk])).status_code == 404
    assert client.post(reverse("reception:import_run", args=[batch.pk])).status_code == 404
