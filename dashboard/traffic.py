"""Random traffic: so many messages a second between nodes that chance picks, for a while.

A network in which nothing is said shows nothing. So the person at the page may let it talk: one
run at a time, 1 to 200 messages a second, between living nodes of ours, and it always ends. By
itself when its time is over, when somebody stops it, and with the page that asked for it: a page
names its connection to the live stream, and when that is gone, so is the traffic.

A run never falls behind and never piles up. Messages become due by the clock; those for which no
worker is free in their moment are skipped and counted, and not made up for later: a node that
answers slowly makes the traffic thinner, and neither this program larger nor the network busier
than was asked for. What a node refuses, or does not answer, is counted too, and the last reason
kept.
"""

import queue
import random
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple, Protocol
from uuid import uuid4

from contract.errors import ApiError, malformed, out_of_range
from contract.http import required
from contract.limits import MAX_ID, MAX_SENDER
from contract.text import checked
from dashboard.acts import LIVING
from dashboard.control import Control
from dashboard.observer import Observer
from dashboard.records import Record

MOST_RATE: Final = 200
"""Messages a second at most: four hundred a second take fifty nodes both cores [measured,
README]."""
SECONDS: Final = 60
"""For how long, where nobody says."""
MOST_SECONDS: Final = 600
MESSAGES: Final = "messages"
BROADCASTS: Final = "broadcasts"
KINDS: Final = (MESSAGES, BROADCASTS)
ONE_IN: Final = 10
"""Where both kinds are asked for, one in ten is a broadcast: it is a message for every node."""
AT_ONCE: Final = 16
"""Nodes that are asked at the same time [acts: the same]."""
_LOOK_EVERY: Final = 1.0
"""Seconds after which it is looked again who lives, and the browsers are told."""


class Stream(Protocol):
    """What is needed of the live stream to browsers."""

    def has(self, browser: str) -> bool:
        """Whether a page with this connection is there."""

    def tell(self, event: str, what: Any) -> None:
        """Tell all pages something."""


class Wish(NamedTuple):
    """What was asked for."""

    rate: int
    kinds: tuple[str, ...]
    seconds: float
    by: str
    browser: str | None


class Run:
    """A run, and what has become of it."""

    def __init__(self, wish: Wish, now: float, wall: float) -> None:
        self.id = str(uuid4())
        self.wish = wish
        self.begun = now
        self.ends = now + wish.seconds
        self.since = wall
        self.sent = self.failed = self.skipped = 0
        self.error: str | None = None
        """Why the last one that failed did."""
        self.over: str | None = None
        """`time`, `stopped`, `closed` (the page was), or None while it runs."""
        self.told = threading.Event()
        """Set when it is to end."""
        self._lock = threading.Lock()

    def count(self, *, failed: str | None = None) -> None:
        """One more was sent, or failed for a reason."""
        with self._lock:
            if failed is None:
                self.sent += 1
            else:
                self.failed += 1
                self.error = failed

    def view(self, now: float) -> dict[str, Any]:
        """For readers."""
        return {
            "id": self.id,
            "rate": self.wish.rate,
            "kinds": list(self.wish.kinds),
            "for_seconds": self.wish.seconds,
            "left_seconds": 0.0 if self.over else round(max(0.0, self.ends - now), 1),
            "since": round(self.since * 1000),
            "by": self.wish.by,
            "sent": self.sent,
            "failed": self.failed,
            "skipped": self.skipped,
            "error": self.error,
            "over": self.over,
        }


