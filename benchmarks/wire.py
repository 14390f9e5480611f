"""As much of WebSocket as a load tool needs (RFC 6455, section 5), for both ends.

Thousands of frames a second come and go here beside the program that is measured, on the same two
cores, so this does no more than it must: no pieces of messages, no extensions. A mask of four
noughts is one, too, and leaves the bytes as they are (section 5.3).
"""

import asyncio
import base64
import hashlib
import os
from collections.abc import Iterator
from typing import Final

TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_HEAD: Final = 32_768


def frame(kind: int, payload: bytes, *, mask: bool = False) -> bytes:
    """One whole message."""
    size, bit = len(payload), 128 if mask else 0
    if size < 126:
        head = bytes((128 | kind, bit | size))
    elif size < 65_536:
        head = bytes((128 | kind, bit | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((128 | kind, bit | 127)) + size.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if mask else b"") + payload


class Frames:
    """Cuts what comes into messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Kind and payload of each message that is whole by now."""
        rest = self._rest
        rest += data
        at, end = 0, len(rest)
        while end - at >= 2:
            kind, size = rest[at] & 15, rest[at + 1] & 127
            masked, body = rest[at + 1] & 128, at + 2
            if size > 125:
                long = 2 if size == 126 else 8
                if end - body < long:
                    break
                size, body = int.from_bytes(rest[body : body + long], "big"), body + long
            mask = bytes(rest[body : body + 4]) if masked else b""
            body += len(mask)
            if end - body < size:
                break
            payload = bytes(rest[body : body + size])
            at = body + size
            yield kind, _unmasked(payload, mask) if any(mask) else payload
        del rest[:at]


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def accepts(head: bytes) -> bytes:
    """The answer to a client's handshake (section 4.2.2)."""
    key = next(
        (
            line.partition(b":")[2].strip()
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"sec-websocket-key:")
        ),
        b"",
    )
    accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


async def opened(
    host: str, port: int, path: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client's connection, once the other side has agreed. Raises OSError."""
    reader, writer = await asyncio.open_connection(host, port, limit=2**24)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        "\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head[:_HEAD].split(b"\r\n")[0]:
        raise OSError(f"no WebSocket: {head[:100]!r}")
    return reader, writer
