"""How long to wait for an acknowledgement: as long as they take lately, and some more.

Theory of operation. Who waits too short sends again what is on its way already. On a network
that is busy that is one more reason why answers take long, and so it sends still more: the
network does nothing but repeat itself ("congestion collapse", Jacobson 1988). So the patience
grows with what answers take, their mean and four times their mean deviation, as TCP's does
(RFC 6298); it never gets shorter than what was configured, as an idle network answers within
milliseconds and may be busy in the next moment, and not longer than a bound, so that nobody who
dawdles makes a sender wait for ever.

An answer that comes after its message was sent again tells nothing, unless it says which of
the two it answers (Karn and Partridge 1987). These say so: they carry the way of the message.

What goes in: how long answers took. What comes out: seconds.
"""

from typing import Final

_MEAN: Final = 1 / 8
_DEVIATION: Final = 1 / 4
_WIDE: Final = 4
"""How much a new answer counts, and deviations that are waited for [RFC 6298, section 2]."""


class Patience:
    """Of one node, with all answers together: what makes one late makes others late."""

    def __init__(self, least: float, most: float) -> None:
        self._least = least
        self._most = most
        self._mean = 0.0
        self._deviation = 0.0

    @property
    def seconds(self) -> float:
        """How long to wait now."""
        return min(self._most, max(self._least, self._mean + _WIDE * self._deviation))

    def answered(self, after: float) -> None:
        """An answer came after so many seconds."""
        if not self._mean:
            self._mean, self._deviation = after, after / 2
            return
        self._deviation += _DEVIATION * (abs(self._mean - after) - self._deviation)
        self._mean += _MEAN * (after - self._mean)
