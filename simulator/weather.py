"""What the network does to what is sent through it: latency, and trouble.

*Latency.* Each direction between two nodes has its own base, drawn once, and each packet
its own jitter on top (exponential: mostly little, now and then much). So some pairs are
near and some far, as in life, and two packets on different paths can overtake each other.

*Trouble* has a scope, from some nodes to some others, and effects: packets lost, doubled,
held up, garbled, refused. A cut is trouble that loses everything; a cut in one direction
has one direction; halves are a trouble between those inside and all others; a bridge is a
node in neither half. Several troubles at once add up.
"""

import math
from random import Random

import msgspec


class Latency(msgspec.Struct, frozen=True):
    """One way, in seconds: a base between `least` and `most` a pair, and a mean jitter."""

    least: float = 0.0005
    """Containers on one machine: half a millisecond one way [measured: 1 ms a round trip]."""
    most: float = 0.005
    """[guess: a busy machine]"""
    jitter: float = 0.002
    """[guess]"""

    def __post_init__(self) -> None:
        """Refuse what is no latency."""
        if not 0 <= self.least <= self.most or self.jitter < 0:
            raise ValueError("a latency is 0 <= least <= most, jitter >= 0")


class Trouble(msgspec.Struct, frozen=True, eq=False):
    """What goes wrong between some nodes and some others, while it lasts."""

    inside: frozenset[str] | None = None
    """None: everybody."""
    outside: frozenset[str] | None = None
    """None: everybody who is not inside; or simply everybody, where inside is None."""
    both_ways: bool = True
    paths: frozenset[str] | None = None
    """Calls that are concerned: `/overlay`, `/message` …; None: all."""
    loss: float = 0.0
    """Share of packets lost, each way on its own; 1 is a cut."""
    duplicate: float = 0.0
    """Share of requests that arrive twice."""
    late: float = 0.0
    """Share of packets that are held up, by up to `late_by` seconds: they are overtaken."""
    late_by: float = 1.0
    garble: float = 0.0
    """Share of overlay batches that arrive broken."""
    busy: float = 0.0
    """Share of requests that are answered with 503."""

    def concerns(self, sender: str, receiver: str) -> bool:
        """Whether a packet from one to the other meets it."""
        if self._crosses(sender, receiver):
            return True
        return self.both_ways and self._crosses(receiver, sender)

    def _crosses(self, sender: str, receiver: str) -> bool:
        if self.inside is None:
            return self.outside is None or receiver in self.outside
        if sender not in self.inside:
            return False
        return receiver not in self.inside if self.outside is None else receiver in self.outside


class Fate(msgspec.Struct, frozen=True):
    """What becomes of one packet."""

    lost: bool = False
    doubled: bool = False
    held_up: float = 0.0
    garbled: bool = False
    refused: bool = False


CALM = Fate()


class Weather:
    """The latencies and all troubles of the moment."""

    def __init__(self, rng: Random, latency: Latency) -> None:
        self._rng = rng
        self._latency = latency
        self._bases: dict[tuple[str, str], float] = {}
        self._troubles: list[Trouble] = []
        self.calm = True
        """Whether nothing is wrong at all: asked for each packet, so it is kept."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong right now."""
        return tuple(self._troubles)

    def begin(self, trouble: Trouble) -> None:
        """From now on."""
        self._troubles.append(trouble)
        self.calm = False

    def end(self, trouble: Trouble) -> None:
        """Until now. Trouble that is over already stays over."""
        self._troubles = [other for other in self._troubles if other is not trouble]
        self.calm = not self._troubles

    def clear(self) -> None:
        """All is well again."""
        self._troubles.clear()
        self.calm = True

    def delay(self, sender: str, receiver: str) -> float:
        """Seconds that one packet takes."""
        base = self._bases.get((sender, receiver))
        latency = self._latency
        if base is None:
            base = self._rng.uniform(latency.least, latency.most)
            self._bases[sender, receiver] = base
        if latency.jitter:
            return base - latency.jitter * math.log(1.0 - self._rng.random())
        return base

    def fate(self, sender: str, receiver: str, path: str) -> Fate:
        """What becomes of a packet."""
        draw = self._rng.random
        lost = doubled = garbled = refused = False
        held_up = 0.0
        for trouble in self._troubles:
            if trouble.paths is not None and path not in trouble.paths:
                continue
            if not trouble.concerns(sender, receiver):
                continue
            # A share of nought draws nothing, so that adding a kind keeps old runs as they are.
            lost |= trouble.loss > 0 and draw() < trouble.loss
            doubled |= trouble.duplicate > 0 and draw() < trouble.duplicate
            garbled |= trouble.garble > 0 and draw() < trouble.garble
            refused |= trouble.busy > 0 and draw() < trouble.busy
            if trouble.late > 0 and draw() < trouble.late:
                held_up += draw() * trouble.late_by
        return Fate(lost, doubled, held_up, garbled, refused)
