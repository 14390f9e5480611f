"""Frames to peers: at most one request in flight to each, and what queues up goes along.

A busy peer thus gets fewer and larger batches instead of more requests. A few workers
serve all lanes; while nothing is to be sent they wait and cost nothing. A lane is bounded:
a peer for which too much piles up counts as silent, which is what it is.
"""

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from contract.errors import ApiError
from contract.limits import MAX_FRAMES
from node.connections import Connections, NoAnswerError, Reply
from node.overlay.frames import Batch, Frame, Record, encode, parse
from node.overlay.inputs import Answered, Input, NotOurs, Silent

WORKERS = 8
"""Peers that are spoken to at the same time [guess: links and a newcomer or two]."""

_NO_OVERLAY = frozenset({404, 405, 501})
"""What a server answers to `POST /overlay` that has never heard of it."""

Lane = tuple[str, str | None]
"""The address, and the id that is meant there where it is known."""


class Transport:
    """Sends frames and turns what comes of it into inputs."""

    def __init__(
        self,
        connections: Connections,
        own: Callable[[], Record],
        happened: Callable[[Input], None],
    ) -> None:
        self._connections = connections
        self._own = own
        self._happened = happened
        self._lanes: dict[Lane, deque[Frame]] = {}
        self._ready: SimpleQueue[Lane | None] = SimpleQueue()
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

    def send(self, url: str, to: str | None, frame: Frame) -> None:
        """Queue a frame; it leaves with the next batch to that peer."""
        lane = (url, to)
        with self._lock:
            queue = self._lanes.get(lane)
            if queue is not None:  # it is on its way or waits for a worker
                if len(queue) >= MAX_FRAMES:
                    queue.popleft()
                queue.append(frame)
                return
            self._lanes[lane] = deque((frame,))
        self._ready.put(lane)

    def _work(self) -> None:
        while (lane := self._ready.get()) is not None:
            with self._lock:
                queue = self._lanes[lane]
                frames = tuple(queue)
                queue.clear()
            self._happened(self._exchange(lane, frames))
            with self._lock:
                if queue:
                    self._ready.put(lane)
                else:
                    del self._lanes[lane]

    def _exchange(self, lane: Lane, frames: tuple[Frame, ...]) -> Input:
        url, to = lane
        try:
            reply = self._connections.request(
                "POST", url, "/overlay", encode(Batch(self._own(), frames, to))
            )
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
        if "P2P-Bootstrap" in reply.headers:
            return Silent(url, None, "a bootstrap, not a node")
        return NotOurs(url)
    return Silent(url, to, f"answers {reply.status}")
