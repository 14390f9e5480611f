"""The way of a message over the overlay, put together from what each node on it told.

Theory of operation. A node that hands a message to the next tells of that one *leg*: from
itself, to whom, and which hop it was. The sender's own leg is hop 1. Nobody tells the whole
way, a try that failed leaves legs behind, and a message that is sent again may take others.
So legs are joined where they fit: a leg hangs on the one that ends where it begins and has
the hop before.

* Of a message *that arrived* the way is read backwards, from the receiver. Which of several
  tries it was is settled by time: the last leg that can have been the one.
* Of a message *under way* it is read forwards, from the last try's first leg, always along
  the newest. Where it stops the message was seen last.

So a liar cannot put itself into somebody's way: the node before would have to name it. Where
a leg is missing (a node that is not watched) there is a gap, which is a leg without a time.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from dashboard.reports import Counter, Seconds

SLACK: Final = 0.05
"""Seconds by which the clocks of two nodes may differ after correction [guess]."""
SAME: Final = 0.25
"""Seconds within which one leg told twice is one leg: its time may have been corrected
meanwhile; a node that sends again waits longer [node: half a second at least]."""
MOST_LEGS: Final = 64
"""Legs kept of one message: four tries at the hop limit of 16 [protocol brief]."""


class Leg(NamedTuple):
    """One hop: who handed the message to whom, and when. Nodes are ids, times our seconds."""

    start: str
    end: str
    hop: Counter
    at: Seconds | None
    """None: nobody told, but there must have been one."""


def told_before(legs: Iterable[Leg], leg: Leg) -> bool:
    """Whether a leg is known: events come twice after a reconnection."""
    return any(
        (old.start, old.end, old.hop) == (leg.start, leg.end, leg.hop)
        and abs(_at(old) - _at(leg)) < SAME
        for old in legs
    )


def arrived(legs: Sequence[Leg], origin: str | None, end: str, hops: int, at: float) -> list[Leg]:
    """The way of a message that its receiver got at a time, at a hop."""
    tail = _backwards(legs, end, hops, at)
    if tail and tail[0].hop == 1:
        return tail
    first = min((leg.at for leg in tail if leg.at is not None), default=at)
    known = [leg for leg in legs if leg.hop < hops - len(tail) and _at(leg) <= first + SLACK]
    head = _forwards(known)
    here = head[-1].end if head else origin
    there = tail[0].start if tail else end
    if here is None or here == there:
        return head + tail
    return [*head, Leg(here, there, len(head) + 1, None), *tail]


def under_way(legs: Sequence[Leg]) -> list[Leg]:
    """How far a message has come that nobody has yet."""
    return _forwards(legs)


def _backwards(legs: Sequence[Leg], end: str, hop: int, at: float) -> list[Leg]:
    """From the receiver towards the sender, as far as somebody told."""
    way: list[Leg] = []
    while hop >= 1:
        fitting = [leg for leg in legs if (leg.end, leg.hop) == (end, hop) and _at(leg) <= at]
        fitting = fitting or [
            leg for leg in legs if (leg.end, leg.hop) == (end, hop) and _at(leg) <= at + SLACK
        ]
        if not fitting:
            break
        leg = max(fitting, key=_at)
        way.insert(0, leg)
        end, hop, at = leg.start, hop - 1, _at(leg)
    return way


def _forwards(legs: Sequence[Leg]) -> list[Leg]:
    """From the sender's last try, along the newest leg at each node."""
    way: list[Leg] = []
    fitting = [leg for leg in legs if leg.hop == 1]
    while fitting:
        last = max(fitting, key=_at)
        way.append(last)
        fitting = [
            leg
            for leg in legs
            if (leg.start, leg.hop) == (last.end, last.hop + 1) and _at(leg) >= _at(last) - SLACK
        ]
    return way


def _at(leg: Leg) -> float:
    return 0.0 if leg.at is None else leg.at
