"""The webhooks that survive a restart, in a small file of their own in the node's folder.

A webhook is somebody's standing order; that the node crashed is no reason to forget it, and least
of all in a laboratory where nodes are crashed on purpose. So each is written down when it begins or
is renewed, with the moment at which its lease ends by the wall's clock, and is removed when it
ends. Where it stands in the log is not written down: the log is memory, its numbers start anew with
the node, and what had not been delivered is lost. That is told (`active`), with a snapshot.

The file has the secrets that deliveries are signed with, as it must, so only the node's own user
may read it. No file, no webhooks: a node that never had one does not even load this.

One that is broken is set aside under another name, with a clear line. A disk that is full makes a
new webhook fail, with the reason, and lets those that there are go on.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from node.settings import WEBHOOKS

SCHEMA: Final = 1
MOST: Final = 8
"""Webhooks in the file: as many as a node has [node.webhooks.active]."""
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS webhooks (
    id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, key BLOB NOT NULL, types TEXT,
    ends REAL NOT NULL, pause REAL NOT NULL)
"""


class Saved(msgspec.Struct, frozen=True):
    """A webhook, as it is written down."""

    id: str
    url: str
    key: bytes
    types: tuple[str, ...] | None
    ends: float
    """When its lease ends: seconds since 1970, by the machine's clock."""
    pause: float
    """Seconds between two deliveries, at least."""


class Kept:
    """The file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / WEBHOOKS

    def all(self) -> list[Saved]:
        """Those that are written down, the oldest first; none where the file cannot be read."""
        if not self._path.exists():
            return []
        try:
            with self._opened() as database:
                rows = database.execute(
                    "SELECT id, url, key, types, ends, pause FROM webhooks ORDER BY rowid LIMIT ?",
                    (MOST,),
                ).fetchall()
            return [_saved(*row) for row in rows]
        except sqlite3.OperationalError as error:
            print(f"{self._path} cannot be read just now ({error}); there are no webhooks")
        except (sqlite3.DatabaseError, msgspec.DecodeError, TypeError, ValueError) as error:
            aside = self._path.with_name(f"{WEBHOOKS}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
            self._path.rename(aside)
            print(f"{self._path} cannot be read ({error}); set aside as {aside.name}")
        return []

    def put(self, saved: Saved) -> None:
        """Write one down, or what has changed of it. Raises sqlite3.Error."""
        types = None if saved.types is None else msgspec.json.encode(saved.types).decode()
        row = (saved.id, saved.url, saved.key, types, saved.ends, saved.pause)
        with self._opened() as database:
            database.execute("INSERT OR REPLACE INTO webhooks VALUES (?, ?, ?, ?, ?, ?)", row)

    def drop(self, hook: str) -> None:
        """Remove one. Raises sqlite3.Error."""
        if self._path.exists():
            with self._opened() as database:
                database.execute("DELETE FROM webhooks WHERE id = ?", (hook,))

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open for a moment: this is asked for a few times in an hour."""
        if not self._path.exists():
            self._path.touch(mode=0o600)
        with contextlib.closing(sqlite3.connect(self._path)) as database:
            version = int(database.execute("PRAGMA user_version").fetchone()[0])
            if version > SCHEMA:
                raise sqlite3.DatabaseError(f"its schema is {version}, and this is {SCHEMA}")
            with database:
                database.execute(_TABLE)
                database.execute(f"PRAGMA user_version = {SCHEMA}")
                yield database


def _saved(hook: str, url: str, key: bytes, types: str | None, ends: float, pause: float) -> Saved:
    """A row, checked: the file may be anybody's. Raises ValueError and its kind."""
    return msgspec.convert(
        {
            "id": hook,
            "url": url,
            "key": key,
            "types": None if types is None else msgspec.json.decode(types),
            "ends": ends,
            "pause": pause,
        },
        Saved,
    )
