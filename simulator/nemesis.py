"""Who does the faults: a schedule, from chance or from a file.

At random: faults come like buses, independently, on average one every `PAUSE / intensity`
seconds, of all kinds alike, each lasting some seconds and striking few nodes. When the
schedule ends, everything is undone, and the network has its time to settle.

A scenario's file is YAML, the one that `p2p.py run` plays in all places (docs/scenarios): its
steps are cast from the seed and become faults here. The older TOML is read as well, whose faults
are those of `simulator.faults` word for word; it can say what only a simulator can do:

    nodes = 30
    seconds = 60

    [[fault]]
    do = "storm"
    at = 10
    lasts = 20
    garble = 0.2
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Annotated, Any

import msgspec

from scenario.cast import Strike, cast
from scenario.document import ScenarioError as YamlError
from scenario.reading import read as read_yaml
from scenario.vocabulary import MOST_NODES
from simulator.faults import (
    AnyFault,
    BootstrapDown,
    Cut,
    Isolate,
    Join,
    Kill,
    Leave,
    Partition,
    Pause,
    Slow,
    Storm,
    Undo,
)
from simulator.world import World

PAUSE = 4.0
"""Seconds between two faults at intensity 1 [guess: several overlap, as they last longer]."""
LONGEST = 20.0
"""Seconds that a fault lasts at most [guess: longer than a suspicion, so some members are
taken for dead and must come back]."""
MOST_FAULTS = 10_000
"""In a file [guess]."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: a run's options that it fixes, and faults."""

    fault: Annotated[tuple[AnyFault, ...], msgspec.Meta(max_length=MOST_FAULTS)] = ()
    nodes: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e6)] | None = None
    seed: int | None = None
    rate: float | None = None
    talk: float | None = None


class ScenarioError(ValueError):
    """A file that describes no scenario; the message says where."""


YAML = frozenset({".yaml", ".yml"})
GONE = 2.0
"""Seconds that a restart takes: a farewell, and half a second until a supervisor notices."""


def read_scenario(path: Path, nodes: int | None = None, seed: int | None = None) -> Scenario:
    """The scenario in a file; of YAML, as it is with so many nodes. Raises ScenarioError."""
    if path.suffix in YAML:
        try:
            return _from_yaml(path, nodes, seed)
        except YamlError as error:
            raise ScenarioError(str(error.of(str(path)))) from None
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Scenario)
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path} cannot be read: {error}") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ScenarioError(f"{path}: {error}") from None


def _from_yaml(path: Path, nodes: int | None, seed: int | None) -> Scenario:
    scenario = read_yaml(path)
    script = cast(scenario, nodes, seed, MOST_NODES)
    faults = [fault for strike in script.strikes for fault in _faults(strike, len(script.nodes))]
    return Scenario(
        fault=tuple(faults),
        nodes=scenario.nodes,
        seconds=scenario.seconds,
        seed=scenario.seed,
        rate=scenario.workload.messages,
        talk=scenario.workload.broadcasts,
    )


def _faults(strike: Strike, count: int) -> list[AnyFault]:  # noqa: PLR0911 - a table
    """What a strike is here. A `heal` is nothing of its own: all ends are known by then."""
    lasts = None if strike.until is None else strike.until - strike.at
    same: Any = {"at": strike.at, "lasts": lasts, "nodes": strike.nodes}
    if strike.kind in _SAME:
        return [_SAME[strike.kind](**same)]
    match strike.kind:
        case "restart":
            return [Leave(at=strike.at, lasts=GONE, nodes=strike.nodes)]
        case "slow":
            return [Slow(**same, by=strike.by)]
        case "lossy":
            return [
                Storm(at=strike.at, lasts=lasts, nodes=(name,), loss=strike.by)
                for name in strike.nodes
            ]
        case "cut":
            return [Cut(**same, to=strike.towards)]
        case "partition":
            return _parted(strike, lasts, count)
    if strike.kind == "bootstrap" and strike.word == "stop":
        return [BootstrapDown(at=strike.at, lasts=lasts)]
    return []


_SAME: Any = {"kill": Kill, "leave": Leave, "freeze": Pause, "join": Join, "isolate": Isolate}
"""Steps that have the same fields here."""


