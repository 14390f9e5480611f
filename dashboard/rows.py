"""Entries as rows of a recording, and back.

A row is `at` (when it came, microseconds since 1970 by our clock; rows are in its order),
`n` (which breaks ties), `kind` (a number of the table below), `node` (who told), `epoch` and
`seq` of the event, `ago` (microseconds from when it happened to when it came), `skew` (what
was added to the node's own time to make ours of it) and `data`, JSON.

Nodes are named again and again, so a run has a *book*: each id, name and address stands
there once and has a number. The book is bounded; whom it has no room for is written out.
Events take 120 bytes so, not 300 [measured].

Whatever is read may come from a stranger's file, so it is parsed into bounded types here.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

from contract.limits import MAX_MEMBERS
from dashboard.entries import (
    Answered,
    Away,
    Claimed,
    Contacted,
    Entry,
    Happened,
    Passed,
    Resumed,
    Told,
)
from dashboard.model import Model
from dashboard.records import Contact
from dashboard.reports import (
    MOST_FAULTS,
    About,
    Counter,
    Counts,
    Event,
    Fault,
    FaultPeer,
    Id,
    Kind,
    Member,
    Name,
    Node,
    OfBroadcast,
    OfFault,
    OfMember,
    OfMessage,
    Own,
    Reason,
    Said,
    Seconds,
    Snapshot,
    State,
    Strength,
    Url,
)

KINDS: Final = (
    "dashboard.started",
    "dashboard.stopped",
    "dashboard.snapshot",
    "dashboard.resumed",
    "dashboard.answered",
    "dashboard.contact",
    "dashboard.passed",
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
    "message.sent",
    "message.forwarded",
    "message.received",
    "message.delivered",
    "message.retried",
    "message.failed",
    "broadcast.sent",
    "broadcast.received",
    "unknown",
    "message.queued",
    "message.discarded",
    "fault.set",
    "fault.cleared",
    "dashboard.claimed",
)
"""What a row is about: what the dashboard found, and the events of nodes. A row has the place
in this list, so new ones come at its end."""
CODES: Final = {kind: code for code, kind in enumerate(KINDS)}
STARTED, STOPPED = CODES["dashboard.started"], CODES["dashboard.stopped"]
OF_MESSAGES: Final = tuple(
    code for kind, code in CODES.items() if kind.startswith(("message.", "broadcast."))
)
"""The kinds whose data begin with a message's id."""
_UNKNOWN: Final = CODES["unknown"]
_FOUND: Final = frozenset(code for kind, code in CODES.items() if kind.startswith("dashboard."))

MOST_NAMED: Final = 20_000
"""Nodes in the book of a run: a thousand, twenty times renamed, or a liar's [guess]."""

Who = int | tuple[Id, Name, Url]
"""A node: its number in the book, or itself."""
Time = Annotated[int, msgspec.Meta(ge=0, lt=2**60)]
"""Microseconds since 1970."""
Span = Annotated[int, msgspec.Meta(gt=-(2**60), lt=2**60)]
"""Microseconds."""


class BrokenRowError(ValueError):
    """A row that is none of ours."""


class Row(NamedTuple):
    """One row, as it stands in the file."""

    at: Time
    n: Counter
    kind: Counter
    node: int | Id | None
    epoch: Counter
    seq: Counter
    ago: Span
    skew: Span
    data: str


class Started(msgspec.Struct, array_like=True):
    """A life of the dashboard begins."""

    session: Annotated[str, msgspec.Meta(max_length=64)]
    expected: Counter | None


class _Fault(msgspec.Struct, array_like=True):
    id: Id
    kind: Annotated[str, msgspec.Meta(max_length=40)]
    peers: Annotated[list[int | tuple[Id, Name]], msgspec.Meta(max_length=MAX_MEMBERS)] | None
    direction: Literal["in", "out", "both"]
    left_seconds: Annotated[float, msgspec.Meta(ge=0, le=3_600)]
    by: Annotated[str, msgspec.Meta(max_length=128)]
    act: Id | None
    reason: Reason = ""
    strengths: Annotated[list[Strength | None], msgspec.Meta(max_length=16)] = []
    """As in `_STRENGTHS`."""


class _Told(msgspec.Struct, array_like=True):
    started: Seconds
    own: tuple[Id, Name, Url, Seconds, Url | None]
    members: list[tuple[Who, State, Kind, Counter]]
    links: list[Id]
    counts: tuple[Counter, Counter, Counter, Counter]
    faults: Annotated[list[_Fault], msgspec.Meta(max_length=MOST_FAULTS)] = []


class _Message(msgspec.Struct, array_like=True):
    message: Id
    to: Who
    sender: Annotated[str, msgspec.Meta(max_length=128)]
    text: Annotated[str, msgspec.Meta(max_length=10_000)]
    attempt: Counter
    reason: Reason
    origin: Who | None
    via: Who | None
    hop: Counter
    number: Counter = 0
    again_in: Annotated[float, msgspec.Meta(ge=0, lt=2**31)] = 0.0
    counts: "_Counts | None" = None


