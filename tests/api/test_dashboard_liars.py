"""Nodes that lie, babble or say nothing: the picture of the honest ones stays true."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import exposition
import pytest
import requests
from laboratory import Dashboard, Node, browsing, network, until
from liars import Liar, Raw, event, member, snapshot

from dashboard.stream import MOST_BYTES

ACK = {"at": 1.0}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 3) as running:
        yield running


@pytest.fixture
def liars() -> Iterator[Callable[..., Any]]:
    started: list[Any] = []

    def start(kind: Callable[..., Any], *given: Any) -> Any:
        started.append(kind(*given))
        return started[-1]

    yield start
    for liar in started:
        liar.stop()


@pytest.fixture
def watching(tmp_path: Path, nodes: list[Node]) -> Iterator[Callable[..., Dashboard]]:
    """Starts a dashboard that also looks at the liars, and waits until it sees the honest."""
    started: list[Dashboard] = []

    def start(*liars: Any, server: str = "eventlet") -> Dashboard:
        seeds = ",".join([*(liar.url for liar in liars), nodes[0].url])
        dashboard = Dashboard(tmp_path / "dashboard", seeds, server)
        started.append(dashboard)
        until(lambda: honest(dashboard))
        return dashboard

    yield start
    truth = [honest(dashboard) for dashboard in started]
    for dashboard in started:
        dashboard.end()
    assert all(truth)
    assert not any("Traceback" in dashboard.printed() for dashboard in started)


def honest(dashboard: Dashboard) -> bool:
    """Whether the three are shown as they are."""
    seen = dashboard.nodes()
    return all(
        name in seen and seen[name]["watched"] and seen[name]["state"] == "alive"
        for name in ("node1", "node2", "node3")
    )


def at(dashboard: Dashboard, url: str) -> Any:
    """The view of whoever is at an address."""
    return next((n for n in dashboard.nodes().values() if n["url"] == url), None)


def refused(dashboard: Dashboard) -> float:
    """How many streams were ended as they made no sense."""
    page = requests.get(dashboard.url + "/metrics", timeout=30).text
    kind = {"kind": "nonsense"}
    return exposition.value(exposition.read(page)[0], "p2p_dashboard_oddities_total", **kind)


NONSENSE: dict[str, Callable[[Callable[..., None], str, Any], Any]] = {
    "a giant name": lambda emit, url, _: emit("snapshot", snapshot(url, node={"name": "x" * 5000})),
    "a name that is a number": lambda emit, url, _: emit(
        "snapshot", snapshot(url, node={"name": 7})
    ),
    "no node": lambda emit, url, _: emit("snapshot", snapshot(url, node={"id": None})),
    "an address with a password": lambda emit, _, __: emit(
        "snapshot", snapshot("http://a:b@c:5000")
    ),
    "a negative count": lambda emit, url, _: emit("snapshot", snapshot(url, inbox=-1)),
    "a count beyond counting": lambda emit, url, _: emit("snapshot", snapshot(url, inbox=2**63)),
    "members that are none": lambda emit, url, _: emit("snapshot", snapshot(url, members=[1, 2])),
    "too many members": lambda emit, url, _: emit(
        "snapshot", snapshot(url, members=[member(f"m{k}") for k in range(2_001)])
    ),
    "a state that is none": lambda emit, url, _: emit(
        "snapshot", snapshot(url, members=[member("m", state="undead")])
    ),
    "events before a snapshot": lambda emit, _, __: emit(
        "events", {"at": 1.0, "events": [event("node.started", {})]}
    ),
    "a snapshot that is a text": lambda emit, _, __: emit("snapshot", "x" * 100_000),
    "a million links": lambda emit, url, _: emit("snapshot", snapshot(url, links=["n"] * 10**6)),
    "an infinite time": lambda emit, url, _: emit("snapshot", snapshot(url, at=float("inf"))),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_ends_the_stream_and_the_note_says_why(
    kind: str, liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    liar = liars(Liar, NONSENSE[kind])
    dashboard = watching(liar)
    seen = until(lambda: at(dashboard, liar.url))
    assert "not believed" in seen["note"]
    assert seen["watched"] is False
    assert len(seen["name"]) <= 63
    assert refused(dashboard) >= 1
    calls = liar.subscribed
    time.sleep(0.5)  # a span in which it would be asked again and again
    assert liar.subscribed <= calls + 1


def test_a_message_without_end_is_not_waited_for(
    liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url, version="x" * (MOST_BYTES + 1)))
        return ACK

    liar = liars(Liar, says)
    dashboard = watching(liar)
    seen = until(lambda: (n := at(dashboard, liar.url)) and n["note"] and n)
    assert f"more than {MOST_BYTES:,} bytes" in seen["note"]


BABBLE = {
    "events of another node": event("node.stopping", {}, node="somebody else"),
    "an event without a number": event("node.stopping", {}, seq=-1),
    "an event at no time": {**event("node.stopping", {}), "time": "yesterday"},
    "a giant text": event(
        "message.received",
        {
            "message": "m",
            "to": {"id": "liar", "name": "l", "url": "http://l"},
            "text": "x" * 10_001,
        },
    ),
    "a text of five megabytes": event(
        "message.received",
        {
            "message": "m",
            "to": {"id": "liar", "name": "l", "url": "http://l"},
            "text": "x" * 5_000_000,
        },
    ),
    "a member that is a list": event("member.alive", {"member": []}),
    "no event": "event",
}


@pytest.mark.parametrize("kind", BABBLE)
def test_a_babbling_stream_ends(
    kind: str, liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url))
        emit("events", {"at": 1.0, "events": [BABBLE[kind]]})
        return ACK

    liar = liars(Liar, says)
    dashboard = watching(liar)
    seen = until(lambda: (n := at(dashboard, liar.url)) and n["note"] and n)
    assert "not believed" in seen["note"]
    assert seen["watched"] is False


@pytest.mark.parametrize("server", ["eventlet", "threading"])
def test_a_liar_invents_and_kills_nobody(
    server: str, liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        members = [member(f"invented{k}") for k in range(500)]
        members += [{**m, "state": "dead", "name": "renamed"} for m in real]
        emit(
            "snapshot",
            snapshot(url, node={"name": "<img src=x onerror=alert(1)>"}, members=members),
        )
        return ACK

    first = watching()
    real = [{key: node[key] for key in ("id", "name", "url")} for node in first.nodes().values()]
    liar = liars(Liar, says)
    dashboard = watching(liar, server=server)
    until(dashboard.sees(watched=4))
    until(lambda: len(dashboard.nodes()) == 4)
    assert {n["state"] for n in dashboard.nodes().values()} == {"alive"}
    assert set(dashboard.nodes()) == {
        "node1",
        "node2",
        "node3",
        "<img src=x onerror=alert(1)>",
    }


def test_who_claims_to_be_another_is_not_heard(
    liars: Callable[..., Any], watching: Callable[..., Dashboard], nodes: list[Node]
) -> None:
    dashboard = watching()
    victim = dashboard.nodes()["node2"]

    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url, node={"id": victim["id"], "name": "usurper"}))
        return ACK

    liar = liars(Liar, says)
    dashboard.end()
    dashboard.environment["DASHBOARD_SEEDS"] = liar.url  # at first it is alone, and believed
    dashboard.start()
    until(lambda: "usurper" in dashboard.nodes())
    dashboard.end()
    dashboard.environment["DASHBOARD_SEEDS"] = f"{liar.url} {nodes[0].url}"
    dashboard.start()
    until(lambda: liar.subscribed >= 2)
    until(lambda: honest(dashboard))
    assert dashboard.nodes()["node2"]["url"] == victim["url"]
    assert "usurper" not in dashboard.nodes()


def test_two_that_claim_one_id_are_a_conflict(
    liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    dashboard = watching()
    victim = dashboard.nodes()["node2"]

    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url, node={"id": victim["id"], "name": "usurper"}))
        return ACK

    usurper = liars(Liar, says)
    dashboard.end()
    dashboard.environment["DASHBOARD_SEEDS"] += f" {usurper.url}"
    dashboard.start()
    until(lambda: honest(dashboard))
    told: Any = until(lambda: dashboard.get("/api/graph")["graph"]["conflicts"]["list"])
    assert told[0]["kind"] == "id"
    assert told[0]["nodes"] == [{"id": victim["id"], "name": "node2"}]
    assert told[0]["text"].endswith("claims its id")
    until(lambda: dashboard.nodes()["node2"]["conflicts"])
    assert dashboard.nodes()["node2"]["url"] in {victim["url"], usurper.url}
    dashboard.end()
    dashboard.environment["DASHBOARD_SEEDS"] = victim["url"]
    dashboard.start()
    until(lambda: honest(dashboard))


def test_who_comes_and_goes_is_asked_less_and_less_often(
    liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url))
        threading.Timer(0.02, flapping[0].drop).start()
        return ACK

    flapping = [liars(Liar, says)]
    dashboard = watching(*flapping)
    begun, before = time.monotonic(), flapping[0].subscribed
    until(lambda: time.monotonic() - begun > 4)
    assert flapping[0].subscribed - before <= 8, "it was as often as five times a second"
    assert honest(dashboard)


def test_messages_of_1970_and_of_2100_are_of_now(
    liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url, at=time.time()))
        to = {"id": "liar", "name": "liar", "url": url}
        events = [
            {
                **event("message.received", {"message": year, "to": to, "text": year}, seq=seq),
                "time": f"{year}-01-01T00:00:00+00:00",
            }
            for seq, year in enumerate(("1970", "2100"), 1)
        ]
        emit("events", {"at": time.time(), "events": events})
        return {"at": time.time()}

    liar = liars(Liar, says)
    dashboard = watching(liar)
    views: Any = until(lambda: [v for v in dashboard.get("/api/messages")["messages"] if v["text"]])
    until(lambda: len(dashboard.get("/api/messages")["messages"]) == 2)
    views = dashboard.get("/api/messages")["messages"]
    assert {view["text"] for view in views} == {"1970", "2100"}
    assert all(abs(view["received_at"] / 1000 - time.time()) < 60 for view in views)
    assert dashboard.status()["busy"] is None


RAW = {
    "silence": b"",
    "noise": b"\x00\xff" * 5_000,
    "half an answer": b"HTTP/1.1 101 Switching Protocols\r\nUpgr",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000,
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n"
    b"Content-Length: 0\r\n\r\n",
    "a wrong handshake": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Accept: bm9wZQ==\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
}


def test_whatever_answers_the_dashboard_stays_quick(
    liars: Callable[..., Any], watching: Callable[..., Dashboard]
) -> None:
    dashboard = watching(*(liars(Raw, answer) for answer in RAW.values()))
    begun = time.monotonic()
    with browsing(dashboard) as browser:
        assert len(browser.snapshots[0]["nodes"]) >= 3
    assert time.monotonic() - begun < 3
    assert {n["state"] for n in dashboard.nodes().values() if n["watched"]} == {"alive"}
