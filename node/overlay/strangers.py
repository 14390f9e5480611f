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

What goes in: calls, answers, silences. What comes out: whether one more call may be made.
"""

from random import Random

from node.overlay.config import Config


class Strangers:
    """When this node may call the next member that it does not talk to."""

    def __init__(self, config: Config, rng: Random) -> None:
        self._config = config
        self._rng = rng
        self._next = float("-inf")
        self._silences = 0

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