class _Broadcast(msgspec.Struct, array_like=True):
    message: Id
    origin: Who
    via: Who | None
    sender: Annotated[str, msgspec.Meta(max_length=128)]
    text: Annotated[str, msgspec.Meta(max_length=10_000)]
    hop: Counter
    counts: "_Counts | None" = None


_Counts = tuple[Counter, Counter, Counter, Counter]
"""How many messages a node has: inbox, sent, failed, waiting."""
_Member = tuple[Who, State, Kind, Counter]
_Answered = tuple[Name, Url, list[Url], Reason | None]
_Contacted = tuple[Contact, Reason | None]


class Book:
    """Who is who in a run."""

    def __init__(self, known: Iterable[tuple[int, str, str, str]] = ()) -> None:
        self._nodes = {number: Node(*rest) for number, *rest in known}
        self._numbers = {(n.id, n.name, n.url): number for number, n in self._nodes.items()}
        self._reporters: dict[str, int | str] = {}
        self.new: list[tuple[int, str, str, str]] = []
        """What has yet to be written down."""

    def who(self, node: Node) -> Who:
        """A node as rows have it."""
        names = (node.id, node.name, node.url)
        number = self._numbers.get(names)
        if number is not None:
            return number
        if len(self._numbers) >= MOST_NAMED:
            return names
        number = len(self._numbers) + 1
        self._numbers[names] = number
        self._nodes[number] = node
        self.new.append((number, *names))
        return number

    def nodes(self) -> Iterable[Node]:
        """All of them, the last to be written down last."""
        return self._nodes.values()

    def reporter(self, node: str) -> int | str:
        """Who told, as rows have it: any entry with that id, since only the id counts."""
        known = self._reporters.get(node)
        if known is None:
            found = self.numbers(node)
            if not found:
                return node
            known = self._reporters[node] = found[0]
        return known

    def node(self, who: Who) -> Node:
        """The other way round. Raises BrokenRowError."""
        if isinstance(who, int):
            found = self._nodes.get(who)
            if found is None:
                raise BrokenRowError(f"nobody in the book has the number {who}")
            return found
        return Node(*who)

    def id(self, reporter: int | str | None) -> str:
        """The id of who told; empty where it was nobody. Raises BrokenRowError."""
        return self.node(reporter).id if isinstance(reporter, int) else reporter or ""

    def numbers(self, node: str) -> list[int]:
        """Under which numbers an id, a name or an address is known."""
        return [
            number for number, one in self._nodes.items() if node in {one.id, one.name, one.url}
        ]


# --- writing ---------------------------------------------------------------------------------


def micro(seconds: float) -> int:
    """Seconds as whole microseconds."""
    return round(seconds * 1e6)


def rows(entry: Entry, book: Book) -> list[Row]:
    """An entry as rows, with `n` still to be counted."""
    return _WRITERS[type(entry)](entry, book)


def _happened(entry: Happened, book: Book) -> list[Row]:
    at, node, epoch = micro(entry.at), book.reporter(entry.node), entry.epoch
    found = []
    for event, time in zip(entry.events, entry.times, strict=True):
        code = CODES.get(event.type, _UNKNOWN)
        our = micro(time)
        skew = our - micro(event.time)
        data = _of_event(event, book) if code != _UNKNOWN else _text(event.type)
        found.append(Row(at, 0, code, node, epoch, event.seq, at - our, skew, data))
    return found


def _of_event(event: Event, book: Book) -> str:
    match event.data:
        case OfMessage() as of:
            return _text(
                _Message(
                    of.message,
                    book.who(of.to),
                    of.sender,
                    of.text,
                    of.attempt,
                    of.reason,
                    None if of.origin is None else book.who(of.origin),
                    None if of.via is None else book.who(of.via),
                    of.hop,
                    of.number,
                    of.again_in,
                    _counted(of.counts),
                )
            )
        case OfBroadcast() as of:
            via = None if of.via is None else book.who(of.via)
            counts = _counted(of.counts)
            return _text(
                _Broadcast(of.message, book.who(of.origin), via, of.sender, of.text, of.hop, counts)
            )
        case OfMember(member):
            return _text(_member(member, book))
        case About(peer):
            return _text(book.who(peer))
        case OfFault(fault, reason):
            return _text(_fault(fault, reason, book))
        case None:
            return ""


def _counted(said: Counts | None) -> _Counts | None:
    return None if said is None else (said.inbox, said.sent, said.failed, said.waiting)


_STRENGTHS: Final = (
    *("probability", "mean_ms", "jitter_ms", "bytes_per_second"),
    *("down_seconds", "offset_seconds", "rate"),
)


