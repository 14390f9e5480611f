"""What nodes say to each other, and the one place where their words are believed or not.

A batch is one `POST /overlay`: who speaks (their own record), whom they mean, and some
frames. The answer to it is a batch as well. A batch that breaks a rule is refused whole,
before anything changes; a frame of a kind that we do not know is counted and skipped, and
so are unknown fields, since it may come from a newer version. No frame has more than 64 KiB:
what is longer goes in pieces (`pieces`).

    frame        meaning                                             answer
    hello        I am new: who is there?                             members
    digest       this is the sum of my map; is yours the same?       members, where it differs
    members      all that I know                                     update, of what I know newer
    update       news: these records changed                         none
    neighbour    let us be links (urgent: I have none)               accept or refuse
    accept       we are
    refuse       I have enough
    disconnect   we no longer are
    later        too many are new here just now: come again         hello
    join         a newcomer's record, on a walk along links          at its end: neighbour
    shuffle      a few of my views, on a walk along links            at its end: shuffled
    shuffled     a few of its views, back along that walk
    probe        I get no answer from this member: do you?           probed, if it does
    probed       it answers me: this is its record
    push         a broadcast, whole                                  prune, where it was there
    ihave        broadcasts that I have                              graft, of what is missing
    heights      how far each origin has counted, as far as I know   none
    graft        hand me these, and go on pushing me their origin's  push
    prune        push me no more of this origin's: announce them     none
    receipts     who has which broadcast, on the way to its origin   none
    have_you     do you have these of my broadcasts?                 receipts, of yourself
    census       how many we are, and whether I keep a map           none
    neighbourhood  lists of neighbours, or the sum of all of them    versions, where it differs
    versions     which lists I have                                  neighbourhood, of newer ones
    unicast      a message for one member, on its way along links    acknowledged
    acknowledged what became of it, on the way back
    discover     a flood: who knows a way to this member             found, by the member itself
    found        a way to me, on the way back

Those from `push` on are `broadcast`'s, `linkstate`'s and `routing`'s, and are taken from
links only, but for `have_you` and its answer.
"""

import re
from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec

from contract.errors import ApiError, malformed, out_of_range
from contract.limits import (
    CENSUS,
    MARK,
    MAX_ANNOUNCED,
    MAX_AVOIDED,
    MAX_FRAME,
    MAX_FRAMES,
    MAX_HOPS,
    MAX_ID,
    MAX_LISTS,
    MAX_MEMBERS,
    MAX_NAME,
    MAX_ROUTE,
    MAX_SENDER,
    MAX_TEXT,
    MAX_URL,
)
from contract.urls import peer_url

VERSION: Final = 1
"""Of the protocol, in every batch. Another version is refused: 422."""

