"""The whole system for the browser tests: what `make up` starts, on a database of its own with the demo hospital."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from clinic.launch.paths import ROOT, State
from clinic.launch.ports import any_free
from clinic.launch.processes import session_members
from clinic.launch.runfile import RunFile

PATIENCE = 300.0
# The last of the sixteen databases a Valkey server has; nothing else of ours uses it.
REDIS_DATABASE = "15"


@dataclass
class Stack:
    """Servers given, everything else started: page workers, streams, worker, beat and the door before them."""

    folder: Path
    server_url: str
    redis_url: str
    database: str = field(default_factory=lambda: f"test_browser_{os.getpid()}")
    port: int = field(default_factory=any_free)
    process: "subprocess.Popen[bytes] | None" = None
    stage: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        """Where the browser goes."""
        return f"http://localhost:{self.port}"

    @property
    def database_url(self) -> str:
        """The stack's own database."""
        return urlunsplit(urlsplit(self.server_url)._replace(path=f"/{self.database}"))

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the stack is given."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO_ALLOW"))}
        return kept | {
            "DATABASE_URL": self.database_url,
            "MIGRATION_DATABASE_URL": self.database_url,
            "REDIS_URL": urlunsplit(urlsplit(self.redis_url)._replace(path=f"/{REDIS_DATABASE}")),
            "LAUNCH_STATE": str(self.folder),
            "PORT": str(self.port),
            "SECRET_KEY": "only-for-the-browser-tests-" + "0123456789" * 4,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "CSRF_TRUSTED_ORIGINS": self.url,
            "STATIC_ROOT": str(self.folder / "static"),
            "DEBUG": "0",
            "HTTPS": "0",
        }

    @property
    def output(self) -> str:
        """What a person would have read on the terminal."""
        return (self.folder / "terminal").read_text()

    def up(self) -> None:
        """Start with an empty database and wait until the system says that it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), sql.SQL("CREATE DATABASE {}"))
        redis.Redis.from_url(self.environment["REDIS_URL"]).flushdb()
        with (self.folder / "terminal").open("wb") as terminal:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "clinic.launch", "up"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )
        end = time.monotonic() + PATIENCE
        while "Ready" not in self.output:
            gone = self.process.poll() is not None
            assert not gone and time.monotonic() < end, f"the system did not start:\n{self.output}"
            time.sleep(0.1)
        assert f":{self.port}" in self.output, f"the port was taken meanwhile:\n{self.output}"

    def down(self) -> None:
        """Stop it as Ctrl-C does, and remove its database."""
        if self.stage is not None:
            self.stage.communicate()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            self.process.kill()
            self.process.wait()
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"))

    def kill(self, name: str) -> None:
        """Kill a process of the system with all its own; the supervisor starts it again."""
        run = RunFile.read(State(self.folder).run_file)
        assert run is not None
        for member in session_members(run.children()[name].pid):
            member.send(signal.SIGKILL)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query in the stack's database; a tests' own connection would read another one."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def manage(self, *arguments: str) -> str:
        """Run a management command with the stack's settings; return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make(self, scene: str, **wishes: Any) -> dict[str, Any]:
        """Have a function of `tests.browser.scenes` carried out inside the system; return its answer.

        `wishes` and the answer are plain JSON. One process stands by for all scenes: starting takes most of its time.
        """
        if self.stage is None:
            self.stage = subprocess.Popen(
                [
                    sys.executable,
                    "manage.py",
                    "shell",
                    "-v",
                    "0",
                    "-c",
                    "from tests.browser import scenes; scenes.perform()",
                ],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        stage = self.stage
        assert stage.stdin is not None and stage.stdout is not None
        print(json.dumps([scene, wishes]), file=stage.stdin, flush=True)
        answer: dict[str, Any] = json.loads(stage.stdout.readline())
        assert "wrong" not in answer, answer["wrong"]
        return answer

    def logs(self, lines: int = 30) -> str:
        """Return the ends of all logs, for a failed test to show."""
        return "\n".join(
            f"== {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
            for path in sorted((self.folder / "log").glob("*.log"))
        )

    def _administer(self, *statements: sql.SQL) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.format(sql.Identifier(self.database)))
