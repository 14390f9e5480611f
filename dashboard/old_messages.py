"""Messages of the past, as views, a page at a time, the newest first.

Theory of operation. A run has what nodes told, not messages. A message is put together from
all that was told of it, which is what `messages` does; so rows are taken in again, from a
checkpoint on. The checkpoint knows who had been heard of before, so whatever is new after it
*began* there: the messages between two checkpoints are a chapter. Chapters are read backwards
until a page is full.

What became of a message may stand in later chapters. So the rows about messages that follow a
chapter are taken in as well, as far as a bound; a message that ended even later is told as it
stood then, and `as_of` says when that was.

*The shortest way.* Whether a message took a detour depends on the links of that very moment.
They are in the model as it is taken in, so how far it would have been is counted when the
receiver reports; later nobody could know.

Keys of nodes belong to one life of the dashboard, and a page may touch several. So nodes have
a table of their own in each page, and messages name them by their place in it.

All of this reads files and computes: it belongs outside the event loop.
"""

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dashboard import rows
from dashboard.broadcasts import Broadcast
from dashboard.checkpoints import unpacked
from dashboard.messages import Message
from dashboard.reports import OfMessage
from dashboard.rows import CODES, Book, Row
from dashboard.runfile import Only, Position, RunFile
from dashboard.views import message_view

if TYPE_CHECKING:
    from dashboard.model import Model

AHEAD: Final = 6_000
"""Rows about messages that are read after a chapter, to see what became of its own: at a hundred
messages a second a quarter of a minute, 60 ms [guess]."""
MOST_ROWS: Final = 20_000
"""Rows after which a page ends although it is not full: half a second [guess: 20 µs each]."""
MOST_LEGS: Final = 50_000
"""Legs of broadcasts in one page, those of the newest; some 2 MB [guess]."""

SLACK: Final = 60_000_000
"""Microseconds that an event may come after it happened and still be looked for there [guess]."""
_RECEIVED: Final = CODES["message.received"]


class Asked(NamedTuple):
    """Which messages somebody wants."""

    since: int
    until: int
    """When they began, in microseconds, both included."""
    node: str | None
    """A name or id: who sent it or is to get it, or who has got it as a broadcast."""
    text: str | None
    """What stands in it, in whatever letters."""
    limit: int
    before: Position | None
    """Only those of which nobody had heard at this place."""


class _Found(NamedTuple):
    """A message that began in a chapter."""

    place: Position
    """The row that first told of it."""
    view: Message | Broadcast
    shortest: int | None


class _Page:
    """What is being put together."""

    def __init__(self, book: Book) -> None:
        self.names = {node.id: node.name for node in book.nodes()}
        self.nodes: dict[str, int] = {}
        self.messages: list[dict[str, Any]] = []
        self._room = MOST_LEGS

    def key(self, node: str) -> int:
        """The place of a node in the page's table."""
        return self.nodes.setdefault(node, len(self.nodes))

    def add(self, found: _Found, as_of: int) -> None:
        """Put a message in; of broadcasts the paths only while there is room."""
        view = found.view
        if isinstance(view, Broadcast) and len(view.legs) > self._room:
            said = {**message_view(view, self.key), "path": []}
        else:
            said = message_view(view, self.key)
            self._room -= len(said["path"])
        said["shortest"] = found.shortest
        said["as_of"] = as_of // 1000
        self.messages.append(said)

    def table(self) -> list[dict[str, str]]:
        """The nodes by their places."""
        return [{"id": node, "name": self.names.get(node, "")} for node in self.nodes]


