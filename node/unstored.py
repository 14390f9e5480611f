"""Broadcasts that the disk did not take: kept in memory until it does.

A message to one that could not be stored stays with its sender, who is told so and tries again.
A broadcast has no such sender: whoever pushed it has done with it, and offers it for a minute
only. So it waits here for the disk. Should the process end before, it has told nobody that it
had the broadcast, and fetches it again from those who still offer it.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from node.overlay.outputs import Deliver, Relay

MOST: Final = 1_000
"""Broadcasts that wait; then the oldest goes [guess: 20 MB where all are as long as can be]."""
Waiting = Deliver | Relay
"""For our own inbox, or for the outbox, to a plain node in our care."""


class Unstored:
    """What waits, in the order in which it came."""

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque(maxlen=MOST)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def keep(self, broadcast: Waiting) -> Waiting | None:
        """Have it wait; returns the oldest where that had to go for it."""
        oldest = self._waiting[0] if len(self._waiting) == MOST else None
        self._waiting.append(broadcast)
        return oldest

    def try_again(self, store: Callable[[Waiting], bool]) -> None:
        """Store one after the other, until one is not taken."""
        while self._waiting and store(self._waiting[0]):
            self._waiting.popleft()
