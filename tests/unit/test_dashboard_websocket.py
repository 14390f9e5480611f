"""Frames of a server, cut into messages: whatever pieces they come in, and what is refused."""

import random

import pytest

from benchmarks import wire
from dashboard.reports import NonsenseError
from dashboard.websocket import BINARY, CLOSE, PING, PONG, TEXT, Frames, frame

MOST = 100_000


def fed(pieces: list[bytes], most: int = MOST) -> list[tuple[int, bytes]]:
    frames = Frames(most)
    return [found for piece in pieces for found in frames.feed(piece)]


def piece(first: int, payload: bytes) -> bytes:
    """A frame with this first byte."""
    return bytes((first,)) + wire.frame(BINARY, payload)[1:]


MESSAGES = [
    *((BINARY, bytes(size)) for size in (0, 1, 125, 126, 127, 65_535, 65_536, 90_000)),
    (TEXT, "é".encode()),
    (PING, b"x" * 125),
    (PONG, b""),
    (CLOSE, b"\x03\xe8"),
]


@pytest.mark.parametrize("seed", range(8))
def test_messages_come_out_as_they_went_in_however_they_are_cut(seed: int) -> None:
    chance = random.Random(seed)
    stream = b"".join(wire.frame(kind, payload) for kind, payload in MESSAGES)
    pieces = []
    while stream:
        size = chance.choice([1, 2, 3, 7, 100, 5_000, 65_536])
        pieces.append(stream[:size])
        stream = stream[size:]
    assert fed(pieces) == MESSAGES


def test_a_message_may_come_in_frames_with_a_ping_between_them() -> None:
    pieces = [piece(TEXT, b"one "), piece(128 | PING, b"?"), piece(0, b"two "), piece(128, b"3")]
    expected = [(PING, b"?"), (TEXT, b"one two 3")]
    assert fed(pieces) == expected
    assert fed([b"".join(pieces)]) == expected
    assert fed([*pieces, wire.frame(BINARY, b"next")])[-1] == (BINARY, b"next")


REFUSED = {
    "a masked frame": (wire.frame(BINARY, b"x", mask=True), "masked"),
    "a kind that is none": (piece(128 | 3, b""), "unknown"),
    "a reserved bit": (piece(128 | 64 | BINARY, b""), "unknown"),
    "a long ping": (piece(128 | PING, b"x" * 126), "too long"),
    "half a ping": (piece(PING, b"x"), "too long"),
    "an end without a beginning": (piece(128, b"x"), "belong to nothing"),
    "a beginning within": (piece(TEXT, b"x") + piece(128 | TEXT, b"y"), "belong to nothing"),
    "more than there may be": (piece(128 | BINARY, bytes(MOST + 1))[:20], "more than 100,000"),
    "more than there may be, in pieces": (
        piece(BINARY, bytes(MOST)) + piece(128, b"x"),
        "more than 100,000",
    ),
    "a length without end": (bytes((130, 127)) + b"\xff" * 8, "more than 100,000"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_server_must_not_send_is_refused_before_it_is_waited_for(kind: str) -> None:
    stream, why = REFUSED[kind]
    with pytest.raises(NonsenseError, match=why):
        fed([stream])
    with pytest.raises(NonsenseError, match=why):
        fed([stream[k : k + 1] for k in range(min(len(stream), 200))] + [stream[200:]])


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_what_we_send_is_masked_and_can_be_read(size: int) -> None:
    payload = random.Random(size).randbytes(size)
    sent = frame(BINARY, payload)
    assert sent[1] & 128
    assert list(wire.Frames().feed(sent)) == [(BINARY, payload)]
    assert size < 8 or frame(BINARY, payload) != sent, "each has a mask of its own"
