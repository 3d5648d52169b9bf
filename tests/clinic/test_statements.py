"""Prepared statements, and rows written in one trip, beside the models' own queries."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.backends import StaffBackend
from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.services import outbox
from clinic.services.together import change, held_back, together, write
from clinic.statements import Statement, columns, insertion, instance, run
from tests.conftest import MakeStaff

ODD = ["曾", "O'Brien <b>", "100 % of %s %(it)s", "\U0001f60a", "\u202eabc", "\\x27; drop table clinic_staff; --"]


def entry(branch: Branch, **more: Any) -> AuditEntry:
    return AuditEntry(at=timezone.now(), branch=branch, action="clinic.sign_in", **more)


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%one_of_ours%'")
        (count,) = cursor.fetchone()
    return int(count)


@pytest.mark.parametrize("word", ODD)
def test_a_row_is_written_and_read_as_the_models_do_it(branch: Branch, word: str) -> None:
    detail = {"word": word, "none": None, "number": 1.5, "list": [1, {"a": [True]}]}
    row = entry(branch, detail=detail, address="2001:db8::1", object_id=word[:40])
    (done,) = run(insertion(row))
    (pk,) = done.fetchone() or (0,)
    stored = AuditEntry.objects.get(pk=pk)
    (found,) = run(Statement(f"select {columns(AuditEntry, 'one')} from clinic_auditentry one where id = %s", [pk]))
    read = instance(AuditEntry, found.fetchone() or ())
    for field in AuditEntry._meta.concrete_fields:
        values = [getattr(one, field.attname) for one in (stored, read)]
        assert values[0] == values[1], field.name
        assert field.primary_key or values[0] == getattr(row, field.attname), field.name


def test_a_statement_is_prepared_once(branch: Branch) -> None:
    before = prepared()
    for number in range(7):
        (found,) = run(Statement("select %(n)s::int as one_of_ours", {"n": number}))
        assert found.fetchone() == (number,)
    assert prepared() == before + 1


def test_what_the_database_refuses_is_raised_as_django_raises_it(branch: Branch) -> None:
    good, bad = insertion(entry(branch)), insertion(AuditEntry(at=timezone.now(), branch_id=None, staff_id=-1))
    count = AuditEntry.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        run(good, bad, good)
        run(Statement("set constraints all immediate"))
    assert AuditEntry.objects.count() == count
    run(good)
    assert AuditEntry.objects.count() == count + 1


def test_several_are_one_trip_and_are_counted(branch: Branch) -> None:
    with CaptureQueriesContext(connection) as queries:
        run(Statement("select 1"), Statement("select 2"))
    assert [one["sql"] for one in queries.captured_queries] == ["select 1;\nselect 2"]


def test_rows_written_together_have_their_keys_afterwards_and_are_there_in_order(branch: Branch) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        with together():
            first, second = write(entry(branch)), write(entry(branch))
            assert first.pk is None and held_back(AuditEntry) == [first, second]
        assert len(queries) == 1
    assert first.pk < second.pk
    assert not first._state.adding
    assert AuditEntry.objects.filter(pk__in=[first.pk, second.pk]).count() == 2


def test_an_error_inside_sends_nothing(branch: Branch) -> None:
    count = AuditEntry.objects.count()
    with pytest.raises(ValueError, match="before"), transaction.atomic(), together():
        write(entry(branch))
        raise ValueError("before it was sent")
    assert AuditEntry.objects.count() == count
    assert held_back(AuditEntry) == []


def test_changes_are_written_as_they_were_when_told(branch: Branch) -> None:
    row = OutboxEvent.objects.create(topics=["register-1"])
    with transaction.atomic(), together():
        row.topics = ["register-2"]
        change(row, "topics")
        row.topics = ["register-3"]
    row.refresh_from_db()
    assert row.topics == ["register-2"]


def test_topics_announced_together_are_one_event(branch: Branch) -> None:
    with transaction.atomic(), together():
        outbox.announce(topics=["register-1", "board-2"])
        outbox.announce(topics=["board-2", "queue-3"])
        outbox.announce(topics=["queue-4"], event="treatment_done", payload={"pk": 1})
        outbox.announce(topics=["queue-5"])
    found = [(one.topics, one.event) for one in OutboxEvent.objects.order_by("pk")]
    assert found == [(["board-2", "queue-3", "queue-5", "register-1"], ""), (["queue-4"], "treatment_done")]


def test_who_asks_is_read_as_the_models_read_her(staff_with: MakeStaff) -> None:
    somebody = staff_with()
    found = StaffBackend().get_user(somebody.pk)
    assert found is not None
    stored = Staff.objects.select_related("branch").get(pk=somebody.pk)
    for field in Staff._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(stored, field.attname), field.name
    assert found.branch == stored.branch and found.roles == frozenset(somebody.roles)
    assert StaffBackend().get_user(-1) is None
    assert StaffBackend().get_user(10**30) is None


@pytest.mark.django_db(transaction=True)
def test_what_was_prepared_for_other_tables_is_prepared_anew(staff_with: MakeStaff) -> None:
    somebody = staff_with()
    for _ in range(3):
        assert StaffBackend().get_user(somebody.pk) == somebody
    try:
        with connection.cursor() as cursor:
            cursor.execute("alter table clinic_branch alter column phone type varchar(77)")
        assert StaffBackend().get_user(somebody.pk) == somebody
        run(Statement("deallocate all"))
        assert StaffBackend().get_user(somebody.pk) == somebody
    finally:
        with connection.cursor() as cursor:
            cursor.execute("alter table clinic_branch alter column phone type varchar(30)")
