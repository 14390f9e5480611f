"""The calls about what was, and what is made of it: see "The past" in docs/api.md."""

import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from contract.described import Either, Number, Raw, Shapes, Words, described
from contract.errors import ApiError, malformed, out_of_range
from contract.http import answer
from contract.limits import MAX_ID, MAX_NAME, MAX_SENDER, MAX_TEXT, MAX_URL
from contract.text import checked
from dashboard.observer import Observer
from dashboard.recall import Recall
from dashboard.series import Series

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.exports import Picture
    from dashboard.runfile import Position

shapes = Shapes("dashboard.shapes")
MOST: Final = 2_000
"""Records in one page."""
MOST_POINTS: Final = 100
"""Points of an analysis over time: each takes some 50 ms [measured]."""
_LATEST: Final = 2**43
"""Milliseconds since 1970 that a time can be at most: the year 2248."""
PAST: Final = (400, 404, 422, 429)
"""What may become of a question about the past, besides what is wrong with its numbers."""
_WHEN: Final = "milliseconds since 1970, or RFC 3339"
AT: Final = Words("at", None, f"The moment: {_WHEN}. Now, without it.")
FROM: Final = Words("from", None, f"The beginning: {_WHEN}.")
TO: Final = Words("to", None, f"The end: {_WHEN}.")
RUN: Final = Words("run", MAX_NAME, "The id or name of a run; the current one, without it.")
_LIMIT: Final = Number("limit", 200, 1, MOST, "How many at most.")
_POINTS: Final = Number("points", 60, 1, MOST_POINTS, "How many at most.")
_PLACE: Final = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")


