"""The two clocks of a node: the wall's, which people set, and a steady one, which only grows.

Who dates an event or a message asks the first, who waits asks the second. A fault on demand
(`clock-skew`) makes both wrong, as a bad quartz or a hand at `date -s` would.
"""

import time
from collections.abc import Callable


class Clock:
    """Both clocks."""

    __slots__ = ("_steady", "_true_steady", "_true_wall", "_wall", "rate")

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._true_wall = self._wall = wall
        self._true_steady = self._steady = steady
        self.rate = 1.0
        """Seconds that both count in one true second."""

    def wall(self) -> float:
        """Seconds since 1970, as this node believes."""
        return self._wall()

    def steady(self) -> float:
        """Seconds since some moment. It never goes back, also when it is set right again."""
        return self._steady()

    def skew(self, offset: float, rate: float) -> None:
        """Set the wall's clock wrong by so many seconds, and have both run at another pace."""
        true_wall, true_steady = self._true_wall, self._true_steady
        began, shown = true_steady(), self._steady()
        self.rate = rate
        self._steady = lambda: shown + (true_steady() - began) * rate
        self._wall = lambda: true_wall() + offset + (true_steady() - began) * (rate - 1.0)

    def right(self) -> None:
        """Set the wall's clock right; the steady one goes on from where it is."""
        true_steady = self._true_steady
        ahead = self._steady() - true_steady()
        self.rate = 1.0
        self._wall = self._true_wall
        self._steady = lambda: true_steady() + ahead
