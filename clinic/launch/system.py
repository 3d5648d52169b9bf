"""`up` and its kin: the whole system from the servers to the door, and its end."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from clinic.launch import servers
from clinic.launch.door import (
    CADDYFILE,
    FIRST_PORTS,
    Door,
    authority,
    choose_door,
    fingerprint_of,
    listens,
    page_is_there,
    site_environment,
)
from clinic.launch.logs import Terminal
from clinic.launch.messages import compile_messages
from clinic.launch.paths import ROOT, State
from clinic.launch.ports import any_free
from clinic.launch.processes import Identity
from clinic.launch.programs import page_programs, python, task_programs
from clinic.launch.runfile import RunFile, take_lock
from clinic.launch.secrets_file import secrets_of, write_private
from clinic.launch.supervisor import Failed, Program, Stopped, Supervisor, clean_up

SETTINGS = "clinic.config.settings"
# Long, for a busy machine: what is broken for good is noticed sooner.
START_SECONDS = 180.0
ADDRESSES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL")


def database_url(role: str, password: str, port: int, name: str = "frontdesk") -> str:
    """Return the address of an embedded database."""
    return f"postgres://{role}:{quote(password, safe='')}@127.0.0.1:{port}/{name}"


def embedded(terminal: Terminal, parent: Supervisor, state: State, ports: dict[str, int]) -> dict[str, str]:
    """Start the servers that no variable replaces; return the variables that lead to them."""
    secrets = secrets_of(state.secrets)
    found: dict[str, str] = {"SECRET_KEY": os.environ.get("SECRET_KEY") or secrets["SECRET_KEY"]}
    own_database, own_valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    home = servers.Home.of(state) if own_database or own_valkey else None
    if home is not None and own_valkey:
        ports["valkey"] = any_free()
        parent.start(servers.valkey_server(home, ports["valkey"], secrets["VALKEY_PASSWORD"]))
        found["REDIS_URL"] = f"redis://:{secrets['VALKEY_PASSWORD']}@127.0.0.1:{ports['valkey']}/0"
    if home is not None and own_database:
        if not (home.data / "PG_VERSION").exists():
            terminal.say("Creating the database …")
        servers.initialise(home, secrets["SUPERUSER_PASSWORD"])
        ports["postgres"] = any_free()
        child = parent.start(servers.postgres_program(home, ports["postgres"]))
        answered = home
        parent.wait(
            lambda: servers.postgres_answers(answered, ports["postgres"]),
            seconds=START_SECONDS,
            what="PostgreSQL",
            needs=[child],
        )
        servers.ensure_roles(home, ports["postgres"], secrets)
        found["DATABASE_URL"] = database_url("frontdesk_app", secrets["APP_PASSWORD"], ports["postgres"])
        found["MIGRATION_DATABASE_URL"] = database_url("frontdesk_owner", secrets["OWNER_PASSWORD"], ports["postgres"])
    if own_valkey:
        parent.wait(
            lambda: servers.valkey_answers(ports["valkey"], secrets["VALKEY_PASSWORD"]),
            seconds=START_SECONDS,
            what="Valkey",
            needs=[parent.children["valkey"]],
        )
    return found


def django_environment(found: Mapping[str, str], door: Door, state: State) -> dict[str, str]:
    """Return the settings of the system for every process of ours."""
    return {
        "DEBUG": os.environ.get("DEBUG", "0"),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or ",".join([*door.hosts, "127.0.0.1"]),
        "CSRF_TRUSTED_ORIGINS": os.environ.get("CSRF_TRUSTED_ORIGINS") or ",".join(door.addresses),
        "HTTPS": "1" if door.lan else "0",
        "STATIC_ROOT": str(state.static),
        "SITE_URL": door.addresses[0],
        "SITE_AUTHORITY": str(authority(state)) if door.lan else "",
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        **{name: os.environ[name] for name in ADDRESSES if os.environ.get(name)},
        **found,
    }


def prepare_database(parent: Supervisor, environment: Mapping[str, str], state: State, *, demo: bool) -> None:
    """Migrate, gather static files, and fill an empty database with the demo hospital."""
    owner = environment.get("MIGRATION_DATABASE_URL") or environment["DATABASE_URL"]
    answer = state.folder / "prepared.json"
    answer.unlink(missing_ok=True)
    command = python("manage.py", "prepare", "--report", str(answer))
    if parent.finish(Program("prepare", command, {**environment, "DATABASE_URL": owner}, ROOT)) != 0:
        raise Failed(f"the database could not be prepared; see {state.logs / 'prepare.log'}")
    found = json.loads(answer.read_text())
    if demo and found["empty"] and found["demo"]:
        parent.terminal.say("Filling the empty database with the demo hospital …")
        (state.folder / "demo").touch()
        if parent.finish(Program("demo", python("manage.py", "demo"), environment, ROOT, shown=True)) != 0:
            raise Failed(f"the demo hospital could not be built; see {state.logs / 'demo.log'}")


def up(state: State, *, lan: bool, demo: bool) -> int:
    """Run the whole system until somebody stops it; return the exit status."""
    terminal = Terminal()
    state.prepare()
    lock = take_lock(state)
    if lock is None:
        return _beside(state, terminal, lan=lan)
    began = time.monotonic()
    earlier = RunFile.read(state.run_file)
    if earlier is not None:
        ended = clean_up(earlier)
        if ended:
            terminal.say(f"Ended what an earlier run left behind: {', '.join(ended)}")
    run = RunFile(state.run_file)
    own = Identity.of(os.getpid())
    run.set(supervisor=[own.pid, own.started] if own else None, lan=lan)
    parent = Supervisor(run, state.logs, terminal)
    status = 0
    try:
        _bring_up(parent, state, lan=lan, demo=demo, began=began)
        parent.forever()
    except Stopped:
        pass
    except Failed as failure:
        terminal.say(f"Not started: {failure}")
        status = 1
    terminal.say("Stopping …")
    if parent.stop():
        run.remove()
    terminal.say("Stopped.")
    os.close(lock)
    return status


def _bring_up(parent: Supervisor, state: State, *, lan: bool, demo: bool, began: float) -> None:
    terminal = parent.terminal
    terminal.say("Starting …")
    ports: dict[str, int] = {}
    door = choose_door(lan)
    found = embedded(terminal, parent, state, ports)
    environment = django_environment(found, door, state)
    lines = "".join(f"{name}={value}\n" for name, value in environment.items())
    write_private(state.environment, lines)
    compile_messages()
    whole = {**_inherited(), **environment}
    prepare_database(parent, whole, state, demo=demo)
    ports["web"] = any_free()
    ports["live"] = any_free()
    state.caddy.mkdir(exist_ok=True)
    caddy = shutil.which("caddy", path=str(Path(sys.executable).parent)) or "caddy"
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
    needed = [parent.start(program) for program in page_programs(whole, ports)]
    needed.append(parent.start(Program("caddy", command, site_environment(door, ports, state), ROOT)))
    parent.wait(lambda: listens(ports["live"]), seconds=START_SECONDS, what="the stream process", needs=needed)
    parent.wait(page_is_there(door, state), seconds=START_SECONDS, what="the sign-in page", needs=needed)
    parent.run.set(address=door.addresses[0], ports={**ports, "site": door.port})
    # After the page: people wait for that, and five Pythons that load at once make each of them slow.
    for program in task_programs(whole):
        parent.start(program)
    _welcome(terminal, door, state, time.monotonic() - began, environment)


def _inherited() -> dict[str, str]:
    """Return the caller's environment without what would change what our processes load."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "MAKEFLAGS")}


