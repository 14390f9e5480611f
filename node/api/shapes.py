"""The shapes of a node's bodies and answers, as types: what `/openapi.json` is made of.

A test asks a real node and compares its answers with these, field by field.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from contract.limits import (
    MAX_ID,
    MAX_MEMBERS,
    MAX_NAME,
    MAX_SENDER,
    MAX_TEXT,
    MAX_TOGETHER,
    MAX_TTL,
    MAX_URL,
    MIN_TTL,
)

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
Name = Annotated[str, Meta(max_length=MAX_NAME)]
Url = Annotated[str, Meta(max_length=MAX_URL, description="`http://host:port`")]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Sender = Annotated[str, Meta(min_length=1, max_length=MAX_SENDER)]
Seconds = Annotated[float, Meta(description="Seconds.")]
Time = Annotated[float, Meta(description="Seconds since 1970, by the node's clock.")]
Count = Annotated[int, Meta(ge=0)]
Kind = Literal["peer", "plain"]
State = Literal["alive", "suspect", "dead", "left"]
Status = Literal["queued", "delivered", "failed"]
Route = Literal["auto", "direct", "overlay"]

# --- the assignment ------------------------------------------------------------------------


class Running(TypedDict):
    """Who answers here."""

    message: Annotated[str, Meta(examples=["Node 3f0c… is running!"])]


class Member(TypedDict):
    """A member as this node knows it."""

    id: str
    name: str
    url: str
    kind: Kind
    state: State
    epoch: Annotated[int, Meta(description="Which start of that node, the first being 1.")]
    incarnation: Annotated[int, Meta(description="How often it has refuted a suspicion.")]


class Peers(TypedDict):
    """The members that were asked for: URLs, or with `detail=1` all that is known of them."""

    peers: list[str | Member]


class Registered(TypedDict):
    """The peer is known now."""

    status: Literal["registered"]
    peers: list[str]


Arrival = TypedDict(
    "Arrival",
    {
        "sender": Annotated[Sender, Meta(description="Who says it.")],
        "msg": Text,
        "id": NotRequired[
            Annotated[Id | None, Meta(description="The same id is stored once. Else a new one.")]
        ],
        "from": NotRequired[
            Annotated[Id | None, Meta(description="The id of the node that sends; ours say it.")]
        ],
        "to": NotRequired[
            Annotated[Id | None, Meta(description="The id of who is meant: another answers 421.")]
        ],
        "number": NotRequired[
            Annotated[Any, Meta(description="Its place in the sender's outbox; ours say it.")]
        ],
        "sent_at": NotRequired[
            Annotated[Any, Meta(description="When its sender took it; ours say it.")]
        ],
    },
)
Arrival.__doc__ = "A message that comes."


class Received(TypedDict):
    """The message is on disk."""

    status: Literal["received"]


class OneOf(TypedDict):
    """One of several messages."""

    id: Id
    sender: Sender
    msg: Text
    number: NotRequired[Any]
    sent_at: NotRequired[Any]


Together = TypedDict(
    "Together",
    {
        "from": Annotated[Id, Meta(description="The id of the node that sends.")],
        "to": Annotated[Id, Meta(description="The id of who is meant: another answers 421.")],
        "messages": Annotated[list[OneOf], Meta(min_length=1, max_length=MAX_TOGETHER)],
    },
)
Together.__doc__ = "Several messages of one node, in order."


class Outcome(TypedDict):
    """What became of one of them: refused is an id that was used for another message."""

    status: Literal["received", "refused"]
    error: NotRequired[str]


class ReceivedTogether(TypedDict):
    """What became of each, in their order."""

    messages: list[Outcome]


# --- messages ------------------------------------------------------------------------------


class Step(TypedDict):
    """A node on a message's way."""

    id: str
    name: str


InboxMessage = TypedDict(
    "InboxMessage",
    {
        "n": Annotated[int, Meta(description="Its place in the inbox.")],
        "id": str,
        "sender": Annotated[str, Meta(description="As it was claimed.")],
        "from": Annotated[str | None, Meta(description="The id of one of our nodes, or null.")],
        "msg": str,
        "at": Annotated[float, Meta(description="When it was stored.")],
        "sent_at": Annotated[
            float | None, Meta(description="When its sender took it, by the sender's clock.")
        ],
        "hops": Annotated[int | None, Meta(description="Over how many links it came.")],
        "path": Annotated[list[Step], Meta(description="Its way, both ends too.")],
        "broadcast": bool,
    },
)
InboxMessage.__doc__ = "A message that was received."


class Inbox(TypedDict):
    """A page of the inbox, newest first."""

    messages: list[InboxMessage]
    next: Annotated[int | None, Meta(description="For `before`; null where this is the end.")]


