"""The calls by which a page plays a recording: see "The past" in docs/api.md."""

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, request

from contract.described import Number, Shapes, described
from contract.errors import ApiError, out_of_range
from contract.http import answer
from dashboard.history_api import FROM, PAST, RUN, TO, moment, now, run_asked
from dashboard.recall import Recall

if TYPE_CHECKING:
    from dashboard.timeline import Surveys

shapes = Shapes("dashboard.shapes")
MOST_POINTS: Final = 600
MOST_EVERY: Final = 1_000
_EVERY: Final = Number("every", 0, 0, MOST_EVERY, "Milliseconds that one delta may be, if any.")
_POINTS: Final = Number("points", 240, 1, MOST_POINTS, "How many steps at most.")


def blueprint(recall: Recall) -> Blueprint:
    """A piece of a recording, and all of it at a glance."""
    calls = Blueprint("playback", __name__)
    surveys: list[Surveys] = []
    turn = threading.Lock()
    """One survey at a time: the first one of a long run takes a while, and who plays shall not
    wait for it."""

    @calls.get("/api/playback")
    @described(
        "A piece of a recording, as packets of the live stream",
        query=(FROM, TO, _EVERY, RUN),
        answer=shapes.Playback,
        errors=PAST,
    )
    def playback() -> Response:
        from dashboard.playback import piece

        since, until = _span(0, now())
        every = _EVERY.read()
        run, written = _asked(recall)
        return answer(_of(recall, run, lambda file: piece(file, since, until, every, written)))

    @calls.get("/api/timeline")
    @described(
        "A recording at a glance: messages over time, what befell nodes, and holes",
        query=(FROM, TO, _POINTS, RUN),
        answer=shapes.Timeline,
        errors=PAST,
    )
    def timeline() -> Response:
        since, until = _span(0, now())
        some = ("from" in request.args, "to" in request.args)
        points = _POINTS.read()
        run, written = _asked(recall)
        first, last = since if some[0] else None, until if some[1] else None
        with turn:
            if not surveys:
                from dashboard.timeline import Surveys

                surveys.append(Surveys())
            kept = surveys[0]
            found = _of(recall, run, lambda file: kept.timeline(file, first, last, points, written))
        return answer(found)

    return calls


def _span(since: int, until: int) -> tuple[int, int]:
    """`from` and `to` in whole milliseconds. Raises 400, 422."""
    first, last = moment("from", since) // 1000, moment("to", until) // 1000
    if last < first:
        raise out_of_range("'to' must not be before 'from'", "to")
    return first, last


def _asked(recall: Recall) -> tuple[str | None, int | None]:
    """Which run is meant, and, where it is being written, up to when it is."""
    run = run_asked()
    if recall.history is None or run not in (None, recall.runs.current):
        return run, None
    written = round(time.time() * 1e6)
    recall.history.flush()
    return run, written


def _of(recall: Recall, run: str | None, question: Any) -> Any:
    from dashboard.playback import EmptyRunError

    try:
        return recall.work(run, question)
    except EmptyRunError as error:
        raise ApiError(404, str(error), field="run") from None