def _fault(fault: Fault, reason: str, book: Book) -> _Fault:
    return _Fault(
        fault.id,
        fault.kind,
        None if fault.peers is None else [_fault_peer(peer, book) for peer in fault.peers],
        fault.direction,
        fault.left_seconds,
        fault.by,
        fault.act,
        reason,
        [getattr(fault, name) for name in _STRENGTHS],
    )


def _fault_peer(peer: FaultPeer, book: Book) -> int | tuple[str, str]:
    """Whom it concerns: mostly somebody in the book, and a partition names half the network."""
    number = book.reporter(peer.id)
    if isinstance(number, int):
        known = book.node(number)
        if (known.id, known.name) == (peer.id, peer.name):
            return number
    return peer.id, peer.name


def _read_fault_peer(one: int | tuple[str, str], book: Book) -> FaultPeer:
    if not isinstance(one, int):
        return FaultPeer(*one)
    known = book.node(one)
    return FaultPeer(known.id, known.name)


def _read_fault(said: _Fault, book: Book) -> Fault:
    peers = None
    if said.peers is not None:
        peers = [_read_fault_peer(one, book) for one in said.peers]
    strengths = dict(zip(_STRENGTHS, said.strengths, strict=False))
    return Fault(
        said.id,
        said.kind,
        peers,
        said.direction,
        said.left_seconds,
        said.by,
        said.act,
        **strengths,
    )


def _member(member: Member, book: Book) -> _Member:
    who = book.who(Node(member.id, member.name, member.url))
    return (who, member.state, member.kind, member.epoch)


def _told(entry: Told, book: Book) -> list[Row]:
    said, own = entry.said, entry.said.node
    book.who(Node(own.id, own.name, own.url))
    data = _Told(
        entry.started,
        (own.id, own.name, own.url, own.started, own.public_url),
        [_member(member, book) for member in said.members],
        said.links,
        (said.inbox, said.sent, said.failed, said.waiting),
        [_fault(fault, "", book) for fault in said.faults],
    )
    return [_row(entry.at, "snapshot", book.reporter(own.id), _text(data), own.epoch, said.seq)]


def _answered(entry: Answered, book: Book) -> list[Row]:
    book.who(Node(entry.node, entry.name, entry.url))
    data = _text((entry.name, entry.url, entry.peers, entry.note))
    return [_row(entry.at, "answered", book.reporter(entry.node), data)]


def _contacted(entry: Contacted, book: Book) -> list[Row]:
    data = _text((entry.contact, entry.note))
    return [_row(entry.at, "contact", book.reporter(entry.node), data)]


def _claimed(entry: Claimed, book: Book) -> list[Row]:
    return [_row(entry.at, "claimed", book.reporter(entry.node), _text(entry.url))]


def started(at: float, session: str, expected: int | None) -> Row:
    """A life of the dashboard begins."""
    return _row(at, "started", None, _text(Started(session, expected)))


def stopped(at: int) -> Row:
    """The dashboard stops; `at` in microseconds."""
    return Row(at, 0, STOPPED, None, 0, 0, 0, 0, "")


def _row(
    at: float, kind: str, node: int | str | None, data: str = "", epoch: int = 0, seq: int = 0
) -> Row:
    return Row(micro(at), 0, CODES[f"dashboard.{kind}"], node, epoch, seq, 0, 0, data)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_WRITERS: Final[dict[type, Callable[[Any, Book], list[Row]]]] = {
    Told: _told,
    Happened: _happened,
    Answered: _answered,
    Contacted: _contacted,
    Claimed: _claimed,
    Resumed: lambda entry, book: [_row(entry.at, "resumed", book.reporter(entry.node))],
    Passed: lambda entry, _: [_row(entry.at, "passed", None)],
    Away: lambda entry, _: [stopped(micro(entry.at))],
}


# --- reading ---------------------------------------------------------------------------------

_DATA: Final[dict[int, msgspec.json.Decoder[Any]]] = {
    CODES["dashboard.started"]: msgspec.json.Decoder(Started),
    CODES["dashboard.snapshot"]: msgspec.json.Decoder(_Told),
    CODES["dashboard.answered"]: msgspec.json.Decoder(_Answered),
    CODES["dashboard.contact"]: msgspec.json.Decoder(_Contacted),
    CODES["dashboard.claimed"]: msgspec.json.Decoder(Url),
    _UNKNOWN: msgspec.json.Decoder(Annotated[str, msgspec.Meta(max_length=100)]),
    **{
        code: msgspec.json.Decoder(type_)
        for prefix, type_ in (
            ("link.", Who),
            ("peer.", Who),
            ("member.", _Member),
            ("message.", _Message),
            ("broadcast.", _Broadcast),
            ("fault.", _Fault),
        )
        for kind, code in CODES.items()
        if kind.startswith(prefix)
    },
}


