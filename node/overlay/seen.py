"""Seen: which broadcasts a node has had, remembered exactly and in little room.

Theory of operation. A cache of ids that forgets after a while lets old messages resurface:
one copy that was held up somewhere longer than the cache remembers starts all over again
(js-libp2p#1043). Here nothing needs to be forgotten. The broadcasts of one origin in one
epoch are numbered 1, 2, 3 …, so what was seen is a few *ranges* of numbers, mostly one:
`1-57`, or `1-57, 60-62` while two are still missing. A million messages take the room of
one.

What a liar can do is bounded: ranges that are too many are joined from below (the gap
between them counts as seen: those messages are older than what we still wait for), each
origin has two epochs, and origins that are no members share a small room of their own,
so that inventing some pushes out no member.
"""

from bisect import bisect_right
from collections import OrderedDict
from typing import Final

from contract.limits import MAX_MEMBERS

RANGES: Final = 32
"""Ranges kept for one origin and epoch [guess: each is a gap, left by messages that were
lost for good or are still on their way]."""
EPOCHS: Final = 2
"""Epochs kept of one origin: what it sent before its restart may still be on its way."""
STRANGERS: Final = 128
"""Origins that are no members, or not yet [guess]."""


class Ranges:
    """A set of whole numbers, as sorted ranges that neither touch nor overlap."""

    __slots__ = ("_first", "_last")

    def __init__(self) -> None:
        self._first: list[int] = []
        self._last: list[int] = []

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._first, number) - 1
        return at >= 0 and number <= self._last[at]

    def __len__(self) -> int:
        return len(self._first)

    def add(self, number: int) -> None:
        """Take a number in; where that makes too many ranges, the two lowest become one."""
        if number in self:
            return
        at = bisect_right(self._first, number)  # the range above
        below = at > 0 and self._last[at - 1] == number - 1
        above = at < len(self._first) and self._first[at] == number + 1
        if below and above:
            self._last[at - 1] = self._last.pop(at)
            del self._first[at]
        elif below:
            self._last[at - 1] = number
        elif above:
            self._first[at] = number
        else:
            self._first.insert(at, number)
            self._last.insert(at, number)
            if len(self._first) > RANGES:
                del self._first[1], self._last[0]


_Room = OrderedDict[str, OrderedDict[int, Ranges]]
"""Origin, then epoch; the least used first."""


class Seen:
    """The ranges of every origin, in two bounded rooms: members, and everybody else."""

    def __init__(self) -> None:
        self._members: _Room = OrderedDict()
        self._strangers: _Room = OrderedDict()

    def __contains__(self, message: tuple[str, int, int]) -> bool:
        origin, epoch, number = message
        epochs = self._members.get(origin) or self._strangers.get(origin)
        return epochs is not None and epoch in epochs and number in epochs[epoch]

    def __len__(self) -> int:
        return len(self._members) + len(self._strangers)

    def add(self, message: tuple[str, int, int], *, member: bool) -> None:
        """Remember a message; `member`: its origin is in our map now."""
        origin, epoch, number = message
        epochs = self._members.pop(origin, None) or self._strangers.pop(origin, None)
        epochs = epochs or OrderedDict()
        ranges = epochs.pop(epoch, None) or Ranges()
        ranges.add(number)
        epochs[epoch] = ranges  # at the end: the least used is forgotten first
        if len(epochs) > EPOCHS:
            epochs.popitem(last=False)
        home, most = (self._members, MAX_MEMBERS) if member else (self._strangers, STRANGERS)
        home[origin] = epochs
        if len(home) > most:
            home.popitem(last=False)
