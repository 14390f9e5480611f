"""One connection to one node's events: WebSocket, Engine.IO and Socket.IO, and no more.

The dashboard has a hundred of these. The client library of Socket.IO would run three
threads for each, one more for every packet (which also loses their order), decode packets
into dictionaries of anything, and take frames of any size. What is needed of the two
protocols is little, so it is here: one thread a connection, which reads; frames with a
bound; and packets that go straight from msgpack into typed values (`reports`). `wsproto`
opens the WebSocket, without sockets; from there on its frames are our own (`websocket`).

Engine.IO 4 over WebSocket: a text frame begins with a digit that is its type (0 open,
1 close, 2 ping, 3 pong, 4 message), a binary frame is a message. A message is a packet of
Socket.IO 5, here always in msgpack.
"""

import contextlib
import errno
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request
from wsproto.utilities import ProtocolError

from contract.events import NAMESPACE
from contract.urls import host_and_port
from dashboard.addresses import Addresses, ForbiddenError
from dashboard.arrivals import Arrivals, Incoming
from dashboard.reports import ACK, CONNECT, EVENT, NonsenseError, Packet, packet
from dashboard.websocket import BINARY, CLOSE, PING, PONG, TEXT, Frames, frame

CONNECT_TIMEOUT: Final = 2.0
"""Seconds until a connection counts as impossible [node: the same]."""
OPEN_TIMEOUT: Final = 10.0
"""Seconds to become a subscriber: a node loads Socket.IO for its first one, and a hundred
of them may do so at once on two cores [guess]."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of one message. 500 events with texts of 10,000 ASCII characters have 5 MiB."""
PIECE: Final = 65_536
ACKNOWLEDGED_TOGETHER: Final = 7
"""Batches that are acknowledged in one go: a node sends eight before it waits (`node.subscribe`),
so it never waits for these. The call to the system is the dear part of one [profiled]."""
_TURNS: Final = 4
"""Pieces after which others have their turn, though a system call may have given them one."""


