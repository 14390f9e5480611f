"""Requests in great number from one process, over plain sockets: the load of the benchmarks.

One loop over connections that stay open where the server lets them, so that the load costs
little of the cores that it shares with what is measured. Two kinds of load:

    closed   so many requests are under way all the time; the next begins when one has its
             answer. That finds out how much a program can take.
    open     each request begins when its time has come, whether others have their answers or
             not, and latencies count from then. A slow program does not slow its own load
             down, so nothing of its slowness is left out ("coordinated omission", Tene 2013).
"""

import contextlib
import heapq
import json
import multiprocessing
import selectors
import socket
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

WITHIN = 10.0
"""Seconds that any answer may take, else the load ends with an error."""
CONNECTIONS_EACH = 8
"""Connections to one port at most under an open load; what comes on top waits for one."""


class Send(NamedTuple):
    """A `POST /send` to a node."""

    port: int
    message: str
    to: str
    text: str
    route: str
    due: float = 0.0
    """Seconds after the beginning; of an open load."""


class Accepted(NamedTuple):
    """When it began, or was to begin, and when it was accepted: seconds since 1970."""

    message: str
    began: float
    accepted: float


class Sent(NamedTuple):
    """What a load did."""

    accepted: list[Accepted]
    refused: int
    """Answers other than 202."""
    seconds: float
    cpu: float
    """Seconds of CPU that the load itself took."""


def closed(sends: Sequence[Send], connections: int, seconds: float) -> Sent:
    """Send them in turn, so many at a time, until the time is over or all are sent."""
    return _apart(_closed, list(sends), connections, seconds)


def open_(sends: Sequence[Send]) -> Sent:
    """Send each at its time."""
    return _apart(_open, list(sends))


def _apart(function: object, *arguments: object) -> Sent:
    """In a process of its own: it shares no interpreter lock with who measures."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result: Sent = pool.apply(function, arguments)  # type: ignore[arg-type]
    return result


class Exchange:
    """A connection, the request that is under way on it, and what has come back of it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = connect(port)
        self.began = time.perf_counter()
        self.closes = False
        self.status = 0
        self.send: Send | None = None
        self._received = b""

    def ask(self, selector: selectors.BaseSelector, request: bytes) -> None:
        """Begin the next request."""
        self.began = time.perf_counter()  # a connection that must be made anew counts, too
        if self.closes:
            self.connection.close()
            self.connection = connect(self.port)
        self.connection.sendall(request)
        selector.register(self.connection, selectors.EVENT_READ, self)

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def answered(self) -> bool:
        """Take in what arrived; True when the answer is whole."""
        part = self.connection.recv(65_536)
        if not part:
            raise ConnectionError("the node closed a connection without an answer")
        self._received += part
        head, found, body = self._received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = [line for line in lines if line.startswith(b"content-length:")]
        if not found or len(body) < int(length[0].partition(b":")[2]):
            return False
        self.status = int(lines[0].split()[1])
        self.closes = b"connection: close" in lines
        self._received = b""
        return True


def connect(port: int) -> socket.socket:
    """A connection to a program of this machine."""
    connection = socket.create_connection(("127.0.0.1", port), 5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def post(port: int, path: str, body: dict[str, str]) -> bytes:
    """A request as it travels."""
    said = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
    ).encode() + said


def _request(send: Send) -> bytes:
    body = {"to": send.to, "msg": send.text, "id": send.message, "route": send.route}
    return post(send.port, "/send", body)


def _closed(sends: list[Send], connections: int, seconds: float) -> Sent:
    waiting = deque(sends)
    accepted: list[Accepted] = []
    refused = 0
    cpu, began = time.process_time(), time.perf_counter()
    offset = time.time() - began
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(sends))):
            send = waiting.popleft()
            exchange = Exchange(send.port)
            exchange.send = send
            exchange.ask(selector, _request(send))
        while selector.get_map():
            for exchange in _answered(selector):
                send = _given(exchange)
                if exchange.status == 202:
                    now = time.perf_counter()
                    times = (offset + exchange.began, offset + now)
                    accepted.append(Accepted(send.message, *times))
                else:
                    refused += 1
                if waiting and time.perf_counter() - began < seconds:
                    exchange.send = waiting.popleft()
                    exchange.ask(selector, _request(exchange.send))
                else:
                    exchange.close()
    return Sent(accepted, refused, time.perf_counter() - began, time.process_time() - cpu)


def _open(sends: list[Send]) -> Sent:
    agenda = [(send.due, number) for number, send in enumerate(sends)]
    heapq.heapify(agenda)
    waiting: dict[int, deque[Send]] = defaultdict(deque)
    idle: dict[int, list[Exchange]] = defaultdict(list)
    count: dict[int, int] = defaultdict(int)
    accepted: list[Accepted] = []
    refused = 0
    cpu, began = time.process_time(), time.perf_counter()
    offset = time.time()
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as closing:

        def begin(send: Send) -> None:
            if not idle[send.port]:
                if count[send.port] >= CONNECTIONS_EACH:
                    waiting[send.port].append(send)
                    return
                count[send.port] += 1
                made = Exchange(send.port)
                closing.callback(made.close)
                idle[send.port].append(made)
            exchange = idle[send.port].pop()
            exchange.send = send
            exchange.ask(selector, _request(send))

        while agenda or selector.get_map():
            now = time.perf_counter() - began
            while agenda and agenda[0][0] <= now:
                begin(sends[heapq.heappop(agenda)[1]])
            patience = min(WITHIN, max(0.0, agenda[0][0] - now)) if agenda else WITHIN
            if not selector.get_map():
                time.sleep(patience)  # until the next one's time: nothing can come before it
                continue
            for exchange in _answered(selector, patience):
                send = _given(exchange)
                if exchange.status == 202:
                    accepted.append(Accepted(send.message, offset + send.due, time.time()))
                else:
                    refused += 1
                idle[send.port].append(exchange)
                if waiting[send.port]:
                    begin(waiting[send.port].popleft())
    return Sent(accepted, refused, time.perf_counter() - began, time.process_time() - cpu)


def _answered(selector: selectors.BaseSelector, patience: float = WITHIN) -> Iterator[Exchange]:
    """Exchanges that have got their whole answer by now."""
    found = selector.select(patience)
    if not found and patience >= WITHIN:
        raise ConnectionError(f"no answer within {WITHIN:.0f} s")
    for key, _ in found:
        exchange: Exchange = key.data
        if exchange.answered():
            selector.unregister(exchange.connection)
            yield exchange


def _given(exchange: Exchange) -> Send:
    if exchange.send is None:
        raise TypeError("an answer without a request")
    return exchange.send
