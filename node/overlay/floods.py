"""Floods: asking all links, and theirs, for a way to a member. The last resort of routing.

Theory of operation. A small question goes to every link; each node passes it on once, so a
flood costs two frames for each link of the network, and meets the member that is meant by
every way there is. That one answers along the way on which the question came, up to three
times, as the first way may lead through somebody who swallows messages. (Route discovery of
DSR: Johnson, Maltz 1996.)

What costs the whole network is bounded at both ends. A node begins one flood in two
seconds in the long run, and takes part in so many of others that a liar cannot make a storm
of them: what goes beyond is not passed on. Nobody looks for a suspect: most of these are
dead, and one who is not refutes within seconds.

What goes in: the wish to look for somebody, questions and answers from links.
What comes out: frames.
Timers: none; whoever began one waits for its answer (`journeys`).
"""

from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Final

import msgspec

from contract.limits import MAX_ROUTE
from node.overlay.config import Config
from node.overlay.frames import Discover, Found, Record
from node.overlay.joins import Bucket
from node.overlay.links import Links, Say
from node.overlay.members import Members

ANSWERS: Final = 3
"""Ways that a member answers to one flood, and that an origin takes from it [guess]."""
REMEMBERED: Final = 1_024
"""Floods that are remembered, so that each is passed on once [guess: at two a second eight
minutes, a hundred times as long as a flood lasts]."""
BURST: Final = 10.0
"""Floods of others at once: a part of the network that was cut off looks for the rest [guess]."""


class Floods:
    """Those that we began, and those that came by."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        links: Links,
        say: Say,
        back: Callable[[Found], None],
    ) -> None:
        self._rng = rng
        self._members = members
        self._links = links
        self._say = say
        self._back = back
        self._seen: OrderedDict[tuple[str, int], int] = OrderedDict()  # answers given
        self._own = Bucket(config.discoveries_own, 2.0)
        self._others = Bucket(config.discoveries_others, BURST)
        self.refusals = 0
        """Floods of others that were too many."""

    def __len__(self) -> int:
        return len(self._seen)

    # --- ours --------------------------------------------------------------------------------

    def begin(self, to: str, now: float) -> int:
        """Look for a member. Returns the flood's number, or 0 where that cannot be now."""
        record = self._members.get(to)
        alive = record is not None and record.state == "alive"
        if not alive or not len(self._links) or not self._own.take(now):
            return 0
        own = self._members.own.id
        number = self._rng.randrange(1, 2**31)
        self._remember((own, number))
        for link in self._links.some(len(self._links)):
            self._say(link, Discover(to, number, (own,)))
        return number

    # --- others' -----------------------------------------------------------------------------

    def discover(self, frame: Discover, now: float) -> None:
        """Somebody looks for a member: for us, or let it go on, once."""
        own = self._members.own.id
        flood = (frame.path[0], frame.number)
        if frame.receiver == own:
            answers = self._seen.get(flood, 0)
            if answers < ANSWERS:
                self._remember(flood, answers + 1)
                self._back(Found(frame.number, (*frame.path, own), frame.path))
            return
        if flood in self._seen or len(frame.path) == MAX_ROUTE:
            return
        if not self._others.take(now):
            self.refusals += 1
            return
        self._remember(flood)
        onward = msgspec.structs.replace(frame, path=(*frame.path, own))
        for link in self._next(frame.receiver):
            if link.id not in onward.path:
                self._say(link, onward)

    def _next(self, receiver: str) -> list[Record]:
        """The receiver itself, where it is a link; else every link."""
        record = self._members.get(receiver) if receiver in self._links else None
        return [record] if record is not None else self._links.some(len(self._links))

    def _remember(self, flood: tuple[str, int], answers: int = 0) -> None:
        self._seen[flood] = answers
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
