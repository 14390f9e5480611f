"""The next events for a subscriber, as the body of a CloudEvents batch.

CloudEvents, "JSON Event Format", section 4: an array of events. It is cut where it would grow too
large, so it is never longer than its bound: the longest event has a text of 10,000 characters.
"""

from typing import Final

import msgspec

from contract.events import cloud_event, gap
from node.events import EventLog
from node.overlay.frames import Record

MOST_EVENTS: Final = 200
"""Events in one batch [guess: 2,000 a second, some 80 KiB]."""
MOST_BYTES: Final = 262_144
"""Bytes of one batch [issue: 256 KiB]."""
LOOKED_AT: Final = 1_000
"""Events that are looked at for one batch, wanted or not."""


class Batch(msgspec.Struct, frozen=True):
    """A body, and how far it reaches."""

    body: bytes
    """Empty where no event was wanted."""
    count: int
    up_to: int
    """The number of the last event that was looked at."""


def following(
    events: EventLog, cursor: int, wanted: frozenset[str] | None, own: Record, at: float
) -> Batch | None:
    """The batch after a cursor; None where nothing follows. A gap is told whatever is wanted."""
    found, lost = events.after(cursor, LOOKED_AT)
    if not found:
        return None
    parts: list[bytes] = []
    up_to = cursor
    if lost:
        up_to = found[0].seq - 1
        parts.append(msgspec.json.encode(gap(lost, up_to, own.url, own.id, own.epoch, at)))
    size = sum(map(len, parts)) + 2
    for event in found:
        if wanted is None or event.type in wanted:
            part = msgspec.json.encode(cloud_event(event, own.url, own.id, own.epoch))
            if len(parts) >= MOST_EVENTS or size + len(part) + 1 > MOST_BYTES:
                break
            parts.append(part)
            size += len(part) + 1
        up_to = event.seq
    return Batch(b"[" + b",".join(parts) + b"]" if parts else b"", len(parts), up_to)
