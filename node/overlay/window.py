"""How many batches may be under way to one peer: one, or more where the way there is long.

Theory of operation. With one request in flight to a peer, what queues up meanwhile leaves with
the next: a busy peer gets fewer and larger batches. But where the way itself is long, a
message waits at each hop for half a round trip before it leaves at all. The cure is a window,
so many batches as fit on the way (the product of bandwidth and delay). It must not open
where an answer is slow because the peer is *busy*, as then more requests are the last thing
that it needs. The two are told apart as in TCP Vegas (Brakmo, O'Malley, Peterson 1994): the
way is as long as the *quickest* answer took, and what is above that is waiting in line.

Between containers, where the quickest answer takes a millisecond, the window is always one.
Only broadcasts use the others, with the frames that tend their trees: they promise no order,
what is lost is announced again, and a graft that overtook a prune costs no more than a lost
one. What holds the network together, and routed messages, keep to their one request and its
order.

What goes in: how long each answer took, and silences. What comes out: a number.
"""

from collections import OrderedDict
from typing import Final

EACH: Final = 0.025
"""Seconds of a round trip for which one more batch may be under way. Half of it is what a
message waits at a hop at most, where the way is long [guess: a busy machine's quickest answer
takes less, so its window stays shut; simulated: with 0.05 the slowest takes 620 ms]."""
MOST: Final = 6
"""Batches under way to one peer [simulated: 25 nodes that are 100 ms apart and bring 50
broadcasts a second to everybody: the slowest takes 420 ms, 500 with 8, which takes more
batches, 540 with 4, 700 with 2, 1,520 with 1]."""
ASIDE: Final = 24
"""Batches under way besides the first to each peer, all peers together [guess: six links with
four each; in the same run the bound was met now and then]."""
REMEMBERED: Final = 256
"""Peers whose quickest answer is remembered [as many as connections are kept to]."""


class Windows:
    """The quickest answers, by address."""

    def __init__(self) -> None:
        self._quickest: OrderedDict[str, float] = OrderedDict()

    def answered(self, url: str, seconds: float) -> None:
        """An answer came after so many seconds."""
        self._quickest[url] = min(seconds, self._quickest.pop(url, seconds))
        if len(self._quickest) > REMEMBERED:
            self._quickest.popitem(last=False)

    def silent(self, url: str) -> None:
        """None came: who lives there next may be elsewhere."""
        self._quickest.pop(url, None)

    def of(self, url: str) -> int:
        """Batches that may be under way to a peer at a time."""
        return max(1, min(MOST, int(self._quickest.get(url, 0.0) / EACH)))
