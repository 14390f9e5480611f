"""What survives a crash: id, epoch, inbox, outbox, known peers.

The simulated twin of `node.store`: the same promises, kept in memory. A message counts as
accepted once it is in the outbox, and an id is taken into the inbox once, however often it
comes. Whoever starts again with its disk is the same member, one epoch later; whoever
starts without it is somebody new at an old address.
"""

from typing import Literal

from node.overlay.inputs import Route

Status = Literal["queued", "delivered", "failed"]

REMEMBERED = 50
"""Peers that are written down for the next start: as many as `node.peer` writes."""


class Accepted:
    """A message in an outbox."""

    __slots__ = ("at", "attempts", "id", "number", "route", "status", "text", "to")

    def __init__(
        self, message: str, number: int, to: str, text: str, at: float, route: Route = "auto"
    ) -> None:
        self.id = message
        self.number = number
        self.to = to
        self.text = text
        self.at = at
        self.route = route
        self.status: Status = "queued"
        self.attempts = 0


class Received:
    """A message in an inbox; `origin` is the id of the node that sent it."""

    __slots__ = ("at", "id", "origin", "text")

    def __init__(self, message: str, origin: str, text: str, at: float) -> None:
        self.id = message
        self.origin = origin
        self.text = text
        self.at = at


class Disk:
    """One node's file."""

    def __init__(self, member: str) -> None:
        self.id = member
        self.epoch = 0
        self.inbox: dict[str, Received] = {}
        self.outbox: dict[str, Accepted] = {}
        self.peers: tuple[str, ...] = ()
        self._latest: dict[str, int] = {}
        """Origin → the highest number of its messages in the inbox."""

    def receive(
        self, message: str, origin: str, text: str, at: float, number: int | None = None
    ) -> bool:
        """Store a message; False where its id is there already."""
        if message in self.inbox:
            return False
        self.inbox[message] = Received(message, origin, text, at)
        if number is not None:
            self._latest[origin] = max(number, self._latest.get(origin, 0))
        return True

    def overtaken(self, message: str, origin: str, number: int) -> bool:
        """Whether a later message of this origin is here, and this one is not."""
        return message not in self.inbox and number < self._latest.get(origin, 0)

    def queued(self) -> list[Accepted]:
        """What was accepted and has not come to its end, in order."""
        return [message for message in self.outbox.values() if message.status == "queued"]