class Sending(TypedDict):
    """A message to be sent."""

    to: Annotated[Sender, Meta(description="A member's name, id or URL.")]
    msg: Text
    id: NotRequired[
        Annotated[Id | None, Meta(description="One of your own makes the call repeatable.")]
    ]
    ttl_seconds: NotRequired[Annotated[float, Meta(ge=MIN_TTL, le=MAX_TTL)]]
    route: NotRequired[Route]


class Accepted(TypedDict):
    """The message is on disk, and on its way."""

    id: str
    status: Status


class OutboxMessage(TypedDict):
    """A message of the outbox, and how far it is."""

    id: str
    n: Annotated[int, Meta(description="Its place in the outbox.")]
    to: Annotated[str, Meta(description="The receiver's id.")]
    to_name: str
    msg: str
    route: Route
    ttl_seconds: Seconds
    status: Status
    under_way: Annotated[bool, Meta(description="Whether an attempt is being made.")]
    attempts: Count
    reason: Annotated[str | None, Meta(description="What became of the last attempt.")]
    next_in: Annotated[float | None, Meta(description="Seconds until the next attempt.")]
    promise: Literal["exactly-once", "at-least-once"] | None
    at: Time
    done_at: float | None
    expires_in: Annotated[float | None, Meta(description="Seconds until it is given up.")]
    hops: int | None
    path: list[Step]


class Outbox(TypedDict):
    """A page of the outbox, newest first."""

    messages: list[OutboxMessage]
    next: Annotated[int | None, Meta(description="For `before`; null where this is the end.")]


class Discarded(TypedDict):
    """The message is dropped, and its id forgotten."""

    id: str
    status: Literal["discarded"]


class Broadcasting(TypedDict):
    """A message for everybody."""

    msg: Text
    id: NotRequired[Id | None]
    wait_seconds: NotRequired[
        Annotated[float, Meta(ge=0, le=30, description="Answer once all have it, or then.")] | None
    ]


class Missing(TypedDict):
    """A member that is not known to have a broadcast."""

    id: str
    name: str
    state: State | None


class Coverage(TypedDict):
    """Who is known to have a broadcast. Where it is not counted, `why` says so."""

    id: str
    counted: bool
    why: str | None
    complete: bool | None
    of: Annotated[int | None, Meta(description="The peers that lived when it was sent.")]
    reached: int | None
    missing: Annotated[list[Missing] | None, Meta(description="At most 100 of them.")]
    more_missing: int | None
    age: Annotated[float | None, Meta(description="Seconds since it was sent.")]
    took: Annotated[float | None, Meta(description="Seconds until all had said so.")]


class BroadcastSent(TypedDict):
    """The broadcast is on disk, and on its way."""

    id: str
    status: Literal["sent"]
    coverage: NotRequired[Coverage]


# --- watching ------------------------------------------------------------------------------


class FaultPeer(TypedDict):
    """Whom a fault concerns."""

    id: str
    name: str


class FaultView(TypedDict):
    """A fault that is set, with the fields of its kind."""

    id: str
    kind: str
    peers: Annotated[list[FaultPeer] | None, Meta(description="Whom it concerns; null: all.")]
    direction: Literal["in", "out", "both"]
    left_seconds: Seconds
    by: str
    act: Annotated[str | None, Meta(description="The act at several nodes that it is a part of.")]
    probability: NotRequired[float]
    mean_ms: NotRequired[float]
    jitter_ms: NotRequired[float]
    distribution: NotRequired[str]
    bytes_per_second: NotRequired[float]
    down_seconds: NotRequired[float]
    lose_disk: NotRequired[bool]
    offset_seconds: NotRequired[float]
    rate: NotRequired[float]


class NodeStatus(TypedDict):
    """A node: who it is, whom it knows, what it counts."""

    id: str
    name: str
    url: str
    public_url: str | None
    epoch: Annotated[int, Meta(ge=1, description="Which start this is.")]
    started: Time
    version: str
    seq: Annotated[int, Meta(description="The number of the last event.")]
    at: Time
    members: Annotated[list[Member], Meta(description="The others.")]
    links: Annotated[list[str], Meta(description="Ids of those to whom there is a link.")]
    inbox: Count
    sent: Annotated[int, Meta(ge=0, description="Messages of its own that were delivered.")]
    failed: Count
    waiting: Count
    durability: Literal["normal", "full", "unknown"]
    unknown_frames: Count
    unsealed_batches: Count
    refused_batches: Count
    strange_frames: Count
    broadcast: Annotated[dict[str, int], Meta(description="What is held, and what came.")]
    routing: Annotated[dict[str, int], Meta(description="What is held, and what was done.")]
    faults: list[FaultView]


