"""How soon after one telling the next may follow: quick at first, calm where it goes on.

Who tells of every event at once has a hundred tellings a second on a busy day; who waits for a
tenth of a second each time is late with the second event of a pair, and it is the second one
that somebody waits for (it was sent; it has arrived). So the pause begins short after a quiet
moment and doubles until it is the longest, as TCP's slow start does the other way round. A busy
stream pays nothing for it, and a quiet one a telling or two.
"""


class Pace:
    """Pauses between tellings, in seconds. The time is given and never runs backwards."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._pause = first
        self._ends = float("-inf")

    def pause(self, now: float) -> float:
        """Something was told just now: for how long nothing more is told."""
        quiet = now - self._ends > self._longest
        self._pause = self._first if quiet else min(2 * self._pause, self._longest)
        self._ends = now + self._pause
        return self._pause
