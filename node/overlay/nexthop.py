"""The next hop: which of our links a routed message is handed to.

The one from which it is the fewest hops to the receiver, by the map of links, on ways that
avoid whoever had the message already; of equals one by chance, so that no link carries
everything. A link that lost a message of ours comes last for a minute: so whoever swallows
messages is asked once and not for ever.

What goes in: a receiver, whom to avoid, the time; links that lost or kept a message.
What comes out: a link's record, or None.
"""

from collections.abc import Collection
from random import Random

from node.overlay.config import Config
from node.overlay.frames import Record
from node.overlay.links import Links
from node.overlay.linkstate import LinkState
from node.overlay.members import Members


class NextHop:
    """Our links, as ways to somebody else."""

    def __init__(
        self, config: Config, rng: Random, members: Members, links: Links, map_: LinkState
    ) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._links = links
        self._map = map_
        self._distrust: dict[str, float] = {}  # link: until when

    def __len__(self) -> int:
        """Links that are not trusted just now, or lately."""
        return len(self._distrust)

    def link(self, member: str) -> Record | None:
        """A member's record, where it is a link."""
        return self._members.get(member) if member in self._links else None

    def nearest(self, to: str, besides: Collection[str], now: float) -> Record | None:
        """The link from which it is nearest; one that lost a message comes last."""
        distances = self._map.distances(to, besides)
        if not distances:
            return None
        chosen = min(
            distances,
            key=lambda link: (self.lost_one(link, now), distances[link], self._rng.random()),
        )
        return self._members.get(chosen)

    def lost_one(self, link: str, now: float) -> bool:
        """Whether a message got lost over this link lately."""
        return self._distrust.get(link, now) > now

    def losers(self, now: float) -> list[str]:
        """All links of which that is so."""
        return [link for link in self._distrust if self.lost_one(link, now)]

    def distrust(self, link: str, now: float) -> None:
        """A message got lost over it."""
        if link in self._links:
            self._distrust[link] = now + self._config.route_distrust

    def trust(self, link: str) -> None:
        """One came through, or it is no link any more."""
        self._distrust.pop(link, None)
