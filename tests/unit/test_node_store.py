"""The store across versions of its file."""

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

import node.store
from contract.errors import ApiError
from node.overlay.inputs import Restored
from node.settings import SettingsError, from_environment
from node.store import (
    MOST_AWAY,
    SCHEMA,
    Durability,
    Ending,
    Incoming,
    OvertakenError,
    Store,
    Way,
)

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
    assert [(m.id, m.sender) for m in store.heads()] == [("m2", None)]
    assert store.receive("m3", "Node2", "node2", "to all", broadcast=(1, 1))
    store.close()
    again = Store(tmp_path)
    assert [(m.id, m.broadcast) for m in again.inbox(9, None, None)] == [
        ("m3", True),
        ("m1", False),
    ]
    assert not again.receive("m3", "Node2", "node2", "to all", broadcast=(1, 1))
    again.close()
    assert version_of(tmp_path) == SCHEMA


def version_of(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "node.sqlite")) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def test_broadcasts_come_back_after_a_restart_the_young_ones_whole(tmp_path: Path) -> None:
    clock = [1_000.0]
    store = Store(tmp_path, lambda: clock[0])
    assert store.broadcasts(120) == Restored((), ())
    store.judge([("a", 3, 5), ("c", 1, 7)])
    store.judge([("a", 3, 8)])
    store.receive("direct", "Node2", "a", "to one", way=Way(number=7))
    had = [("a", 1, 1), ("a", 2, 1), ("a", 3, 9), ("a", 3, 1), ("a", 3, 2), ("b", 1, 4)]
    for origin, epoch, number in had:
        message = f"{origin}{epoch}{number}"
        store.receive(message, origin.upper(), origin, f"text {message}", broadcast=(epoch, number))
        clock[0] += 50
    store.close()
    again = Store(tmp_path, lambda: clock[0])
    restored = again.broadcasts(120)
    assert restored.had == (
        ("a", 2, 1, 1),  # the newest two epochs
        ("a", 3, 1, 2),
        ("a", 3, 9, 9),
        ("b", 1, 4, 4),
    )
    assert [(push.key, push.sender, push.text, age) for push, age in restored.young] == [
        (("a", 3, 2), "A", "text a32", 100.0),
        (("b", 1, 4), "B", "text b14", 50.0),
    ]
    assert restored.judged == (("c", 1, 7), ("a", 3, 8))
    assert restored.whole
    clock[0] -= 500
    backwards = again.broadcasts(120)
    assert {age for _, age in backwards.young} == {0.0}, "whoever sets the clock back"
    clock[0] += 50_000
    assert again.broadcasts(120).young == ()
    again._db.execute("DELETE FROM inbox WHERE n = 1")
    assert not again.broadcasts(120).whole
    again.close()


def test_own_broadcasts_of_the_last_minutes_before_a_stop_come_back_however_long_it_was(
    tmp_path: Path,
) -> None:
    """Nobody else may have them: it may have been killed before they left."""
    clock = [1_000.0]
    store = Store(tmp_path, lambda: clock[0])
    for number, pause in ((1, 500), (2, 50), (3, 0)):
        store.receive(f"own{number}", "Me", store.id, "mine", broadcast=(1, number))
        store.receive(f"of{number}", "A", "a", "its", broadcast=(1, number))
        clock[0] += pause
    store.close()
    clock[0] += 50_000
    again = Store(tmp_path, lambda: clock[0])
    restored = again.broadcasts(120)
    assert [(push.message, age) for push, age in restored.young] == [("own2", 0.0), ("own3", 0.0)]
    again.close()


def test_a_damaged_page_is_found_at_the_start_and_its_file_kept_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path)
    for number in range(300):
        store.receive(f"m{number}", "A", None, "x" * 400)
    node = store.id
    store.close()
    file = tmp_path / "node.sqlite"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    anew = Store(tmp_path)
    assert anew.id != node
    assert anew.inbox(10, None, None) == []
    assert "cannot be read" in capsys.readouterr().out
    (aside,) = tmp_path.glob("node.sqlite.broken-*")
    assert aside.read_bytes() == bytes(content)
    anew.close()


