"""HTTP to others, over connections that stay open.

By address and not by name, so that the hot path never looks a name up (`resolver`). No
redirects: where a peer lives is what it registered. Answers are bounded in bytes and in
seconds, since a peer may send without end, or one byte a second (`answers`).

On sockets, and `http.client` for what is unusual, and not on `requests` or `urllib3`: these
cost 40 ms more to import, which a hundred nodes on two cores pay while somebody waits, and
0.05 to 0.5 ms more a call than even `http.client` does [measured].
"""

import json
import socket
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from contract.limits import MAX_BATCH
from contract.server import without_tls
from contract.urls import host_and_port
from node import answers
from node.answers import TooLongError
from node.hangups import HangUps
from node.overlay import window
from node.resolver import Resolver, UnresolvedError

with without_tls():
    import http.client

if TYPE_CHECKING:
    from node.faults.wire import Wire

MOST_PEERS = 256
"""Peers to which connections are kept; beyond that the least used are closed [guess]."""
MOST_IDLE = 1 + window.MOST
"""Open connections to one peer that wait for their next use: a message and, where the way is
long, so many batches. Each was needed, as another was in use, and is closed when it was not
for some time."""
KEPT = 15.0
"""Seconds without use after which a connection is closed. Its end is a packet too, and where
both machines have forgotten each other's hardware address by then, it takes room in their
tables of neighbours again, as if the two had just met (`node.overlay.links`). Linux keeps
an address for 15 to 45 s [arp(7)]. Links are used every three seconds."""
CONNECT_TIMEOUT = 2.0
"""Seconds until a connection counts as impossible. Within a network of containers a
connection takes a millisecond, or seconds when 50 of them start at once [measured]."""
ANSWER_TIMEOUT = 4.0
"""Seconds until an answer counts as missing [guess, generous for two busy cores]."""
MISDIRECTED = 421
"""What our nodes answer that are not the one who is meant (RFC 9110, section 15.5.20: "the
client MAY retry the request over a different connection")."""

_BETWEEN_NODES = frozenset({"/overlay", "/message", "/messages", "/peers"})
"""What nodes ask each other, as against what they ask a bootstrap."""
_OURS: Final = ("User-Agent: p2p-lab", "Accept-Encoding: identity")


class NoAnswerError(Exception):
    """Nobody answered, or not in time, or with nonsense. The message says which."""

    refused = False
    """The machine is there and says that nothing listens."""


