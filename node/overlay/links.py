"""Links: the few members that a node talks to all the time.

Theory of operation. A node does not talk to everybody: with N nodes that would be N²
conversations. It keeps about six links, chosen at random, each with two ends. Random
graphs of degree six are connected with high probability, stay so when half the nodes die,
and any two nodes are log N / log 5 hops apart (HyParView, section 2).

A node with too few links asks a living member, `neighbour`. Who has room answers `accept`,
who is full `refuse`. A node with no link at all asks urgently, and then whoever is full
drops one of its own links to make room, so that nobody is left outside.

A node asks few at a time and waits for a moment, since others ask it as well; and it
prefers those that it has just talked to. Both keep the number of different members that it
ever talks to small, and that number is scarce: Linux has one table of neighbours' hardware
addresses for all containers of a machine, with 1,024 entries (`net.ipv4.neigh.default.
gc_thresh3`), and each pair that talks needs two for half a minute. Where it is full, new
pairs cannot talk at all, and everybody suspects everybody (seen, with 50 containers).

What goes in: the wish for more, the frames above, the loss of a member.
What comes out: frames, and the events `link.up` and `link.down`.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Final

from node.overlay.config import Config
from node.overlay.frames import Accept, Disconnect, Frame, Neighbour, Record, Refuse

Say = Callable[[Record, Frame], None]
"""`say(to, frame)`"""
Tell = Callable[[str, Record, str], None]
"""`tell("link.up" | "link.down", record, reason)`"""

ANSWER_WITHIN: Final = 10.0
"""Seconds after which a question to a member counts as never asked [guess]."""
MET_LATELY: Final = 30.0
"""Seconds for which Linux keeps a neighbour's address without another look [arp(7)]."""
REMEMBERED: Final = 32
"""Members that are remembered as met [guess]."""


class Links:
    """The ends of links that this node holds, and those it is asking for."""

    def __init__(self, config: Config, rng: Random, say: Say, tell: Tell) -> None:
        self._config = config
        self._rng = rng
        self._say = say
        self._tell = tell
        self._links: dict[str, Record] = {}  # in order of when we last heard of them
        self._asked: dict[str, float] = {}  # since when
        self._met: dict[str, float] = {}  # when we last heard of a member that is no link

    def __contains__(self, member: str) -> bool:
        return member in self._links

    def __len__(self) -> int:
        return len(self._links)

    def ids(self) -> list[str]:
        """The ids of our links."""
        return list(self._links)

    def some(self, count: int, besides: str | None = None) -> list[Record]:
        """So many links by chance, or all where there are not more."""
        others = [record for member, record in self._links.items() if member != besides]
        return self._rng.sample(others, min(count, len(others)))

    def quietest(self) -> Record | None:
        """The link that we have not heard of for longest."""
        return next(iter(self._links.values()), None)

    def heard(self, record: Record, now: float) -> None:
        """A sign of life: a link goes to the end of the queue, others are remembered."""
        if record.id in self._links:
            self.had_its_turn(record)
        elif record.kind == "peer":
            self._met.pop(record.id, None)
            self._met[record.id] = now
            while len(self._met) > REMEMBERED:
                del self._met[next(iter(self._met))]

    def had_its_turn(self, record: Record) -> None:
        """A link was spoken to: it goes to the end of the queue."""
        if self._links.pop(record.id, None) is not None:
            self._links[record.id] = record

    def moved(self, record: Record) -> None:
        """A link has a new address."""
        if record.id in self._links:
            self._links[record.id] = record

    # --- getting links ---------------------------------------------------------------

    def seek(self, living: Iterable[Record], now: float) -> None:
        """Ask for some of the links that are missing."""
        for member in [m for m, since in self._asked.items() if now - since > ANSWER_WITHIN]:
            del self._asked[member]
        living = list(living)
        large = len(living) >= self._config.large
        wanted = self._config.links_wanted_large if large else self._config.links_wanted
        missing = wanted - len(self._links) - len(self._asked)
        at_once = (1 if self._links else self._config.links_at_once) - len(self._asked)
        count = min(missing, at_once)
        if count <= 0:
            return
        strangers = [
            record
            for record in living
            if record.state == "alive"
            and record.id not in self._links
            and record.id not in self._asked
        ]
        self._rng.shuffle(strangers)
        strangers.sort(key=lambda record: now - self._met.get(record.id, -MET_LATELY) > MET_LATELY)
        for record in strangers[:count]:
            self.ask(record, now, urgent=not self._links)

    def ask(self, record: Record, now: float, *, urgent: bool) -> None:
        """Ask a member to be a link."""
        if record.id not in self._links and record.id not in self._asked:
            self._asked[record.id] = now
            self._say(record, Neighbour(urgent=urgent))

    def asked(self, record: Record, *, urgent: bool) -> None:
        """Somebody wants to be a link."""
        full = len(self._links) >= self._config.links_most
        if record.id in self._links or not full:
            self._add(record)
            self._say(record, Accept())
        elif urgent:
            victim = self._rng.choice(list(self._links.values()))
            self._say(victim, Disconnect())
            self.drop(victim.id, "made room for a node without links")
            self._add(record)
            self._say(record, Accept())
        else:
            self._say(record, Refuse())

    def accepted(self, record: Record) -> None:
        """Somebody whom we asked said yes. A yes to a question we never asked is a no."""
        wanted = self._asked.pop(record.id, None) is not None
        if record.id in self._links:
            return
        if wanted and len(self._links) < self._config.links_most:
            self._add(record)
        else:
            self._say(record, Disconnect())

    def refused(self, record: Record) -> None:
        """Somebody whom we asked, or who should have been our link, has enough links."""
        self._met.pop(record.id, None)  # others first
        self.drop(record.id, "the other end has enough links")

    def claimed(self, record: Record, *, linked: bool) -> None:
        """What the other end believes. A link that only one end holds is mended or cut."""
        if linked and record.id not in self._links and record.id not in self._asked:
            if len(self._links) < self._config.links_most:
                self._add(record)
            else:
                self._say(record, Disconnect())
        elif not linked and record.id in self._links:
            self._say(record, Neighbour())

    # --- losing links ----------------------------------------------------------------

    def drop(self, member: str, reason: str) -> None:
        """Let go of a link, or of the wish for one."""
        self._asked.pop(member, None)
        self._met.pop(member, None)
        record = self._links.pop(member, None)
        if record is not None:
            self._tell("link.down", record, reason)

    def _add(self, record: Record) -> None:
        self._asked.pop(record.id, None)
        known = self._links.pop(record.id, None)
        self._links[record.id] = record
        if known is None:
            self._tell("link.up", record, "")
