"""A load as light as can be: it shares the cores with what it measures."""

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

PROCESSES = 2
# What a client does: it is given its connection and the requests of one visit, and returns whether it was refused.
Client = Callable[["Line", Any], None]


class Line:
    """A keep-alive connection over a raw socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return the status and the body of its answer; one in chunks is returned with their heads."""
        self.socket.sendall(request)
        answer = self.rest
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:end].lower()
        if b"transfer-encoding: chunked" in head:
            while (last := answer.find(b"\r\n0\r\n\r\n", end + 2)) < 0:
                answer += self._more()
            self.rest = answer[last + 7 :]
            return int(head[9:12]), answer[end + 4 : last]
        # What has no content does not tell its length.
        told = head.partition(b"content-length:")[2]
        length = int(told.split(b"\r\n")[0]) if told else 0
        while len(answer) < end + 4 + length:
            answer += self._more()
        self.rest = answer[end + 4 + length :]
        return int(head[9:12]), answer[end + 4 : end + 4 + length]

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        assert data, "the connection was closed"
        return data


@dataclass(frozen=True, slots=True)
class Load:
    """How long everything took, and each piece of work."""

    seconds: float
    each: list[float]

    @property
    def a_second(self) -> float:
        """Pieces of work done in a second."""
        return len(self.each) / self.seconds

    def percentile(self, part: int) -> float:
        """Milliseconds within which `part` of a hundred pieces of work were done."""
        return sorted(self.each)[min(len(self.each) - 1, len(self.each) * part // 100)] * 1000


def put_under_load(port: int, work: Sequence[Sequence[Any]], client: Client) -> Load:
    """Let a client for each sequence do its pieces of work, one after the other, all clients at once.

    Raises RuntimeError when one fails.
    """
    fork = multiprocessing.get_context("fork")
    count = min(PROCESSES, len(work))
    ready, done = fork.Barrier(len(work) + 1), fork.Queue()
    processes = [fork.Process(target=_clients, args=(port, work[n::count], client, ready, done)) for n in range(count)]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    found = [done.get() for _ in work]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    if failed := [one for one in found if isinstance(one, str)]:
        raise RuntimeError(failed[0])
    return Load(seconds, [one for each in found for one in each])


def _clients(port: int, work: Sequence[Sequence[Any]], client: Client, ready: Any, done: Any) -> None:
    threads = [threading.Thread(target=_one, args=(port, pieces, client, ready, done)) for pieces in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _one(port: int, pieces: Sequence[Any], client: Client, ready: Any, done: Any) -> None:
    line = Line(port)
    ready.wait()
    taken = []
    with closing(line.socket):
        try:
            for piece in pieces:
                began = time.perf_counter()
                client(line, piece)
                taken.append(time.perf_counter() - began)
        except Exception as error:
            done.put(f"{type(error).__name__}: {error}")
            return
    done.put(taken)
