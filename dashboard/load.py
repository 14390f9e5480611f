"""Whether more happens than this dashboard can show, and what it does about it.

Theory of operation. Nothing is thrown away because it comes quickly: nodes wait until their batches
are acknowledged, and keep 4,096 events each; and what changes twice between two deltas is told
once. So too much of it shows as *lateness*, in three places, each measured here:

    behind   how old the newest event of a batch is when it is taken in: of all batches of the last
             second the median, so that no node with a wrong clock or a long memory decides it
    late     by how much a sleep of ours is too long: the event loop has other things to do
    cost     how long it takes to tell a delta; telling may take one part in four of the time, so
             the pause before the next one grows with it, up to a second

While it is late the dashboard is *busy*, and says so: `busy` in SUMMARY, which is in the stream and
in `/api/status`, a half-sentence in its line, and `p2p_dashboard_busy` for Prometheus.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

PACE: Final = 0.05
"""Seconds between two deltas at least [docs/api.md]."""
LONGEST_PACE: Final = 1.0
"""… and at most, however much one costs [guess: what still looks alive]."""
SHARE: Final = 4
"""Telling takes one part in so many of the time at most [guess]."""
BEHIND: Final = 1.0
LATE: Final = 0.5
"""Seconds from which on it is busy [guess: what a person sees]."""
MANY: Final = 500
"""Events in a second below which it is not the network that makes us late, but a machine that has
other things to do [guess]."""
CALM_FOR: Final = 3.0
"""Seconds without any of this after which it is not any more [guess]."""
MOST_AGES: Final = 10_000
"""Batches of a second that are looked at."""


class Load:
    """How late it is. Safe to use from any thread."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._lock = threading.Lock()
        self._ages: list[float] = []
        self._events = 0
        self._late = 0.0
        self._busy_at = float("-inf")
        self.busy = False
        self.behind = 0.0
        """Seconds."""
        self.pace = PACE
        """Seconds between two deltas, at present."""
        self.left_out = 0
        """Messages whose last news no delta told, as newer ones had taken their place."""

    def came(self, age: float, events: int) -> None:
        """A batch of some events was taken in, the newest of which is so old."""
        self._events += events
        if len(self._ages) < MOST_AGES:
            self._ages.append(age)

    def told(self, cost: float) -> float:
        """A delta was told, which took so long: how long to wait before the next."""
        self.pace = min(LONGEST_PACE, max(PACE, SHARE * cost))
        return self.pace

    def slept(self, too_long: float) -> None:
        """A sleep took longer than it should."""
        self._late = max(self._late, too_long)

    def second(self) -> bool:
        """A second has passed: judge it. Whether it has just become calm again."""
        with self._lock:
            ages, self._ages = sorted(self._ages), []
            late, self._late = self._late, 0.0
            events, self._events = self._events, 0
            self.behind = max(0.0, ages[len(ages) // 2]) if ages else 0.0
            now = self._steady()
            if events >= MANY and (self.behind >= BEHIND or late >= LATE):
                self._busy_at = now
            was, self.busy = self.busy, now - self._busy_at < CALM_FOR
            return was and not self.busy

    def view(self) -> dict[str, Any] | None:
        """BUSY of docs/api.md; None where it keeps up."""
        if not self.busy:
            return None
        return {
            "behind": round(self.behind, 1),
            "pace": round(self.pace * 1000),
            "left_out": self.left_out,
        }

    def words(self) -> str:
        """For the end of a sentence about the network; empty where it keeps up."""
        if not self.busy:
            return ""
        since = f"{self.behind:.0f} s behind" if self.behind >= BEHIND else "telling less often"
        return f" (too much happens at once: the panel is {since})"
