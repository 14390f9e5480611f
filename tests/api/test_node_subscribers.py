"""Those who listen to a node: slow ones, silent ones, and very many of them."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests
from laboratory import Node, until

from contract.limits import MAX_SUBSCRIBERS
from dashboard.addresses import Addresses
from dashboard.reports import ACK, EVENT, Batch, Packet, told
from dashboard.stream import ACKNOWLEDGED_TOGETHER, Stream, StreamError
from node.subscribe import UNACKNOWLEDGED_MOST


@pytest.fixture(params=["eventlet", "threading"])
def node(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Node]:
    running = Node(tmp_path, "node1", P2P_SERVER=request.param)
    until(lambda: running.knows() == 0)
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def subscribed(node: Node, types: list[str] | None = None) -> Stream:
    stream = Stream(node.url, Addresses())
    try:
        stream.open()
        assert stream._socket is not None
        stream._socket.settimeout(20)  # what never comes is a failure, and no test that never ends
        stream.emit("subscribe", {"after": None, "epoch": None, "types": types}, 1)
        # With its answer, a snapshot, it has begun: what happened before is no event.
        assert any(packet.type == ACK and packet.id == 1 for packet in stream.packets())
    except StreamError:
        stream.close()
        raise
    return stream


def say(node: Node, text: str) -> None:
    body = {"sender": "me", "msg": text}
    requests.post(node.url + "/message", json=body, timeout=5).raise_for_status()


def batches(stream: Stream, *, until_text: str, acknowledge: bool) -> list[Batch]:
    """The batches up to the one with a text, or the last that comes."""
    found: list[Batch] = []
    try:
        for packet in stream.packets():
            if packet.type != EVENT or packet.id is None:
                continue
            found.append(_batch(packet))
            if acknowledge:
                stream.acknowledge(packet.id)
            if any(getattr(e.data, "text", "") == until_text for e in found[-1].events):
                break
    except StreamError:
        pass  # it has ended, as it was told to
    return found


def _batch(packet: Packet) -> Batch:
    said = told(packet.data, _owner(packet), 1)
    assert isinstance(said, Batch)
    return said


def _owner(packet: Packet) -> str:
    """Whose events these are: the first part of an event's id."""
    _, said = msgspec.msgpack.decode(bytes(packet.data))
    return str(said["events"][0]["id"].partition("/")[0])


def test_who_never_acknowledges_gets_a_few_batches_and_slows_nobody(node: Node) -> None:
    deaf, other = subscribed(node), subscribed(node)
    heard = []
    for number in range(UNACKNOWLEDGED_MOST + 6):
        say(node, f"text {number}")
        heard += batches(other, until_text=f"text {number}", acknowledge=True)
        time.sleep(0.12)  # so that each is a batch of its own
    took = time.monotonic()
    say(node, "last")
    assert time.monotonic() - took < 5
    heard += batches(other, until_text="last", acknowledge=True)
    texts = [getattr(e.data, "text", "") for batch in heard for e in batch.events]
    assert [text for text in texts if text.startswith("text")] == [
        f"text {number}" for number in range(UNACKNOWLEDGED_MOST + 6)
    ]
    deaf._socket.settimeout(1.0)  # type: ignore[union-attr] # it is open
    assert len(batches(deaf, until_text="last", acknowledge=False)) == UNACKNOWLEDGED_MOST
    deaf.close()
    other.close()


def test_there_are_so_many_subscribers_and_no_more_however_often_somebody_connects(
    node: Node,
) -> None:
    streams = [subscribed(node) for _ in range(MAX_SUBSCRIBERS)]
    with pytest.raises(StreamError, match="does not let us subscribe"):
        subscribed(node)
    say(node, "still here")
    assert batches(streams[0], until_text="still here", acknowledge=True)
    for stream in streams:
        stream.close()
    until(lambda: _room(node))
    for _ in range(200):  # one after the other, a thousand would take a minute
        stream = Stream(node.url, Addresses())
        stream._socket = stream._connect()
        stream._shake_hands(stream._socket)
        stream.close()
    until(lambda: _room(node))


def _room(node: Node) -> bool:
    """Whether one more may subscribe."""
    try:
        stream = subscribed(node)
    except StreamError:
        return False
    say(node, "anybody?")
    heard = batches(stream, until_text="anybody?", acknowledge=True)
    stream.close()
    return bool(heard)


def test_who_names_types_gets_these_and_no_others(node: Node) -> None:
    chosen = subscribed(node, ["p2p.fault.*", "p2p.link.up"])
    everything = subscribed(node)
    for number in range(3 * UNACKNOWLEDGED_MOST):  # what is not sent need not be acknowledged
        say(node, f"text {number}")
        assert batches(everything, until_text=f"text {number}", acknowledge=True)
    fault = {"kind": "delay", "mean_ms": 5, "for_seconds": 60}
    requests.post(node.url + "/faults", json=fault, timeout=20).raise_for_status()
    packet = next(p for p in chosen.packets() if p.type == EVENT and p.id is not None)
    _, said = msgspec.msgpack.decode(bytes(packet.data))
    assert [event["type"] for event in said["events"]] == ["p2p.fault.set"]
    chosen.close()
    everything.close()


@pytest.mark.parametrize(
    "types", ["p2p.message.*", [], [7], ["message.sent"], ["p2p.sent"], ["*p"]]
)
def test_types_that_cannot_be_meant_are_refused(node: Node, types: object) -> None:
    stream = Stream(node.url, Addresses())
    stream.open()
    stream.emit("subscribe", {"types": types}, 1)
    answer = next(stream.packets())  # and no snapshot before it
    assert (answer.type, answer.id) == (ACK, 1)
    (said,) = msgspec.msgpack.decode(bytes(answer.data))
    assert said["field"] == "types"
    assert "'types'" in said["error"]
    # It may think better of it on the same connection.
    stream.emit("subscribe", {"types": ["p2p.message.*"]}, 2)
    assert any(packet.type == ACK and packet.id == 2 for packet in stream.packets())
    say(node, "now")
    assert batches(stream, until_text="now", acknowledge=True)
    stream.close()


def test_a_dashboards_acknowledgements_come_together_and_none_is_missing(node: Node) -> None:
    stream = subscribed(node)
    texts = [f"text {number}" for number in range(3 * UNACKNOWLEDGED_MOST + 2)]
    for text in texts:  # more batches than a node sends to who acknowledges none
        say(node, text)
        assert batches(stream, until_text=text, acknowledge=True)
    held = len(stream._taken)
    assert 0 < held < ACKNOWLEDGED_TOGETHER
    stream.ask()
    assert not stream._taken
    stream.close()
