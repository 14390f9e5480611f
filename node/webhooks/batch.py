"""The next events for a subscriber, as the body of a CloudEvents batch.

CloudEvents, "JSON Event Format", section 4: an array of events. It is cut where it would grow too
large, so it is never longer than its bound: the longest event has a text of 10,000 characters.

*After a gap a snapshot.* Who missed events cannot know any more who is there; so what is lost is
told first, then all that the node knows just now, and then the log goes on where it still reaches
back to. The snapshot says up to which number it is true (`seq`): events up to that one tell what
happened, and nothing about how things are now that is not in it. It is the one event that may be
larger than a batch, in a large network, and goes without others then.
"""

from typing import TYPE_CHECKING, Final

import msgspec

from contract.events import cloud_event, gap, snapshot

if TYPE_CHECKING:
    from node.peer import Peer

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
    peer: "Peer", cursor: int, wanted: frozenset[str] | None, *, afresh: bool = False
) -> Batch | None:
    """The batch after a cursor; None where nothing follows.

    A gap is told whatever is wanted, with a snapshot behind it. `afresh`: there is one in any case,
    as nobody knows what the node told in its life before.
    """
    events, own, at = peer.events, peer.own, peer.clock.wall()
    found, lost = events.after(cursor, LOOKED_AT)
    if not found and not afresh:
        return None
    parts: list[bytes] = []
    up_to = cursor
    if lost or afresh:
        up_to = found[0].seq - 1 if found else cursor
        missed = None if afresh else lost
        parts.append(msgspec.json.encode(gap(missed, up_to, own.url, own.id, own.epoch, at)))
        said = peer.snapshot()
        parts.append(msgspec.json.encode(snapshot(said, own.url, own.id, own.epoch)))
    size = sum(map(len, parts)) + len(parts) + 2
    for event in found:
        if wanted is None or event.type in wanted:
            part = msgspec.json.encode(cloud_event(event, own.url, own.id, own.epoch))
            if len(parts) >= MOST_EVENTS or size + len(part) + 1 > MOST_BYTES:
                break
            parts.append(part)
            size += len(part) + 1
        up_to = event.seq
    return Batch(b"[" + b",".join(parts) + b"]" if parts else b"", len(parts), up_to)
