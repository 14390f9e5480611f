"""Where the network runs, and what can be broken there from outside.

Faults that a node does to itself (`POST /faults`: cut, slow, loss, disk-full, down) are the
same in every place and are not here.
"""

from collections.abc import Sequence
from typing import Protocol

from lab.layout import Layout
from lab.verification.schedule import Kind


class FaultNotDoneError(Exception):
    """It could not be done; the message says why."""


class Mendable(Protocol):
    """A network that can be healed."""

    @property
    def layout(self) -> Layout:
        """Where its nodes are."""

    def heal(self) -> None:
        """Undo all that was done from outside."""


class Place(Protocol):
    """A running network, as the nemesis sees it."""

    layout: Layout
    kinds: Sequence[Kind]
    """What can be done here."""
    words: str
    """In words: "12 processes"."""

    def kill(self, node: str) -> None:
        """As `kill -9`. Raises FaultNotDoneError, as all of these do."""

    def freeze(self, node: str) -> None:
        """As SIGSTOP."""

    def thaw(self, node: str) -> None:
        """As SIGCONT."""

    def restart(self, node: str) -> None:
        """Ask it to end, and start it again."""

    def disconnect(self, node: str) -> None:
        """Take it off its network."""

    def connect(self, node: str) -> None:
        """Put it back."""

    def back(self, node: str) -> None:
        """See to it that a node that was killed runs again."""

    def heal(self) -> None:
        """Undo all of it, whatever it was, also twice."""
