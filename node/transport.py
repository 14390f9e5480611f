"""Frames to peers: at most one request in flight to each, and what queues up goes along.

A busy peer thus gets fewer and larger batches instead of more requests. A few workers
serve all lanes; while nothing is to be sent they wait and cost nothing. Where the way to a peer
is long, broadcasts leave in requests of their own meanwhile (`node.overlay.window`).

Each lane has three queues. What holds the network together goes first: were links and
members to wait behind a flood of messages, a busy node would look dead. It has half of a
batch to itself. Of the routed messages, and then of the broadcasts, a batch takes what surely
fits into the other half, and the rest goes with the next. All queues are bounded. Where one
is full the oldest frame goes; a dropped broadcast frame is reported, and the overlay makes
good for it (`Overflowed`); rumours and notes come again by themselves, and a routed message's
origin waits for its acknowledgement.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from http import HTTPStatus
from queue import SimpleQueue

from contract.errors import ApiError
from contract.limits import MAX_BATCH, MAX_FRAMES
from node.connections import Connections, NoAnswerError, Reply
from node.overlay import window
from node.overlay.frames import (
    Batch,
    BroadcastFrame,
    Frame,
    Graft,
    Prune,
    Push,
    Record,
    UnicastFrame,
    encode,
    parse,
    room,
)
from node.overlay.inputs import Answered, Input, NotOurs, Overflowed, Silent
from node.overlay.window import Windows
from node.seal import Seal

WORKERS = 8
"""Peers that are spoken to at the same time [guess: links and a newcomer or two]."""

BATCH_ROOM = MAX_BATCH // 2
"""Bytes of messages in one batch; the other half is for everything else [guess]."""

PASSING = 2 * BATCH_ROOM
"""Bytes of routed messages that wait for one peer: sixteen of the longest, or a thousand
short ones. Most are other people's [guess]."""

_NO_OVERLAY = frozenset({404, 405, 501})
"""What a server answers to `POST /overlay` that has never heard of it."""

Lane = tuple[str, str | None]
"""The address, and the id that is meant there where it is known."""


class Queues:
    """What waits for one peer."""

    __slots__ = ("_first", "_passing", "_routed", "_then")

    def __init__(self) -> None:
        self._first: deque[Frame] = deque()
        self._routed: deque[Frame] = deque()
        self._then: deque[Frame] = deque()
        self._passing = 0

    def __bool__(self) -> bool:
        return bool(self._first or self._routed or self._then)

    def put(self, frame: Frame) -> bool:
        """Queue a frame. False where a broadcast had to go for it."""
        if isinstance(frame, UnicastFrame):
            self._route(frame)
            return True
        broadcast = isinstance(frame, BroadcastFrame)
        queue = self._then if broadcast else self._first
        full = len(queue) >= MAX_FRAMES
        if full:
            queue.popleft()
        queue.append(frame)
        return not (full and broadcast)

    def _route(self, frame: Frame) -> None:
        self._routed.append(frame)
        self._passing += room(frame)
        while self._passing > PASSING or len(self._routed) > MAX_FRAMES:
            self._passing -= room(self._routed.popleft())

    def take(self) -> tuple[Frame, ...]:
        """The next batch."""
        frames: list[Frame] = []
        left = BATCH_ROOM
        while self._first and room(self._first[0]) <= left:
            left -= room(self._first[0])
            frames.append(self._first.popleft())
        left = BATCH_ROOM
        while self._routed and len(frames) < MAX_FRAMES and room(self._routed[0]) <= left:
            left -= room(self._routed[0])
            self._passing -= room(self._routed[0])
            frames.append(self._routed.popleft())
        return (*frames, *self._broadcasts(left, MAX_FRAMES - len(frames)))

    def broadcasts(self) -> tuple[Frame, ...]:
        """A batch of broadcasts alone, beside the one that is under way."""
        return tuple(self._broadcasts(BATCH_ROOM, MAX_FRAMES))

    def _broadcasts(self, left: int, most: int) -> Iterator[Frame]:
        while self._then and most > 0 and room(self._then[0]) <= left:
            left -= room(self._then[0])
            most -= 1
            yield self._then.popleft()