@pytest.mark.parametrize("nonsense", ["0", "3601", "-1", "x", "1.5"])
def test_how_long_broadcasts_are_kept_is_a_setting(nonsense: str) -> None:
    assert from_environment({}).kept is None
    assert from_environment({"P2P_BROADCASTS_KEPT": "30"}).kept == 30.0
    with pytest.raises(SettingsError, match="P2P_BROADCASTS_KEPT"):
        from_environment({"P2P_BROADCASTS_KEPT": nonsense})


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
    assert [(m.id, m.route) for m in store.heads()] == [("m2", "auto")]
    assert store.accept("m4", "other", "t", route="overlay")
    store.close()
    again = Store(tmp_path)
    assert [(m.id, m.route) for m in reversed(again.outbox(9, status="queued"))] == [
        ("m2", "auto"),
        ("m4", "overlay"),
    ]
    assert again.receive("m5", "Node2", "node2", "t", way=Way(5))
    again.close()


def test_places_are_remembered_across_a_restart_and_for_each_origin_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.receive("m5", "Node2", "node2", "t", way=Way(5))
    store.close()
    again = Store(tmp_path)
    with pytest.raises(OvertakenError):
        again.receive("m4", "Node2", "node2", "t", way=Way(4), in_order=True)
    assert again.receive("m4", "Node3", "node3", "t", way=Way(4), in_order=True)
    assert again.receive("m6", "Node2", "node2", "t", way=Way(6), in_order=True)
    assert not again.receive("m5", "Node2", "node2", "t", way=Way(5), in_order=True), "a repetition"
    again.close()


THIRD = (
    SECOND.replace(
        "broadcast INTEGER NOT NULL DEFAULT 0);",
        "broadcast INTEGER NOT NULL DEFAULT 0, number INTEGER);",
    )
    .replace("sender TEXT);", "sender TEXT, route TEXT NOT NULL DEFAULT 'auto');")
    .replace("user_version = 2", "user_version = 3")
    .replace(
        "PRAGMA user_version",
        """
INSERT INTO outbox (id, receiver, text, at, status, attempts, reason, done_at)
    VALUES ('m3', 'other', 'gave up', 3.0, 'failed', 9, 'gave up', 63.0);
PRAGMA user_version""",
    )
)


def test_what_waits_in_an_old_file_gets_a_day_from_now_and_failures_can_be_tried_again(
    tmp_path: Path,
) -> None:
    database = sqlite3.connect(tmp_path / "node.sqlite")
    database.executescript(THIRD)
    database.close()
    store = Store(tmp_path)
    assert version_of(tmp_path) == SCHEMA
    (waiting,) = store.heads()
    assert (waiting.id, waiting.ttl, waiting.hops, waiting.path) == ("m2", 86_400, None, None)
    assert 86_300 < waiting.expires - store.now() < 86_500
    assert (store.next_expiry(store.now()) or 0) > 86_300
    assert [m.id for m in store.outbox(9, status="failed")] == ["m3"]
    assert store.revive("m3")
    store.ended(Ending("m2", "delivered", 1, None, 2, ("who", "via", "other")))
    store.close()
    again = Store(tmp_path)
    assert [m.id for m in again.heads()] == ["m3"]
    done = again.sent("m2")
    assert done is not None
    assert (done.hops, done.path) == (2, '["who", "via", "other"]')
    assert not again.accept("m2", "other", "waiting"), "the same words as in the old version"
    again.close()


FOURTH = """
CREATE TABLE self (id TEXT NOT NULL, epoch INTEGER NOT NULL, clock REAL, wall REAL);
CREATE TABLE inbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL,
    origin TEXT, text TEXT NOT NULL, at REAL NOT NULL, broadcast INTEGER NOT NULL DEFAULT 0,
    number INTEGER);
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
INSERT INTO self VALUES ('who', 4, 1000.0, 1700000000.0);
INSERT INTO inbox (id, sender, origin, text, at, number) VALUES ('m1', 'n', 'node1', 't', 1.0, 7);
INSERT INTO outbox (id, receiver, text, at, expires) VALUES ('m2', 'other', 'waits', 2.0, 1e12);
PRAGMA user_version = 4;
"""


@pytest.mark.parametrize("old", [FIRST, THIRD, FOURTH])
def test_of_what_came_before_no_way_is_known_and_of_what_comes_it_is_kept(
    tmp_path: Path, old: str
) -> None:
    database = sqlite3.connect(tmp_path / "node.sqlite")
    database.executescript(old)
    database.close()
    store = Store(tmp_path)
    assert version_of(tmp_path) == SCHEMA
    (before,) = store.inbox(9, None, None)
    assert (before.id, before.hops, before.path, before.sent_at) == ("m1", None, None, None)
    assert [m.id for m in store.heads()] == ["m2"]
    store.receive("m3", "n", "node1", "t", way=Way(8, 2, ("node1", "via"), 5.5))
    store.close()
    again = Store(tmp_path)
    after, _ = again.inbox(9, None, None)
    assert (after.hops, after.path, after.sent_at) == (2, '["node1", "via"]', 5.5)
    again.close()