State = Literal["alive", "suspect", "dead", "left"]
Kind = Literal["peer", "plain"]

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL)]
# A counter that a liar cannot push to where nobody can count on: 2^31 restarts.
Counter = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Sum64 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
# Steps that a walk still has, and the ids it came by: sixteen are more than ours ever have.
Steps = Annotated[int, msgspec.Meta(ge=0, le=16)]
Path = Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=17)]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one member. `members` tells which of two records wins."""

    id: Id
    name: Name
    url: Url
    kind: Kind = "peer"
    epoch: Counter = 0
    """How often it has started; only the member itself raises it."""
    incarnation: Counter = 0
    """How often it has refuted a suspicion in this epoch; only it raises this, too."""
    state: State = "alive"


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """I am new here; who is there."""

    lost: bool = False
    """Not new, but you were dead to me until now: tie me to somebody of yours as well."""


class Digest(msgspec.Struct, frozen=True, tag="digest"):
    """The sum of all living records I hold; two equal maps have equal sums."""

    sum: Sum64 | None
    """None where I keep no map."""
    linked: bool
    """Whether I count you among my links: a link has two ends or none."""
    links: Annotated[tuple[Id, ...], msgspec.Meta(max_length=16)] = ()
    """My links: should I die, these have to know, and can try me on your behalf."""


class MemberList(msgspec.Struct, frozen=True, tag="members", omit_defaults=True):
    """All that I know; tell me what you know better."""

    records: Annotated[tuple[Record, ...], msgspec.Meta(max_length=2 * MAX_MEMBERS)]
    after: Annotated[str, msgspec.Meta(max_length=MAX_ID)] = ""
    """One of several pieces: of the ids after this one, in the order of their characters, ..."""
    upto: Id | None = None
    """... up to this one, which is included; None: of all that follow."""

    def covers(self, member: str) -> bool:
        """Whether a member would be here, were it known."""
        return self.after < member and (self.upto is None or member <= self.upto)


class Update(msgspec.Struct, frozen=True, tag="update"):
    """These records changed."""

    records: Annotated[tuple[Record, ...], msgspec.Meta(max_length=2 * MAX_MEMBERS)]


class Neighbour(msgspec.Struct, frozen=True, tag="neighbour"):
    """Let us be links. `urgent`: I have none, and who is full must make room [HyParView]."""

    urgent: bool = False


class Accept(msgspec.Struct, frozen=True, tag="accept"):
    """We are links."""


class Refuse(msgspec.Struct, frozen=True, tag="refuse"):
    """I have enough links."""


class Disconnect(msgspec.Struct, frozen=True, tag="disconnect"):
    """We are links no longer."""

    done: bool = False
    """Neither of us needs it: look for no other in its place."""


class Later(msgspec.Struct, frozen=True, tag="later"):
    """Too many strangers at once: come again after so many seconds."""

    after: Annotated[float, msgspec.Meta(ge=0, le=60)]


class Join(msgspec.Struct, frozen=True, tag="join"):
    """A newcomer, on a walk along links [HyParView: ForwardJoin]."""

    record: Record
    steps: Steps
    lost: bool = False
    """From a part of the network that was cut off: a link is worth more than its place."""


class Shuffle(msgspec.Struct, frozen=True, tag="shuffle"):
    """Some of the origin's views, on a walk along links; the origin's record first."""

    records: Annotated[tuple[Record, ...], msgspec.Meta(max_length=16)]
    steps: Steps
    path: Path
    """Where it came by, the origin first."""


class Shuffled(msgspec.Struct, frozen=True, tag="shuffled"):
    """As many from where a shuffle ended, on the way back."""

    records: Annotated[tuple[Record, ...], msgspec.Meta(max_length=16)]
    path: Annotated[tuple[Id, ...], msgspec.Meta(max_length=17)]
    """The way that is left, its next step last."""


class Census(msgspec.Struct, frozen=True, tag="census"):
    """How many members there are, counted together: see `census`."""

    number: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    """Of the round; each begins with numbers drawn anew."""
    least: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=0, le=2**40)], ...],
        msgspec.Meta(min_length=CENSUS, max_length=CENSUS),
    ]
    """For each place the least that anybody drew, as far as I know."""
    keeps: bool
    """Whether I keep a map."""


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """I get no answer from this member; try it for me [SWIM: ping-req]."""

    member: Id


class Probed(msgspec.Struct, frozen=True, tag="probed"):
    """It answers me; this is its record."""

    record: Record


# --- broadcast: see `broadcast` --------------------------------------------------------

Number = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
Hop = Annotated[int, msgspec.Meta(ge=1, le=MAX_HOPS)]
Sender = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SENDER)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)]


class Push(msgspec.Struct, frozen=True, tag="push"):
    """A broadcast, whole. (origin, epoch, number) is its identity on the way."""

    origin: Id
    epoch: Counter
    number: Number
    """The origin counts its broadcasts from 1 in each epoch."""
    hop: Hop
    """1 where the origin itself says it."""
    message: Id
    """Its id in inboxes, and for people."""
    sender: Sender
    """The origin's name."""
    text: Text

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from every other broadcast."""
        return (self.origin, self.epoch, self.number)


class Announced(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One broadcast in an `ihave` or a `graft`; an array, since there may be hundreds."""

    origin: Id
    epoch: Counter
    number: Number
    hop: Annotated[int, msgspec.Meta(ge=0, le=MAX_HOPS)]
    """At which the announcer has it; 0: it is its own."""

    @property
    def key(self) -> tuple[str, int, int]:
        """As in `Push`."""
        return (self.origin, self.epoch, self.number)


