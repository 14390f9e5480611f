"""Noticing that the other end closed a connection that waits for its next use.

When a process is killed, the kernel closes its sockets at once, and tells the other ends.
Whoever listens for that knows of the death within milliseconds, where the next ping would
have found it out a second or two later (`node.overlay.detector`).

Linux's `epoll` can be asked for nothing but hang-ups, so answers that arrive wake nobody
up, and a connection is entered once, when it is made. And an `epoll` is itself a file that
can be waited for, so one thread does it for all connections, on either kind of server, and
sleeps until somebody hangs up. On systems without `epoll` nothing is noticed, and the
pings have to do; nor from servers that close a connection after each answer, as Werkzeug's.
"""

import contextlib
import select
import socket
import threading
from collections.abc import Callable

from contract.server import real_epoll

HUNG_UP = 0x2000 | 0x008 | 0x010
"""EPOLLRDHUP, EPOLLERR, EPOLLHUP of epoll_ctl(2); eventlet takes the names away."""


class HangUps:
    """Watches sockets, and tells the number and address of one whose other end is closed."""

    def __init__(self, hung_up: Callable[[int, str], None]) -> None:
        self._hung_up = hung_up
        self._epoll = real_epoll()
        self._urls: dict[int, str] = {}
        self._bell: socket.socket | None = None

    def start(self) -> None:
        """Begin to tell."""
        if self._epoll is not None:
            self._bell, heard = socket.socketpair()
            self._epoll.register(heard.fileno(), HUNG_UP)
            threading.Thread(target=self._wait, args=(heard,), name="hang-ups", daemon=True).start()

    def stop(self) -> None:
        """Tell no more."""
        if self._bell is not None:
            self._bell.close()

    def watch(self, number: int, url: str) -> None:
        """A new connection, by the number of its socket."""
        if self._epoll is not None:
            self._urls[number] = url
            self._epoll.register(number, HUNG_UP)

    def forget(self, number: int) -> None:
        """The connection is about to be closed by us."""
        if self._epoll is not None and self._urls.pop(number, None) is not None:
            self._epoll.unregister(number)

    def _wait(self, heard: socket.socket) -> None:
        if self._epoll is None:
            return
        with heard, contextlib.closing(self._epoll):
            while True:
                select.select([self._epoll.fileno()], [], [])
                for number, _ in self._epoll.poll(0):
                    if number == heard.fileno():
                        return
                    url = self._urls.pop(number, None)
                    if url is None:
                        continue  # just closed by us
                    with contextlib.suppress(OSError):  # or just now
                        self._epoll.unregister(number)
                    self._hung_up(number, url)
