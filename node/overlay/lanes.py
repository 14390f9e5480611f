"""Lanes: what waits for each receiver, first in, first out, one message under way at a time.

That keeps the order of one sender's messages at one receiver, and one slow receiver holds
up nobody else. The message itself lies in the outbox, on disk; here are only ids.
"""

from collections import deque
from random import Random

import msgspec

from node.overlay.config import Config
from node.overlay.inputs import Route


class Waiting(msgspec.Struct):
    """A message on its way: which, to whom, since when, how often tried."""

    message: str
    to: str
    since: float
    attempts: int = 0
    """How often it left."""
    route: Route = "auto"
    failures: int = 0
    """Attempts that came to nothing."""
    unanswered: str = ""
    """Why the call of this attempt got nowhere, where a journey follows it."""


class Lanes:
    """One a receiver."""

    def __init__(self, config: Config, rng: Random) -> None:
        self._config = config
        self._rng = rng
        self._lanes: dict[str, deque[Waiting]] = {}
        self._lane_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._lane_of)

    def submit(self, waiting: Waiting) -> bool:
        """Put a message at the end of its lane. True where it is the first and may leave."""
        if waiting.message in self._lane_of:
            return False
        lane = self._lanes.setdefault(waiting.to, deque())
        lane.append(waiting)
        self._lane_of[waiting.message] = waiting.to
        return len(lane) == 1

    def head(self, message: str) -> Waiting | None:
        """The message, where it is the first of its lane."""
        lane = self._lanes.get(self._lane_of.get(message, ""))
        return lane[0] if lane and lane[0].message == message else None

    def ended(self, message: str) -> Waiting | None:
        """Take a message off its lane; returns the next one, which may leave now."""
        to = self._lane_of.pop(message, None)
        if to is None:
            return None
        lane = self._lanes[to]
        lane.popleft()
        if lane:
            return lane[0]
        del self._lanes[to]
        return None

    def again_in(self, waiting: Waiting, now: float) -> float | None:
        """Seconds until the next attempt; None where the message must be given up."""
        pause = min(
            self._config.retry_first * 2 ** min(waiting.failures - 1, 30), self._config.retry_most
        )
        pause *= self._rng.uniform(0.75, 1.25)
        return pause if now + pause - waiting.since < self._config.give_up else None
