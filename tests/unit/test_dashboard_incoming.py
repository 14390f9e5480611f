"""Events that plain nodes post: what is believed, and what is refused without harm to others."""

import json
from typing import Any

import pytest

from contract.errors import ApiError
from contract.itself import Itself
from contract.unnamed import id_of
from dashboard import incoming
from dashboard.clocks import Offset
from dashboard.incoming import MOST_EVENTS, Incoming, Taken
from dashboard.observer import Observer
from dashboard.reports import Member, Own, Snapshot

NOW = 1_800_000_000.0
HOME = "http://homework:5000"
ME = id_of(HOME)


class Lab:
    """A dashboard that watches node1, knows node2 by hearsay and the homework as a plain node."""

    def __init__(self) -> None:
        self.now = NOW
        self.observer = Observer(None, clock=lambda: self.now)
        own = Own("id1", "node1", "http://node1:5000", 1, NOW)
        heard = Member("id2", "node2", "http://node2:5000", "alive")
        self.observer.snapshot(Snapshot(own, 1, NOW, [heard], []), Offset())
        self.observer.plain(ME, "homework", HOME, [], None)
        self.looked_for: list[tuple[str, str]] = []
        self.incoming = Incoming(
            self.observer,
            lambda url, remote: self.looked_for.append((url, remote)),
            Itself(8080, "dashboard", "http://dashboard:8080"),
            lambda: self.now,
            lambda: self.now,
        )
        self.sent = 0

    def event(self, type_: str = "message.sent", **changed: Any) -> dict[str, Any]:
        self.sent += 1
        data = {"message": f"m{self.sent}", "to": "node1", "text": "hi", **changed.pop("data", {})}
        return {
            "specversion": "1.0",
            "id": str(self.sent),
            "source": HOME,
            "type": f"p2p.{type_}",
            "data": data,
            **changed,
        }

    def take(self, *events: Any) -> Taken:
        return self.incoming.take(json.dumps(events).encode(), "127.0.0.1")

    def messages(self) -> list[dict[str, Any]]:
        return self.observer.messages(100)

    def note(self, node: str) -> str | None:
        record = self.observer.find(node)
        assert record is not None
        return record.note


@pytest.fixture
def lab() -> Lab:
    return Lab()


def of(taken: Taken) -> dict[str, int]:
    return {kind: count for kind, count in taken.counts.items() if count}


# --- what is believed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to", ["node1", "id1", "http://node1:5000", "http://node1:5000/", {"id": "id1"}]
)
def test_a_message_goes_from_the_homework_to_whom_it_names(lab: Lab, to: Any) -> None:
    assert of(lab.take(lab.event(data={"to": to}))) == {"accepted": 1}
    (view,) = lab.messages()
    keys = {node["name"]: node["key"] for node in lab.observer.snapshot_now()["nodes"]}
    assert (view["from"], view["to"]) == (keys["homework"], keys["node1"])
    assert (view["state"], view["text"], view["sender"]) == ("sent", "hi", "homework")


def test_it_is_delivered_when_the_homework_says_so(lab: Lab) -> None:
    same = {"message": "m"}
    lab.take(lab.event(data=same), lab.event("message.delivered", data=same))
    assert [view["state"] for view in lab.messages()] == ["delivered"]


def test_what_it_received_came_to_itself_whoever_it_names(lab: Lab) -> None:
    lab.take(lab.event("message.received", data={"from": "node1", "to": "nobody"}))
    (view,) = lab.messages()
    homework = next(n for n in lab.observer.snapshot_now()["nodes"] if n["name"] == "homework")
    assert (view["to"], view["state"]) == (homework["key"], "received")


def test_a_broadcast_of_its_own_is_shown(lab: Lab) -> None:
    assert of(lab.take(lab.event("broadcast.sent"))) == {"accepted": 1}
    assert lab.messages()[0]["kind"] == "broadcast"


def test_a_single_event_needs_no_list(lab: Lab) -> None:
    body = json.dumps(lab.event()).encode()
    assert of(lab.incoming.take(body, "127.0.0.1")) == {"accepted": 1}


