"""The list of peers, in one SQLite file.

An entry is one of two kinds. A **listed** peer has registered, or was heard of and has
answered since. A **candidate** was only heard of, in somebody's `/peers`; nobody is told
about it until it has answered once. Otherwise a dead peer that was dropped would come
back from the lists of those who have not noticed yet, for ever.

The list is bounded. When it is full, hearsay and peers that did not answer their last
check make room for a newcomer; where there are none the newcomer has to come again.

One connection, guarded by a lock: the calls are short, and SQLite has one writer anyway.
WAL with `synchronous=NORMAL` survives the death of the process, whatever kills it; the
last entries may be lost when the machine loses power, and their nodes register again.
"""

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from contract.limits import MAX_PEERS_ANSWER
from contract.registration import Registration

CAPACITY: Final = MAX_PEERS_ANSWER
"""Entries at most: nobody reads more from an answer."""
FAILURES: Final = 3
"""Checks in a row without an answer after which a peer is dropped [issue: a few; at a
check every two minutes, a node may be away for four and still be listed]."""

MIGRATIONS: Final = (
    """
    CREATE TABLE peers (
        url      TEXT    PRIMARY KEY,
        id       TEXT,
        name     TEXT,
        since    REAL    NOT NULL,            -- seconds since 1970
        heard    REAL,                        -- when it last answered or registered
        failures INTEGER NOT NULL DEFAULT 0,  -- checks in a row without an answer
        listed   INTEGER NOT NULL             -- 0: a candidate
    ) WITHOUT ROWID;
    """,
)
"""Script n turns a file of schema version n into one of version n + 1."""

_PROBE = "SELECT url, id, name, since, heard, failures, listed FROM peers LIMIT 1"


Total = Literal["registered", "full", "removed", "answered", "silent", "found", "dropped"]


class RegistryFullError(Exception):
    """No room, and nobody who could make some."""


class UnusableFileError(Exception):
    """A file that is no registry of ours. The text says why."""


