"""What the door takes itself, and what it leaves to Flask."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from contract.hosts import host_allowed
from contract.limits import MAX_BATCH
from node.api import create_app
from node.door import Door
from node.identity import Identity
from node.overlay.frames import Batch, Hello, Record, encode, parse
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FRIEND = Record(id="friend", name="node7", url="http://node7:5000")
BATCH = encode(Batch(FRIEND, (Hello(),)))
JSON = {"Content-Type": "application/json"}


class StandIn:
    """Counts how often Flask is fetched, and answers with its name."""

    fetched = 0

    def fetch(self) -> "WSGIApplication":
        self.fetched += 1
        return self.answer

    def answer(self, _: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"flask"]


def events(_: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"events"]


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    store = Store(tmp_path)
    settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP)
    yield Peer(settings, Identity("node2", "http://node2:5000"), store)
    store.close()


@pytest.fixture
def flask() -> StandIn:
    return StandIn()


@pytest.fixture
def client(peer: Peer, flask: StandIn) -> Client:
    return Client(Door(peer, events, flask.fetch, host_allowed))


def test_a_batch_is_answered_without_flask(client: Client, peer: Peer, flask: StandIn) -> None:
    answer = client.post("/overlay", data=BATCH, headers=JSON)
    assert answer.status_code == 200
    assert answer.headers["P2P-Node"] == peer.own.id
    assert parse(answer.data).sender == peer.own
    assert [member.name for member in peer.overlay.members.others()] == ["node7"]
    assert flask.fetched == 0


def test_nonsense_is_refused_without_flask(client: Client, peer: Peer, flask: StandIn) -> None:
    answer = client.post("/overlay", data=BATCH[:-1], headers=JSON)
    assert answer.status_code == 400
    assert "not a batch" in answer.json["error"]
    assert list(peer.overlay.members.others()) == []
    assert flask.fetched == 0


def test_a_message_is_stored_without_flask(client: Client, peer: Peer, flask: StandIn) -> None:
    answer = client.post("/message", data=b'{"sender": "Node1", "msg": "Hello!"}', headers=JSON)
    assert (answer.status_code, answer.text) == (200, '{"status": "received"}\n')
    assert [message.text for message in peer.store.inbox(10, 2**62, None)] == ["Hello!"]
    assert flask.fetched == 0


def test_a_message_is_sent_without_flask(client: Client, peer: Peer, flask: StandIn) -> None:
    client.post("/overlay", data=BATCH, headers=JSON)
    answer = client.post("/send", data=b'{"to": "node7", "msg": "Hello!"}', headers=JSON)
    assert answer.status_code == 202
    assert answer.json["status"] == "queued"
    sent = peer.store.sent(answer.json["id"])
    assert sent is not None
    assert (sent.receiver, sent.text) == ("friend", "Hello!")
    assert flask.fetched == 0


@pytest.mark.parametrize("path", ["/message", "/send"])
@pytest.mark.parametrize("body", [b"[]", b"{", b"{}", b'{"sender": 1, "msg": 2, "to": 3}'])
def test_what_is_wrong_with_a_message_is_said_as_flask_says_it(
    client: Client, peer: Peer, path: str, body: bytes
) -> None:
    answer = client.post(path, data=body, headers=JSON)
    theirs = create_app(peer).test_client().post(path, data=body, headers=JSON)
    assert 400 <= answer.status_code < 500
    assert (answer.status_code, answer.data) == (theirs.status_code, theirs.data)
    assert answer.headers["Content-Type"] == theirs.headers["Content-Type"]
    assert peer.store.inbox(1, 2**62, None) == []
    assert peer.store.outbox(1) == []


FAULT = {"kind": "drop", "probability": 0.5}
HERE = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}}


def test_a_fault_is_set_and_healed_without_flask(
    client: Client, peer: Peer, flask: StandIn
) -> None:
    ids = []
    for _ in range(3):
        answer = client.post("/faults", json=FAULT, **HERE)
        assert answer.status_code == 201
        assert answer.headers["P2P-Node"] == peer.own.id
        ids.append(answer.json["fault"]["id"])
    assert [fault["id"] for fault in peer.faults_now()] == ids
    assert client.delete(f"/faults/{ids[1]}", **HERE).json["fault"]["id"] == ids[1]
    assert [fault["id"] for fault in peer.faults_now()] == [ids[0], ids[2]]
    assert client.delete("/faults", **HERE).json == {"cleared": 2}
    assert peer.faults_now() == []
    assert flask.fetched == 0


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("POST", "/faults", {"json": {"kind": "drop", "probability": 7}}),
        ("POST", "/faults", {"json": {"kind": "flood"}}),
        ("POST", "/faults", {"data": b"[]", "headers": JSON}),
        ("POST", "/faults", {"json": FAULT, "environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}),
        ("DELETE", "/faults", {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}),
        ("DELETE", "/faults/none", {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}),
        ("DELETE", "/faults/none", {}),
        ("DELETE", "/faults", {}),
    ],
)
def test_about_faults_it_says_what_flask_says(
    client: Client, peer: Peer, flask: StandIn, method: str, path: str, asked: dict[str, Any]
) -> None:
    ours = client.open(path, method=method, **{**HERE, **asked})
    theirs = create_app(peer).test_client().open(path, method=method, **{**HERE, **asked})
    assert flask.fetched == 0
    assert (ours.status_code, ours.data) == (theirs.status_code, theirs.data)
    for header in ("Content-Type", "WWW-Authenticate", "P2P-Node"):
        assert ours.headers.get(header) == theirs.headers.get(header)
    assert peer.faults_now() == []


def test_faults_need_the_token_where_there_is_one(tmp_path: Path, flask: StandIn) -> None:
    store = Store(tmp_path)
    settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP, operator_token="t" * 20)
    peer = Peer(settings, Identity("node2", "http://node2:5000"), store)
    client = Client(Door(peer, events, flask.fetch, host_allowed))
    for shown in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "t" * 20}):
        for refused in (
            client.post("/faults", json=FAULT, headers=shown),
            client.delete("/faults", headers=shown),
        ):
            assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert peer.faults_now() == []
    right = {"Authorization": "Bearer " + "t" * 20}
    assert client.post("/faults", json=FAULT, headers=right).status_code == 201
    assert client.delete("/faults", headers=right).json == {"cleared": 1}
    assert flask.fetched == 0
    store.close()


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "/faults", {}),
        ("POST", "/faults", {"json": FAULT, "headers": {"Origin": "http://evil.example"}}),
        ("POST", "/faults", {"data": b"kind=drop"}),
        ("POST", "/faults/one", {"json": FAULT}),
        ("DELETE", "/faults", {"headers": {"Origin": "http://evil.example"}}),
        ("DELETE", "/faults", {"headers": {"Host": "evil.example"}}),
        ("DELETE", "/faults", {"data": b"{}", "headers": JSON}),
        ("DELETE", "/faults/", {}),
        ("DELETE", "/faults/a/b", {}),
        ("DELETE", "/overlay", {}),
        ("PUT", "/faults", {"json": FAULT}),
    ],
)
def test_what_is_unusual_about_faults_is_left_to_flask(
    client: Client, peer: Peer, method: str, path: str, asked: dict[str, Any]
) -> None:
    assert client.open(path, method=method, **asked).text == "flask"
    assert peer.faults_now() == []


def test_flask_is_fetched_once_when_somebody_asks(client: Client, flask: StandIn) -> None:
    assert client.get("/").text == "flask"
    assert client.get("/peers").text == "flask"
    assert flask.fetched == 1


def test_subscribers_of_events_do_not_fetch_flask(client: Client, flask: StandIn) -> None:
    assert client.get("/socket.io/").text == "events"
    assert flask.fetched == 0


@pytest.mark.parametrize(
    "unusual",
    [
        {"method": "GET"},
        {"headers": {**JSON, "Origin": "http://evil.example"}},
        {"headers": {**JSON, "Host": "evil.example"}},
        {"headers": {"Content-Type": "text/plain"}},
        {"environ_overrides": {"CONTENT_LENGTH": str(MAX_BATCH + 1)}},
        {"environ_overrides": {"CONTENT_LENGTH": "-1"}},
        {"environ_overrides": {"CONTENT_LENGTH": "9" * 5_000}},
        {"headers": {**JSON, "Transfer-Encoding": "chunked"}},
    ],
    ids=lambda unusual: str(unusual)[:60],
)
def test_whatever_is_unusual_is_left_to_flask(
    client: Client, peer: Peer, unusual: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {"method": "POST", "data": BATCH, "headers": JSON, **unusual}
    for path in ("/overlay", "/message", "/send"):
        assert client.open(path, **asked).text == "flask"
    assert list(peer.overlay.members.others()) == []
