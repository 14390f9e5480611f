"""The outbox as whoever sends meets it: how far a message is, trying again, dropping it."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

import node.store
from contract.errors import ApiError
from contract.events import COUNTED, TYPES
from node.api import create_app
from node.connections import NoAnswerError, Reply
from node.events import EventLog
from node.identity import Identity
from node.outgoing import DISK_AGAIN, LOOK_AGAIN
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.frames import Acknowledged, Batch, Hello, Neighbour, Record, Unicast
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store

FRIEND = Record(id="friend", name="node7", url="http://127.0.0.1:9")
OTHER = Record(id="other", name="node8", url="http://127.0.0.1:10")


class Clock:
    """A node's clocks, set by hand."""

    def __init__(self) -> None:
        self.steady = 1_000.0
        self.wall = 1_700_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds


@pytest.fixture(autouse=True)
def _plain_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is patched here, so checkpoints must not wait as eventlet's threads do."""
    monkeypatch.setenv("P2P_SERVER", "threading")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Peer]]:
    """Start a node that knows nobody; the one before it is killed."""
    lives: list[Peer] = []

    def begin() -> Peer:
        settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP)
        store = Store(tmp_path, lambda: clock.wall, steady=lambda: clock.steady)
        lives.append(Peer(settings, Identity("node2", "http://node2:5000"), store, rng=Random(1)))
        lives[-1].outgoing.start()
        return lives[-1]

    yield begin
    for peer in lives:
        peer.store.close()


@pytest.fixture
def peer(live: Callable[[], Peer]) -> Peer:
    peer = live()
    for record in (FRIEND, OTHER):
        meet(peer, record)
    return peer


@pytest.fixture
def client(peer: Peer) -> FlaskClient:
    return create_app(peer).test_client()


def meet(peer: Peer, record: Record = FRIEND) -> None:
    peer._happened(i.Heard(Batch(record, (Hello(),))))


def send(client: FlaskClient, message: str, to: str = "node7", **more: Any) -> Any:
    return client.post("/send", json={"to": to, "msg": f"text of {message}", "id": message, **more})


def calls(peer: Peer) -> list[str]:
    """The messages that a courier was given since the last look, in order."""
    queue, found = peer._courier._queue, []
    while not queue.empty():
        found += [message for message, _ in queue.get().all]
    return found


def outcome(peer: Peer, message: str, outcome: Any, reason: str = "") -> None:
    peer._happened(i.PostEnded(message, outcome, reason))


def told(peer: Peer, type_: str) -> list[str]:
    events = peer.events.after(0, 5_000)[0]
    return [event.data["message"] for event in events if event.type == type_]


def counts(peer: Peer) -> list[tuple[str, int, int, int]]:
    """What each event says of the outbox: how many wait, were delivered, failed."""
    events = peer.events.after(0, 5_000)[0]
    return [
        (event.type.removeprefix("message."), said["waiting"], said["sent"], said["failed"])
        for event in events
        if (said := event.data.get("counts")) is not None
    ]


def statuses(client: FlaskClient) -> dict[str, str]:
    return {m["id"]: m["status"] for m in client.get("/send").json["messages"]}


# --- what whoever watches is told ----------------------------------------------------------------


def test_a_message_behind_others_is_told_of_and_one_before_them_only_when_it_leaves(
    client: FlaskClient, peer: Peer
) -> None:
    send(client, "first")
    send(client, "second")
    send(client, "elsewhere", to="node8")
    events = peer.events.after(0, 5_000)[0]
    (queued,) = [event.data for event in events if event.type == "message.queued"]
    assert (queued["message"], queued["text"]) == ("second", "text of second")
    assert (queued["sender"], queued["to"]["name"], queued["attempt"]) == ("node2", "node7", 0)
    assert queued["number"] == client.get("/send/second").json["n"]


