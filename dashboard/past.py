"""What was: a moment of a run, and what happened between two moments.

A moment is the last checkpoint before it and the rows since, taken into a model one by one as
they were when they came. What happened is the rows themselves, a page at a time; the place
where a page ends is given to the caller, who comes back with it.

All of this reads files and computes: it belongs outside the event loop.
"""

from typing import Any, Final, NamedTuple

import msgspec

from dashboard import rows
from dashboard.analysis import analysis, point, subject
from dashboard.checkpoints import Moment, unpacked
from dashboard.reports import About, Node, OfBroadcast, OfFault, OfMember, OfMessage, Said
from dashboard.rows import KINDS, Book, Row
from dashboard.runfile import Hole, Only, Position, RunFile

MOST_ROWS: Final = 200_000
"""Rows that are looked at for one page: half a second; a page may have fewer rows than were asked
for, or none, and still not be the last [measured]."""
MOST_HOLES: Final = 1_000
"""Holes that are told with a page."""


class Wish(NamedTuple):
    """What somebody wants to know of a run."""

    since: int
    until: int
    """Both in microseconds, and both included."""
    kinds: tuple[int, ...]
    node: str | None
    """Its id, name or address."""
    limit: int
    after: Position | None
    message: str | None = None
    """Only what is about this message."""
    newest: bool = False
    """The last ones of that time and not the first; there is no next page."""


def moment(run: RunFile, at: int) -> tuple[Moment, Hole | None] | None:
    """The model at a time in microseconds, and the hole that this time is in.

    None before the beginning. Raises BrokenCheckpointError, BrokenRowError.
    """
    found = run.checkpoint(at)
    if found is None:
        return None
    place, content = found
    state = unpacked(content)
    book = run.book()
    for row in run.records(place, at):
        if row.kind == rows.STARTED:
            continue
        rows.replay(row, book, state.model)
    state.at = at / 1e6
    state.model.settle()
    return state, run.hole(at)


def picture(state: Moment, hole: Hole | None) -> dict[str, Any]:
    """A `snapshot` of docs/api.md of a moment."""
    return {
        "number": 0,
        "run": state.session,
        **state.model.snapshot(state.expected, state.at),
        "hole": None if hole is None else hole_view(hole),
    }


def page(run: RunFile, wish: Wish) -> dict[str, Any]:
    """What happened: rows, where to go on, and what is missing in that time."""
    book = run.book()
    only = _only(book, wish)
    if wish.newest:
        found = run.newest(wish.since, wish.until, wish.limit, only, MOST_ROWS)
        since = found[0].at if found else wish.since
        return {
            "records": [view(row, book) for row in found],
            "next": None,
            "holes": [hole_view(hole) for hole in run.holes(since, wish.until, MOST_HOLES)],
        }
    start = wish.after or Position(wish.since, -1)
    bound, whole = Position(wish.until, 2**62), True
    if only is not None:  # else a page is full soon enough
        bound, whole = run.bound(start, wish.until, MOST_ROWS)
    found = run.records(start, bound.at, wish.limit + 1, only)
    found = [row for row in found if (row.at, row.n) <= bound]
    more = len(found) > wish.limit
    found = found[: wish.limit]
    end = Position(found[-1].at, found[-1].n) if more else None if whole else bound
    until = wish.until if end is None else end.at
    holes = run.holes(start.at, until, MOST_HOLES)
    return {
        "records": [view(row, book) for row in found],
        "next": None if end is None else f"{end.at}-{end.n}",
        "holes": [hole_view(hole) for hole in holes],
    }


def _only(book: Book, wish: Wish) -> Only | None:
    """Which rows are wanted; None: all."""
    if not wish.kinds and wish.node is None and wish.message is None:
        return None
    nodes: tuple[int | str, ...] | None = None
    if wish.node is not None:
        nodes = (*book.numbers(wish.node), wish.node)
    if wish.message is None:
        return Only(wish.kinds, nodes)
    kinds = [k for k in rows.OF_MESSAGES if not wish.kinds or k in wish.kinds]
    return Only(tuple(kinds) or (-1,), nodes, rows.beginning(wish.message))


def over_time(run: RunFile, since: int, until: int, count: int) -> list[dict[str, Any]]:
    """The numbers of the analysis at so many checkpoints at most, spread over a span of time."""
    places = [place for place in run.places() if since <= place.at <= until]
    step = max(1, -(-len(places) // count))
    points = []
    for place in places[::step]:
        found = run.checkpoint_at(place)
        if found is not None:
            model = unpacked(found[1]).model
            model.settle()
            points.append(point(place.at // 1000, analysis(subject(model))))
    return points


def view(row: Row, book: Book) -> dict[str, Any]:
    """RECORD of docs/api.md."""
    kind = KINDS[row.kind]
    told: dict[str, Any] = {
        "at": row.at / 1000,
        "type": kind,
        "node": None,
        "epoch": row.epoch or None,
        "seq": row.seq or None,
        "time": (row.at - row.ago) / 1000,
        "node_time": (row.at - row.ago - row.skew) / 1000,
    }
    if row.node is not None:
        node = book.node(row.node) if isinstance(row.node, int) else Node(row.node, "", "")
        told["node"] = {"id": node.id, "name": node.name}
    if not rows.is_event(row.kind):
        told["data"] = rows.found(row, book)
        return told
    event = rows.event(row, book)
    told["type"] = event.type
    told["data"] = _of_event(event.data)
    return told


def hole_view(hole: Hole) -> dict[str, Any]:
    """HOLE of docs/api.md."""
    return {
        "since": hole.since // 1000,
        "until": -(-hole.until // 1000),
        "node": hole.node,
        "lost": hole.lost,
        "why": hole.why,
    }


def _of_event(said: Said | None) -> dict[str, Any]:
    """An event's data, as `contract/events.py` has it."""
    match said:
        case About(peer):
            return {"peer": _node(peer)}
        case OfMember(member):
            more = {"state": member.state, "kind": member.kind, "epoch": member.epoch}
            return {"member": {**_node(member), **more}}
        case OfMessage():
            return {
                "message": said.message,
                "from": None if said.origin is None else _node(said.origin),
                "to": _node(said.to),
                "via": None if said.via is None else _node(said.via),
                "sender": said.sender,
                "text": said.text,
                "attempt": said.attempt,
                "reason": said.reason,
                "hop": said.hop,
            }
        case OfBroadcast():
            return {
                "message": said.message,
                "from": _node(said.origin),
                "via": None if said.via is None else _node(said.via),
                "sender": said.sender,
                "text": said.text,
                "hop": said.hop,
            }
        case OfFault(fault, reason):
            told = msgspec.to_builtins(fault)
            told = {field: value for field, value in told.items() if value is not None}
            told |= {"peers": told.get("peers"), "act": fault.act}
            return {"fault": told, **({"reason": reason} if reason else {})}
        case None:
            return {}


def _node(node: Node) -> dict[str, str]:
    return {"id": node.id, "name": node.name, "url": node.url}
