"""One look for all connections: nothing that comes is missed, and no end of one."""

import errno
import socket
import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from contract import server
from dashboard.arrivals import LITTLE, Arrivals, Incoming

PIECE = 65_536
PATIENCE = 10.0

pytestmark = pytest.mark.skipif(server.real_epoll() is None, reason="there is no epoll here")


class Pair:
    """A connection of which one end is read by a thread, as a stream is."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.theirs, self._ours = socket.socketpair()
        incoming = arrivals.of(self._ours)
        assert incoming is not None
        self._incoming: Incoming = incoming
        self.came: Queue[bytes] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            data = self._incoming.read(PIECE)
            self.came.put(data)
            if not data:
                self._incoming.close()
                self._ours.close()
                return

    def next(self) -> bytes:
        """What comes next, without its end: b"" is that."""
        return self.came.get(timeout=PATIENCE)

    def all_of(self, size: int) -> bytes:
        """So many bytes, in however many pieces."""
        found = b""
        while len(found) < size:
            found += self.next()
        return found

    def end(self) -> None:
        self.theirs.close()
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive(), "it reads on after its end"


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
def pair(arrivals: Arrivals) -> Iterator[Pair]:
    made = Pair(arrivals)
    yield made
    made.end()


def test_each_that_comes_is_read_and_the_end_as_well(pair: Pair) -> None:
    for number in range(200):
        pair.theirs.sendall(b"%d" % number)
        assert pair.next() == b"%d" % number
    pair.theirs.close()
    assert pair.next() == b""


@pytest.mark.parametrize("size", [LITTLE - 1, LITTLE, LITTLE + 1, 5 * PIECE])
def test_more_than_there_is_room_for_is_read_to_its_end(pair: Pair, size: int) -> None:
    pair.theirs.sendall(bytes(size))
    assert pair.all_of(size) == bytes(size)
    pair.theirs.sendall(b"next")  # and whoever waited for it is woken again
    assert pair.next() == b"next"


def test_an_end_that_comes_with_the_last_bytes_is_seen(arrivals: Arrivals) -> None:
    for _ in range(100):
        pair = Pair(arrivals)
        pair.theirs.sendall(b"last words")
        pair.end()
        assert pair.all_of(10) == b"last words"
        assert pair.next() == b""


def test_what_came_before_we_listened_is_read(arrivals: Arrivals) -> None:
    theirs, ours = socket.socketpair()
    with theirs, ours:
        theirs.sendall(b"early")
        incoming = arrivals.of(ours)
        assert incoming is not None
        assert incoming.read(PIECE) == b"early"
        incoming.close()


def test_who_speaks_is_the_one_that_is_read_among_many(arrivals: Arrivals) -> None:
    pairs = [Pair(arrivals) for _ in range(50)]
    for number, pair in enumerate(pairs):
        pair.theirs.sendall(b"%d" % number)
    for number, pair in enumerate(pairs):
        assert pair.all_of(len(b"%d" % number)) == b"%d" % number
    for pair in pairs:
        pair.end()
    again = Pair(arrivals)  # with the number of one that was closed
    again.theirs.sendall(b"again")
    assert again.next() == b"again"
    again.end()


def test_where_the_kernel_has_no_room_a_connection_is_left_to_its_reader(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def register(self, *_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(arrivals, "_epoll", Full())
    theirs, ours = socket.socketpair()
    with theirs, ours:
        assert arrivals.of(ours) is None
        arrivals.forget(ours)  # as when it is closed; there is nothing to forget


def test_a_connection_that_keeps_bytes_of_its_own_is_left_to_its_reader(arrivals: Arrivals) -> None:
    class Wrapped(socket.socket):
        pass

    with Wrapped() as connection:
        assert arrivals.of(connection) is None