def test_every_event_has_the_true_counts_and_needs_no_adding_up(
    client: FlaskClient, peer: Peer
) -> None:
    """With what a node itself has, snapshots and events cannot disagree."""
    for message in ("m", "n", "o"):
        send(client, message)
    outcome(peer, "m", "refused", "no")
    outcome(peer, "n", "stored")
    client.post("/send/m/retry")
    outcome(peer, "o", "stored")
    outcome(peer, "m", "refused", "no")
    client.delete("/send/m")
    client.delete("/send/n")
    assert counts(peer) == [
        ("queued", 2, 0, 0),
        ("queued", 3, 0, 0),
        ("failed", 2, 0, 1),
        ("delivered", 1, 1, 1),
        ("queued", 2, 1, 0),
        ("delivered", 1, 2, 0),
        ("failed", 0, 2, 1),
        ("discarded", 0, 2, 0),
        ("discarded", 0, 1, 0),
    ]
    snapshot = peer.snapshot()
    assert (snapshot["waiting"], snapshot["sent"], snapshot["failed"]) == (0, 1, 0)


def test_counts_of_a_later_event_are_later_counts() -> None:
    """They are read where the number is given, else two threads may tell them in wrong order."""
    held: list[bool] = []
    log = EventLog(counts=lambda: held.append(log._lock.locked()) or {"inbox": len(held)})
    for type_ in sorted(TYPES):
        log.emit(type_, {})
    events = log.after(0, 100)[0]
    assert {event.type for event in events if "counts" in event.data} == COUNTED
    assert held == [True] * len(COUNTED)


# --- how far it is -----------------------------------------------------------------------------


def test_a_message_tells_how_far_it_is_until_it_has_arrived(
    client: FlaskClient, peer: Peer, clock: Clock
) -> None:
    send(client, "first")
    send(client, "second")
    own = {"id": peer.own.id, "name": "node2"}
    found = client.get("/send/first").json
    assert (found["status"], found["under_way"], found["attempts"]) == ("queued", True, 1)
    assert (found["hops"], found["path"], found["expires_in"]) == (0, [own], 86_400.0)
    assert (found["next_in"], found["promise"]) == (None, "exactly-once")
    found = client.get("/send/second").json
    assert (found["under_way"], found["attempts"], found["path"]) == (False, 0, [])
    assert found["next_in"] is None, "it waits for its turn"
    before = time.monotonic()
    outcome(peer, "first", "later", "the receiver answered 503")
    progress = peer.overlay.progress("first")
    assert progress is not None
    assert before + 0.3 < (progress.again_at or 0) < time.monotonic() + 0.7
    found = client.get("/send/first").json
    assert (found["status"], found["under_way"]) == ("queued", False)
    assert 0.0 <= found["next_in"] <= 0.7, "half a second and a quarter of it, at most"
    assert found["reason"] == "the receiver answered 503"
    peer._happened(i.Timer("post friend"))
    clock.pass_by(5.0)
    outcome(peer, "first", "stored")
    found = client.get("/send/first").json
    assert (found["status"], found["attempts"], found["hops"]) == ("delivered", 2, 1)
    assert found["path"] == [own, {"id": "friend", "name": "node7"}]
    assert (found["done_at"] - found["at"], found["expires_in"]) == (5.0, None)
    assert client.get("/send/second").json["under_way"]


def test_a_plain_node_is_promised_less(client: FlaskClient, peer: Peer) -> None:
    peer._happened(i.Registered("http://127.0.0.1:11", None, None))
    peer._happened(i.NotOurs("http://127.0.0.1:11"))
    (plain,) = [record for record in peer.views("all") if record.kind == "plain"]
    send(client, "plain", to=plain.id)
    send(client, "proper")
    assert client.get("/send/plain").json["promise"] == "at-least-once"
    listed = {m["id"]: m["promise"] for m in client.get("/send").json["messages"]}
    assert listed == {"plain": "at-least-once", "proper": "exactly-once"}


def test_of_a_receiver_that_nobody_knows_any_more_nothing_is_promised(
    client: FlaskClient, live: Callable[[], Peer]
) -> None:
    send(client, "m")
    assert create_app(live()).test_client().get("/send/m").json["promise"] is None


