"""Timers by name, and one thread that waits for the next of them.

A thread that wakes up only when something is due: a hundred idle nodes share two cores, so
nobody looks at a clock in vain.
"""

import heapq
import threading
from collections.abc import Callable

from contract import server
from node.clock import Clock


class Timers:
    """Calls back with a timer's name when it runs out. Setting a name again replaces it."""

    def __init__(self, ran_out: Callable[[str], None], clock: Clock) -> None:
        self._ran_out = ran_out
        self._clock = clock
        self._heap: list[tuple[float, int, str]] = []
        self._current: dict[str, int] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._alarm = server.alarm(self._lock)
        self._stopped = False

    def set(self, key: str, after: float) -> None:
        """Call back with `key` in so many seconds."""
        with self._lock:
            self._count += 1
            self._current[key] = self._count
            heapq.heappush(self._heap, (self._clock.steady() + after, self._count, key))
            if self._heap[0][1] == self._count:
                self._alarm.move(self._wait())

    def cancel(self, key: str) -> None:
        """Do not call back with `key`; nothing where no such timer runs."""
        with self._lock:
            number = self._current.pop(key, None)
            if number is not None and self._heap[0][1] == number:
                self._alarm.move(self._wait())

    def clock_was_set(self) -> None:
        """The clock runs at another pace now: how long to wait is reckoned anew."""
        with self._lock:
            self._alarm.move(self._wait())

    def stop(self) -> None:
        """Let no further timer run out."""
        with self._lock:
            self._stopped = True
            self._alarm.move(0)

    def run(self) -> None:
        """Wait and call back until stopped."""
        while (key := self._next()) is not None:
            self._ran_out(key)

    def _next(self) -> str | None:
        with self._lock:
            while not self._stopped:
                wait = self._wait()
                if wait is None or wait > 0:
                    self._alarm.wait(wait)
                    continue
                _, _, key = heapq.heappop(self._heap)
                del self._current[key]
                return key
        return None

    def _wait(self) -> float | None:
        """Seconds until the next timer runs out, None without one."""
        while self._heap:
            due, number, key = self._heap[0]
            if self._current.get(key) == number:
                return max(0.0, due - self._clock.steady()) / self._clock.rate
            heapq.heappop(self._heap)  # it was replaced or cancelled meanwhile
        return None