def test_what_has_made_room_in_the_outbox_is_not_counted_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.store, "MAX_OUTBOX", 3)
    monkeypatch.setattr(node.store, "_PRUNE_EVERY", 1)
    store = Store(tmp_path)
    for n in range(9):
        store.accept(f"m{n}", "other", "t")
        store.ended(Ending(f"m{n}", "failed" if n % 3 else "delivered", 1, None))
    for status, name in (("failed", "failed"), ("delivered", "sent")):
        kept = store.outbox(99, status=status)
        assert kept
        assert store.counts()[name] == len(kept)
    store.close()


# --- time -------------------------------------------------------------------------------------


class Clocks:
    """A machine's two clocks; `sets` is somebody who sets the one on the wall."""

    def __init__(self) -> None:
        self.steady, self.wall = 50.0, 1_700_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds

    def boots(self) -> None:
        self.steady = 3.0

    def store(self, folder: Path) -> Store:
        return Store(folder, lambda: self.wall, steady=lambda: self.steady)


YEAR = 365 * 86_400.0


@pytest.mark.parametrize("jump", [YEAR, -YEAR, 50 * YEAR])
def test_a_clock_that_is_set_while_the_node_runs_lets_nothing_expire(
    tmp_path: Path, jump: float
) -> None:
    clocks = Clocks()
    store = clocks.store(tmp_path)
    store.accept("m", "other", "t", ttl=100)
    clocks.wall += jump
    clocks.pass_by(99)
    assert [store.expired(9, store.now()), [m.id for m in store.heads()]] == [[], ["m"]]
    clocks.pass_by(1)
    assert [m.id for m in store.expired(9, store.now())] == ["m"]
    assert store.heads() == []
    assert store.following("other") == []
    store.close()


@pytest.mark.parametrize("jump", [YEAR, -YEAR, 50 * YEAR])
def test_a_clock_that_is_set_while_the_node_is_down_costs_a_message_an_hour_at_most(
    tmp_path: Path, jump: float
) -> None:
    clocks = Clocks()
    store = clocks.store(tmp_path)
    store.accept("m", "other", "t")
    store.close()
    clocks.boots()
    clocks.wall += jump
    for _ in range(3):  # the next start finds the clock where it is now
        store = clocks.store(tmp_path)
        assert 86_400 - MOST_AWAY <= (store.next_expiry(store.now()) or 0) <= 86_400
        store.close()


def test_a_stop_counts_as_long_as_it_was(tmp_path: Path) -> None:
    clocks = Clocks()
    store = clocks.store(tmp_path)
    clocks.pass_by(7 * YEAR)  # idle, and nothing is written meanwhile
    store.accept("m", "other", "t")
    clocks.pass_by(5)  # and then it is killed
    clocks.boots()
    clocks.pass_by(30)
    again = clocks.store(tmp_path)
    assert again.next_expiry(again.now()) == pytest.approx(86_400 - 35)
    clocks.pass_by(20_000)
    again.beat()
    clocks.boots()
    clocks.pass_by(10)
    third = clocks.store(tmp_path)
    assert third.next_expiry(third.now()) == pytest.approx(86_400 - 35 - 20_000 - 10)
    for one in (store, again, third):
        one.close()


# --- bounds -----------------------------------------------------------------------------------


def test_an_inbox_stays_bounded_however_often_the_node_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.store, "MAX_INBOX", 5)
    for life in range(4):
        store = Store(tmp_path)
        for n in range(3):
            assert store.receive(f"{life} {n}", "Node1", None, "t")
        assert store.counts()["inbox"] <= 5 + 2
        store._db.close()
    store = Store(tmp_path)
    assert store.counts()["inbox"] <= 5 + 2
    store.close()


# --- durability -------------------------------------------------------------------------------


@pytest.mark.parametrize(("durability", "pragma"), [("normal", 1), ("full", 2)])
def test_durability_is_what_sqlite_was_really_told(
    tmp_path: Path, durability: Durability, pragma: int
) -> None:
    settings = from_environment({"P2P_DURABILITY": durability})
    store = Store(tmp_path, durability=settings.durability)
    assert store._db.execute("PRAGMA synchronous").fetchone() == (pragma,)
    assert store.durability == durability
    store.close()


