"""What survives a crash: id, epoch, inbox, outbox, known peers.

The simulated twin of `node.store`: the same promises, kept in memory. A message counts as
accepted once it is in the outbox, and an id is taken into the inbox once, however often it
comes. Whoever starts again with its disk is the same member, one epoch later; whoever
starts without it is somebody new at an old address.
"""

from typing import Literal

Status = Literal["queued", "delivered", "failed"]

REMEMBERED = 50
"""Peers that are written down for the next start: as many as `node.peer` writes."""


class Accepted:
    """A message in an outbox."""

    __slots__ = ("at", "attempts", "id", "status", "text", "to")

    def __init__(self, message: str, to: str, text: str, at: float) -> None:
        self.id = message
        self.to = to
        self.text = text
        self.at = at
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

    def receive(self, message: str, origin: str, text: str, at: float) -> bool:
        """Store a message; False where its id is there already."""
        if message in self.inbox:
            return False
        self.inbox[message] = Received(message, origin, text, at)
        return True

    def queued(self) -> list[Accepted]:
        """What was accepted and has not come to its end, in order."""
        return [message for message in self.outbox.values() if message.status == "queued"]
