"""What `/webhooks` refuses, and whom; where it leads, and where it never connects."""

import base64
import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from free_ports import free_port
from laboratory import until
from receiver import Receiver

from contract.limits import MAX_EVENTS
from node.api import create_app
from node.identity import Identity
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, WEBHOOKS, Settings
from node.store import Store
from node.webhooks.active import MOST, Webhooks
from node.webhooks.batch import MOST_BYTES, MOST_EVENTS, following
from node.webhooks.kept import Kept, Saved

TOKEN = "correct horse"
PORT = free_port()

Make = Callable[..., Peer]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Peer] = []

    def peer(url: str = f"http://127.0.0.1:{PORT}", **more: Any) -> Peer:
        settings = Settings(data=tmp_path, port=PORT, bootstrap=NO_BOOTSTRAP, **more)
        made.append(Peer(settings, Identity("node2", url), Store(tmp_path), rng=Random(1)))
        return made[-1]

    yield peer
    for one in made:
        for hook in one.webhooks_now():
            one.webhooks.remove(hook["id"], "the test's end")
        one.store.close()


@pytest.fixture
def peer(make: Make) -> Peer:
    return make()


@pytest.fixture
def client(peer: Peer) -> FlaskClient:
    return create_app(peer).test_client()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()


GOOD = "http://127.0.0.1:9/"
SHORT = "whsec_" + base64.b64encode(bytes(23)).decode()
BAD: list[tuple[Any, int, str | None]] = [
    ([], 400, None),
    ({}, 400, "url"),
    ({"url": None}, 400, "url"),
    ({"url": 7}, 400, "url"),
    ({"url": GOOD, "type": ["p2p.*"]}, 422, "type"),
    ({"url": GOOD, "types": "p2p.*"}, 400, "types"),
    ({"url": GOOD, "types": [1]}, 400, "types"),
    ({"url": GOOD, "types": []}, 422, "types"),
    ({"url": GOOD, "types": ["p2p.*"] * 33}, 422, "types"),
    ({"url": GOOD, "types": ["message.sent"]}, 422, "types"),
    ({"url": GOOD, "types": ["p2p.message.sent", "p2p.nonsense"]}, 422, "types"),
    ({"url": GOOD, "types": ["p2p.*.sent"]}, 422, "types"),
    ({"url": GOOD, "types": ["x" * 65]}, 422, "types"),
    ({"url": GOOD, "secret": 5}, 400, "secret"),
    ({"url": GOOD, "secret": ""}, 422, "secret"),
    ({"url": GOOD, "secret": "geheim"}, 422, "secret"),
    ({"url": GOOD, "secret": SHORT}, 422, "secret"),
    ({"url": GOOD, "secret": "whsec_" + "A" * 200}, 422, "secret"),
    ({"url": GOOD, "lease_seconds": "60"}, 400, "lease_seconds"),
    ({"url": GOOD, "lease_seconds": True}, 400, "lease_seconds"),
    ({"url": GOOD, "lease_seconds": 0}, 422, "lease_seconds"),
    ({"url": GOOD, "lease_seconds": -5}, 422, "lease_seconds"),
    ({"url": GOOD, "lease_seconds": 86_401}, 422, "lease_seconds"),
    ({"url": GOOD, "lease_seconds": 10**400}, 422, "lease_seconds"),
    ({"url": GOOD, "after": "1"}, 400, "after"),
    ({"url": GOOD, "after": 1.5}, 400, "after"),
    ({"url": GOOD, "after": -1}, 422, "after"),
    ({"url": GOOD, "after": 10**6}, 422, "after"),
]
NOWHERE = [
    "",
    "logger",
    "ftp://logger/",
    "file:///etc/passwd",
    "http://",
    "http://user:pass@127.0.0.1:9/",
    "http://127.0.0.1:9/#x",
    "http://127.0.0.1:9/#",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:9/a b",
    "http://127.0.0.1:9/\r\nX: y",
    "http://127.0.0.1:9/\\x",
    "http://127.0.0.1:9/ü",
    "http://127.0.0.1:9/" + "x" * 1_024,
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]:80/",
    "http://[::ffff:169.254.169.254]/",
    "http://2852039166/",  # 169.254.169.254, as one number
    "http://0xa9fea9fe/",
    "http://224.0.0.1/",
    "http://0.0.0.0:9/",
    "http://0:9/",
    "http://[::]:9/",
    "http://255.255.255.255/",
    f"http://127.0.0.1:{PORT}/webhooks",
    f"http://localhost:{PORT}/",
    f"http://127.0.0.2:{PORT}/",
    f"http://node2:{PORT}/",
]