def data(row: Row) -> Any:
    """What a row says, parsed; None where it says nothing. Raises BrokenRowError."""
    decoder = _DATA.get(row.kind) if row.data else None
    if decoder is None:
        if not 0 <= row.kind < len(KINDS):
            raise BrokenRowError(f"there is no kind {row.kind}")
        return None
    try:
        return decoder.decode(row.data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BrokenRowError(f"a record of {KINDS[row.kind]} makes no sense: {error}") from None


def event(row: Row, book: Book) -> Event:
    """The event of a node that a row is. Raises BrokenRowError."""
    of: Any = data(row)
    type_ = KINDS[row.kind]
    said: Said | None = None
    if isinstance(of, _Message):
        said = OfMessage(
            of.message,
            book.node(of.to),
            of.sender,
            of.text,
            of.attempt,
            of.reason,
            None if of.origin is None else book.node(of.origin),
            None if of.via is None else book.node(of.via),
            of.hop,
            of.number,
            of.again_in,
            None if of.counts is None else Counts(*of.counts),
        )
    elif isinstance(of, _Broadcast):
        via = None if of.via is None else book.node(of.via)
        counts = None if of.counts is None else Counts(*of.counts)
        said = OfBroadcast(
            of.message, book.node(of.origin), via, of.sender, of.text, of.hop, counts
        )
    elif isinstance(of, _Fault):
        said = OfFault(_read_fault(of, book), of.reason)
    elif row.kind == _UNKNOWN:
        type_ = str(of)
    elif of is not None and type_.startswith("member."):
        said = OfMember(_read_member(of, book))
    elif of is not None:
        said = About(book.node(of))
    return Event(row.seq, type_, (row.at - row.ago - row.skew) / 1e6, said)


def beginning(message: str) -> str:
    """How the data begin that are about a message."""
    return _text([message])[:-1] + ","


def is_event(kind: int) -> bool:
    """Whether rows of a kind are events of nodes, not what the dashboard found."""
    return kind not in _FOUND


def found(row: Row, book: Book) -> dict[str, Any]:
    """What the dashboard itself found, for people. Raises BrokenRowError."""
    of: Any = data(row)
    match of:
        case None:
            return {}
        case Started():
            return {"run": of.session, "expected": of.expected}
        case _Told():
            said = _snapshot(row, of, book)
            return {
                "members": len(said.members),
                "links": said.links,
                "inbox": said.inbox,
                "sent": said.sent,
                "waiting": said.waiting,
                "failed": said.failed,
                "faults": [fault.kind for fault in said.faults],
            }
        case str(url):
            return {"url": url}
        case contact, note:
            return {"contact": contact, "note": note}
        case name, url, peers, note:
            return {"name": name, "url": url, "peers": peers, "note": note}
        case _:
            raise BrokenRowError(f"a record of {KINDS[row.kind]} makes no sense")


def replay(row: Row, book: Book, model: Model) -> None:
    """Take a row into a model, as it was taken in when it came. Raises BrokenRowError."""
    at = row.at / 1e6
    if is_event(row.kind):
        model.rate.count(1, at)
        model.event(book.id(row.node), event(row, book), (row.at - row.ago) / 1e6, at)
        return
    made = _ENTRIES.get(row.kind)
    if made is not None:
        model.apply(made(at, book.id(row.node), data(row), row, book))


def _snapshot(row: Row, of: _Told, book: Book) -> Snapshot:
    id_, name, url, began, public_url = of.own
    own = Own(id_, name, url, row.epoch, began, public_url)
    members = [_read_member(member, book) for member in of.members]
    inbox, sent, failed, waiting = of.counts
    faults = [_read_fault(fault, book) for fault in of.faults]
    return Snapshot(own, row.seq, 0.0, members, of.links, inbox, sent, failed, waiting, faults)


def _read_member(said: _Member, book: Book) -> Member:
    who, state, kind, epoch = said
    node = book.node(who)
    return Member(node.id, node.name, node.url, state, kind, epoch)


_ENTRIES: Final[dict[int, Callable[[float, str, Any, Row, Book], Entry]]] = {
    CODES["dashboard.snapshot"]: lambda at, _, of, row, book: Told(
        at, of.started, _snapshot(row, of, book)
    ),
    CODES["dashboard.resumed"]: lambda at, node, *_: Resumed(at, node),
    CODES["dashboard.answered"]: lambda at, node, of, *_: Answered(at, node, *of),
    CODES["dashboard.contact"]: lambda at, node, of, *_: Contacted(at, node, *of),
    CODES["dashboard.claimed"]: lambda at, node, of, *_: Claimed(at, node, of),
    CODES["dashboard.passed"]: lambda at, *_: Passed(at),
    STOPPED: lambda at, *_: Away(at),
}
