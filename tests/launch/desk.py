"""A system of our own for a test: real processes, a folder and ports of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinic.launch.paths import ROOT
from clinic.launch.ports import any_free
from clinic.launch.processes import Identity

PATIENCE = 300.0
LAUNCH = [sys.executable, "-m", "clinic.launch"]
OURS = (
    *("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"),
    *("DEBUG", "HTTPS", "STATIC_ROOT", "SITE_URL", "SITE_AUTHORITY", "PORT", "LAUNCH_STATE"),
)


def wait_for(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until the condition holds; fail when it does not within so many seconds."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.05)


def runs(pid: int) -> bool:
    """Say whether the process does something yet; one that has ended may wait for its parent to notice."""
    return Identity.of(pid) is not None


@dataclass
class Desk:
    """``up`` in a folder, as a person starts it."""

    state: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    seen: set[int] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**kept, "LAUNCH_STATE": str(self.state), "PORT": str(self.port)}

    @property
    def output(self) -> str:
        return (self.state.parent / "terminal").read_text()

    def up(self, *arguments: str, demo: bool = False) -> None:
        """Start, without the demo hospital unless it is wanted, and wait until it says that it is ready."""
        with (self.state.parent / "terminal").open("wb") as terminal:
            self.process = subprocess.Popen(
                [*LAUNCH, "up", *(() if demo else ("--no-demo",)), *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )
        process = self.process
        try:
            wait_for(lambda: "Ready" in self.output or process.poll() is not None, "ready")
            assert "Ready" in self.output, self.output
            wait_for(lambda: "beat" in self.children, "every process started")
        except BaseException:
            # Nobody else knows of it yet: left alone it would run beside every test that follows.
            process.terminate()
            process.wait(PATIENCE)
            raise
        self.seen |= {process.pid, *self.children.values()}

    def run(self, *arguments: str, patience: float = PATIENCE) -> "subprocess.CompletedProcess[str]":
        """Run another command of the launcher beside it; fail when it takes longer than so many seconds."""
        return subprocess.run(
            [*LAUNCH, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )

    def stop(self) -> float:
        """Send SIGTERM; return the seconds until it was gone."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    @property
    def run_file(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.state / "run.json").read_text())
        return content

    @property
    def children(self) -> dict[str, int]:
        return {name: identity[0] for name, identity in self.run_file["children"].items()}

    def restarted(self, name: str, pid: int) -> bool:
        """Whether a child runs again, and is not the process it was."""
        return self.children.get(name, pid) != pid

    @property
    def settings(self) -> dict[str, str]:
        lines = (self.state / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def address(self) -> str:
        return str(self.run_file["facts"]["address"])

    def answers(self) -> bool:
        """Whether the sign-in page is answered through the door, and the database behind it."""
        try:
            for path in ("/sign-in/", "/healthz/"):
                urllib.request.urlopen(f"{self.address}{path}", timeout=10).close()
        except OSError:
            return False
        return True

    def left(self) -> list[str]:
        """Name every process that still belongs to this folder or carries its mark."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal() or int(entry.name) == os.getpid():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (entry / "environ").read_bytes().decode(errors="replace")
                session = int((entry / "stat").read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue
            if command and (
                str(self.state) in command or f"LAUNCH_STATE={self.state}" in environment or session in self.seen
            ):
                found.append(f"{entry.name} {command}")
        return found


def occupied_port() -> tuple[socket.socket, int]:
    """Return a listening socket with room for a few more ports above it.

    Not one the kernel chooses: it gives those just above it to the outgoing connections of other tests.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", any_free()))
    listener.listen(1)
    return listener, int(listener.getsockname()[1])
