"""Events that nodes post to us: how somebody's homework shows its messages.

A plain node has no stream that we could subscribe to, but any language can post JSON. What it
posts are CloudEvents about *its own* messages, `source` its URL. The rules:

1. *A stream is the truth.* Of one of our own nodes nothing is taken here, whoever says it.
2. *Only who is there speaks.* The node at `source` must be in the picture: our own question reached
   it, or most of the others know it. An unknown one is looked for, and its events may come again.
3. *Only for itself.* What it sent, received and passed on. Who it says lives or dies, or whom it
   knows, is not taken from here: its `/peers` is asked as ever.
4. *Bad events are refused one by one*, each with a reason; the others of the batch count.

Whoever is named in an event may be named as an object with `id` or `url`, or by a text: a name, an
id, a URL. That is all that a student's node knows of others.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from contract.errors import ApiError, malformed
from contract.events import PREFIX, seconds
from contract.itself import Itself
from contract.limits import MAX_ID, MAX_SENDER, MAX_TEXT, MAX_URL
from contract.reach import refusal
from contract.unnamed import id_of, name_of
from contract.urls import host_and_port, peer_url
from dashboard.clocks import Offset
from dashboard.observer import Observer
from dashboard.records import Record
from dashboard.reports import Batch, Event, Node, OfBroadcast, OfMessage, Reason
from dashboard.reports import Counter as Count

MOST_BODY: Final = 524_288
"""Bytes of one delivery: twice what our own nodes post."""
MOST_EVENTS: Final = 1_000
"""Events in one delivery [guess: five times what our own nodes post]."""
MOST_SOURCES: Final = 1_000
"""Nodes whose last ids are known: as many as the picture has."""
MOST_IDS: Final = 2_000
"""Ids of one node that are known again [guess: ten deliveries of ours]."""
A_SECOND: Final = 1_000
BURST: Final = 5_000
"""Events of one node: a second, and at once after a pause [guess]."""
SHOWN: Final = 10
"""Reasons in an answer."""

_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
_Short = Annotated[str, msgspec.Meta(max_length=MAX_SENDER)]
_Named = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL)]


class _Somebody(msgspec.Struct):
    """A node, as far as it is known to who speaks of it."""

    id: _Named | None = None
    url: _Named | None = None
    name: _Named | None = None


_End = _Named | _Somebody


class _Cloud(msgspec.Struct):
    """A CloudEvent (CloudEvents 1.0, "Required Attributes")."""

    specversion: Annotated[str, msgspec.Meta(max_length=8)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    source: Annotated[str, msgspec.Meta(max_length=MAX_URL)]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    time: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _OfMessage(msgspec.Struct):
    """The data of `message.*` and `broadcast.*`, from a stranger."""

    message: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
    to: _End | None = None
    origin: _End | None = msgspec.field(name="from", default=None)
    via: _End | None = None
    sender: _Short = ""
    text: _Text = ""
    attempt: Count = 1
    hop: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1
    reason: Reason = ""
    again_in: Annotated[float, msgspec.Meta(ge=0, lt=2**31)] = 0.0


_TAKEN: Final = frozenset(
    {
        *("message.sent", "message.forwarded", "message.received", "message.delivered"),
        *("message.retried", "message.failed", "broadcast.sent", "broadcast.received"),
    }
)
"""Types that a plain node may tell of itself; others are left out, as it may be of a kind that
nobody has thought of yet."""


class RefusedEventError(Exception):
    """An event that is not taken. `kind` is what it is counted as."""

    def __init__(self, why: str, kind: str = "refused") -> None:
        super().__init__(why)
        self.kind = kind


class _Repeated(Exception):  # noqa: N818 - no error
    """An event that was taken before."""


class _Source(msgspec.Struct):
    """What is known of one who posts."""

    ids: OrderedDict[str, None] = msgspec.field(default_factory=OrderedDict)
    last: tuple[int, int] = (0, 0)
    """The highest epoch and number, where its ids are like ours."""
    number: int = 0
    allowance: float = float(BURST)
    allowed_at: float = 0.0


class Taken(NamedTuple):
    """What became of a delivery."""

    counts: dict[str, int]
    why: list[dict[str, Any]]

    @property
    def status(self) -> int:
        """How to answer: 200, unless every event was refused."""
        bad = {kind for kind in ("refused", "watched", "unknown") if self.counts[kind]}
        if not bad or any(self.counts[kind] for kind in ("accepted", "repeated", "ignored")):
            return 200
        if bad == {"watched"}:
            return 410  # a node of ours that posts here ends its webhook then
        return 429 if bad == {"unknown"} else 422


KINDS: Final = ("accepted", "repeated", "ignored", "refused", "watched", "unknown")


class Incoming:
    """Takes events for the picture. Safe to use from any thread."""

    def __init__(
        self,
        observer: Observer,
        look_for: Callable[[str, str], None],
        itself: Itself,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`look_for` is called with the address of an unknown node and with who told of it."""
        self._observer = observer
        self._look_for = look_for
        self._itself = itself
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self.totals: Counter[str] = Counter()
        """How many events and deliveries there were, by what became of them."""

    def take(self, body: bytes, remote: str) -> Taken:
        """Take a delivery from an address. Raises ApiError where it cannot be understood at all."""
        clouds = _events(body)
        counts = dict.fromkeys(KINDS, 0)
        why: list[dict[str, Any]] = []
        said: dict[str, list[Event]] = {}
        with self._lock:
            for index, raw in enumerate(clouds):
                kind, reason = self._judged(raw, said, remote)
                counts[kind] += 1
                if reason and len(why) < SHOWN:
                    why.append({"index": index, "error": reason})
            for node, events in said.items():
                self._observer.events(node, Batch(self._clock(), events), Offset())
            self.totals.update(counts)
        return Taken(counts, why)

    def forged(self, kind: str, body: bytes, why: str) -> None:
        """A delivery had no proof, or a wrong one: count it, and say so where it claims to be from.

        Whoever made it may lie about that, so nothing but a note comes of it.
        """
        with self._lock:
            self.totals[kind] += 1
        try:
            source = msgspec.json.decode(_events(body)[0], type=_Cloud).source
            record = self._observer.at(peer_url(source, "source"))
        except (ApiError, msgspec.DecodeError, ValueError, RecursionError, IndexError):
            return
        if record is not None:
            self._observer.remark(record.id, f"a webhook in its name was refused: {why}")

    # --- one event -----------------------------------------------------------------------------

    def _judged(
        self, raw: msgspec.Raw, said: dict[str, list[Event]], remote: str
    ) -> tuple[str, str]:
        """What an event is counted as, and why where it is refused."""
        record: Record | None = None
        try:
            try:
                cloud = msgspec.json.decode(raw, type=_Cloud)
                url = self._url(cloud)
                record = self._observer.at(url)
                self._may_speak(record, url, cloud, remote)
                if record is None or (event := self._event(record, cloud)) is None:
                    return "ignored", ""
            except (msgspec.DecodeError, ValueError, RecursionError) as error:
                raise RefusedEventError(f"it makes no sense: {error}") from None
            except ApiError as error:
                raise RefusedEventError(error.message) from None
        except _Repeated:
            return "repeated", ""
        except RefusedEventError as error:
            if record is not None:
                self._observer.remark(record.id, f"a webhook in its name was refused: {error}")
            return error.kind, str(error)
        said.setdefault(record.id, []).append(event)
        return "accepted", ""

    def _url(self, cloud: _Cloud) -> str:
        if cloud.specversion != "1.0":
            raise RefusedEventError("'specversion' must be '1.0'")
        url = peer_url(cloud.source, "source")
        if self._itself.is_at(url):
            raise RefusedEventError("'source' is this dashboard")
        return url

    def _may_speak(self, record: Record | None, url: str, cloud: _Cloud, remote: str) -> None:
        """Raise RefusedEventError where nobody may say such a thing for this node."""
        if record is not None and record.kind == "peer":
            raise RefusedEventError(
                f"{record.name} has a stream of its own, which alone counts", "watched"
            )
        claimed, _, _ = cloud.id.partition("/")
        other = self._observer.known(claimed)
        if other is not None and (record is None or other.id != record.id):
            raise RefusedEventError(f"'id' is one of {other.name}'s, and 'source' is not")
        if record is None or not record.shown:
            host = host_and_port(url)[0]
            why = refusal(host.strip("[]"), loopback=True)
            if why is not None and why != "is no address":
                raise RefusedEventError(f"'source': {host} {why}")
            self._look_for(url, remote)
            raise RefusedEventError(
                f"nobody at {url} is known here yet; it is being looked for, so come again",
                "unknown",
            )

    def _event(self, record: Record, cloud: _Cloud) -> Event | None:
        """The event, checked; None where it is of a type that is not taken from here."""
        type_ = cloud.type.removeprefix(PREFIX)
        if type_ == cloud.type or type_ not in _TAKEN:
            return None
        data = msgspec.json.decode(cloud.data, type=_OfMessage)
        own = Node(record.id, record.name, record.url)
        of = (
            self._broadcast(type_, data, own)
            if type_[0] == "b"
            else self._message(data, own, type_)
        )
        now = self._clock()
        at = now if cloud.time is None else seconds(cloud.time)
        source = self._source(record.id)
        self._spend(source)
        self._once(source, cloud.id)
        source.number += 1
        return Event(source.number, type_, at, of)

    def _message(self, data: _OfMessage, own: Node, type_: str) -> OfMessage:
        received = type_ == "message.received"
        to = own if received else self._somebody(data.to, "to")
        origin = self._somebody(data.origin, "from") if received and data.origin else own
        if to is None:
            raise RefusedEventError("'to' is missing: a name, an id or a URL")
        if not received and to.id == own.id:
            raise RefusedEventError("'to' is 'source' itself")
        return OfMessage(
            data.message,
            to,
            data.sender or ("" if received else own.name),
            data.text,
            data.attempt,
            data.reason,
            None if received and data.origin is None else origin,
            self._somebody(data.via, "via"),
            data.hop,
            again_in=data.again_in,
        )

    def _broadcast(self, type_: str, data: _OfMessage, own: Node) -> OfBroadcast:
        origin = own if type_ == "broadcast.sent" else self._somebody(data.origin, "from")
        if origin is None:
            raise RefusedEventError("'from' is missing: the origin's name, id or URL")
        via = self._somebody(data.via, "via")
        sender = data.sender or origin.name
        return OfBroadcast(data.message, origin, via, sender, data.text, data.hop)

    def _somebody(self, said: _End | None, field: str) -> Node | None:
        """Who is meant: somebody in the picture, or somebody at a URL who may come yet."""
        if said is None:
            return None
        names = [said] if isinstance(said, str) else [said.id, said.url, said.name]
        for name in filter(None, names):
            found = self._observer.find(name.rstrip("/"))
            if found is not None:
                return Node(found.id, found.name, found.url)
        for name in filter(None, names):
            if "://" in name:
                url = peer_url(name, field)
                return Node(id_of(url), name_of(url), url)
        raise RefusedEventError(f"'{field}' is nobody who is known here")

    # --- who posts -------------------------------------------------------------------------------

    def _source(self, node: str) -> _Source:
        source = self._sources.get(node)
        if source is None:
            while len(self._sources) >= MOST_SOURCES:
                self._sources.popitem(last=False)
            source = self._sources[node] = _Source(allowed_at=self._steady())
        self._sources.move_to_end(node)
        return source

    def _spend(self, source: _Source) -> None:
        now = self._steady()
        source.allowance += (now - source.allowed_at) * A_SECOND
        source.allowance = min(float(BURST), source.allowance)
        source.allowed_at = now
        if source.allowance < 1:
            raise RefusedEventError("it posts more than 1,000 events a second")
        source.allowance -= 1

    @staticmethod
    def _once(source: _Source, event: str) -> None:
        """Raise where an event was taken before, or its number jumps back."""
        if event in source.ids:
            raise _Repeated
        _, _, rest = event.partition("/")
        epoch, _, number = rest.partition("/")
        if epoch.isdecimal() and number.isdecimal() and len(epoch) < 16 and len(number) < 16:
            place = (int(epoch), int(number))
            if place <= source.last:
                raise RefusedEventError("its number is lower than one that came before")
            source.last = place
        source.ids[event] = None
        while len(source.ids) > MOST_IDS:
            source.ids.popitem(last=False)


def _events(body: bytes) -> list[msgspec.Raw]:
    """The events of a body, one or many, still to be looked at. Raises ApiError."""
    try:
        body.decode()
        if body.lstrip()[:1] == b"{":
            return [msgspec.json.decode(body, type=msgspec.Raw)]
        found = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise malformed(f"the body is neither a CloudEvent nor a list of them: {error}") from None
    if len(found) > MOST_EVENTS:
        raise ApiError(413, f"at most {MOST_EVENTS:,} events are taken at a time")
    return found
