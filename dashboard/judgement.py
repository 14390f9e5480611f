"""How a node is, from the evidence: our own connection to it, and what others believe.

Our connection comes first. While it is open nobody can talk the node dead; where nobody
listens at its address any more, nobody can talk it alive. Only where we cannot tell do the
others decide, and it takes more than half of them: a single liar kills nobody.
"""

from typing import Final

from dashboard.records import Contact, Record
from dashboard.reports import State

_SEEN: Final[dict[Contact, State]] = {"open": "alive", "silent": "suspect", "lost": "suspect"}
"""What our own connection says by itself."""


def state(record: Record) -> State:
    """The state that all evidence together gives."""
    if record.stopping:
        return "left"
    seen = _SEEN.get(record.contact)
    if seen is not None:
        return seen
    believed = opinion(record)
    if record.contact in {"none", "log"}:
        return believed or "alive"
    if record.contact == "refused" or believed is None:
        return "left" if believed == "left" else "dead"
    return "suspect" if believed == "alive" else believed


def opinion(record: Record) -> State | None:
    """What more than half of those who have a belief about a node believe."""
    alive, suspect, dead, left = record.votes
    voters = alive + suspect + dead + left
    if voters == 0:
        return None
    if 2 * left > voters:
        return "left"
    if 2 * (dead + left) > voters:
        return "dead"
    return "alive" if 2 * alive >= voters else "suspect"
