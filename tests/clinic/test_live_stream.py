"""The stream process with a real server and a real Valkey: R4, R10, R11 of the quality page."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.live import bus, tickets, topics
from clinic.live.stream import PENDING, Client, Entry, Hub, frame, parse_id
from tests.clinic.live_servers import Listener, StreamServer, Valkey, wait_until

pytestmark = pytest.mark.stack


@pytest.fixture
def valkey(tmp_path: Path, settings: pytest.FixtureRequest) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    settings.REDIS_URL = server.url  # type: ignore[attr-defined]
    bus._client.cache_clear()
    server.start()
    yield server
    server.stop()
    bus._client.cache_clear()


@pytest.fixture
def stream(valkey: Valkey) -> Iterator[StreamServer]:
    server = StreamServer(valkey.url)
    server.start()
    yield server
    server.stop(signal.SIGKILL)


def ticket(*names: str, staff_id: int = 7) -> str:
    return tickets.issue(staff_id=staff_id, topics=names)


def test_only_a_fresh_and_genuine_ticket_opens_a_stream(stream: StreamServer) -> None:
    genuine = ticket("board-1")
    assert stream.get("/live/")[0] == 403
    assert stream.get(f"/live/?ticket={genuine[:-2]}xx")[0] == 403
    assert stream.get("/elsewhere/")[0] == 404
    assert Listener(stream, genuine).status == 200


def test_a_change_reaches_the_pages_that_listen_and_no_others(stream: StreamServer) -> None:
    board, queue = Listener(stream, ticket("board-1", "board-2")), Listener(stream, ticket("queue-5"))
    board.wait_for("hello")
    queue.wait_for("hello")
    bus.publish(1, ["board-1", "register-1"])
    bus.publish(2, ["board-2"])
    bus.publish(3, ["queue-5"])
    wait_until(lambda: len(board.changed()) == 2 and len(queue.changed()) == 1, "both pages hear theirs")
    assert board.changed() == ["board-1", "board-2"]
    assert queue.changed() == ["queue-5"]


def test_r10_reconnecting_across_a_restart_misses_and_doubles_nothing(stream: StreamServer) -> None:
    names = [f"board-{number}" for number in range(40)]
    page = Listener(stream, ticket(*names))
    page.wait_for("hello")
    for number, name in enumerate(names[:15]):
        bus.publish(number, [name])
    wait_until(lambda: len(page.changed()) == 15, "the page hears the first fifteen")
    stream.stop()
    assert page.closed.wait(10)
    for number, name in enumerate(names[15:30]):
        bus.publish(number, [name])
    stream.start()
    again = Listener(stream, ticket(*names), after=page.last_id())
    again.wait_for("hello")
    for number, name in enumerate(names[30:]):
        bus.publish(number, [name])
    wait_until(lambda: len(again.changed()) >= 25, "the page hears the rest")
    assert page.changed() + again.changed() == names
    assert "resync" not in again.kinds()


def test_the_browsers_own_header_works_like_the_parameter(stream: StreamServer) -> None:
    page = Listener(stream, ticket("board-1"))
    page.wait_for("hello")
    bus.publish(1, ["board-1"])
    page.wait_for("changed")
    page.close()
    bus.publish(2, ["board-1"])
    again = Listener(stream, ticket("board-1"), header=page.last_id())
    # What was missed comes before or after the greeting: it may not have reached the stream process yet.
    again.wait_for("hello")
    again.wait_for("changed")
    assert sorted(again.kinds()) == ["changed", "hello"]


def test_a_page_that_heard_something_older_than_the_stream_is_told_to_refetch_all(stream: StreamServer) -> None:
    page = Listener(stream, ticket("board-1"), after="1700000000000-0")
    page.wait_for("hello")
    assert page.kinds() == ["resync", "hello"]


def test_a_page_made_just_now_hears_no_resync(stream: StreamServer) -> None:
    bus.publish(1, ["board-1"])
    page = Listener(stream, ticket("board-1"), after=f"{int(time.time() * 1000) + 1000}-0")
    page.wait_for("hello")
    assert page.kinds() == ["hello"]


def test_r4_without_valkey_pages_are_told_to_poll_and_recover_when_it_is_back(
    stream: StreamServer, valkey: Valkey
) -> None:
    page = Listener(stream, ticket("board-1"))
    page.wait_for("hello")
    valkey.stop(signal.SIGKILL)
    page.wait_for("poll")
    late = Listener(stream, ticket("board-1"))
    late.wait_for("poll")
    valkey.start()
    page.wait_for("resync")
    late.wait_for("hello")
    bus._client.cache_clear()
    bus.publish(1, ["board-1"])
    wait_until(lambda: page.changed() == ["board-1"] == late.changed(), "changes flow again")


def test_r4_an_emptied_valkey_makes_pages_refetch_all(stream: StreamServer, valkey: Valkey) -> None:
    page = Listener(stream, ticket("board-1"))
    page.wait_for("hello")
    valkey.client().flushall()
    page.wait_for("resync")
    bus.publish(1, ["board-1"])
    page.wait_for("changed")


def test_signing_out_ends_the_streams_at_once_and_voids_older_tickets(stream: StreamServer) -> None:
    old = ticket("board-1", staff_id=7)
    mine, hers = Listener(stream, old), Listener(stream, ticket("board-1", staff_id=8))
    mine.wait_for("hello")
    hers.wait_for("hello")
    time.sleep(0.005)
    bus.publish(1, [topics.sign_out(7)])
    assert mine.closed.wait(10)
    assert mine.kinds()[-1] == "bye"
    assert Listener(stream, old).status == 403
    time.sleep(0.005)
    assert Listener(stream, ticket("board-1", staff_id=7)).status == 200
    bus.publish(2, ["board-1"])
    hers.wait_for("changed")
    assert not hers.closed.is_set()


def test_a_sign_out_is_remembered_across_a_restart(stream: StreamServer) -> None:
    old = ticket("board-1", staff_id=7)
    time.sleep(0.005)
    bus.publish(1, [topics.sign_out(7)])
    stream.stop()
    stream.start()
    assert Listener(stream, old).status == 403


def test_r11_a_stop_signal_with_a_hundred_open_streams_ends_the_process(stream: StreamServer) -> None:
    pages = [Listener(stream, ticket("board-1")) for _ in range(100)]
    for page in pages:
        page.wait_for("hello")
    assert stream.health() == {"clients": 100, "redis": True}
    # uvicorn hands the signal on to itself once everything is closed.
    assert stream.stop() in (0, -signal.SIGTERM)
    for page in pages:
        assert page.closed.wait(10)
        assert page.kinds()[-1] == "bye"


def test_a_page_that_does_not_read_gets_one_resync_instead_of_a_backlog() -> None:
    client = Client(staff_id=1, topics=frozenset({"board-1"}))
    for number in range(PENDING + 10):
        client.push(frame("changed", "[]", (number, 0)), (number, 0))
    assert len(client.pending) <= PENDING
    assert client.pending[0] == ((PENDING, 0), frame("resync", entry_id=(PENDING, 0)))


def test_too_much_missed_is_one_resync() -> None:
    hub = Hub()
    for number in range(PENDING + 5):
        hub.take(Entry(id=(number, 0), topics=frozenset({"board-1"})))
    client = Client(staff_id=1, topics=frozenset({"board-1"}))
    assert list(hub.missed(client, (0, 0))) == [frame("resync", entry_id=(PENDING + 4, 0))]
    assert len(list(hub.missed(client, (PENDING, 0)))) == 4


@pytest.mark.parametrize("text", ["", "x", "1-x", "-1", "1" * 60, "1-2-3", "١-0x"])
def test_an_odd_event_id_is_no_id(text: str) -> None:
    assert parse_id(text) is None