def linked(client: FlaskClient, peer: Peer) -> int:
    """Send over a link; returns the token of the message."""
    peer._happened(i.Heard(Batch(FRIEND, (Neighbour(),))))
    peer._happened(i.Timer(f"accept {FRIEND.id}"))
    peer._happened(i.Answered(FRIEND.url, Batch(FRIEND, ())))
    send(client, "m", route="overlay")
    frames = peer._transport._lanes[FRIEND.url, FRIEND.id].take()
    return next(frame.token for frame in frames if isinstance(frame, Unicast))


def test_over_the_links_the_first_hop_is_known_at_once_and_the_path_in_the_end(
    client: FlaskClient, peer: Peer
) -> None:
    token = linked(client, peer)
    found = client.get("/send/m").json
    assert (found["under_way"], found["hops"]) == (True, 1)
    assert [step["name"] for step in found["path"]] == ["node2", "node7"]
    way = (peer.own.id, "other")
    peer._happened(i.Heard(Batch(FRIEND, (Acknowledged("m", token, "stored", 2, (), way),))))
    found = client.get("/send/m").json
    assert (found["status"], found["hops"]) == ("delivered", 2)
    assert [step["name"] for step in found["path"]] == ["node2", "node8", "node7"]


def test_a_path_that_does_not_begin_here_is_none(client: FlaskClient, peer: Peer) -> None:
    token = linked(client, peer)
    said = Acknowledged("m", token, "stored", 2, (), ("elsewhere", "other"))
    peer._happened(i.Heard(Batch(FRIEND, (said,))))
    found = client.get("/send/m").json
    assert (found["status"], found["hops"], found["path"]) == ("delivered", 2, [])


def test_the_path_survives_a_restart(
    client: FlaskClient, peer: Peer, live: Callable[[], Peer]
) -> None:
    send(client, "m")
    outcome(peer, "m", "stored")
    again = live()
    meet(again)
    found = create_app(again).test_client().get("/send/m").json
    assert (found["hops"], [step["name"] for step in found["path"]]) == (1, ["node2", "node7"])


# --- the same call twice -----------------------------------------------------------------------


def test_the_same_words_under_one_id_are_one_message_whatever_has_become_of_it(
    client: FlaskClient, peer: Peer
) -> None:
    for status in ("queued", "delivered"):
        for to in ("node7", "node7", "friend", FRIEND.url):
            answer = send(client, "m", to, ttl_seconds=60)
            assert (answer.status_code, answer.json) == (202, {"id": "m", "status": status})
        outcome(peer, "m", "stored")
    assert calls(peer) == ["m"]
    assert len(client.get("/send").json["messages"]) == 1


@pytest.mark.parametrize(
    "change",
    [{"msg": "other"}, {"to": "node8"}, {"to": "nobody"}, {"route": "direct"}, {"ttl_seconds": 9}],
)
def test_other_words_under_a_used_id_are_a_conflict_and_change_nothing(
    client: FlaskClient, peer: Peer, change: dict[str, Any]
) -> None:
    send(client, "m")
    before = client.get("/send").json
    said = {"to": "node7", "msg": "text of m", "id": "m", **change}
    answer = client.post("/send", json=said)
    assert (answer.status_code, answer.json["field"]) == (409, "id")
    assert client.get("/send").json == before
    assert calls(peer) == ["m"]


def test_who_heard_no_answer_asks_again_after_a_restart_that_forgot_everybody(
    client: FlaskClient, live: Callable[[], Peer]
) -> None:
    send(client, "m")
    again = live()
    late = create_app(again).test_client()
    assert send(late, "m").status_code == 202
    assert send(late, "new").status_code == 404
    assert statuses(late) == {"m": "queued"}


