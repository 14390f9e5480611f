"""What was sent and what was found: all that the checker sees, and a file to keep.

A message that was sent has one of three answers. *Accepted*: the node said 202, from then on
the promise holds. *Refused*: it said no, so it must not do it. *Unknown*: no answer came, as
the node was killed with the request in its hands; it may be done or not, but not twice. The
workload repeats such a call, with the same id, until it knows; what is unknown in the end
was so until the very end.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from lab import LabError

EVERYBODY: Final = "*"
"""The receiver of a broadcast."""
SCHEMA: Final = 1
MOST_BYTES: Final = 512 * 1024 * 1024
"""Of a history's file, unpacked [guess: a day's run has some hundred MiB]."""


@dataclass(frozen=True)
class Sent:
    """One message, and what its sender said to it."""

    id: str
    sender: str
    to: str
    """A node's name, or EVERYBODY."""
    text: str
    number: int
    """Where it stands among those from its sender to its receiver, from 1."""
    asked_at: float
    """When it was asked for first: seconds since 1970, or of the simulator's world."""
    accepted_at: float | None = None
    refused: str | None = None

    @property
    def to_everybody(self) -> bool:
        """Whether it is a broadcast."""
        return self.to == EVERYBODY


@dataclass(frozen=True)
class Found:
    """One entry of an inbox."""

    id: str
    sender: str
    text: str
    at: float


@dataclass(frozen=True)
class End:
    """What a sender knows in the end: `queued`, `delivered` or `failed`."""

    status: str
    reason: str = ""


@dataclass(frozen=True)
class Fault:
    """What was broken, for how long, in words."""

    at: float
    until: float
    words: str
    nodes: tuple[str, ...]
    done: bool = True
    """Whether it could be done."""


@dataclass
class History:
    """A whole run."""

    where: str
    """In words: "12 processes"."""
    seed: int
    seconds: float
    nodes: list[str]
    sent: list[Sent] = field(default_factory=list)
    inboxes: dict[str, list[Found]] = field(default_factory=dict)
    """Each node's, oldest first; one that is missing could not be read."""
    outboxes: dict[str, dict[str, End]] = field(default_factory=dict)
    """Each node's: message → its end."""
    faults: list[Fault] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Nodes that are not there in the end, or whose disk was taken away, on purpose: nothing
    can be asked of them, and so nothing is promised."""
    joined: dict[str, float] = field(default_factory=dict)
    """When a node started for the first time, where that was after the beginning: what was said
    to everybody before is not for it."""


def save(history: History, path: Path) -> None:
    """Write it, compressed. Raises LabError."""
    said = {"schema": SCHEMA, "history": asdict(history)}
    try:
        path.write_bytes(gzip.compress(json.dumps(said).encode(), 6))
    except OSError as error:
        raise LabError(f"{path} cannot be written: {error.strerror}.") from None


def writable(path: Path) -> None:
    """Raise LabError where no file can be written there."""
    try:
        path.open("ab").close()
    except OSError as error:
        raise LabError(f"{path} cannot be written: {error.strerror}.", 2) from None


def load(path: Path) -> History:
    """Read it. Raises LabError with the reason where it is none."""
    try:
        with gzip.open(path) as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, ValueError) as error:
        raise LabError(f"{path} cannot be read as a history: {error}.", 2) from None
    if len(raw) > MOST_BYTES:
        raise LabError(f"{path} is larger than {MOST_BYTES // 1_048_576} MiB unpacked.", 2)
    try:
        said = json.loads(raw)
        schema = said["schema"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise LabError(f"{path} is no history that `verify --keep` has written.", 2) from None
    if schema != SCHEMA:
        raise LabError(f"{path} has schema {schema!r:.20}; this program reads {SCHEMA}.", 2)
    try:
        return parse(said["history"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise LabError(f"{path} is no whole history: {error!r}.", 2) from None


def parse(said: Mapping[str, Any]) -> History:
    """From parsed JSON. Raises KeyError, TypeError, AttributeError, ValueError."""
    return History(
        where=str(said["where"]),
        seed=int(said["seed"]),
        seconds=float(said["seconds"]),
        nodes=[str(name) for name in said["nodes"]],
        sent=[Sent(**each) for each in said["sent"]],
        inboxes={
            str(node): [Found(**each) for each in inbox] for node, inbox in said["inboxes"].items()
        },
        outboxes={
            str(node): {str(message): End(**end) for message, end in outbox.items()}
            for node, outbox in said["outboxes"].items()
        },
        faults=[Fault(**{**each, "nodes": tuple(each["nodes"])}) for each in said["faults"]],
        gone=[str(name) for name in said["gone"]],
        joined={str(name): float(at) for name, at in said["joined"].items()},
    )
