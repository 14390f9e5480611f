"""Writing down what happens, off the hot path, and saying so where something was lost.

Theory of operation. The observer hands over every entry under its lock (`add`): that is one
place in a queue, and nothing more. A thread empties the queue a few times a second into one
transaction of the run's file (`runfile`), outside the event loop.

*Checkpoints.* Now and then the model itself is copied, as an entry among the others, so that
a moment of the past need not be told from the beginning of the world. Copying is quick and
happens under the lock; packing is slow and happens here.

*Holes.* The queue is bounded. When the disk is slower than the network for too long, what
has no room is counted and left out, until a checkpoint is taken: from there on the picture is
right again, and in between is a hole with its number. The same where a write fails. Where a
node's own events have a hole in their numbers, or the dashboard itself was away, there is a
hole as well; what the nodes' logs still have is fetched (`backfill`) and written into it, each
event at its time.

*Retention.* A run loses its oldest chapters, from one checkpoint to the next, when all runs
together take too much room or they are too old.

A disk that is full, or a file that breaks, stops no dashboard: it says so once, and tries
again. A broken file is set aside, and a new run begun.
"""

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from contract.server import off_loop
from dashboard.entries import Away, Entry, Happened, Told, whole
from dashboard.reports import Event, OfBroadcast, OfMessage

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard import rows
    from dashboard.checkpoints import Frozen
    from dashboard.model import Model
    from dashboard.runfile import RunFile
    from dashboard.runs import Runs

PACE: Final = 0.25
"""Seconds between two transactions [guess: four commits a second cost nothing]."""
MOST_WAITING: Final = 20_000
"""Events that may wait to be written: two seconds of the most that a hundred nodes send, some
20 MiB; one with a long text counts for more [guess]."""
CHECKPOINT_RECORDS: Final = 3_000
"""Records between two checkpoints: taking them in again is 50 ms [measured]."""
CHECKPOINT_SECONDS: Final = 60.0
"""Seconds after which there is one all the same, if anything happened [guess]."""
CHECKPOINT_SHARE: Final = 20
"""A checkpoint may cost one part in so many of the time: where one takes 100 ms, as with a
thousand nodes, the next one comes after two seconds at the earliest [guess]."""
TRY_AGAIN: Final = 5.0
"""Seconds after which a disk that was full is tried again [guess]."""
TIDY_EVERY: Final = 10.0
"""Seconds between two looks at what the runs take [guess]."""
_CHAPTERS_AT_ONCE: Final = 5
"""Parts of a run removed at once, before what waits is written again [guess]."""
MOST_MISSING: Final = 2_000
"""Holes of nodes that wait to be filled from their logs; more stay holes [guess]."""


class Limits(NamedTuple):
    """What all runs together may take."""

    size: int
    """Bytes; 0 switches the history off."""
    age: float
    """Seconds."""


class Missing(msgspec.Struct):
    """Events of a node that it told while nobody listened. Times in microseconds."""

    hole: int
    """Its number in the file."""
    node: str
    epoch: int
    after: int
    """The last one that there is."""
    until: int
    """The last one that is missing."""
    since_at: int
    until_at: int
    offset: float
    """Seconds to add to the node's time to make ours of it."""
    unheard: bool = False
    """It has started anew while no dashboard ran: nobody knows what it told before that."""


class Recorded(Protocol):
    """Who has the model."""

    run: str
    expected: int | None

    def recorded(self, give: "Callable[[Model, float], None]") -> None:
        """Hand it to somebody between two entries."""


class _Begin(NamedTuple):
    """In the queue, first of all: nothing is known yet."""

    at: float


class _Gap(NamedTuple):
    """In the queue: so much had no room."""

    since: float
    at: float
    lost: int


AWAY: Final = "no dashboard was running; what the nodes' own logs still had was read afterwards"
_TEXTS: Final = frozenset({OfMessage, OfBroadcast})