Announcements = Annotated[tuple[Announced, ...], msgspec.Meta(max_length=MAX_ANNOUNCED)]


class Ihave(msgspec.Struct, frozen=True, tag="ihave", omit_defaults=True):
    """I have these, should you miss one."""

    messages: Announcements
    and_you: bool = False
    """We have just become links, or something was lost between us: tell me, too."""
    sum: Sum64 | None = None
    """Of all heights that I know, with `and_you`; where yours is another, send me yours."""


class Height(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The highest number of an origin's broadcasts that I have had; see `gaps`."""

    origin: Id
    epoch: Counter
    number: Number


class Heights(msgspec.Struct, frozen=True, tag="heights"):
    """How far each origin has counted: whoever lacks some of it knows that it does."""

    of: Annotated[tuple[Height, ...], msgspec.Meta(max_length=MAX_ANNOUNCED)]


class Graft(msgspec.Struct, frozen=True, tag="graft"):
    """From now on push me what these origins say."""

    messages: Announcements
    payload: bool = True
    """... and hand me these very messages; False where only the tree is to be changed."""


class Prune(msgspec.Struct, frozen=True, tag="prune"):
    """Push me no more of this origin's messages, announce them: somebody else is faster."""

    origin: Id


class Receipt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who has one broadcast: see `receipts`."""

    origin: Id
    epoch: Counter
    number: Number
    who: Annotated[
        str,
        msgspec.Meta(max_length=MARK * (MAX_MEMBERS + 1), pattern=f"^([A-Za-z0-9_-]{{{MARK}}})+$"),
    ]
    """The marks of members, one behind the other."""

    @property
    def key(self) -> tuple[str, int, int]:
        """As in `Push`."""
        return (self.origin, self.epoch, self.number)


class Receipts(msgspec.Struct, frozen=True, tag="receipts"):
    """These members have these broadcasts, as far as I know. On the way to their origins."""

    of: Annotated[tuple[Receipt, ...], msgspec.Meta(max_length=MAX_ANNOUNCED)]


class HaveYou(msgspec.Struct, frozen=True, tag="have_you"):
    """Do you have these of my broadcasts? Nobody has told me yet."""

    messages: Announcements


# --- who is whose link: see `linkstate` --------------------------------------------------


class NeighbourList(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One member's own word on who its links are; an array, since there is one of each."""

    member: Id
    epoch: Counter
    version: Counter
    """Counts the changes within an epoch; only the member itself raises it."""
    links: Annotated[tuple[Id, ...], msgspec.Meta(max_length=16)]

    @property
    def order(self) -> tuple[int, int]:
        """The higher one wins."""
        return (self.epoch, self.version)


class ListVersion(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A neighbour list without the list."""

    member: Id
    epoch: Counter
    version: Counter


class Neighbourhood(msgspec.Struct, frozen=True, tag="neighbourhood"):
    """Some members' neighbour lists."""

    lists: Annotated[tuple[NeighbourList, ...], msgspec.Meta(max_length=MAX_LISTS)] = ()
    sum: Sum64 | None = None
    """Of all lists that I have; two who have the same lists have equal sums."""


class Versions(msgspec.Struct, frozen=True, tag="versions", omit_defaults=True):
    """The lists that I have. Where you have newer ones, send them."""

    of: Annotated[tuple[ListVersion, ...], msgspec.Meta(max_length=MAX_MEMBERS + 1)]
    and_you: bool = False
    """Where mine are newer than yours, tell me which you have."""
    after: Annotated[str, msgspec.Meta(max_length=MAX_ID)] = ""
    upto: Id | None = None
    """One of several pieces: as in `members`."""

    def covers(self, member: str) -> bool:
        """Whether a member's list would be here, were there one."""
        return self.after < member and (self.upto is None or member <= self.upto)


# --- routing: see `routing` --------------------------------------------------------------

# Where something came by: the origin first. As long as the longest way, so that what has
# come too far is no frame at all.
Visited = Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=MAX_ROUTE)]
Way = Annotated[tuple[Id, ...], msgspec.Meta(max_length=MAX_ROUTE)]
# JSON's whole numbers are exact up to here (RFC 8259, section 6).
Exact = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
Moment = Annotated[float, msgspec.Meta(ge=0, lt=2**40)]
"""Seconds since 1970, for another 30,000 years."""
Outcome = Literal["stored", "refused", "later", "overtaken", "stuck"]


