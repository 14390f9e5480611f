"""Timers by name, and one thread that waits for the next of them.

A thread that wakes up only when something is due: a hundred idle nodes share two cores, so
nobody looks at a clock in vain.
"""

import heapq
import threading
from collections.abc import Callable

from node.clock import Clock


class Timers:
    """Calls back with a timer's name when it runs out. Setting a name again replaces it."""

    def __init__(self, ran_out: Callable[[str], None], clock: Clock) -> None:
        self._ran_out = ran_out
        self._clock = clock
        self._heap: list[tuple[float, int, str]] = []
        self._current: dict[str, int] = {}
        self._count = 0
        self._changed = threading.Condition()
        self._stopped = False

    def set(self, key: str, after: float) -> None:
        """Call back with `key` in so many seconds."""
        with self._changed:
            self._count += 1
            self._current[key] = self._count
            due = self._clock.steady() + after
            heapq.heappush(self._heap, (due, self._count, key))
            if self._heap[0][1] == self._count:
                self._changed.notify()

    def clock_was_set(self) -> None:
        """The clock runs at another pace now: how long to wait is reckoned anew."""
        with self._changed:
            self._changed.notify()

    def stop(self) -> None:
        """Let no further timer run out."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Wait and call back until stopped."""
        while (key := self._next()) is not None:
            self._ran_out(key)

    def _next(self) -> str | None:
        with self._changed:
            while not self._stopped:
                if not self._heap:
                    self._changed.wait()
                    continue
                due, number, key = self._heap[0]
                wait = due - self._clock.steady()
                if wait > 0:
                    self._changed.wait(wait / self._clock.rate)
                    continue
                heapq.heappop(self._heap)
                if self._current.get(key) == number:  # else it was replaced meanwhile
                    del self._current[key]
                    return key
        return None
