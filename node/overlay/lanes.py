"""Lanes: what waits for each receiver, first in, first out, one attempt under way at a time.

That keeps the order of one sender's messages at one receiver, and one slow receiver holds
up nobody else. All messages lie in the outbox, on disk; of each lane only the *front* is here:
the message that came to an empty lane, or the next ones that may go together. So ten thousand
messages for one dead node cost the memory of one, or of some dozens. When the front has come
to its end, the outbox is asked for the next (`outputs.Following`, answered by
`inputs.Followed`); what is submitted meanwhile is on disk already and waits its turn there.

*Together.* A receiver that is written to one message a request gets one a round trip. What has
queued up meanwhile goes with the next request, as many as fit: the busier the lane, the cheaper
each message, and an idle one waits for nothing. Only calls carry several; over the links each
message makes its own way.
"""

from collections.abc import Iterable
from random import Random
from typing import Final

import msgspec

from contract.limits import MAX_BATCH, MAX_TOGETHER
from node.overlay.config import Config
from node.overlay.inputs import Route

_CHARACTERS: Final = MAX_BATCH // 2 // 6
"""Of all texts that go together: JSON makes up to six bytes of one, and half of a batch is left
for their ids and names."""


def together(messages: Iterable[tuple[Route, int]]) -> int:
    """How many of the next messages to a receiver may be in front: their routes, their lengths.

    They wish for the same route, and no more of them are there than one request can carry.
    """
    count = characters = 0
    first: Route | None = None
    for route, length in messages:
        characters += length
        if count and (route != first or characters > _CHARACTERS or count == MAX_TOGETHER):
            break
        first = route
        count += 1
        if route == "overlay":
            break
    return count


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
    resting: bool = True
    """Before its first attempt, or between two; else one is under way."""
    again_at: float = 0.0
    """When the next attempt is made, while it rests and is the first of its lane."""
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
        self._fronts: dict[str, dict[str, Waiting]] = {}
        """By receiver; empty while the outbox is asked for the next ones."""
        self._waiting: dict[str, Waiting] = {}
        """All that are in front, by id."""

    def __len__(self) -> int:
        return len(self._fronts)

    def submit(self, waiting: Waiting) -> bool:
        """A message is at the end of its lane. True where it is the first and may leave."""
        if waiting.to in self._fronts:
            return False  # it is on disk, and is found there when its turn comes
        self._fronts[waiting.to] = {waiting.message: waiting}
        self._waiting[waiting.message] = waiting
        return True

    def follow(self, to: str, waiting: list[Waiting]) -> bool:
        """What the outbox has next for a receiver. True where it may leave."""
        if self._fronts.get(to, waiting):
            return False  # nobody asked
        if not waiting:
            self._fronts.pop(to, None)
            return False
        front = self._fronts[to] = {one.message: one for one in waiting}
        self._waiting |= front
        return True

    def get(self, message: str) -> Waiting | None:
        """The message, where it is in front."""
        return self._waiting.get(message)

    def first(self, to: str) -> Waiting | None:
        """The first of a receiver's lane."""
        return next(iter(self._fronts.get(to, {}).values()), None)

    def resting(self, to: str) -> list[Waiting]:
        """Those in front that are not under way, in order."""
        return [waiting for waiting in self._fronts.get(to, {}).values() if waiting.resting]

    def under_way(self, to: str) -> bool:
        """Whether an attempt is under way. They end in order, so the last is looked at first."""
        return any(not waiting.resting for waiting in reversed(self._fronts.get(to, {}).values()))

    def ended(self, waiting: Waiting) -> None:
        """Take a message out. A front that is empty waits for the next ones from now on."""
        del self._waiting[waiting.message]
        del self._fronts[waiting.to][waiting.message]

    def again_in(self, waiting: Waiting, *, lives: bool) -> float:
        """Seconds until the next attempt: twice as long each time, ± a quarter, up to a bound.

        Who lives may get well at any moment. Who does not is tried rarely: its return is heard
        of, and then the attempt is made at once.
        """
        most = self._config.retry_most if lives else self._config.retry_most_gone
        doubled: float = self._config.retry_first * 2 ** min(waiting.failures - 1, 30)
        return min(doubled, most) * self._rng.uniform(0.75, 1.25)
