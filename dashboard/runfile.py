"""One run in one file: SQLite, with a schema version.

    run          who it is: id, name, where it came from
    names        the book (`rows`)
    records      the rows, in the order of time: that is their key, there is no other index
    checkpoints  the model after all rows up to (at, n), packed
    cursors      up to which of its events each node has been written down
    holes        what is missing: between which times, of which node (or of all), and why

The file is in WAL mode, so that whoever reads never waits for who writes. `synchronous` is
NORMAL: the death of the power may cost the last moments, and nothing else (SQLite
documentation, "PRAGMA synchronous"). Pages that were freed are given back to the system bit
by bit (`auto_vacuum=INCREMENTAL`).

A checkpoint stands before the first record, always: whoever removes records removes those
between the two oldest checkpoints, and the older of these.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from dashboard.rows import STOPPED, Book, Row

SCHEMA: Final = 1
APPLICATION: Final = 0x70327052
"""`p2pR`: so that `file` and we can tell it from other people's databases."""
SUFFIX: Final = ".sqlite"
_TABLES: Final = """
CREATE TABLE run (
    id TEXT NOT NULL, name TEXT NOT NULL, imported INTEGER NOT NULL, made INTEGER NOT NULL,
    records INTEGER NOT NULL DEFAULT 0);
CREATE TABLE names (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL);
CREATE TABLE records (
    at INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL, node, epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL, ago INTEGER NOT NULL, skew INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (at, n)) WITHOUT ROWID;
CREATE TABLE checkpoints (
    at INTEGER NOT NULL, n INTEGER NOT NULL, session TEXT NOT NULL, model BLOB NOT NULL);
CREATE UNIQUE INDEX checkpoints_at ON checkpoints (at, n);
CREATE TABLE cursors (
    node TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE holes (
    number INTEGER PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, node TEXT,
    lost INTEGER, why TEXT NOT NULL);
"""
_AT_ONCE: Final = 20_000
"""Records removed in one transaction: some 50 ms [measured]."""


class BrokenRunError(Exception):
    """A file that is no run of ours, or not whole. The text says why."""


class Position(NamedTuple):
    """A place between two records: after the one with this key."""

    at: int
    n: int


class About(NamedTuple):
    """What a run says of itself."""

    id: str
    name: str
    imported: bool
    made: int
    records: int


class Hole(NamedTuple):
    """Something is missing. Times in microseconds."""

    since: int
    until: int
    node: str | None
    """Whose events; None where the whole recording has a hole."""
    lost: int | None
    """How many, where that is known."""
    why: str


class Cursor(NamedTuple):
    """Up to where a node's events are written down, and when the last one came."""

    epoch: int
    seq: int
    at: int


