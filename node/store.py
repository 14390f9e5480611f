"""What survives a restart: id and epoch, inbox, outbox, known peers. One SQLite file.

A message counts as accepted when its row is committed, so a crash between any two lines
loses nothing that was acknowledged. The file is in WAL mode. With the durability `normal`
(`synchronous=NORMAL`) a commit is one write without a wait for the disk: it survives the death
of the process; the death of the power may cost the last moments. With `full` each commit waits
until the disk has it, and survives that, too (SQLite documentation, "PRAGMA synchronous").
What comes or ends in one request is committed at once, whatever the durability. And
so that many callers at once do not wait for the disk one after the other, they share a commit
(*group commit*, DeWitt and others 1984): what is written `together` stays in an open
transaction until the first who wrote has let all others in that were ready; then `settled`
commits for all of them, and only then is any of them answered.

*Time.* A message waits for its receiver for so many seconds of the node's own clock, `now`:
it grows as the monotonic clock does, so whoever sets the machine's clock to next year, or back,
lets nothing expire. Across a stop it goes on where it was, and the wall clock says how long
that lasted; it is believed up to an hour, as a year of standing still cannot be told from a
clock that was wrong. So a message may live longer than was asked for, and never shorter.

What a commit writes goes to the log first and into the file itself later, at a checkpoint,
which does wait for the disk: ten milliseconds and more. So a thread of its own does it, on
a connection of its own, and no request waits for it.

The schema's version stands in the file (`PRAGMA user_version`). A file that SQLite cannot
read is set aside under another name, with a clear line, and never deleted.
"""

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from uuid import uuid4

from contract.errors import ApiError
from contract.limits import DEFAULT_TTL, MAX_INBOX, MAX_OUTBOX, MAX_TOGETHER
from contract.server import off_loop
from node.overlay import lanes
from node.overlay.frames import Push
from node.overlay.inputs import Restored, Route

SCHEMA = 5
_TABLES = """
CREATE TABLE self (id TEXT NOT NULL, epoch INTEGER NOT NULL, clock REAL, wall REAL);
CREATE TABLE inbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL,
    origin TEXT, text TEXT NOT NULL, at REAL NOT NULL, broadcast INTEGER NOT NULL DEFAULT 0,
    number INTEGER, epoch INTEGER, turn INTEGER, hops INTEGER, path TEXT, sent_at REAL);
CREATE INDEX inbox_number ON inbox (origin, number) WHERE number IS NOT NULL;
CREATE TABLE outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, receiver TEXT NOT NULL,
    text TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL DEFAULT 'queued',
    attempts INTEGER NOT NULL DEFAULT 0, reason TEXT, done_at REAL, sender TEXT,
    route TEXT NOT NULL DEFAULT 'auto', wanted TEXT, ttl REAL NOT NULL DEFAULT 86400,
    expires REAL NOT NULL DEFAULT 0, hops INTEGER, path TEXT);
CREATE INDEX outbox_status ON outbox (status);
CREATE INDEX outbox_lane ON outbox (receiver, n) WHERE status = 'queued';
CREATE INDEX outbox_expires ON outbox (expires) WHERE status = 'queued';
CREATE TABLE peers (url TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE judged (n INTEGER PRIMARY KEY, origin TEXT NOT NULL, epoch INTEGER NOT NULL,
    number INTEGER NOT NULL, UNIQUE (origin, epoch));
"""
_MIGRATIONS = {
    1: """
ALTER TABLE inbox ADD COLUMN broadcast INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN sender TEXT;
""",
    2: """
ALTER TABLE inbox ADD COLUMN number INTEGER;
CREATE INDEX inbox_number ON inbox (origin, number) WHERE number IS NOT NULL;
ALTER TABLE outbox ADD COLUMN route TEXT NOT NULL DEFAULT 'auto';
""",
    3: """
ALTER TABLE self ADD COLUMN clock REAL;
ALTER TABLE self ADD COLUMN wall REAL;
ALTER TABLE outbox ADD COLUMN wanted TEXT;
ALTER TABLE outbox ADD COLUMN ttl REAL NOT NULL DEFAULT 86400;
ALTER TABLE outbox ADD COLUMN expires REAL NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN hops INTEGER;
ALTER TABLE outbox ADD COLUMN path TEXT;
UPDATE outbox SET expires = 86400 + CAST(strftime('%s', 'now') AS REAL);
CREATE INDEX outbox_lane ON outbox (receiver, n) WHERE status = 'queued';
CREATE INDEX outbox_expires ON outbox (expires) WHERE status = 'queued';
""",
    4: """
ALTER TABLE inbox ADD COLUMN epoch INTEGER;
ALTER TABLE inbox ADD COLUMN turn INTEGER;
CREATE TABLE judged (n INTEGER PRIMARY KEY, origin TEXT NOT NULL, epoch INTEGER NOT NULL,
    number INTEGER NOT NULL, UNIQUE (origin, epoch));
ALTER TABLE inbox ADD COLUMN hops INTEGER;
ALTER TABLE inbox ADD COLUMN path TEXT;
ALTER TABLE inbox ADD COLUMN sent_at REAL;
""",
}
"""From which version, by which statements, to the next one."""
_OURS = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
"""Errors that are mistakes of this program's, and no trouble with disk or file."""
MOST_AWAY = 3_600.0
"""Seconds that a stop of the node counts at most against its messages [guess]."""
_BEAT_EVERY = 10.0
"""Seconds between two times that the node's clock is written down, while messages wait: that
much may be lost of it in a crash, in favour of the messages [guess]."""
_PRUNE_EVERY = 1_000
_CHECKPOINT_EVERY = 500
"""Writes between two checkpoints: some 1,000 pages, SQLite's own default."""
_WAL_MOST = 8_000
"""Pages at which SQLite checkpoints by itself, were our thread too slow: 32 MiB."""

