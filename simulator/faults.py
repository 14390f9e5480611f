"""What can be done to a world, as values: a schedule is a list of them.

Each fault has a time at which it begins, and most have a time that they last; what they
have done is undone then. Whom it strikes is said by name, or as a share of all nodes, drawn
when it begins. In a scenario's file a fault is a table with `do = "kill"` and these fields.
"""

from collections.abc import Callable
from random import Random
from typing import Annotated

import msgspec

from simulator.bootstrap import NAME
from simulator.weather import Trouble
from simulator.world import World

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
Undo = Callable[[], None]

_OVERLAY = frozenset({"/overlay"})


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    """What all faults have."""

    at: Seconds
    """Seconds after the network was one."""
    lasts: Seconds | None = None
    """Seconds until it is undone; without it, until the schedule ends or for good."""
    nodes: tuple[str, ...] = ()
    """Whom it strikes, by name."""
    share: Share = 0.0
    """... or which share of the nodes that run."""

    def begin(self, world: World, rng: Random) -> Undo:
        """Do it; returns what undoes it."""
        raise NotImplementedError

    def victims(self, world: World, rng: Random) -> list[str]:
        """The nodes that it strikes, those that do not run left out."""
        running = sorted(process.name for process in world.running())
        if self.nodes:
            there = set(running)
            return [name for name in self.nodes if name in there]
        return sorted(rng.sample(running, round(self.share * len(running))))


class Kill(Fault, frozen=True, kw_only=True, tag="kill"):
    """Crash; back after `lasts`, where that is said."""

    lose_disk: bool = False
    """It comes back as somebody new."""
    vanish: bool = False
    """Its address is gone too, so that nothing refuses a connection."""

    def begin(self, world: World, rng: Random) -> Undo:
        """All at once."""
        victims = self.victims(world, rng)
        for name in victims:
            world.crash(name, vanish=self.vanish)
        if self.lasts is None:
            return _nothing
        return lambda: _start_all(world, rng, victims, new_disk=self.lose_disk)


class Leave(Fault, frozen=True, kw_only=True, tag="leave"):
    """Stop with a good-bye; back after `lasts`, where that is said."""

    def begin(self, world: World, rng: Random) -> Undo:
        """All at once."""
        victims = [n for n in self.victims(world, rng) if not _paused(world, n)]
        for name in victims:
            world.leave(name)
        return (lambda: _start_all(world, rng, victims)) if self.lasts is not None else _nothing


class Join(Fault, frozen=True, kw_only=True, tag="join"):
    """New nodes come in the same instant."""

    count: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1

    def begin(self, world: World, rng: Random) -> Undo:
        """With names that nobody had, or with the given ones."""
        first = 1 + sum(name.startswith("new") for name in world.machines)
        names = list(self.nodes) or [f"new{first + k}" for k in range(self.count)]
        _start_all(world, rng, names)
        return _nothing


class Pause(Fault, frozen=True, kw_only=True, tag="pause"):
    """Processes stop where they stand, and go on later."""

    def begin(self, world: World, rng: Random) -> Undo:
        """Like SIGSTOP and SIGCONT."""
        victims = self.victims(world, rng)
        for name in victims:
            world.pause(name)

        def undo() -> None:
            for name in victims:
                world.resume(name)

        return undo


class Slow(Fault, frozen=True, kw_only=True, tag="slow"):
    """Everything takes longer at some nodes: requests, answers, timers."""

    by: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.5
    """Seconds."""

    def begin(self, world: World, rng: Random) -> Undo:
        """The machine is slow, whoever runs on it."""
        victims = self.victims(world, rng)
        for name in victims:
            world.machines[name].slow += self.by

        def undo() -> None:
            for name in victims:
                world.machines[name].slow -= self.by

        return undo


class Cut(Fault, frozen=True, kw_only=True, tag="cut"):
    """Nothing gets from some nodes to some others; in one direction, unless said otherwise."""

    to: tuple[str, ...] = ()
    """Empty: to nobody else."""
    both_ways: bool = False

    def begin(self, world: World, rng: Random) -> Undo:
        """A cable."""
        outside = frozenset(self.to) or None
        return _trouble(
            world,
            Trouble(
                inside=frozenset(self.victims(world, rng)),
                outside=outside,
                both_ways=self.both_ways,
                loss=1.0,
            ),
        )


class Partition(Fault, frozen=True, kw_only=True, tag="partition"):
    """The world falls into two parts; a bridge belongs to both."""

    share: Share = 0.5
    bridge: tuple[str, ...] = ()

    def begin(self, world: World, rng: Random) -> Undo:
        """Those who come later are in the other part."""
        bridge = frozenset(self.bridge)
        inside = frozenset(self.victims(world, rng)) - bridge
        outside = frozenset(world.machines) - inside - bridge if bridge else None
        return _trouble(world, Trouble(inside=inside, outside=outside, loss=1.0))


class Isolate(Fault, frozen=True, kw_only=True, tag="isolate"):
    """Each of some nodes is alone."""

    def begin(self, world: World, rng: Random) -> Undo:
        """One cut a node."""
        undoing = [
            _trouble(world, Trouble(inside=frozenset({name}), loss=1.0))
            for name in self.victims(world, rng)
        ]

        def undo() -> None:
            for each in undoing:
                each()

        return undo


class Storm(Fault, frozen=True, kw_only=True, tag="storm"):
    """Packets are lost, doubled, late, garbled, refused: at some nodes, or everywhere."""

    loss: Share = 0.0
    duplicate: Share = 0.0
    late: Share = 0.0
    late_by: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    garble: Share = 0.0
    busy: Share = 0.0

    def begin(self, world: World, rng: Random) -> Undo:
        """Without any nodes named: everywhere."""
        inside = frozenset(self.victims(world, rng)) if self.nodes or self.share else None
        return _trouble(
            world,
            Trouble(
                inside=inside,
                loss=self.loss,
                duplicate=self.duplicate,
                late=self.late,
                late_by=self.late_by,
                garble=self.garble,
                busy=self.busy,
            ),
        )


class BootstrapDown(Fault, frozen=True, kw_only=True, tag="bootstrap-down"):
    """The bootstrap is stopped; its list is on disk."""

    def begin(self, world: World, rng: Random) -> Undo:  # noqa: ARG002 - nothing is drawn
        """And started again where it was there."""
        if world.registry is None:
            return _nothing
        world.stop_bootstrap()
        return world.start_bootstrap


AnyFault = Kill | Leave | Join | Pause | Slow | Cut | Partition | Isolate | Storm | BootstrapDown


def contacts(world: World, rng: Random, name: str) -> tuple[str, ...]:
    """What a starting node is told with `PEERS`: nothing where a bootstrap is there."""
    if world.machines.get(NAME) is not None:
        return ()
    others = sorted(process.name for process in world.running() if process.name != name)
    return tuple(rng.sample(others, min(3, len(others))))


def _start_all(world: World, rng: Random, names: list[str], *, new_disk: bool = False) -> None:
    for name in names:
        machine = world.machines.get(name)
        if machine is None or machine.process is None:
            world.start(name, contacts(world, rng, name), new_disk=new_disk)


def _paused(world: World, name: str) -> bool:
    process = world.machines[name].process
    return process is not None and process.paused


def _trouble(world: World, trouble: Trouble) -> Undo:
    world.weather.begin(trouble)
    return lambda: world.weather.end(trouble)


def _nothing() -> None:
    """There is nothing to undo."""
