"""Plain nodes: the assignment's four calls, and a keeper that polls them.

Here is only what a plain node answers. That one exists, who keeps it and whether it lives
is found out by the overlay (`node.overlay.plain`).
"""

from typing import TYPE_CHECKING

from node.overlay.inputs import Polled
from simulator.machine import Machine, Process
from simulator.network import Call, Refusal

if TYPE_CHECKING:
    from simulator.world import World


class PollCall(Call):
    """`GET /peers` of a plain node."""

    __slots__ = ("_world",)

    path = "/peers"

    def __init__(self, world: "World", process: Process, url: str) -> None:
        super().__init__(process, url)
        self._world = world

    def arrives(self, machine: Machine, *, garbled: bool) -> tuple[str, ...]:  # noqa: ARG002 - only overlay batches get garbled
        """At the plain node; or at one of ours that lives there now."""
        if machine.process is not None:
            return tuple(machine.process.overlay.peers())
        return tuple(machine.plain or ())

    def answered(self, answer: tuple[str, ...] | Refusal, *, garbled: bool) -> None:  # noqa: ARG002 - as above
        """Any answer at all is a sign of life."""
        peers = () if isinstance(answer, Refusal) else answer
        self._world.step(self.sender, Polled(self.url, peers))

    def failed(self, reason: str) -> None:  # noqa: ARG002 - silence is silence
        """Silence."""
        self._world.step(self.sender, Polled(self.url, None))
