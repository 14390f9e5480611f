"""The virtual clock: what is going to happen, and when.

Time in a simulation is a number that jumps to whatever is due next. An hour in which
nothing happens costs nothing, and nobody ever waits. Two things that are due at the same
instant happen in the order in which they were put down, so a run has exactly one history.
"""

import heapq
from collections.abc import Callable
from typing import Any


class Agenda:
    """What is due, in order of time. `now` is in seconds since the run began."""

    __slots__ = ("_heap", "_number", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._heap)

    def after(self, seconds: float, act: Callable[..., object], *what: Any) -> int:
        """Do something in so many seconds; returns its number, unique within the run."""
        self._number += 1
        heapq.heappush(self._heap, (self.now + seconds, self._number, act, what))
        return self._number

    def run_to(self, end: float) -> None:
        """Let everything happen that is due until then; afterwards it is then."""
        heap, pop = self._heap, heapq.heappop
        while heap and heap[0][0] <= end:
            self.now, _, act, what = pop(heap)
            act(*what)
        self.now = end
