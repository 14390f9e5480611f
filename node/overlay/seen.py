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
* Ranges that are too many are joined from below: the gap between them counts as seen, and what
  was in it is counted as missed (`closed`).

What a node had before a restart is on its disk, and comes back from there (`restore`).
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from contract.limits import MAX_MEMBERS

RANGES: Final = 32
"""Ranges kept for one origin and epoch [guess: each is a gap, left by messages that were
lost for good or are still on their way]."""
UNKNOWN: Final = 1_024
"""Pairs of origin and epoch that are not in the map [guess: 300 KB]."""
UNKNOWN_KEPT: Final = 600.0
"""Seconds that such a pair is kept for sure: five times as long as payloads [brief: 120 s]."""


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

    @property
    def top(self) -> int:
        """The highest number; 0 where there is none."""
        return self._last[-1] if self._last else 0

    def lacking(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The ranges between two numbers, these included, that are not here."""
        at = max(0, bisect_right(self._first, first) - 1)
        for low, high in zip(self._first[at:], self._last[at:], strict=True):
            if low > last:
                break
            if first < low:
                yield first, low - 1
            first = max(first, high + 1)
        if first <= last:
            yield first, last

    def restore(self, first: int, last: int) -> None:
        """Take in a range above all that are here."""
        if self._last and self._last[-1] + 1 >= first:
            self._last[-1] = max(last, self._last[-1])
        else:
            self._first.append(first)
            self._last.append(last)
            self._join_lowest()

    def add(self, number: int) -> int:
        """Take a number in; where that makes too many ranges, the two lowest become one.

        Returns how many numbers were between those.
        """
        if number in self:
            return 0
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
            return self._join_lowest()
        return 0

    def _join_lowest(self) -> int:
        if len(self._first) <= RANGES:
            return 0
        return self._first.pop(1) - self._last.pop(0) - 1


Key = tuple[str, int]
"""Origin and epoch."""


class Seen:
    """The ranges of every origin and epoch, in two bounded rooms: of members, and of others."""

    def __init__(self) -> None:
        self._members: OrderedDict[Key, Ranges] = OrderedDict()
        self._others: OrderedDict[Key, Ranges] = OrderedDict()
        self._used: dict[Key, float] = {}  # the others: when
        self.closed = 0
        """Numbers that were never here and count as seen."""

    def __contains__(self, message: tuple[str, int, int]) -> bool:
        key, number = message[:2], message[2]
        ranges = self._members.get(key) or self._others.get(key)
        return ranges is not None and number in ranges

    def __len__(self) -> int:
        return len(self._members) + len(self._others)

    def tops(self) -> Iterator[tuple[Key, int]]:
        """Every origin and epoch, and the highest number of theirs that was here."""
        for room in (self._members, self._others):
            yield from ((key, ranges.top) for key, ranges in room.items())

    def top(self, key: Key) -> int:
        """The highest number of an origin's epoch; 0 where there is none."""
        ranges = self._members.get(key) or self._others.get(key)
        return 0 if ranges is None else ranges.top

    def lacking(self, key: Key, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The ranges of numbers between two that were not here."""
        ranges = self._members.get(key) or self._others.get(key) or Ranges()
        return ranges.lacking(first, last)

    def restore(self, key: Key, first: int, last: int, now: float) -> None:
        """What was here before a restart, in rising order; as far as there is room for others."""
        ranges = self._members.get(key) or self._others.get(key)
        if ranges is None and len(self._others) >= UNKNOWN // 2:
            return  # the store still knows these by their ids
        if ranges is None:
            ranges = self._others[key] = Ranges()
            self._used[key] = now
        ranges.restore(first, last)

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
        self.closed += ranges.add(message[2])
        if known:
            self._members[key] = ranges  # at the end: the least used goes first
            if len(self._members) > 2 * (MAX_MEMBERS + 1):
                self._members.popitem(last=False)
        else:
            self._others[key] = ranges
            self._used[key] = now