def _welcome(terminal: Terminal, door: Door, state: State, seconds: float, environment: Mapping[str, str]) -> None:
    wanted = int(os.environ.get("PORT", FIRST_PORTS["secure site" if door.lan else "site"]))
    terminal.say()
    terminal.say(f"  Ready after {seconds:.1f} s:  {door.addresses[0]}/")
    if door.port != wanted:
        terminal.say(f"  (port {wanted} is in use)")
    if door.lan:
        fingerprint = fingerprint_of(authority(state))
        terminal.say(f"  Also: {'  '.join(door.addresses[1:])}")
        terminal.say()
        terminal.say("  The other PCs must trust this hospital's own authority once. On each of them open")
        terminal.say(f"    {door.addresses[0]}/front-desk-authority.crt")
        terminal.say("  and install the file as a trusted root authority; README.md says how on each system.")
        terminal.say(f"  Compare first: SHA-256 {fingerprint}")
    if (state.folder / "demo").exists():
        terminal.say()
        for line in demo_logins(environment):
            terminal.say(f"  {line}")
    terminal.say()
    terminal.say(f"  Logs: {state.logs}    Stop: Ctrl-C, or `make down` in another terminal")
    terminal.say()


def demo_logins(environment: Mapping[str, str]) -> list[str]:
    """Return what the demo hospital says about its logins."""
    command = python("manage.py", "demo", "--logins")
    done = subprocess.run(
        command, cwd=ROOT, env={**_inherited(), **environment}, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines() if done.returncode == 0 else []


def _beside(state: State, terminal: Terminal, *, lan: bool) -> int:
    """Answer a second `up`: where the running one is found."""
    run = RunFile.read(state.run_file)
    address = run.facts.get("address") if run else None
    if run is not None and bool(run.facts.get("lan")) is not lan:
        how = "for the whole LAN" if run.facts.get("lan") else "for this machine only"
        terminal.say(f"Already running, {how}: {address or 'still starting'}. To change that: make down, then again.")
        return 1
    terminal.say(f"Already running: {address}/" if address else "Already starting in another terminal.")
    terminal.say("Stop it with `make down`.")
    return 0


def down(state: State) -> int:
    """Stop the system from another terminal; clear up behind one that died. Return the exit status."""
    terminal = Terminal()
    if not state.folder.exists():
        terminal.say("Nothing runs.")
        return 0
    lock = take_lock(state)
    run = RunFile.read(state.run_file)
    if lock is not None:
        ended = clean_up(run) if run is not None else []
        terminal.say(f"Ended what an earlier run left behind: {', '.join(ended)}" if ended else "Nothing runs.")
        if run is not None:
            run.remove()
        os.close(lock)
        return 0
    supervisor = run.supervisor if run is not None else None
    if run is None or supervisor is None or not supervisor.send(signal.SIGTERM):
        terminal.say("Something is just starting or stopping; try again in a moment.")
        return 1
    deadline = time.monotonic() + 10
    while supervisor.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    if supervisor.alive:
        supervisor.send(signal.SIGKILL)
        clean_up(run)
        run.remove()
    terminal.say("Stopped.")
    return 0


def reset(state: State, *, sure: bool) -> int:
    """Throw away everything the embedded system keeps, after asking. Return the exit status."""
    terminal = Terminal()
    decision = state.folder / "servers.path"
    elsewhere = Path(decision.read_text().strip()) if decision.exists() else None
    folders = [state.folder, *([elsewhere] if elsewhere and not elsewhere.is_relative_to(state.folder) else [])]
    if not any(folder.exists() for folder in folders):
        terminal.say("There is nothing to throw away.")
        return 0
    if not sure:
        terminal.say("This ends the system and deletes its database, secrets and logs for good:")
        for folder in folders:
            terminal.say(f"  {folder}")
        try:
            agreed = input("Type yes to go on: ").strip() == "yes"
        except EOFError:
            agreed = False
        if not agreed:
            terminal.say("Nothing was deleted.")
            return 1
    if down(state) != 0:
        return 1
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=False) if folder.exists() else None
    terminal.say("Deleted. `make up` starts afresh.")
    return 0


def read_environment(state: State) -> dict[str, str]:
    """Return the settings of the system that ran last; raise Failed when none ever did."""
    if not state.environment.exists():
        raise Failed("there is no system yet: run `make up` first, or set DATABASE_URL, REDIS_URL and SECRET_KEY")
    lines = state.environment.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def manage(state: State, arguments: list[str]) -> int:
    """Run a management command with the settings of the running system."""
    environment = {**_inherited(), **read_environment(state)}
    os.execve(sys.executable, python("manage.py", *arguments), environment)


def follow(state: State) -> int:
    """Show the logs as they grow."""
    files = sorted(str(path) for path in state.logs.glob("*.log"))
    if not files:
        raise Failed("there are no logs yet: run `make up` first")
    os.execvp("tail", ["tail", "-n", "20", "-F", *files])
