"""What is looked at before a start: memory, and the image's fingerprint."""

import sys
from pathlib import Path

import pytest

from lab import LabError, image, memory, neighbours
from lab.layout import Layout


def test_a_network_that_does_not_fit_is_refused_with_one_that_does() -> None:
    with pytest.raises(LabError, match="--nodes 16") as refused:
        memory.check(Layout(50), 0, 1000)
    assert "2500 MiB" in str(refused.value)
    memory.check(Layout(16), 0, 1000)


def test_not_even_one_node_fits() -> None:
    with pytest.raises(LabError, match="Not even one"):
        memory.check(Layout(1), 0, 100)


def test_what_runs_already_needs_no_new_memory() -> None:
    memory.check(Layout(50), 50, 10)
    with pytest.raises(LabError):
        memory.check(Layout(100), 50, 2249)
    memory.check(Layout(100), 50, 2250)


def test_where_nobody_knows_nothing_is_refused() -> None:
    memory.check(Layout(100), 0, None)


def test_this_machine_says_how_much_it_has() -> None:
    available = memory.available_here()
    assert available is not None
    assert 10 < available < 10_000_000


def test_a_hundred_containers_are_told_of_a_small_table_of_neighbours() -> None:
    assert neighbours.advice(Layout(50), 1024) is None
    assert neighbours.advice(Layout(100), 8192) is None
    assert neighbours.advice(Layout(100), None) is None, "macOS, Windows"
    told = neighbours.advice(Layout(100), 1024)
    assert told is not None
    assert "sudo sysctl -w net.ipv4.neigh.default.gc_thresh3=8192" in told


def test_linux_says_how_large_its_table_is() -> None:
    limit = neighbours.limit_here()
    assert (limit is not None and limit > 100) or sys.platform != "linux"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".dockerignore").write_text("*\n!node\n!static\nstatic/vendor\n**/__pycache__\n")
    for name in ("Dockerfile", "node/peer.py", "static/js/main.js", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["Dockerfile", ".dockerignore", "node/peer.py", "static/js/main.js", "node/new.py"]
)
def test_what_the_image_is_made_of_changes_its_fingerprint(project: Path, name: str) -> None:
    before = image.fingerprint(project)
    (project / name).write_text("second")
    assert image.fingerprint(project) != before


@pytest.mark.parametrize(
    "name", ["README.md", "static/vendor/d3.js", "node/__pycache__/peer.pyc", "tests/new.py"]
)
def test_nothing_else_does(project: Path, name: str) -> None:
    before = image.fingerprint(project)
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("second")
    assert image.fingerprint(project) == before


def test_a_renamed_file_is_a_change(project: Path) -> None:
    before = image.fingerprint(project)
    (project / "node/peer.py").rename(project / "node/peers.py")
    assert image.fingerprint(project) != before


def test_an_image_is_current_when_it_carries_the_fingerprint() -> None:
    assert image.is_current({image.LABEL: "abc"}, "abc")
    assert not image.is_current({image.LABEL: "abd"}, "abc")
    assert not image.is_current({}, "abc")
    assert not image.is_current(None, "abc")
