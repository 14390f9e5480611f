"""Messages over the links, over HTTP: one node as its links meet it, and real processes."""

import contextlib
import socket
import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from free_ports import free_port
from laboratory import Node, network, until

from contract.limits import MAX_BATCH, MAX_BODY, MAX_ID, MAX_SENDER, MAX_TEXT
from node.api import create_app
from node.identity import Identity
from node.overlay import inputs as i
from node.overlay.frames import (
    Acknowledged,
    Batch,
    Digest,
    Discover,
    Found,
    Frame,
    ListVersion,
    MemberList,
    Neighbour,
    Neighbourhood,
    NeighbourList,
    Push,
    Record,
    Unicast,
    Versions,
    encode,
    room,
)
from node.overlay.pieces import member_lists
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store
from node.transport import BATCH_ROOM, PASSING, Queues

LINK = Record(id="link", name="node7", url="http://127.0.0.1:9")
OTHER = Record(id="other", name="node8", url="http://127.0.0.1:10")


def a_peer(folder: Path) -> Peer:
    settings = Settings(data=folder, bootstrap=NO_BOOTSTRAP)
    return Peer(settings, Identity("node2", "http://node2:5000"), Store(folder), rng=Random(1))


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    peer = a_peer(tmp_path)
    yield peer
    peer.store.close()


@pytest.fixture
def client(peer: Peer) -> FlaskClient:
    return create_app(peer).test_client()


def hear(peer: Peer, *frames: Frame, sender: Record = LINK) -> tuple[Frame, ...]:
    return peer.heard(Batch(sender, frames)).frames


def tie(peer: Peer, link: Record = LINK) -> None:
    """It asks to be a link, and answers when it is told yes."""
    hear(peer, Neighbour(), sender=link)
    peer._happened(i.Timer(f"accept {link.id}"))
    peer._happened(i.Answered(link.url, Batch(link, ())))
    assert link.id in peer.overlay.links


def told(peer: Peer, type_: str) -> list[dict[str, Any]]:
    return [event.data for event in peer.events.after(0, 1_000)[0] if event.type == type_]


def unicast(peer: Peer, message: str = "m", number: int = 1, **more: Any) -> Unicast:
    fields: dict[str, Any] = {
        "message": message,
        "receiver": peer.own.id,
        "sender": "node1",
        "text": "hello",
        "number": number,
        "token": 7,
        "visited": ("origin", "link"),
    }
    return Unicast(**{**fields, **more})


def token(peer: Peer) -> int:
    """Of the message of ours that is under way to the link."""
    frames = peer._transport._lanes[LINK.url, LINK.id].take()
    (sent,) = [frame for frame in frames if isinstance(frame, Unicast)]
    return sent.token


def outcomes(frames: tuple[Frame, ...]) -> list[str]:
    return [frame.outcome for frame in frames if isinstance(frame, Acknowledged)]


# --- sending -----------------------------------------------------------------------------------


def test_a_message_for_the_links_leaves_by_one_and_is_delivered_when_the_answer_is_back(
    client: FlaskClient, peer: Peer
) -> None:
    tie(peer)
    answer = client.post("/send", json={"to": "node7", "msg": "hi", "route": "overlay"})
    message = answer.json["id"]
    (sent,) = told(peer, "message.sent")
    assert (sent["route"], sent["via"]["name"], sent["hop"], sent["attempt"]) == (
        "overlay",
        "node7",
        1,
        1,
    )
    assert (sent["to"]["name"], sent["text"], sent["sender"]) == ("node7", "hi", "node2")
    hear(peer, Acknowledged(message, token(peer), "stored", 1, ()))
    found = client.get(f"/send/{message}").json
    assert (found["status"], found["route"]) == ("delivered", "overlay")
    assert told(peer, "message.delivered")[0]["hop"] == 1


def test_what_the_receiver_refuses_has_failed(client: FlaskClient, peer: Peer) -> None:
    tie(peer)
    answer = client.post("/send", json={"to": "node7", "msg": "hi", "route": "overlay"})
    hear(peer, Acknowledged(answer.json["id"], token(peer), "refused", 1, ()))
    assert client.get(f"/send/{answer.json['id']}").json["status"] == "failed"