# --- its time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ttl", "status"),
    [
        (0, 422),
        (0.99, 422),
        (-5, 422),
        (604_801, 422),
        (1e300, 422),
        ("60", 400),
        (True, 400),
        (None, 400),
        ([60], 400),
    ],
)
def test_a_time_that_is_none_is_refused(client: FlaskClient, ttl: Any, status: int) -> None:
    answer = send(client, "m", ttl_seconds=ttl)
    assert (answer.status_code, answer.json["field"]) == (status, "ttl_seconds")
    assert statuses(client) == {}


@pytest.mark.parametrize("ttl", [1, 60.5, 604_800])
def test_a_time_may_be_a_second_or_a_week(client: FlaskClient, ttl: float) -> None:
    assert send(client, "m", ttl_seconds=ttl).status_code == 202
    found = client.get("/send/m").json
    assert (found["ttl_seconds"], found["expires_in"]) == (ttl, ttl)


def test_what_has_run_out_fails_wherever_in_its_lane_it_waits(
    client: FlaskClient, peer: Peer, clock: Clock
) -> None:
    for message, ttl in (("head", 60), ("behind", 30), ("last", 90)):
        send(client, message, ttl_seconds=ttl)
    outcome(peer, "head", "later", "busy")
    clock.pass_by(31)
    peer._happened(i.Timer("expiry"))
    assert statuses(client) == {"head": "queued", "behind": "failed", "last": "queued"}
    clock.pass_by(30)
    calls(peer)
    peer._happened(i.Timer("expiry"))
    assert statuses(client)["head"] == "failed"
    assert client.get("/send/head").json["reason"] == "its time ran out: busy"
    assert calls(peer) == ["last"]
    assert told(peer, "message.failed") == ["behind", "head"]


def test_what_is_under_way_when_its_time_runs_out_may_still_arrive(
    client: FlaskClient, peer: Peer, clock: Clock
) -> None:
    send(client, "m", ttl_seconds=5)
    clock.pass_by(6)
    peer._happened(i.Timer("expiry"))
    assert client.get("/send/m").json["under_way"]
    outcome(peer, "m", "stored")
    assert statuses(client) == {"m": "delivered"}


def test_thousands_that_run_out_at_once_are_given_up_bit_by_bit(
    client: FlaskClient, peer: Peer, clock: Clock
) -> None:
    for n in range(450):
        send(client, f"m{n}", ttl_seconds=5)
    outcome(peer, "m0", "later")
    clock.pass_by(6)
    gone = []
    for _ in range(3):
        peer._happened(i.Timer("expiry"))
        gone.append(peer.store.counts()["failed"])
    assert gone == [200, 400, 450]


# --- many for one ------------------------------------------------------------------------------


def test_ten_thousand_for_one_dead_node_are_on_disk_and_few_are_in_memory(
    peer: Peer, live: Callable[[], Peer]
) -> None:
    """Of any number only the front of a lane has a place, and only its head a timer."""
    timers = len(peer._timers._current)
    for n in range(10_000):
        body = {"to": "node7", "msg": "t", "id": f"m{n}"}
        assert peer.outgoing.send(body) == f"m{n}"
    assert calls(peer) == ["m0"]
    assert peer.overlay.waiting == 1
    assert len(peer._timers._current) <= timers + 1, "when the first one's time runs out"
    outcome(peer, "m0", "unreachable", "nobody answers")
    assert [key for key in peer._timers._current if key.startswith("post")] == ["post friend"]
    again = live()
    assert again.overlay.waiting == 1
    meet(again)
    assert calls(again) == ["m0"]
    outcome(again, "m0", "stored")
    assert calls(again) == [f"m{n}" for n in range(1, 65)]
    for n in range(1, 64):
        outcome(again, f"m{n}", "stored")
    assert calls(again) == [], "one of them is under way"
    outcome(again, "m64", "stored")
    assert calls(again) == [f"m{n}" for n in range(65, 129)]
    assert again.overlay.waiting == 1
    assert len(again.overlay._delivery._lanes._waiting) == 64


def queue_up(client: FlaskClient, *messages: str, **more: Any) -> None:
    """The first one leaves, the others wait for it."""
    for message in messages:
        send(client, message, **more)


