"""Events as they happen, over Socket.IO (namespace `/events`, msgpack packets).

A subscriber says where it wants to go on (`after`, `epoch`); where that is possible it
gets what it missed, else a snapshot of everything and then what follows, of all types or of
those that it names (`node.interest`). Events leave at
once after a quiet moment. What follows a first event belongs to it, as a rule: a message is
sent, handed on, delivered within some milliseconds, and who watches waits for the last of
these. So the next batch leaves 10 ms later, then 20 and 40, and where events keep coming, ten
leave a second, twenty while they are few.

A slow subscriber never slows the node: it must acknowledge batches, and who has not
acknowledged the last few gets no more. Its cursor waits, and what has left the ring by
then is lost to it and told as a `gap`.

The library is loaded with the first subscriber: 40 ms and 6 MiB that a node nobody
watches does not pay.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from contract import server
from contract.errors import ApiError
from contract.events import NAMESPACE, Event, cloud_event, gap
from contract.lean import kept_away
from contract.limits import MAX_SUBSCRIBERS
from contract.pace import Pace
from node.peer import Peer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BATCH_EVERY = 0.1
"""Seconds between two batches to one subscriber, while many come together [design brief]."""
BATCH_FIRST = 0.01
"""Seconds between the first two batches after a quiet moment; the pause doubles up to the longest
[what a hop takes on a busy machine]."""
BATCH_SOON = 0.05
FEW = 4
"""Seconds after a batch of at most so many events: then it is news that counts, and not how many
packets there are. With a dashboard's pace of another 0.05, an event of a network that emits 1,000 a
second is told within 0.095 s, 99 times in 100, instead of 0.14 [worked out]."""
BATCH_MOST = 500
"""Events in one batch; more go with the next [guess: about 200 KiB]."""
UNACKNOWLEDGED_MOST = 8
"""Batches on the way to one subscriber before it must catch up [guess]."""

_NOT_SERVING = (
    *("asyncio", "gzip", "bidict._orderedbase", "bidict._orderedbidict"),
    *("engineio.client", "engineio.async_client", "engineio.async_server"),
    *("engineio.async_drivers.asgi", "engineio.async_drivers.tornado"),
    *("socketio.client", "socketio.simple_client"),
    *("socketio.pubsub_manager", "socketio.kombu_manager", "socketio.redis_manager"),
    *("socketio.kafka_manager", "socketio.zmq_manager"),
    *("socketio.async_client", "socketio.async_simple_client", "socketio.async_server"),
    *("socketio.async_manager", "socketio.async_namespace", "socketio.async_redis_manager"),
    *("socketio.async_aiopika_manager", "socketio.asgi", "socketio.tornado"),
)
"""What the library holds besides the server that we use: clients, servers for asyncio, ways to
spread one server over several processes, compression for those who poll, maps in an order."""


def load() -> Any:
    """The library: imported late, and without what a server does not need."""
    with kept_away(hollow=_NOT_SERVING, absent=["requests", "websocket"]):
        import socketio
    return socketio


class _Subscriber(msgspec.Struct):
    """Where somebody is in the log."""

    sid: str
    cursor: int
    wanted: frozenset[str] | None
    """The types that it wants, without their prefix; None: all."""
    unacknowledged: int = 0
    lock: threading.Lock = msgspec.field(default_factory=threading.Lock)

    def wants(self, event: Event) -> bool:
        """Whether the event is one that it asked for."""
        return self.wanted is None or event.type in self.wanted

    def acknowledged(self) -> None:
        """One batch arrived."""
        with self.lock:
            self.unacknowledged = max(0, self.unacknowledged - 1)


def _wanted(types: Any) -> frozenset[str] | None:
    """The types that are meant. Raises ApiError."""
    if types is None:
        return None  # nearly always
    from node import interest  # late: a dashboard wants them all

    return interest.wanted(interest.read(types))


class Subscriptions:
    """Streams a node's event log to whoever subscribes."""

    def __init__(self, peer: Peer, host_allowed: Callable[[str], bool]) -> None:
        self._peer = peer
        self._host_allowed = host_allowed
        self._subscribers: dict[str, _Subscriber] = {}
        self._connected: set[str] = set()
        self._news = threading.Event()
        self._lock = threading.Lock()
        self._server: Any = None
        self._wsgi: WSGIApplication | None = None

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer what comes to `/socket.io/`."""
        if not self._host_allowed(environ.get("HTTP_HOST", "")):
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"this host is not one of this program's names\n"]
        return self._socket_io()(environ, start)

    def _socket_io(self) -> "WSGIApplication":
        with self._lock:
            if self._wsgi is None:
                self._wsgi = self._load()
        return self._wsgi

    def _load(self) -> "WSGIApplication":
        socketio = load()
        self._server = socketio.Server(
            async_mode=server.kind(),
            serializer="msgpack",
            transports=["websocket"],
            namespaces=[NAMESPACE],
            max_http_buffer_size=65_536,
        )
        self._server.on("connect", self._connect, namespace=NAMESPACE)
        self._server.on("disconnect", self._disconnect, namespace=NAMESPACE)
        self._server.on("subscribe", self._subscribe, namespace=NAMESPACE)
        threading.Thread(target=self._pump, name="events", daemon=True).start()
        wsgi: WSGIApplication = socketio.WSGIApp(self._server)
        return wsgi

    # --- what subscribers do -------------------------------------------------------------

    def _connect(self, sid: str, _environ: Any, _auth: Any = None) -> bool:
        if len(self._connected) >= MAX_SUBSCRIBERS:
            return False
        self._connected.add(sid)
        return True

    def _disconnect(self, sid: str, _reason: Any = None) -> None:
        self._connected.discard(sid)
        self._subscribers.pop(sid, None)
        if not self._subscribers:
            self._peer.events.listen(self, None)

    def _subscribe(self, sid: str, wish: Any = None) -> dict[str, Any]:
        wish = wish if isinstance(wish, dict) else {}
        try:
            wanted = _wanted(wish.get("types"))
        except ApiError as error:
            return error.body()  # and all is as it was
        events = self._peer.events
        after, epoch = wish.get("after"), wish.get("epoch")
        if isinstance(after, int) and epoch == self._peer.own.epoch and 0 <= after <= events.seq:
            _, lost = events.after(after, 0)
            cursor = None if lost else after
        else:
            cursor = None
        if cursor is None:
            snapshot = self._peer.snapshot()
            cursor = snapshot["seq"]
            self._server.emit("snapshot", snapshot, to=sid, namespace=NAMESPACE)
        self._subscribers[sid] = _Subscriber(sid, cursor, wanted)
        events.listen(self, self._news.set)
        self._news.set()
        return {"at": self._peer.clock.wall()}

    # --- what they get ---------------------------------------------------------------------

    def _pump(self) -> None:
        fed = self._peer.events.seq
        pace = Pace(BATCH_FIRST, BATCH_EVERY)
        while True:
            self._news.wait()
            self._news.clear()
            seq = self._peer.events.seq
            more = [self._feed(subscriber) for subscriber in list(self._subscribers.values())]
            if any(more):
                self._news.set()
            few = seq - fed <= FEW and not any(more)
            fed = seq
            longest = BATCH_SOON if few else BATCH_EVERY
            time.sleep(min(longest, pace.pause(time.monotonic())))  # a pace, not a wait

    def _feed(self, subscriber: _Subscriber) -> bool:
        """Send one batch; True where there is more for this subscriber."""
        with subscriber.lock:
            if subscriber.unacknowledged >= UNACKNOWLEDGED_MOST:
                return True  # look again: its acknowledgement may come
            events, lost = self._peer.events.after(subscriber.cursor, BATCH_MOST)
            if not events:
                return False
            subscriber.cursor = events[-1].seq
            chosen = [event for event in events if subscriber.wants(event)]
            if not chosen and not lost:
                return subscriber.cursor < self._peer.events.seq
            subscriber.unacknowledged += 1
        own = self._peer.own
        dressed = [cloud_event(event, own.url, own.id, own.epoch) for event in chosen]
        if lost:
            now = self._peer.clock.wall()
            dressed.insert(0, gap(lost, events[0].seq - 1, own.url, own.id, own.epoch, now))
        self._server.emit(
            "events",
            {"at": self._peer.clock.wall(), "events": dressed},
            to=subscriber.sid,
            namespace=NAMESPACE,
            callback=lambda *_: subscriber.acknowledged(),
        )
        return subscriber.cursor < self._peer.events.seq
