"""The store across versions of its file."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from node.store import SCHEMA, OvertakenError, Store

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
    assert version_of(tmp_path) == SCHEMA


def version_of(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "node.sqlite")) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


SECOND = (
    FIRST.replace("at REAL NOT NULL);", "at REAL NOT NULL, broadcast INTEGER NOT NULL DEFAULT 0);")
    .replace("done_at REAL);", "done_at REAL, sender TEXT);")
    .replace("user_version = 1", "user_version = 2")
)


@pytest.mark.parametrize("old", [FIRST, SECOND])
def test_an_old_file_learns_about_routes_and_places(tmp_path: Path, old: str) -> None:
    database = sqlite3.connect(tmp_path / "node.sqlite")
    database.executescript(old)
    database.close()
    store = Store(tmp_path)
    assert version_of(tmp_path) == SCHEMA
    assert [(m.id, m.route) for m in store.queued()] == [("m2", "auto")]
    assert store.accept("m4", "other", "t", route="overlay")
    store.close()
    again = Store(tmp_path)
    assert [(m.id, m.route) for m in again.queued()] == [("m2", "auto"), ("m4", "overlay")]
    assert again.receive("m5", "Node2", "node2", "t", number=5)
    again.close()


def test_places_are_remembered_across_a_restart_and_for_each_origin_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.receive("m5", "Node2", "node2", "t", number=5)
    store.close()
    again = Store(tmp_path)
    with pytest.raises(OvertakenError):
        again.receive("m4", "Node2", "node2", "t", number=4, in_order=True)
    assert again.receive("m4", "Node3", "node3", "t", number=4, in_order=True)
    assert again.receive("m6", "Node2", "node2", "t", number=6, in_order=True)
    assert not again.receive("m5", "Node2", "node2", "t", number=5, in_order=True), "a repetition"
    again.close()
