"""Messages between random pairs, at a rate, as people would send them."""

from random import Random
from typing import Literal

from node.overlay.inputs import ROUTES, Route
from simulator.machine import Process
from simulator.world import World


class Workload:
    """Sends until it is stopped; in the order of one seed."""

    def __init__(
        self, world: World, rate: float, seed: int, route: Route | Literal["mixed"] = "auto"
    ) -> None:
        self._world = world
        self._rate = rate
        self._rng = Random(f"messages {seed}")
        self._routes = Random(f"routes {seed}")  # so that whoever sends when stays the same
        self._route = route
        self._stopped = rate <= 0
        if not self._stopped:
            self._next()

    def stop(self) -> None:
        """Nobody sends any more."""
        self._stopped = True

    def _next(self) -> None:
        self._world.agenda.after(self._rng.expovariate(self._rate), self._send)

    def _send(self) -> None:
        if self._stopped:
            return
        able = [p for p in self._world.running() if can_send(p)]
        if able:
            sender = able[self._rng.randrange(len(able))]
            others = [n for n in self._world.machines if n != sender.name]
            receiver = others[self._rng.randrange(len(others))] if others else ""
            if receiver and knows(self._world, sender, receiver):
                route = self._routes.choice(ROUTES) if self._route == "mixed" else self._route
                self._world.send(sender.name, receiver, route=route)
        self._next()


def can_send(process: Process) -> bool:
    """Whether its `/send` would answer."""
    return not process.paused and process.overlay.own.state != "left"


def knows(world: World, process: Process, receiver: str) -> bool:
    """Whether it would find the receiver; otherwise its `/send` answers 404."""
    machine = world.machines[receiver]
    return machine.plain is None and (process.overlay.members.get(machine.disk.id) is not None)
