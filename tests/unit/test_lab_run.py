"""`p2p.py run` as it is typed: what it refuses before anything starts, what it keeps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab import ROOT
from lab.folder import Folder, Run
from lab.layout import Layout
from lab.run import SHIPPED, load, without_map
from scenario.cast import cast
from scenario.reading import read

GOOD = "name: Small\nnodes: 5\nseconds: 6s\nworkload: {messages: 5}\nsteps:\n"
GOOD += "  - {at: 1s, partition: 1-2, for: 3s}\nexpect: {delivery: 100%, agreement: 30s}\n"


def typed(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "p2p.py"), "run", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(GOOD)
    return path


def test_a_scenario_is_played_in_the_simulator_and_kept(file: Path, tmp_path: Path) -> None:
    kept, xml, html = tmp_path / "a.json", tmp_path / "a.xml", tmp_path / "a.html"
    done = typed(
        *("small.yaml", "--sim", "--json", str(kept), "--junit", str(xml), "--report", str(html)),
        folder=file.parent,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HOLDS: 3 of 3 promises kept." in done.stdout
    assert "again: python3 p2p.py run small.yaml --sim --seed 1" in done.stdout
    said = load(kept)
    assert (said["place"], said["nodes"], said["seed"]) == ("sim", 5, 1)
    assert "<testsuite " in xml.read_text()
    assert "Small: holds" in html.read_text()


def test_a_promise_that_is_not_kept_is_exit_status_one(file: Path) -> None:
    file.write_text(GOOD.replace("agreement: 30s", "agreement: 0s, throughput: 1000"))
    done = typed(str(file), "--sim", "--json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert "throughput" in [p["name"] for p in said["promises"] if not p["holds"]]


def test_who_wants_more_nodes_than_there_are_maps_for_is_told_how_many_there_may_be() -> None:
    storm = read(SHIPPED / "join-storm.yaml")
    said = without_map(cast(storm, 996, 1, 10_000))
    assert said.startswith("With 1,004 nodes nobody keeps a map of all")
    assert "fail: joining, agreement, false-deaths. " in said
    assert said.endswith("can have 992 nodes at most with them (-n 992).")
    assert without_map(cast(storm, 992, 1, 10_000)) == ""
    throughput = read(SHIPPED / "slow-node.yaml")
    throughput.expect.clear()
    assert without_map(cast(throughput, 2_000, 1, 10_000)) == ""


def test_a_teacher_is_waited_for(file: Path) -> None:
    file.write_text(GOOD + "chapters: [{at: 0s, title: Calm}, {at: 2s, title: Storm}]\n")
    with subprocess.Popen(
        [sys.executable, str(ROOT / "p2p.py"), "run", str(file), "--sim", "--step"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        said = ""
        while "chapter 1 of 2, 'Calm'" not in said:
            letter = process.stderr.read(1)
            assert letter, said
            said += letter
        assert process.poll() is None
        out, rest = process.communicate("\nnext\n", timeout=60)
    assert process.returncode == 0, rest
    assert "chapter 2 of 2, 'Storm'" in rest
    assert "HOLDS" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.yaml", "--sim"), "cannot be read"),
        (("splitbrain", "--sim"), "split-brain"),
        (("FILE", "--sim", "--local"), "not allowed with"),
        (("FILE", "--sim", "--nodes", "1"), "from 2 to"),
        (("FILE", "--sim", "--speed", "0"), "must be from"),
        (("FILE", "--local", "--nodes", "101"), "100 nodes at most"),
        (("FILE", "--local", "--nodes", "1000"), "100 nodes at most"),
        (("FILE", "--sim", "--mix", "3"), "--mix is for real programs"),
        (("FILE", "--local", "--mix", "3"), "--command or --image"),
        (("FILE", "--docker", "--command", "x"), "containers it is --image"),
        (("FILE", "--local", "--image", "x"), "processes it is --command"),
        (("FILE", "--running", "--nodes", "5"), "fresh network"),
        (("FILE", "--sim", "--report", "/nowhere/at/all"), "/nowhere/at/all cannot be written"),
        (("FILE", "--sim", "--nodes", "2"), "line 6, column 14, steps[1].partition"),
        (("--compare", "/nowhere/a", "/nowhere/b"), "cannot be read"),
        (("FILE", "--local", "--name", "Not A Name"), "cannot be called"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_starts(
    words: tuple[str, ...], said: str, file: Path
) -> None:
    done = typed(*(str(file) if word == "FILE" else word for word in words), folder=file.parent)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not Folder("p2p-run").path.exists()


def test_a_wrong_scenario_names_its_line_and_does_nothing(file: Path) -> None:
    file.write_text(GOOD.replace("partition: 1-2", "partition: node9"))
    done = typed(str(file), "--local")
    assert done.returncode == 2
    assert f"{file}, line 6, column 25, steps[1].partition" in done.stderr
    assert "Nothing was done." in done.stderr


def test_it_can_be_read_without_being_done(file: Path) -> None:
    done = typed(str(file), "--check")
    assert done.returncode == 0, done.stderr
    assert "1.0 s  partition 2 | 3, 3s" in done.stdout
    listed = typed()
    assert listed.returncode == 0
    assert "split-brain" in listed.stdout


def test_a_python_without_libraries_goes_on_in_the_projects_own(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(ROOT / "p2p.py"), "run", str(file), "--check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "partition 2 | 3" in done.stdout


def test_two_runs_are_compared_and_worse_is_exit_status_one(file: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    assert typed(str(file), "--sim", "--json", str(first)).returncode == 0
    said = json.loads(first.read_text())
    said["figures"]["drained"] += 50
    second = tmp_path / "second.json"
    second.write_text(json.dumps(said))
    done = typed("--compare", str(first), str(second))
    assert done.returncode == 1, done.stderr
    assert "Worse in B: drained." in done.stdout
    assert typed("--compare", str(second), str(first)).returncode == 0
    second.write_text('{"schema": 99}')
    done = typed("--compare", str(first), str(second))
    assert done.returncode == 2
    assert "no verdict" in done.stderr


def test_a_network_that_is_there_is_left_alone(file: Path) -> None:
    folder = Folder("p2p-run-there")
    folder.remember(Run("local", Layout(3, 1_23, 1_2345)))
    try:
        done = typed(str(file), "--local", "--name", folder.name)
        assert done.returncode == 1
        assert "down --name p2p-run-there" in done.stderr
        assert folder.run() is not None
    finally:
        folder.remove()
