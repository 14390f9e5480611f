"""Lanes: what waits for each receiver, first in, first out, one message under way at a time.

That keeps the order of one sender's messages at one receiver, and one slow receiver holds
up nobody else. All messages lie in the outbox, on disk; of each lane only the *head* is here.
So ten thousand messages for one dead node cost the memory of one. When the head has come to
its end, the outbox is asked for the next (`outputs.Following`, answered by
`inputs.Followed`); what is submitted meanwhile is on disk already and waits its turn there.
"""

from random import Random

import msgspec

from node.overlay.config import Config
from node.overlay.inputs import Route


class Waiting(msgspec.Struct):
    """A message on its way: which, to whom, until when, how often tried."""

    message: str
    to: str
    until: float
    """When its time runs out."""
    attempts: int = 0
    """How often it left."""
    route: Route = "auto"
    failures: int = 0
    """Attempts in a row that came to nothing, since its receiver was last heard to live."""
    resting: bool = False
    """Between two attempts; else one is under way."""
    again_at: float = 0.0
    """When the next attempt is made, while it rests."""
    reason: str = ""
    """What became of the last attempt; empty before the first has ended."""
    unanswered: str = ""
    """Why the call of this attempt got nowhere, where a journey follows it."""
    via: str = ""
    """The first hop of the journey under way; empty where a call is, or none."""


class Lanes:
    """One a receiver."""

    def __init__(self, config: Config, rng: Random) -> None:
        self._config = config
        self._rng = rng
        self._heads: dict[str, Waiting | None] = {}
        """By receiver; None while the outbox is asked for the next one."""
        self._lane_of: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._heads)

    def submit(self, waiting: Waiting) -> bool:
        """A message is at the end of its lane. True where it is the first and may leave."""
        if waiting.to in self._heads:
            return False  # it is on disk, and is found there when its turn comes
        self._lead(waiting)
        return True

    def follow(self, to: str, waiting: Waiting | None) -> bool:
        """What the outbox has next for a receiver. True where it may leave."""
        if self._heads.get(to, waiting) is not None:
            return False  # nobody asked
        if waiting is None:
            self._heads.pop(to, None)
            return False
        self._lead(waiting)
        return True

    def _lead(self, waiting: Waiting) -> None:
        self._heads[waiting.to] = waiting
        self._lane_of[waiting.message] = waiting.to

    def head(self, message: str) -> Waiting | None:
        """The message, where it is the first of its lane."""
        return self._heads.get(self._lane_of.get(message, ""))

    def first(self, to: str) -> Waiting | None:
        """The first of a receiver's lane."""
        return self._heads.get(to)

    def ended(self, waiting: Waiting) -> None:
        """Take the head off its lane, which waits for the next one from now on."""
        del self._lane_of[waiting.message]
        self._heads[waiting.to] = None

    def again_in(self, waiting: Waiting, *, lives: bool) -> float:
        """Seconds until the next attempt: twice as long each time, ± a quarter, up to a bound.

        Who lives may get well at any moment. Who does not is tried rarely: its return is heard
        of, and then the attempt is made at once.
        """
        most = self._config.retry_most if lives else self._config.retry_most_gone
        doubled: float = self._config.retry_first * 2 ** min(waiting.failures - 1, 30)
        return min(doubled, most) * self._rng.uniform(0.75, 1.25)