class History:
    """Writes a run. `add` may be called from under a lock, the rest from any thread."""

    def __init__(
        self,
        data: "Path",
        limits: Limits,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._data = data
        self.limits = limits
        self.away: tuple[int, int] | None = None
        """The time without a dashboard before this life, in microseconds."""
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._queue: list[Any] = []
        self._waiting = 0
        self._lost = 0
        self._lost_since = 0.0
        self._added = self._written = 0
        self.recorded = 0
        """Records that were written since the start."""
        self.dropped = 0
        """Records that were left out since the start; each of them is in a hole."""
        self._wake = threading.Event()
        self._done = threading.Event()
        self._ended = threading.Event()
        self._stopping = False
        self._observer: Recorded | None = None
        self._session = ""
        self._expected: int | None = None
        self._trouble: str | None = None
        self._missing: deque[Missing] = deque(maxlen=MOST_MISSING)
        self._writing = threading.Lock()  # held in the loop while somebody writes outside it
        # Below: only for the one who writes.
        self._file: RunFile | None = None
        self._begun = ""  # in which run this life began
        self._start_due = False  # and whether that has yet to be written
        self._at = self._n = 0
        self._since_checkpoint = 0
        self._checkpoint_at = self._tidied_at = self._steady()
        self._checkpoint_cost = 0.0
        self._retry_at = 0.0

    @cached_property
    def runs(self) -> "Runs":
        """The folder of all runs."""
        from dashboard.runs import Runs

        return Runs(self._data)

    # --- the hot path ------------------------------------------------------------------------

    def add(self, entry: Entry) -> None:
        """Something happened: remember to write it down."""
        weight = _weight(entry.events) if type(entry) is Happened else 1
        with self._lock:
            if self._lost or self._waiting + weight > MOST_WAITING:
                if not self._lost:
                    self._lost_since = entry.at
                count = len(entry.events) if type(entry) is Happened else 1
                self._lost += count
                self.dropped += count
                return
            self._waiting += weight
            self._added += 1
            self._queue.append(entry)

    @property
    def crowded(self) -> bool:
        """Whether half of the queue is full: who brings more had better wait a little.

        So nodes wait for us, who keep thousands of events each, and nothing becomes a hole that the
        disk could take a second later. Not while the disk takes nothing, or there is a hole
        already: the picture must go on then.
        """
        return (
            MOST_WAITING > self._waiting > MOST_WAITING // 2
            and not self._lost
            and self._trouble is None
        )

    # --- for others --------------------------------------------------------------------------

    def begin(self, observer: Recorded) -> None:
        """Begin, before anything is observed. Who does not `start` says when it is `turn`."""
        self._observer = observer
        self._session, self._expected = observer.run, observer.expected
        with self._lock:
            self._queue.append(_Begin(whole(self._clock())))
            self._added += 1

    def start(self, observer: Recorded) -> None:
        """Begin to write, in a thread, before anything is observed."""
        self.begin(observer)
        threading.Thread(target=self._run, name="history", daemon=True).start()

    def flush(self, seconds: float = 2.0) -> None:
        """Wait until what was added up to now is written, or so many seconds have passed."""
        with self._lock:
            target = self._added
        deadline = time.monotonic() + seconds
        while not self._ended.is_set() and self._trouble is None:
            done = self._done
            left = deadline - time.monotonic()
            if self._written >= target or left <= 0:
                return
            self._wake.set()
            done.wait(left)

    def stop(self, seconds: float = 3.0) -> None:
        """The dashboard ends: write what there is, and that it ended."""
        self.add(Away(whole(self._clock())))
        self._stopping = True
        self._wake.set()
        self._ended.wait(seconds)

    def state(self) -> dict[str, Any]:
        """How the writing goes: `{"state": "on"|"failing", "why", "waiting", "lost"}`."""
        return {
            "state": "on" if self._trouble is None else "failing",
            "why": self._trouble,
            "waiting": self._waiting,
            "lost": self._lost,
        }

    def take_missing(self) -> list[Missing]:
        """Events that may still be in their nodes' logs."""
        taken = []
        while self._missing:
            taken.append(self._missing.popleft())
        return taken

    def fill(self, missing: Missing, events: list[Event]) -> None:
        """Write down what a node's log still had of a hole."""
        self._outside(self._fill, missing, events)

    def filled(self) -> None:
        """All that could be had of the time without a dashboard is there: make it quick to read."""
        if self.away is not None and self._file is not None:
            self._outside(self._retrace, *self.away)

    # --- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            self._wake.wait(PACE)
            self._wake.clear()
            stopping = self._stopping
            self.turn()
            if stopping:
                self.close()
                return

    def close(self) -> None:
        """Let go of the file."""
        self._outside(self._close)
        self._ended.set()

    def turn(self) -> None:
        """Write down what waits."""
        if self._steady() < self._retry_at and not self._stopping:
            return
        if self._checkpoint_due() and self._observer is not None:
            self._observer.recorded(self._freeze)
        with self._lock:
            queue, self._queue = self._queue, []
            self._waiting = 0
        if queue:
            self._outside(self._write, queue)
        with self._lock:
            self._written += len(queue)
            done, self._done = self._done, threading.Event()
        done.set()
        if self._steady() - self._tidied_at > TIDY_EVERY and self._file is not None:
            self._tidied_at = self._steady()
            self._outside(self._tidy)

    def _checkpoint_due(self) -> bool:
        if self._lost:
            return True
        passed = self._steady() - self._checkpoint_at
        return (
            self._since_checkpoint >= CHECKPOINT_RECORDS
            or (self._since_checkpoint > 0 and passed >= CHECKPOINT_SECONDS)
        ) and passed >= self._checkpoint_cost * CHECKPOINT_SHARE

    def _freeze(self, model: "Model", at: float) -> None:
        """Copy the model, under the observer's lock: what comes next is no longer lost."""
        from dashboard.checkpoints import frozen

        state = frozen(model, at, self._session, self._expected)
        with self._lock:
            if self._lost:
                self._queue.append(_Gap(self._lost_since, at, self._lost))
                self._added += 1
                self._lost = 0
            self._queue.append(state)
            self._added += 1

    def _outside(self, work: Callable[..., None], *details: Any) -> None:
        """Have it done outside the loop, one thing at a time.

        Where the disk does not let us, say so once, and that something is lost.
        """
        with self._writing:
            error = off_loop(_tried, work, *details)
            if error is not None:
                self._failed(error, details)
            elif self._trouble is not None and self._file is not None:
                print("The history is being written again.", file=sys.stderr, flush=True)
                self._trouble = None

    def _failed(self, error: Exception, details: tuple[Any, ...]) -> None:
        """Something could not be written, and all that waits goes with it."""
        why = str(error) or type(error).__name__
        if self._trouble is None:
            where = self.runs.folder
            print(
                f"The history cannot be written to {where} ({why}). The dashboard goes on without; "
                f"it tries again every {TRY_AGAIN:.0f} s, and what is lost meanwhile is a hole.",
                file=sys.stderr,
                flush=True,
            )
        self._trouble = why
        queue = details[0] if details and isinstance(details[0], list) else []
        with self._lock:
            waiting, self._queue, self._waiting = self._queue, [], 0
            self._written += len(waiting)
            if not self._lost:
                self._lost_since = min((_at(one) for one in queue), default=self._clock())
            count = sum(_count(one) for one in (*queue, *waiting)) or 1
            self._lost += count
            # A gap only says again what was counted when it was made.
            self.dropped += sum(
                _count(one) for one in (*queue, *waiting) if not isinstance(one, _Gap)
            )
        self._retry_at = self._steady() + TRY_AGAIN
        file, self._file = self._file, None
        if file is not None:
            off_loop(_let_go, self.runs, file, error)

    # --- writing: outside the loop, where none of its locks may be taken ---------------------

    def _write(self, queue: list[Any]) -> None:
        from dashboard import rows
        from dashboard.checkpoints import Frozen, frozen
        from dashboard.model import Model

        file = self._file or self._open(_at(queue[0]))
        book, cursors = self._book, self._cursors
        told: dict[str, Any] = {}
        batch: list[rows.Row] = []
        before = self._n
        with file.transaction():
            for one in queue:
                if isinstance(one, Frozen | _Begin):
                    self._put(file, batch)
                    batch = []
                    if isinstance(one, _Begin):
                        one = frozen(Model(), one.at, self._session, self._expected)  # noqa: PLW2901
                    self._write_checkpoint(file, one)
                elif isinstance(one, _Gap):
                    since = max(min(rows.micro(one.since), rows.micro(one.at)), 0)
                    why = "it came quicker than it could be written"
                    file.write_hole(self._hole(since, rows.micro(one.at), None, one.lost, why))
                else:
                    made = rows.rows(one, book)
                    batch += self._placed(made)
                    if isinstance(one, Told):
                        self._look_for_hole(file, one, made[0].at)
                        self._cursor(told, one.said.node.id, one.said.node.epoch, one.said.seq)
                    elif isinstance(one, Happened) and one.events:
                        self._cursor(told, one.node, one.epoch, one.events[-1].seq)
            self._put(file, batch)
            file.write_cursors(told)
        book.new.clear()
        cursors.update(told)
        self.recorded += self._n - before

    def _cursor(self, told: dict[str, Any], node: str, epoch: int, seq: int) -> None:
        from dashboard.runfile import Cursor

        told[node] = self._cursors[node] = Cursor(epoch, seq, self._at)

    def _hole(self, since: int, until: int, node: str | None, lost: int | None, why: str) -> Any:
        from dashboard.runfile import Hole

        return Hole(since, until, node, lost, why)

    def _put(self, file: "RunFile", batch: "list[rows.Row]") -> None:
        if batch:
            file.write(batch, self._book)
            self._book.new.clear()
            self._since_checkpoint += len(batch)

    def _placed(self, made: "list[rows.Row]") -> "list[rows.Row]":
        """Rows in their order: also where the clock was set back."""
        from dashboard import rows

        found = []
        for row in made:
            at = self._at = max(self._at, row.at)
            self._n += 1
            found.append(rows.Row(at, self._n, *row[2:]))
        return found

    def _write_checkpoint(self, file: "RunFile", state: "Frozen") -> None:
        from dashboard import rows
        from dashboard.checkpoints import packed
        from dashboard.runfile import Position

        began = time.perf_counter()
        self._at = max(self._at, rows.micro(state.at))
        file.write_checkpoint(Position(self._at, self._n), state.session, packed(state))
        if self._start_due:  # after the checkpoint, which comes before all records
            begun = rows.started(state.at, self._session, self._expected)
            file.write(self._placed([begun]), self._book)
            self._start_due = False
        self._checkpoint_cost = time.perf_counter() - began
        self._checkpoint_at = self._steady()
        self._since_checkpoint = 0

    def _look_for_hole(self, file: "RunFile", told: Told, at: int) -> None:
        """Whether a node's snapshot goes on where its last event was."""
        own, seq = told.said.node, told.said.seq
        last = self._cursors.get(own.id)
        if last is None:
            return  # new to this run: its snapshot says all that it knew
        if last.epoch == own.epoch:
            after, why = last.seq, "its events were not heard"
        else:
            after, why = 0, "it had started anew, and its first events were not heard"
        if seq <= after:
            return
        number = file.write_hole(self._hole(last.at, at, own.id, seq - after, why))
        unheard = last.epoch != own.epoch and self.away is not None and last.at <= self.away[0]
        offset = told.started - own.started
        missing = Missing(number, own.id, own.epoch, after, seq, last.at, at, offset, unheard)
        self._missing.append(missing)

    # --- opening and closing -----------------------------------------------------------------

    def _open(self, at: float) -> "RunFile":
        """The run that is written; its first records say that this life begins."""
        if not self.runs.hold():
            raise OSError("another dashboard writes there")
        file = self.runs.to_write(at)
        try:
            self._begin(file, at)
        except BaseException:
            file.close()
            raise
        self._file = file
        return file

    def _begin(self, file: "RunFile", at: float) -> None:
        from dashboard import rows

        self._book = file.book()
        self._cursors = file.cursors()
        ends = file.ends()
        self._at, self._n = (0, 0) if ends is None else ends[1]
        run = file.about().id
        if self._begun == run:
            return  # the disk let us down in between
        self._begun, self._start_due = run, True
        now = rows.micro(at)
        if ends is not None and now > self._at:
            since = self._at
            self.away = (since, now)
            with file.transaction():
                if not file.stopped_at(since):
                    file.write(self._placed([rows.stopped(since)]), self._book)
                file.write_hole(self._hole(since, now, None, None, AWAY))

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self.runs.current = None
        self.runs.let_go()

    # --- filling holes -----------------------------------------------------------------------

    def _fill(self, missing: Missing, events: list[Event]) -> None:
        from dashboard import rows

        file = self._file
        wanted = [one for one in events if missing.after < one.seq <= missing.until]
        if file is None or missing.until_at - missing.since_at < 2:
            return
        lowest, highest = missing.since_at + 1, missing.until_at - 1
        book, node = self._book, missing.node
        made: list[rows.Row] = []
        for one in wanted:
            time_ = one.time + missing.offset
            at = min(max(rows.micro(time_), lowest), highest)
            (row,) = rows.rows(Happened(at / 1e6, node, missing.epoch, [one], [at / 1e6]), book)
            self._n += 1
            made.append(rows.Row(row.at, self._n, *row[2:]))
        lost = missing.until - missing.after - len(wanted)
        left = None
        if lost > 0:
            until = min((row.at for row in made), default=missing.until_at)
            why = "its log did not reach back so far"
            left = self._hole(missing.since_at, until, node, lost, why)
        elif missing.unheard:
            why = "it had started anew; what it told before that, if anything, is not known"
            left = self._hole(missing.since_at, made[0].at, node, None, why)
        with file.transaction():
            file.write(made, book)
            file.fill_hole(missing.hole, left)
        book.new.clear()

    def _retrace(self, since: int, until: int) -> None:
        """Put checkpoints into a time that was filled afterwards."""
        from dashboard import rows
        from dashboard.checkpoints import frozen, packed, unpacked
        from dashboard.runfile import Position

        file = self._file
        found = None if file is None else file.checkpoint(since)
        if file is None or found is None:
            return
        place, content = found
        moment = unpacked(content)
        while True:
            read = file.records(place, until - 1, CHECKPOINT_RECORDS)
            for row in read:
                rows.replay(row, self._book, moment.model)
            if len(read) < CHECKPOINT_RECORDS:
                return
            place = Position(read[-1].at, read[-1].n)
            state = frozen(moment.model, place.at / 1e6, moment.session, moment.expected)
            with file.transaction():
                file.write_checkpoint(place, state.session, packed(state))

    # --- retention ---------------------------------------------------------------------------

    def _tidy(self) -> None:
        """Remove what is too old, or too much: whole runs first, then the oldest of this one."""
        from dashboard import rows
        from dashboard.runs import delete

        file = self._file
        if file is None:
            return
        oldest = rows.micro(self._clock() - self.limits.age)
        others = [
            run
            for run in self.runs.all()
            if not run.about.imported and run.about.id != self.runs.current
        ]
        for run in reversed(others):
            if (run.until or 0) < oldest or self.runs.total() > self.limits.size:
                delete(run.path)
        rest = self.runs.total() - _on_disk(file)
        for _ in range(_CHAPTERS_AT_ONCE):
            second = file.second_checkpoint()
            if second is None or (second.at >= oldest and rest + file.size() <= self.limits.size):
                return
            file.drop_oldest()
        self._tidied_at = 0.0  # there may be more: go on soon


def _tried(work: Callable[..., None], *details: Any) -> Exception | None:
    """What became of it."""
    import sqlite3

    from dashboard.checkpoints import BrokenCheckpointError
    from dashboard.runfile import BrokenRunError

    try:
        work(*details)
    except (sqlite3.Error, OSError, BrokenRunError, BrokenCheckpointError) as error:
        return error
    return None


def _let_go(runs: "Runs", file: "RunFile", error: Exception) -> None:
    """Close a file that could not be written; one that is broken is set aside."""
    import sqlite3

    with contextlib.suppress(sqlite3.Error):
        file.close()
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        with contextlib.suppress(OSError):  # then it is tried again as it is
            runs.set_aside(file.path, str(error))


def _on_disk(file: "RunFile") -> int:
    from dashboard.runs import size_of

    return size_of(file.path)


def _weight(events: list[Event]) -> int:
    """What events count for in the queue."""
    weight = len(events)
    for event in events:
        if type(event.data) in _TEXTS:
            weight += len(event.data.text) // 1_000  # type: ignore[union-attr] # as just asked
    return weight


def _at(one: Any) -> float:
    return float(one.since if isinstance(one, _Gap) else one.at)


def _count(one: Any) -> int:
    """How many records something in the queue stands for."""
    if isinstance(one, Happened):
        return len(one.events)
    return one.lost if isinstance(one, _Gap) else 1
