"""Processes on Linux: who they are beyond re-use of their number, starting them, ending them."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
MARK = "FRONTDESK_RUN"
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Account:
    """The account a server runs under when the system is started by root."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give the account a file or folder."""
        os.chown(path, self.uid, self.gid)

    def can(self, test: str, path: Path) -> bool:
        """Say whether the account may read (``-r``), write (``-w``) or run (``-x``) what lies at the path."""
        arguments = ["test", test, str(path)]
        done = subprocess.run(arguments, user=self.uid, group=self.gid, extra_groups=[], check=False, cwd="/")
        return done.returncode == 0


def server_account() -> Account | None:
    """Return the account for the servers: none of its own for an ordinary user, `postgres` or `nobody` for root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError("PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody`")


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """Return the identity of a living process, None when there is none."""
        fields = stat_fields(pid)
        return cls(pid, int(fields[19])) if fields is not None and fields[0] not in "ZX" else None

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Identity.of(self.pid) == self

    def send(self, number: signal.Signals) -> bool:
        """Signal this very process; False when it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.alive:
                return False
            signal.pidfd_send_signal(handle, number)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)


def stat_fields(pid: int) -> list[str] | None:
    """Return the fields of ``/proc/PID/stat`` after the name: state, ppid, group, session …"""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def boot_id() -> str:
    """Name this boot of the machine; process numbers of another one mean nothing."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def session_members(session: int) -> Iterator[Identity]:
    """Yield the living processes of a session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            fields = stat_fields(int(entry.name))
            if fields is not None and fields[0] not in "ZX" and int(fields[3]) == session:
                yield Identity(int(entry.name), int(fields[19]))


def carries(pid: int, mark: str) -> bool:
    """Say whether a process was started with our mark in its environment."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"{MARK}={mark}".encode() in environment.split(b"\0")


def left_of(leader: Identity, mark: str) -> list[Identity]:
    """List what still runs of a child we started as leader of its own session.

    A number cannot be given away while its session has members. So a stranger under the leader's number means that
    all of ours are gone; and members without a leader are ours only if they carry our mark.
    """
    now = Identity.of(leader.pid)
    if now is not None and now != leader:
        return []
    members = list(session_members(leader.pid))
    return members if now is not None else [member for member in members if carries(member.pid, mark)]


def adopt_orphans() -> None:
    """Become the parent of our children's children when those die, so that nothing escapes."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int,
    account: Account | None,
    death_signal: signal.Signals,
) -> "subprocess.Popen[bytes]":
    """Start a program as leader of a session of its own, that gets *death_signal* when we die however suddenly.

    Must be called from the main thread: the kernel takes the end of the calling thread for the parent's death.
    """
    parent = os.getpid()

    def before_exec() -> None:
        # After the change of account, because that change clears the setting.
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    identity: dict[str, object] = {}
    if account is not None:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=before_exec,
        **identity,
    )


def end(
    remaining: Callable[[], list[Identity]], *, seconds: float, polite: signal.Signals = signal.SIGTERM
) -> list[Identity]:
    """End processes politely, after *seconds* by force; return those that withstood even that for two seconds."""
    deadline = time.monotonic() + seconds
    for process in remaining():
        process.send(polite)
    while remaining() and time.monotonic() < deadline:
        time.sleep(0.05)
    deadline = time.monotonic() + 2
    while (left := remaining()) and time.monotonic() < deadline:
        for process in left:
            process.send(signal.SIGKILL)
        time.sleep(0.05)
    return remaining()
