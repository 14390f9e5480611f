"""A node's outgoing HTTP against servers that are honest, slow, gone or lying."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message

import pytest
from free_ports import free_port

from contract.limits import MAX_BATCH
from node import connections as module
from node.connections import Connections, NoAnswerError, Reply
from node.overlay.inputs import NotOurs, Silent
from node.resolver import Resolver
from node.transport import understand

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(
    behave: Callable[[socket.socket], None], where: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[tuple[str, list[int]]]:
    """A server that does anything with each connection; and how many there were."""
    listener = socket.create_server(where)
    count: list[int] = []
    stopped = threading.Event()

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            if stopped.is_set():
                connection.close()
                return
            count.append(1)
            threading.Thread(target=guarded, args=(connection,), daemon=True).start()

    def guarded(connection: socket.socket) -> None:
        with connection:
            try:
                behave(connection)
            except OSError:
                return  # the other end had enough

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", count
    finally:
        stopped.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join(5)
        listener.close()


def request_of(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65_536)
        if not part:
            return b""
        received += part
    return received


@pytest.fixture
def connections() -> Iterator[Connections]:
    made = Connections(Resolver())
    yield made
    made.close()


def ask(connections: Connections, url: str, seconds: float = 2.0) -> bytes:
    return connections.request("GET", url, "/", answer_timeout=seconds).body


def answering(answer: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        while request_of(connection):
            connection.sendall(answer)

    return behave


def answering_once(answer: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(answer)

    return behave


def test_one_connection_serves_many_requests(connections: Connections) -> None:
    with server(answering(OK)) as (url, count):
        assert [ask(connections, url) for _ in range(5)] == [b"ok"] * 5
        assert len(count) == 1


def test_a_connection_that_the_other_end_closed_meanwhile_is_replaced(
    connections: Connections,
) -> None:
    closed = threading.Event()

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with server(behave) as (url, count):
        for _ in range(3):
            closed.clear()
            assert ask(connections, url) == b"ok"
            assert closed.wait(5)
        assert len(count) == 3


def test_what_nobody_asked_for_is_not_taken_for_the_next_answer(connections: Connections) -> None:
    lie = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nlie"
    with server(answering(OK + lie)) as (url, _):
        assert [ask(connections, url) for _ in range(3)] == [b"ok"] * 3


def test_the_last_answer_of_a_connection_may_be_without_a_length(connections: Connections) -> None:
    with server(answering_once(b"HTTP/1.0 200 OK\r\n\r\nall of it")) as (url, _):
        assert [ask(connections, url) for _ in range(2)] == [b"all of it"] * 2


def test_an_answer_in_chunks_is_put_together(connections: Connections) -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    with server(answering(chunks)) as (url, count):
        assert [ask(connections, url) for _ in range(2)] == [b"abc"] * 2
        assert len(count) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no proper answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "the connection broke"),
        (b"", "the connection broke"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000, "no proper answer"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BATCH + 1), "more than 1,048,576 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "the connection broke"),
    ],
    ids=["no HTTP", "cut short", "nothing", "headers without end", "too long", "bad chunk"],
)
def test_nonsense_is_no_answer_and_says_why(
    connections: Connections, answer: bytes, reason: str
) -> None:
    with server(answering_once(answer)) as (url, _), pytest.raises(NoAnswerError, match=reason):
        ask(connections, url)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_an_answer_that_drips_ends_at_the_deadline(connections: Connections, start: bytes) -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(start)
        while not stop.wait(0.05):
            connection.sendall(b"H")

    with server(drip) as (url, _):
        began = time.monotonic()
        with pytest.raises(NoAnswerError, match="no answer in time"):
            ask(connections, url, seconds=0.5)
        assert time.monotonic() - began < 5, "the deadline is for the whole answer"
        stop.set()


def test_nobody_there_is_said_as_it_is(connections: Connections) -> None:
    with pytest.raises(NoAnswerError, match="connection refused"):
        ask(connections, f"http://127.0.0.1:{free_port()}")


def test_a_name_that_does_not_resolve_is_said_as_it_is(connections: Connections) -> None:
    for _ in range(2):  # the second time it is remembered
        with pytest.raises(NoAnswerError, match="its name does not resolve"):
            ask(connections, "http://no-such-name.invalid:5000")


def test_who_hangs_up_while_a_connection_waits_is_noticed_at_once() -> None:
    told: list[tuple[str, float]] = []
    go = threading.Event()

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(OK)
        go.wait(5)

    connections = Connections(Resolver(), lambda url: told.append((url, time.monotonic())))
    connections.start()
    with server(behave) as (url, _):
        assert ask(connections, url) == b"ok"
        time.sleep(0.1)
        assert told == [], "it stands"
        closed = time.monotonic()
        go.set()
        while not told and time.monotonic() < closed + 3:
            time.sleep(0.01)
    connections.close()
    assert [who for who, _ in told] == [url]
    assert told[0][1] - closed < 0.5


def test_a_connection_in_use_that_closes_after_its_answer_is_told_to_nobody() -> None:
    """Else each answer of a server that keeps none open would look like a death."""
    told: list[str] = []
    connections = Connections(Resolver(), told.append)
    connections.start()
    last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(last)

    with server(behave) as (url, count):
        for _ in range(50):
            assert ask(connections, url) == b"ok"
        assert len(count) == 50
    time.sleep(0.1)
    connections.close()
    assert told == []


def test_what_was_not_used_for_long_is_closed_when_somebody_else_is_spoken_to(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is a packet; later it would take room in the tables of neighbours once more."""
    over = threading.Event()

    def until_the_end(connection: socket.socket) -> None:
        answering(OK)(connection)
        over.set()

    with server(until_the_end) as (old, _), server(answering(OK)) as (new, _):
        ask(connections, old)
        ask(connections, new)
        assert not over.is_set(), "it was used a moment ago"
        monkeypatch.setattr(module, "KEPT", 0.0)
        ask(connections, new)
        assert over.wait(5)


