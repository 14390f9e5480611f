"""The store across versions of its file."""

import sqlite3
from pathlib import Path

from node.store import SCHEMA, Store

FIRST = """
CREATE TABLE self (id TEXT NOT NULL, epoch INTEGER NOT NULL);
CREATE TABLE inbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL,
    origin TEXT, text TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, receiver TEXT NOT NULL,
    text TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL DEFAULT 'queued',
    attempts INTEGER NOT NULL DEFAULT 0, reason TEXT, done_at REAL);
CREATE INDEX outbox_status ON outbox (status);
CREATE TABLE peers (url TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO self VALUES ('who', 4);
INSERT INTO inbox (id, sender, text, at) VALUES ('m1', 'Node1', 'old', 1.0);
INSERT INTO outbox (id, receiver, text, at) VALUES ('m2', 'other', 'waiting', 2.0);
PRAGMA user_version = 1;
"""


def test_a_file_of_the_first_version_keeps_everything_and_learns_about_broadcasts(
    tmp_path: Path,
) -> None:
    database = sqlite3.connect(tmp_path / "node.sqlite")
    database.executescript(FIRST)
    database.close()
    store = Store(tmp_path)
    assert (store.id, store.epoch) == ("who", 5)
    assert [(m.id, m.broadcast) for m in store.inbox(9, None, None)] == [("m1", False)]
    assert [(m.id, m.sender) for m in store.queued()] == [("m2", None)]
    assert store.receive("m3", "Node2", "node2", "to all", broadcast=True)
    store.close()
    again = Store(tmp_path)
    assert [(m.id, m.broadcast) for m in again.inbox(9, None, None)] == [
        ("m3", True),
        ("m1", False),
    ]
    assert not again.receive("m3", "Node2", "node2", "to all", broadcast=True)
    again.close()
    version = sqlite3.connect(tmp_path / "node.sqlite")
    assert version.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    version.close()
