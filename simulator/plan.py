"""One run, fully described: whoever has its plan can have the run again.

A plan becomes a command line and a command line a plan, so whatever a run finds can be
replayed by copying one line.
"""

import importlib
import os
import shlex
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from contract.limits import MAX_MEMBERS
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.presets import PRESETS
from simulator.faults import AnyFault, Kill, Share, Storm
from simulator.nemesis import at_random, read_scenario
from simulator.weather import Latency

MOST_NODES = 10_000
"""The protocol brief's largest network."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `sim`. Each default that is a choice says why."""

    nodes: Annotated[int, msgspec.Meta(ge=1, le=MOST_NODES)] = 50
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 60.0
    """Between the moment when all are one network and the end of all faults."""
    seed: int = 1
    kill: Share = 0.0
    """Share that dies at once, for good, a quarter into the time."""
    loss: Share = 0.0
    """Of all packets, all the time."""
    chaos: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0
    """Intensity of random faults."""
    scenario: str = ""
    rate: Annotated[float, msgspec.Meta(ge=0, le=100_000)] = 2.0
    """Messages a second, in the whole network [guess: a few people who play]."""
    route: Literal["auto", "direct", "overlay", "mixed"] = "auto"
    """How messages go; mixed: each at random."""
    latency: str = "0.5-5"
    """Milliseconds one way: a number, or least and most."""
    skew: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.001
    """How fast or slow clocks go: ten times what a bad quartz does [guess]."""
    settle: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 180.0
    """Seconds after the faults in which all must be well: as the dead are tried one in ten
    seconds, healing takes its time, and messages wait for it."""
    bootstrap: bool = True
    encoding: bool = True
    preset: Literal["lab", "lan", "wan"] = "lab"
    """The numbers that the nodes run with: `node.overlay.presets`."""
    map: bool = True
    """Whether every node knows every member; above 1,000 nodes none does, whatever this says."""
    talk: Annotated[float, msgspec.Meta(ge=0, le=1_000)] = 0.5
    """Broadcasts a second while the faults last, each from somebody else [guess]."""
    broadcasts: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 20
    """... and of one node when all is well again: ten until its tree has grown [brief], and
    ten that are measured."""
    overlay: str = "node.overlay.core:Overlay"
    """The class that is run, for trying out a protocol of one's own."""

    def command(self) -> str:
        """The command line that makes this very run again."""
        words = ["py" if os.name == "nt" else "python3", "p2p.py", "sim"]
        for field in msgspec.structs.fields(self):
            value = getattr(self, field.name)
            if field.name in {"bootstrap", "encoding", "map"}:
                words += [] if value else [f"--no-{field.name}"]
            elif field.name in {"nodes", "seed", "seconds"} or value != field.default:
                number = f"{value:g}" if isinstance(value, float) else str(value)
                words += [f"--{field.name}", number]
        return shlex.join(words)

    def config(self) -> Config:
        """The nodes' configuration: a preset, without a map where there are too many."""
        keeps_map = self.map and self.nodes <= MAX_MEMBERS
        return msgspec.structs.replace(PRESETS[self.preset], map=keeps_map)

    def schedule(self) -> list[AnyFault]:
        """All faults of this run. Raises ScenarioError."""
        schedule: list[AnyFault] = []
        if self.scenario:
            schedule += read_scenario(Path(self.scenario), self.nodes, self.seed).fault
        if self.loss:
            schedule.append(Storm(at=0, loss=self.loss))
        if self.kill:
            schedule.append(Kill(at=self.seconds / 4, share=self.kill))
        return schedule + at_random(self.seed, self.seconds, self.chaos)

    def latencies(self) -> Latency:
        """The latency as the weather has it. Raises ValueError."""
        least, _, most = self.latency.partition("-")
        if not most:
            return Latency(float(least) / 1000, float(least) / 1000, 0.0)
        jitter = (float(most) - float(least)) / 2
        return Latency(float(least) / 1000, float(most) / 1000, jitter / 1000)

    def overlay_class(self) -> type[Overlay]:
        """The class to run. Raises ValueError, TypeError."""
        module, _, name = self.overlay.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(f"there is no overlay {self.overlay!r}: {error}") from None
        if not (isinstance(found, type) and issubclass(found, Overlay)):
            raise TypeError(f"{self.overlay!r} is no class that extends the overlay")
        return found