@pytest.mark.parametrize(
    ("route", "status"), [("magic", 422), ("", 422), (5, 400), (["overlay"], 400), (None, 400)]
)
def test_a_route_that_is_none_is_refused(
    client: FlaskClient, peer: Peer, route: Any, status: int
) -> None:
    tie(peer)
    answer = client.post("/send", json={"to": "node7", "msg": "hi", "route": route})
    assert (answer.status_code, answer.json["field"]) == (status, "route")
    assert client.get("/send").json["messages"] == []


def test_messages_get_into_the_outbox_and_into_their_lane_in_the_same_order(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places tell an old copy from a new message, so two senders at once must not cross."""
    tie(peer)
    accept, held = peer.store.accept, []

    def accepts(*given: Any, **more: Any) -> bool:
        held.append(peer._lock._is_owned())
        return accept(*given, **more)

    monkeypatch.setattr(peer.store, "accept", accepts)
    monkeypatch.setattr(peer.outgoing, "_happened", lambda _: held.append(peer._lock._is_owned()))
    peer.outgoing.send({"to": "node7", "msg": "hi"})
    assert held == [True, True]


def test_the_longest_frame_of_each_kind_is_below_the_limit() -> None:
    plain = tuple("i" * MAX_ID for _ in range(17))
    longest = Unicast(
        message=plain[0],
        receiver=plain[0],
        sender="\x01" * MAX_SENDER,
        text="\x01" * MAX_TEXT,
        number=2**53 - 1,
        token=2**53 - 1,
        visited=plain[:16],
        way=plain[:16],
        avoid=plain[:8],
        insist=True,
        sent_at=2**40 - 0.1,
    )
    lists = tuple(NeighbourList(plain[0], 2**31 - 1, 2**31 - 1, plain[:16]) for _ in range(50))
    empty = len(encode(Batch(LINK, ())))
    for frame in (longest, Neighbourhood(lists, "0" * 16)):
        size = len(encode(Batch(LINK, (frame,)))) - empty
        assert size <= MAX_BODY
        assert size <= room(frame)


@pytest.mark.parametrize("sign", ["i", "\x01", '"', "\U0001f600"])
def test_no_frame_takes_more_room_than_it_is_given(sign: str) -> None:
    """What is passed on in one batch is bounded by this; whoever finds a gap can make a node
    send what its link must refuse."""
    one = sign * MAX_ID
    ids = (one,) * 16
    empty = len(encode(Batch(LINK, ())))
    for frame in (
        Unicast(one, one, one, sign, 2**53 - 1, 2**53 - 1, ids, ids, ids[:8], True, 2**40 - 0.1),
        Acknowledged(one, 2**53 - 1, "overtaken", 16, ids, ids),
        Discover(one, 2**31 - 1, ids),
        Found(2**31 - 1, ids, ids),
        Neighbourhood((NeighbourList(one, 1, 1, ids),) * 50, "0" * 16),
        Versions((ListVersion(one, 2**31 - 1, 2**31 - 1),) * 1_001, True),
    ):
        assert len(encode(Batch(LINK, (frame,)))) - empty <= room(frame)


def test_the_route_of_a_message_survives_a_restart(tmp_path: Path) -> None:
    peer = a_peer(tmp_path)
    tie(peer)
    message = peer.outgoing.send({"to": "node7", "msg": "hi", "route": "overlay"})
    peer.store.close()
    again = Store(tmp_path)
    assert [(m.id, m.route) for m in again.heads()] == [(message, "overlay")]
    again.close()


# --- receiving ---------------------------------------------------------------------------------


def test_a_message_that_comes_over_links_is_stored_told_and_answered_in_the_same_exchange(
    client: FlaskClient, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    tie(peer)
    frames = hear(peer, unicast(peer))
    (answer,) = [frame for frame in frames if isinstance(frame, Acknowledged)]
    assert answer == Acknowledged("m", 7, "stored", 2, ("origin",), ("origin", "link"))
    (stored,) = client.get("/messages").json["messages"]
    assert (stored["id"], stored["sender"], stored["from"]) == ("m", "node1", "origin")
    assert "Received message from node1: hello\n" in capsys.readouterr().out
    (received,) = told(peer, "message.received")
    assert (received["hop"], received["sender"], received["text"]) == (2, "node1", "hello")


def test_the_inbox_tells_the_way_that_a_message_came_and_when_it_was_sent(
    client: FlaskClient, peer: Peer
) -> None:
    tie(peer)
    hear(peer, unicast(peer, sent_at=1_700_000_000.5))
    hear(peer, unicast(peer, "near", 2, visited=("link",), token=8))
    near, far = client.get("/messages").json["messages"]
    own = {"id": peer.own.id, "name": peer.own.name}
    assert (far["hops"], far["sent_at"]) == (2, 1_700_000_000.5)
    assert far["path"] == [
        {"id": "origin", "name": "origin"},
        {"id": "link", "name": LINK.name},
        own,
    ]
    assert (near["hops"], near["sent_at"]) == (1, None)
    assert near["path"] == [{"id": "link", "name": LINK.name}, own]


def test_a_called_message_took_one_hop_and_of_one_from_outside_nothing_is_known(
    client: FlaskClient, peer: Peer
) -> None:
    called = {"sender": "n", "msg": "t", "id": "m", "from": "origin", "number": 1}
    client.post("/message", json={**called, "sent_at": 1_700_000_000.25})
    client.post("/message", json={"sender": "n", "msg": "t", "id": "c", "sent_at": 5})
    outside, direct = client.get("/messages").json["messages"]
    assert (direct["hops"], direct["sent_at"]) == (1, 1_700_000_000.25)
    assert [step["id"] for step in direct["path"]] == ["origin", peer.own.id]
    assert (outside["hops"], outside["path"], outside["sent_at"]) == (None, [], None)


@pytest.mark.parametrize("said", ["yesterday", -1, 2**40, True, None, [], {}, 10**400])
def test_a_time_that_is_none_is_no_time_and_no_reason_to_refuse(
    client: FlaskClient, said: Any
) -> None:
    body = {"sender": "n", "msg": "t", "from": "origin", "sent_at": said}
    assert client.post("/message", json=body).status_code == 200
    (stored,) = client.get("/messages").json["messages"]
    assert (stored["hops"], stored["sent_at"]) == (1, None)


def test_the_same_message_again_is_answered_again_and_stored_once(
    client: FlaskClient, peer: Peer
) -> None:
    tie(peer)
    answers = [outcomes(hear(peer, unicast(peer))) for _ in range(3)]
    assert answers == [["stored"]] * 3
    assert len(client.get("/messages").json["messages"]) == 1
    assert len(told(peer, "message.received")) == 1
    body = {"sender": "node1", "msg": "hello", "id": "m", "from": "origin"}
    assert client.post("/message", json=body).status_code == 200, "and directly, too"
    assert len(client.get("/messages").json["messages"]) == 1


def test_an_id_that_was_used_for_another_text_is_refused(peer: Peer) -> None:
    tie(peer)
    hear(peer, unicast(peer))
    assert outcomes(hear(peer, unicast(peer, text="other"))) == ["refused"]


@pytest.mark.parametrize("directly", [True, False])
def test_an_old_copy_behind_a_later_message_is_not_stored_unless_its_origin_insists(
    client: FlaskClient, peer: Peer, directly: bool
) -> None:
    tie(peer)
    if directly:
        later = {"sender": "node1", "msg": "later", "id": "m9", "from": "origin", "number": 9}
        assert client.post("/message", json=later).status_code == 200
    else:
        assert outcomes(hear(peer, unicast(peer, "m9", 9))) == ["stored"]
    assert outcomes(hear(peer, unicast(peer, "m8", 8))) == ["overtaken"]
    assert outcomes(hear(peer, unicast(peer, "m9", 9, text="later" if directly else "hello"))) == [
        "stored"
    ]
    assert len(client.get("/messages").json["messages"]) == 1
    assert outcomes(hear(peer, unicast(peer, "m8", 8, insist=True))) == ["stored"]


@pytest.mark.parametrize("number", ["7", 7.5, True, -1, 2**60, None, [7]])
def test_a_number_that_is_none_in_somebodys_homework_is_nobodys_business(
    client: FlaskClient, peer: Peer, number: Any
) -> None:
    tie(peer)
    body = {"sender": "node1", "msg": "b", "from": "origin", "number": number}
    assert client.post("/message", json=body).status_code == 200
    assert outcomes(hear(peer, unicast(peer))) == ["stored"]


def test_where_the_disk_is_full_the_origin_hears_not_now(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tie(peer)
    real = peer.store._db

    class Full:
        def execute(self, statement: str, *values: Any) -> Any:
            if statement.startswith("INSERT"):
                raise sqlite3.OperationalError("database or disk is full")
            return real.execute(statement, *values)

    with monkeypatch.context() as patch:
        patch.setattr(peer.store, "_db", Full())
        assert outcomes(hear(peer, unicast(peer))) == ["later"]
    assert outcomes(hear(peer, unicast(peer))) == ["stored"]


def test_a_message_for_another_is_passed_on_and_told(client: FlaskClient, peer: Peer) -> None:
    tie(peer)
    tie(peer, OTHER)
    hear(peer, unicast(peer, receiver="other"))
    (forwarded,) = told(peer, "message.forwarded")
    assert forwarded["message"] == "m"
    names = [forwarded[role]["name"] for role in ("from", "via", "to")]
    assert (names, forwarded["hop"]) == (["node2", "node8", "node8"], 3)
    assert client.get("/messages").json["messages"] == []
    assert client.get("/status").json["routing"]["passed"] == 1
    queues = peer._transport._lanes[OTHER.url, "other"]
    (passed,) = [frame for frame in queues.take() if isinstance(frame, Unicast)]
    assert passed.visited == ("origin", "link", peer.own.id)


def test_who_is_no_link_makes_nobody_pass_anything_on(client: FlaskClient, peer: Peer) -> None:
    tie(peer, OTHER)
    hear(peer, Digest("0" * 16, linked=False))
    assert outcomes(hear(peer, unicast(peer))) == []
    assert outcomes(hear(peer, unicast(peer, receiver="other"))) == []
    assert client.get("/messages").json["messages"] == []
    assert told(peer, "message.forwarded") == []
    assert client.get("/status").json["strange_frames"] == 2


# --- what waits to be passed on ----------------------------------------------------------------


def test_routed_messages_go_before_broadcasts_and_behind_what_keeps_the_network_together(
    peer: Peer,
) -> None:
    queues = Queues()
    frames: list[Frame] = [
        Push("o", 1, 1, 1, "b", "node1", "t"),
        unicast(peer),
        Digest("0" * 16, linked=True),
    ]
    for frame in frames:
        assert queues.put(frame)
    assert queues.take() == tuple(reversed(frames))
    assert not queues


def test_maps_that_wait_leave_in_batches_that_others_take(peer: Peer) -> None:
    """Though their names are of the longest, a flood of messages waits as well."""
    queues = Queues()
    name = "\U0001f600" * 60
    records = tuple(
        Record(id=f"{k}{name}", name=name, url=f"http://{'h' * 200}{k}:5000") for k in range(1_000)
    )
    pieces = member_lists(records) + member_lists(records)
    for piece in pieces:
        queues.put(piece)
    for number in range(1, 20):
        queues.put(unicast(peer, f"m{number}", number, text="\x01" * MAX_TEXT))
    taken: list[Frame] = []
    while queues:
        frames = queues.take()
        assert frames
        assert len(encode(Batch(LINK, frames))) <= MAX_BATCH
        taken += frames
    assert [frame for frame in taken if isinstance(frame, MemberList)] == pieces


def test_a_flood_of_the_longest_messages_fits_and_is_forgotten_beyond_its_bound(
    peer: Peer,
) -> None:
    queues = Queues()
    for number in range(1, 201):
        longest = {"text": "\x01" * MAX_TEXT, "sender": "\x01" * MAX_SENDER}
        queues.put(unicast(peer, f"m{number}", number, **longest))
    taken = []
    while queues:
        frames = queues.take()
        assert len(encode(Batch(LINK, frames))) <= MAX_BATCH
        assert sum(room(frame) for frame in frames) <= BATCH_ROOM, "and leaves room for the rest"
        taken += frames
    assert sum(len(encode(Batch(LINK, (frame,)))) for frame in taken) <= PASSING + len(taken) * 300
    assert taken[-1].message == "m200", "the oldest go"
    assert len(taken) >= 16


# --- real processes ----------------------------------------------------------------------------


class NoMessages(socketserver.ThreadingTCPServer):
    """A firewall before a node: everything gets through but `POST /message`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, behind: str) -> None:
        self.behind = urlsplit(behind).port
        self.turned_away = 0
        super().__init__(("127.0.0.1", port), _Through)

    @contextlib.contextmanager
    def running(self) -> Iterator["NoMessages"]:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()


