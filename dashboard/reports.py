"""What nodes report, and the one place where it is believed or not.

A packet of Socket.IO is parsed once, from msgpack straight into the typed values below;
lengths and ranges are part of the types. What breaks a rule is `NonsenseError`, and ends
the connection that it came over. Events of a type that is not known here are left out,
since the node may be newer than we are.

A report about *others* may still be a lie. That is not settled here but in `reducer`.
"""

from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec

from contract.errors import ApiError
from contract.events import NAMESPACE, PREFIX, seconds
from contract.limits import MAX_ID, MAX_MEMBERS, MAX_NAME, MAX_SENDER, MAX_TEXT, MAX_URL
from contract.urls import peer_url

State = Literal["alive", "suspect", "dead", "left"]
Kind = Literal["peer", "plain"]

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Url = Annotated[str, msgspec.Meta(max_length=MAX_URL)]
Counter = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""Any count; above 2^53 a browser could not hold it."""
Seconds = Annotated[float, msgspec.Meta(ge=0, lt=2**40)]
"""A time since 1970, for another 30,000 years."""
Reason = Annotated[str, msgspec.Meta(max_length=1_000)]
"""Why something happened; a node's longest is some 300 characters [guess]."""

Strength = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
"""How bad a fault is: a probability, milliseconds, bytes a second, seconds."""
MOST_FAULTS: Final = 64
"""Faults of one node at a time [node.faults.active]."""

CONNECT: Final = 0
DISCONNECT: Final = 1
EVENT: Final = 2
ACK: Final = 3
CONNECT_ERROR: Final = 4
"""Types of packets (Socket.IO protocol 5, "Packet types")."""


class NonsenseError(ValueError):
    """A node said what no node of ours would say. The text says what, for its `note`."""


class Packet(msgspec.Struct):
    """A Socket.IO packet, its data still packed."""

    type: int
    nsp: str = "/"
    data: msgspec.Raw = msgspec.Raw()
    id: int | None = None


class Node(msgspec.Struct):
    """A NODE of `contract.events`."""

    id: Id
    name: Name
    url: Url


class Member(Node):
    """A MEMBER of `contract.events`: a node as another node sees it."""

    state: State
    kind: Kind = "peer"
    epoch: Counter = 0


class Own(Node):
    """A node as it sees itself."""

    epoch: Counter
    started: Seconds
    public_url: Url | None = None


class FaultPeer(msgspec.Struct):
    """Whom a fault concerns."""

    id: Id
    name: Name


class Fault(msgspec.Struct):
    """A FAULT of `contract.events`: what is done to a node on purpose, and for how long yet."""

    id: Id
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    peers: Annotated[list[FaultPeer], msgspec.Meta(max_length=MAX_MEMBERS)] | None = None
    direction: Literal["in", "out", "both"] = "both"
    left_seconds: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 0.0
    by: Annotated[str, msgspec.Meta(max_length=MAX_SENDER)] = ""
    act: Id | None = None
    probability: Strength | None = None
    mean_ms: Strength | None = None
    jitter_ms: Strength | None = None
    bytes_per_second: Strength | None = None
    down_seconds: Strength | None = None
    offset_seconds: Strength | None = None
    rate: Strength | None = None


class OfFault(msgspec.Struct):
    """Data of `fault.*`."""

    fault: Fault
    reason: Reason = ""


class Snapshot(msgspec.Struct):
    """All that a node knows at one moment."""

    node: Own
    seq: Counter
    at: Seconds
    members: Annotated[list[Member], msgspec.Meta(max_length=2 * MAX_MEMBERS)]
    links: Annotated[list[Id], msgspec.Meta(max_length=MAX_MEMBERS)]
    inbox: Counter = 0
    sent: Counter = 0
    failed: Counter = 0
    waiting: Counter = 0
    faults: Annotated[list[Fault], msgspec.Meta(max_length=MOST_FAULTS)] = []
    """None where the node is of a version that tells none."""


class About(msgspec.Struct):
    """Data of `link.*` and `peer.*`."""

    peer: Node


class OfMember(msgspec.Struct):
    """Data of `member.*`."""

    member: Member


class Counts(msgspec.Struct):
    """COUNTS of `contract.events`: how many messages a node has."""

    inbox: Counter
    sent: Counter
    failed: Counter
    waiting: Counter


class OfMessage(msgspec.Struct):
    """Data of `message.*`; which fields there are depends on the type."""

    message: Id
    to: Node
    sender: Annotated[str, msgspec.Meta(max_length=MAX_SENDER)] = ""
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)] = ""
    attempt: Counter = 1
    reason: Reason = ""
    origin: Node | None = msgspec.field(name="from", default=None)
    """The sender; of `message.forwarded` who forwards."""
    via: Node | None = None
    """Whom it was handed to, where that is not the receiver itself."""
    hop: Counter = 1
    number: Counter = 0
    """Its place in the outbox, where it is told: a higher one once it was queued anew."""
    again_in: Annotated[float, msgspec.Meta(ge=0, lt=2**31)] = 0.0
    """Seconds until the next attempt; 0: at once."""
    counts: Counts | None = None
    """The teller's; None where it is of a version that tells none."""


class OfBroadcast(msgspec.Struct):
    """Data of `broadcast.*`."""

    message: Id
    origin: Node = msgspec.field(name="from")
    via: Node | None = None
    """The link that it came along."""
    sender: Annotated[str, msgspec.Meta(max_length=MAX_SENDER)] = ""
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)] = ""
    hop: Counter = 1
    counts: Counts | None = None


Said = About | OfMember | OfMessage | OfBroadcast | OfFault
"""What an event can tell."""