class Registry:
    """Who is in the network, as far as the bootstrap knows. Safe to use from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        capacity: int = CAPACITY,
        migrations: Sequence[str] = MIGRATIONS,
    ) -> None:
        """Open the file, make it, migrate it, or set it aside and begin a new one.

        Raises OSError or sqlite3.OperationalError where the folder cannot be used.
        """
        self._clock = clock
        self._capacity = capacity
        self.totals: Counter[Total] = Counter()
        """What became of registrations and checks since the start."""
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _open(path, migrations)
        except UnusableFileError as error:
            aside = _set_aside(path, clock())
            print(
                f"The registry {path.name} cannot be used ({error}); it is kept as "
                f"{aside.name}, and a new one is begun.",
                flush=True,
            )
            self._db = _open(path, migrations)

    def register(self, peer: Registration) -> bool:
        """List a peer. True when it was not listed before. Raises RegistryFullError."""
        now = self._clock()
        with self._lock, self._db:
            known = self._one("SELECT listed FROM peers WHERE url = ?", peer.url)
            if known is None and self._one("SELECT count(*) FROM peers") >= self._capacity:
                self._make_room()
            self._db.execute(
                """
                INSERT INTO peers (url, id, name, since, heard, listed)
                VALUES (:url, :id, :name, :now, :now, 1)
                ON CONFLICT (url) DO UPDATE SET
                    id = coalesce(:id, id), name = coalesce(:name, name),
                    heard = :now, failures = 0, listed = 1
                """,
                {"url": peer.url, "id": peer.id, "name": peer.name, "now": now},
            )
            self.totals["registered"] += 1
        return bool(known != 1)

    def remove(self, url: str) -> bool:
        """Forget a peer. False when it was not listed."""
        with self._lock, self._db:
            gone = self._db.execute("DELETE FROM peers WHERE url = ? AND listed", (url,)).rowcount
            self.totals["removed"] += gone
        return bool(gone)

    def learn(self, urls: Iterable[str]) -> None:
        """Take URLs that were heard of as candidates, as far as there is room."""
        now = self._clock()
        with self._lock, self._db:
            room = self._capacity - self._one("SELECT count(*) FROM peers")
            for url in urls:
                if room <= 0:
                    break
                room -= self._db.execute(
                    "INSERT OR IGNORE INTO peers (url, since, listed) VALUES (?, ?, 0)", (url, now)
                ).rowcount

    def answered(self, url: str) -> bool:
        """A check went well. True when this made a candidate a listed peer."""
        with self._lock, self._db:
            listed = self._one("SELECT listed FROM peers WHERE url = ?", url)
            self._db.execute(
                "UPDATE peers SET heard = ?, failures = 0, listed = 1 WHERE url = ?",
                (self._clock(), url),
            )
            self.totals["answered"] += 1
            self.totals["found"] += listed == 0
        return bool(listed == 0)

    def failed(self, url: str) -> bool:
        """A check brought no answer. True when a listed peer was dropped for it.

        A candidate is dropped at once and in silence: it never was on the list.
        """
        with self._lock, self._db:
            self._db.execute("UPDATE peers SET failures = failures + 1 WHERE url = ?", (url,))
            self._db.execute("DELETE FROM peers WHERE url = ? AND NOT listed", (url,))
            gone = self._db.execute(
                "DELETE FROM peers WHERE url = ? AND failures >= ?", (url, FAILURES)
            ).rowcount
            self.totals["silent"] += 1
            self.totals["dropped"] += gone
        return bool(gone)

    def urls(self) -> list[str]:
        """The listed peers, in the order in which Python sorts texts."""
        return sorted(self._column("SELECT url FROM peers WHERE listed"))

    def sample(self, count: int, chance: random.Random, without: str = "") -> list[str]:
        """At most `count` listed peers, any of them, sorted."""
        others = [url for url in self.urls() if url != without]
        return sorted(chance.sample(others, min(count, len(others))))

    def to_check(self) -> list[str]:
        """Every entry, candidates too, sorted."""
        return sorted(self._column("SELECT url FROM peers"))

    def states(self) -> dict[str, int]:
        """Entries by state: `answering`, `silent` (at its last check) and `candidate`."""
        with self._lock:
            row = self._db.execute(
                "SELECT total(listed AND NOT failures), total(listed AND failures > 0), "
                "total(NOT listed) FROM peers"
            ).fetchone()
        return dict(zip(("answering", "silent", "candidate"), map(int, row), strict=True))

    def __len__(self) -> int:
        with self._lock:
            return int(self._one("SELECT count(*) FROM peers WHERE listed"))

    def close(self) -> None:
        """Close the file. The registry cannot be used any more."""
        with self._lock:
            self._db.close()

    def _make_room(self) -> None:
        gone = self._db.execute(
            """
            DELETE FROM peers WHERE url = (
                SELECT url FROM peers WHERE failures > 0 OR NOT listed
                ORDER BY listed, failures DESC, heard LIMIT 1
            )
            """
        ).rowcount
        if not gone:
            self.totals["full"] += 1
            raise RegistryFullError(f"the registry is full with {self._capacity:,} live peers")

    def _one(self, query: str, *values: object) -> Any:
        """The one value that a query gives, or None."""
        row = self._db.execute(query, values).fetchone()
        return None if row is None else row[0]

    def _column(self, query: str) -> list[str]:
        with self._lock:
            return [row[0] for row in self._db.execute(query)]


def _open(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=5, check_same_thread=False)
    try:
        _prepare(db, migrations)
    except UnusableFileError:
        db.close()
        raise
    except sqlite3.OperationalError:  # a full disk, a lock, no permission: not the file's fault
        db.close()
        raise
    except sqlite3.DatabaseError as error:  # "file is not a database", "malformed"
        db.close()
        raise UnusableFileError(str(error)) from None
    return db


def _prepare(db: sqlite3.Connection, migrations: Sequence[str]) -> None:
    (health,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if health != "ok":
        raise UnusableFileError(" ".join(health.split()))  # it comes on several lines
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and tables:
        raise UnusableFileError("it holds something else")
    if not 0 <= version <= len(migrations):
        raise UnusableFileError(f"it has schema {version}; this program knows {len(migrations)}")
    for number in range(version, len(migrations)):
        # One transaction a step, so that a crash in between leaves a file of one version.
        db.executescript(
            f"BEGIN; {migrations[number]}; PRAGMA user_version = {number + 1}; COMMIT;"
        )
    try:
        db.execute(_PROBE)
    except sqlite3.OperationalError as error:
        raise UnusableFileError(str(error)) from None
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")


def _set_aside(path: Path, now: float) -> Path:
    """Rename a file (and SQLite's two companions) to a name that is free."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    aside, number = path.with_name(f"{path.name}.broken-{stamp}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.broken-{stamp}-{number}")
    path.rename(aside)
    for companion in ("-wal", "-shm"):
        with suppress(FileNotFoundError):  # there only after a crash
            path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
    return aside
