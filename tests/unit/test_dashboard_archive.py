"""A run as one file: what comes back is what was sent, and what is not in order is refused."""

import gzip
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recorded import BEGAN, anything, comparable, lab

from dashboard import archive
from dashboard import history as history_module
from dashboard.archive import RefusedError, file_name, imported, packed
from dashboard.past import moment, picture
from dashboard.runfile import About, RunFile

ROOM = 10**9


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with checkpoints, holes, texts and a restart."""
    patch = pytest.MonkeyPatch()
    patch.setattr(history_module, "CHECKPOINT_RECORDS", 100)
    data = tmp_path_factory.mktemp("data")
    chance = random.Random(8)
    now = BEGAN
    for _ in range(2):
        with lab(data, now) as network:
            for k in range(1, 6):
                network.snapshot(k, range(1, 6))
            for step in range(200):
                network.now = round(network.now + 0.5, 6)
                anything(network, chance, 5)
                if step % 20 == 0:
                    network.history.turn()
            network.end()
            now = network.now + 100
    patch.undo()
    (path,) = (data / "history").glob("*.sqlite")
    return path


@pytest.fixture
def content(run: Path) -> bytes:
    with RunFile(run) as opened:
        return b"".join(packed(opened))


def takes(folder: Path, content: bytes, room: int = ROOM, piece: int = 1_000) -> Path:
    pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
    path = folder / "new.sqlite"
    imported(pieces, path, 1, room)
    return path


def refusal(folder: Path, content: bytes, room: int = ROOM) -> str:
    with pytest.raises(RefusedError) as error:
        takes(folder, content, room)
    assert list(folder.iterdir()) == [], "it left something behind"
    return str(error.value)


def rows_of(path: Path) -> list[Any]:
    with RunFile(path) as opened:
        return opened.db.execute("SELECT * FROM records ORDER BY at, n").fetchall()


def test_what_is_imported_is_the_same_run(run: Path, content: bytes, tmp_path: Path) -> None:
    path = takes(tmp_path, content)
    assert rows_of(path) == rows_of(run)
    with RunFile(run) as ours, RunFile(path) as theirs:
        assert theirs.about().imported
        assert theirs.about().name == ours.about().name
        assert theirs.about().records == ours.about().records == len(rows_of(run))
        assert theirs.holes(0, 2**60, -1) == ours.holes(0, 2**60, -1) != []
        assert theirs.places() == ours.places()
        assert len(ours.places()) >= 4
        for seconds in range(0, 300, 7):
            at = round((BEGAN + seconds) * 1e6)
            one, other = moment(ours, at), moment(theirs, at)
            assert one is not None
            assert other is not None
            assert comparable(picture(*one)) == comparable(picture(*other))


def test_any_tool_can_read_it(content: bytes) -> None:
    lines = gzip.decompress(content).decode().splitlines()
    said = [json.loads(line) for line in lines]
    assert said[0]["format"] == "p2prun"
    assert said[0]["schema"] == 1
    assert said[-1] == {"end": len(lines) - 2}
    assert {line[0] for line in said[1:-1]} == {"name", "hole", "checkpoint", "record"}


def changed(content: bytes, change: Callable[[list[Any]], Any]) -> bytes:
    lines = [json.loads(line) for line in gzip.decompress(content).splitlines()]
    made = change(lines)
    lines = lines if made is None else made
    lines[-1] = {"end": len(lines) - 2} if made is None else lines[-1]
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())


def first(lines: list[Any], what: str) -> Any:
    return next(line for line in lines if isinstance(line, list) and line[0] == what)


def sets(what: str, place: int, value: Any) -> Callable[[list[Any]], None]:
    def change(lines: list[Any]) -> None:
        first(lines, what)[place] = value

    return change


def in_model(field: str, value: Any) -> Callable[[list[Any]], None]:
    def change(lines: list[Any]) -> None:
        last = [line for line in lines if isinstance(line, list) and line[0] == "checkpoint"][-1]
        last[4][field] = value

    return change


def in_record(place: int, value: Any) -> Callable[[list[Any]], None]:
    def change(lines: list[Any]) -> None:
        last = [line for line in lines if isinstance(line, list) and line[0] == "checkpoint"][-1]
        last[4]["records"][0][place] = value

    return change


def record_of(kind: str, data: str) -> Callable[[list[Any]], None]:
    from dashboard.rows import CODES

    def change(lines: list[Any]) -> None:
        last = [line for line in lines if isinstance(line, list) and line[0] == "record"][-1]
        last[3], last[9] = CODES[kind], data

    return change


WRONG: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "newer": (lambda lines: lines[0].update(schema=2), "schema version 2"),
    "no version": (lambda lines: lines[0].pop("schema") and None, "schema version None"),
    "another format": (lambda lines: lines[0].update(format="zip"), "no .p2prun file"),
    "no manifest": (lambda lines: lines[1:], "its first line does not say so"),
    "a long name": (lambda lines: lines[0].update(name="x" * 64), "first line"),
    "lines missing": (lambda lines: lines[:20] + lines[22:], "lines are missing"),
    "no end": (lambda lines: lines[:-1], "cut short"),
    "two ends": (lambda lines: [*lines, lines[-1]], "behind the last line"),
    "a kind": (sets("record", 3, 1_000), "makes no sense"),
    "data": (record_of("message.sent", "[]"), "makes no sense"),
    "no json": (record_of("message.sent", "["), "makes no sense"),
    "who": (record_of("link.up", "19999"), "nobody in the book"),
    "reporter": (sets("record", 4, 19_999), "nobody in the book"),
    "a number": (sets("record", 1, -1), "makes no sense"),
    "huge": (sets("record", 1, 2**70), "makes no sense"),
    "text": (sets("record", 1, "x"), "makes no sense"),
    "more": (lambda lines: first(lines, "record").append("more"), "makes no sense"),
    "unknown line": (sets("record", 0, "drop table"), "makes no sense"),
    "order": (
        lambda lines: [*lines[:-3], lines[-2], lines[-3], lines[-1]],
        "order of time",
    ),
    "twice": (
        lambda lines: [*lines[:-1], lines[-2], {"end": len(lines) - 1}],
        "order of time",
    ),
    "two names": (sets("name", 1, 2), "twice"),
    "no checkpoint": (
        lambda lines: [
            line for line in lines if not (isinstance(line, list) and line[0] == "checkpoint")
        ],
        "before the first checkpoint",
    ),
    "a name late": (
        lambda lines: [*lines[:-1], ["name", 7_000, "a", "b", "c"], {"end": len(lines) - 1}],
        "a name stands after the records",
    ),
    "a hole backwards": (sets("hole", 2, 0), "a hole ends"),
    "model": (sets("checkpoint", 4, {"nothing": 1}), "makes no sense"),
    "beliefs": (in_model("beliefs", []), "makes no sense"),
    "ids": (in_model("ids", []), "makes no sense"),
    "keys": (in_model("keys", {}), "without its number"),
    "same key": (in_model("keys", {"a": 1, "b": 1}), "one number"),
    "tellers": (in_model("tellers", ["nobody"]), "makes no sense"),
    "unseen": (in_model("unseen", ["nobody"]), "makes no sense"),
    "addresses": (in_model("by_url", {"http://x:1": "nobody"}), "makes no sense"),
    "state": (in_record(8, "flying"), "makes no sense"),
    "time": (in_record(7, 1e300), "makes no sense"),
    "votes": (in_record(21, [1]), "makes no sense"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_in_order_is_refused_with_the_reason(
    content: bytes, tmp_path: Path, name: str
) -> None:
    change, reason = WRONG[name]
    assert reason in refusal(tmp_path, changed(content, change))


def test_other_files_are_refused(content: bytes, tmp_path: Path, run: Path) -> None:
    assert "empty" in refusal(tmp_path, b"")
    assert "not packed with gzip" in refusal(tmp_path, b"PK\x03\x04 a zip file")
    assert "not packed with gzip" in refusal(tmp_path, run.read_bytes())
    assert "damaged" in refusal(tmp_path, b"\x1f\x8b" + b"x" * 100)
    assert "first line" in refusal(tmp_path, gzip.compress(b"hello\n"))
    assert "first line" in refusal(tmp_path, gzip.compress(b""))
    assert "cut short" in refusal(tmp_path, gzip.compress(b"hello"))
    assert "first line" in refusal(tmp_path, gzip.compress(b'{"format":' + b"[" * 9_999 + b"\n"))
    assert "behind the end" in refusal(tmp_path, content + b"more")
    assert "behind the end" in refusal(tmp_path, content + content)
    damaged = bytearray(content)
    damaged[-5] ^= 1
    assert "damaged" in refusal(tmp_path, bytes(damaged))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_refused(content: bytes, tmp_path: Path, share: float) -> None:
    assert "cut short" in refusal(tmp_path, content[: int(len(content) * share)])


def test_a_bomb_is_refused_before_it_has_grown(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_LINE", 1_000_000)
    monkeypatch.setattr(archive, "MOST_UNPACKED", 3_000_000)
    begin = gzip.decompress(content).splitlines(keepends=True)[0]
    one_line = gzip.compress(begin + b" " * 50_000_000)
    assert len(one_line) < 100_000
    assert "far too large" in refusal(tmp_path, one_line)
    name = b'["name",1,"%s","b","c"]\n'
    many = b"".join(name % (b"a" * (k % 60 + 1)) for k in range(300_000))
    assert "far too large" in refusal(tmp_path, gzip.compress(begin + many))


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_PACKED", 10_000)
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    assert "more than 10,000 bytes" in refusal(tmp_path, packer.compress(b"x" * 100_000))


def test_what_has_no_room_is_refused(content: bytes, tmp_path: Path) -> None:
    assert "no room" in refusal(tmp_path, content, room=50_000)


def test_a_name_becomes_a_file_name_without_paths() -> None:
    def called(name: str) -> str:
        return file_name(About("id", name, False, 0, 0))

    assert called("Lesson 3: a split") == "Lesson-3-a-split.p2prun"
    assert called("../../etc/passwd") == "etc-passwd.p2prun"
    assert called('a"\r\nSet-Cookie: b') == "a-Set-Cookie-b.p2prun"
    assert called("💩") == "run.p2prun"