def test_what_queued_up_goes_with_the_next_call_and_each_ends_by_itself(
    client: FlaskClient, peer: Peer
) -> None:
    queue_up(client, "first", "a", "b", "c")
    assert calls(peer) == ["first"]
    outcome(peer, "first", "stored")
    assert calls(peer) == ["a", "b", "c"]
    send(client, "late")
    for message in ("a", "b", "c"):
        found = client.get(f"/send/{message}").json
        assert (found["under_way"], found["attempts"]) == (True, 1)
        assert client.delete(f"/send/{message}").status_code == 409
    outcome(peer, "a", "stored")
    outcome(peer, "b", "refused", "no")
    assert calls(peer) == [], "c is under way"
    outcome(peer, "c", "stored")
    assert calls(peer) == ["late"]
    assert statuses(client) == {
        "first": "delivered",
        "a": "delivered",
        "b": "failed",
        "c": "delivered",
        "late": "queued",
    }
    assert told(peer, "message.delivered") == ["first", "a", "c"]


def test_where_some_have_to_wait_the_first_is_tried_alone_and_the_others_go_when_it_is_through(
    client: FlaskClient, peer: Peer
) -> None:
    queue_up(client, "first", "a", "b", "c")
    outcome(peer, "first", "stored")
    calls(peer)
    outcome(peer, "a", "stored")
    outcome(peer, "b", "later", "full")
    outcome(peer, "c", "later", "full")
    assert calls(peer) == []
    peer._happened(i.Timer("post friend"))
    assert calls(peer) == ["b"]
    send(client, "d")
    outcome(peer, "b", "stored")
    assert calls(peer) == ["c"], "they were in front together"
    outcome(peer, "c", "stored")
    assert calls(peer) == ["d"]
    assert client.get("/send/c").json["attempts"] == 2
    assert told(peer, "message.retried") == ["b", "c"]


def test_who_is_heard_of_again_gets_all_that_waits_in_front(
    client: FlaskClient, peer: Peer
) -> None:
    queue_up(client, "first", "a", "b", route="direct")
    outcome(peer, "first", "stored")
    calls(peer)
    for message in ("a", "b"):
        outcome(peer, message, "unreachable", "nobody answers")
    assert client.post("/send/b/retry").status_code == 202
    assert calls(peer) == ["a", "b"]


def test_where_nobody_answers_only_the_first_takes_the_links(
    client: FlaskClient, peer: Peer
) -> None:
    """Several on several ways would come in any order."""
    said = Acknowledged("m", linked(client, peer), "stored", 1, (), (peer.own.id,))
    peer._happened(i.Heard(Batch(FRIEND, (said,))))
    for message in ("first", "a", "b"):
        client.post("/send", json={"to": "node7", "msg": "t", "id": message})
    frames = len(peer._transport._lanes[FRIEND.url, FRIEND.id]._routed)
    calls(peer)
    outcome(peer, "first", "stored")
    assert calls(peer) == ["a", "b"]
    outcome(peer, "a", "unreachable", "nobody answers")
    outcome(peer, "b", "unreachable", "nobody answers")
    routed = list(peer._transport._lanes[FRIEND.url, FRIEND.id]._routed)[frames:]
    assert [frame.message for frame in routed if isinstance(frame, Unicast)] == ["a"]
    assert client.get("/send/a").json["under_way"]
    assert not client.get("/send/b").json["under_way"]


def test_routes_are_not_mixed(client: FlaskClient, peer: Peer) -> None:
    queue_up(client, "first")
    for message, route in (("a", "auto"), ("b", "auto"), ("c", "direct"), ("d", "auto")):
        send(client, message, route=route)
    calls(peer)
    for together in (["a", "b"], ["c"], ["d"]):
        outcome(peer, {"a": "first", "c": "b", "d": "c"}[together[0]], "stored")
        assert calls(peer) == together
        for message in together[:-1]:
            outcome(peer, message, "stored")


