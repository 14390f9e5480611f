"""Ports for programs that a test starts, and may start again.

Not those that the kernel proposes for port 0. These are the ones that it also gives to
outgoing connections (RFC 6056, section 3.2), and once proposed they are free again: two nodes
of one network got the same one now and then, and a killed node found its own taken by
somebody's connection when it came back.
"""

import itertools
import os
from collections.abc import Iterator
from typing import Final

from lab import ports

_RANGE: Final = range(20_000, 32_768)
"""Above the ports of `up`, below those of outgoing connections on Linux."""
_SPREAD: Final = 127
"""Where each test process begins: far from its neighbours' ports [guess]."""


def _own() -> range:
    """The part of the range that no other worker of pytest-xdist takes from."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = len(_RANGE) // count
    return _RANGE[number * size : (number + 1) * size]


_OWN: Final = _own()


def _in_turn() -> Iterator[int]:
    begin = os.getpid() * _SPREAD % len(_OWN)
    for k in itertools.count(begin):
        yield _OWN[k % len(_OWN)]


_TURN: Final = _in_turn()


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens, and which no other call has got."""
    return next(port for port in itertools.islice(_TURN, len(_OWN)) if ports.free(port))
