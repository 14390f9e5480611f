"""Census: whether a node keeps a map of all members, and how many there are where it does not.

Theory of operation. A map of everybody is cheap for a hundred members and too much for ten
thousand. So it ends at `members_most`: a node whose map is full, and that hears of somebody
alive who finds no place in it, keeps no map from then on. It forgets everybody but those it
needs for its links, and says so. Each node decides by itself, from what it knows:

* *Off, as it is full*: its own map has no room. Or it is nearly full (nine tenths), and two
  links say that they keep none: so the decision runs through the network in seconds, and a
  liar cannot bring it about where the network is small.
* *Off, as it is new*: more than half of its links keep none, so a map of its own would never
  be complete. It is taken back where more than half of them keep one.
* *On again*: the census counts fewer than half of `members_most`. Between that and the full
  map nothing changes, so a network that stays about the bound does not go back and forth; and
  no node changes its mind twice within `map_hold` seconds.

*How do you count members that nobody knows?* By extrema propagation (Baquero, Almeida,
Menezes 2009, "Fast estimation of aggregates in unstructured networks"). Each node draws 32
numbers from the exponential distribution. Neighbours tell each other, for each of the 32
places, the least number they have heard of. The least of n such numbers is about 1/n, so
after as many steps as the network is wide all have the same 32 minima, and (32 - 1) / (their
sum) estimates n, with an error of a fifth. Who hears a number twice knows no more than
before: no tree, no root and no list of members is needed. All hold the same minima, so all
come to the same end at about the same time, which is what a map needs to grow again.

Who left or died is in the minima still, so the count begins anew every two minutes, in
*rounds* with a number. Who hears of a higher round ends its own. A round counts only where
it lasted long enough to be heard everywhere.

A census makes no request of its own: like neighbour lists it goes along with batches to
links, where something in it changed, or after half a minute in case it got lost. Where all
keep a map there is none, and nothing is sent.

Who lies can make the network look larger than it is, never smaller: so it can keep the map
off, where it is off, and not switch it on.

What goes in: frames and words of links, that the map is full, one look a second.
What comes out: a frame to go along, and whether to keep a map.
Timers: none.
"""

from collections.abc import Iterator
from math import inf, log
from random import Random
from typing import Final

from contract.limits import CENSUS
from node.overlay.config import Config
from node.overlay.frames import Census
from node.overlay.links import Links
from node.overlay.members import LEAP, MOST_AT_FIRST, Members

_NEARLY: Final = 0.9
"""Share of a full map from which on the word of two links is enough [guess]."""
_LAST: Final = 2**31 - 1
_SCALE: Final = 2**32
"""The numbers travel as whole ones, in such parts."""
_AGAIN: Final = 30.0
"""Seconds after which a link is told again what it was told [guess: ten pings]."""
_LONG_ENOUGH: Final = 0.5
"""Share of a round's time from which on all have surely heard of it [guess: a minute]."""


class Count:
    """One node's part in the census, and what it makes of it."""

    def __init__(self, config: Config, rng: Random, members: Members, links: Links) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._links = links
        self._number = 0  # of the round; 0: there is none
        self._least: tuple[int, ...] = ()
        self._began = -inf  # when we heard of the round
        self._version = 0  # counts changes of what a link is to be told
        self._told: dict[str, tuple[int, float]] = {}  # link: the version it has, and since when
        self._keeps: dict[str, bool] = {}  # link: whether it keeps a map, as it said
        self._too_many = False  # we keep none as it was full, and not as our links keep none
        self._changed_at = -inf

    @property
    def number(self) -> int:
        """Of the round; 0 where there is none."""
        return self._number

    # --- what links say --------------------------------------------------------------------

    def says(self, link: str, *, keeps: bool) -> None:
        """A link tells whether it keeps a map."""
        if link in self._links:
            self._keeps[link] = keeps

    def heard(self, link: str, frame: Census, now: float) -> bool | None:
        """A link tells its minima. Returns whether to keep a map from now on, None: as before."""
        if not self._config.map:
            return None
        self.says(link, keeps=frame.keeps)
        most = self._number + LEAP if self._number else MOST_AT_FIRST
        if not self._number <= frame.number <= most:  # old, or soon at the end of all numbers
            return None
        verdict = None
        if frame.number > self._number:
            verdict = self._verdict(now)
            self._begin(frame.number, now)
        least = tuple(map(min, self._least, frame.least))
        if least != self._least:
            self._least = least
            self._version += 1
        if frame.least == least and frame.keeps == self._members.mapped:
            self._told[link] = (self._version, now)  # else it is to hear that we do otherwise
        return verdict

    def link_down(self, link: str) -> None:
        """What it said counts no more."""
        self._keeps.pop(link, None)
        self._told.pop(link, None)

    # --- what we make of it ------------------------------------------------------------------

    def no_room(self, now: float) -> bool:
        """The map is full and somebody else is there: whether to do without it from now on."""
        return self._members.mapped and self._may_change(now)

    def look(self, now: float) -> bool | None:
        """A second has passed. Returns whether to keep a map from now on, None: as before."""
        if not self._config.map:
            return None
        age = now - self._began
        verdict = None
        if self._members.mapped:
            if self._number and age > 2 * self._config.census_every:
                self._number = 0  # nobody begins new rounds any more
        elif age > self._config.census_every:
            verdict = self._verdict(now)
            self._begin(self._number + 1, now)
        if verdict is not None or not self._may_change(now):
            return verdict
        return self._as_links_do()

    def switched(self, now: float) -> None:
        """We keep a map from now on, or none any more; the map holds yet whom it held."""
        self._changed_at = now
        self._too_many = not self._members.mapped and self._nearly_full
        self._version += 1
        if not self._members.mapped and not self._number:
            self._begin(1, now)

    def _may_change(self, now: float) -> bool:
        return now - self._changed_at >= self._config.map_hold

    def _as_links_do(self) -> bool | None:
        without = sum(not keeps for keeps in self._keeps.values())
        if not self._members.mapped:
            most_keep_one = 2 * (len(self._keeps) - without) > len(self._links)
            return True if most_keep_one and not self._too_many else None
        if 2 * without > len(self._links) or (without >= 2 and self._nearly_full):
            return False
        return None

    @property
    def _nearly_full(self) -> bool:
        """Whether few more would fill the map."""
        return len(self._members) >= _NEARLY * self._config.members_most

    def _verdict(self, now: float) -> bool | None:
        """The round is over: whether so few are left that a map is kept again."""
        lasted = now - self._began >= _LONG_ENOUGH * self._config.census_every
        if self._members.mapped or not lasted or not self._may_change(now):
            return None
        return True if self.estimate() < self._config.members_most / 2 else None

    def estimate(self) -> float:
        """How many members there are, as far as this round has come."""
        return (CENSUS - 1) * _SCALE / max(1, sum(self._least)) if self._number else 0.0

    # --- rounds ------------------------------------------------------------------------------

    def _begin(self, number: int, now: float) -> None:
        self._number = min(number, _LAST)
        self._began = now
        self._version += 1
        self._least = tuple(self._draw())

    def _draw(self) -> Iterator[int]:
        for _ in range(CENSUS):
            yield min(int(-log(1.0 - self._rng.random()) * _SCALE), 2**40)

    def luggage(self, link: str, now: float) -> list[Census]:
        """What goes along with a batch to this member."""
        if not self._number or link not in self._links:
            return []
        version, at = self._told.get(link, (-1, -inf))
        if version == self._version and now - at < _AGAIN:
            return []
        self._told[link] = (self._version, now)
        return [Census(self._number, self._least, self._members.mapped)]