def _parted(strike: Strike, lasts: float | None, count: int) -> list[AnyFault]:
    groups = strike.groups
    if len(groups) == 2 and sum(len(group) for group in groups) == count:
        return [Partition(at=strike.at, lasts=lasts, nodes=groups[0])]
    return [
        Cut(at=strike.at, lasts=lasts, nodes=one, to=other, both_ways=True)
        for number, one in enumerate(groups)
        for other in groups[number + 1 :]
    ]


def at_random(seed: int, seconds: float, intensity: float) -> list[AnyFault]:
    """A schedule of mixed faults. The same numbers, the same schedule."""
    rng = Random(f"nemesis {seed}")
    schedule: list[AnyFault] = []
    at = 0.0
    while intensity > 0:
        at += rng.expovariate(intensity / PAUSE)
        if at >= seconds:
            break
        lasts = round(rng.uniform(0.5, min(LONGEST, max(1.0, seconds - at))), 3)
        schedule.append(_KINDS[rng.randrange(len(_KINDS))](rng, round(at, 3), lasts))
    return schedule


def _kill(rng: Random, at: float, lasts: float) -> AnyFault:
    lose, vanish = rng.random() < 0.3, rng.random() < 0.3
    share = rng.uniform(0.05, 0.3)
    return Kill(at=at, lasts=lasts, share=share, lose_disk=lose, vanish=vanish)


def _cut(rng: Random, at: float, lasts: float) -> AnyFault:
    return Cut(at=at, lasts=lasts, share=rng.uniform(0.05, 0.3), both_ways=rng.random() < 0.3)


def _storm(rng: Random, at: float, lasts: float) -> AnyFault:
    def some(most: float) -> float:
        return rng.uniform(0.0, most) if rng.random() < 0.5 else 0.0

    return Storm(
        at=at,
        lasts=lasts,
        loss=some(0.3),
        duplicate=some(0.3),
        late=some(0.3),
        late_by=rng.uniform(0.1, 6.0),  # some beyond the sender's patience
        garble=some(0.2),
        busy=some(0.3),
    )


def _slow(rng: Random, at: float, lasts: float) -> AnyFault:
    return Slow(at=at, lasts=lasts, share=rng.uniform(0.05, 0.2), by=rng.uniform(0.1, 3.0))


_KINDS: Any = (
    _kill,
    lambda rng, at, lasts: Leave(at=at, lasts=lasts, share=rng.uniform(0.03, 0.1)),
    lambda rng, at, _: Join(at=at, count=rng.randrange(1, 4)),
    lambda rng, at, lasts: Pause(at=at, lasts=lasts, share=rng.uniform(0.05, 0.3)),
    _slow,
    _cut,
    lambda rng, at, lasts: Partition(at=at, lasts=lasts, share=rng.uniform(0.2, 0.5)),
    lambda rng, at, lasts: Isolate(at=at, lasts=lasts, share=rng.uniform(0.03, 0.2)),
    _storm,
    lambda _, at, lasts: BootstrapDown(at=at, lasts=lasts),
)


class Nemesis:
    """Does a schedule to a world, and undoes it."""

    def __init__(self, world: World, schedule: Iterable[AnyFault], seed: int) -> None:
        self._world = world
        self._rng = Random(f"victims {seed}")
        self._undoing: dict[int, Undo] = {}
        self.done: list[tuple[float, AnyFault]] = []
        for number, fault in enumerate(schedule):
            world.agenda.after(fault.at, self._begin, number, fault)
            if fault.lasts is not None:
                world.agenda.after(fault.at + fault.lasts, self._end, number)

    def stop(self) -> None:
        """Undo whatever is left: no fault outlives the schedule, but the dead stay dead."""
        for number in sorted(self._undoing):
            self._end(number)

    def _begin(self, number: int, fault: AnyFault) -> None:
        self.done.append((self._world.now, fault))
        self._undoing[number] = fault.begin(self._world, self._rng)

    def _end(self, number: int) -> None:
        undo = self._undoing.pop(number, None)
        if undo is not None:
            undo()
