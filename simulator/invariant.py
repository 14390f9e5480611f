"""An invariant: one thing that must hold, and the error that says which two states disagree.

The numbers are those of the protocol brief. Safety (`simulator.safety`) must hold after
every step of every run, liveness (`simulator.liveness`) once the faults have stopped and
the network has had its time. `simulator.guard` does the looking. (11), the same seed gives
the same trace, and (12), stopping the bootstrap changes nothing, compare whole runs and so
are tests.
"""

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

if TYPE_CHECKING:
    from node.overlay.frames import Record
    from node.overlay.inputs import Input
    from node.overlay.outputs import MessageEnded, Output
    from simulator.machine import Process
    from simulator.world import World

LONGEST = 600
"""Characters of a state that are shown; a whole map would hide the point."""


class BrokenInvariantError(Exception):
    """Two states that cannot both be right."""

    def __init__(
        self, invariant: "Invariant", where: str, *, one: tuple[str, Any], other: tuple[str, Any]
    ) -> None:
        super().__init__(f"({invariant.number}) {invariant.sentence} Not so at {where}.")
        self.invariant = invariant
        self.where = where
        self.states = (one, other)
        self.step = 0
        self.at = 0.0
        self.history: list[str] = []
        """The last steps of the node where it broke, as text."""


class Invariant:
    """One thing that must hold. Each overrides the looks that it needs."""

    number: ClassVar[int]
    sentence: ClassVar[str]

    def stepped(self, process: "Process", happened: "Input", outputs: "list[Output]") -> None:
        """After each step."""

    def changed(self, process: "Process", before: "Record | None", after: "Record") -> None:
        """A record in a node's map is another one than at the last look."""

    def delivered(self, process: "Process", message: str, origin: str, text: str) -> None:
        """A message came into an inbox."""

    def ended(self, process: "Process", end: "MessageEnded") -> None:
        """A sender was told its message's end."""

    def looked(self, process: "Process") -> None:
        """Now and then, at each node."""

    def raised(self, process: "Process", happened: "Input", error: Exception) -> None:
        """A step failed."""

    def settled(self, world: "World") -> "BrokenInvariantError | None":
        """Long after the last fault: what is still wrong."""

    def broken(
        self, where: str, one: tuple[str, Any], other: tuple[str, Any]
    ) -> "BrokenInvariantError":
        """The error to raise."""
        return BrokenInvariantError(self, where, one=one, other=other)


def shown(state: Any) -> str:
    """A state in one line."""
    text = state if isinstance(state, str) else msgspec.json.encode(state, enc_hook=str).decode()
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"
