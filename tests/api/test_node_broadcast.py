"""Broadcast over HTTP: one node as a stranger meets it, and a network of real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from free_ports import free_port

from node import unstored
from node.api import create_app
from node.identity import Identity
from node.overlay import inputs as i
from node.overlay.config import Config
from node.overlay.frames import Batch, Neighbour, Push, Receipt, Receipts, Record
from node.overlay.receipts import mark
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store
from node.transport import BATCH_ROOM, Queues

ROOT = Path(__file__).parents[2]
LINK = Record(id="link", name="node7", url="http://127.0.0.1:9")


def a_peer(folder: Path, config: Config | None = None) -> Peer:
    settings = Settings(data=folder, bootstrap=NO_BOOTSTRAP)
    store = Store(folder)
    identity = Identity("node2", "http://node2:5000")
    return Peer(settings, identity, store, config=config, rng=Random(1))


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    peer = a_peer(tmp_path)
    yield peer
    peer.store.close()


@pytest.fixture
def client(peer: Peer) -> FlaskClient:
    return create_app(peer).test_client()


def push(number: int = 1, **more: Any) -> Push:
    fields: dict[str, Any] = {
        "origin": "link",
        "epoch": 0,
        "number": number,
        "hop": 1,
        "message": f"m{number}",
        "sender": "node7",
        "text": "hello all",
    }
    return Push(**{**fields, **more})


def hear(peer: Peer, *frames: Any) -> None:
    peer.heard(Batch(LINK, frames))


def tie(peer: Peer) -> None:
    """It asks to be a link, and answers when it is told yes."""
    hear(peer, Neighbour())
    peer._happened(i.Answered(LINK.url, Batch(LINK, ())))


def told(peer: Peer, type_: str) -> list[dict[str, Any]]:
    return [event.data for event in peer.events.after(0, 1_000)[0] if event.type == type_]


def test_a_broadcast_is_stored_by_its_origin_and_told(client: FlaskClient, peer: Peer) -> None:
    answer = client.post("/broadcast", json={"msg": "Hello all!"})
    assert answer.status_code == 202
    message = answer.json["id"]
    assert answer.json["status"] == "sent"
    (stored,) = client.get("/messages").json["messages"]
    assert (stored["id"], stored["msg"], stored["broadcast"]) == (message, "Hello all!", True)
    (event,) = told(peer, "broadcast.sent")
    assert (event["message"], event["text"]) == (message, "Hello all!")
    assert event["from"]["name"] == "node2"


def test_the_same_id_again_sends_nothing_and_another_text_is_refused(
    client: FlaskClient, peer: Peer
) -> None:
    for _ in range(2):
        answer = client.post("/broadcast", json={"msg": "once", "id": "b1"})
        assert (answer.status_code, answer.json) == (202, {"id": "b1", "status": "sent"})
    assert len(told(peer, "broadcast.sent")) == 1
    assert client.post("/broadcast", json={"msg": "other", "id": "b1"}).status_code == 409
    assert len(client.get("/messages").json["messages"]) == 1


def test_more_than_can_be_kept_is_429_and_nothing_is_stored(tmp_path: Path) -> None:
    peer = a_peer(tmp_path, Config(payloads_most=2))
    client = create_app(peer).test_client()
    statuses = [client.post("/broadcast", json={"msg": "a"}).status_code for _ in range(3)]
    assert statuses == [202, 202, 429]
    assert client.post("/broadcast", json={"msg": "a"}).headers["Retry-After"]
    assert len(client.get("/messages").json["messages"]) == 2
    peer.store.close()


def test_how_far_a_broadcast_is_says_who_is_not_known_to_have_it(
    client: FlaskClient, peer: Peer
) -> None:
    assert client.get("/broadcast/b1").status_code == 404
    tie(peer)
    client.post("/broadcast", json={"msg": "hello", "id": "b1"})
    found = client.get("/broadcast/b1").json
    assert found.pop("age") >= 0
    assert found == {
        "id": "b1",
        "counted": True,
        "why": None,
        "complete": False,
        "of": 1,
        "reached": 0,
        "missing": [{"id": "link", "name": "node7", "state": "alive"}],
        "more_missing": 0,
        "took": None,
    }
    nobody = "AAAAAAAA" * 1_000
    for who in (nobody, mark("link")):
        hear(peer, Receipts((Receipt(peer.own.id, peer.own.epoch, 1, who),)))
        found = client.get("/broadcast/b1").json
        assert found["reached"] == (who != nobody), "nobody is nobody, however often"
    assert (found["complete"], found["missing"]) == (True, [])
    assert 0 <= found["took"] <= found["age"]


def test_of_a_broadcast_of_an_earlier_life_nothing_is_known_and_nothing_claimed(
    tmp_path: Path,
) -> None:
    first = a_peer(tmp_path)
    first.broadcast({"msg": "hello", "id": "b1"})
    first.receive({"sender": "x", "msg": "to me", "id": "m1"})
    first.store.close()
    second = a_peer(tmp_path)
    client = create_app(second).test_client()
    found = client.get("/broadcast/b1").json
    assert (found["counted"], found["reached"], found["of"]) == (False, None, None)
    assert "started again" in found["why"]
    assert client.get("/broadcast/m1").status_code == 404, "a message, and no broadcast of its own"
    second.store.close()


def test_who_waits_is_answered_when_all_have_it_or_when_the_time_is_over(
    client: FlaskClient, peer: Peer
) -> None:
    alone = client.post("/broadcast", json={"msg": "hello", "wait_seconds": 30}).json
    assert (alone["status"], alone["coverage"]["complete"]) == ("sent", True)
    tie(peer)
    late = client.post("/broadcast", json={"msg": "hello", "wait_seconds": 0.05}).json
    assert (late["coverage"]["reached"], late["coverage"]["of"]) == (0, 1)
    said = Receipts((Receipt(peer.own.id, peer.own.epoch, 3, mark("link")),))
    began = time.monotonic()
    threading.Timer(0.2, hear, (peer, said)).start()
    all_ = client.post("/broadcast", json={"msg": "hello", "wait_seconds": 30}).json
    assert (all_["coverage"]["reached"], all_["coverage"]["of"]) == (1, 1)
    assert time.monotonic() - began < 20
    assert peer._waiting == {}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [("5", 400), (True, 400), ([], 400), (-1, 422), (31, 422), (1e300, 422)],
)
def test_a_wait_that_cannot_be_meant_sends_nothing(
    client: FlaskClient, wrong: Any, status: int
) -> None:
    answer = client.post("/broadcast", json={"msg": "hello", "wait_seconds": wrong})
    assert (answer.status_code, answer.json["field"]) == (status, "wait_seconds")
    assert client.get("/messages").json["messages"] == []


def test_what_could_not_be_stored_is_not_receipted(client: FlaskClient, peer: Peer) -> None:
    client.post("/message", json={"sender": "Node1", "msg": "private", "id": "m1"})
    tie(peer)
    said = [peer.heard(Batch(LINK, (push(number),))).frames for number in (1, 2)]
    receipts = [f.of for frames in said for f in frames if isinstance(f, Receipts)]
    assert receipts in ([], [(Receipt("link", 0, 2, mark(peer.own.id)),)])
    held = peer.overlay.broadcast._payloads
    assert [bool(held.get(("link", 0, number)).have) for number in (1, 2)] == [False, True]


def test_a_leaf_answers_a_push_with_its_receipt(peer: Peer) -> None:
    tie(peer)
    frames = peer.heard(Batch(LINK, (push(),))).frames
    assert Receipts((Receipt("link", 0, 1, mark(peer.own.id)),)) in frames


def test_a_broadcast_that_comes_in_is_stored_logged_and_told_once(
    client: FlaskClient, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    tie(peer)
    for _ in range(2):
        hear(peer, push(text="hello\nall", hop=3))
    (stored,) = client.get("/messages").json["messages"]
    assert (stored["sender"], stored["from"], stored["broadcast"]) == ("node7", "link", True)
    assert capsys.readouterr().out == "Received message from node7: hello\\nall\n"
    (event,) = told(peer, "broadcast.received")
    node = {"id": "link", "name": "node7", "url": LINK.url}
    assert (event["from"], event["via"], event["hop"]) == (node, node, 3)
    assert (event["to"]["name"], event["sender"], event["text"]) == ("node2", "node7", "hello\nall")


def test_what_was_stored_before_a_restart_is_not_stored_or_told_again(tmp_path: Path) -> None:
    for life in range(2):
        peer = a_peer(tmp_path)
        tie(peer)
        hear(peer, push())
        assert len(told(peer, "broadcast.received")) == 1 - life
        assert len(peer.store.inbox(10, None, None)) == 1
        peer.store.close()


def test_a_stranger_gets_nothing_stored(client: FlaskClient, peer: Peer) -> None:
    hear(peer, push())
    assert client.get("/messages").json["messages"] == []
    assert client.get("/status").json["strange_frames"] == 1


def test_an_id_that_is_taken_is_said_in_the_log_and_does_no_harm(
    client: FlaskClient, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    client.post("/message", json={"sender": "Node1", "msg": "private", "id": "m1"})
    tie(peer)
    hear(peer, push(1), push(2))
    inbox = client.get("/messages").json["messages"]
    assert [(m["id"], m["msg"]) for m in inbox] == [("m2", "hello all"), ("m1", "private")]
    assert "could not be stored" in capsys.readouterr().out


def test_a_broadcast_that_the_disk_does_not_take_waits_for_it(
    client: FlaskClient, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    tie(peer)
    peer.store.full = True
    hear(peer, push(1), push(2))
    peer._happened(i.Timer("store again"))
    assert client.get("/messages").json["messages"] == []
    assert told(peer, "broadcast.received") == []
    peer.store.full = False
    hear(peer, push(3))
    assert client.get("/messages").json["messages"] == [], "behind those that came before"
    peer._happened(i.Timer("store again"))
    inbox = client.get("/messages").json["messages"]
    assert [message["id"] for message in inbox] == ["m3", "m2", "m1"]
    assert len(told(peer, "broadcast.received")) == 3
    hear(peer, push(4))
    assert client.get("/messages").json["messages"][0]["id"] == "m4", "and all is as ever"
    assert capsys.readouterr().out.count("The disk takes nothing") == 1


def test_broadcasts_that_wait_for_the_disk_are_bounded(
    peer: Peer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unstored, "MOST", 2)
    monkeypatch.setattr(peer, "_unstored", unstored.Unstored())
    tie(peer)
    peer.store.full = True
    hear(peer, push(1), push(2), push(3))
    peer.store.full = False
    peer._happened(i.Timer("store again"))
    assert [message.id for message in peer.store.inbox(9, None, None)] == ["m3", "m2"]
    assert capsys.readouterr().out.count("the oldest is given up") == 1


def test_what_holds_the_network_together_goes_before_broadcasts_and_a_batch_is_bounded() -> None:
    queues = Queues()
    for number in range(1, 101):
        assert queues.put(push(number, text="x" * 10_000))
    queues.put(Neighbour())
    first, second = queues.take(), queues.take()
    assert isinstance(first[0], Neighbour)
    assert [frame.number for frame in (*first[1:], *second)] == list(range(1, len(first + second)))
    worst = sum(len(json.dumps({"text": frame.text})) for frame in first[1:])
    assert 0 < worst <= BATCH_ROOM
    assert queues


def test_a_full_queue_drops_the_oldest_broadcast_says_so_and_keeps_the_rest() -> None:
    queues = Queues()
    queues.put(Neighbour())
    results = [queues.put(push(number)) for number in range(1, 1_002)]
    assert results.count(False) == 1
    taken = queues.take()
    assert isinstance(taken[0], Neighbour)
    assert taken[1].number == 2


# --- a network of real processes -----------------------------------------------------------


class Node:
    """One real node on 127.0.0.1; its folder outlives it."""

    def __init__(self, number: int, folder: Path, peers: list[str]) -> None:
        self.name, self.folder, self.peers = f"node{number}", folder, peers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        environment = {
            **os.environ,
            "NODE_NAME": self.name,
            "NODE_HOST": "127.0.0.1",
            "NODE_PORT": str(self.port),
            "NODE_URL": self.url,
            "NODE_DATA": str(self.folder),
            "BOOTSTRAP_URL": "none",
            "PEERS": ",".join(self.peers),
            "EVENTLET_NO_GREENDNS": "yes",
        }
        self.log = (self.folder.parent / f"{self.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "node"],
            cwd=ROOT,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(10)
        self.log.close()

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=10).json()

    def post(self, path: str, body: Any) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=10)

    def inbox(self) -> Counter[str]:
        return Counter(message["id"] for message in self.get("/messages?limit=1000")["messages"])

    def printed(self) -> str:
        return (self.folder.parent / f"{self.name}.log").read_text()


def until(condition: Callable[[], bool], within: float, what: str) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.1)  # between two looks at a condition that has a deadline


def joined(nodes: list[Node], others: int = 0) -> Callable[[], bool]:
    def look() -> bool:
        try:
            return all(len(n.get("/peers")["peers"]) == len(nodes) - 1 + others for n in nodes)
        except requests.ConnectionError:
            return False  # it does not listen yet

    return look


@pytest.fixture
def network(tmp_path: Path) -> Iterator[list[Node]]:
    nodes: list[Node] = []
    for number in range(1, 7):
        contacts = [node.url for node in nodes[:2]]
        nodes.append(Node(number, tmp_path / f"data{number}", contacts))
    try:
        until(joined(nodes), 60, "all six know each other")
        yield nodes
    finally:
        for node in nodes:
            if node.process.poll() is None:
                node.end(signal.SIGTERM)


def test_one_post_is_in_every_inbox_once_also_after_a_receiver_was_killed_and_came_back(
    network: list[Node],
) -> None:
    first = network[2].post("/broadcast", {"msg": "Hello all!"}).json()["id"]
    everywhere = {first: 1}
    until(lambda: all(n.inbox() == everywhere for n in network), 20, "the first in every inbox")
    for node in network:
        lines = node.printed().count("Received message from node3: Hello all!")
        assert lines == (0 if node is network[2] else 1)

    until(lambda: network[2].get(f"/broadcast/{first}")["complete"], 20, "its origin knows")
    assert network[2].get(f"/broadcast/{first}")["of"] == 5
    waited = network[1].post("/broadcast", {"msg": "waiting", "wait_seconds": 20}).json()
    assert (waited["coverage"]["reached"], waited["coverage"]["of"]) == (5, 5)
    everywhere[waited["id"]] = 1

    killed = network[4]
    killed.end()
    second = network[0].post("/broadcast", {"msg": "while you were away"}).json()["id"]
    others = [node for node in network if node is not killed]
    until(lambda: all(second in node.inbox() for node in others), 20, "the second with the others")
    missing = network[0].get(f"/broadcast/{second}")["missing"]
    assert killed.name in {member["name"] for member in missing}
    killed.start()
    everywhere = {first: 1, waited["id"]: 1, second: 1}
    until(joined(network), 60, "it is back")
    until(lambda: all(n.inbox() == everywhere for n in network), 30, "it has what it missed")
    until(lambda: network[0].get(f"/broadcast/{second}")["complete"], 20, "and its origin knows")
    third = killed.post("/broadcast", {"msg": "I am back"}).json()["id"]
    everywhere[third] = 1
    until(lambda: all(n.inbox() == everywhere for n in network), 20, "and is heard by all")

    events = network[1].get("/events?limit=5000")["events"]
    received = [e["data"] for e in events if e["type"] == "p2p.broadcast.received"]
    assert [event["message"] for event in received] == [first, second, third]
    ids = {node.get("/status")["id"] for node in network}
    assert all(event["via"]["id"] in ids and event["hop"] >= 1 for event in received)


class Homework(BaseHTTPRequestHandler):
    """Somebody's plain node."""

    got: list[dict[str, Any]]

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/peers" else 404, {"peers": []})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/message":
            self._answer(404, {})
            return
        type(self).got.append(json.loads(body))
        self._answer(200, {"status": "received"})


def test_a_plain_node_gets_a_broadcast_once_with_its_origins_name(network: list[Node]) -> None:
    Homework.got = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Homework)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        network[1].post("/register", {"peer": url})
        until(joined(network, others=1), 30, "all know the plain node")
        network[2].post("/broadcast", {"msg": "to plain ones too"})
        until(lambda: len(Homework.got) > 0, 20, "it came")
        last = network[2].post("/broadcast", {"msg": "the last"}).json()["id"]
        until(lambda: all(last in node.inbox() for node in network), 20, "the last is everywhere")
        until(lambda: len(Homework.got) > 1, 20, "it came, too")
        assert Homework.got == [
            {"sender": "node3", "msg": "to plain ones too"},
            {"sender": "node3", "msg": "the last"},
        ]
    finally:
        server.shutdown()
        server.server_close()
