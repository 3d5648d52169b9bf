"""The whole system as `make up` starts it, and what is done to it."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core import signing

from clinic.launch.paths import ROOT
from clinic.live.tickets import SALT
from tests.append_only import append_only_models, attacks_on

from .desk import Desk, occupied_port, runs, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("launch")]
STREAMS = 100


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One system for all tests here, wanted at a port that is in use."""
    folder = tmp_path_factory.mktemp("desk")
    # pytest's folders are closed to others; PostgreSQL under its own account must pass through.
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    listener, port = occupied_port()
    desk = Desk(folder / "state", port)
    with listener:
        desk.up()
        yield desk
    if desk.process is not None and desk.process.poll() is None:
        desk.stop()
    assert desk.left() == []


@pytest.fixture
def desk(started: Desk) -> Desk:
    """The running system; started again when the test before stopped it."""
    if started.process is None or started.process.poll() is not None:
        started.up()
    return started


def test_ready_means_that_a_page_was_answered(desk: Desk) -> None:
    assert desk.answers()
    assert "Ready after" in desk.output
    assert f"{desk.address}/" in desk.output


def test_a_port_in_use_is_passed_over_and_said(desk: Desk) -> None:
    assert desk.run_file["facts"]["ports"]["site"] > desk.port
    assert f"(port {desk.port} is in use)" in desk.output


def test_a_second_up_says_where_the_first_is(desk: Desk) -> None:
    second = desk.run("up", "--no-demo")
    assert second.returncode == 0
    assert f"Already running: {desk.address}/" in second.stdout
    other = desk.run("up", "--lan")
    assert other.returncode == 1
    assert "make down" in other.stdout


def test_secrets_are_for_their_owner_alone(desk: Desk) -> None:
    for name in ("secrets.json", "env"):
        assert stat.S_IMODE((desk.state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((desk.state / "log").stat().st_mode) == 0o700
    commands = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in desk.children.values())
    assert b"password" not in commands.lower()
    assert desk.settings["SECRET_KEY"].encode() not in commands


def test_s2_the_applications_role_cannot_change_what_is_append_only(desk: Desk) -> None:
    with psycopg.connect(desk.settings["DATABASE_URL"], autocommit=True) as connection:
        for model in append_only_models():
            table = model._meta.db_table
            found = connection.execute(
                "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal", [table]
            )
            triggers = [name for (name,) in found]
            assert triggers, table
            ignored = "{" + ",".join(triggers) + "}"
            connection.execute("select set_config('pgtrigger.ignore', %s, false)", [ignored])
            connection.execute(f"grant all on {table} to current_user".encode())
            for attack in attacks_on(model, triggers):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attack.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "create table public.mine (id int)",
        "alter role frontdesk_app superuser",
        "set role frontdesk_owner",
        "alter database frontdesk set session_replication_role = replica",
        "create function public.quiet() returns trigger language plpgsql as 'begin return null; end'",
    ],
)
def test_s2_the_applications_role_cannot(desk: Desk, statement: str) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(desk.settings["DATABASE_URL"]) as connection, refused:
        connection.execute(statement.encode())


