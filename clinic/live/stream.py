"""The stream process: `application` answers `/live/` with an event stream of the topics a page's ticket names.

One reader per process follows the Redis stream and keeps the last entries in memory, so that a page that reconnects
with the id it heard last misses nothing and costs no request to Redis. The stream carries names of topics and nothing
else. Events, each with the id of the Redis entry where there is one:

    hello    the stream is open and complete from here on
    changed  a JSON list of topics that changed
    resync   too much was missed: refetch everything
    poll     Redis is away: refetch on your own until `hello` comes again
    beat     still here, every BEAT seconds
    bye      ask for a new ticket and come again (or sign in again)
"""

import asyncio
import contextlib
import json
import os
import random
import signal
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, cast
from urllib.parse import parse_qs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")

import redis.asyncio
import structlog
from django.conf import settings
from django.core import signing
from django.utils.log import configure_logging
from redis.exceptions import RedisError

from clinic.live import bus, tickets, topics

configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
EntryId = tuple[int, int]

BEAT = 3.0
LIFE = 300.0
WINDOW = bus.KEPT
PENDING = 64
SEND_TIMEOUT = 20.0
RETRY = 1.0
READY_WITHIN = 2.0


def parse_id(text: str) -> EntryId | None:
    """Return a Redis entry id as two numbers, None when it is not one."""
    first, _dash, second = text.partition("-")
    if not (first.isdecimal() and (second or "0").isdecimal()) or len(text) > 40:
        return None
    return int(first), int(second or 0)


def frame(event: str, payload: str = "1", entry_id: EntryId | None = None) -> bytes:
    """Return one event in the wire format of event streams."""
    head = f"id: {entry_id[0]}-{entry_id[1]}\n" if entry_id else ""
    return f"{head}event: {event}\ndata: {payload}\n\n".encode()


@dataclass(slots=True)
class Entry:
    """One entry of the Redis stream."""

    id: EntryId
    topics: frozenset[str]


@dataclass(slots=True, eq=False)
class Client:
    """One open page: what it listens to and what waits to be sent to it."""

    staff_id: int
    topics: frozenset[str]
    pending: list[tuple[EntryId | None, bytes]] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ending: bool = False

    def push(self, data: bytes, entry_id: EntryId | None = None) -> None:
        """Queue an event; when the page does not read, everything is replaced by one `resync`."""
        if len(self.pending) >= PENDING:
            self.pending = [(entry_id, frame("resync", entry_id=entry_id))]
        else:
            self.pending.append((entry_id, data))
        self.wake.set()

    def end(self) -> None:
        """Say goodbye and let the stream finish."""
        self.pending.append((None, frame("bye")))
        self.ending = True
        self.wake.set()