Status = Literal["queued", "delivered", "failed"]
STATUSES: Final[tuple[Status, ...]] = ("queued", "delivered", "failed")
Durability = Literal["normal", "full"]


class OvertakenError(Exception):
    """A later message of the same origin is in the inbox: this may be an old copy."""


class _Group:
    """Writes that share one commit."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        self.error = ""


class Way(NamedTuple):
    """Where a message is from and how it came, as far as that was told."""

    number: int | None = None
    """Its place in the outbox that it comes from."""
    hops: int | None = None
    visited: Sequence[str] = ()
    """Where it had been, the origin first; empty where nobody told, or after one hop."""
    sent_at: float | None = None
    """When it was sent, by the sender's clock."""


_UNTOLD: Final = Way()


class Received(NamedTuple):
    """A message in the inbox. `origin` is the sender's node id, where a node sent it."""

    n: int
    id: str
    sender: str
    origin: str | None
    text: str
    at: float
    hops: int | None
    """At which hop it came; None where it came from outside, or from a time before this."""
    path: str | None
    """Where it had been, the origin first, as a JSON list; None where nobody told, or where
    there is nothing to tell: one hop."""
    sent_at: float | None
    """When it was sent, by the sender's clock, as that says."""
    broadcast: bool


class Incoming(NamedTuple):
    """A message that comes from another node; fields as in `Store.receive`."""

    message: str
    sender: str
    origin: str
    text: str
    way: Way


class Ending(NamedTuple):
    """How a message of ours ended, and the way that it took."""

    message: str
    status: "Status"
    attempts: int
    reason: str | None
    hops: int = 0
    path: Iterable[str] = ()


class Sent(NamedTuple):
    """A message in the outbox."""

    n: int
    """Its place: of two messages the later one has the higher, across restarts too."""
    id: str
    receiver: str
    text: str
    at: float
    status: Status
    attempts: int
    reason: str | None
    done_at: float | None
    sender: str | None
    """Whose message it is, where we only hand it on: a broadcast for a plain node."""
    route: Route
    wanted: str | None
    """The receiver as the caller named it."""
    ttl: float
    expires: float
    """When its time runs out, by the store's own clock."""
    hops: int | None
    path: str | None
    """The ids that it came by, as a JSON list."""


