"""What is configured, reachable, migrated and running; and what to do about what is not."""

import json
import shutil
import ssl
import urllib.error
import urllib.request
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pgtrigger
import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.db.utils import DatabaseError
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from clinic.models import Branch, OutboxEvent

GIGABYTE = 1_000_000_000
PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. ``state`` is ok, warn or fail; whatever is not ok says in ``advice`` what to do."""

    name: str
    state: str
    detail: str
    advice: str = ""


def examine(*, now: datetime, site_url: str, authority: str) -> Iterator[Finding]:
    """Yield the findings, one part of the system after the other; a part that breaks is a finding too.

    ``site_url`` is where people reach the system, empty when unknown; ``authority`` the certificate to trust there.
    """
    parts: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("settings", _settings),
        ("database", _database),
        ("migrations", _migrations),
        ("triggers", _triggers),
        ("valkey", _valkey),
        ("outbox", lambda: _outbox(now)),
        ("worker", _worker),
        ("beat", lambda: _beat(now)),
        ("site", lambda: _site(site_url, authority)),
        ("messages", _messages),
        ("clock", lambda: _clock(now)),
        ("disk", _disk),
    ]
    for name, part in parts:
        try:
            yield from part()
        except DatabaseError as error:
            yield Finding(name, "fail", _first_line(error), "see the line about the database")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _settings() -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding("settings", "warn", "DEBUG is on: error pages show settings and data", "set DEBUG=0")
    elif not settings.HTTPS:
        advice = "fine on this PC alone; for other PCs use `make up LAN=1`, or HTTPS=1 behind a certificate"
        yield Finding("settings", "warn", "HTTPS is off: passwords cross the network in clear", advice)
    else:
        yield Finding("settings", "ok", "production settings, HTTPS")


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select current_setting('server_version'), current_setting('server_version_num')::int / 10000,"
                " current_user, r.rolsuper or r.rolcreaterole or r.rolbypassrls,"
                " exists(select from pg_class c where c.relowner = r.oid and c.relnamespace = 'public'::regnamespace)"
                " from pg_roles r where r.rolname = current_user"
            )
            version, major, role, mighty, owner = cursor.fetchone()
    except DatabaseError as error:
        advice = "start it (`make up`), or put the right address into DATABASE_URL"
        yield Finding("database", "fail", _first_line(error), advice)
        return
    if major < 18:
        yield Finding("database", "fail", f"PostgreSQL {version}", "use PostgreSQL 18 or newer")
    else:
        yield Finding("database", "ok", f"PostgreSQL {version}")
    if mighty or owner:
        what = "may change roles or is a superuser" if mighty else "owns tables"
        advice = (
            "give DATABASE_URL a role that only reads and writes rows, and the owner to MIGRATION_DATABASE_URL: "
            "clinic/launch/roles.sql makes both"
        )
        yield Finding("role", "fail", f"{role} {what}: it could switch off the triggers of the audit log", advice)
    else:
        yield Finding("role", "ok", f"{role} is neither owner nor superuser")


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = f"{plan[0][0].app_label}.{plan[0][0].name}"
        advice = "run `make up` again, or `manage.py migrate` with the owner's address in DATABASE_URL"
        yield Finding("migrations", "fail", f"{len(plan)} not applied, the first is {first}", advice)
    else:
        yield Finding("migrations", "ok", "all applied")


def _triggers() -> Iterator[Finding]:
    registered = pgtrigger.registered()
    wrong = []
    for model, trigger in registered:
        status, enabled = trigger.get_installation_status(model)
        if status != "INSTALLED" or not enabled:
            wrong.append(f"{model._meta.db_table}: {trigger.name} {status.lower() if enabled else 'disabled'}")
    if wrong:
        advice = "as the database's owner: manage.py pgtrigger install; and find out who removed it"
        yield Finding("triggers", "fail", "; ".join(wrong), advice)
    else:
        yield Finding("triggers", "ok", f"{len(registered)} installed and enabled")


def _valkey() -> Iterator[Finding]:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, decode_responses=True
    )
    advice = "start it (`make up`), or put the right address into REDIS_URL; until then screens poll and tasks wait"
    try:
        info = client.info()
    except redis.RedisError as error:
        yield Finding("valkey", "fail", _first_line(error), advice)
        return
    finally:
        client.close()
    version = info.get("valkey_version") or info.get("redis_version")
    if not info.get("aof_enabled"):
        yield Finding(
            "valkey", "warn", f"{version}, keeps nothing over a restart", "set appendonly yes in its settings"
        )
    else:
        yield Finding("valkey", "ok", f"{version}, append-only file on")


def _outbox(now: datetime) -> Iterator[Finding]:
    waiting = OutboxEvent.objects.filter(published_at=None, created_at__lt=now - timedelta(minutes=2))
    count = waiting.count()
    if count:
        oldest = waiting.order_by("created_at").values_list("created_at", flat=True)[0]
        age = int((now - oldest).total_seconds() // 60)
        advice = "see the lines about Valkey, worker and beat: the beat sends them as soon as those are well"
        yield Finding("outbox", "fail", f"{count} changes not sent, the oldest {age} minutes old", advice)
    else:
        yield Finding("outbox", "ok", "nothing waits longer than two minutes")


def _worker() -> Iterator[Finding]:
    advice = "start it (`make up`), or: celery -A clinic.config.celery worker; its log is .local/log/worker.log"
    try:
        answers = current_app.control.ping(timeout=PATIENCE) or []
    except (OperationalError, redis.RedisError, OSError) as error:
        yield Finding("worker", "fail", _first_line(error), "see the line about Valkey")
        return
    if answers:
        yield Finding("worker", "ok", f"{len(answers)} answer")
    else:
        yield Finding("worker", "fail", "no worker answers: call lists and reports are not built", advice)


def _beat(now: datetime) -> Iterator[Finding]:
    advice = "start it (`make up`), or: celery -A clinic.config.celery beat; its log is .local/log/beat.log"
    tasks = PeriodicTask.objects.filter(enabled=True)
    last = tasks.aggregate(last=Max("last_run_at"))["last"]
    if not tasks.exclude(name="celery.backend_cleanup").exists():
        yield Finding("beat", "fail", "no task has a time", "run `make up` again, or manage.py prepare")
    elif last is None:
        yield Finding("beat", "warn", "has not sent a task yet", f"right after the first start wait; else {advice}")
    elif now - last > timedelta(minutes=75):
        yield Finding("beat", "fail", f"sent its last task at {last:%Y-%m-%d %H:%M} UTC", advice)
    else:
        yield Finding("beat", "ok", f"sent its last task at {last:%Y-%m-%d %H:%M} UTC")


def _fetch(url: str, authority: str) -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=authority or None) if url.startswith("https:") else None
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE, context=context) as answer:  # noqa: S310 - from settings
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def _site(site_url: str, authority: str) -> Iterator[Finding]:
    if not site_url.startswith(("http://", "https://")):
        yield Finding("site", "warn", "not asked", "set SITE_URL to the address people use")
        return
    base = site_url.rstrip("/")
    try:
        status, _body = _fetch(f"{base}/sign-in/", authority)
    except OSError as error:
        advice = "start it (`make up`); its logs are .local/log/caddy.log and web.log"
        yield Finding("site", "fail", f"{base}: {_first_line(error)}", advice)
        return
    if status == 200:
        yield Finding("site", "ok", f"{base} answers")
    else:
        yield Finding(
            "site", "fail", f"{base}/sign-in/ answers {status}", "see .local/log/web.log; is ALLOWED_HOSTS right?"
        )
    try:
        status, body = _fetch(f"{base}/live/health/", authority)
        live = json.loads(body) if status == 200 else {}
    except (OSError, ValueError):
        status, live = 0, {}
    if live.get("redis"):
        yield Finding("live", "ok", f"{live.get('clients')} screens listen")
    elif status == 200:
        yield Finding("live", "fail", "runs without Valkey: screens poll", "see the line about Valkey")
    else:
        advice = "start it (`make up`); its log is .local/log/live.log; until then screens poll"
        yield Finding("live", "fail", f"the stream process answers {status or 'nothing'}", advice)
    yield from _static(base, authority)


def _static(base: str, authority: str) -> Iterator[Finding]:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    advice = "run `make up` again, or manage.py prepare"
    if settings.DEBUG:
        yield Finding("static", "warn", "DEBUG is on: names without hashes, not cached", "set DEBUG=0")
        return
    if not manifest.exists():
        yield Finding("static", "fail", f"{manifest} is missing", advice)
        return
    name = next(iter(json.loads(manifest.read_text())["paths"].values()))
    try:
        status, _body = _fetch(f"{base}{settings.STATIC_URL}{name}", authority)
    except OSError:
        status = 0
    if status == 200:
        yield Finding("static", "ok", "gathered and served")
    else:
        yield Finding("static", "fail", f"{name} is answered with {status or 'nothing'}", advice)


def _messages() -> Iterator[Finding]:
    for folder in settings.LOCALE_PATHS:
        source = Path(folder) / "zh_Hans" / "LC_MESSAGES" / "django.po"
        compiled = source.with_suffix(".mo")
        if not source.exists():
            continue
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            advice = "run `python -m clinic.launch.messages compile` and restart"
            yield Finding("messages", "fail", "the Chinese translation is not compiled", advice)
        else:
            yield Finding("messages", "ok", "the Chinese translation is compiled")


def _clock(now: datetime) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        drift = abs((cursor.fetchone()[0] - now).total_seconds())
    if drift > 60:
        advice = "set both machines' clocks by NTP: deadlines and days depend on them"
        yield Finding("clock", "fail", f"{drift:.0f} s apart from the database's", advice)
    else:
        yield Finding("clock", "ok", f"agrees with the database; now {now:%Y-%m-%d %H:%M} UTC")
    for branch in Branch.objects.order_by("code"):
        try:
            there = now.astimezone(zoneinfo.ZoneInfo(branch.time_zone))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            advice = "correct the branch's time zone, or install tzdata"
            yield Finding("clock", "fail", f"branch {branch.code}: unknown time zone {branch.time_zone!r}", advice)
        else:
            yield Finding("clock", "ok", f"branch {branch.code}: {there:%Y-%m-%d %H:%M} {branch.time_zone}")


def _disk() -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.BASE_DIR)
    text = f"{usage.free / GIGABYTE:.1f} GB free of {usage.total / GIGABYTE:.0f} GB"
    advice = "make room: PostgreSQL stops when the disk is full"
    if usage.free < GIGABYTE:
        yield Finding("disk", "fail", text, advice)
    elif usage.free < 5 * GIGABYTE:
        yield Finding("disk", "warn", text, advice)
    else:
        yield Finding("disk", "ok", text)
