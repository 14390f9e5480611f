"""What is kept of a node: its record, what it believes of others, and how we reach it."""

from typing import Final, Literal

import msgspec

from dashboard.reports import Fault, Kind, State

Contact = Literal["none", "open", "silent", "lost", "refused", "unreachable", "log"]
"""Our own connection: never tried; open; open, but it does not answer; lost a moment ago;
gone, and nobody is there any more; gone, and nobody can tell why; none, as no dashboard ran,
and what the node told was read in its log afterwards."""

LIVING: Final = frozenset({"alive", "suspect"})
ENDED: Final = frozenset({"dead", "left"})


class Belief(msgspec.Struct, frozen=True):
    """What one node believes of another."""

    state: State
    url: str
    since: int = 0
    """Since when it holds the other for living, or for gone: whole seconds, by our clock."""

    @property
    def living(self) -> bool:
        """Whether it believes that the other lives."""
        return self.state in LIVING


class Broken(msgspec.Struct, frozen=True):
    """A fault that a node has, and until when, by our clock."""

    fault: Fault
    until: float


LAST: Final = frozenset({"crash", "leave"})
"""Faults that end a node's process: they outlast it, and no other does."""


class Record(msgspec.Struct, kw_only=True):
    """One node, as far as it is known."""

    key: int
    id: str
    name: str
    url: str
    kind: Kind = "peer"
    public_url: str | None = None
    epoch: int = 0
    started: float | None = None
    """Seconds, by our clock."""
    state: State = "alive"
    shown: bool = False
    confirmed: bool = False
    """It has spoken to us itself, once at least."""
    contact: Contact = "none"
    stopping: bool = False
    appeared: float | None = None
    """When it was first shown."""
    ended: float | None = None
    """When it became dead or left."""
    inbox: int = 0
    sent: int = 0
    waiting: int = 0
    least: int = 0
    """The fewest that waited at any moment since browsers were told last."""
    failed: int = 0
    note: str | None = None
    beliefs: dict[str, Belief] = {}
    """Its map: what it believes of others, by id."""
    links: dict[str, float] = {}
    """Its links, and since when, by our clock."""
    knows: int = 0
    """How many of its beliefs are of the living."""
    faults: dict[str, Broken] = {}
    """What is done to it on purpose, by the fault's id, the oldest first."""
    linked: float = 0.0
    """When its links last changed, by our clock."""
    rival: str | None = None
    """An address where another program claims to be it, and when it last did."""
    rival_at: float = 0.0
    conflicts: tuple[str, ...] = ()
    """What contradicts what about it (`conflicts`), as far as was last looked."""
    votes: list[int] = msgspec.field(default_factory=lambda: [0, 0, 0, 0])
    """What others believe of it: how many alive, suspect, dead, left."""

    @property
    def since(self) -> float:
        """Since when it is there, as far as anybody can know."""
        return (self.appeared or 0.0) if self.started is None else self.started

    @property
    def over(self) -> bool:
        """Whether it has ended: then it has no links and knows nobody any more."""
        return self.state in ENDED

    @property
    def broken(self) -> list[Broken]:
        """Its faults. One that has ended has none, but for what has ended it."""
        found = self.faults.values()
        return [one for one in found if not self.over or one.fault.kind in LAST]

    @property
    def watched(self) -> bool:
        """Whether its own word is current."""
        return self.contact in {"open", "silent", "log"} and self.kind == "peer"


class Changes(msgspec.Struct):
    """What readers must look at again."""

    nodes: set[str] = msgspec.field(default_factory=set)
    """Ids whose view may have changed."""
    knows: set[str] = msgspec.field(default_factory=set)
    """Ids whose list of known nodes may have changed."""
    links: set[str] = msgspec.field(default_factory=set)
    """Ids whose links may have changed."""
    faults: set[str] = msgspec.field(default_factory=set)
    """Ids whose faults may have changed."""
    gone: list[int] = msgspec.field(default_factory=list)
    """Keys of nodes that are shown no more."""
    hidden: list[int] = msgspec.field(default_factory=list)
    """Keys of nodes that the graph has yet to forget; one of them may be shown again."""
    shape: bool = False
    """Whether the graph's shape may have changed: who is there, and who knows whom."""

    def __bool__(self) -> bool:
        return bool(self.nodes or self.knows or self.links or self.faults or self.gone)
