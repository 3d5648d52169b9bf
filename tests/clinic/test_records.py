"""What is written down: the audit log, the outbox, jobs, the schedule."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_celery_beat.models import PeriodicTask

from clinic import tasks
from clinic.live import bus
from clinic.models import AuditEntry, Branch, Job, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import audit, jobs, outbox
from tests.clinic.live_servers import Valkey
from tests.factories.clinic import AuditEntryFactory, JobFactory


@pytest.fixture
def valkey(tmp_path: Path, settings: Any) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    settings.REDIS_URL = server.url
    bus._client.cache_clear()
    server.start()
    yield server
    server.stop()
    bus._client.cache_clear()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clinic_auditentry SET action = 'forged'",
        "DELETE FROM clinic_auditentry",
        "TRUNCATE clinic_auditentry",
        "UPDATE clinic_staffevent SET display_name = 'forged'",
        "DELETE FROM clinic_staffevent",
    ],
)
def test_s2_the_audit_log_and_the_history_of_staff_cannot_be_changed(statement: str, staff_with: Any) -> None:
    person = staff_with(Role.MANAGER)
    audit.record(action="clinic.test", now=timezone.now(), staff=person)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get().action == "clinic.test"


def test_s5_the_audit_log_is_kept_however_old_it_is(valkey: Valkey, staff_with: Any) -> None:
    years_ago = timezone.now() - timedelta(days=20 * 365)
    audit.record(action="reception.view_visitor", now=years_ago, staff=staff_with(Role.RECEPTION))
    for plan in tasks.SCHEDULE.values():
        import_string(plan["task"])()
    assert AuditEntry.objects.filter(at=years_ago).count() == 1


def test_s2_an_ordinary_role_cannot_take_the_triggers_away(staff_with: Any) -> None:
    audit.record(action="clinic.test", now=timezone.now(), staff=staff_with(Role.MANAGER))
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ordinary_tester NOLOGIN")
        cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ordinary_tester")
        for statement in (
            "ALTER TABLE clinic_auditentry DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "UPDATE clinic_auditentry SET action = 'forged'",
            "DELETE FROM clinic_auditentry",
            "TRUNCATE clinic_auditentry",
            "DROP TABLE clinic_auditentry",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute("SET LOCAL ROLE ordinary_tester")
                cursor.execute(statement)
    assert AuditEntry.objects.get().action == "clinic.test"


def test_the_audit_log_shows_a_branchs_own_entries_newest_first_page_by_page(
    client_as: Any, branch: Branch, other_branch: Branch, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    for number in range(60):
        AuditEntryFactory(branch=branch, at=now, action=f"clinic.step_{number:02d}")
    AuditEntryFactory(branch=other_branch, at=now, action="clinic.elsewhere")
    client = client_as(Role.AUDITOR)
    with django_assert_num_queries(3):  # session, person, entries
        page = client.get("/audit/", {"action": "clinic.step"})
    shown = page.content.decode()
    assert "step_59" in shown and "step_10" in shown and "step_09" not in shown
    assert client.get("/audit/", headers={"HX-Request": "true"}).status_code == 200
    older = client.get("/audit/", {"action": "clinic.step", "before": page.context["log"].older}).content.decode()
    assert "step_09" in older and "step_10" not in older
    assert "elsewhere" not in client.get("/audit/", {"action": "clinic.else"}).content.decode().split("<tbody>")[-1]


def test_the_audit_log_says_what_was_done_in_the_readers_language(client_as: Any, staff_with: Any, now: Any) -> None:
    clerk = staff_with(Role.RECEPTION)
    for action in ("reception.register_arrival", "triage.open_board", "clinic.of_an_older_version"):
        audit.record(action=action, now=now, staff=clerk, target=clerk)
    client = client_as(Role.AUDITOR)
    for language, words in (
        ("en", ("Registered an arrival", "Opened the day on a board", "staff member")),
        ("zh-hans", ("登记到院", "轮排表开台", "员工")),
    ):
        page = client.get("/audit/", headers={"Accept-Language": language}).content.decode()
        for word in words:
            assert word in page.split("<tbody>")[1]
        assert "clinic.of_an_older_version</a>" in page
        assert f'<option value="reception.register_arrival">{words[0]}</option>' in page
    found = client.get("/audit/", {"action": "triage."}).content.decode()
    assert '<option value="triage." selected>' in found and "Registered an arrival" not in found.split("<tbody>")[1]


def test_the_audit_log_finds_by_person_object_and_the_branchs_day(client_as: Any, staff_with: Any, now: Any) -> None:
    clerk = staff_with(Role.RECEPTION, display_name="王小美", login_name="wang")
    audit.record(action="reception.one", now=now, staff=clerk, target=clerk)
    audit.record(action="reception.two", now=now - timedelta(hours=10, minutes=31), staff=clerk)
    client = client_as(Role.MANAGER)

    def found(**query: str) -> list[str]:
        return [entry.action for entry in client.get("/audit/", query).context["log"].entries]

    assert found(who="小美") == found(who="wang") == ["reception.two", "reception.one"]
    assert found(object=f"staff:{clerk.pk}") == ["reception.one"]
    assert found(day="2026-03-11", action="reception") == ["reception.one"]
    assert found(day="2026-03-10", action="reception") == ["reception.two"]
    assert client.get("/audit/", {"day": "x", "before": "x' or 1=1"}).status_code == 200


def test_an_event_is_published_when_the_transaction_commits_and_not_before(
    db: None, valkey: Valkey, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        outbox.announce(topics=["board-2", "board-1", "board-1"])
        assert valkey.client().xlen(bus.STREAM) == 0
    assert valkey.told() == ['["board-1", "board-2"]']
    assert OutboxEvent.objects.get().published_at is not None


def test_r4_an_event_made_while_valkey_is_away_is_published_when_it_is_back(
    db: None, valkey: Valkey, django_capture_on_commit_callbacks: Any
) -> None:
    valkey.stop()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        outbox.announce(topics=["board-1"])
    assert OutboxEvent.objects.get().published_at is None
    assert tasks.publish_outbox() == 0
    valkey.start()
    assert tasks.publish_outbox() == 1
    assert tasks.publish_outbox() == 0
    assert valkey.client().xlen(bus.STREAM) == 1


@pytest.mark.django_db(transaction=True)
def test_r9_what_was_committed_and_never_published_is_published_once_by_many_sweepers(valkey: Valkey) -> None:
    # What a process killed between commit and publish leaves behind: the row, and nothing in the stream.
    OutboxEvent.objects.bulk_create(OutboxEvent(topics=[f"board-{number}"]) for number in range(100))

    def sweep(_number: int) -> int:
        try:
            return tasks.publish_outbox()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        published = list(pool.map(sweep, range(4)))
    told = valkey.told()
    assert sum(published) == 100 == len(set(told)) == len(told)
    assert not OutboxEvent.objects.filter(published_at=None).exists()


def test_old_events_are_purged_and_waiting_ones_kept(db: None, settings: Any) -> None:
    now = timezone.now()
    old = now - timedelta(days=settings.OUTBOX_DAYS, minutes=1)
    OutboxEvent.objects.create(topics=["a"], published_at=old)
    OutboxEvent.objects.create(topics=["b"], published_at=now)
    OutboxEvent.objects.create(topics=["c"])
    assert tasks.purge() == 1
    assert sorted(OutboxEvent.objects.values_list("topics", flat=True)) == [["b"], ["c"]]


def started(staff: Staff) -> Job:
    return jobs.start(kind="clinic.count", staff=staff, now=timezone.now(), total=4)


def test_a_job_is_not_forgotten_while_redis_is_away(staff_with: Any) -> None:
    job = started(staff_with(Role.MANAGER))
    event = OutboxEvent.objects.get(event="clinic.count")
    assert (event.payload, event.published_at) == ({"job_id": str(job.pk)}, None)


def test_a_job_tells_how_far_it_is_and_where_its_result_stands(client_as: Any) -> None:
    client = client_as(Role.MANAGER)
    job = jobs.begin(job_id=started(client.staff).pk, now=timezone.now())
    jobs.advance(job=job, done=3)
    address = f"/jobs/{job.pk}/"
    assert "3 / 4" in client.get(f"{address}panel/").content.decode()
    assert f"live-job-{job.pk} from:body" in client.get(address).content.decode()
    jobs.finish(job=job, now=timezone.now(), result_url="/staff/")
    page = client.get(address).content.decode()
    assert "4 / 4" in page and 'href="/staff/"' in page
    assert f"job-{job.pk}" in OutboxEvent.objects.latest("id").topics
    assert str(job.pk) in client.get("/jobs/").content.decode()


def test_a_job_can_be_stopped_before_and_while_it_runs(client_as: Any) -> None:
    client = client_as(Role.MANAGER)
    waiting, running = started(client.staff), started(client.staff)
    jobs.begin(job_id=running.pk, now=timezone.now())
    for job in (waiting, running):
        assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == Job.State.CANCELLED
    with pytest.raises(jobs.Cancelled):
        jobs.advance(job=running, done=1)
    running.refresh_from_db()
    assert running.state == Job.State.CANCELLED
    assert client.post(f"/jobs/{running.pk}/cancel/").status_code == 409
    with pytest.raises(Refused):
        jobs.begin(job_id=waiting.pk, now=timezone.now())
    with pytest.raises(Stale):
        jobs.cancel(job=waiting, staff=client.staff, now=timezone.now())


def test_somebody_elses_job_is_not_there(client_as: Any, staff_with: Any) -> None:
    job = JobFactory(staff=staff_with(Role.MANAGER))
    client = client_as(Role.MANAGER)
    assert [client.get(f"/jobs/{job.pk}/").status_code, client.get(f"/jobs/{job.pk}/panel/").status_code] == [404, 404]
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404


def test_the_schedule_is_written_once_and_rows_of_others_are_left_alone(db: None) -> None:
    call_command("ensure_schedule", verbosity=0)
    first = {row.pk: (row.name, row.task) for row in PeriodicTask.objects.all()}
    assert "clinic.tasks.publish_outbox" in {task for _name, task in first.values()}
    by_hand = PeriodicTask.objects.exclude(interval=None).first()
    assert by_hand
    PeriodicTask.objects.create(name="by hand", task="clinic.tasks.purge", interval=by_hand.interval)
    PeriodicTask.objects.filter(pk=by_hand.pk).update(enabled=False)
    PeriodicTask.objects.create(
        name="no longer ours", task="gone", interval=by_hand.interval, description="declared in the source"
    )
    call_command("ensure_schedule", verbosity=0)
    again = {row.pk: (row.name, row.task) for row in PeriodicTask.objects.exclude(name="by hand")}
    assert again == first
    assert PeriodicTask.objects.filter(name="by hand").exists()
    assert PeriodicTask.objects.get(pk=by_hand.pk).enabled
