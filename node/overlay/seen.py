"""Seen: which broadcasts a node has had, remembered exactly and in little room.

Theory of operation. A cache of ids that forgets after a while lets old messages resurface:
one copy that was held up somewhere longer than the cache remembers starts all over again
(js-libp2p#1043). Here nothing needs to be forgotten. The broadcasts of one origin in one
epoch are numbered 1, 2, 3 …, so what was seen is a few *ranges* of numbers, mostly one:
`1-57`, or `1-57, 60-62` while two are still missing. A million messages take the room of
one.

What is forgotten can come back, and where several messages push each other out of the
memory of several nodes, they circle for ever. So nothing is pushed out by inventions:

* A member has room for the epoch that our map knows and the one before. Only the member
  itself raises its epoch, so there is room for all.
* Everything else (an origin not in the map yet, a restart not heard of yet, or a lie)
  shares a room of its own. Where that is full of what is younger than some minutes,
  something new is refused, and not taken in place of something old.
* Ranges that are too many are joined from below: the gap between them counts as seen.
"""

from bisect import bisect_right
from collections import OrderedDict
from typing import Final

from contract.limits import MAX_MEMBERS

RANGES: Final = 32
"""Ranges kept for one origin and epoch [guess: each is a gap, left by messages that were
lost for good or are still on their way]."""
UNKNOWN: Final = 1_024
"""Pairs of origin and epoch that are not in the map [guess: 300 KB]."""
UNKNOWN_KEPT: Final = 600.0
"""Seconds that such a pair is kept for sure: ten times as long as payloads [brief: 120 s]."""


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


Key = tuple[str, int]
"""Origin and epoch."""


class Seen:
    """The ranges of every origin and epoch, in two bounded rooms: of members, and of others."""

    def __init__(self) -> None:
        self._members: OrderedDict[Key, Ranges] = OrderedDict()
        self._others: OrderedDict[Key, Ranges] = OrderedDict()
        self._used: dict[Key, float] = {}  # the others: when

    def __contains__(self, message: tuple[str, int, int]) -> bool:
        key, number = message[:2], message[2]
        ranges = self._members.get(key) or self._others.get(key)
        return ranges is not None and number in ranges

    def __len__(self) -> int:
        return len(self._members) + len(self._others)

    def has_room(self, message: tuple[str, int, int], now: float, *, known: bool) -> bool:
        """Whether a message can be remembered; `known`: see above, by our map."""
        if known or message[:2] in self._members or message[:2] in self._others:
            return True
        while len(self._others) >= UNKNOWN:
            oldest = next(iter(self._others))
            if now - self._used[oldest] < UNKNOWN_KEPT:
                return False
            del self._others[oldest], self._used[oldest]
        return True

    def add(self, message: tuple[str, int, int], now: float, *, known: bool) -> None:
        """Remember a message that there is room for."""
        key = message[:2]
        ranges = self._members.pop(key, None) or self._others.pop(key, None) or Ranges()
        self._used.pop(key, None)
        ranges.add(message[2])
        if known:
            self._members[key] = ranges  # at the end: the least used goes first
            if len(self._members) > 2 * (MAX_MEMBERS + 1):
                self._members.popitem(last=False)
        else:
            self._others[key] = ranges
            self._used[key] = now