class Event(msgspec.Struct):
    """One event of a node, checked."""

    seq: int
    type: str
    """Without the prefix."""
    time: float
    """Seconds since 1970 by the node's clock."""
    data: "Said | None"


class Batch(msgspec.Struct):
    """Events that came together. `missed`: some before them are lost."""

    at: float
    events: list[Event]
    missed: bool = False


class _Cloud(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(max_length=MAX_ID + 64)]
    type: Annotated[str, msgspec.Meta(max_length=100)]
    time: Annotated[str, msgspec.Meta(max_length=40)]
    data: msgspec.Raw


class _Batch(msgspec.Struct):
    at: Seconds
    events: Annotated[list[_Cloud], msgspec.Meta(max_length=5_000)]


class _Log(msgspec.Struct):
    events: Annotated[list[_Cloud], msgspec.Meta(max_length=5_000)]
    next: Counter


class _Ack(msgspec.Struct):
    at: Seconds


_packet: Final = msgspec.msgpack.Decoder(Packet)
_data: Final = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw])
_snapshot: Final = msgspec.msgpack.Decoder(Snapshot)
_batch: Final = msgspec.msgpack.Decoder(_Batch)
_acks: Final = msgspec.msgpack.Decoder(tuple[_Ack])

_TYPES: Final[dict[str, type[Said]]] = {
    **dict.fromkeys(("link.up", "link.down", "peer.learned", "peer.forgotten"), About),
    **dict.fromkeys(("member.alive", "member.suspect", "member.dead", "member.left"), OfMember),
    **dict.fromkeys(
        (
            "message.queued",
            "message.sent",
            "message.forwarded",
            "message.received",
            "message.delivered",
            "message.retried",
            "message.failed",
            "message.discarded",
        ),
        OfMessage,
    ),
    **dict.fromkeys(("broadcast.sent", "broadcast.received"), OfBroadcast),
    **dict.fromkeys(("fault.set", "fault.cleared"), OfFault),
}
"""What the events of a type say; others (`node.started`) say nothing that is not known."""
_by_type: Final = {type_: msgspec.msgpack.Decoder(type_) for type_ in set(_TYPES.values())}
_DATA: Final = {name: _by_type[type_] for name, type_ in _TYPES.items()}


def packet(frame: bytes) -> Packet:
    """A binary frame as a packet of our namespace. Raises NonsenseError."""
    try:
        found = _packet.decode(frame)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NonsenseError(f"no Socket.IO packet: {error}") from None
    if found.nsp != NAMESPACE:
        raise NonsenseError("a packet of another namespace")
    return found


def told(data: msgspec.Raw, node: str, epoch: int) -> Snapshot | Batch | None:
    """What an EVENT packet says; None for what a newer node may say.

    `node` and `epoch` are whose stream this is. Raises NonsenseError.
    """
    try:
        name, body = _data.decode(data)
        if name == "snapshot":
            return _checked(_snapshot.decode(body))
        if name == "events":
            return _events(_batch.decode(body), node, epoch)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NonsenseError(f"its events make no sense: {error}") from None
    return None


def acknowledged(data: msgspec.Raw) -> float:
    """The node's time in the acknowledgement of `subscribe`. Raises NonsenseError."""
    try:
        (ack,) = _acks.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NonsenseError(f"its acknowledgement makes no sense: {error}") from None
    return ack.at


def _checked(snapshot: Snapshot) -> Snapshot:
    """The snapshot without members at impossible addresses."""
    own = snapshot.node
    try:
        own.url = peer_url(own.url)
        own.public_url = None if own.public_url is None else peer_url(own.public_url)
    except ApiError as error:
        raise NonsenseError(error.message) from None
    snapshot.members = [member for member in snapshot.members if _usable(member, own.id)]
    return snapshot


@lru_cache(maxsize=4 * MAX_MEMBERS)
def _normal(url: str) -> str | None:
    """A peer's address in its one form; None where nobody can be. The same ones come for ever."""
    try:
        return peer_url(url)
    except ApiError:
        return None


def _usable(member: Member, own: str) -> bool:
    url = _normal(member.url)
    if url is None:
        return False
    member.url = url
    return member.id != own


def _events(batch: _Batch, node: str, epoch: int) -> Batch:
    found = Batch(batch.at, [])
    whose = f"{node}/{epoch}/"
    for cloud in batch.events:
        if not cloud.id.startswith(whose):
            raise NonsenseError("it sends events of another node")
        number = cloud.id[len(whose) :]
        type_ = cloud.type.removeprefix(PREFIX)
        if type_ == "gap":
            found.missed = True
            continue
        if not number.isdecimal() or len(number) > 16:
            raise NonsenseError("it sends an event without a number")
        found.events.append(Event(int(number), type_, seconds(cloud.time), _read(type_, cloud)))
    return found


def logged(body: bytes, node: str, epoch: int) -> tuple[Batch, int]:
    """What a node's log says (`GET /events`), and after which number to go on.

    Raises NonsenseError.
    """
    try:
        said = msgspec.json.decode(body, type=_Log)
        batch = _Batch(0.0, [])
        for cloud in said.events:
            type_ = _TYPES.get(cloud.type.removeprefix(PREFIX))
            if type_ is not None:  # as it would have come over the stream
                told = msgspec.json.decode(cloud.data, type=type_)
                cloud.data = msgspec.Raw(msgspec.msgpack.encode(told))
            batch.events.append(cloud)
        return _events(batch, node, epoch), said.next
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NonsenseError(f"its log makes no sense: {error}") from None


def _read(type_: str, cloud: _Cloud) -> Said | None:
    decoder = _DATA.get(type_)
    if decoder is None:
        return None
    data: Said = decoder.decode(cloud.data)
    if isinstance(data, OfMember) and not _usable(data.member, ""):
        return None  # an address where nobody can be
    return data
