"""The live stream to browsers: a snapshot each, then deltas that all of them share.

Socket.IO, namespace `/live`. A change is told at once after a quiet moment, what follows it 10,
20 and 40 ms later, and where changes keep coming twenty times a second at most, everything that
happened meanwhile in one delta (`contract.pace`). It is encoded once, however many browsers
there are. Where telling costs much, it is done less often (`load`), and where there was more to
tell than a delta holds, all get a snapshot once it is calm.

A browser that does not keep up must not fill our memory. While too much waits for it, it
gets no deltas at all, and when it has caught up, a snapshot, as if it had missed something
and asked for one (`resync`).

A browser may ask for snapshots as often as it likes: it gets one a second.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from contract import server
from contract.hosts import host_allowed
from contract.http import refused_as_foreign
from contract.lean import kept_away
from contract.pace import Pace
from dashboard.load import PACE
from dashboard.observer import Observer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

NAMESPACE: Final = "/live"
FIRST: Final = 0.01
"""Seconds between the first two deltas after a quiet moment: a message that has left arrives so
soon."""
MOST_BROWSERS: Final = 64
"""Browsers at the same time: a class, and a few more [guess]."""
MOST_WAITING: Final = 20
"""Packets that may wait for one browser: a second at full pace [guess]."""
SNAPSHOT_EVERY: Final = 1.0
"""Seconds between two snapshots for one browser [guess]."""


class Live:
    """Tells browsers what the observer knows."""

    def __init__(
        self, app: "Flask", observer: Observer, hosts: Iterable[str], page: str | None = None
    ) -> None:
        """`page` is a word for the files of the page: who has others is told to load it again."""
        # asyncio is for another server, requests and websocket are for clients.
        with kept_away(hollow=["asyncio"], absent=["requests", "websocket"]):
            from flask_socketio import SocketIO

        self._observer = observer
        self._page = page
        self._hosts = frozenset(hosts)
        self._lock = threading.Lock()
        self._browsers: dict[str, float] = {}  # when each got its last snapshot
        self._wanting: set[str] = set()
        self.gone: list[Callable[[str], None]] = []
        """Called with the id of each browser's connection that has ended."""
        self.deltas = self.snapshots = 0
        """What was sent to browsers; a delta for all of them counts once."""
        self._socketio = SocketIO(
            app,
            async_mode=server.kind(),
            transports=["websocket"],
            max_http_buffer_size=4_096,  # a browser only ever says `resync`
            manage_session=False,
        )
        self._socketio.on_event("connect", self._connect, namespace=NAMESPACE)
        self._socketio.on_event("disconnect", self._disconnect, namespace=NAMESPACE)
        self._socketio.on_event("resync", self._resync, namespace=NAMESPACE)
        app.wsgi_app = self._guarded(app.wsgi_app)  # type: ignore[method-assign,assignment] # Flask's way

    def start(self) -> None:
        """Begin to tell."""
        threading.Thread(target=self._run, name="live", daemon=True).start()

    @property
    def browsers(self) -> int:
        """How many are connected."""
        return len(self._browsers)

    def has(self, browser: str) -> bool:
        """Whether a browser with this id of its connection is there."""
        return browser in self._browsers

    def tell(self, event: str, what: Any) -> None:
        """Tell all browsers something that is no part of the picture."""
        with self._lock:
            browsers = list(self._browsers)
        self._send(event, what, browsers)

    def _guarded(self, wsgi: "WSGIApplication") -> "WSGIApplication":
        """Keep other people's pages away from the stream: see `contract.http`.

        Browsers ask nobody before they open a WebSocket to somewhere else, so the `Origin`
        counts even though nothing is changed.
        """

        def guard(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            if environ.get("PATH_INFO", "").startswith("/socket.io/"):
                host = environ.get("HTTP_HOST", "")
                origin = environ.get("HTTP_ORIGIN")
                if not host_allowed(host, self._hosts) or refused_as_foreign(origin, host):
                    start("403 Forbidden", [("Content-Type", "application/json")])
                    return [b'{"error": "the live stream is for this program\'s own page"}\n']
            return wsgi(environ, start)

        return guard

    # --- browsers ----------------------------------------------------------------------------

    def _connect(self, _auth: Any = None) -> bool:
        with self._lock:
            if len(self._browsers) >= MOST_BROWSERS:
                return False
            self._browsers[_sid()] = float("-inf")
            self._wanting.add(_sid())
        self._observer.news.set()
        return True

    def _disconnect(self, *_: Any) -> None:
        # A client can also *emit* this, and gets no more then.
        with self._lock:
            self._browsers.pop(_sid(), None)
            self._wanting.discard(_sid())
        for forget in self.gone:
            forget(_sid())

    def _resync(self, *_: Any) -> None:
        with self._lock:
            if _sid() in self._browsers:
                self._wanting.add(_sid())
        self._observer.news.set()

    # --- what they get -------------------------------------------------------------------------

    def _run(self) -> None:
        load = self._observer.load
        quick = Pace(FIRST, PACE)
        while True:
            self._observer.news.wait()
            self._observer.news.clear()
            began = time.monotonic()
            self._tell()
            told = time.monotonic()
            calm, pause = load.told(told - began), quick.pause(told)
            if calm > PACE:
                pause = calm  # telling costs much
            time.sleep(pause)  # the pace of deltas, not a wait for something
            load.slept(time.monotonic() - told - pause)

    def _tell(self) -> None:
        """One delta for all, then snapshots for those who want one: the numbers go on there."""
        with self._lock:
            browsers = list(self._browsers)
        if not browsers:
            self._observer.tell_nobody()
            return
        if self._observer.calm.is_set():  # not all was told lately, so tell how it is
            self._observer.calm.clear()
            with self._lock:
                self._wanting.update(self._browsers)
        turn, others = self._whose_turn(browsers)
        delta, snapshot = self._observer.tell(snapshot=bool(turn))
        if delta is not None:
            self.deltas += 1
            apart = {*turn, *others}
            self._send("delta", delta, [sid for sid in browsers if sid not in apart])
        if turn:
            self.snapshots += len(turn)
            told = (
                snapshot
                if self._page is None or snapshot is None
                else {**snapshot, "page": self._page}
            )
            self._send("snapshot", told, turn)

    def _send(self, name: str, said: Any, browsers: Iterable[str]) -> None:
        """Hand a packet to the connections of some browsers, encoded once for all of them.

        Below `emit`, which looks through all that is said for bytes, and encodes it with Python's
        own library: both together took four times as long as this [measured].
        """
        from engineio.packet import MESSAGE, Packet

        sockets = self._socketio.server
        packet = Packet(MESSAGE, encoded(name, said))
        for sid in browsers:
            engine_sid = sockets.manager.eio_sid_from_sid(sid, NAMESPACE)
            if engine_sid is not None:
                sockets.eio.send_packet(engine_sid, packet)

    def _whose_turn(self, browsers: list[str]) -> tuple[list[str], list[str]]:
        """Who gets a snapshot now, and who has to wait for one."""
        now = time.monotonic()
        waiting = {sid: self._waiting_for(sid) for sid in browsers}
        with self._lock:
            self._wanting.update(sid for sid in browsers if waiting[sid] > MOST_WAITING)
            self._wanting &= self._browsers.keys()
            turn = [
                sid
                for sid in self._wanting
                if waiting.get(sid, 0) <= MOST_WAITING
                and now - self._browsers[sid] >= SNAPSHOT_EVERY
            ]
            self._wanting.difference_update(turn)
            self._browsers.update(dict.fromkeys(turn, now))
            if self._wanting:
                self._observer.news.set()  # come again soon
            return turn, list(self._wanting)

    def _waiting_for(self, sid: str) -> int:
        """Packets on their way to a browser. The library knows, though it has no word for it."""
        sockets = self._socketio.server
        engine_sid = sockets.manager.eio_sid_from_sid(sid, NAMESPACE)
        socket = sockets.eio.sockets.get(engine_sid)
        return 0 if socket is None else int(socket.queue.qsize())


def encoded(name: str, said: Any) -> str:
    """An EVENT packet of our namespace (Socket.IO protocol 5, "Packet encoding")."""
    return f'2{NAMESPACE},["{name}",{msgspec.json.encode(said).decode()}]'


def _sid() -> str:
    from flask import request

    return str(request.sid)  # type: ignore[attr-defined] # Flask-SocketIO puts it there
