"""What a node can want done, as values. Nothing here does anything by itself."""

from typing import Any, Literal

import msgspec

from node.overlay.frames import Frame


class Send(msgspec.Struct, frozen=True):
    """Send a frame. `to` is the id that is meant, None where only the address is known."""

    url: str
    to: str | None
    frame: Frame


class SetTimer(msgspec.Struct, frozen=True):
    """Come back with `Timer(key)` after so many seconds; replaces an earlier one."""

    key: str
    after: float


class AskBootstrap(msgspec.Struct, frozen=True):
    """Look into the bootstrap's list again."""


class Poll(msgspec.Struct, frozen=True):
    """Ask a plain node for its `/peers`."""

    url: str


class Post(msgspec.Struct, frozen=True):
    """Hand a stored message to its receiver: `POST /message`."""

    message: str
    to: str
    url: str
    plain: bool
    attempt: int


class MessageEnded(msgspec.Struct, frozen=True):
    """A message of our own has come to its end; write it down."""

    message: str
    status: Literal["delivered", "failed"]
    attempts: int
    reason: str = ""


class Emit(msgspec.Struct, frozen=True):
    """Something happened that others may want to know: `contract.events` has the types."""

    type: str
    data: dict[str, Any]


Output = Send | SetTimer | AskBootstrap | Poll | Post | MessageEnded | Emit