class RunFile:
    """A run's file, open. For one thread at a time."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Open one that is there. Raises BrokenRunError, and sqlite3.Error where it cannot be."""
        self.path = path
        if write:
            self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        else:
            address = f"{path.absolute().as_uri()}?mode=ro"
            self.db = sqlite3.connect(
                address, isolation_level=None, uri=True, check_same_thread=False
            )
        try:
            self._check()
        except BaseException:
            self.db.close()
            raise

    @classmethod
    def make(cls, path: Path, about: About) -> "RunFile":
        """A new one. Raises sqlite3.Error."""
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA auto_vacuum=INCREMENTAL")
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("BEGIN")
            for statement in _TABLES.split(";")[:-1]:
                db.execute(statement)
            db.execute("INSERT INTO run VALUES (?,?,?,?,?)", about)
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={SCHEMA}")
            db.execute("COMMIT")
        return cls(path, write=True)

    def close(self) -> None:
        """Let go of it."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self) -> None:
        try:
            application = self._number("PRAGMA application_id")
            version = self._number("PRAGMA user_version")
            if application != APPLICATION:
                raise BrokenRunError("it is a database, but no run of ours")
            if version != SCHEMA:
                raise BrokenRunError(
                    f"its schema is version {version}, and this program knows {SCHEMA}"
                )
            self.db.execute("PRAGMA synchronous=NORMAL")
            self.db.execute("PRAGMA temp_store=MEMORY")  # a container has nowhere else to write
            self.about()
        except sqlite3.OperationalError:
            raise  # locked, or the disk: the file may be well
        except sqlite3.DatabaseError as error:
            raise BrokenRunError(f"SQLite cannot read it: {error}") from None

    # --- what it is ---------------------------------------------------------------------------

    def about(self) -> About:
        """Who it is. Raises BrokenRunError."""
        row = self.db.execute("SELECT id, name, imported, made, records FROM run").fetchone()
        if row is None:
            raise BrokenRunError("it does not say which run it is")
        return About(row[0], row[1], bool(row[2]), row[3], row[4])

    def rename(self, name: str) -> None:
        """Give it another name."""
        self.db.execute("UPDATE run SET name = ?", (name,))

    def book(self) -> Book:
        """Who is who."""
        return Book(self.names())

    def ends(self) -> tuple[Position, Position] | None:
        """Where it begins and where it ends; None while there is nothing in it."""
        first = self.db.execute("SELECT at, n FROM checkpoints ORDER BY at, n LIMIT 1").fetchone()
        last = self.db.execute(
            "SELECT max(at, coalesce((SELECT max(at) FROM records), 0)) FROM "
            "(SELECT at FROM checkpoints ORDER BY at DESC LIMIT 1)"
        ).fetchone()
        if first is None:
            return None
        found = self.db.execute(
            "SELECT max(n) FROM (SELECT max(n) AS n FROM records WHERE at = :at "
            "UNION ALL SELECT max(n) FROM checkpoints WHERE at = :at)",
            {"at": last[0]},
        ).fetchone()
        return Position(*first), Position(last[0], found[0] or 0)

    def size(self) -> int:
        """Bytes in use, without pages that are free."""
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * self._number("PRAGMA page_size")

    def cursors(self) -> dict[str, Cursor]:
        """Up to where each node's events are written down."""
        rows = self.db.execute("SELECT node, epoch, seq, at FROM cursors")
        return {node: Cursor(*rest) for node, *rest in rows}

    def stopped_at(self, at: int) -> bool:
        """Whether it says that the dashboard stopped at this very time."""
        row = self.db.execute(
            "SELECT 1 FROM records WHERE at = ? AND kind = ? LIMIT 1", (at, STOPPED)
        ).fetchone()
        return row is not None

    # --- reading ------------------------------------------------------------------------------

    def checkpoint(self, at: int) -> tuple[Position, bytes] | None:
        """The last checkpoint at a time or before; the first of all where there is none."""
        row = self.db.execute(
            "SELECT at, n, model FROM checkpoints WHERE at <= ? ORDER BY at DESC, n DESC LIMIT 1",
            (at,),
        ).fetchone()
        return None if row is None else (Position(row[0], row[1]), row[2])

    def places(self) -> list[Position]:
        """Where the checkpoints are, in order."""
        rows = self.db.execute("SELECT at, n FROM checkpoints ORDER BY at, n")
        return [Position(*row) for row in rows]

    def checkpoint_at(self, place: Position) -> tuple[str, bytes] | None:
        """The checkpoint at a place, and which life of the dashboard made it."""
        row = self.db.execute(
            "SELECT session, model FROM checkpoints WHERE at = ? AND n = ?", place
        ).fetchone()
        return None if row is None else (row[0], row[1])

    def other_life(self, after: int, until: int, session: str) -> int | None:
        """When another life of the dashboard begins, between two times; None where none does."""
        row = self.db.execute(
            "SELECT at FROM checkpoints WHERE at > ? AND at <= ? AND session != ? "
            "ORDER BY at LIMIT 1",
            (after, until, session),
        ).fetchone()
        return None if row is None else int(row[0])

    def names(self) -> list[tuple[int, str, str, str]]:
        """The book, as it stands in the file."""
        return self.db.execute("SELECT number, id, name, url FROM names").fetchall()

    def records(
        self, after: Position, until: int, limit: int = -1, only: "Only | None" = None
    ) -> list[Row]:
        """Rows after a place, up to a time, in order. -1 for all."""
        where, values = ("", []) if only is None else only.sql()
        rows = self.db.execute(
            "SELECT at, n, kind, node, epoch, seq, ago, skew, data FROM records "  # noqa: S608
            f"WHERE (at, n) > (?, ?) AND at <= ? {where} ORDER BY at, n LIMIT ?",
            (*after, until, *values, limit),
        )
        return [Row(*row) for row in rows]

    def newest(
        self, since: int, until: int, limit: int, only: "Only | None", most: int
    ) -> list[Row]:
        """The last rows between two times, in order, found among the last `most` of that time."""
        where, values = ("", []) if only is None else only.sql()
        rows = self.db.execute(
            "SELECT * FROM (SELECT at, n, kind, node, epoch, seq, ago, skew, data FROM records "  # noqa: S608
            "WHERE at BETWEEN ? AND ? ORDER BY at DESC, n DESC LIMIT ?) "
            f"WHERE 1 {where} ORDER BY at DESC, n DESC LIMIT ?",
            (since, until, most, *values, limit),
        )
        return [Row(*row) for row in rows][::-1]

    def bound(self, after: Position, until: int, rows: int) -> tuple[Position, bool]:
        """A place so many rows further at most, and whether it is behind the last one."""
        row = self.db.execute(
            "SELECT at, n FROM records WHERE (at, n) > (?, ?) AND at <= ? "
            "ORDER BY at, n LIMIT 1 OFFSET ?",
            (*after, until, rows),
        ).fetchone()
        return (Position(until, 2**62), True) if row is None else (Position(*row), False)

    def hole(self, at: int) -> "Hole | None":
        """The hole in the recording, of all nodes, that a time is in."""
        row = self.db.execute(
            "SELECT since, until, node, lost, why FROM holes "
            "WHERE node IS NULL AND since < ? AND until > ? LIMIT 1",
            (at, at),
        ).fetchone()
        return None if row is None else Hole(*row)

    def holes(self, since: int, until: int, limit: int) -> "list[Hole]":
        """All holes that touch a span of time."""
        rows = self.db.execute(
            "SELECT since, until, node, lost, why FROM holes WHERE since <= ? AND until >= ? "
            "ORDER BY since LIMIT ?",
            (until, since, limit),
        )
        return [Hole(*row) for row in rows]

    # --- writing ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def write(self, rows: list[Row], book: Book) -> None:
        """Add rows, and whom they name."""
        self.write_names(book.new)
        self.db.executemany("INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?)", rows)
        self.db.execute("UPDATE run SET records = records + ?", (len(rows),))

    def write_names(self, names: Iterable[tuple[int, str, str, str]]) -> None:
        """Add to the book."""
        self.db.executemany("INSERT INTO names VALUES (?,?,?,?)", names)

    def write_checkpoint(self, position: Position, session: str, model: bytes) -> None:
        """Add a checkpoint."""
        self.db.execute(
            "INSERT OR REPLACE INTO checkpoints VALUES (?,?,?,?)", (*position, session, model)
        )

    def write_cursors(self, cursors: dict[str, Cursor]) -> None:
        """Say up to where nodes are written down."""
        self.db.executemany(
            "INSERT OR REPLACE INTO cursors VALUES (?,?,?,?)",
            ((node, *cursor) for node, cursor in cursors.items()),
        )

    def write_hole(self, hole: "Hole") -> int:
        """Say that something is missing; the number of the hole."""
        number = self.db.execute(
            "INSERT INTO holes (since, until, node, lost, why) VALUES (?,?,?,?,?)", hole
        ).lastrowid
        return number or 0

    def fill_hole(self, number: int, left: "Hole | None") -> None:
        """Say what is left of a hole; None where it is filled."""
        self.db.execute("DELETE FROM holes WHERE number = ?", (number,))
        if left is not None:
            self.write_hole(left)

    def second_checkpoint(self) -> Position | None:
        """Up to where the oldest records may go; None where they may not."""
        row = self.db.execute(
            "SELECT at, n FROM checkpoints ORDER BY at, n LIMIT 1 OFFSET 1"
        ).fetchone()
        return None if row is None else Position(*row)

    def drop_oldest(self) -> int | None:
        """Remove what is before the second checkpoint, or a part of it; how many records.

        None where there is nothing that may go. Again, until enough is gone.
        """
        second = self.second_checkpoint()
        if second is None:
            return None
        with self.transaction():
            bound = self.db.execute(
                "SELECT at, n FROM records WHERE (at, n) <= (?, ?) ORDER BY at, n LIMIT 1 OFFSET ?",
                (*second, _AT_ONCE),
            ).fetchone()
            gone = self.db.execute(
                "DELETE FROM records WHERE (at, n) <= (?, ?)", bound or second
            ).rowcount
            if bound is None:  # only a whole chapter goes with its checkpoint
                self.db.execute("DELETE FROM checkpoints WHERE (at, n) < (?, ?)", second)
                self.db.execute("DELETE FROM holes WHERE until < ?", (second.at,))
            self.db.execute("UPDATE run SET records = records - ?", (gone,))
        self.db.execute("PRAGMA incremental_vacuum(2000)").fetchall()
        return gone

    def _number(self, query: str) -> int:
        return int(self.db.execute(query).fetchone()[0])


class Only(NamedTuple):
    """Which rows are wanted."""

    kinds: tuple[int, ...]
    """All where there are none."""
    nodes: tuple[int | str, ...] | None
    """Told by one of these; by anybody where it is None."""
    beginning: str | None = None
    """How the data begin; in any way where it is None."""

    def sql(self) -> tuple[str, list[Any]]:
        """As a part of a WHERE, with its values."""
        parts = ""
        values: list[Any] = []
        if self.kinds:
            parts += f" AND kind IN ({','.join('?' * len(self.kinds))})"
            values += self.kinds
        if self.nodes is not None:
            parts += f" AND node IN ({','.join('?' * len(self.nodes))})"
            values += self.nodes
        if self.beginning is not None:
            parts += " AND substr(data, 1, ?) = ?"
            values += [len(self.beginning), self.beginning]
        return parts, values