class CloudEvent(TypedDict):
    """An event, as CloudEvents 1.0 has it."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(description="`<node id>/<epoch>/<seq>`")]
    source: Annotated[str, Meta(description="The node's URL.")]
    type: Annotated[str, Meta(pattern=r"^p2p\.")]
    time: Annotated[str, Meta(description="RFC 3339, in UTC.")]
    data: Annotated[dict[str, Any], Meta(description="As docs/api.md and contract/events.py say.")]


class Events(TypedDict):
    """What happened, in order."""

    events: list[CloudEvent]
    lost: Annotated[int, Meta(ge=0, description="How many after `after` are too old by now.")]
    next: Annotated[int, Meta(ge=0, description="For `after`.")]


# --- faults --------------------------------------------------------------------------------


class FaultSet(TypedDict):
    """The fault that was set, or healed."""

    fault: FaultView


class FaultsSet(TypedDict):
    """All that are set, the oldest first."""

    faults: list[FaultView]


class Cleared(TypedDict):
    """How many were healed."""

    cleared: Count


class Hooking(TypedDict):
    """A wish for a webhook; the same URL again renews it."""

    url: Annotated[str, Meta(min_length=1, max_length=1_024)]
    types: NotRequired[
        Annotated[
            list[str],
            Meta(min_length=1, max_length=32, description="`p2p.message.*`, say; else all."),
        ]
    ]
    secret: NotRequired[Annotated[str, Meta(description="`whsec_…`; else one is made up.")]]
    lease_seconds: NotRequired[Annotated[float, Meta(ge=1, le=86_400)]]
    after: NotRequired[Annotated[int, Meta(ge=0, description="Go on after this event.")]]


class Failure(TypedDict):
    """The last delivery that failed."""

    at: float
    why: str


class Hook(TypedDict):
    """A webhook of this node."""

    id: str
    url: str
    types: list[str] | None
    expires_in: Annotated[float, Meta(ge=0)]
    lag: Annotated[int, Meta(description="Events that have yet to be looked at for it.")]
    delivered: Count
    failures: Count
    last_success: float | None
    last_failure: Failure | None
    next_in: Annotated[float | None, Meta(description="When a failed delivery is tried again.")]
    secret: NotRequired[Annotated[str, Meta(description="Told once, when it is new.")]]


class Hooks(TypedDict):
    """The webhooks, the oldest first; their secrets are told to nobody."""

    webhooks: list[Hook]


def fault_wish() -> tuple[dict[str, Any], dict[str, Any]]:
    """A wish for a fault as JSON Schema, out of the table that it is read by.

    The schema, and a named one for each kind.
    """
    from node.faults import kinds  # late: most nodes never have one

    named: dict[str, Any] = {}
    for kind, fields in kinds.KINDS.items():
        on_the_wire = kind in kinds.ON_THE_WIRE
        properties: dict[str, Any] = {"kind": {"enum": [kind]}}
        if on_the_wire:
            properties["peers"] = {
                "type": ["array", "null"],
                "minItems": 1,
                "maxItems": MAX_MEMBERS,
                "items": {
                    "anyOf": [
                        {"type": "string", "maxLength": MAX_SENDER},
                        {
                            "type": "object",
                            "properties": {
                                "id": {"type": "string", "maxLength": MAX_ID},
                                "name": {"type": "string", "maxLength": MAX_SENDER},
                                "url": {"type": "string", "maxLength": MAX_URL},
                            },
                            "required": ["id", "name", "url"],
                            "additionalProperties": False,
                        },
                    ]
                },
                "description": "Names, ids or URLs of members whom it concerns, or id, name and "
                "URL of who is not known yet; else all.",
            }
            properties["direction"] = _field(kinds.DIRECTION)
        properties["for_seconds"] = _field(kinds.FOR)
        properties["by"] = {
            "type": "string",
            "maxLength": kinds.MAX_BY,
            "description": "Who asks; else the caller's address.",
        }
        properties["act"] = {
            "type": ["string", "null"],
            "maxLength": MAX_ID,
            "description": "What it is a part of, where several nodes have it as one act.",
        }
        properties |= {name: _field(field) for name, field in fields.items()}
        required = [name for name, field in fields.items() if field.default is None]
        named["Fault" + kind.title().replace("-", "")] = {
            "title": kind,
            "type": "object",
            "description": f"A wish for a fault of the kind `{kind}`.",
            "properties": properties,
            "required": ["kind", *required],
            "additionalProperties": False,
        }
    return {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in named]}, named


def _field(field: Any) -> dict[str, Any]:
    from node.faults.kinds import Choice, Number

    schema: dict[str, Any]
    match field:
        case Number():
            lowest = "minimum" if field.least else "exclusiveMinimum"
            schema = {"type": "number", lowest: field.above, "maximum": field.most}
        case Choice():
            schema = {"type": "string", "enum": list(field.words)}
        case _:
            schema = {"type": "boolean"}
    return schema if field.default is None else {**schema, "default": field.default}