class Traffic:
    """The random traffic of this dashboard. Safe to use from any thread."""

    def __init__(
        self,
        observer: Observer,
        control: Control,
        stream: Stream,
        clock: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self._observer = observer
        self._control = control
        self._stream = stream
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._lock = threading.Lock()
        self._run: Run | None = None
        """The one that runs, or the last one."""

    def start(self, body: Mapping[str, Any], asker: str) -> dict[str, Any]:
        """Begin; the run's view. Raises ApiError: 409 while one runs, or where nobody is there."""
        wish = _wish(body, asker)
        send = {MESSAGES: self._message, BROADCASTS: self._broadcast}
        _ = self._control.send, self._control.broadcast  # of a replay: refused here, and at once
        if wish.browser is not None and not self._stream.has(wish.browser):
            raise out_of_range("'browser' is no page that is connected", "browser")
        needed = 2 if MESSAGES in wish.kinds else 1
        if len(self._nodes()) < needed:
            raise ApiError(409, f"traffic needs {needed} living node{'s'[: needed - 1]} of ours")
        with self._lock:
            if self._run is not None and self._run.over is None:
                raise ApiError(409, "traffic is running already; stop that first")
            run = self._run = Run(wish, self._clock(), time.time())
        threading.Thread(target=self._drive, args=(run, send), name="traffic", daemon=True).start()
        if wish.browser is not None and not self._stream.has(wish.browser):
            self.closed(wish.browser)  # it went in this very moment
        return run.view(self._clock())

    def view(self) -> dict[str, Any] | None:
        """The run that runs, or the last one."""
        with self._lock:
            return None if self._run is None else self._run.view(self._clock())

    def stop(self) -> dict[str, Any]:
        """End it; what it has done. 404 where none runs."""
        with self._lock:
            run = self._run
            if run is None or run.over is not None:
                raise ApiError(404, "no traffic is running")
        self._end(run, "stopped")
        return run.view(self._clock())

    def closed(self, browser: str) -> None:
        """A page is gone: what it asked for ends."""
        with self._lock:
            run = self._run
        if run is not None and run.wish.browser == browser:
            self._end(run, "closed")

    # --- at work -----------------------------------------------------------------------------

    def _end(self, run: Run, why: str) -> None:
        with self._lock:
            if run.over is not None:
                return
            run.over = why
        run.told.set()
        self._tell(run)

    def _tell(self, run: Run) -> None:
        self._stream.tell("traffic", {"traffic": run.view(self._clock())})

    def _drive(self, run: Run, send: Mapping[str, Callable[[list[Record], int], Any]]) -> None:
        """Hand out what is due until the run is over."""
        workers = min(AT_ONCE, run.wish.rate)
        work: queue.Queue[tuple[str, list[Record], int] | None] = queue.Queue(workers)
        for _ in range(workers):
            threading.Thread(target=_worker, args=(run, send, work), daemon=True).start()
        due = 0
        looked = float("-inf")
        nodes: list[Record] = []
        while not run.told.is_set():
            now = self._clock()
            if now >= run.ends:
                self._end(run, "time")
                break
            if now - looked >= _LOOK_EVERY:
                looked = now
                nodes = self._nodes()
                self._tell(run)
            # The first at once, the others one by one.
            until_now = 1 + int((now - run.begun) * run.wish.rate)
            for number in range(due + 1, until_now + 1):
                try:
                    work.put_nowait((self._kind(run.wish.kinds), nodes, number))
                except queue.Full:
                    run.skipped += 1
            due = until_now
            run.told.wait(min(run.ends, run.begun + due / run.wish.rate) - self._clock())
        _dismiss(work, workers)

    def _kind(self, kinds: Collection[str]) -> str:
        if MESSAGES not in kinds:
            return BROADCASTS
        if BROADCASTS not in kinds:
            return MESSAGES
        return MESSAGES if self._chance.randrange(ONE_IN) else BROADCASTS

    def _nodes(self) -> list[Record]:
        return [
            node for node in self._observer.shown() if node.kind != "plain" and node.state in LIVING
        ]

    def _message(self, nodes: list[Record], number: int) -> None:
        if len(nodes) < 2:
            raise ApiError(409, "fewer than two nodes are alive")
        sender, receiver = self._chance.sample(nodes, 2)
        self._control.send(sender.id, receiver.id, f"traffic {number}")

    def _broadcast(self, nodes: list[Record], number: int) -> None:
        if not nodes:
            raise ApiError(409, "no node is alive")
        self._control.broadcast(self._chance.choice(nodes).id, f"traffic {number}, to all")


def _worker(
    run: Run,
    send: Mapping[str, Callable[[list[Record], int], Any]],
    work: "queue.Queue[tuple[str, list[Record], int] | None]",
) -> None:
    """Send what is handed out, one at a time, and count what became of it."""
    while (job := work.get()) is not None:
        kind, nodes, number = job
        if run.told.is_set():
            continue  # it was stopped with this one still to go
        try:
            send[kind](nodes, number)
        except ApiError as error:
            run.count(failed=error.message)
        except Exception as error:  # noqa: BLE001 - our own mistake shall not end a worker unseen
            traceback.print_exc()
            run.count(failed=type(error).__name__)
        else:
            run.count()


def _dismiss(work: "queue.Queue[Any]", workers: int) -> None:
    """Send the workers home, without waiting for one that a node keeps."""
    for _ in range(workers):
        while True:
            try:
                work.put_nowait(None)
                break
            except queue.Full:
                try:
                    work.get_nowait()  # what was to be sent is not any more
                except queue.Empty:
                    continue


def _wish(body: Mapping[str, Any], asker: str) -> Wish:
    """What a body asks for. Raises ApiError."""
    unknown = body.keys() - {"rate", "kinds", "for_seconds", "by", "browser"}
    if unknown:
        field = min(unknown)[:MAX_ID]
        raise out_of_range(f"there is no field '{field}' here", field)
    rate = required(body, "rate")
    if not isinstance(rate, int) or isinstance(rate, bool):
        raise malformed("'rate' must be a whole number", "rate")
    if not 1 <= rate <= MOST_RATE:
        raise out_of_range(f"'rate' must be from 1 to {MOST_RATE} messages a second", "rate")
    seconds = body.get("for_seconds", SECONDS)
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise malformed("'for_seconds' must be a number", "for_seconds")
    if not 1 <= seconds <= MOST_SECONDS:
        raise out_of_range(f"'for_seconds' must be from 1 to {MOST_SECONDS}", "for_seconds")
    kinds = body.get("kinds", [MESSAGES])
    if not isinstance(kinds, list) or not kinds or len(kinds) > len(KINDS):
        raise malformed(f"'kinds' must be a list of {' and '.join(map(repr, KINDS))}", "kinds")
    if any(kind not in KINDS for kind in kinds if isinstance(kind, str)):
        raise out_of_range(f"'kinds' may be {' and '.join(map(repr, KINDS))}", "kinds")
    if not all(isinstance(kind, str) for kind in kinds):
        raise malformed("'kinds' must be words", "kinds")
    by = asker if body.get("by") is None else checked(body["by"], "by", MAX_SENDER)
    browser = None
    if body.get("browser") is not None:
        browser = checked(body["browser"], "browser", MAX_ID)
    return Wish(rate, tuple(kind for kind in KINDS if kind in kinds), float(seconds), by, browser)
