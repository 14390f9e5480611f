"""What a node can want done, as values. Nothing here does anything by itself."""

from dataclasses import dataclass
from typing import Any, Literal

from node.overlay.frames import Frame


@dataclass(frozen=True, slots=True)
class Send:
    """Send a frame. `to` is the id that is meant, None where only the address is known."""

    url: str
    to: str | None
    frame: Frame


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Come back with `Timer(key)` after so many seconds; replaces an earlier one."""

    key: str
    after: float


@dataclass(frozen=True, slots=True)
class AskBootstrap:
    """Look into the bootstrap's list again."""


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask a plain node for its `/peers`."""

    url: str


@dataclass(frozen=True, slots=True)
class Post:
    """Hand a stored message to its receiver: `POST /message`."""

    message: str
    to: str
    url: str
    plain: bool
    attempt: int


@dataclass(frozen=True, slots=True)
class MessageEnded:
    """A message of our own has come to its end; write it down."""

    message: str
    status: Literal["delivered", "failed"]
    attempts: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Emit:
    """Something happened that others may want to know: `contract.events` has the types."""

    type: str
    data: dict[str, Any]


Output = Send | SetTimer | AskBootstrap | Poll | Post | MessageEnded | Emit