def test_static_files_are_compressed_and_kept_for_ever_by_their_hashed_name(desk: Desk) -> None:
    import json
    import urllib.request

    names = json.loads((desk.state / "static" / "staticfiles.json").read_text())["paths"]
    request = urllib.request.Request(
        f"{desk.address}/static/{names['css/app.css']}", headers={"Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
    with urllib.request.urlopen(f"{desk.address}/static/css/app.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def lines(port: int, state: str) -> tuple[int, int]:
    """Count this machine's TCP lines in a state (hexadecimal): those that lead to a loopback port, and from it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    end = f"0100007F:{port:04X}"
    found = [row for row in rows if row[3] == state]
    return sum(row[2] == end for row in found), sum(row[1] == end for row in found)


def test_the_door_hangs_up_on_page_workers_before_they_do(desk: Desk) -> None:
    established, hung_up_first = "01", "06"
    assert desk.answers()
    web = desk.run_file["facts"]["ports"]["web"]
    wait_for(lambda: lines(web, established) == (0, 0), "idle lines are let go")
    by_the_door, by_page_workers = lines(web, hung_up_first)
    assert by_the_door > 0
    assert by_page_workers == 0


def doctor(desk: Desk) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "doctor", "--no-color"]
    return subprocess.run(command, cwd=ROOT, env=desk.environment, capture_output=True, text=True, check=False)


def test_the_doctor_finds_all_well_and_says_what_is_not(desk: Desk) -> None:
    # A clock that has just started has not sent a task yet, which is no fault; it writes its first down within minutes.
    wait_for(lambda: "ok    beat " in doctor(desk).stdout, "the doctor is content", patience=300.0)
    done = doctor(desk)
    healthy = done.stdout
    assert done.returncode == 0, healthy
    for part in ("database", "role", "migrations", "triggers", "valkey", "worker", "beat", "site", "live", "static"):
        assert f"ok    {part} " in healthy, healthy
    command = [sys.executable, "manage.py", "doctor", "--no-color"]
    elsewhere = {**desk.environment, **desk.settings, "REDIS_URL": "redis://127.0.0.1:1/0"}
    ill = subprocess.run(command, cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=False)
    assert ill.returncode == 1
    assert "fail  valkey" in ill.stdout
    assert "REDIS_URL" in ill.stdout


def test_killed_children_come_back(desk: Desk) -> None:
    before = desk.children
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: set(desk.children) == set(before), "every process is there again")
    wait_for(lambda: not set(desk.children.values()) & set(before.values()), "every process is a new one")
    wait_for(desk.answers, "the page is answered again")
    desk.seen |= set(desk.children.values())
    for name in before:
        assert f"{name} │ ended by SIGKILL; starting it again" in desk.output


def test_up_works_after_the_supervisor_was_killed(desk: Desk) -> None:
    before = desk.children
    assert desk.process is not None
    with psycopg.connect(desk.settings["MIGRATION_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("create table if not exists kept (word text)")
        connection.execute("insert into kept values ('kept')")
    desk.process.kill()
    desk.process.wait()
    desk.up()
    assert desk.answers()
    assert not any(runs(pid) for pid in before.values())
    with psycopg.connect(desk.settings["MIGRATION_DATABASE_URL"]) as connection:
        assert connection.execute("select word from kept").fetchone() == ("kept",)


def test_r12_a_backup_is_read_back(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "desk.dump"
    owner = desk.settings["MIGRATION_DATABASE_URL"]
    count = "select count(*) from clinic_auditentry"
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("create table if not exists saved (word text)")
        connection.execute("insert into saved values ('before')")
        before = connection.execute(count).fetchone()
    assert desk.run("backup", str(file)).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("update saved set word = 'after'")
    asked = desk.run("restore", str(file))
    assert asked.returncode == 1
    assert "Nothing was changed." in asked.stdout
    done = desk.run("restore", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    with psycopg.connect(owner) as connection:
        assert connection.execute("select word from saved").fetchone() == ("before",)
        assert connection.execute(count).fetchone() == before
    with psycopg.connect(desk.settings["DATABASE_URL"]) as connection:
        assert connection.execute("select count(*) from saved").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("truncate clinic_auditentry")
    assert desk.answers()
    assert desk.run("backup", str(tmp_path / "missing" / "x")).returncode == 1


def test_down_clears_up_behind_a_killed_supervisor_and_spares_strangers(desk: Desk) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        assert desk.process is not None
        desk.process.kill()
        desk.process.wait()
        # As if the number of one of ours had been given to somebody else since.
        path = desk.state / "run.json"
        content = desk.run_file
        content["children"]["stranger"] = [stranger.pid, 1]
        import json

        path.write_text(json.dumps(content))
        assert desk.run("down").returncode == 0
        assert desk.left() == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def open_stream(desk: Desk, ticket: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", desk.run_file["facts"]["ports"]["site"]), timeout=30)
    host = desk.address.removeprefix("http://")
    connection.sendall(f"GET /live/?ticket={ticket} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = b""
    while b"event:" not in answer:
        data = connection.recv(4096)
        assert data, answer
        answer += data
    assert answer.startswith(b"HTTP/1.1 200")
    return connection


def test_r11_stops_within_six_seconds_with_a_hundred_open_streams(desk: Desk) -> None:
    key = desk.settings["SECRET_KEY"]
    ticket = signing.dumps([1, int(time.time() * 1000), "nothing"], key=key, salt=SALT, compress=True)
    streams = [open_stream(desk, ticket) for _ in range(STREAMS)]
    try:
        seconds = desk.stop()
    finally:
        for stream in streams:
            stream.close()
    assert desk.process is not None
    assert desk.process.returncode == 0
    assert desk.left() == []
    assert not (desk.state / "run.json").exists()
    assert "database system is shut down" in (desk.state / "log" / "postgres.log").read_text()
    assert seconds <= 6.0
