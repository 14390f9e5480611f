"""Gossip: how news about members travels.

Theory of operation (Demers et al. 1987, "Epidemic algorithms"). Two mechanisms, one fast,
one sure:

* *Rumours.* Whoever learns something new tells four of its links, once, and none that
  told it. News waits a moment for company, and meanwhile goes along with whatever leaves for
  a link anyway; only for who did not get it that way a batch is sent. So fifty nodes that
  start in the same second cost each node a few batches a second and not fifty. This reaches
  nearly all. A link that is just being tied was no link when the latest news went round;
  so both ends tell each other what was new in the last seconds.
* *Comparing notes* (anti-entropy). Every second a node sends the digest of its map to one
  of the links that it has to ping, the quietest first, and now and then to a random member
  that is no link. Where the digests differ, the other answers with its whole map, and gets
  back what it did not know. This reaches all, and it is the failure detector's ping too:
  one exchange does for both, and the walks of `passive` travel in it as well.

What goes in: changed records, timers, digests, maps.
What comes out: frames, timers.
"""

from random import Random

import msgspec

from node.overlay.config import Config
from node.overlay.frames import Digest, MemberList, Record
from node.overlay.links import Links, Say
from node.overlay.members import Members, newer
from node.overlay.pieces import updates


class Rumour(msgspec.Struct):
    """A piece of news, and whom it need not be told."""

    record: Record
    known_to: set[str]
    """Links that told us, or that we told."""
    to_tell: int
    """How many links we still tell."""
    at: float
    """When we learned of it."""


class Gossip:
    """The news that a node still has to tell, and its rounds of comparing notes."""

    def __init__(
        self, config: Config, rng: Random, members: Members, links: Links, say: Say
    ) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._links = links
        self._say = say
        self._news: dict[str, Rumour] = {}
        self._told: dict[str, Rumour] = {}  # the oldest first
        self._told_at = float("-inf")
        self._compared_at = float("-inf")
        self._waiting = False

    # --- rumours ---------------------------------------------------------------------

    def spread(self, record: Record, told_by: str | None, now: float) -> float | None:
        """Tell others about a record, soon. Returns the seconds of a timer to set."""
        known_to = {told_by} if told_by is not None else set()
        self._news[record.id] = Rumour(record, known_to, self._config.rumour_fanout, now)
        if self._waiting:
            return None
        self._waiting = True
        return max(self._config.rumour_delay, self._told_at + self._config.rumour_pause - now)

    def for_link(self, member: str) -> tuple[Record, ...]:
        """A batch leaves for a link: the news that goes along."""
        told = [rumour for rumour in self._news.values() if self._tells(rumour, member)]
        return tuple(rumour.record for rumour in told)

    def tell(self, now: float) -> float | None:
        """Time to tell. Without a link the news waits: returns the seconds until then."""
        audience = self._links.some(len(self._links))
        if not audience:
            return self._config.rumour_pause
        self._waiting = False
        self._told_at = now
        for link in audience:
            for piece in updates(self.for_link(link.id)):
                self._say(link, piece)
        for member, rumour in self._news.items():
            self._told.pop(member, None)
            self._told[member] = rumour
        self._news.clear()
        self._forget_told(now)
        return None

    def for_new_link(self, member: str, now: float) -> tuple[Record, ...]:
        """What a link that is being tied may have missed: the news of the last seconds."""
        self._forget_told(now)
        missed = [rumour for rumour in self._told.values() if member not in rumour.known_to]
        for rumour in missed:
            rumour.known_to.add(member)
        return tuple(rumour.record for rumour in missed)

    def _forget_told(self, now: float) -> None:
        kept_from = now - self._config.rumour_kept
        for member in [m for m, rumour in self._told.items() if rumour.at < kept_from]:
            del self._told[member]

    @staticmethod
    def _tells(rumour: Rumour, member: str) -> bool:
        """Whether a link is to hear a rumour from us; if so, it counts as told."""
        if rumour.to_tell == 0 or member in rumour.known_to:
            return False
        rumour.known_to.add(member)
        rumour.to_tell -= 1
        return True

    # --- comparing notes -------------------------------------------------------------

    def partner(self, now: float) -> Record | None:
        """Whom to compare notes with in this round: the link whose turn it is, as a rule."""
        partner = self._links.due(now)
        if partner is not None:
            busy = self._links.quiet_for(partner.id, now) < self._config.gossip_interval / 2
            if busy and now - self._compared_at < self._config.gossip_least:
                return None  # other traffic just showed that it lives
        elif now - self._compared_at >= self._config.gossip_least:
            partner = self._links.quietest()
        if len(self._links) == 0 or self._rng.random() < self._config.gossip_stranger:
            partner = self._somebody_else(now) or partner
        if partner is not None:
            self._links.had_its_turn(partner, now)
            self._compared_at = now
        return partner

    def _somebody_else(self, now: float) -> Record | None:
        """A member that is no link; for who has no links one that it knows already, if any."""
        others = [record for record in self._members.living_peers() if record.id not in self._links]
        if len(self._links) == 0:
            met = [record for record in others if self._links.is_near(record.id, now)]
            others = met or others
        others = [record for record in others if self._links.may_call(record.id, now)]
        return self._rng.choice(others) if others else None

    def pause(self) -> float:
        """Seconds until the next round."""
        return self._config.gossip_interval * self._rng.uniform(0.75, 1.25)

    def compare(self, partner: Record) -> None:
        """Send our digest to one member."""
        sum_ = self._members.digest() if self._members.mapped else None
        linked = self._links.counts(partner.id)
        self._say(partner, Digest(sum_, linked, tuple(self._links.ids()[:16])))

    def differs(self, digest: Digest) -> bool:
        """Somebody's digest came: whether to show our map."""
        mapped = self._members.mapped and digest.sum is not None
        return mapped and digest.sum != self._members.digest()

    def missing(self, shown: MemberList) -> tuple[Record, ...]:
        """What the shower of a map, or of a piece, does not know or knows worse. Merge it first."""
        theirs = {record.id: record for record in shown.records}
        return tuple(
            ours
            for ours in self._members.all()
            if shown.covers(ours.id)
            and ((known := theirs.get(ours.id)) is None or newer(ours, known))
        )
