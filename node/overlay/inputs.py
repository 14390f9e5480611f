"""What can happen to a node, as values. Each goes into `Overlay.handle` with the time."""

from typing import Final, Literal

import msgspec

from contract.limits import DEFAULT_TTL
from node.overlay.frames import Batch, Outcome, Push, Unicast

Route = Literal["auto", "direct", "overlay"]
"""How a message is to go: by a call to its receiver, over the links, or over the links where
a call does not get through."""
ROUTES: Final[tuple[Route, ...]] = ("auto", "direct", "overlay")


class Start(msgspec.Struct, frozen=True):
    """The node begins to live."""


class Leave(msgspec.Struct, frozen=True):
    """The node is asked to stop and says good-bye."""


class Heard(msgspec.Struct, frozen=True):
    """A peer sent us a batch; what goes back to it at once travels in the answer."""

    batch: Batch


class Answered(msgspec.Struct, frozen=True):
    """The answer to a batch that we sent to `url`."""

    url: str
    batch: Batch


class Silent(msgspec.Struct, frozen=True):
    """A batch that we sent got no answer: refused, timed out, or nonsense."""

    url: str
    to: str | None
    reason: str
    refused: bool = False
    """The machine is there and says that nothing listens: no loss on the way looks so."""


class Broken(msgspec.Struct, frozen=True):
    """The other end closed a connection that was kept open: its process may have ended."""

    url: str


class NotOurs(msgspec.Struct, frozen=True):
    """`url` answers HTTP but has no `/overlay`: a plain node, or a bootstrap."""

    url: str


class Timer(msgspec.Struct, frozen=True):
    """A timer that an output has set has run out."""

    key: str


class Contacts(msgspec.Struct, frozen=True):
    """Addresses where a node may be: from the bootstrap, from `PEERS`, from the last run."""

    urls: tuple[str, ...]


class Registered(msgspec.Struct, frozen=True):
    """Somebody announced a node by `POST /register`. It may not answer yet."""

    url: str
    id: str | None = None
    name: str | None = None


class Polled(msgspec.Struct, frozen=True):
    """A plain node's `/peers` was asked for; `peers` is None where it did not answer."""

    url: str
    peers: tuple[str, ...] | None


class Submit(msgspec.Struct, frozen=True):
    """A message of our own is stored and wants to be delivered to a member."""

    message: str
    to: str
    left: float = DEFAULT_TTL
    """Seconds until its time runs out."""
    attempts: int = 0
    """How often it left already."""
    route: Route = "auto"


class Followed(msgspec.Struct, frozen=True):
    """What the outbox has next for a receiver (`outputs.Following`), in order; empty: nothing.

    As many as may go together (`lanes.together`).
    """

    to: str
    messages: tuple[Submit, ...]


class Expired(msgspec.Struct, frozen=True):
    """Messages of our own whose time has run out (`outputs.Expire`): ids and receivers."""

    messages: tuple[tuple[str, str], ...]
    left: float
    """Seconds until the outbox must be looked through again."""


class Again(msgspec.Struct, frozen=True):
    """A message of our own may try at once, its sender says."""

    to: str


class Discard(msgspec.Struct, frozen=True):
    """A message of our own that is not under way was taken out of the outbox."""

    message: str
    to: str


class PostEnded(msgspec.Struct, frozen=True):
    """An attempt to hand a message to its receiver ended; those that went together, in order.

    `stored`: the receiver has it. `refused`: it never will (a 4xx). `later`: not now (a 429 or
    a 5xx). `unreachable`: nobody answered.
    """

    message: str
    outcome: Literal["stored", "refused", "later", "unreachable"]
    reason: str = ""


class Taken(msgspec.Struct, frozen=True):
    """A routed message for us (`outputs.Arrived`) is on disk, or could not be stored."""

    frame: Unicast
    outcome: Outcome


class Broadcast(msgspec.Struct, frozen=True):
    """A message of our own for everybody; it is stored in our own inbox already."""

    message: str
    text: str


class Stored(msgspec.Struct, frozen=True):
    """A broadcast that came (`outputs.Deliver`) is on disk, or could not be stored."""

    key: tuple[str, int, int]
    """Its origin, epoch and number."""
    stored: bool


class Restored(msgspec.Struct, frozen=True):
    """The broadcasts that were on disk when this node started: see `broadcast` and `gaps`."""

    had: tuple[tuple[str, int, int, int], ...]
    """Origin, epoch, and from which number to which; of one origin in rising order."""
    young: tuple[tuple[Push, float], ...]
    """Those that others may still lack, and how many seconds old they are; the oldest first."""
    judged: tuple[tuple[str, int, int], ...] = ()
    """Origin, epoch, and up to which number all was had, told as missed, or before our time."""
    whole: bool = True
    """Whether the disk has all that came in this member's whole life."""


class Overflowed(msgspec.Struct, frozen=True):
    """Broadcast frames to a peer were dropped: too many piled up for it."""

    to: str


Input = (
    Start
    | Leave
    | Heard
    | Answered
    | Silent
    | Broken
    | NotOurs
    | Timer
    | Contacts
    | Registered
    | Polled
    | Submit
    | Followed
    | Expired
    | Again
    | Discard
    | PostEnded
    | Taken
    | Broadcast
    | Stored
    | Restored
    | Overflowed
)
