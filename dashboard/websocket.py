"""Frames of WebSocket, a client's side, once the connection stands (RFC 6455, section 5).

`wsproto` opens a connection for us, and could go on with it. But a hundred nodes send a thousand
frames a second, a thousand nodes five thousand, each with an event or two, and each is answered: it
took some 60 µs for a frame and its answer, and this a tenth [worked out]. What is left of the
protocol then is little, and its rules are checked here: what a server must not send is
`NonsenseError`.
"""

import os
from collections import deque
from collections.abc import Iterator
from typing import Final

from dashboard.reports import NonsenseError

CONTINUED: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
"""Opcodes (section 11.8)."""
_KNOWN: Final = frozenset({CONTINUED, TEXT, BINARY, CLOSE, PING, PONG})
_SHORT: Final = 125
_END: Final = 128
_RESERVED: Final = 0x70
_MASKS: Final = 256
_masks: deque[bytes] = deque()
"""Some in advance. Any thread takes one, and none is taken twice."""


def frame(kind: int, payload: bytes) -> bytes:
    """One whole message of a client: masked, as it must be (section 5.3)."""
    size, mask = len(payload), _mask()
    if size <= _SHORT:
        head = bytes((_END | kind, 128 | size))
    elif size < 65_536:
        head = bytes((_END | kind, 254)) + size.to_bytes(2, "big")
    else:
        head = bytes((_END | kind, 255)) + size.to_bytes(8, "big")
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def _mask() -> bytes:
    """Four bytes that nobody can foresee (section 5.3).

    To fetch them one by one took longer than all the rest of a short frame.
    """
    try:
        return _masks.pop()
    except IndexError:
        fresh = os.urandom(4 * _MASKS)
        _masks.extend(fresh[at : at + 4] for at in range(4, len(fresh), 4))
        return fresh[:4]


class Frames:
    """Cuts what a server sends into messages. Raises NonsenseError where it breaks the rules."""

    def __init__(self, most: int) -> None:
        """`most` is how many bytes a message may have."""
        self._most = most
        self._rest = bytearray()
        self._parts: list[bytes] = []
        self._size = 0
        self._kind = CONTINUED

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of each message, and control frame, that is whole by now."""
        rest: bytes | bytearray = data
        if self._rest:
            self._rest += data
            rest = self._rest
        at, end = 0, len(rest)
        while end - at >= 2:
            first, size, body = rest[at], rest[at + 1], at + 2
            if size > _SHORT:
                if size > 127:
                    raise NonsenseError("it does not speak WebSocket: a server's frame is masked")
                long = 2 if size == 126 else 8
                if end - body < long:
                    break
                size, body = int.from_bytes(rest[body : body + long], "big"), body + long
            self._check(first, size)
            if end - body < size:
                break
            at = body + size
            payload = bytes(rest[body:at])
            kind = first & 15
            if first & _END and kind and (kind & 8 or not self._kind):
                yield kind, payload  # nearly always: whole in one frame
            elif (whole := self._joined(first, payload)) is not None:
                yield whole
        if rest is data:
            if at < end:
                self._rest += data[at:]
        else:
            del self._rest[:at]

    def _check(self, first: int, size: int) -> None:
        """Whether there may be such a frame, before any of it is waited for."""
        kind = first & 15
        if first & _RESERVED or kind not in _KNOWN:
            raise NonsenseError("it does not speak WebSocket: an unknown kind of frame")
        if kind & 8:
            if size > _SHORT or not first & _END:
                raise NonsenseError("it does not speak WebSocket: a control frame that is too long")
        elif self._size + size > self._most:
            raise NonsenseError(f"it sends a message of more than {self._most:,} bytes")

    def _joined(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        """A message that comes in several frames; None until it is whole (section 5.4)."""
        kind = first & 15
        if bool(kind) == bool(self._kind):
            raise NonsenseError("it does not speak WebSocket: pieces that belong to nothing")
        self._kind = self._kind or kind
        self._parts.append(payload)
        self._size += len(payload)
        if not first & _END:
            return None
        whole, kind = b"".join(self._parts), self._kind
        self._parts, self._size, self._kind = [], 0, CONTINUED
        return kind, whole