class Transport:
    """Sends frames and turns what comes of it into inputs."""

    def __init__(
        self,
        connections: Connections,
        own: Callable[[], Record],
        happened: Callable[[Input], None],
        seal: Seal,
    ) -> None:
        self._connections = connections
        self._seal = seal
        self._own = own
        self._happened = happened
        self._lanes: dict[Lane, Queues] = {}
        self._ready: SimpleQueue[Lane | None] = SimpleQueue()
        self._flying: set[Lane] = set()
        self._windows = Windows()
        self._aside: Counter[Lane] = Counter()  # requests beside the one that is flying
        self._lock = threading.Lock()
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to send."""
        for number in range(WORKERS):
            worker = threading.Thread(target=self._work, name=f"overlay-{number}", daemon=True)
            worker.start()
            self._workers.append(worker)

    def stop(self, within: float) -> None:
        """Send what is queued, as far as that goes within some seconds, and end."""
        for _ in self._workers:
            self._ready.put(None)
        for worker in self._workers:
            worker.join(within / len(self._workers))

    @property
    def under_way(self) -> int:
        """Batches whose answer is awaited."""
        with self._lock:
            return len(self._flying) + self._aside.total()

    def send(self, url: str, to: str | None, frame: Frame) -> None:
        """Queue a frame; it leaves with the next batch to that peer."""
        lane = (url, to)
        fits = True
        with self._lock:
            queues = self._lanes.get(lane)
            if queues is None:
                queues = self._lanes[lane] = Queues()
                self._ready.put(lane)
            # else it is on its way, or waits for a worker
            fits = queues.put(frame)
            hurries = isinstance(frame, Push | Graft | Prune)
            aside = hurries and self._may_go_aside(lane)
            if aside:
                self._aside[lane] += 1
        if aside:
            threading.Thread(target=self._push_aside, args=(lane,), daemon=True).start()
        if not fits and to is not None:
            self._happened(Overflowed(to))

    def _work(self) -> None:
        while (lane := self._ready.get()) is not None:
            with self._lock:
                queues = self._lanes[lane]
                frames = queues.take()
                self._flying.add(lane)
            happened = self._exchange(lane, frames)
            with self._lock:
                self._flying.discard(lane)
            self._happened(happened)
            with self._lock:
                if queues:
                    self._ready.put(lane)
                else:
                    del self._lanes[lane]

    def _may_go_aside(self, lane: Lane) -> bool:
        """Whether one more request to a peer may be under way; the lock is held."""
        room = 1 + self._aside[lane] < self._windows.of(lane[0])
        return lane in self._flying and room and self._aside.total() < window.ASIDE

    def _push_aside(self, lane: Lane) -> None:
        """Send broadcasts that need not wait for the answer that is awaited, until none do."""
        while frames := self._take_aside(lane):
            happened = self._exchange(lane, frames)
            if not isinstance(happened, Answered) and lane[1] is not None:
                happened = Overflowed(lane[1])  # its loss is no sign of anything else
            self._happened(happened)

    def _take_aside(self, lane: Lane) -> tuple[Frame, ...]:
        with self._lock:
            queues = self._lanes.get(lane)
            frames = queues.broadcasts() if queues is not None and lane in self._flying else ()
            if not frames:
                self._aside[lane] -= 1
                self._aside += Counter()  # without those that are nought
        return frames

    def _exchange(self, lane: Lane, frames: tuple[Frame, ...]) -> Input:
        began = time.monotonic()
        happened = self._ask(lane, frames)
        with self._lock:
            if isinstance(happened, Answered):
                self._windows.answered(lane[0], time.monotonic() - began)
            else:
                self._windows.silent(lane[0])
        return happened

    def _ask(self, lane: Lane, frames: tuple[Frame, ...]) -> Input:
        url, to = lane
        body = encode(Batch(self._own(), frames, to))
        try:
            reply = self._connections.request(
                "POST", url, "/overlay", body, self._seal.headers(body)
            )
            if reply.status == HTTPStatus.OK:
                self._seal.check(reply.headers.get, reply.body)
        except ApiError:
            return Silent(url, to, "its answer is not sealed with our secret")
        except NoAnswerError as error:
            return Silent(url, to, str(error), error.refused)
        return understand(url, to, reply)


def understand(url: str, to: str | None, reply: Reply) -> Input:
    """What an answer to a batch means."""
    if reply.status == 200:
        try:
            return Answered(url, parse(reply.body))
        except ApiError as error:
            return Silent(url, to, f"answers nonsense: {error.message[:80]}")
    if reply.status in _NO_OVERLAY:
        if "P2P-Bootstrap" in reply.headers or "P2P-Dashboard" in reply.headers:
            return Silent(url, None, "a bootstrap or a dashboard, not a node")
        return NotOurs(url)
    return Silent(url, to, f"answers {reply.status}")
