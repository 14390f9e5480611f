"""What changes the picture: every input of `model`, as a value.

The live dashboard and a replay do the same with the same entries, in the same order; that
is all that a recording needs to hold. Times are seconds since 1970 by the dashboard's clock,
in whole microseconds, since that is what a recording keeps.
"""

import msgspec

from dashboard.records import Contact
from dashboard.reports import Event, Snapshot


def whole(seconds: float) -> float:
    """A time in whole microseconds: what is written down comes back as the very same number."""
    return round(seconds * 1e6) / 1e6


class Told(msgspec.Struct):
    """A node told all that it knows. `started` is when it started, by our clock."""

    at: float
    started: float
    said: Snapshot


class Resumed(msgspec.Struct):
    """A node's events go on where they broke off."""

    at: float
    node: str


class Happened(msgspec.Struct):
    """Events of a node that arrived together. `times` are theirs, by our clock."""

    at: float
    node: str
    epoch: int
    events: list[Event]
    times: list[float]


class Answered(msgspec.Struct):
    """A plain node answered."""

    at: float
    node: str
    name: str
    url: str
    peers: list[str]
    note: str | None


class Contacted(msgspec.Struct):
    """Something became of our connection to a node."""

    at: float
    node: str
    contact: Contact
    note: str | None


class Claimed(msgspec.Struct):
    """A program at an address claims to be a node that we are connected to elsewhere."""

    at: float
    node: str
    url: str


class Passed(msgspec.Struct):
    """Time passed, and that changed something."""

    at: float


class Away(msgspec.Struct):
    """The dashboard stopped here: from now on only the nodes' own logs can tell."""

    at: float


Entry = Told | Resumed | Happened | Answered | Contacted | Claimed | Passed | Away
