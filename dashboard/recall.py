"""Questions about the past, answered outside the event loop, a few at a time.

A moment of the past is worked out in a real thread: tens of milliseconds of computing, which
would otherwise hold up every dot on every page. What reads files is loaded with the first
question: 20 ms that the start need not wait for [measured].
"""

import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from contract.errors import ApiError, out_of_range
from contract.server import off_loop
from dashboard.history import History

if TYPE_CHECKING:
    from dashboard.checkpoints import Moment
    from dashboard.old_messages import Asked
    from dashboard.past import Wish
    from dashboard.runfile import Hole, RunFile
    from dashboard.runs import Runs

T = TypeVar("T")
AT_ONCE: Final = 2
"""Questions that are worked on at the same time [guess: there are two cores]."""
PATIENCE: Final = 10.0
"""Seconds that a question waits for its turn."""
_FRESH: Final = 5.0
"""Seconds: what is asked about a moment so near is written down first."""


class Recall:
    """Reads runs. `history` is who writes one of them, if anybody does."""

    def __init__(self, data: Path, history: History | None, *, read_only: bool = False) -> None:
        self._data = data
        self.history = history
        self.read_only = read_only
        """This is a replay: nothing is renamed, deleted or imported."""
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    @cached_property
    def runs(self) -> "Runs":
        """The folder of all runs."""
        from dashboard.runs import Runs

        return Runs(self._data) if self.history is None else self.history.runs

    def graph(self, wanted: str | None, at: int) -> dict[str, Any]:
        """The picture at a time in microseconds. Raises ApiError."""
        from dashboard.past import picture

        self.fresh(at)
        return self.work(wanted, lambda run: picture(*_moment(run, at)))

    def page(self, wanted: str | None, wish: "Wish") -> dict[str, Any]:
        """What happened between two times. Raises ApiError."""
        from dashboard.past import page

        self.fresh(wish.until)
        return self.work(wanted, lambda run: page(run, wish))

    def messages(self, wanted: str | None, asked: "Asked") -> dict[str, Any]:
        """Messages of the past, the newest first. Raises ApiError."""
        from dashboard.old_messages import page

        self.fresh(asked.until)
        return self.work(wanted, lambda run: page(run, asked))

    def at(self, wanted: str | None, at: int, then: "Callable[[Moment], T]") -> T:
        """Something that is worked out from a moment. Raises ApiError."""
        self.fresh(at)
        return self.work(wanted, lambda run: then(_moment(run, at)[0]))

    def work(self, wanted: str | None, question: "Callable[[RunFile], T]") -> T:
        """Ask something of a run. Raises ApiError."""
        found: T = self.turn(self._read, wanted, question)
        return found

    def turn(self, question: Callable[..., T], *details: Any) -> T:
        """Work on something outside the loop, when it is its turn. Raises ApiError."""
        if not self._turns.acquire(timeout=PATIENCE):
            raise ApiError(429, "too much is asked about the past at the same time", retry_after=2)
        try:
            return off_loop(question, *details)
        finally:
            self._turns.release()

    def fresh(self, until: int) -> None:
        """What has happened up to a time is written down."""
        if self.history is not None and until / 1e6 > time.time() - _FRESH:
            self.history.flush()

    def _read(self, wanted: str | None, question: "Callable[[RunFile], T]") -> T:
        from dashboard.checkpoints import BrokenCheckpointError
        from dashboard.rows import BrokenRowError

        with self.runs.reading(wanted) as run:
            try:
                return question(run)
            except (BrokenRowError, BrokenCheckpointError) as error:
                raise out_of_range(f"this run cannot be read: {error}", "run") from None


def _moment(run: "RunFile", at: int) -> "tuple[Moment, Hole | None]":
    from dashboard.past import moment

    found = moment(run, at)
    if found is None:
        ends = run.ends()
        begins = "it is empty" if ends is None else f"it begins at {ends[0].at // 1000}"
        raise ApiError(404, f"this run does not reach back so far: {begins}", field="at")
    return found
