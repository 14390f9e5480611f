"""The event log of a node: what happened, numbered without holes, the newest few thousand.

Emitting costs next to nothing while nobody listens: a number, a tuple, a place in a ring.
A subscriber holds a cursor, the number of the last event it got. One that is slower than
the ring is long loses the oldest events, and is told how many.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from contract.events import COUNTED, Event
from contract.limits import MAX_EVENTS


class EventLog:
    """A bounded ring of events. `seq` starts at 1 with every start of the node."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        keep: int = MAX_EVENTS,
        *,
        counts: Callable[[], dict[str, int]] = dict,
    ) -> None:
        self._clock = clock
        self._counts = counts
        self._ring: deque[Event] = deque(maxlen=keep)
        self._lock = threading.Lock()
        self.seq = 0
        self._totals: dict[tuple[str, str | None], int] = {}
        """How many there were since the start: by type, and by route where they name one."""
        self._listeners: dict[object, Callable[[], None]] = {}
        self._called: tuple[Callable[[], None], ...] = ()

    def listen(self, who: object, heard: Callable[[], None] | None) -> None:
        """Have something called after each event, which must not block; None: no more."""
        with self._lock:
            if heard is None:
                self._listeners.pop(who, None)
            else:
                self._listeners[who] = heard
            self._called = tuple(self._listeners.values())

    def emit(self, type_: str, data: dict[str, Any]) -> None:
        """Write an event down, with how many messages there are where it changed that."""
        with self._lock:  # numbers and places must agree, and later events have later counts
            self.seq += 1
            kind = (type_, data.get("route"))
            self._totals[kind] = self._totals.get(kind, 0) + 1
            if type_ in COUNTED:
                data = {**data, "counts": self._counts()}
            self._ring.append(Event(self.seq, type_, self._clock(), data))
        for heard in self._called:  # nobody, nearly always
            heard()

    def counted(self) -> tuple[dict[tuple[str, str | None], int], int]:
        """The totals, and how many events have left the ring."""
        with self._lock:
            return dict(self._totals), self.seq - len(self._ring)

    def after(self, seq: int, limit: int) -> tuple[list[Event], int]:
        """At most `limit` events after a number, and how many before them are lost."""
        with self._lock:
            missing = self.seq - seq
            if missing <= 0:
                return [], 0
            lost = max(0, missing - len(self._ring))
            start = len(self._ring) - missing + lost
            # A deque is slow in its middle, so walk from the end that is nearer.
            newest = [
                self._ring[index] for index in range(start, min(start + limit, len(self._ring)))
            ]
        return newest, lost
