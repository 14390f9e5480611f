"""What can happen to a node, as values. Each goes into `Overlay.handle` with the time."""

from dataclasses import dataclass
from typing import Literal

from node.overlay.frames import Batch


@dataclass(frozen=True, slots=True)
class Start:
    """The node begins to live."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The node is asked to stop and says good-bye."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A peer sent us a batch; what goes back to it at once travels in the answer."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a batch that we sent to `url`."""

    url: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class Silent:
    """A batch that we sent got no answer: refused, timed out, or nonsense."""

    url: str
    to: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class NotOurs:
    """`url` answers HTTP but has no `/overlay`: a plain node, or a bootstrap."""

    url: str


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that an output has set has run out."""

    key: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """Addresses where a node may be: from the bootstrap, from `PEERS`, from the last run."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody announced a node by `POST /register`. It may not answer yet."""

    url: str
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """A plain node's `/peers` was asked for; `peers` is None where it did not answer."""

    url: str
    peers: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Submit:
    """A message of our own is stored and wants to be delivered to a member."""

    message: str
    to: str
    age: float = 0.0
    """Seconds since it was accepted; more than 0 for one that outlived a restart."""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class PostEnded:
    """An attempt to hand a message to its receiver ended.

    `stored`: the receiver has it. `refused`: it never will (a 4xx). `unreachable`: nobody
    answered, or not now (a 429 or a 5xx).
    """

    message: str
    outcome: Literal["stored", "refused", "unreachable"]
    reason: str = ""


Input = (
    Start
    | Leave
    | Heard
    | Answered
    | Silent
    | NotOurs
    | Timer
    | Contacts
    | Registered
    | Polled
    | Submit
    | PostEnded
)
