"""A node that is dead for a while: its note, and what is lost with the disk."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from node.faults import down
from node.settings import DOWN

ROOT = Path(__file__).parents[2]


def waited(folder: Path, wall: float | None = None) -> list[float]:
    """For how long a node would stay dead."""
    slept: list[float] = []
    down.wait_out(folder, slept.append, time.time if wall is None else lambda: wall)
    return slept


def test_a_node_stays_dead_as_long_as_the_note_says_and_only_once(tmp_path: Path) -> None:
    down.write(tmp_path, 30, lose_disk=False)
    assert waited(tmp_path) == [pytest.approx(30, abs=1)]
    assert list(tmp_path.iterdir()) == []


def test_time_goes_on_while_nobody_starts_it(tmp_path: Path) -> None:
    down.write(tmp_path, 30, lose_disk=False)
    assert waited(tmp_path, time.time() + 31) == []


def test_a_clock_that_was_set_back_keeps_nobody_away_for_years(tmp_path: Path) -> None:
    down.write(tmp_path, 30, lose_disk=False)
    assert waited(tmp_path, 0.0) == [30]


def test_the_disk_is_lost_where_it_was_asked_for_and_nothing_else_of_the_folder(
    tmp_path: Path,
) -> None:
    for name in ("node.sqlite", "node.sqlite-wal", "node.sqlite.broken-1", "mine"):
        (tmp_path / name).touch()
    down.write(tmp_path, 0, lose_disk=False)
    waited(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    down.write(tmp_path, 0, lose_disk=True)
    waited(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("note", [b"", b"[]", b'{"until": "x"}'])
def test_a_note_that_cannot_be_read_keeps_nobody_away(
    tmp_path: Path, note: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / DOWN).write_bytes(note)
    (tmp_path / "node.sqlite").touch()
    assert waited(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["node.sqlite"]
    assert "cannot be read" in capsys.readouterr().out


def test_no_fault_is_loaded_at_a_nodes_start() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import node.__main__, sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [name for name in done.stdout.split() if name.startswith("node.faults")] == []
