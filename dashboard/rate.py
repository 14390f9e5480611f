"""How many events a second arrive: a mean over the last few seconds."""

from collections import deque
from collections.abc import Iterable
from typing import Final

WINDOW: Final = 5
"""Seconds over which the mean is taken [guess: calm enough to read, quick enough to see]."""


class Rate:
    """Counts, a second at a time. The time is given, in seconds."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int]] = deque(maxlen=WINDOW + 1)

    def counted(self) -> list[tuple[int, int]]:
        """The last seconds, and how many events came in each."""
        return list(self._seconds)

    def restore(self, counted: Iterable[tuple[int, int]]) -> None:
        """Begin with what another one had counted."""
        self._seconds.extend(counted)

    def count(self, events: int, now: float) -> None:
        """Some events arrived."""
        second = int(now)
        if self._seconds and self._seconds[-1][0] == second:
            events += self._seconds.pop()[1]
        self._seconds.append((second, events))

    def per_second(self, now: float) -> float:
        """The mean over the whole seconds before this one."""
        this = int(now)
        counted = sum(n for second, n in self._seconds if this - WINDOW <= second < this)
        return counted / WINDOW