class Unicast(msgspec.Struct, frozen=True, tag="unicast"):
    """A message for one member, on its way along links."""

    message: Id
    receiver: Id
    sender: Sender
    """The origin's name."""
    text: Text
    number: Exact
    """Its place in the origin's outbox: what was sent before never comes after it."""
    token: Exact
    """Drawn by chance; who answers must have it, so nobody can who never had the message."""
    visited: Visited
    """Where it has been, the origin first."""
    way: Way = ()
    """The rest of a way that was found by a flood; empty: everybody chooses the next hop."""
    avoid: Annotated[tuple[Id, ...], msgspec.Meta(max_length=MAX_AVOIDED)] = ()
    """Where messages got lost before: not over these, unless there is no other way."""
    insist: bool = False
    """The origin knows that a later number was there, and that this is not an old copy."""
    sent_at: Moment | None = None
    """When the origin took it into its outbox, by its own clock; a node of before says nothing."""

    @property
    def origin(self) -> str:
        """Who sent it."""
        return self.visited[0]

    @property
    def hop(self) -> int:
        """The hop that brings it here: 1 where it comes from the origin itself."""
        return len(self.visited)


class Acknowledged(msgspec.Struct, frozen=True, tag="acknowledged"):
    """What became of a routed message, on the way back to its origin."""

    message: Id
    token: Exact
    """The message's own."""
    outcome: Outcome
    """`stored` on the receiver's disk; `refused` for ever; `later`: not now; `overtaken`: a
    later one is there, and this may be an old copy; `stuck`: no way on from somewhere."""
    hop: Annotated[int, msgspec.Meta(ge=1, le=MAX_ROUTE)]
    """Hops that it took, to the receiver or to where it got stuck."""
    back: Way
    """The way that is left, its next step last, the origin first; empty: it is there."""
    path: Way = ()
    """Where a message that was stored came by, the origin first: for people who look."""


class Discover(msgspec.Struct, frozen=True, tag="discover"):
    """A bounded flood: every node passes it on once, until it meets the one that is meant."""

    receiver: Id
    number: Number
    """With the origin it tells this flood from others."""
    path: Visited
    """Where it came by, the origin first."""


class Found(msgspec.Struct, frozen=True, tag="found"):
    """The one that a flood looked for, and the way there; it goes back that way."""

    number: Number
    way: Annotated[tuple[Id, ...], msgspec.Meta(min_length=2, max_length=MAX_ROUTE + 1)]
    """From the origin to the one that was found, both included."""
    back: Way
    """The way that is left, its next step last; empty: it is there."""