class Hub:
    """The reader of the Redis stream, the memory of its last entries, and the open pages."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.by_topic: defaultdict[str, set[Client]] = defaultdict(set)
        self.window: deque[Entry] = deque(maxlen=WINDOW)
        self.last: EntryId = (0, 0)
        self.away = True
        self.closing = False
        self.signed_out_ms: dict[int, int] = {}
        self.ready = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start reading and beating on the running loop."""
        self.tasks = [asyncio.create_task(self._read_for_ever()), asyncio.create_task(self._beat_for_ever())]

    async def stop(self) -> None:
        """End every stream, then the reader."""
        self.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def close(self) -> None:
        """Let every stream finish now and take no new ones."""
        self.closing = True
        for client in tuple(self.clients):
            client.end()

    def add(self, client: Client) -> None:
        """Deliver to this page from now on."""
        self.clients.add(client)
        for topic in client.topics:
            self.by_topic[topic].add(client)

    def remove(self, client: Client) -> None:
        """Forget a page."""
        self.clients.discard(client)
        for topic in client.topics:
            listeners = self.by_topic.get(topic)
            if listeners is not None:
                listeners.discard(client)
                if not listeners:
                    del self.by_topic[topic]

    def refuses(self, ticket: tickets.Ticket) -> bool:
        """Say whether the ticket is older than the moment its owner was signed out."""
        return ticket.issued_ms <= self.signed_out_ms.get(ticket.staff_id, 0)

    def missed(self, client: Client, after: EntryId) -> Iterator[bytes]:
        """Yield what the page missed since `after`: the entries it listens to, or one `resync`."""
        if not self.window or after < self.window[0].id:
            yield frame("resync")
            return
        fresh: list[Entry] = []
        for entry in reversed(self.window):
            if entry.id <= after:
                break
            if entry.topics & client.topics:
                fresh.append(entry)
        if len(fresh) > PENDING:
            yield frame("resync", entry_id=self.last)
            return
        for entry in reversed(fresh):
            yield frame("changed", json.dumps(sorted(entry.topics & client.topics)), entry.id)

    def tell_all(self, data: bytes) -> None:
        """Queue an event without an id for every page."""
        for client in self.clients:
            client.push(data)

    def take(self, entry: Entry, *, deliver: bool = True) -> None:
        """Keep an entry, deliver it, and end the streams of whoever it signs out."""
        self.window.append(entry)
        self.last = entry.id
        listeners = {client for topic in entry.topics for client in self.by_topic.get(topic, ())} if deliver else ()
        for client in listeners:
            client.push(frame("changed", json.dumps(sorted(entry.topics & client.topics)), entry.id), entry.id)
        for staff_id in topics.signed_out(entry.topics):
            self.signed_out_ms[staff_id] = entry.id[0]
            for client in self.clients:
                if client.staff_id == staff_id:
                    client.end()

    async def _beat_for_ever(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self.tell_all(frame("beat"))
            horizon = self.last[0] - (tickets.SECONDS_TO_CONNECT + 60) * 1000
            self.signed_out_ms = {staff: ms for staff, ms in self.signed_out_ms.items() if ms > horizon}

    async def _read_for_ever(self) -> None:
        while True:
            client = redis.asyncio.Redis.from_url(
                settings.REDIS_URL, socket_timeout=3.0, socket_connect_timeout=1.0, decode_responses=True
            )
            try:
                await self._load(client)
                await self._follow(client)
            except (RedisError, OSError) as error:
                if not self.away:
                    log.warning("live_redis_away", error=type(error).__name__)
                    self.away = True
                    self.tell_all(frame("poll"))
                await asyncio.sleep(RETRY)
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()

    async def _load(self, client: "redis.asyncio.Redis") -> None:
        """Fill the memory at the start and after Redis was away; what is missing there counts as missed."""
        if not await client.exists(bus.STREAM):
            # An empty entry marks where this stream begins: pages that heard an earlier one are told to refetch.
            await client.xadd(bus.STREAM, {"event": "", "topics": "[]"})
        newest = await _newest(client, 1)
        goes_on = bool(self.window and newest and newest[0].id >= self.last)
        if goes_on:
            rows = _entries(await client.xrange(bus.STREAM, min=f"({self.last[0]}-{self.last[1]}"))
        else:
            rows = (await _newest(client, WINDOW))[::-1]
            self.window.clear()
            self.last = (0, 0)
        for entry in rows:
            self.take(entry, deliver=goes_on)
        if self.away:
            self.away = False
            self.ready.set()
            log.info("live_redis_here", entries=len(self.window))
            self.tell_all(frame("hello"))
            self.tell_all(frame("resync", entry_id=self.last))

    async def _follow(self, client: "redis.asyncio.Redis") -> None:
        while True:
            answer = await client.xread({bus.STREAM: f"{self.last[0]}-{self.last[1]}"}, count=1000, block=1000)
            if not answer:
                newest = await _newest(client, 1)
                if not newest or newest[0].id < self.last:
                    self.away = True  # emptied under our feet: begin again, and let every page refetch
                    return
                continue
            for entry in _entries(cast("list[tuple[str, object]]", answer)[0][1]):
                self.take(entry)


def _entries(rows: object) -> list[Entry]:
    """Return what Redis answered, a list of id and values, as entries."""
    return [
        Entry(id=parse_id(entry_id) or (0, 0), topics=frozenset(json.loads(values.get("topics", "[]"))))
        for entry_id, values in cast("list[tuple[str, dict[str, str]]]", rows)
    ]


async def _newest(client: "redis.asyncio.Redis", count: int) -> list[Entry]:
    """Return the newest entries of the stream, newest first."""
    return _entries(await client.xrevrange(bus.STREAM, count=count))


class Application:
    """The ASGI callable. The hub starts with the first lifespan or request of the process."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a lifespan or a request; anything else is closed."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    def _running(self) -> Hub:
        if self.hub is None:
            self.hub = Hub()
            self.hub.start()
        return self.hub

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                hub = self._running()
                _end_streams_on_signals(hub)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(READY_WITHIN):
                        await hub.ready.wait()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self.hub is not None:
                    await self.hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        hub = self._running()
        if scope["path"] == "/live/health/":
            status = {"clients": len(hub.clients), "redis": not hub.away}
            await _plain(send, 200, json.dumps(status).encode(), b"application/json")
            return
        if scope["path"] != "/live/" or scope["method"] != "GET":
            await _plain(send, 404, b"not here")
            return
        if hub.closing:
            await _plain(send, 503, b"stopping")
            return
        parameters = parse_qs(scope["query_string"].decode("ascii", "replace"))
        try:
            ticket = tickets.read(parameters.get("ticket", [""])[0])
        except (signing.BadSignature, ValueError):
            await _plain(send, 403, b"no ticket")
            return
        if hub.refuses(ticket):
            await _plain(send, 403, b"signed out")
            return
        headers = dict(scope["headers"])
        heard = headers.get(b"last-event-id", b"").decode("ascii", "replace") or parameters.get("after", [""])[0]
        client = Client(staff_id=ticket.staff_id, topics=frozenset(ticket.topics))
        hub.add(client)
        gone = asyncio.create_task(_until_gone(receive, client))
        try:
            await _stream(hub, client, parse_id(heard), send)
        except (TimeoutError, OSError):
            pass  # the page stopped reading; it comes again with the id it heard last
        finally:
            hub.remove(client)
            gone.cancel()


async def _until_gone(receive: Receive, client: Client) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.ending = True
    client.wake.set()


async def _stream(hub: Hub, client: Client, after: EntryId | None, send: Send) -> None:
    """Send what was missed, then what comes, until the page or the process goes or the stream is old."""
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
            ],
        }
    )
    last = hub.last
    first = b"retry: 2000\n\n" + (frame("poll") if hub.away else frame("hello", entry_id=last if last[0] else None))
    if after is not None and not hub.away:
        # What was missed comes before `hello`, whose id is the newest.
        first = b"".join(hub.missed(client, after)) + first
    # Whatever arrived while the page was being added is in the memory already, so it is part of `first`.
    client.pending = [(entry_id, data) for entry_id, data in client.pending if entry_id is None]
    await _body(send, first)
    loop = asyncio.get_running_loop()
    until = loop.time() + LIFE * random.uniform(0.8, 1.2)  # noqa: S311 - spreads the load, guards nothing
    while not client.ending:
        client.wake.clear()
        if not client.pending:
            try:
                async with asyncio.timeout_at(until):
                    await client.wake.wait()
            except TimeoutError:
                client.end()
        if client.pending:
            waiting, client.pending = client.pending, []
            await _body(send, b"".join(data for _id, data in waiting))
    if client.pending:
        await _body(send, b"".join(data for _id, data in client.pending))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _body(send: Send, data: bytes) -> None:
    async with asyncio.timeout(SEND_TIMEOUT):
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _plain(send: Send, status: int, text: bytes, kind: bytes = b"text/plain") -> None:
    head = [(b"content-type", kind), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": text})


def _end_streams_on_signals(hub: Hub) -> None:
    """Let open streams finish as soon as the server is told to stop; it waits for them before it ends."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        earlier = signal.getsignal(number)

        def handle(received: int, at: FrameType | None, earlier: Any = earlier) -> None:
            loop.call_soon_threadsafe(hub.close)
            if callable(earlier):
                earlier(received, at)

        with contextlib.suppress(ValueError):  # not the main thread: the server's own patience must do
            signal.signal(number, handle)


application = Application()
