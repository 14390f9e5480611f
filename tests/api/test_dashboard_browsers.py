"""Browsers that are many, slow or greedy."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from laboratory import Dashboard, until
from liars import Liar, event, snapshot

from dashboard.live import MOST_BROWSERS, MOST_WAITING, SNAPSHOT_EVERY

TEXT = "x" * 10_000


class Flood:
    """A node that receives long messages as fast as a node can, while it is told to."""

    def __init__(self) -> None:
        self.emit: Any = None
        self.seq = 0

    def __call__(self, emit: Any, url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url))
        self.emit = emit
        return {"at": time.time()}

    def batch(self, count: int) -> None:
        """Send some messages."""
        events = []
        for _ in range(count):
            self.seq += 1
            to = {"id": "liar", "name": "liar", "url": "http://liar:5000"}
            data = {"message": f"m{self.seq}", "to": to, "sender": "s", "text": TEXT}
            events.append(event("message.received", data, seq=self.seq))
        self.emit("events", {"at": time.time(), "events": events})


@pytest.fixture
def flood() -> Flood:
    return Flood()


@pytest.fixture(params=["eventlet", "threading"])
def dashboard(tmp_path: Path, flood: Flood, request: pytest.FixtureRequest) -> Iterator[Dashboard]:
    node = Liar(flood)
    running = Dashboard(tmp_path, node.url, request.param)
    until(running.sees(watched=1))
    yield running
    running.end()
    node.stop()
    assert "Traceback" not in running.printed()


class Slow:
    """A browser that connects and then reads nothing until it is asked to."""

    def __init__(self, dashboard: Dashboard) -> None:
        address = dashboard.url.replace("http", "ws", 1)
        self.socket = websocket.create_connection(
            f"{address}/socket.io/?EIO=4&transport=websocket", timeout=10
        )
        self.socket.recv()
        self.socket.send("40/live,")

    def told(self) -> tuple[str, Any]:
        """The next snapshot or delta."""
        while True:
            packet = str(self.socket.recv())
            if packet == "2":
                self.socket.send("3")
            elif packet.startswith("42/live,"):
                name, data = json.loads(packet.removeprefix("42/live,"))
                return name, data


@pytest.fixture
def browse(dashboard: Dashboard) -> Iterator[Callable[[], Slow]]:
    """Makes browsers, and closes them at the end."""
    made: list[Slow] = []

    def browser() -> Slow:
        made.append(Slow(dashboard))
        return made[-1]

    yield browser
    for browser_ in made:
        browser_.socket.close()


def test_a_slow_browser_gets_a_snapshot_instead_of_all_it_missed(
    dashboard: Dashboard, flood: Flood, browse: Callable[[], Slow]
) -> None:
    slow = browse()
    first = slow.told()[1]["number"]
    for sent in range(1, 111):  # 110 MB in deltas, which no buffer of the system holds
        flood.batch(100)
        until(lambda n=sent: dashboard.status()["messages"] == 100 * n)
    told = [slow.told()]
    while told[-1][0] != "snapshot":
        told.append(slow.told())
    deltas, (_, snapshot_) = told[:-1], told[-1]
    assert [delta["number"] for _, delta in deltas] == [first + k + 1 for k in range(len(deltas))]
    assert MOST_WAITING <= len(deltas) < snapshot_["number"] - first
    flood.batch(1)
    rest = [snapshot_]
    while rest[-1]["summary"]["messages"] != flood.seq:
        rest.append(slow.told()[1])
        rest[-1].setdefault("summary", rest[-2]["summary"])
    assert [delta["number"] for delta in rest] == [
        snapshot_["number"] + k for k in range(len(rest))
    ]


def test_a_greedy_browser_gets_one_snapshot_a_second(browse: Callable[[], Slow]) -> None:
    browser = browse()
    browser.told()
    begun = time.monotonic()
    for _ in range(200):
        browser.socket.send('42/live,["resync"]')
    assert browser.told()[0] == "snapshot"
    assert time.monotonic() - begun > SNAPSHOT_EVERY / 2
    between = time.monotonic()
    browser.socket.send('42/live,["resync"]')
    assert browser.told()[0] == "snapshot"
    assert time.monotonic() - between > SNAPSHOT_EVERY / 2


def test_a_browser_after_the_last_is_refused_and_the_others_stay(
    browse: Callable[[], Slow],
) -> None:
    browsers = [browse() for _ in range(MOST_BROWSERS)]
    assert {browser.told()[0] for browser in browsers} == {"snapshot"}
    assert str(browse().socket.recv()).startswith("44/live,")
    browsers[0].socket.close()
    until(lambda: str(browse().socket.recv()).startswith("40/live,"))
