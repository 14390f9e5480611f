"""Meeting the bootstrap: announce ourselves, take its list, and need it no more.

The bootstrap may come up later than we do, or never; so we ask again, ever more rarely,
and quietly. Once it has answered, only one node of the whole network looks into its list
again now and then (`node.overlay.plain` tells which): so nodes that registered nowhere
else are found, and two islands that know the same bootstrap meet.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator

from contract.gateway import default_gateway
from contract.itself import Itself
from contract.peers_answer import NotPeersError, peers_answer
from contract.server import off_loop
from contract.text import one_line
from node.connections import Connections, NoAnswerError
from node.overlay.frames import Record
from node.resolver import ascii_host
from node.settings import NO_BOOTSTRAP, Settings

SAMPLE = 8
"""Peers that a newcomer asks for [design brief]."""
ALL = 1_000
"""What our bootstrap hands out at most."""
_PAUSES = (0.5, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between two tries; the last is repeated [guess: a bootstrap that starts together
with a hundred nodes may take twenty seconds, and then nobody should wait much longer]."""


class Joining:
    """The way to the bootstrap and back."""

    def __init__(
        self,
        settings: Settings,
        itself: Itself,
        connections: Connections,
        own: Callable[[], Record],
        found: Callable[[tuple[str, ...]], None],
    ) -> None:
        self._settings = settings
        self._itself = itself
        self._connections = connections
        self._own = own
        self._found = found
        self._bootstrap: str | None = None
        self._ask = threading.Event()

    def ask_again(self) -> None:
        """Look into the bootstrap's list once more."""
        self._ask.set()

    def run(self) -> None:
        """Try until it works; afterwards once whenever asked."""
        if self._settings.bootstrap == NO_BOOTSTRAP:
            return
        pauses = _repeat_last(_PAUSES)
        told = False
        while not self._join():
            if not told:
                told = True
                print("No bootstrap answers yet; running alone and trying again quietly")
            self._ask.wait(next(pauses))
            self._ask.clear()
        while True:
            self._ask.wait()
            self._ask.clear()
            self._join(limit=ALL)

    def _join(self, limit: int = SAMPLE) -> bool:
        """Register and fetch the list. False where no bootstrap answered."""
        for url in self._candidates():
            try:
                urls = self._meet(url, limit)
            except (NoAnswerError, NotPeersError):
                continue  # not there, or not a bootstrap: the next candidate may be
            if self._bootstrap != url:
                self._bootstrap = url
                print(f"Registered with the bootstrap at {one_line(url)}")
            self._found(tuple(urls))
            return True
        return False

    def _meet(self, url: str, limit: int) -> list[str]:
        own = self._own()
        # Other people's bootstraps know one of these words each; ours takes any.
        body = dict.fromkeys(("peer", "address", "peer_url", "url"), own.url)
        body |= {"id": own.id, "node_id": own.id, "name": own.name}
        registered = self._connections.request("POST", url, "/register", json.dumps(body).encode())
        if not 200 <= registered.status < 300:
            raise NoAnswerError(f"it answers {registered.status}")
        if registered.headers.get("P2P-Node") == own.id:
            raise NoAnswerError("it is this very node, seen from outside")
        listed = self._connections.request("GET", url, f"/peers?limit={limit}")
        self._connections.part(url)  # for good, as a rule
        return [peer for peer in peers_answer(listed.body) if peer != url]

    def _candidates(self) -> list[str]:
        if self._settings.bootstrap is not None:
            return [self._settings.bootstrap]
        found = []
        if _resolves("bootstrap"):
            found.append("http://bootstrap:5000")
        gateway = default_gateway()
        if gateway is not None:
            found.append(f"http://{gateway}:5000")
        return [url for url in found if not self._itself.is_at(url)]


def _resolves(name: str) -> bool:
    try:
        off_loop(socket.getaddrinfo, ascii_host(name), None, 0, socket.SOCK_STREAM)
    except OSError:
        return False
    return True


def _repeat_last(values: tuple[float, ...]) -> Iterator[float]:
    yield from values
    while True:
        yield values[-1]