def blueprint(observer: Observer, recall: Recall | None, series: Series) -> Blueprint:
    """The graph, now and then, and everything that is made of it."""
    calls = Blueprint("history", __name__)

    @calls.get("/api/graph")
    @described(
        "The network, now or as it was",
        query=(AT, RUN),
        answer=Either((shapes.Graph, shapes.Snapshot)),
        errors=PAST,
    )
    def graph() -> Response:
        if recall is None or not _past():
            return answer(observer.graph())
        return answer(recall.graph(run_asked(), moment("at", now())))

    @calls.get("/api/export/<name>")
    @described(
        "The network or its messages as a file\n\n"
        "`graph.json`, `graph.graphml`, `graph.gexf`, `graph.dot`, `edges.csv`, "
        "`edges.jsonl`, `messages.csv` or `messages.jsonl`.",
        path=(Words("name", None, "The file's name, which says its format."),),
        query=(AT, RUN),
        answer=Raw("application/octet-stream"),
        errors=PAST,
    )
    def export(name: str) -> Response:
        from dashboard import exports

        wanted = exports.FORMATS.get(name)
        if wanted is None:
            there = ", ".join(exports.FORMATS)
            raise ApiError(404, f"there is no such export; there are {there}", field="name")
        return _file(name, wanted.mimetype, _picture(observer, recall, wanted.write))

    @calls.get("/api/analysis")
    @described(
        "Numbers about the network, now or as it was",
        query=(AT, RUN),
        answer=shapes.Analysis,
        errors=PAST,
    )
    def analysed() -> Response:
        if recall is None or not _past():
            return answer(series.now())
        from dashboard.analysis import analysis, subject

        at = moment("at", now())
        found = recall.at(run_asked(), at, lambda one: analysis(subject(one.model)))
        return answer({"at": at // 1000, **found})

    @calls.get("/api/analysis/series")
    @described(
        "These numbers over time\n\n"
        "Of the last two hours, or, with `from`, `to` or `run`, of a run.",
        query=(FROM, TO, _POINTS, RUN),
        answer=shapes.Series,
        errors=PAST,
    )
    def series_of() -> Response:
        if recall is None or not {"run", "from", "to"} & request.args.keys():
            return answer({"points": series.points()})
        from dashboard.past import over_time

        since, until = _span()
        count = _POINTS.read()
        recall.fresh(until)
        points = recall.work(run_asked(), lambda run: over_time(run, since, until, count))
        return answer({"points": points})

    if recall is not None:
        _history(calls, recall)
    return calls


def _picture(observer: Observer, recall: Recall | None, then: "Callable[[Picture], str]") -> str:
    """What is made of the network now, or as it was."""
    from dashboard import exports

    if recall is not None and _past():
        return recall.at(
            run_asked(),
            moment("at", now()),
            lambda found: then(exports.picture(found.model, found.at)),
        )
    copies: list[Picture] = []
    observer.recorded(lambda model, at: copies.append(exports.picture(model, at)))
    return then(copies[0]) if recall is None else recall.turn(then, copies[0])


def _past() -> bool:
    return bool({"at", "run"} & request.args.keys())


def _file(name: str, mimetype: str, content: str) -> Response:
    """Something to save. Surrogates without a partner, which are no text, become marks."""
    return Response(
        content.encode("utf-8", "replace"),
        mimetype=f"{mimetype}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _history(calls: Blueprint, recall: Recall) -> None:

    @calls.get("/api/history")
    @described(
        "What happened",
        query=(
            FROM,
            TO,
            Words("types", None, "Types or their beginnings: `message,node.stopping`."),
            Words("node", MAX_URL, "Who told it: an id, name or address."),
            _LIMIT,
            Words("after", None, "What `next` said."),
            Words("message", MAX_ID, "The id of a message: only what is about it."),
            Words("newest", None, "`1`: the last `limit` of that time, and no `next`."),
            RUN,
        ),
        answer=shapes.History,
        errors=PAST,
    )
    def history() -> Response:
        from dashboard.past import Wish

        since, until = _span()
        wish = Wish(
            since,
            until,
            kinds(request.args.get("types", "")),
            text("node", MAX_URL),
            _LIMIT.read(),
            _place(request.args.get("after"), "after"),
            text("message", MAX_ID),
            _newest(),
        )
        return answer(recall.page(run_asked(), wish))

    @calls.get("/api/history/messages")
    @described(
        "Messages of the past, the newest first",
        query=(
            FROM,
            TO,
            Words(
                "node",
                MAX_SENDER,
                "Who sent it, is to get it or got it as a broadcast: a name or id.",
            ),
            Words("text", MAX_TEXT, "What stands in it, in whatever letters."),
            _LIMIT,
            Words("before", None, "What `next` said."),
            RUN,
        ),
        answer=shapes.OldMessages,
        errors=PAST,
    )
    def messages() -> Response:
        from dashboard.old_messages import Asked

        since, until = _span()
        asked = Asked(
            since,
            until,
            text("node", MAX_SENDER),
            text("text", MAX_TEXT),
            _LIMIT.read(),
            _place(request.args.get("before"), "before"),
        )
        return answer(recall.messages(run_asked(), asked))


def _newest() -> bool:
    """Raises 422."""
    given = request.args.get("newest", "0")
    if given not in {"0", "1"}:
        raise out_of_range("'newest' must be 0 or 1", "newest")
    if given == "1" and "after" in request.args:
        raise out_of_range("what is 'newest' comes in one page, and has no 'after'", "newest")
    return given == "1"


def _span() -> tuple[int, int]:
    """`from` and `to`. Raises 400, 422."""
    since = moment("from", 999) - 999  # all of that millisecond, too
    until = moment("to", now())
    if until < since:
        raise out_of_range("'to' must not be before 'from'", "to")
    return since, until


def run_asked() -> str | None:
    """Which run is meant: `run=` in the query, else the current one."""
    return text("run", MAX_NAME)


def text(field: str, longest: int) -> str | None:
    """A text from the query. Raises 422."""
    given = request.args.get(field)
    return None if given is None else checked(given, field, longest)


def now() -> int:
    """The time, in microseconds."""
    return round(time.time() * 1e6)


def moment(field: str, otherwise: int) -> int:
    """A time from the query in microseconds. Raises 400, 422.

    In milliseconds since 1970, or as RFC 3339 has it (`2026-11-29T14:03:07Z`); it means all
    of that millisecond.
    """
    given = request.args.get(field)
    if given is None:
        return otherwise
    if re.fullmatch(r"[0-9]{1,20}", given, re.ASCII):
        milliseconds = int(given)
    else:
        try:
            told = datetime.fromisoformat(given[:40].replace(" ", "+"))  # what `+` became
            if told.tzinfo is None:
                raise ValueError
            milliseconds = int(told.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise malformed(
                f"'{field}' must be milliseconds since 1970, or a time with its zone such as "
                "2026-11-29T14:03:07Z",
                field,
            ) from None
    if not 0 <= milliseconds <= _LATEST:
        raise out_of_range(f"'{field}' must be from 0 to {_LATEST}", field)
    return milliseconds * 1000 + 999


def kinds(given: str) -> tuple[int, ...]:
    """Types of records, as rows have them. `message` means all of `message.*`. Raises 422."""
    from dashboard.rows import CODES

    found: set[int] = set()
    for wanted in given[:2_000].replace(",", " ").split():
        name = wanted.removeprefix("p2p.")
        fitting = {code for kind, code in CODES.items() if name in (kind, kind.partition(".")[0])}
        if not fitting:
            raise out_of_range(f"there is no type '{wanted[:60]}'", "types")
        found |= fitting
    return tuple(sorted(found))


def _place(given: str | None, field: str) -> "Position | None":
    if given is None:
        return None
    from dashboard.runfile import Position

    found = _PLACE.fullmatch(given)
    if found is None:
        raise malformed(f"'{field}' must be what 'next' said", field)
    return Position(int(found[1]), int(found[2]))
