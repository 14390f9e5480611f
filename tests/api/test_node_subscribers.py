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
from dashboard.stream import Stream, StreamError
from node.subscribe import UNACKNOWLEDGED_MOST


@pytest.fixture(params=["eventlet", "threading"])
def node(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Node]:
    running = Node(tmp_path, "node1", P2P_SERVER=request.param)
    until(lambda: running.knows() == 0)
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def subscribed(node: Node) -> Stream:
    stream = Stream(node.url, Addresses())
    try:
        stream.open()
        assert stream._socket is not None
        stream._socket.settimeout(20)  # what never comes is a failure, and no test that never ends
        stream.emit("subscribe", {"after": None, "epoch": None}, 1)
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
