"""A piece of a recording, to be played: the packets that a browser would have had live.

A snapshot of the moment at which the piece begins, and a delta for each moment at which
something came, until it ends. Since they are the live stream's own packets, told by the same
`Teller` from the same model, a page plays the past with the code that shows the present.

A delta of the live stream is 50 ms of events. Here each arrival has its own, so that a person
can go from one event to the next, and each says in `told` what happened in it. Who plays fast
asks for fewer (`every`). A piece is bounded by the rows that it takes in; where they are too
many it ends earlier, and says so in `to`.

It also ends where the rows do not lead on: at the end of a hole, and where another life of the
dashboard began. There the next piece starts from the checkpoint that was made then (`cut`).
"""

from typing import Any, Final

from dashboard import rows
from dashboard.broadcasts import Broadcast
from dashboard.past import MOST_HOLES, hole_view, moment
from dashboard.records import ENDED
from dashboard.reports import About, Event, OfBroadcast, OfMember, OfMessage
from dashboard.rows import Book, Row
from dashboard.runfile import Position, RunFile
from dashboard.teller import Teller

MOST_ROWS: Final = 8_000
"""Rows of one piece: a minute of a hundred nodes at 120 events a second; a third of a second of
computing [measured]."""
MOST_SPAN: Final = 3_600_000
"""Milliseconds of one piece."""
MOST_EVERY: Final = 1_000
"""Milliseconds that one delta can be at most."""
SUMMARY_EVERY: Final = 250_000
"""Microseconds between two summaries: what is read by people [as the page paints it]."""
FRESH: Final = 250_000
"""Microseconds before now that are not played yet: what comes at this moment may not have been
written down [guess: ten times what the writer was seen to take]."""
MOST_TOLD: Final = 50
"""Things that one delta tells; more are not read."""
_SILENT: Final = frozenset({"peer.learned", "peer.forgotten"})
"""Events that change nothing that is seen by themselves."""


class EmptyRunError(Exception):
    """Nothing has been recorded yet."""


def piece(run: RunFile, since: int, until: int, every: int, now: int | None) -> dict[str, Any]:
    """From one time to another, in milliseconds. `now`, in microseconds, where it is being written.

    None of it before the beginning or after the end: the beginning, or the end, then.
    Raises EmptyRunError, BrokenCheckpointError, BrokenRowError.
    """
    ends = run.ends()
    if ends is None:
        raise EmptyRunError("this run is empty: nothing has been recorded yet")
    begins = -(-ends[0].at // 1000)
    # A clock that was set back must not hide what was written before.
    over = ends[1].at // 1000 + 1 if now is None else (max(now, ends[1].at) - FRESH) // 1000
    over = max(begins, over)
    since = min(max(since, begins), over)
    until = max(since, min(until, over, since + MOST_SPAN))
    found = moment(run, since * 1000 + 999)
    if found is None:
        raise EmptyRunError("this run does not reach back so far")
    state, hole = found
    teller = Teller(state.model, state.expected)
    _listen(teller, state.model.messages.all())
    state.model.messages.quiet = False
    told = state.model.summary(state.expected, state.at)
    teller.summary = told
    snapshot = {
        **teller.snapshot(state.session, since / 1000, told),
        "hole": None if hole is None else hole_view(hole),
    }
    until, cut = _cut(run, since, until, state.session)
    here = Position(since * 1000 + 999, 2**62)
    taken = run.records(here, until * 1000 + 999, MOST_ROWS + 1)
    if len(taken) > MOST_ROWS:
        # Whole milliseconds only: the next piece goes on after one.
        until, cut = max(since + 1, taken[-1].at // 1000 - 1), False
        taken = [row for row in taken if row.at // 1000 <= until]
    return {
        "from": since,
        "to": until,
        "since": begins,
        "until": over,
        "last": until >= over,
        "growing": now is not None,
        "cut": cut,
        "snapshot": snapshot,
        "deltas": _deltas(taken, run.book(), teller, state, max(1, every)),
        "holes": [
            hole_view(one)
            for one in run.holes(since * 1000, until * 1000, MOST_HOLES)
            if one.node is None
        ],
    }


def _listen(teller: Teller, messages: list[tuple[str, Any]]) -> None:
    """From here on changes are told, and what was before is not one."""
    teller.forget()
    for _, view in messages:
        if isinstance(view, Broadcast):
            view.since = view.taken = len(view.legs)


def _cut(run: RunFile, since: int, until: int, session: str) -> tuple[int, bool]:
    """Where a piece must end, since the rows do not lead on there."""
    bound, cut = until, False
    for hole in run.holes(since * 1000, until * 1000, MOST_HOLES):
        end = -(-hole.until // 1000)
        if hole.node is None and since < end < bound:
            bound, cut = end, True
    start = run.other_life(since * 1000 + 999, until * 1000, session)
    if start is not None and since < -(-start // 1000) <= bound:
        bound, cut = -(-start // 1000), True
    return bound, cut


def _deltas(
    taken: list[Row], book: Book, teller: Teller, state: Any, every: int
) -> list[dict[str, Any]]:
    """What came, one delta for all that came within so many milliseconds."""
    model = state.model
    deltas: list[dict[str, Any]] = []
    told: list[list[Any]] = []
    summed = 0
    for place, row in enumerate(taken):
        fact = _take(row, book, model)
        if fact is not None and len(told) < MOST_TOLD:
            told.append(fact)
        at = row.at // 1000
        after = taken[place + 1].at // 1000 if place + 1 < len(taken) else None
        if after is not None and after // every == at // every:
            continue
        teller.settle()
        summary = None
        if after is None or row.at - summed >= SUMMARY_EVERY:
            summed = row.at
            summary = model.summary(state.expected, row.at / 1e6)
        delta = teller.delta(at / 1000, summary)
        if delta is not None:
            deltas.append({**delta, "told": told})
        told = []
    return deltas


def _take(row: Row, book: Book, model: Any) -> list[Any] | None:
    """Take a row into the model as it was when it came; what happened, if it is worth telling."""
    if row.kind == rows.STARTED:
        return ["dashboard.started", None, None, None]
    if row.kind == rows.STOPPED:
        rows.replay(row, book, model)
        return ["dashboard.stopped", None, None, None]
    node = book.id(row.node)
    if not rows.is_event(row.kind):
        before = _over(model, node)
        rows.replay(row, book, model)
        if before is not None and before != _over(model, node):
            return ["node.back" if before else "node.gone", model.reducer.key(node), None, None]
        return None
    event = rows.event(row, book)
    model.rate.count(1, row.at / 1e6)
    model.event(node, event, (row.at - row.ago) / 1e6, row.at / 1e6)
    return None if event.type in _SILENT else _fact(node, event, model.reducer.key)


def _over(model: Any, node: str) -> bool | None:
    record = model.reducer.get(node)
    return None if record is None or not record.shown else record.state in ENDED


def _fact(node: str, event: Event, key: Any) -> list[Any]:
    """`[type, key of who told it, key of whom it is about, id of the message]`."""
    other = message = None
    match event.data:
        case About(peer):
            other = key(peer.id)
        case OfMember(member):
            other = key(member.id)
        case OfMessage() as of:
            far = event.type == "message.received" and of.origin is not None
            other, message = key(of.origin.id if far and of.origin else of.to.id), of.message
        case OfBroadcast() as of:
            other, message = key(of.origin.id), of.message
        case _:
            pass
    return [event.type, key(node), other, message]