@pytest.mark.parametrize(
    ("body", "status", "field"), [*BAD, *(({"url": url}, 422, "url") for url in NOWHERE)]
)
def test_bad_input_is_refused_whole(
    client: FlaskClient, body: Any, status: int, field: str | None
) -> None:
    answer = client.post("/webhooks", json=body)
    assert (answer.status_code, answer.json.get("field")) == (status, field), answer.text
    assert field is None or f"'{field}'" in answer.json["error"]
    assert "cannot be reached" not in answer.json["error"], "it was refused before it was tried"
    assert client.get("/webhooks").json == {"webhooks": []}


def test_nobody_is_there(client: FlaskClient) -> None:
    answer = client.post("/webhooks", json={"url": f"http://127.0.0.1:{free_port()}/"})
    assert (answer.status_code, answer.json["field"]) == (422, "url")
    assert "connection refused" in answer.json["error"]


@pytest.mark.parametrize("loopback", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_node_in_a_container_does_not_reach_its_own_loopback(
    make: Make, receiver: Receiver, loopback: str
) -> None:
    client = create_app(make("http://node2:5000")).test_client()
    answer = client.post("/webhooks", json={"url": f"http://{loopback}:{receiver.port}/"})
    assert answer.status_code == 422
    assert "this very machine" in answer.json["error"]
    assert receiver.asked == []


# --- who agrees ------------------------------------------------------------------------------


@pytest.mark.parametrize("allows", ["*", "127.0.0.1"])
def test_who_agrees_is_taken(client: FlaskClient, receiver: Receiver, allows: str) -> None:
    receiver.allows = allows
    answer = client.post("/webhooks", json={"url": receiver.url})
    assert answer.status_code == 201, answer.text
    assert receiver.asked[0]["webhook-request-origin"] == "127.0.0.1"
    assert answer.json["secret"].startswith("whsec_")
    listed = client.get("/webhooks").json["webhooks"]
    assert [one["url"] for one in listed] == [receiver.url]
    assert "secret" not in listed[0]


@pytest.mark.parametrize(("allows", "status"), [(None, 200), ("node7", 200), ("*", 404)])
def test_who_does_not_agree_is_sent_nothing(
    client: FlaskClient, peer: Peer, receiver: Receiver, allows: str | None, status: int
) -> None:
    receiver.allows, receiver.handshake = allows, status
    answer = client.post("/webhooks", json={"url": receiver.url})
    assert (answer.status_code, answer.json["field"]) == (422, "url")
    assert "agree" in answer.json["error"]
    assert client.get("/webhooks").json == {"webhooks": []}
    peer.events.emit("link.up", {})
    assert receiver.tries == []


def test_a_redirect_is_no_agreement(client: FlaskClient, receiver: Receiver) -> None:
    receiver.handshake = 302
    assert client.post("/webhooks", json={"url": receiver.url}).status_code == 422
    assert len(receiver.asked) == 1


def test_there_are_so_many_and_no_more(client: FlaskClient, receiver: Receiver) -> None:
    for number in range(MOST):
        assert client.post("/webhooks", json={"url": f"{receiver.url}{number}"}).status_code == 201
    refused = client.post("/webhooks", json={"url": f"{receiver.url}more"})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert client.post("/webhooks", json={"url": f"{receiver.url}0"}).status_code == 200
    gone = client.get("/webhooks").json["webhooks"][0]["id"]
    assert client.delete(f"/webhooks/{gone}").status_code == 200
    assert client.post("/webhooks", json={"url": f"{receiver.url}more"}).status_code == 201


def test_a_renewal_keeps_what_it_does_not_name(client: FlaskClient, receiver: Receiver) -> None:
    wish = {"url": receiver.url, "types": ["p2p.link.*"], "lease_seconds": 60}
    first = client.post("/webhooks", json=wish).json
    again = client.post("/webhooks", json={"url": receiver.url, "lease_seconds": 600})
    assert again.status_code == 200
    assert again.json["id"] == first["id"]
    assert again.json["types"] == ["p2p.link.*"]
    assert 599 < again.json["expires_in"] <= 600
    assert "secret" not in again.json
    assert len(receiver.asked) == 2, "it is asked whether it still agrees"


def test_what_is_not_there_cannot_be_deleted(client: FlaskClient) -> None:
    assert client.delete("/webhooks/x").status_code == 404


# --- where it leads, at every connection ------------------------------------------------------


def test_a_name_that_leads_elsewhere_later_is_not_followed(peer: Peer, receiver: Receiver) -> None:
    """DNS rebinding: harmless while it is looked at, the cloud's credentials afterwards."""
    addresses = ["127.0.0.1"]
    hooks = Webhooks(peer, lambda _host: list(addresses))
    view, _ = hooks.add({"url": f"http://rebound.example:{receiver.port}/"}, "test")
    addresses[:] = ["169.254.169.254"]
    try:
        peer.events.emit("link.up", {})
        failed = until(lambda: hooks.views()[0]["last_failure"])
        assert failed["why"] == (
            "its name leads to 169.254.169.254, which is link-local, or where clouds keep "
            "credentials"
        )
        assert receiver.tries == []
        addresses[:] = ["127.0.0.1"]
        until(lambda: receiver.taken)
        assert hooks.views()[0]["failures"] >= 1
    finally:
        hooks.remove(view["id"], "test")


def test_a_name_is_looked_up_again_for_every_connection(peer: Peer, receiver: Receiver) -> None:
    addresses = ["127.0.0.1"]
    hooks = Webhooks(peer, lambda _host: list(addresses))
    view, _ = hooks.add({"url": f"http://rebound.example:{receiver.port}/"}, "test")
    try:
        receiver.answers = [(200, {"Connection": "close"})]
        peer.events.emit("link.up", {})
        until(lambda: receiver.taken)
        addresses[:] = ["169.254.169.254"]
        peer.events.emit("link.down", {})
        assert "169.254.169.254" in until(lambda: hooks.views()[0]["last_failure"])["why"]
        assert len(receiver.tries) == 1
    finally:
        hooks.remove(view["id"], "test")


@pytest.mark.parametrize("bad", ["169.254.169.254", "::ffff:169.254.169.254", "224.0.0.1"])
def test_one_bad_address_among_several_is_enough(peer: Peer, receiver: Receiver, bad: str) -> None:
    hooks = Webhooks(peer, lambda _host: ["127.0.0.1", bad])
    with pytest.raises(Exception, match="leads to") as refused:
        hooks.add({"url": f"http://two.example:{receiver.port}/"}, "test")
    assert getattr(refused.value, "status", None) == 422
    assert receiver.asked == []


def test_a_name_that_leads_to_the_node_itself_is_refused(peer: Peer) -> None:
    hooks = Webhooks(peer, lambda _host: ["127.0.0.1"])
    with pytest.raises(Exception, match="this very node"):
        hooks.add({"url": f"http://elsewhere.example:{PORT}/"}, "test")


# --- who may -----------------------------------------------------------------------------------


def test_a_web_page_from_elsewhere_begins_none(client: FlaskClient, receiver: Receiver) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        answer = client.post("/webhooks", json={"url": receiver.url}, headers=headers)
        assert answer.status_code == 403
    assert receiver.asked == []


def test_who_is_far_needs_a_token(make: Make, receiver: Receiver) -> None:
    client = create_app(make(faults=False)).test_client()
    far = {"REMOTE_ADDR": "192.0.2.7"}
    for call, path in ((client.post, ""), (client.get, ""), (client.delete, "/x")):
        answer = call(f"/webhooks{path}", json={"url": receiver.url}, environ_base=far)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json["error"].startswith("webhooks are taken")
    assert receiver.asked == []
    assert client.post("/webhooks", json={"url": receiver.url}).status_code == 201, "faults are off"


def test_where_there_is_a_token_it_must_be_shown(make: Make, receiver: Receiver) -> None:
    client = create_app(make(operator_token=TOKEN)).test_client()
    assert client.post("/webhooks", json={"url": receiver.url}).status_code == 401
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert client.post("/webhooks", json={"url": receiver.url}, headers=shown).status_code == 201


# --- the log -----------------------------------------------------------------------------------


def test_the_log_has_several_listeners_and_forgets_who_leaves(peer: Peer) -> None:
    heard: list[str] = []
    peer.events.listen("a", lambda: heard.append("a"))
    peer.events.listen("b", lambda: heard.append("b"))
    peer.events.emit("link.up", {})
    peer.events.listen("a", None)
    peer.events.listen("nobody", None)
    peer.events.emit("link.up", {})
    assert heard == ["a", "b", "b"]


def test_who_has_no_webhook_has_none_loaded(peer: Peer, client: FlaskClient) -> None:
    assert client.get("/webhooks").json == {"webhooks": []}
    assert client.delete("/webhooks/x").status_code == 404
    assert peer._webhooks is None


# --- batches -------------------------------------------------------------------------------------


def test_a_batch_is_bounded_in_number_and_in_bytes(peer: Peer) -> None:
    for _ in range(MOST_EVENTS + 5):
        peer.events.emit("link.up", {})
    batch = following(peer, 0, None)
    assert batch is not None
    assert (batch.count, batch.up_to) == (MOST_EVENTS, MOST_EVENTS)
    for _ in range(20):
        peer.events.emit("message.sent", {"text": "\U0001f600" * 10_000})
    batch = following(peer, peer.events.seq - 20, None)
    assert batch is not None
    assert 200_000 < len(batch.body) <= MOST_BYTES
    assert batch.up_to < peer.events.seq


def test_what_fell_off_the_log_is_told_whatever_is_wanted(peer: Peer) -> None:
    for _ in range(MAX_EVENTS + 10):
        peer.events.emit("link.up", {})
    batch = following(peer, 3, frozenset({"node.started"}))
    assert batch is not None
    gap, snapshot = json.loads(batch.body)
    assert (gap["type"], gap["data"]) == ("p2p.gap", {"missed": 7, "up_to": 10})
    assert batch.up_to > 10
    assert snapshot["type"] == "p2p.snapshot"
    assert snapshot["id"] == f"{peer.own.id}/{peer.own.epoch}/snapshot-{peer.events.seq}"
    assert snapshot["data"]["node"]["id"] == peer.own.id
    assert snapshot["data"]["seq"] == peer.events.seq


def test_a_new_life_begins_with_a_gap_that_nobody_can_count(peer: Peer) -> None:
    batch = following(peer, 0, None, afresh=True)
    assert batch is not None, "though nothing has happened yet"
    gap, snapshot = json.loads(batch.body)
    assert (gap["data"], snapshot["type"]) == ({"missed": None, "up_to": 0}, "p2p.snapshot")
    peer.events.emit("link.up", {})
    batch = following(peer, 0, None, afresh=True)
    assert batch is not None
    assert [one["type"] for one in json.loads(batch.body)][2:] == ["p2p.link.up"]
    assert batch.up_to == 1
    assert following(peer, 1, None) is None


# --- those that survive --------------------------------------------------------------------------


def saved(number: int, **changed: Any) -> Saved:
    told = Saved(f"id{number}", f"http://127.0.0.1:{number}/", b"k" * 32, None, 1e12, 0.1)
    return msgspec.structs.replace(told, **changed)


def test_what_is_written_down_comes_back(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert kept.all() == []
    assert not list(tmp_path.iterdir()), "no file for who has none"
    one, two = saved(1), saved(2, types=("p2p.message.*",))
    for hook in (one, two, one):
        kept.put(hook)
    kept.put(msgspec.structs.replace(two, ends=2e12))
    assert Kept(tmp_path).all() == [one, msgspec.structs.replace(two, ends=2e12)]
    assert (tmp_path / WEBHOOKS).stat().st_mode & 0o077 == 0, "it has secrets"
    kept.drop("id1")
    kept.drop("nobody")
    assert [hook.id for hook in kept.all()] == ["id2"]


def test_no_more_come_back_than_a_node_may_have(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for number in range(MOST + 3):
        kept.put(saved(number))
    assert len(kept.all()) == MOST


BROKEN: dict[str, Callable[[Path], Any]] = {
    "no database": lambda path: path.write_text("no database at all" * 100),
    "of a newer version": lambda path: _changed(path, "PRAGMA user_version = 99"),
    "types that are none": lambda path: _changed(path, "UPDATE webhooks SET types = '[7]'"),
    "a key that is none": lambda path: _changed(path, "UPDATE webhooks SET key = 'no key!'"),
    "a lease without end": lambda path: _changed(path, "UPDATE webhooks SET ends = 'never'"),
}


def _changed(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_is_set_aside(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Kept(tmp_path).put(saved(1))
    BROKEN[how](tmp_path / WEBHOOKS)
    assert Kept(tmp_path).all() == []
    assert "set aside as webhooks.sqlite.broken-" in capsys.readouterr().out
    Kept(tmp_path).put(saved(2))
    assert [hook.id for hook in Kept(tmp_path).all()] == ["id2"]


def test_what_cannot_be_written_down_does_not_begin(
    peer: Peer, client: FlaskClient, receiver: Receiver
) -> None:
    (peer.settings.data / WEBHOOKS).mkdir()  # no file can be there
    answer = client.post("/webhooks", json={"url": receiver.url})
    assert answer.status_code == 503
    assert "written down" in answer.json["error"]
    assert client.get("/webhooks").json == {"webhooks": []}
