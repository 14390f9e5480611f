"""Keeps the list true, slowly and in turn.

The checker walks through all entries in a random order, one after the other, so that a
round takes about two minutes however few there are, and never asks more than two a second
however many. Each is asked `GET /`; whatever answers HTTP at all is alive, since a plain
node may have no such page. Whoever is silent three times in a row is dropped.

Those alive are asked `GET /peers` too: a node that registered with another node, and
never here, is found that way. What they say is hearsay (see `registry`).

Peers are strangers. Redirects are not followed, answers are bounded in bytes and time,
and a check that overruns its deadline is abandoned in its thread, since a peer that sends
a byte a second never lets a socket's own time limit run out.
"""

import random
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bootstrap.registry import FAILURES, Registry
from contract.itself import Itself, is_loopback
from contract.peers_answer import MAX_ANSWER, NotPeersError, peers_answer
from contract.server import off_loop
from contract.text import one_line
from contract.urls import host_and_port

if TYPE_CHECKING:
    import requests

ROUND: Final = 120.0
"""Seconds that a round takes at least [guess: newcomers get eight addresses, so a few
dead ones do no harm; and each check takes room in the machine's table of
neighbours for half a minute, which `node.overlay.links` tells about]."""
PACE: Final = 0.5
"""Seconds between two checks at least: two a second."""
TIMEOUT: Final = 2.0
"""Seconds without a byte after which a peer counts as silent [guess: a loaded laptop]."""
DEADLINE: Final = 10.0
"""Seconds for a whole check. A name that vanished takes Docker's DNS about as long."""
ABANDONED: Final = 8
"""Checks beyond their deadline at most; with so many hanging, no new one is begun."""
LEARN: Final = 200
"""URLs taken from one answer [guess: twice the largest laboratory]."""


Asker = Callable[[str], list[str] | None]
"""Asks the peer at a URL: the peers that it names, or None where it did not answer."""


class Checker:
    """Walks through the registry until it is stopped."""

    def __init__(
        self,
        registry: Registry,
        itself: Itself,
        ask: Asker,
        *,
        chance: random.Random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._itself = itself
        self._ask = ask
        self._chance = chance
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checker", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Make the walk end. Does not wait for a check under way."""
        self._stopping.set()

    def walk(self, wait: Callable[[float], bool]) -> None:
        """One round. `wait` waits some seconds and is true when it is time to stop."""
        entries = [url for url in self._registry.to_check() if not self._itself.is_at(url)]
        self._chance.shuffle(entries)
        pause = max(PACE, ROUND / max(1, len(entries)))
        for url in entries:
            begun = self._clock()
            self._check(url)
            if wait(max(0.0, pause - (self._clock() - begun))):
                return
        if not entries:
            wait(PACE)  # nobody yet; the first should not wait a minute

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.walk(self._stopping.wait)
            except sqlite3.OperationalError as error:  # a full disk may have room again later
                print(one_line(f"The registry cannot be kept up: {error}"), flush=True)
                self._stopping.wait(ROUND)

    def _check(self, url: str) -> None:
        heard = self._ask(url)
        if self._stopping.is_set():
            return  # the registry may be closed
        if heard is None:
            if self._registry.failed(url):
                print(one_line(f"Dropped {url}: silent {FAILURES} times in a row"), flush=True)
            return
        if self._registry.answered(url):
            print(one_line(f"Found {url}"), flush=True)
        self._registry.learn(peer for peer in heard if self._may_be(peer, url))

    def _may_be(self, peer: str, told_by: str) -> bool:
        """Whether hearsay can be true: no way back to us, no `localhost` of somebody else."""
        if self._itself.is_at(peer):
            return False
        return not is_loopback(host_and_port(peer)[0]) or is_loopback(host_and_port(told_by)[0])


def in_time(ask: Asker, deadline: float = DEADLINE) -> Asker:
    """The same asker, in a thread of its own that is given up at the deadline (seconds)."""
    free = threading.Semaphore(ABANDONED)

    def ask_in_time(url: str) -> list[str] | None:
        answers: list[list[str] | None] = []
        done = threading.Event()

        def work() -> None:
            try:
                answers.append(ask(url))
            finally:
                free.release()
                done.set()

        free.acquire()
        threading.Thread(target=work, name="check", daemon=True).start()
        done.wait(deadline)
        return answers[0] if answers else None

    return ask_in_time


def over_http(session: "requests.Session | None" = None) -> Asker:
    """Asks with `requests`: `GET /`, then `GET /peers`."""
    import requests  # late: 70 ms that the program's first answer need not wait for

    session = session or requests.Session()
    session.trust_env = False  # peers are never behind the person's web proxy

    def ask(url: str) -> list[str] | None:
        try:
            base, host = _resolved(url)
            _get(session, f"{base}/", host, 1)
        except (requests.RequestException, OSError, UnicodeError):
            return None
        try:
            return peers_answer(_get(session, f"{base}/peers", host, MAX_ANSWER), LEARN)
        except (requests.RequestException, OSError, NotPeersError):
            return []  # alive; not every plain node has a list

    return ask


def _get(session: "requests.Session", url: str, host: str, most: int) -> bytes:
    """The first bytes of an answer: `most`, and up to one chunk more."""
    with session.get(
        url,
        headers={"Host": host, "Connection": "close"},
        timeout=TIMEOUT,
        allow_redirects=False,
        stream=True,
    ) as response:
        body = bytearray()
        for chunk in response.iter_content(16_384):
            body += chunk
            if len(body) >= most:
                break
        return bytes(body)


def _resolved(url: str) -> tuple[str, str]:
    """The URL with an address for its name, and the `Host` to ask for.

    A look-up waits inside C code, so it goes off the loop. An https URL keeps its name,
    which its certificate is for. Raises OSError where the name has no address.
    """
    host, port = host_and_port(url)
    shown = f"[{host}]" if ":" in host else host
    found = off_loop(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    if url.startswith("https:"):
        return url, f"{shown}:{port}"
    address = str(found[0][4][0])
    return f"http://{f'[{address}]' if ':' in address else address}:{port}", f"{shown}:{port}"