def test_who_is_parted_from_is_hung_up_on(connections: Connections) -> None:
    over = threading.Event()

    def until_the_end(connection: socket.socket) -> None:
        answering(OK)(connection)
        over.set()

    with server(until_the_end) as (url, count):
        ask(connections, url)
        connections.part(url)
        assert over.wait(5)
        assert ask(connections, url) == b"ok", "and may be called again"
        assert len(count) == 2


class Moving(Resolver):
    """A name that leads from one address to another once it is asked for anew."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def address(self, host: str) -> str:
        known = self._known.get(host)
        if known is None:
            self.asked += 1
            known = self._known[host] = "127.0.0.1" if self.asked == 1 else "127.0.0.2"
        return known


def test_who_meets_another_node_at_an_address_looks_the_name_up_anew() -> None:
    misdirected = answering(b"HTTP/1.1 421 Misdirected Request\r\nContent-Length: 2\r\n\r\n{}")
    resolver = Moving()
    connections = Connections(resolver)
    with server(misdirected) as (url, _):
        port = int(url.rpartition(":")[2])
        with server(answering(OK), ("127.0.0.2", port)):
            name = f"http://node7.example:{port}"
            assert connections.request("GET", name, "/").status == 421
            assert connections.request("GET", name, "/").status == 200
            assert connections.request("GET", name, "/").status == 200
    assert resolver.asked == 2
    connections.close()


@pytest.mark.parametrize("header", ["P2P-Bootstrap", "P2P-Dashboard"])
def test_a_bootstrap_or_a_dashboard_is_no_plain_node(header: str) -> None:
    headers = Message()
    assert understand("http://a:1", None, Reply(404, headers, b"")) == NotOurs("http://a:1")
    headers[header] = "1"
    assert isinstance(understand("http://a:1", None, Reply(404, headers, b"")), Silent)
