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
