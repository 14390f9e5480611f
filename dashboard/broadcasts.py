"""One broadcast, told by everybody whom it reaches: one view that fills.

Theory of operation. The origin reports `broadcast.sent` once, every other member
`broadcast.received` once, with the link that it came along. These links are the tree that
the message really took: one leg for each member. The streams are independent and parts of
them come twice, so a view only grows, and the same report twice changes nothing.

A member can report only for itself. What it says of the text and the sender counts until
the origin itself has spoken. How many there are to be reached (`of`) is settled when we
first hear of the broadcast: the living peers of that moment, but for the origin. Who comes
later and gets it all the same makes the number larger.
"""

import msgspec

from dashboard.reports import Counter, OfBroadcast, Seconds
from dashboard.ways import Leg


class Broadcast(msgspec.Struct, array_like=True):
    """What is known of one broadcast. Nodes are given by their ids, times in our seconds."""

    id: str
    """As readers see it: unique, and the message's own id unless that was taken."""
    number: Counter
    origin: str
    others: Counter
    """Who was there to be reached when we first heard of it."""
    sender: str = ""
    text: str = ""
    told_by_origin: bool = False
    sent_at: Seconds | None = None
    legs: dict[str, Leg] = msgspec.field(default_factory=dict)
    """How each member got it, by the member's id, in the order in which we heard of it."""
    taken: Counter = 0
    """How many legs readers have been told."""
    since: Counter = 0
    """How many they had been told before that."""

    @property
    def reached(self) -> int:
        """Members that have it, without the origin."""
        return len(self.legs)

    @property
    def of(self) -> int:
        """Members that there are to reach."""
        return max(self.others, self.reached)

    @property
    def everybody(self) -> bool:
        """Whether all have it. Before the origin has spoken that is not certain."""
        return self.reached >= self.others and (self.told_by_origin or self.reached > 0)

    @property
    def hops(self) -> int:
        """The longest way that it took."""
        return max((leg.hop for leg in self.legs.values()), default=0)

    @property
    def last_at(self) -> float | None:
        """When the last of those who have it got it."""
        return max((leg.at for leg in self.legs.values() if leg.at is not None), default=None)

    def sent(self, said: OfBroadcast, sender: str, at: float) -> bool:
        """The origin reports. Whether that was news."""
        if self.told_by_origin:
            return False
        self.told_by_origin = True
        self.sender, self.text, self.sent_at = sender, said.text, at
        return True

    def received(self, member: str, said: OfBroadcast, at: float) -> bool:
        """A member reports that it came. Whether that was news."""
        if member == self.origin or member in self.legs:
            return False
        start = self.origin if said.via is None else said.via.id
        self.legs[member] = Leg(start, member, said.hop, at)
        self.sender = self.sender or said.sender
        self.text = self.text or said.text
        return True
