"""Where a name leads: looked up off the loop, and remembered.

A look-up waits inside C code, up to ten seconds for a container that vanished [measured],
so it runs in one of a few real threads. The address of a container that is gone is tried
once more all the same: nothing else tells "gone" from "slow to resolve" so quickly.

Anybody may name an address at which we then look, and what we find there is shown. So some are
refused (`contract.reach`): link-local ones, where clouds keep the credentials of a machine, and
those that are many machines or none. Our own loopback and private networks are where nodes are,
and stay allowed. Judged is the address that is connected to, not the name.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from contract.reach import refusal
from contract.server import off_loop

FAILURE_KEPT: Final = 5.0
"""Seconds for which a name that did not resolve is not asked for again [guess]."""
MOST_NAMES: Final = 4_000


class ForbiddenError(OSError):
    """An address that nobody is asked at. The text says why."""


class Addresses:
    """Addresses of names."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self._failed: dict[str, float] = {}
        self.refused: Callable[[], None] = lambda: None
        """Called when somebody would have us look where nobody may send us."""

    def of(self, host: str) -> str:
        """The address of a host. Raises OSError where it has none, or one that is refused."""
        if _is_address(host):
            return self._judged(host, host)
        with self._lock:
            known = self._known.get(host)
            failed = self._failed.get(host)
        if known is not None:
            return self._judged(host, known)
        if failed is not None and self._clock() - failed < FAILURE_KEPT:
            raise OSError(f"{host} did not resolve a moment ago")
        try:
            found = off_loop(socket.getaddrinfo, host, None, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            with self._lock:
                self._bound(self._failed)
                self._failed[host] = self._clock()
            raise OSError(f"{host} does not resolve") from None
        # `localhost` is ::1 first on many machines, where nodes listen on 127.0.0.1.
        chosen = next((one for one in found if one[0] == socket.AF_INET), found[0])
        address = str(chosen[4][0])
        with self._lock:
            self._bound(self._known)
            self._known[host] = address
            self._failed.pop(host, None)
        return self._judged(host, address)

    def _judged(self, host: str, address: str) -> str:
        why = refusal(address, loopback=True)
        if why is None:
            return address
        self.refused()
        raise ForbiddenError(f"{host} {why}" if host == address else f"{host}: {address} {why}")

    def forget(self, host: str) -> None:
        """Nobody answered there: ask again next time."""
        with self._lock:
            self._known.pop(host, None)

    @staticmethod
    def _bound(table: dict[str, str] | dict[str, float]) -> None:
        if len(table) >= MOST_NAMES:
            table.clear()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