def test_durability_is_normal_without_a_word_and_nonsense_is_named() -> None:
    assert from_environment({}).durability == "normal"
    for nonsense in ("off", "FULL", "2", "full; DROP TABLE inbox"):
        with pytest.raises(SettingsError, match="P2P_DURABILITY must be normal or full"):
            from_environment({"P2P_DURABILITY": nonsense})


# --- one commit for many ----------------------------------------------------------------------


def on_disk(folder: Path) -> list[str]:
    """What somebody else sees in the file, which is what has been committed."""
    with contextlib.closing(sqlite3.connect(folder / "node.sqlite")) as database:
        rows = database.execute("SELECT id FROM inbox UNION SELECT id FROM outbox ORDER BY id")
        return [row[0] for row in rows]


def commits(store: Store) -> list[str]:
    """The commits that are made from now on."""
    seen: list[str] = []
    store._db.set_trace_callback(lambda said: seen.append(said) if said == "COMMIT" else None)
    return seen


def test_callers_at_the_same_time_share_a_commit_and_hear_of_it_afterwards(tmp_path: Path) -> None:
    store = Store(tmp_path, durability="full")
    store.receive("m", "Node1", None, "t")  # the first one in a life looks for old ones, too
    seen = commits(store)
    everybody = threading.Barrier(8)
    told: list[bool] = []

    def call(n: int) -> None:
        store.receive(f"m{n}", "Node1", None, "t", together=True)
        everybody.wait(10)
        store.settled()
        told.append(f"m{n}" in on_disk(tmp_path))

    threads = [threading.Thread(target=call, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert told == [True] * 8
    assert seen == ["COMMIT"]
    store.close()


def test_what_is_open_is_on_disk_with_the_next_that_waits_for_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path, durability="full")
    store.accept("open", "other", "t", together=True)
    assert on_disk(tmp_path) == []
    assert store.receive("alone", "Node1", None, "t")
    assert on_disk(tmp_path) == ["alone", "open"]
    store.settled()
    store.receive("again", "Node1", None, "t", together=True)
    assert not store.receive("again", "Node1", None, "t"), "by another way, which answers at once"
    assert "again" in on_disk(tmp_path)
    store.receive("peers", "Node1", None, "t", together=True)
    store.remember(["http://node7:5000"])
    assert "peers" in on_disk(tmp_path)
    store.receive("last", "Node1", None, "t", together=True)
    store.close()
    assert on_disk(tmp_path) == ["again", "alone", "last", "open", "peers"]


def test_without_full_durability_each_commits_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.accept("m", "other", "t", together=True)
    assert on_disk(tmp_path) == ["m"]
    store.settled()
    store.close()


@pytest.mark.parametrize("fails", ["COMMIT", "INSERT"])
def test_a_disk_that_fails_fails_all_who_share_the_commit_and_keeps_the_counts_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    store = Store(tmp_path, durability="full")
    store.accept("before", "other", "t")
    store.accept("first", "other", "t", together=True)
    real = store._db

    class Full:
        in_transaction = True

        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if statement.startswith(fails):
                raise sqlite3.OperationalError("database or disk is full")
            return real.execute(statement, *values)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(store, "_db", Full())
        if fails == "INSERT":
            with pytest.raises(ApiError, match="disk is full"):
                store.receive("second", "Node1", None, "t", together=True)
        with pytest.raises(ApiError, match="disk is full") as caught:
            store.settled()
    assert (caught.value.status, caught.value.retry_after) == (503, 5)
    assert on_disk(tmp_path) == ["before"]
    assert (store.counts()["waiting"], store.counts()["inbox"]) == (1, 0)
    assert store.accept("first", "other", "t", together=True), "it may be tried again"
    store.settled()
    assert on_disk(tmp_path) == ["before", "first"]
    store.close()


# --- a full disk on demand ------------------------------------------------------------------


@pytest.mark.parametrize("durability", ["normal", "full"])
def test_a_disk_that_is_full_on_demand_takes_nothing_and_keeps_what_it_has(
    tmp_path: Path, durability: Durability
) -> None:
    store = Store(tmp_path, durability=durability)
    store.receive("before", "Node1", None, "t")
    store.accept("waits", "other", "t")
    store.remember(["http://node7:5000"])
    store.full = True
    for write in (
        lambda: store.receive("m", "Node1", None, "t"),
        lambda: store.receive("m", "Node1", None, "t", together=True),
        lambda: store.accept("m2", "other", "t"),
        lambda: store.ended(Ending("waits", "delivered", 1, None)),
        lambda: store.discard("waits"),
    ):
        with pytest.raises(ApiError, match="full"):
            write()
    assert not store.remember(["http://node8:5000"]), "and whoever asks goes on living"
    store.beat()
    assert on_disk(tmp_path) == ["before", "waits"]
    assert (store.counts()["inbox"], store.counts()["waiting"]) == (1, 1)
    store.full = False
    assert store.peers() == ["http://node7:5000"]
    assert store.receive("m", "Node1", None, "t"), "as if nothing had been"
    store.close()


def test_what_waits_for_a_commit_when_the_disk_fills_is_told_to_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path, durability="full")
    store.receive("old", "Node1", None, "t")  # the first one in a life looks for old ones, too
    store.receive("m", "Node1", None, "t", together=True)
    store.full = True
    with pytest.raises(ApiError, match="full"):
        store.settled()
    store.full = False
    assert on_disk(tmp_path) == ["old"]
    assert store.receive("m", "Node1", None, "t")
    store.close()