class StreamError(Exception):
    """A connection that did not come about, or ended. `refused`: nobody is at home."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class NoEventsError(Exception):
    """Somebody answers HTTP, but has no events for us. The text has the status."""


class Stream:
    """A client's end. One thread opens it and reads; any may ask for a sign of life."""

    def __init__(self, url: str, addresses: Addresses, arrivals: Arrivals | None = None) -> None:
        """Without `arrivals` whoever reads waits for itself."""
        self._url = url
        self._addresses = addresses
        self._arrivals = arrivals
        self._coming: Incoming | None = None
        self._frames = Frames(MOST_BYTES)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._deadline: float | None = None
        self._incoming: Iterator[str | bytes] = iter(())
        self._taken: deque[int] = deque()
        """Numbers of the batches that were taken, and are not acknowledged yet."""
        self.made = self.heard = time.monotonic()
        """When this was made, and when anything last came."""

    def open(self) -> None:
        """Connect and join the namespace. Raises StreamError, NoEventsError, NonsenseError."""
        self._deadline = time.monotonic() + OPEN_TIMEOUT
        self._socket = self._connect()
        self._incoming = self._messages(self._socket, self._shake_hands(self._socket))
        opened = False
        for message in self._incoming:
            if isinstance(message, str) and message[:1] == "0":
                self._send(BINARY, _encode(CONNECT, {}))
                opened = True
            elif isinstance(message, bytes) and opened:
                if packet(message).type != CONNECT:
                    raise StreamError("it does not let us subscribe")
                break
        self._deadline = None  # from here on `ask` and `close` see to it
        self._socket.settimeout(None)
        if self._arrivals is not None:
            self._coming = self._arrivals.of(self._socket)

    def packets(self) -> Iterator[Packet]:
        """What comes, until it ends. Raises StreamError or NonsenseError at the end."""
        for message in self._incoming:
            if isinstance(message, bytes):
                yield packet(message)
            elif message == "1":
                raise StreamError("it closed the connection", refused=True)

    def emit(self, name: str, data: Any, number: int | None = None) -> None:
        """Send an event; `number` asks for an acknowledgement. Raises StreamError."""
        self._send(BINARY, _encode(EVENT, [name, data], number))

    def acknowledge(self, number: int) -> None:
        """Tell that an event was taken, soon: with those that follow. Raises StreamError."""
        self._taken.append(number)
        if len(self._taken) >= ACKNOWLEDGED_TOGETHER:
            self._write(self._acknowledgements())

    def ask(self) -> None:
        """Ask for a sign of life; whatever comes then moves `heard`."""
        try:
            self._write(self._acknowledgements() + frame(PING, b""))
        except StreamError:
            self.end()  # its reader will notice

    def end(self) -> None:
        """End it; whoever reads is woken by that. Any thread may."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it and let go of the socket: for the thread that reads, when it is done."""
        self.end()
        if self._coming is not None:
            self._coming.close()
        if self._socket is not None:
            self._socket.close()

    # --- inside ---------------------------------------------------------------------------

    def _connect(self) -> socket.socket:
        host, port = host_and_port(self._url)
        try:
            address = self._addresses.of(host)
        except ForbiddenError as error:
            raise StreamError(f"nobody is asked there: {error}") from None
        except OSError:
            raise StreamError("its name does not resolve") from None
        try:
            connection = socket.create_connection((address, port), CONNECT_TIMEOUT)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._url.startswith("https:"):
                connection = ssl.create_default_context().wrap_socket(
                    connection, server_hostname=host
                )
        except ConnectionRefusedError:
            self._addresses.forget(host)
            raise StreamError("connection refused", refused=True) from None
        except OSError as error:
            self._addresses.forget(host)
            raise StreamError(_words(error)) from None
        return connection

    def _shake_hands(self, connection: socket.socket) -> bytes:
        """Make a WebSocket of it; what has come after that already."""
        opening = WSConnection(ConnectionType.CLIENT)
        host = self._url.partition("://")[2]
        path = "/socket.io/?EIO=4&transport=websocket"
        came = bytearray()
        try:
            self._write(opening.send(Request(host=host, target=path)))
            while True:
                data = self._read(connection)
                before = len(came)
                came += data
                end = came.find(b"\r\n\r\n", max(0, before - 3))
                cut = len(data) if end < 0 else end + 4 - before
                opening.receive_data(data[:cut])
                for event in opening.events():
                    if isinstance(event, RejectConnection):
                        raise NoEventsError(f"it answers {event.status_code} and has no events")
                    if isinstance(event, AcceptConnection):
                        return data[cut:]
        except ProtocolError as error:
            raise NonsenseError(f"it does not speak WebSocket: {error}") from None

    def _read(self, connection: socket.socket) -> bytes:
        """The next bytes. Raises StreamError."""
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise StreamError("no answer in time")
            connection.settimeout(left)
        try:
            coming = self._coming
            data = connection.recv(PIECE) if coming is None else coming.read(PIECE)
        except TimeoutError:
            raise StreamError("no answer in time") from None
        except OSError as error:
            raise StreamError(_words(error), refused=_is_reset(error)) from None
        if not data:
            raise StreamError("the connection was closed", refused=True)
        self.heard = time.monotonic()
        return data

    def _messages(self, connection: socket.socket, begun: bytes) -> Iterator[str | bytes]:
        """Whole Engine.IO messages, pings answered. `begun`: what has come already."""
        turns = 0
        data = begun or self._read(connection)
        while True:
            for kind, payload in self._frames.feed(data):
                if kind == BINARY:
                    yield payload
                elif kind == TEXT:
                    text = _text(payload)
                    if text == "2":
                        self._send(TEXT, b"3")
                    else:
                        yield text
                elif kind == PING:
                    self._send(PONG, payload)
                elif kind == CLOSE:
                    raise StreamError("it closed the connection", refused=True)
                # a pong: `heard` has moved, and that is all it is for
            turns += self._coming is None  # who waits for a word lets the others have theirs
            if turns == _TURNS or len(data) == PIECE:
                turns = 0
                time.sleep(0)  # a peer that sends without end must not keep the others waiting
            data = self._read(connection)

    def _acknowledgements(self) -> bytes:
        """All that are due, each once, whoever takes them."""
        said = bytearray()
        with contextlib.suppress(IndexError):  # another thread was quicker
            while self._taken:
                said += frame(BINARY, _encode(ACK, [], self._taken.popleft()))
        return bytes(said)

    def _send(self, kind: int, payload: bytes) -> None:
        self._write(frame(kind, payload))

    def _write(self, data: bytes) -> None:
        connection = self._socket
        if connection is None:
            raise StreamError("it is not connected")
        try:
            with self._lock:  # a frame must not stand inside another
                connection.sendall(data)
        except OSError as error:
            raise StreamError(_words(error), refused=_is_reset(error)) from None


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise NonsenseError("it does not speak WebSocket: a text that is no UTF-8") from None


def _encode(type_: int, data: Any, number: int | None = None) -> bytes:
    sent = {"type": type_, "data": data, "nsp": NAMESPACE}
    if number is not None:
        sent["id"] = number
    return msgspec.msgpack.encode(sent)


def _is_reset(error: OSError) -> bool:
    """Whether the other side said so itself, which a cut cable does not."""
    return isinstance(error, ConnectionResetError | BrokenPipeError)


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no connection in time"
    if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return "there is no way to it"
    return "the connection broke"