class Reply(NamedTuple):
    """An answer: status, headers, body."""

    status: int
    headers: "http.client.HTTPMessage"
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Connections:
    """All outgoing connections of a node."""

    def __init__(
        self, resolver: Resolver, hung_up: Callable[[str], None] = lambda _url: None
    ) -> None:
        """`hung_up` is called with the address of a peer that closed a kept connection."""
        self._resolver = resolver
        self._hung_up = hung_up
        self._hangups = HangUps(self._closed_by_other)
        self._idle: OrderedDict[str, deque[Connection]] = OrderedDict()  # last used last
        self._lock = threading.Lock()
        self.wire: Wire | None = None
        """What is done to requests on their way; None, nearly always: nothing."""

    def request(
        self,
        method: str,
        url: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        answer_timeout: float = ANSWER_TIMEOUT,
    ) -> Reply:
        """Ask a peer. Raises NoAnswerError."""
        wire = self.wire
        if wire is None:
            return self._request(method, url, path, body, headers, answer_timeout)
        if path not in _BETWEEN_NODES:
            wire.wait_thawed()
            return self._request(method, url, path, body, headers, answer_timeout)
        try:
            return wire.ask(
                url,
                len(body or b""),
                answer_timeout,
                connected=bool(self._idle.get(url)),
                send=lambda left: self._request(method, url, path, body, headers, left),
            )
        except NoAnswerError:
            self._forget(url)
            raise

    def _request(
        self,
        method: str,
        url: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        answer_timeout: float,
    ) -> Reply:
        connection = self._take(url)
        try:
            if connection is None:
                connection = self._connect(url)
            reply = connection.exchange(method, path, body, headers or {}, answer_timeout)
        except (http.client.HTTPException, OSError, ValueError) as error:
            if connection is not None:
                connection.close()
            self._forget(url)
            said = NoAnswerError(reason(error, connected=connection is not None))
            said.refused = connection is None and isinstance(error, ConnectionRefusedError)
            raise said from error
        if reply.status == MISDIRECTED:
            # Two containers that start again may change their addresses with each other: the
            # name may lead to the one that is meant by now (found by `verify --docker`).
            connection.close()
            self._forget(url)
        else:
            self._keep(url, connection)
        return reply

    def start(self) -> None:
        """Begin to notice who hangs up."""
        self._hangups.start()

    def close(self) -> None:
        """Close what waits for its next use."""
        self._hangups.stop()
        with self._lock:
            idle = [connection for waiting in self._idle.values() for connection in waiting]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def _closed_by_other(self, number: int, url: str) -> None:
        """Tell, where the connection waited for its next use: else its user finds out."""
        with self._lock:
            idle = self._idle.get(url, deque())
            closed = [connection for connection in idle if connection.number == number]
            for connection in closed:
                idle.remove(connection)
        for connection in closed:
            connection.close()
            self._hung_up(url)

    def _connect(self, url: str) -> "Connection":
        host, port = host_and_port(url)
        authority = url.partition("://")[2]
        if url.startswith("https:"):  # by name: its certificate is for the name
            from node.tls import TlsConnection  # late: most nodes never meet one

            plain: http.client.HTTPConnection = TlsConnection(host, port, timeout=CONNECT_TIMEOUT)
        else:
            plain = http.client.HTTPConnection(
                self._resolver.address(host), port, timeout=CONNECT_TIMEOUT
            )
        plain.connect()
        self._hangups.watch(plain.sock.fileno(), url)
        return Connection(plain, authority, self._hangups.forget)

    def _take(self, url: str) -> "Connection | None":
        """A connection that waits for its next use and still stands."""
        while True:
            with self._lock:
                idle = self._idle.get(url)
                if not idle:
                    return None
                connection = idle.pop()
            if connection.stands():
                return connection
            connection.close()

    def _keep(self, url: str, connection: "Connection") -> None:
        surplus: list[Connection] = []
        now = time.monotonic()
        with self._lock:
            idle = self._idle.setdefault(url, deque())
            self._idle.move_to_end(url)
            if not connection.last and len(idle) < MOST_IDLE:
                connection.used = now
                idle.append(connection)
            else:
                surplus.append(connection)
            while idle and now - idle[0].used > KEPT:
                surplus.append(idle.popleft())
            # A node talks to its links all the time, so somebody comes by here often enough.
            while len(self._idle) > MOST_PEERS or self._oldest_is_done(now):
                surplus += self._idle.popitem(last=False)[1]
        for unwanted in surplus:
            unwanted.close()

    def _oldest_is_done(self, now: float) -> bool:
        """Whether the connections to the peer that was not used for longest are to be closed."""
        oldest = next(iter(self._idle.values()), None)
        return oldest is not None and all(now - waiting.used > KEPT for waiting in oldest)

    def part(self, url: str) -> None:
        """Close what waits for its next use: there is nothing more to say to a peer."""
        with self._lock:
            idle = self._idle.pop(url, deque())
        for connection in idle:
            connection.close()

    def _forget(self, url: str) -> None:
        """Nobody answered: look the name up anew next time, the peer may have moved."""
        self.part(url)
        self._resolver.forget(host_and_port(url)[0])


class Connection:
    """One connection to one peer; one exchange at a time."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        authority: str,
        closing: Callable[[int], None],
    ) -> None:
        self._http = connection
        self._closing = closing
        self._authority = authority
        self._socket: socket.socket = connection.sock
        self.last = False
        """The answer said that no other will come here."""
        self.used = 0.0
        """When it was kept for its next use."""

    def exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        more: Mapping[str, str],
        seconds: float,
    ) -> Reply:
        """Send a request and read all of its answer, within so many seconds."""
        deadline = time.monotonic() + seconds
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._authority}", *_OURS]
        lines += [f"{name}: {value}" for name, value in more.items()]
        if body is not None:
            if "Content-Type" not in more:
                lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(body)}")
        self._socket.settimeout(seconds)
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + (body or b""))
        answer = answers.read(self._socket, method, deadline)
        self.last = answer.last
        return Reply(answer.status, answer.headers, answer.body)

    @property
    def number(self) -> int:
        """Of its socket; -1 when it is closed."""
        return self._socket.fileno()

    def stands(self) -> bool:
        """Whether the other end has neither closed it nor said what nobody asked for."""
        try:
            self._socket.settimeout(0)
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except (OSError, ValueError):  # TLS cannot peek: such a connection is used once
            return False
        return False

    def close(self) -> None:
        """Let go of it."""
        self._closing(self.number)
        self._http.close()
        self._socket.close()


def reason(error: Exception, *, connected: bool) -> str:
    """In words that help somebody who looks at the page."""
    match error:
        case TimeoutError():
            return "no answer in time" if connected else "no connection in time"
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror() | UnresolvedError():
            return "its name does not resolve"
        case OSError() | http.client.RemoteDisconnected() | http.client.IncompleteRead():
            return "the connection broke" if connected else "it cannot be reached"
        case TooLongError():
            return f"its answer has more than {MAX_BATCH:,} bytes"
        case _:
            return "no proper answer"
