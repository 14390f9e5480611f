"""Calling strangers: with ever more patience where nobody answers.

A stranger is a member that a node neither has as a link nor met lately, so that a call to
it is the first between the two. On a machine full of containers such calls are scarce:
`links` tells of Linux's table of neighbours. Where it is full no new pair can talk, and
each attempt, though in vain, takes up room in it for half a minute. So were everybody to
go on trying, the table would stay full for ever. Seen with a hundred containers: 350 attempts
under way at any moment, and after four minutes 85 nodes in the network and not one more.

That is congestion collapse, as in the Internet of 1986, and the cure is the same (Jacobson
1988, "Congestion avoidance and control"): who gets no answer waits before the next try,
twice as long each time, and an answer ends the waiting. Links that stand are not affected.

*Messages.* Whoever writes now to this one and now to that one makes a new pair with each call,
and fifty that do so for half a minute fill the table, though every call is answered: then calls
get lost, and a message takes two seconds to find out [measured: ten messages a second between
fifty containers, after 30 s a third of them]. Links, though, lead everywhere, and are open. So a
node has a share of the pairs that are left, and where that is used up, a message to a stranger
goes over the links (`delivery`). The share is a token bucket (Turner 1986): half of it may be
used at once, and the other half comes back in the time that an entry lasts. Where not even one
call at once is left for each, as with a hundred nodes, all messages to strangers take the links.

What goes in: calls, answers, silences. What comes out: whether one more call may be made.
"""

from random import Random
from typing import Final

from node.overlay.config import Config

LASTS: Final = 30.0
"""Seconds for which Linux keeps a neighbour's address without another look [arp(7)]."""


class Strangers:
    """When this node may call the next member that it does not talk to."""

    def __init__(self, config: Config, rng: Random) -> None:
        self._config = config
        self._rng = rng
        self._next = float("-inf")
        self._silences = 0
        self._pairs = float("inf")  # that are left in the bucket; it is full at first
        self._pairs_at = 0.0

    def take_pair(self, members: int, links: int, now: float) -> bool:
        """Take one of the pairs that this node may make with strangers, where one is left.

        `members` are all of the network, this node too; `links` are its own.
        """
        left = self._config.pairs_most - members * (links / 2 + 1)  # the dashboard talks to all
        half = left / members / 2
        if half < 1:
            return False
        self._pairs = min(half, self._pairs + (now - self._pairs_at) * half / LASTS)
        self._pairs_at = now
        if self._pairs < 1:
            return False
        self._pairs -= 1
        return True

    def may_call(self, now: float) -> bool:
        """Whether the last call is long enough ago."""
        return now >= self._next

    def pause(self, now: float) -> float:
        """Seconds until one more may be called."""
        return max(0.0, self._next - now)

    def called(self, now: float) -> None:
        """A call is made: the next one waits, where the last ones were in vain."""
        if self._silences == 0:
            return
        pause = self._config.stranger_pause * 2.0 ** min(self._silences, 16)
        pause = min(pause, self._config.stranger_pause_most)
        self._next = now + pause * self._rng.uniform(0.75, 1.25)

    def silent(self, now: float) -> None:
        """A call got no answer."""
        self._silences += 1
        self.called(now)

    def answered(self) -> None:
        """One did."""
        self._silences = 0
        self._next = float("-inf")