def page(run: RunFile, asked: Asked) -> dict[str, Any]:
    """A page of messages. Raises BrokenCheckpointError, BrokenRowError."""
    book = run.book()
    told = _Page(book)
    places = run.places()
    bound = asked.before or Position(asked.until + SLACK, 2**62)
    read = 0
    reached = bound
    chapter = bisect_left(places, bound) - 1
    more = chapter >= 0
    while more and len(told.messages) < asked.limit and read < MOST_ROWS:
        start = places[chapter]
        found, as_of, count = _chapter(run, book, start, reached)
        read += count
        for one in reversed(found):
            if not _wanted(one.view, asked, told.names):
                continue
            if len(told.messages) >= asked.limit:
                break
            told.add(one, as_of)
            reached = Position(one.place.at, one.place.n - 1)
        else:
            reached = start
            chapter -= 1
            # Rows are written when they come, which is after what they tell has happened.
            more = chapter >= 0 and start.at >= asked.since
    began = None if not places else max(reached.at, 0) // 1000
    return {
        "messages": told.messages,
        "nodes": told.table(),
        "next": f"{reached.at}-{reached.n}" if more else None,
        "since": began,
    }


def _chapter(
    run: RunFile, book: Book, start: Position, end: Position
) -> tuple[list[_Found], int, int]:
    """The messages that began after a checkpoint and up to a place, the oldest first.

    And up to when it was looked what became of them, and how many rows that took.
    """
    checkpoint = run.checkpoint_at(start)
    if checkpoint is None:
        return [], start.at, 0
    model = unpacked(checkpoint[1]).model
    model.messages.keep_all()
    read = run.records(start, end.at)
    began: list[tuple[Position, Message | Broadcast]] = []
    ways = _Ways(model)
    shortest: dict[str, int | None] = {}
    total = model.messages.total
    for row in read:
        if (row.at, row.n) > end or row.kind == rows.STARTED:
            continue
        rows.replay(row, book, model)
        if model.messages.total > total:
            total = model.messages.total
            view = model.messages.last()
            if view is not None:
                began.append((Position(row.at, row.n), view))
        _measure(row, book, model, ways, shortest)
    ahead = run.records(end, 2**60, AHEAD, Only(rows.OF_MESSAGES, None))
    for row in ahead:
        rows.replay(row, book, model)
        _measure(row, book, model, ways, shortest)
    as_of = ahead[-1].at if len(ahead) == AHEAD else 2**53
    found = [_Found(place, view, shortest.get(view.id)) for place, view in began]
    return found, min(as_of, _now(run)), len(read) + len(ahead)


def _now(run: RunFile) -> int:
    ends = run.ends()
    return 0 if ends is None else ends[1].at


def _measure(
    row: Row, book: Book, model: "Model", ways: "_Ways", shortest: dict[str, int | None]
) -> None:
    """Where a message came over links, how far it would have been."""
    if row.kind != _RECEIVED:
        return
    said = rows.event(row, book).data
    if not isinstance(said, OfMessage) or said.hop < 2 or said.origin is None:
        return
    view = model.messages.of(said.message, book.id(row.node))
    if view is not None and view.id not in shortest:
        shortest[view.id] = ways.between(said.origin.id, book.id(row.node))


class _Ways:
    """How many links there are at least from one node to another, at this moment."""

    def __init__(self, model: "Model") -> None:
        self._model = model
        self._far: dict[int, dict[int, int]] = {}

    def between(self, start: str, end: str) -> int | None:
        """None where there is no way, or one of them is not shown."""
        import networkx as nx

        added, removed = self._model.settle()
        if added or removed:
            self._far.clear()
        key, other = self._model.reducer.key(start), self._model.reducer.key(end)
        links = self._model.topology.links
        if key is None or other is None or key not in links:
            return None
        far = self._far.get(key)
        if far is None:
            whole = links.to_undirected(as_view=True)
            far = self._far[key] = dict(nx.single_source_shortest_path_length(whole, key))
        return far.get(other)


def _wanted(view: Message | Broadcast, asked: Asked, names: dict[str, str]) -> bool:
    at = view.sent_at
    if isinstance(view, Message):
        at = min((t for t in (view.queued_at, at, view.received_at) if t is not None), default=None)
    if at is not None and not asked.since <= at * 1e6 <= asked.until:
        return False
    if asked.text is not None and asked.text.casefold() not in view.text.casefold():
        return False
    if asked.node is None:
        return True
    # A broadcast is for everybody; the legs are of those who got it.
    got = view.legs if isinstance(view, Broadcast) else [view.receiver]
    ends = [view.origin, *got]
    return any(asked.node in (end, names.get(end)) for end in ends if end is not None)
