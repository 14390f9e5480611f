"""The guard: looks at every step of a world, and stops the run where an invariant breaks.

Cheap invariants see each step. The maps of members are looked through whenever a map has
changed where the world is small, and on a schedule where it is large: each look costs N,
and one event changes N maps.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from node.overlay import inputs as i
from node.overlay import outputs as o
from simulator.invariant import BrokenInvariantError, Invariant, shown
from simulator.liveness import liveness
from simulator.machine import Process
from simulator.safety import safety
from simulator.world import World

if TYPE_CHECKING:
    from node.overlay.frames import Record

LOOK_EVERY = 1.0
"""Seconds of the world between two looks through everything [guess]."""
SMALL = 128
"""Machines up to which a map is looked through at each of its changes [guess]."""
RECENT = 500
"""Steps that are remembered, to show what led to a broken invariant [guess]."""
LAST = 6
"""... of the node where it broke [guess]."""


class Guard:
    """Watches a world with all invariants, and stops the run where one breaks."""

    def __init__(self, world: World, invariants: Iterable[Invariant] | None = None) -> None:
        self._world = world
        self.invariants = [*safety(world), *liveness()] if invariants is None else list(invariants)
        self._steps = self._having("stepped")
        self._changes = self._having("changed")
        self._deliveries = self._having("delivered")
        self._ends = self._having("ended")
        self._looks = self._having("looked")
        self._failures = self._having("raised")
        self._maps: dict[Process, tuple[str, dict[str, Record]]] = {}
        self._recent: deque[tuple[int, float, str, i.Input]] = deque(maxlen=RECENT)
        world.watchers.append(self)
        world.agenda.after(LOOK_EVERY, self._look)

    # --- what a world's watcher is told ------------------------------------------------------

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:
        """After each step."""
        world = self._world
        self._recent.append((world.steps, world.now, process.name, happened))
        try:  # and not `_asked`: this is done millions of times
            for look in self._steps:
                look(process, happened, outputs)
        except BrokenInvariantError as broken:
            self._dated(broken)
            raise
        if len(world.machines) <= SMALL:
            digest = process.overlay.members.digest()
            known = self._maps.get(process)
            if known is None or known[0] != digest:
                self._compare(process, digest)

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:
        """A message came into an inbox."""
        for look in self._deliveries:
            self._asked(look, process, message, origin, text)

    def ended(self, process: Process, end: o.MessageEnded) -> None:
        """A sender was told its message's end."""
        for look in self._ends:
            self._asked(look, process, end)

    def raised(self, process: Process, happened: i.Input, error: Exception) -> None:
        """An overlay failed."""
        for look in self._failures:
            self._asked(look, process, happened, error)

    # --- looking ------------------------------------------------------------------------------

    def settled(self) -> BrokenInvariantError | None:
        """What of the liveness does not hold yet."""
        for invariant in self.invariants:
            broken = invariant.settled(self._world)
            if broken is not None:
                self._dated(broken)
                return broken
        return None

    def _look(self) -> None:
        for process in self._world.running():
            self._compare(process, process.overlay.members.digest())
            for look in self._looks:
                self._asked(look, process)
        self._maps = {process: known for process, known in self._maps.items() if process.alive}
        self._world.agenda.after(LOOK_EVERY, self._look)

    def _compare(self, process: Process, digest: str) -> None:
        known = self._maps.get(process)
        before = known[1] if known else {}
        after = {record.id: record for record in process.overlay.members.others()}
        self._maps[process] = (digest, after)
        for member, record in after.items():
            old = before.get(member)
            if old is not record:
                for look in self._changes:
                    self._asked(look, process, old, record)

    def _asked(self, look: Callable[..., object], *what: Any) -> None:
        try:
            look(*what)
        except BrokenInvariantError as broken:
            self._dated(broken)
            raise

    def _dated(self, broken: BrokenInvariantError) -> None:
        broken.step = self._world.steps
        broken.at = self._world.now
        broken.history = [
            f"{step:,} · {at:.3f} s · {type(happened).__name__} {shown(happened)}"
            for step, at, name, happened in self._recent
            if name == broken.where
        ][-LAST:]

    def _having(self, look: str) -> list[Callable[..., None]]:
        return [
            getattr(invariant, look)
            for invariant in self.invariants
            if getattr(type(invariant), look) is not getattr(Invariant, look)
        ]