class _Through(socketserver.BaseRequestHandler):
    server: NoMessages

    def handle(self) -> None:
        try:
            there = socket.create_connection(("127.0.0.1", self.server.behind), 5)
        except OSError:
            return  # the node does not listen yet, or no more: the caller sees a closed connection
        with there:
            back = threading.Thread(target=_pump, args=(there, self.request), daemon=True)
            back.start()
            while chunk := _read(self.request):
                if chunk.startswith(b"POST /message"):
                    self.server.turned_away += 1
                    break
                try:
                    there.sendall(chunk)
                except OSError:
                    break
            with contextlib.suppress(OSError):  # closed from the other end already
                there.shutdown(socket.SHUT_RDWR)
            back.join()


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except OSError:
        return b""


def _pump(one: socket.socket, other: socket.socket) -> None:
    while chunk := _read(one):
        try:
            other.sendall(chunk)
        except OSError:
            return


def events(node: Node, type_: str) -> list[dict[str, Any]]:
    found = requests.get(f"{node.url}/events?limit=5000", timeout=5).json()["events"]
    return [event["data"] for event in found if event["type"] == f"p2p.{type_}"]


def inbox(node: Node) -> list[str]:
    found = requests.get(node.url + "/messages?limit=1000", timeout=5).json()["messages"]
    return [message["id"] for message in found]


