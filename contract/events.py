"""Everything that happens is an event, and every event has one schema.

CloudEvents 1.0 in JSON (https://cloudevents.io, sections "Required Attributes" and
"Type System"): `source` is the node's URL, `id` is `<node id>/<epoch>/<seq>`, `type` is
`p2p.` and one of the names below. `seq` has no holes within an epoch, so a subscriber
that sees 7 after 5 knows that it missed 6. The epoch counts a node's restarts.

    type                data
    node.started        node: NODE
    node.stopping       node: NODE
    link.up             peer: NODE
    link.down           peer: NODE, reason
    peer.learned        peer: NODE                     (first heard of)
    peer.forgotten      peer: NODE, reason             (no longer in the map)
    member.alive        member: MEMBER                 (also: back from suspicion)
    member.suspect      member: MEMBER
    member.dead         member: MEMBER
    member.left         member: MEMBER
    message.queued      message, from: NODE, to: NODE, sender, text, number (its place in the
                        outbox), attempt (how often it has left): it waits behind others for
                        its receiver, or a person has queued a failed one anew
    message.sent        message, from: NODE, to: NODE, sender, text, hop, attempt,
                        route: "direct" or "overlay", via: NODE (first hop) or null (direct)
    message.forwarded   message, from: NODE (who forwards), via: NODE (the next hop),
                        to: NODE (the receiver), hop (that this is: 2 for the first)
    message.received    message, from: NODE or null, to: NODE, sender, text, hop
    message.delivered   message, from: NODE, to: NODE, hop      (the receiver has stored it)
    message.retried     message, from: NODE, to: NODE, attempt, reason, again_in (seconds)
    message.failed      message, from: NODE, to: NODE, reason
    message.discarded   message, from: NODE, to: NODE           (one that had ended is dropped)
    broadcast.sent      message, from: NODE, text
    broadcast.received  message, from: NODE (origin), via: NODE (last hop), to: NODE,
                        sender, text, hop
    fault.set           fault: FAULT
    fault.cleared       fault: FAULT, reason: "expired" or "healed"
    broadcast.missed    from: NODE (origin), count          (this node cannot have them any more)
    gap                 missed (how many events this subscriber lost; null: the node has started
                        anew, and nobody knows), up_to (seq)
    snapshot            what docs/api.md calls a snapshot: all that the node knows, after a gap
                        (webhooks only; over Socket.IO a subscriber asks for one)

    NODE    {"id", "name", "url"}
    FAULT   {"id", "kind", "peers": [{"id", "name"}] or null (all), "direction",
             "left_seconds", "by", "act" or null, and the fields of its kind}
    MEMBER  {"id", "name", "url", "kind": "peer"|"plain", "state", "epoch", "incarnation"}
    COUNTS  {"inbox", "sent", "failed", "waiting"}, of the node that tells, in `counts` of all
            events in `COUNTED`

What is sent and received carries its text because that is what the page shows. A broadcast
is one `broadcast.sent` at its origin and one `broadcast.received` at each other member; the
pairs (`via`, `to`) are the tree that it took.
A message that goes over the overlay's links is one `message.sent` each time that it leaves its
origin (a retry may take another first hop: `message.retried` with `again_in` 0 comes before),
one `message.forwarded` at each node that passes it on, and one `message.received`, whose hop
is the number of links that it took. Who forwards keeps nothing and tells nothing of the text.
`from` is null where a message came from outside, by a `curl` say: then only the `sender`
that it claims is known.
Whatever changes how many messages a node holds says how many there are now, and not that there
is one more: who adds up what happens is wrong for good where a snapshot had the message already
and the event about it comes after. The numbers are those of when the event was written down, so
that the last event always has the true ones.
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

PREFIX: Final = "p2p."

TYPES: Final = frozenset(
    {
        "node.started",
        "node.stopping",
        "link.up",
        "link.down",
        "peer.learned",
        "peer.forgotten",
        "member.alive",
        "member.suspect",
        "member.dead",
        "member.left",
        "message.queued",
        "message.sent",
        "message.forwarded",
        "message.received",
        "message.delivered",
        "message.retried",
        "message.failed",
        "message.discarded",
        "broadcast.sent",
        "broadcast.received",
        "fault.set",
        "fault.cleared",
        "broadcast.missed",
    }
)

COUNTED: Final = frozenset(
    {
        "message.queued",
        "message.sent",
        "message.received",
        "message.delivered",
        "message.failed",
        "message.discarded",
        "broadcast.sent",
        "broadcast.received",
    }
)
"""Types that say how many messages the node has now, in `counts`."""

NAMESPACE: Final = "/events"
"""The Socket.IO namespace of every node that streams these events."""


class Event(NamedTuple):
    """One event inside a node, before it is dressed as a CloudEvent."""

    seq: int
    type: str
    """Without the prefix: `message.sent`."""
    time: float
    """Seconds since 1970, by the node's own clock."""
    data: dict[str, Any]


def cloud_event(event: Event, url: str, node_id: str, epoch: int) -> dict[str, Any]:
    """The event as a CloudEvents 1.0 JSON object."""
    return {
        "specversion": "1.0",
        "id": f"{node_id}/{epoch}/{event.seq}",
        "source": url,
        "type": PREFIX + event.type,
        "time": rfc3339(event.time),
        "data": event.data,
    }


def gap(
    missed: int | None, up_to: int, url: str, node_id: str, epoch: int, at: float
) -> dict[str, Any]:
    """The note that a subscriber lost events. It is no event of the node: it has no seq.

    `missed` None: nobody knows how many, as the node has started anew.
    """
    return {
        "specversion": "1.0",
        "id": f"{node_id}/{epoch}/gap-{up_to}",
        "source": url,
        "type": PREFIX + "gap",
        "time": rfc3339(at),
        "data": {"missed": missed, "up_to": up_to},
    }


def snapshot(said: dict[str, Any], url: str, node_id: str, epoch: int) -> dict[str, Any]:
    """All that a node knows, for a subscriber that lost events. It has no seq of its own either."""
    return {
        "specversion": "1.0",
        "id": f"{node_id}/{epoch}/snapshot-{said['seq']}",
        "source": url,
        "type": PREFIX + "snapshot",
        "time": rfc3339(said["at"]),
        "data": said,
    }


def rfc3339(seconds: float) -> str:
    """A time stamp as CloudEvents wants it, in UTC with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def seconds(stamp: str) -> float:
    """The other way round. Raises ValueError for what is no time."""
    return datetime.fromisoformat(stamp).timestamp()
