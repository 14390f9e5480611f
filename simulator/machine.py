"""A machine, and the one life after another of the node on it.

A `Machine` is a place in the network: a name, an address, a disk. A `Process` is one life
of the program there, with everything that dies with it: the overlay's state, its timers,
the batches that wait. All that `node.peer` has around the overlay has its counterpart here.
"""

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from node.overlay.window import Windows
from simulator.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from node.overlay.core import Overlay
    from node.overlay.frames import Frame
    from node.overlay.outputs import Post

Lane = tuple[str, str | None]
"""The address, and the id that is meant there where it is known; as in `node.transport`."""


def url(name: str) -> str:
    """Where the node of that name lives."""
    return f"http://{name}:5000"


class Process:
    """One life of a node."""

    __slots__ = (
        "alive",
        "aside",
        "backlog",
        "busy",
        "connected",
        "flying",
        "joined",
        "lanes",
        "machine",
        "offset",
        "overlay",
        "paused",
        "posting",
        "posts",
        "pushing",
        "rate",
        "ready",
        "since",
        "timers",
        "windows",
    )

    def __init__(
        self,
        machine: "Machine",
        overlay: "Overlay",
        offset: float,
        rate: float,
        since: float = 0.0,
    ) -> None:
        self.machine = machine
        self.overlay = overlay
        self.offset = offset
        self.rate = rate
        """Its clock shows `offset + rate · now`: no two machines' clocks agree."""
        self.since = since
        """When it started, by the world's own clock."""
        self.alive = True
        self.paused = False
        self.backlog: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        """What came while it was paused; it happens, late, when it goes on."""
        self.timers: dict[str, int] = {}
        self.lanes: dict[Lane, deque[Frame]] = {}
        self.ready: deque[Lane] = deque()
        self.flying: set[Lane] = set()
        """Lanes with a batch in flight."""
        self.busy = 0
        """How many these are, or are about to be."""
        self.windows = Windows()
        self.aside: Counter[Lane] = Counter()
        """Batches of broadcasts that are in flight beside it."""
        self.pushing: dict[Lane, None] = {}
        """Lanes that got a broadcast since the last flush."""
        self.posts: deque[Post] = deque()
        self.posting = 0
        self.connected: set[str] = set()
        """Addresses with a connection that is kept: there silence is noticed later."""
        self.joined = False
        """Whether the bootstrap has answered it."""

    @property
    def name(self) -> str:
        """Its machine's name."""
        return self.machine.name


class Machine:
    """A place where a node can run."""

    __slots__ = ("disk", "disks", "inbox", "name", "plain", "process", "slow", "url", "vanished")

    def __init__(self, name: str) -> None:
        self.name = name
        self.url = url(name)
        self.disks = 0
        self.disk = self.new_disk()
        self.process: Process | None = None
        self.vanished = False
        """Gone with its address: nothing answers, not even a refusal."""
        self.slow = 0.0
        """Seconds that everything takes longer here."""
        self.plain: list[str] | None = None
        """Where a plain node runs: what its `/peers` says."""
        self.inbox: list[str] = []
        """A plain node's messages."""

    def new_disk(self) -> Disk:
        """Lose the disk and get an empty one: with it goes the id."""
        self.disks += 1
        again = "" if self.disks == 1 else f".{self.disks}"
        self.disk = Disk(f"id-{self.name}{again}")
        return self.disk
