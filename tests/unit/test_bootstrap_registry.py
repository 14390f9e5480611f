"""The list of peers: bounded, true, and not to be lost."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrap.registry import FAILURES, MIGRATIONS, Registry, RegistryFullError
from contract.registration import Registration

NOW = 1_700_000_000.0


def url(number: int) -> str:
    return f"http://node{number}:5000"


def peer(number: int) -> Registration:
    return Registration(url(number), f"id-{number}", f"node{number}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "registry.db"


@pytest.fixture
def registry(path: Path) -> Iterator[Registry]:
    registry = Registry(path, clock=lambda: NOW, capacity=3)
    yield registry
    registry.close()


def test_a_peer_is_new_once(registry: Registry) -> None:
    assert [registry.register(peer(1)), registry.register(peer(1))] == [True, False]
    assert registry.urls() == [url(1)]


def test_the_list_is_in_the_order_of_texts(registry: Registry) -> None:
    for number in (2, 10, 1):
        registry.register(peer(number))
    assert registry.urls() == [url(10), url(1), url(2)]  # ':' comes after '0'


def test_a_removed_peer_is_gone_and_can_be_removed_once(registry: Registry) -> None:
    registry.register(peer(1))
    assert [registry.remove(url(1)), registry.remove(url(1))] == [True, False]
    assert registry.urls() == []


def test_entries_are_there_after_a_restart(registry: Registry, path: Path) -> None:
    registry.register(peer(1))
    registry.close()
    again = Registry(path)
    assert again.urls() == [url(1)]
    again.close()


def test_entries_are_on_disk_before_the_answer_and_not_only_at_the_close(
    registry: Registry, path: Path
) -> None:
    registry.register(peer(1))
    other = Registry(path)
    assert other.urls() == [url(1)]
    other.close()


def test_a_sample_is_random_bounded_and_without_the_caller(registry: Registry) -> None:
    for number in (1, 2, 3):
        registry.register(peer(number))
    assert registry.sample(8, random.Random(1), without=url(2)) == [url(1), url(3)]
    seen = {tuple(registry.sample(1, random.Random(seed))) for seed in range(50)}
    assert seen == {(url(1),), (url(2),), (url(3),)}


def test_a_peer_that_is_silent_three_times_in_a_row_is_dropped(registry: Registry) -> None:
    registry.register(peer(1))
    assert [registry.failed(url(1)) for _ in range(FAILURES)] == [False, False, True]
    assert registry.urls() == []


def test_an_answer_in_between_forgives_the_silences(registry: Registry) -> None:
    registry.register(peer(1))
    for _ in range(5):
        assert not registry.failed(url(1))
        assert not registry.failed(url(1))
        registry.answered(url(1))
    assert registry.urls() == [url(1)]


def test_registering_again_forgives_the_silences(registry: Registry) -> None:
    registry.register(peer(1))
    registry.failed(url(1))
    registry.failed(url(1))
    registry.register(peer(1))
    assert not registry.failed(url(1))


def test_what_was_only_heard_of_is_not_listed_until_it_answers(registry: Registry) -> None:
    registry.learn([url(1)])
    assert (registry.urls(), registry.to_check(), len(registry)) == ([], [url(1)], 0)
    assert [registry.answered(url(1)), registry.answered(url(1))] == [True, False]
    assert (registry.urls(), len(registry)) == ([url(1)], 1)


def test_hearsay_that_does_not_answer_is_forgotten_at_once_and_in_silence(
    registry: Registry,
) -> None:
    registry.learn([url(1)])
    assert not registry.failed(url(1))
    assert registry.to_check() == []


def test_hearsay_does_not_change_what_is_known(registry: Registry) -> None:
    registry.register(peer(1))
    registry.learn([url(1)])
    assert registry.urls() == [url(1)]


def test_hearsay_that_registers_is_new(registry: Registry) -> None:
    registry.learn([url(1)])
    assert registry.register(peer(1))


def test_a_peer_that_was_only_heard_of_cannot_be_removed(registry: Registry) -> None:
    registry.learn([url(1)])
    assert not registry.remove(url(1))


def test_no_more_is_learned_than_there_is_room_for(registry: Registry) -> None:
    registry.learn(url(number) for number in range(100))
    assert len(registry.to_check()) == 3


def test_a_full_registry_refuses_a_newcomer_while_all_are_alive(registry: Registry) -> None:
    for number in (1, 2, 3):
        registry.register(peer(number))
    with pytest.raises(RegistryFullError):
        registry.register(peer(4))
    assert registry.urls() == [url(1), url(2), url(3)]
    assert (registry.totals["registered"], registry.totals["full"]) == (3, 1)


def test_a_full_registry_still_takes_those_it_knows(registry: Registry) -> None:
    for number in (1, 2, 3):
        registry.register(peer(number))
    assert not registry.register(peer(2))


def test_a_full_registry_forgets_its_dead_first(registry: Registry) -> None:
    for number in (1, 2, 3):
        registry.register(peer(number))
    registry.failed(url(1))
    registry.failed(url(2))
    registry.failed(url(2))
    assert registry.register(peer(4))
    assert registry.urls() == [url(1), url(3), url(4)]


def test_a_full_registry_forgets_hearsay_before_anything_else(registry: Registry) -> None:
    registry.register(peer(1))
    registry.failed(url(1))
    registry.register(peer(2))
    registry.learn([url(9)])
    registry.register(peer(3))
    assert registry.to_check() == [url(1), url(2), url(3)]


def test_many_threads_may_use_it_at_once(path: Path) -> None:
    registry = Registry(path)
    threads = [
        threading.Thread(target=lambda first=first: [
            (registry.register(peer(number)), registry.urls(), registry.answered(url(number)))
            for number in range(first, first + 25)
        ])
        for first in range(0, 100, 25)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry) == 100
    registry.close()


def test_an_old_file_is_migrated_and_keeps_its_entries(registry: Registry, path: Path) -> None:
    registry.register(peer(1))
    registry.close()
    later = Registry(path, migrations=(*MIGRATIONS, "ALTER TABLE peers ADD COLUMN region TEXT;"))
    assert later.urls() == [url(1)]
    later.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert db.execute("SELECT region FROM peers").fetchall() == [(None,)]
    db.close()


def test_a_migration_that_fails_leaves_the_old_file_whole(registry: Registry, path: Path) -> None:
    registry.register(peer(1))
    registry.close()
    with pytest.raises(sqlite3.OperationalError):
        Registry(path, migrations=(*MIGRATIONS, "DELETE FROM peers; NONSENSE;"))
    again = Registry(path)
    assert again.urls() == [url(1)]
    again.close()


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def _other_database(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE recipes (name TEXT)")
    db.commit()
    db.close()


def _newer(path: Path) -> None:
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE peers (url TEXT); PRAGMA user_version = 99;")
    db.close()


def _other_columns(path: Path) -> None:
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE peers (url TEXT); PRAGMA user_version = 1;")
    db.close()


def _torn(path: Path) -> None:
    registry = Registry(path)
    for number in range(1_000):
        registry.register(peer(number))
    registry.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:6_000] + b"\xff" * 6_000 + whole[12_000:])


@pytest.mark.parametrize("spoil", [_garbage, _other_database, _newer, _other_columns, _torn])
def test_an_unusable_file_is_set_aside_whole_and_a_new_one_begun(
    path: Path, capsys: pytest.CaptureFixture[str], spoil: object
) -> None:
    path.parent.mkdir()
    assert callable(spoil)
    spoil(path)
    before = path.read_bytes()
    registry = Registry(path, clock=lambda: NOW)
    registry.register(peer(1))
    assert registry.urls() == [url(1)]
    registry.close()
    aside = path.with_name("registry.db.broken-20231114T221320Z")
    assert aside.read_bytes() == before
    printed = capsys.readouterr().out
    assert "it is kept as registry.db.broken-20231114T221320Z" in printed
    assert printed.count("\n") == 1


def test_a_second_broken_file_does_not_replace_the_first(path: Path) -> None:
    path.parent.mkdir()
    for text in ("first", "second"):
        for old in path.parent.glob("registry.db*"):
            if "broken" not in old.name:
                old.unlink()
        path.write_text(text * 1_000)
        Registry(path, clock=lambda: NOW).close()
    kept = sorted(file.read_text()[:5] for file in path.parent.glob("*.broken-*"))
    assert kept == ["first", "secon"]


def test_a_folder_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Registry(tmp_path / "file" / "registry.db")