BroadcastFrame = Push | Ihave | Heights | Graft | Prune | Receipts | HaveYou
UnicastFrame = Unicast | Acknowledged | Discover | Found
Frame = (
    Hello
    | Digest
    | MemberList
    | Update
    | Neighbour
    | Accept
    | Refuse
    | Disconnect
    | Later
    | Join
    | Shuffle
    | Shuffled
    | Probe
    | Probed
    | Census
    | BroadcastFrame
    | Neighbourhood
    | Versions
    | UnicastFrame
)

_KINDS: Final = frozenset(
    {"hello", "digest", "members", "update", "neighbour", "accept", "refuse", "disconnect"}
    | {"later", "join", "shuffle", "shuffled", "probe", "probed", "census"}
    | {"push", "ihave", "heights", "graft", "prune", "receipts", "have_you"}
    | {"neighbourhood", "versions", "unicast", "acknowledged", "discover", "found"}
)


_WITH_RECORDS: Final = (MemberList, Update, Shuffle, Shuffled)


class Batch(msgspec.Struct, frozen=True):
    """Frames from one node to another, as the overlay handles them."""

    sender: Record
    frames: tuple[Frame, ...]
    to: str | None = None
    """The id that is meant; None where only the address is known."""
    unknown: int = 0
    """Frames of kinds that this version does not know."""


def room(frame: Frame) -> int:
    """Bytes that a message may take in a batch, at worst: JSON escapes make six of one."""
    match frame:
        case Push():
            more = 6 * (len(frame.text) + len(frame.sender)) + 384
        case Ihave() | Graft() | HaveYou():
            more = len(frame.messages) * (MAX_ID + 40)
        case Heights():
            more = len(frame.of) * (MAX_ID + 40)
        case Receipts():
            more = sum(map(room_of_receipt, frame.of))
        case Unicast(visited=visited, way=way, avoid=avoid):
            more = 6 * (len(frame.text) + len(frame.sender)) + 384 + 2 * _ID
            more += _room_of_ids(*visited, *way, *avoid)
        case Neighbourhood():
            more = sum(40 + _room_of_ids(said.member, *said.links) for said in frame.lists)
        case Versions():
            more = len(frame.of) * (_ID + 24)
        case Acknowledged():
            more = 128 + _ID + _room_of_ids(*frame.back, *frame.path)
        case Discover():
            more = 128 + _ID + _room_of_ids(*frame.path)
        case Found():
            more = 128 + _room_of_ids(*frame.way, *frame.back)
        case _:
            more = _room_of_members(frame)
    return 128 + more


def _room_of_members(frame: Frame) -> int:
    """The same for frames of links, members and their detector."""
    match frame:
        case MemberList(records=records) | Update(records=records):
            return 2 * _ID + sum(map(room_of_record, records))
        case Shuffle(records=records, path=path) | Shuffled(records=records, path=path):
            return sum(map(room_of_record, records)) + _room_of_ids(*path)
        case Join(record=record) | Probed(record=record):
            return room_of_record(record)
        case Digest(links=links):
            return _room_of_ids(*links)
        case _:
            return _ID


def room_of_record(record: Record) -> int:
    """Bytes of a record at most.

    What is printable, as ids and names are, takes four a character in UTF-8, or two where
    JSON escapes it.
    """
    return 120 + 4 * (len(record.id) + len(record.name)) + 2 * len(record.url)


def room_of_list(said: NeighbourList) -> int:
    """Bytes of a neighbour list at most."""
    ids = (said.member, *said.links)
    return 40 + 3 * len(ids) + 4 * sum(map(len, ids))


def room_of_version(said: ListVersion) -> int:
    """Bytes of a neighbour list's version at most."""
    return 40 + 4 * len(said.member)


def room_of_receipt(said: Receipt) -> int:
    """Bytes of a receipt at most."""
    return 40 + _ID + len(said.who)


def fits(frame: Frame) -> bool:
    """Whether a message is a frame of no more than 64 KiB. The longest alone are measured."""
    return room(frame) <= MAX_FRAME or len(_encoder.encode(frame)) <= MAX_FRAME