def send(node: Node, to: str, route: str, text: str = "hi") -> str:
    body = {"to": to, "msg": text, "route": route}
    answer = requests.post(node.url + "/send", json=body, timeout=5)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def passed_on(first: Node, others: list[Node]) -> dict[str, int]:
    """A message to each, over the links; the hops that each took."""
    sent = {send(first, node.name, "overlay"): node for node in others}
    until(lambda: all(message in inbox(node) for message, node in sent.items()), 60)
    until(lambda: sent.keys() <= {data["message"] for data in events(first, "message.delivered")})
    assert {data["route"] for data in events(first, "message.sent")} == {"overlay"}
    hops = {}
    for message, node in sent.items():
        (received,) = (e for e in events(node, "message.received") if e["message"] == message)
        assert received["from"]["name"] == first.name
        hops[message] = received["hop"]
    return hops


def test_sixteen_processes_pass_messages_on_to_each_other(tmp_path: Path) -> None:
    """With at most eight links a node most of them are no links of the first."""
    with network(tmp_path, 16) as nodes:
        first, others = nodes[0], nodes[1:]
        # While not all lists of links have got about, a message is found a way, and not the best.
        for _ in range(60):
            hops = passed_on(first, others)
            assert set(hops.values()) >= {1, 2}
            if max(hops.values()) <= 4:
                break
        assert max(hops.values()) <= 4
        forwarded = [data for node in nodes for data in events(node, "message.forwarded")]
        for message, hop in hops.items():
            way = sorted((x for x in forwarded if x["message"] == message), key=lambda x: x["hop"])
            assert len(way) >= hop - 1
            if way:
                assert way[-1]["via"]["id"] == way[-1]["to"]["id"]


def test_a_node_that_takes_no_calls_gets_its_messages_over_its_links(tmp_path: Path) -> None:
    port = free_port()
    first = Node(tmp_path, "node1")
    shy = Node(tmp_path, "shy", first.url, url=f"http://127.0.0.1:{port}")
    nodes = [first, shy, *(Node(tmp_path, f"node{k}", first.url) for k in range(2, 5))]
    try:
        with NoMessages(port, f"http://127.0.0.1:{shy.port}").running() as wall:
            until(lambda: all(node.knows() == len(nodes) - 1 for node in nodes), 60)
            sent = [send(first, "shy", "auto", text) for text in ("one", "two", "three")]
            until(lambda: set(sent) <= set(inbox(shy)), 30)
            assert list(reversed(inbox(shy))) == sent, "in order"
            assert wall.turned_away >= 3
            ways = [data["route"] for data in events(first, "message.sent")]
            assert {"direct", "overlay"} == set(ways)
            never = send(first, "shy", "direct")
            until(lambda: len(events(first, "message.retried")) > 4, 30)
            assert never not in inbox(shy)
    finally:
        for node in nodes:
            node.end()
