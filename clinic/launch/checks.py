"""`make test`: every check, then every test, on servers started for it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from clinic.launch import servers
from clinic.launch.logs import Terminal
from clinic.launch.messages import compile_messages
from clinic.launch.paths import ROOT, State
from clinic.launch.ports import any_free
from clinic.launch.processes import Identity
from clinic.launch.runfile import RunFile, take_lock
from clinic.launch.secrets_file import secrets_of
from clinic.launch.supervisor import Failed, Supervisor, clean_up
from clinic.launch.system import SETTINGS, database_url

NEEDED = {"chromium": "chromium", "xgettext": "gettext", "fc-list :lang=zh": "fonts-noto-cjk"}
ROOMS = ("clinic", "reception", "triage", "consultations", "followups", "complaints")
PRODUCTION = (
    ("DEBUG", "0"),
    ("HTTPS", "1"),
    ("ALLOWED_HOSTS", "desk.example.com"),
    ("CSRF_TRUSTED_ORIGINS", "https://desk.example.com"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can fail."""

    name: str
    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    django: bool = False


def module(*arguments: str) -> tuple[str, ...]:
    """Return a command of the installed libraries."""
    return (sys.executable, "-m", *arguments)


def checks() -> list[Step]:
    """List the checks in the order they run: the quick ones first."""
    manage = (sys.executable, "manage.py")
    return [
        Step("format", module("ruff", "format", "--check", ".")),
        Step("lint", module("ruff", "check", ".")),
        Step("templates", module("djlint", "templates", "--lint", "--quiet")),
        Step("imports", (str(ROOT / ".venv" / "bin" / "lint-imports"), "--no-cache"), django=True),
        Step("messages", module("clinic.launch.messages", "check")),
        Step("migrations", (*manage, "makemigrations", "--check", "--dry-run"), django=True),
        Step("deploy", (*manage, "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION, django=True),
        Step("types", module("mypy", "."), django=True),
    ]


def missing_packages() -> list[str]:
    """List the Debian packages whose programs or fonts are not there."""
    found = []
    for probe, package in NEEDED.items():
        program, _, rest = probe.partition(" ")
        present = shutil.which(program) is not None
        if present and rest:
            present = bool(subprocess.run([program, *rest.split()], capture_output=True, check=False).stdout)
        if not present:
            found.append(package)
    return found


def ensure_packages() -> None:
    """Install what the tests need beside Python when we are root; else name the command and stop."""
    missing = missing_packages()
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Failed(f"The tests need {', '.join(missing)}. Run: sudo {' '.join(command)}")
    print(f"Installing {', '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, stdout=subprocess.DEVNULL, check=False)
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0 or missing_packages():
        raise Failed(f"{', '.join(missing)} could not be installed; try: {' '.join(command)}")


@contextlib.contextmanager
def servers_for_tests(state: State, *, durable: bool = False) -> Iterator[dict[str, str]]:
    """Run PostgreSQL and Valkey for the tests in a folder of their own; yield the settings that lead to them.

    ``TEST_DATABASE_URL`` (a role that may create databases) and ``TEST_REDIS_URL`` replace them.
    """
    found = {
        "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
        "DEBUG": "0",
        "ALLOWED_HOSTS": "*",
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "STATIC_ROOT": str(state.static),
    }
    own_database, own_valkey = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if own_database and own_valkey:
        yield {**found, "DATABASE_URL": own_database, "REDIS_URL": own_valkey}
        return
    state.prepare()
    lock = take_lock(state)
    if lock is None:
        raise Failed("The tests are running already in another terminal.")
    earlier = RunFile.read(state.run_file)
    if earlier is not None:
        clean_up(earlier)
    run = RunFile(state.run_file)
    own = Identity.of(os.getpid())
    run.set(supervisor=[own.pid, own.started] if own else None)
    parent = Supervisor(run, state.logs, Terminal())
    try:
        secrets = secrets_of(state.secrets)
        home = servers.Home.of(state)
        servers.initialise(home, secrets["SUPERUSER_PASSWORD"])
        database, valkey = any_free(), any_free()
        # While the steps run nobody reads what the servers say; a full pipe would hold them up.
        parent.start(replace(servers.postgres_program(home, database, for_tests=not durable), direct=True))
        parent.start(replace(servers.valkey_server(home, valkey, secrets["VALKEY_PASSWORD"]), direct=True))
        parent.wait(lambda: servers.postgres_answers(home, database), seconds=60, what="PostgreSQL")
        parent.wait(lambda: servers.valkey_answers(valkey, secrets["VALKEY_PASSWORD"]), seconds=60, what="Valkey")
        found["DATABASE_URL"] = database_url("postgres", secrets["SUPERUSER_PASSWORD"], database, "postgres")
        found["REDIS_URL"] = f"redis://:{secrets['VALKEY_PASSWORD']}@127.0.0.1:{valkey}/0"
        # From here on nobody pumps the supervisor: a server that dies stays down, and the tests say so.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        yield found
    finally:
        parent.stop()
        run.remove()
        os.close(lock)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def run_step(step: Step, environment: dict[str, str]) -> tuple[bool, float]:
    """Run one step with its name above and its time below; return whether it passed and its seconds."""
    print(f"── {step.name}", flush=True)
    began = time.monotonic()
    settings = {**os.environ, **(environment if step.django else {}), **dict(step.environment)}
    done = subprocess.run(step.argv, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, check=False)
    seconds = time.monotonic() - began
    if step.name != "pytest":  # whose own summary, with its time, is the last line
        print(f"── {step.name}: {'ok' if done.returncode == 0 else 'FAILED'} ({seconds:.1f} s)", flush=True)
    return done.returncode == 0, seconds


def run(kind: str, state: State, arguments: Sequence[str], *, only: str | None = None) -> int:
    """Run the steps of *kind* (test, lint, bench), all of them even when one fails; return the exit status."""
    wanted = set(only.split(",")) if only else None
    steps = checks() if kind in ("test", "lint") else []
    if kind == "test":
        workers = os.environ.get("TEST_WORKERS", "2")
        steps.append(Step("pytest", module("pytest", "-n", workers, "--dist", "loadgroup", *arguments), django=True))
    if kind == "bench":
        steps.append(
            Step(
                "benchmarks",
                module("pytest", "tests/benchmarks", "-s", "-q", "-o", "python_files=bench_*.py", *arguments),
                django=True,
            )
        )
    names = [step.name for step in steps]
    if wanted is not None and not wanted <= set(names):
        raise Failed(f"no such step: {', '.join(sorted(wanted - set(names)))}; there are {', '.join(names)}")
    steps = [step for step in steps if wanted is None or step.name in wanted]
    ensure_packages()
    compile_messages()
    results: list[tuple[str, bool, float]] = []
    with servers_for_tests(state, durable=kind == "bench") as environment:
        for step in steps:
            if step.name == "pytest" and len(results) > 0:
                # Before the tests, so that their own summary stays the last line.
                summary(results)
            results.append((step.name, *run_step(step, environment)))
    return 0 if all(passed for _, passed, _ in results) else 1


def summary(results: Sequence[tuple[str, bool, float]]) -> None:
    """Print which checks passed."""
    words = [f"{name} {'ok' if passed else 'FAILED'}" for name, passed, _ in results]
    print(f"── checks: {', '.join(words)}", flush=True)