_ID: Final = 6 * MAX_ID + 3
"""Bytes of an id at worst, with its quotes and comma."""


def _room_of_ids(*ids: str) -> int:
    return 6 * sum(map(len, ids)) + 3 * len(ids)


class _Wire(msgspec.Struct, frozen=True):
    v: int
    sender: Record
    frames: Annotated[tuple[msgspec.Raw, ...], msgspec.Meta(max_length=MAX_FRAMES)]
    to: Id | None = None


class _Outgoing(msgspec.Struct, frozen=True):
    v: int
    sender: Record
    frames: tuple[Frame, ...]
    to: str | None


class _Tag(msgspec.Struct, frozen=True):
    type: str


_wire = msgspec.json.Decoder(_Wire)
_tag = msgspec.json.Decoder(_Tag)
_frame = msgspec.json.Decoder(Frame)
_encoder = msgspec.json.Encoder()


def encode(batch: Batch) -> bytes:
    """The batch as the JSON that travels."""
    return _encoder.encode(_Outgoing(VERSION, batch.sender, batch.frames, batch.to))


def parse(body: bytes) -> Batch:
    """JSON from a stranger as a batch. Raises ApiError (400 or 422) and believes nothing then."""
    try:
        wire = _wire.decode(body)
        if wire.v != VERSION:
            raise out_of_range(f"this node speaks version {VERSION} of the protocol", "v")
        if len(body) > MAX_FRAME and any(len(raw) > MAX_FRAME for raw in wire.frames):
            raise malformed(f"a frame has more than {MAX_FRAME:,} bytes", "frames")
        known: list[Frame] = [
            _frame.decode(raw) for raw in wire.frames if _tag.decode(raw).type in _KINDS
        ]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(f"not a batch of overlay frames: {error}", _field(error)) from None
    _check_addresses(wire.sender, known)
    _check_messages(known)
    if wire.sender.kind != "peer" or wire.sender.state in {"suspect", "dead"}:
        raise out_of_range("nobody speaks as a plain, suspect or dead node", "sender")
    return Batch(wire.sender, tuple(known), wire.to, len(wire.frames) - len(known))


def _field(error: Exception) -> str | None:
    """Which field is wrong, where msgspec says so: "… at `$.visited[3]`"."""
    found = _AT.search(str(error))
    return found and found.group(1)


_AT: Final = re.compile(r"at `\$[\[\].0-9]*?([a-z_]+)[^`]*`")


def _check_addresses(sender: Record, known: list[Frame]) -> None:
    """Every URL in its normal form, every name printable: they are shown and connected to."""
    for record in (
        sender,
        *(r for f in known if isinstance(f, _WITH_RECORDS) for r in f.records),
        *(f.record for f in known if isinstance(f, Join | Probed)),
    ):
        if not (record.name.isprintable() and record.id.isprintable()):
            raise out_of_range("a name or id holds characters that cannot be printed", "name")
        if _normal(record.url) != record.url:
            raise out_of_range("a record's URL is not in its normal form", "url")
    for lists in (f.lists for f in known if isinstance(f, Neighbourhood)):
        if not all(one.isprintable() for said in lists for one in (said.member, *said.links)):
            raise out_of_range("an id holds characters that cannot be printed", "lists")


def _check_messages(known: list[Frame]) -> None:
    """What is stored must pass what `POST /message` would refuse."""
    for frame in known:
        if isinstance(frame, Push | Unicast) and not (
            frame.text.strip() and frame.sender.strip() and frame.message.strip()
        ):
            raise out_of_range("a message must not be empty", "text")


@lru_cache(maxsize=2 * MAX_MEMBERS)  # the same few addresses come with every map
def _normal(url: str) -> str:
    try:
        return peer_url(url)
    except ApiError as error:
        raise out_of_range(f"a record's {error.message}", "url") from None
