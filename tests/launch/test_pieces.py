"""The launcher's parts that need no running system."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from clinic.launch import checks, messages
from clinic.launch.logs import LARGEST, LINES_AT_ONCE, Log, Terminal
from clinic.launch.paths import ROOT, State
from clinic.launch.ports import NoFreePort, any_free, is_free, next_free
from clinic.launch.processes import MARK, Identity, end, left_of
from clinic.launch.runfile import RunFile, take_lock
from clinic.launch.secrets_file import secrets_of

from .desk import LAUNCH, occupied_port, wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FAMILY = """import subprocess, sys, time
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
time.sleep(60)"""


def identity(pid: int) -> Identity:
    found = Identity.of(pid)
    assert found is not None
    return found


def test_a_number_used_again_is_somebody_else() -> None:
    process = subprocess.Popen(SLEEP, start_new_session=True)
    try:
        real = identity(process.pid)
        earlier = Identity(real.pid, real.started - 1)
        assert real.alive
        assert not earlier.alive
        assert earlier.send(signal.SIGKILL) is False
        assert left_of(earlier, "mark") == []
        assert left_of(real, "mark") == [real]
    finally:
        process.kill()
        process.wait()
    assert real.send(signal.SIGTERM) is False


@pytest.mark.parametrize(("mark", "ours"), [("this-run", True), ("another-run", False)])
def test_members_without_their_leader_are_ours_only_with_our_mark(mark: str, *, ours: bool) -> None:
    leader = subprocess.Popen([sys.executable, "-c", FAMILY], start_new_session=True, env={**os.environ, MARK: mark})
    first = identity(leader.pid)
    wait_for(lambda: len(left_of(first, "this-run")) == 2, "the child of the child runs")
    members = left_of(first, "this-run")
    try:
        leader.kill()
        leader.wait()
        assert (len(left_of(first, "this-run")) == 1) is ours
    finally:
        assert end(lambda: [member for member in members if member.alive], seconds=1) == []


def test_what_ignores_a_polite_end_is_ended_by_force() -> None:
    stubborn = """import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(1, flush=True)