def test_a_plain_node_gets_one_at_a_time(client: FlaskClient, peer: Peer) -> None:
    plain = "http://127.0.0.1:11"
    peer._happened(i.Registered(plain, None, None))
    peer._happened(i.NotOurs(plain))
    for message in ("first", "a", "b"):
        assert send(client, message, plain).status_code == 202
    calls(peer)
    outcome(peer, "first", "stored")
    assert calls(peer) == ["a"]
    outcome(peer, "a", "stored")
    assert calls(peer) == ["b"]


def test_what_runs_out_in_front_fails_and_the_others_stay_in_order(
    client: FlaskClient, peer: Peer, clock: Clock
) -> None:
    queue_up(client, "first")
    for message, ttl in (("a", 90), ("b", 5), ("c", 90)):
        send(client, message, ttl_seconds=ttl)
    outcome(peer, "first", "stored")
    for message in ("a", "b", "c"):
        outcome(peer, message, "later", "busy")
    calls(peer)
    clock.pass_by(6)
    peer._happened(i.Timer("expiry"))
    assert statuses(client)["b"] == "failed"
    assert calls(peer) == [], "the first one waits for its next attempt"
    peer._happened(i.Timer("post friend"))
    outcome(peer, "a", "stored")
    assert calls(peer) == ["a", "c"]


# --- several in one call -----------------------------------------------------------------------