class Store:
    """One node's file. Calls are short; a lock makes them safe for threads."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        *,
        durability: Durability = "normal",
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "node.sqlite"
        self._db = _open(path, durability)
        self._grouped = durability == "full"  # else a commit waits for nothing
        self._gathering = False  # several writes of one call: see `_one_commit`
        self._group: _Group | None = None  # whose transaction is open
        self._mine = threading.local()  # the group that this thread wrote in
        self._ahead = 0.0  # of the steady clock
        self._beaten = 0.0
        self.id, self.epoch = self._wake()
        self._count_all()
        self._since_prune = _PRUNE_EVERY  # however often it is killed
        self._since_checkpoint = 0
        self._checkpoint_due = threading.Event()
        self._closed = False
        self.full = False
        """Whether to write as if the disk were full (`node.faults`)."""
        threading.Thread(
            target=self._keep_log_short, args=(path,), name="checkpoints", daemon=True
        ).start()

    def close(self) -> None:
        """Write everything back and let go of the file."""
        with self._lock:
            with contextlib.suppress(ApiError):  # a full disk; the messages live longer then
                self._beat()  # and all that is open is committed
            self._db.close()
            self._closed = True
        self._checkpoint_due.set()

    @property
    def durability(self) -> str:
        """What SQLite says that a commit waits for (see "PRAGMA synchronous")."""
        levels = {1: "normal", 2: "full"}
        return levels.get(self._count("PRAGMA synchronous"), "unknown")

    # --- inbox -------------------------------------------------------------------------

    def receive(
        self,
        message: str,
        sender: str,
        origin: str | None,
        text: str,
        *,
        broadcast: tuple[int, int] | None = None,
        way: Way = _UNTOLD,
        in_order: bool = False,
        together: bool = False,
    ) -> bool:
        """Store a message. False where it is there already; 409 where its id had another text.

        `broadcast` is its epoch and number, by which others know it with its origin. With
        `in_order` it is refused (OvertakenError) where a later one of its origin is here and it
        is not. Who says `together` must call `settled` before anybody is told.
        """
        with self._lock:
            self._mine.group = self._group  # one that is here may not be committed yet
            if in_order and self._overtaken(message, origin, way.number):
                raise OvertakenError
            came = (message, sender, origin, text)
            return self._receive(came, broadcast, way, together=together)

    def receive_all(self, messages: Iterable[Incoming]) -> list[bool | ApiError]:
        """Store several messages of one sender, in order and in one commit.

        Of each: whether it is new; 409 where its id had another text. Raises 503, and stores
        none, where the disk takes nothing.
        """
        found: list[bool | ApiError] = []
        with self._lock, self._one_commit():
            for *came, way in messages:
                try:
                    found.append(self._receive(tuple(came), None, way))
                except ApiError as error:
                    if error.status >= 500:
                        raise
                    found.append(error)
        return found

    def _receive(
        self,
        came: tuple[Any, ...],
        broadcast: tuple[int, int] | None,
        way: Way,
        *,
        together: bool = False,
    ) -> bool:
        """Insert a row into the inbox; the lock is held. `came`: id, sender, origin, text."""
        new = self._write(
            "INSERT OR IGNORE INTO inbox (id, sender, origin, text, at, broadcast, number, "
            "epoch, turn, hops, path, sent_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                *came,
                self._clock(),
                broadcast is not None,
                way.number,
                *(broadcast or (None, None)),
                way.hops,
                json.dumps(way.visited) if way.visited else None,
                way.sent_at,
            ),
            together=together,
        )
        if new:
            self._inbox += 1
            self._prune()
            return True
        message, sender, _, text = came
        there = self._db.execute(
            "SELECT sender, text FROM inbox WHERE id = ?", (message,)
        ).fetchone()
        if there != (sender, text):
            raise ApiError(409, "this id was used for another message", field="id")
        return False

    def _overtaken(self, message: str, origin: str | None, number: int | None) -> bool:
        later = "SELECT 1 FROM inbox WHERE origin = ? AND number > ? LIMIT 1"
        if self._db.execute(later, (origin, number)).fetchone() is None:
            return False
        here = self._db.execute("SELECT 1 FROM inbox WHERE id = ?", (message,)).fetchone()
        return here is None

    def inbox(self, limit: int, before: int | None, sender: str | None) -> list[Received]:
        """The newest messages first; `before` is the `n` of the last one seen."""
        rows = self._db.execute(
            "SELECT n, id, sender, origin, text, at, hops, path, sent_at, broadcast FROM inbox "
            "WHERE (:before IS NULL OR n < :before) AND (:sender IS NULL OR sender = :sender) "
            "ORDER BY n DESC LIMIT :limit",
            {"before": before, "sender": sender, "limit": limit},
        )
        return [Received(*row)._replace(broadcast=bool(row[-1])) for row in rows]

    def is_broadcast_of(self, message: str, origin: str) -> bool:
        """Whether a message in the inbox is a broadcast of that node."""
        row = self._db.execute(
            "SELECT 1 FROM inbox WHERE id = ? AND origin = ? AND broadcast", (message, origin)
        ).fetchone()
        return row is not None

    def judge(self, levels: Iterable[tuple[str, int, int]]) -> None:
        """Write down how far broadcasts were judged: origin, epoch, number."""
        with self._lock, contextlib.suppress(ApiError):  # a full disk: they are counted again
            for level in levels:
                self._write(
                    "INSERT OR REPLACE INTO judged (origin, epoch, number) VALUES (?,?,?)", level
                )
            self._write(
                "DELETE FROM judged WHERE n <= (SELECT max(n) FROM judged) - ?", (MAX_INBOX,)
            )

    def broadcasts(self, within: float) -> Restored:
        """What a node that starts again must know of its broadcasts.

        Those of the last so many seconds, by the machine's clock, come whole. So do its own of the
        last so many seconds before it stopped, however long ago that was: nobody else may have
        them. (When it stopped nobody wrote down; after its last message.) Of the others the ranges
        of numbers, of each origin's newest two epochs. (Rows whose number less their
        place among the sorted numbers is the same are one range: "gaps and islands".)
        """
        ranges = self._db.execute(
            "SELECT origin, epoch, min(turn), max(turn) FROM (SELECT origin, epoch, turn, turn - "
            "row_number() OVER (PARTITION BY origin, epoch ORDER BY turn) AS island, "
            "epoch >= max(epoch) OVER (PARTITION BY origin) - 1 AS new "
            "FROM inbox WHERE turn IS NOT NULL) WHERE new GROUP BY origin, epoch, island "
            "ORDER BY origin, epoch, min(turn)"
        ).fetchall()
        now = self._clock()
        rows = self._db.execute(
            "SELECT origin, epoch, turn, id, sender, text, at FROM inbox "
            "WHERE turn IS NOT NULL AND (at > :now - :within OR "
            "(origin = :own AND at > (SELECT max(at) FROM inbox) - :within)) ORDER BY n",
            {"now": now, "within": within, "own": self.id},
        )
        young = tuple(
            (
                Push(origin, epoch, turn, 1, message, sender, text),
                0.0 if now - at > within else max(0.0, now - at),
            )
            for origin, epoch, turn, message, sender, text, at in rows
        )
        judged = self._db.execute("SELECT origin, epoch, number FROM judged ORDER BY n").fetchall()
        whole = self._count("SELECT coalesce(min(n), 1) FROM inbox") == 1
        return Restored(tuple(ranges), young, tuple(judged), whole)

    # --- outbox ------------------------------------------------------------------------

    def accept(
        self,
        message: str,
        receiver: str,
        text: str,
        sender: str | None = None,
        route: Route = "auto",
        *,
        ttl: float = DEFAULT_TTL,
        wanted: str | None = None,
        together: bool = False,
    ) -> bool:
        """Take a message to be sent. False where it was taken already; 409 and 429 as above.

        `sender` is given where it is not our own message; `wanted` is the receiver as the
        caller named it. `together` as in `receive`.
        """
        with self._lock:
            self._mine.group = self._group  # one that is here may not be committed yet
            there = self.sent(message)
            if there is not None:
                said = (receiver, text, route, ttl)
                if (there.receiver, there.text, there.route, there.ttl) != said:
                    raise ApiError(409, "this id was used for another message", field="id")
                return False
            self._room()
            self._beat_now_and_then()
            self._write(
                "INSERT INTO outbox (id, receiver, text, at, sender, route, wanted, ttl, expires) "
                "VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    message,
                    receiver,
                    text,
                    self._clock(),
                    sender,
                    route,
                    wanted,
                    ttl,
                    self.now() + ttl,
                ),
                together=together,
            )
            self._waiting += 1
            return True

    def _room(self) -> None:
        if self._waiting >= MAX_OUTBOX:
            raise ApiError(429, "the outbox is full; try again later", retry_after=5)

    def ended(self, *endings: Ending) -> None:
        """Write down how messages of ours ended, in one commit."""
        with self._lock, self._one_commit():
            for message, status, attempts, reason, hops, path in endings:
                way = json.dumps(list(path)) if path else None
                changed = self._write(
                    "UPDATE outbox SET status=?, attempts=?, reason=?, done_at=?, hops=?, path=? "
                    "WHERE id=? AND status='queued'",
                    (status, attempts, reason, self._clock(), hops or None, way, message),
                )
                if changed:
                    self._waiting -= 1
                    self._ended[status] = self._ended.get(status, 0) + 1
                    self._prune()

    def revive(self, message: str) -> bool:
        """Queue a failed message anew, behind all others. False where there is none; 429.

        It gets a new place: the receiver may have later ones, and takes this for an old copy
        otherwise (`node.overlay.routing`).
        """
        with self._lock:
            old = self.sent(message)
            if old is None or old.status != "failed":
                return False
            self._room()
            self._write(
                "UPDATE outbox SET n = max(?, (SELECT seq FROM sqlite_sequence "
                "WHERE name = 'outbox'), (SELECT max(n) FROM outbox)) + 1, status = 'queued', "
                "reason = NULL, done_at = NULL, hops = NULL, path = NULL, expires = ? WHERE n = ?",
                (old.n, self.now() + old.ttl, old.n),
            )
            self._ended["failed"] -= 1
            self._waiting += 1
            return True

    def discard(self, message: str) -> bool:
        """Drop a message for good. False where there is none."""
        with self._lock:
            old = self.sent(message)
            if old is None:
                return False
            self._write("DELETE FROM outbox WHERE n = ?", (old.n,))
            if old.status == "queued":
                self._waiting -= 1
            else:
                self._ended[old.status] -= 1
            return True

    def sent(self, message: str) -> Sent | None:
        """One message of the outbox."""
        rows = self._sent("WHERE id = ?", (message,))
        return rows[0] if rows else None

    def sent_all(self, messages: Collection[str]) -> dict[str, Sent]:
        """Those of some messages that are in the outbox, by id."""
        marks = ",".join("?" * len(messages))
        return {row.id: row for row in self._sent(f"WHERE id IN ({marks})", tuple(messages))}

    def outbox(self, limit: int, before: int = 2**62, status: Status | None = None) -> list[Sent]:
        """The newest first; `before` is the `n` of the last one seen."""
        if status is None:
            return self._sent("WHERE n < ? ORDER BY n DESC LIMIT ?", (before, limit))
        return self._sent(
            "WHERE status = ? AND n < ? ORDER BY n DESC LIMIT ?", (status, before, limit)
        )

    def heads(self) -> list[Sent]:
        """The next message to each receiver, oldest first: where sending goes on at a start."""
        return self._sent(
            "WHERE n IN (SELECT min(n) FROM outbox WHERE status = 'queued' AND expires > ? "
            "GROUP BY receiver) ORDER BY n",
            (self.now(),),
        )

    def following(self, receiver: str) -> list[Sent]:
        """The next messages to a receiver that may go together; none whose time has run out."""
        rows = self._sent(
            "WHERE status = 'queued' AND receiver = ? AND expires > ? ORDER BY n LIMIT ?",
            (receiver, self.now(), MAX_TOGETHER),
        )
        return rows[: lanes.together((row.route, len(row.text)) for row in rows)]

    def expired(self, limit: int, now: float) -> list[Sent]:
        """Queued messages whose time has run out by then."""
        return self._sent(
            "INDEXED BY outbox_expires "
            "WHERE status = 'queued' AND expires <= ? ORDER BY expires LIMIT ?",
            (now, limit),
        )

    def next_expiry(self, now: float) -> float | None:
        """Seconds from then until the next one's time runs out; None where none waits."""
        row = self._db.execute(
            "SELECT min(expires) FROM outbox INDEXED BY outbox_expires "  # not all that wait
            "WHERE status = 'queued' AND expires > ?",
            (now,),
        ).fetchone()
        return None if row[0] is None else float(row[0]) - now

    def counts(self) -> dict[str, int]:
        """How many messages there are, for `/status`."""
        return {
            "inbox": self._inbox,
            "sent": self._ended.get("delivered", 0),
            "failed": self._ended.get("failed", 0),
            "waiting": self._waiting,
        }

    # --- peers -------------------------------------------------------------------------

    def remember(self, urls: Iterable[str]) -> bool:
        """The peers to try first after a restart. False where the disk is full: those of before."""
        with self._lock:
            self._commit_group(self._group)
            try:
                self._forget_and_remember(urls)
            except sqlite3.OperationalError:
                return False
        return True

    def _forget_and_remember(self, urls: Iterable[str]) -> None:
        with self._db:
            self._refuse_if_full()
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM peers")
            self._db.executemany("INSERT INTO peers VALUES (?)", ((url,) for url in set(urls)))

    def peers(self) -> list[str]:
        """Those of the last run."""
        return [url for (url,) in self._db.execute("SELECT url FROM peers")]

    # --- time --------------------------------------------------------------------------

    def now(self) -> float:
        """The node's own clock, in seconds: it never jumps."""
        return self._steady() + self._ahead

    def beat(self) -> None:
        """Write down what the clock shows, where messages wait by it."""
        with self._lock, contextlib.suppress(ApiError):  # a full disk: they live a bit longer
            if self._waiting:
                self._beat_now_and_then()

    def _beat_now_and_then(self) -> None:
        if self.now() >= self._beaten + _BEAT_EVERY:
            self._beat()

    def _beat(self) -> None:
        self._beaten = self.now()
        self._write("UPDATE self SET clock = ?, wall = ?", (self._beaten, self._clock()))

    def _set_clock(self, clock: float | None, wall: float | None) -> None:
        """Go on where the last life stopped."""
        now = self._clock()
        if clock is not None and wall is not None:
            now = clock + min(max(0.0, now - wall), MOST_AWAY)
        self._ahead = now - self._steady()

    # --- inside ------------------------------------------------------------------------

    def _wake(self) -> tuple[str, int]:
        """The node's id, made at its first start, and the number of this start."""
        row = self._db.execute("SELECT id, epoch, clock, wall FROM self").fetchone()
        if row is None:
            row = (str(uuid4()), 0, None, None)
            self._db.execute("INSERT INTO self VALUES (?, ?, ?, ?)", row)
        node, epoch = str(row[0]), int(row[1]) + 1
        self._set_clock(row[2], row[3])
        self._beaten = self.now()
        self._db.execute(
            "UPDATE self SET epoch = ?, clock = ?, wall = ?",
            (epoch, self._beaten, self._clock()),
        )
        return node, epoch

    def _count_all(self) -> None:
        self._inbox = self._count("SELECT count(*) FROM inbox")
        self._waiting = self._count("SELECT count(*) FROM outbox WHERE status = 'queued'")
        self._ended = dict(
            self._db.execute("SELECT status, count(*) FROM outbox GROUP BY status").fetchall()
        )

    def _count(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])

    def _write(self, statement: str, values: tuple[Any, ...], *, together: bool = False) -> int:
        """Run one statement and commit it; returns how many rows it changed.

        `together`: its commit is left to `settled`.
        """
        self._since_checkpoint += 1
        if self._since_checkpoint >= _CHECKPOINT_EVERY:
            self._since_checkpoint = 0
            self._checkpoint_due.set()
        together = (together and self._grouped) or self._gathering
        try:
            self._refuse_if_full()
            if together:
                self._join_group()
            changed = self._db.execute(statement, values).rowcount
        except sqlite3.DatabaseError as error:
            if isinstance(error, _OURS):
                raise
            self._group_failed(str(error))  # the disk is full, went away, or the file is damaged
            raise _no_disk(str(error)) from None
        if not together:
            group = self._group
            self._commit_group(group)  # what others have written goes along
            if group is not None and group.error:
                raise _no_disk(group.error)
        return changed

    def _refuse_if_full(self) -> None:
        if self.full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
            raise error

    # --- one commit for many -----------------------------------------------------------

    def settled(self) -> None:
        """Wait until what this thread has written `together` is on disk. Raises 503."""
        group: _Group | None = getattr(self._mine, "group", None)
        if group is None:
            return
        if self._group is group:
            time.sleep(0)  # let the others in that are ready to write
            with self._lock:
                self._commit_group(group)
        if group.error:
            raise _no_disk(group.error)

    @contextlib.contextmanager
    def _one_commit(self) -> Iterator[None]:
        """What is written in here is committed at its end, or none of it. The lock is held."""
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
        group = self._group
        self._commit_group(group)
        if group is not None and group.error:
            raise _no_disk(group.error)

    def _join_group(self) -> None:
        if self._group is None:
            self._db.execute("BEGIN")
            self._group = _Group()
        self._mine.group = self._group

    def _commit_group(self, group: _Group | None) -> None:
        """Commit, unless somebody did it already."""
        if group is None or self._group is not group:
            return
        try:
            self._refuse_if_full()
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._group_failed(str(error))
        self._group = None

    def _group_failed(self, error: str) -> None:
        """None of it is stored, and all who wrote it hear so."""
        group, self._group = self._group, None
        if group is None:
            return
        group.error = error
        with contextlib.suppress(sqlite3.DatabaseError):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._count_all()

    def _keep_log_short(self, path: Path) -> None:
        """Checkpoint whenever enough was written (SQLite, "Write-Ahead Logging", section 2.2)."""
        while True:
            self._checkpoint_due.wait()
            self._checkpoint_due.clear()
            if self._closed:
                return
            off_loop(_checkpoint, path)

    def _prune(self) -> None:
        """Keep both boxes bounded, by dropping the oldest that have ended."""
        self._since_prune += 1
        if self._since_prune < _PRUNE_EVERY:
            return
        self._since_prune = 0
        self._inbox -= self._write(
            "DELETE FROM inbox WHERE n <= (SELECT max(n) FROM inbox) - ?", (MAX_INBOX,)
        )
        for status in ("delivered", "failed"):
            dropped = self._write(
                "DELETE FROM outbox WHERE status = ? AND n <= (SELECT max(n) FROM outbox) - ?",
                (status, MAX_OUTBOX),
            )
            self._ended[status] = self._ended.get(status, 0) - dropped

    def _sent(self, tail: str, values: tuple[Any, ...]) -> list[Sent]:
        columns = ", ".join(Sent._fields)
        query = f"SELECT {columns} FROM outbox {tail}"  # noqa: S608 - tails are ours
        return [Sent(*row) for row in self._db.execute(query, values)]


