"""One connection to one node's events: WebSocket, Engine.IO and Socket.IO, and no more.

The dashboard has a hundred of these. The client library of Socket.IO would run three
threads for each, one more for every packet (which also loses their order), decode packets
into dictionaries of anything, and take frames of any size. What is needed of the two
protocols is little, so it is here: one thread a connection, which reads; frames with a
bound; and packets that go straight from msgpack into typed values (`reports`). `wsproto`
does the WebSocket protocol, without sockets.

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
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from contract.events import NAMESPACE
from contract.urls import host_and_port
from dashboard.addresses import Addresses
from dashboard.reports import CONNECT, NonsenseError, Packet, packet

CONNECT_TIMEOUT: Final = 2.0
"""Seconds until a connection counts as impossible [node: the same]."""
OPEN_TIMEOUT: Final = 10.0
"""Seconds to become a subscriber: a node loads Socket.IO for its first one, and a hundred
of them may do so at once on two cores [guess]."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of one message. 500 events with texts of 10,000 ASCII characters have 5 MiB."""
PIECE: Final = 65_536


class StreamError(Exception):
    """A connection that did not come about, or ended. `refused`: nobody is at home."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class NoEventsError(Exception):
    """Somebody answers HTTP, but has no events for us. The text has the status."""


class Stream:
    """A client's end. One thread opens it and reads; any may ask for a sign of life."""

    def __init__(self, url: str, addresses: Addresses) -> None:
        self._url = url
        self._addresses = addresses
        self._websocket = WSConnection(ConnectionType.CLIENT)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self.made = self.heard = time.monotonic()
        """When this was made, and when anything last came."""

    def open(self) -> None:
        """Connect and join the namespace. Raises StreamError, NoEventsError, NonsenseError."""
        deadline = time.monotonic() + OPEN_TIMEOUT
        self._socket = self._connect()
        host = self._url.partition("://")[2]
        self._send(Request(host=host, target="/socket.io/?EIO=4&transport=websocket"))
        opened = False
        for message in self._messages(deadline):
            if isinstance(message, str) and message[:1] == "0":
                self._send(BytesMessage(_encode(CONNECT, {})))
                opened = True
            elif isinstance(message, bytes) and opened:
                if packet(message).type != CONNECT:
                    raise StreamError("it does not let us subscribe")
                break
        self._socket.settimeout(None)  # from here on `ask` and `close` see to it

    def packets(self) -> Iterator[Packet]:
        """What comes, until it ends. Raises StreamError or NonsenseError at the end."""
        for message in self._messages(None):
            if isinstance(message, bytes):
                yield packet(message)
            elif message == "1":
                raise StreamError("it closed the connection", refused=True)

    def emit(self, name: str, data: Any, number: int | None = None) -> None:
        """Send an event; `number` asks for an acknowledgement. Raises StreamError."""
        self._send(BytesMessage(_encode(2, [name, data], number)))

    def acknowledge(self, number: int) -> None:
        """Tell that an event was taken. Raises StreamError."""
        self._send(BytesMessage(_encode(3, [], number)))

    def ask(self) -> None:
        """Ask for a sign of life; whatever comes then moves `heard`."""
        try:
            self._send(Ping())
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
        if self._socket is not None:
            self._socket.close()

    # --- inside ---------------------------------------------------------------------------

    def _connect(self) -> socket.socket:
        host, port = host_and_port(self._url)
        try:
            address = self._addresses.of(host)
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

    def _messages(self, deadline: float | None) -> Iterator[str | bytes]:
        """Whole Engine.IO messages, pings answered."""
        connection = self._socket
        if connection is None:
            raise StreamError("it is not connected")
        while True:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise StreamError("no answer in time")
                connection.settimeout(left)
            try:
                data = connection.recv(PIECE)
            except TimeoutError:
                raise StreamError("no answer in time") from None
            except OSError as error:
                raise StreamError(_words(error), refused=_is_reset(error)) from None
            time.sleep(0)  # a peer that sends without end must not keep the others waiting
            if not data:
                raise StreamError("the connection was closed", refused=True)
            self.heard = time.monotonic()
            yield from self._understand(data)

    def _understand(self, data: bytes) -> Iterator[str | bytes]:
        try:
            self._websocket.receive_data(data)
            for event in self._websocket.events():
                match event:
                    case TextMessage() | BytesMessage():
                        whole = self._collect(event)
                        if whole == "2":
                            self._send(TextMessage("3"))
                        elif whole is not None:
                            yield whole
                    case Ping():
                        self._send(event.response())
                    case CloseConnection():
                        raise StreamError("it closed the connection", refused=True)
                    case RejectConnection():
                        raise NoEventsError(f"it answers {event.status_code} and has no events")
                    case AcceptConnection():
                        pass
                    case _:
                        pass  # a pong: `heard` has moved, and that is all it is for
        except ProtocolError as error:
            raise NonsenseError(f"it does not speak WebSocket: {error}") from None

    def _collect(self, event: TextMessage | BytesMessage) -> str | bytes | None:
        """Join the pieces of a message; None until it is whole."""
        data = event.data.encode() if isinstance(event, TextMessage) else bytes(event.data)
        self._size += len(data)
        if self._size > MOST_BYTES:
            raise NonsenseError(f"it sends a message of more than {MOST_BYTES:,} bytes")
        self._parts.append(data)
        if not event.message_finished:
            return None
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole.decode() if isinstance(event, TextMessage) else whole

    def _send(self, event: Any) -> None:
        connection = self._socket
        if connection is None:
            raise StreamError("it is not connected")
        try:
            with self._lock:  # a frame must not stand inside another
                connection.sendall(self._websocket.send(event))
        except ProtocolError as error:
            raise StreamError(f"the connection has ended: {error}") from None
        except OSError as error:
            raise StreamError(_words(error), refused=_is_reset(error)) from None


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
