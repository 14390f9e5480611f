"""Gaps: broadcasts that this node knows to have been, and never had.

Theory of operation. Who was away for longer than payloads are kept (`payloads`) cannot get what
it missed. It must not think that it has everything, either. The numbers tell: each origin counts
its broadcasts 1, 2, 3 … in each epoch, so who has had 1 to 5 and then sees 9 lacks 6, 7 and 8.
Of an origin that has said nothing since, the links tell: two who become links, or compare for
another reason, exchange the *sum* of their heights (how far each origin has counted, as far as
each knows) and, where the sums differ, the heights themselves. That is one number on a frame
that leaves anyway; where nobody has spoken it is not even that, and a network in which no link
changes says nothing at all.

What is lacking is mostly under way, or about to be fetched. What still is when some seconds have
passed, and nobody has announced it, is *missed*: counted, and told as one event for each
origin. Should it come after all, it is delivered like any other, and counted as *late*.

What was said before this node first came into the network is not missed: heights that it is
told in the first seconds after its first link are where its count begins. After a restart it
begins with what is on its disk; where the disk has forgotten (only the newest messages are kept)
it cannot tell an old message from one that it missed, and counts neither.

Who finds that something is lost tells its links how far that origin has counted, with whatever
goes there next: they may lack it as well, as when an origin was cut off, spoke, and is back. So
within some ten seconds a hop all know. What was judged is written down (`Judged`), as are the
heights where the count begins: a restart counts nothing twice.

A link can lie about heights, as about everything else that it says in the name of others; a
forged message with a high number does the same. Then the count is wrong, by a million for each
origin at most, and nothing else happens. Of origins that our map does not have, since they died
while we were down or were made up, a few are believed.

Without a map nobody knows whose heights to believe, so none are exchanged; what the numbers of
messages that come tell is still seen.

What goes in: numbers that came, heights, whether something is announced, the timer.
What comes out: a sum, heights for others, `missed(origin, lacking)`.
Timer: `gaps`, of `broadcast`, while something is lacking and not yet told.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from contract.limits import MAX_MEMBERS
from node.overlay.frames import Height, Heights
from node.overlay.inputs import Restored
from node.overlay.seen import UNKNOWN, Key, Seen

LEAP: Final = 1_000_000
"""Numbers that somebody can have counted while we did not hear of it [guess: ten a second for
a day]."""

STRANGERS: Final = 128
"""Origins and epochs that are not in our map, and of whose heights links may tell us [guess]."""
FETCHABLE: Final = 8_192
"""Of a gap so many numbers are looked at: nobody keeps more (`Config.payloads_most`)."""
MOST: Final = 2 * (MAX_MEMBERS + 1) + UNKNOWN
"""Origins and epochs, as many as `seen` has room for."""

Range = tuple[int, int]
MessageId = tuple[str, int, int]


class Judged(Protocol):
    """Is told how far some origins were judged, and whether something is lost."""

    def __call__(self, levels: list[Height], *, lost: bool) -> None:
        """The levels up to which all was had, told, or before our time."""


class Level(msgspec.Struct):
    """How far one origin has counted in one epoch, and how much of that we have judged."""

    height: int
    judged: int
    """Up to here everything was had, or told as missed, or said before our time."""
    due: float | None = None
    """When what is lacking is judged; None: nothing is."""
    told: int = 0
    """The lowest number that was told as missed; 0: none was."""


class Gaps:
    """The levels of all origins, and what was missed."""

    def __init__(
        self,
        seen: Seen,
        known: Callable[[Key], bool],
        after: float,
        missed: Callable[[str, list[Range]], None],
        judged: Judged,
    ) -> None:
        self._known = known
        self._seen = seen
        self._after = after
        self._missed = missed
        self._tell_judged = judged
        self._levels: dict[Key, Level] = {}
        self._new_until: float | None = None
        self._new = True
        self.missed = 0
        """Broadcasts that nobody could hand over any more."""
        self.late = 0
        """... and that came after all."""

    def __len__(self) -> int:
        return len(self._levels)

    # --- where the count begins ----------------------------------------------------------

    def restore(self, disk: Restored) -> None:
        """What was had, and judged, before a restart."""
        for origin, epoch, number in disk.judged:
            self._levels[origin, epoch] = Level(number, number)
        for origin, epoch, first, last in disk.had:
            before = 0 if disk.whole else first - 1
            level = self._levels.setdefault((origin, epoch), Level(last, before))
            level.height = max(level.height, last)
        if disk.whole:
            self._new = False

    def compared(self, now: float) -> None:
        """A link has told the sum of its heights; what it tells next is what was before us."""
        if self._new and self._new_until is None:
            self._new_until = now + self._after

    def _before_our_time(self, now: float) -> bool:
        if self._new and self._new_until is not None and now > self._new_until:
            self._new = False
        return self._new

    # --- what is heard -------------------------------------------------------------------

    def came(self, message: MessageId, now: float) -> float | None:
        """A broadcast that is new here.

        Returns the seconds of a timer to set, where it shows a gap.
        """
        key, number = message[:2], message[2]
        level = self._levels.get(key)
        if level is None:
            before = number - 1 if self._before_our_time(now) else 0
            level = self._level(key, before)
            if before:
                self._tell_judged([Height(*key, before)], lost=False)
        if level.told and level.told <= number <= level.judged:
            self.late += 1
        return self._reaches(level, number, now, gap=number > level.height + 1)

    def heard(self, frame: Heights, now: float) -> float | None:
        """Heights that a link has told. Returns the seconds of a timer to set."""
        after = None
        begins: list[Height] = []
        for said in frame.of:
            key = (said.origin, said.epoch)
            level = self._levels.get(key)
            new = self._before_our_time(now)
            if level is None:
                if not self._known(key) and not self._room_for_unknown():
                    continue
                level = self._level(key, said.number if new else 0)
                begins += [said] if new else []
            elif new and level.judged == level.height < said.number:
                level.judged = level.height = said.number  # another link has heard more
                begins.append(said)
            if said.number <= level.height + LEAP:
                gap = said.number > self._seen.top(key)
                after = self._reaches(level, said.number, now, gap=gap) or after
        if begins:
            self._tell_judged(begins, lost=False)
        return after

    def _room_for_unknown(self) -> bool:
        """Who died while we were down is in the maps of others, and not in ours."""
        return sum(not self._known(key) for key in self._levels) < STRANGERS

    def _level(self, key: Key, before: int) -> Level:
        if len(self._levels) >= MOST:
            strangers = (old for old in self._levels if not self._known(old))
            del self._levels[next(strangers, next(iter(self._levels)))]
        level = self._levels[key] = Level(before, before)
        return level

    def _reaches(self, level: Level, number: int, now: float, *, gap: bool) -> float | None:
        level.height = max(level.height, number)
        if not gap or level.due is not None or level.height <= level.judged:
            return None
        level.due = now + self._after
        return self._after

    # --- judging -------------------------------------------------------------------------

    def judge(self, now: float, *, announced: Callable[[MessageId], bool]) -> float | None:
        """Tell what is lacking and cannot be had. Returns the seconds until the next look."""
        again = None
        gone: list[Height] = []
        for key, level in self._levels.items():
            if level.due is None:
                continue
            if level.due <= now:
                lost = self._judge(key, level, announced)
                level.due = now + self._after if lost is None else None
                if lost:
                    gone.append(Height(*key, level.judged))
            if level.due is not None:
                again = min(level.due - now, again or self._after)
        if gone:
            self._tell_judged(gone, lost=True)
        return again

    def _judge(
        self, key: Key, level: Level, announced: Callable[[MessageId], bool]
    ) -> list[Range] | None:
        """What is lost; None where something may still come."""
        lost: list[Range] = []
        for first, last in self._seen.lacking(key, level.judged + 1, level.height):
            # What somebody has announced is being fetched: judged when that has ended.
            few = range(first, last + 1)[:FETCHABLE]
            if any(announced((*key, number)) for number in few):
                return None
            lost.append((first, last))
        level.judged = level.height
        if lost:
            level.told = level.told or lost[0][0]
            self.missed += sum(last - first + 1 for first, last in lost)
            self._missed(key[0], lost)
        return lost

    # --- what others are told --------------------------------------------------------------

    def sum(self, living: Callable[[Key], bool]) -> str | None:
        """Of the heights of all who live; None where none of them has spoken.

        The dead are told of (`heights`), but maps forget them at different times, and sums that
        differ for good would cost their heights with each new link.
        """
        total, any_ = 0, False
        for (origin, epoch), level in self._levels.items():
            if level.height and living((origin, epoch)):
                any_ = True
                text = f"{origin}\0{epoch}\0{level.height}"
                total ^= int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
        return f"{total:016x}" if any_ else None

    def heights(self) -> list[Height]:
        """Those that we have seen ourselves, of members."""
        return [Height(*key, top) for key, top in self._seen.tops() if self._known(key)]