class Answers:
    """A receiver that answers the calls in turn; `asked` is what it was asked."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    def request(self, _method: str, _url: str, path: str, body: bytes) -> Reply:
        self.asked.append((path, json.loads(body)))
        status, said = self._answers.pop(0)
        if status == 0:
            raise NoAnswerError("nobody answers")
        return Reply(status, Message(), json.dumps(said).encode())  # type: ignore[arg-type]


def handed(peer: Peer, client: FlaskClient, *answers: tuple[int, Any]) -> tuple[list[str], Any]:
    """What became of three messages that went together, and what their receiver was asked."""
    for message in ("a", "b", "c"):
        send(client, message)
    receiver = Answers(*answers)
    peer._courier._connections = receiver  # type: ignore[assignment]
    post = o.Post("a", "friend", FRIEND.url, False, 1, (("b", 1), ("c", 1)))
    ends = peer._courier._hand_over(post)
    assert [end.message for end in ends] == ["a", "b", "c"]
    return [end.outcome for end in ends], receiver.asked


def test_several_go_in_one_call_that_is_answered_for_each(client: FlaskClient, peer: Peer) -> None:
    said = [{"status": "received"}, {"status": "refused", "error": "no"}, {"status": "odd"}]
    outcomes, asked = handed(peer, client, (200, {"messages": said}))
    assert outcomes == ["stored", "refused", "later"]
    ((path, body),) = asked
    assert (path, body["to"], body["from"]) == ("/messages", "friend", peer.own.id)
    assert [(m["id"], m["sender"], m["msg"], m["number"]) for m in body["messages"]] == [
        (name, "node2", f"text of {name}", n) for n, name in enumerate("abc", 1)
    ]
    assert told(peer, "message.sent") == ["a", "b", "c"]


@pytest.mark.parametrize("said", [{}, [], {"messages": 3}, {"messages": [{"status": "received"}]}])
def test_an_answer_that_is_none_leaves_all_for_later(
    client: FlaskClient, peer: Peer, said: Any
) -> None:
    assert handed(peer, client, (200, said))[0] == ["later"] * 3


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(503, "later"), (429, "later"), (421, "unreachable"), (0, "unreachable")],
)
def test_a_call_that_fails_fails_for_all(
    client: FlaskClient, peer: Peer, status: int, outcome: str
) -> None:
    outcomes, asked = handed(peer, client, (status, {}))
    assert (outcomes, len(asked)) == ([outcome] * 3, 1)


def test_who_does_not_take_several_gets_one_by_one_until_one_has_to_wait(
    client: FlaskClient, peer: Peer
) -> None:
    outcomes, asked = handed(peer, client, (405, {}), (400, {"error": "no"}), (0, {}))
    assert outcomes == ["refused", "unreachable", "unreachable"]
    assert [path for path, _ in asked] == ["/messages", "/message", "/message"]


def test_a_full_outbox_says_when_to_come_again_and_stores_nothing(
    client: FlaskClient, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "lost")
    outcome(peer, "lost", "refused", "no")
    monkeypatch.setattr(node.store, "MAX_OUTBOX", 2)
    assert [send(client, m).status_code for m in ("a", "b", "c")] == [202, 202, 429]
    assert send(client, "a").status_code == 202, "it is taken already"
    answer = client.post("/send/lost/retry")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert statuses(client) == {"lost": "failed", "a": "queued", "b": "queued"}


# --- dead letters ------------------------------------------------------------------------------


def test_messages_are_listed_by_what_became_of_them_in_pages(
    client: FlaskClient, peer: Peer
) -> None:
    for n in range(7):
        send(client, f"m{n}")
        if n < 5:
            outcome(peer, f"m{n}", "refused" if n % 2 else "stored", "no")
    failed = client.get("/send?status=failed").json
    assert [(m["id"], m["reason"]) for m in failed["messages"]] == [("m3", "no"), ("m1", "no")]
    page = client.get("/send?status=delivered&limit=2").json
    rest = client.get(f"/send?status=delivered&limit=2&before={page['next']}").json
    assert [m["id"] for m in page["messages"] + rest["messages"]] == ["m4", "m2", "m0"]
    assert rest["next"] is None
    assert [m["id"] for m in client.get("/send?status=queued").json["messages"]] == ["m6", "m5"]


@pytest.mark.parametrize("query", ["status=lost", "status=", "before=0", "before=x", "limit=0"])
def test_a_list_that_is_none_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/send?{query}").status_code in {400, 422}


def test_a_failed_message_leaves_again_behind_the_others_when_it_is_told_to(
    client: FlaskClient, peer: Peer, clock: Clock
) -> None:
    send(client, "m", ttl_seconds=50)
    outcome(peer, "m", "refused", "no")
    send(client, "n")
    place = client.get("/send/n").json["n"]
    clock.pass_by(100)
    answer = client.post("/send/m/retry")
    assert (answer.status_code, answer.json["status"], answer.json["reason"]) == (
        202,
        "queued",
        None,
    )
    assert answer.json["n"] > place, "its receiver would take it for an old copy"
    assert answer.json["expires_in"] == 50
    assert client.get("/status").json["failed"] == 0
    outcome(peer, "n", "stored")
    outcome(peer, "m", "stored")
    assert calls(peer) == ["m", "n", "m"]
    assert statuses(client) == {"m": "delivered", "n": "delivered"}
    send(client, "o")
    assert client.get("/send/o").json["n"] > answer.json["n"]


def test_a_waiting_message_is_tried_at_once_when_it_is_told_to(
    client: FlaskClient, peer: Peer
) -> None:
    send(client, "m")
    outcome(peer, "m", "later", "busy")
    assert client.post("/send/m/retry").status_code == 202
    assert calls(peer) == ["m", "m"]


def test_what_was_dropped_is_gone_and_never_leaves(client: FlaskClient, peer: Peer) -> None:
    for message in ("bad", "good", "head", "middle", "last"):
        send(client, message)
    outcome(peer, "bad", "refused")
    outcome(peer, "good", "stored")
    for message in ("head", "middle", "last"):
        outcome(peer, message, "later")
    calls(peer)
    for message in ("bad", "good", "middle", "head"):
        answer = client.delete(f"/send/{message}")
        assert (answer.status_code, answer.json["status"]) == (200, "discarded")
        assert client.get(f"/send/{message}").status_code == 404
    assert statuses(client) == {"last": "queued"}
    assert calls(peer) == ["last"]
    assert told(peer, "message.failed") == ["bad", "middle", "head"]
    counts = client.get("/status").json
    assert (counts["waiting"], counts["failed"], counts["sent"]) == (1, 0, 0)


def test_what_is_on_its_way_is_neither_tried_nor_dropped(client: FlaskClient, peer: Peer) -> None:
    send(client, "m")
    for answer in (client.post("/send/m/retry"), client.delete("/send/m")):
        assert answer.status_code == 409
        assert "on its way" in answer.json["error"]
    assert client.get("/send/m").json["under_way"]
    assert calls(peer) == ["m"]


def test_what_was_delivered_is_not_sent_again(client: FlaskClient, peer: Peer) -> None:
    send(client, "m")
    outcome(peer, "m", "stored")
    assert client.post("/send/m/retry").status_code == 409
    assert calls(peer) == ["m"]


@pytest.mark.parametrize("message", ["unknown", "%00", "%ff%fe", "x" * 3_000, "a%20b"])
def test_what_nobody_sent_is_404(client: FlaskClient, message: str) -> None:
    assert client.get(f"/send/{message}").status_code == 404
    assert client.post(f"/send/{message}/retry").status_code == 404
    assert client.delete(f"/send/{message}").status_code == 404


# --- a full disk -------------------------------------------------------------------------------


def test_an_end_that_cannot_be_written_is_found_out_again_later_and_not_in_a_storm(
    client: FlaskClient, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def __init__(self, real: sqlite3.Connection) -> None:
            self._real = real

        @property
        def in_transaction(self) -> bool:
            return self._real.in_transaction

        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            if statement.startswith("UPDATE"):
                raise sqlite3.OperationalError("database or disk is full")
            return self._real.execute(statement, *values)

    send(client, "m")
    with monkeypatch.context() as patch:
        patch.setattr(peer.store, "_db", Full(peer.store._db))
        outcome(peer, "m", "stored")
        assert calls(peer) == ["m"]
    assert LOOK_AGAIN + "friend" in peer._timers._current
    assert DISK_AGAIN > 1
    assert statuses(client) == {"m": "queued"}
    peer._happened(i.Timer(LOOK_AGAIN + "friend"))
    assert calls(peer) == ["m"], "its receiver knows its id"
    outcome(peer, "m", "stored")
    assert statuses(client) == {"m": "delivered"}


def test_with_full_durability_it_is_committed_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, durability="full")
    settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP)
    peer = Peer(settings, Identity("node2", "http://node2:5000"), store, rng=Random(1))
    meet(peer)
    client = create_app(peer).test_client()
    for path, body in (
        ("/send", {"to": "node7", "msg": "t", "id": "a"}),
        ("/send", {"to": "node7", "msg": "t", "id": "a"}),
        ("/message", {"sender": "Node1", "msg": "t", "id": "a"}),
        ("/message", {"sender": "Node1", "msg": "t", "id": "a"}),
    ):
        assert client.post(path, json=body).status_code in {200, 202}
        assert not store._db.in_transaction

    def no_disk() -> None:
        raise ApiError(503, "the disk is full", retry_after=5)

    monkeypatch.setattr(store, "settled", no_disk)
    for path, body in (
        ("/send", {"to": "node7", "msg": "t", "id": "b"}),
        ("/message", {"sender": "Node1", "msg": "t", "id": "b"}),
    ):
        assert client.post(path, json=body).status_code == 503
    assert told(peer, "message.received") == ["a"], "nothing is told that may be gone"
    store.close()


def test_another_node_at_its_address_is_no_refusal(client: FlaskClient, peer: Peer) -> None:
    """The one that is meant may come back; so the answer 421 is silence (`node.courier`)."""

    class Elsewhere:
        def request(self, *_: Any) -> Any:
            class Reply:
                status = 421

            return Reply()

    send(client, "m")
    peer._courier._connections = Elsewhere()  # type: ignore[assignment]
    (ended,) = peer._courier._hand_over(o.Post("m", "friend", FRIEND.url, False, 1))
    assert ended.outcome == "unreachable"
