"""How many strangers a node takes in: five a second, and the rest are told when to come.

Without this a start of a hundred nodes that all know the same address is a herd that
tramples it down; and a program that makes up new members would fill everybody's map as
fast as it can write. So whoever is new takes a token from a bucket that fills slowly.
Where none is left, the answer is `later`, with the seconds after which there will be room:
each one who is sent away gets a place in the queue behind the one before, so the herd does
not come back as a herd.
"""

QUEUE_MOST = 10.0
"""Seconds of the longest wait that anybody is told [guess]: those further behind will have
to ask once more, but no liar can fill the queue for an hour."""


class Bucket:
    """`rate` tokens a second, at most `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = 0.0
        self._queue_ends = 0.0

    def take(self, now: float) -> bool:
        """Take a token, where there is one."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def come_again(self, now: float) -> float:
        """Seconds after which somebody whom `take` refused shall come again."""
        place = max(self._queue_ends, now) + 1 / self._rate
        self._queue_ends = min(place, now + QUEUE_MOST)
        return self._queue_ends - now
