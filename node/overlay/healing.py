"""Healing: parts of a network that were cut apart become one again.

Theory of operation. When a network is cut in two, each half rightly finds the other dead, and
then nobody asks any more. The cut may heal, and both would stay apart for good (memberlist#222,
serf#605). No single node can tell such a cut from the death of all the others; but it costs
little to find out. So three kinds of members are asked although nobody needs them:

* *The dead*, by chance: each some three times in ten seconds, by all nodes together, and no
  more than one a second in the whole network, however many are dead. The question is what we
  hold of it, an `update` that says "you are dead". Who lives refutes it (`members`), and so
  speaks to us. We then join *there* as a newcomer does (`Hello`, with `lost`): one link to it
  and, by a walk, one to somebody of its part. Two links are what broadcasts need to cross even
  where one of them breaks.
* *The cut off*: links that fell silent and were given up. A short cut is mended before anybody
  is convicted. Everybody is alive in all maps then, nobody tries anybody again, and no link
  leads across. So each such link is tied again as soon as its other end is heard of, one at a
  time.
* *The lonely*: members of whom no list of neighbours names a link. Nobody pings them, so
  nobody would notice their death. One of us each asks for a sign of life.

All three call members that we do not talk to, and such calls are scarce (`strangers`): each
has a bound that does not grow with the network.

What goes in: the round's timer, links that were given up, signs of life, answers of the dead.
What comes out: frames, questions to be a link, the seconds until the next round.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from node.overlay.config import Config
from node.overlay.frames import Hello, Record, Update
from node.overlay.links import Links, Say
from node.overlay.linkstate import LinkState
from node.overlay.members import Members
from node.overlay.plain import keeper

MOST_CUT_OFF: Final = 64
"""Members whose link was given up in silence, and that are tied again where they live [guess:
in a cut through the middle, eight links of a node and what replaced them]."""

Compare = Callable[[Record], None]
"""Asks a member for a sign of life: `gossip`'s digest."""


class Healing:
    """Whom this node lost, and its attempts to find them again."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        links: Links,
        map_: LinkState,
        say: Say,
        compare: Compare,
    ) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._links = links
        self._map = map_
        self._say = say
        self._compare = compare
        self._cut_off: dict[str, None] = {}  # links that we gave up, until they are heard of
        self._tied_again_at = float("-inf")
        self._lonely: set[str] = set()  # nobody's links, as of the last round

    # --- the round -----------------------------------------------------------------------

    def round(self, now: float) -> float:
        """Try whoever may be there after all; returns the seconds until the next round."""
        self._try_one_of_the_dead()
        self._visit_lonely(now)
        return self._config.heal_interval * self._rng.uniform(0.5, 1.5)

    def _try_one_of_the_dead(self) -> None:
        """It may have been the network between us that died.

        All together try each of them some three times in this time, and no more than one
        network needs, however many we are: did each of a hundred try one, those wrongly called dead
        alone would fill the machine's table of neighbours (see `links`), and nobody could be
        reached to refute.
        """
        dead = [record for record in self._members.dead() if record.kind == "peer"]
        together = min(self._config.heal_each * len(dead), self._config.heal_together)
        if dead and self._rng.random() * (1 + self._members.alive) < together:
            record = self._rng.choice(dead)
            self._say(record, Update((record,)))

    def _visit_lonely(self, now: float) -> None:
        """Ask those for a sign of life who are nobody's link, so that nobody pings them.

        Whoever refutes a suspicion and then dies has lost its links already, and would live in
        all maps until somebody happened to ask it [simulated: one and a half minutes on
        average]. Each has one visitor, as a plain node has one keeper; and a newcomer, whose
        links take some seconds to get about, has a round's time.
        """
        if not self._map.used:
            return
        peers = {
            record.id: record for record in self._members.living_peers() if record.state == "alive"
        }
        lonely = {
            member
            for member in peers
            if member not in self._links and not self._map.is_linked(member)
        }
        own = self._members.own.id
        visitors = (own, *(member for member in peers if member not in lonely))
        for member in sorted(lonely & self._lonely):
            if keeper(member, visitors) == own and self._links.may_call(member, now):
                self._compare(peers[member])
        self._lonely = lonely

    # --- who is found again ----------------------------------------------------------------

    def dead_answered(self, member: str, now: float) -> None:
        """Who was dead to us answers: perhaps a whole part of the network was cut off.

        So we join there as a newcomer does: one link to this member and, by its walk, one to
        somebody else. Its map comes along, and what we hold for dead there gets to know it.
        Did nobody tie a link, both halves would soon know each other again, and yet no
        broadcast would cross.
        """
        record = self._members.get(member)
        if record is None or record.state in {"dead", "left"}:
            return
        self._say(record, Hello(lost=True))
        if self._links.has_place() and record.id not in self._links:
            self._links.ask(record, now, urgent=True)

    def gave_up(self, link: str) -> None:
        """A link fell silent and is none any more."""
        self._cut_off[link] = None
        if len(self._cut_off) > MOST_CUT_OFF:
            del self._cut_off[next(iter(self._cut_off))]

    def is_cut_off(self, member: str) -> bool:
        """Whether its link was given up, and nothing was heard of it since."""
        return member in self._cut_off

    def lives(self, record: Record, now: float) -> None:
        """A member is heard of. Where we gave its link up, it is tied again.

        A cut that is mended before anybody is convicted leaves everybody alive in all maps,
        and no link across [simulated: one in eight cuts of 25 nodes for 5 to 8 s, for ever].
        Where strangers may not be called just now it stays cut off, until we hear of it again.
        So does what comes in the seconds after another: one link of each of us across a cut is
        enough, and did fifty tie all again that they lost, their machine would run out of
        neighbours (see `links`).
        """
        if record.id not in self._cut_off:
            return
        if record.id in self._links:
            del self._cut_off[record.id]
            return
        again = self._tied_again_at + self._config.tie_again
        if now < again or not self._links.may_call(record.id, now):
            return
        del self._cut_off[record.id]
        self._tied_again_at = now
        if self._links.has_place():
            self._links.ask(record, now, urgent=True)
        else:
            self._say(record, Hello(lost=True))