# --- several at once ---------------------------------------------------------------------------


def incoming(*numbers: int) -> list[Incoming]:
    return [Incoming(f"m{n}", "node1", "origin", f"text {n}", Way(n)) for n in numbers]


class Counting:
    """A file that counts commits, and from some statement on is full."""

    def __init__(self, real: sqlite3.Connection, full_at: str = "never") -> None:
        self._real, self._full_at = real, full_at
        self.commits = 0

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        if self._full_at in (statement, *map(str, values)):
            raise sqlite3.OperationalError("database or disk is full")
        found = self._real.execute(statement, values)
        self.commits += not self._real.in_transaction and not statement.startswith("SELECT")
        return found

    def close(self) -> None:
        self._real.close()


@pytest.mark.parametrize("durability", ["normal", "full"])
def test_several_are_stored_in_one_commit_each_once_and_in_order(
    tmp_path: Path, durability: Durability
) -> None:
    store = Store(tmp_path, durability=durability)
    store.receive("m2", "node1", "origin", "text 2")
    store.receive("m3", "node1", "origin", "other words")
    store._db = counting = Counting(store._db)  # type: ignore[assignment]
    new, there, conflict, last = store.receive_all(incoming(1, 2, 3, 4))
    assert (new, there, last) == (True, False, True)
    assert isinstance(conflict, ApiError)
    assert conflict.status == 409
    assert counting.commits == 1
    kept = [m.id for m in reversed(store.inbox(9, None, None))]
    assert kept == ["m2", "m3", "m1", "m4"]
    assert store.counts()["inbox"] == 4
    store.close()


@pytest.mark.parametrize("full_at", ["m3", "COMMIT"])
def test_where_the_disk_is_full_none_of_several_is_stored(tmp_path: Path, full_at: str) -> None:
    store = Store(tmp_path)
    real = store._db
    store._db = Counting(real, full_at)  # type: ignore[assignment]
    with pytest.raises(ApiError) as refused:
        store.receive_all(incoming(1, 2, 3, 4))
    assert refused.value.status == 503
    store._db = real
    assert store.inbox(9, None, None) == []
    assert store.counts()["inbox"] == 0
    assert store.receive_all(incoming(1, 2, 3, 4)) == [True] * 4
    store.close()


def test_how_several_ended_is_written_in_one_commit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for n in range(5):
        store.accept(f"m{n}", "other", "t")
    store._db = counting = Counting(store._db)  # type: ignore[assignment]
    store.ended(*(Ending(f"m{n}", "delivered", 1, None) for n in range(5)))
    assert counting.commits == 1
    assert store.counts() == {"inbox": 0, "sent": 5, "failed": 0, "waiting": 0}
    store.close()


def test_what_may_go_together_is_bounded_in_number_and_size_and_keeps_its_route(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    for n in range(70):
        store.accept(f"a{n}", "many", "t")
        store.accept(f"b{n}", "long", "x" * 10_000)
    for n, route in enumerate(("auto", "auto", "direct", "auto")):
        store.accept(f"c{n}", "mixed", "t", route=route)  # type: ignore[arg-type]
        store.accept(f"d{n}", "links", "t", route="overlay")
    together = {
        receiver: [m.id for m in store.following(receiver)]
        for receiver in ("many", "long", "mixed", "links")
    }
    assert together == {
        "many": [f"a{n}" for n in range(64)],
        "long": [f"b{n}" for n in range(8)],
        "mixed": ["c0", "c1"],
        "links": ["d0"],
    }
    store.close()
