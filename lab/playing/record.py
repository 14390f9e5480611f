"""What was seen of a played scenario: the same from the simulator, processes and containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.verification.history import History
from scenario.cast import Script
from scenario.vocabulary import Place


@dataclass
class Record:
    """A whole run, not judged yet."""

    script: Script
    place: Place
    words: str
    """Where: "12 processes"."""
    zero: float
    """The scenario's beginning by the clock of the history."""
    history: History
    watch: Mapping[str, Any]
    """As `scenario.watching.Watch.said` has it."""
    done: Mapping[int, tuple[float, float | None]] = field(default_factory=dict)
    """Strike → when it was really done, and undone, in seconds of the scenario."""
    undone: Mapping[int, str] = field(default_factory=dict)
    """Strikes that could not be done, and why."""
    calm: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Sequence[Any]] = ()
    """Time, node, type, whom: as the nodes told."""
    broken: str = ""
    """In the simulator: the invariant that broke, in words."""
    look: float = 0.5
    """Seconds between two looks: so much may a figure be too large."""
    real_seconds: float = 0.0
    began: float | None = None
    """Seconds since 1970; None in the simulator."""
    speed: float = 1.0
    run_file: str = ""
    """The dashboard's recording, where it was kept."""