def test_other_types_are_left_out_and_believed_by_nobody(lab: Lab) -> None:
    member = {"member": {"id": "id1", "name": "node1", "url": "http://node1:5000", "state": "dead"}}
    taken = lab.take(
        lab.event("member.dead", data=member),
        lab.event("node.stopping"),
        lab.event("link.up", data={"peer": {"id": "id1"}}),
        lab.event("dance.begun"),
        lab.event(type="com.example.sold"),
    )
    assert of(taken) == {"ignored": 5}
    assert {node["state"] for node in lab.observer.snapshot_now()["nodes"]} == {"alive"}


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (None, NOW),
        ("2027-01-15T08:00:00Z", NOW),
        ("2027-01-15T07:59:50+00:00", NOW - 10),
        ("2027-01-15T09:59:50+02:00", NOW - 10),
        ("1970-01-01T00:00:00Z", NOW),
        ("2100-01-01T00:00:00Z", NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("9999-12-31T23:59:59-14:00", NOW),
    ],
)
def test_times_are_never_of_the_future_and_never_absurd(
    lab: Lab, time: str | None, shown: float
) -> None:
    assert of(lab.take(lab.event(time=time))) == {"accepted": 1}
    assert lab.messages()[0]["sent_at"] == round(shown * 1_000)


# --- what is refused ---------------------------------------------------------------------------

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"specversion": "0.3"}, "specversion"),
    ({"specversion": None}, "specversion"),
    ({"id": ""}, "id"),
    ({"id": "x" * 257}, "id"),
    ({"id": 7}, "id"),
    ({"type": ""}, "type"),
    ({"source": "homework"}, "source"),
    ({"source": "http://me:pw@homework:5000"}, "source"),
    ({"source": "http://homework:5000/path"}, "source"),
    ({"source": "http://dashboard:8080"}, "this dashboard"),
    ({"source": "http://127.0.0.1:8080"}, "this dashboard"),
    ({"source": "http://169.254.169.254"}, "link-local"),
    ({"source": "http://[fe80::1]:5000"}, "link-local"),
    ({"time": "yesterday"}, "makes no sense"),
    ({"time": "2026-13-45T00:00:00Z"}, "makes no sense"),
    ({"time": 1_800_000_000}, "time"),
    ({"data": {"message": ""}}, "message"),
    ({"data": {"message": "x" * 65}}, "message"),
    ({"data": {"message": None}}, "message"),
    ({"data": {"text": "x" * 10_001}}, "text"),
    ({"data": {"text": 5}}, "text"),
    ({"data": {"sender": "x" * 129}}, "sender"),
    ({"data": {"hop": 0}}, "hop"),
    ({"data": {"hop": 10_000}}, "hop"),
    ({"data": {"attempt": -1}}, "attempt"),
    ({"data": {"again_in": -1}}, "again_in"),
    ({"data": {"to": None}}, "'to'"),
    ({"data": {"to": "nobody"}}, "'to'"),
    ({"data": {"to": {}}}, "'to'"),
    ({"data": {"to": "homework"}}, "'to'"),
    ({"data": {"to": "ftp://x"}}, "'to'"),
    ({"data": {"to": ["node1"] * 1_000}}, "to"),
    ({"data": {"via": "nobody"}}, "'via'"),
    ({"id": "id1/1/5"}, "node1"),
    ({"id": "id2/1/5"}, "node2"),
]


@pytest.mark.parametrize(("changed", "said"), NONSENSE)
def test_a_bad_event_is_refused_and_the_others_are_taken(
    lab: Lab, changed: dict[str, Any], said: str
) -> None:
    taken = lab.take(lab.event(), lab.event(**changed), lab.event())
    assert of(taken) == {"accepted": 2, "refused": 1}
    assert taken.why[0]["index"] == 1
    assert said in taken.why[0]["error"]
    assert taken.status == 200
    alone = lab.take(lab.event(**changed))
    assert alone.status == 422
    assert len(lab.messages()) == 2
    assert lab.incoming.totals["refused"] == 2


def test_what_is_odd_stands_in_the_note_of_the_node(lab: Lab) -> None:
    lab.take(lab.event(id="id1/1/5"))
    said = lab.note("homework")
    assert said is not None
    assert "'id' is one of node1's" in said
    assert lab.note("node1") is None, "nobody else is harmed"
    lab.observer.plain(ME, "homework", HOME, [], None)
    assert lab.note("homework") == said, "it stays when the node answers the next time"
    lab.now += 601
    lab.observer.plain(ME, "homework", HOME, [], None)
    assert lab.note("homework") is None


