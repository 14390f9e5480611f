"""How quick the simulator is: frames that reach an overlay, in a second of one core's CPU.

Three loads of one network of fifty. *Idle* is the protocol by itself: nearly each frame
travels alone and costs two steps of an overlay, its request and its answer, so this is the
protocol's own cost. In the *floods* each node says something to each of its links twenty
times a second, one frame a batch or ten; the frame is one that costs an overlay nothing, so
this is the simulator's cost. All invariants are checked all the while.
"""

import gc
import time
from collections.abc import Callable
from typing import Any, ClassVar

from benchmarks.verdict import Figure
from node.overlay import inputs as i
from node.overlay.core import Overlay
from node.overlay.frames import Record, Refuse
from simulator.guard import Guard
from simulator.world import World

BAR = 100_000
"""Frames a second of one core [protocol brief], where a batch carries several."""
NODES = 50
EVERY = 0.05
"""Seconds between two floods of a node."""


class Flood(Overlay):
    """Says nothing in particular, often."""

    at_once: ClassVar[int] = 1

    def _begin(self, happened: i.Start) -> None:
        super()._start(happened)
        self._timer("flood", EVERY)

    def _flood(self, _key: str) -> None:
        for link in self.links.some(len(self.links)):
            for _ in range(self.at_once):
                self._say(link, Refuse())
        self._timer("flood", EVERY)

    def _hear(self, sender: Record, frame: Refuse) -> None:
        """It is here; that is all."""

    _INPUTS: ClassVar[dict[type, Callable[[Any, Any], None]]] = {
        **Overlay._INPUTS,  # noqa: SLF001 - a table of the class that is extended
        i.Start: _begin,
    }
    _FRAMES: ClassVar[dict[type, Callable[[Any, Record, Any], None]]] = {
        **Overlay._FRAMES,  # noqa: SLF001 - as above
        Refuse: _hear,
    }
    _TIMERS: ClassVar[dict[str, Callable[[Any, str], None]]] = {
        **Overlay._TIMERS,  # noqa: SLF001 - as above
        "flood": _flood,
    }


class FloodOfTen(Flood):
    """The same, ten frames a batch."""

    at_once = 10


def run(seconds: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure each load with values passed and with frames encoded and parsed."""
    loads: tuple[tuple[str, type[Overlay]], ...] = (
        ("idle", Overlay),
        ("flood, 1 frame a batch", Flood),
        ("flood, 10 frames a batch", FloodOfTen),
    )
    figures = []
    for name, overlay in loads:
        for encoding in (False, True):
            how = "encoded" if encoding else "values"
            say(f"{name}, {how}")
            reached = rate(overlay, seconds, encoding=encoding)
            bar = BAR if overlay is FloodOfTen and not encoding else None
            figures.append(Figure(f"simulator: {name}, {how}", reached, None, "/s", at_least=bar))
    return figures


def rate(overlay: type[Overlay], seconds: float, *, encoding: bool) -> float:
    """Frames delivered in a second of this core's time."""
    world = World(1, encoding=encoding, overlay=overlay, journal=frozenset[str]())
    Guard(world)
    world.start_bootstrap()
    for k in range(1, NODES + 1):
        world.start(f"node{k}")
        world.run(0.1)
    world.run(5)
    before = sum(world.frames.values())
    gc.collect()
    gc.disable()  # as the command does
    try:
        began = time.process_time()
        while time.process_time() - began < seconds:
            world.run(0.5)
        spent = time.process_time() - began
    finally:
        gc.enable()
    return (sum(world.frames.values()) - before) / spent
