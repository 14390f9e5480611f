"""What time it was, by our own clock, when a node says that something happened.

Nodes stamp events with their own clocks. An answer of a node that carries its time tells
between which bounds its clock's offset must be (Cristian 1989):

    sent <= at + offset <= received

and so does, one-sided, everything else it sends: `at + offset <= received`. Each such
report makes the interval smaller. Where nought is possible it is taken: containers of one
machine share its clock. Otherwise the truth is near the upper end, as the fastest of many
packets took hardly any time.

A clock that contradicts itself was set anew, and the estimate begins again.
"""

from collections.abc import Iterable
from typing import Final

from dashboard.entries import whole

PATIENCE: Final = 3_600.0
"""Seconds by which an event may be older than its arrival; beyond that its clock is not
believed, and the arrival counts [guess: a log of 4,096 events in a quiet network]."""
FASTEST: Final = 0.002
"""Seconds that the fastest of many packets needs on a busy machine [guess]."""
SLOWEST: Final = 10.0
"""Seconds that the fastest of many packets, or the only one, can have needed [guess]."""
SLACK: Final = 0.005
"""Seconds by which two clocks may drift before it counts as a contradiction [guess]."""


class Offset:
    """The offset of one node's clock: ours is `theirs + seconds`."""

    def __init__(self) -> None:
        self._lowest = float("-inf")
        self._highest = float("inf")

    def answered(self, sent: float, at: float, received: float) -> None:
        """It said its time in the answer to something that we asked."""
        self._narrow(sent - at, received - at)

    def heard(self, at: float, received: float) -> None:
        """It said its time of its own accord."""
        self._narrow(float("-inf"), received - at)

    @property
    def seconds(self) -> float:
        """The best estimate."""
        lowest = max(self._lowest, self._highest - SLOWEST)
        if lowest <= 0 <= self._highest or self._highest == float("inf"):
            return 0.0
        return max(self._highest - FASTEST, (lowest + self._highest) / 2)

    def ours(self, theirs: float, now: float) -> float:
        """A time of theirs by our clock: never in the future, never absurdly long ago."""
        time = theirs + self.seconds
        return min(time, now) if time > now - PATIENCE else now

    def all_ours(self, theirs: Iterable[float], now: float) -> list[float]:
        """The same for all the times of a batch, in whole microseconds."""
        add, earliest = self.seconds, now - PATIENCE
        return [
            whole(time) if earliest < time < now else whole(now)
            for time in (one + add for one in theirs)
        ]

    def _narrow(self, lowest: float, highest: float) -> None:
        if lowest > self._highest + SLACK or highest < self._lowest - SLACK:
            self._lowest, self._highest = float("-inf"), float("inf")
        self._lowest = max(self._lowest, lowest)
        self._highest = max(self._lowest, min(self._highest, highest))