@pytest.mark.parametrize("node", ["node1", "node2"])
def test_nobody_speaks_for_a_node_that_has_a_stream(lab: Lab, node: str) -> None:
    forged = lab.event(source=f"http://{node}:5000", data={"to": HOME})
    taken = lab.take(forged)
    assert of(taken) == {"watched": 1}
    assert taken.status == 410
    assert lab.messages() == []
    assert "has a stream of its own" in str(lab.note(node))
    state = {n["name"]: n["state"] for n in lab.observer.snapshot_now()["nodes"]}
    assert state[node] == "alive"


def test_an_unknown_node_is_looked_for_and_may_come_again(lab: Lab) -> None:
    taken = lab.take(lab.event(source="http://new:5000"))
    assert (of(taken), taken.status) == ({"unknown": 1}, 429)
    assert lab.looked_for == [("http://new:5000", "127.0.0.1")]
    assert lab.observer.find("new") is None, "nobody is in the picture who has not answered"


def test_the_same_event_counts_once(lab: Lab) -> None:
    event = lab.event()
    assert of(lab.take(event, event)) == {"accepted": 1, "repeated": 1}
    again = lab.take(event)
    assert (of(again), again.status) == ({"repeated": 1}, 200)


def test_numbers_do_not_jump_back(lab: Lab) -> None:
    ids = [f"{ME}/2/5", f"{ME}/2/9", f"{ME}/2/7", f"{ME}/1/10", f"{ME}/3/1", f"{ME}/2/9"]
    taken = lab.take(*(lab.event(id=name) for name in ids))
    assert of(taken) == {"accepted": 3, "refused": 2, "repeated": 1}


def test_there_is_an_end_to_ids_that_are_known_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST_IDS", 3)
    for _ in range(10):
        lab.take(lab.event())
    assert len(lab.incoming._sources[ME].ids) == 3


def test_a_flood_is_cut_off_and_others_go_on(lab: Lab) -> None:
    monkey = [lab.event() for _ in range(MOST_EVENTS)]
    for _ in range(5):
        for event in monkey:
            event["id"] += "x"
        assert lab.take(*monkey).counts["accepted"] == MOST_EVENTS
    assert of(lab.take(lab.event())) == {"refused": 1}
    lab.observer.plain(id_of("http://b:1"), "b", "http://b:1", [], None)
    assert of(lab.take(lab.event(source="http://b:1"))) == {"accepted": 1}
    lab.now += 1
    assert of(lab.take(lab.event())) == {"accepted": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"7",
        b'"x"',
        b"null",
        b'{"specversion": "1.0"',
        b'[{"id": "\xff"}]',
        b'{"a": ' + b"[" * 100_000,
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_of_events_is_refused_whole(lab: Lab, body: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        lab.incoming.take(body, "127.0.0.1")
    assert refused.value.status == 400


@pytest.mark.parametrize("event", [7, None, [], "x", {}, [[[]]]])
def test_what_is_no_event_is_refused_alone(lab: Lab, event: Any) -> None:
    assert of(lab.take(event, lab.event())) == {"refused": 1, "accepted": 1}


def test_too_many_at_a_time_are_refused_whole(lab: Lab) -> None:
    with pytest.raises(ApiError) as refused:
        lab.take(*[lab.event()] * (MOST_EVENTS + 1))
    assert refused.value.status == 413
    assert lab.messages() == []


def test_an_empty_list_is_harmless(lab: Lab) -> None:
    assert lab.take().status == 200


def test_a_forged_delivery_is_counted_and_noted_and_nothing_more(lab: Lab) -> None:
    body = json.dumps([lab.event()]).encode()
    lab.incoming.forged("unsigned", body, "the signature is wrong")
    lab.incoming.forged("unsigned", b"\xff[", "the signature is wrong")
    lab.incoming.forged("replayed", b"[]", "it is a replay")
    assert lab.incoming.totals == {"unsigned": 2, "replayed": 1}
    assert lab.note("homework") == "a webhook in its name was refused: the signature is wrong"
    assert lab.messages() == []
