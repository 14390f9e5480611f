"""What local mode is to run besides what a layout says: the supervisor's plan has it, too.

Scenarios need three things of it. More nodes that come *later*, without the dashboard being told
to expect them. Programs that stay ended (*held*) though a supervisor's business is to start them
again: a node that was killed for twenty seconds. And nodes that are somebody's *own* program.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_WORDS: Final = 64
"""Of a command line."""


@dataclass(frozen=True)
class Own:
    """Somebody's own node: a command, where it is run, and which nodes it is."""

    command: tuple[str, ...]
    folder: str
    names: frozenset[str]

    def said(self) -> dict[str, Any]:
        """As files have it."""
        return {
            "command": list(self.command),
            "folder": self.folder,
            "names": sorted(self.names),
        }


@dataclass(frozen=True)
class Wanted:
    """Beyond a layout."""

    later: int = 0
    """Nodes that came later: node13, node14 … of a layout of twelve."""
    held: frozenset[str] = frozenset()
    """Programs that are not started when they have ended."""
    own: Own | None = None

    def said(self) -> dict[str, Any]:
        """As plan.json has it."""
        return {
            "later": self.later,
            "held": sorted(self.held),
            "own": None if self.own is None else self.own.said(),
        }


def wanted(said: Mapping[str, Any]) -> Wanted:
    """From plan.json; a plan without any of it wants nothing more. Raises KeyError, TypeError."""
    own = said.get("own")
    return Wanted(
        later=int(said.get("later", 0)),
        held=frozenset(str(name) for name in said.get("held", ())),
        own=None
        if own is None
        else Own(
            tuple(str(word) for word in own["command"]),
            str(own["folder"]),
            frozenset(str(name) for name in own["names"]),
        ),
    )