time.sleep(60)"""
    process = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    who = identity(process.pid)
    assert end(lambda: [who] if who.alive else [], seconds=0.2) == []
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


def test_ports_in_use_or_promised_are_passed_over() -> None:
    listener, port = occupied_port()
    with listener:
        found = next_free(port, taken=frozenset({port + 1}))
        assert found >= port + 2
    with pytest.raises(NoFreePort):
        next_free(65535, taken=frozenset({65535}))


def test_inner_ports_are_free_and_not_the_same_for_two_systems() -> None:
    drawn = [any_free() for _ in range(20)]
    assert len(set(drawn)) > 10
    assert all(10_000 <= port < 30_000 and is_free(port, ("127.0.0.1",)) for port in drawn)


def test_a_port_somebody_listens_at_by_ipv6_alone_is_in_use() -> None:
    try:
        listener = socket.socket(socket.AF_INET6)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(("::1", 0))
    except OSError:
        assert next_free(20000) >= 20000  # a machine without IPv6
        return
    with listener:
        listener.listen()
        port = listener.getsockname()[1]
        assert next_free(port) > port


def test_the_lock_is_free_again_when_its_holder_dies(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.prepare()
    held = take_lock(state)
    assert held is not None
    assert take_lock(state) is None
    os.close(held)
    again = take_lock(state)
    assert again is not None
    os.close(again)


def test_a_run_file_of_another_boot_or_half_written_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    run = RunFile(path)
    run.add_child("web", Identity(1, 2))
    read = RunFile.read(path)
    assert read is not None
    assert read.children() == {"web": Identity(1, 2)}
    path.write_text(path.read_text().replace('"boot": "', '"boot": "other'))
    assert RunFile.read(path) is None
    path.write_text('{"boot":')
    assert RunFile.read(path) is None


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    first = secrets_of(tmp_path / "secrets.json")
    assert secrets_of(tmp_path / "secrets.json") == first
    assert len(set(first.values())) == len(first)
    assert len(first["SECRET_KEY"]) >= 50


def test_logs_are_rotated_and_the_terminal_stays_calm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("web", tmp_path, Terminal())
    for _ in range(100):
        log.take(b"ERROR something broke\nand an ordinary line\nhalf a li")
        log.take(b"ne\n")
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == LINES_AT_ONCE
    assert all("something broke" in line for line in shown)
    log.take(b"x" * (LARGEST + 1) + b"\n")
    log.take(b"new file\n")
    log.close()
    assert (tmp_path / "web.log").read_bytes() == b"new file\n"
    assert (tmp_path / "web.log.1").stat().st_size > LARGEST


def run(state: Path, *arguments: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*LAUNCH, "--state", str(state), *arguments],
        cwd=ROOT,
        input=answer,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_down_and_reset_say_when_there_is_nothing(tmp_path: Path) -> None:
    assert "Nothing runs." in run(tmp_path / "state", "down").stdout
    assert "nothing to throw away" in run(tmp_path / "state", "reset").stdout
    assert run(tmp_path / "state", "logs").returncode == 1


def test_reset_asks_first(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "servers").mkdir(parents=True)
    for answer in ("", "no\n", "y\n"):
        asked = run(state, "reset", answer=answer)
        assert asked.returncode == 1
        assert str(state) in asked.stdout
        assert state.exists()
    assert run(state, "reset", answer="yes\n").returncode == 0
    assert not state.exists()


def source_tree(folder: Path) -> Path:
    (folder / "desk").mkdir()
    (folder / "desk" / "words.py").write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext\n"
        "_('Hello %(name)s'); ngettext('%(count)d turn', '%(count)d turns', 2); pgettext('board', 'Open')\n"
    )
    (folder / "page.html").write_text("{% load i18n %}{% translate 'Sign in' %}")
    return folder


def test_messages_are_collected_filled_in_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = source_tree(tmp_path)
    assert messages.collect(root) == 0
    assert messages.check(root) == 1
    assert "untranslated: 'Sign in'" in capsys.readouterr().out
    words = {
        "Hello %(name)s": "你好 %(nome)s",
        "%(count)d turn": ["%(count)d 轮"],
        "board\u0004Open": "开台",
        "Sign in": "登录",
        "Never said": "x",
    }
    file = tmp_path / "words.json"
    file.write_text(json.dumps(words))
    assert messages.put(file, root) == 1
    assert "Never said" in capsys.readouterr().err
    assert messages.check(root) == 1
    assert "placeholders differ: 'Hello %(name)s'" in capsys.readouterr().out
    file.write_text(json.dumps({"Hello %(name)s": "%(name)s，你好"}))
    assert messages.put(file, root) == 0
    assert messages.check(root) == 0
    before = messages.po_path(root).read_bytes()
    messages.collect(root)
    assert messages.po_path(root).read_bytes() == before
    (root / "page.html").write_text("nothing to say")
    assert messages.check(root) == 1
    assert "no longer used" in capsys.readouterr().out
    assert messages.po_path(root).with_suffix(".mo").exists()


COMPOSE = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
EXAMPLE_NAMES = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))


def test_compose_and_its_example_name_the_same_variables() -> None:
    # `$$NAME` is for the shell inside the container.
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert used == EXAMPLE_NAMES
    assert not re.findall(r"(?<!\$)\$[A-Za-z]", COMPOSE)


def test_every_service_stands_on_what_exists() -> None:
    content = yaml.safe_load(COMPOSE)
    services = content["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web", "live", "worker", "beat", "caddy"}
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in content["volumes"], volume
        if name not in ("migrate", "beat"):
            assert "healthcheck" in service, name
    assert "postgres:18" in services["postgres"]["image"]
    assert "frontdesk_owner" in services["migrate"]["environment"]["DATABASE_URL"]
    for name in ("web", "live", "worker", "beat"):
        assert services[name]["environment"]["DATABASE_URL"].startswith("postgres://frontdesk_app:")
    assert (ROOT / "clinic" / "live" / "stream.py").exists()
    assert "manage.py" in services["migrate"]["command"]


def test_the_image_takes_everything_the_applications_need() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(checks.ROOMS) | {"templates", "static", "locale", "manage.py", "requirements.txt"} <= kept
    assert all((ROOT / name).exists() for name in kept)


def test_the_settings_name_the_variable_that_is_missing() -> None:
    whole = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "k" * 60,
        "DATABASE_URL": "postgres://u:p@127.0.0.1/x",
        "REDIS_URL": "redis://127.0.0.1/0",
    }
    command = [sys.executable, "-c", "import clinic.config.settings"]
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
        lacking = {key: value for key, value in whole.items() if key != name}
        done = subprocess.run(command, cwd=ROOT, env=lacking, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert f"{name} is not set" in done.stderr
    assert subprocess.run(command, cwd=ROOT, env=whole, check=False).returncode == 0


def test_readme_says_every_make_target_and_ci_runs_nothing_else() -> None:
    readme = (ROOT / "README.md").read_text()
    listing = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        assert f"make {line.split()[0]}" in readme, line
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in script if line and not line.startswith("#")] == [
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "exec make test </dev/null",
    ]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_bootstrap_refuses_an_old_python(tmp_path: Path) -> None:
    source = (ROOT / "clinic" / "launch" / "bootstrap.py").read_text()
    pretend = source.replace("sys.version_info[:2] >= LOWEST", "False").replace("NAMES = (", "NAMES = () and (")
    assert pretend != source
    (tmp_path / "clinic" / "launch").mkdir(parents=True)
    script = tmp_path / "clinic" / "launch" / "bootstrap.py"
    script.write_text(pretend)
    done = subprocess.run([sys.executable, str(script), "x.txt"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_the_door_opens_in_a_folder_with_a_space_in_its_name(tmp_path: Path) -> None:
    caddy = Path(sys.executable).parent / "caddy"
    done = subprocess.run(
        [str(caddy), "adapt", "--adapter", "caddyfile", "--config", str(ROOT / "clinic" / "launch" / "Caddyfile")],
        env={"HOME": str(tmp_path), "STATIC_ROOT": "/srv/我的 desk/static", "AUTHORITY_FOLDER": "/srv/我的 desk/pki"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"root":"/srv/我的 desk/static"' in done.stdout