def _open(path: Path, durability: Durability) -> sqlite3.Connection:
    """Open the file, set a broken one aside, and bring its schema up to date."""
    try:
        return _connect(path, durability)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # no permission, no disk: nothing is wrong with the file
        aside = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        path.rename(aside)
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        print(f"{path} cannot be read ({error}); set aside as {aside.name}, starting anew")
        return _connect(path, durability)


def _connect(path: Path, durability: Durability) -> sqlite3.Connection:
    there = path.exists()
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {durability}")
        database.execute(f"PRAGMA wal_autocheckpoint = {_WAL_MOST}")
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if there:  # a page in the middle may be damaged, and be asked for hours later
            said = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            if said != "ok":
                raise sqlite3.DatabaseError(said)
        if version > SCHEMA:
            raise SystemExit(
                f"{path} was written by a newer version (schema {version}, this is {SCHEMA})"
            )
        if version == 0:
            database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
            version = SCHEMA
        while version < SCHEMA:
            steps = f"{_MIGRATIONS[version]} PRAGMA user_version = {version + 1};"
            database.executescript(f"BEGIN; {steps} COMMIT;")
            version += 1
    except BaseException:
        database.close()
        raise
    return database


def _no_disk(error: str) -> ApiError:
    return ApiError(503, f"this node cannot store anything now: {error}", retry_after=5)


def _checkpoint(path: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=1.0)) as database:
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.OperationalError as error:  # a full disk: writing will say so to its caller
        print(f"The message store could not be checkpointed: {error}", flush=True)
