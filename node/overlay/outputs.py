"""What a node can want done, as values. Nothing here does anything by itself."""

from typing import Any, Literal

import msgspec

from node.overlay.frames import Frame, Unicast


class Send(msgspec.Struct, frozen=True):
    """Send a frame. `to` is the id that is meant, None where only the address is known."""

    url: str
    to: str | None
    frame: Frame


class SetTimer(msgspec.Struct, frozen=True):
    """Come back with `Timer(key)` after so many seconds; replaces an earlier one."""

    key: str
    after: float


class CancelTimer(msgspec.Struct, frozen=True):
    """What a timer was set for has come: nobody need wake up for it."""

    key: str


class AskBootstrap(msgspec.Struct, frozen=True):
    """Look into the bootstrap's list again."""


class Poll(msgspec.Struct, frozen=True):
    """Ask a plain node for its `/peers`."""

    url: str


class Post(msgspec.Struct, frozen=True):
    """Hand a stored message to its receiver: `POST /message`.

    Or several, in order: `POST /messages`. Each is answered by an `inputs.PostEnded`.
    """

    message: str
    to: str
    url: str
    plain: bool
    attempt: int
    also: tuple[tuple[str, int], ...] = ()
    """Those behind it that go along: their ids and attempts."""

    @property
    def all(self) -> tuple[tuple[str, int], ...]:
        """The ids and attempts of all of them, in order."""
        return ((self.message, self.attempt), *self.also)


class Launch(msgspec.Struct, frozen=True):
    """Send a stored message on its way over the links: a `unicast` frame to the first hop."""

    message: str
    to: str
    url: str
    """The first hop's."""
    via: str
    token: int
    way: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    insist: bool = False
    attempt: int = 0


class Arrived(msgspec.Struct, frozen=True):
    """A routed message for us: store it, tell of it, and answer with `inputs.Taken`.

    It is not stored where it is already, or a later one of its origin is, unless that insists.
    """

    frame: Unicast


class MessageEnded(msgspec.Struct, frozen=True):
    """A message of our own has come to its end; write it down."""

    message: str
    status: Literal["delivered", "failed"]
    attempts: int
    reason: str = ""
    hops: int = 0
    """Links that it took, 1 for a call; 0 where it was not delivered."""
    path: tuple[str, ...] = ()
    """The ids that it came by, both ends too; empty where nobody told."""


class Following(msgspec.Struct, frozen=True):
    """Look in the outbox for the next messages to a receiver; answer with `inputs.Followed`."""

    to: str


class Expire(msgspec.Struct, frozen=True):
    """Look in the outbox for messages whose time has run out; answer with `inputs.Expired`."""


class Emit(msgspec.Struct, frozen=True):
    """Something happened that others may want to know: `contract.events` has the types."""

    type: str
    data: dict[str, Any]


class Deliver(msgspec.Struct, frozen=True):
    """A broadcast is here: store it where it is not, tell of it, answer with `inputs.Stored`."""

    message: str
    origin: str
    sender: str
    text: str
    via: str
    """The id of the link that handed it to us."""
    hop: int
    epoch: int
    number: int
    """With the origin its identity: whoever stores these can restore what it had."""


class Judged(msgspec.Struct, frozen=True):
    """Write down how far broadcasts were judged (`gaps`): for `inputs.Restored`."""

    levels: tuple[tuple[str, int, int], ...]
    """Origin, epoch, number."""


class Covered(msgspec.Struct, frozen=True):
    """A broadcast of our own is at everybody who lived when it was sent."""

    message: str


class Relay(msgspec.Struct, frozen=True):
    """A broadcast for a plain node in our care: put it in the outbox, and submit it."""

    message: str
    to: str
    sender: str
    text: str


Output = (
    Send
    | SetTimer
    | CancelTimer
    | AskBootstrap
    | Poll
    | Post
    | Launch
    | Arrived
    | MessageEnded
    | Following
    | Expire
    | Emit
    | Deliver
    | Judged
    | Covered
    | Relay
)
