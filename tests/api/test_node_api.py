"""A node's HTTP, as a stranger with curl meets it."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from werkzeug.test import Client

from contract.hosts import host_allowed
from contract.limits import MAX_BODY, MAX_SENDER, MAX_TEXT
from node.api import create_app
from node.door import Door
from node.identity import Identity
from node.overlay import inputs as i
from node.overlay.frames import Batch, Hello, Record, encode
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store

ASSIGNMENT = {"sender": "Node1", "msg": "Hello Node2!"}
FRIEND = Record(id="friend", name="node7", url="http://node7:5000")


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP)
    store = Store(tmp_path)
    yield Peer(settings, Identity("node2", "http://node2:5000"), store, rng=Random(1))
    store.close()


@pytest.fixture(params=["flask", "door"])
def client(peer: Peer, request: pytest.FixtureRequest) -> Client:
    """The Flask app alone, and behind the door, where nobody should feel a difference."""
    app = create_app(peer)
    if request.param == "flask":
        return app.test_client()
    return Client(Door(peer, app, lambda: app, host_allowed))


def befriend(peer: Peer) -> None:
    peer._happened(i.Heard(Batch(FRIEND, (Hello(),))))


# --- the assignment, letter for letter ---------------------------------------------------


def test_a_node_says_that_it_is_running(client: Client, peer: Peer) -> None:
    assert client.get("/").text.strip() == f'{{"message": "Node {peer.own.id} is running!"}}'


def test_a_message_is_received_and_written_in_the_log(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.post("/message", json=ASSIGNMENT)
    assert (answer.status_code, answer.text.strip()) == (200, '{"status": "received"}')
    assert capsys.readouterr().out == "Received message from Node1: Hello Node2!\n"


@pytest.mark.parametrize("field", ["peer", "address", "peer_url", "url"])
def test_a_peer_registers_under_any_of_the_usual_names(client: Client, field: str) -> None:
    answer = client.post("/register", json={field: "http://node1:5000/"})
    assert answer.json == {"status": "registered", "peers": ["http://node1:5000"]}
    assert client.get("/peers").text.strip() == '{"peers": ["http://node1:5000"]}'


def test_peers_are_sorted_and_leave_the_node_itself_out(client: Client, peer: Peer) -> None:
    befriend(peer)
    client.post("/register", json={"peer": "http://node1:5000"})
    assert client.get("/peers").json == {"peers": ["http://node1:5000", "http://node7:5000"]}


def test_views_and_details_of_peers(client: Client, peer: Peer) -> None:
    befriend(peer)
    assert client.get("/peers?view=active").json == {"peers": []}
    assert client.get("/peers?view=passive").json == {"peers": ["http://node7:5000"]}
    (detail,) = client.get("/peers?detail=1").json["peers"]
    assert (detail["name"], detail["state"], detail["kind"]) == ("node7", "alive", "peer")


# --- one line in the log, whatever the sender writes ---------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "hi\nReceived message from admin: obey",
        "hi\r\nReceived message from admin: obey",
        "\x1b[2Jcleared",
        "line\u2028separator\u2029s",
        "\u202etxet desrever",
        "nul\x00byte\x85",
    ],
)
@pytest.mark.parametrize("field", ["sender", "msg"])
def test_a_message_is_one_line_of_the_log(
    client: Client, capsys: pytest.CaptureFixture[str], field: str, text: str
) -> None:
    assert client.post("/message", json={**ASSIGNMENT, field: text}).status_code == 200
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.rstrip("\n").isprintable()
    (stored,) = client.get("/messages").json["messages"]
    assert stored[field] == text, "stored as it came, escaped only where it is printed"


# --- inbox ------------------------------------------------------------------------------


def test_the_inbox_is_newest_first_in_pages_and_by_sender(client: Client) -> None:
    for n in range(5):
        client.post("/message", json={"sender": f"s{n % 2}", "msg": str(n)})
    page = client.get("/messages?limit=2").json
    assert [message["msg"] for message in page["messages"]] == ["4", "3"]
    rest = client.get(f"/messages?before={page['next']}").json
    assert [message["msg"] for message in rest["messages"]] == ["2", "1", "0"]
    assert rest["next"] is None
    assert len(client.get("/messages?sender=s1").json["messages"]) == 2


def test_a_repeated_message_is_stored_and_logged_once(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        answer = client.post("/message", json={**ASSIGNMENT, "id": "m1"})
        assert answer.json == {"status": "received"}
    assert len(client.get("/messages").json["messages"]) == 1
    assert capsys.readouterr().out.count("Received") == 1


def test_an_id_cannot_be_used_for_another_text(client: Client) -> None:
    client.post("/message", json={**ASSIGNMENT, "id": "m1"})
    answer = client.post("/message", json={**ASSIGNMENT, "msg": "other", "id": "m1"})
    assert (answer.status_code, answer.json["field"]) == (409, "id")


def test_a_message_meant_for_another_node_is_not_taken(client: Client) -> None:
    answer = client.post("/message", json={**ASSIGNMENT, "to": "somebody else"})
    assert answer.status_code == 421
    assert client.get("/messages").json["messages"] == []


def test_a_full_disk_is_said_and_nothing_is_acknowledged(
    client: Client, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def execute(self, *_: Any) -> None:
            raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(peer.store, "_db", Full())
        answer = client.post("/message", json=ASSIGNMENT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "disk is full" in answer.json["error"]
    assert client.get("/messages").json["messages"] == []


# --- sending -----------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["node7", "friend", "http://node7:5000", "http://node7:5000/"])
def test_a_message_is_sent_by_name_id_or_url(client: Client, peer: Peer, to: str) -> None:
    befriend(peer)
    answer = client.post("/send", json={"to": to, "msg": "hi"})
    assert answer.status_code == 202
    assert answer.json["status"] == "queued"
    stored = client.get(f"/send/{answer.json['id']}").json
    assert (stored["to"], stored["to_name"], stored["msg"]) == ("friend", "node7", "hi")


def test_sending_twice_with_one_id_sends_once(client: Client, peer: Peer) -> None:
    befriend(peer)
    for _ in range(2):
        assert client.post("/send", json={"to": "node7", "msg": "hi", "id": "m"}).status_code == 202
    assert len(client.get("/send").json["messages"]) == 1
    other = client.post("/send", json={"to": "node7", "msg": "other", "id": "m"})
    assert other.status_code == 409


def test_an_unknown_receiver_is_404_with_names_that_look_like_it(
    client: Client, peer: Peer
) -> None:
    befriend(peer)
    answer = client.post("/send", json={"to": "nod7", "msg": "hi"})
    assert answer.status_code == 404
    assert "did you mean 'node7'?" in answer.json["error"]


def test_a_node_sends_nothing_to_itself(client: Client, peer: Peer) -> None:
    for to in ("node2", peer.own.id, "http://node2:5000"):
        assert client.post("/send", json={"to": to, "msg": "hi"}).status_code == 422
    assert client.get("/send").json["messages"] == []


def test_a_message_that_nobody_sent_is_404(client: Client) -> None:
    assert client.get("/send/unknown").status_code == 404


# --- looking in ----------------------------------------------------------------------------


def test_status_tells_who_the_node_is_and_whom_it_knows(client: Client, peer: Peer) -> None:
    befriend(peer)
    status = client.get("/status").json
    assert (status["id"], status["name"], status["epoch"]) == (peer.own.id, "node2", 1)
    assert [member["name"] for member in status["members"]] == ["node7"]


def test_events_are_numbered_without_holes_and_can_be_continued(client: Client) -> None:
    for n in range(5):
        client.post("/message", json={"sender": "s", "msg": str(n)})
    first = client.get("/events?limit=2").json
    rest = client.get(f"/events?after={first['next']}").json
    numbers = [int(e["id"].rsplit("/", 1)[1]) for e in first["events"] + rest["events"]]
    assert numbers == [1, 2, 3, 4, 5]
    assert {e["type"] for e in rest["events"]} == {"p2p.message.received"}
    assert rest["events"][0]["specversion"] == "1.0"


def test_a_node_signs_its_answers_so_that_it_is_told_from_a_plain_one(
    client: Client, peer: Peer
) -> None:
    assert client.get("/").headers["P2P-Node"] == peer.own.id
    assert client.get("/nothing").headers["P2P-Node"] == peer.own.id


# --- nonsense ------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
NONSENSE: list[tuple[str, str, bytes, dict[str, str], int]] = [
    ("POST", "/message", b"", JSON, 400),
    ("POST", "/message", b"not json", JSON, 400),
    ("POST", "/message", b"[]", JSON, 400),
    ("POST", "/message", b"null", JSON, 400),
    ("POST", "/message", b'"text"', JSON, 400),
    ("POST", "/message", b"{}", JSON, 400),
    ("POST", "/message", b'{"sender": "a"}', JSON, 400),
    ("POST", "/message", b'{"msg": "a"}', JSON, 400),
    ("POST", "/message", b'{"sender": 1, "msg": "a"}', JSON, 400),
    ("POST", "/message", b'{"sender": "a", "msg": {"b": 1}}', JSON, 400),
    ("POST", "/message", b'{"sender": "a", "msg": null}', JSON, 400),
    ("POST", "/message", b'{"sender": "a", "msg": "b", "id": 5}', JSON, 400),
    ("POST", "/message", b'{"sender": "", "msg": "b"}', JSON, 422),
    ("POST", "/message", b'{"sender": "a", "msg": " "}', JSON, 422),
    ("POST", "/message", b'{"sender": "a", "msg": "\\ud800"}', JSON, 400),
    ("POST", "/message", b'{"sender": "\xff", "msg": "b"}', JSON, 400),
    ("POST", "/message", b"[" * 50_000, JSON, 400),
    ("POST", "/message", b'{"sender": "a", "msg": NaN}', JSON, 400),
    ("POST", "/message", json.dumps({"sender": "s" * 100_000, "msg": "b"}).encode(), JSON, 413),
    ("POST", "/message", json.dumps({"sender": "s" * 200, "msg": "b"}).encode(), JSON, 422),
    ("POST", "/message", json.dumps({"sender": "s", "msg": "b" * 10_001}).encode(), JSON, 422),
    ("POST", "/message", b"x" * 10_000_000, JSON, 413),
    ("POST", "/message", json.dumps(ASSIGNMENT).encode(), {"Content-Type": "text/plain"}, 415),
    ("POST", "/message", json.dumps(ASSIGNMENT).encode(), {}, 415),
    ("GET", "/message", b"", {}, 405),
    ("DELETE", "/peers", b"", {}, 405),
    ("GET", "/nowhere", b"", {}, 404),
    ("GET", "/%00%ff", b"", {}, 404),
    ("GET", "/peers?view=nonsense", b"", {}, 422),
    ("GET", "/messages?limit=0", b"", {}, 422),
    ("GET", "/messages?limit=abc", b"", {}, 400),
    ("GET", "/messages?limit=" + "9" * 5_000, b"", {}, 400),
    ("GET", "/messages?before=-1", b"", {}, 422),
    ("GET", "/messages?sender=" + "s" * 500, b"", {}, 422),
    ("GET", "/events?after=-1", b"", {}, 422),
    ("GET", "/events?after=9999999999999999999", b"", {}, 422),
    ("POST", "/register", b"{}", JSON, 400),
    ("POST", "/register", b'{"peer": 5}', JSON, 400),
    ("POST", "/register", b'{"peer": ["http://a:1"]}', JSON, 400),
    *(
        ("POST", "/register", json.dumps({"peer": url}).encode(), JSON, 422)
        for url in (
            "",
            "node1:5000",
            "ftp://node1:5000",
            "javascript:alert(1)",
            "http://",
            "http://:5000",
            "http://0.0.0.0:5000",
            "http://[::]:5000",
            "http://user:pw@node1:5000",
            "http://user@node1:5000",
            "http://node1:5000/path",
            "http://node1:5000?x=1",
            "http://node1:5000#x",
            "http://node1:99999",
            "http://node1:0",
            "http://node1:",
            "http://no de:5000",
            "http://no\nde:5000",
            "http://<script>:5000",
            "http://nöde:5000",
            "http://node1:5000" + "0" * 300,
            "http://node2:5000",  # itself
            "http://localhost:5000",
            "http://127.0.0.1:5000",
        )
    ),
    ("POST", "/register", b'{"peer": "http://a:1", "url": "http://b:1"}', JSON, 422),
    ("POST", "/send", b'{"msg": "b"}', JSON, 400),
    ("POST", "/send", b'{"to": "node7"}', JSON, 400),
    ("POST", "/send", b'{"to": 7, "msg": "b"}', JSON, 400),
    ("POST", "/send", b'{"to": "node7", "msg": ""}', JSON, 422),
    ("POST", "/send", b'{"to": "node7", "msg": "b", "route": "magic"}', JSON, 422),
    ("POST", "/send", b'{"to": "nobody", "msg": "b"}', JSON, 404),
    ("POST", "/send", b'{"to": "node2", "msg": "b"}', JSON, 422),
    ("POST", "/send", b'{"to": "node7", "msg": "b", "id": 5}', JSON, 400),
    ("POST", "/send", b'{"to": "node7", "msg": "b", "id": ""}', JSON, 422),
    ("POST", "/send", json.dumps({"to": "node7", "msg": "b", "id": "i" * 65}).encode(), JSON, 422),
    ("POST", "/send", json.dumps({"to": "node7", "msg": "b" * 10_001}).encode(), JSON, 422),
    ("POST", "/send", b'{"to": "node7", "msg": "b", "ttl_seconds": 0}', JSON, 422),
    ("POST", "/send", b'{"to": "node7", "msg": "b", "ttl_seconds": 1e400}', JSON, 400),
    (
        "POST",
        "/send",
        b'{"to": "node7", "msg": "b", "ttl_seconds": 99999999999999999}',
        JSON,
        422,
    ),
    ("POST", "/send", b'{"to": "node7", "msg": "b", "ttl_seconds": "day"}', JSON, 400),
    ("GET", "/send?status=lost", b"", {}, 422),
    ("GET", "/send?before=0", b"", {}, 422),
    ("GET", "/send/m", b"", {}, 404),
    ("PUT", "/send/m", b"", {}, 405),
    ("DELETE", "/send/m", b"", {}, 404),
    ("DELETE", "/send", b"", {}, 405),
    ("POST", "/send/m/retry", b"", {}, 404),
    ("POST", "/send/m/retry", b"[" * 50_000, JSON, 404),
    ("GET", "/send/m/retry", b"", {}, 405),
    ("POST", "/broadcast", b"", JSON, 400),
    ("POST", "/broadcast", b"not json", JSON, 400),
    ("POST", "/broadcast", b"[]", JSON, 400),
    ("POST", "/broadcast", b"{}", JSON, 400),
    ("POST", "/broadcast", b'{"msg": 1}', JSON, 400),
    ("POST", "/broadcast", b'{"msg": null}', JSON, 400),
    ("POST", "/broadcast", b'{"msg": ["a"]}', JSON, 400),
    ("POST", "/broadcast", b'{"msg": "a", "id": 5}', JSON, 400),
    ("POST", "/broadcast", b'{"msg": "\\ud800"}', JSON, 400),
    ("POST", "/broadcast", b'{"msg": ""}', JSON, 422),
    ("POST", "/broadcast", b'{"msg": " \\n"}', JSON, 422),
    ("POST", "/broadcast", b'{"msg": "a", "id": ""}', JSON, 422),
    ("POST", "/broadcast", json.dumps({"msg": "a", "id": "i" * 65}).encode(), JSON, 422),
    ("POST", "/broadcast", json.dumps({"msg": "b" * 10_001}).encode(), JSON, 422),
    ("POST", "/broadcast", json.dumps({"msg": "b" * 100_000}).encode(), JSON, 413),
    ("POST", "/broadcast", b'{"msg": "a"}', {"Content-Type": "text/plain"}, 415),
    ("POST", "/broadcast", b'{"msg": "a"}', {}, 415),
    ("GET", "/broadcast", b"", {}, 405),
    ("POST", "/overlay", b"{}", JSON, 400),
    ("POST", "/overlay", b'{"v": 1, "sender": {}, "frames": []}', JSON, 400),
    ("POST", "/overlay", b"\xff\xfe", JSON, 400),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), NONSENSE)
def test_nonsense_gets_a_clear_4xx_and_changes_nothing(
    client: Client,
    peer: Peer,
    capsys: pytest.CaptureFixture[str],
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    befriend(peer)
    before = client.get("/status").json
    answer = client.open(path, method=method, data=body, headers=headers)
    assert answer.status_code == status
    assert answer.json["error"]
    assert capsys.readouterr().out == ""
    after = client.get("/status").json
    counted = {"at", "refused_batches"}  # that it was refused is all that it leaves
    assert {k: v for k, v in after.items() if k not in counted} == {
        k: v for k, v in before.items() if k not in counted
    }


def test_the_longest_message_that_is_allowed_fits_into_a_body(client: Client) -> None:
    longest = {"sender": "ß" * MAX_SENDER, "msg": "\U0001f600" * MAX_TEXT}
    body = json.dumps(longest, ensure_ascii=False).encode()
    assert len(body) < MAX_BODY
    assert client.post("/message", data=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:5000"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
    ],
)
def test_other_peoples_web_pages_are_kept_out(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("/message", json=ASSIGNMENT, headers=headers)
    assert answer.status_code == 403
    assert client.get("/messages").json["messages"] == []


@pytest.mark.parametrize("host", ["localhost:5001", "127.0.0.1:5001", "node7:5000", "[::1]:5000"])
def test_the_names_that_a_node_has_are_welcome(client: Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


# --- frames ---------------------------------------------------------------------------------


def frames(sender: dict[str, Any], *frames: Any, **more: Any) -> bytes:
    return json.dumps({"v": 1, "sender": sender, "frames": frames, **more}).encode()


SENDER = {"id": "x", "name": "node9", "url": "http://node9:5000"}


def test_a_hello_is_answered_with_the_members(client: Client, peer: Peer) -> None:
    answer = client.post("/overlay", data=encode(Batch(FRIEND, (Hello(),))), headers=JSON)
    assert answer.json["sender"]["id"] == peer.own.id
    kinds = {frame["type"] for frame in answer.json["frames"]}
    assert "members" in kinds
    assert client.get("/peers").json == {"peers": ["http://node7:5000"]}


def test_frames_of_an_unknown_kind_are_counted_and_skipped(client: Client) -> None:
    body = frames(SENDER, {"type": "teleport"}, {"type": "hello", "new_field": 1})
    assert client.post("/overlay", data=body, headers=JSON).status_code == 200
    assert client.get("/status").json["unknown_frames"] == 1


PUSH = {
    "type": "push",
    "origin": "x",
    "epoch": 1,
    "number": 1,
    "hop": 1,
    "message": "m",
    "sender": "node9",
    "text": "t",
}


UNICAST = {
    "type": "unicast",
    "message": "m",
    "receiver": "y",
    "sender": "node9",
    "text": "t",
    "number": 1,
    "token": 1,
    "visited": ["x"],
}
ACKNOWLEDGED = {
    "type": "acknowledged",
    "message": "m",
    "token": 1,
    "outcome": "stored",
    "hop": 1,
    "back": [],
}


def test_frames_of_routing_that_break_no_rule_are_taken(client: Client) -> None:
    lists = {"type": "neighbourhood", "lists": [["x", 1, 1, ["y"]]], "sum": "0" * 16}
    body = frames(
        SENDER,
        UNICAST,
        ACKNOWLEDGED,
        lists,
        {"type": "versions", "of": [["x", 1, 1]], "and_you": True},
        {"type": "discover", "receiver": "y", "number": 1, "path": ["x"]},
        {"type": "found", "number": 1, "way": ["x", "y"], "back": []},
    )
    assert client.post("/overlay", data=body, headers=JSON).status_code == 200
    status = client.get("/status").json
    assert (status["unknown_frames"], status["strange_frames"]) == (0, 6), "known, but no link"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *(
            (frames(SENDER, {**PUSH, field: value}), status)
            for field, value, status in (
                ("hop", 0, 400),
                ("hop", 33, 400),
                ("number", 0, 400),
                ("number", 2**31, 400),
                ("epoch", -1, 400),
                ("epoch", 1.5, 400),
                ("origin", "", 400),
                ("origin", "o" * 65, 400),
                ("message", "", 400),
                ("message", "m" * 65, 400),
                ("message", " ", 422),
                ("sender", "s" * 129, 400),
                ("sender", " ", 422),
                ("text", None, 400),
                ("text", "", 400),
                ("text", "\t", 422),
                ("text", "t" * 10_001, 400),
            )
        ),
        (frames(SENDER, {"type": "push"}), 400),
        (frames(SENDER, {"type": "ihave"}), 400),
        (frames(SENDER, {"type": "ihave", "messages": [["x", 1, 1]]}), 400),
        (frames(SENDER, {"type": "ihave", "messages": [["x", 1, 1, 33]]}), 400),
        (frames(SENDER, {"type": "ihave", "messages": [["x", 1, 1, 1]] * 257}), 400),
        (frames(SENDER, {"type": "graft", "messages": [["x", 1, -1, 1]]}), 400),
        (frames(SENDER, {"type": "prune", "origin": 7}), 400),
        *(
            (frames(SENDER, {**UNICAST, field: value}), status)
            for field, value, status in (
                ("visited", [], 400),
                ("visited", ["x"] * 17, 400),
                ("visited", "x", 400),
                ("visited", ["v" * 65], 400),
                ("way", ["x"] * 17, 400),
                ("avoid", ["x"] * 9, 400),
                ("number", 0, 400),
                ("number", 2**53, 400),
                ("number", 1.5, 400),
                ("token", 0, 400),
                ("token", "1", 400),
                ("token", 2**53, 400),
                ("receiver", "", 400),
                ("message", " ", 422),
                ("sender", " ", 422),
                ("text", "", 400),
                ("text", "\n", 422),
                ("text", "t" * 10_001, 400),
                ("insist", "yes", 400),
            )
        ),
        (frames(SENDER, {**ACKNOWLEDGED, "outcome": "lost"}), 400),
        (frames(SENDER, {**ACKNOWLEDGED, "hop": 0}), 400),
        (frames(SENDER, {**ACKNOWLEDGED, "hop": 17}), 400),
        (frames(SENDER, {**ACKNOWLEDGED, "back": ["x"] * 17}), 400),
        (frames(SENDER, {"type": "discover", "receiver": "y", "number": 0, "path": ["x"]}), 400),
        (frames(SENDER, {"type": "discover", "receiver": "y", "number": 1, "path": []}), 400),
        (frames(SENDER, {"type": "discover", "receiver": "y", "number": 1, "path": None}), 400),
        (frames(SENDER, {"type": "found", "number": 1, "way": ["x"], "back": []}), 400),
        (frames(SENDER, {"type": "found", "number": 1, "way": ["x"] * 18, "back": []}), 400),
        (frames(SENDER, {"type": "neighbourhood", "lists": [["x", 1, 1]]}), 400),
        (frames(SENDER, {"type": "neighbourhood", "lists": [["x", 1, -1, []]]}), 400),
        (frames(SENDER, {"type": "neighbourhood", "lists": [["x", 1, 1, ["y"] * 17]]}), 400),
        (frames(SENDER, {"type": "neighbourhood", "lists": [["x", 1, 1, []]] * 51}), 400),
        (frames(SENDER, {"type": "neighbourhood", "lists": [["x", 1, 1, ["\n"]]]}), 422),
        (frames(SENDER, {"type": "neighbourhood", "lists": [["\x1b", 1, 1, []]]}), 422),
        (frames(SENDER, {"type": "neighbourhood", "sum": "zz"}), 400),
        (frames(SENDER, {"type": "versions"}), 400),
        (frames(SENDER, {"type": "versions", "of": [["x", 1]]}), 400),
        (frames(SENDER, {"type": "versions", "of": [["x", 1, 1]] * 1_002}), 400),
        (frames({**SENDER, "url": "ftp://x"}), 422),
        (frames({**SENDER, "url": "http://NODE9:5000/"}), 422),
        (frames({**SENDER, "name": "a\nb"}), 422),
        (frames({**SENDER, "name": "n" * 64}), 400),
        (frames({**SENDER, "epoch": 2**31}), 400),
        (frames({**SENDER, "epoch": -1}), 400),
        (frames({**SENDER, "state": "immortal"}), 400),
        (frames({**SENDER, "state": "dead"}), 422),
        (frames({**SENDER, "kind": "plain"}), 422),
        (frames(SENDER, {"type": "digest"}), 400),
        (frames(SENDER, {"type": "digest", "sum": "zz", "linked": True}), 400),
        (frames(SENDER, {"no": "type"}), 400),
        (frames(SENDER, *[{"type": "hello"}] * 1_001), 400),
        (frames(SENDER, to="somebody else"), 421),
        (json.dumps({"v": 2, "sender": SENDER, "frames": []}).encode(), 422),
    ],
)
def test_a_batch_that_breaks_a_rule_is_refused_whole(
    client: Client, body: bytes, status: int
) -> None:
    answer = client.post("/overlay", data=body, headers=JSON)
    assert answer.status_code == status, answer.json
    assert client.get("/peers").json == {"peers": []}
    assert client.get("/messages").json["messages"] == []
