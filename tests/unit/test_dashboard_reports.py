"""The border where a node's bytes become values: what breaks a rule there ends its stream."""

import msgspec
import pytest

from dashboard.reports import NonsenseError, packet, told

NODE = {"id": "one", "name": "node1", "url": "http://node1:5000"}


def body(text: str, *, links: int = 0) -> bytes:
    """A snapshot and a batch, as they come."""
    said = {"node": {**NODE, "epoch": 1, "started": 1.0}, "seq": 0, "at": 1.0, "members": []}
    said["node"]["name"] = text  # type: ignore[index] # it is a dictionary
    return msgspec.msgpack.encode(["snapshot", {**said, "links": ["n"] * links}])


def test_a_name_that_is_no_utf8_is_refused() -> None:
    good = body("abcd")
    assert told(msgspec.Raw(good), "one", 1) is not None
    assert good.count(b"abcd") == 1
    with pytest.raises(NonsenseError):
        told(msgspec.Raw(good.replace(b"abcd", b"\xff\xfe\xc3\x28")), "one", 1)


def test_a_packet_that_is_no_utf8_is_refused() -> None:
    good = msgspec.msgpack.encode({"type": 2, "nsp": "/events", "data": []})
    assert packet(good).type == 2
    with pytest.raises(NonsenseError):
        packet(good.replace(b"/events", b"/ev\xffnts"))


def test_more_neighbours_than_there_can_be_are_refused() -> None:
    assert told(msgspec.Raw(body("n", links=1_000)), "one", 1) is not None
    with pytest.raises(NonsenseError):
        told(msgspec.Raw(body("n", links=1_000_000)), "one", 1)
